//! How long each step of an analysis takes: `cargo bench --bench steps -- PATH…` (default: every folder in `samples/`).
//!
//! Prints the median of several runs a step, and the clock step's share of the whole.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fivexx::analysis::{Settings, analyze};
use fivexx::clock::read_clocks;
use fivexx::diagnosis::cause::Causes;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::stamp::YearHint;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::source::discover;
use fivexx::source::read::{Progress, Reading, scan};

const RUNS: usize = 5;

/// A log beyond this is run once: it takes seconds, and the shares do not change.
const ONCE_BEYOND: u64 = 64 << 20;

fn main() {
    let mut paths: Vec<PathBuf> = std::env::args().skip(1).filter(|a| a != "--bench").map(PathBuf::from).collect();
    if paths.is_empty() {
        let samples =
            std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/samples")).expect("samples/ is part of the project");
        paths = samples.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.is_dir()).collect();
        paths.sort();
    }
    println!("{:32} {:>10} {:>10} {:>10} {:>12}", "input", "scan", "clocks", "the rest", "clock share");
    for path in paths {
        let mut times: Vec<[Duration; 3]> = Vec::new();
        loop {
            let (time, bytes) = one(&path);
            times.push(time);
            if times.len() == RUNS || bytes > ONCE_BEYOND {
                break;
            }
        }
        let median = |step: usize| {
            let mut all: Vec<Duration> = times.iter().map(|t| t[step]).collect();
            all.sort();
            all[all.len() / 2]
        };
        let (scan, clocks, rest) = (median(0), median(1), median(2));
        let share = clocks.as_secs_f64() / (scan + clocks + rest).as_secs_f64() * 100.0;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        println!("{name:32} {:>10.1?} {:>10.1?} {:>10.1?} {share:>11.1}%", scan, clocks, rest);
    }
}

/// Scan (with loading the definitions), clocks, and all behind them.
fn one(path: &PathBuf) -> ([Duration; 3], u64) {
    let begin = Instant::now();
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    let found = discover(std::slice::from_ref(path));
    let files: Vec<ScannedFile> = found
        .inputs
        .into_iter()
        .filter_map(|i| match scan(&catalog, &i, YearHint(0), &Progress::default()) {
            Reading::Scanned(tally) => Some(ScannedFile { path: i.name, tally: *tally }),
            Reading::Skipped(_) => None,
        })
        .collect();
    let bytes = files.iter().map(|f| f.tally.bytes).sum();
    let scan = Scan::new(&catalog, files, Vec::new());
    let scanned = begin.elapsed();
    let clocks = Instant::now();
    std::hint::black_box(read_clocks(&scan, &catalog, &[]));
    let clocks = clocks.elapsed();
    let all = Instant::now();
    std::hint::black_box(analyze(&scan, &catalog, &causes, &Settings::default()).expect("the timeline is built"));
    ([scanned, clocks, all.elapsed().saturating_sub(clocks)], bytes)
}
