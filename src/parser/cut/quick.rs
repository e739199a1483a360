//! The step of a walk ([`super::known`]): what it mostly meets is plain to see in the bytes ahead, and one piece of code without a call.

use std::ops::Deref;

use super::draft::FieldKind;
use super::needle::{EIGHT, Needle};
use super::step::{may_go_on, quoted_length_apart, text_length_apart, word_length_apart};
use super::{FieldId, Fields};
use crate::parser::bytes::{LOOK, digits_in, hits, number_in};
use crate::parser::stamp::{TimeFormat, YearHint};

/// Bytes in which the end of a field is looked for.
const NEAR: usize = 2 * LOOK;

/// Bytes that a step looks at: those, and as many as are compared of the literal behind the field.
const ROOM: usize = NEAR + EIGHT;

/// How far a walk has come in a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'l> {
    /// What is left of the line, and behind that the padding.
    rest: &'l [u8],
    /// Bytes of the line and of the padding.
    whole: usize,
    padding: usize,
}

/// The end of a line with zeros behind it, so that a step has room there as well: no literal of a built-in template holds one.
pub(super) struct Tail([u8; 2 * ROOM]);

impl Tail {
    /// That of a line.
    #[inline(always)]
    pub(super) fn of(line: &[u8]) -> Self {
        let mut tail = [0; 2 * ROOM];
        match line.last_chunk::<ROOM>() {
            Some(last) => tail[..ROOM].copy_from_slice(last),
            None => tail[ROOM - line.len()..ROOM].copy_from_slice(line),
        }
        Tail(tail)
    }
}

impl<'l> Place<'l> {
    /// The begin of a line.
    #[inline(always)]
    pub(super) fn begin(line: &'l [u8]) -> Self {
        Place { rest: line, whole: line.len(), padding: 0 }
    }

    /// Where in the line it is.
    #[inline(always)]
    pub(super) fn pos(self) -> usize {
        self.whole - self.rest.len()
    }

    /// What is left of the line.
    #[inline(always)]
    pub(super) fn text(self) -> &'l [u8] {
        &self.rest[..self.rest.len() - self.padding]
    }

    /// The place so many bytes further on.
    #[inline(always)]
    pub(super) fn behind(self, bytes: usize) -> Self {
        Place { rest: &self.rest[bytes..], ..self }
    }

    /// The same place, with room for a step.
    #[inline(always)]
    pub(super) fn with_room(self, tail: &'l Tail) -> Self {
        if self.rest.len() >= ROOM {
            return self;
        }
        Place { rest: &tail.0[ROOM - self.rest.len()..], whole: self.whole + ROOM, padding: ROOM }
    }

    /// How long the field is that stands here, where that and the literal behind it are plain to see.
    #[inline(always)]
    pub(super) fn quick_length<B: Deref<Target = [u8]>>(
        self,
        kind: Option<FieldKind>,
        behind: &Needle<B>,
        time: Option<&TimeFormat>,
        hint: YearHint,
        out: &mut Fields,
    ) -> Option<usize> {
        let room: &[u8; ROOM] = self.rest.first_chunk()?;
        let near: &[u8; NEAR] = room.first_chunk()?;
        let is_one = behind.len() == 1;
        match kind {
            None => self.has(behind, room, 0).then_some(0),
            Some(kind @ (FieldKind::Int | FieldKind::Float)) => {
                let look = room.first_chunk()?;
                let n = if kind == FieldKind::Int { digits_in(look)? } else { number_in(look)? };
                (n > 0 && !(kind == FieldKind::Int && may_go_on(behind)) && self.has(behind, room, n)).then_some(n)
            }
            Some(FieldKind::Str) => {
                let (sign, at) = behind.sign().filter(|s| s.1 <= EIGHT)?;
                let near: &[u8; NEAR] = room[at..].first_chunk()?;
                let Some(n) = first(hits(near, sign)) else { return text_length_apart(self.text(), behind) };
                (is_one || self.has(behind, room, n)).then_some(n)
            }
            Some(FieldKind::Word) => {
                let at = behind.blank()?;
                let Some(blank) = first(hits(near, b' ')) else { return word_length_apart(self.text(), behind) };
                let n = blank.checked_sub(at)?;
                (n > 0 && (is_one || self.has(behind, room, n))).then_some(n)
            }
            Some(FieldKind::Quoted) => {
                let Some(n) = first(hits(near, b'"')) else {
                    let n = quoted_length_apart(self.text())?;
                    return behind.stands_at_begin(&self.text()[n..]).then_some(n);
                };
                let is_end = n == 0 || near[n - 1] != b'\\';
                (is_end && self.has(behind, room, n)).then_some(n)
            }
            Some(FieldKind::Time) => {
                let n = out.read_stamp(time?, self.text(), hint)?;
                behind.stands_at_begin(&self.text()[n..]).then_some(n)
            }
            Some(FieldKind::Last) => behind.rfind(self.text()),
            Some(FieldKind::Rest) if behind.is_empty() => Some(self.text().len()),
            Some(_) => None,
        }
    }

    /// Whether a literal stands so many bytes further on, which are fewer than are near; `room` is what the rest begins with.
    #[inline(always)]
    fn has<B: Deref<Target = [u8]>>(self, behind: &Needle<B>, room: &[u8; ROOM], n: usize) -> bool {
        let Some(eight) = room[n % NEAR..].first_chunk() else { return false };
        behind.begins_as(eight) && (behind.len() <= EIGHT || behind.stands_at_begin(&self.rest[n..]))
    }
}

#[inline(always)]
fn first(hits: u64) -> Option<usize> {
    (hits != 0).then(|| hits.trailing_zeros() as usize % NEAR)
}

/// Notes where a field stands that a step took.
#[inline(always)]
pub(super) fn note(id: Option<FieldId>, pos: usize, len: usize, out: &mut Fields) {
    if let Some(id) = id {
        out.put_span(id, pos, pos + len);
    }
}
