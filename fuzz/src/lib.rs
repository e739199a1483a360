//! What the fuzz targets share: the catalogue, compiled once, and the summary of a tally.

use std::sync::OnceLock;

use fivexx::diagnosis::cause::Causes;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;

/// The last second of 2026.
pub const HINT: YearHint = YearHint(1_798_761_599_000);

/// The built-in formats.
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::builtin().expect("the built-in parsers load"))
}

/// The built-in causes.
pub fn causes() -> &'static Causes {
    static CAUSES: OnceLock<Causes> = OnceLock::new();
    CAUSES.get_or_init(|| Causes::load(&[], catalog()).expect("the built-in causes load"))
}

/// Scans a file that comes in these blocks.
pub fn scan<'b>(blocks: impl IntoIterator<Item = &'b [u8]>) -> FileTally {
    let mut scanner = FileScanner::new(catalog(), HINT);
    for block in blocks {
        scanner.feed(block);
    }
    scanner.finish()
}

/// Everything that a tally says, in an order of its own.
pub fn summary(t: &FileTally) -> String {
    let mut out = format!("{} {} {} {} {:?}\n", t.lines, t.bytes, t.blank, t.unmatched, t.unmatched_examples);
    for s in &t.sources {
        out.push_str(&format!("{} {:?} {} {} {:?} {:?}\n", s.format.0, s.host, s.matched, s.weightless, s.stated, s.span));
        for (id, signal) in &s.signals {
            let sketches: Vec<(i64, usize)> = signal.sketches.iter().map(|(b, k)| (*b, k.count())).collect();
            let (cells, examples, facts) = (&signal.cells, &signal.examples, &signal.facts);
            out.push_str(&format!("  {id:?} {cells:?} {sketches:?} {} {examples:?} {facts:?}\n", signal.undated));
        }
    }
    out
}
