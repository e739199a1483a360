//! Where one file is scanned in pieces: what a piece cannot know of the lines before it, and how pieces are joined.
//!
//! A piece may begin in the middle of a traceback, or with lines that have no time of their own. So its first lines stay as they are, up to the
//! first one that has a shape and a time of its own, and are read when the end of the piece before is known.

use super::block::OpenBlock;
use super::envelope::strip_colours;
use super::pending::Pending;
use super::{ESCAPE, FileScanner, Learnt, State};
use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::format::Claim;
use crate::parser::stamp::{Stamp, YearHint};
use crate::parser::tally::FileTally;
use memchr::{memchr, memchr_iter};

/// Bytes that stay unread at the head of a piece; beyond it, the piece is read as if it began a file.
pub const MAX_HEAD: usize = 256 * 1024;

/// What the lines of a piece leave behind for the next one.
#[derive(Debug, Clone, Default)]
pub struct End {
    /// The first stamp, and the index of the source whose it is.
    pub first: Option<(Stamp, usize)>,
    /// The last stamp, and the index of the source whose it is.
    pub last: Option<(Stamp, usize)>,
    /// The formats that lines had, the last that fitted first.
    pub used: Vec<FormatId>,
    /// A traceback whose end has not come.
    pub block: Option<OpenBlock>,
}

/// One piece of a file, scanned.
#[derive(Default)]
pub struct Piece {
    /// Its first lines, unread.
    pub head: Vec<u8>,
    /// The others; lines are numbered from 1.
    pub body: FileTally,
    /// What they leave behind.
    pub end: End,
}

/// What a scanner leaves for the next one, which has less to make and to learn then.
pub(super) struct Lent<'c> {
    pub(super) learnt: Learnt,
    pub(super) pending: Pending<'c>,
}

/// Scans one piece of a file. Pieces are cut at line ends.
pub struct PieceScanner<'c> {
    catalog: &'c Catalog,
    hint: YearHint,
    begins_file: bool,
    head: Vec<u8>,
    /// Bytes of the head that were looked at.
    seen: usize,
    probe: FileScanner<'c>,
    body: Option<FileScanner<'c>>,
}

impl<'c> PieceScanner<'c> {
    /// A scanner for a piece, which begins the file or does not.
    pub fn new(catalog: &'c Catalog, hint: YearHint, begins_file: bool) -> Self {
        let probe = FileScanner::new(catalog, hint);
        PieceScanner { catalog, hint, begins_file, head: Vec::new(), seen: 0, probe, body: None }
    }

    /// Takes the next block.
    pub fn feed(&mut self, block: &[u8]) {
        if let Some(body) = &mut self.body {
            return body.feed(block);
        }
        self.head.extend_from_slice(block);
        let ends: Vec<usize> = memchr_iter(b'\n', &self.head[self.seen..]).map(|i| self.seen + i).collect();
        for end in ends {
            if end > MAX_HEAD || self.probe.stands_alone(&self.head[self.seen..end]) {
                return self.begin_body();
            }
            self.seen = end + 1;
        }
        if self.head.len() > MAX_HEAD {
            self.begin_body();
        }
    }

    fn begin_body(&mut self) {
        let mut body = FileScanner::new(self.catalog, self.hint);
        body.may_be_paste = self.begins_file;
        body.feed(&self.head[self.seen..]);
        self.head.truncate(self.seen);
        self.body = Some(body);
    }

    /// Ends the piece.
    pub fn finish(self) -> Piece {
        match self.body {
            None => Piece { head: self.head, ..Piece::default() },
            Some(body) => {
                let (body, end) = body.suspend();
                Piece { head: self.head, body, end }
            }
        }
    }
}

/// Joins the pieces of one file, in the order of the file, into what one scan of it gives.
pub fn join(catalog: &Catalog, hint: YearHint, pieces: impl IntoIterator<Item = Piece>) -> FileTally {
    let mut scanner = FileScanner::new(catalog, hint);
    pieces.into_iter().for_each(|p| scanner.join(p));
    scanner.finish()
}

