//! Lines that no envelope and no form with a shape of its own fits: finding that out takes a trial of every definition, and programs repeat such lines
//! (banners, backtraces, parts of tracebacks) byte for byte. It depends on nothing but the line.

use crate::parser::format::fold;

/// Lines remembered.
const LINES: usize = 256;

/// Longest line that is remembered.
const LONGEST: usize = 256;

/// Lines known to have no shape.
#[derive(Clone, Default)]
pub(super) struct Shapeless(Vec<Vec<u8>>);

impl Shapeless {
    /// Whether a line is known to have no shape.
    pub(super) fn has(&self, line: &[u8]) -> bool {
        line.len() <= LONGEST && !line.is_empty() && self.0.get(fold(line) % LINES).is_some_and(|known| known == line)
    }

    /// Remembers a line.
    pub(super) fn remember(&mut self, line: &[u8]) {
        if line.len() > LONGEST {
            return;
        }
        if self.0.is_empty() {
            self.0.resize(LINES, Vec::new());
        }
        let place = &mut self.0[fold(line) % LINES];
        place.clear();
        place.extend_from_slice(line);
    }
}
