//! Finding the clock of a source from what it and another source both saw.
//!
//! Requests that two layers log match one to one; counted by the second and by path they make sequences that agree at one
//! lag only. Where no requests are logged, failures must do.

use super::correlate::{Counts, Peak, best_lag};
use super::{Basis, Clock, ZoneShift};
use crate::parser::catalog::Catalog;
use crate::parser::tally::{PATH_CLASSES, SourceTally};
use crate::scanned::{Scan, Source, SourceId};
use crate::words::{Layer, Role};

/// Clocks run wrong by at most this.
const MOST_SKEW_S: i64 = 900;

/// Below this a lag is the time that a request takes, not a wrong clock.
const LEAST_SKEW_S: i64 = 3;

/// Offsets in use anywhere (IANA tz database 2025): whole hours from −12 to +14, and these.
const ODD_OFFSETS_MIN: [i64; 11] = [-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 765];

/// A sequence is cut to this many seconds: a day tells enough.
const MOST_SECONDS: i64 = 86_400;

/// The usual time limit of proxies and load balancers.
const LONGEST_WAIT_S: i64 = 60;

/// Calm time that is enough to find a clock from.
const LEAST_CALM_S: i64 = 60;

/// Quiet seconds put before and after a run of failures.
const QUIET_S: i64 = 60;

/// Standard deviations beyond chance that a likeness of failures needs.
const FAILURES_STAND_OUT: f64 = 9.0;

/// Most confidence that failures alone can earn: one layer stamps a failure when the request began, another when it ended.
const MOST_FROM_FAILURES: f64 = 0.75;

/// Whole hours are likelier than halves, halves than quarters: what a lag must save in skew to name an odd zone.
const ODD_PENALTY_S: i64 = 240;

/// What two sources were compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Requests,
    Failures,
}

/// Every offset in use, in seconds east of UTC.
pub fn real_offsets() -> Vec<i64> {
    let mut all: Vec<i64> = (-12..=14).map(|h| h * 3600).chain(ODD_OFFSETS_MIN.iter().map(|m| m * 60)).collect();
    all.sort_unstable();
    all
}

/// Takes a lag apart into the likeliest zone and the rest, the skew.
pub fn split_lag(lag: i64) -> (i64, i64) {
    real_offsets()
        .into_iter()
        .map(|zone| (zone, lag - zone))
        .filter(|(_, skew)| skew.abs() <= MOST_SKEW_S)
        .min_by_key(|(zone, skew)| skew.abs() + if zone % 3600 == 0 { 0 } else { ODD_PENALTY_S })
        .unwrap_or((0, lag))
}

/// Finds clocks for the sources that have none yet, and the skew of those whose zone is known, as far as the data tell.
pub fn infer(scan: &Scan, catalog: &Catalog, clocks: &mut [Option<Clock>]) {
    // Nearest to a clock that nobody sets wrong come first: AWS, then whoever states its zone.
    for by in [By::Requests, By::Failures] {
        loop {
            let best = scan
                .sources
                .iter()
                .filter(|s| clocks[s.id.0].is_none() && s.lender.is_none())
                .filter_map(|s| best_reference(scan, catalog, s, clocks, by))
                .max_by(|a, b| a.2.z.total_cmp(&b.2.z));
            let Some((source, reference, peak)) = best else { break };
            let clock = clock_of(scan, catalog, source, reference, peak, clocks, by);
            clocks[source.0] = Some(clock);
        }
    }
}

