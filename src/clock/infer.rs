//! Finding the clock of a source from what it and another source both saw.
//!
//! Requests that two layers log match one to one; counted by the second and by path they make sequences that agree at one
//! lag only. Where no requests are logged, failures must do.

use std::collections::HashMap;

use super::correlate::{Counts, Peak, likeness, peak_of};
use super::segments::{Course, LONGEST_WAIT_S, Run, course};
use super::{Basis, By, Clock, Found, Turn, ZoneShift};
use crate::lang::{Saying, thousands};
use crate::parser::catalog::Catalog;
pub use crate::parser::tally::anchors::real_offsets;
use crate::parser::tally::{PATH_CLASSES, SourceTally};
use crate::scanned::{Scan, Source, SourceId};
use crate::words::{Layer, Role};

/// Clocks run wrong by at most this.
pub(super) const MOST_SKEW_S: i64 = 900;

/// Below this a lag is the time that a request takes, not a wrong clock.
pub(super) const LEAST_SKEW_S: i64 = 3;

/// A sequence is cut to this many seconds: a day tells enough.
const MOST_SECONDS: i64 = 86_400;

/// Calm time that is enough to find a clock from.
const LEAST_CALM_S: i64 = 60;

/// Quiet seconds put before and after a run of failures.
const QUIET_S: i64 = 60;

/// Standard deviations beyond chance that a likeness of failures needs.
const FAILURES_STAND_OUT: f64 = 6.0;

/// Failures that both must have seen, and the share of the source's own.
const LEAST_FAILURES: u64 = 50;
const LEAST_SHARE: f64 = 0.5;

/// Most confidence that failures alone can earn: one layer stamps a failure when the request began, another when it ended.
pub(super) const MOST_FROM_FAILURES: f64 = 0.75;

/// Most groups of sources that one is set beside: in a fleet all against all would cost the square of the hosts.
const MOST_REFERENCES: usize = 16;

/// Whole hours are likelier than halves, halves than quarters: what a lag must save in skew to name an odd zone.
const ODD_PENALTY_S: i64 = 240;

