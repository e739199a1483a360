//! Every text of a report that may come from a log. Each type is taken apart field by field, without `..`: a field that is added later does not
//! compile until somebody has said here whether it is masked.

use crate::clock::Found;
use crate::model::{
    Change, Check, ClockReport, DropPoint, DroppedAt, Evidence, Factor, HostReport, Incident, LedgerRow, Link, Quote, Remedy,
    Report, RootCause, RuledOut, SeenAs, SkippedReport, SourceReport,
};

/// Gives each text to `f`, which says how many places of it were masked; the incidents first, as a reader comes to them.
pub fn each_text(report: &mut Report, f: &mut dyn FnMut(&mut String) -> u32) {
    let Report {
        schema: _,
        version: _,
        lang: _,
        generated_at: _,
        verdict: _,
        period: _,
        sources,
        skipped,
        incidents,
        remarks,
        masked: _,
    } = report;
    incidents.iter_mut().for_each(|i| incident(i, f));
    sources.iter_mut().for_each(|s| source(s, f));
    for SkippedReport { path, because } in skipped {
        each([path, because], f);
    }
    each(remarks, f);
}

fn each<'t>(texts: impl IntoIterator<Item = &'t mut String>, f: &mut dyn FnMut(&mut String) -> u32) {
    texts.into_iter().for_each(|t| {
        f(t);
    });
}

fn incident(incident: &mut Incident, f: &mut dyn FnMut(&mut String) -> u32) {
    let Incident {
        window: _,
        failing_until: _,
        requests: _,
        failed_requests: _,
        counted_by,
        dropped_at,
        root_cause,
        seen_as,
        chain,
        ledger,
        drop_points,
        unexplained: _,
        evidence,
        contributing,
        changes,
        ruled_out,
        checks,
        remedies,
        missing,
        hosts,
        // Counts, and the ids of signals and layers.
        lanes: _,
    } = incident;
    let DroppedAt { layer: _, mechanism: _, confidence: _, hosts: failing, place, title, says } = dropped_at;
    each(failing.iter_mut().chain(place).chain([title, says]), f);
    let RootCause { layer: _, mechanism: _, confidence: _, title, says } = root_cause;
    each([title, says], f);
    for Evidence { signal: _, mechanism: _, count: _, first: _, last: _, weight: _, says, sources, examples } in evidence {
        each(std::iter::once(says).chain(sources), f);
        for Quote { path, line: _, text, masked } in examples {
            f(path);
            *masked = f(text);
        }
    }
    for SeenAs { layer: _, what, count: _ } in seen_as {
        f(what);
    }
    for Link { at: _, layer: _, mechanism: _, what } in chain {
        f(what);
    }
    for row in ledger {
        let LedgerRow {
            layer: _,
            received: _,
            answered: _,
            failed: _,
            not_passed_on: _,
            unaccounted: _,
            more_than_handed_on: _,
            next: _,
            counted_from: _,
            basis,
        } = row;
        f(basis);
    }
    for DropPoint { layer: _, mechanism: _, ended_by: _, phase: _, requests: _, basis } in drop_points {
        f(basis);
    }
    for Factor { layer: _, mechanism: _, title, because } in contributing {
        each([title, because], f);
    }
    for Change { at: _, layer: _, mechanism: _, says, sources } in changes {
        each(std::iter::once(says).chain(sources), f);
    }
    for RuledOut { mechanism: _, because } in ruled_out {
        f(because);
    }
    for Check { mechanism: _, outcome: _, because } in checks {
        f(because);
    }
    // References stand in definitions, not in logs.
    for Remedy { action, config, why, reference: _ } in remedies {
        each([action, why].into_iter().chain(config), f);
    }
    for HostReport { layer: _, host, requests: _, failed: _, state: _ } in hosts {
        f(host);
    }
    f(counted_by);
    each(missing, f);
}

fn source(source: &mut SourceReport, f: &mut dyn FnMut(&mut String) -> u32) {
    let SourceReport {
        path,
        parser: _,
        layer: _,
        host,
        lines: _,
        matched: _,
        weightless: _,
        unmatched: _,
        first: _,
        last: _,
        clock,
        error,
        unmatched_examples,
    } = source;
    let ClockReport { utc_offset_s: _, skew_s: _, basis: _, confidence: _, because, found, drift_ppm: _, segments: _ } = clock;
    let beside = found.as_mut().map(|Found { beside, shared: _, of: _ }| beside);
    each([path, because].into_iter().chain(host).chain(error).chain(beside), f);
    each(unmatched_examples.iter_mut().map(|(_, text)| text), f);
}
