//! With which bytes a line must begin for a pattern to have a chance: most patterns are told by one look that they have none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::{ExtractKind, Extractor};

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
        let mut extractor = Extractor::new();
        extractor.kind(ExtractKind::Prefix).limit_class(256).limit_repeat(1).limit_literal_len(1).limit_total(512);
        let sequence = extractor.extract(&hir);
        let mut set = [false; 256];
        for literal in sequence.literals()? {
            set[usize::from(*literal.as_bytes().first()?)] = true;
        }
        Some(FirstBytes(set))
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
        fn what_matches_is_admitted(line in "[ -~]{0,12}") {
            for p in [r"^(?:INFO|WARN|\d+) ", r"^\[(?<a>[^\]]+)\]", r"^(?i)error", r"^\S+ \S+", r"^[A-Z][a-z]{2} "] {
                if regex::bytes::Regex::new(p).unwrap().is_match(line.as_bytes()) {
                    prop_assert!(FirstBytes::of(p).is_none_or(|f| f.admits(line.as_bytes())), "{p} {line}");
                }
            }
        }
    }
}
