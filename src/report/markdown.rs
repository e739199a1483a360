//! The report as Markdown: the answer first, then the chain, the evidence, the accounts, what to change.

use std::fmt::Write;

use super::escape::{code, fenced, markdown as md};
use super::words::{self, capital};
use super::{clocks, masked};
use crate::clock::ZoneShift;
use crate::diagnosis::hosts;
use crate::diagnosis::wording::thousands;
use crate::lang::Lang;
use crate::model::{Incident, Outcome, Report};

/// Renders the report; `display` is a zone in which times are shown beside UTC.
pub fn render(report: &Report, display: Option<ZoneShift>) -> String {
    let mut out = String::new();
    if report.incidents.is_empty() {
        let _ = writeln!(out, "# {}\n", words::no_incident(report));
        render_clocks(&mut out, report);
    }
    for (i, incident) in report.incidents.iter().enumerate() {
        if i > 0 {
            out.push_str("---\n\n");
        }
        let title = match report.incidents.len() {
            1 => "# ".to_owned(),
            n => format!("# Incident {} of {n}: ", i + 1),
        };
        out.push_str(&title);
        render_answer(&mut out, incident, display);
        if i == 0 {
            render_clocks(&mut out, report);
        }
        render_reasons(&mut out, incident);
    }
    render_sources(&mut out, report, display);
    // No text from a log holds a line end, so this touches nothing that is quoted.
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out
}

fn render_answer(out: &mut String, i: &Incident, display: Option<ZoneShift>) {
    let d = &i.dropped_at;
    let r = &i.root_cause;
    let _ = writeln!(
        out,
        "Dropped at the {}: {} ({}, {})\n",
        d.layer.title(),
        md(&lower(&d.title)),
        words::sure(d.confidence),
        words::percent(d.confidence)
    );
    let root = if !words::is_own_root(i) {
        let (sure, share) = (words::sure(r.confidence), words::percent(r.confidence));
        format!("{}, in the {} ({sure}, {share})", md(&lower(&r.title)), r.layer.title())
    } else if r.confidence >= 0.4 {
        format!("{} itself; nothing behind it shows ({})", md(&lower(&r.title)), words::percent(r.confidence))
    } else {
        "not known from these sources".to_owned()
    };
    let _ = writeln!(out, "**Root cause:** {root}.\n");
    let place = d.place.as_ref().map_or_else(String::new, |p| format!(" At {}.", code(p, false)));
    let behind = if words::is_own_root(i) { String::new() } else { format!(" {}", md(&r.says)) };
    let _ = writeln!(out, "{}.{place} {}{behind}\n", words::failed_of(i), md(&d.says));
    if let Some(said) = hosts::in_words(&i.hosts) {
        let _ = writeln!(out, "**Hosts:** {}.\n", md(&said));
    }
    let _ = writeln!(out, "**When:** {}, {}.\n", words::window(&i.window, display), words::length(&i.window));
}

/// Evidence may lie hours beside the failure that it explains: whatever is not simply what the lines say is said at once.
fn render_clocks(out: &mut String, report: &Report) {
    if let Some(warning) = masked::warning(report, Lang::En) {
        let _ = writeln!(out, "**{}**\n", md(&warning));
    }
    let clocks = clocks::lines(report);
    if let Some(warning) = &clocks.unknown {
        let _ = writeln!(out, "**Clock not known:** {}\n", md(warning));
    }
    if !clocks.moved.is_empty() {
        let said: Vec<String> = clocks.moved.iter().map(|c| format!("{} {}", code(&c.path, false), md(&c.says))).collect();
        let more = if clocks.more > 0 { format!(" {} more below.", clocks.more) } else { String::new() };
        let _ = writeln!(out, "**Clocks:** {}.{more}\n", said.join(". "));
    }
}

fn render_reasons(out: &mut String, i: &Incident) {
    chain(out, i);
    changes(out, i);
    evidence(out, i);
    accounts(out, i);
    others(out, i);
}

