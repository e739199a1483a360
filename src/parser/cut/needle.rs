//! The literal behind a field, looked for in a few bytes at a time.

use memchr::memmem::{Finder, FinderRev};
use std::ops::Deref;

use crate::parser::bytes::{begins_with, find_near, rfind_near};

/// Bytes that are compared in one look.
pub(super) const EIGHT: usize = 8;

/// A literal, and how it is found fastest. `B` holds its bytes: those of built-in templates are known when the program is built.
#[derive(Debug, Clone)]
pub(super) struct Needle<B = Vec<u8>> {
    bytes: B,
    /// Its first eight bytes, and which of them it has.
    head: u64,
    mask: u64,
    /// Its last eight bytes, where it has more than eight.
    tail: u64,
    /// Where its first blank stands.
    blank: Option<usize>,
    /// The one of its bytes that is rarest in logs, and where it stands: fields are short, and to look for one byte needs no preparation.
    /// `None`: it has no bytes, and the field before it runs to the end of the line.
    rarest: Option<(u8, usize)>,
    /// How it is found where all its bytes are frequent.
    whole: Option<Box<(Finder<'static>, FinderRev<'static>)>>,
}

impl<B: Deref<Target = [u8]>> PartialEq for Needle<B> {
    fn eq(&self, other: &Self) -> bool {
        *self.bytes == *other.bytes
    }
}

impl<B: Deref<Target = [u8]>> Eq for Needle<B> {}

/// How often a byte is met in a log, roughly.
const fn frequency(b: u8) -> u8 {
    match b {
        b' ' | b'a'..=b'z' | b'0'..=b'9' => 2,
        b'A'..=b'Z' | b'/' | b':' | b'.' | b'-' | b',' | b'=' | b'&' | b'?' | b'%' => 1,
        _ => 0,
    }
}

impl Needle {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let (head, mask, tail, blank, rarest) = looks(bytes);
        let is_frequent = bytes.len() > 1 && rarest.is_some_and(|(b, _)| frequency(b) > 1);
        let whole = is_frequent.then(|| Box::new((Finder::new(bytes).into_owned(), FinderRev::new(bytes).into_owned())));
        Needle { bytes: bytes.to_vec(), head, mask, tail, blank, rarest, whole }
    }
}

impl Needle<&'static [u8]> {
    /// One that is known when the program is built.
    pub(super) const fn known(bytes: &'static [u8]) -> Self {
        let (head, mask, tail, blank, rarest) = looks(bytes);
        Needle { bytes, head, mask, tail, blank, rarest, whole: None }
    }
}

type Looks = (u64, u64, u64, Option<usize>, Option<(u8, usize)>);

/// What is looked at first: head, its mask, tail, blank and rarest of a [`Needle`].
const fn looks(bytes: &[u8]) -> Looks {
    let (mut head, mut mask, mut tail, mut blank) = (0, 0, 0, None);
    let mut rarest: Option<(u8, usize)> = None;
    let mut i = 0;
    // Loops as constants allow them.
    while i < bytes.len() {
        let b = bytes[i];
        if i < EIGHT {
            head |= (b as u64) << (8 * i);
            mask |= 0xff << (8 * i);
        }
        tail = tail >> 8 | (b as u64) << 56;
        if b == b' ' && blank.is_none() {
            blank = Some(i);
        }
        rarest = match rarest {
            Some((r, _)) if frequency(r) <= frequency(b) => rarest,
            _ => Some((b, i)),
        };
        i += 1;
    }
    (head, mask, tail, blank, rarest)
}

