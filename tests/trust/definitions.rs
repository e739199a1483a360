//! Definitions that somebody else wrote: bad ones are refused with their place, and none of them can make the program wait, grow or read.

use assert_cmd::Command;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A definition with one form.
fn definition(regex: &str) -> String {
    format!(
        r#"name = "own"
title = "a log of somebody's own"
layer = "app"
reference = "https://example.com"

[[line]]
name = "log"
regex = '{regex}'
bare = true

[[event]]
signal = "own.failed"
all = ["failed"]
role = "failed_request"
means = "It failed."
"#
    )
}

fn load(text: &str) -> Result<Catalog, String> {
    let dir = TempDir::new().expect("a folder");
    fs::write(dir.path().join("own.toml"), text).expect("written");
    Catalog::load(&[dir.path().to_owned()]).map_err(|e| e.to_string())
}

#[test]
fn patterns_that_take_more_than_linear_time_or_much_room_are_refused_with_their_place() {
    let nested = format!("^{}a{}", "(?:".repeat(10_000), ")".repeat(10_000));
    for (regex, what, says) in [
        (r"^(a)\1", "back reference", "backreferences are not supported"),
        (r"^a(?=b)", "look-ahead", "look-around"),
        (r"^(?<!a)b", "look-behind", "look-around"),
        (r"^(?:\w{1000}){1000}", "too large", "size limit"),
        (r"^((((a{100}){100}){100}){100})", "too large, nested", "size limit"),
        (r"^\pL{4294967295}", "a count without end", "size limit"),
        (&nested, "nested without end", "nest"),
        (r"^(", "not closed", "unclosed group"),
        (r"^[z-a]", "no range", "invalid character class range"),
        (r"a", "not anchored", "anchor it"),
    ] {
        let begun = Instant::now();
        let said = load(&definition(regex)).map(|_| ()).expect_err(what);
        let begins = &said[..said.len().min(600)];
        assert!(said.contains("own.toml:8:1: line[0].regex: "), "{what}: {begins}");
        assert!(said.contains(says), "{what}: {begins}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{what} took {:?}", begun.elapsed());
    }
}

#[test]
fn what_is_no_definition_is_refused_with_its_place() {
    let good = definition("^(?P<message>.*)$");
    for (text, what) in [
        (good.replace("name =", "nam ="), "unknown key"),
        (good.replace("\"app\"", "7"), "wrong type"),
        (format!("{good}\ninclude = \"/etc/passwd\"\n"), "a file to read"),
        (format!("{good}\n[exec]\ncommand = [\"touch\", \"x\"]\n"), "something to run"),
        ("\0\0\0".to_owned(), "no text"),
        ("[".repeat(100_000), "nested without end"),
        (format!("name = {}", "[".repeat(100_000)), "a list without end"),
    ] {
        let said = load(&text).map(|_| ()).expect_err(what);
        assert!(said.contains("own.toml"), "{what}: {}", &said[..said.len().min(300)]);
    }
}

#[test]
fn a_folder_of_definitions_is_read_as_files_of_text_and_no_more() {
    let refused = |make: &dyn Fn(&std::path::Path)| {
        let dir = TempDir::new().expect("a folder");
        make(&dir.path().join("own.toml"));
        let begun = Instant::now();
        let said = Catalog::load(&[dir.path().to_owned()]).map(|_| ()).expect_err("it is no definition").to_string();
        assert!(begun.elapsed() < Duration::from_secs(5) && said.contains("own.toml"), "{said}");
        said
    };
    assert!(refused(&|p| fs::write(p, "# x\n".repeat(1 << 20)).expect("written")).contains("at most"));
    assert!(refused(&|p| fs::create_dir(p).expect("made")).contains("no file"));
    refused(&|p| fs::write(p, [0xff, 0xfe, 0x00]).expect("written"));
    #[cfg(unix)]
    {
        let made = |p: &std::path::Path| std::process::Command::new("mkfifo").arg(p).status().expect("mkfifo").success();
        assert!(refused(&|p| assert!(made(p))).contains("no file"));
        refused(&|p| std::os::unix::fs::symlink("/dev/zero", p).expect("linked"));
    }
}

