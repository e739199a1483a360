//! A scan that does not end: what there is so far, and forgetting what is old.

use super::FileScanner;
use crate::parser::tally::FileTally;

impl FileScanner<'_> {
    /// What the lines so far came to. A line whose end has not come yet is left out: half a line would be misread.
    pub fn so_far(&self) -> FileTally {
        let mut copy = self.clone();
        copy.carry.clear();
        copy.skipping = false;
        copy.finish()
    }

    /// Lines so far.
    pub fn lines(&self) -> u64 {
        self.tally.lines
    }

    /// Ends the last line, which may lack its line end; more lines may come.
    pub fn feed_end(&mut self) {
        if self.skipping || !self.carry.is_empty() {
            self.feed(b"\n");
            self.tally.bytes -= 1;
        }
    }

    /// Forgets what is older than so many seconds before each source's last line.
    pub fn forget(&mut self, seconds: i64) {
        self.pending.give(&mut self.tally);
        self.tally.forget(seconds);
    }
}
