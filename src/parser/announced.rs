//! Which formats may fit a line: those whose shapes begin with its first byte and, for a line without a shape, those with an event that something
//! in the line announces, found in one pass over it.

use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::OnceLock;

use super::bytes::begins_with;
use super::catalog::{Catalog, FormatId};
use super::cut::{FirstBytes, skeleton};
use super::definition::Kind;
use super::format::Format;

/// What a line must have for an event to claim it.
#[derive(Debug)]
pub enum Announcement<'f> {
    /// This text, anywhere.
    Literal(&'f str),
    /// One of these bytes, at its begin.
    First(Box<FirstBytes>),
}

/// What announces shapes, and all events that can claim a line without one.
#[derive(Debug, Default)]
pub struct Announced {
    /// With every digit made the same.
    literals: Vec<Vec<u8>>,
    /// What finds them, from the first line on that has no shape; nothing where they are too many for that.
    finder: OnceLock<Option<AhoCorasick>>,
    /// By literal: whose it is.
    whose: Vec<FormatId>,
    /// Formats with events that no literal announces.
    firsts: Vec<(FormatId, FirstBytes)>,
    formats: usize,
    /// What blocks begin with.
    blocks: Vec<Vec<u8>>,
    /// By first byte, by format: whether a shape may fit.
    shapes: Vec<Vec<bool>>,
    /// The same where no object in JSON begins behind the blanks at the head of a line.
    shapes_but_json: Vec<Vec<bool>>,
    /// By first byte: whether an envelope may fit a line that no object in JSON begins.
    envelopes_but_json: Vec<bool>,
}

impl Announced {
    /// Those of a catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let mut found = Announced { formats: catalog.formats.len(), ..Announced::default() };
        let begins = |b: u8| catalog.formats.iter().map(|f| f.may_begin(b)).collect();
        found.shapes = (0..=u8::MAX).map(begins).collect();
        let but_json: Vec<Option<FirstBytes>> = catalog.formats.iter().map(|f| f.first_bytes(false)).collect();
        let begins = |b: u8| but_json.iter().map(|f| f.as_ref().is_none_or(|f| f.admits(&[b]))).collect();
        found.shapes_but_json = (0..=b' ').map(begins).collect();
        let any_envelope = |row: &Vec<bool>| catalog.of_kind(Kind::Envelope).any(|(id, _)| row[id]);
        found.envelopes_but_json = found.shapes_but_json.iter().map(any_envelope).collect();
        for (id, format) in catalog.of_kind(Kind::Log) {
            let mut firsts = FirstBytes::among(|_| false);
            for announcement in format.announced_bare() {
                match announcement {
                    Announcement::First(f) => firsts.join(&f),
                    Announcement::Literal(l) => {
                        let mut literal = Vec::new();
                        skeleton(l.as_bytes(), &mut literal);
                        found.literals.push(literal);
                        found.whose.push(id);
                    }
                }
            }
            found.firsts.push((id, firsts));
        }
        let begins = |f: &Format| f.definition.block.as_ref().map(|b| b.begins.clone().into_bytes());
        found.blocks = catalog.formats.iter().filter_map(begins).collect();
        found.blocks.sort();
        found.blocks.dedup();
        found
    }

    /// By the ids of formats: whether a line that begins so may have one of their shapes. A line without a byte has none.
    #[inline]
    pub fn shapes(&self, line: &[u8]) -> &[bool] {
        let Some(first) = line.first() else { return &[] };
        let rows = match first.is_ascii_whitespace() && line.trim_ascii_start().first() != Some(&b'{') {
            true => &self.shapes_but_json,
            false => &self.shapes,
        };
        rows.get(usize::from(*first)).map_or(&[], Vec::as_slice)
    }

    /// Whether no envelope fits a line that is indented, as far as its begin tells.
    #[inline]
    pub fn is_indented_and_bare(&self, line: &[u8]) -> bool {
        let Some(first) = line.first().filter(|b| b.is_ascii_whitespace()) else { return false };
        self.envelopes_but_json.get(usize::from(*first)) == Some(&false) && line.trim_ascii_start().first() != Some(&b'{')
    }

    /// Whether a line begins as the blocks of some format do.
    #[inline]
    pub fn begins_block(&self, line: &[u8]) -> bool {
        self.blocks.iter().any(|b| begins_with(line, b))
    }

    /// Marks the formats, by their ids, that may claim a line; `bones` is its [`skeleton`]. All lines with this skeleton and first byte have these marks.
    pub fn mark(&self, line: &[u8], bones: &[u8], may: &mut Vec<bool>) {
        may.clear();
        may.resize(self.formats, false);
        for (id, firsts) in &self.firsts {
            may[*id] = firsts.admits(line);
        }
        let build = || AhoCorasick::builder().match_kind(MatchKind::Standard).build(&self.literals).ok();
        match self.finder.get_or_init(build) {
            Some(finder) => finder.find_overlapping_iter(bones).for_each(|m| may[self.whose[m.pattern().as_usize()]] = true),
            // What cannot be looked for may stand there.
            None => self.firsts.iter().for_each(|(id, _)| may[*id] = true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::cut::Fields;
    use crate::parser::format::{Claim, Tries};
    use crate::parser::stamp::YearHint;

    /// The marks spare work and nothing else: whatever an event claims without a shape is announced.
    #[test]
    fn what_is_claimed_is_announced() {
        let catalog = Catalog::builtin().unwrap();
        let announced = Announced::of(&catalog);
        let samples = catalog.formats.iter().flat_map(|f| &f.definition.samples).flat_map(|s| s.line.lines());
        let (mut may, mut bones, mut claimed, mut marked, mut lines) = (Vec::new(), Vec::new(), 0, 0, 0);
        for line in samples.map(str::as_bytes).filter(|l| !l.is_empty()) {
            skeleton(line, &mut bones);
            announced.mark(line, &bones, &mut may);
            lines += 1;
            marked += may.iter().filter(|m| **m).count();
            for (id, format) in catalog.of_kind(Kind::Log).filter(|(_, f)| f.has_bare()) {
                let mut fields = Fields::default();
                let Some(cut) = format.cut(line, true, YearHint(0), &mut Tries::default(), &mut fields) else { continue };
                if format.claim(line, &fields, cut, false) != Claim::None {
                    claimed += 1;
                    assert!(may[id], "{} claims {}", format.definition.name, String::from_utf8_lossy(line));
                }
            }
        }
        assert!(claimed > 100, "{claimed} of {lines} lines are claimed");
        assert!(marked < 4 * lines, "{marked} formats are marked for {lines} lines");
    }
}
