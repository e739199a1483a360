//! What a scan keeps: counts and sums a second and signal, quantile sketches, a few lines to quote, a few facts.
//!
//! Memory grows with seconds × signals, never with lines.

pub mod anchors;
mod forget;
mod index;
mod paths;
mod values;

use sketches_ddsketch::{Config, DDSketch};
use std::borrow::Cow;
use std::collections::BTreeMap;

use self::anchors::Anchors;
pub(crate) use self::index::SourceIndex;
pub use self::paths::{PATH_CLASSES, PathCounts};
pub(super) use self::paths::{add_path_counts, path_class};
pub use self::values::{FACT_BYTES, FACT_VALUES, OTHER_VALUES, Values};
use super::catalog::{FormatId, SignalId};
use super::stamp::Stamp;
use crate::lang::Saying;

/// Seconds that share one quantile sketch: a sketch is a hundred times a count, and nobody needs a p99 of one second.
pub const SKETCH_SECONDS: i64 = 10;

/// Relative error of a quantile.
pub const SKETCH_ACCURACY: f64 = 0.02;

/// Most buckets of one sketch; at 2 % they span eleven decades.
pub const SKETCH_BUCKETS: u32 = 1024;

/// Lines kept to quote, a signal: so many a minute, so many in all.
const EXAMPLES_A_MINUTE: usize = 3;
const EXAMPLES: usize = 240;

/// Longest line that is kept to quote; longer ones are counted like any other.
const EXAMPLE_BYTES: usize = 4096;

/// Values of lines are summed up as multiples of this: such sums have no rounding, so that they are the same in any order. Metrics keep each
/// point as it is, for a document is never cut.
const GRAIN: f64 = 1.0 / (1 << 20) as f64;

/// Hosts, containers or formats that one file's lines are told apart by.
pub const MAX_SOURCES: usize = 256;

/// One second of one signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Seconds since 1970 (wall time of the source until the clock has shifted it).
    pub second: i64,
    /// How often.
    pub count: u64,
    /// Sum of the values, in the signal's base unit; 0 where it has none.
    pub sum: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

/// A line kept to be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Line number, from 1.
    pub line: u64,
    /// Second of its stamp, on the source's wall clock; `None` where it has none.
    pub second: Option<i64>,
    /// The line, byte for byte, without its line end.
    pub text: String,
}

/// Everything kept of one signal in one source.
#[derive(Clone, Default)]
pub struct SignalTally {
    /// Sorted by second, one a second.
    pub cells: Vec<Cell>,
    /// Sorted by their first second.
    pub sketches: Vec<(i64, DDSketch)>,
    /// How often without any stamp to place it by.
    pub undated: u64,
    /// How many of the stamps were taken over from a neighbouring line.
    pub borrowed: u64,
    /// Lines to quote, in the order of the file.
    pub examples: Vec<Example>,
    /// Two minutes (or none) that have as many as are kept: where lines are led back to the begin of a request, those of two take turns.
    full_minutes: [Option<Option<i64>>; 2],
    /// Kept fields: value → how often.
    pub facts: BTreeMap<String, Values>,
}

/// One observation of a signal.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'l> {
    /// Where in time, in seconds since 1970; `None` where nothing tells.
    pub second: Option<i64>,
    /// The stamp is a neighbouring line's.
    pub borrowed: bool,
    /// The value measured, in the base unit.
    pub value: Option<f64>,
    /// The line number, from 1.
    pub line: u64,
    /// The whole line as it stands in the file.
    pub text: &'l [u8],
}

impl SignalTally {
    /// Adds one observation.
    #[inline]
    pub fn add(&mut self, o: Observation<'_>) {
        match o.second {
            None => self.undated += 1,
            Some(second) => {
                self.borrowed += u64::from(o.borrowed);
                let cell = self.cell(second);
                cell.count += 1;
                if let Some(v) = o.value {
                    cell.take(v, grained(v));
                    self.sketch(second).add(v);
                }
            }
        }
        self.keep_example(o);
    }

    /// Adds what was counted of a second elsewhere, but for the sketch of its values; `borrowed` of it were placed by a neighbouring line.
    pub(super) fn add_counted(&mut self, counted: &Cell, borrowed: u64) {
        self.borrowed += borrowed;
        self.cell(counted.second).absorb(counted);
    }

    /// Adds a value to the sketch of a second, so many times.
    pub(super) fn add_measured(&mut self, second: i64, value: f64, times: u64) {
        self.sketch(second).add_with_count(value, times);
    }

    /// Adds `count` observations of a second at once (metric points).
    pub fn add_cell(&mut self, second: i64, count: u64, value: Option<f64>) {
        let cell = self.cell(second);
        cell.count += count;
        value.into_iter().for_each(|v| cell.take(v, v));
    }

