//! Comparing and finding short texts without a call: what stands between the fields of a line has a few bytes, and there are twenty a line.

use memchr::{memchr, memrchr};
use wide::u8x16;

/// Longest text that is compared here.
const LONGEST: usize = 64;

/// Bytes that are looked at in one look.
pub const LOOK: usize = 16;

/// From where on a longer text is searched by what needs some preparation.
const FAR: usize = 160;

/// Whether a text begins with another.
#[inline]
pub fn begins_with(text: &[u8], begin: &[u8]) -> bool {
    text.get(..begin.len()).is_some_and(|head| same(head, begin))
}

/// Whether two texts are the same.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() || a.len() > LONGEST {
        return a == b;
    }
    // Two looks that may overlap cover every length between a width and its double.
    match a.len() {
        33.. => ends_alike::<32>(a, b),
        17.. => ends_alike::<16>(a, b),
        8.. => ends_alike::<8>(a, b),
        4.. => ends_alike::<4>(a, b),
        2.. => ends_alike::<2>(a, b),
        _ => a.first() == b.first(),
    }
}

#[inline]
fn ends_alike<const N: usize>(a: &[u8], b: &[u8]) -> bool {
    a.first_chunk::<N>() == b.first_chunk::<N>() && a.last_chunk::<N>() == b.last_chunk::<N>()
}

/// Where a byte first stands, most likely near the begin.
#[inline(always)]
pub fn find_near(text: &[u8], byte: u8) -> Option<usize> {
    let Some(near) = text.first_chunk::<{ 2 * LOOK }>() else { return find_in_short(text, byte) };
    match hits(near, byte) {
        0 => find_far(text, byte),
        hits => Some(hits.trailing_zeros() as usize),
    }
}

/// As [`find_near`] in a text of less than two looks.
#[inline(never)]
fn find_in_short(text: &[u8], byte: u8) -> Option<usize> {
    let (Some(first), Some(last)) = (text.first_chunk::<LOOK>(), text.last_chunk::<LOOK>()) else {
        return text.iter().position(|b| *b == byte);
    };
    // The two looks overlap.
    let hits = hits(first, byte) | hits(last, byte) << (text.len() - LOOK);
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

/// As [`find_near`] in a text of two looks or more that does not have the byte there.
#[inline(never)]
fn find_far(text: &[u8], byte: u8) -> Option<usize> {
    let mut from = 2 * LOOK;
    while let Some(near) = text[from..].first_chunk::<{ 2 * LOOK }>().filter(|_| from < FAR) {
        match hits(near, byte) {
            0 => from += 2 * LOOK,
            hits => return Some(from + hits.trailing_zeros() as usize),
        }
    }
    match text.last_chunk::<{ 2 * LOOK }>() {
        // What is left is less than two looks, and these reach back to where it is known not to stand.
        Some(last) if from < FAR => {
            Some(hits(last, byte)).filter(|h| *h != 0).map(|h| text.len() - 2 * LOOK + h.trailing_zeros() as usize)
        }
        _ => memchr(byte, &text[from..]).map(|i| from + i),
    }
}

/// Where a byte last stands, most likely near the end.
#[inline]
pub fn rfind_near(text: &[u8], byte: u8) -> Option<usize> {
    let Some(last) = text.last_chunk::<LOOK>() else { return text.iter().rposition(|b| *b == byte) };
    match hits(last, byte) {
        0 => memrchr(byte, &text[..text.len() - LOOK]),
        hits => Some(text.len() - LOOK + hits.ilog2() as usize),
    }
}

/// Which of some bytes, of up to four looks, are a certain one: a bit each, the first one lowest.
#[inline(always)]
pub fn hits<const N: usize>(text: &[u8; N], byte: u8) -> u64 {
    let hits = |look: &[u8; LOOK]| u64::from(u8x16::new(*look).simd_eq(u8x16::splat(byte)).to_bitmask());
    text.as_chunks::<LOOK>().0.iter().rev().fold(0, |all, look| all << LOOK | hits(look))
}

/// Where control characters stand in a text.
pub struct Controls<'t> {
    windows: std::slice::Iter<'t, [u8; WINDOW]>,
    rest: &'t [u8],
    /// Where the present window ends.
    end: usize,
    /// Places in it that have not been told yet.
    hits: u64,
}

/// Bytes of a window.
const WINDOW: usize = 4 * LOOK;

/// All control characters of ASCII in a text but for DEL, in order: mostly these are line ends, and a text has one every few looks, so to begin a
/// search behind each costs more than to keep what was seen.
#[inline]
pub fn controls(text: &[u8]) -> Controls<'_> {
    let (windows, rest) = text.as_chunks();
    Controls { windows: windows.iter(), rest, end: 0, hits: 0 }
}

impl Iterator for Controls<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.hits == 0 {
            self.hits = match self.windows.next() {
                Some(window) => controls_in(window),
                None if self.rest.is_empty() => return None,
                None => std::mem::take(&mut self.rest).iter().rev().fold(0, |all, b| all << 1 | u64::from(*b <= LAST_CONTROL)),
            };
            self.end += WINDOW;
        }
        let place = self.end - WINDOW + self.hits.trailing_zeros() as usize;
        self.hits &= self.hits - 1;
        Some(place)
    }
}

const LAST_CONTROL: u8 = 0x1f;

#[inline(always)]
fn controls_in(window: &[u8; WINDOW]) -> u64 {
    let hits = |look: &[u8; LOOK]| {
        let look = u8x16::new(*look);
        u64::from(look.min(u8x16::splat(LAST_CONTROL)).simd_eq(look).to_bitmask())
    };
    window.as_chunks::<LOOK>().0.iter().rev().fold(0, |all, look| all << LOOK | hits(look))
}