/// Finds how far the clocks of sources that state their zone run wrong, against the load balancer's.
pub fn infer_skew(scan: &Scan, catalog: &Catalog, clocks: &mut [Option<Clock>]) {
    let trusted: Vec<SourceId> =
        scan.sources.iter().filter(|s| s.layer == Layer::LoadBalancer && clocks[s.id.0].is_some()).map(|s| s.id).collect();
    for s in scan.sources.iter().filter(|s| s.layer != Layer::LoadBalancer) {
        let Some(clock) = clocks[s.id.0].clone().filter(|c| c.in_utc) else { continue };
        let Some(own) = counts(scan, catalog, &[s.id], clocks, By::Requests) else { continue };
        let Some(theirs) = counts(scan, catalog, &trusted, clocks, By::Requests) else { continue };
        let Some(peak) = best_lag(&own, &theirs, &[(-MOST_SKEW_S, MOST_SKEW_S)]) else { continue };
        if peak.is_significant() && peak.lag.abs() >= LEAST_SKEW_S {
            let because = format!("{}; its clock is off by the requests that it shares with the load balancer", clock.because);
            clocks[s.id.0] = Some(Clock { skew_s: peak.lag as f64, because, ..clock });
        }
    }
    // The other logs of that server are written by the same clock, and may have no requests to find it from.
    for s in &scan.sources {
        let beside = |o: &&Source| o.id != s.id && o.folder() == s.folder() && !s.folder().is_empty();
        let wrong = scan.sources.iter().filter(beside).find_map(|o| clocks[o.id.0].clone().filter(|c| c.skew_s != 0.0));
        if let (Some(wrong), Some(clock)) = (wrong, &mut clocks[s.id.0])
            && scan.tally(s.id).paths.is_empty()
        {
            clock.skew_s = wrong.skew_s;
            clock.because = wrong.because;
        }
    }
}

/// The group of sources with known clocks that a source agrees with best.
fn best_reference(
    scan: &Scan,
    catalog: &Catalog,
    source: &Source,
    clocks: &[Option<Clock>],
    by: By,
) -> Option<(SourceId, SourceId, Peak)> {
    let lags: Vec<(i64, i64)> = merge(real_offsets().into_iter().map(|o| (o - MOST_SKEW_S, o + MOST_SKEW_S)));
    let own = counts(scan, catalog, &[source.id], clocks, by)?;
    groups(scan, clocks, source)
        .into_iter()
        .filter_map(|group| {
            let theirs = counts(scan, catalog, &group, clocks, by)?;
            let peak = best_lag(&own, &theirs, &lags).filter(Peak::is_significant)?;
            // Any two outages of one length look alike: failures must agree in more than their begin and end.
            if by == By::Failures && !peak.stands_out_by(FAILURES_STAND_OUT) {
                return None;
            }
            Some((source.id, *group.first()?, peak))
        })
        .max_by(|a, b| a.2.z.total_cmp(&b.2.z))
}

/// Sources with a known clock, by layer: files of one log that was rotated belong together.
fn groups(scan: &Scan, clocks: &[Option<Clock>], source: &Source) -> Vec<Vec<SourceId>> {
    let mut groups: Vec<(Layer, &str, Vec<SourceId>)> = Vec::new();
    for s in scan.sources.iter().filter(|s| s.file != source.file && clocks[s.id.0].is_some() && s.lender.is_none()) {
        match groups.iter_mut().find(|g| g.0 == s.layer && g.1 == s.folder()) {
            Some(g) => g.2.push(s.id),
            None => groups.push((s.layer, s.folder(), vec![s.id])),
        }
    }
    groups.into_iter().map(|g| g.2).collect()
}