fn lower(text: &str) -> String {
    // A product's name keeps its capitals; an article or a noun at a sentence's begin does not.
    let mut words = text.splitn(2, ' ');
    let (first, rest) = (words.next().unwrap_or(""), words.next());
    let plain = first.chars().skip(1).all(|c| c.is_lowercase());
    let first = if plain { first.to_lowercase() } else { first.to_owned() };
    rest.map_or(first.clone(), |r| format!("{first} {r}"))
}

fn chain(out: &mut String, i: &Incident) {
    out.push_str("## What followed what\n\n| Time (UTC) | Layer | What |\n| --- | --- | --- |\n");
    for l in &i.chain {
        let _ = writeln!(out, "| {} | {} | {} |", words::clock_time(l.at), l.layer.title(), md(&capital(&l.what)));
    }
    for s in &i.seen_as {
        let _ = writeln!(out, "| | {} | seen as {} × {} |", s.layer.title(), thousands(s.count), md(&s.what));
    }
    out.push('\n');
}

fn changes(out: &mut String, i: &Incident) {
    if i.remedies.is_empty() {
        return;
    }
    out.push_str("## What to change\n\n");
    for (n, r) in i.remedies.iter().enumerate() {
        let link = r.reference.as_ref().map_or_else(String::new, |u| format!(" ([reference](<{u}>))"));
        let stop = if r.action.ends_with(['.', '!', '?']) { "" } else { "." };
        let _ = writeln!(out, "{}. **{}{stop}** {}{link}", n + 1, md(&capital(&r.action)), md(&r.why));
        if let Some(c) = &r.config {
            let lines: Vec<String> = c.trim().lines().map(str::to_owned).collect();
            let block = fenced(&lines, "text");
            let _ = writeln!(out, "\n{}", indent(&block, "   "));
        }
    }
    out.push('\n');
}

fn indent(text: &str, by: &str) -> String {
    text.lines().map(|l| format!("{by}{l}\n")).collect()
}

fn evidence(out: &mut String, i: &Incident) {
    if i.evidence.is_empty() {
        return;
    }
    out.push_str("## Evidence\n\n");
    for e in &i.evidence {
        let when = e.first.map_or_else(String::new, |f| {
            let last = e.last.map_or_else(String::new, |l| format!("–{}", words::clock_time(l)));
            format!(", {}{last} UTC", words::clock_time(f))
        });
        let _ = writeln!(
            out,
            "- **{}** ({} for {}, weight {:+.1}{when})",
            md(&capital(&e.says)),
            code(&e.signal, false),
            code(&e.mechanism, false),
            e.weight
        );
        // One line shows it; the others are named, so that whoever doubts can look.
        if let Some((first, others)) = e.examples.split_first() {
            let _ = writeln!(out, "\n  {}", code(&format!("{}:{}", first.path, first.line), false));
            let _ = writeln!(out, "\n{}", indent(&fenced(std::slice::from_ref(&first.text), "text"), "  "));
            let places: Vec<String> =
                others.iter().map(|q| code(&format!("{}:{}", words::short_paths(&q.path), q.line), false)).collect();
            if !places.is_empty() {
                let _ = writeln!(out, "  Also {}.\n", places.join(", "));
            }
        }
    }
    out.push('\n');
}

