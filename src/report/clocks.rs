//! Clocks in plain words: shifts that move evidence, and zones that nobody knows. They stand on the first screen, since a wrong zone moves
//! evidence by hours.

use super::words;
use crate::clock::{Basis, By, ZoneShift};
use crate::lang::{Lang, thousands};
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
        let line = ClockLine { path: s.path.clone(), says: shift(report.lang, &s.clock) };
        if !moved.contains(&line) {
            moved.push(line);
        }
    }
    let more = moved.len().saturating_sub(MOST);
    moved.truncate(MOST);
    ClockLines { unknown: unknown(report.lang, &dated), moved, more }
}

/// What a log of the same server states is no news: the table of sources has it.
fn is_moved(c: &ClockReport) -> bool {
    let news = c.found.is_some() || c.confidence < 0.9;
    c.basis == Basis::Inferred && c.utc_offset_s != 0 && news || c.skew_s != 0.0 || !c.segments.is_empty()
}

/// A warning where a zone was assumed and something hangs on it.
fn unknown(lang: Lang, dated: &[&SourceReport]) -> Option<String> {
    let speaks = |s: &&&SourceReport| s.clock.basis == Basis::Assumed && s.matched > s.weightless;
    let mut paths: Vec<&str> = dated.iter().filter(speaks).map(|s| s.path.as_str()).collect();
    paths.dedup();
    let first = *paths.first()?;
    if dated.iter().all(|s| s.clock.basis == Basis::Assumed) {
        return Some(lang.say("clocks-all-unknown"));
    }
    let which = match paths.len() {
        1 => first.to_owned(),
        n => lang.with("and-more", &[("first", first), ("n", &(n - 1).to_string())]),
    };
    Some(lang.with("clock-unknown", &[("which", &which), ("first", first)]))
}

/// `writes local time, +09:00, and runs 95 s behind alb/access.log (found from 1,204 requests seen in both; sure)`
pub fn shift(lang: Lang, c: &ClockReport) -> String {
    let mut parts: Vec<String> = Vec::new();
    let beside = c.found.as_ref().map(|f| f.beside.as_str());
    let steps = !c.segments.is_empty() && c.drift_ppm.is_none();
    if steps {
        parts.push(lang.with("clock-was-set-anew", &[("parts", &segments(lang, &c.segments))]));
    } else if c.utc_offset_s != 0 && c.basis != Basis::Stated {
        parts.push(lang.with("clock-writes-local-time", &[("zone", &ZoneShift::Fixed(c.utc_offset_s).name())]));
    }
    if let Some(ppm) = c.drift_ppm {
        parts.push(drift(lang, ppm, beside));
    } else if !steps && c.skew_s != 0.0 {
        let others = lang.say("clock-the-others");
        let values = [("s", &*format!("{:.0}", c.skew_s.abs())), ("beside", beside.unwrap_or(&others))];
        parts.push(lang.with(if c.skew_s < 0.0 { "clock-runs-behind" } else { "clock-runs-ahead" }, &values));
    }
    let why = match &c.found {
        Some(f) => {
            let shared = thousands(f.shared);
            lang.with(
                match f.of {
                    By::Requests => "clock-seen-in-both-requests",
                    By::Failures => "clock-seen-in-both-failures",
                },
                &[("shared", &shared)],
            )
        }
        None => c.because.clone(),
    };
    let clauses = parts.join(&lang.say("and-separator"));
    lang.with("clock-shift", &[("clauses", &clauses), ("why", &why), ("sure", &words::sure(lang, c.confidence))])
}

/// `gains 3.6 s an hour against alb/access.log`
fn drift(lang: Lang, ppm: f64, beside: Option<&str>) -> String {
    let an_hour = ppm.abs() * 3600.0 / 1e6;
    let rate = if an_hour >= 1.0 {
        lang.with("rate-hour", &[("s", &format!("{an_hour:.1}"))])
    } else {
        lang.with("rate-day", &[("s", &format!("{:.1}", an_hour * 24.0))])
    };
    match (ppm > 0.0, beside) {
        (true, Some(b)) => lang.with("clock-gains-against", &[("rate", &rate), ("beside", b)]),
        (true, None) => lang.with("clock-gains", &[("rate", &rate)]),
        (false, Some(b)) => lang.with("clock-loses-against", &[("rate", &rate), ("beside", b)]),
        (false, None) => lang.with("clock-loses", &[("rate", &rate)]),
    }
}

/// `+09:00 at first, +10:00 from 02:00:00 UTC on`
fn segments(lang: Lang, all: &[ClockSegment]) -> String {
    let name = |s: &ClockSegment| {
        let zone = ZoneShift::Fixed(s.utc_offset_s).name();
        let values = [("zone", zone.as_str()), ("s", &*format!("{:.0}", s.skew_s.abs()))];
        match s.skew_s {
            0.0 => zone,
            k if k < 0.0 => lang.with("segment-behind", &values),
            _ => lang.with("segment-ahead", &values),
        }
    };
    let mut parts: Vec<String> = Vec::new();
    for (i, s) in all.iter().take(MOST_PARTS).enumerate() {
        parts.push(match i {
            0 => lang.with("segment-first", &[("clock", &name(s))]),
            _ => lang.with("segment-from", &[("clock", &name(s)), ("from", &words::utc(s.from))]),
        });
    }
    if all.len() > MOST_PARTS {
        parts.push(lang.with("segments-more", &[("n", &(all.len() - MOST_PARTS).to_string())]));
    }
    lang.list(&parts)
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
            found: Some(Found { beside: "nginx/access.log".to_owned(), shared: 1204, of: By::Requests }),
            drift_ppm: None,
            segments: Vec::new(),
        }
    }

    #[test]
    fn a_shift_is_a_sentence() {
        assert_eq!(
            shift(Lang::En, &clock(32_400, -95.0)),
            "writes local time, +09:00, and runs 95 s behind nginx/access.log (found from 1,204 requests seen in both; sure)"
        );
    }

    #[test]
    fn a_drift_and_a_step_are_sentences() {
        let drifting = ClockReport { drift_ppm: Some(1000.0), segments: vec![], ..clock(0, 5.0) };
        assert!(shift(Lang::En, &drifting).starts_with("gains 3.6 s an hour against nginx/access.log"));
        let part = |from, utc_offset_s| ClockSegment { from: Instant(from), utc_offset_s, skew_s: 0.0 };
        let stepping = ClockReport { segments: vec![part(0, 3600), part(1_792_890_000, 7200)], ..clock(3600, 0.0) };
        let says = shift(Lang::En, &stepping);
        assert!(says.starts_with("has a clock that was set anew: +01:00 at first, +02:00 from 2026-10-25 "), "{says}");
    }
}
