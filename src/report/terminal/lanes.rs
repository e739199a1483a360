//! The course of an incident and the way of its requests on a terminal: a row of bars a layer on one time axis, 80 columns wide.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::look::Look;
use super::{Paint, WIDTH};
use crate::lang::{Lang, thousands};
use crate::model::lanes::{Counts, Lane, Lanes};
use crate::model::{CountedFrom, Incident};
use crate::report::chart::{self, number};
use crate::report::words;

/// Columns of a layer's name, of what a row shows, of the bars, and of the scale.
const NAME: usize = 17;
const KIND: usize = 10;
const BARS: usize = 35;
const NOTE: usize = 13;

/// Columns before the bars.
const LEAD: usize = 2 + NAME + 1 + KIND + 1;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const PLAIN: [char; 8] = ['.', ':', '-', '=', '+', '*', '#', '@'];

/// The buckets that a column stands for: the axis fills the room whatever their number, so some columns have one more than others.
fn buckets_of(column: usize, lanes: &Lanes) -> std::ops::Range<usize> {
    let from = column * lanes.buckets / BARS;
    from..((column + 1) * lanes.buckets / BARS).max(from + 1)
}

/// The column of an instant.
fn column_of(lanes: &Lanes, at: i64) -> usize {
    let length = (lanes.end().0 - lanes.start.0).max(1) as f64;
    let share = ((at - lanes.start.0) as f64 / length).clamp(0.0, 1.0);
    ((share * BARS as f64) as usize).min(BARS - 1)
}

/// What a row of bars is made of.
enum Kind {
    Requests,
    Failed,
    Lines,
    Time,
}

/// Writes the lanes; nothing where the incident has no course in time.
pub fn render(out: &mut String, i: &Incident, lang: Lang, look: &Look) {
    let (lanes, paint) = (&i.lanes, Paint(look.colour));
    if !lanes.is_drawable() {
        return;
    }
    super::heading(out, &lang.say("lanes-heading"), &paint);
    marks(out, i, look, &paint);
    let outermost = lanes.outermost().map(|l| l.layer);
    for lane in &lanes.layers {
        let mut name = chart::layer(lang, lane.layer);
        for kind in kinds(lane, outermost == Some(lane.layer)) {
            row(out, &std::mem::take(&mut name), lane, &kind, lanes, (lang, look, &paint));
        }
    }
    let (from, to) = (words::clock_time(lanes.start), words::clock_time(lanes.end()));
    let between = BARS.saturating_sub(from.len() + to.len()).max(1);
    let _ = writeln!(out, "{}{}", " ".repeat(LEAD), paint.dim(&format!("{from}{}{to} UTC", " ".repeat(between))));
}

/// The rows of a lane: the outermost shows its requests, all show their failures, the lines that tell of them, and times.
fn kinds(lane: &Lane, outermost: bool) -> Vec<Kind> {
    let failing = lane.failed.iter().flatten().any(|n| *n > 0);
    let mut kinds = Vec::new();
    if !lane.requests.is_empty() && (outermost || !failing) {
        kinds.push(Kind::Requests);
    }
    if failing {
        kinds.push(Kind::Failed);
    }
    if !lane.signs.is_empty() {
        kinds.push(Kind::Lines);
    }
    if !lane.mean_s.is_empty() {
        kinds.push(Kind::Time);
    }
    kinds
}

/// The window as a line above the lanes, with the first sign of each link.
fn marks(out: &mut String, i: &Incident, look: &Look, paint: &Paint) {
    let lanes = &i.lanes;
    let (from, to) = (column_of(lanes, i.window.start.0), column_of(lanes, i.window.end.0 - 1));
    let (dash, left, right) = if look.ascii { ('-', '<', '>') } else { ('─', '├', '┤') };
    let mut line: Vec<char> = (0..BARS)
        .map(|c| match c {
            c if c == from => left,
            c if c == to => right,
            c if c > from && c < to => dash,
            _ => ' ',
        })
        .collect();
    for (n, link) in i.chain.iter().take(9).enumerate() {
        let at = column_of(lanes, link.at.0);
        // Links of one moment stand side by side.
        let free = (at..line.len()).chain((0..at).rev()).find(|c| !line[*c].is_ascii_digit());
        if let Some(c) = free {
            line[c] = char::from_digit(u32::try_from(n + 1).unwrap_or(9), 10).unwrap_or('9');
        }
    }
    let line: String = line.into_iter().collect();
    let _ = writeln!(out, "{}{}", " ".repeat(LEAD), paint.bold(line.trim_end()));
}