fn accounts(out: &mut String, i: &Incident) {
    out.push_str("## Where the requests went\n\n");
    if !i.ledger.is_empty() {
        out.push_str("| Layer | Received | Answered | Failed | Not passed on | Counted from |\n| --- | ---: | ---: | ---: | ---: | --- |\n");
        for l in &i.ledger {
            let [received, answered, failed, not_passed_on] = words::ledger_cells(l);
            let basis = code(&words::short_paths(&l.basis), true);
            let kind = words::counted_from(l.counted_from);
            let layer = l.layer.title();
            let _ = writeln!(out, "| {layer} | {received} | {answered} | {failed} | {not_passed_on} | {basis} {kind} |");
        }
        for said in i.ledger.iter().filter_map(words::imbalance) {
            let _ = writeln!(out, "\n{said}");
        }
        out.push('\n');
    }
    out.push_str(
        "| Dropped at | Mechanism | Ended by | Phase | Requests | Counted from |\n| --- | --- | --- | --- | ---: | --- |\n",
    );
    for p in &i.drop_points {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            p.layer.title(),
            code(&p.mechanism, true),
            p.ended_by,
            p.phase,
            thousands(p.requests),
            code(&words::short_paths(&p.basis), true)
        );
    }
    let _ = writeln!(out, "| unexplained | | | | {} | |", thousands(i.unexplained));
    let _ = writeln!(out, "| **all failed requests** | | | | **{}** | {} |\n", thousands(i.failed_requests), md(&i.counted_by));
}

fn others(out: &mut String, i: &Incident) {
    if !i.ruled_out.is_empty() {
        out.push_str("## Ruled out\n\n");
        for r in &i.ruled_out {
            let _ = writeln!(out, "- {}: {}", code(&r.mechanism, false), md(&r.because));
        }
        out.push('\n');
    }
    let of = |o: Outcome| i.checks.iter().filter(|c| c.outcome == o).map(|c| code(&c.mechanism, false)).collect::<Vec<_>>();
    let (clear, blind) = (of(Outcome::NotFound), of(Outcome::NoSource));
    out.push_str("## Looked for\n\n");
    if !clear.is_empty() {
        let _ = writeln!(out, "- Looked for and not found: {}", clear.join(", "));
    }
    if !blind.is_empty() {
        let _ = writeln!(out, "- Could not be looked for, no source would show it: {}", blind.join(", "));
    }
    out.push('\n');
    if !i.missing.is_empty() {
        out.push_str("## What would make it surer\n\n");
        for m in &i.missing {
            let _ = writeln!(out, "- {}", md(&capital(m)));
        }
        out.push('\n');
    }
}

fn render_sources(out: &mut String, report: &Report, display: Option<ZoneShift>) {
    if !report.remarks.is_empty() {
        out.push_str("## Remarks\n\n");
        for r in &report.remarks {
            let _ = writeln!(out, "- {}", md(r));
        }
        out.push('\n');
    }
    out.push_str("## Sources\n\n");
    if let Some(p) = &report.period {
        let _ = writeln!(out, "Together they cover {}.\n", words::window(p, display));
    }
    out.push_str("| File | Parser | Lines | Understood | Not understood | Clock |\n| --- | --- | ---: | ---: | ---: | --- |\n");
    for s in &report.sources {
        let share = if s.lines == 0 { 1.0 } else { s.matched as f64 / s.lines as f64 };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            code(&words::short_paths(&s.path), true),
            code(&s.parser, true),
            thousands(s.lines),
            words::percent_fine(share),
            thousands(s.unmatched),
            words::clock(&s.clock)
        );
    }
    out.push('\n');
    for s in report.sources.iter().filter(|s| s.error.is_some() || !s.unmatched_examples.is_empty()) {
        if let Some(e) = &s.error {
            let _ = writeln!(out, "- {}: {}", code(&s.path, false), md(e));
        }
        if let Some((line, text)) = s.unmatched_examples.first() {
            let _ = writeln!(
                out,
                "- not understood, first of {}: {} {}",
                s.unmatched,
                code(&format!("{}:{line}", s.path), false),
                code(text, false)
            );
        }
    }
    if let Some(said) = masked::line(report, Lang::En) {
        let _ = writeln!(out, "- {}", md(&said));
    }
    for s in &report.skipped {
        let _ = writeln!(out, "- not read: {}: {}", code(&s.path, false), md(&s.because));
    }
    let _ = writeln!(out, "\nWritten by fivexx {} at {}.", report.version, words::utc(report.generated_at));
}
