//! One file scanned in pieces, several at once, with the very result of scanning it from begin to end.
//!
//! What a line means can depend on the lines before it: the format that fitted last is tried first, undated lines take their neighbour's time, a
//! traceback may be open. So each piece is begun a little early: the lines that lead up to it put the scanner into the state that it most likely
//! has at the border. When the pieces are put together in order, the state that was supposed is held against the one that came to be, as far as
//! the piece made use of it. Where they differ the piece is scanned again, from the true state: a wrong guess costs time and nothing else.

use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

use super::block::OpenBlock;
use super::smudge::PASTE_LINES;
use super::{FileScanner, State, UNMATCHED_EXAMPLES};
use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::format::Memo;
use crate::parser::stamp::{Stamp, YearHint};
use crate::parser::tally::{FileTally, JUMP_BACK_S, MAX_SOURCES};

/// Pieces scanned at once, a thread: enough to even out the slow ones.
const PIECES_A_THREAD: usize = 2;

/// More pieces than this scanned twice, over those that were not, and the rest is scanned in order.
const PATIENCE: usize = 8;

/// A piece of a file.
#[derive(Debug, Default)]
pub struct Piece {
    /// Lines that stand before it; the first may be cut off.
    pub lead: Vec<u8>,
    /// Its bytes. Only pieces that end with a line are scanned beside others.
    pub text: Vec<u8>,
}

/// How a file in pieces went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Split {
    /// Pieces that were scanned beside others.
    pub beside: usize,
    /// Pieces that were scanned in order, and among them those that were scanned again.
    pub in_order: usize,
}

/// How far a piece made use of what came before it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reach {
    /// Formats whose order mattered, from the first.
    order: usize,
    envelopes: usize,
    /// The last stamp mattered.
    last: bool,
}

/// The state that was supposed at the begin of a piece.
struct Start {
    order: Vec<FormatId>,
    envelopes: Vec<FormatId>,
    last: Option<(Stamp, FormatId, Option<String>)>,
    block: Option<OpenBlock>,
}

/// Scans a file that `next` gives in pieces; it is handed a piece that is done with, for its memory.
pub fn scan_pieces(catalog: &Catalog, hint: YearHint, mut next: impl FnMut(Piece) -> Option<Piece> + Send) -> (FileTally, Split) {
    let mut scanner = FileScanner::new(catalog, hint);
    let mut split = Split::default();
    let at_once = PIECES_A_THREAD * rayon::current_num_threads();
    let memos: Mutex<Vec<Vec<Memo>>> = Mutex::default();
    let mut spare: Vec<Piece> = Vec::new();
    // The first piece shows what the file is; alone, it costs no guess.
    let mut present: Vec<Piece> = next(Piece::default()).into_iter().collect();
    let mut guess = false;
    while !present.is_empty() {
        let mut ahead = Vec::new();
        let mut read = || ahead.extend((0..at_once).map_while(|_| next(spare.pop().unwrap_or_default())));
        // A single piece has none beside it.
        if guess && present.len() > 1 && split.in_order < split.beside + PATIENCE {
            let start = &scanner.state;
            let scan = || present.par_iter().map(|p| FileScanner::scan_piece(catalog, hint, start, p, &memos)).collect();
            let ((), scanned): ((), Vec<_>) = rayon::join(read, scan);
            for (piece, scanned) in present.iter().zip(scanned) {
                if scanner.take_in(scanned) {
                    scanner.tally.bytes += piece.text.len() as u64;
                    split.beside += 1;
                } else {
                    scanner.feed(&piece.text);
                    split.in_order += 1;
                }
            }
        } else {
            rayon::join(&mut read, || present.iter().for_each(|p| scanner.feed(&p.text)));
            split.in_order += if guess { present.len() } else { 0 };
        }
        guess = rayon::current_num_threads() > 1;
        spare.append(&mut present);
        present = ahead;
    }
    (scanner.finish(), split)
}

