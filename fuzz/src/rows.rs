//! Partials with rows that are not what they say: sound ones, changed cell by cell, with rows and columns doubled, dropped, moved into another file or
//! turned into another type. They are refused with a reason, or give files whose lines add up and that can be analysed. The input is which sound one,
//! then a change after another.

use fivexx::parser::scan::seam::PieceScanner;
use fivexx::partial::{PartialWriter, Scanned};
use polars::prelude::*;
use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;

use crate::bytes::Bytes;
use crate::common::{HINT, catalog, sample_logs, scan};
use crate::partials::{fallen_only_where_caught, joined, scratch};

/// Most changes.
const MOST: usize = 200;

/// A column, of one of the types that the schema has.
#[derive(Clone)]
enum Cells {
    Numbers(Vec<Option<i64>>),
    Values(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

/// A sound partial, taken apart.
#[derive(Clone)]
struct Table {
    columns: Vec<(String, Cells)>,
    height: usize,
}

/// What was done to a partial beside its cells.
#[derive(Default)]
struct Shape {
    /// The rows that are written, by their index, and whether they stand in the other file.
    rows: Vec<(usize, bool)>,
    dropped: Vec<usize>,
    cast: Vec<(usize, u8)>,
}

/// One input.
pub fn run(bytes: &[u8]) {
    let mut rest = Bytes(bytes);
    let sound = &tables()[rest.below(tables().len())];
    let mut table = sound.clone();
    let mut shape = Shape { rows: (0..table.height).map(|i| (i, false)).collect(), ..Shape::default() };
    for _ in 0..MOST {
        if rest.is_empty() {
            break;
        }
        change(&mut rest, &mut table, &mut shape);
    }
    let paths = [scratch("one.parquet"), scratch("two.parquet")];
    let files: Vec<&Path> = paths.iter().map(|p| p.as_path()).collect();
    let written = [false, true].map(|other| write(&table, &shape, other, files[usize::from(other)]));
    fallen_only_where_caught(|| {
        let there: Vec<&Path> = files.iter().zip(written).filter(|f| f.1).map(|f| *f.0).collect();
        joined(&there);
    });
}

fn change(from: &mut Bytes<'_>, table: &mut Table, shape: &mut Shape) {
    let row = from.below(table.height);
    let count = table.columns.len();
    match from.u8() % 16 {
        0 => shape.rows.retain(|r| r.0 != row),
        1 => shape.rows.push((row, from.u8() & 1 == 1)),
        2 => shape.rows.iter_mut().filter(|r| r.0 == row).for_each(|r| r.1 = true),
        3 => shape.rows.iter_mut().skip(row).for_each(|r| r.1 = !r.1),
        4 => shape.rows.reverse(),
        5 => shape.dropped.push(from.below(count)),
        6 => shape.cast.push((from.below(count), from.u8())),
        _ => {
            let column = from.below(count);
            let other = from.below(table.height);
            match &mut table.columns[column].1 {
                Cells::Numbers(all) => all[row] = number(from, all[other]),
                Cells::Values(all) => all[row] = value(from, all[other]),
                Cells::Texts(all) => all[row] = text(from, all[other].clone()),
                Cells::Bytes(all) => all[row] = binary(from, all[other].clone().or(all[row].clone())),
            }
        }
    }
}

fn number(from: &mut Bytes<'_>, other: Option<i64>) -> Option<i64> {
    match from.u8() % 8 {
        0 => None,
        1 => Some(i64::MIN),
        2 => Some(i64::MAX),
        3 => Some(-i64::from(from.u8())),
        4 => Some(i64::from(from.i32())),
        5 => Some(from.i64()),
        6 => other.map(|n| n.wrapping_add(i64::from(from.u8())).wrapping_sub(128)),
        _ => other,
    }
}

fn value(from: &mut Bytes<'_>, other: Option<f64>) -> Option<f64> {
    match from.u8() % 8 {
        0 => None,
        1 => {
            Some([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN, f64::MAX, -0.0, f64::MIN_POSITIVE, 5e-324][from.below(8)])
        }
        2 => Some(f64::from_bits(from.i64().cast_unsigned())),
        3 => Some(f64::from(from.i32())),
        4 => other.map(|v| v * 1e12),
        5 => other.map(|v| -v),
        _ => other,
    }
}

fn text(from: &mut Bytes<'_>, other: Option<String>) -> Option<String> {
    match from.u8() % 4 {
        0 => None,
        1 => {
            let n = from.below(24);
            Some(String::from_utf8_lossy(from.some(n)).into_owned())
        }
        // A word that the schema knows.
        2 => Some(words()[from.below(words().len())].clone()),
        _ => other,
    }
}

fn binary(from: &mut Bytes<'_>, other: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = other?;
    match from.u8() % 8 {
        0 => return None,
        1 => bytes.truncate(from.below(bytes.len() + 1)),
        2 => {
            let n = from.below(24);
            bytes.extend(from.some(n));
        }
        3 => {
            let n = from.below(64);
            bytes = from.some(n).to_vec();
        }
        _ => {
            let (at, by) = (from.below(bytes.len()), from.u8());
            if let Some(b) = bytes.get_mut(at) {
                *b = by;
            }
        }
    }
    Some(bytes)
}

/// Writes the rows of one of the two files; `false` where there is nothing to write.
fn write(table: &Table, shape: &Shape, other: bool, path: &Path) -> bool {
    let rows: Vec<usize> = shape.rows.iter().filter(|r| r.1 == other).map(|r| r.0).collect();
    let mut columns = Vec::new();
    for (i, (name, cells)) in table.columns.iter().enumerate() {
        if shape.dropped.contains(&i) {
            continue;
        }
        let column = built(name, cells, &rows);
        let types = [
            DataType::String,
            DataType::Int64,
            DataType::Float64,
            DataType::Int32,
            DataType::UInt64,
            DataType::Boolean,
            DataType::Binary,
        ];
        let cast = shape.cast.iter().find(|c| c.0 == i).map(|c| &types[usize::from(c.1) % types.len()]);
        columns.push(cast.and_then(|kind| column.cast(kind).ok()).unwrap_or(column));
    }
    if rows.is_empty() || columns.is_empty() {
        return false;
    }
    let mut frame = DataFrame::new(rows.len(), columns).expect("columns of one length");
    let file = File::create(path).expect("the scratch folder can be written");
    ParquetWriter::new(file).with_compression(ParquetCompression::Uncompressed).finish(&mut frame).is_ok()
}

fn built(name: &str, cells: &Cells, rows: &[usize]) -> Column {
    let name = PlSmallStr::from_str(name);
    match cells {
        Cells::Numbers(all) => Column::new(name, rows.iter().map(|r| all[*r]).collect::<Vec<_>>()),
        Cells::Values(all) => Column::new(name, rows.iter().map(|r| all[*r]).collect::<Vec<_>>()),
        Cells::Texts(all) => Column::new(name, rows.iter().map(|r| all[*r].as_deref()).collect::<Vec<_>>()),
        Cells::Bytes(all) => Column::new(name, rows.iter().map(|r| all[*r].as_deref()).collect::<Vec<_>>()),
    }
}

/// Partials of the samples of each definition: of all lines, of the first half, and of the second.
fn tables() -> &'static Vec<Table> {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut all = Vec::new();
        for (name, lines) in sample_logs() {
            let some = &lines[..lines.len().min(6)];
            let (a, b) = some.split_at(some.len() / 2);
            let (a, b) = (a.join("\n") + "\n", b.join("\n") + "\n");
            let piece = |text: &str, first: bool| {
                let mut scanner = PieceScanner::new(catalog(), HINT, first);
                scanner.feed(text.as_bytes());
                scanner.finish()
            };
            let whole = Scanned::Whole(scan([(a.clone() + &b).as_bytes()]));
            let first = Scanned::Piece(0, Box::new(piece(&a, true)));
            let second = Scanned::Piece(a.len() as u64, Box::new(piece(&b, false)));
            all.extend([vec![whole], vec![first, second]].into_iter().map(|parts| taken_apart(&partial(name, &parts))));
        }
        all
    })
}

