//! Where reports go may be full, forbidden or gone: the status says so, and the old report is left whole.

use assert_cmd::Command;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command as Plain, Stdio};
use tempfile::TempDir;

const SAMPLE: &str = "samples/harakiri";

fn fivexx() -> Command {
    let mut c = Command::cargo_bin("fivexx").expect("the binary is built");
    c.current_dir(env!("CARGO_MANIFEST_DIR"));
    c
}

fn shell(script: &str) -> std::process::Output {
    let binary = assert_cmd::cargo::cargo_bin("fivexx");
    Plain::new("bash").args(["-c", script]).env("FIVEXX", binary).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("bash")
}

fn names(dir: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        fs::read_dir(dir).expect("readable").flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    all.sort();
    all
}

#[test]
fn a_report_replaces_the_old_one_and_leaves_nothing_beside() {
    let dir = TempDir::new().expect("a folder");
    let report = dir.path().join("report.md");
    fs::write(&report, "old").expect("written");
    fivexx().args(["analyze", SAMPLE, "-o"]).arg(&report).assert().success();
    assert!(fs::read_to_string(&report).expect("there").starts_with("# "));
    assert_eq!(names(dir.path()), ["report-1-requests.svg", "report-1-timeline.svg", "report.md"]);
}

/// A limit on the size of files stands for a full disk: a write fails in the middle.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_report() {
    let dir = TempDir::new().expect("a folder");
    let report = dir.path().join("report.json");
    fs::write(&report, "old").expect("written");
    let out = shell(&format!("trap '' XFSZ; ulimit -f 2; \"$FIVEXX\" analyze {SAMPLE} -o {}", report.display()));
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(4), "{err}");
    assert!(err.contains("report.json cannot be written: File too large"), "{err}");
    assert_eq!(
        (fs::read_to_string(&report).expect("there").as_str(), names(dir.path())),
        ("old", vec!["report.json".to_owned()])
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_and_a_closed_one_is_none() {
    let out = shell(&format!("\"$FIVEXX\" analyze {SAMPLE} --format json > /dev/full"));
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(4), "{err}");
    assert!(err.contains("standard output cannot be written: No space left"), "{err}");
    let out = shell(&format!("set -o pipefail; \"$FIVEXX\" analyze {SAMPLE} --format json | head -c 10 > /dev/null"));
    assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_place_that_is_none_is_told() {
    let dir = TempDir::new().expect("a folder");
    for (place, says) in [("no/such/folder/report.md", "No such file"), ("", "directory")] {
        let out = fivexx().args(["analyze", SAMPLE, "-o"]).arg(dir.path().join(place)).assert().code(4);
        let err = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
        assert!(err.contains("cannot be written") && err.contains(says), "{err}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_leaves_the_old_report() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().expect("a folder");
    let report = dir.path().join("report.md");
    fs::write(&report, "old").expect("written");
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).expect("closed");
    let may = fs::write(dir.path().join("x"), "").is_ok();
    if may {
        eprintln!("not tried: root writes everywhere");
        return;
    }
    let out = fivexx().args(["analyze", SAMPLE, "-o"]).arg(&report).assert().code(4);
    assert!(String::from_utf8_lossy(&out.get_output().stderr).contains("ermission denied"));
    assert_eq!(fs::read_to_string(&report).expect("there"), "old");
}

#[cfg(unix)]
#[test]
fn the_new_report_is_read_by_whoever_may_read_the_old_one_and_links_stay_links() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().expect("a folder");
    let report = dir.path().join("report.md");
    fs::write(&report, "old").expect("written");
    fs::set_permissions(&report, fs::Permissions::from_mode(0o600)).expect("private");
    let link = dir.path().join("latest.md");
    std::os::unix::fs::symlink(&report, &link).expect("linked");
    fivexx().args(["analyze", SAMPLE, "-o"]).arg(&link).assert().success();
    assert!(link.symlink_metadata().expect("there").is_symlink());
    assert!(fs::read_to_string(&report).expect("there").starts_with("# "));
    assert_eq!(report.metadata().expect("there").permissions().mode() & 0o777, 0o600);
}

/// The run waits for its standard input when it is interrupted.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_a_word_and_leaves_the_old_report() {
    let dir = TempDir::new().expect("a folder");
    let report = dir.path().join("report.md");
    fs::write(&report, "old").expect("written");
    let mut run = Plain::new(assert_cmd::cargo::cargo_bin("fivexx"))
        .args(["analyze", "-", "-o"])
        .arg(&report)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // Until it listens for the signal it would just end.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(Plain::new("kill").args(["-INT", &run.id().to_string()]).status().expect("kill").success());
    let status = run.wait().expect("it ends");
    let mut err = String::new();
    run.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
    assert_eq!(status.code(), Some(130), "{err}");
    assert!(err.contains("interrupted; no report was written"), "{err}");
    assert_eq!((fs::read_to_string(&report).expect("there").as_str(), names(dir.path())), ("old", vec!["report.md".to_owned()]));
}
