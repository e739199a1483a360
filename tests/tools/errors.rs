//! What is said of mistakes: the line and a caret, and what was meant.

use super::{fivexx, stderr};
use std::fs;

#[test]
fn mistakes_are_shown_with_their_place_and_what_was_meant() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("parsers")).expect("made");
    fs::create_dir_all(at("causes")).expect("made");
    fs::create_dir_all(at("logs")).expect("made");
    fs::write(at("logs/access.log"), "x\n").expect("written");
    fs::write(at("fivexx.toml"), "paths = [\"logs\"]\n\n[watch]\nevrey = \"5m\"\n").expect("written");
    fs::write(at("wrong.toml"), "[watch]\nleast_failures = \"many\"\n").expect("written");
    fs::write(at("torn.toml"), "paths = [\"logs\"\n[watch]\n").expect("written");
    let parser = fs::read_to_string("parsers/tornado.toml").expect("a parser");
    fs::write(at("parsers/own.toml"), parser.replacen("starts = ", "begins = ", 1).replacen("role = ", "rolle = ", 1))
        .expect("written");
    let cause = fs::read_to_string("causes/somaxconn_cap.toml").expect("a cause");
    fs::write(at("causes/own.toml"), cause.replacen("seen_by = [\"", "seen_by = [\"nginx_eror\", \"", 1)).expect("written");
    let mut all = String::new();
    for words in [
        &["analyze", "logs/acess.log"][..],
        &["analyze", "log/access.log"],
        &["analyze", "logs", "--tz", "uwsgi=Asia/Tokio"],
        &["analyze", "logs", "--display-tz", "Tokio"],
        &["analyze", "logs", "--tz", "Moon"],
        &["analyze", "logs", "--formt", "json"],
        &["analyze", "logs", "--format", "jsno"],
        &["anlyze", "logs"],
        &["analyze", "logs", "--config", "fivexx.toml"],
        &["watch", "--once", "--config", "wrong.toml"],
        &["watch", "--once", "--config", "torn.toml"],
        &["analyze", "logs", "--parsers", "parsers"],
        &["causes", "list", "--causes", "causes"],
        &["causes", "show", "listen-queue-ful"],
        &["export", "logs", "-o", "timeline.xlsx"],
        &["diff", "logs/acess.log", "logs/access.log"],
        &["diff", "logs/access.log", "logs/access.log"],
        &["follow", "logs/acess.log"],
        &["follow", "logs", "--every", "soon"],
        &["follow", "logs", "--begin-with", "much"],
    ] {
        let out = fivexx().args(words).current_dir(dir.path()).output().expect("it runs");
        let (err, code) = (String::from_utf8_lossy(&out.stderr), out.status.code().expect("no signal"));
        assert!(code == 2 || code == 3, "{words:?}: {code}");
        all.push_str(&format!("$ fivexx {}\n{}(exit status {code})\n\n", words.join(" "), err));
    }
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("tools__mistakes", all);
    });
}

#[test]
fn a_hostile_name_is_escaped_in_an_error() {
    let err = stderr(fivexx().args(["analyze", "/no\x1b[31mwhere"]), 3);
    assert!(!err.contains('\x1b'), "{err:?}");
}
