//! Looks over the pages of a Parquet file before it is read: the reader takes a page at its word when it says how many values it has, and sets aside
//! memory for all of them. A page that lies would end the program, which nothing can catch.

use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::read::{PageReader, read_metadata};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};

use crate::lang::Saying;

/// Largest page, unpacked: writers make pages of a few MiB.
const LARGEST_PAGE: usize = 256 << 20;

/// Whether each page holds no more than its part of the table has rows.
///
/// # Errors
/// What is broken, in the reader's words where it says so.
pub(super) fn check(file: &mut File) -> Result<(), Saying> {
    let quoted = |e: &dyn std::fmt::Display| Saying::Quoted(e.to_string());
    let broken = || Saying::of("partial-broken-pages");
    let size = file.metadata().map_err(|e| quoted(&e))?.len();
    let metadata = read_metadata(&mut *file).map_err(|e| quoted(&e))?;
    for group in metadata.row_groups.iter() {
        for column in group.parquet_columns() {
            let range = column.byte_range();
            let length = range.end.checked_sub(range.start).filter(|_| range.end <= size).ok_or_else(broken)?;
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(range.start)).map_err(|e| quoted(&e))?;
            Read::by_ref(file).take(length).read_to_end(&mut bytes).map_err(|e| quoted(&e))?;
            let largest = bytes.len();
            for page in PageReader::new(Cursor::new(bytes.into()), column, Vec::new(), largest) {
                // The columns are flat: a value a row.
                if let CompressedPage::Data(page) = page.map_err(|e| quoted(&e))?
                    && (page.num_values() > group.num_rows() || page.uncompressed_size() > LARGEST_PAGE)
                {
                    return Err(broken());
                }
            }
        }
    }
    file.rewind().map_err(|e| quoted(&e))
}
