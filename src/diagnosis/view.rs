//! Questions that causes ask of the timeline, about one window.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use super::wording::Values;
use crate::clock::Clock;
use crate::incident::Window;
use crate::lang::Lang;
use crate::model::Quote;
use crate::parser::catalog::{Catalog, SignalId};
use crate::scanned::{Scan, SourceId};
use crate::timeline::{Point, Series, Timeline};
use crate::words::{Layer, Role};

/// Seconds around windows that belong neither to them nor to the baseline: onset and recovery.
const MARGIN_S: i64 = 30;

/// The usual time limit of proxies and load balancers (nginx, ALB: 60 s).
const LONGEST_WAIT_S: i64 = 60;

/// The same where there is little time before the first window.
const SHORT_MARGIN_S: i64 = 2;

/// Seconds outside the incidents that a usual rate needs.
const LEAST_QUIET_S: i64 = 30;

/// Occurrences that a usual rate needs.
const LEAST_USUAL: u64 = 10;

/// Times at which they must have come, ten seconds each: all of one moment are one event.
const LEAST_TIMES: usize = 3;

/// Measurements that a baseline needs.
const LEAST_MEASURED: u64 = 20;

/// Everything that is known, seen from one window.
pub struct View<'a> {
    /// The timeline.
    pub timeline: &'a Timeline,
    /// What was scanned.
    pub scan: &'a Scan,
    /// The signals' names.
    pub catalog: &'a Catalog,
    /// The sources' clocks.
    pub clocks: &'a [Clock],
    /// All windows.
    pub windows: &'a [Window],
    /// This one.
    pub window: &'a Window,
    /// What was found of the time outside them.
    pub ordinary: &'a Ordinary,
    /// The language that sentences are in.
    pub lang: Lang,
}

/// What is known of signals.
type Known<T> = RefCell<HashMap<Vec<SignalId>, T>>;

/// What is the same whichever window is looked at: found once, and not again for each of many incidents.
#[derive(Debug, Default)]
pub struct Ordinary {
    /// Occurrences, and the seconds that they came in.
    usual: Known<(u64, i64)>,
    /// Values measured and their sum, a baseline each.
    measured: Known<[(u64, f64); 2]>,
    /// Occurrences a second, by the first baseline that is long enough; `None` where none is.
    rates: Known<Option<f64>>,
}

/// Occurrences in a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Seen {
    /// How many.
    pub count: u64,
    /// Second of the first.
    pub first: Option<i64>,
    /// Second of the last.
    pub last: Option<i64>,
}

/// What a window is compared with.
#[derive(Debug, Clone, Copy)]
enum Baseline {
    /// All that lies well before and after the incidents.
    Around,
    /// Where that is too little: what lies before them, near as it may be; what comes after is still recovery.
    Before,
}

const BASELINES: [Baseline; 2] = [Baseline::Around, Baseline::Before];

/// A comparison of the window with the time outside all windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Inside.
    pub inside: f64,
    /// Outside.
    pub outside: f64,
    /// Second at which it had risen half the way, on a scale of ratios.
    pub since: Option<i64>,
}

impl Change {
    /// Inside by outside.
    pub fn ratio(self) -> f64 {
        if self.outside > 0.0 { self.inside / self.outside } else { 1.0 }
    }
}

