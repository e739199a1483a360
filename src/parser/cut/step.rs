//! One step through a line: a field, and the literal behind it.

use super::needle::Needle;
use super::{FieldId, Fields};
use crate::parser::bytes::{find_near, leading_digits, leading_number};
use crate::parser::stamp::{TimeFormat, YearHint};

/// How far a field of a template reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// To the literal behind it.
    Str,
    /// The same, and there is no blank inside.
    Word,
    /// An integer or `-`.
    Int,
    /// A decimal number or `-`.
    Float,
    /// The name of a severity.
    Level,
    /// To the next `"` without a backslash before it.
    Quoted,
    /// To the last occurrence of the literal behind it.
    Last,
    /// nginx's lists of attempts: `a, b : c`.
    List,
    /// To the end of the line.
    Rest,
    /// A stamp; finds its own end.
    Time,
    /// A stamp in the spelling of ctime alone.
    Ctime,
}

impl FieldKind {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "str" => FieldKind::Str,
            "word" => FieldKind::Word,
            "int" => FieldKind::Int,
            "float" => FieldKind::Float,
            "level" => FieldKind::Level,
            "quoted" => FieldKind::Quoted,
            "last" => FieldKind::Last,
            "list" => FieldKind::List,
            "rest" => FieldKind::Rest,
            "time" => FieldKind::Time,
            "ctime" => FieldKind::Ctime,
            _ => return None,
        })
    }

    /// Whether such a field ends where it does whatever literal is to follow.
    pub(super) fn ends_by_itself(self) -> bool {
        matches!(self, FieldKind::Int | FieldKind::Float) || !self.finds_what_follows()
    }

    /// Whether the literal behind such a field must stand there for the field to have an end.
    #[inline(always)]
    pub(super) fn finds_what_follows(self) -> bool {
        !matches!(self, FieldKind::Quoted | FieldKind::Rest | FieldKind::Time | FieldKind::Ctime)
    }
}

/// A field and the literal behind it; either may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// `None`: there is only a literal.
    pub(super) kind: Option<FieldKind>,
    pub(super) id: Option<FieldId>,
    /// Empty where there is none.
    pub(super) behind: Needle,
}

/// What of a step did not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    Field,
    /// The literal; the field before it has so many bytes.
    Literal(usize),
}

impl Step {
    /// Takes the step at a place of a line, the begin of `text`: gives how many bytes it takes.
    ///
    /// # Errors
    /// What did not fit.
    #[inline(always)]
    pub(super) fn take(
        &self,
        text: &[u8],
        pos: usize,
        time: Option<&TimeFormat>,
        hint: YearHint,
        out: &mut Fields,
    ) -> Result<usize, Unfit> {
        let behind = &self.behind;
        let Some(kind) = self.kind else {
            return if behind.stands_at_begin(text) { Ok(behind.len()) } else { Err(Unfit::Literal(0)) };
        };
        let len = match kind {
            FieldKind::Str => text_length(text, behind),
            FieldKind::Word => word_length(text, behind),
            FieldKind::Int | FieldKind::Float => {
                let n = if kind == FieldKind::Int { int_length(text) } else { leading_number(text) };
                if n == 0 || !behind.stands_at_begin(&text[n..]) {
                    return Err(Unfit::Field);
                }
                if let Some(id) = self.id {
                    out.put(id, pos, pos + n);
                }
                return Ok(n + behind.len());
            }
            FieldKind::Quoted => quoted_length(text),
            FieldKind::Time => time.and_then(|t| out.read_stamp(t, text, hint)),
            FieldKind::Ctime => ctime_length(text, hint, out),
            FieldKind::Rest => Some(text.len()),
            FieldKind::Level | FieldKind::Last | FieldKind::List => rare_length(text, kind, behind),
        };
        let Some(len) = len else { return Err(Unfit::Field) };
        if let Some(id) = self.id {
            out.put(id, pos, pos + len);
        }
        if !kind.finds_what_follows() && !behind.stands_at_begin(&text[len..]) {
            return Err(Unfit::Literal(len));
        }
        Ok(len + behind.len())
    }
}

// Not inlined: each has the registers to itself, and there are few of them.

#[inline(never)]
fn text_length(text: &[u8], behind: &Needle) -> Option<usize> {
    behind.end_in(text)
}

/// A word ends at the first blank, which the literal behind it mostly begins with: then one look finds both.
#[inline(never)]
fn word_length(text: &[u8], behind: &Needle) -> Option<usize> {
    let n = match behind.blank() {
        Some(at) => find_near(text, b' ')?.checked_sub(at).filter(|n| behind.len() == 1 || behind.stands_at_begin(&text[*n..])),
        None => behind.end_in(text).filter(|&n| find_near(&text[..n], b' ').is_none()),
    };
    n.filter(|n| *n > 0)
}

#[inline(never)]
fn quoted_length(text: &[u8]) -> Option<usize> {
    let at = find_near(text, b'"')?;
    if at == 0 || text[at - 1] != b'\\' { Some(at) } else { escaped_length(text, at) }
}

/// As [`quoted_length`], where the first quote has a backslash before it.
#[inline(never)]
fn escaped_length(text: &[u8], first: usize) -> Option<usize> {
    let mut at = first;
    loop {
        let slashes = text[..at].iter().rev().take_while(|b| **b == b'\\').count();
        if slashes % 2 == 0 {
            return Some(at);
        }
        at += 1 + find_near(&text[at + 1..], b'"')?;
    }
}

/// Digits and dashes.
#[inline]
fn int_length(text: &[u8]) -> usize {
    let mut n = leading_digits(text);
    if text.get(n) == Some(&b'-') {
        n = text.iter().take_while(|b| b.is_ascii_digit() || **b == b'-').count();
    }
    n
}

#[inline(never)]
fn ctime_length(text: &[u8], hint: YearHint, out: &mut Fields) -> Option<usize> {
    let may_be = text.first().is_some_and(u8::is_ascii_alphabetic);
    may_be.then(|| out.read_stamp(&TimeFormat::Ctime, text, hint)).flatten()
}

/// Where a field of a kind that few lines have ends; `None` where it does not fit.
#[inline(never)]
fn rare_length(text: &[u8], kind: FieldKind, behind: &Needle) -> Option<usize> {
    match kind {
        FieldKind::Last => behind.rfind(text),
        FieldKind::Level => behind.end_in(text).filter(|&n| is_level(text[..n].trim_ascii_end())),
        FieldKind::List => list_length(text, behind),
        _ => None,
    }
}

/// `a, b : c` to the first blank (or literal) that neither follows a comma nor stands beside a colon.
fn list_length(text: &[u8], behind: &Needle) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = if behind.is_empty() { text.len() } else { from + behind.end_in(&text[from..])? };
        let ends = text[..at].ends_with(b",") || text[..at].ends_with(b" :") || text[at..].starts_with(b" : ");
        if at == text.len() || !ends {
            return Some(at);
        }
        from = at + 1;
    }
}

fn is_level(text: &[u8]) -> bool {
    const LEVELS: [&str; 17] = [
        "DEBUG",
        "INFO",
        "NOTICE",
        "WARN",
        "WARNING",
        "ERROR",
        "ERR",
        "CRITICAL",
        "CRIT",
        "FATAL",
        "ALERT",
        "EMERG",
        "TRACE",
        "LOG",
        "PANIC",
        "EXCEPTION",
        "SUCCESS",
    ];
    LEVELS.iter().any(|l| text.eq_ignore_ascii_case(l.as_bytes()))
}
