//! What each layer counted over time, around one window: requests, failures, lines that tell of them, and how long requests took.
//!
//! A bucket that no source covers has no number; one that a source covers in silence has 0. Lines that are only written when something
//! goes wrong are covered as long as their writer's other logs of the same folder.

use std::collections::{BTreeMap, BTreeSet};

use super::view::View;
use crate::model::lanes::{Counts, Lane, Lanes, Values};
use crate::model::{CountedFrom, Evidence, Instant, Link};
use crate::parser::catalog::SignalId;
use crate::timeline::{Point, Series};
use crate::words::{Layer, Role};

/// The most buckets of an incident, whatever its length.
const MOST_BUCKETS: i64 = 120;

/// Lengths of a bucket; beyond them whole days.
const LENGTHS_S: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600];

/// Buckets that a chart can do with: a shorter length is not taken for the sake of more than these.
const ENOUGH_BUCKETS: i64 = 90;

/// Seconds shown before and after the window, at the least.
const LEAST_MARGIN_S: i64 = 30;

/// Signals that a lane names.
const NAMED_SIGNALS: usize = 4;

/// Layers that can have a lane, in the order of a request's way in.
const LAYERS: [Layer; 9] = [
    Layer::Client,
    Layer::LoadBalancer,
    Layer::WebServer,
    Layer::AppQueue,
    Layer::AppServer,
    Layer::App,
    Layer::Dependency,
    Layer::Host,
    Layer::Orchestration,
];

/// The time axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Axis {
    start: i64,
    bucket_s: i64,
    buckets: i64,
}

/// The lanes of a window; `evidence` says which signals belong to the verdict beside the failures themselves.
pub fn lanes(view: &View<'_>, chain: &[Link], evidence: &[Evidence]) -> Lanes {
    let Some(axis) = axis(view, chain) else { return Lanes::default() };
    let named: BTreeSet<SignalId> =
        evidence.iter().flat_map(|e| e.signal.split(" + ")).filter_map(|name| view.catalog.signals.find(name)).collect();
    Lanes {
        start: Instant(axis.start),
        bucket_s: u32::try_from(axis.bucket_s).unwrap_or(u32::MAX),
        buckets: usize::try_from(axis.buckets).unwrap_or(0),
        layers: LAYERS.iter().filter_map(|layer| lane(view, *layer, &named, &axis)).collect(),
    }
}

/// The window and the first sign before it, with as much again around it as the sources cover, at most half its length on each side.
fn axis(view: &View<'_>, chain: &[Link]) -> Option<Axis> {
    if view.scan.is_timeless() {
        return None;
    }
    let (first, last) = view.timeline.span?;
    let (window, begin) = (view.window, chain.iter().map(|l| l.at.0).min().unwrap_or(i64::MAX));
    let begin = begin.min(window.start);
    let margin = ((window.end - begin) / 2).max(LEAST_MARGIN_S);
    let (from, to) = ((begin - margin).max(first.min(begin)), (window.end + margin).min((last + 1).max(window.end)));
    let length = to - from;
    let days = 86_400 * (length / (86_400 * ENOUGH_BUCKETS) + 1);
    let bucket_s = LENGTHS_S.into_iter().find(|b| length <= b * ENOUGH_BUCKETS).unwrap_or(days);
    let start = from.div_euclid(bucket_s) * bucket_s;
    let buckets = ((to - start + bucket_s - 1) / bucket_s).clamp(1, MOST_BUCKETS);
    Some(Axis { start, bucket_s, buckets })
}

impl Axis {
    fn empty<T: Clone>(&self) -> Vec<Option<T>> {
        vec![None; usize::try_from(self.buckets).unwrap_or(0)]
    }

    /// The rows of a series that have a part in it.
    fn points<'v>(&self, view: &View<'v>, series: &Series) -> impl Iterator<Item = &'v Point> + use<'v> {
        let (from, to) = (self.start, self.start + self.bucket_s * self.buckets);
        view.timeline.near(series, from, to).iter().filter(move |p| p.overlaps(from, to))
    }

    /// The buckets that `[from, to)` touches.
    fn touched(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let index = |t: i64| usize::try_from(t.clamp(0, self.buckets)).unwrap_or(0);
        let (from, to) = (from.saturating_sub(self.start), to.saturating_sub(self.start));
        index(from.div_euclid(self.bucket_s))..index((to - 1).div_euclid(self.bucket_s) + 1)
    }

    fn cover(&self, counts: &mut Counts, from: i64, to: i64) {
        counts[self.touched(from, to)].iter_mut().for_each(|c| *c = Some(c.unwrap_or(0)));
    }

    /// Adds a row's count; one longer than a bucket is shared out so that the shares add up to it.
    fn add(&self, counts: &mut Counts, p: &Point) {
        let period = i64::from(p.period_s.max(1));
        let until = |t: i64| u128::from(p.count) * t.clamp(0, period).unsigned_abs() as u128 / period.unsigned_abs() as u128;
        for b in self.touched(p.second, p.second + period) {
            let begin = self.start + self.bucket_s * i64::try_from(b).unwrap_or(0) - p.second;
            let share = until(begin + self.bucket_s) - until(begin);
            *counts[b].get_or_insert(0) += u64::try_from(share).unwrap_or(u64::MAX);
        }
    }
}

