//! What several tests need: analysing a folder as the command does, at a fixed time.

use std::path::{Path, PathBuf};

use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::model::Report;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::stamp::YearHint;
use fivexx::redact::Redaction;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::source::read::{Progress, Reading, scan};
use fivexx::source::{Input, discover};

/// When the tests' reports were made.
pub const NOW: i64 = 1_795_305_600; // 2026-11-22T00:00:00Z

/// The folders in `samples/`.
#[allow(dead_code, reason = "not every test uses it")]
pub fn samples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut all: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("samples/ is part of the project")
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.is_dir())
        .collect();
    all.sort();
    all
}

/// Analyses a folder without its truth.
#[allow(dead_code, reason = "not every test uses it")]
pub fn analyzed(folder: &Path) -> Report {
    analyzed_in(folder, |_| {})
}

/// The same, the files taken in reverse.
#[allow(dead_code, reason = "not every test uses it")]
pub fn analyzed_reversed(folder: &Path) -> Report {
    analyzed_in(folder, |inputs| inputs.reverse())
}

/// The same, with nothing masked.
#[allow(dead_code, reason = "not every test uses it")]
pub fn analyzed_unmasked(folder: &Path) -> Report {
    let redaction = Redaction { off: true, ..Redaction::default() };
    analyzed_with(folder, Settings { now: NOW, redaction, ..Settings::default() }, |_| {})
}

fn analyzed_in(folder: &Path, order: impl Fn(&mut Vec<Input>)) -> Report {
    analyzed_with(folder, Settings { now: NOW, ..Settings::default() }, order)
}

fn analyzed_with(folder: &Path, settings: Settings, order: impl Fn(&mut Vec<Input>)) -> Report {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    analyze(&scanned_in(&catalog, folder, order), &catalog, &causes, &settings).expect("the timeline is built")
}

/// Scans a folder without its truth.
#[allow(dead_code, reason = "not every test uses it")]
pub fn scanned(catalog: &Catalog, folder: &Path) -> Scan {
    scanned_in(catalog, folder, |_| {})
}

fn scanned_in(catalog: &Catalog, folder: &Path, order: impl Fn(&mut Vec<Input>)) -> Scan {
    let mut found = discover(&[folder.to_owned()]);
    found.inputs.retain(|i| i.name != "truth.json");
    order(&mut found.inputs);
    let files = found.inputs.iter().map(|i| match scan(catalog, i, YearHint(NOW * 1000), &Progress::default()) {
        Reading::Scanned(tally) => ScannedFile { path: i.name.clone(), tally: *tally },
        Reading::Skipped(why) => panic!("{} was skipped: {why}", i.name),
    });
    Scan::new(catalog, files.collect(), Vec::new())
}

/// Scans a text as if it were a file.
#[allow(dead_code, reason = "not every test uses it")]
pub fn scan_text(catalog: &Catalog, path: &str, text: &[u8]) -> ScannedFile {
    let mut scanner = fivexx::parser::scan::FileScanner::new(catalog, YearHint(NOW * 1000));
    scanner.feed(text);
    ScannedFile { path: path.to_owned(), tally: scanner.finish() }
}
