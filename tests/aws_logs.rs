//! Log groups and access logs from AWS give what the files give: over moto's server (S3, FilterLogEvents) and over a loopback server of
//! our own in the shapes of Logs Insights.
//!
//! The engine behind the queries is ours (`fake_logs/insights.rs`): it shows that the queries mean what the definitions mean, not that the
//! real service takes them.
#![cfg(feature = "aws")]

mod fake_cloudwatch;
mod fake_logs;
mod fault_proxy;
mod loopback;

use assert_cmd::Command as Binary;
use fake_cloudwatch::{FakeCloudWatch, Store};
use fake_logs::insights::Line;
use fake_logs::moto::Moto;
use fake_logs::recordings::{
    ALB, FOLDER, FROM, LogFile, NOW, Tallies, assert_equal, by_folder, file_tallies, logs, objects, sample, tallies,
    unpacked_bytes,
};
use fake_logs::{FakeLogs, Group, with_aws};
use fault_proxy::FaultProxy;
use fivexx::aws::{Request, gather_blocking};
use fivexx::config;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::definition::{Definition, Kind};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

/// Recordings of different kinds, with the seconds that their zone is east of UTC where lines state none.
const RECORDINGS: [(&str, &[(&str, i64)]); 6] = [
    ("harakiri", &[]),
    ("listen-queue-unix", &[]),
    ("nginx-fd-exhaustion", &[]),
    ("circuit-breaker-open", &[]),
    ("clock-skew-queue", &[("nginx", -18_000)]),
    ("dependency-refused", &[("nginx", 32_400), ("gunicorn", 32_400), ("app", 32_400)]),
];

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
        assert_equal(recording, &file_tallies(&catalog, &files), &tallies(&got), true);
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
    assert_equal("harakiri", &file_tallies(&catalog, &files), &tallies(&got), true);
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
    std::thread::scope(|threads| {
        for (recording, zones) in RECORDINGS {
            let catalog = &catalog;
            threads.spawn(move || insights_gives_the_tallies_of(recording, zones, catalog));
        }
    });
}

fn insights_gives_the_tallies_of(recording: &str, zones: &[(&str, i64)], catalog: &Catalog) {
    {
        let files = logs(recording, zones);
        let groups = by_folder(catalog, &files);
        let names: Vec<String> = groups.keys().cloned().collect();
        let fake = FakeLogs::start(groups.into_iter().map(|(n, lines)| (n, group(lines, LARGE))).collect());
        let aws = json!({"log_groups": names, "max_scan_gb": 1000.0, "time_budget": "300s"});
        // A window that takes in two slices of a query.
        let got = gathered(&aws, (FROM, FROM + 15_000), &[("AWS_ENDPOINT_URL", &fake.url())]);
        let (mine, theirs) = (file_tallies(catalog, &files), tallies(&got));
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
        assert_equal(recording, &seen, &theirs, false);
        assert!(seen.len() * 10 >= mine.len() * 8, "{recording}: {} of {} signals", seen.len(), mine.len());
        assert!(seen.keys().any(|k| k.1.ends_with(".requests") || k.1.ends_with(".failed_requests")), "{recording}");
        for f in got["files"].as_array().into_iter().flatten().flat_map(|f| f["signals"].as_array().into_iter().flatten()) {
            assert!(f["quotes"].as_array().is_some_and(|q| !q.is_empty()), "{recording}: nothing to quote for {}", f["signal"]);
        }
    }
}

