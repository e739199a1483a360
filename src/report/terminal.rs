//! The report on a terminal: the answer in the first three lines, 80 columns, colour only where it is wanted.

use std::fmt::Write;

use super::escape::terminal as safe;
use super::words::{self, capital};
use super::{clocks, masked};
use crate::clock::ZoneShift;
use crate::diagnosis::hosts;
use crate::diagnosis::wording::thousands;
use crate::lang::Lang;
use crate::model::{Incident, Report};

/// Width that text is folded to.
const WIDTH: usize = 80;

/// Quoted lines are cut here, with the place to look them up beside them.
const QUOTE_WIDTH: usize = 76;

struct Paint(bool);

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.with("2", text)
    }

    fn red(&self, text: &str) -> String {
        self.with("1;31", text)
    }

    fn green(&self, text: &str) -> String {
        self.with("1;32", text)
    }
}

/// Renders the report for a terminal.
pub fn render(report: &Report, display: Option<ZoneShift>, colour: bool) -> String {
    let paint = Paint(colour);
    let mut out = String::new();
    if report.incidents.is_empty() {
        fold(&mut out, words::no_incident(report), "", |l| paint.green(l));
        render_clocks(&mut out, report, &paint);
    }
    for (n, incident) in report.incidents.iter().enumerate() {
        if report.incidents.len() > 1 {
            let _ = writeln!(out, "{}", paint.bold(&format!("Incident {} of {}", n + 1, report.incidents.len())));
        }
        render_answer(&mut out, incident, display, &paint);
        if n == 0 {
            render_clocks(&mut out, report, &paint);
        }
        render_reasons(&mut out, incident, &paint);
    }
    if !report.remarks.is_empty() {
        heading(&mut out, "Remarks", &paint);
        for r in &report.remarks {
            fold(&mut out, &safe(r), "  ", str::to_owned);
        }
    }
    sources(&mut out, report, &paint);
    out
}

fn heading(out: &mut String, text: &str, paint: &Paint) {
    let _ = writeln!(out, "\n{}", paint.bold(text));
}

fn render_answer(out: &mut String, i: &Incident, display: Option<ZoneShift>, paint: &Paint) {
    let d = &i.dropped_at;
    let r = &i.root_cause;
    let answer = format!(
        "Dropped at the {}: {} ({}, {})",
        d.layer.title(),
        safe(&d.title),
        words::sure(d.confidence),
        words::percent(d.confidence)
    );
    fold(out, &answer, "", |l| paint.red(l));
    let root = if !words::is_own_root(i) {
        format!(
            "Root cause: {} ({}, {}, {})",
            safe(&r.title),
            r.layer.title(),
            words::sure(r.confidence),
            words::percent(r.confidence)
        )
    } else if r.confidence >= 0.4 {
        format!("Root cause: the same; nothing behind it shows ({})", words::percent(r.confidence))
    } else {
        "Root cause: not known from these sources".to_owned()
    };
    fold(out, &root, "", |l| paint.bold(l));
    fold(out, &format!("{}: {}", capital(&words::failed_of(i)), words::window(&i.window, display)), "", str::to_owned);
    if let Some(said) = hosts::in_words(&i.hosts) {
        fold(out, &safe(&format!("Hosts: {said}.")), "", |l| paint.bold(l));
    }
    out.push('\n');
    fold(out, &safe(&d.says), "", str::to_owned);
    if !words::is_own_root(i) {
        fold(out, &safe(&r.says), "", str::to_owned);
    }
}

/// Clocks that are not simply what the lines say.
fn render_clocks(out: &mut String, report: &Report, paint: &Paint) {
    if let Some(warning) = masked::warning(report, Lang::En) {
        fold(out, &safe(&warning), "", |l| paint.red(l));
    }
    let clocks = clocks::lines(report);
    if let Some(warning) = &clocks.unknown {
        fold(out, &safe(&format!("Clock not known: {warning}")), "", |l| paint.bold(l));
    }
    for c in &clocks.moved {
        fold(out, &safe(&format!("Clock: {} {}.", c.path, c.says)), "", str::to_owned);
    }
    if clocks.more > 0 {
        fold(out, &format!("Clocks of {} more sources: below.", clocks.more), "", str::to_owned);
    }
}