/// A definition of as many patterns as its file can hold: each is small, and so are all of them.
#[test]
fn many_patterns_of_the_largest_size_cost_seconds_not_the_machine() {
    let mut text = definition("^(?P<message>.*)$");
    for i in 0..2000 {
        let event = format!("[[event]]\nsignal = \"own.s{i}\"\nregex = 'x{i}[a-z]{{1,200}}'\nrole = \"sign\"\nmeans = \"x\"\n");
        text.push_str(&event);
    }
    let begun = Instant::now();
    // Refused for its number of events; what counts is that it is told soon.
    let said = load(&text).map(|_| ()).expect_err("it is too much");
    assert!(said.contains("own.toml:"), "{}", &said[..said.len().min(300)]);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

/// Rules of what to mask are a user's patterns, too.
#[test]
fn rules_that_cannot_be_used_are_refused_with_their_place() {
    let dir = TempDir::new().expect("a folder");
    let rules = dir.path().join("rules.toml");
    for (text, says) in [
        ("[[rules]]\nid = \"a\"\nregex = 'a(?=b)'\n", "line 3, column 9: rule `a`"),
        ("[[rules]]\nid = \"a\"\nregex = '(?:\\w{1000}){1000}'\n", "line 3, column 9: rule `a`"),
        ("[[rules]]\nid = \"a\"\nregex = 7\n", "line 3, column 9: invalid type"),
        ("[[rules]\n", "line 1, column 9"),
        ("x = 1\n", "there is no [[rules]] table"),
    ] {
        fs::write(&rules, text).expect("written");
        let mut run = Command::cargo_bin("fivexx").expect("it is built");
        let root = env!("CARGO_MANIFEST_DIR");
        let out = run.args(["analyze", "samples", "--redact-rules"]).arg(&rules).current_dir(root).assert().code(2);
        let said = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
        assert!(said.contains("rules.toml") && said.contains(says), "{said}");
    }
}

/// Nothing that a definition may say opens a file or runs a program: each text of one names both, and nothing comes of it.
#[test]
fn a_definition_reads_no_file_and_runs_nothing() {
    let dir = TempDir::new().expect("a folder");
    let (mark, secret) = (dir.path().join("mark"), dir.path().join("secret"));
    fs::write(&secret, "what nobody may see").expect("written");
    let command = format!("touch {}", mark.display());
    let evil = format!("$({command}) `{command}` {{{{file:{0}}}}} @{0} |{command}", secret.display());
    let text = definition("^(?P<message>.*)$").replace("a log of somebody's own", &evil).replace("It failed.", &evil);
    let text =
        format!("{text}\n[[sample]]\nline = \"{evil} failed\"\ntime = \"none\"\nyields = [\"own.failed\"]\nfields = {{}}\n");
    fs::create_dir(dir.path().join("parsers")).expect("made");
    fs::write(dir.path().join("parsers/own.toml"), text).expect("written");
    fs::write(dir.path().join("a.log"), format!("{evil} failed\n").repeat(50)).expect("written");
    let mut run = Command::cargo_bin("fivexx").expect("it is built");
    let out =
        run.args(["analyze", "a.log", "--parsers", "parsers", "--format", "json"]).current_dir(&dir).output().expect("it runs");
    let all = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && all.contains("\"parser\": \"own\""), "{all}");
    assert!(!all.contains("what nobody may see") && !mark.exists(), "{all}");
}

/// Patterns that cost backtracking engines an age.
#[test]
fn a_line_made_for_backtracking_costs_no_more_than_its_length() {
    let catalog = load(&definition(r"^(?P<message>(?:a+)+(?:a|aa)+(?:.*a){8}failed)$")).expect("it is linear");
    let line = format!("{}\n", "a".repeat(100_000));
    let begun = Instant::now();
    let mut scanner = FileScanner::new(&catalog, YearHint(0));
    for _ in 0..5 {
        scanner.feed(line.as_bytes());
    }
    assert!(scanner.finish().closes());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
