//! The report on a terminal: the answer in the first three lines, 80 columns, colour only where it is wanted.

mod lanes;
pub mod look;

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::escape::terminal as safe;
use super::words::{self, capital};
use super::{clocks, masked};
use crate::clock::ZoneShift;
use crate::diagnosis::hosts;
use crate::lang::{Lang, thousands};
use crate::model::{Incident, Report};
use look::{Look, to_ascii};

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

/// Renders the report; `display` is a zone in which times are shown beside UTC.
pub fn render(report: &Report, display: Option<ZoneShift>, colour: bool) -> String {
    render_as(report, display, &Look { colour, ..Look::default() })
}

/// [`render`], as far as a terminal can show it.
pub fn render_as(report: &Report, display: Option<ZoneShift>, look: &Look) -> String {
    let paint = Paint(look.colour);
    let lang = report.lang;
    let mut out = String::new();
    if report.incidents.is_empty() {
        fold(&mut out, &words::no_incident(report), "", |l| paint.green(l));
        render_clocks(&mut out, report, &paint);
    }
    for (n, incident) in report.incidents.iter().enumerate() {
        if report.incidents.len() > 1 {
            let title = lang.with("incident-n-of", &[("n", &(n + 1).to_string()), ("all", &report.incidents.len().to_string())]);
            let _ = writeln!(out, "{}", paint.bold(&title));
        }
        render_answer(&mut out, incident, lang, display, &paint);
        if n == 0 {
            render_clocks(&mut out, report, &paint);
        }
        lanes::render(&mut out, incident, lang, look);
        render_reasons(&mut out, incident, lang, display, &paint, look);
    }
    if !report.remarks.is_empty() {
        heading(&mut out, &lang.say("heading-remarks"), &paint);
        for r in &report.remarks {
            fold(&mut out, &safe(r), "  ", str::to_owned);
        }
    }
    sources(&mut out, report, &paint);
    // Japanese and Korean cannot be said in ASCII.
    if look.ascii && lang == Lang::En { to_ascii(&out) } else { out }
}

fn heading(out: &mut String, text: &str, paint: &Paint) {
    let _ = writeln!(out, "\n{}", paint.bold(text));
}

fn render_answer(out: &mut String, i: &Incident, lang: Lang, display: Option<ZoneShift>, paint: &Paint) {
    let d = &i.dropped_at;
    let r = &i.root_cause;
    let answer = lang.with(
        "terminal-dropped-at",
        &[("layer", &d.layer.title(lang)), ("title", &safe(&d.title)), ("sure", &words::confidence(lang, d.confidence))],
    );
    fold(out, &answer, "", |l| paint.red(l));
    let root = if !words::is_own_root(i) {
        let values =
            [("title", &*safe(&r.title)), ("layer", &r.layer.title(lang)), ("sure", &words::confidence(lang, r.confidence))];
        lang.with("terminal-root", &values)
    } else if words::is_root_known(i) {
        lang.with("terminal-root-same", &[("sure", &words::confidence(lang, r.confidence))])
    } else {
        lang.say("terminal-root-unknown")
    };
    fold(out, &root, "", |l| paint.bold(l));
    let failed = capital(lang, &words::failed_of(lang, i));
    let when = words::window(&i.window, display);
    fold(out, &lang.with("terminal-failed", &[("failed", &failed), ("when", &when)]), "", str::to_owned);
    words::failing_until(lang, i, display).iter().for_each(|until| fold(out, until, "", str::to_owned));
    for said in words::changes(lang, i) {
        fold(out, &safe(&lang.with("terminal-changed", &[("says", &said)])), "", str::to_owned);
    }
    if let Some(said) = hosts::in_words(lang, &i.hosts) {
        fold(out, &safe(&lang.with("terminal-hosts", &[("hosts", &said)])), "", |l| paint.bold(l));
    }
    out.push('\n');
    fold(out, &safe(&d.says), "", str::to_owned);
    if !words::is_own_root(i) {
        fold(out, &safe(&r.says), "", str::to_owned);
    }
}

/// Clocks that are not simply what the lines say.
fn render_clocks(out: &mut String, report: &Report, paint: &Paint) {
    let (lang, clocks) = (report.lang, clocks::lines(report));
    if let Some(warning) = masked::warning(report) {
        fold(out, &safe(&warning), "", |l| paint.red(l));
    }
    if let Some(warning) = &clocks.unknown {
        fold(out, &safe(&lang.with("terminal-clock-unknown", &[("warning", warning)])), "", |l| paint.bold(l));
    }
    for c in &clocks.moved {
        let line = lang.with("clock-line", &[("source", &c.path), ("says", &c.says)]);
        fold(out, &safe(&lang.with("terminal-clock", &[("clock", &line)])), "", str::to_owned);
    }
    if clocks.more > 0 {
        fold(out, &lang.with("terminal-clocks-more", &[("n", &clocks.more.to_string())]), "", str::to_owned);
    }
}

