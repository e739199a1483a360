//! What an incident review has: impact, timeline, root cause, contributing factors, detection, actions.

use std::collections::BTreeSet;

use super::page::{Page, ids};
use super::when;
use crate::diagnosis::hosts;
use crate::lang::thousands;
use crate::model::{Evidence, Incident, Instant};
use crate::report::escape::{code, fenced, markdown as md, prose};
use crate::report::words::{self, capital};

const DAY_S: i64 = 86_400;

/// Writes these sections.
pub(super) fn render(p: &mut Page<'_>, i: &Incident) {
    impact(p, i);
    timeline(p, i);
    root_cause(p, i);
    factors(p, i);
    detection(p, i);
    actions(p, i);
}

fn impact(p: &mut Page<'_>, i: &Incident) {
    let lang = p.lang;
    p.heading("heading-impact");
    let failed = words::failed_of(lang, i);
    let mut said = vec![lang.with("impact-failed", &[("failed", &failed), ("counted", &md(&i.counted_by))]), when(p, i)];
    if let Some(place) = &i.dropped_at.place {
        said.push(lang.with("impact-place", &[("place", &code(place, false))]));
    }
    if let Some(hosts) = hosts::in_words(lang, &i.hosts) {
        said.push(lang.with("md-hosts", &[("hosts", &md(&hosts))]));
    }
    for s in &i.seen_as {
        let values = [("layer", &*s.layer.title(lang)), ("count", &thousands(s.count)), ("what", &md(&s.what))];
        said.push(lang.with("impact-seen-as", &values));
    }
    said.push(lang.say("impact-to-fill-in"));
    p.bullets(&said);
}

fn timeline(p: &mut Page<'_>, i: &Incident) {
    p.heading("heading-timeline");
    let mut head = vec![p.lang.say("col-time-utc")];
    if let Some(zone) = p.display {
        head.push(p.lang.with("col-time-in", &[("zone", &zone.name())]));
    }
    head.extend([p.lang.say("col-layer"), p.lang.say("col-what")]);
    let rule = vec!["---".to_owned(); head.len()];
    p.row(&head);
    p.row(&rule);
    let days: BTreeSet<i64> = i.chain.iter().map(|l| l.at.0.div_euclid(DAY_S)).collect();
    for l in &i.chain {
        let mut cells = times(p, l.at, days.len() > 1);
        cells.extend([l.layer.title(p.lang), md(&capital(p.lang, &l.what))]);
        p.row(&cells);
    }
    p.line("");
}

/// An instant in UTC, and in the viewer's zone; with the date where the rows are of several days.
fn times(p: &Page<'_>, at: Instant, dated: bool) -> Vec<String> {
    let format = if dated { "%Y-%m-%d %H:%M:%S" } else { "%H:%M:%S" };
    let local = p.display.map(|zone| words::in_zone(at, zone, format));
    [at.utc().format(format).to_string()].into_iter().chain(local).collect()
}

fn root_cause(p: &mut Page<'_>, i: &Incident) {
    let (lang, r) = (p.lang, &i.root_cause);
    p.heading("heading-root-cause");
    if !words::is_own_root(i) {
        p.line(&format!("{}\n", prose(&r.says)));
        signs(p, i, &r.mechanism, "signs-of-root");
    } else if words::is_root_known(i) {
        p.line(&format!("{}\n", lang.with("root-same", &[("layer", &r.layer.title(lang))])));
    } else {
        p.line(&format!("{}\n", prose(&r.says)));
    }
    signs(p, i, &i.dropped_at.mechanism, "signs-of-drop");
}

/// What speaks for one mechanism, in short: the lines that show it are under "Evidence".
fn signs(p: &mut Page<'_>, i: &Incident, mechanism: &str, lead: &str) {
    let own: Vec<String> =
        i.evidence.iter().filter(|e| e.mechanism == mechanism && e.weight > 0.0).map(|e| dated(p, e)).collect();
    if own.is_empty() {
        return;
    }
    p.line(&format!("{}\n", p.lang.with(lead, &[("mechanism", &code(mechanism, false))])));
    p.bullets(&own);
}

