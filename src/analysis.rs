//! The pure middle from end to end: scanned sources in, the report out. No file is opened and no clock is read here.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{Clock, Turn, ZoneRule, read_clocks};
use crate::diagnosis::cause::Causes;
use crate::diagnosis::view::{Ordinary, View};
use crate::diagnosis::wording::names;
use crate::diagnosis::{apart, diagnose, unnamed};
use crate::incident::{self, Counted, Incidents, Window};
use crate::lang::{Lang, thousands};
use crate::model::{ClockReport, ClockSegment, Instant, Masked, Period, Report, SCHEMA, SkippedReport, SourceReport, Verdict};
use crate::parser::catalog::Catalog;
use crate::parser::tally::{FACT_VALUES, MAX_SOURCES, OTHER_VALUES, SourceTally};
use crate::redact::{Redaction, redact};
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
    /// The language that the report is in.
    pub lang: Lang,
    /// What is masked before the report is given out.
    pub redaction: Redaction,
}

/// Analyses what was scanned.
///
/// # Errors
/// The timeline cannot be built.
pub fn analyze(scan: &Scan, catalog: &Catalog, causes: &Causes, settings: &Settings) -> polars::prelude::PolarsResult<Report> {
    let clocks = read_clocks(scan, catalog, &settings.zones);
    let timeline = Timeline::build(scan, catalog, &clocks, (settings.from, settings.to), settings.now)?;
    let lines = scan.files.iter().map(|f| f.tally.lines).sum();
    let mut found = incident::find(&timeline, lines);
    let diagnose_all = |windows: &[Window]| {
        let (clocks, ordinary, lang) = (&clocks, &Ordinary::default(), settings.lang);
        let view = |window| View { timeline: &timeline, scan, catalog, clocks, windows, window, ordinary, lang };
        windows.iter().map(|window| diagnose(&view(window), causes)).collect::<Vec<_>>()
    };
    apart::part(&mut found, diagnose_all);
    let mut incidents = diagnose_all(&found.windows);
    incidents.sort_by(|a, b| b.failed_requests.cmp(&a.failed_requests).then(a.window.start.cmp(&b.window.start)));
    let verdict = match (incidents.is_empty(), found.had_requests) {
        (false, _) => Verdict::Incident,
        (true, true) => Verdict::NoIncident,
        // Logs that speak, but of no failure and of no request: nothing to judge by.
        (true, false) => Verdict::NotEnoughData,
    };
    let lang = settings.lang;
    let sources = sources(scan, catalog, &clocks, lang);
    let mut report = Report {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        lang,
        generated_at: Instant(settings.now),
        verdict,
        period: timeline.span.map(|(a, b)| Period { start: Instant(a), end: Instant(b) }),
        remarks: [
            remarks(&timeline, &found, scan.is_timeless(), lang),
            errors_all_the_same(&timeline, &found, (scan, catalog, &clocks), lang),
            own_formats(scan, lang),
            overlong(scan, lang),
            left_out(scan, lang),
            crowds(scan, lang),
            crowded_places(scan, causes, lang),
        ]
        .concat(),
        sources,
        skipped: scan.skipped.iter().map(|s| SkippedReport { path: s.name.clone(), because: s.because.say(lang) }).collect(),
        incidents,
        masked: Masked::default(),
    };
    shorten(&mut report.skipped, lang);
    redact(&mut report, &settings.redaction);
    Ok(report)
}

/// The clock of every source, for a table.
pub fn clock_reports(scan: &Scan, catalog: &Catalog, rules: &[ZoneRule]) -> Vec<SourceReport> {
    sources(scan, catalog, &read_clocks(scan, catalog, rules), Lang::En)
}

fn clock_report(clock: &Clock, tally: &SourceTally, lang: Lang) -> ClockReport {
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
        because: clock.because.say(lang),
        found: clock.found.clone(),
        drift_ppm: clock.drift_ppm,
        segments: clock.turns.iter().map(segment).collect(),
    }
}

fn sources(scan: &Scan, catalog: &Catalog, clocks: &[Clock], lang: Lang) -> Vec<SourceReport> {
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
                clock: clock_report(clock, tally, lang),
                error: file.error.as_ref().filter(|_| own).map(|e| e.say(lang)),
                unmatched_examples: if own { file.unmatched_examples.clone() } else { Vec::new() },
            }
        })
        .collect()
}

/// The errors that were logged where some requests failed, but too few for an incident: somebody asks because of those few.
fn errors_all_the_same(
    timeline: &Timeline,
    found: &Incidents,
    (scan, catalog, clocks): (&Scan, &Catalog, &[Clock]),
    lang: Lang,
) -> Vec<String> {
    let Some((start, last)) = timeline.span.filter(|_| found.windows.is_empty() && found.failures_outside > 0) else {
        return Vec::new();
    };
    // All that was read is the window: nothing is outside that it could be compared with.
    let end = last + 1;
    let failed = found.failures_outside;
    let whole = Window { start, end, until: end, requests: 0, failed, counted_at: Layer::None, basis: Counted::FailureLines };
    let (windows, ordinary) = (std::slice::from_ref(&whole), &Ordinary::default());
    let view = View { timeline, scan, catalog, clocks, windows, window: &whole, ordinary, lang };
    let clock = |at: Option<Instant>| at.map_or_else(String::new, clock_time);
    let said = unnamed::errors(&view).into_iter().map(|e| {
        let (first, last, paths) = (clock(e.first), clock(e.last), e.sources.join(", "));
        let given = [("signal", e.signal.as_str()), ("first", &first), ("last", &last), ("paths", &paths)];
        lang.count("remark-errors", e.count, &thousands(e.count), &given)
    });
    said.collect()
}

