//! One file on all cores: pieces of it are scanned at once and joined in order.
//!
//! Where a file is cut depends on the file alone, never on how many threads there are, so the result does not either.

use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

use super::seam::Piece;
use super::{FileScanner, Learnt};
use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;

/// Pieces scanned at once, a thread: enough to even out the slow ones.
const PIECES_A_THREAD: usize = 2;

/// Scans a file that `next` gives in pieces; it is handed the memory of a piece that is done with. Pieces end with a line, but for the last one
/// and those of a line that is longer than a piece.
pub fn scan_pieces(catalog: &Catalog, hint: YearHint, mut next: impl FnMut(Vec<u8>) -> Option<Vec<u8>> + Send) -> FileTally {
    let mut whole = FileScanner::new(catalog, hint);
    // The first piece shows what the file is, and the others begin with that.
    let Some(first) = next(Vec::new()) else { return whole.finish() };
    whole.feed(&first);
    let order = whole.state.order.clone();
    let mut begins_with_line = ends_with_line(&first);
    let mut spare = vec![first];
    let learnt: Mutex<Vec<Learnt>> = Mutex::default();
    let at_once = PIECES_A_THREAD * rayon::current_num_threads();
    let mut read = |spare: &mut Vec<Vec<u8>>| -> Vec<Vec<u8>> {
        (0..at_once).map_while(|_| next(spare.pop().unwrap_or_default())).collect()
    };
    let mut present = read(&mut spare);
    while !present.is_empty() {
        let begins: Vec<bool> =
            present.iter().map(|text| std::mem::replace(&mut begins_with_line, ends_with_line(text))).collect();
        let scan = || -> Vec<Option<Piece>> {
            let texts = present.par_iter().zip(begins);
            texts.map(|(text, begins)| scan_piece(catalog, hint, &order, text, begins, &learnt)).collect()
        };
        let (ahead, scanned) = rayon::join(|| read(&mut spare), scan);
        for (text, piece) in present.iter().zip(scanned) {
            match piece {
                Some(piece) => whole.join(piece),
                None => whole.feed(text),
            }
        }
        spare.extend(std::mem::replace(&mut present, ahead));
    }
    whole.finish()
}

fn ends_with_line(text: &[u8]) -> bool {
    text.last() == Some(&b'\n')
}

/// Scans one piece by itself; nothing where it is not of whole lines.
fn scan_piece(
    catalog: &Catalog,
    hint: YearHint,
    order: &[FormatId],
    text: &[u8],
    begins_with_line: bool,
    learnt: &Mutex<Vec<Learnt>>,
) -> Option<Piece> {
    if !begins_with_line || !ends_with_line(text) {
        return None;
    }
    let lent = learnt.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut scanner = FileScanner::new(catalog, hint);
    scanner.state.order.copy_from_slice(order);
    if let Some(lent) = lent {
        scanner.learnt = lent;
    }
    let (piece, back) = scanner.piece(text);
    learnt.lock().unwrap_or_else(PoisonError::into_inner).push(back);
    Some(piece)
}