impl<'c> FileScanner<'c> {
    /// Goes on with a piece that was scanned by itself.
    pub(super) fn join(&mut self, piece: Piece) {
        self.feed(&piece.head);
        self.end_line();
        self.join_body(piece.body, piece.end);
    }

    /// Scans a piece from the middle of a file, of whole lines. What the scanner remembers is given back, and what it counted in, empty.
    pub(super) fn piece(mut self, text: &[u8]) -> (Piece, Lent<'c>) {
        let mut seen = 0;
        for end in memchr_iter(b'\n', text) {
            if end > MAX_HEAD || self.stands_alone(&text[seen..end]) {
                break;
            }
            seen = end + 1;
        }
        self.may_be_paste = false;
        self.feed(&text[seen..]);
        self.give_all();
        let lent = Lent { learnt: std::mem::take(&mut self.learnt), pending: std::mem::take(&mut self.pending) };
        let (body, end) = self.suspend();
        (Piece { head: text[..seen].to_vec(), body, end }, lent)
    }

    /// Whether a line has a shape and a time of its own, so that no line before it can change what it means.
    fn stands_alone(&mut self, raw: &[u8]) -> bool {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        let mut plain = Vec::new();
        let line = if memchr(ESCAPE, raw).is_some() {
            strip_colours(raw, &mut plain);
            &plain[..]
        } else {
            raw
        };
        let unwrapped = self.unwrap(line);
        let inner: &[u8] = &unwrapped.inner;
        if inner.first().is_none_or(u8::is_ascii_whitespace) {
            return false;
        }
        let catalog = self.catalog;
        self.state.order.iter().any(|&id| {
            let format = &catalog.formats[id];
            let Some(cut) = format.cut(inner, false, self.hint, &mut self.learnt.memos[id].tries, &mut self.fields) else {
                return false;
            };
            let understood = format.claim(inner, &self.fields, cut, false) != Claim::None
                || format.forms[cut.form].request
                || format.counts_any(inner, &self.fields, cut);
            understood && (format.instants(inner, &self.fields).is_some() || unwrapped.stamp.is_some())
        })
    }

    /// Takes what came of the present line as a whole line.
    fn end_line(&mut self) {
        if self.skipping {
            self.skipping = false;
            self.end_overlong();
        } else if !self.carry.is_empty() {
            let line = std::mem::take(&mut self.carry);
            self.line_apart(&line);
        }
    }

    /// Enters what the present line leaves, and gives the tally all.
    fn give_all(&mut self) {
        self.end_line();
        self.place_waiting(None);
        self.pending.give(&mut self.tally);
    }

    /// Ends a piece, with what stays open.
    fn suspend(mut self) -> (FileTally, End) {
        self.give_all();
        self.tally.crowded += self.index.crowded;
        let used = |id: &FormatId| self.tally.sources.iter().any(|s| s.format == *id);
        let State { first, last, order, block, .. } = self.state;
        let used = order.into_iter().filter(used).collect();
        (self.tally, End { first, last, used, block })
    }

    /// Goes on behind lines that were scanned elsewhere.
    fn join_body(&mut self, body: FileTally, end: End) {
        self.tally.bytes += body.bytes;
        if body.lines == 0 {
            return;
        }
        self.close_block();
        let before = self.tally.lines;
        let places = self.tally.absorb_next(FileTally { bytes: 0, ..body });
        let placed = |at: Option<(Stamp, usize)>| at.and_then(|(stamp, i)| Some((stamp, *places.get(i)?)));
        let first = placed(end.first);
        if self.state.last.is_none() && first.is_some() {
            self.place_waiting(first);
        }
        self.state.first = self.state.first.or(first);
        self.state.last = placed(end.last).or(self.state.last);
        self.state.block = end.block.map(|mut b| {
            b.last.iter_mut().for_each(|l| l.1 += before);
            b.placed = placed(b.placed);
            b
        });
        for id in end.used.iter().rev() {
            if let Some(at) = self.state.order.iter().position(|o| o == id)
                && !self.catalog.formats[*id].definition.general
            {
                self.state.order[..=at].rotate_right(1);
            }
        }
        self.tally.crowded += std::mem::take(&mut self.index).crowded;
    }
}