    #[inline]
    fn cell(&mut self, second: i64) -> &mut Cell {
        slot(&mut self.cells, second, |c| c.second, || Cell::empty(second))
    }

    #[inline]
    fn sketch(&mut self, second: i64) -> &mut DDSketch {
        let bucket = sketch_of(second);
        &mut slot(&mut self.sketches, bucket, |s| s.0, || (bucket, new_sketch())).1
    }

    #[inline]
    fn keep_example(&mut self, o: Observation<'_>) {
        if !self.keeps_no_more(o.second) && o.text.len() <= EXAMPLE_BYTES {
            self.keep_example_of(o);
        }
    }

    /// Whether it is known that no further line of a second is kept to be quoted.
    pub(super) fn keeps_no_more_of(&self, second: i64) -> bool {
        self.keeps_no_more(Some(second))
    }

    #[inline]
    fn keeps_no_more(&self, second: Option<i64>) -> bool {
        self.examples.len() >= EXAMPLES || self.full_minutes.contains(&Some(second.map(minute_of)))
    }

    fn keep_example_of(&mut self, o: Observation<'_>) {
        if !self.has_room(o.second) {
            self.full_minutes = [Some(o.second.map(minute_of)), self.full_minutes[0]];
        // What is quoted must be found again byte for byte, and JSON holds only UTF-8.
        } else if let Ok(text) = std::str::from_utf8(o.text) {
            self.examples.push(Example { line: o.line, second: o.second, text: text.to_owned() });
        }
    }

    /// Whether a further line of this second's minute is kept. Lines come in the order of the file: kept are the first of each minute, and of
    /// these the first of all.
    fn has_room(&self, second: Option<i64>) -> bool {
        let same = |e: &&Example| e.second.map(minute_of) == second.map(minute_of);
        self.examples.len() < EXAMPLES && self.examples.iter().filter(same).count() < EXAMPLES_A_MINUTE
    }

    /// Takes over lines to quote that another tally has kept, of lines before or after: the first of each minute, and of these the first of all.
    pub(super) fn keep(&mut self, mut more: Vec<Example>) {
        let Some(first) = more.iter().map(|m| m.line).min() else { return };
        // The next piece of a file: what is kept already stays.
        if self.examples.last().is_some_and(|l| l.line > first) {
            more.splice(..0, self.examples.drain(..));
        }
        more.sort_by_key(|e| e.line);
        for example in more {
            if self.has_room(example.second) {
                self.examples.push(example);
            }
        }
    }

    /// Counts a value of a kept field.
    pub fn add_fact(&mut self, field: &str, value: &[u8]) {
        self.add_fact_times(field, value, 1);
    }

    /// Counts a value of a kept field so many times.
    pub fn add_fact_times(&mut self, field: &str, value: &[u8], times: u64) {
        if value.len() > FACT_BYTES {
            return;
        }
        let text = str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed);
        match self.facts.get_mut(field) {
            Some(values) => values.add(&text, times),
            None => self.facts.entry(field.to_owned()).or_default().add(&text, times),
        }
    }

    /// Observations in all, dated or not.
    pub fn total(&self) -> u64 {
        self.undated + self.cells.iter().map(|c| c.count).sum::<u64>()
    }
}

/// The item of a time in a list sorted by time, made where there is none. Lines come nearly in order: the last item is nearly
/// always the one.
#[inline]
fn slot<T>(items: &mut Vec<T>, time: i64, time_of: impl Fn(&T) -> i64, make: impl FnOnce() -> T) -> &mut T {
    let last = items.last().map(&time_of);
    let index = match last {
        Some(t) if t == time => items.len() - 1,
        Some(t) if t > time => match items.binary_search_by_key(&time, &time_of) {
            Ok(i) => i,
            Err(i) => {
                items.insert(i, make());
                i
            }
        },
        _ => {
            items.push(make());
            items.len() - 1
        }
    };
    &mut items[index]
}

fn minute_of(second: i64) -> i64 {
    second.div_euclid(60)
}

/// The first of the seconds that share a sketch with one.
#[inline]
pub(super) fn sketch_of(second: i64) -> i64 {
    second.div_euclid(SKETCH_SECONDS) * SKETCH_SECONDS
}

/// A value as the nearest multiple of [`GRAIN`].
#[inline]
pub(super) fn grained(value: f64) -> f64 {
    /// Beside this a double has no digits finer than the grain, so that to add it rounds.
    const LARGE: f64 = GRAIN * 1.5 / f64::EPSILON;
    if value.abs() < LARGE / 4.0 { value + LARGE - LARGE } else { (value / GRAIN).round() * GRAIN }
}

