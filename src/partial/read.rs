//! From a Parquet file to drafts of what it tells of.

use polars::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::draft::{Draft, Row};
use super::{VERSION, column, kind, pages, said};
use crate::lang::{Saying, thousands};
use crate::source::Skipped;

/// The first bytes of every Parquet file.
const MAGIC: &[u8; 4] = b"PAR1";

/// Most rows of one file: a thousand hours of one busy host.
pub(super) const MOST_ROWS: usize = 50_000_000;

/// Largest file that is read.
const LARGEST: u64 = 4 << 30;

/// What one Parquet file tells of.
#[derive(Default)]
pub struct Contents {
    /// By path and offset.
    pub(super) drafts: BTreeMap<(String, i64), Draft>,
    pub(super) unread: Vec<Skipped>,
}

/// Whether a file is a Parquet file, by its first bytes. Pipes are not looked at: what is read of them is gone.
pub fn is_partial(path: &Path) -> bool {
    let regular = path.metadata().is_ok_and(|m| m.is_file());
    let mut magic = [0; 4];
    regular && File::open(path).and_then(|mut f| f.read_exact(&mut magic)).is_ok() && &magic == MAGIC
}

/// Reads a partial.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn read(path: &Path) -> Result<Contents, Saying> {
    let file = File::open(path).map_err(|e| Saying::with("skip-not-opened", &[("error", &e.to_string())]))?;
    if file.metadata().is_ok_and(|m| m.len() > LARGEST) {
        return Err(Saying::of("partial-too-large"));
    }
    // The Parquet reader checks much of a file, but not everything: a broken one may make it panic.
    let frame = quietly(|| frame(file)).unwrap_or_else(|| Err(Saying::of("partial-broken-pages")));
    rows(&frame.map_err(unreadable)?)
}

fn unreadable(error: Saying) -> Saying {
    Saying::of("partial-unreadable").fill("error", error)
}

/// What polars says, in its words.
fn quoted(error: PolarsError) -> Saying {
    Saying::Quoted(error.to_string())
}

fn frame(mut file: File) -> Result<DataFrame, Saying> {
    pages::check(&mut file)?;
    let mut reader = ParquetReader::new(file);
    let rows = reader.num_rows().map_err(quoted)?;
    if rows > MOST_ROWS {
        let (rows, most) = (thousands(rows as u64), thousands(MOST_ROWS as u64));
        return Err(Saying::with("partial-too-many-rows", &[("rows", &rows), ("most", &most)]));
    }
    reader.finish().map_err(quoted)
}

/// What `f` gives; `None` where it panics.
fn quietly<T>(f: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// The columns by name, as the types that rows have.
struct Columns {
    version: Int64Chunked,
    path: StringChunked,
    offset: Int64Chunked,
    kind: StringChunked,
    texts: [StringChunked; 5],
    numbers: [Int64Chunked; 4],
    values: [Float64Chunked; 3],
    bytes: BinaryChunked,
}

impl Columns {
    fn of(frame: &DataFrame) -> Result<Self, Saying> {
        let get = |name: &str, kind: DataType, needed: bool| match frame.column(name) {
            Ok(c) => c.cast(&kind).map_err(|e| unreadable(quoted(e))),
            Err(_) if needed => Err(Saying::with("partial-no-column", &[("column", name)])),
            Err(_) => Ok(Column::full_null(name.into(), frame.height(), &kind)),
        };
        let text = |name, needed| {
            get(name, DataType::String, needed).and_then(|c| c.str().cloned().map_err(quoted)).map(|c| c.rechunk().into_owned())
        };
        let number = |name, needed| {
            get(name, DataType::Int64, needed).and_then(|c| c.i64().cloned().map_err(quoted)).map(|c| c.rechunk().into_owned())
        };
        let value = |name| {
            get(name, DataType::Float64, false).and_then(|c| c.f64().cloned().map_err(quoted)).map(|c| c.rechunk().into_owned())
        };
        Ok(Columns {
            version: number(column::VERSION, true)?,
            path: text(column::PATH, true)?,
            offset: number(column::OFFSET, false)?,
            kind: text(column::KIND, true)?,
            texts: [
                text(column::PARSER, false)?,
                text(column::HOST, false)?,
                text(column::SIGNAL, false)?,
                text(column::NAME, false)?,
                text(column::TEXT, false)?,
            ],
            numbers: [
                number(column::SOURCE, false)?,
                number(column::SECOND, false)?,
                number(column::LINE, false)?,
                number(column::COUNT, false)?,
            ],
            values: [value(column::SUM)?, value(column::MIN)?, value(column::MAX)?],
            bytes: get(column::BYTES, DataType::Binary, false)
                .and_then(|c| c.binary().cloned().map_err(quoted))
                .map(|c| c.rechunk().into_owned())?,
        })
    }

    fn row(&self, i: usize) -> Option<Row<'_>> {
        Some(Row {
            kind: self.kind.get(i)?,
            parser: self.texts[0].get(i),
            host: self.texts[1].get(i),
            signal: self.texts[2].get(i),
            name: self.texts[3].get(i),
            text: self.texts[4].get(i),
            source: self.numbers[0].get(i),
            second: self.numbers[1].get(i),
            line: self.numbers[2].get(i),
            count: self.numbers[3].get(i),
            sum: self.values[0].get(i),
            min: self.values[1].get(i),
            max: self.values[2].get(i),
            bytes: self.bytes.get(i),
        })
    }
}

fn rows(frame: &DataFrame) -> Result<Contents, Saying> {
    let columns = Columns::of(frame)?;
    let mut contents = Contents::default();
    let newest = columns.version.max().unwrap_or(VERSION);
    if newest > VERSION || columns.version.null_count() > 0 {
        return Err(match columns.version.null_count() {
            0 => Saying::with("partial-newer", &[("version", &newest.to_string()), ("known", &VERSION.to_string())]),
            n => Saying::count("partial-no-version", n as u64).fill("version", VERSION.to_string()),
        });
    }
    // Rows of one file come together, most of them: the last draft is nearly always the one.
    let mut present: Option<((String, i64), Draft)> = None;
    for i in 0..frame.height() {
        let odd = |column: &'static str| Saying::with("partial-odd-row", &[("row", &i.to_string()), ("column", column)]);
        let path = columns.path.get(i).ok_or_else(|| odd(column::PATH))?;
        let row = columns.row(i).ok_or_else(|| odd(column::KIND))?;
        let offset = columns.offset.get(i).unwrap_or(0);
        if row.kind == kind::UNREAD {
            let because = said::decode(row.text, row.bytes).unwrap_or_else(|| Saying::of("partial-unread"));
            contents.unread.push(Skipped { name: path.to_owned(), because });
            continue;
        }
        if present.as_ref().is_none_or(|((p, o), _)| p != path || *o != offset) {
            if let Some((key, draft)) = present.take() {
                contents.drafts.insert(key, draft);
            }
            let key = (path.to_owned(), offset);
            let draft = contents.drafts.remove(&key).unwrap_or_default();
            present = Some((key, draft));
        }
        if let Some((_, draft)) = &mut present {
            draft.add(&row).map_err(odd)?;
        }
    }
    contents.drafts.extend(present);
    Ok(contents)
}