fn row(out: &mut String, name: &str, lane: &Lane, kind: &Kind, lanes: &Lanes, (lang, look, paint): (Lang, &Look, &Paint)) {
    let per_second = |most: f64| most / f64::from(lanes.bucket_s.max(1));
    let joined = |of: &dyn Fn(usize) -> Option<f64>, mean: bool| -> Vec<Option<f64>> {
        let column = |c: usize| {
            let known: Vec<f64> = buckets_of(c, lanes).filter_map(of).collect();
            let sum: f64 = known.iter().sum();
            let most = known.iter().copied().reduce(f64::max)?;
            Some(if mean { sum / known.len() as f64 } else { most })
        };
        (0..BARS).map(column).collect()
    };
    let rates = |c: &Counts| joined(&|b| c.get(b).copied().flatten().map(|n| n as f64), true);
    let (key, values) = match kind {
        Kind::Requests => ("lanes-requests", rates(&lane.requests)),
        Kind::Failed => ("lanes-failed", rates(&lane.failed)),
        Kind::Lines => ("lanes-lines", rates(&lane.signs)),
        Kind::Time => ("lanes-time", joined(&|b| lane.max_s.get(b).copied().flatten(), false)),
    };
    let most = |v: &[Option<f64>]| v.iter().flatten().copied().fold(0.0, f64::max);
    // Failures are drawn on the scale of the requests that they are part of.
    let scale = if matches!(kind, Kind::Failed) { most(&rates(&lane.requests)).max(most(&values)) } else { most(&values) };
    let note = match kind {
        Kind::Time => lang.with("lanes-longest", &[("s", &number(most(&values)))]),
        _ => lang.with("lanes-most", &[("n", &number(per_second(most(&values))))]),
    };
    let bars: String = values.iter().map(|v| bar(*v, scale, look.ascii)).collect();
    let painted = match kind {
        Kind::Failed => paint.with("31", &bars),
        Kind::Lines => paint.with("34", &bars),
        Kind::Time => paint.with("35", &bars),
        Kind::Requests => paint.dim(&bars),
    };
    let _ = writeln!(
        out,
        "  {} {} {painted} {}",
        paint.bold(&padded(name, NAME)),
        padded(&lang.say(key), KIND),
        paint.dim(padded(&note, NOTE).trim_end())
    );
}

/// A bar of eight heights; a line where nothing is, and a blank where no source covers the time.
fn bar(value: Option<f64>, most: f64, ascii: bool) -> char {
    let ramp = if ascii { PLAIN } else { BLOCKS };
    match value {
        None => ' ',
        Some(v) if v <= 0.0 => {
            if ascii {
                '_'
            } else {
                '─'
            }
        }
        Some(v) => ramp[((v / most.max(f64::MIN_POSITIVE) * 8.0).ceil() as usize).clamp(1, 8) - 1],
    }
}

/// A text in exactly so many columns.
fn padded(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width > columns {
            break;
        }
        used += width;
        out.push(c);
    }
    out.push_str(&" ".repeat(columns - used));
    out
}

/// The ledger in a bar a layer.
pub fn ledger(out: &mut String, i: &Incident, lang: Lang, look: &Look) {
    const BAR: usize = 20;
    let paint = Paint(look.colour);
    let most = i.ledger.iter().map(|r| r.received.max(r.failed)).max().unwrap_or(0);
    if i.ledger.is_empty() || most == 0 {
        return;
    }
    super::heading(out, &lang.say("lanes-flow"), &paint);
    let (whole, broken) = if look.ascii { ("=", "x") } else { ("█", "▒") };
    let cells = |n: u64| if n == 0 { 0 } else { ((n as f64 / most as f64 * BAR as f64).round() as usize).max(1) };
    for r in &i.ledger {
        let only_failures = r.counted_from == CountedFrom::FailureLines;
        let failed = cells(r.failed);
        let answered = if only_failures { 0 } else { cells(r.received).max(failed) - failed };
        let key = if only_failures { "chart-flow-failing" } else { "chart-flow-received-last" };
        let said = lang.with(key, &[("received", &thousands(r.received)), ("failed", &thousands(r.failed))]);
        let bar = format!("{}{}", paint.dim(&whole.repeat(answered)), paint.with("31", &broken.repeat(failed)));
        let rest = " ".repeat((BAR + 1).saturating_sub(answered + failed));
        let room = WIDTH - 2 - NAME - 1 - BAR - 2;
        let name = padded(&chart::layer(lang, r.layer), NAME);
        let said = if said.width() > room { padded(&said, room) } else { said };
        let _ = writeln!(out, "  {} {bar}{rest} {said}", paint.bold(&name));
    }
}
