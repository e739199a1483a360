//! What rows say of one file, or of one piece of it, until all of them have come: rows have no order.

use std::collections::{BTreeMap, HashMap};

use super::{column, kind, name, said, sketch};
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::tally::{Cell, Example, FileTally, PATH_CLASSES, SKETCH_BUCKETS, SignalTally, SourceTally};

/// Largest count of a row, so that sums of millions of rows stay within their type.
pub const MOST: u64 = 1 << 40;

/// Seconds from 1970 beyond which nothing is a time of a log.
pub const FARTHEST: u64 = 100_000_000_000;

/// One row.
pub struct Row<'r> {
    pub kind: &'r str,
    pub source: Option<i64>,
    pub parser: Option<&'r str>,
    pub host: Option<&'r str>,
    pub signal: Option<&'r str>,
    pub second: Option<i64>,
    pub name: Option<&'r str>,
    pub text: Option<&'r str>,
    pub line: Option<i64>,
    pub count: Option<i64>,
    pub sum: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub bytes: Option<&'r [u8]>,
}

/// A file or piece under construction.
#[derive(Default)]
pub struct Draft {
    numbers: BTreeMap<String, i64>,
    /// How often it is said how many lines there are: more than once is one piece more than once.
    pub told: usize,
    error: Option<Saying>,
    unmatched: Vec<(u64, String)>,
    pub head: Vec<u8>,
    pub end: Option<Vec<u8>>,
    sources: BTreeMap<i64, DraftSource>,
}

#[derive(Default)]
struct DraftSource {
    parser: String,
    host: Option<String>,
    numbers: BTreeMap<String, i64>,
    anchors: Vec<(bool, i64, u64)>,
    paths: Vec<(i64, [u16; PATH_CLASSES])>,
    signals: HashMap<String, SignalTally>,
}

