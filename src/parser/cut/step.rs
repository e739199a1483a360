//! One step through a line: a field, and the literal behind it.

use std::ops::Deref;

use super::draft::FieldKind;
use super::needle::Needle;
use super::{FieldId, Fields};
use crate::parser::bytes::{find_near, leading_digits, leading_number};
use crate::parser::stamp::{TimeFormat, YearHint};

impl FieldKind {
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
        take(self.kind, self.id, &self.behind, text, pos, time, hint, out)
    }
}

/// As [`Step::take`], where it does not go the quick way ([`super::known`]).
///
/// # Errors
/// What did not fit.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "a step in pieces, so that those known when the program is built are constants")]
pub(super) fn take_apart<B: Deref<Target = [u8]>>(
    kind: Option<FieldKind>,
    id: Option<FieldId>,
    behind: &Needle<B>,
    text: &[u8],
    pos: usize,
    time: Option<&TimeFormat>,
    hint: YearHint,
    out: &mut Fields,
) -> Result<usize, Unfit> {
    take(kind, id, behind, text, pos, time, hint, out)
}

/// As [`Step::take`]. The search for ends of texts is not inlined, since each has the registers to itself then.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "as above")]
fn take<B: Deref<Target = [u8]>>(
    kind: Option<FieldKind>,
    id: Option<FieldId>,
    behind: &Needle<B>,
    text: &[u8],
    pos: usize,
    time: Option<&TimeFormat>,
    hint: YearHint,
    out: &mut Fields,
) -> Result<usize, Unfit> {
    let Some(kind) = kind else {
        return if behind.stands_at_begin(text) { Ok(behind.len()) } else { Err(Unfit::Literal(0)) };
    };
    let len = match kind {
        FieldKind::Str => text_length_apart(text, behind),
        FieldKind::Word => word_length_apart(text, behind),
        FieldKind::Int | FieldKind::Float => {
            let n = if kind == FieldKind::Int { leading_digits(text) } else { leading_number(text) };
            let n = if n > 0 && !(kind == FieldKind::Int && may_go_on(behind)) && behind.stands_at_begin(&text[n..]) {
                n
            } else {
                let Some(n) = other_length(text, kind, behind) else { return Err(Unfit::Field) };
                n
            };
            if let Some(id) = id {
                out.put(id, pos, pos + n);
            }
            return Ok(n + behind.len());
        }
        FieldKind::Quoted => quoted_length_apart(text),
        FieldKind::Time => time.and_then(|t| out.read_stamp(t, text, hint)),
        FieldKind::Ctime => ctime_length(text, hint, out),
        FieldKind::Rest => Some(text.len()),
        FieldKind::Level | FieldKind::Last | FieldKind::List => rare_length(text, kind, behind),
    };
    let Some(len) = len else { return Err(Unfit::Field) };
    if let Some(id) = id {
        out.put(id, pos, pos + len);
    }
    if !kind.finds_what_follows() && !behind.stands_at_begin(&text[len..]) {
        return Err(Unfit::Literal(len));
    }
    Ok(len + behind.len())
}

#[inline(never)]
pub(super) fn text_length_apart<B: Deref<Target = [u8]>>(text: &[u8], behind: &Needle<B>) -> Option<usize> {
    behind.end_in(text)
}

#[inline(never)]
pub(super) fn word_length_apart<B: Deref<Target = [u8]>>(text: &[u8], behind: &Needle<B>) -> Option<usize> {
    word_length(text, behind)
}

#[inline(never)]
pub(super) fn quoted_length_apart(text: &[u8]) -> Option<usize> {
    quoted_length(text)
}

/// A word ends at the first blank, which the literal behind it mostly begins with: then one look finds both.
#[inline(always)]
fn word_length<B: Deref<Target = [u8]>>(text: &[u8], behind: &Needle<B>) -> Option<usize> {
    let n = match behind.blank() {
        Some(at) => find_near(text, b' ')?.checked_sub(at).filter(|n| behind.len() == 1 || behind.stands_at_begin(&text[*n..])),
        None => behind.end_in(text).filter(|&n| find_near(&text[..n], b' ').is_none()),
    };
    n.filter(|n| *n > 0)
}

#[inline(always)]
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

/// Whether an integer may go on behind its first digits where this literal stands: with a dash, as the literal begins, or to the end of the line.
#[inline(always)]
pub(super) fn may_go_on<B: Deref<Target = [u8]>>(behind: &Needle<B>) -> bool {
    behind.bytes().first().is_none_or(|b| *b == b'-')
}

/// How long a number is that is not digits alone, or not followed as it should be at first sight.
#[inline(never)]
fn other_length<B: Deref<Target = [u8]>>(text: &[u8], kind: FieldKind, behind: &Needle<B>) -> Option<usize> {
    let n = match kind {
        FieldKind::Int => text.iter().take_while(|b| b.is_ascii_digit() || **b == b'-').count(),
        _ => leading_number(text),
    };
    (n > 0 && behind.stands_at_begin(&text[n..])).then_some(n)
}

#[inline(never)]
fn ctime_length(text: &[u8], hint: YearHint, out: &mut Fields) -> Option<usize> {
    let may_be = text.first().is_some_and(u8::is_ascii_alphabetic);
    may_be.then(|| out.read_stamp(&TimeFormat::Ctime, text, hint)).flatten()
}

/// Where a field of a kind that few lines have ends; `None` where it does not fit.
#[inline(never)]
fn rare_length<B: Deref<Target = [u8]>>(text: &[u8], kind: FieldKind, behind: &Needle<B>) -> Option<usize> {
    match kind {
        FieldKind::Last => behind.rfind(text),
        FieldKind::Level => behind.end_in(text).filter(|&n| is_level(text[..n].trim_ascii_end())),
        FieldKind::List => list_length(text, behind),
        _ => None,
    }
}

/// `a, b : c` to the first blank (or literal) that neither follows a comma nor stands beside a colon.
fn list_length<B: Deref<Target = [u8]>>(text: &[u8], behind: &Needle<B>) -> Option<usize> {
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
