//! Reading in large pieces that end with a line, into memory that is used again.

use memchr::memrchr;
use std::io::{self, Read};
use std::sync::atomic::Ordering;

use super::bounds::in_words;
use super::read::Progress;
use crate::lang::Saying;

/// Bytes of a piece: long enough that what is done a piece does not count, short enough for many at once.
const PIECE: usize = 2 << 20;

/// Bytes of the first piece, which nobody else can go on without.
const FIRST: usize = 64 * 1024;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;

/// What is left of an input, in pieces.
pub(super) struct Pieces<'p> {
    rest: Box<dyn Read + Send>,
    progress: &'p Progress,
    /// The begin of a line whose end has not been read.
    begun: Vec<u8>,
    /// Bytes of the next piece.
    size: usize,
    /// Why reading ended early, where it did.
    pub(super) error: Option<Saying>,
}

impl<'p> Pieces<'p> {
    /// An input of which the first bytes have been read.
    pub(super) fn new(head: Vec<u8>, rest: Box<dyn Read + Send>, progress: &'p Progress) -> Self {
        progress.0.fetch_add(head.len() as u64, Ordering::Relaxed);
        Pieces { rest, progress, begun: head, size: FIRST, error: None }
    }

    /// The next piece, in the memory of one that is done with. It ends with a line, unless the input does not or the line is longer than a
    /// piece. How long pieces are depends on the bytes alone, not on how many a read gives.
    pub(super) fn next(&mut self, mut piece: Vec<u8>) -> Option<Vec<u8>> {
        let begun = self.begun.len();
        // What is to be read over need not be made empty first.
        piece.resize(self.size.max(begun), 0);
        piece[..begun].copy_from_slice(&self.begun);
        self.begun.clear();
        let filled = begun + self.fill(&mut piece[begun..]);
        self.size = PIECE;
        piece.truncate(filled);
        if let Some(end) = memrchr(b'\n', &piece) {
            self.begun.extend_from_slice(&piece[end + 1..]);
            piece.truncate(end + 1);
        }
        (!piece.is_empty()).then_some(piece)
    }

    /// Reads until the memory is full or the input ends; gives how many bytes.
    fn fill(&mut self, memory: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < memory.len() && self.error.is_none() {
            let end = memory.len().min(filled + BLOCK);
            match self.rest.read(&mut memory[filled..end]) {
                Ok(0) => break,
                Ok(n) => {
                    filled += n;
                    self.progress.0.fetch_add(n as u64, Ordering::Relaxed);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => self.error = Some(Saying::of("reading-ended-early").fill("error", in_words(&e))),
            }
        }
        filled
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

    fn pieces(head: &str, rest: &str) -> Vec<Vec<u8>> {
        let progress = Progress::default();
        let mut p = Pieces::new(head.into(), Box::new(Slow(io::Cursor::new(rest.into()))), &progress);
        let all: Vec<Vec<u8>> = std::iter::from_fn(|| p.next(Vec::new())).collect();
        assert_eq!(progress.0.load(Ordering::Relaxed) as usize, head.len() + rest.len());
        all
    }

    #[test]
    fn pieces_end_with_lines_and_nothing_is_lost() {
        let text = "a line of text\n".repeat(400_000) + "the end";
        let all = pieces(&text[..1000], &text[1000..]);
        assert_eq!(all.concat(), text.as_bytes());
        let (last, lines) = all.split_last().unwrap();
        assert!(all.len() > 3 && lines.iter().all(|p| p.ends_with(b"\n")) && last.ends_with(b"end"));
    }

    #[test]
    fn a_line_longer_than_a_piece_comes_in_several() {
        let text = format!("{}\nnext\n", "x".repeat(5 * PIECE));
        let all = pieces("", &text);
        assert_eq!(all.concat(), text.as_bytes());
        assert!(all.iter().all(|p| p.len() <= PIECE));
    }

    #[test]
    fn the_cut_does_not_depend_on_what_a_read_gives() {
        let text = "a line of text\n".repeat(300_000);
        assert_eq!(pieces("", &text), pieces(&text[..65_536], &text[65_536..]));
    }
}