/// How one source's stamps lie beside another's.
pub(super) struct Match {
    pub(super) source: SourceId,
    reference: SourceId,
    pub(super) peak: Peak,
    /// The likeness of the stamps as they are.
    pub(super) as_they_are: f64,
    /// From when on it is late by how much; one run where the lag is constant.
    pub(super) runs: Vec<Run>,
    drift_ppm: Option<f64>,
    /// Requests (or failures) that both saw.
    shared: u64,
    /// First and last second of the source.
    pub(super) span: (i64, i64),
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

/// Finds clocks for the sources that have none yet, as far as the data tell.
pub fn infer(scan: &Scan, catalog: &Catalog, clocks: &mut [Option<Clock>]) {
    let lags: Vec<(i64, i64)> = merge(real_offsets().into_iter().map(|o| (o - MOST_SKEW_S, o + MOST_SKEW_S)));
    // Nearest to a clock that nobody sets wrong come first: AWS, then whoever states its zone.
    for by in [By::Requests, By::Failures] {
        loop {
            let open = scan.sources.iter().filter(|s| clocks[s.id.0].is_none() && s.lender.is_none());
            let found: Vec<Match> = open.filter_map(|s| best_reference(scan, catalog, s, clocks, by, &lags)).collect();
            if found.is_empty() {
                break;
            }
            // Those that were found now may tell the others.
            for m in found {
                clocks[m.source.0] = Some(clock_of(scan, &m, by));
            }
        }
    }
}

pub(super) fn is_without_requests(scan: &Scan, source: &Source) -> bool {
    scan.tally(source.id).paths.is_empty()
}

/// The group of sources with known clocks that a source agrees with best.
pub(super) fn best_reference(
    scan: &Scan,
    catalog: &Catalog,
    source: &Source,
    clocks: &[Option<Clock>],
    by: By,
    lags: &[(i64, i64)],
) -> Option<Match> {
    let is_known = clocks[source.id.0].is_some();
    // What a server logs of a failure is mostly a traceback, which lives on the stamp of the line before it.
    let borrowers = scan.sources.iter().filter(|s| is_known && s.lender == Some(source.id)).map(|s| s.id);
    let own = counts(scan, catalog, &borrowers.chain([source.id]).collect::<Vec<_>>(), clocks, by)?;
    // Whose zone is known is set beside those whose clock requests have told.
    let is_trusted = |id: &SourceId| !is_known || !is_without_requests(scan, scan.source(*id));
    groups(scan, clocks, source)
        .into_iter()
        .filter(|group| group.iter().any(is_trusted))
        .filter_map(|group| {
            let theirs = counts(scan, catalog, &group, clocks, by)?;
            let found = matched(source.id, *group.first()?, &own, &theirs, lags)?;
            // Any two outages of one length look alike: failures must agree in more than their begin and end.
            let alike = found.peak.stands_out_by(FAILURES_STAND_OUT)
                && found.shared >= LEAST_FAILURES
                && found.shared as f64 >= LEAST_SHARE * own.total();
            (by == By::Requests || alike).then_some(found)
        })
        .max_by(|a, b| a.peak.z.total_cmp(&b.peak.z))
}

/// The lag, or the course of lags, at which two sequences say the same; `None` where none stands out. Where too little of both is calm for that, all
/// of them may tell, if what is calm says the same: how long requests waited is not seen there.
pub(super) fn matched(
    source: SourceId,
    reference: SourceId,
    own: &Counts,
    theirs: &Counts,
    lags: &[(i64, i64)],
) -> Option<Match> {
    let calm = likeness(own, theirs, lags)?;
    let best = peak_of(&calm)?;
    let found = matched_at(&calm, best, (source, own), (reference, theirs), lags);
    if found.is_some() || own.untold.is_empty() && theirs.untold.is_empty() {
        return found;
    }
    let (own, theirs) = (own.all_told(), theirs.all_told());
    let scored = likeness(&own, &theirs, lags)?;
    let found = matched_at(&scored, peak_of(&scored)?, (source, &own), (reference, &theirs), lags)?;
    let agrees = |lag: i64| (lag - best.lag).abs() < LEAST_SKEW_S;
    matches!(&found.runs[..], [only] if agrees(only.lag)).then_some(found)
}

/// As [`matched`], by what each lag explains and the best of them.
fn matched_at(
    scored: &[(i64, f64)],
    best: Peak,
    (source, own): (SourceId, &Counts),
    (reference, theirs): (SourceId, &Counts),
    lags: &[(i64, i64)],
) -> Option<Match> {
    let span = (own.begin, own.begin + own.len() as i64 - 1);
    let (runs, peak, drift_ppm) = match course(own, theirs, scored, best, lags) {
        Some((course, after)) => {
            let ppm = match course {
                Course::Drift { rate, .. } => Some(rate * 1e6),
                Course::Steps(_) => None,
            };
            (course.runs(span.1), after, ppm)
        }
        None if best.is_significant() => (vec![Run { from: span.0, lag: best.lag }], best, None),
        None => return None,
    };
    let shared = own.shared(theirs, &runs);
    let as_they_are = scored.iter().filter(|s| s.0.abs() < LEAST_SKEW_S).map(|s| s.1).fold(0.0, f64::max);
    Some(Match { source, reference, peak, as_they_are, runs, drift_ppm, shared, span })
}

/// Sources with a known clock, by layer and folder: files of one log that was rotated belong together. Of many the nearest: of the same folder, of the
/// same host, and then the outermost.
fn groups(scan: &Scan, clocks: &[Option<Clock>], source: &Source) -> Vec<Vec<SourceId>> {
    let mut groups: Vec<(&Source, Vec<SourceId>)> = Vec::new();
    let mut known: HashMap<(Layer, &str), usize> = HashMap::new();
    for s in scan.sources.iter().filter(|s| s.file != source.file && clocks[s.id.0].is_some() && s.lender.is_none()) {
        let at = *known.entry((s.layer, s.folder())).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.1.push(s.id),
            None => groups.push((s, vec![s.id])),
        }
    }
    let is_on_host = |s: &Source| s.host.is_some() && s.host == source.host;
    groups.sort_by_key(|(s, _)| (s.folder() != source.folder(), !is_on_host(s), s.layer));
    groups.into_iter().take(MOST_REFERENCES).map(|g| g.1).collect()
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
pub(super) fn counts(scan: &Scan, catalog: &Catalog, ids: &[SourceId], clocks: &[Option<Clock>], by: By) -> Option<Counts> {
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
    let untold = if by == By::Requests && ids.iter().all(|id| clocks[id.0].is_some()) {
        failing(scan, catalog, clocks, &points)
    } else {
        Some(Vec::new())
    };
    let first = points.iter().filter(|p| p.2 > 0.0).map(|p| p.0).min()?;
    if by == By::Failures {
        // That nothing failed before and after is as telling as that something did.
        let last = points.iter().filter(|p| p.2 > 0.0).map(|p| p.0).max()?;
        points.extend([(first - QUIET_S, 0, 0.0), (last + QUIET_S, 0, 0.0)]);
    }
    let inside = points.iter().copied().filter(|p| p.0 < first + MOST_SECONDS);
    let counts = Counts::new(inside, if by == By::Requests { PATH_CLASSES } else { 1 }, 1)?;
    Some(Counts { troubled: untold.is_none(), untold: untold.unwrap_or_default(), ..counts })
}

/// The time in which requests failed or had just failed, in ranges: one layer stamps a request's begin, another its end, and while requests
/// time out the two differ by the time limit, which is no wrong clock. `None` where too little would be left.
fn failing(scan: &Scan, catalog: &Catalog, clocks: &[Option<Clock>], points: &[(i64, usize, f64)]) -> Option<Vec<(i64, i64)>> {
    let mut seconds: Vec<i64> = scan
        .sources
        .iter()
        .filter_map(|s| Some((s, clocks[s.id.0].as_ref()?)))
        .flat_map(|(s, c)| failures(scan.tally(s.id), catalog).map(|(second, _)| c.utc(second)))
        .collect();
    seconds.sort_unstable();
    let ranges = merge(seconds.into_iter().map(|s| (s - LONGEST_WAIT_S, s + LONGEST_WAIT_S + 1)));
    let times = || points.iter().map(|p| p.0);
    let (first, last) = times().min().zip(times().max())?;
    let lost: i64 = ranges.iter().map(|(a, b)| (b.min(&(last + 1)) - a.max(&first)).max(0)).sum();
    (last + 1 - first - lost >= LEAST_CALM_S).then_some(ranges)
}

fn failures<'t>(tally: &'t SourceTally, catalog: &'t Catalog) -> impl Iterator<Item = (i64, f64)> + 't {
    let failing = |r: Role| matches!(r, Role::Failure | Role::UnloggedFailure | Role::FailedRequest);
    tally
        .signals
        .iter()
        .filter(move |(id, _)| failing(catalog.signals.info(**id).role) && tally.period_s == 1)
        .flat_map(|(_, t)| t.cells.iter().map(|c| (c.second, c.count as f64)))
}

/// The clock that a match tells.
fn clock_of(scan: &Scan, found: &Match, by: By) -> Clock {
    let turns: Vec<Turn> = found
        .runs
        .iter()
        .map(|r| {
            let (zone, skew) = split_lag(r.lag);
            let skew = if skew.abs() < LEAST_SKEW_S && found.drift_ppm.is_none() { 0 } else { skew };
            Turn { from: r.from, zone: ZoneShift::Fixed(zone as i32), skew_s: skew as f64 }
        })
        .collect();
    // The margin over chance and over the second best lag says how sure it is.
    let sure = (1.0 - (found.peak.second / found.peak.z).powi(2) * 0.5).clamp(0.5, 0.99);
    let confidence = if by == By::Requests { sure } else { sure.min(MOST_FROM_FAILURES) };
    let clock = Clock::constant(turns[0].zone, Basis::Inferred, confidence, Saying::of("clock-assumed"));
    with_turns(clock, turns, found, scan, by)
}

/// A clock with its turns, the longest of which stands for the whole, and the reason in words.
pub(super) fn with_turns(clock: Clock, turns: Vec<Turn>, found: &Match, scan: &Scan, by: By) -> Clock {
    let until = |i: usize| turns.get(i + 1).map_or(found.span.1, |t| t.from);
    // Of a drift the middle errs least; of steps the longest holds most.
    let main = match found.drift_ppm {
        Some(_) => turns.len() / 2,
        None => (0..turns.len()).max_by_key(|i| until(*i) - turns[*i].from).unwrap_or(0),
    };
    let (zone, skew_s) = (turns[main].zone, turns[main].skew_s);
    let beside = scan.source(found.reference).path.clone();
    let told = Found { beside, shared: found.shared, of: by };
    let shared = thousands(told.shared);
    let values = [("shared", shared.as_str()), ("beside", told.beside.as_str())];
    let because = match by {
        By::Requests => Saying::with("clock-found-from-requests", &values),
        By::Failures => Saying::with("clock-found-from-failures", &values),
    };
    let turns = if turns.len() > 1 { turns } else { Vec::new() };
    Clock { zone, skew_s, turns, drift_ppm: found.drift_ppm, because, found: Some(told), ..clock }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request in every other second, of two paths, by a log that is `late` of their second.
    fn logged(late: impl Fn(i64) -> i64) -> Counts {
        let mut x = 3u64;
        let mut draw = |n: u64| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 33) % n
        };
        let mut points: Vec<(i64, usize, f64)> = Vec::new();
        for second in 0..290 {
            if draw(2) == 1 {
                points.push((second + late(second), draw(2) as usize, 1.0));
            }
        }
        let counts = Counts::new(points.into_iter(), PATH_CLASSES, 1).unwrap();
        // What is told of both by the same clock is not the same of a clock that runs wrong.
        Counts { untold: vec![(50, 260)], ..counts }
    }

    fn lag_of(late: impl Fn(i64) -> i64) -> Option<Vec<i64>> {
        let lags = [(-MOST_SKEW_S, MOST_SKEW_S)];
        let found = matched(SourceId(0), SourceId(1), &logged(late), &logged(|_| 0), &lags);
        found.map(|m| m.runs.iter().map(|r| r.lag).collect())
    }

    #[test]
    fn where_little_is_calm_all_may_tell() {
        assert_eq!(lag_of(|_| 37), Some(vec![37]));
        assert_eq!(lag_of(|_| 80), Some(vec![80]));
    }

    /// Requests that wait for a limit are no wrong clock: where few seconds are calm, these speak against it.
    #[test]
    fn what_waited_is_no_clock() {
        assert!(lag_of(|s| if (50..260).contains(&s) { 30 } else { 0 }).is_none_or(|lags| lags == [0]));
    }

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