impl Draft {
    /// Enters a row.
    ///
    /// # Errors
    /// The column whose value is missing, or out of bounds.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), &'static str> {
        let text = || row.text.ok_or(column::TEXT);
        match row.kind {
            kind::FILE => {
                let name = row.name.ok_or(column::NAME)?;
                if name == name::ERROR {
                    self.error = Some(said::decode(row.text, row.bytes).ok_or(column::TEXT)?);
                } else {
                    self.told += usize::from(name == name::LINES);
                    self.numbers.insert(name.to_owned(), row.count.ok_or(column::COUNT)?);
                }
            }
            kind::UNMATCHED => self.unmatched.push((line(row)?, text()?.to_owned())),
            kind::HEAD => self.head = row.bytes.ok_or(column::BYTES)?.to_vec(),
            kind::END => self.end = Some(row.bytes.ok_or(column::BYTES)?.to_vec()),
            _ => self.add_to_source(row)?,
        }
        Ok(())
    }

    fn add_to_source(&mut self, row: &Row<'_>) -> Result<(), &'static str> {
        let index = row.source.filter(|i| (0..1 << 16).contains(i)).ok_or(column::SOURCE)?;
        let parser = row.parser.ok_or(column::PARSER)?;
        let source = self.sources.entry(index).or_default();
        if source.parser.is_empty() {
            parser.clone_into(&mut source.parser);
            source.host = row.host.map(str::to_owned);
        } else if source.parser != parser {
            return Err(column::PARSER);
        }
        match row.kind {
            kind::SOURCE => {
                let name = row.name.ok_or(column::NAME)?;
                source.numbers.insert(name.to_owned(), row.count.ok_or(column::COUNT)?);
            }
            kind::ANCHOR => source.anchors.push((row.name == Some(name::SINCE), second(row)?, count(row)?)),
            kind::PATHS => {
                let bytes: &[u8; 2 * PATH_CLASSES] = row.bytes.and_then(|b| b.try_into().ok()).ok_or(column::BYTES)?;
                source.paths.push((second(row)?, std::array::from_fn(|i| u16::from_le_bytes([bytes[2 * i], bytes[2 * i + 1]]))));
            }
            _ => {
                let signal = row.signal.ok_or(column::SIGNAL)?;
                if !source.signals.contains_key(signal) {
                    source.signals.insert(signal.to_owned(), SignalTally::default());
                }
                let Some(tally) = source.signals.get_mut(signal) else { return Ok(()) };
                add_to_signal(tally, row)?;
            }
        }
        Ok(())
    }

    /// Takes in what other rows said of the same.
    pub fn extend(&mut self, other: Draft) {
        self.numbers.extend(other.numbers);
        self.told += other.told;
        self.error = self.error.take().or(other.error);
        self.unmatched.extend(other.unmatched);
        if self.head.is_empty() {
            self.head = other.head;
        }
        self.end = self.end.take().or(other.end);
        for (i, s) in other.sources {
            let own = self.sources.entry(i).or_default();
            if own.parser.is_empty() {
                own.parser = s.parser;
                own.host = s.host;
            }
            own.numbers.extend(s.numbers);
            own.anchors.extend(s.anchors);
            own.paths.extend(s.paths);
            for (signal, t) in s.signals {
                let into = own.signals.entry(signal).or_default();
                into.undated = into.undated.saturating_add(t.undated);
                into.borrowed = into.borrowed.saturating_add(t.borrowed);
                into.cells.extend(t.cells);
                into.sketches.extend(t.sketches);
                into.absorb_quotes(t.examples, t.facts);
            }
        }
    }

    /// A number of the file.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.numbers.get(name).copied()
    }

    /// The tally that the rows come to, and what of it this build does not know. `open` lines belong to a traceback that goes on behind the
    /// piece; they are counted when it ends.
    pub fn finish(mut self, catalog: &Catalog, open: u64) -> (FileTally, Vec<Saying>) {
        let mut unknown = Vec::new();
        let file = |name: &str| self.numbers.get(name).map_or(0, |n| u64::try_from(*n).unwrap_or(0).min(MOST));
        let mut tally = FileTally {
            lines: file(name::LINES),
            bytes: file(name::BYTES),
            blank: file(name::BLANK),
            unmatched: file(name::UNMATCHED),
            overlong: file(name::OVERLONG),
            error: self.error.take(),
            ..FileTally::default()
        };
        self.unmatched.sort();
        self.unmatched.truncate(5);
        tally.unmatched_examples = std::mem::take(&mut self.unmatched);
        let mut places: BTreeMap<i64, usize> = BTreeMap::new();
        for (i, source) in std::mem::take(&mut self.sources) {
            let lines = source.numbers.get(name::MATCHED).map_or(0, |n| u64::try_from(*n).unwrap_or(0).min(MOST));
            let Some(format) = catalog.find(&source.parser) else {
                tally.unmatched += lines;
                unknown.push(Saying::with("partial-no-parser", &[("parser", &source.parser)]));
                continue;
            };
            places.insert(i, tally.sources.len());
            tally.sources.push(source.finish(SourceTally::new(format, None), catalog, &places, &mut unknown));
        }
        // What engines made or cut off may not add up: the report's sums must.
        let known = open + tally.blank + tally.unmatched + tally.sources.iter().map(|s| s.matched).sum::<u64>();
        if tally.lines != known {
            let (lines, accounted) = (tally.lines.to_string(), known.to_string());
            let because = Saying::with("partial-rows-missing", &[("lines", &lines), ("known", &accounted)]);
            tally.error.get_or_insert(because);
            tally.unmatched += tally.lines.saturating_sub(known);
            tally.lines = tally.lines.max(known);
        }
        (tally, unknown)
    }
}