#[test]
fn a_scan_that_costs_too_much_is_refused_and_one_that_hangs_is_stopped() {
    let catalog = Catalog::load(&[]).expect("definitions");
    let groups = by_folder(&catalog, &logs("harakiri", &[]));
    let lines = groups["/shop/nginx"].clone();
    let fake = FakeLogs::start(BTreeMap::from([("/shop/nginx".to_owned(), group(lines, 40 * LARGE))]));
    let endpoint = [("AWS_ENDPOINT_URL", fake.url())];
    let endpoint = endpoint.each_ref().map(|(n, u)| (*n, u.as_str()));
    let got = gathered(&json!({"log_groups": ["/shop/nginx"], "max_scan_gb": 10.0}), (FROM, FROM + 15_000), &endpoint);
    assert_eq!(got["files"], json!([]));
    let because = got["skipped"][0][1].as_str().expect("a reason");
    assert!(because.contains("max_scan_gb") && because.contains("GB"), "{because}");
    assert!(fake.state.lock().expect("whole").queries.is_empty());

    fake.state.lock().expect("whole").stuck = true;
    let begin = Instant::now();
    let aws = json!({"log_groups": ["/shop/nginx"], "max_scan_gb": 10_000.0, "time_budget": "4s"});
    let got = gathered(&aws, (FROM, FROM + 15_000), &endpoint);
    assert!(begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
    assert!(got["skipped"].to_string().contains("time budget"), "{got}");
    let state = fake.state.lock().expect("whole");
    let stopped = state.calls.iter().filter(|c| *c == "StopQuery").count();
    assert!(stopped > 0 && stopped == state.queries.len(), "{stopped} of {} queries were stopped", state.queries.len());
}

/// The samples of every definition, as a log group a definition: a query counts what the definition says that they yield.
#[test]
fn every_definition_means_the_same_in_queries() {
    let catalog = Catalog::load(&[]).expect("definitions");
    let (mut groups, mut expected) = (BTreeMap::new(), BTreeMap::new());
    for (_, format) in catalog.of_kind(Kind::Log) {
        let d = &format.definition;
        // Tracebacks and JSON are told as not seen.
        let samples = d.samples.iter().filter(|s| s.matches && !s.line.trim_end().contains('\n') && !s.line.starts_with('{'));
        let (mut lines, mut yields) = (Vec::new(), BTreeMap::<String, u64>::new());
        for (i, s) in samples.enumerate() {
            lines.push(Line { ms: (FROM + 60 + 90 * i as i64) * 1000, stream: "s".into(), message: s.line.trim_end().into() });
            s.yields.iter().flatten().for_each(|y| *yields.entry(y.clone()).or_default() += 1);
        }
        groups.insert(format!("/{}", d.name), group(lines, LARGE));
        expected.insert(d.name.clone(), yields);
    }
    let names: Vec<String> = groups.keys().cloned().collect();
    let fake = FakeLogs::start(groups);
    let (mut wrong, mut same) = (Vec::new(), 0);
    for name in names {
        let format = name.trim_start_matches('/');
        let aws = json!({"log_groups": [name], "max_scan_gb": 10_000.0, "time_budget": "300s"});
        let got = gathered(&aws, (FROM, FROM + 36_000), &[("AWS_ENDPOINT_URL", &fake.url())]);
        let theirs = tallies(&got);
        for (signal, n) in &expected[format] {
            let count = theirs.get(&(format.to_owned(), signal.clone())).map(|c| c.values().map(|c| c.0).sum::<u64>());
            // A signal of several events may be seen by some of them only; where tracebacks are, lines without a time are not.
            let partly = |d: &Definition| {
                d.block.is_some() || d.events.iter().any(|e| e.signal.as_ref() == Some(signal) && (e.fallback || e.block))
            };
            let partly = catalog.find(format).is_some_and(|i| partly(&catalog.formats[i].definition));
            match count {
                Some(c) if c == *n || (partly && c < *n) => same += 1,
                Some(c) => wrong.push(format!("{format}: {signal}: {n} in samples, {c} by queries")),
                None => println!("{format}: {signal} is not seen by queries"),
            }
        }
        let skipped = got["skipped"].to_string();
        if skipped.contains("failed, so its counts") || !skipped.contains("Logs Insights") {
            println!("{format}: {skipped}");
        }
    }
    println!("{same} signals the same");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same > 200, "{same} signals the same");
}

// --- Access logs ------------------------------------------------------------------------------------------------------------------------

fn packed(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    e.write_all(text.as_bytes()).expect("memory");
    e.finish().expect("memory")
}

#[test]
fn only_the_objects_of_the_window_and_of_the_load_balancer_are_read() {
    let Some(moto) = Moto::start() else { return };
    let catalog = Catalog::load(&[]).expect("definitions");
    let mine = objects("listen-queue-unix");
    let text: Vec<u8> = mine.iter().flat_map(|(_, gz)| unpacked_bytes(gz)).collect();
    let mut all = mine.clone();
    let other = packed(
        "https 2026-11-21T00:00:11.170605Z app/other/1 203.0.113.56:29240 10.0.0.21:8080 -1 -1 -1 504 - 214 0 \"GET / HTTP/1.1\" \"x\" - - - \"x\" \"x\" \"x\" 0 2026-11-21T00:00:01.169731Z \"forward\" \"-\" \"-\"\n",
    );
    for name in [
        // Another load balancer, and another window, and what is no log.
        format!(
            "{FOLDER}/2026/11/21/123456789012_elasticloadbalancing_ap-northeast-1_app.shop-prod-2.1111111111111111_20261121T0005Z_203.0.113.9_x.log.gz"
        ),
        format!("{FOLDER}/2026/11/21/{ALB}_20261121T0300Z_203.0.113.9_x.log.gz"),
        format!("{FOLDER}/2026/11/20/{ALB}_20261120T2200Z_203.0.113.9_x.log.gz"),
        "prod/AWSLogs/123456789012/ELBAccessLogTestFile".to_owned(),
    ] {
        all.push((name, other.clone()));
    }
    moto.objects("logs", &all);
    let window = (NOW - 86_400 - 600, NOW - 86_400 + 900);
    for load_balancer in ["shop-prod", "app/shop-prod/50dc6c495c0c9188"] {
        let aws = json!({"access_logs": "s3://logs/prod", "load_balancer": load_balancer});
        let got =
            gathered(&aws, window, &[("AWS_ENDPOINT_URL", &moto.url()), ("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:1")]);
        let files = got["files"].as_array().expect("a list");
        assert_eq!(files.len(), 1, "{got}");
        assert_eq!(files[0]["path"], format!("s3://logs/{FOLDER}/app.shop-prod.50dc6c495c0c9188"));
        let file = LogFile { folder: "alb".into(), name: "x".into(), text: text.clone(), zone_s: 0 };
        assert_equal("access logs", &file_tallies(&catalog, &[file]), &tallies(&got), true);
    }
    let aws = json!({"access_logs": "s3://logs/elsewhere"});
    let got = gathered(&aws, window, &[("AWS_ENDPOINT_URL", &moto.url())]);
    assert!(got["skipped"].to_string().contains("no access log of the window"), "{got}");
    let got = gathered(&json!({"access_logs": "s3://nowhere/x"}), window, &[("AWS_ENDPOINT_URL", &moto.url())]);
    assert!(got["skipped"].to_string().contains("no such bucket"), "{got}");
}