fn lane(view: &View<'_>, layer: Layer, named: &BTreeSet<SignalId>, axis: &Axis) -> Option<Lane> {
    let own: Vec<&Series> = view.timeline.series().filter(|s| s.layer == layer).collect();
    let mut lane = Lane {
        layer,
        counted_from: None,
        requests: Vec::new(),
        failed: Vec::new(),
        signs: Vec::new(),
        signals: Vec::new(),
        mean_s: Vec::new(),
        max_s: Vec::new(),
        timed_by: None,
    };
    count_requests(view, &own, axis, &mut lane);
    count_signs(view, &own, named, axis, &mut lane);
    measure(view, &own, named, axis, &mut lane);
    let empty = lane.requests.is_empty() && lane.signs.is_empty() && lane.mean_s.is_empty();
    (!empty).then_some(lane)
}

/// Requests and failures by request lines; where there are none, by a metric.
fn count_requests(view: &View<'_>, own: &[&Series], axis: &Axis, lane: &mut Lane) {
    let counting = |s: &&&Series| matches!(s.role, Role::Request | Role::FailedRequest);
    let by_lines = own.iter().filter(counting).any(|s| s.role == Role::Request && !s.is_metric());
    let kept: Vec<&&Series> = own.iter().filter(counting).filter(|s| s.is_metric() != by_lines).collect();
    if !kept.iter().any(|s| s.role == Role::Request) {
        return;
    }
    let mut requests: Counts = axis.empty();
    cover(view, kept.iter().map(|s| **s), axis, &mut requests);
    let mut failed = requests.clone();
    for s in kept {
        let into = if s.role == Role::Request { &mut requests } else { &mut failed };
        axis.points(view, s).for_each(|p| axis.add(into, p));
    }
    if requests.iter().any(Option::is_some) {
        lane.counted_from = Some(if by_lines { CountedFrom::Requests } else { CountedFrom::Metric });
        (lane.requests, lane.failed) = (requests, failed);
    }
}

/// Lines that tell of failures of this layer or are evidence; where a log says it, no metric says it again. Where the layer's requests are
/// counted, what is counted over the same request lines is among them already.
fn count_signs(view: &View<'_>, own: &[&Series], named: &BTreeSet<SignalId>, axis: &Axis, lane: &mut Lane) {
    let counted = !lane.requests.is_empty();
    let is_event = |s: &Series| {
        let format = &view.catalog.formats[view.scan.tally(s.source).format].definition;
        let name = &view.catalog.signals.info(s.signal).name;
        format.events.iter().any(|e| e.signal.as_ref() == Some(name))
    };
    let tells = |s: &&&Series| {
        !s.adopted
            && (!counted || is_event(s))
            && view.catalog.signals.info(s.signal).unit.is_none()
            && !matches!(s.role, Role::Request | Role::FailedRequest)
            && (named.contains(&s.signal) || matches!(s.role, Role::Failure | Role::UnloggedFailure))
    };
    let all: Vec<&&Series> = own.iter().filter(tells).collect();
    let by_lines = all.iter().any(|s| !s.is_metric());
    let mut signs: Counts = axis.empty();
    let mut by_signal: BTreeMap<SignalId, u64> = BTreeMap::new();
    let kept: Vec<&Series> = all.into_iter().copied().filter(|s| s.is_metric() != by_lines).collect();
    cover(view, kept.iter().copied(), axis, &mut signs);
    for s in kept {
        axis.points(view, s).for_each(|p| axis.add(&mut signs, p));
        let n: u64 = axis.points(view, s).map(|p| p.count).sum();
        *by_signal.entry(s.signal).or_default() += n;
    }
    if signs.iter().flatten().all(|n| *n == 0) {
        return;
    }
    let mut names: Vec<(u64, &str)> =
        by_signal.iter().filter(|(_, n)| **n > 0).map(|(id, n)| (*n, view.catalog.signals.info(*id).name.as_str())).collect();
    names.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    lane.signals = names.into_iter().take(NAMED_SIGNALS).map(|(_, name)| name.to_owned()).collect();
    lane.signs = signs;
}