fn dated(p: &Page<'_>, e: &Evidence) -> String {
    let says = prose(&capital(p.lang, &e.says));
    match e.first {
        Some(first) => p.lang.with("sign-at", &[("says", &says), ("span", &words::span(first, e.last, p.display))]),
        None => says,
    }
}

fn factors(p: &mut Page<'_>, i: &Incident) {
    p.heading("heading-contributing");
    if i.contributing.is_empty() {
        p.line(&format!("{}\n", p.lang.say("contributing-none")));
        return;
    }
    let said: Vec<String> = i
        .contributing
        .iter()
        .map(|f| {
            let values = [("title", &*prose(&f.title)), ("ids", &ids(f.layer, &f.mechanism)), ("sign", &prose(&f.because))];
            p.lang.with("contributing-one", &values)
        })
        .collect();
    p.bullets(&said);
}

/// What showed it, how soon, and what did not.
fn detection(p: &mut Page<'_>, i: &Incident) {
    let lang = p.lang;
    p.heading("heading-detection");
    let mut said = Vec::new();
    if let Some((first, e)) = i.evidence.iter().filter_map(|e| Some((e.first?, e))).min_by_key(|(at, _)| *at) {
        let late = first.0 - i.window.start.0;
        let key = match late {
            0 => "detection-first-at-once",
            1.. => "detection-first-after",
            _ => "detection-first-before",
        };
        let values = [
            ("says", &*prose(&capital(lang, &e.says))),
            ("sources", &paths(p, e.sources.iter())),
            ("at", &words::span(first, None, p.display)),
            ("length", &words::seconds(lang, late.abs())),
        ];
        said.push(lang.with(key, &values));
    }
    let shown: BTreeSet<&String> = i.evidence.iter().filter(|e| e.weight > 0.0).flat_map(|e| &e.sources).collect();
    if !shown.is_empty() {
        said.push(lang.with("detection-shown-by", &[("sources", &paths(p, shown.iter().copied()))]));
    }
    let covers = |first: Option<Instant>, last: Option<Instant>| {
        first.is_some_and(|f| f < i.window.end) && last.is_some_and(|l| l >= i.window.start)
    };
    let silent: BTreeSet<&String> =
        p.report.sources.iter().filter(|s| covers(s.first, s.last) && !shown.contains(&s.path)).map(|s| &s.path).collect();
    if !silent.is_empty() {
        said.push(lang.with("detection-silent", &[("sources", &paths(p, silent.into_iter()))]));
    }
    said.push(lang.say("detection-to-fill-in"));
    p.bullets(&said);
}

fn paths<'s>(p: &Page<'_>, all: impl Iterator<Item = &'s String>) -> String {
    let shown: Vec<String> = all.map(|path| code(&words::short_paths(path), false)).collect();
    p.lang.list(&shown)
}

fn actions(p: &mut Page<'_>, i: &Incident) {
    let lang = p.lang;
    if i.remedies.is_empty() {
        return;
    }
    p.heading("heading-actions");
    for r in &i.remedies {
        let link = r.reference.as_ref().map(|u| format!("[{}](<{u}>)", lang.say("reference")));
        let action = prose(&capital(lang, &r.action));
        let action = if action.ends_with(['.', '!', '?', '。']) { action } else { lang.with("sentence", &[("text", &action)]) };
        let parts: Vec<String> = [format!("- [ ] **{action}**"), prose(&r.why)]
            .into_iter()
            .chain(link)
            .chain([lang.say("action-to-fill-in")])
            .collect();
        p.line(&parts.join(" "));
        if let Some(c) = &r.config {
            let lines: Vec<String> = c.trim().lines().map(str::to_owned).collect();
            p.line(&format!("\n{}", indent(&fenced(&lines, "text"), "  ")));
        }
    }
    p.line("");
}

/// A block as part of a list's item.
pub(super) fn indent(text: &str, by: &str) -> String {
    text.lines().map(|l| if l.is_empty() { "\n".to_owned() } else { format!("{by}{l}\n") }).collect()
}
