//! The report as Markdown, in the shape of an incident review, so that a team edits rather than writes it: the answer in the first three
//! lines, impact, timeline, root cause, contributing factors, detection, actions; then what all of it rests on.

mod grounds;
mod page;
mod review;

use super::escape::{code, markdown as md, prose};
use super::words::{self, lower};
use super::{clocks, masked};
use crate::clock::ZoneShift;
use crate::diagnosis::hosts;
use crate::lang::thousands;
use crate::model::{Incident, Report};
use page::{Page, ids};

/// Charts to be shown: a block of Markdown for each incident, made by this program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pictures(pub Vec<String>);

/// Renders the report; `display` is a zone in which times are shown beside UTC.
pub fn render(report: &Report, display: Option<ZoneShift>) -> String {
    render_with(report, display, &Pictures::default())
}

/// [`render`], with charts below each answer.
pub fn render_with(report: &Report, display: Option<ZoneShift>, pictures: &Pictures) -> String {
    let mut page = Page::new(report, display);
    match report.incidents.first() {
        None => page.line(&format!("# {}\n", words::no_incident(report))),
        // The first line is the answer, whatever else there is: of several incidents that with the most failed requests.
        Some(largest) => {
            page.line(&format!("# {}\n", title(&page, largest)));
            answer(&mut page, largest);
        }
    }
    render_clocks(&mut page);
    let all = report.incidents.len();
    if all > 1 {
        others(&mut page);
    }
    for (i, incident) in report.incidents.iter().enumerate() {
        if all > 1 {
            page.incident = Some(i + 1);
            let heading = page.lang.with("incident-n-of", &[("n", &(i + 1).to_string()), ("all", &all.to_string())]);
            page.line(&format!("## {heading}\n"));
            if i > 0 {
                page.line(&format!("{}\n", title(&page, incident)));
                answer(&mut page, incident);
            }
        }
        if let Some(shown) = pictures.0.get(i) {
            page.line(shown);
        }
        review::render(&mut page, incident);
        grounds::render(&mut page, incident);
    }
    page.incident = None;
    render_sources(&mut page);
    page.finish()
}

/// Where, what, and how sure.
fn title(p: &Page<'_>, i: &Incident) -> String {
    let d = &i.dropped_at;
    p.lang.with(
        "md-title",
        &[
            ("layer", &d.layer.title(p.lang)),
            ("title", &prose(&lower(p.lang, &d.title))),
            ("ids", &ids(d.layer, &d.mechanism)),
            ("sure", &words::confidence(p.lang, d.confidence)),
        ],
    )
}

/// The root cause, what happened, and when.
fn answer(p: &mut Page<'_>, i: &Incident) {
    let (lang, d, r) = (p.lang, &i.dropped_at, &i.root_cause);
    let root = if !words::is_own_root(i) {
        let values = [
            ("title", &*prose(&lower(lang, &r.title))),
            ("layer", &r.layer.title(lang)),
            ("ids", &ids(r.layer, &r.mechanism)),
            ("sure", &words::confidence(lang, r.confidence)),
        ];
        lang.with("md-root", &values)
    } else if words::is_root_known(i) {
        let values = [
            ("title", &*prose(&lower(lang, &r.title))),
            ("layer", &r.layer.title(lang)),
            ("ids", &ids(r.layer, &r.mechanism)),
            ("sure", &words::confidence(lang, r.confidence)),
        ];
        lang.with("md-root-same", &values)
    } else {
        lang.say("md-root-unknown")
    };
    p.line(&format!("{root}\n"));
    let failed = words::failed_of(lang, i);
    p.line(&format!("{}\n", lang.with("md-what", &[("failed", &failed), ("says", &prose(&d.says))])));
    if let Some(said) = hosts::in_words(lang, &i.hosts) {
        p.line(&format!("{}\n", lang.with("md-hosts", &[("hosts", &md(&said))])));
    }
    p.line(&format!("{}\n", when(p, i)));
    for said in words::changes(lang, i) {
        p.line(&format!("{}\n", lang.with("md-changed", &[("says", &md(&said))])));
    }
}