// --- Everything from AWS ----------------------------------------------------------------------------------------------------------------

/// Metrics, logs and access logs of five recordings: the verdict is that of the files.
const WHOLE: [(&str, &[(&str, i64)]); 5] = [
    ("listen-queue-unix", &[]),
    ("harakiri", &[]),
    ("nginx-fd-exhaustion", &[]),
    ("circuit-breaker-open", &[]),
    ("client-aborts-benign", &[]),
];

fn report(command: &mut Binary) -> Value {
    let output = command.args(["--format", "json"]).output().expect("it runs");
    assert!(output.status.success(), "{:?}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Layer, mechanism and window of each incident.
fn essence(report: &Value) -> Vec<(String, String, [i64; 2])> {
    let second = |t: &Value| chrono::DateTime::parse_from_rfc3339(t.as_str().expect("a time")).expect("RFC 3339").timestamp();
    let of = |i: &Value| {
        let text = |key: &str| i["dropped_at"][key].as_str().expect("a text").to_owned();
        (text("layer"), text("mechanism"), [second(&i["window"]["start"]), second(&i["window"]["end"])])
    };
    report["incidents"].as_array().expect("a list").iter().map(of).collect()
}

#[test]
fn five_recordings_from_aws_alone_give_the_verdict_of_their_files() {
    let Some(moto) = Moto::start() else { return };
    let catalog = Catalog::load(&[]).expect("definitions");
    for (i, (recording, zones)) in WHOLE.into_iter().enumerate() {
        let mut command = Binary::cargo_bin("fivexx").expect("it is built");
        let files = report(command.arg("analyze").arg(sample(recording)));
        let mut store = Store::default();
        store.load(
            &sample(recording).join("alb/cloudwatch.json"),
            "app/shop-prod/50dc6c495c0c9188",
            "targetgroup/shop/73e2d6bc24d8a067",
        );
        let metrics = FakeCloudWatch::start(store, NOW - 86_400 + 7200);
        let bucket = format!("logs-{i}");
        moto.objects(&bucket, &objects(recording));
        let groups = by_folder(&catalog, &logs(recording, zones));
        // A third of all calls fail on the way for every other recording.
        let proxy = FaultProxy::start(([127, 0, 0, 1], moto.port).into(), if i % 2 == 1 { 30 } else { 0 }, 7 + i as u64);
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("fivexx"));
        command.args([
            "analyze",
            "--aws",
            "--load-balancer",
            "shop-prod",
            "--now",
            "2026-11-21T02:00Z",
            "--since",
            "3h",
            "--format",
            "json",
        ]);
        command.args(["--access-logs", &format!("s3://{bucket}/prod")]);
        for (group, lines) in &groups {
            let group = format!("/{recording}{group}");
            moto.log(&group, lines);
            command.args(["--log-group", &group]);
        }
        let endpoints = [("AWS_ENDPOINT_URL", proxy.server.url()), ("AWS_ENDPOINT_URL_CLOUDWATCH", metrics.server.url())];
        let endpoints = endpoints.each_ref().map(|(n, u)| (*n, u.as_str()));
        let output = with_aws(&mut command, &endpoints).output().expect("it runs");
        assert!(output.status.success(), "{recording}: {}", String::from_utf8_lossy(&output.stderr));
        let aws: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(files["verdict"], aws["verdict"], "{recording}: {}", aws["skipped"]);
        let (f, a) = (essence(&files), essence(&aws));
        assert_eq!(f.len(), a.len(), "{recording}: {f:?} against {a:?}\n{}", aws["skipped"]);
        for (f, a) in f.iter().zip(&a) {
            assert_eq!((&f.0, &f.1), (&a.0, &a.1), "{recording}: {}", aws["skipped"]);
            assert!((f.2[0] - a.2[0]).abs() <= 60 && (f.2[1] - a.2[1]).abs() <= 60, "{recording}: {f:?} against {a:?}");
        }
        let paths: Vec<&str> = aws["sources"].as_array().expect("a list").iter().filter_map(|s| s["path"].as_str()).collect();
        for from in ["cloudwatch:", "logs:", "s3:"] {
            assert!(paths.iter().any(|p| p.starts_with(from)), "{recording}: {paths:?}\n{}", aws["skipped"]);
        }
    }
}
