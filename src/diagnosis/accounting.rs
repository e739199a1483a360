//! A drop point for each failed request.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::Cause;
use super::view::View;
use super::weigh::{Score, fits};
use crate::incident::Counted;
use crate::model::DropPoint;
use crate::parser::catalog::SignalId;
use crate::scanned::SourceId;
use crate::timeline::Point;
use crate::words::{Layer, Role};

/// How a request ended, by one cause's word.
type Ending = (String, String);

/// Gives each failed request of the window a drop point, best cause first; the rest is unexplained.
///
/// An error line in an inner layer and the failed request at the outermost are two views of one failure, and a retried
/// request leaves several lines: inner layers are never added up, and no more requests are given away than failed.
pub fn drop_points(scores: &[Score<'_>], view: &View<'_>) -> (Vec<DropPoint>, u64) {
    let counters = counting_sources(view);
    let mut taken: BTreeSet<SignalId> = BTreeSet::new();
    let mut points = Vec::new();
    let mut left = view.window.failed;
    for score in scores {
        let cause = score.cause;
        let mut own: BTreeMap<Ending, u64> = BTreeMap::new();
        let mut inner: BTreeMap<Layer, BTreeMap<Ending, u64>> = BTreeMap::new();
        let mut basis: BTreeSet<&str> = BTreeSet::new();
        for drop in &cause.drops {
            let Some(id) = view.catalog.signals.find(&drop.signal) else {
                continue;
            };
            if !fits(&drop.with, &drop.without, view) || !taken.insert(id) {
                continue;
            }
            let ending = (
                drop.ended_by.clone().unwrap_or_else(|| cause.ended_by.clone()),
                drop.phase.clone().unwrap_or_else(|| cause.phase.clone()),
            );
            for series in view.timeline.of_signal(id) {
                // Where metrics count the failures, metrics may say how they ended.
                let metric = view.window.basis == Counted::Metric;
                let until = if counters.contains(&series.source) { view.window.end } else { view.horizon() };
                let fits = |p: &&Point| (p.period_s <= 10 || metric) && p.overlaps(view.window.start, until);
                let n: u64 = view.timeline.near(series, view.window.start, until).iter().filter(fits).map(|p| p.count).sum();
                if n == 0 {
                    continue;
                }
                let source = view.scan.source(series.source);
                basis.insert(&source.path);
                let into = if counters.contains(&series.source) { &mut own } else { inner.entry(source.layer).or_default() };
                *into.entry(ending.clone()).or_default() += n;
            }
        }
        // What the counting layer itself saw comes first; of the inner layers, the one that saw most of the rest. Where both tell of one ending, they tell of
        // the same requests.
        let most = inner.into_values().max_by_key(|m| m.values().sum::<u64>()).unwrap_or_default();
        let told = |ending: &Ending| own.get(ending).copied().unwrap_or(0);
        let beyond: Vec<_> = most.into_iter().map(|(ending, n)| (ending.clone(), n.saturating_sub(told(&ending)))).collect();
        for (ending, n) in own.into_iter().chain(beyond) {
            let n = n.min(left);
            left -= n;
            if n > 0 {
                add(&mut points, cause, ending, n, &basis);
            }
        }
    }
    (points, left)
}

fn add(points: &mut Vec<DropPoint>, cause: &Cause, (ended_by, phase): Ending, requests: u64, basis: &BTreeSet<&str>) {
    let same = points.iter_mut().find(|p| p.mechanism == cause.id && p.ended_by == ended_by && p.phase == phase);
    match same {
        Some(p) => p.requests += requests,
        None => points.push(DropPoint {
            layer: cause.layer,
            mechanism: cause.id.clone(),
            ended_by,
            phase,
            requests,
            basis: basis.iter().copied().collect::<Vec<_>>().join(", "),
        }),
    }
}

/// The sources whose request lines the window was counted by.
fn counting_sources(view: &View<'_>) -> BTreeSet<SourceId> {
    let counts = |s: &&crate::timeline::Series| s.role == Role::Request && s.layer == view.window.counted_at;
    view.timeline.series().filter(counts).map(|s| s.source).collect()
}
