//! What changed between two reports.

use super::{fivexx, stderr, stdout};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn report(dir: &Path, name: &str, words: &[&str]) -> PathBuf {
    let path = dir.join(name);
    fivexx().arg("analyze").args(words).arg("-o").arg(&path).assert().success();
    path
}

fn edited(from: &Path, to: &str, edit: impl Fn(&mut Value)) -> PathBuf {
    let mut report: Value = serde_json::from_str(&fs::read_to_string(from).expect("written")).expect("JSON");
    edit(&mut report);
    let path = from.with_file_name(to);
    fs::write(&path, report.to_string()).expect("written");
    path
}

#[test]
fn a_report_does_not_differ_from_itself_whatever_a_later_version_adds() {
    let dir = tempfile::tempdir().expect("a folder");
    let a = report(dir.path(), "a.json", &["samples/harakiri"]);
    let b = edited(&a, "b.json", |r| {
        r["added_later"] = json!({"x": [1]});
        r["incidents"][0]["added_later"] = json!(1);
        r["incidents"][0]["dropped_at"]["added_later"] = json!("y");
        r["sources"][0]["clock"]["added_later"] = json!(null);
        r["generated_at"] = json!("2030-01-01T00:00:00Z");
    });
    let text = stdout(fivexx().arg("diff").args([&a, &b]));
    assert!(text.starts_with("# Nothing of weight changed"), "{text}");
    fivexx().arg("diff").args([&a, &b]).args(["--fail-on", "change"]).assert().code(0);
}

#[test]
fn what_changed_is_told_in_all_formats() {
    let dir = tempfile::tempdir().expect("a folder");
    let a = report(dir.path(), "a.json", &["samples/listen-queue-unix"]);
    let b = edited(&a, "b.json", |r| {
        let i = &mut r["incidents"][0];
        i["root_cause"]["layer"] = json!("dependency");
        i["root_cause"]["mechanism"] = json!("slow_dependency");
        i["dropped_at"]["confidence"] = json!(0.61);
        i["failed_requests"] = json!(10);
        i["window"]["end"] = json!("2026-11-21T00:09:10Z");
        i["evidence"].as_array_mut().expect("a list").remove(0);
        i["evidence"].as_array_mut().expect("a list").push(json!({"signal": "kernel.<b>|oom", "count": 3}));
        i["evidence"].as_array_mut().expect("a list").push(json!({"signal": "kernel.\u{9b}31m\u{202e}x", "count": 1}));
        r["sources"][0]["clock"]["utc_offset_s"] = json!(32400);
        let sources = r["sources"].as_array_mut().expect("a list");
        sources.pop();
    });
    let raw = stdout(fivexx().arg("diff").args([&a, &b]).args(["--format", "json"]));
    assert!(raw.contains("\\u009b31m") && !raw.contains(['\u{9b}', '\u{202e}']), "no viewer of a terminal may obey it: {raw:?}");
    let diff: Value = serde_json::from_str(&raw).expect("JSON");
    assert_eq!((&diff["schema"], &diff["differs"]), (&json!("fivexx.diff/1"), &json!(true)));
    let what: Vec<&str> =
        diff["incidents"][0]["changes"].as_array().expect("a list").iter().filter_map(|c| c["what"].as_str()).collect();
    for expected in ["root cause", "confidence of the drop", "length", "failed requests", "evidence kernel.<b>|oom"] {
        assert!(what.contains(&expected), "{expected} is not among {what:?}");
    }
    let sources: Vec<&str> = diff["sources"].as_array().expect("a list").iter().filter_map(|c| c["what"].as_str()).collect();
    assert!(
        sources.iter().any(|s| s.starts_with("clock of ")) && sources.iter().any(|s| s.starts_with("source ")),
        "{sources:?}"
    );
    let md = stdout(fivexx().arg("diff").args([&a, &b]));
    assert!(md.starts_with("# Another root cause\n") && md.contains("| slow\\_dependency (dependency) |"), "{md}");
    assert!(!md.contains("<b>"), "what stood in a report is escaped: {md}");
    let terminal = stdout(fivexx().arg("diff").args([&a, &b]).args(["--format", "terminal"]));
    assert!(
        terminal.starts_with("Another root cause\n")
            && terminal.contains("+ evidence kernel.<b>|oom: 3")
            && terminal.contains(" → "),
        "{terminal}"
    );
    fivexx().arg("diff").args([&a, &b]).args(["--fail-on", "change"]).assert().code(1);
}

#[test]
fn incidents_come_and_go() {
    let dir = tempfile::tempdir().expect("a folder");
    let quiet = report(dir.path(), "quiet.json", &["samples/client-aborts-benign"]);
    let loud = report(dir.path(), "loud.json", &["samples/harakiri"]);
    let md = stdout(fivexx().arg("diff").args([&quiet, &loud]));
    assert!(
        md.contains("new incident")
            && md.contains("New: only the later report has it")
            && md.contains("| verdict | no incident | incident |"),
        "{md}"
    );
    let md = stdout(fivexx().arg("diff").args([&loud, &quiet]));
    assert!(md.contains("gone") && md.contains("Gone: only the earlier report has it"), "{md}");
    let out = dir.path().join("diff.json");
    fivexx().arg("diff").args([&quiet, &loud]).arg("-o").arg(&out).assert().success().stdout("");
    assert!(fs::read_to_string(out).expect("written").starts_with('{'));
}

#[test]
fn what_is_no_report_or_of_another_schema_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let a = report(dir.path(), "a.json", &["samples/harakiri"]);
    let other = edited(&a, "b.json", |r| r["schema"] = json!("fivexx.report/2"));
    let none = edited(&a, "c.json", |r| *r = json!({"verdict": "incident"}));
    let odd = edited(&a, "d.json", |r| r["incidents"] = json!("many"));
    let torn = dir.path().join("e.json");
    fs::write(&torn, "{\"schema\"").expect("written");
    for (path, says) in
        [(&other, "fivexx.report/2"), (&none, "not stated"), (&odd, "no fivexx report"), (&torn, "no fivexx report")]
    {
        let err = stderr(fivexx().arg("diff").args([&a, path]), 2);
        assert!(err.contains(says) && err.contains(path.file_name().and_then(|n| n.to_str()).expect("a name")), "{err}");
    }
}
