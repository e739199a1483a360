//! Inputs that are too much of something: the answer comes, in bounded memory, and says what was not told apart.

use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Most memory, in MiB.
const MOST: u64 = 300;

/// A report, and the most memory that making it took, in MiB (where the system tells).
fn analyzed(path: &Path) -> (Value, u64) {
    let begun = Instant::now();
    let mut run = Command::new(assert_cmd::cargo::cargo_bin("fivexx"))
        .arg("analyze")
        .arg(path)
        .args(["--format", "json", "--now", "2026-11-22T00:00:00Z"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut out = run.stdout.take().expect("piped");
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        out.read_to_end(&mut text).map(|_| text)
    });
    let mut peak = 0;
    while run.try_wait().expect("it runs").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", run.id())).unwrap_or_default();
        let high =
            status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(high.unwrap_or(0) / 1024);
        assert!(begun.elapsed() < Duration::from_secs(300), "it hangs");
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = reader.join().expect("no panic").expect("read");
    let report = serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{e}: {} bytes", text.len()));
    println!("{}: {peak} MiB, {:?}", path.display(), begun.elapsed());
    (report, peak)
}

fn file(dir: &TempDir, name: &str, lines: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> std::path::PathBuf {
    let path = dir.path().join(name);
    let mut out = BufWriter::new(File::create(&path).expect("made"));
    lines(&mut out).and_then(|()| out.flush()).expect("written");
    path
}

fn check(name: &str, lines: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Value {
    let dir = TempDir::new().expect("a folder");
    let path = file(&dir, name, lines);
    let (report, peak) = analyzed(&path);
    assert!(peak <= MOST, "{name}: {peak} MiB");
    assert!(report.to_string().len() < 2 << 20, "{name}: the report has {} bytes", report.to_string().len());
    report
}

#[test]
fn a_line_of_a_hundred_megabytes_is_skipped_and_counted() {
    let report = check("long.log", |out| {
        let begin = "2026/11/21 00:00:39 [alert] 1#1: 1024 worker_connections are not enough\n";
        out.write_all(begin.as_bytes())?;
        (0..100).try_for_each(|_| out.write_all(&vec![b'x'; 1 << 20]))?;
        write!(out, "\n{begin}")
    });
    assert_eq!((&report["sources"][0]["lines"], &report["sources"][0]["unmatched"]), (&Value::from(3), &Value::from(1)));
    assert_eq!(report["verdict"], "incident");
}

#[test]
fn a_million_hosts_are_bounded_and_said_to_be() {
    let report = check("hosts.log", |out| {
        (0..1_000_000u32).try_for_each(|i| {
            let (m, s) = (i / 60_000, i / 1000 % 60);
            writeln!(out, "Nov 21 00:{m:02}:{s:02} web-{i} nginx: 2026/11/21 00:{m:02}:{s:02} [alert] 1#1: 1024 worker_connections are not enough")
        })
    });
    assert_eq!(report["verdict"], "incident");
    let remarks = report["remarks"].to_string();
    assert!(remarks.contains("256 hosts") && remarks.contains("999,7"), "{remarks}");
}

#[test]
fn a_million_sockets_are_bounded() {
    let report = check("sockets.log", |out| {
        (0..1_000_000u32).try_for_each(|i| {
            let (m, s) = (i / 60_000, i / 1000 % 60);
            writeln!(out, "2026/11/21 00:{m:02}:{s:02} [error] 1#1: *{i} connect() to unix:/run/{i}.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 1.2.3.4, server: s{i}, request: \"GET / HTTP/1.1\", upstream: \"uwsgi://unix:/run/{i}.sock:\"")
        })
    });
    assert_eq!(report["incidents"][0]["dropped_at"]["mechanism"], "listen_queue_full");
}

#[test]
fn a_million_signals_a_second_are_counted() {
    let report = check("second.log", |out| {
        (0..1_000_000u32).try_for_each(|i| {
            let status = if i % 3 == 0 { 502 } else { 200 };
            writeln!(
                out,
                "1.2.3.4 - - [21/Nov/2026:00:00:{:02} +0000] \"GET /{i} HTTP/1.1\" {status} 157 \"-\" \"x\" rt=0.004",
                i / 900_000
            )
        })
    });
    assert_eq!(report["incidents"][0]["requests"], 1_000_000);
    assert_eq!(report["incidents"][0]["failed_requests"], 333_334);
}

/// As a broken clock writes: every line in another year between 1970 and 2106.
#[test]
fn lines_of_all_years_are_taken_as_they_are() {
    let report = check("years.log", |out| {
        (0..50_000u64).try_for_each(|i| {
            let at = i.wrapping_mul(2_654_435_761) % 4_294_967_295;
            let at = chrono::DateTime::from_timestamp(at as i64, 0).expect("a time").format("%Y/%m/%d %H:%M:%S");
            writeln!(out, "{at} [alert] 1#1: 1024 worker_connections are not enough")
        })
    });
    assert!(report["period"]["start"].as_str().is_some_and(|t| t.starts_with("197")), "{}", report["period"]);
}
