//! Clocks that do not run wrong by one amount: a step (a season's change, a corrected clock) and a slow drift.
//!
//! Where two layers saw the same requests, every stretch of time says by its own likeness which lag holds there. The path through the
//! lags that explains most at the least changes is found by dynamic programming (Viterbi 1967), each change paying a price.

use super::correlate::{Counts, Peak, SAME_PEAK, likeness, peak_of};

/// Most lags that are told apart.
const MOST_LAGS: usize = 96;

/// Least bins of one stretch that are judged together.
const LEAST_STRETCH: usize = 10;

/// Most stretches: more would only cost.
const MOST_STRETCHES: usize = 1500;

/// Most runs of a clock that steps: each is looked for anew in all lags, and nobody sets a clock so often within one log.
const MOST_RUNS: usize = 32;

/// What a change of the lag must explain, in standard deviations of one bin: a walk of chance reaches this far once in a thousand recordings.
const PRICE_OF_A_CHANGE: f64 = 120.0;

/// Changes by at most this many seconds are those of a drift, and cheaper.
const DRIFT_STEP: i64 = 2;

/// Lags nearer than this to each other may be one drift.
const SAME_DRIFT: i64 = 12;

/// Below this a changing lag is how long requests took, not a clock.
const LEAST_CHANGE_S: i64 = 3;

/// The usual time limit of proxies and load balancers.
pub const LONGEST_WAIT_S: i64 = 60;

/// Standard deviations that a changing lag must explain beyond the best constant one.
const LEAST_GAIN: f64 = 1.5;

/// How far a part's lag must stand above its second best; all parts together must stand out as any lag must.
const PART_MARGIN: f64 = 2.0;

/// From a bin on, so many bins late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// First bin, on the clock of the sequence that is judged.
    pub from: i64,
    /// Bins by which it is late from there on.
    pub lag: i64,
}

/// How a lag runs over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Course {
    /// It steps: at least two runs.
    Steps(Vec<Run>),
    /// It drifts, from a bin on, from a lag on, by so many bins a bin.
    Drift {
        /// First bin.
        from: i64,
        /// Lag there.
        lag: f64,
        /// Change a bin.
        rate: f64,
    },
}

impl Course {
    /// The runs of one lag each.
    pub fn runs(&self, end: i64) -> Vec<Run> {
        match self {
            Course::Steps(runs) => runs.clone(),
            Course::Drift { from, lag, rate } => {
                let mut runs: Vec<Run> = Vec::new();
                let mut at = *from;
                while at <= end {
                    let now = (lag + rate * (at - from) as f64).round() as i64;
                    if runs.last().is_none_or(|r| r.lag != now) {
                        runs.push(Run { from: at, lag: now });
                    }
                    // To the next half second of lag, which may be many bins on.
                    let left = ((now as f64 + 0.5 * rate.signum()) - (lag + rate * (at - from) as f64)) / rate;
                    at += (left.ceil() as i64).max(1);
                }
                runs
            }
        }
    }
}

/// How the lag of `a` against `b` changes, where it does: `scored` is what each lag explains as a constant one, `best` the best of them.
/// Returns the course and how it stands out once it is taken off; `None` where a constant lag does as well.
pub fn course(a: &Counts, b: &Counts, scored: &[(i64, f64)], best: Peak, lags: &[(i64, i64)]) -> Option<(Course, Peak)> {
    let candidates = candidates(scored, best)?;
    let runs = path(a, b, &candidates);
    if spread(&runs) < LEAST_CHANGE_S {
        return None;
    }
    let end = a.begin + a.len() as i64;
    let course = match drift_of(&runs, end) {
        Some(drift) => drift,
        None if runs.len() > MOST_RUNS => return None,
        None => Course::Steps(that_stand(a, b, &runs, end, lags)),
    };
    // Requests that had to wait shift by no more than the time limit: where nearly all the time some did, only more than that is a clock.
    let troubled = a.troubled || b.troubled;
    let least = if troubled { LONGEST_WAIT_S } else { LEAST_CHANGE_S };
    match &course {
        Course::Drift { .. } if troubled => return None,
        Course::Steps(runs) if runs.len() < 2 || smallest_change(runs) < least || comes_back(runs) => return None,
        _ => {}
    }
    // Taken off, the rest must be one clear lag of nothing, and more must be explained than before.
    let straightened = a.moved(&course.runs(end));
    let home: Vec<(i64, i64)> = lags.iter().map(|(f, t)| (f - best.lag, t - best.lag)).collect();
    let after = peak_of(&likeness(&straightened, b, &home)?)?;
    let clear = after.is_significant() && after.lag.abs() <= SAME_PEAK && after.z > best.z + LEAST_GAIN;
    clear.then_some((course, after))
}

