//! One file on all cores: each takes the next piece of it when it is done with the one before, and what they find is joined in order.
//!
//! Where a file is cut depends on the file alone, never on how many threads there are, so the result does not either.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::FileScanner;
use super::seam::{Lent, Piece};
use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;

/// How many pieces, a thread, may be scanned ahead of the last that is joined: what waits takes memory.
const AHEAD: usize = 16;

/// Scans a file that `next` gives in pieces; it is handed the memory of a piece that is done with. Pieces end with a line, but for the last one
/// and those of a line that is longer than a piece.
pub fn scan_pieces(catalog: &Catalog, hint: YearHint, mut next: impl FnMut(Vec<u8>) -> Option<Vec<u8>> + Send) -> FileTally {
    let mut whole = FileScanner::new(catalog, hint);
    // The first piece shows what the file is, and the others begin with that.
    let Some(first) = next(Vec::new()) else { return whole.finish() };
    whole.feed(&first);
    let order = whole.state.order.clone();
    let begins_with_line = ends_with_line(&first);
    let Some(second) = next(first) else { return whole.finish() };
    let threads = rayon::current_num_threads();
    let work = Work {
        catalog,
        hint,
        order,
        ahead: AHEAD * threads,
        source: Mutex::new(Source { next, read: Some(second), place: 0, begins_with_line }),
        joint: Mutex::new(Joint { whole: Some(whole), place: 0, waiting: BTreeMap::new(), broken: false }),
        moved: Condvar::new(),
    };
    rayon::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| work.scan());
        }
        work.scan();
    });
    let joint = work.joint.into_inner().unwrap_or_else(PoisonError::into_inner);
    joint.whole.map_or_else(FileTally::default, FileScanner::finish)
}

fn ends_with_line(text: &[u8]) -> bool {
    text.last() == Some(&b'\n')
}

/// What the threads that scan one file share.
struct Work<'c, N> {
    catalog: &'c Catalog,
    hint: YearHint,
    /// The formats in the order in which each piece tries them first.
    order: Vec<FormatId>,
    ahead: usize,
    source: Mutex<Source<N>>,
    joint: Mutex<Joint<'c>>,
    /// A piece was joined.
    moved: Condvar,
}

/// Where pieces come from.
struct Source<N> {
    next: N,
    /// A piece that was read before anybody asked for it.
    read: Option<Vec<u8>>,
    /// How many were given out.
    place: usize,
    /// Whether the next piece begins with a line.
    begins_with_line: bool,
}

/// Where what was found is put together.
struct Joint<'c> {
    /// All that is joined so far; not here while somebody joins.
    whole: Option<FileScanner<'c>>,
    /// How many pieces are joined.
    place: usize,
    /// Pieces behind one that is still being scanned.
    waiting: BTreeMap<usize, Scanned>,
    /// A thread fell.
    broken: bool,
}

/// What came of a piece.
enum Scanned {
    Piece(Box<Piece>),
    /// It is not of whole lines, and can only be read behind the one before.
    Text(Vec<u8>),
}

impl<'c, N: FnMut(Vec<u8>) -> Option<Vec<u8>>> Work<'c, N> {
    /// Scans pieces until there are no more.
    fn scan(&self) {
        // Who waits for a piece that never comes would wait for ever.
        let _fallen = OnFall(|| {
            self.joint().broken = true;
            self.moved.notify_all();
        });
        let mut lent = None;
        let mut spare = Vec::new();
        while let Some((place, text, begins_with_line)) = self.take(std::mem::take(&mut spare)) {
            if begins_with_line && ends_with_line(&text) {
                let piece = self.scan_piece(&text, &mut lent);
                spare = text;
                self.join(place, Scanned::Piece(Box::new(piece)));
            } else {
                self.join(place, Scanned::Text(text));
            }
        }
    }

    /// The next piece, its place among all, and whether it begins with a line.
    fn take(&self, spare: Vec<u8>) -> Option<(usize, Vec<u8>, bool)> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let place = source.place;
        let is_far = |j: &mut Joint<'_>| place >= j.place + self.ahead && !j.broken;
        if self.moved.wait_while(self.joint(), is_far).unwrap_or_else(PoisonError::into_inner).broken {
            return None;
        }
        let text = match source.read.take() {
            Some(text) => text,
            None => (source.next)(spare)?,
        };
        source.place += 1;
        let begins_with_line = std::mem::replace(&mut source.begins_with_line, ends_with_line(&text));
        Some((place, text, begins_with_line))
    }

    fn scan_piece(&self, text: &[u8], lent: &mut Option<Lent<'c>>) -> Piece {
        let mut scanner = FileScanner::new(self.catalog, self.hint);
        scanner.state.order.copy_from_slice(&self.order);
        if let Some(lent) = lent.take() {
            (scanner.learnt, scanner.pending) = (lent.learnt, lent.pending);
        }
        let (piece, back) = scanner.piece(text);
        *lent = Some(back);
        piece
    }

    /// Joins a piece, and those that waited for it; leaves it to who is joining already.
    fn join(&self, place: usize, scanned: Scanned) {
        let mut joint = self.joint();
        joint.waiting.insert(place, scanned);
        let Some(mut whole) = joint.whole.take() else { return };
        loop {
            let place = joint.place;
            let Some(next) = joint.waiting.remove(&place) else { break };
            drop(joint);
            match next {
                Scanned::Piece(piece) => whole.join(*piece),
                Scanned::Text(text) => whole.feed(&text),
            }
            joint = self.joint();
            joint.place += 1;
            self.moved.notify_all();
        }
        joint.whole = Some(whole);
    }

    fn joint(&self) -> MutexGuard<'_, Joint<'c>> {
        self.joint.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does something when the thread falls.
struct OnFall<F: Fn()>(F);

impl<F: Fn()> Drop for OnFall<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            (self.0)();
        }
    }
}
