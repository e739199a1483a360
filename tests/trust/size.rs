//! Inputs that are too much of something, in every form: the answer comes, in bounded memory, and says what was not told apart.

use super::corpus::BIG;
use super::formats::{Kind, Written, active};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Most memory, in MiB.
const MOST: u64 = 300;

/// The longest that a run may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// A form that a big input is put through, by way of its partial: the joined report is that of the input itself.
const FORMS: [(&[&str], Option<Kind>); 7] = [
    (&["analyze", "--format", "md"], Some(Kind::Markdown)),
    (&["analyze", "--format", "md", "--charts", "mermaid"], Some(Kind::Markdown)),
    (&["analyze", "--format", "html"], Some(Kind::Markup)),
    (&["analyze", "--format", "terminal"], Some(Kind::Terminal)),
    (&["export", "--format", "csv"], Some(Kind::Csv)),
    (&["export", "--format", "ndjson"], Some(Kind::Ndjson)),
    (&["export", "--format", "parquet"], None),
];

/// What a run wrote to standard output, and the most memory that it took, in MiB (where the system tells).
fn run(words: &[&str], paths: &[&Path]) -> (Vec<u8>, u64) {
    let begun = Instant::now();
    let mut run = Command::new(assert_cmd::cargo::cargo_bin("fivexx"))
        .args(words)
        .args(paths)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut out = run.stdout.take().expect("piped");
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        out.read_to_end(&mut text).map(|_| text)
    });
    let mut peak = 0;
    let status = loop {
        if let Some(status) = run.try_wait().expect("it runs") {
            break status;
        }
        // The most that it ever had: whatever passes between two looks is in the next.
        let status = fs::read_to_string(format!("/proc/{}/status", run.id())).unwrap_or_default();
        let high =
            status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(high.unwrap_or(0) / 1024);
        assert!(begun.elapsed() < PATIENCE, "{words:?} hangs");
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(status.success(), "{words:?} {paths:?}: {status}");
    (reader.join().expect("no panic").expect("read"), peak)
}

#[test]
fn too_much_of_anything_takes_bounded_memory_and_is_said() {
    let mut wrong = Vec::new();
    for big in &BIG {
        let name = format!("{}, {}", big.group, big.name);
        let dir = TempDir::new().expect("a folder");
        let (log, partial) = (dir.path().join("big.log"), dir.path().join("big.parquet"));
        let mut out = BufWriter::new(File::create(&log).expect("made"));
        (big.write)(&mut out).and_then(|()| out.flush()).expect("written");
        let begun = Instant::now();
        let (text, peak) = run(&["analyze", "--format", "json", "--now", "2026-11-22T00:00:00Z"], &[&log]);
        let took = begun.elapsed();
        let report: Value = serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{name}: {e}: {} bytes", text.len()));
        if text.len() > 2 << 20 {
            wrong.push(format!("{name}: the report has {} bytes", text.len()));
        }
        for (at, says) in big.says {
            let there = report.pointer(at).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default();
            if !there.contains(says) {
                wrong.push(format!("{name}: {at} does not say {says}: {}", &there[..there.len().min(300)]));
            }
        }
        let mut peaks = vec![peak, run(&["scan", "--quiet", "-o"], &[&partial, &log]).1];
        fs::remove_file(&log).expect("gone");
        for (words, kind) in FORMS {
            let (text, peak) = run(words, &[&partial]);
            peaks.push(peak);
            if let Some(kind) = kind {
                let text = String::from_utf8(text).expect("UTF-8");
                wrong.extend(
                    active(&Written { format: "of the command", kind, text })
                        .into_iter()
                        .take(3)
                        .map(|w| format!("{name}: {words:?}: {w}")),
                );
            }
        }
        println!("{name}: {took:.1?}; MiB by form: {peaks:?}");
        if peaks.iter().any(|p| *p > MOST) {
            wrong.push(format!("{name}: {peaks:?} MiB"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
