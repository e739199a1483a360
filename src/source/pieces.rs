//! Reading in large pieces that end with a line, into memory that is used again.

use memchr::memrchr;
use std::io::{self, Read};
use std::sync::atomic::Ordering;

use super::read::Progress;
use crate::lang::Saying;
use crate::parser::scan::Piece;

/// Bytes of a piece: long enough that what is done a piece does not count, short enough for many at once.
const PIECE: usize = 1 << 20;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;

/// Bytes that lead up to a piece: a hundred lines or so.
const LEAD: usize = 16 * 1024;

/// What is left of an input, in pieces.
pub(super) struct Pieces<'p> {
    rest: Box<dyn Read + Send>,
    progress: &'p Progress,
    /// The begin of a line whose end has not been read.
    begun: Vec<u8>,
    lead: Vec<u8>,
    is_first: bool,
    /// Why reading ended early, where it did.
    pub(super) error: Option<Saying>,
}

impl<'p> Pieces<'p> {
    /// An input of which the first bytes have been read.
    pub(super) fn new(head: Vec<u8>, rest: Box<dyn Read + Send>, progress: &'p Progress) -> Self {
        progress.0.fetch_add(head.len() as u64, Ordering::Relaxed);
        Pieces { rest, progress, begun: head, lead: Vec::new(), is_first: true, error: None }
    }

    /// The next piece, in the memory of one that is done with.
    pub(super) fn next(&mut self, mut piece: Piece) -> Option<Piece> {
        piece.lead.clear();
        piece.lead.append(&mut self.lead);
        piece.text.clear();
        piece.text.append(&mut self.begun);
        // What was read to see what the input is makes the first piece.
        if !std::mem::take(&mut self.is_first) || piece.text.is_empty() {
            self.fill(&mut piece.text);
        }
        if let Some(end) = memrchr(b'\n', &piece.text) {
            self.begun.extend_from_slice(&piece.text[end + 1..]);
            piece.text.truncate(end + 1);
        }
        self.lead.extend_from_slice(&piece.text[piece.text.len().saturating_sub(LEAD)..]);
        (!piece.text.is_empty()).then_some(piece)
    }

    fn fill(&mut self, text: &mut Vec<u8>) {
        // The begin of a line that is longer than a piece still grows.
        let full = text.len().max(PIECE / 2) + PIECE / 2;
        while text.len() < full && self.error.is_none() {
            let begin = text.len();
            text.resize(full.min(begin + BLOCK), 0);
            let read = self.rest.read(&mut text[begin..]);
            text.truncate(begin + read.as_ref().map_or(0, |n| *n));
            match read {
                Ok(0) => break,
                Ok(n) => drop(self.progress.0.fetch_add(n as u64, Ordering::Relaxed)),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => self.error = Some(Saying::with("reading-ended-early", &[("error", &e.to_string())])),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Slow(io::Cursor<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let n = buf.len().min(70_001);
            self.0.read(&mut buf[..n])
        }
    }

    fn pieces(head: &str, rest: &str) -> Vec<Piece> {
        let progress = Progress::default();
        let mut p = Pieces::new(head.into(), Box::new(Slow(io::Cursor::new(rest.into()))), &progress);
        let all: Vec<Piece> = std::iter::from_fn(|| p.next(Piece::default())).collect();
        assert_eq!(progress.0.load(Ordering::Relaxed) as usize, head.len() + rest.len());
        all
    }

    #[test]
    fn pieces_end_with_lines_and_nothing_is_lost() {
        let text = "a line of text\n".repeat(400_000) + "the end";
        let all = pieces(&text[..1000], &text[1000..]);
        assert_eq!(all.iter().flat_map(|p| p.text.clone()).collect::<Vec<u8>>(), text.as_bytes());
        let (last, lines) = all.split_last().unwrap();
        assert!(all.len() > 5 && lines.iter().all(|p| p.text.ends_with(b"\n")) && last.text.ends_with(b"end"));
        assert!(all.windows(2).all(|w| w[0].text.ends_with(&w[1].lead) && (w[1].lead.len() == LEAD || w[0].text.len() < LEAD)));
    }

    #[test]
    fn a_line_longer_than_a_piece_is_given_whole_in_the_end() {
        let text = format!("{}\nnext\n", "x".repeat(5 * PIECE));
        let all = pieces("", &text);
        assert_eq!(all.iter().flat_map(|p| p.text.clone()).collect::<Vec<u8>>(), text.as_bytes());
    }
}