impl View<'_> {
    /// Ids of the signals of these names that some definition gives.
    pub fn ids(&self, names: &[String]) -> Vec<SignalId> {
        names.iter().filter_map(|n| self.catalog.signals.find(n)).collect()
    }

    fn points(&self, ids: &[SignalId]) -> impl Iterator<Item = (SourceId, &Point)> {
        ids.iter()
            .flat_map(|id| self.timeline.of_signal(*id))
            .flat_map(|s| self.timeline.points(s).iter().map(move |p| (s.source, p)))
    }

    /// Those of the points among which are all that have a part in a stretch of time.
    fn points_near(&self, ids: &[SignalId], from: i64, to: i64) -> impl Iterator<Item = (SourceId, &Point)> {
        let series = ids.iter().flat_map(|id| self.timeline.of_signal(*id));
        series.flat_map(move |s| self.timeline.near(s, from, to).iter().map(move |p| (s.source, p)))
    }

    /// Occurrences from `from` to before `to`. A metric's period counts where it overlaps. One failure is seen by several
    /// layers: of these the layer that saw most is counted, never their sum.
    pub fn seen(&self, ids: &[SignalId], from: i64, to: i64) -> Seen {
        let mut seen = Seen::default();
        let mut by_layer: BTreeMap<(Layer, bool), u64> = BTreeMap::new();
        for (source, p) in self.points_near(ids, from, to).filter(|(_, p)| p.count > 0 && p.overlaps(from, to)) {
            *by_layer.entry((self.scan.source(source).layer, p.period_s > 10)).or_default() += p.count;
            seen.first = Some(seen.first.map_or(p.second, |f| f.min(p.second)));
            seen.last = Some(seen.last.map_or(p.second, |l| l.max(p.second)));
        }
        seen.count = by_layer.into_values().max().unwrap_or(0);
        seen
    }

    /// Occurrences to be expected in so many seconds by what happens outside the incidents, with half as many again for chance.
    pub fn usual(&self, ids: &[SignalId], seconds: i64) -> u64 {
        let Some((first, last)) = self.timeline.span else { return 0 };
        // Requests are what there is all day: a sign that counts them asks for their number.
        if ids.iter().any(|id| self.catalog.signals.info(*id).role == Role::Request) {
            return 0;
        }
        let known = self.ordinary.usual.borrow().get(ids).copied();
        let (most, quiet) = known.unwrap_or_else(|| {
            let quiet = self.baseline_seconds(first, last, Baseline::Around);
            let mut by_layer: BTreeMap<Layer, u64> = BTreeMap::new();
            let mut times = Vec::new();
            for (source, p) in self.points(ids).filter(|(_, p)| p.period_s <= 10 && self.is_baseline(p.second, Baseline::Around))
            {
                *by_layer.entry(self.scan.source(source).layer).or_default() += p.count;
                let time = p.second.div_euclid(10);
                if p.count > 0 && times.len() < LEAST_TIMES && !times.contains(&time) {
                    times.push(time);
                }
            }
            let most = by_layer.into_values().max().filter(|_| times.len() >= LEAST_TIMES).unwrap_or(0);
            let found = (most, quiet);
            self.ordinary.usual.borrow_mut().insert(ids.to_vec(), found);
            found
        });
        if quiet < LEAST_QUIET_S {
            return 0;
        }
        // One or two lines in all that time (a start, a stop) are no rate.
        if most < LEAST_USUAL {
            return 0;
        }
        (most as f64 * seconds as f64 / quiet as f64 * 1.5).round() as u64
    }

    /// Occurrences a second of one series outside the incidents.
    pub fn usual_rate(&self, series: &Series) -> f64 {
        let points = self.timeline.points(series);
        let Some((first, last)) = points.first().zip(points.last()).map(|(a, b)| (a.second, b.second)) else { return 0.0 };
        let quiet = self.baseline_seconds(first, last, Baseline::Around);
        if quiet < LEAST_QUIET_S {
            return 0.0;
        }
        let n: u64 =
            points.iter().filter(|p| p.period_s <= 10 && self.is_baseline(p.second, Baseline::Around)).map(|p| p.count).sum();
        n as f64 / quiet as f64
    }

    /// Whether a log covers the window in which a layer says in its own words what fails there; a list of requests is none.
    pub fn has_voice(&self, layer: Layer) -> bool {
        self.scan.sources.iter().filter(|s| s.layer == layer && !s.adopted).any(|s| {
            let format = &self.catalog.formats[self.scan.tally(s.id).format].definition;
            format.events.iter().any(|e| e.signal.is_some()) && self.covers(&format.name)
        })
    }

    /// Occurrences in the window.
    pub fn in_window(&self, ids: &[SignalId]) -> Seen {
        self.seen(ids, self.window.start, self.window.end)
    }

    /// Occurrences that nothing places in time.
    pub fn undated(&self, ids: &[SignalId]) -> u64 {
        let tallies = self.scan.sources.iter().filter(|s| !s.adopted).map(|s| self.scan.tally(s.id));
        tallies.flat_map(|t| ids.iter().filter_map(|id| t.signals.get(id))).map(|t| t.undated).sum()
    }

    /// Until when a failed request of the window can leave its line: windows end with the begin of the last failed request,
    /// and a request that times out says so up to a minute later.
    pub fn horizon(&self) -> i64 {
        let next = self.windows.iter().map(|w| w.start).filter(|s| *s >= self.window.end).min().unwrap_or(i64::MAX);
        (self.window.end + LONGEST_WAIT_S).min(next)
    }

    /// Length of the window in seconds.
    pub fn length(&self) -> i64 {
        (self.window.end - self.window.start).max(1)
    }

    /// Whether a second belongs to the ordinary time that a window is compared with.
    fn is_baseline(&self, second: i64, baseline: Baseline) -> bool {
        // The windows are in the order of time: the last that has begun is the one to ask.
        let begun = |margin: i64| self.windows.partition_point(|w| w.start - margin <= second);
        match baseline {
            Baseline::Around => begun(MARGIN_S).checked_sub(1).is_none_or(|i| second >= self.windows[i].end + MARGIN_S),
            Baseline::Before => begun(SHORT_MARGIN_S) == 0,
        }
    }

    /// Seconds from the first to the last that are baseline. One line of another year makes them billions: they are not walked.
    fn baseline_seconds(&self, first: i64, last: i64, baseline: Baseline) -> i64 {
        let trouble = |w: &Window| match baseline {
            Baseline::Around => (w.start - MARGIN_S, w.end + MARGIN_S),
            Baseline::Before => (w.start - SHORT_MARGIN_S, i64::MAX),
        };
        let end = last.saturating_add(1);
        let mut troubled: Vec<(i64, i64)> =
            self.windows.iter().map(trouble).map(|(from, to)| (from.clamp(first, end), to.clamp(first, end))).collect();
        troubled.sort_unstable();
        let (mut quiet, mut at) = (0, first);
        for (from, to) in troubled {
            quiet += (from - at).max(0);
            at = at.max(to);
        }
        quiet + (end - at).max(0)
    }

    fn inside(&self, second: i64) -> bool {
        (self.window.start..self.window.end).contains(&second)
    }

    /// The mean of measured values, inside against outside.
    pub fn rise(&self, ids: &[SignalId]) -> Option<Change> {
        fn total<'p>(points: impl Iterator<Item = (SourceId, &'p Point)>) -> (u64, f64) {
            points.filter(|(_, p)| p.max.is_some()).fold((0, 0.0), |(n, s), (_, p)| (n + p.count, s + p.sum))
        }
        let window = self.window;
        let near = self.points_near(ids, window.start, window.end);
        let (n_in, inside) = total(near.filter(|(_, p)| self.inside(p.second)));
        let known = self.ordinary.measured.borrow().get(ids).copied();
        let outside = known.unwrap_or_else(|| {
            let found = BASELINES.map(|b| total(self.points(ids).filter(|(_, p)| self.is_baseline(p.second, b))));
            self.ordinary.measured.borrow_mut().insert(ids.to_vec(), found);
            found
        });
        let outside = outside.into_iter().find(|(n, _)| *n >= LEAST_MEASURED).map(|(n, sum)| sum / n as f64)?;
        if n_in == 0 || outside <= 0.0 {
            return None;
        }
        let inside = inside / n_in as f64;
        let half = outside * (inside / outside).max(1.0).sqrt();
        let begin = window.start - 2 * MARGIN_S;
        let since = self
            .points_near(ids, begin, window.end)
            .filter(|(_, p)| p.max.is_some() && p.count > 0 && p.sum / p.count as f64 >= half)
            .map(|(_, p)| p.second)
            .filter(|s| *s >= begin && *s < window.end)
            .min();
        Some(Change { inside, outside, since })
    }

    /// Occurrences a second, inside against outside.
    pub fn rate_rise(&self, ids: &[SignalId]) -> Option<Change> {
        let is_fine = |p: &Point| p.period_s <= 10;
        let fine = self.points(ids).any(|(_, p)| is_fine(p));
        let middle = |p: &Point| p.second + i64::from(p.period_s) / 2;
        let fitting = |p: &Point| is_fine(p) == fine;
        let known = self.ordinary.rates.borrow().get(ids).copied();
        let outside = match known {
            Some(rate) => rate,
            None => {
                let (first, last) = self.timeline.span?;
                let own_first = self.points(ids).map(|(_, p)| p.second).min().unwrap_or(first);
                let own_last = self.points(ids).map(|(_, p)| p.second).max().unwrap_or(last);
                let seconds = BASELINES.map(|b| (b, self.baseline_seconds(own_first, own_last, b)));
                let rate = seconds.into_iter().find(|(_, seconds)| *seconds >= 20).map(|(baseline, seconds)| {
                    let outside = self.points(ids).filter(|(_, p)| fitting(p) && self.is_baseline(middle(p), baseline));
                    outside.map(|(_, p)| p.count as f64).sum::<f64>() / seconds as f64
                });
                self.ordinary.rates.borrow_mut().insert(ids.to_vec(), rate);
                rate
            }
        }?;
        let near = self.points_near(ids, self.window.start, self.window.end);
        let inside: f64 = near.filter(|(_, p)| fitting(p) && self.inside(middle(p))).map(|(_, p)| p.count as f64).sum();
        let inside = inside / self.length() as f64;
        (outside > 0.0).then_some(Change { inside, outside, since: Some(self.window.start) })
    }

    /// Whether a source of this parser covers the window, or part of it.
    pub fn covers(&self, parser: &str) -> bool {
        self.scan.sources.iter().filter(|s| !s.adopted).any(|s| {
            let t = self.scan.tally(s.id);
            if self.catalog.formats[t.format].definition.name != parser {
                return false;
            }
            let span = t.span.or_else(|| s.lender.and_then(|l| self.scan.tally(l).span));
            match span {
                None => true,
                Some((a, b)) => {
                    let clock = &self.clocks[s.id.0];
                    clock.utc(a) < self.window.end && clock.utc(b) >= self.window.start
                }
            }
        })
    }

    /// The kept fields of signals: of texts the most frequent, of numbers the largest.
    pub fn facts(&self, ids: &[SignalId]) -> Values {
        let mut all: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for s in self.scan.sources.iter().filter(|s| !s.adopted) {
            for t in ids.iter().filter_map(|id| self.scan.tally(s.id).signals.get(id)) {
                for (field, values) in &t.facts {
                    let known = all.entry(field).or_default();
                    for (v, n) in values {
                        *known.entry(v).or_default() += n;
                    }
                }
            }
        }
        all.into_iter()
            .filter_map(|(field, values)| {
                let number = |v: &str| v.parse::<f64>().ok();
                let best = if values.keys().all(|v| number(v).is_some()) {
                    values.keys().copied().max_by(|a, b| number(a).partial_cmp(&number(b)).unwrap_or(std::cmp::Ordering::Equal))
                } else {
                    values.iter().max_by_key(|(v, n)| (**n, std::cmp::Reverse(**v))).map(|(v, _)| *v)
                }?;
                Some((field.to_owned(), best.to_owned()))
            })
            .collect()
    }

    /// The sources that show signals in a stretch of time, or undated.
    pub fn paths(&self, ids: &[SignalId], from: i64, to: i64) -> Vec<String> {
        let seen = ids.iter().flat_map(|id| self.timeline.of_signal(*id));
        let timed = seen.filter(|s| self.timeline.near(s, from, to).iter().any(|p| p.count > 0 && p.overlaps(from, to)));
        let undated = self.scan.sources.iter().filter(|s| {
            let tally = self.scan.tally(s.id);
            !s.adopted && ids.iter().filter_map(|id| tally.signals.get(id)).any(|t| t.undated > 0)
        });
        let mut paths: Vec<String> =
            timed.map(|s| &self.scan.source(s.source).path).chain(undated.map(|s| &s.path)).cloned().collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Lines that show signals, from the window where there are such.
    pub fn examples(&self, ids: &[SignalId], from: i64, to: i64, most: usize) -> Vec<Quote> {
        let mut quotes = Vec::new();
        for s in self.scan.sources.iter().filter(|s| !s.adopted) {
            let clock = &self.clocks[s.id.0];
            for t in ids.iter().filter_map(|id| self.scan.tally(s.id).signals.get(id)) {
                let in_time = |e: &&crate::parser::tally::Example| e.second.is_none_or(|x| (from..to).contains(&clock.utc(x)));
                quotes.extend(t.examples.iter().filter(in_time).take(most).map(|e| Quote {
                    path: s.path.clone(),
                    line: e.line,
                    text: e.text.clone(),
                    masked: 0,
                }));
            }
        }
        quotes.truncate(most);
        quotes
    }
}
