//! Failures and requests over time, and what of them is usual.

use std::collections::BTreeMap;
use std::ops::Range;

use super::stats::{ln_binomial_tail, quantile};
use crate::timeline::Timeline;
use crate::words::{Layer, Role};

/// ln of the chance at which a single bin counts as failing.
const BIN_SURE: f64 = -5.0;

/// Widths of bins in seconds. A second by itself: the begin of an incident may be the end of an ordinary minute.
const SHORT_BINS: [i64; 2] = [1, 10];
const LONG_BINS: [i64; 2] = [30, 60];

/// Failure ratio below which a site is never called failing, whatever its baseline.
const LEAST_RATIO: f64 = 0.002;

/// A baseline is never taken above this: a site that always fails one request in twenty has an incident.
const MOST_BASELINE: f64 = 0.02;

/// Minutes from which on they tell what is usual.
const LEAST_MINUTES: usize = 5;

/// Failures that a bin of a shorter log must have on average for their ratios to be compared.
const LEAST_A_BIN: f64 = 3.0;

/// Seconds without a request from which on it is worth a word.
const LEAST_SILENCE_S: i64 = 20;

/// Requests that would have to be usual in that time.
const LEAST_MISSED: f64 = 30.0;

/// Failures and requests by second (or by period, for metrics).
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: BTreeMap<i64, u64>,
    pub(super) failed: BTreeMap<i64, u64>,
    pub(super) period_s: i64,
}

impl Counts {
    /// What a layer counted, by its request lines or by its metrics.
    pub(super) fn at(timeline: &Timeline, layer: Layer, metric: bool) -> Self {
        let mut counts = Counts { period_s: 1, ..Counts::default() };
        // The layer's own words about drops that leave no request line.
        let mut unlogged: BTreeMap<i64, u64> = BTreeMap::new();
        for s in timeline.series() {
            let points = timeline.points(s);
            let is_metric = points.iter().any(|p| p.period_s > 10);
            let into = match s.role {
                Role::Request if s.layer == layer && is_metric == metric => &mut counts.requests,
                Role::FailedRequest if s.layer == layer && is_metric == metric => &mut counts.failed,
                // What an outer layer says of drops that never became a request line of this one.
                Role::UnloggedFailure if s.layer <= layer && !is_metric => &mut unlogged,
                // The only request log lies further in than those who saw requests fail: it never saw these.
                Role::Failure if s.writer < layer && !is_metric => &mut unlogged,
                _ => continue,
            };
            for p in points {
                if p.count > 0 {
                    *into.entry(p.second).or_default() += p.count;
                }
                if is_metric {
                    counts.period_s = counts.period_s.max(i64::from(p.period_s));
                }
            }
        }
        for (second, n) in unlogged {
            *counts.failed.entry(second).or_default() += n;
            *counts.requests.entry(second).or_default() += n;
        }
        counts
    }

    /// Requests and failures from a second to before another.
    pub(super) fn sum(&self, seconds: Range<i64>) -> (u64, u64) {
        let sum = |m: &BTreeMap<i64, u64>| m.range(seconds.clone()).map(|(_, n)| n).sum::<u64>();
        let failed = sum(&self.failed);
        (sum(&self.requests).max(failed), failed)
    }

    /// The longest time in which not one request was counted though many would be usual, where there was such a time: its first second, the one behind
    /// it, and how many would be usual.
    pub(super) fn silence(&self) -> Option<(i64, i64, u64)> {
        let seconds: Vec<i64> = self.requests.iter().filter(|(_, n)| **n > 0).map(|(s, _)| *s).collect();
        let (first, last) = (*seconds.first()?, *seconds.last()?);
        let pause = seconds.windows(2).map(|pair| (pair[0] + 1, pair[1])).max_by_key(|(from, to)| to - from)?;
        let length = pause.1 - pause.0;
        let elsewhere = last - first + 1 - length;
        let usual = self.requests.values().sum::<u64>() as f64 / elsewhere.max(1) as f64 * length as f64;
        (self.period_s == 1 && length >= LEAST_SILENCE_S && usual >= LEAST_MISSED).then_some((pause.0, pause.1, usual as u64))
    }

    /// Whether it is long enough to tell what is usual.
    pub(super) fn knows_usual(&self) -> bool {
        bins(&self.requests, 60).len() >= LEAST_MINUTES
    }

    /// The failure ratio that is no news.
    pub(super) fn expected(&self) -> f64 {
        (self.baseline() * 1.5).max(LEAST_RATIO)
    }