impl FileScanner<'_> {
    /// Scans one piece by itself, from the state that its lead gives; nothing where it holds no whole lines.
    fn scan_piece<'c>(
        catalog: &'c Catalog,
        hint: YearHint,
        start: &State,
        piece: &Piece,
        memos: &Mutex<Vec<Vec<Memo>>>,
    ) -> Option<(Start, FileScanner<'c>)> {
        if piece.text.last() != Some(&b'\n') {
            return None;
        }
        let mut s = FileScanner::new(catalog, hint);
        s.reach = Some(Reach::default());
        if let Some(m) = memos.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            s.memos = m;
        }
        s.state.order.clone_from(&start.order);
        s.state.envelopes.clone_from(&start.envelopes);
        if let Some(begin) = memchr::memchr(b'\n', &piece.lead) {
            s.feed(&piece.lead[begin + 1..]);
        }
        let start = s.begin_anew();
        s.feed(&piece.text);
        memos.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut s.memos));
        Some((start, s))
    }

    /// Forgets what was counted and keeps the state.
    fn begin_anew(&mut self) -> Start {
        let lines = self.tally.lines;
        let last = self.state.last.take().map(|(stamp, i)| {
            let s = &mut self.tally.sources[i];
            (stamp, s.format, s.host.take())
        });
        self.tally = FileTally::default();
        self.gathered.clear();
        self.index = Default::default();
        self.stamps = 0;
        self.reach = Some(Reach::default());
        self.state.waiting.clear();
        self.state.block = self.state.block.take().map(|b| b.counted_from(lines));
        if let Some((stamp, format, host)) = &last {
            self.state.last = Some((*stamp, self.source_of(*format, host.as_deref())));
        }
        let State { order, envelopes, block, .. } = &self.state;
        Start { order: order.clone(), envelopes: envelopes.clone(), last, block: block.clone() }
    }

    /// Goes on with a piece that was scanned by itself; `false` where it must be scanned from here.
    fn take_in(&mut self, piece: Option<(Start, FileScanner<'_>)>) -> bool {
        let Some((start, piece)) = piece else { return false };
        if !self.is_at(&start, &piece) {
            return false;
        }
        let Some(places) = self.places_of(&piece) else { return false };
        self.join(piece, places);
        true
    }

    /// Whether the state that a piece supposed is the one that came to be, as far as it matters.
    fn is_at(&self, start: &Start, piece: &FileScanner<'_>) -> bool {
        let Some((stamp, source)) = self.state.last else { return false };
        let reach = piece.reach.unwrap_or_default();
        let same_last = || {
            let s = &self.tally.sources[source];
            let is_newest = self.newest(s.format, s.host.as_deref()) == Some(source);
            is_newest && start.last.as_ref().is_some_and(|(t, f, h)| *t == stamp && *f == s.format && *h == s.host)
        };
        self.carry.is_empty()
            && !self.skipping
            && self.tally.lines >= PASTE_LINES
            && start.order[..reach.order] == self.state.order[..reach.order]
            && start.envelopes[..reach.envelopes] == self.state.envelopes[..reach.envelopes]
            && start.block == self.state.block.clone().map(|b| b.counted_from(self.tally.lines))
            && (!reach.last || same_last())
            && !piece.index.has_jumped()
    }

    /// Where the sources of a piece belong; nothing where scanning on would do more than add to them.
    fn places_of(&self, piece: &FileScanner<'_>) -> Option<Vec<Option<usize>>> {
        let mut places = Vec::new();
        let mut new = 0;
        for (s, g) in piece.tally.sources.iter().zip(&piece.gathered) {
            let place = self.newest(s.format, s.host.as_deref());
            let last = place.and_then(|p| self.tally.sources[p].last);
            let jumps = match (g.first_stamp, last) {
                (Some((first, false)), Some(last)) => (first - last).abs() > JUMP_BACK_S,
                _ => false,
            };
            if jumps || s.anchors.is_full() || !g.signals.is_whole() {
                return None;
            }
            new += usize::from(place.is_none());
            places.push(place);
        }
        (self.tally.sources.len() + new < MAX_SOURCES).then_some(places)
    }

    fn newest(&self, format: FormatId, host: Option<&str>) -> Option<usize> {
        self.tally.sources.iter().rposition(|s| s.format == format && s.host.as_deref() == host)
    }

    /// Adds what a piece came to and takes over its state.
    fn join(&mut self, piece: FileScanner<'_>, mut places: Vec<Option<usize>>) {
        let reach = piece.reach.unwrap_or_default();
        let before = self.tally.lines;
        let t = piece.tally;
        self.tally.lines += t.lines;
        self.tally.blank += t.blank;
        self.tally.unmatched += t.unmatched;
        self.tally.overlong += t.overlong;
        let room = UNMATCHED_EXAMPLES.saturating_sub(self.tally.unmatched_examples.len());
        self.tally.unmatched_examples.extend(t.unmatched_examples.into_iter().take(room).map(|(n, text)| (n + before, text)));
        for (place, s) in places.iter_mut().zip(&t.sources) {
            if place.is_none() && (s.matched > 0 || s.span.is_some()) {
                *place = Some(self.source_of(s.format, s.host.as_deref()));
            }
        }
        for ((s, g), place) in t.sources.into_iter().zip(piece.gathered).zip(&places) {
            let Some(place) = *place else { continue };
            let lender = s.borrows_from.and_then(|i| places.get(i).copied().flatten());
            self.tally.sources[place].go_on(s, lender);
            let own = &mut self.gathered[place];
            own.first_stamp = own.first_stamp.or(g.first_stamp);
            own.signals.join(g.signals, before);
        }
        self.state.order[..reach.order].copy_from_slice(&piece.state.order[..reach.order]);
        self.state.envelopes[..reach.envelopes].copy_from_slice(&piece.state.envelopes[..reach.envelopes]);
        if piece.stamps > 0 || reach.last {
            self.state.last = piece.state.last.and_then(|(stamp, i)| Some((stamp, places.get(i).copied().flatten()?)));
        }
        self.state.block = piece.state.block.map(|b| b.counted_from(0u64.wrapping_sub(before)));
        self.stamps += piece.stamps;
    }

    /// The format that fitted last matters, or one further down the order.
    #[inline]
    pub(super) fn leans_on_order(&mut self, place: usize) {
        if let Some(r) = &mut self.reach {
            r.order = r.order.max(place + 1);
        }
    }

    /// The same for envelopes.
    pub(super) fn leans_on_envelopes(&mut self, place: usize) {
        if let Some(r) = &mut self.reach {
            r.envelopes = r.envelopes.max(place + 1);
        }
    }

    /// The last stamp matters.
    pub(super) fn leans_on_last(&mut self) {
        if let Some(r) = &mut self.reach {
            r.last |= self.stamps == 0;
        }
    }

    /// The format at a place of the order, which then matters.
    #[inline]
    pub(super) fn in_order(&mut self, place: usize) -> Option<FormatId> {
        self.leans_on_order(place);
        self.state.order.get(place).copied()
    }
}
