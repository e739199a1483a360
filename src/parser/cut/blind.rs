//! Whether it matters to a pattern which digits a text holds: where it does not, what is found out about one line holds for all that differ in
//! their numbers alone (of the same length), and servers write a great many of those.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::parser::bytes::place_of;

/// Copies a text with every digit made the same.
#[inline]
pub fn skeleton(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(text);
    let level = |b: &mut u8| *b = if b.is_ascii_digit() { b'0' } else { *b };
    // Sixteen at a time; the last ones may overlap, for what is level stays so.
    out.as_chunks_mut::<16>().0.iter_mut().for_each(|c| c.iter_mut().for_each(level));
    match out.last_chunk_mut::<16>() {
        Some(last) => last.iter_mut().for_each(level),
        None => out.iter_mut().for_each(level),
    }
}

/// The skeleton of a text, and the place that is chosen for it among those that are remembered.
#[derive(Debug, Clone, Default)]
pub struct Bones {
    text: Vec<u8>,
    place: usize,
}

impl Bones {
    /// Becomes those of a text.
    #[inline]
    pub fn take(&mut self, text: &[u8]) {
        skeleton(text, &mut self.text);
        self.place = place_of(&self.text);
    }

    /// The skeleton.
    #[inline]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// See [`place_of`].
    #[inline]
    pub fn place(&self) -> usize {
        self.place
    }
}

/// Whether a text holds no digit.
pub(super) fn text(text: &[u8]) -> bool {
    !text.iter().any(u8::is_ascii_digit)
}

/// Whether a pattern takes any digit where it takes one.
pub(super) fn pattern(pattern: &str) -> bool {
    let parse = |unicode: bool| ParserBuilder::new().unicode(unicode).utf8(false).build().parse(pattern).ok();
    // As the pattern itself is compiled: bytes where that works, characters otherwise.
    parse(false).or_else(|| parse(true)).is_some_and(|hir| is_blind(&hir))
}

fn is_blind(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(l) => text(&l.0),
        HirKind::Class(Class::Bytes(c)) => all_or_none(c.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end())))),
        HirKind::Class(Class::Unicode(c)) => all_or_none(c.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end())))),
        HirKind::Repetition(r) => is_blind(&r.sub),
        HirKind::Capture(c) => is_blind(&c.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_blind),
    }
}

fn all_or_none(ranges: impl Iterator<Item = (u32, u32)>) -> bool {
    let (zero, nine) = (u32::from(b'0'), u32::from(b'9'));
    let digits: u32 = ranges.map(|(from, to)| (to.min(nine) + 1).saturating_sub(from.max(zero))).sum();
    digits == 0 || digits == nine - zero + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_that_look_at_digits_are_told() {
        for blind in [r"^\d{3} \S+", r"^[0-9a-f]+", r"^[^ ]* - (?<a>.*)$", "^(?i)error", r"^[[:alpha:]]+\b"] {
            assert!(pattern(blind), "{blind}");
        }
        for sees in [r"^5\d\d", r"^[1-9]\d*", r"^(?:a|b2)", r"^[^0]*$", r"^[a-z5]+", "("] {
            assert!(!pattern(sees), "{sees}");
        }
    }

    proptest! {
        #[test]
        fn a_skeleton_has_no_digit_but_one(line in "[0-9a-z/: ]{0,70}") {
            let mut bones = Vec::new();
            skeleton(line.as_bytes(), &mut bones);
            let level = line.replace(|c: char| c.is_ascii_digit(), "0");
            prop_assert_eq!(bones, level.into_bytes());
        }

        #[test]
        fn a_blind_pattern_finds_the_same_in_a_skeleton(line in "[0-9a-c. -]{0,20}") {
            let mut bones = Vec::new();
            skeleton(line.as_bytes(), &mut bones);
            for p in [r"^\d{1,3}\.\d+", r"[a-c]+ ?\d{2}-", r"^[^ ]+ [\d.]+$", r"\b\d+\b.*c", r"^(?:\d\d|a+) -?"] {
                prop_assert!(pattern(p));
                let regex = regex::bytes::Regex::new(p).unwrap();
                prop_assert_eq!(regex.find(line.as_bytes()).map(|m| m.range()), regex.find(&bones).map(|m| m.range()));
            }
        }
    }
}