/// Merges overlapping ranges.
fn merge(ranges: impl Iterator<Item = (i64, i64)>) -> Vec<(i64, i64)> {
    let mut out: Vec<(i64, i64)> = Vec::new();
    for (from, to) in ranges {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// What sources saw by the second, in UTC where their clock is known, on the wall clock otherwise.
fn counts(scan: &Scan, catalog: &Catalog, ids: &[SourceId], clocks: &[Option<Clock>], by: By) -> Option<Counts> {
    let mut points: Vec<(i64, usize, f64)> = Vec::new();
    for id in ids {
        let tally = scan.tally(*id);
        let shift = |second: i64| clocks[id.0].as_ref().map_or(second, |c| c.utc(second));
        match by {
            By::Requests => points.extend(
                tally.paths.iter().flat_map(|(s, n)| n.iter().enumerate().map(move |(c, n)| (shift(*s), c, f64::from(*n)))),
            ),
            By::Failures => points.extend(failures(tally, catalog).map(|(s, n)| (shift(s), 0, n))),
        }
    }
    if by == By::Requests && ids.iter().all(|id| clocks[id.0].is_some()) {
        calm_only(scan, catalog, clocks, &mut points);
    }
    let first = points.iter().filter(|p| p.2 > 0.0).map(|p| p.0).min()?;
    if by == By::Failures {
        // That nothing failed before and after is as telling as that something did.
        let last = points.iter().filter(|p| p.2 > 0.0).map(|p| p.0).max()?;
        points.extend([(first - QUIET_S, 0, 0.0), (last + QUIET_S, 0, 0.0)]);
    }
    let inside = points.iter().copied().filter(|p| p.0 < first + MOST_SECONDS);
    Counts::new(inside, if by == By::Requests { PATH_CLASSES } else { 1 }, 1)
}

/// Leaves out the time in which requests failed or had just failed: one layer stamps a request's begin, another its end, and
/// while requests time out the two differ by the time limit, which is no wrong clock.
fn calm_only(scan: &Scan, catalog: &Catalog, clocks: &[Option<Clock>], points: &mut Vec<(i64, usize, f64)>) {
    let mut failing: Vec<i64> = scan
        .sources
        .iter()
        .filter_map(|s| Some((s, clocks[s.id.0].as_ref()?)))
        .flat_map(|(s, c)| failures(scan.tally(s.id), catalog).map(|(second, _)| c.utc(second)))
        .collect();
    failing.sort_unstable();
    let is_calm = |second: i64| {
        let next = failing.partition_point(|f| *f < second - LONGEST_WAIT_S);
        failing.get(next).is_none_or(|f| *f > second + LONGEST_WAIT_S)
    };
    let calm: Vec<(i64, usize, f64)> = points.iter().copied().filter(|p| is_calm(p.0)).collect();
    let seconds =
        |p: &[(i64, usize, f64)]| p.iter().map(|p| p.0).max().zip(p.iter().map(|p| p.0).min()).map_or(0, |(b, a)| b - a);
    if seconds(&calm) >= LEAST_CALM_S {
        *points = calm;
    }
}

fn failures<'t>(tally: &'t SourceTally, catalog: &'t Catalog) -> impl Iterator<Item = (i64, f64)> + 't {
    let failing = |r: Role| matches!(r, Role::Failure | Role::UnloggedFailure | Role::FailedRequest);
    tally
        .signals
        .iter()
        .filter(move |(id, _)| failing(catalog.signals.info(**id).role) && tally.period_s == 1)
        .flat_map(|(_, t)| t.cells.iter().map(|c| (c.second, c.count as f64)))
}

fn clock_of(
    scan: &Scan,
    catalog: &Catalog,
    source: SourceId,
    reference: SourceId,
    peak: Peak,
    clocks: &[Option<Clock>],
    by: By,
) -> Clock {
    let (zone, skew) = split_lag(peak.lag);
    let skew = if skew.abs() < LEAST_SKEW_S { 0 } else { skew };
    let other = scan.source(reference);
    let common = counts(scan, catalog, &[source], clocks, by).map_or(0, |c| c.channels.iter().flatten().sum::<f64>() as u64);
    let what = if by == By::Requests { "requests" } else { "failures" };
    let zone_name = if zone == 0 { "UTC".to_owned() } else { ZoneShift::Fixed(zone as i32).name() };
    let runs = match skew {
        0 => String::new(),
        s if s < 0 => format!(" and {} s behind", -s),
        s => format!(" and {s} s ahead"),
    };
    let because = format!("in {zone_name}{runs}, found from {common} {what} set beside {}", other.path);
    // The margin over chance and over the second best lag says how sure it is.
    let confidence = (1.0 - (peak.second / peak.z).powi(2) * 0.5).clamp(0.5, 0.99);
    let rank = if by == By::Requests { confidence } else { confidence.min(MOST_FROM_FAILURES) };
    Clock {
        zone: ZoneShift::Fixed(zone as i32),
        skew_s: skew as f64,
        basis: Basis::Inferred,
        confidence: rank,
        because,
        in_utc: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_are_taken_apart_into_zone_and_skew() {
        assert_eq!(split_lag(32_400), (32_400, 0));
        assert_eq!(split_lag(-95), (0, -95));
        assert_eq!(split_lag(32_400 - 95), (32_400, -95));
        assert_eq!(split_lag(20_700), (20_700, 0)); // Kathmandu
        assert_eq!(split_lag(19_800 + 30), (19_800, 30)); // India
        assert_eq!(split_lag(-18_000 + 600), (-18_000, 600));
    }
}
