//! Patterns that are compiled when a line first asks for them: most definitions are never needed, and compiling all of them takes longer than reading
//! the logs of a small incident.

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use std::sync::OnceLock;

use super::{FirstBytes, blind, needed};
use crate::builtin::Known;

/// Compiled patterns are small; this keeps a careless user pattern from eating the machine.
const SIZE_LIMIT: usize = 2 << 20;

/// A pattern, as text until it is needed.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Compiled>>,
    first: OnceLock<Option<Box<FirstBytes>>>,
    /// A text without which it does not match.
    needs: OnceLock<Option<Finder<'static>>>,
    /// It takes any digit where it takes one.
    blind: OnceLock<bool>,
}

/// A compiled pattern and its named groups: index and name.
#[derive(Debug)]
pub struct Compiled {
    /// The pattern.
    pub regex: Regex,
    /// Its named groups, in order.
    pub groups: Vec<(usize, String)>,
}

/// As [`FirstBytes::of`].
fn first_bytes(pattern: &str) -> Option<FirstBytes> {
    match Known::of(pattern) {
        Some(known) => known.first.as_ref().map(FirstBytes::from_words),
        None => FirstBytes::of(pattern),
    }
}

/// Finds [`needed::text`].
fn needed_text(pattern: &str) -> Option<Finder<'static>> {
    match Known::of(pattern) {
        Some(known) => known.needs.map(Finder::new),
        None => needed::text(pattern).map(|t| Finder::new(&t).into_owned()),
    }
}

impl Pattern {
    /// A pattern that is not looked at yet.
    pub fn new(text: &str) -> Self {
        Pattern {
            text: text.to_owned(),
            compiled: OnceLock::new(),
            first: OnceLock::new(),
            needs: OnceLock::new(),
            blind: OnceLock::new(),
        }
    }

    /// Compiles it now.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        compile(&self.text).map(|c| drop(self.compiled.set(Some(c))))
    }

    /// The compiled pattern; nothing where it cannot be compiled, so that it never matches. [`Pattern::check`] keeps that from happening.
    #[inline]
    pub fn get(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| compile(&self.text).ok()).as_ref()
    }

    /// With which bytes a line must begin, where that is known.
    #[inline]
    pub fn first(&self) -> Option<&FirstBytes> {
        self.first.get_or_init(|| first_bytes(&self.text).map(Box::new)).as_deref()
    }

    /// Whether a line begins with a byte that lines of an anchored pattern begin with.
    #[inline]
    pub fn may_begin(&self, line: &[u8]) -> bool {
        self.first().is_none_or(|f| f.admits(line))
    }

    /// Whether a text holds what every match holds: looking for that is quicker by far than trying the pattern.
    #[inline]
    pub fn may_match(&self, text: &[u8]) -> bool {
        self.needed().is_none_or(|n| n.find(text).is_some())
    }

    /// What every match holds, where there is such a text.
    pub fn needs(&self) -> Option<&[u8]> {
        self.needed().map(Finder::needle)
    }

    #[inline]
    fn needed(&self) -> Option<&Finder<'static>> {
        self.needs.get_or_init(|| needed_text(&self.text)).as_ref()
    }

    /// Whether it takes any digit where it takes one.
    pub fn is_blind(&self) -> bool {
        *self.blind.get_or_init(|| blind::pattern(&self.text))
    }

    /// Whether it matches neither a text nor what the text is with any other digits in place of its own. `text` begins with no digit.
    pub fn misses_whatever_digits(&self, text: &[u8]) -> bool {
        if !self.may_begin(text) {
            return true;
        }
        if !self.may_match(text) && self.needs().is_some_and(blind::text) {
            return true;
        }
        self.is_blind() && !self.get().is_some_and(|c| c.regex.is_match(text))
    }

    /// The names of its groups, read off its text.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        // `(?<` opens nothing but a named group: there is no looking behind in these patterns.
        self.text.split("(?").skip(1).filter_map(|t| t.strip_prefix("P<").or_else(|| t.strip_prefix('<'))?.split('>').next())
    }
}

/// Times and identifiers in logs are ASCII; bytes keep the automata small. Unicode only where a pattern asks for it.
fn compile(text: &str) -> Result<Compiled, String> {
    let build = |unicode: bool| RegexBuilder::new(text).unicode(unicode).size_limit(SIZE_LIMIT).build();
    let regex = build(false).or_else(|_| build(true)).map_err(|e| e.to_string())?;
    let groups = regex.capture_names().enumerate().filter_map(|(i, n)| Some((i, n?.to_owned()))).collect();
    Ok(Compiled { regex, groups })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::PATTERNS;

    #[test]
    fn what_is_known_from_the_build_is_what_would_be_found() {
        assert!(PATTERNS.len() > 100 && PATTERNS.is_sorted_by_key(|known| known.pattern));
        for known in PATTERNS {
            let (first, needs) = (FirstBytes::of(known.pattern).map(|f| f.to_words()), needed::text(known.pattern));
            assert_eq!((known.first, known.needs), (first, needs.as_deref()), "{}", known.pattern);
            let asked = Pattern::new(known.pattern);
            assert_eq!((asked.first().map(FirstBytes::to_words), asked.needs()), (first, known.needs), "{}", known.pattern);
        }
    }

    #[test]
    fn names_are_those_of_the_compiled_pattern() {
        for text in [r"^(?P<a>\d+) (?:x|(?<b_2>y))(?i:z)$", r"^\((?<c>[^)]*)\)", "no groups"] {
            let p = Pattern::new(text);
            let names: Vec<&str> = p.get().unwrap().groups.iter().map(|(_, n)| n.as_str()).collect();
            assert_eq!(p.names().collect::<Vec<_>>(), names, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_compiled_is_said_and_never_matches() {
        let p = Pattern::new("(");
        assert!(p.check().is_err() && p.get().is_none());
    }
}