fn render_reasons(out: &mut String, i: &Incident, paint: &Paint) {
    heading(out, "What followed what (UTC)", paint);
    for l in &i.chain {
        fold(
            out,
            &format!("{}  {}", words::clock_time(l.at), safe(&format!("{}: {}", l.layer.title(), l.what))),
            "  ",
            str::to_owned,
        );
    }
    for s in &i.seen_as {
        fold(out, &format!("          {}: seen as {} × {}", s.layer.title(), thousands(s.count), safe(&s.what)), "  ", |l| {
            paint.dim(l)
        });
    }
    if !i.remedies.is_empty() {
        heading(out, "What to change", paint);
        for (n, r) in i.remedies.iter().enumerate() {
            fold(out, &safe(&format!("{}. {}", n + 1, capital(&r.action))), "  ", str::to_owned);
            for line in r.config.iter().flat_map(|c| c.trim().lines()) {
                let _ = writeln!(out, "       {}", paint.green(&safe(line)));
            }
        }
    }
    heading(out, "Evidence", paint);
    for e in &i.evidence {
        fold(out, &safe(&capital(&e.says)), "  ", str::to_owned);
        for q in e.examples.iter().take(1) {
            let _ = writeln!(out, "    {}", paint.dim(&safe(&format!("{}:{}", q.path, q.line))));
            let _ = writeln!(out, "    {}", paint.dim(&cut(&safe(&q.text), QUOTE_WIDTH - 4)));
        }
    }
    heading(out, "Where the failed requests were dropped", paint);
    for p in &i.drop_points {
        let _ = writeln!(
            out,
            "  {:>10}  {} / {} (ended by {}, {})",
            thousands(p.requests),
            p.layer.id(),
            p.mechanism,
            p.ended_by,
            p.phase
        );
    }
    let _ = writeln!(out, "  {:>10}  unexplained", thousands(i.unexplained));
    if !i.ruled_out.is_empty() {
        heading(out, "Ruled out", paint);
        for r in &i.ruled_out {
            fold(out, &safe(&format!("{}: {}", r.mechanism, r.because)), "  ", str::to_owned);
        }
    }
    if !i.missing.is_empty() {
        heading(out, "What would make it surer", paint);
        for m in &i.missing {
            fold(out, &safe(&capital(m)), "  ", str::to_owned);
        }
    }
}

fn sources(out: &mut String, report: &Report, paint: &Paint) {
    heading(out, "Sources", paint);
    for s in &report.sources {
        let share = if s.lines == 0 { 1.0 } else { s.matched as f64 / s.lines as f64 };
        let line = format!(
            "{}  {} · {} lines · {} understood · {}",
            safe(&words::short_paths(&s.path)),
            s.parser,
            thousands(s.lines),
            words::percent_fine(share),
            words::clock(&s.clock)
        );
        fold(out, &line, "  ", str::to_owned);
        if let Some(e) = &s.error {
            fold(out, &safe(e), "    ", str::to_owned);
        }
    }
    if let Some(said) = masked::line(report, Lang::En) {
        fold(out, &said, "  ", str::to_owned);
    }
    for s in &report.skipped {
        fold(out, &safe(&format!("{}: not read: {}", s.path, s.because)), "  ", |l| paint.dim(l));
    }
}

/// Columns that a text takes, near enough: East Asian characters take two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff) { 2 } else { 1 }).sum()
}

fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += columns(c.encode_utf8(&mut [0; 4]));
        if used >= width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// `00:00:39`
fn is_time(text: &str) -> bool {
    text.len() == 8 && text.bytes().enumerate().all(|(i, b)| if i % 3 == 2 { b == b':' } else { b.is_ascii_digit() })
}

/// Writes a text folded at blanks, further lines indented by two more.
fn fold(out: &mut String, text: &str, indent: &str, paint: impl Fn(&str) -> String) {
    let mut line = String::new();
    let mut first = true;
    let mut flush = |line: &mut String, first: &mut bool| {
        let lead = if *first { indent.to_owned() } else { format!("{indent}  ") };
        let _ = writeln!(out, "{lead}{}", paint(line));
        line.clear();
        *first = false;
    };
    let lead: String = text.chars().take_while(|c| *c == ' ').collect();
    line.push_str(&lead);
    for word in text.split_whitespace() {
        let room = WIDTH - indent.len() - if first { 0 } else { 2 };
        if line.trim().is_empty() {
            line.push_str(word);
        } else if columns(&line) + 1 + columns(word) <= room {
            // Two blanks after a time keep the column readable.
            line.push_str(if first && is_time(line.trim()) { "  " } else { " " });
            line.push_str(word);
        } else {
            flush(&mut line, &mut first);
            line.push_str(word);
        }
    }
    if !line.is_empty() {
        flush(&mut line, &mut first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_folded_at_80_columns() {
        let mut out = String::new();
        fold(&mut out, &"word ".repeat(40), "  ", str::to_owned);
        assert!(out.lines().all(|l| columns(l) <= WIDTH) && out.lines().count() > 2);
        assert!(out.lines().nth(1).unwrap().starts_with("    word"));
        assert_eq!(cut("日本語のログ", 7), "日本語…");
    }
}
