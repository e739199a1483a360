//! What the targets share: the definitions, compiled once; scans; and what holds for every report.

use std::sync::OnceLock;

use fivexx::analysis::{Settings, analyze};
use fivexx::clock::ZoneRule;
use fivexx::diagnosis::cause::Causes;
use fivexx::model::Report;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::definition::Kind;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;
use fivexx::report;
use fivexx::scanned::{Scan, ScannedFile};

/// The second that reports are made at: the last one of 2026.
pub const NOW: i64 = 1_798_761_599;

/// The same, for stamps without a year.
pub const HINT: YearHint = YearHint(NOW * 1000);

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

/// The samples of each definition, as a log that has nothing else.
pub fn sample_logs() -> &'static Vec<(String, Vec<&'static str>)> {
    static LOGS: OnceLock<Vec<(String, Vec<&'static str>)>> = OnceLock::new();
    LOGS.get_or_init(|| {
        let logs = catalog().formats.iter().filter(|f| f.definition.kind != Kind::Cloudwatch);
        logs.map(|f| (f.definition.name.clone(), f.definition.samples.iter().map(|s| s.line.as_str()).collect())).collect()
    })
}

/// Scans a file that comes in these blocks; its lines add up.
pub fn scan<'b>(blocks: impl IntoIterator<Item = &'b [u8]>) -> FileTally {
    let mut scanner = FileScanner::new(catalog(), HINT);
    blocks.into_iter().for_each(|b| scanner.feed(b));
    let tally = scanner.finish();
    assert!(tally.closes(), "lines do not add up");
    tally
}

/// Analyses files and holds the report to what holds for every report.
pub fn analyzed(files: Vec<(String, FileTally)>, zones: Vec<ZoneRule>) -> Report {
    let files = files.into_iter().map(|(path, tally)| ScannedFile { path, tally }).collect();
    held(&Scan::new(catalog(), files, Vec::new()), Settings { now: NOW, zones, ..Settings::default() })
}

/// Analyses what was scanned, and holds the report to what holds for every report.
pub fn held(scan: &Scan, settings: Settings) -> Report {
    let made = analyze(scan, catalog(), causes(), &settings).expect("the timeline is built");
    for source in &made.sources {
        assert_eq!(source.matched + source.unmatched, source.lines, "the lines of {} do not add up", source.path);
        assert!((0.0..=1.0).contains(&source.clock.confidence), "a clock is believed to {}", source.clock.confidence);
    }
    for incident in &made.incidents {
        let dropped: u64 = incident.drop_points.iter().map(|d| d.requests).sum();
        assert_eq!(dropped + incident.unexplained, incident.failed_requests, "the accounts do not close");
        assert!(incident.window.start <= incident.window.end, "a window ends before it begins");
        for sure in [incident.dropped_at.confidence, incident.root_cause.confidence] {
            assert!((0.0..=1.0).contains(&sure), "a verdict is sure to {sure}");
        }
    }
    let json = report::json(&made).expect("JSON");
    fivexx::diff::read::read(&json).expect("a report that can be compared");
    made
}

/// Everything that a tally says, in an order of its own.
pub fn summary(t: &FileTally) -> String {
    let mut out = format!("{} {} {} {} {} {:?}\n", t.lines, t.bytes, t.blank, t.unmatched, t.overlong, t.unmatched_examples);
    for s in &t.sources {
        out.push_str(&format!(
            "{} {:?} {} {} {:?} {:?} {:?}\n",
            s.format, s.host, s.matched, s.weightless, s.stated, s.span, s.paths
        ));
        for (id, signal) in &s.signals {
            let sketches: Vec<(i64, usize)> = signal.sketches.iter().map(|(b, k)| (*b, k.count())).collect();
            let (undated, borrowed) = (signal.undated, signal.borrowed);
            let (cells, examples, facts) = (&signal.cells, &signal.examples, &signal.facts);
            out.push_str(&format!("  {id:?} {cells:?} {sketches:?} {undated} {borrowed} {examples:?} {facts:?}\n"));
        }
    }
    out
}
