//! The literal behind a field, looked for in a few bytes at a time.

use memchr::memmem::{Finder, FinderRev};

use crate::parser::bytes::{begins_with, find_near, rfind_near};

/// Bytes that are compared in one look.
const EIGHT: usize = 8;

/// A literal, and how it is found fastest.
#[derive(Debug, Clone, Default)]
pub(super) struct Needle {
    bytes: Vec<u8>,
    /// Its first eight bytes, and which of them it has.
    head: u64,
    mask: u64,
    /// Its last eight bytes, where it has more than eight.
    tail: u64,
    /// Where its first blank stands.
    blank: Option<usize>,
    way: Way,
}

#[derive(Debug, Clone, Default)]
enum Way {
    /// There is none: the field runs to the end of the line.
    #[default]
    End,
    /// By one of its bytes that is rare in logs, and where it stands. Fields are short, and this needs no preparation.
    Byte(u8, usize),
    /// All its bytes are frequent.
    Whole(Box<(Finder<'static>, FinderRev<'static>)>),
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Needle {}

/// How often a byte is met in a log, roughly.
fn frequency(b: u8) -> u8 {
    match b {
        b' ' | b'a'..=b'z' | b'0'..=b'9' => 2,
        b'A'..=b'Z' | b'/' | b':' | b'.' | b'-' | b',' => 1,
        _ => 0,
    }
}

impl Needle {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let rarest = bytes.iter().enumerate().min_by_key(|(_, b)| frequency(**b));
        let way = match rarest {
            None => Way::End,
            Some((at, b)) if bytes.len() == 1 || frequency(*b) <= 1 => Way::Byte(*b, at),
            Some(_) => Way::Whole(Box::new((Finder::new(bytes).into_owned(), FinderRev::new(bytes).into_owned()))),
        };
        let known = bytes.len().min(EIGHT);
        let (mut head, mut mask) = ([0u8; EIGHT], [0u8; EIGHT]);
        head[..known].copy_from_slice(&bytes[..known]);
        mask[..known].fill(0xff);
        Needle {
            bytes: bytes.to_vec(),
            head: u64::from_le_bytes(head),
            mask: u64::from_le_bytes(mask),
            tail: bytes.last_chunk().map_or(0, |t| u64::from_le_bytes(*t)),
            blank: bytes.iter().position(|b| *b == b' '),
            way,
        }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
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
            Some(eight) => {
                (u64::from_le_bytes(*eight) ^ self.head) & self.mask == 0 && (self.bytes.len() <= EIGHT || self.goes_on_in(text))
            }
            None => begins_with(text, &self.bytes),
        }
    }

    /// Whether what is behind its first eight bytes stands in a text as well.
    #[inline(always)]
    fn goes_on_in(&self, text: &[u8]) -> bool {
        let Some(own) = text.get(..self.bytes.len()) else { return false };
        let ends_alike = own.last_chunk().is_some_and(|t| u64::from_le_bytes(*t) == self.tail);
        ends_alike && (self.bytes.len() <= 2 * EIGHT || begins_with(own, &self.bytes))
    }

    /// Where it first begins, or where the text ends if there is no literal.
    #[inline]
    pub(super) fn end_in(&self, text: &[u8]) -> Option<usize> {
        match &self.way {
            Way::End => Some(text.len()),
            Way::Byte(b, at) => {
                let begin = find_near(text.get(*at..)?, *b)?;
                let is_it = self.bytes.len() == 1 || self.stands_at_begin(&text[begin..]);
                if is_it { Some(begin) } else { self.end_behind(text, begin + 1) }
            }
            Way::Whole(finders) => finders.0.find(text),
        }
    }

    /// As [`Needle::end_in`], where it is known to begin at a place or behind.
    #[inline(never)]
    fn end_behind(&self, text: &[u8], place: usize) -> Option<usize> {
        let Way::Byte(b, at) = &self.way else { return None };
        let mut from = place + at;
        loop {
            let begin = from + find_near(text.get(from..)?, *b)? - at;
            if self.stands_at_begin(&text[begin..]) {
                return Some(begin);
            }
            from = begin + at + 1;
        }
    }

    /// Where it last begins, or where the text ends if there is no literal.
    pub(super) fn rfind(&self, text: &[u8]) -> Option<usize> {
        match &self.way {
            Way::End => Some(text.len()),
            Way::Byte(b, at) => {
                let mut to = text.len();
                loop {
                    to = rfind_near(&text[..to], *b)?;
                    if let Some(begin) = to.checked_sub(*at).filter(|begin| self.stands_at_begin(&text[*begin..])) {
                        return Some(begin);
                    }
                }
            }
            Way::Whole(finders) => finders.1.rfind(text),
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
        }
    }
}
