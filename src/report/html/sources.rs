//! What was read, on the page.

use super::table;
use super::write::{Html, all, el, leaf, text};
use crate::clock::ZoneShift;
use crate::lang::thousands;
use crate::model::Report;
use crate::report::{masked, words};

/// Remarks, the table of sources, and what was not read.
pub fn section(report: &Report, display: Option<ZoneShift>) -> Html {
    let lang = report.lang;
    let mut parts = Vec::new();
    if !report.remarks.is_empty() {
        parts.push(leaf("h2", &[], &lang.say("heading-remarks")));
        parts.push(el("ul", &[], report.remarks.iter().map(|r| leaf("li", &[], r))));
    }
    let name = lang.say("heading-sources");
    parts.push(leaf("h2", &[], &name));
    if let Some(p) = &report.period {
        parts.push(leaf("p", &[], &lang.with("md-period", &[("window", &words::window(p, display))])));
    }
    let keys = ["col-file", "col-parser", "col-lines", "col-understood", "col-not-understood", "col-clock"];
    let titles: Vec<String> = keys.iter().map(|k| lang.say(k)).collect();
    let columns: Vec<(&str, &'static str)> = titles.iter().map(String::as_str).zip(["path", "", "n", "n", "n", ""]).collect();
    let rows = report.sources.iter().map(|s| {
        let share = if s.lines == 0 { 1.0 } else { s.matched as f64 / s.lines as f64 };
        vec![
            leaf("code", &[("title", &s.path)], &words::short_paths(&s.path)),
            text(&s.parser),
            text(&thousands(s.lines)),
            text(&words::percent_fine(share)),
            text(&thousands(s.unmatched)),
            text(&words::clock(lang, &s.clock)),
        ]
    });
    parts.push(table(&name, &columns, rows.collect()));
    let mut notes: Vec<Html> = Vec::new();
    for s in &report.sources {
        if let Some(e) = &s.error {
            notes.push(el("li", &[], [leaf("code", &[], &s.path), text(&format!(": {e}"))]));
        }
        if let Some((line, shown)) = s.unmatched_examples.first() {
            let said = lang.with("page-not-understood", &[("n", &thousands(s.unmatched))]);
            let place = leaf("code", &[], &format!("{}:{line}", s.path));
            notes.push(el("li", &[], [text(&said), text(" "), place, text(" "), leaf("code", &[], shown)]));
        }
    }
    notes.extend(masked::line(report).map(|said| leaf("li", &[], &said)));
    notes.extend(
        report.skipped.iter().map(|s| leaf("li", &[], &lang.with("not-read", &[("path", &s.path), ("because", &s.because)]))),
    );
    if !notes.is_empty() {
        parts.push(el("ul", &[], notes));
    }
    el("section", &[("aria-label", &name)], [all(parts)])
}