/// How long requests took: of the times that the layer measures one of the evidence, else one of a log, else the longest, which is nearest
/// to what its callers waited.
fn measure(view: &View<'_>, own: &[&Series], named: &BTreeSet<SignalId>, axis: &Axis, lane: &mut Lane) {
    let seconds = |s: &&&Series| view.catalog.signals.info(s.signal).unit.is_some_and(|u| u.base_symbol() == "s");
    let mut by_signal: BTreeMap<SignalId, Vec<&Series>> = BTreeMap::new();
    own.iter().filter(seconds).for_each(|s| by_signal.entry(s.signal).or_default().push(s));
    let mean_of = |all: &[&Series]| {
        let points = all.iter().flat_map(|s| view.timeline.points(s)).filter(|p| p.max.is_some());
        let (n, sum) = points.fold((0u64, 0.0), |(n, sum), p| (n + p.count, sum + p.sum));
        if n == 0 { 0.0 } else { sum / n as f64 }
    };
    let best = by_signal.iter().max_by(|a, b| {
        // What a log measures is sharper than a metric's minute.
        let by_lines = |all: &[&Series]| all.iter().any(|s| !s.is_metric());
        let rank = |(id, all): (&SignalId, &Vec<&Series>)| (named.contains(id), by_lines(all), mean_of(all));
        let (a, b) = (rank(*a), rank(*b));
        (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
    });
    let Some((id, all)) = best else { return };
    let mut sums: Vec<Option<(f64, f64, f64)>> = axis.empty();
    for p in all.iter().flat_map(|s| axis.points(view, s)) {
        let Some(max) = p.max.filter(|_| p.count > 0) else { continue };
        let touched = axis.touched(p.second, p.second + i64::from(p.period_s));
        let share = 1.0 / touched.len().max(1) as f64;
        for cell in &mut sums[touched] {
            let (n, sum, most) = cell.unwrap_or((0.0, 0.0, 0.0));
            *cell = Some((n + p.count as f64 * share, sum + p.sum * share, most.max(max)));
        }
    }
    if sums.iter().all(Option::is_none) {
        return;
    }
    let milliseconds = |v: f64| (v * 1e3).round() / 1e3;
    let of = |f: &dyn Fn((f64, f64, f64)) -> f64| -> Values { sums.iter().map(|c| c.map(|c| milliseconds(f(c)))).collect() };
    lane.mean_s = of(&|(n, sum, _)| sum / n);
    lane.max_s = of(&|(_, _, max)| max);
    lane.timed_by = Some(view.catalog.signals.info(*id).name.clone());
}

/// Marks the buckets that the writers of series cover: by their own lines, and by their other logs of the same folder.
fn cover<'s>(view: &View<'_>, all: impl Iterator<Item = &'s Series>, axis: &Axis, counts: &mut Counts) {
    let mut writers = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for series in all {
        if series.is_metric() {
            axis.points(view, series).for_each(|p| axis.cover(counts, p.second, p.second + i64::from(p.period_s)));
            continue;
        }
        let s = view.scan.source(series.source);
        writers.insert(s.id);
        if !s.folder().is_empty() {
            folders.insert((s.layer, &s.host, s.folder()));
        }
    }
    for s in view.scan.sources.iter().filter(|s| writers.contains(&s.id) || folders.contains(&(s.layer, &s.host, s.folder()))) {
        if let Some((a, b)) = view.scan.tally(s.id).span {
            let clock = &view.clocks[s.id.0];
            axis.cover(counts, clock.utc(a), clock.utc(b) + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(second: i64, period_s: u32, count: u64) -> Point {
        Point { second, period_s, count, sum: 0.0, max: None, p50: None, p99: None }
    }

    #[test]
    fn a_period_is_shared_out_whole() {
        let axis = Axis { start: 1000, bucket_s: 7, buckets: 12 };
        let mut counts = axis.empty();
        axis.add(&mut counts, &point(1003, 60, 100));
        assert_eq!(counts.iter().flatten().sum::<u64>(), 100);
        assert_eq!((counts[0], counts[9]), (Some(6), None));
        // What lies before the axis stays away.
        axis.add(&mut counts, &point(940, 61, 61));
        assert_eq!(counts.iter().flatten().sum::<u64>(), 101);
    }

    #[test]
    fn silence_is_not_the_same_as_no_source() {
        let axis = Axis { start: 0, bucket_s: 10, buckets: 5 };
        let mut counts: Counts = axis.empty();
        axis.cover(&mut counts, 10, 31);
        axis.add(&mut counts, &point(25, 1, 4));
        assert_eq!(counts, [None, Some(0), Some(4), Some(0), None]);
    }
}
