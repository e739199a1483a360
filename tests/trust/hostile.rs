//! The hostile corpus through every form of the report, and through every subcommand.

use super::{common, corpus, formats};
use assert_cmd::Command;
use corpus::Text;
use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::model::{Report, Verdict};
use fivexx::parser::catalog::Catalog;
use fivexx::parser::stamp::YearHint;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::source::discover;
use fivexx::source::read::{Progress, Reading, scan};
use formats::{Kind, Written};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::builtin().expect("the built-in parsers load"))
}

fn causes() -> &'static Causes {
    static CAUSES: OnceLock<Causes> = OnceLock::new();
    CAUSES.get_or_init(|| Causes::load(&[], catalog()).expect("the built-in causes load"))
}

/// What an analysis of a folder comes to, as the command does it.
pub fn analyzed(folder: &Path) -> Report {
    let found = discover(&[folder.to_owned()]);
    let (mut files, mut skipped) = (Vec::new(), found.skipped);
    for input in found.inputs {
        match scan(catalog(), &input, YearHint(common::NOW * 1000), &Progress::default()) {
            Reading::Scanned(tally) => files.push(ScannedFile { path: input.name, tally: *tally }),
            Reading::Skipped(because) => skipped.push(fivexx::source::Skipped { name: input.name, because }),
        }
    }
    report_of(Scan::new(catalog(), files, skipped))
}

pub fn report_of(scan: Scan) -> Report {
    let settings = Settings { now: common::NOW, ..Settings::default() };
    analyze(&scan, catalog(), causes(), &settings).expect("the timeline is built")
}

fn held(name: &str, report: &Report) {
    for written in formats::all(report) {
        let active = formats::active(&written);
        assert!(active.is_empty(), "{name}: {} lets through: {}\n{}", written.format, active.join("; "), written.text);
    }
}

