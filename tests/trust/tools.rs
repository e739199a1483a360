//! The subcommands around the analysis leak no more than a report does.

use super::hostile::catalog;
use assert_cmd::Command;
use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::lang::{Lang, Saying};
use fivexx::parser::stamp::YearHint;
use fivexx::report;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::source::read::{Bounds, Progress, Reading, scan_within};
use fivexx::source::{Skipped, discover};
use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use tempfile::TempDir;

const SECRET: &str = "q7Rk2ZxW9hT4bNc8";
const MAIL: &str = "anna.schmidt@firma.example.com";

fn fivexx() -> Command {
    let mut c = Command::cargo_bin("fivexx").expect("the binary is built");
    c.env_remove("FIVEXX_LANG");
    c
}

fn said(out: &std::process::Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

/// An outage whose requests carry a token and an address.
fn outage() -> String {
    let mut text = String::new();
    for i in 0..240 {
        let (minute, second) = (i / 60, i % 60);
        if (60..180).contains(&i) {
            let _ = writeln!(
                text,
                "2026/11/21 00:{minute:02}:{second:02} [error] 1#1: *{i} connect() to unix:/run/shop.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9, server: shop, request: \"GET /pay?token={SECRET}&mail={MAIL} HTTP/1.1\", upstream: \"uwsgi://unix:/run/shop.sock:\", host: \"shop\""
            );
        }
    }
    text
}

#[test]
fn follow_masks_what_it_tells() {
    let dir = TempDir::new().expect("a folder");
    let report = dir.path().join("end.md");
    let out = fivexx().args(["follow", "-", "--format", "json", "-o"]).arg(&report).write_stdin(outage()).output().expect("runs");
    let all = said(&out) + &fs::read_to_string(&report).expect("written");
    assert!(all.contains("[secret:") && all.contains("Masked above"), "{all}");
    assert!(!all.contains(SECRET) && !all.contains(MAIL), "{all}");
    let open = fivexx().args(["follow", "-", "--format", "json", "--no-redact"]).write_stdin(outage()).output().expect("runs");
    assert!(said(&open).contains(SECRET) && said(&open).contains("WARNING"));
    let ips = fivexx().args(["follow", "-", "--format", "json", "--redact-ips"]).write_stdin(outage()).output().expect("runs");
    assert!(!said(&ips).contains("203.0.113.9"));
}

#[test]
fn export_masks_the_names_of_files_and_hosts() {
    let dir = TempDir::new().expect("a folder");
    fs::create_dir(dir.path().join(MAIL)).expect("made");
    fs::write(dir.path().join(MAIL).join("error.log"), outage()).expect("written");
    let hosts: String = (0..20)
        .map(|s| {
            format!(
                "Nov 21 00:00:{s:02} {MAIL} nginx: 2026/11/21 00:00:{s:02} [alert] 1#1: 1024 worker_connections are not enough\n"
            )
        })
        .collect();
    fs::write(dir.path().join("messages"), hosts).expect("written");
    for format in ["csv", "ndjson"] {
        let out = fivexx().args(["export", "--format", format]).arg(dir.path()).output().expect("runs");
        assert!(out.status.success() && out.stdout.len() > 1000, "{}", said(&out));
        assert!(said(&out).contains("[email:1]") && !said(&out).contains(MAIL) && !said(&out).contains(SECRET), "{}", said(&out));
    }
    let out = fivexx().arg("clocks").arg(dir.path()).output().expect("runs");
    assert!(said(&out).contains("[email:1]") && !said(&out).contains(MAIL), "{}", said(&out));
    let open = fivexx().args(["export", "--format", "csv", "--no-redact"]).arg(dir.path()).output().expect("runs");
    assert!(said(&open).contains(MAIL) && said(&open).contains("WARNING"));
}

#[test]
fn diff_shows_no_secret_of_reports_that_were_not_masked() {
    let dir = TempDir::new().expect("a folder");
    let (log, mut texts) = (dir.path().join("error.log"), Vec::new());
    let hidden = outage().replace("/run/shop.sock", &format!("/run/{MAIL}/shop.sock"));
    for (name, text) in [("before.json", outage()), ("after.json", hidden)] {
        fs::write(&log, text).expect("written");
        let path = dir.path().join(name);
        fivexx().args(["analyze", "--no-redact", "-o"]).args([&path, &log]).assert().success();
        texts.push(fs::read_to_string(path).expect("written"));
    }
    assert!(texts[1].contains(MAIL) && texts.iter().all(|t| t.contains(SECRET)));
    for format in ["md", "json", "terminal"] {
        let reports = ["before.json", "after.json"].map(|r| dir.path().join(r));
        let out = fivexx().args(["diff", "--format", format]).args(reports).output().expect("runs");
        assert!(out.status.success(), "{}", said(&out));
        assert!(!said(&out).contains(MAIL) && !said(&out).contains(SECRET), "{}", said(&out));
    }
}

#[test]
fn tables_and_comparisons_that_cannot_be_written_say_so() {
    let dir = TempDir::new().expect("a folder");
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/harakiri");
    let nowhere = dir.path().join("no/such/folder/x");
    let report = dir.path().join("a.json");
    fivexx().args(["analyze", sample, "-o"]).arg(&report).assert().success();
    fivexx().args(["diff", "-o"]).arg(nowhere.with_extension("md")).args([&report, &report]).assert().code(4);
    fivexx().args(["export", sample, "-o"]).arg(nowhere.with_extension("parquet")).assert().code(4);
    #[cfg(target_os = "linux")]
    {
        let full = || fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        for words in [vec!["export", sample], vec!["diff", "a.json", "a.json"]] {
            let binary = assert_cmd::cargo::cargo_bin("fivexx");
            let out = std::process::Command::new(binary).args(&words).current_dir(&dir).stdout(full()).output().expect("runs");
            assert_eq!(out.status.code(), Some(4), "{words:?}: {}", said(&out));
        }
    }
}

/// What was bounded or left out is told in the language of the report.
#[test]
fn bounds_are_told_in_the_language_of_the_report() {
    let dir = TempDir::new().expect("a folder");
    fs::write(dir.path().join("error.log"), outage()).expect("written");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b'\n'; 8 << 20]).expect("packs");
    fs::write(dir.path().join("bomb.gz"), packed.finish().expect("packs")).expect("written");
    fs::hard_link(dir.path().join("error.log"), dir.path().join("second.log")).expect("linked");
    let mut crowd = String::new();
    for host in 0..400 {
        let second = host % 60;
        let _ = writeln!(
            crowd,
            "Nov 21 00:01:{second:02} web-{host} nginx: 2026/11/21 00:01:{second:02} [alert] 1#1: 1024 worker_connections are not enough"
        );
    }
    fs::write(dir.path().join("crowd.log"), crowd).expect("written");
    for n in 0..300 {
        fs::write(dir.path().join(format!("empty-{n}.log")), "").expect("written");
    }
    let english = regex::Regex::new(r"(?:\b[A-Za-z][A-Za-z'’]* ){3,}[A-Za-z][A-Za-z'’]+").expect("a pattern");
    for lang in Lang::ALL {
        let found = discover(&[dir.path().to_owned()]);
        let (mut files, mut skipped) = (Vec::new(), found.skipped);
        for input in found.inputs {
            match scan_within(
                catalog(),
                &input,
                YearHint(super::common::NOW * 1000),
                &Progress::default(),
                &Bounds { expansion: 100, ..Bounds::default() },
            ) {
                Reading::Scanned(tally) => files.push(ScannedFile { path: input.name, tally: *tally }),
                Reading::Skipped(because) => skipped.push(Skipped { name: input.name, because }),
            }
        }
        skipped.push(Skipped { name: "pipe".to_owned(), because: Saying::of("skip-device") });
        let causes = Causes::load(&[], catalog()).expect("the built-in causes load");
        let settings = Settings { now: super::common::NOW, lang, ..Settings::default() };
        let report =
            analyze(&Scan::new(catalog(), files, skipped), catalog(), &causes, &settings).expect("the timeline is built");
        let told: Vec<&str> =
            report.skipped.iter().map(|s| s.because.as_str()).chain(report.remarks.iter().map(String::as_str)).collect();
        let all = told.join("\n");
        for mark in ["--max-expansion", "error.log", "crowd.log", "256"] {
            assert!(all.contains(mark), "{lang:?} {mark}: {all}");
        }
        let masked = fivexx::report::masked::line(&report).expect("something was");
        let last = report.skipped.last().expect("one is").path.clone();
        assert!(last.contains("10"), "{last}");
        if lang != Lang::En {
            let shown = format!("{all}\n{masked}\n{last}");
            assert!(!english.is_match(&shown), "{lang:?}: {shown}");
        }
        let html = report::html::render(&report, None);
        assert!(html.contains(&lang.say("masked-token")) || html.contains(&lang.say("masked-secret")), "{lang:?}");
    }
}