/// The window and its length.
fn when(p: &Page<'_>, i: &Incident) -> String {
    let (window, length) = (words::window(&i.window, p.display), words::length(p.lang, &i.window));
    let when = p.lang.with("md-when", &[("window", &window), ("length", &length)]);
    words::failing_until(p.lang, i, p.display).map_or_else(|| when.clone(), |until| format!("{when} {until}"))
}

/// A list of several incidents, the largest first.
fn others(p: &mut Page<'_>) {
    let (report, lang) = (p.report, p.lang);
    p.line(&format!("{}\n", lang.with("md-several", &[("all", &report.incidents.len().to_string())])));
    for (n, i) in report.incidents.iter().enumerate() {
        let window = words::window(&i.window, p.display);
        let (line, failed) = (title(p, i), words::failed_of(lang, i));
        let said = lang.with("md-one-of-several", &[("title", &line), ("failed", &failed), ("window", &window)]);
        p.line(&format!("{}. {said}", n + 1));
    }
    p.line("");
}

/// Evidence may lie hours beside the failure that it explains: whatever is not simply what the lines say is said at once.
fn render_clocks(p: &mut Page<'_>) {
    if let Some(warning) = masked::warning(p.report) {
        p.line(&format!("**{}**\n", md(&warning)));
    }
    let (lang, clocks) = (p.lang, clocks::lines(p.report));
    if let Some(warning) = &clocks.unknown {
        p.line(&format!("{}\n", lang.with("md-clock-unknown", &[("warning", &prose(warning))])));
    }
    if clocks.moved.is_empty() {
        return;
    }
    let line = |c: &clocks::ClockLine| lang.with("clock-line", &[("source", &code(&c.path, false)), ("says", &md(&c.says))]);
    let mut said: Vec<String> = clocks.moved.iter().map(line).collect();
    if clocks.more > 0 {
        said.push(lang.with("clocks-more", &[("n", &clocks.more.to_string())]));
    }
    p.line(&format!("{}\n", lang.say("md-clocks")));
    p.bullets(&said);
}

fn render_sources(p: &mut Page<'_>) {
    let (report, lang) = (p.report, p.lang);
    if !report.remarks.is_empty() {
        p.heading("heading-remarks");
        let said: Vec<String> = report.remarks.iter().map(|r| prose(r)).collect();
        p.bullets(&said);
    }
    p.heading("heading-sources");
    if let Some(period) = &report.period {
        p.line(&format!("{}\n", lang.with("md-period", &[("window", &words::window(period, p.display))])));
    }
    let columns = ["col-file", "col-parser", "col-lines", "col-understood", "col-not-understood", "col-clock"];
    p.table_head(&columns, &["---", "---", "---:", "---:", "---:", "---"]);
    for s in &report.sources {
        let share = if s.lines == 0 { 1.0 } else { s.matched as f64 / s.lines as f64 };
        p.row(&[
            code(&words::short_paths(&s.path), true),
            code(&s.parser, true),
            thousands(s.lines),
            words::percent_fine(share),
            thousands(s.unmatched),
            words::clock(lang, &s.clock),
        ]);
    }
    p.line("");
    let mut notes: Vec<String> = Vec::new();
    for s in &report.sources {
        if let Some(e) = &s.error {
            notes.push(format!("{}: {}", code(&s.path, false), md(e)));
        }
        if let Some((line, text)) = s.unmatched_examples.first() {
            let place = code(&format!("{}:{line}", s.path), false);
            let values = [("n", &*thousands(s.unmatched)), ("place", &place), ("text", &code(text.trim(), false))];
            notes.push(lang.with("md-not-understood", &values));
        }
    }
    notes.extend(masked::line(report).map(|said| md(&said)));
    for s in &report.skipped {
        notes.push(lang.with("not-read", &[("path", &code(&s.path, false)), ("because", &prose(&s.because))]));
    }
    p.bullets(&notes);
    let at = words::instant(report.generated_at, p.display);
    p.line(&lang.with("md-written-by", &[("version", report.version), ("at", &at)]));
}
