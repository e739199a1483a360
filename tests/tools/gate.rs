//! The step that fails a load test when requests were dropped: the same shell as in `action.yml`, run here.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The `run:` block of the action's step of this name, without its indentation.
fn step(name: &str) -> String {
    let text = fs::read_to_string("action.yml").expect("it is there");
    let after = text.split(&format!("- name: {name}\n")).nth(1).unwrap_or_else(|| panic!("no step `{name}`"));
    let run = after.split("run: |\n").nth(1).expect("a script");
    let lines = run.lines().take_while(|l| l.is_empty() || l.starts_with("        "));
    lines.map(|l| l.strip_prefix("        ").unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn gate(paths: &str, dir: &Path) -> (Option<i32>, String, String) {
    let program = assert_cmd::cargo::cargo_bin("fivexx");
    let folders = std::env::var("PATH").unwrap_or_default();
    let out = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step("Look for dropped requests")])
        .env("PATH", format!("{}:{folders}", program.parent().expect("a folder").display()))
        .env("FIVEXX_PATHS", paths)
        .env("FIVEXX_REPORT", dir.join("report"))
        .env("FIVEXX_FLAGS", "")
        .env("FIVEXX_FAIL", "true")
        .env("GITHUB_STEP_SUMMARY", dir.join("summary.md"))
        .env("GITHUB_OUTPUT", dir.join("output"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("bash runs");
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap_or_default();
    (out.status.code(), read("summary.md"), read("output"))
}

#[test]
fn a_load_test_that_drops_requests_fails() {
    let dir = tempfile::tempdir().expect("a folder");
    let (code, summary, output) = gate("samples/seed-sync-uwsgi-direct", dir.path());
    assert_eq!(code, Some(1));
    assert!(summary.starts_with("# Dropped at the app server's listen queue"), "{summary}");
    assert!(output.contains("verdict=incident\n"), "{output}");
    let report = fs::read_to_string(dir.path().join("report.json")).expect("written");
    assert!(report.contains("fivexx.report/1") && dir.path().join("report.md").exists());
}

#[test]
fn a_load_test_that_drops_none_passes() {
    let dir = tempfile::tempdir().expect("a folder");
    let (code, summary, output) = gate("samples/client-aborts-benign/nginx\nsamples/client-aborts-benign/uwsgi", dir.path());
    assert_eq!((code, output.contains("verdict=no_incident\n")), (Some(0), true), "{output}\n{summary}");
}

/// Paths that nothing can be read at must not pass as "no drop".
#[test]
fn a_gate_that_sees_nothing_does_not_open() {
    let dir = tempfile::tempdir().expect("a folder");
    let (code, _, _) = gate("no/such/logs", dir.path());
    assert_eq!(code, Some(3));
}
