//! The shared timeline: rows in long form, UTC, one row a time × layer × host × source × signal; a polars frame for whoever wants one.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `time` | datetime(ms), UTC | begin of the period that the row stands for |
//! | `period_s` | u32 | 1 for counted lines, 10 for measured values of logs, a metric's own period for metrics |
//! | `layer`, `host`, `source`, `parser`, `signal` | str | who says what |
//! | `count` | u64 | occurrences (requests, lines) in the period |
//! | `sum`, `min`, `max`, `p50`, `p90`, `p99` | f64, null where not measured | values in the base unit (seconds, bytes) |
//!
//! A minute's sum stays one row of 60 s: it is never spread over seconds. A metric's missing zero is a row with `count` 0.

pub mod export;

use polars::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::clock::Clock;
use crate::parser::catalog::{Catalog, SignalId};
use crate::parser::tally::{SKETCH_SECONDS, SignalTally};
use crate::scanned::{Scan, SourceId};
use crate::words::{Layer, Role};

/// One row, as numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// UTC second at which the period begins.
    pub second: i64,
    /// Length of the period in seconds.
    pub period_s: u32,
    /// Occurrences.
    pub count: u64,
    /// Sum of the values; 0 where none were measured.
    pub sum: f64,
    /// Largest value, where any was measured.
    pub max: Option<f64>,
    /// Median, where a sketch was kept.
    pub p50: Option<f64>,
    /// 99th percentile, where a sketch was kept.
    pub p99: Option<f64>,
}

impl Point {
    /// Whether its period has a part in `[from, to)`.
    pub fn overlaps(&self, from: i64, to: i64) -> bool {
        self.second < to && self.second + i64::from(self.period_s) > from
    }
}

/// The rows of one signal of one source.
#[derive(Debug, Clone)]
pub struct Series {
    /// The signal.
    pub signal: SignalId,
    /// The source.
    pub source: SourceId,
    /// The layer it speaks of.
    pub layer: Layer,
    /// The layer that wrote it.
    pub writer: Layer,
    /// What one occurrence stands for.
    pub role: Role,
    /// The lines were written by another server than the signal's name says.
    pub adopted: bool,
    /// The longest period of its rows, in seconds.
    pub longest_period_s: u32,
    rows: Range<usize>,
}

impl Series {
    /// Whether it comes of a metric; logs are counted by the second.
    pub fn is_metric(&self) -> bool {
        self.longest_period_s > 10
    }
}

/// What tells a series in the frame.
#[derive(Debug)]
struct Names {
    host: Option<String>,
    source: String,
    parser: String,
    signal: String,
}

/// The rows, sorted by series and time, and their table of contents.
pub struct Timeline {
    series: Vec<Series>,
    /// One a series.
    names: Vec<Names>,
    by_signal: BTreeMap<SignalId, Vec<usize>>,
    points: Vec<Point>,
    /// Smallest value and 90th percentile of the rows that have any, by the row's index: only the frame shows them.
    rest: Vec<(usize, f64, Option<f64>)>,
    /// First and last UTC second that any row covers.
    pub span: Option<(i64, i64)>,
}

/// A row without its names.
struct Raw {
    second: i64,
    period_s: u32,
    count: u64,
    measured: Option<(f64, f64, f64)>,
    quantiles: Option<[f64; 3]>,
}

impl Timeline {
    /// Puts the shifted tallies on one timeline; what lies outside `[from, to)` (UTC seconds) is left out. Where no line of any source has a time, everything is placed at `undated_at`.
    ///
    /// # Errors
    /// polars refuses the columns; they are built to one length, so it does not.
    pub fn build(
        scan: &Scan,
        catalog: &Catalog,
        clocks: &[Clock],
        window: (Option<i64>, Option<i64>),
        undated_at: i64,
    ) -> PolarsResult<Self> {
        let timeless = scan.is_timeless();
        let (mut series, mut names): (Vec<Series>, Vec<Names>) = (Vec::new(), Vec::new());
        let (mut points, mut rest): (Vec<Point>, Vec<_>) = (Vec::new(), Vec::new());
        let inside = |s: i64| window.0.is_none_or(|f| s >= f) && window.1.is_none_or(|t| s < t);
        for source in &scan.sources {
            let tally = scan.tally(source.id);
            let clock = &clocks[source.id.0];
            let format = &catalog.formats[tally.format].definition;
            for (&signal, t) in &tally.signals {
                let info = catalog.signals.info(signal);
                let own = Some(info.layer) == format.layer;
                let layer = if source.adopted && own { source.layer } else { info.layer };
                let begin = points.len();
                let mut rows = raw_rows(t, tally.period_s, clock);
                if timeless && t.undated > 0 {
                    rows.push(Raw { second: undated_at, period_s: 1, count: t.undated, measured: None, quantiles: None });
                }
                rows.retain(|r| inside(r.second));
                rows.sort_by_key(|r| r.second);
                for r in rows {
                    if let Some(m) = r.measured {
                        rest.push((points.len(), m.1, r.quantiles.map(|q| q[1])));
                    }
                    points.push(Point {
                        second: r.second,
                        period_s: r.period_s,
                        count: r.count,
                        sum: r.measured.map_or(0.0, |m| m.0),
                        max: r.measured.map(|m| m.2),
                        p50: r.quantiles.map(|q| q[0]),
                        p99: r.quantiles.map(|q| q[2]),
                    });
                }
                let rows = begin..points.len();
                if !rows.is_empty() {
                    names.push(Names {
                        host: source.host.clone(),
                        source: source.path.clone(),
                        parser: format.name.clone(),
                        signal: info.name.clone(),
                    });
                    series.push(Series {
                        signal,
                        source: source.id,
                        layer,
                        writer: source.layer,
                        role: catalog.signals.role_among(signal, |other| tally.signals.contains_key(&other)),
                        adopted: source.adopted && own,
                        longest_period_s: points[rows.clone()].iter().map(|p| p.period_s).max().unwrap_or(1),
                        rows,
                    });
                }
            }
        }
        let mut by_signal: BTreeMap<SignalId, Vec<usize>> = BTreeMap::new();
        for (i, s) in series.iter().enumerate() {
            by_signal.entry(s.signal).or_default().push(i);
        }
        let first = points.iter().map(|p: &Point| p.second).min();
        let last = points.iter().map(|p| p.second + i64::from(p.period_s) - 1).max();
        Ok(Timeline { series, names, by_signal, points, rest, span: first.zip(last) })
    }

