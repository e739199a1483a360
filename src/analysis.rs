//! The pure middle from end to end: scanned sources in, the report out. No file is opened and no clock is read here.

use crate::clock::{Clock, Turn, ZoneRule, read_clocks};
use crate::diagnosis::cause::Causes;
use crate::diagnosis::diagnose;
use crate::diagnosis::view::{Ordinary, View};
use crate::diagnosis::wording::thousands;
use crate::incident;
use crate::model::{ClockReport, ClockSegment, Instant, Period, Report, SCHEMA, SkippedReport, SourceReport, Verdict};
use crate::parser::catalog::Catalog;
use crate::parser::tally::SourceTally;
use crate::scanned::Scan;
use crate::timeline::Timeline;
use crate::words::{Layer, Role};

/// What the user asked for, resolved.
#[derive(Debug, Default)]
pub struct Settings {
    /// Look only at what happened from this UTC second on.
    pub from: Option<i64>,
    /// Look only at what happened before this UTC second.
    pub to: Option<i64>,
    /// Zones of sources.
    pub zones: Vec<ZoneRule>,
    /// The UTC second that the report says it was made at.
    pub now: i64,
}

/// Analyses what was scanned.
///
/// # Errors
/// The timeline cannot be built.
pub fn analyze(scan: &Scan, catalog: &Catalog, causes: &Causes, settings: &Settings) -> polars::prelude::PolarsResult<Report> {
    let clocks = read_clocks(scan, catalog, &settings.zones);
    let timeline = Timeline::build(scan, catalog, &clocks, (settings.from, settings.to), settings.now)?;
    let lines = scan.files.iter().map(|f| f.tally.lines).sum();
    let found = incident::find(&timeline, lines);
    let (clocks_of, windows, ordinary) = (&clocks, &found.windows, &Ordinary::default());
    let view = |window| View { timeline: &timeline, scan, catalog, clocks: clocks_of, windows, window, ordinary };
    let mut incidents: Vec<_> = found.windows.iter().map(|window| diagnose(&view(window), causes)).collect();
    incidents.sort_by(|a, b| b.failed_requests.cmp(&a.failed_requests).then(a.window.start.cmp(&b.window.start)));
    let verdict = match (incidents.is_empty(), found.had_requests) {
        (false, _) => Verdict::Incident,
        (true, true) => Verdict::NoIncident,
        // Logs that speak, but of no failure and of no request: nothing to judge by.
        (true, false) => Verdict::NotEnoughData,
    };
    let sources = sources(scan, catalog, &clocks);
    Ok(Report {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        generated_at: Instant(settings.now),
        verdict,
        period: timeline.span.map(|(a, b)| Period { start: Instant(a), end: Instant(b) }),
        remarks: remarks(&timeline, found.failures_outside, scan.is_timeless()),
        sources,
        skipped: scan.skipped.iter().map(|s| SkippedReport { path: s.name.clone(), because: s.because.clone() }).collect(),
        incidents,
    })
}

/// The clock of every source, for a table.
pub fn clock_reports(scan: &Scan, catalog: &Catalog, rules: &[ZoneRule]) -> Vec<SourceReport> {
    sources(scan, catalog, &read_clocks(scan, catalog, rules))
}

fn clock_report(clock: &Clock, tally: &SourceTally) -> ClockReport {
    let segment = |t: &Turn| ClockSegment {
        from: Instant(clock.utc(t.from)),
        utc_offset_s: t.zone.offset_at_wall(t.from, false),
        skew_s: t.skew_s,
    };
    ClockReport {
        utc_offset_s: clock.offset_of(tally),
        skew_s: clock.skew_s,
        basis: clock.basis,
        confidence: clock.confidence,
        because: clock.because.clone(),
        found: clock.found.clone(),
        drift_ppm: clock.drift_ppm,
        segments: clock.turns.iter().map(segment).collect(),
    }
}

fn sources(scan: &Scan, catalog: &Catalog, clocks: &[Clock]) -> Vec<SourceReport> {
    scan.sources
        .iter()
        .map(|s| {
            let file = &scan.files[s.file].tally;
            let tally = scan.tally(s.id);
            let clock = &clocks[s.id.0];
            // Lines that nothing claimed have no format: they stand with the file's first source, so that the sum closes.
            let own = s.part == 0;
            let (unmatched, blank) = if own { (file.unmatched, file.blank) } else { (0, 0) };
            SourceReport {
                path: s.path.clone(),
                parser: catalog.formats[tally.format].definition.name.clone(),
                layer: s.layer,
                host: s.host.clone(),
                lines: tally.matched + blank + unmatched,
                matched: tally.matched + blank,
                weightless: tally.weightless + blank,
                unmatched,
                first: tally.span.map(|(a, _)| Instant(clock.utc(a))),
                last: tally.span.map(|(_, b)| Instant(clock.utc(b))),
                clock: clock_report(clock, tally),
                error: file.error.clone().filter(|_| own),
                unmatched_examples: if own { file.unmatched_examples.clone() } else { Vec::new() },
            }
        })
        .collect()
}

/// Things worth a sentence that are no incident.
fn remarks(timeline: &Timeline, failures_outside: u64, timeless: bool) -> Vec<String> {
    let mut remarks = Vec::new();
    if timeless {
        remarks.push("No line carries a time: the times shown are those of this analysis.".to_owned());
        return remarks;
    }
    if failures_outside > 0 {
        let n = thousands(failures_outside);
        remarks.push(format!("{n} failed request(s) outside the incidents: no more than the usual of this site."));
    }
    let aborts: u64 = timeline
        .series()
        .filter(|s| s.layer == Layer::Client && s.role == Role::Sign && !s.adopted)
        .flat_map(|s| timeline.points(s))
        .map(|p| p.count)
        .sum();
    if aborts > 0 {
        let n = thousands(aborts);
        remarks.push(format!(
            "{n} line(s) tell of a peer that hung up before the answer (a client, or the layer in front that gave up): a consequence, never the cause."
        ));
    }
    remarks
}
