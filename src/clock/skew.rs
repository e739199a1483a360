//! Clocks that run wrong though their zone is known: beside the requests that an outer layer logged, or else its failures.

use std::collections::BTreeMap;

use super::infer::{
    LEAST_SKEW_S, MOST_FROM_FAILURES, MOST_SKEW_S, Match, best_reference, counts, is_without_requests, matched, with_turns,
};
use super::segments::{LONGEST_WAIT_S, Run};
use super::{Basis, By, Clock, Turn};
use crate::parser::catalog::Catalog;
use crate::scanned::{Scan, Source, SourceId};
use crate::words::Layer;

/// Finds how far the clocks of sources whose zone is known run wrong, against the outermost layer's that logs requests: the load balancer
/// where its log is there, whose clock AWS keeps.
pub fn infer_skew(scan: &Scan, catalog: &Catalog, clocks: &mut [Option<Clock>]) {
    let counting =
        |s: &&Source| clocks[s.id.0].is_some() && s.layer != Layer::Client && s.lender.is_none() && !is_without_requests(scan, s);
    let Some(outermost) = scan.sources.iter().filter(counting).map(|s| s.layer).min() else { return };
    let trusted: Vec<SourceId> = scan.sources.iter().filter(counting).filter(|s| s.layer == outermost).map(|s| s.id).collect();
    let Some(theirs) = counts(scan, catalog, &trusted, clocks, By::Requests) else { return };
    for s in scan.sources.iter().filter(|s| s.layer != outermost && s.lender.is_none()) {
        let Some(clock) = clocks[s.id.0].clone() else { continue };
        let Some(own) = counts(scan, catalog, &[s.id], clocks, By::Requests) else { continue };
        let lags = [(-MOST_SKEW_S, MOST_SKEW_S)];
        let Some(found) = matched(s.id, trusted[0], &own, &theirs, &lags) else { continue };
        // Requests that wait blur the likeness over some seconds: a wrong clock leaves nothing where there should be all.
        let blurred = found.runs.len() == 1 && found.as_they_are > found.peak.z / 2.0;
        if blurred || found.runs.iter().all(|r| r.lag.abs() < LEAST_SKEW_S) {
            continue;
        }
        let written = |utc: i64| utc + if clock.in_utc { 0 } else { i64::from(clock.zone.offset_at_utc(utc)) };
        let turn = |r: &Run| Turn { from: written(r.from), zone: clock.zone, skew_s: r.lag as f64 };
        let turns: Vec<Turn> = found.runs.iter().map(turn).collect();
        clocks[s.id.0] = Some(with_turns(clock, turns, &found, scan, By::Requests));
    }
    // The other logs of that server are written by the same clock, and may have no requests to find it from.
    let mut wrong: BTreeMap<&str, SourceId> = BTreeMap::new();
    for s in scan.sources.iter().filter(|s| clocks[s.id.0].as_ref().is_some_and(|c| c.skew_s != 0.0) && !s.folder().is_empty()) {
        wrong.entry(s.folder()).or_insert(s.id);
    }
    for s in scan.sources.iter().filter(|s| is_without_requests(scan, s)) {
        let wrong = wrong.get(s.folder()).filter(|o| **o != s.id).and_then(|o| clocks[o.0].clone());
        if let (Some(wrong), Some(clock)) = (wrong, &mut clocks[s.id.0]) {
            clock.skew_s = wrong.skew_s;
            // Turns are told in the seconds of their own source: they hold here only where the two count alike.
            if wrong.in_utc == clock.in_utc && wrong.zone == clock.zone {
                clock.turns = wrong.turns;
                clock.drift_ppm = wrong.drift_ppm;
            }
            clock.because = wrong.because;
        }
    }
}

/// Finds how far the clocks of logs run wrong that have no request lines, though their zone is known: by the failures that a log of requests saw too.
/// A failure may be told of when its request had waited in vain: only more than that is a clock.
pub fn infer_skew_of_failures(scan: &Scan, catalog: &Catalog, clocks: &mut [Option<Clock>]) {
    let lags = [(-MOST_SKEW_S, MOST_SKEW_S)];
    let is_open = |s: &Source, clocks: &[Option<Clock>]| {
        let runs_right = |c: &Clock| c.skew_s == 0.0 && c.turns.is_empty() && c.found.is_none() && c.basis != Basis::Given;
        is_without_requests(scan, s) && s.lender.is_none() && clocks[s.id.0].as_ref().is_some_and(runs_right)
    };
    let mut found: Vec<Match> = Vec::new();
    for s in scan.sources.iter().filter(|s| s.layer > Layer::LoadBalancer && is_open(s, clocks)) {
        found.extend(best_reference(scan, catalog, s, clocks, By::Failures, &lags));
    }
    for m in found {
        let lag = m.runs[0].lag;
        if m.runs.len() > 1 || lag.abs() <= LONGEST_WAIT_S || m.as_they_are > m.peak.z / 2.0 {
            continue;
        }
        // Whatever else that file holds was written by the same clock.
        let file = scan.source(m.source).file;
        for s in scan.sources.iter().filter(|s| s.file == file) {
            if let Some(clock) = clocks[s.id.0].clone().filter(|_| is_open(s, clocks)) {
                let turn = Turn { from: m.span.0, zone: clock.zone, skew_s: lag as f64 };
                let confidence = clock.confidence.min(MOST_FROM_FAILURES);
                clocks[s.id.0] = Some(Clock { confidence, ..with_turns(clock, vec![turn], &m, scan, By::Failures) });
            }
        }
    }
}
