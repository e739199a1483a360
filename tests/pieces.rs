//! A file scanned in pieces, on any number of threads, comes to exactly what it comes to when it is scanned from begin to end.
//!
//! docs/partials.md says what a cut may change where several programs write into one file; the number of threads never does.

use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use fivexx::parser::catalog::Catalog;
use fivexx::parser::definition::Kind;
use fivexx::parser::scan::{FileScanner, scan_pieces};
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;
use fivexx::source::read::{Progress, Reading, scan};
use fivexx::source::{Input, Place};

const HINT: YearHint = YearHint(1_798_761_599_000);

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::builtin().expect("the built-in parsers load"))
}

/// Everything that a tally says, to the last bit.
fn summary(t: &FileTally) -> String {
    let mut out = format!(
        "lines {} bytes {} blank {} unmatched {} overlong {} {:?} {:?}\n",
        t.lines, t.bytes, t.blank, t.unmatched, t.overlong, t.unmatched_examples, t.error
    );
    for s in &t.sources {
        let name = &catalog().formats[s.format].definition.name;
        out.push_str(&format!("{name} {:?} {} {} {:?} {:?}", s.host, s.matched, s.weightless, s.stated, s.offset_s));
        out.push_str(&format!(" {:?} {:?} {:?} {:?}", s.borrows_from, s.span, s.anchors, s.after_jump_back_s));
        out.push_str(&format!(" {:?}\n", s.paths));
        for (id, signal) in &s.signals {
            let quantiles = |k: &sketches_ddsketch::DDSketch| [0.1, 0.5, 0.9, 0.99].map(|q| k.quantile(q).ok().flatten());
            let sketches: Vec<_> = signal.sketches.iter().map(|(b, k)| (*b, k.count(), quantiles(k))).collect();
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

fn whole(file: &[u8]) -> FileTally {
    let mut scanner = FileScanner::new(catalog(), HINT);
    scanner.feed(file);
    scanner.finish()
}

/// Scans in pieces of about `size` bytes that end with a line.
fn in_pieces(file: &[u8], size: usize, threads: usize) -> FileTally {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    let mut at = 0;
    let next = move |_: Vec<u8>| {
        let begin = at;
        let end = (at + size).min(file.len());
        at = file[end..].iter().position(|b| *b == b'\n').map_or(file.len(), |n| end + n + 1);
        (begin < file.len()).then(|| file[begin..at].to_vec())
    };
    pool.install(|| scan_pieces(catalog(), HINT, next))
}

fn recordings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let found = fivexx::source::discover(&[root]).inputs;
    let path = |i: Input| match i.place {
        Place::File(p) => Some(p),
        Place::Stdin | Place::Memory(_) => None,
    };
    found.into_iter().filter_map(path).filter(|p| p.extension().is_some_and(|e| e == "log")).collect()
}

#[test]
fn recordings_in_pieces_of_any_size_are_the_same() {
    for path in recordings() {
        let file = fs::read(&path).expect("a sample is readable");
        let expected = summary(&whole(&file));
        for (size, threads) in [(0, 2), (300, 2), (4000, 2), (5000, 1), (20_000, 3)] {
            let found = summary(&in_pieces(&file, size, threads));
            assert!(found == expected, "{} in pieces of {size}, {threads} threads", path.display());
        }
    }
}

/// Hosts that are told apart stay so, and lines of the others are counted, wherever the file is cut.
#[test]
fn more_hosts_than_are_told_apart_are_counted_in_pieces_as_well() {
    let line = |i: usize| {
        let message =
            "2026/11/21 00:00:07 [error] 1#1: *1 connect() to unix:/run/a.sock failed (11: Resource temporarily unavailable)";
        let host = if i & 1 == 0 { i % 10 } else { i };
        format!("Nov 21 00:00:07 web-{host} nginx: {message} while connecting to upstream\n")
    };
    let log: String = (0..3000).map(line).collect();
    let whole = whole(log.as_bytes());
    assert!(whole.crowded > 1000, "{}", whole.crowded);
    let lines = |t: &FileTally| t.sources.iter().map(|s| (s.host.clone(), s.matched)).collect::<Vec<_>>();
    for size in [5_000, 100_000] {
        let pieces = in_pieces(log.as_bytes(), size, 2);
        assert_eq!((pieces.crowded, lines(&pieces)), (whole.crowded, lines(&whole)), "in pieces of {size}");
    }
}

#[test]
fn however_a_file_is_packed_it_reads_the_same() {
    let dir = tempfile::tempdir().expect("a folder for files");
    let path = recordings().into_iter().max_by_key(|p| fs::metadata(p).map_or(0, |m| m.len())).expect("there are recordings");
    let plain = fs::read(path).expect("a sample is readable").repeat(12);
    let gz = {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut out, &plain).expect("memory can be written");
        out.finish().expect("memory can be written")
    };
    let zst = zstd::encode_all(plain.as_slice(), 1).expect("memory can be written");
    let expected = summary(&whole(&plain));
    for (name, bytes) in [("plain.log", &plain), ("packed.gz", &gz), ("packed.zst", &zst)] {
        let path = dir.path().join(name);
        fs::write(&path, bytes).expect("a file can be written");
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            let input = Input { name: name.to_owned(), place: Place::File(path.clone()) };
            let reading = pool.install(|| scan(catalog(), &input, HINT, &Progress::default()));
            let Reading::Scanned(tally) = reading else { panic!("{name} is a log") };
            assert!(summary(&tally) == expected, "{name} on {threads} threads");
        }
    }
}

fn sample_lines() -> &'static Vec<String> {
    static LINES: OnceLock<Vec<String>> = OnceLock::new();
    LINES.get_or_init(|| {
        let logs = catalog().formats.iter().filter(|f| f.definition.kind != Kind::Cloudwatch);
        logs.flat_map(|f| f.definition.samples.iter().map(|s| s.line.clone())).collect()
    })
}

/// Runs of lines of a few formats, as several writers leave them in one file.
fn any_log() -> impl Strategy<Value = Vec<u8>> {
    let few = proptest::collection::vec(0..sample_lines().len(), 1..6);
    let order = proptest::collection::vec(any::<prop::sample::Index>(), 250..700);
    (few, order).prop_map(|(few, order)| {
        let line = |i: &prop::sample::Index| format!("{}\n", sample_lines()[few[i.index(few.len())]]);
        order.iter().map(line).collect::<String>().into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_mixture_in_pieces_is_the_same_on_any_number_of_threads(log in any_log(), size in 0usize..6000) {
        let one = in_pieces(&log, size, 1);
        prop_assert!(one.closes());
        prop_assert_eq!(one.lines, whole(&log).lines);
        for threads in [2, 3] {
            prop_assert_eq!(summary(&in_pieces(&log, size, threads)), summary(&one));
        }
    }
}
