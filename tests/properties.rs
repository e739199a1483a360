//! What holds for any input: nothing panics, every line is accounted for, and tallies do not depend on how reads are cut.

use proptest::prelude::*;
use std::sync::OnceLock;

use fivexx::parser::catalog::Catalog;
use fivexx::parser::definition::Kind;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;

const HINT: YearHint = YearHint(1_798_761_599_000);

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::builtin().expect("the built-in parsers load"))
}

/// Lines of every format: the definitions' own samples.
fn sample_lines() -> &'static Vec<String> {
    static LINES: OnceLock<Vec<String>> = OnceLock::new();
    LINES.get_or_init(|| {
        catalog()
            .formats
            .iter()
            .filter(|f| f.definition.kind != Kind::Cloudwatch)
            .flat_map(|f| f.definition.samples.iter().map(|s| s.line.clone()))
            .collect()
    })
}

fn scan(blocks: &[&[u8]]) -> FileTally {
    let mut scanner = FileScanner::new(catalog(), HINT);
    for b in blocks {
        scanner.feed(b);
    }
    scanner.finish()
}

/// Everything that a tally says, in an order of its own.
fn summary(t: &FileTally) -> String {
    let mut out =
        format!("lines {} bytes {} blank {} unmatched {} {:?}\n", t.lines, t.bytes, t.blank, t.unmatched, t.unmatched_examples);
    for s in &t.sources {
        let name = &catalog().formats[s.format].definition.name;
        out.push_str(&format!("{name} {:?} {} {} {:?} {:?} {:?}\n", s.host, s.matched, s.weightless, s.stated, s.span, s.paths));
        for (id, signal) in &s.signals {
            let sketches: Vec<(i64, usize)> = signal.sketches.iter().map(|(b, k)| (*b, k.count())).collect();
            out.push_str(&format!(
                "  {} {:?} {sketches:?} {} {} {:?} {:?}\n",
                catalog().signals.info(*id).name,
                signal.cells,
                signal.undated,
                signal.borrowed,
                signal.examples,
                signal.facts
            ));
        }
    }
    out
}

/// A line as logs have them, or bent: cut, doubled, with bytes changed.
fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let known = (0..sample_lines().len()).prop_map(|i| sample_lines()[i].clone().into_bytes());
    let bent = (0..sample_lines().len(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(i, at, byte)| {
        let mut line = sample_lines()[i].clone().into_bytes();
        let n = at.index(line.len().max(1));
        match byte % 3 {
            0 => line.truncate(n),
            1 if n < line.len() => line[n] = byte,
            _ => line.extend_from_within(n.min(line.len())..),
        }
        line
    });
    prop_oneof![4 => known, 3 => bent, 1 => proptest::collection::vec(any::<u8>(), 0..300)]
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let end = prop_oneof![8 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..])];
    proptest::collection::vec((any_line(), end), 0..25)
        .prop_map(|lines| lines.into_iter().flat_map(|(l, e)| [l, e.to_vec()].concat()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_and_every_line_is_accounted_for(file in any_file()) {
        let tally = scan(&[&file]);
        prop_assert!(tally.closes(), "read {} lines", tally.lines);
        let ends = file.iter().filter(|b| **b == b'\n').count() as u64;
        prop_assert_eq!(tally.lines, ends + u64::from(file.last().is_some_and(|b| *b != b'\n')));
    }

    #[test]
    fn tallies_do_not_depend_on_how_reads_are_cut(file in any_file(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let mut at: Vec<usize> = cuts.iter().map(|c| c.index(file.len() + 1)).collect();
        at.extend([0, file.len()]);
        at.sort_unstable();
        let blocks: Vec<&[u8]> = at.windows(2).map(|w| &file[w[0]..w[1]]).collect();
        prop_assert_eq!(summary(&scan(&[&file])), summary(&scan(&blocks)));
    }

    #[test]
    fn explaining_never_panics(line in any_line()) {
        let text = String::from_utf8_lossy(&line);
        let said = fivexx::parser::explain::explain(catalog(), &text, HINT);
        prop_assert!(!said.is_empty() || text.trim().is_empty());
        prop_assert!(!said.contains('\x1b'), "escapes do not reach the terminal");
    }
}

/// One byte at a time, over a file of every known line.
#[test]
fn byte_by_byte_is_the_same() {
    let file = sample_lines().join("\n").into_bytes();
    let single: Vec<&[u8]> = file.chunks(1).collect();
    assert_eq!(summary(&scan(&[&file])), summary(&scan(&single)));
}

/// A line without an end costs bounded memory and is said to be not understood.
#[test]
fn an_endless_line_is_skipped_and_counted() {
    let mut scanner = FileScanner::new(catalog(), HINT);
    let block = vec![b'x'; 1 << 20];
    for _ in 0..8 {
        scanner.feed(&block);
    }
    scanner.feed(b"\n2026/11/21 00:00:39 [alert] 1#1: 1024 worker_connections are not enough\n");
    let tally = scanner.finish();
    assert_eq!((tally.lines, tally.overlong, tally.unmatched), (2, 1, 1));
    assert!(tally.closes());
}
