//! Planted secrets: whatever is written holds none of them, and lines without secrets stay as they are.

use super::makers::{Planted, planted};
use super::{common, formats};
use fivexx::model::{Incident, Report, SkippedReport};
use fivexx::redact::{Masker, Redaction, redact};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Forms that hold a whole report.
const WHOLE: [&str; 6] = ["json", "markdown", "markdown in a zone", "html", "terminal", "terminal in colour"];

/// Times that each line is filled.
const ROUNDS: usize = 4;

#[test]
fn there_are_enough_of_them() {
    let all = planted(ROUNDS);
    let secrets: usize = all.iter().map(|p| p.secrets.len()).sum();
    let kinds: BTreeSet<&str> = all.iter().flat_map(|p| p.secrets.iter().map(|s| s.kind)).collect();
    assert!(secrets >= 300 && kinds.len() >= 15, "{secrets} of {} kinds", kinds.len());
}

/// A report of a recorded incident in which texts from logs stand wherever they may stand.
fn report_with(lines: &[&Planted]) -> Report {
    let mut report = common::analyzed_unmasked(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/listen-queue-unix").as_path());
    let text = |n: usize| lines[n % lines.len()].line.clone();
    let i: &mut Incident = report.incidents.first_mut().expect("an incident");
    let quote = i.evidence.iter().find_map(|e| e.examples.first()).expect("a quote").clone();
    for e in &mut i.evidence {
        e.examples.clear();
    }
    // One quote shows whole; each line has to be it.
    let template = i.evidence[0].clone();
    i.evidence = lines
        .iter()
        .map(|p| {
            let mut e = template.clone();
            e.examples = vec![fivexx::model::Quote { text: p.line.clone(), ..quote.clone() }];
            e
        })
        .collect();
    i.dropped_at.place = Some(text(0));
    i.dropped_at.says = text(1);
    i.dropped_at.hosts = vec![text(2)];
    i.root_cause.says = text(3);
    i.remedies[0].config = Some(text(4));
    i.missing.push(text(5));
    i.chain[0].what = text(6);
    i.checks[0].because = text(7);
    if let Some(r) = i.ruled_out.first_mut() {
        r.because = text(8);
    }
    report.sources[0].error = Some(text(9));
    report.sources[0].unmatched_examples = lines.iter().enumerate().map(|(n, p)| (n as u64, p.line.clone())).collect();
    report.skipped.push(SkippedReport { path: "x".to_owned(), because: text(10) });
    report.remarks.push(text(11));
    let i = &mut report.incidents[0];
    i.contributing.push(fivexx::model::Factor {
        layer: i.dropped_at.layer,
        mechanism: i.dropped_at.mechanism.clone(),
        title: text(12),
        because: text(13),
    });
    i.changes.push(fivexx::model::Change {
        at: i.window.start,
        layer: i.dropped_at.layer,
        mechanism: i.dropped_at.mechanism.clone(),
        says: text(19),
        sources: vec![text(20)],
    });
    i.evidence[0].sources = vec![text(14)];
    i.dropped_at.title = text(15);
    i.root_cause.title = text(16);
    i.seen_as[0].what = text(17);
    i.counted_by = text(18);
    report
}

#[test]
fn nothing_that_is_written_holds_a_planted_secret() {
    let all = planted(ROUNDS);
    let (mut leaked, mut looked) = (BTreeMap::<&str, Vec<String>>::new(), 0usize);
    for batch in all.chunks(40) {
        let batch: Vec<&Planted> = batch.iter().collect();
        let mut report = report_with(&batch);
        redact(&mut report, &Redaction::default());
        for formats::Written { format, text, .. } in &formats::all(&report) {
            // Markdown writes `@` and `_` otherwise; that hides a secret from a search and from nobody else.
            let plain = text.replace("&#64;", "@").replace(['\u{200b}', '\\'], "");
            for secret in batch.iter().flat_map(|p| &p.secrets) {
                looked += 1;
                if text.contains(&secret.value) || plain.contains(&secret.value) {
                    leaked.entry(format).or_default().push(format!("{}: {} in {}", secret.kind, secret.value, secret.line));
                }
            }
        }
    }
    let per_format = all.iter().map(|p| p.secrets.len()).sum::<usize>();
    println!("{looked} looks for {per_format} secrets");
    for (format, secrets) in &leaked {
        let share = 1.0 - secrets.len() as f64 / per_format as f64;
        assert!(share >= 0.99, "{format}: {:.2} % masked; leaked:\n{}", share * 100.0, secrets.join("\n"));
    }
}

/// Clean is what holds no secret and no person: of such a line nothing is masked but the values of a query string, which always are.
#[test]
fn clean_lines_stay_as_they_are() {
    let mut lines = Vec::new();
    for file in walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")) {
        let bytes = std::fs::read(&file).expect("readable");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // Each file gives as many, or access logs would drown the rest.
        let all: Vec<&str> = text.lines().filter(|l| l.len() < 4000).collect();
        lines.extend(all.iter().step_by((all.len() / 200).max(1)).map(|l| (*l).to_owned()));
    }
    assert!(lines.len() >= 3000, "{} lines", lines.len());
    let mut touched = Vec::new();
    for line in &lines {
        let mut masker = Masker::new(&Redaction::default());
        let mut shown = line.clone();
        masker.mask(&mut shown);
        if masker.masked().kinds.keys().any(|k| *k != "query") {
            touched.push(format!("{line}\n    {shown}"));
        }
    }
    println!("{} of {} clean lines touched", touched.len(), lines.len());
    assert!(touched.len() * 100 < lines.len(), "{} of {}:\n{}", touched.len(), lines.len(), touched.join("\n"));
}

