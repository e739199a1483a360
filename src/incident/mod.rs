//! When were requests failing, against the baseline of this site?
//!
//! Failures are counted at the outermost layer that logs requests: what users saw. Where nobody logs requests, failure lines
//! stand in for them. A window is a run of failures with no long pause in it, and more of them than this site's own
//! baseline explains.

mod counts;
mod health_checks;
pub mod stats;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::scanned::EXCERPT_LINES;
use crate::timeline::Timeline;
use crate::words::{Layer, Role};
use counts::Counts;
use stats::ln_binomial_tail;

/// A pause of this length ends a window, in seconds.
const PAUSE_S: i64 = 45;

/// A pause of this length, with requests served in it, may part two incidents.
const SHORT_PAUSE_S: i64 = 20;

/// Failures that a pause would have seen, had it been as bad as what lies around it, before it says that all was well.
const LEAST_SPARED: f64 = 5.0;

/// Fewer failures than this are nobody's incident, unless the input is an excerpt.
const LEAST_FAILURES: u64 = 5;

/// ln of the chance at which a run of failures is no longer taken for the baseline: about one in a million.
const SURE: f64 = -14.0;

/// When requests failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// UTC second of the first failed request.
    pub start: i64,
    /// UTC second after the last one.
    pub end: i64,
    /// UTC second after the last health check that went on failing; `end` where none did.
    pub until: i64,
    /// Requests that the counting layer was handed in the window; 0 where nobody counts them.
    pub requests: u64,
    /// Requests that failed.
    pub failed: u64,
    /// The layer whose count this is.
    pub counted_at: Layer,
    /// What the counts are made of.
    pub basis: Counted,
}

/// What failures were counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Request lines, a second each.
    Requests,
    /// A metric's periods.
    Metric,
    /// Error lines: nobody logs requests.
    FailureLines,
}

/// What the search for incidents came to.
#[derive(Debug, Default)]
pub struct Incidents {
    /// The windows, in the order of time.
    pub windows: Vec<Window>,
    /// Whether there were requests to judge by: without, "no incident" is not a finding.
    pub had_requests: bool,
    /// Failures outside every window.
    pub failures_outside: u64,
    /// Of the others those that came now and then right before or behind a window.
    pub stragglers: u64,
    /// Whether the logs are long enough to tell what is usual.
    pub knows_usual: bool,
    counts: Counts,
    /// The failure ratio that is no news.
    expected: f64,
    checks: Vec<BTreeSet<i64>>,
}

impl Incidents {
    /// The stretches of a window between which requests were served for a while: one, where there was no such pause.
    pub fn stretches(&self, w: &Window) -> Vec<Window> {
        if w.basis != Counted::Requests {
            return vec![w.clone()];
        }
        let runs = self.counts.runs(w.start..w.end, self.expected, false, SHORT_PAUSE_S);
        let stretches = runs.into_iter().map(|(start, last)| self.over(w, start, last + 1));
        let found = stretches.filter(|s| is_more_than(self.expected, s));
        found.fold(Vec::new(), |mut all: Vec<Window>, next| {
            match all.last_mut() {
                Some(last) if !self.was_well_between(last, &next) => *last = self.over(w, last.start, next.end),
                _ => all.push(next),
            }
            all
        })
    }

    /// The part of a window from `start` to before `end`.
    pub fn over(&self, w: &Window, start: i64, end: i64) -> Window {
        counted(&self.counts, start..end, w.counted_at, w.basis)
    }

    /// The longest time outside the windows in which no request was counted though many would be usual: from a second to before another, and how many.
    pub fn silence(&self) -> Option<(i64, i64, u64)> {
        let is_outside = |(from, to, _): &(i64, i64, u64)| self.windows.iter().all(|w| w.until <= *from || w.start >= *to);
        self.counts.silence().filter(is_outside)
    }

    /// Whether the pause between two stretches had requests enough to see failures, were it as bad as these.
    fn was_well_between(&self, a: &Window, b: &Window) -> bool {
        let (requests, _) = self.counts.sum(a.end..b.start);
        let share = |w: &Window| w.failed as f64 / w.requests.max(1) as f64;
        requests as f64 * share(a).min(share(b)) >= LEAST_SPARED
    }

    /// Puts other windows in the place of those that were found.
    pub fn replace(&mut self, windows: Vec<Window>) {
        let inside = |windows: &[Window]| windows.iter().map(|w| w.failed).sum::<u64>();
        // What failed now and then in a pause lies outside.
        self.failures_outside += inside(&self.windows).saturating_sub(inside(&windows));
        self.windows = windows;
        self.prolong();
    }