/// The smallest of the changes from run to run.
fn smallest_change(runs: &[Run]) -> i64 {
    runs.windows(2).map(|r| (r[1].lag - r[0].lag).abs()).min().unwrap_or(0)
}

/// Whether a lag is left and taken up again: requests that had to wait do that, clocks that are set do not.
fn comes_back(runs: &[Run]) -> bool {
    (0..runs.len()).any(|i| runs[i + 1..].iter().any(|r| (r.lag - runs[i].lag).abs() <= 1))
}

/// From the smallest to the largest lag.
fn spread(runs: &[Run]) -> i64 {
    let lags = || runs.iter().map(|r| r.lag);
    lags().max().zip(lags().min()).map_or(0, |(most, least)| most - least)
}

/// The lags worth telling apart: those that chance does not explain, and their neighbours.
fn candidates(scored: &[(i64, f64)], best: Peak) -> Option<Vec<i64>> {
    let chance = Peak { z: 0.0, ..best }.chance();
    let mut high: Vec<(i64, f64)> = scored.iter().copied().filter(|s| s.1 > chance + 2.0).collect();
    if !high.iter().any(|h| (h.0 - best.lag).abs() >= LEAST_CHANGE_S) {
        return None;
    }
    high.sort_by(|x, y| y.1.total_cmp(&x.1));
    high.truncate(MOST_LAGS);
    let mut lags: Vec<i64> = high.iter().map(|h| h.0).collect();
    lags.sort_unstable();
    // A drift passes every lag on its way, also those that chance hides, and some before and after.
    let mut between: Vec<i64> = lags.windows(2).filter(|w| w[1] - w[0] <= SAME_DRIFT).flat_map(|w| w[0] + 1..w[1]).collect();
    for lag in &lags {
        between.extend((lag - LEAST_CHANGE_S..=lag + LEAST_CHANGE_S).filter(|l| lags.binary_search(l).is_err()));
    }
    let room = MOST_LAGS.saturating_sub(lags.len());
    between.truncate(room);
    lags.extend(between);
    lags.sort_unstable();
    lags.dedup();
    Some(lags)
}