/// A partial with what was scanned of one file.
pub fn partial(name: &str, parts: &[Scanned]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut out = PartialWriter::new(catalog(), &mut bytes).expect("a begin");
    parts.iter().for_each(|p| out.file(&format!("{name}.log"), p, HINT).expect("rows"));
    out.finish().expect("an end");
    bytes
}

fn taken_apart(bytes: &[u8]) -> Table {
    let frame = ParquetReader::new(std::io::Cursor::new(bytes)).finish().expect("Parquet");
    let cells = |c: &Column| match c.dtype() {
        DataType::String => Cells::Texts(c.str().expect("texts").iter().map(|t| t.map(str::to_owned)).collect()),
        DataType::Binary => Cells::Bytes(c.binary().expect("bytes").iter().map(|b| b.map(<[u8]>::to_vec)).collect()),
        DataType::Float64 => Cells::Values(c.f64().expect("values").iter().collect()),
        _ => Cells::Numbers(c.cast(&DataType::Int64).expect("numbers").i64().expect("numbers").iter().collect()),
    };
    let columns = frame.columns().iter().map(|c| (c.name().to_string(), cells(c))).collect();
    Table { columns, height: frame.height() }
}

/// Every text of the sound partials that is short: kinds, names, signals, definitions.
fn words() -> &'static Vec<String> {
    static WORDS: OnceLock<Vec<String>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let texts = tables().iter().flat_map(|t| &t.columns).filter_map(|c| match &c.1 {
            Cells::Texts(all) => Some(all),
            _ => None,
        });
        let mut words: Vec<String> = texts.flatten().flatten().filter(|t| t.len() < 40).cloned().collect();
        words.sort();
        words.dedup();
        words
    })
}
