//! One incident beside the same of another report.

use std::collections::BTreeMap;

use super::read::{Incident, Place};
use super::{Change, IncidentDiff, Pair, SeenIn};
use crate::diagnosis::wording::thousands;

/// A share of failed requests that moved by less is the same share.
const SAME_SHARE: f64 = 0.01;

/// A confidence that moved by less is the same.
const SAME_CONFIDENCE: f64 = 0.01;

/// Counts that differ by less than this share of the larger one are the same.
const SAME_COUNT: f64 = 0.1;

pub(super) fn compare((before, after): Pair<'_>) -> IncidentDiff {
    let seen_in = match (before, after) {
        (Some(_), Some(_)) => SeenIn::Both,
        (Some(_), None) => SeenIn::Before,
        (None, _) => SeenIn::After,
    };
    let title = after.or(before).map(|i| words(&i.dropped_at)).unwrap_or_default();
    let window = |i: &Incident| format!("{} to {}", i.window.start, i.window.end);
    let changes = match (before, after) {
        (Some(b), Some(a)) => changes(b, a),
        _ => Vec::new(),
    };
    IncidentDiff { title, seen_in, window_before: before.map(window), window_after: after.map(window), changes }
}

fn changes(b: &Incident, a: &Incident) -> Vec<Change> {
    let mut all: Vec<Option<Change>> = vec![
        Change::text("dropped at", &b.dropped_at.layer, &a.dropped_at.layer),
        Change::text("mechanism", &b.dropped_at.mechanism, &a.dropped_at.mechanism),
        Change::of("where", b.dropped_at.place.clone(), a.dropped_at.place.clone()),
        Change::of("hosts", hosts(&b.dropped_at), hosts(&a.dropped_at)),
        confidence("confidence of the drop", &b.dropped_at, &a.dropped_at),
        Change::text("root cause", &root(&b.root_cause), &root(&a.root_cause)),
        confidence("confidence of the root cause", &b.root_cause, &a.root_cause),
        Change::of("length", length(b), length(a)),
        failed_share(b, a),
    ];
    all.extend(counts("drop point ", &drop_points(b), &drop_points(a)));
    all.push(count_change("unexplained requests", Some(b.unexplained), Some(a.unexplained)));
    let evidence = |i: &Incident| i.evidence.iter().map(|e| (e.signal.clone(), e.count)).collect::<BTreeMap<_, _>>();
    all.extend(counts("evidence ", &evidence(b), &evidence(a)));
    all.into_iter().flatten().collect()
}

fn words(place: &Place) -> String {
    place.title.clone().unwrap_or_else(|| place.mechanism.clone())
}

fn root(place: &Place) -> String {
    format!("{} ({})", place.mechanism, place.layer)
}

fn hosts(place: &Place) -> Option<String> {
    (!place.hosts.is_empty()).then(|| place.hosts.join(", "))
}

fn confidence(what: &str, b: &Place, a: &Place) -> Option<Change> {
    let percent = |c: f64| format!("{:.0}%", c * 100.0);
    ((b.confidence - a.confidence).abs() >= SAME_CONFIDENCE)
        .then(|| Change::text(what, &percent(b.confidence), &percent(a.confidence)))
        .flatten()
}

/// Two incidents of different days never share a window; how long they lasted can be compared.
fn length(i: &Incident) -> Option<String> {
    let second = |t: &str| chrono::DateTime::parse_from_rfc3339(t).ok().map(|t| t.timestamp());
    let seconds = second(&i.window.end)?.checked_sub(second(&i.window.start)?)?;
    Some(format!("{} min {} s", seconds / 60, seconds % 60))
}

fn failed_share(b: &Incident, a: &Incident) -> Option<Change> {
    let share = |i: &Incident| (i.requests > 0).then(|| i.failed_requests as f64 / i.requests as f64);
    let said = |i: &Incident| match share(i) {
        Some(s) => format!("{:.1}% ({} of {})", s * 100.0, thousands(i.failed_requests), thousands(i.requests)),
        None => format!("{} failures", thousands(i.failed_requests)),
    };
    let same = match (share(b), share(a)) {
        (Some(x), Some(y)) => (x - y).abs() < SAME_SHARE,
        (None, None) => alike(b.failed_requests, a.failed_requests),
        _ => false,
    };
    if same { None } else { Change::text("failed requests", &said(b), &said(a)) }
}

fn drop_points(i: &Incident) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for p in &i.drop_points {
        *all.entry(format!("{} / {}", p.layer, p.mechanism)).or_insert(0) += p.requests;
    }
    all
}

/// What appeared, vanished, or occurs markedly more or less often.
fn counts(kind: &str, b: &BTreeMap<String, u64>, a: &BTreeMap<String, u64>) -> Vec<Option<Change>> {
    let mut names: Vec<&String> = b.keys().chain(a.keys().filter(|k| !b.contains_key(*k))).collect();
    names.sort();
    names.into_iter().map(|n| count_change(&format!("{kind}{n}"), b.get(n).copied(), a.get(n).copied())).collect()
}

fn count_change(what: &str, b: Option<u64>, a: Option<u64>) -> Option<Change> {
    match (b, a) {
        (Some(x), Some(y)) if alike(x, y) => None,
        _ => Change::of(what, b.map(thousands), a.map(thousands)),
    }
}

fn alike(x: u64, y: u64) -> bool {
    x.abs_diff(y) as f64 <= x.max(y) as f64 * SAME_COUNT
}