/// The best path through the lags, as runs.
fn path(a: &Counts, b: &Counts, lags: &[i64]) -> Vec<Run> {
    let (wa, wb) = (a.whitened(), b.whitened());
    let n = a.len();
    let stretch = (n / MOST_STRETCHES).max(LEAST_STRETCH);
    let count = n.div_ceil(stretch);
    let gain = |lag: i64, i: usize| -> f64 {
        let j = i as i64 + a.begin - lag - b.begin;
        match usize::try_from(j) {
            Ok(j) if j < b.len() => wa.iter().zip(&wb).map(|(x, y)| x[i] * y[j]).sum(),
            _ => 0.0,
        }
    };
    let power = |w: &[Vec<f64>]| w.iter().flatten().map(|v| v * v).sum::<f64>() / w.first().map_or(1, Vec::len).max(1) as f64;
    let channels = wa.len().max(1) as f64;
    let unit = (power(&wa) * power(&wb) / channels).sqrt().max(1e-12);
    // For each stretch what each lag explains of it.
    let explains = |lag: i64, s: usize| (s * stretch..((s + 1) * stretch).min(n)).map(|i| gain(lag, i)).sum::<f64>() / unit;
    let gains: Vec<Vec<f64>> = (0..count).map(|s| lags.iter().map(|l| explains(*l, s)).collect()).collect();
    let price = |from: i64, to: i64| match (from - to).abs() {
        0 => 0.0,
        d if d <= DRIFT_STEP => PRICE_OF_A_CHANGE / 4.0,
        _ => PRICE_OF_A_CHANGE,
    };
    let mut score: Vec<f64> = gains.first().cloned().unwrap_or_default();
    let mut back: Vec<Vec<usize>> = Vec::with_capacity(count);
    for here in gains.iter().skip(1) {
        let (mut next, mut from) = (Vec::with_capacity(lags.len()), Vec::with_capacity(lags.len()));
        for (to, lag) in lags.iter().enumerate() {
            let costed = |f: usize| score[f] - price(lags[f], *lag);
            let best = (0..lags.len()).max_by(|x, y| costed(*x).total_cmp(&costed(*y))).unwrap_or(to);
            next.push(costed(best) + here[to]);
            from.push(best);
        }
        score = next;
        back.push(from);
    }
    let mut at = (0..lags.len()).max_by(|x, y| score[*x].total_cmp(&score[*y])).unwrap_or(0);
    let mut chosen = vec![at];
    for from in back.iter().rev() {
        at = from[at];
        chosen.push(at);
    }
    chosen.reverse();
    let mut runs: Vec<Run> = Vec::new();
    for (s, lag) in chosen.iter().map(|c| lags[*c]).enumerate() {
        if runs.last().is_none_or(|r| r.lag != lag) {
            runs.push(Run { from: a.begin + (s * stretch) as i64, lag });
        }
    }
    sharpen(&mut runs, a, stretch, gain);
    runs
}

/// Moves each change from the border of a stretch to the bin that explains most.
fn sharpen(runs: &mut [Run], a: &Counts, stretch: usize, gain: impl Fn(i64, usize) -> f64) {
    for k in 1..runs.len() {
        let (before, after) = (runs[k - 1], runs[k]);
        let middle = (after.from - a.begin) as usize;
        let low = middle.saturating_sub(2 * stretch).max((before.from - a.begin) as usize + 1);
        let high = (middle + 2 * stretch).min(a.len());
        let (mut best, mut sum) = ((0.0, middle), 0.0);
        let mut at_middle = 0.0;
        for i in low..high {
            if i == middle {
                at_middle = sum;
            }
            if sum > best.0 {
                best = (sum, i);
            }
            sum += gain(before.lag, i) - gain(after.lag, i);
        }
        if best.0 > at_middle {
            runs[k].from = a.begin + best.1 as i64;
        }
    }
}

/// The line through three runs or more, where all lie near one.
fn drift_of(runs: &[Run], end: i64) -> Option<Course> {
    if runs.len() < 3 {
        return None;
    }
    // Least squares, each run weighted by its length.
    let spans = runs.iter().zip(runs.iter().skip(1).map(|r| r.from).chain([end]));
    let points: Vec<(f64, f64, f64)> = spans
        .map(|(r, to)| ((r.from + to) as f64 / 2.0 - runs[0].from as f64, r.lag as f64, (to - r.from).max(1) as f64))
        .collect();
    let w: f64 = points.iter().map(|p| p.2).sum();
    let mean = |f: fn(&(f64, f64, f64)) -> f64| points.iter().map(|p| f(p) * p.2).sum::<f64>() / w;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let sxx: f64 = points.iter().map(|p| p.2 * (p.0 - mx).powi(2)).sum();
    let sxy: f64 = points.iter().map(|p| p.2 * (p.0 - mx) * (p.1 - my)).sum();
    if sxx <= 0.0 {
        return None;
    }
    let rate = sxy / sxx;
    let off = (points.iter().map(|p| p.2 * (p.1 - my - rate * (p.0 - mx)).powi(2)).sum::<f64>() / w).sqrt();
    (off <= 1.0 && rate != 0.0).then(|| Course::Drift { from: runs[0].from, lag: my - rate * mx, rate })
}