impl DraftSource {
    fn finish(
        self,
        empty: SourceTally,
        catalog: &Catalog,
        places: &BTreeMap<i64, usize>,
        unknown: &mut Vec<Saying>,
    ) -> SourceTally {
        let number = |name: &str| self.numbers.get(name).copied();
        let size = |name: &str| number(name).map_or(0, |n| u64::try_from(n).unwrap_or(0).min(MOST));
        let time = |name: &str| number(name).filter(|s| s.unsigned_abs() <= FARTHEST);
        let place = |name: &str| number(name).and_then(|i| places.get(&i).copied());
        let mut s = SourceTally {
            host: self.host,
            period_s: number(name::PERIOD).and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=86_400).contains(n)).unwrap_or(1),
            matched: size(name::MATCHED),
            weightless: size(name::WEIGHTLESS).min(size(name::MATCHED)),
            stated: number(name::STATED).map(|n| n != 0),
            offset_s: number(name::UTC_OFFSET).filter(|o| o.unsigned_abs() <= 86_400).map(|o| o as i32),
            borrows_from: place(name::BORROWS),
            span: time(name::EARLIEST).zip(time(name::LATEST)).filter(|(a, b)| a <= b),
            after_jump_back_s: time(name::JUMP),
            part_before: place(name::PART_BEFORE),
            first: time(name::FIRST),
            last: time(name::LAST),
            ..empty
        };
        for (since, difference, n) in self.anchors {
            s.anchors.add(since, difference, n);
        }
        s.paths = self.paths;
        s.paths.sort_by_key(|p| p.0);
        s.paths.dedup_by(|b, a| {
            let same = a.0 == b.0;
            if same {
                a.1.iter_mut().zip(b.1).for_each(|(x, y)| *x = x.saturating_add(y));
            }
            same
        });
        let mut signals: Vec<(String, SignalTally)> = self.signals.into_iter().collect();
        signals.sort_by(|a, b| a.0.cmp(&b.0));
        for (signal, mut t) in signals {
            let Some(id) = catalog.signals.find(&signal) else {
                unknown.push(Saying::with("partial-no-signal", &[("signal", &signal)]));
                continue;
            };
            in_order(&mut t);
            s.signals.insert(id, t);
        }
        s
    }
}

/// Cells and sketches in the order of time, one a time.
fn in_order(t: &mut SignalTally) {
    t.cells.sort_by_key(|c| c.second);
    t.cells.dedup_by(|b, a| {
        let same = a.second == b.second;
        if same {
            a.count = a.count.saturating_add(b.count);
            a.sum += b.sum;
            a.min = a.min.min(b.min);
            a.max = a.max.max(b.max);
        }
        same
    });
    t.sketches.sort_by_key(|s| s.0);
    t.sketches.dedup_by(|b, a| a.0 == b.0 && a.1.merge(&b.1).is_ok());
}

fn add_to_signal(t: &mut SignalTally, row: &Row<'_>) -> Result<(), &'static str> {
    match row.kind {
        kind::SIGNAL => match row.name {
            Some(name::UNDATED) => t.undated = t.undated.saturating_add(count(row)?),
            Some(name::BORROWED) => t.borrowed = t.borrowed.saturating_add(count(row)?),
            _ => {}
        },
        kind::CELL => {
            let measured = [row.sum, row.min, row.max];
            if measured.iter().flatten().any(|v| !v.is_finite()) {
                return Err(column::SUM);
            }
            let [sum, min, max] =
                [(0, 0.0), (1, f64::INFINITY), (2, f64::NEG_INFINITY)].map(|(i, none)| measured[i].unwrap_or(none));
            t.cells.push(Cell { second: second(row)?, count: count(row)?, sum, min, max });
        }
        kind::SKETCH => {
            let bytes = row.bytes.ok_or(column::BYTES)?;
            t.sketches.push((second(row)?, sketch::decode(bytes, SKETCH_BUCKETS).ok_or(column::BYTES)?));
        }
        kind::EXAMPLE => {
            let second = row.second.map(|_| second(row)).transpose()?;
            let text = row.text.ok_or(column::TEXT)?;
            let example = Example { line: line(row)?, second, text: text.to_owned() };
            t.absorb_quotes(vec![example], BTreeMap::new());
        }
        kind::FACT => {
            let (Some(field), Some(value)) = (row.name, row.text) else { return Err(column::TEXT) };
            t.add_fact_times(field, value.as_bytes(), count(row)?);
        }
        // A newer minor addition: what is not known is left out.
        _ => {}
    }
    Ok(())
}

fn second(row: &Row<'_>) -> Result<i64, &'static str> {
    row.second.filter(|s| s.unsigned_abs() <= FARTHEST).ok_or(column::SECOND)
}

fn count(row: &Row<'_>) -> Result<u64, &'static str> {
    row.count.and_then(|n| u64::try_from(n).ok()).filter(|n| *n <= MOST).ok_or(column::COUNT)
}

fn line(row: &Row<'_>) -> Result<u64, &'static str> {
    row.line.and_then(|n| u64::try_from(n).ok()).filter(|n| *n <= MOST).ok_or(column::LINE)
}
