//! Runs a cause's samples: logs with the verdict they must give.

use super::cause::{Cause, Causes};
use crate::analysis::{Settings, analyze};
use crate::parser::catalog::Catalog;
use crate::parser::scan::FileScanner;
use crate::parser::stamp::YearHint;
use crate::scanned::{Scan, ScannedFile};

/// The year that undated years in samples stand in.
const SAMPLE_HINT: YearHint = YearHint(1_798_761_599_000); // 2026-12-31T23:59:59Z

/// Runs the samples of one cause among all causes; gives what is wrong.
pub fn test_cause(cause: &Cause, causes: &Causes, catalog: &Catalog) -> Vec<String> {
    let mut faults = Vec::new();
    for (i, sample) in cause.samples.iter().enumerate() {
        let mut scanner = FileScanner::new(catalog, SAMPLE_HINT);
        scanner.feed(sample.lines.as_bytes());
        let tally = scanner.finish();
        for (line, text) in &tally.unmatched_examples {
            faults.push(format!("sample[{i}].lines: no parser understands line {line}: {text}"));
        }
        let scan = Scan::new(catalog, vec![ScannedFile { path: "sample".to_owned(), tally }], Vec::new());
        let report = match analyze(&scan, catalog, causes, &Settings::default()) {
            Ok(r) => r,
            Err(e) => {
                faults.push(format!("sample[{i}]: {e}"));
                continue;
            }
        };
        let first = report.incidents.first();
        let got = |part: Option<String>| part.unwrap_or_else(|| "none".to_owned());
        let drop = got(first.map(|x| x.dropped_at.mechanism.clone()));
        let root = got(first.map(|x| x.root_cause.mechanism.clone()));
        if sample.dropped_at.is_none() && sample.root_cause.is_none() {
            faults.push(format!("sample[{i}]: missing: say dropped_at or root_cause"));
        }
        for (key, want, got) in [("dropped_at", &sample.dropped_at, drop), ("root_cause", &sample.root_cause, root)] {
            if let Some(want) = want.as_ref().filter(|w| **w != got) {
                let scores = first.map_or_else(String::new, |x| {
                    x.evidence.iter().map(|e| format!("\n       {} {:+.1} {}", e.mechanism, e.weight, e.signal)).collect()
                });
                faults.push(format!("sample[{i}].{key}: expected {want}, came {got}{scores}"));
            }
        }
    }
    faults
}