    /// Lets each window last as long as health checks that failed with it.
    fn prolong(&mut self) {
        let begins: Vec<i64> = self.windows.iter().map(|w| w.start).collect();
        for (i, w) in self.windows.iter_mut().enumerate() {
            let next = begins.get(i + 1).copied().unwrap_or(i64::MAX);
            w.until = self.checks.iter().map(|c| health_checks::last_of_run(c, w).min(next)).fold(w.end, i64::max);
        }
    }
}

/// Finds the windows. `lines` is how many lines were read in all.
pub fn find(timeline: &Timeline, lines: u64) -> Incidents {
    let mut found = find_failing(timeline, lines);
    found.checks = health_checks::failed(timeline);
    found.prolong();
    found
}

fn find_failing(timeline: &Timeline, lines: u64) -> Incidents {
    let excerpt = lines <= EXCERPT_LINES;
    let layers = counting_layers(timeline);
    let Some(&(layer, metric)) = layers.first() else {
        return from_failure_lines(timeline, excerpt);
    };
    let counts = Counts::at(timeline, layer, metric);
    let mut found = windows_of(counts, layer, if metric { Counted::Metric } else { Counted::Requests }, excerpt);
    if metric {
        for w in &mut found.windows {
            sharpen(timeline, w);
        }
    }
    // Somebody pasted error lines beside a few requests, or the only request log is inside the layer that dropped.
    if found.windows.is_empty() {
        let from_lines = from_failure_lines(timeline, excerpt);
        if excerpt && found.counts.failed.is_empty() {
            found.windows = from_lines.windows;
        }
    }
    found
}

/// Layers that count requests, outermost first; request lines before metrics of the same layer.
fn counting_layers(timeline: &Timeline) -> Vec<(Layer, bool)> {
    let mut layers: Vec<(Layer, bool)> = timeline
        .series()
        .filter(|s| s.role == Role::Request)
        .map(|s| (s.layer, timeline.points(s).iter().any(|p| p.period_s > 10)))
        .collect();
    layers.sort();
    layers.dedup();
    layers
}

fn windows_of(counts: Counts, layer: Layer, basis: Counted, excerpt: bool) -> Incidents {
    let expected = counts.expected();
    let runs = counts.runs(i64::MIN..i64::MAX, expected, excerpt, PAUSE_S);
    let total: u64 = counts.failed.values().sum();
    let over = |(start, last): (i64, i64)| counted(&counts, start..last + counts.period_s, layer, basis);
    let is_incident = |(_, w): &((i64, i64), Window)| is_more_than(expected, w) || (excerpt && w.failed > 0);
    let whole: Vec<_> = runs.into_iter().map(|run| (run, over(run))).filter(is_incident).collect();
    let windows: Vec<Window> = match excerpt || counts.period_s > 1 {
        true => whole.iter().map(|(_, w)| w.clone()).collect(),
        false => whole.iter().map(|(run, _)| over(counts.without_edges(*run, expected))).collect(),
    };
    let failed = |windows: &mut dyn Iterator<Item = &Window>| windows.map(|w| w.failed).sum::<u64>();
    let of_runs = failed(&mut whole.iter().map(|(_, w)| w));
    let stragglers = of_runs - failed(&mut windows.iter());
    Incidents {
        windows,
        had_requests: !counts.requests.is_empty(),
        failures_outside: total - of_runs,
        stragglers,
        knows_usual: counts.knows_usual(),
        counts,
        expected,
        checks: Vec::new(),
    }
}

/// What a layer counted from a second to before another.
fn counted(counts: &Counts, seconds: Range<i64>, counted_at: Layer, basis: Counted) -> Window {
    let (start, end) = (seconds.start, seconds.end);
    let (requests, failed) = counts.sum(seconds);
    Window { start, end, until: end, requests, failed, counted_at, basis }
}

/// Whether more failed than chance explains.
fn is_more_than(expected: f64, w: &Window) -> bool {
    w.failed >= LEAST_FAILURES && ln_binomial_tail(w.failed, w.requests, expected) < SURE
}