fn render_reasons(out: &mut String, i: &Incident, lang: Lang, display: Option<ZoneShift>, paint: &Paint, look: &Look) {
    let title = match display {
        None => lang.say("terminal-chain"),
        Some(zone) => lang.with("terminal-chain-in", &[("zone", &zone.name())]),
    };
    heading(out, &title, paint);
    let time = |at| match display {
        None => words::clock_time(at),
        Some(zone) => format!("{}/{}", words::clock_time(at), words::local_time(at, zone)),
    };
    for l in &i.chain {
        let step = lang.with("terminal-step", &[("layer", &l.layer.title(lang)), ("what", &l.what)]);
        fold(out, &format!("{}  {}", time(l.at), safe(&step)), "  ", str::to_owned);
    }
    let beside = " ".repeat(if display.is_some() { 19 } else { 10 });
    for s in &i.seen_as {
        let values = [("layer", &*s.layer.title(lang)), ("count", &thousands(s.count)), ("what", &s.what)];
        fold(out, &format!("{beside}{}", safe(&lang.with("terminal-seen-as", &values))), "  ", |l| paint.dim(l));
    }
    if !i.remedies.is_empty() {
        heading(out, &lang.say("terminal-change"), paint);
        for (n, r) in i.remedies.iter().enumerate() {
            fold(out, &safe(&format!("{}. {}", n + 1, capital(lang, &r.action))), "  ", str::to_owned);
            for line in r.config.iter().flat_map(|c| c.trim().lines()) {
                let _ = writeln!(out, "       {}", paint.green(&safe(line)));
            }
        }
    }
    heading(out, &lang.say("heading-evidence"), paint);
    for e in &i.evidence {
        fold(out, &safe(&capital(lang, &e.says)), "  ", str::to_owned);
        for q in e.examples.iter().take(1) {
            let place = safe(&format!("{}:{}", q.path, q.line));
            let _ = writeln!(out, "    {}", look.links.to(&paint.dim(&place), &q.path, q.line));
            let _ = writeln!(out, "    {}", paint.dim(&cut(&safe(&q.text), QUOTE_WIDTH - 4)));
        }
    }
    lanes::ledger(out, i, lang, look);
    heading(out, &lang.say("terminal-drop-points"), paint);
    for p in &i.drop_points {
        let how = lang
            .with("terminal-ended-by", &[("by", &words::ended_by(lang, &p.ended_by)), ("phase", &words::phase(lang, &p.phase))]);
        let _ = writeln!(out, "  {:>10}  {} / {} {how}", thousands(p.requests), p.layer.id(), p.mechanism);
    }
    let _ = writeln!(out, "  {:>10}  {}", thousands(i.unexplained), lang.say("unexplained"));
    if !i.ruled_out.is_empty() {
        heading(out, &lang.say("heading-ruled-out"), paint);
        for r in &i.ruled_out {
            fold(out, &safe(&format!("{}: {}", r.mechanism, r.because)), "  ", str::to_owned);
        }
    }
    if !i.missing.is_empty() {
        heading(out, &lang.say("heading-missing"), paint);
        for m in &i.missing {
            fold(out, &safe(&capital(lang, m)), "  ", str::to_owned);
        }
    }
}

fn sources(out: &mut String, report: &Report, paint: &Paint) {
    let lang = report.lang;
    heading(out, &lang.say("heading-sources"), paint);
    for s in &report.sources {
        let share = if s.lines == 0 { 1.0 } else { s.matched as f64 / s.lines as f64 };
        let understood =
            lang.with("terminal-understood", &[("lines", &thousands(s.lines)), ("share", &words::percent_fine(share))]);
        let path = safe(&words::short_paths(&s.path));
        let line = format!("{path}  {} · {understood} · {}", s.parser, words::clock(lang, &s.clock));
        fold(out, &line, "  ", str::to_owned);
        if let Some(e) = &s.error {
            fold(out, &safe(e), "    ", str::to_owned);
        }
    }
    if let Some(said) = masked::line(report) {
        fold(out, &safe(&said), "  ", str::to_owned);
    }
    for s in &report.skipped {
        let line = lang.with("not-read", &[("path", &s.path), ("because", &s.because)]);
        fold(out, &safe(&line), "  ", |l| paint.dim(l));
    }
}

/// Columns that a text takes.
fn columns(text: &str) -> usize {
    text.width()
}

fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// `00:00:39`, or `00:00:39/09:00:39`
fn is_time(text: &str) -> bool {
    let digit = |(i, b): (usize, u8)| if i % 3 == 2 { b == b':' } else { b.is_ascii_digit() };
    text.split('/').all(|t| t.len() == 8 && t.bytes().enumerate().all(digit))
}

/// A word, in the parts between which a line may end: one, but for scripts that write without blanks.
fn parts(word: &str) -> Vec<&str> {
    if !word.contains(|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')) {
        return vec![word];
    }
    let mut from = 0;
    let ends = unicode_linebreak::linebreaks(word).map(|(end, _)| end);
    ends.map(|end| &word[std::mem::replace(&mut from, end)..end]).collect()
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
    let words = text.split_whitespace().flat_map(|w| parts(w).into_iter().enumerate());
    for (n, part) in words {
        let room = WIDTH - indent.len() - if first { 0 } else { 2 };
        let blank = match n {
            // Two blanks after a time keep the column readable.
            0 if first && is_time(line.trim()) => "  ",
            0 => " ",
            _ => "",
        };
        if line.trim().is_empty() {
            line.push_str(part);
        } else if columns(&line) + blank.len().min(1) + columns(part) <= room {
            line.push_str(blank);
            line.push_str(part);
        } else {
            flush(&mut line, &mut first);
            line.push_str(part);
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

    #[test]
    fn text_without_blanks_is_folded_too() {
        let mut out = String::new();
        fold(&mut out, &format!("00:00:39/09:00:39  {}", "待ち行列が一杯だった。".repeat(9)), "  ", str::to_owned);
        assert!(out.lines().all(|l| columns(l) <= WIDTH && columns(l) > 8) && out.lines().count() > 2, "{out}");
        assert!(out.starts_with("  00:00:39/09:00:39  待ち") && !out.contains("\n    。"), "{out}");
        assert_eq!(parts("nginx/error.log:12"), ["nginx/error.log:12"]);
    }
}
