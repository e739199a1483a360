//! What lines said that the tally does not know of yet.

use super::counted::Counted;
use super::kept::Kept;
use super::paths::Paths;
use super::rows::Rows;
use crate::parser::tally::FileTally;

/// All of it. Where it is empty it can be used for another tally.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending<'c> {
    /// Lines, with all that they count for.
    pub(super) rows: Rows<'c>,
    /// Observations of other lines.
    pub(super) counted: Counted,
    /// Values of the fields that they keep.
    pub(super) kept: Kept<'c>,
    /// Paths of their requests.
    pub(super) paths: Paths,
}

impl Pending<'_> {
    /// Gives all to the tally.
    pub(super) fn give(&mut self, tally: &mut FileTally) {
        self.rows.give(tally);
        self.counted.give(tally);
        self.kept.give(tally);
        self.paths.give(tally);
    }
}
