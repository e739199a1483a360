//! From tallies to the rows of a partial.

use polars::prelude::*;
use std::io::Write;

use super::{Scanned, VERSION, column, end, kind, name, said, sketch};
use crate::parser::catalog::Catalog;
use crate::parser::stamp::YearHint;
use crate::parser::tally::{FileTally, SignalTally, SourceTally};
use crate::source::Skipped;

/// Rows that are written at once: as many as engines like to have in a row group.
const BATCH: usize = 256 * 1024;

/// Writes a partial.
pub struct PartialWriter<'c, W: Write> {
    catalog: &'c Catalog,
    out: BatchedWriter<W>,
    rows: Rows,
}

/// What a row has besides its file; what it has no use for stays null.
#[derive(Default, Clone, Copy)]
struct Row<'r> {
    kind: &'static str,
    source: Option<usize>,
    parser: Option<&'r str>,
    host: Option<&'r str>,
    signal: Option<&'r str>,
    second: Option<i64>,
    name: Option<&'r str>,
    text: Option<&'r str>,
    line: Option<u64>,
    count: Option<i64>,
    measured: Option<[f64; 3]>,
    bytes: Option<&'r [u8]>,
}

/// Columns under construction. Names repeat from row to row, and are small strings without an allocation.
#[derive(Default)]
struct Rows {
    path: Vec<PlSmallStr>,
    offset: Vec<i64>,
    kind: Vec<&'static str>,
    source: Vec<Option<i64>>,
    parser: Vec<Option<PlSmallStr>>,
    host: Vec<Option<PlSmallStr>>,
    signal: Vec<Option<PlSmallStr>>,
    second: Vec<Option<i64>>,
    name: Vec<Option<PlSmallStr>>,
    text: Vec<Option<String>>,
    line: Vec<Option<i64>>,
    count: Vec<Option<i64>>,
    sum: Vec<Option<f64>>,
    min: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
    bytes: Vec<Option<Vec<u8>>>,
}

impl<'c, W: Write> PartialWriter<'c, W> {
    /// A writer of rows.
    ///
    /// # Errors
    /// The begin of the file cannot be written.
    pub fn new(catalog: &'c Catalog, out: W) -> PolarsResult<Self> {
        let empty = Rows::default().into_frame()?;
        let version = KeyValueMetadata::from_static(vec![("fivexx.partial".to_owned(), VERSION.to_string())]);
        let out = ParquetWriter::new(out).with_key_value_metadata(Some(version)).batched(empty.schema())?;
        Ok(PartialWriter { catalog, out, rows: Rows::default() })
    }

    /// Writes what was scanned of a file. `hint` is what stood in for years that lines leave out.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub fn file(&mut self, path: &str, scanned: &Scanned, hint: YearHint) -> PolarsResult<()> {
        let (offset, tally) = match scanned {
            Scanned::Whole(tally) => (0, tally),
            Scanned::Piece(offset, piece) => (clamp(*offset), &piece.body),
        };
        let mut to = To { rows: &mut self.rows, path, offset };
        let number = |name, count| Row { kind: kind::FILE, name: Some(name), count: Some(count), ..Row::default() };
        to.push(number(name::YEAR_HINT, hint.0));
        if let Scanned::Piece(_, piece) = scanned {
            to.push(number(name::PIECE, 1));
            to.push(Row { kind: kind::HEAD, bytes: Some(&piece.head), ..Row::default() });
            to.push(Row { kind: kind::END, bytes: Some(&end::encode(&piece.end, self.catalog)), ..Row::default() });
        }
        to.tally(tally, number);
        for (i, source) in tally.sources.iter().enumerate() {
            let mut to = To { rows: &mut self.rows, path, offset };
            to.source(i, source, self.catalog);
            if self.rows.kind.len() >= BATCH {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes that an input was not read, and why.
    pub fn unread(&mut self, skipped: &Skipped) {
        let mut to = To { rows: &mut self.rows, path: &skipped.name, offset: 0 };
        let because = &skipped.because;
        to.push(Row {
            kind: kind::UNREAD,
            text: Some(&because.to_string()),
            bytes: Some(&said::encode(because)),
            ..Row::default()
        });
    }

    fn flush(&mut self) -> PolarsResult<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.kind.is_empty() {
            return Ok(());
        }
        self.out.write_batch(&rows.into_frame()?)
    }

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> PolarsResult<()> {
        self.flush()?;
        self.out.finish().map(drop)
    }
}

/// Where rows of one file go.
struct To<'r> {
    rows: &'r mut Rows,
    path: &'r str,
    offset: i64,
}