/// How many digits a text begins with.
#[inline(always)]
pub fn leading_digits(text: &[u8]) -> usize {
    text.first_chunk().and_then(digits_in).unwrap_or_else(|| many_digits(text))
}

/// How many digits a look begins with; `None` where it is all digits.
#[inline(always)]
pub fn digits_in(look: &[u8; LOOK]) -> Option<usize> {
    let behind = u8x16::new(*look) - u8x16::splat(b'0');
    let digits = behind.min(u8x16::splat(9)).simd_eq(behind).to_bitmask();
    (digits != 0xffff).then(|| digits.trailing_ones() as usize % LOOK)
}

/// As [`leading_digits`], where one look does not tell.
#[inline(never)]
fn many_digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// How many digits, dashes and points a text begins with.
#[inline(always)]
pub fn leading_number(text: &[u8]) -> usize {
    text.first_chunk().and_then(number_in).unwrap_or_else(|| long_number(text))
}

/// How many digits, dashes and points a look begins with; `None` where these are all.
#[inline(always)]
pub fn number_in(look: &[u8; LOOK]) -> Option<usize> {
    let look = u8x16::new(*look);
    // From `-` to `9` lie those that are wanted, and `/`.
    let behind = look - u8x16::splat(b'-');
    let among = behind.min(u8x16::splat(b'9' - b'-')).simd_eq(behind);
    let slashes = look.simd_eq(u8x16::splat(b'/'));
    let wanted = among.to_bitmask() & !slashes.to_bitmask();
    (wanted != 0xffff).then(|| wanted.trailing_ones() as usize % LOOK)
}

/// As [`leading_number`], where one look does not tell.
#[inline(never)]
fn long_number(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')).count()
}

/// An odd number without a pattern: the golden ratio of 2^64.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Chooses one of so many places, a power of two, by a number of which any bits may be those that differ (multiplicative hashing: Knuth, The Art of
/// Computer Programming 3, 6.4).
#[inline]
pub fn scatter(key: u64, places: usize) -> usize {
    (key.wrapping_mul(ODD) >> (64 - places.ilog2())) as usize
}

/// Folds a text into a number of 24 bits, eight bytes at a time: to choose a place or a class, the same on every machine.
#[inline]
pub fn fold(text: &[u8]) -> usize {
    let mut h = text.len() as u64;
    let (eights, rest) = text.as_chunks::<8>();
    for e in eights {
        h = (h ^ u64::from_le_bytes(*e)).wrapping_mul(ODD).rotate_right(29);
    }
    for b in rest {
        h = (h ^ u64::from(*b)).wrapping_mul(ODD);
    }
    (h >> 40) as usize
}

/// Chooses a place for a text among those that are remembered.
#[inline]
pub fn place_of(text: &[u8]) -> usize {
    let Some(last) = text.last_chunk::<8>() else { return fold(text) };
    fold(&text[..text.len() & !7]).wrapping_mul(31) ^ fold(last)
}

/// Where what belongs to a place may stand: there, or beside it.
#[inline]
pub fn places_near(place: usize) -> [usize; 4] {
    [place, place ^ 1, place ^ 2, place ^ 3]
}

/// Moves over what stands at a place and beside it, the last of them to the place itself, where it is written over: the few that meet do not
/// drive each other out.
pub fn make_room<T>(all: &mut [T], place: usize) {
    let near = places_near(place);
    near.windows(2).rev().for_each(|w| all.swap(w[0], w[1]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_of_every_length_that_differ_in_one_byte_differ() {
        for len in 0..100usize {
            let text: Vec<u8> = (0..len as u8).collect();
            assert!(same(&text, &text.clone()) && begins_with(&[&text[..], b"x"].concat(), &text));
            assert!(!same(&text, &text[..len.saturating_sub(1)]) || len == 0);
            for i in 0..len {
                let mut other = text.clone();
                other[i] ^= 0x80;
                assert!(!same(&text, &other), "{len} {i}");
            }
        }
    }

    proptest! {
        #[test]
        fn all_control_characters_are_told(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let all: Vec<usize> = text.iter().enumerate().filter(|(_, b)| **b < b' ').map(|(i, _)| i).collect();
            prop_assert_eq!(controls(&text).collect::<Vec<_>>(), all);
        }

        #[test]
        fn digits_are_counted(text in "[0-9]{0,12}", behind in proptest::collection::vec(any::<u8>(), 0..9)) {
            let text = [text.as_bytes(), &behind].concat();
            prop_assert_eq!(leading_digits(&text), text.iter().take_while(|b| b.is_ascii_digit()).count());
        }

        #[test]
        fn numbers_are_measured(text in "[0-9.-]{0,20}", behind in proptest::collection::vec(any::<u8>(), 0..20), slash in 0usize..20) {
            let mut text = [text.as_bytes(), &behind].concat();
            text.get_mut(slash).into_iter().for_each(|b| *b = b'/');
            let is_it = |b: &u8| b.is_ascii_digit() || *b == b'-' || *b == b'.';
            prop_assert_eq!(leading_number(&text), text.iter().position(|b| !is_it(b)).unwrap_or(text.len()));
        }

        #[test]
        fn a_byte_is_found_where_it_first_stands(text in proptest::collection::vec(0u8..4, 0..80), more in any::<u8>()) {
            let far = [vec![0x80u8; usize::from(more)], text].concat();
            let mut back = far.clone();
            back.reverse();
            for b in [0u8, 1, 2, 0x7f, 0x81, 0xff] {
                prop_assert_eq!(find_near(&far, b), far.iter().position(|x| *x == b));
                prop_assert_eq!(rfind_near(&back, b), back.iter().rposition(|x| *x == b));
            }
        }
    }
}
