//! The text without which a pattern cannot match.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

/// Shortest text that is worth looking for.
const SHORTEST: usize = 3;

/// The longest text that every match of a pattern holds, where there is one.
pub(super) fn text(pattern: &str) -> Option<Vec<u8>> {
    let parse = |unicode: bool| ParserBuilder::new().unicode(unicode).utf8(false).build().parse(pattern).ok();
    // As the pattern itself is compiled: bytes where that works, characters otherwise.
    let found = longest(&parse(false).or_else(|| parse(true))?);
    (found.len() >= SHORTEST).then_some(found)
}

fn longest(hir: &Hir) -> Vec<u8> {
    match hir.kind() {
        HirKind::Literal(l) => l.0.to_vec(),
        HirKind::Capture(c) => longest(&c.sub),
        HirKind::Repetition(r) if r.min > 0 => longest(&r.sub),
        HirKind::Concat(parts) => parts.iter().map(longest).max_by_key(Vec::len).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_optional_or_one_of_several_is_not_needed() {
        let needed = |p: &str| text(p).map(|t| String::from_utf8(t).unwrap());
        assert_eq!(
            needed(r"^(?:(?<v>\w+) )?\[pid: (?<p>\d+)\] .* => generated (?<b>\d+) bytes").as_deref(),
            Some(" => generated ")
        );
        assert_eq!(needed(r"^(?:INFO|WARNING): "), None);
        assert_eq!(needed(r"^(?i)error"), None);
        assert_eq!(needed(r"^(?:abcd){2,}x").as_deref(), Some("abcd"));
        assert_eq!(needed(r"^(?:abcd)*xyz$").as_deref(), Some("xyz"));
    }

    proptest! {
        #[test]
        fn what_matches_holds_it(line in "(abc|xyz|de| |[0-9]){0,8}") {
            for p in [r"^(?:abc)+ ?xyz", r"abc|xyz", r"(?<a>xyz)(?:de)?\d+abc", r"^\S+ abc(?:xyz)?$", r"(?:abc \d)?xyz"] {
                if regex::bytes::Regex::new(p).unwrap().is_match(line.as_bytes()) {
                    prop_assert!(text(p).is_none_or(|t| memchr::memmem::find(line.as_bytes(), &t).is_some()), "{p} {line}");
                }
            }
        }
    }
}
