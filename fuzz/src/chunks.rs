//! Tallies do not depend on where reads are cut, nor on how many threads scan the pieces of a file; and where a file is scanned in pieces, no line and no byte is lost or counted twice. (What a line is
//! may depend on lines far before it, where several definitions fit or a traceback is interrupted: pieces of such a log may read it otherwise.) The input is five places to cut at (two bytes each), then a file.

use std::sync::OnceLock;

use fivexx::parser::scan::scan_pieces;
use fivexx::parser::scan::seam::{Piece, PieceScanner, join};
use fivexx::parser::tally::FileTally;
use rayon::ThreadPool;

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
    let on = |pool: &ThreadPool| summary(&pool.install(|| in_pieces(file, &ends)));
    let [one, two] = pools();
    assert_eq!(on(one), on(two), "on two threads, in pieces at {ends:?}");

    let pieces: Vec<Piece> = ends.windows(2).map(|w| piece(&file[w[0]..w[1]], w[0] == 0)).collect();
    let joined = join(catalog(), HINT, pieces);
    assert!(joined.closes(), "lines of pieces do not add up");
    assert_eq!((joined.lines, joined.bytes), (tally.lines, tally.bytes), "in pieces at {ends:?}");
}

/// One thread, and two: what each remembers of the lines before differs.
fn pools() -> &'static [ThreadPool; 2] {
    static POOLS: OnceLock<[ThreadPool; 2]> = OnceLock::new();
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    POOLS.get_or_init(|| [pool(1), pool(2)])
}

fn in_pieces(file: &[u8], ends: &[usize]) -> FileTally {
    let mut pieces = ends.windows(2).map(|w| file[w[0]..w[1]].to_vec());
    scan_pieces(catalog(), HINT, move |_| pieces.next())
}

fn piece(text: &[u8], begins_file: bool) -> Piece {
    let mut scanner = PieceScanner::new(catalog(), HINT, begins_file);
    scanner.feed(text);
    scanner.finish()
}
