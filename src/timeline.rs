//! The shared timeline: one polars frame in long form, UTC, one row a time × layer × host × source × signal.
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
    rows: Range<usize>,
}

/// The frame and its table of contents.
pub struct Timeline {
    /// The frame; see the module's table.
    pub frame: DataFrame,
    series: Vec<Series>,
    by_signal: BTreeMap<SignalId, Vec<usize>>,
    points: Vec<Point>,
    /// First and last UTC second that any row covers.
    pub span: Option<(i64, i64)>,
}

/// Columns under construction.
#[derive(Default)]
struct Columns {
    time: Vec<i64>,
    period: Vec<u32>,
    layer: Vec<&'static str>,
    host: Vec<Option<String>>,
    source: Vec<String>,
    parser: Vec<String>,
    signal: Vec<String>,
    count: Vec<u64>,
    sum: Vec<Option<f64>>,
    min: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
    p50: Vec<Option<f64>>,
    p90: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
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
        let mut c = Columns::default();
        let mut series = Vec::new();
        let mut points = Vec::new();
        let inside = |s: i64| window.0.is_none_or(|f| s >= f) && window.1.is_none_or(|t| s < t);
        for source in &scan.sources {
            let tally = scan.tally(source.id);
            let clock = &clocks[source.id.0];
            let format = &catalog.formats[tally.format].definition;
            for (&signal, t) in &tally.signals {
                let info = catalog.signals.info(signal);
                let own = Some(info.layer) == format.layer;
                let layer = if source.adopted && own { source.layer } else { info.layer };
                let begin = c.time.len();
                let mut rows = raw_rows(t, tally.period_s, clock);
                if timeless && t.undated > 0 {
                    rows.push(Raw { second: undated_at, period_s: 1, count: t.undated, measured: None, quantiles: None });
                }
                rows.retain(|r| inside(r.second));
                rows.sort_by_key(|r| r.second);
                for r in rows {
                    points.push(Point {
                        second: r.second,
                        period_s: r.period_s,
                        count: r.count,
                        sum: r.measured.map_or(0.0, |m| m.0),
                        max: r.measured.map(|m| m.2),
                        p50: r.quantiles.map(|q| q[0]),
                        p99: r.quantiles.map(|q| q[2]),
                    });
                    c.time.push(r.second * 1000);
                    c.period.push(r.period_s);
                    c.layer.push(layer.id());
                    c.host.push(source.host.clone());
                    c.source.push(source.path.clone());
                    c.parser.push(format.name.clone());
                    c.signal.push(info.name.clone());
                    c.count.push(r.count);
                    c.sum.push(r.measured.map(|m| m.0));
                    c.min.push(r.measured.map(|m| m.1));
                    c.max.push(r.measured.map(|m| m.2));
                    c.p50.push(r.quantiles.map(|q| q[0]));
                    c.p90.push(r.quantiles.map(|q| q[1]));
                    c.p99.push(r.quantiles.map(|q| q[2]));
                }
                let rows = begin..c.time.len();
                if !rows.is_empty() {
                    series.push(Series {
                        signal,
                        source: source.id,
                        layer,
                        writer: source.layer,
                        role: info.role,
                        adopted: source.adopted && own,
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
        Ok(Timeline { frame: c.into_frame()?, series, by_signal, points, span: first.zip(last) })
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
}

/// The rows of one signal: a row a second for what is counted, a row a sketch for what is measured, a row a period for metrics.
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
        let mut row =
            Raw { second: clock.utc(*bucket), period_s: SKETCH_SECONDS as u32, count: 0, measured: None, quantiles: None };
        while let Some(c) = cells.next_if(|c| c.second < bucket + SKETCH_SECONDS) {
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

impl Columns {
    fn into_frame(self) -> PolarsResult<DataFrame> {
        let height = self.time.len();
        let time =
            polars::prelude::Series::new("time".into(), self.time).cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?;
        DataFrame::new(
            height,
            vec![
                time.into_column(),
                Column::new("period_s".into(), self.period),
                Column::new("layer".into(), self.layer),
                Column::new("host".into(), self.host),
                Column::new("source".into(), self.source),
                Column::new("parser".into(), self.parser),
                Column::new("signal".into(), self.signal),
                Column::new("count".into(), self.count),
                Column::new("sum".into(), self.sum),
                Column::new("min".into(), self.min),
                Column::new("max".into(), self.max),
                Column::new("p50".into(), self.p50),
                Column::new("p90".into(), self.p90),
                Column::new("p99".into(), self.p99),
            ],
        )
    }
}
