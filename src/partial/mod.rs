//! Partials: the mergeable half of an analysis as a Parquet file, so that logs are scanned where they lie and looked at together.
//!
//! `docs/partials.md` is the schema's reference. A partial is a table in long form, one row an item; rows may be split over files, sorted and
//! put together by any engine that knows Parquet. What is in a row comes from outside: nothing is taken unchecked.

mod draft;
mod end;
mod join;
mod pages;
mod read;
mod said;
mod sketch;
mod write;

pub use join::Joining;
pub use read::{is_partial, read};
pub use write::PartialWriter;

use crate::parser::scan::seam::Piece;
use crate::parser::tally::FileTally;

/// The version of the schema that this build writes, and the newest that it reads.
pub const VERSION: i64 = 1;

/// What writing comes to.
pub type Written = polars::prelude::PolarsResult<()>;

/// What was scanned of one file.
pub enum Scanned {
    /// All of it.
    Whole(FileTally),
    /// A stretch that begins at this byte of the (unpacked) file.
    Piece(u64, Box<Piece>),
}

/// The columns, with what a row needs them for.
mod column {
    pub const VERSION: &str = "version";
    pub const PATH: &str = "path";
    pub const OFFSET: &str = "offset";
    pub const KIND: &str = "kind";
    pub const SOURCE: &str = "source";
    pub const PARSER: &str = "parser";
    pub const HOST: &str = "host";
    pub const SIGNAL: &str = "signal";
    pub const SECOND: &str = "second";
    pub const NAME: &str = "name";
    pub const TEXT: &str = "text";
    pub const LINE: &str = "line";
    pub const COUNT: &str = "count";
    pub const SUM: &str = "sum";
    pub const MIN: &str = "min";
    pub const MAX: &str = "max";
    pub const BYTES: &str = "bytes";
}

/// The kinds of rows.
mod kind {
    pub const FILE: &str = "file";
    pub const UNREAD: &str = "unread";
    pub const UNMATCHED: &str = "unmatched";
    pub const HEAD: &str = "head";
    pub const END: &str = "end";
    pub const SOURCE: &str = "source";
    pub const ANCHOR: &str = "anchor";
    pub const PATHS: &str = "paths";
    pub const SIGNAL: &str = "signal";
    pub const CELL: &str = "cell";
    pub const SKETCH: &str = "sketch";
    pub const EXAMPLE: &str = "example";
    pub const FACT: &str = "fact";
}

/// Names of the numbers that `file`, `source` and `signal` rows hold.
mod name {
    pub const LINES: &str = "lines";
    pub const BYTES: &str = "bytes";
    pub const BLANK: &str = "blank";
    pub const UNMATCHED: &str = "unmatched";
    pub const OVERLONG: &str = "overlong";
    pub const PIECE: &str = "piece";
    pub const YEAR_HINT: &str = "year_hint_ms";
    pub const ERROR: &str = "error";
    pub const MATCHED: &str = "matched";
    pub const WEIGHTLESS: &str = "weightless";
    pub const PERIOD: &str = "period_s";
    pub const STATED: &str = "stated";
    pub const UTC_OFFSET: &str = "utc_offset_s";
    pub const BORROWS: &str = "borrows_from";
    pub const EARLIEST: &str = "earliest";
    pub const LATEST: &str = "latest";
    pub const FIRST: &str = "first";
    pub const LAST: &str = "last";
    pub const JUMP: &str = "after_jump_back_s";
    pub const PART_BEFORE: &str = "part_before";
    pub const UNDATED: &str = "undated";
    pub const BORROWED: &str = "borrowed";
    pub const SINCE: &str = "since";
    pub const UNTIL: &str = "until";
}
