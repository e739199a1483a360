//! Standard input beside files, standard output in pipes, logs on stderr.

use super::{fivexx, stdout};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn standard_input_goes_with_files() {
    let log = fs::read("samples/listen-queue-unix/nginx/error.log").expect("a sample");
    let mut command = fivexx();
    command.args(["analyze", "-", "samples/listen-queue-unix/uwsgi", "--format", "json"]).write_stdin(log);
    let report: Value = serde_json::from_str(&stdout(&mut command)).expect("JSON");
    let paths: Vec<&str> = report["sources"].as_array().expect("a list").iter().filter_map(|s| s["path"].as_str()).collect();
    assert!(paths.contains(&"-") && paths.contains(&"uwsgi.log"), "{paths:?}");
    assert_eq!(report["incidents"][0]["dropped_at"]["mechanism"], "listen_queue_full");
}

/// `| head` closes the pipe early: no error, no panic, a good status.
#[test]
fn a_closed_pipe_ends_it_quietly() {
    let program = assert_cmd::cargo::cargo_bin("fivexx");
    for words in [
        &["analyze", "samples/harakiri"][..],
        &["causes", "list"],
        &["parsers", "list"],
        &["export", "samples/harakiri"],
        &["scan", "samples/harakiri", "-o", "-"],
        &["demo"],
        &["man"],
        &["completions", "bash"],
    ] {
        let mut child = Command::new(&program)
            .args(words)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let out = child.wait_with_output().expect("it ends");
        assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr).as_ref()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn a_pipe_gets_markdown_and_no_colour() {
    let text = stdout(fivexx().args(["analyze", "samples/harakiri"]));
    assert!(text.starts_with("# ") && !text.contains('\x1b'), "{text}");
}

#[test]
fn logs_go_to_stderr_and_only_where_asked() {
    let run = |flags: &[&str], log: Option<&str>| {
        let mut c = fivexx();
        c.args(["analyze", "samples/harakiri", "--format", "json"]).args(flags);
        log.map(|l| c.env("RUST_LOG", l));
        let out = c.assert().success();
        serde_json::from_slice::<Value>(&out.get_output().stdout).expect("stdout has the report alone");
        String::from_utf8(out.get_output().stderr.clone()).expect("text")
    };
    assert_eq!(run(&[], None), "");
    let some = run(&["-v"], None);
    assert!(some.contains("INFO") && some.contains("uwsgi/uwsgi.log") && some.contains("analysed"), "{some}");
    assert!(!some.contains("DEBUG") && run(&["-vv"], None).contains("DEBUG"));
    assert!(run(&[], Some("fivexx=debug")).contains("DEBUG"));
    assert!(!run(&["-v"], Some("off")).contains("INFO"), "the environment decides");
    assert!(run(&[], Some("=[")).contains("RUST_LOG"));
    fivexx().args(["analyze", "samples/harakiri", "-q", "-v"]).assert().code(2);
}

/// On a terminal a long scan shows how far it is; `script` gives it one.
#[test]
fn progress_is_shown_on_a_terminal_alone() {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: no `script` to make a terminal");
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let log = fs::read("samples/harakiri/uwsgi/uwsgi.log").expect("a sample");
    fs::write(dir.path().join("uwsgi.log"), log.repeat(1200)).expect("written");
    let program = assert_cmd::cargo::cargo_bin("fivexx");
    let on_terminal = |flags: &str| {
        // One thread, so that it takes a while.
        let line = format!("RAYON_NUM_THREADS=1 {} clocks {} {flags} >/dev/null", program.display(), dir.path().display());
        let out = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output().expect("it runs");
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let shown = on_terminal("");
    assert!(shown.contains("reading") && shown.contains("/s") && shown.contains("left"), "{shown}");
    assert_eq!(on_terminal("--quiet").trim(), "");
}
