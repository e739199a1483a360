//! Counting access logs by Athena gives the tallies that the lines themselves give.
//!
//! The service is a loopback server of our own in Athena's shapes. It does not run SQL: it takes the window, the load balancer and the step out
//! of the query's text and groups the recording's lines as the query says, reading them by itself. Whether the real service takes the query
//! cannot be shown here.
#![cfg(feature = "athena")]

mod fake_logs;
mod loopback;

use fake_logs::serve;
use fivexx::aws::{Request, gather_blocking};
use fivexx::config;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;
use loopback::Server;
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// 2026-11-21T00:00Z
const MIDNIGHT: i64 = 1_795_219_200;

/// Rows of one page: few, so that there are several.
const PAGE: usize = 5;

const FOLDER: &str = "AWSLogs/123456789012/elasticloadbalancing/ap-northeast-1";

fn access_log(recording: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(recording).join("alb");
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    paths.sort();
    let mut text = String::new();
    for path in paths.iter().filter(|p| p.to_string_lossy().ends_with(".gz")) {
        let file = std::fs::File::open(path).expect("readable");
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    }
    text
}

// --- The service ------------------------------------------------------------------------------------------------------------------------

#[derive(Default)]
struct State {
    text: String,
    calls: Vec<String>,
    query: String,
    looks: u32,
    stuck: bool,
}

fn service(state: &Mutex<State>, operation: &str, body: &Value) -> (u16, Value) {
    let mut s = state.lock().expect("whole");
    s.calls.push(operation.to_owned());
    match operation {
        "StartQueryExecution" => {
            assert!(body["ClientRequestToken"].as_str().is_some_and(|t| t.len() >= 32), "{body}");
            assert_eq!(body["WorkGroup"], "incidents");
            s.query = body["QueryString"].as_str().expect("SQL").to_owned();
            (200, json!({"QueryExecutionId": "8a1b"}))
        }
        "GetQueryExecution" => {
            s.looks += 1;
            let at = if s.stuck { 1 } else { s.looks };
            // A running query may go back to the queue.
            let state = ["QUEUED", "RUNNING", "QUEUED", "SUCCEEDED"][(at as usize - 1).min(3)];
            let statistics = json!({"DataScannedInBytes": 2_000_000_000_u64});
            (200, json!({"QueryExecution": {"QueryExecutionId": "8a1b", "Status": {"State": state}, "Statistics": statistics}}))
        }
        "GetQueryResults" => results(&s, body),
        "StopQueryExecution" => (200, json!({})),
        _ => (400, json!({"__type": "InvalidRequestException", "Message": operation})),
    }
}

fn results(s: &State, body: &Value) -> (u16, Value) {
    let header: Vec<Option<String>> = fields_of(&s.query).into_iter().map(Some).collect();
    let mut rows = vec![header];
    rows.extend(grouped(&s.query, &s.text));
    let from: usize = body["NextToken"].as_str().map_or(0, |t| t.parse().expect("our own token"));
    let to = (from + PAGE).min(rows.len());
    let datum = |t: &Option<String>| t.as_ref().map_or_else(|| json!({}), |t| json!({"VarCharValue": t}));
    let page: Vec<Value> = rows[from..to].iter().map(|r| json!({"Data": r.iter().map(datum).collect::<Vec<_>>()})).collect();
    let mut out = json!({"ResultSet": {"Rows": page, "ResultSetMetadata": {"ColumnInfo": []}}});
    if to < rows.len() {
        out["NextToken"] = json!(to.to_string());
    }
    (200, out)
}

/// The names of the answer's columns, as the query gives them.
fn fields_of(query: &str) -> Vec<String> {
    let select = &query[..query.find("FROM").expect("a query")];
    Regex::new(r" AS (\w+)(?:,|\n)").expect("valid").captures_iter(select).map(|c| c[1].to_owned()).collect()
}

