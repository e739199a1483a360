//! The timeline for other tools: one schema in three formats, and queries on it by DuckDB and polars.

use super::{fivexx, stderr, stdout};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const SAMPLE: &str = "samples/listen-queue-unix";

fn ndjson(words: &[&str]) -> Vec<Value> {
    let text = stdout(fivexx().arg("export").args(words).args(["--format", "ndjson"]));
    text.lines().map(|l| serde_json::from_str(l).expect("one object a line")).collect()
}

/// The columns that docs/export.md describes, in its order.
fn documented() -> Vec<String> {
    let text = fs::read_to_string("docs/export.md").expect("it is there");
    let rows = text.lines().skip_while(|l| !l.starts_with("| column")).skip(2).take_while(|l| l.starts_with('|'));
    rows.map(|l| l.split('`').nth(1).expect("a name in backticks").to_owned()).collect()
}

#[test]
fn all_formats_have_the_documented_columns() {
    let rows = ndjson(&[SAMPLE]);
    assert!(rows.len() > 100);
    let names: Vec<&String> = rows[0].as_object().expect("an object").keys().collect();
    assert_eq!(names, documented().iter().collect::<Vec<_>>());
    let csv = stdout(fivexx().args(["export", SAMPLE, "--format", "csv"]));
    assert_eq!(csv.lines().next().expect("a header"), documented().join(","));
    assert_eq!(csv.lines().count(), rows.len() + 1);
}

/// What is exported is what the report counts.
#[test]
fn the_counts_are_those_of_the_report() {
    let sum = |rows: &[Value], name: &str| -> u64 {
        rows.iter().filter(|r| r["name"] == name).filter_map(|r| r["count"].as_u64()).sum()
    };
    let rows = ndjson(&[&format!("{SAMPLE}/nginx")]);
    let text = fs::read_to_string(format!("{SAMPLE}/nginx/error.log")).expect("a sample");
    let eagain = text.lines().filter(|l| l.contains("(11: Resource temporarily unavailable)")).count() as u64;
    assert_eq!(sum(&rows, "nginx.upstream_eagain"), eagain);
    for r in &rows {
        let (begin, end) = (r["start_time_unix_nano"].as_i64().expect("ns"), r["time_unix_nano"].as_i64().expect("ns"));
        assert!(end > begin && r["timestamp"].as_str().is_some_and(|t| t.ends_with('Z')), "{r}");
    }
    let some = ndjson(&[&format!("{SAMPLE}/nginx"), "--from", "2026-11-21T00:00:40Z", "--to", "2026-11-21T00:00:50Z"]);
    assert!(!some.is_empty() && some.len() < rows.len());
    assert!(
        some.iter()
            .all(|r| r["timestamp"].as_str().is_some_and(|t| ("2026-11-21T00:00:40Z".."2026-11-21T00:00:50Z").contains(&t)))
    );
}

#[test]
fn hostile_text_is_no_formula_in_a_spreadsheet() {
    let dir = tempfile::tempdir().expect("a folder");
    let line = "2026/11/21 09:01:57 [alert] 7#7: 1024 worker_connections are not enough\n";
    for evil in ["=cmd|' C'!A0", "+1", "-1", "@SUM(A1)"] {
        fs::write(dir.path().join(evil), line).expect("written");
    }
    let text = stdout(fivexx().arg("export").arg(dir.path()));
    assert_eq!(text.lines().count(), 5);
    for cell in text.lines().skip(1).flat_map(|l| l.split(',')).map(|c| c.trim_matches('"')) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    // A host comes from an envelope, which anybody may write.
    let log = format!("<34>1 2026-11-21T00:00:40Z =1+1 nginx 7 - - {line}");
    let text = stdout(fivexx().args(["export", "-"]).write_stdin(log));
    assert!(text.contains("'=1+1") && !text.contains(",=1+1"), "{text}");
}

#[test]
fn parquet_is_whole_and_queries_give_what_the_report_says() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("timeline.parquet");
    let said = stderr(fivexx().args(["export", SAMPLE, "-o"]).arg(&file), 0);
    assert!(said.contains("rows in"), "{said}");
    let bytes = fs::read(&file).expect("written");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 1, "nothing is left beside it");
    let python = std::env::var("FIVEXX_QUERY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has =
        |module: &str| Command::new(&python).args(["-c", &format!("import {module}")]).output().is_ok_and(|o| o.status.success());
    let eagain = fs::read_to_string(format!("{SAMPLE}/nginx/error.log"))
        .expect("a sample")
        .lines()
        .filter(|l| l.contains("(11: Resource temporarily unavailable)"))
        .count();
    for (module, script) in [("duckdb", "docs/examples/timeline_duckdb.py"), ("polars", "docs/examples/timeline_polars.py")] {
        assert!(Path::new(script).exists(), "{script}");
        if !has(module) {
            eprintln!("skipped: {python} has no {module}");
            continue;
        }
        let out = Command::new(&python).arg(script).arg(&file).output().expect("it runs");
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{module}: {}", String::from_utf8_lossy(&out.stderr));
        assert!(text.contains(&format!("nginx.upstream_eagain {eagain}")), "{module}: {text}");
    }
}