impl<B: Deref<Target = [u8]>> Needle<B> {
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The one of its bytes to look for, and where in it that stands; `None` where it is found otherwise.
    #[inline(always)]
    pub(super) fn sign(&self) -> Option<(u8, usize)> {
        self.rarest.filter(|_| self.whole.is_none())
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where in it the first blank stands.
    #[inline]
    pub(super) fn blank(&self) -> Option<usize> {
        self.blank
    }

    /// Whether a text begins with it.
    #[inline(always)]
    pub(super) fn stands_at_begin(&self, text: &[u8]) -> bool {
        match text.first_chunk::<EIGHT>() {
            Some(eight) => self.begins_as(eight) && (self.bytes.len() <= EIGHT || self.goes_on_in(text)),
            None => begins_with(text, &self.bytes),
        }
    }

    /// Whether a text of eight bytes is it, or its begin where it has more.
    #[inline(always)]
    pub(super) fn begins_as(&self, eight: &[u8; EIGHT]) -> bool {
        (u64::from_le_bytes(*eight) ^ self.head) & self.mask == 0
    }

    /// Whether what is behind its first eight bytes stands in a text as well.
    #[inline(always)]
    fn goes_on_in(&self, text: &[u8]) -> bool {
        let Some(own) = text.get(..self.bytes.len()) else { return false };
        let ends_alike = own.last_chunk().is_some_and(|t| u64::from_le_bytes(*t) == self.tail);
        ends_alike && (self.bytes.len() <= 2 * EIGHT || begins_with(own, &self.bytes))
    }

    /// Where it first begins, or where the text ends if there is no literal.
    #[inline(always)]
    pub(super) fn end_in(&self, text: &[u8]) -> Option<usize> {
        let Some((b, at)) = self.rarest else { return Some(text.len()) };
        if let Some(finders) = &self.whole {
            return finders.0.find(text);
        }
        let begin = find_near(text.get(at..)?, b)?;
        let is_it = self.bytes.len() == 1 || self.stands_at_begin(&text[begin..]);
        if is_it { Some(begin) } else { self.end_behind(text, begin + 1) }
    }

    /// As [`Needle::end_in`], where it is known to begin at a place or behind.
    #[inline(never)]
    fn end_behind(&self, text: &[u8], place: usize) -> Option<usize> {
        let (b, at) = self.rarest?;
        let mut from = place + at;
        loop {
            let begin = from + find_near(text.get(from..)?, b)? - at;
            if self.stands_at_begin(&text[begin..]) {
                return Some(begin);
            }
            from = begin + at + 1;
        }
    }

    /// Where it last begins, or where the text ends if there is no literal.
    pub(super) fn rfind(&self, text: &[u8]) -> Option<usize> {
        let Some((b, at)) = self.rarest else { return Some(text.len()) };
        if let Some(finders) = &self.whole {
            return finders.1.rfind(text);
        }
        // Mostly there is but one, and soon: then it is the last as well.
        let first = find_near(text, b)?;
        let begin = |sign: usize| sign.checked_sub(at).filter(|begin| self.stands_at_begin(&text[*begin..]));
        if find_near(&text[first + 1..], b).is_none() {
            return begin(first);
        }
        let mut to = text.len();
        loop {
            to = rfind_near(&text[..to], b)?;
            if let Some(begin) = begin(to) {
                return Some(begin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::memmem;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_stands_where_a_plain_look_finds_it(text in "[ab]{0,40}", len in 0usize..30, wrong in 0usize..60) {
            let mut needle = text.as_bytes()[..len.min(text.len())].to_vec();
            if let Some(b) = needle.get_mut(wrong) {
                *b ^= 1;
            }
            prop_assert_eq!(Needle::new(&needle).stands_at_begin(text.as_bytes()), text.as_bytes().starts_with(&needle));
        }

        #[test]
        fn it_is_found_where_a_plain_search_finds_it(text in "[ab\\[\\] ]{0,24}", needle in "[ab\\[\\] ]{1,3}") {
            let (text, needle) = (text.as_bytes(), needle.as_bytes());
            let n = Needle::new(needle);
            prop_assert_eq!(n.rfind(text), memmem::rfind(text, needle));
            prop_assert_eq!(n.end_in(text), memmem::find(text, needle));
            // As those are that are known when the program is built.
            let n = Needle { whole: None, ..n };
            prop_assert_eq!((n.rfind(text), n.end_in(text)), (memmem::rfind(text, needle), memmem::find(text, needle)));
        }
    }
}