/// Groups the lines as the query does, by splitting them into their fields.
fn grouped(query: &str, text: &str) -> Vec<Vec<Option<String>>> {
    let found = |pattern: &str| Regex::new(pattern).expect("valid").captures(query).map(|c| c[1].to_owned());
    let from = found(r"request_creation_time >= '([^']+)'").expect("a begin");
    let to = found(r"request_creation_time < '([^']+)'").expect("an end");
    let digits: usize = found(r"substr\(request_creation_time, 1, (\d+)\)").and_then(|d| d.parse().ok()).expect("a step");
    let elb = found(r"elb LIKE '([^%]+)%'").expect("a load balancer");
    let token = Regex::new(r#""((?:[^"\\]|\\.)*)"|(\S+)"#).expect("valid");
    let mut groups: BTreeMap<Vec<String>, Vec<(f64, f64)>> = BTreeMap::new();
    for line in text.lines() {
        let f: Vec<String> =
            token.captures_iter(line).map(|c| c.get(1).or(c.get(2)).map_or("", |m| m.as_str()).to_owned()).collect();
        if !f[2].starts_with(&elb) || f[21] < from || f[21] >= to {
            continue;
        }
        let number = |i: usize| f[i].parse::<f64>().expect("a number");
        let target = match (f[4].as_str(), number(8) < 400.0) {
            ("-", _) => "-".to_owned(),
            (_, true) => "any".to_owned(),
            (t, false) => t.to_owned(),
        };
        let key = vec![
            f[21][..digits].to_owned(),
            f[8].clone(),
            f[9].clone(),
            (number(5) >= 0.0).to_string(),
            (number(6) >= 0.0).to_string(),
            target,
            if f[8] == "503" { f[16].clone() } else { "-".to_owned() },
            f[22].contains("waf").to_string(),
            f[24].clone(),
        ];
        groups.entry(key).or_default().push((number(5), number(6)));
    }
    let least = |v: &[f64]| v.iter().copied().fold(f64::INFINITY, f64::min).to_string();
    let most = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max).to_string();
    let row = |(key, times): (Vec<String>, Vec<(f64, f64)>)| {
        let (a, b): (Vec<f64>, Vec<f64>) = times.iter().copied().unzip();
        let mut row = key;
        row.push(times.len().to_string());
        row.extend([
            a.iter().sum::<f64>().to_string(),
            least(&a),
            most(&a),
            b.iter().sum::<f64>().to_string(),
            least(&b),
            most(&b),
        ]);
        row.into_iter().map(Some).collect()
    };
    let mut rows: Vec<Vec<Option<String>>> = groups.into_iter().map(row).collect();
    // Three lines that the table's regex did not fit: all columns but the count are NULL.
    let mut uncut = vec![None; 16];
    uncut[9] = Some("3".to_owned());
    uncut[3] = Some("false".to_owned());
    rows.push(uncut);
    rows
}

// --- What runs in a process of its own, since endpoints come from the environment -------------------------------------------------------

#[test]
fn child() {
    let Ok(window) = std::env::var("FIVEXX_TEST_WINDOW") else { return };
    let window: Value = serde_json::from_str(&window).expect("JSON");
    let aws: config::Aws = serde_json::from_value(window["aws"].clone()).expect("a configuration");
    let (from, to) = (window["from"].as_i64().expect("from"), window["to"].as_i64().expect("to"));
    let catalog = Catalog::load(&[]).expect("definitions");
    let gathered = gather_blocking(&Request { aws, from, to, now: to }, &catalog).expect("a runtime");
    let files: Vec<Value> =
        gathered.files.iter().map(|f| json!({"path": f.path, "signals": signals(&catalog, &f.tally)})).collect();
    let skipped: Vec<_> = gathered.skipped.iter().map(|s| json!([s.name, s.because])).collect();
    println!("\n<<<{}>>>", json!({"files": files, "skipped": skipped}));
}

/// Signal → second → how often, and the sum in thousandths.
fn signals(catalog: &Catalog, tally: &FileTally) -> Value {
    let all = tally.sources.iter().flat_map(|s| &s.signals);
    let of = |(id, t): (&u16, &fivexx::parser::tally::SignalTally)| {
        let cells: Vec<_> = t.cells.iter().map(|c| json!([c.second, c.count, (c.sum * 1000.0).round() as i64])).collect();
        (catalog.signals.info(*id).name.clone(), json!({"cells": cells, "facts": t.facts}))
    };
    Value::Object(all.map(of).collect())
}

