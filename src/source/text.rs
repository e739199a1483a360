//! Text that is not UTF-8: what Windows and its shells write is UTF-16, and begins with a mark that says so.

use std::io::{self, Read};

/// How the bytes of a file stand for its text.
pub(super) enum Written {
    /// As everywhere.
    Utf8,
    /// As everywhere, behind a mark of so many bytes.
    MarkedUtf8(usize),
    /// In pairs of bytes.
    Utf16(Order),
}

/// Which byte of a pair comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The low one.
    Little,
    /// The high one.
    Big,
}

/// Tells by the mark; where there is none, by the zero that every other byte of plain English is then.
pub(super) fn written(head: &[u8]) -> Written {
    match head {
        [0xff, 0xfe, 0, 0, ..] => Written::Utf8,
        [0xff, 0xfe, ..] => Written::Utf16(Order::Little),
        [0xfe, 0xff, ..] => Written::Utf16(Order::Big),
        [0xef, 0xbb, 0xbf, ..] => Written::MarkedUtf8(3),
        _ => {
            let look = &head[..head.len().min(512) / 2 * 2];
            let zeros = |odd: usize| look.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
            let text = |odd: usize| look.iter().skip(odd).step_by(2).all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..0x7f));
            let half = look.len() / 2;
            if half < 8 {
                Written::Utf8
            } else if zeros(1) == half && text(0) {
                Written::Utf16(Order::Little)
            } else if zeros(0) == half && text(1) {
                Written::Utf16(Order::Big)
            } else {
                Written::Utf8
            }
        }
    }
}

/// Whether a file that begins so is UTF-16.
pub(crate) fn is_utf16(head: &[u8]) -> bool {
    matches!(written(head), Written::Utf16(_))
}

/// Pairs that are decoded at once.
const PAIRS: usize = 32 * 1024;

/// UTF-16, read as UTF-8; what is neither becomes U+FFFD.
pub(super) struct AsUtf8<R> {
    from: R,
    order: Order,
    /// Text that was not asked for yet, and how much of it was.
    text: String,
    given: usize,
    /// The first half of a character of two pairs, which the last block ended with.
    half: Option<u16>,
    begun: bool,
}

impl<R: Read> AsUtf8<R> {
    pub fn new(from: R, order: Order) -> Self {
        AsUtf8 { from, order, text: String::new(), given: 0, half: None, begun: false }
    }

    fn decode_block(&mut self) -> io::Result<()> {
        let bytes = fill(&mut self.from, 2 * PAIRS)?;
        let pair = |p: &[u8]| match self.order {
            Order::Little => u16::from_le_bytes([p[0], p[1]]),
            Order::Big => u16::from_be_bytes([p[0], p[1]]),
        };
        let pairs = bytes.as_chunks::<2>().0.iter().map(|p| pair(p));
        let mut units: Vec<u16> = self.half.take().into_iter().chain(pairs).collect();
        if bytes.len() == 2 * PAIRS && units.last().is_some_and(|u| (0xd800..0xdc00).contains(u)) {
            self.half = units.pop();
        }
        let mark = usize::from(!self.begun && units.first() == Some(&0xfeff));
        self.begun = true;
        self.text = char::decode_utf16(units.into_iter().skip(mark)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for AsUtf8<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.decode_block()?;
        }
        let rest = &self.text.as_bytes()[self.given..];
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.given += n;
        Ok(n)
    }
}

/// Fills a buffer from a reader, as far as there is something.
pub(super) fn fill(from: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut all = Vec::with_capacity(most);
    from.take(most as u64).read_to_end(&mut all)?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        match written(bytes) {
            Written::Utf16(encoding) => {
                let mut text = String::new();
                AsUtf8::new(bytes, encoding).read_to_string(&mut text).unwrap();
                text
            }
            Written::MarkedUtf8(n) => String::from_utf8(bytes[n..].to_vec()).unwrap(),
            Written::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    #[test]
    fn both_ends_with_and_without_a_mark() {
        let text = "2026/11/21 00:00:39 [error] café\r\n";
        let plain = "2026/11/21 00:00:39 [error] x\r\n";
        for swap in [false, true] {
            let encode = |t: &str| -> Vec<u8> {
                t.encode_utf16().flat_map(|u| if swap { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
            };
            assert_eq!(read(&encode(&format!("\u{feff}{text}"))), text);
            assert_eq!(read(&encode(plain)), plain);
        }
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()), text);
        assert_eq!(read(text.as_bytes()), text);
    }

    #[test]
    fn a_character_of_two_pairs_may_lie_on_the_edge_of_a_block() {
        let text = format!("{}{}", "x".repeat(PAIRS - 1), "\u{1f600}".repeat(PAIRS));
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut back = String::new();
        AsUtf8::new(bytes.as_slice(), Order::Little).read_to_string(&mut back).unwrap();
        assert!(back == text);
    }
}