    /// The site's usual failure ratio: the lower quartile of its minutes, so that even a long incident does not hide itself. A log of few minutes is
    /// asked by shorter bins, each long enough for some failures; where there are too few failures for that, nothing usual is known of them.
    fn baseline(&self) -> f64 {
        let total: u64 = self.failed.values().sum();
        let is_wide_enough = |width: &i64| total as f64 / bins(&self.requests, *width).len().max(1) as f64 >= LEAST_A_BIN;
        let width = if self.knows_usual() { Some(60) } else { [10, 20, 30].into_iter().find(is_wide_enough) };
        let Some(width) = width else { return 0.0 };
        let failed = bins(&self.failed, width);
        let requests = bins(&self.requests, width);
        let ratio = |(bin, n): (&i64, &u64)| failed.get(bin).copied().unwrap_or(0) as f64 / *n as f64;
        let mut ratios: Vec<f64> = requests.iter().filter(|(_, n)| **n > 0).map(ratio).collect();
        quantile(&mut ratios, 0.25).min(MOST_BASELINE)
    }

    /// Runs of failing seconds, by the first and the last: each second lies in a bin with more failures than expected, and no pause is long.
    pub(super) fn runs(&self, seconds: Range<i64>, expected: f64, excerpt: bool, pause_s: i64) -> Vec<(i64, i64)> {
        // Of an excerpt every failure counts: somebody chose its lines.
        let failing = |second: i64| excerpt || SHORT_BINS.iter().chain(&LONG_BINS).any(|w| self.fails(second, *w, expected));
        let pause = pause_s.max(self.period_s);
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for (&second, _) in self.failed.range(seconds).filter(|(s, n)| **n > 0 && failing(**s)) {
            match runs.last_mut() {
                Some((_, last)) if second - *last <= pause => *last = second,
                _ => runs.push((second, second)),
            }
        }
        runs
    }

    /// Whether the bin of so many seconds around a second has more failures than expected.
    fn fails(&self, second: i64, width: i64, expected: f64) -> bool {
        let from = second.div_euclid(width) * width;
        let (requests, failed) = self.sum(from..from + width);
        ln_binomial_tail(failed, requests, expected) < BIN_SURE
    }

    /// A run without what lies at its edges and is more like what is usual than like the run: before the first failures of the incident's own those
    /// that this site has all day, taken in by a minute that fails as a whole; behind the last the stragglers.
    pub(super) fn without_edges(&self, (start, last): (i64, i64), expected: f64) -> (i64, i64) {
        let (requests, failed) = self.sum(start..last + 1);
        // Half a failure more and half a success more: no share is certain.
        let share = (failed as f64 + 0.5) / (requests as f64 + 1.0);
        let (if_failed, if_served) = ((share / expected).ln(), ((1.0 - share) / (1.0 - expected)).ln());
        // How much more likely a second is as a part of the incident.
        let speaks = |second: i64| {
            let (requests, failed) = self.sum(second..second + 1);
            failed as f64 * if_failed + (requests - failed) as f64 * if_served
        };
        let is_sure = |second: &i64| SHORT_BINS.iter().any(|w| self.fails(*second, *w, expected));
        let begin = (start..=last).find(is_sure).unwrap_or(last);
        let edge = |seconds: &mut dyn Iterator<Item = i64>| {
            let (mut sum, mut least, mut edge) = (0.0, BIN_SURE, None);
            for second in seconds {
                sum += speaks(second);
                if sum < least {
                    (least, edge) = (sum, Some(second));
                }
            }
            edge
        };
        // The second in which it begins, or ends, may have served some requests yet.
        let none_failed = |second: i64| i64::from(self.sum(second..second + 1).1 == 0);
        let first = edge(&mut (start..begin)).map_or(start, |e| e + none_failed(e));
        // What goes on for longer than a minute is no straggler, but a part of the incident.
        let tail = first.max(last - LONG_BINS[1])..=last;
        let end = edge(&mut tail.rev()).map_or(last, |e| e - none_failed(e));
        if share > expected && first <= end { (first, end) } else { (start, last) }
    }
}

/// Sums over bins of some seconds.
fn bins(counts: &BTreeMap<i64, u64>, width: i64) -> BTreeMap<i64, u64> {
    let mut by: BTreeMap<i64, u64> = BTreeMap::new();
    for (s, n) in counts {
        *by.entry(s.div_euclid(width)).or_default() += n;
    }
    by
}
