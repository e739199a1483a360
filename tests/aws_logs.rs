//! Log groups and access logs from AWS give what the files give: over moto's server (S3, FilterLogEvents) and over a loopback server of
//! our own in the shapes of Logs Insights.
//!
//! The engine behind the queries is ours (`fake_logs/insights.rs`): it shows that the queries mean what the definitions mean, not that the
//! real service takes them.
#![cfg(feature = "aws")]

mod common;
mod fake_logs;

use fake_logs::insights::Line;
use fake_logs::moto::Moto;
use fake_logs::{FakeLogs, Group, REGION};
use fivexx::aws::{Request, gather_blocking};
use fivexx::config;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::cut::Fields;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The end of the day of the recordings.
const NOW: i64 = 1_795_305_600; // 2026-11-22T00:00:00Z

/// The day of the recordings, and the hour before it.
const FROM: i64 = NOW - 86_400 - 3600;

/// Recordings of different kinds, with the seconds that their zone is east of UTC where lines state none.
const RECORDINGS: [(&str, &[(&str, i64)]); 6] = [
    ("harakiri", &[]),
    ("listen-queue-unix", &[]),
    ("nginx-fd-exhaustion", &[]),
    ("circuit-breaker-open", &[]),
    ("clock-skew-queue", &[("nginx", -18_000)]),
    ("dependency-refused", &[("nginx", 32_400), ("gunicorn", 32_400), ("app", 32_400)]),
];

/// Second → how often and the sum, by format and signal.
type Tallies = BTreeMap<(String, String), BTreeMap<i64, (u64, f64)>>;

// --- What runs in a process of its own, since endpoints come from the environment ------------------------------------------------------

#[test]
fn child() {
    let Ok(text) = std::env::var("FIVEXX_TEST_REQUEST") else { return };
    let given: Value = serde_json::from_str(&text).expect("JSON");
    let aws: config::Aws = serde_json::from_value(given["aws"].clone()).expect("a configuration");
    let request = Request { aws, from: given["from"].as_i64().expect("from"), to: given["to"].as_i64().expect("to"), now: NOW };
    let catalog = Catalog::load(&[]).expect("definitions");
    let gathered = gather_blocking(&request, &catalog).expect("a runtime");
    let mut files = Vec::new();
    for f in &gathered.files {
        let mut signals = Vec::new();
        for s in &f.tally.sources {
            for (id, t) in &s.signals {
                let cells: Vec<_> = t.cells.iter().map(|c| json!([c.second, c.count, c.sum])).collect();
                let quotes: Vec<&str> = t.examples.iter().map(|e| e.text.as_str()).collect();
                let (format, signal) = (&catalog.formats[s.format].definition.name, &catalog.signals.info(*id).name);
                signals.push(json!({"format": format, "signal": signal, "cells": cells, "quotes": quotes, "facts": t.facts}));
            }
        }
        let stated: Vec<_> = f.tally.sources.iter().map(|s| s.stated).collect();
        files.push(json!({"path": f.path, "lines": f.tally.lines, "closes": f.tally.closes(), "error": f.tally.error,
                          "stated": stated, "signals": signals}));
    }
    let skipped: Vec<_> = gathered.skipped.iter().map(|s| json!([s.name, s.because])).collect();
    println!("\n<<<{}>>>", json!({"files": files, "skipped": skipped}));
}

/// What is gathered, with these endpoints.
fn gathered(aws: &Value, window: (i64, i64), endpoints: &[(&str, &str)]) -> Value {
    let request = json!({"aws": aws, "from": window.0, "to": window.1});
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["child", "--exact", "--nocapture"]).env("FIVEXX_TEST_REQUEST", request.to_string());
    let out = with_aws(&mut command, endpoints).output().expect("runs");
    let text = String::from_utf8_lossy(&out.stdout);
    let inside = text.split_once("<<<").and_then(|(_, t)| t.rsplit_once(">>>")).map(|(t, _)| t);
    let inside = inside.unwrap_or_else(|| panic!("no answer: {text}\n{}", String::from_utf8_lossy(&out.stderr)));
    serde_json::from_str(inside).expect("JSON")
}

fn with_aws<'c>(command: &'c mut Command, endpoints: &[(&str, &str)]) -> &'c mut Command {
    for (name, _) in std::env::vars().filter(|(n, _)| n.starts_with("AWS_") || n.starts_with("FIVEXX_") && n != "FIVEXX_TEST_REQUEST") {
        command.env_remove(name);
    }
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .envs(endpoints.iter().copied())
}

