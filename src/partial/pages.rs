//! Looks over a Parquet file before it is read: the reader takes the file at its word where it says how many things follow, and sets aside memory for
//! all of them. A number that lies would end the program, which nothing can catch.

use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{ColumnMetaData, FileMetaData, PageHeader};
use std::fmt::Display;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::read::MOST_ROWS;
use crate::lang::Saying;

/// Largest page, unpacked: writers make pages of a few MiB.
const LARGEST_PAGE: usize = 256 << 20;

/// Memory that a description of a table may take for each byte of it: the smallest things in it are a byte, and a word when they are read.
const ROOM: usize = 16;

/// Bytes behind the description: its length and the magic.
const TAIL: u64 = 8;

/// Whether the file's description has room for what it says follows, and each page no more than its part of the table has rows.
///
/// # Errors
/// What is broken, in the reader's words where it says so.
pub(super) fn check(file: &mut File) -> Result<(), Saying> {
    let size = file.metadata().map_err(quoted)?.len();
    let metadata = description(file, size)?;
    let mut rows = 0usize;
    for group in &metadata.row_groups {
        let own = usize::try_from(group.num_rows).map_err(quoted)?;
        rows = rows.checked_add(own).filter(|n| *n <= MOST_ROWS).ok_or_else(broken)?;
        for column in &group.columns {
            pages(file, size, own, column.meta_data.as_ref().ok_or_else(broken)?)?;
        }
    }
    file.rewind().map_err(quoted)
}

fn quoted(error: impl Display) -> Saying {
    Saying::Quoted(error.to_string())
}

fn broken() -> Saying {
    Saying::of("partial-broken-pages")
}

/// Reads the description with a reader that keeps within bounds; polars has another one, which does not.
fn description(file: &mut File, size: u64) -> Result<FileMetaData, Saying> {
    let start = size.checked_sub(TAIL).ok_or_else(broken)?;
    let mut tail = [0; TAIL as usize];
    file.seek(SeekFrom::Start(start)).map_err(quoted)?;
    file.read_exact(&mut tail).map_err(quoted)?;
    let [a, b, c, d, ..] = tail;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let bytes = part(file, start.checked_sub(length).ok_or_else(broken)?, length)?;
    FileMetaData::read_from_in_protocol(&mut TCompactInputProtocol::new(bytes.as_slice(), room(&bytes))).map_err(quoted)
}

/// Looks at the head of each page of a column in a part of the table that has so many rows.
fn pages(file: &mut File, size: u64, rows: usize, column: &ColumnMetaData) -> Result<(), Saying> {
    let start = u64::try_from(column.dictionary_page_offset.unwrap_or(column.data_page_offset)).map_err(quoted)?;
    let length = u64::try_from(column.total_compressed_size).map_err(quoted)?;
    let is_within = start.checked_add(length).is_some_and(|end| end <= size);
    // The columns are flat: a value a row.
    if !is_within || usize::try_from(column.num_values) != Ok(rows) {
        return Err(broken());
    }
    let bytes = part(file, start, length)?;
    let (mut rest, mut seen) = (bytes.as_slice(), 0);
    while seen < rows {
        let most = room(rest);
        let head = PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut rest, most)).map_err(quoted)?;
        let within = |n: i32, most: usize| usize::try_from(n).ok().filter(|n| *n <= most).ok_or_else(broken);
        within(head.uncompressed_page_size, LARGEST_PAGE)?;
        within(head.dictionary_page_header.map_or(0, |d| d.num_values), rows)?;
        seen += within(head.data_page_header.map_or(0, |d| d.num_values), rows)?;
        seen += within(head.data_page_header_v2.map_or(0, |d| d.num_values), rows)?;
        rest = &rest[within(head.compressed_page_size, rest.len())?..];
    }
    Ok(())
}

/// What reading a part of the file may take.
fn room(bytes: &[u8]) -> usize {
    (bytes.len() + 4096) * ROOM
}

/// So many bytes of the file, which has them.
fn part(file: &mut File, from: u64, length: u64) -> Result<Vec<u8>, Saying> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from)).map_err(quoted)?;
    Read::by_ref(file).take(length).read_to_end(&mut bytes).map_err(quoted)?;
    Ok(bytes)
}