impl Cell {
    /// Takes a value, which is summed up as `summed`.
    #[inline]
    pub(super) fn take(&mut self, value: f64, summed: f64) {
        self.sum += summed;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Takes in another of the same second.
    pub(super) fn absorb(&mut self, other: &Cell) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    pub(super) const fn empty(second: i64) -> Self {
        Cell { second, count: 0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

/// An empty sketch of the accuracy used throughout.
pub fn new_sketch() -> DDSketch {
    DDSketch::new(Config::new(SKETCH_ACCURACY, SKETCH_BUCKETS, 1e-6))
}

/// The lines of one format (and host) in one file.
#[derive(Clone)]
pub struct SourceTally {
    /// The format.
    pub format: FormatId,
    /// The host or container that an envelope names.
    pub host: Option<String>,
    /// Seconds that one cell stands for: 1 for logs, a metric's period for metrics.
    pub period_s: u32,
    /// Lines that yielded a signal, or are recognised and of no weight.
    pub matched: u64,
    /// Those of the matched lines that are of no weight.
    pub weightless: u64,
    /// Whether the stamps state their zone; `None` until a stamp was read.
    pub stated: Option<bool>,
    /// The offset stated, seconds east of UTC (the last one seen).
    pub offset_s: Option<i32>,
    /// The source of the same file whose stamps this one's undated lines took over.
    pub borrows_from: Option<usize>,
    /// First and last second with a stamp of its own.
    pub span: Option<(i64, i64)>,
    /// Local times with the true time beside them.
    pub anchors: Anchors,
    /// The part of a log that begins where its local times went back by so many seconds (a season's end, a corrected clock).
    pub after_jump_back_s: Option<i64>,
    /// The part before it, where another part of its log came first.
    pub(crate) part_before: Option<usize>,
    /// Second of its first stamp, in the order of the lines.
    pub(crate) first: Option<i64>,
    /// Second of the last stamp.
    pub(crate) last: Option<i64>,
    /// Requests by second and class of their path, sorted by second.
    pub paths: Vec<(i64, PathCounts)>,
    /// What was observed.
    pub signals: BTreeMap<SignalId, SignalTally>,
}

impl SourceTally {
    /// Adds the requests of a second by the classes of their paths.
    pub fn add_paths(&mut self, second: i64, counts: &PathCounts) {
        add_path_counts(&mut slot(&mut self.paths, second, |p| p.0, || (second, [0; PATH_CLASSES])).1, counts);
    }

    /// A source without lines.
    pub fn new(format: FormatId, host: Option<String>) -> Self {
        SourceTally {
            format,
            host,
            period_s: 1,
            matched: 0,
            weightless: 0,
            stated: None,
            offset_s: None,
            borrows_from: None,
            span: None,
            anchors: Anchors::default(),
            after_jump_back_s: None,
            part_before: None,
            first: None,
            last: None,
            paths: Vec::new(),
            signals: BTreeMap::new(),
        }
    }

    /// Notes a stamp of the source's own.
    #[inline]
    pub fn note_stamp(&mut self, stamp: Stamp) {
        let second = stamp.second();
        self.first.get_or_insert(second);
        self.last = Some(second);
        self.span = Some(self.span.map_or((second, second), |(a, b)| (a.min(second), b.max(second))));
        self.stated.get_or_insert(stamp.offset_s.is_some());
        if stamp.offset_s.is_some() {
            self.offset_s = stamp.offset_s;
        }
    }
}

/// What one file came to.
#[derive(Clone, Default)]
pub struct FileTally {
    /// Lines read.
    pub lines: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Blank lines and the inside of envelopes that hold nothing.
    pub blank: u64,
    /// Lines that nothing claimed.
    pub unmatched: u64,
    /// A few of them: line number and text.
    pub unmatched_examples: Vec<(u64, String)>,
    /// Lines longer than the limit, which are not understood whatever they hold.
    pub overlong: u64,
    /// Lines of hosts that came when [`MAX_SOURCES`] were told apart already: they stand together.
    pub crowded: u64,
    /// Bytes that were not read, as they lie outside the time that was asked for.
    pub left_out: u64,
    /// Why reading ended early, where it did.
    pub error: Option<Saying>,
    /// By format and host, in the order of their first line.
    pub sources: Vec<SourceTally>,
}

impl FileTally {
    /// Whether many of its lines are not understood and look like requests: they are of a format of its own.
    pub fn is_of_an_own_format(&self) -> bool {
        let asks = |line: &str| line.contains(" HTTP/1.") || line.contains(" HTTP/2");
        let requests = self.unmatched_examples.iter().filter(|(_, line)| asks(line)).count();
        self.unmatched * 10 >= self.lines - self.blank && requests * 2 > self.unmatched_examples.len()
    }

    /// Read = understood + of no weight + not understood: the sum that must close.
    pub fn closes(&self) -> bool {
        self.lines == self.blank + self.unmatched + self.sources.iter().map(|s| s.matched).sum::<u64>()
    }
}

/// FNV-1a (Fowler, Noll, Vo): stable from run to run and machine to machine.
fn hash(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}
