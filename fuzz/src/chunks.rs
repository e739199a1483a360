//! Tallies do not depend on where reads are cut; and where a file is scanned in pieces, no line and no byte is lost or counted twice. (What a line is
//! may depend on lines far before it, where several definitions fit or a traceback is interrupted: pieces of such a log may read it otherwise.) The input is five places to cut at (two bytes each), then a file.

use fivexx::parser::scan::seam::{Piece, PieceScanner, join};

use crate::bytes::Bytes;
use crate::common::{HINT, catalog, scan, summary};

/// One input.
pub fn run(bytes: &[u8]) {
    let mut rest = Bytes(bytes);
    let places = [rest.u16(), rest.u16(), rest.u16(), rest.u16(), rest.u16()];
    let file = rest.0;
    let mut at: Vec<usize> = places.iter().map(|c| usize::from(*c) % (file.len() + 1)).collect();
    at.extend([0, file.len()]);
    at.sort_unstable();
    let tally = scan([file]);
    let whole = summary(&tally);
    let cut = summary(&scan(at.windows(2).map(|w| &file[w[0]..w[1]])));
    assert_eq!(whole, cut, "cut at {at:?}");

    // Pieces are cut at line ends.
    let line_end = |at: usize| file[at..].iter().position(|b| *b == b'\n').map_or(file.len(), |n| at + n + 1);
    let mut ends: Vec<usize> = at.iter().map(|at| if *at == 0 { 0 } else { line_end(at - 1) }).collect();
    ends.dedup();
    let pieces: Vec<Piece> = ends.windows(2).map(|w| piece(&file[w[0]..w[1]], w[0] == 0)).collect();
    let joined = join(catalog(), HINT, pieces);
    assert!(joined.closes(), "lines of pieces do not add up");
    assert_eq!((joined.lines, joined.bytes), (tally.lines, tally.bytes), "in pieces at {ends:?}");
}

fn piece(text: &[u8], begins_file: bool) -> Piece {
    let mut scanner = PieceScanner::new(catalog(), HINT, begins_file);
    scanner.feed(text);
    scanner.finish()
}