fn write(dir: &Path, files: &[(String, Vec<u8>)]) {
    for (path, bytes) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

/// What attackers write, and what machines do, by kinds: none may go missing.
#[test]
fn the_corpus_has_all_kinds_of_cases() {
    let (makes, _) = corpus::makes();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    corpus::texts().into_iter().for_each(|t| *kinds.entry(t.group).or_default() += 1);
    let made =
        makes.iter().chain(&corpus::documents()).map(|m| m.group).chain(corpus::BIG.iter().map(|b| b.group)).collect::<Vec<_>>();
    made.into_iter().for_each(|g| *kinds.entry(g.to_owned()).or_default() += 1);
    for (kind, least) in [
        ("terminal escapes", 10),
        ("html", 10),
        ("svg", 4),
        ("mermaid", 3),
        ("markdown", 10),
        ("bidi", 3),
        ("zero-width", 4),
        ("slack", 3),
        ("csv formulas", 6),
        ("a line of 100 MB", 2),
        ("NULs", 3),
        ("invalid UTF-8", 3),
        ("UTF-16", 6),
        ("mixed line ends", 3),
        ("1970 and 2106", 4),
        ("1970 to 2106", 1),
        ("10⁶ hosts", 1),
        ("10⁶ sockets", 1),
        ("10⁶ signals a second", 2),
    ] {
        assert!(kinds.get(kind).is_some_and(|n| *n >= least), "{kind}: {:?}", kinds.get(kind));
    }
    let all: usize = kinds.values().sum();
    println!("{all} cases: {kinds:?}");
    assert!(all >= 100, "{all}");
}

#[test]
fn texts_that_want_to_be_more_than_text_stay_text() {
    for Text { group, name, text } in corpus::texts() {
        let dir = TempDir::new().expect("a folder");
        write(dir.path(), &corpus::outage(&text));
        let report = analyzed(dir.path());
        // Servers write quotes, controls and brackets of a client's as codes; lines that hold them as they are may be misread.
        let usual = !text.contains(|c: char| c.is_control() || matches!(c, '"' | '['));
        assert!(report.verdict == Verdict::Incident || !usual, "{group}, {name}: {:?}", report.verdict);
        let paths = report.sources.iter().map(|s| &s.path).chain(report.skipped.iter().map(|s| &s.path));
        assert_eq!(paths.collect::<BTreeSet<_>>().len(), 3, "{group}, {name}: a file is not mentioned");
        held(&format!("{group}, {name}"), &report);
    }
}

/// A log that somebody sent control characters into, hundreds of them with each request, is a log all the same: nobody makes it be passed over.
#[test]
fn control_characters_in_requests_do_not_hide_a_log() {
    let dir = TempDir::new().expect("a folder");
    let noise: String = (1..32u8).filter(|b| *b != b'\n').map(char::from).collect::<String>().repeat(10);
    write(dir.path(), &corpus::outage("shop")[..2]);
    let log = "2026-11-21 00:01:30,123 ERROR shop.views no such page: ".to_owned() + &noise + "\n";
    fs::write(dir.path().join("app.log"), log.repeat(200)).expect("written");
    let report = analyzed(dir.path());
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    assert_eq!(report.sources.iter().find(|s| s.path == "app.log").map(|s| s.lines), Some(200));
    held("noise", &report);
}

/// As servers, shells and broken disks write files. The outage must be found in each; what could not be read must be said.
#[test]
fn files_of_every_make_give_their_answer() {
    let (makes, access) = corpus::makes();
    for made in makes {
        let name = format!("{}, {}", made.group, made.name);
        let dir = TempDir::new().expect("a folder");
        write(dir.path(), &[("error.log".to_owned(), made.bytes), ("access.log".to_owned(), access.clone())]);
        let report = analyzed(dir.path());
        held(&name, &report);
        assert!(report.skipped.is_empty(), "{name}: {:?}", report.skipped);
        let incident = report.incidents.first().unwrap_or_else(|| panic!("{name}: no incident"));
        assert_eq!(incident.dropped_at.mechanism, "listen_queue_full", "{name}");
        if made.group == "long lines" {
            assert!(report.remarks.iter().any(|r| r.contains("error.log: 1 line is longer than 1 MiB")), "{:?}", report.remarks);
        }
    }
}

/// What says that it is a document of metrics, and is not.
#[test]
fn documents_that_are_none_are_said_to_be_none() {
    for made in corpus::documents() {
        let dir = TempDir::new().expect("a folder");
        write(dir.path(), &[("x.json".to_owned(), made.bytes)]);
        let report = analyzed(dir.path());
        held(made.name, &report);
        assert!(report.incidents.is_empty(), "{}", made.name);
        assert!(
            report.skipped.iter().any(|s| !s.because.is_empty()) || !report.sources.is_empty(),
            "{}: not mentioned",
            made.name
        );
    }
}

/// A run of the program: what it wrote to both, and that it did not fall.
fn run(words: &[&str], paths: &[&Path]) -> (String, String) {
    let out = Command::cargo_bin("fivexx").expect("it is built").args(words).args(paths).output().expect("it runs");
    let [text, said] = [&out.stdout, &out.stderr].map(|b| String::from_utf8(b.clone()).expect("UTF-8"));
    assert!(out.status.code().is_some_and(|c| c < 2), "{words:?}: {:?}: {said}", out.status);
    (text, said)
}

/// All texts at once, in one folder, through all that the program writes.
#[test]
fn no_subcommand_lets_a_text_be_more_than_text() {
    let dir = TempDir::new().expect("a folder");
    let logs = dir.path().join("logs");
    for text in corpus::texts() {
        write(&logs, &corpus::outage(&text.text));
    }
    let place = |name: &str| dir.path().join(name);
    let mut wrong = Vec::new();
    let mut looked = |what: &str, kind: Kind, text: String| {
        let format = if what.contains("always") { "terminal in colour" } else { "of the command" };
        assert!(text.len() > 1000 || what.ends_with("stderr") || kind == Kind::Markup, "{what}: {text}");
        wrong.extend(formats::active(&Written { format, kind, text }).into_iter().take(3).map(|w| format!("{what}: {w}")));
    };
    let printed: [(&[&str], Kind); 9] = [
        (&["analyze", "--format", "md"], Kind::Markdown),
        (&["analyze", "--format", "md", "--charts", "mermaid"], Kind::Markdown),
        (&["analyze", "--format", "html"], Kind::Markup),
        (&["analyze", "--format", "json"], Kind::Json),
        (&["analyze", "--format", "terminal"], Kind::Terminal),
        (&["analyze", "--format", "terminal", "--color", "always"], Kind::Terminal),
        (&["clocks"], Kind::Terminal),
        (&["export", "--format", "csv"], Kind::Csv),
        (&["export", "--format", "ndjson"], Kind::Ndjson),
    ];
    for (words, kind) in printed {
        let (text, said) = run(words, &[&logs]);
        looked(&words.join(" "), kind, text);
        looked(&format!("{} stderr", words.join(" ")), Kind::Terminal, said);
    }
    // Into files: a report with its pictures, a table, a partial, and what is made of them.
    for charts in ["svg", "png"] {
        let folder = place(charts);
        fs::create_dir(&folder).expect("made");
        run(&["analyze", "--charts", charts, "-o"], &[&folder.join("report.md"), &logs]);
        looked(charts, Kind::Markdown, fs::read_to_string(folder.join("report.md")).expect("written"));
        let pictures: Vec<PathBuf> = fs::read_dir(&folder).expect("there").flatten().map(|e| e.path()).collect();
        assert!(pictures.len() >= 3, "{pictures:?}");
        for picture in pictures.iter().filter(|p| p.extension().is_some_and(|e| e == "svg")) {
            looked("a picture", Kind::Markup, fs::read_to_string(picture).expect("written"));
        }
    }
    run(&["export", "-o"], &[&place("timeline.parquet"), &logs]);
    let of_logs = run(&["analyze", "--format", "json"], &[&logs]).0;
    run(&["scan", "-o"], &[&place("partial.parquet"), &logs]);
    let of_partial = run(&["analyze", "--format", "json"], &[&place("partial.parquet")]).0;
    let undated = |json: &str| json.lines().filter(|l| !l.contains("\"generated_at\"")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(undated(&of_logs), undated(&of_partial), "names and lines go through Parquet as they are");
    fs::write(place("a.json"), of_logs).expect("written");
    write(&place("quiet"), &corpus::outage("shop"));
    fs::write(place("b.json"), run(&["analyze", "--format", "json"], &[&place("quiet")]).0).expect("written");
    for (format, kind) in [("md", Kind::Markdown), ("json", Kind::Json), ("terminal", Kind::Terminal)] {
        for (a, b) in [("a.json", "b.json"), ("b.json", "a.json")] {
            looked("diff", kind, run(&["diff", "--format", format], &[&place(a), &place(b)]).0);
        }
    }
    // Line by line, from standard input.
    let some = |most: usize| -> Vec<u8> {
        let of_text = |t: &Text| {
            corpus::outage(&t.text)
                .into_iter()
                .flat_map(move |(_, b)| b.split_inclusive(|c| *c == b'\n').take(most).collect::<Vec<_>>().concat())
                .collect::<Vec<u8>>()
        };
        corpus::texts().iter().flat_map(of_text).collect()
    };
    for (words, kind, most) in [
        (vec!["parsers", "explain"], Kind::Terminal, 4),
        (vec!["follow", "-"], Kind::Terminal, 300),
        (vec!["follow", "-", "--format", "json"], Kind::Ndjson, 300),
    ] {
        let out =
            Command::cargo_bin("fivexx").expect("it is built").args(&words).write_stdin(some(most)).output().expect("it runs");
        assert!(out.status.success(), "{words:?}: {:?}", out.status);
        looked(&format!("{words:?} stderr"), kind, String::from_utf8(out.stdout).expect("UTF-8"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
