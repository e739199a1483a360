//! With which bytes a line must begin for a pattern to have a chance: most patterns are told by one look that they have none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// A set of first bytes.
#[derive(Clone)]
pub struct FirstBytes([bool; 256]);

impl std::fmt::Debug for FirstBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FirstBytes({})", self.0.iter().filter(|b| **b).count())
    }
}

impl FirstBytes {
    /// The first bytes of a pattern anchored with `^`; `None` where it may begin with anything, or match nothing.
    pub fn of(pattern: &str) -> Option<Self> {
        let parse = |unicode: bool| ParserBuilder::new().unicode(unicode).utf8(false).build().parse(pattern).ok();
        // As the pattern itself is compiled: bytes where that works, characters otherwise.
        let hir: Hir = parse(false).or_else(|| parse(true))?;
        let mut set = [false; 256];
        let is_whole = begins(&hir, &mut set);
        is_whole.then_some(FirstBytes(set))
    }

    /// A bit each byte, in words of 64.
    pub fn to_words(&self) -> [u64; 4] {
        std::array::from_fn(|w| (0..64).fold(0, |word, b| word | u64::from(self.0[w * 64 + b]) << b))
    }

    /// What [`FirstBytes::to_words`] gave.
    pub fn from_words(words: &[u64; 4]) -> Self {
        FirstBytes(std::array::from_fn(|b| words[b / 64] >> (b % 64) & 1 == 1))
    }

    /// Those bytes for which `fits` holds.
    pub fn among(fits: impl Fn(u8) -> bool) -> Self {
        let mut set = [false; 256];
        (0..=255u8).for_each(|b| set[usize::from(b)] = fits(b));
        FirstBytes(set)
    }

    /// Takes in those of another set.
    pub fn join(&mut self, other: &FirstBytes) {
        self.0.iter_mut().zip(other.0).for_each(|(own, b)| *own |= b);
    }

    /// Keeps those that another set has as well.
    pub fn meet(&mut self, other: &FirstBytes) {
        self.0.iter_mut().zip(other.0).for_each(|(own, b)| *own &= b);
    }

    /// Whether a line may match.
    #[inline]
    pub fn admits(&self, line: &[u8]) -> bool {
        line.first().is_some_and(|b| self.0[usize::from(*b)])
    }
}

/// Marks the bytes that a match of a pattern can begin with; whether it must have a byte.
fn begins(hir: &Hir, set: &mut [bool; 256]) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(text) => {
            text.0.first().into_iter().for_each(|b| set[usize::from(*b)] = true);
            true
        }
        HirKind::Class(class) => {
            let mut mark = |from: u8, to: u8| set[usize::from(from)..=usize::from(to)].fill(true);
            match class {
                Class::Bytes(bytes) => bytes.iter().for_each(|r| mark(r.start(), r.end())),
                Class::Unicode(chars) => chars.iter().for_each(|r| mark(lead(r.start()), lead(r.end()))),
            }
            true
        }
        HirKind::Repetition(r) => begins(&r.sub, set) && r.min > 0,
        HirKind::Capture(c) => begins(&c.sub, set),
        HirKind::Concat(parts) => parts.iter().any(|p| begins(p, set)),
        HirKind::Alternation(ways) => ways.iter().filter(|w| begins(w, set)).count() == ways.len(),
    }
}

/// The first byte of a character in UTF-8, which grows as characters do.
fn lead(c: char) -> u8 {
    c.encode_utf8(&mut [0; 4]).as_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn classes_literals_and_options_are_seen_through() {
        let admits = |p: &str, line: &str| FirstBytes::of(p).is_none_or(|f| f.admits(line.as_bytes()));
        assert!(admits(r"^(?<time>\d{4}-\d\d)", "2026") && !admits(r"^(?<time>\d{4}-\d\d)", "x"));
        assert!(admits(r"^\[?(?<t>\d+)\]?", "[1") && admits(r"^\[?(?<t>\d+)\]?", "1") && !admits(r"^\[?(?<t>\d+)\]?", "a"));
        assert!(FirstBytes::of(r"^.*x").is_none() || admits(r"^.*x", "anything"));
        assert!(FirstBytes::of(r"^\s*").is_none(), "it matches nothing as well");
    }

    proptest! {
        #[test]
        fn what_matches_is_admitted(line in "[a-cA-Cx1é~ -]{1,2}[ -~]{0,12}") {
            for p in [
                r"^(?:INFO|WARN|\d+) ",
                r"^\b(?:x|)[A-C]",
                r"^(?:(?u:[é-ö\d])|~)",
                r"^(?:[ab]{0,2}c|\d*-)",
                r"^\[(?<a>[^\]]+)\]",
                r"^(?i)error",
                r"^\S+ \S+",
                r"^[A-Z][a-z]{2} ",
            ] {
                if regex::bytes::Regex::new(p).unwrap().is_match(line.as_bytes()) {
                    prop_assert!(FirstBytes::of(p).is_none_or(|f| f.admits(line.as_bytes())), "{p} {line}");
                }
            }
        }
    }
}