/// Files whose requests are written in a format of their own, which somebody must tell: without it, nothing is known of them.
fn own_formats(scan: &Scan, lang: Lang) -> Vec<String> {
    let own = scan.files.iter().filter(|f| f.tally.is_of_an_own_format());
    let said =
        own.map(|f| lang.count("remark-own-format", f.tally.unmatched, &thousands(f.tally.unmatched), &[("path", &f.path)]));
    said.take(5).collect()
}

/// Files with lines that are too long to be looked into.
fn overlong(scan: &Scan, lang: Lang) -> Vec<String> {
    let long = scan.files.iter().filter(|f| f.tally.overlong > 0);
    let said = long.map(|f| lang.count("remark-overlong", f.tally.overlong, &thousands(f.tally.overlong), &[("path", &f.path)]));
    said.take(5).collect()
}

/// Large logs of which only the part was read that can hold the time asked for.
fn left_out(scan: &Scan, lang: Lang) -> Vec<String> {
    let mib = |bytes: u64| thousands(bytes.div_ceil(1 << 20));
    let parts = scan.files.iter().map(|f| (&f.path, f.tally.left_out, f.tally.bytes)).filter(|p| p.1 > 0);
    let said = parts.map(|(path, left_out, read)| {
        lang.with("remark-left-out", &[("path", path), ("read", &mib(read)), ("all", &mib(read + left_out))])
    });
    said.take(5).collect()
}

/// Files in which more hosts speak than are told apart: what is said of hosts is not said of those.
fn crowds(scan: &Scan, lang: Lang) -> Vec<String> {
    let crowded = scan.files.iter().filter(|f| f.tally.crowded > 0);
    let said = crowded.map(|f| {
        let (n, most) = (f.tally.crowded, MAX_SOURCES.to_string());
        lang.count("remark-crowd", n, &thousands(n), &[("path", &f.path), ("most", &most)])
    });
    said.take(5).collect()
}

/// Logs that name more sockets, upstreams or other places of a drop than are told apart: what is said of a place is not said of those.
fn crowded_places(scan: &Scan, causes: &Causes, lang: Lang) -> Vec<String> {
    let fields: BTreeSet<String> = causes.all.iter().filter_map(|c| c.place.as_deref()).flat_map(names).collect();
    let mut others: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for s in &scan.sources {
        for (field, values) in scan.tally(s.id).signals.values().flat_map(|t| &t.facts).filter(|(f, _)| fields.contains(*f)) {
            if let Some(n) = values.get(OTHER_VALUES) {
                *others.entry((&s.path, field)).or_default() += n;
            }
        }
    }
    let most = FACT_VALUES.to_string();
    let said = others.into_iter().map(|((path, field), n)| {
        lang.count("remark-places", n, &thousands(n), &[("path", path), ("field", field), ("most", &most)])
    });
    said.take(5).collect()
}

/// Inputs that were not read and are named one by one; a folder may hold a hundred thousand pictures.
const MOST_SKIPPED: usize = 200;

/// Keeps a list of what was not read short, and says how long it was.
fn shorten(skipped: &mut Vec<SkippedReport>, lang: Lang) {
    if skipped.len() <= MOST_SKIPPED {
        return;
    }
    let rest = skipped.split_off(MOST_SKIPPED);
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    rest.iter().for_each(|s| *reasons.entry(s.because.as_str()).or_default() += 1);
    let mut reasons: Vec<(u64, &str)> = reasons.into_iter().map(|(because, n)| (n, because)).collect();
    reasons.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let said = |(n, because): &(u64, &str)| lang.with("skip-of-a-kind", &[("n", &thousands(*n)), ("because", because)]);
    let because = reasons.iter().take(3).map(said).collect::<Vec<_>>().join("; ");
    let more = rest.len() as u64;
    skipped.push(SkippedReport { path: lang.count("skip-more", more, &thousands(more), &[]), because });
}

/// `00:00:39Z`
fn clock_time(at: Instant) -> String {
    at.utc().format("%H:%M:%SZ").to_string()
}

/// Things worth a sentence that are no incident.
fn remarks(timeline: &Timeline, found: &Incidents, timeless: bool, lang: Lang) -> Vec<String> {
    let mut remarks = Vec::new();
    if timeless {
        remarks.push(lang.say("remark-timeless"));
        return remarks;
    }
    if found.failures_outside > 0 {
        let key = if found.knows_usual { "remark-failures-outside" } else { "remark-failures-few" };
        remarks.push(lang.count(key, found.failures_outside, &thousands(found.failures_outside), &[]));
    }
    if found.stragglers > 0 {
        remarks.push(lang.count("remark-stragglers", found.stragglers, &thousands(found.stragglers), &[]));
    }
    let outermost = timeline.series().filter(|s| s.role == Role::Request).map(|s| s.layer).min();
    if let Some((layer, (from, to, usual))) = outermost.zip(found.silence()) {
        let (from, to) = (clock_time(Instant(from)), clock_time(Instant(to)));
        let (layer, n) = (layer.title(lang), thousands(usual));
        remarks.push(lang.with("remark-silence", &[("layer", &layer), ("from", &from), ("to", &to), ("n", &n)]));
    }
    if let Some(layer) = outermost.filter(|l| found.windows.is_empty() && *l > Layer::WebServer) {
        remarks.push(lang.with("remark-inner-only", &[("layer", &layer.title(lang))]));
    }
    let aborts: u64 = timeline
        .series()
        .filter(|s| s.layer == Layer::Client && s.role == Role::Sign && !s.adopted)
        .flat_map(|s| timeline.points(s))
        .map(|p| p.count)
        .sum();
    if aborts > 0 {
        remarks.push(lang.count("remark-aborts", aborts, &thousands(aborts), &[]));
    }
    remarks
}