fn tallies(gathered: &Value) -> Tallies {
    let mut all = Tallies::new();
    for s in gathered["files"].as_array().into_iter().flatten().flat_map(|f| f["signals"].as_array().into_iter().flatten()) {
        let key = (s["format"].as_str().unwrap_or("").to_owned(), s["signal"].as_str().unwrap_or("").to_owned());
        let into = all.entry(key).or_default();
        for c in s["cells"].as_array().into_iter().flatten() {
            let cell = into.entry(c[0].as_i64().unwrap_or(0)).or_default();
            cell.0 += c[1].as_u64().unwrap_or(0);
            cell.1 += c[2].as_f64().unwrap_or(0.0);
        }
    }
    all.retain(|_, cells| !cells.is_empty());
    all
}

// --- Recordings as files and as events -------------------------------------------------------------------------------------------------

struct LogFile {
    folder: String,
    name: String,
    text: Vec<u8>,
    zone_s: i64,
}

/// The servers' logs of a recording (not the load balancer's).
fn logs(recording: &str, zones: &[(&str, i64)]) -> Vec<LogFile> {
    let mut files = Vec::new();
    for path in files_under(&sample(recording)) {
        let folder = path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if ["alb", recording].contains(&folder.as_str()) || !path.to_string_lossy().contains(".log") {
            continue;
        }
        let zone_s = zones.iter().find(|(f, _)| *f == folder).map_or(0, |(_, s)| *s);
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        files.push(LogFile { folder, name, text: unpacked(&path), zone_s });
    }
    assert!(files.len() >= 2, "{recording}");
    files
}

fn sample(recording: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(recording)
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() { all.extend(files_under(&entry.path())) } else { all.push(entry.path()) }
    }
    all.sort();
    all
}

fn unpacked(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("readable");
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text).expect("gzip");
    text
}

fn scanned(catalog: &Catalog, text: &[u8]) -> FileTally {
    let mut scanner = FileScanner::new(catalog, YearHint(NOW * 1000));
    scanner.feed(text);
    scanner.finish()
}

/// The lines as an agent sends them that knows the machine's zone: each with the time that it states, or that of the line before it.
fn events(catalog: &Catalog, file: &LogFile) -> Vec<Line> {
    let (mut last, mut all) = (None, Vec::new());
    for line in file.text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let tally = scanned(catalog, line);
        let known = tally.sources.iter().find(|s| s.span.is_some());
        let own = known.and_then(|s| {
            let mut fields = Fields::default();
            catalog.formats[s.format].cut(line, false, YearHint(NOW * 1000), &mut Vec::new(), &mut fields)?;
            let utc = if s.stated == Some(true) { 0 } else { file.zone_s * 1000 };
            last = s.span.map(|(_, written)| written * 1000 - utc);
            Some(fields.stamp?.ms() - utc)
        });
        // What comes before the first time has that time.
        let ms = own.or(last).unwrap_or(i64::MAX);
        let message = String::from_utf8(line.to_vec()).expect("the recordings are UTF-8");
        all.push(Line { ms, stream: file.name.clone(), message });
    }
    let first = all.iter().map(|l| l.ms).find(|ms| *ms != i64::MAX).unwrap_or(0);
    all.iter_mut().filter(|l| l.ms == i64::MAX).for_each(|l| l.ms = first);
    all.sort_by_key(|l| l.ms);
    all
}

/// What the files themselves give, led to UTC.
fn file_tallies(catalog: &Catalog, files: &[LogFile]) -> Tallies {
    let mut all = Tallies::new();
    for file in files {
        for s in scanned(catalog, &file.text).sources {
            // What borrows its times has its lender's zone; the lines of one file have one.
            let utc = if s.stated == Some(true) { 0 } else { file.zone_s };
            for (id, t) in &s.signals {
                let key = (catalog.formats[s.format].definition.name.clone(), catalog.signals.info(*id).name.clone());
                let into = all.entry(key).or_default();
                for c in &t.cells {
                    let cell = into.entry(c.second - utc).or_default();
                    cell.0 += c.count;
                    cell.1 += c.sum;
                }
            }
        }
    }
    all.retain(|_, cells| !cells.is_empty());
    all
}

fn by_folder(catalog: &Catalog, files: &[LogFile]) -> BTreeMap<String, Vec<Line>> {
    let mut groups: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for file in files {
        groups.entry(format!("/shop/{}", file.folder)).or_default().extend(events(catalog, file));
    }
    groups.values_mut().for_each(|lines| lines.sort_by_key(|l| l.ms));
    groups
}

/// The first difference between two tallies of a signal.
fn difference(a: &BTreeMap<i64, (u64, f64)>, b: &BTreeMap<i64, (u64, f64)>) -> Option<String> {
    let seconds: BTreeSet<&i64> = a.keys().chain(b.keys()).collect();
    seconds.into_iter().find_map(|s| {
        let (x, y) = (a.get(s).copied().unwrap_or_default(), b.get(s).copied().unwrap_or_default());
        (x.0 != y.0 || (x.1 - y.1).abs() > 1e-6).then(|| format!("second {s}: {x:?} and {y:?}"))
    })
}

