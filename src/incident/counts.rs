//! Failures and requests over time, and what of them is usual.

use std::collections::BTreeMap;
use std::ops::Range;

use super::stats::{ln_binomial_tail, quantile};
use crate::timeline::Timeline;
use crate::words::{Layer, Role};

/// ln of the chance at which a single bin counts as failing.
const BIN_SURE: f64 = -5.0;

/// Failure ratio below which a site is never called failing, whatever its baseline.
const LEAST_RATIO: f64 = 0.002;

/// A baseline is never taken above this: a site that always fails one request in twenty has an incident.
const MOST_BASELINE: f64 = 0.02;

/// Minutes from which on they tell what is usual.
const LEAST_MINUTES: usize = 5;

/// Failures that a bin of a shorter log must have on average for their ratios to be compared.
const LEAST_A_BIN: f64 = 3.0;

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
        let failing = |second: i64| {
            // Of an excerpt every failure counts: somebody chose its lines.
            excerpt
                // A second by itself: the begin of an incident may be the end of an ordinary minute.
                || [1, 10, 30, 60].iter().any(|&width| {
                    let from = second.div_euclid(width) * width;
                    let (requests, failed) = self.sum(from..from + width);
                    ln_binomial_tail(failed, requests, expected) < BIN_SURE
                })
        };
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
}

/// Sums over bins of some seconds.
fn bins(counts: &BTreeMap<i64, u64>, width: i64) -> BTreeMap<i64, u64> {
    let mut by: BTreeMap<i64, u64> = BTreeMap::new();
    for (s, n) in counts {
        *by.entry(s.div_euclid(width)).or_default() += n;
    }
    by
}