/// Nobody logs requests: failure lines are all there is. What two layers say of one failure counts once: the layer that says most is counted.
fn from_failure_lines(timeline: &Timeline, excerpt: bool) -> Incidents {
    let mut failed: BTreeMap<i64, BTreeMap<Layer, u64>> = BTreeMap::new();
    let mut layer = Layer::None;
    for s in timeline.series().filter(|s| matches!(s.role, Role::Failure | Role::UnloggedFailure | Role::FailedRequest)) {
        for p in timeline.points(s).iter().filter(|p| p.count > 0) {
            *failed.entry(p.second).or_default().entry(s.writer).or_default() += p.count;
            layer = layer.min(s.layer);
        }
    }
    let mut runs: Vec<(i64, i64, BTreeMap<Layer, u64>)> = Vec::new();
    for (second, by_writer) in failed {
        match runs.last_mut() {
            Some((_, end, all)) if second - *end <= PAUSE_S => {
                *end = second + 1;
                by_writer.into_iter().for_each(|(writer, n)| *all.entry(writer).or_default() += n);
            }
            _ => runs.push((second, second + 1, by_writer)),
        }
    }
    let window = |(start, end, by_writer): (i64, i64, BTreeMap<Layer, u64>)| {
        let failed = by_writer.into_values().max().unwrap_or(0);
        Window { start, end, until: end, requests: 0, failed, counted_at: layer, basis: Counted::FailureLines }
    };
    let (windows, few): (Vec<_>, Vec<_>) = runs.into_iter().map(window).partition(|w| excerpt || w.failed >= LEAST_FAILURES);
    Incidents { windows, failures_outside: few.iter().map(|w| w.failed).sum(), ..Incidents::default() }
}

/// A metric's minute is coarse: inner layers' failure lines within it give the first and the last second.
fn sharpen(timeline: &Timeline, w: &mut Window) {
    let lines = timeline.series().filter(|s| matches!(s.role, Role::Failure | Role::UnloggedFailure | Role::FailedRequest));
    let seconds = lines
        .flat_map(|s| timeline.points(s))
        .filter(|p| p.period_s == 1 && p.count > 0 && (w.start..w.end).contains(&p.second))
        .map(|p| p.second);
    let (mut first, mut last, mut n) = (i64::MAX, i64::MIN, 0);
    for s in seconds {
        first = first.min(s);
        last = last.max(s);
        n += 1;
    }
    if n >= 2 {
        w.start = first;
        w.end = last + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_minutes_do_not_tell_what_is_usual() {
        let counts = |failed: &dyn Fn(i64) -> u64| {
            let mut counts = Counts { period_s: 1, ..Counts::default() };
            (0..120).for_each(|second| {
                counts.requests.insert(second, 7);
                counts.failed.insert(second, failed(second));
            });
            counts
        };
        let burst = counts(&|second| u64::from((40..80).contains(&second) && second % 2 == 0));
        assert_eq!(windows_of(burst, Layer::WebServer, Counted::Requests, false).windows.len(), 1);
        // Failures that come all the time are what is usual there.
        let steady = counts(&|second| u64::from(second % 6 == 0));
        assert!(windows_of(steady, Layer::WebServer, Counted::Requests, false).windows.is_empty());
    }

    #[test]
    fn a_time_without_requests_is_noticed_where_there_were_many() {
        let silence = |a_second: u64, pause: Range<i64>| {
            let mut counts = Counts { period_s: 1, ..Counts::default() };
            (0..300).filter(|s| !pause.contains(s)).for_each(|second| {
                counts.requests.insert(second, a_second);
            });
            windows_of(counts, Layer::WebServer, Counted::Requests, false).silence()
        };
        assert_eq!(silence(7, 100..160), Some((100, 160, 420)));
        assert_eq!(silence(7, 100..110), None);
        // The end of a log is no silence.
        assert_eq!(silence(7, 200..400), None);
    }

    /// Thirty requests a second, of which one fails now and then; from second 94 on, nearly all fail.
    #[test]
    fn a_window_leaves_usual_failures_out() {
        let mut counts = Counts { period_s: 1, ..Counts::default() };
        for second in 0..400 {
            let fails = (94..150).contains(&second);
            counts.requests.insert(second, 30);
            counts.failed.insert(second, if fails { 28 } else { u64::from(second % 2 == 0) });
        }
        let found = windows_of(counts, Layer::WebServer, Counted::Requests, false);
        let windows: Vec<_> = found.windows.iter().map(|w| (w.start, w.end)).collect();
        // Ten seconds fail together, and the second behind the last could be one in which it ended.
        assert_eq!(windows, [(90, 151)]);
    }

    /// Twelve requests a second; from `first` on, eight in ten fail, for a few seconds. The first of them ends an ordinary minute.
    #[test]
    fn a_window_begins_with_its_first_failures_wherever_minutes_end() {
        for first in [30, 55, 58, 59, 60, 61] {
            let mut counts = Counts { period_s: 1, ..Counts::default() };
            for second in 0..100 {
                counts.requests.insert(second, 12);
                if (first..first + 4).contains(&second) {
                    counts.failed.insert(second, 8);
                }
            }
            let found = windows_of(counts, Layer::WebServer, Counted::Requests, false);
            let windows: Vec<_> = found.windows.iter().map(|w| (w.start, w.end, w.failed)).collect();
            assert_eq!(windows, [(first, first + 4, 32)], "failures from second {first}");
        }
    }
}