fn assert_equal(what: &str, files: &Tallies, others: &Tallies) {
    let mut wrong = Vec::new();
    for key in files.keys().chain(others.keys()).collect::<BTreeSet<_>>() {
        match (files.get(key), others.get(key)) {
            (Some(a), Some(b)) => wrong.extend(difference(a, b).map(|d| format!("{key:?}: {d}"))),
            (Some(_), None) => wrong.push(format!("{key:?} is only in the files")),
            _ => wrong.push(format!("{key:?} is not in the files")),
        }
    }
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

// --- Tests ------------------------------------------------------------------------------------------------------------------------------

#[test]
fn filter_log_events_gives_the_tallies_of_the_files() {
    let Some(moto) = Moto::start() else { return };
    let catalog = Catalog::load(&[]).expect("definitions");
    for (recording, zones) in RECORDINGS {
        let files = logs(recording, zones);
        let mut groups = Vec::new();
        for (group, lines) in by_folder(&catalog, &files) {
            let group = format!("/{recording}{group}");
            moto.log(&group, &lines);
            groups.push(group);
        }
        let aws = json!({"log_groups": groups});
        let got = gathered(&aws, (FROM, NOW), &[("AWS_ENDPOINT_URL", &moto.url())]);
        assert_eq!(got["skipped"], json!([]), "{recording}");
        assert_equal(recording, &file_tallies(&catalog, &files), &tallies(&got));
        let path = got["files"][0]["path"].as_str().expect("a path");
        assert!(path.starts_with(&format!("logs:{}/", groups[0])), "{path}");
    }
}

#[test]
fn pages_that_are_empty_or_overlap_change_nothing() {
    let catalog = Catalog::load(&[]).expect("definitions");
    let files = logs("harakiri", &[]);
    let fake = FakeLogs::start(by_folder(&catalog, &files).into_iter().map(|(n, lines)| (n, group(lines, 1_000_000))).collect());
    let aws = json!({"log_groups": ["/shop/nginx", "/shop/uwsgi", "/shop/none"]});
    let got = gathered(&aws, (FROM, NOW), &[("AWS_ENDPOINT_URL", &fake.url())]);
    assert_equal("harakiri", &file_tallies(&catalog, &files), &tallies(&got));
    let skipped = got["skipped"].to_string();
    assert!(skipped.contains("logs:/shop/none") && skipped.contains("there is no such log group"), "{skipped}");
    let pages = fake.state.lock().expect("whole").calls.iter().filter(|c| *c == "FilterLogEvents").count();
    assert!(pages > 4, "{pages} pages");
}

fn group(lines: Vec<Line>, stored_bytes: i64) -> Group {
    Group { lines, stored_bytes, created_ms: FROM * 1000 }
}

/// As large as a fleet's: 5 GB in the window.
const LARGE: i64 = 5_000_000_000;

#[test]
fn insights_gives_the_tallies_of_the_files() {
    let catalog = Catalog::load(&[]).expect("definitions");
    for (recording, zones) in RECORDINGS {
        let files = logs(recording, zones);
        let groups = by_folder(&catalog, &files);
        let names: Vec<String> = groups.keys().cloned().collect();
        let fake = FakeLogs::start(groups.into_iter().map(|(n, lines)| (n, group(lines, LARGE))).collect());
        let aws = json!({"log_groups": names, "max_scan_gb": 1000.0, "time_budget": "300s"});
        // A window that takes in two slices of a query.
        let got = gathered(&aws, (FROM, FROM + 15_000), &[("AWS_ENDPOINT_URL", &fake.url())]);
        let (mine, theirs) = (file_tallies(&catalog, &files), tallies(&got));
        let skipped = got["skipped"].to_string();
        assert!(skipped.contains("counted by") && skipped.contains("Logs Insights"), "{recording}: {skipped}");
        let mut seen = Tallies::new();
        for (key, cells) in &mine {
            // What queries cannot see is told; requests and failures are seen.
            match theirs.contains_key(key) {
                true => {
                    seen.insert(key.clone(), cells.clone());
                }
                false => println!("{recording}: {} is not seen by queries", key.1),
            }
        }
        println!("{recording}: {} of {} signals by queries", seen.len(), mine.len());
        assert_equal(recording, &seen, &theirs);
        assert!(seen.len() * 10 >= mine.len() * 8, "{recording}: {} of {} signals", seen.len(), mine.len());
        assert!(seen.keys().any(|k| k.1.ends_with(".requests") || k.1.ends_with(".failed_requests")), "{recording}");
        for f in got["files"].as_array().into_iter().flatten().flat_map(|f| f["signals"].as_array().into_iter().flatten()) {
            assert!(f["quotes"].as_array().is_some_and(|q| !q.is_empty()), "{recording}: nothing to quote for {}", f["signal"]);
        }
    }
}
