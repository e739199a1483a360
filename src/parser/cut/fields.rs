//! The fields of one line, and its stamp.

use regex::bytes::CaptureLocations;
use std::cell::Cell;

use super::{FieldId, MAX_FIELDS};
use crate::parser::bytes::begins_with;
use crate::parser::condition::number;
use crate::parser::stamp::{LastMinutes, Stamp, TimeFormat, YearHint};

/// The fields cut from one line, as byte ranges of it. Reused from line to line.
#[derive(Debug, Clone)]
pub struct Fields {
    spans: [(u32, u32); MAX_FIELDS],
    set: u64,
    /// The stamp, where the form has one.
    pub stamp: Option<Stamp>,
    /// The numbers that fields are, of those that were asked for; the others have no bit.
    numbers: [Cell<Option<f64>>; MAX_FIELDS],
    numbered: Cell<u64>,
    /// How much of the message events look into, once that was asked.
    message: Cell<Option<u32>>,
    last: LastStamp,
    /// Where the groups of each pattern that was tried go; whose they are is told by its place in memory.
    pub(super) groups: Vec<(usize, CaptureLocations)>,
}

/// What some steps of a template give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Given {
    /// The fields, a bit each.
    pub(super) fields: u64,
    pub(super) stamp: bool,
}

/// Bytes behind a stamp that may say whether it goes on (a fraction, a zone).
const AHEAD: usize = 8;

/// How many bytes behind a stamp tell that it ends there.
fn ahead(behind: &[u8]) -> usize {
    match behind {
        [b']' | b'"' | b'|' | b'\t', ..] => 1,
        // Behind a blank only a zone may follow.
        [b' ', b'-', b' ', ..] => 3,
        [b' ', next, ..] if !matches!(next, b'+' | b'-' | b'U' | b'G') => 2,
        _ => AHEAD,
    }
}

/// The stamp that was read last: a line's time is mostly that of the line before, byte for byte.
#[derive(Debug, Clone)]
struct LastStamp {
    /// Which format read it, by its place in memory.
    format: usize,
    text: [u8; 48],
    /// How much of the text decided what was read.
    decided: usize,
    read: Option<(Stamp, usize)>,
    minutes: LastMinutes,
}

impl Default for Fields {
    fn default() -> Self {
        Fields {
            spans: [(0, 0); MAX_FIELDS],
            set: 0,
            stamp: None,
            numbers: [const { Cell::new(None) }; MAX_FIELDS],
            numbered: Cell::new(0),
            message: Cell::new(None),
            last: LastStamp { format: 0, text: [0; 48], decided: 0, read: None, minutes: LastMinutes::default() },
            groups: Vec::new(),
        }
    }
}

impl Fields {
    /// Forgets the last line.
    #[inline]
    pub fn clear(&mut self) {
        self.set = 0;
        self.stamp = None;
        self.numbered.set(0);
        self.message.set(None);
    }

    /// Forgets what anything but some steps has found in the present line.
    #[inline]
    pub fn clear_but(&mut self, given: Given) {
        self.set &= given.fields;
        self.stamp = self.stamp.filter(|_| given.stamp);
        self.numbered.set(0);
        self.message.set(None);
    }

    /// Notes where a field stands.
    #[inline]
    pub fn put(&mut self, id: FieldId, from: usize, to: usize) {
        self.put_span(id, from, to);
        self.set |= 1 << (id % MAX_FIELDS as FieldId);
    }

    /// Notes where a field would stand, for [`Fields::allow`] to make it one.
    #[inline]
    pub(super) fn put_span(&mut self, id: FieldId, from: usize, to: usize) {
        // Ids are below the number of fields; so the bounds are known.
        self.spans[usize::from(id) % MAX_FIELDS] = (from as u32, to as u32);
    }

    /// Takes the fields whose places were noted: all at once, so that one does not wait for another.
    #[inline]
    pub(super) fn allow(&mut self, given: Given) {
        self.set |= given.fields;
    }

