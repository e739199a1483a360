//! `fivexx follow`: a recorded outage is written into a growing log, which is renamed, copied and truncated on its way.

use super::fivexx;
use serde_json::Value;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any look takes, on a machine with other work.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `fivexx follow` and the lines that it says.
struct Following {
    child: Child,
    said: Receiver<String>,
    errors: Receiver<String>,
}

impl Following {
    fn begin(dir: &Path, words: &[&str]) -> Self {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("fivexx"))
            .args(["follow", "--every", "200ms", "-vv"])
            .args(words)
            .current_dir(dir)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let said = lines(child.stdout.take().expect("a pipe"));
        let errors = lines(child.stderr.take().expect("a pipe"));
        Following { child, said, errors }
    }

    /// Waits for a line that holds a text.
    fn says(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        while let Ok(line) = self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if line.contains(text) {
                return line;
            }
            heard.push(line);
        }
        panic!("it did not say `{text}` but {heard:#?}; stderr: {:#?}", self.errors.try_iter().collect::<Vec<_>>());
    }

    /// Waits until it has looked after so many bytes in all; a byte read twice would overshoot.
    fn has_read(&self, bytes: u64) {
        let until = Instant::now() + PATIENCE;
        let mut last = String::new();
        while let Ok(line) = self.errors.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if let Some((_, n)) = line.split_once("looked after ") {
                let n: u64 = n.split(' ').next().and_then(|n| n.parse().ok()).expect("a number of bytes");
                assert!(n <= bytes, "{n} bytes were read of {bytes}: some twice");
                if n == bytes {
                    return;
                }
            }
            last = line;
        }
        panic!("it did not read {bytes} bytes; last: {last}");
    }

    /// Ctrl-C, and what it says then.
    fn end(mut self) -> (Option<i32>, Vec<String>) {
        let ended = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(ended.success());
        let status = self.child.wait().expect("it ends");
        (status.code(), self.said.iter().collect())
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("opened");
    file.write_all(text.as_bytes()).expect("written");
}

fn sample(name: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new("samples/listen-queue-unix").join(name)).expect("a sample");
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// A recorded outage in nginx's two logs, cut where its failures begin and where they end.
struct Outage {
    access: [String; 3],
    error: String,
}

fn outage() -> Outage {
    let access = sample("nginx/access.log");
    let failed = |l: &String| l.contains("\" 502 ");
    let first = access.iter().position(failed).expect("there are failures");
    let last = access.iter().rposition(failed).expect("there are failures");
    assert!(first > 50 && last > first + 50, "{first} {last}");
    let middle = (first + last) / 2;
    Outage {
        access: [access[..first].concat(), access[first..middle].concat(), access[middle..].concat()],
        error: sample("nginx/error.log").concat(),
    }
}

fn json(words: &[&str]) -> Value {
    let out = fivexx().arg("analyze").args(words).args(["--format", "json"]).assert().success();
    serde_json::from_slice(&out.get_output().stdout).expect("JSON")
}

fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let (access, error) = (dir.path().join("access.log"), dir.path().join("error.log"));
    (dir, access, error)
}

fn size(texts: &[&str]) -> u64 {
    texts.iter().map(|t| t.len() as u64).sum()
}

/// Grows through the incident; the access log is renamed in its midst, as logrotate does.
#[test]
fn a_growing_log_that_is_renamed() {
    let (dir, access, error) = folder();
    let outage = outage();
    append(&access, &outage.access[0]);
    let following = Following::begin(dir.path(), &["access.log", "error.log", "-o", "final.json", "--fail-on", "incident"]);
    following.says("No incident");
    append(&access, &outage.access[1]);
    append(&error, &outage.error);
    following.has_read(size(&[&outage.access[0], &outage.access[1], &outage.error]));
    following.says("listen queue");
    fs::rename(&access, dir.path().join("access.log.1")).expect("renamed");
    // The server writes to the renamed file until it is told, then to the new one. A line is torn at the end of a write.
    let (old, new) = outage.access[2].split_at(outage.access[2].find('\n').expect("lines") + 1);
    append(&dir.path().join("access.log.1"), old);
    let (torn, rest) = new.split_at(new.len() / 2);
    append(&access, torn);
    following.has_read(size(&[&outage.access[0], &outage.access[1], &outage.error, old, torn]));
    append(&access, rest);
    let all: u64 = size(&[&outage.access[0], &outage.access[1], &outage.access[2], &outage.error]);
    following.has_read(all);
    let (code, said) = following.end();
    assert_eq!(code, Some(1), "{said:#?}");
    assert!(said.last().is_some_and(|l| l.starts_with("At the end: ") && l.contains("listen queue")), "{said:#?}");
    // The same as an analysis of what lies there afterwards.
    let report: Value = serde_json::from_str(&fs::read_to_string(dir.path().join("final.json")).expect("written")).expect("JSON");
    fs::remove_file(dir.path().join("final.json")).expect("removed");
    let whole = json(&[&dir.path().display().to_string()]);
    assert_same(&report, &whole, dir.path());
}