/// What the definitions say is no secret.
#[test]
fn words_of_definitions_stay_as_they_are() {
    let mut touched = Vec::new();
    for folder in ["causes", "locales"] {
        for file in walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            for line in std::fs::read_to_string(&file).expect("text").lines().filter(|l| !l.contains("://")) {
                // The key of a message is no part of what is said.
                let said = if folder == "locales" { line.split_once(" = ").map_or(line, |l| l.1) } else { line };
                let mut shown = said.to_owned();
                let mut masker = Masker::new(&Redaction::default());
                masker.mask(&mut shown);
                // Samples are lines of logs, and some have query strings.
                if masker.masked().kinds.keys().any(|k| *k != "query") {
                    touched.push(format!("{}: {shown}", file.display()));
                }
            }
        }
    }
    assert!(touched.is_empty(), "{}", touched.join("\n"));
}

#[test]
fn equal_values_stay_equal_and_the_report_says_what_was_masked() {
    let lines: Vec<Planted> = planted(1).into_iter().take(8).collect();
    let twice: Vec<&Planted> = lines.iter().chain(&lines).collect();
    let mut report = report_with(&twice);
    redact(&mut report, &Redaction::default());
    let quotes: Vec<&str> = report.incidents[0].evidence.iter().map(|e| e.examples[0].text.as_str()).collect();
    assert_eq!(quotes[..8], quotes[8..], "the same line is masked the same way");
    assert!(report.masked.places > report.masked.values && report.masked.values >= 8, "{:?}", report.masked);
    assert!(report.incidents[0].evidence.iter().all(|e| e.examples[0].masked > 0));
    for written in formats::all(&report).into_iter().filter(|w| WHOLE.contains(&w.format)) {
        assert!(written.text.contains("Masked above") || written.text.contains("\"masked\": {"), "{}", written.format);
    }
}

#[test]
fn a_report_with_nothing_masked_says_so_at_once() {
    let mut report = report_with(&planted(1).iter().collect::<Vec<_>>());
    redact(&mut report, &Redaction { off: true, ..Redaction::default() });
    for written in formats::all(&report).into_iter().filter(|w| WHOLE.contains(&w.format)) {
        // A page begins with its style.
        let shown = written.text.split_once("<main").map_or(written.text.as_str(), |(_, main)| main);
        let first: String = shown.lines().take(40).collect::<Vec<_>>().join("\n");
        assert!(first.contains("Nothing was masked") || written.text.contains("\"off\": true"), "{}", written.format);
    }
}

fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for e in std::fs::read_dir(dir).expect("readable").flatten() {
        let name = e.file_name().to_string_lossy().into_owned();
        if e.path().is_dir() {
            out.extend(walk(&e.path()));
        } else if name != "truth.json" && !name.ends_with(".gz") {
            out.push(e.path());
        }
    }
    out.sort();
    out
}