/// The runs that their own part of the data tells, of all lags: bursts of requests that had to wait look like a step that is none.
fn that_stand(a: &Counts, b: &Counts, runs: &[Run], end: i64, lags: &[(i64, i64)]) -> Vec<Run> {
    let mut kept: Vec<Run> = Vec::new();
    for (k, run) in runs.iter().enumerate() {
        let part = a.between(run.from, runs.get(k + 1).map_or(end, |r| r.from));
        let peak = likeness(&part, b, lags).and_then(|s| peak_of(&s));
        let stands = peak.is_some_and(|p| p.stands_out_by(3.0) && p.z > PART_MARGIN * p.second && (p.lag - run.lag).abs() <= 1);
        if stands && kept.last().is_none_or(|l| l.lag != run.lag) {
            kept.push(*run);
        }
    }
    if let Some(first) = kept.first_mut() {
        first.from = a.begin;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reproducible sequence of small counts in two channels.
    fn noise(seed: u64, n: i64) -> Vec<(i64, usize, f64)> {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            x >> 33
        };
        (0..n).map(|i| (i, (next() % 2) as usize, (next() % 4) as f64)).collect()
    }

    fn counted(n: i64, moved: impl Fn(i64) -> i64) -> (Counts, Counts) {
        let b = noise(3, n);
        let a: Vec<_> = b.iter().map(|(s, c, k)| (s + moved(*s), *c, *k)).collect();
        (Counts::new(a.into_iter(), 2, 1).unwrap(), Counts::new(b.into_iter(), 2, 1).unwrap())
    }

    fn found(n: i64, moved: impl Fn(i64) -> i64) -> (Option<(Course, Peak)>, Peak) {
        let (a, b) = counted(n, moved);
        let lags = [(-9000, 9000)];
        let scored = likeness(&a, &b, &lags).unwrap();
        let best = peak_of(&scored).unwrap();
        (course(&a, &b, &scored, best, &lags), best)
    }

    #[test]
    fn a_constant_lag_is_no_course() {
        assert_eq!(found(3000, |_| 3600).0, None);
    }

    #[test]
    fn a_step_is_found_to_the_second() {
        let (course, _) = found(3000, |s| if s < 2000 { 0 } else { 3600 });
        let Some((Course::Steps(runs), _)) = course else { panic!("{course:?}") };
        assert_eq!(runs.iter().map(|r| r.lag).collect::<Vec<_>>(), [0, 3600]);
        // The clock was put forward after its second 2000: what it never showed belongs to either side.
        assert!((2000..=5600).contains(&runs[1].from), "{runs:?}");
    }

    #[test]
    fn a_small_step_back_is_found() {
        let (course, _) = found(3000, |s| if s < 1500 { 95 } else { 0 });
        let Some((Course::Steps(runs), _)) = course else { panic!("{course:?}") };
        assert_eq!(runs.iter().map(|r| r.lag).collect::<Vec<_>>(), [95, 0]);
    }

    #[test]
    fn a_drift_is_found_and_its_rate() {
        let (course, _) = found(20_000, |s| s / 1000);
        let Some((Course::Drift { rate, .. }, _)) = course else { panic!("{course:?}") };
        assert!((rate - 0.001).abs() < 0.0001, "{rate}");
    }

    #[test]
    fn a_log_torn_into_many_parts_is_no_clock_that_was_set() {
        // A hundred parts that take turns between four clocks.
        let moved = |s: i64| [0, 900, 2100, 3700][(s / 200 % 4) as usize];
        let (a, b) = counted(20_000, moved);
        let scored = likeness(&a, &b, &[(-9000, 9000)]).unwrap();
        let runs = path(&a, &b, &candidates(&scored, peak_of(&scored).unwrap()).unwrap());
        assert!(runs.len() > MOST_RUNS, "{} runs do not reach the limit", runs.len());
        let (course, _) = found(20_000, moved);
        assert!(course.is_none(), "{course:?}");
    }
}