impl To<'_> {
    fn tally(&mut self, t: &FileTally, number: impl Fn(&'static str, i64) -> Row<'static>) {
        let numbers = [
            (name::LINES, t.lines),
            (name::BYTES, t.bytes),
            (name::BLANK, t.blank),
            (name::UNMATCHED, t.unmatched),
            (name::OVERLONG, t.overlong),
        ];
        for (name, n) in numbers {
            self.push(number(name, clamp(n)));
        }
        if let Some(error) = &t.error {
            let (text, bytes) = (error.to_string(), said::encode(error));
            let row = Row { kind: kind::FILE, name: Some(name::ERROR), ..Row::default() };
            self.push(Row { text: Some(&text), bytes: Some(&bytes), ..row });
        }
        for (line, text) in &t.unmatched_examples {
            self.push(Row { kind: kind::UNMATCHED, line: Some(*line), text: Some(text), ..Row::default() });
        }
    }

    fn source(&mut self, index: usize, s: &SourceTally, catalog: &Catalog) {
        let parser = Some(catalog.formats[s.format].definition.name.as_str());
        let base = Row { source: Some(index), parser, host: s.host.as_deref(), ..Row::default() };
        let numbers = [
            (name::MATCHED, Some(clamp(s.matched))),
            (name::WEIGHTLESS, Some(clamp(s.weightless))),
            (name::PERIOD, Some(i64::from(s.period_s))),
            (name::STATED, s.stated.map(i64::from)),
            (name::UTC_OFFSET, s.offset_s.map(i64::from)),
            (name::BORROWS, s.borrows_from.map(|i| i as i64)),
            (name::EARLIEST, s.span.map(|x| x.0)),
            (name::LATEST, s.span.map(|x| x.1)),
            (name::FIRST, s.first),
            (name::LAST, s.last),
            (name::JUMP, s.after_jump_back_s),
            (name::PART_BEFORE, s.part_before.map(|i| i as i64)),
        ];
        for (name, n) in numbers {
            if n.is_some() {
                self.push(Row { kind: kind::SOURCE, name: Some(name), count: n, ..base });
            }
        }
        for (since, difference, n) in s.anchors.iter() {
            let name = if since { name::SINCE } else { name::UNTIL };
            self.push(Row { kind: kind::ANCHOR, name: Some(name), second: Some(difference), count: Some(clamp(n)), ..base });
        }
        for (second, classes) in &s.paths {
            let bytes: Vec<u8> = classes.iter().flat_map(|n| n.to_le_bytes()).collect();
            let requests: i64 = classes.iter().map(|n| i64::from(*n)).sum();
            self.push(Row { kind: kind::PATHS, second: Some(*second), count: Some(requests), bytes: Some(&bytes), ..base });
        }
        for (signal, t) in &s.signals {
            self.signal(t, Row { signal: Some(&catalog.signals.info(*signal).name), ..base });
        }
    }

    fn signal(&mut self, t: &SignalTally, base: Row<'_>) {
        for (name, n) in [(name::UNDATED, t.undated), (name::BORROWED, t.borrowed)] {
            self.push(Row { kind: kind::SIGNAL, name: Some(name), count: Some(clamp(n)), ..base });
        }
        for c in &t.cells {
            let measured = (c.max >= c.min).then_some([c.sum, c.min, c.max]);
            self.push(Row { kind: kind::CELL, second: Some(c.second), count: Some(clamp(c.count)), measured, ..base });
        }
        for (second, sketch) in &t.sketches {
            let (bytes, n) = (sketch::encode(sketch), clamp(sketch.count() as u64));
            self.push(Row { kind: kind::SKETCH, second: Some(*second), count: Some(n), bytes: Some(&bytes), ..base });
        }
        for e in &t.examples {
            self.push(Row { kind: kind::EXAMPLE, second: e.second, line: Some(e.line), text: Some(&e.text), ..base });
        }
        for (field, values) in &t.facts {
            for (value, n) in values {
                self.push(Row { kind: kind::FACT, name: Some(field), text: Some(value), count: Some(clamp(*n)), ..base });
            }
        }
    }

    fn push(&mut self, row: Row<'_>) {
        let r = &mut *self.rows;
        let small = |t: Option<&str>| t.map(PlSmallStr::from_str);
        r.path.push(PlSmallStr::from_str(self.path));
        r.offset.push(self.offset);
        r.kind.push(row.kind);
        r.source.push(row.source.map(|i| i as i64));
        r.parser.push(small(row.parser));
        r.host.push(small(row.host));
        r.signal.push(small(row.signal));
        r.second.push(row.second);
        r.name.push(small(row.name));
        r.text.push(row.text.map(str::to_owned));
        r.line.push(row.line.map(clamp));
        r.count.push(row.count);
        r.sum.push(row.measured.map(|m| m[0]));
        r.min.push(row.measured.map(|m| m[1]));
        r.max.push(row.measured.map(|m| m[2]));
        r.bytes.push(row.bytes.map(<[u8]>::to_vec));
    }
}

impl Rows {
    fn into_frame(self) -> PolarsResult<DataFrame> {
        let height = self.kind.len();
        let names = |column: &'static str, all: Vec<Option<PlSmallStr>>| {
            let texts: StringChunked = all.iter().map(|t| t.as_deref()).collect();
            texts.with_name(column.into()).into_column()
        };
        let texts: StringChunked = self.text.iter().map(|t| t.as_deref()).collect();
        let bytes: BinaryChunked = self.bytes.iter().map(|b| b.as_deref()).collect();
        DataFrame::new(
            height,
            vec![
                Column::new(column::VERSION.into(), vec![VERSION; height]),
                names(column::PATH, self.path.into_iter().map(Some).collect()),
                Column::new(column::OFFSET.into(), self.offset),
                Column::new(column::KIND.into(), self.kind),
                Column::new(column::SOURCE.into(), self.source),
                names(column::PARSER, self.parser),
                names(column::HOST, self.host),
                names(column::SIGNAL, self.signal),
                Column::new(column::SECOND.into(), self.second),
                names(column::NAME, self.name),
                texts.with_name(column::TEXT.into()).into_column(),
                Column::new(column::LINE.into(), self.line),
                Column::new(column::COUNT.into(), self.count),
                Column::new(column::SUM.into(), self.sum),
                Column::new(column::MIN.into(), self.min),
                Column::new(column::MAX.into(), self.max),
                bytes.with_name(column::BYTES.into()).into_column(),
            ],
        )
    }
}

/// Signed numbers are what all engines read alike.
fn clamp(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