    /// The rows as a frame; see the module's table. It is made when somebody asks: an analysis works on the points.
    ///
    /// # Errors
    /// polars refuses the columns; they are built to one length, so it does not.
    pub fn frame(&self) -> PolarsResult<DataFrame> {
        let height = self.points.len();
        let texts = |name: &'static str, text: &dyn Fn(usize) -> Option<String>| {
            let of_series = |i: usize| (text(i), self.series[i].rows.len());
            let all: StringChunked = {
                let named: Vec<(Option<String>, usize)> = (0..self.series.len()).map(of_series).collect();
                named.iter().flat_map(|(t, n)| std::iter::repeat_n(t.as_deref(), *n)).collect()
            };
            all.with_name(name.into()).into_column()
        };
        let (mut min, mut p90) = (vec![None; height], vec![None; height]);
        for (row, least, ninety) in &self.rest {
            min[*row] = Some(*least);
            p90[*row] = *ninety;
        }
        let all = |value: &dyn Fn(&Point) -> Option<f64>| self.points.iter().map(value).collect::<Vec<Option<f64>>>();
        let time: Vec<i64> = self.points.iter().map(|p| p.second * 1000).collect();
        let time = polars::prelude::Series::new("time".into(), time).cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?;
        DataFrame::new(
            height,
            vec![
                time.into_column(),
                Column::new("period_s".into(), self.points.iter().map(|p| p.period_s).collect::<Vec<u32>>()),
                texts("layer", &|i| Some(self.series[i].layer.id().to_owned())),
                texts("host", &|i| self.names[i].host.clone()),
                texts("source", &|i| Some(self.names[i].source.clone())),
                texts("parser", &|i| Some(self.names[i].parser.clone())),
                texts("signal", &|i| Some(self.names[i].signal.clone())),
                Column::new("count".into(), self.points.iter().map(|p| p.count).collect::<Vec<u64>>()),
                Column::new("sum".into(), all(&|p| p.max.map(|_| p.sum))),
                Column::new("min".into(), min),
                Column::new("max".into(), all(&|p| p.max)),
                Column::new("p50".into(), all(&|p| p.p50)),
                Column::new("p90".into(), p90),
                Column::new("p99".into(), all(&|p| p.p99)),
            ],
        )
    }

    /// All series.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.iter()
    }

    /// The series of one signal, those of adopted sources left out: their name would say what they are not.
    pub fn of_signal(&self, signal: SignalId) -> impl Iterator<Item = &Series> {
        self.by_signal.get(&signal).into_iter().flatten().map(|&i| &self.series[i]).filter(|s| !s.adopted)
    }

    /// A series' rows in the order of time.
    pub fn points(&self, series: &Series) -> &[Point] {
        &self.points[series.rows.clone()]
    }

    /// Those of a series' rows among which are all that overlap `[from, to)`.
    pub fn near(&self, series: &Series, from: i64, to: i64) -> &[Point] {
        let all = self.points(series);
        let begin = all.partition_point(|p| p.second.saturating_add(i64::from(series.longest_period_s)) <= from);
        let end = all.partition_point(|p| p.second < to).max(begin);
        &all[begin..end]
    }
}

/// The rows of one signal: a row a second for what is counted, a row a sketch for what is measured (the seconds of it that have something), a row a
/// period for metrics.
fn raw_rows(t: &SignalTally, period_s: u32, clock: &Clock) -> Vec<Raw> {
    let measured = |c: &crate::parser::tally::Cell| (c.max >= c.min).then_some((c.sum, c.min, c.max));
    if t.sketches.is_empty() {
        let row = |c: &crate::parser::tally::Cell| Raw {
            second: clock.utc(c.second),
            period_s,
            count: c.count,
            measured: measured(c),
            quantiles: None,
        };
        return t.cells.iter().map(row).collect();
    }
    let mut cells = t.cells.iter().peekable();
    let mut rows = Vec::new();
    for (bucket, sketch) in &t.sketches {
        // From the first second that has something to the last: ten seconds earlier would put an effect before its cause.
        let first = cells.peek().map_or(*bucket, |c| c.second.max(*bucket));
        let mut row = Raw { second: clock.utc(first), period_s: 1, count: 0, measured: None, quantiles: None };
        while let Some(c) = cells.next_if(|c| c.second < bucket + SKETCH_SECONDS) {
            row.period_s = u32::try_from(c.second - first + 1).unwrap_or(1);
            row.count += c.count;
            if let Some((sum, min, max)) = measured(c) {
                let (s, lo, hi) = row.measured.unwrap_or((0.0, f64::INFINITY, f64::NEG_INFINITY));
                row.measured = Some((s + sum, lo.min(min), hi.max(max)));
            }
        }
        let q = |q: f64| sketch.quantile(q).ok().flatten().unwrap_or(0.0);
        row.quantiles = Some([q(0.5), q(0.9), q(0.99)]);
        rows.push(row);
    }
    rows
}