    /// Where a field begins.
    #[inline]
    pub fn begin_of(&self, id: FieldId) -> Option<usize> {
        (self.set & (1 << id) != 0).then(|| self.spans[usize::from(id)].0 as usize)
    }

    /// Where a field ends.
    #[inline]
    pub(super) fn end_of(&self, id: FieldId) -> Option<usize> {
        (self.set & (1 << id) != 0).then(|| self.spans[usize::from(id)].1 as usize)
    }

    /// Reads the stamp at the begin of `text`; gives its length.
    #[inline]
    pub(super) fn read_stamp(&mut self, format: &TimeFormat, text: &[u8], hint: YearHint) -> Option<usize> {
        let place = std::ptr::from_ref(format).addr();
        let last = &mut self.last;
        if last.format != place || !begins_with(text, &last.text[..last.decided]) {
            let (stamp, len) = last.minutes.read(format, text, hint)?;
            let decided = len + ahead(&text[len..]);
            // One with a fraction of a second hardly comes again.
            if stamp.wall_ms % 1000 != 0
                || decided > last.text.len()
                || text.len() < decided
                || matches!(format, TimeFormat::Strftime(_))
            {
                self.stamp = Some(stamp);
                return Some(len);
            }
            last.text[..decided].copy_from_slice(&text[..decided]);
            (last.format, last.decided, last.read) = (place, decided, Some((stamp, len)));
        }
        let (stamp, len) = last.read?;
        self.stamp = Some(stamp);
        Some(len)
    }

    /// How long the message of this line is, which `find` tells the first time.
    #[inline]
    pub(in crate::parser) fn message_length(&self, find: impl FnOnce() -> usize) -> usize {
        if let Some(known) = self.message.get() {
            return known as usize;
        }
        let length = find();
        self.message.set(Some(length as u32));
        length
    }

    /// The number that a field is, in the line that was cut.
    #[inline]
    pub fn number(&self, id: FieldId, line: &[u8]) -> Option<f64> {
        let (bit, place) = (1 << id, &self.numbers[usize::from(id) % MAX_FIELDS]);
        if self.numbered.get() & bit == 0 {
            place.set(self.get(id, line).and_then(number));
            self.numbered.set(self.numbered.get() | bit);
        }
        place.get()
    }

    /// The field's text in `line`, which must be the line that was cut.
    #[inline]
    pub fn get<'l>(&self, id: FieldId, line: &'l [u8]) -> Option<&'l [u8]> {
        if self.set & (1 << id) == 0 {
            return None;
        }
        let (from, to) = self.spans[usize::from(id)];
        line.get(from as usize..to as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is read again because a line begins like the one before is what is read in it alone.
        #[test]
        fn a_stamp_that_comes_again_is_read_as_at_first(
            format in prop_oneof![Just("iso8601"), Just("clf"), Just("ctime"), Just("syslog"), Just("epoch")],
            stamp in prop_oneof![
                Just("2026-11-21 00:00:39"), Just("2026/11/21 00:00:39"), Just("21/Nov/2026:00:00:39"), Just("21.11.2026 00:00:39"),
                Just("Sat Nov 21 00:00:39 2026"), Just("Nov 21 00:00:39"), Just("1795219239"),
            ],
            behind in proptest::collection::vec("[ \\]|]?([-+ ]|UTC|GMT|Z|[.,]5|0)?( |09:00|0900|0)?(- |\\[)?[a0 ]{0,9}", 2..8),
        ) {
            let format = TimeFormat::parse_name(format).unwrap();
            let hint = YearHint(1_798_761_599_000);
            let mut fields = Fields::default();
            for behind in behind {
                let text = format!("{stamp}{behind}");
                let mut alone = Fields::default();
                let len = alone.read_stamp(&format, text.as_bytes(), hint);
                prop_assert_eq!(fields.read_stamp(&format, text.as_bytes(), hint), len, "{}", text);
                prop_assert!(len.is_none() || fields.stamp == alone.stamp, "{text}");
            }
        }
    }
}
