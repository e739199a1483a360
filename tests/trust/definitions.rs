//! Definitions that somebody else wrote: bad ones are refused with their place, and none of them can make the program wait, grow or read.

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
    for (regex, what) in [
        (r"(a)\1", "back reference"),
        (r"a(?=b)", "look-ahead"),
        (r"(?<!a)b", "look-behind"),
        (r"(?:\w{1000}){1000}", "too large"),
        (r"((((a{100}){100}){100}){100})", "too large, nested"),
        (r"(", "not closed"),
        (r"[z-a]", "no range"),
    ] {
        let begun = Instant::now();
        let said = load(&definition(regex)).map(|_| ()).expect_err(what);
        let place = said.split(':').nth(1).and_then(|n| n.parse::<u32>().ok());
        assert!(said.contains("own.toml") && place.is_some(), "{what}: {said}");
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
