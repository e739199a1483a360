//! The recorded incidents in `samples/`: the verdict is the truth, what is quoted is there, the sums close, and the whole
//! reports are kept as snapshots.

mod common;

use common::{analyzed, samples};
use fivexx::clock::ZoneShift;
use fivexx::model::{Report, Verdict};
use fivexx::report;
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

#[test]
fn the_verdict_is_the_truth() {
    let mut wrong = Vec::new();
    for folder in samples() {
        let truth: Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json")).expect("each has its truth")).expect("JSON");
        let report = analyzed(&folder);
        if let Some(w) = difference(&truth, &report) {
            wrong.push(format!("{}: {w}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn difference(truth: &Value, report: &Report) -> Option<String> {
    if truth["incident"] == false {
        return (report.verdict != Verdict::NoIncident).then(|| format!("expected no incident, came {:?}", report.verdict));
    }
    let Some(i) = report.incidents.first() else { return Some("no incident found".to_owned()) };
    let accepted =
        |main: &Value, also: &str, got: &str| main == got || truth[also].as_array().is_some_and(|a| a.iter().any(|v| v == got));
    if !accepted(&truth["mechanism"], "also_acceptable", &i.dropped_at.mechanism)
        || !accepted(&truth["dropped_at"], "layers_ok", i.dropped_at.layer.id())
    {
        return Some(format!("dropped at {}/{}", i.dropped_at.layer, i.dropped_at.mechanism));
    }
    if !accepted(&truth["root_cause"]["mechanism"], "roots_ok", &i.root_cause.mechanism) {
        return Some(format!("root cause {}", i.root_cause.mechanism));
    }
    None
}

#[test]
fn every_quoted_line_is_found_byte_for_byte() {
    for folder in samples() {
        let mut files: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
        let mut quoted = 0;
        for e in common::analyzed_unmasked(&folder).incidents.iter().flat_map(|i| &i.evidence) {
            for q in &e.examples {
                let lines = files.entry(q.path.clone()).or_insert_with(|| lines_of(&folder.join(&q.path)));
                let line = &lines[usize::try_from(q.line).expect("a line number") - 1];
                assert_eq!(String::from_utf8_lossy(line), q.text, "{}:{}", q.path, q.line);
                quoted += 1;
            }
        }
        let truth = std::fs::read_to_string(folder.join("truth.json")).expect("each has its truth");
        assert!(quoted > 0 || truth.contains("\"incident\": false"), "{}: nothing is quoted", folder.display());
    }
}

fn lines_of(path: &Path) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).expect("a quoted path is there");
    if path.extension().is_some_and(|e| e == "gz") {
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).expect("gzip");
    } else {
        { file }.read_to_end(&mut bytes).expect("readable");
    }
    bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn drop_points_and_the_unexplained_rest_add_up() {
    for folder in samples() {
        for i in analyzed(&folder).incidents {
            let dropped: u64 = i.drop_points.iter().map(|p| p.requests).sum();
            assert_eq!(dropped + i.unexplained, i.failed_requests, "{}", folder.display());
            assert!(i.failed_requests <= i.requests || i.requests == 0, "{}", folder.display());
        }
    }
}

#[test]
fn every_line_is_accounted_for() {
    for folder in samples() {
        let report = analyzed(&folder);
        let mut by_file: HashMap<&str, (u64, u64)> = HashMap::new();
        for s in &report.sources {
            let sum = by_file.entry(&s.path).or_default();
            sum.0 += s.lines;
            sum.1 += s.matched + s.unmatched;
        }
        for (path, (lines, accounted)) in by_file {
            assert_eq!(lines, accounted, "{path}");
            if !path.ends_with(".json") {
                let all = lines_of(&folder.join(path));
                let read = all.len() - usize::from(all.last().is_some_and(Vec::is_empty));
                assert_eq!(lines, read as u64, "{path}");
            }
        }
    }
}

/// The same files in another order give the same report.
#[test]
fn the_order_of_files_does_not_matter() {
    for folder in samples() {
        let forward = report::json(&analyzed(&folder)).expect("JSON");
        let backward = report::json(&common::analyzed_reversed(&folder)).expect("JSON");
        assert_eq!(forward, backward, "{}", folder.display());
    }
}

#[test]
fn whole_reports_are_as_before() {
    let tokyo = ZoneShift::parse("Asia/Tokyo").ok();
    for folder in samples() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let report = analyzed(&folder);
        insta::assert_snapshot!(format!("{name}.md"), report::markdown::render(&report, None));
        insta::assert_snapshot!(format!("{name}.txt"), report::terminal::render(&report, tokyo, false));
    }
}

#[test]
fn the_contract_holds() {
    for folder in samples() {
        let json: Value = serde_json::from_str(&report::json(&analyzed(&folder)).expect("JSON")).expect("JSON");
        assert_eq!(json["schema"], "fivexx.report/1");
        for s in json["sources"].as_array().expect("sources") {
            assert!(["stated", "given", "inferred", "assumed"].contains(&s["clock"]["basis"].as_str().expect("a basis")));
            assert!(s["clock"]["utc_offset_s"].is_i64() && s["clock"]["skew_s"].is_number());
        }
        for i in json["incidents"].as_array().expect("incidents") {
            let keys = [
                "window",
                "requests",
                "failed_requests",
                "dropped_at",
                "root_cause",
                "seen_as",
                "chain",
                "ledger",
                "drop_points",
                "unexplained",
                "evidence",
                "ruled_out",
                "checks",
                "remedies",
                "missing",
            ];
            for key in keys {
                assert!(!i[key].is_null(), "{key}");
            }
            assert!(i["window"]["start"].as_str().expect("a time").ends_with('Z'));
        }
    }
}

/// No line of a report for the terminal is wider than it, but for quoted places and configuration lines.
#[test]
fn the_terminal_report_keeps_to_80_columns() {
    for folder in samples() {
        let text = report::terminal::render(&analyzed(&folder), None, false);
        let wide: Vec<&str> = text.lines().filter(|l| l.chars().count() > 80 && l.contains(' ') && !is_whole(l)).collect();
        assert!(wide.is_empty(), "{}: {wide:#?}", folder.display());
        assert!(!text.contains('\x1b'), "colour was not asked for");
    }
}

/// One word that cannot be folded, or a line to copy (indented by seven).
fn is_whole(line: &str) -> bool {
    line.trim().split(' ').count() == 1 || line.starts_with("       ")
}

/// Requests fail for one reason, are served for half a minute, and fail for another: two incidents, unless the reason is the same.
#[test]
fn a_pause_parts_what_failed_for_two_reasons() {
    let reset = "recv() failed (104: Connection reset by peer) while reading response header from upstream";
    let header = "upstream sent too big header while reading response header from upstream";
    let descriptors = "socket() failed (24: Too many open files) while connecting to upstream";
    let mechanisms = |first: &str, second: &str| {
        let (mut access, mut error) = (String::new(), String::new());
        for second_of_log in 0..480 {
            let time = format!("{:02}:{:02}", second_of_log / 60, second_of_log % 60);
            let failure = match second_of_log {
                200..215 => Some(first),
                245..260 => Some(second),
                _ => None,
            };
            for request in 0..8 {
                let status = if failure.is_some() { 502 } else { 200 };
                access += &format!(
                    "203.0.113.{request} - - [21/Nov/2026:00:{time} +0000] \"GET /{request} HTTP/1.1\" {status} 2 \"-\" \"curl\"\n"
                );
                if let Some(says) = failure {
                    error += &format!(
                        "2026/11/21 00:{time} [error] 7#7: *{request} {says}, client: 203.0.113.{request}, server: shop, request: \"GET /{request} HTTP/1.1\", upstream: \"http://127.0.0.1:8000/\"\n"
                    );
                }
            }
        }
        let catalog = fivexx::parser::catalog::Catalog::builtin().expect("the built-in parsers load");
        let causes = fivexx::diagnosis::cause::Causes::load(&[], &catalog).expect("the built-in causes load");
        let files = [("access.log", access), ("error.log", error)].map(|(n, t)| common::scan_text(&catalog, n, t.as_bytes()));
        let scan = fivexx::scanned::Scan::new(&catalog, files.into(), Vec::new());
        let settings = fivexx::analysis::Settings { now: common::NOW, ..Default::default() };
        let report = fivexx::analysis::analyze(&scan, &catalog, &causes, &settings).expect("the timeline is built");
        let mut found: Vec<_> = report.incidents.into_iter().map(|i| (i.window.start.0 % 3600, i.dropped_at.mechanism)).collect();
        found.sort();
        found
    };
    let found = mechanisms(header, descriptors);
    assert_eq!(found, [(200, "header_too_big".to_owned()), (245, "nginx_fd_exhaustion".to_owned())]);
    assert_eq!(mechanisms(header, header), [(200, "header_too_big".to_owned())]);
    // What tells little of why joins what is beside it.
    assert_eq!(mechanisms(descriptors, reset).len(), 1);
}
