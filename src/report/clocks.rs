//! Clocks in plain words: shifts that move evidence, and zones that nobody knows. They stand on the first screen, since a wrong zone moves
//! evidence by hours.

use super::words;
use crate::clock::{Basis, ZoneShift};
use crate::diagnosis::wording::thousands;
use crate::model::{ClockReport, ClockSegment, Report, SourceReport};

/// Sentences shown; what is left is in the table of sources.
const MOST: usize = 3;

/// Parts of a stepping clock that are named.
const MOST_PARTS: usize = 4;

/// A sentence on one source's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockLine {
    /// The source.
    pub path: String,
    /// What is to be said of it.
    pub says: String,
}

/// What is to be said of the clocks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ClockLines {
    /// Clocks that were taken on trust: times of these sources may be hours off.
    pub unknown: Option<String>,
    /// Clocks that are not simply what the lines say.
    pub moved: Vec<ClockLine>,
    /// How many more there are of those.
    pub more: usize,
}

/// Sorts out what a reader must know of the clocks.
pub fn lines(report: &Report) -> ClockLines {
    let dated: Vec<&SourceReport> = report.sources.iter().filter(|s| s.first.is_some()).collect();
    let mut moved: Vec<ClockLine> = Vec::new();
    for s in dated.iter().filter(|s| is_moved(&s.clock)) {
        let line = ClockLine { path: s.path.clone(), says: shift(&s.clock) };
        if !moved.contains(&line) {
            moved.push(line);
        }
    }
    let more = moved.len().saturating_sub(MOST);
    moved.truncate(MOST);
    ClockLines { unknown: unknown(&dated), moved, more }
}

/// What a log of the same server states is no news: the table of sources has it.
fn is_moved(c: &ClockReport) -> bool {
    let news = c.found.is_some() || c.confidence < 0.9;
    c.basis == Basis::Inferred && c.utc_offset_s != 0 && news || c.skew_s != 0.0 || !c.segments.is_empty()
}

/// A warning where a zone was assumed and something hangs on it.
fn unknown(dated: &[&SourceReport]) -> Option<String> {
    let speaks = |s: &&&SourceReport| s.clock.basis == Basis::Assumed && s.matched > s.weightless;
    let mut paths: Vec<&str> = dated.iter().filter(speaks).map(|s| s.path.as_str()).collect();
    paths.dedup();
    let first = *paths.first()?;
    if dated.iter().all(|s| s.clock.basis == Basis::Assumed) {
        return Some("The lines state no zone: times are shown as they were written, whatever zone that is.".to_owned());
    }
    let which = match paths.len() {
        1 => first.to_owned(),
        n => format!("{first} and {} more", n - 1),
    };
    Some(format!(
        "The zone of {which} is not known, nothing here tells it: taken as UTC, it may lie hours beside the other sources. Say it with --tz '{first}=ZONE'."
    ))
}

/// `writes local time, +09:00, and runs 95 s behind alb/access.log (found from 1,204 requests seen in both; sure)`
pub fn shift(c: &ClockReport) -> String {
    let mut parts: Vec<String> = Vec::new();
    let beside = c.found.as_ref().map_or_else(String::new, |f| format!(" {}", f.beside));
    let steps = !c.segments.is_empty() && c.drift_ppm.is_none();
    if steps {
        parts.push(format!("has a clock that was set anew: {}", segments(&c.segments)));
    } else if c.utc_offset_s != 0 && c.basis != Basis::Stated {
        parts.push(format!("writes local time, {}", ZoneShift::Fixed(c.utc_offset_s).name()));
    }
    if let Some(ppm) = c.drift_ppm {
        parts.push(format!("{}{}", drift(ppm), if beside.is_empty() { String::new() } else { format!(" against{beside}") }));
    } else if !steps && c.skew_s != 0.0 {
        let way = if c.skew_s < 0.0 { "behind" } else { "ahead of" };
        let whom = if beside.is_empty() { " the others".to_owned() } else { beside };
        parts.push(format!("runs {:.0} s {way}{whom}", c.skew_s.abs()));
    }
    let why = match &c.found {
        Some(f) => format!("found from {} {} seen in both", thousands(f.shared), f.of),
        None => c.because.clone(),
    };
    format!("{} ({why}; {})", parts.join(", and "), words::sure(c.confidence))
}

/// `gains 3.6 s an hour`
fn drift(ppm: f64) -> String {
    let way = if ppm > 0.0 { "gains" } else { "loses" };
    let an_hour = ppm.abs() * 3600.0 / 1e6;
    if an_hour >= 1.0 { format!("{way} {an_hour:.1} s an hour") } else { format!("{way} {:.1} s a day", an_hour * 24.0) }
}

/// `+09:00 at first, +10:00 from 02:00:00 UTC on`
fn segments(all: &[ClockSegment]) -> String {
    let name = |s: &ClockSegment| {
        let skew = match s.skew_s {
            0.0 => String::new(),
            k => format!(" and {:.0} s {}", k.abs(), if k < 0.0 { "behind" } else { "ahead" }),
        };
        format!("{}{skew}", ZoneShift::Fixed(s.utc_offset_s).name())
    };
    let mut parts: Vec<String> = Vec::new();
    for (i, s) in all.iter().take(MOST_PARTS).enumerate() {
        parts.push(if i == 0 { format!("{} at first", name(s)) } else { format!("{} from {} on", name(s), words::utc(s.from)) });
    }
    if all.len() > MOST_PARTS {
        parts.push(format!("and {} changes more", all.len() - MOST_PARTS));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Found;
    use crate::model::Instant;

    fn clock(utc_offset_s: i32, skew_s: f64) -> ClockReport {
        ClockReport {
            utc_offset_s,
            skew_s,
            basis: Basis::Inferred,
            confidence: 0.97,
            because: "b".to_owned(),
            found: Some(Found { beside: "nginx/access.log".to_owned(), shared: 1204, of: "requests" }),
            drift_ppm: None,
            segments: Vec::new(),
        }
    }

    #[test]
    fn a_shift_is_a_sentence() {
        assert_eq!(
            shift(&clock(32_400, -95.0)),
            "writes local time, +09:00, and runs 95 s behind nginx/access.log (found from 1,204 requests seen in both; sure)"
        );
    }

    #[test]
    fn a_drift_and_a_step_are_sentences() {
        let drifting = ClockReport { drift_ppm: Some(1000.0), segments: vec![], ..clock(0, 5.0) };
        assert!(shift(&drifting).starts_with("gains 3.6 s an hour against nginx/access.log"));
        let part = |from, utc_offset_s| ClockSegment { from: Instant(from), utc_offset_s, skew_s: 0.0 };
        let stepping = ClockReport { segments: vec![part(0, 3600), part(1_792_890_000, 7200)], ..clock(3600, 0.0) };
        let says = shift(&stepping);
        assert!(says.starts_with("has a clock that was set anew: +01:00 at first, +02:00 from 2026-10-25 "), "{says}");
    }
}
