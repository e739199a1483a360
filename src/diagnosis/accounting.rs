//! Requests are accounted for: a drop point for each failed request, and what each layer was handed and answered.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::Cause;
use super::view::View;
use super::weigh::{Score, any_seen};
use crate::incident::Counted;
use crate::model::{DropPoint, LedgerRow};
use crate::parser::catalog::SignalId;
use crate::scanned::SourceId;
use crate::timeline::Point;
use crate::words::{Layer, Role};

/// How a request ended, by one cause's word.
type Ending = (String, String);

/// Gives each failed request of the window a drop point, best cause first; the rest is unexplained.
///
/// An error line in an inner layer and the failed request at the outermost are two views of one failure, and a retried
/// request leaves several lines: inner layers are never added up, and no more requests are given away than failed.
pub fn drop_points(scores: &[Score<'_>], view: &View<'_>) -> (Vec<DropPoint>, u64) {
    let counters = counting_sources(view);
    let mut taken: BTreeSet<SignalId> = BTreeSet::new();
    let mut points = Vec::new();
    let mut left = view.window.failed;
    for score in scores {
        let cause = score.cause;
        let mut own: BTreeMap<Ending, u64> = BTreeMap::new();
        let mut inner: BTreeMap<Layer, BTreeMap<Ending, u64>> = BTreeMap::new();
        let mut basis: BTreeSet<&str> = BTreeSet::new();
        for drop in &cause.drops {
            let Some(id) = view.catalog.signals.find(&drop.signal) else {
                continue;
            };
            let fits = (drop.with.is_empty() || any_seen(&drop.with, view))
                && (drop.without.is_empty() || !any_seen(&drop.without, view));
            if !fits || !taken.insert(id) {
                continue;
            }
            let ending = (
                drop.ended_by.clone().unwrap_or_else(|| cause.ended_by.clone()),
                drop.phase.clone().unwrap_or_else(|| cause.phase.clone()),
            );
            for series in view.timeline.of_signal(id) {
                // Where metrics count the failures, metrics may say how they ended.
                let metric = view.window.basis == Counted::Metric;
                let until = if counters.contains(&series.source) { view.window.end } else { view.horizon() };
                let fits = |p: &&Point| (p.period_s <= 10 || metric) && p.overlaps(view.window.start, until);
                let n: u64 = view.timeline.points(series).iter().filter(fits).map(|p| p.count).sum();
                if n == 0 {
                    continue;
                }
                let source = view.scan.source(series.source);
                basis.insert(&source.path);
                let into = if counters.contains(&series.source) { &mut own } else { inner.entry(source.layer).or_default() };
                *into.entry(ending.clone()).or_default() += n;
            }
        }
        // What the counting layer itself saw comes first; of the inner layers, the one that saw most of the rest.
        let most = inner.into_values().max_by_key(|m| m.values().sum::<u64>()).unwrap_or_default();
        for (ending, n) in own.into_iter().chain(most) {
            let n = n.min(left);
            left -= n;
            if n > 0 {
                add(&mut points, cause, ending, n, &basis);
            }
        }
    }
    (points, left)
}

fn add(points: &mut Vec<DropPoint>, cause: &Cause, (ended_by, phase): Ending, requests: u64, basis: &BTreeSet<&str>) {
    let same = points.iter_mut().find(|p| p.mechanism == cause.id && p.ended_by == ended_by && p.phase == phase);
    match same {
        Some(p) => p.requests += requests,
        None => points.push(DropPoint {
            layer: cause.layer,
            mechanism: cause.id.clone(),
            ended_by,
            phase,
            requests,
            basis: basis.iter().copied().collect::<Vec<_>>().join(", "),
        }),
    }
}

/// The innermost layer that still counted most of the failed requests: what failed them lies there or behind it.
pub fn innermost_failing(view: &View<'_>) -> Layer {
    let most = view.window.failed / 2;
    let failing = ledger(view).into_iter().filter(|r| r.failed > most).map(|r| r.layer).max();
    failing.unwrap_or(view.window.counted_at)
}

/// The sources whose request lines the window was counted by.
fn counting_sources(view: &View<'_>) -> BTreeSet<SourceId> {
    let counts = |s: &&crate::timeline::Series| s.role == Role::Request && s.layer == view.window.counted_at;
    view.timeline.series().filter(counts).map(|s| s.source).collect()
}

/// What each layer that logs requests was handed, answered and failed in the window.
pub fn ledger(view: &View<'_>) -> Vec<LedgerRow> {
    struct Row {
        received: u64,
        failed: u64,
        basis: BTreeSet<String>,
    }
    let mut rows: BTreeMap<(Layer, bool), Row> = BTreeMap::new();
    for s in view.timeline.series().filter(|s| matches!(s.role, Role::Request | Role::FailedRequest)) {
        let points = view.timeline.points(s);
        let metric = points.iter().any(|p| p.period_s > 10);
        let overlaps = |p: &&Point| p.overlaps(view.window.start, view.window.end);
        let n: u64 = points.iter().filter(overlaps).map(|p| p.count).sum();
        let row = rows.entry((s.layer, metric)).or_insert_with(|| Row { received: 0, failed: 0, basis: BTreeSet::new() });
        match s.role {
            Role::Request => row.received += n,
            _ => row.failed += n,
        }
        row.basis.insert(view.scan.source(s.source).path.clone());
    }
    // Where a layer's requests are logged line by line, its metric's whole minutes say nothing more.
    let lined: Vec<Layer> = rows.iter().filter(|((_, metric), r)| !metric && r.received > 0).map(|((l, _), _)| *l).collect();
    rows.retain(|(layer, metric), _| !metric || !lined.contains(layer));
    let rows: Vec<((Layer, bool), Row)> = rows.into_iter().collect();
    let mut out = Vec::new();
    for (i, ((layer, _), row)) in rows.iter().enumerate() {
        let next = rows.get(i + 1).map(|(_, r)| r.received);
        let mut basis: Vec<String> = row.basis.iter().take(2).cloned().collect();
        if row.basis.len() > 2 {
            basis.push(format!("{} more", row.basis.len() - 2));
        }
        let received = row.received.max(row.failed);
        out.push(LedgerRow {
            layer: *layer,
            received,
            answered: received - row.failed,
            failed: row.failed,
            not_passed_on: next.map_or(0, |n| received.saturating_sub(n)),
            basis: basis.join(", "),
        });
    }
    out
}