fn gathered(state: &Arc<Mutex<State>>, window: (i64, i64), budget: &str) -> Value {
    let shared = Arc::clone(state);
    let athena = Server::start(move |stream| serve(stream, |operation, body| service(&shared, operation, body)));
    // A bucket with one object that is far too large to stream.
    let bucket = Server::start(|mut stream| {
        while let Some(request) = loopback::read_request(&mut stream) {
            let name = "123456789012_elasticloadbalancing_ap-northeast-1_app.shop-prod.50dc6c495c0c9188_";
            let day = if request.path().contains("2026%2F11%2F21") { "2026/11/21" } else { "2026/11/20" };
            let inside = if request.path().contains("delimiter") {
                format!("<CommonPrefixes><Prefix>{FOLDER}/{day}/{name}</Prefix></CommonPrefixes>")
            } else {
                format!(
                    "<Contents><Key>{FOLDER}/{day}/{name}20261121T0005Z_203.0.113.9_x.log.gz</Key><Size>9000000000</Size></Contents>"
                )
            };
            let body =
                format!("<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{inside}</ListBucketResult>");
            if loopback::answer(&mut stream, 200, &[("content-type", "application/xml")], body.as_bytes()).is_err() {
                return;
            }
        }
    });
    let aws = json!({"access_logs": format!("s3://logs/{FOLDER}"), "load_balancer": "shop-prod", "max_scan_gb": 100_000.0, "time_budget": budget,
                     "athena": {"database": "logs", "table": "alb_access_logs", "workgroup": "incidents"}});
    let out = Command::new(std::env::current_exe().expect("this test"))
        .args(["child", "--exact", "--nocapture"])
        .env("FIVEXX_TEST_WINDOW", json!({"aws": aws, "from": window.0, "to": window.1}).to_string())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "ap-northeast-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env("AWS_ENDPOINT_URL_S3", bucket.url())
        .env("AWS_ENDPOINT_URL_ATHENA", athena.url())
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&out.stdout);
    let inside = text.split_once("<<<").and_then(|(_, t)| t.rsplit_once(">>>")).map(|(t, _)| t);
    let inside = inside.unwrap_or_else(|| panic!("no answer: {text}\n{}", String::from_utf8_lossy(&out.stderr)));
    serde_json::from_str(inside).expect("JSON")
}

// --- Tests ------------------------------------------------------------------------------------------------------------------------------

/// What the lines give, by seconds of a step.
fn of_lines(text: &str, step: i64) -> Value {
    let catalog = Catalog::load(&[]).expect("definitions");
    let mut scanner = FileScanner::new(&catalog, YearHint(MIDNIGHT * 1000));
    scanner.feed(text.as_bytes());
    let mut tally = scanner.finish();
    for t in tally.sources.iter_mut().flat_map(|s| s.signals.values_mut()) {
        for c in std::mem::take(&mut t.cells) {
            let at = c.second.div_euclid(step) * step;
            t.add_cell(at, c.count, None);
            if let Some(last) = t.cells.last_mut() {
                last.sum += c.sum;
            }
        }
    }
    signals(&catalog, &tally)
}

#[test]
fn counts_are_those_of_the_lines() {
    for recording in ["listen-queue-unix", "harakiri"] {
        let text = access_log(recording);
        for (window, step) in [((MIDNIGHT - 1800, MIDNIGHT + 3600), 1), ((MIDNIGHT - 43_200, MIDNIGHT + 3600), 60)] {
            let state = Arc::new(Mutex::new(State { text: text.clone(), ..State::default() }));
            let got = gathered(&state, window, "120s");
            assert_eq!(got["files"][0]["path"], "athena:logs.alb_access_logs", "{got}");
            let (mine, theirs) = (of_lines(&text, step), &got["files"][0]["signals"]);
            for (signal, cells) in mine.as_object().expect("an object") {
                assert_eq!(cells, &theirs[signal], "{recording}: {signal}, step {step}");
            }
            assert_eq!(mine.as_object().map(serde_json::Map::len), theirs.as_object().map(serde_json::Map::len));
            let note = got["skipped"].to_string();
            assert!(note.contains("3 lines of these days were not cut") && note.contains("2.00 GB"), "{note}");
            let pages = state.lock().expect("whole").calls.iter().filter(|c| *c == "GetQueryResults").count();
            assert!(pages > 1, "{pages} pages");
        }
    }
}

#[test]
fn a_query_that_takes_longer_than_the_run_may_is_stopped() {
    let state = Arc::new(Mutex::new(State { stuck: true, ..State::default() }));
    let got = gathered(&state, (MIDNIGHT - 1800, MIDNIGHT + 3600), "4s");
    assert_eq!(got["files"], json!([]));
    assert!(got["skipped"].to_string().contains("time budget"), "{got}");
    assert_eq!(state.lock().expect("whole").calls.last().map(String::as_str), Some("StopQueryExecution"));
}