/// The same, with a rotation that copies and truncates; lines that came between its copy and its cut are in the copy.
#[test]
fn a_growing_log_that_is_copied_and_truncated() {
    for in_folder in [false, true] {
        let (dir, access, error) = folder();
        let outage = outage();
        append(&access, &(outage.access[0].clone() + &outage.access[1]));
        append(&error, &outage.error);
        let paths: &[&str] = if in_folder { &["."] } else { &["access.log", "error.log"] };
        let following = Following::begin(dir.path(), &[paths, &["-o", "../final.json"]].concat());
        let before = size(&[&outage.access[0], &outage.access[1], &outage.error]);
        following.has_read(before);
        following.says("listen queue");
        fs::copy(&access, dir.path().join("access.log.1")).expect("copied");
        OpenOptions::new().write(true).truncate(true).open(&access).expect("truncated");
        append(&access, &outage.access[2]);
        following.has_read(before + size(&[&outage.access[2]]));
        let (code, said) = following.end();
        assert_eq!(code, Some(0), "{said:#?}");
        let out = dir.path().join("../final.json");
        let report: Value = serde_json::from_str(&fs::read_to_string(&out).expect("written")).expect("JSON");
        fs::remove_file(out).expect("removed");
        let whole = json(&[&dir.path().display().to_string()]);
        assert_same(&report, &whole, dir.path());
    }
}

fn assert_same(followed: &Value, whole: &Value, dir: &Path) {
    for field in ["window", "requests", "failed_requests", "drop_points", "unexplained"] {
        assert_eq!(followed["incidents"][0][field], whole["incidents"][0][field], "{field}");
    }
    for place in ["dropped_at", "root_cause"] {
        assert_eq!(followed["incidents"][0][place]["mechanism"], whole["incidents"][0][place]["mechanism"]);
    }
    let lines =
        |r: &Value| r["sources"].as_array().expect("a list").iter().map(|s| s["lines"].as_u64().unwrap_or(0)).sum::<u64>();
    assert_eq!(lines(followed), lines(whole), "each line once");
    // What is quoted is found again, byte for byte, in the file that it lies in now.
    let mut quotes = 0;
    for e in followed["incidents"][0]["evidence"].as_array().expect("a list") {
        for q in e["examples"].as_array().expect("a list") {
            let text = fs::read_to_string(dir.join(q["path"].as_str().expect("a path"))).unwrap_or_else(|e| panic!("{q}: {e}"));
            let line = text.lines().nth(q["line"].as_u64().expect("a number") as usize - 1);
            assert_eq!(line, q["text"].as_str());
            quotes += 1;
        }
    }
    assert!(quotes > 0);
}

#[test]
fn a_log_that_appears_later_and_one_that_is_deleted() {
    let (dir, access, error) = folder();
    let outage = outage();
    append(&access, &(outage.access[0].clone() + &outage.access[1]));
    let following = Following::begin(dir.path(), &["."]);
    following.has_read(size(&[&outage.access[0], &outage.access[1]]));
    append(&error, &outage.error);
    following.says("listen queue");
    fs::remove_file(&access).expect("removed");
    append(&access, &outage.access[2]);
    following.has_read(size(&[&outage.access[0], &outage.access[1], &outage.access[2], &outage.error]));
    let (code, said) = following.end();
    assert_eq!(code, Some(0));
    assert!(said.last().is_some_and(|l| l.contains("listen queue")), "{said:#?}");
}

#[test]
fn a_stream_ends_with_its_verdict() {
    let text: String = sample("nginx/error.log").concat();
    let out = fivexx().args(["follow", "-", "--every", "100ms", "-q"]).write_stdin(text).assert().success();
    let said = String::from_utf8_lossy(&out.get_output().stdout).into_owned();
    assert!(said.lines().last().is_some_and(|l| l.starts_with("At the end: ") && l.contains("listen queue")), "{said}");
    assert!(out.get_output().stderr.is_empty());
}

/// Of a long file only its end is read; line numbers are those of the whole file.
#[test]
fn a_long_file_is_read_from_near_its_end() {
    let (dir, _, error) = folder();
    let text = sample("nginx/error.log").concat();
    append(&error, &text);
    let following = Following::begin(dir.path(), &["error.log", "--begin-with", "20K", "--no-redact", "--format", "json"]);
    let line = following.says("fivexx.report/1");
    let report: Value = serde_json::from_str(&line).expect("JSON");
    let read = report["sources"][0]["lines"].as_u64().expect("a count");
    assert!(read > 20 && read < text.lines().count() as u64 / 2, "{read}");
    let quote = &report["incidents"][0]["evidence"][0]["examples"][0];
    let number = quote["line"].as_u64().expect("a number") as usize;
    assert!(number > text.lines().count() / 2);
    assert_eq!(text.lines().nth(number - 1), quote["text"].as_str());
}

#[test]
fn what_cannot_be_followed_is_said() {
    let (dir, access, _) = folder();
    fs::write(&access, [0x1f, 0x8b, 8, 0]).expect("written");
    let out = fivexx().args(["follow", "access.log"]).current_dir(dir.path()).assert().code(3);
    let err = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
    assert!(err.contains("compressed") && err.contains("nothing to follow"), "{err}");
}
