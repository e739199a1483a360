//! The same input gives the same bytes, whatever the machine has of processors and in whatever order files come.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The report as JSON, made at a fixed time.
fn json(threads: &str, inputs: &[PathBuf]) -> String {
    let out = Command::cargo_bin("fivexx")
        .expect("the binary is built")
        .env("RAYON_NUM_THREADS", threads)
        .arg("analyze")
        .args(inputs)
        .args(["--format", "json", "--now", "2026-11-22T00:00:00Z"])
        .assert()
        .success();
    String::from_utf8(out.get_output().stdout.clone()).expect("UTF-8")
}

/// Copies a folder, its files made in another order each time.
fn copy(from: &Path, to: &Path, backward: bool) {
    fs::create_dir_all(to).expect("made");
    let mut all: Vec<PathBuf> = fs::read_dir(from).expect("readable").flatten().map(|e| e.path()).collect();
    all.sort();
    if backward {
        all.reverse();
    }
    for path in all {
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target, backward);
        } else {
            fs::copy(&path, &target).expect("copied");
            let when = path.metadata().and_then(|m| m.modified()).expect("a time");
            fs::File::options().append(true).open(&target).and_then(|f| f.set_modified(when)).expect("the same time");
        }
    }
}

#[test]
fn neither_threads_nor_the_order_of_files_change_a_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for name in ["listen-queue-unix", "clock-skew-queue", "circuit-breaker-open"] {
        let dir = TempDir::new().expect("a folder");
        let (forward, backward) = (dir.path().join("a/logs"), dir.path().join("b/logs"));
        copy(&root.join(name), &forward, false);
        copy(&root.join(name), &backward, true);
        let whole = json("1", std::slice::from_ref(&forward));
        assert_eq!(whole, json("2", std::slice::from_ref(&forward)), "{name}: two threads");
        assert_eq!(whole, json("7", &[backward]), "{name}: the folder made backwards, seven threads");
        let mut parts: Vec<PathBuf> = fs::read_dir(&forward).expect("readable").flatten().map(|e| e.path()).collect();
        parts.sort();
        let sorted = json("2", &parts);
        parts.reverse();
        assert_eq!(sorted, json("1", &parts), "{name}: arguments in reverse");
        parts.rotate_left(1);
        parts.push(parts[0].clone());
        assert_eq!(sorted, json("3", &parts), "{name}: arguments turned, one twice");
    }
}
