//! The Markdown report as a start for an incident review: the answer in its first lines, times in both zones, and nothing that a linter
//! finds fault with.

mod common;

use common::{NOW, analyzed, samples, scanned};
use fivexx::analysis::{Settings, analyze};
use fivexx::clock::ZoneShift;
use fivexx::diagnosis::cause::Causes;
use fivexx::lang::Lang;
use fivexx::model::{Report, Verdict};
use fivexx::parser::catalog::Catalog;
use fivexx::report::markdown::render;
use std::path::Path;
use std::process::Command;

fn in_each_language(folder: &Path) -> Vec<Report> {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    let scan = scanned(&catalog, folder);
    let report = |lang| {
        let settings = Settings { now: NOW, lang, ..Settings::default() };
        analyze(&scan, &catalog, &causes, &settings).expect("the timeline is built")
    };
    Lang::ALL.into_iter().map(report).collect()
}

#[test]
fn the_first_three_lines_name_layer_mechanism_and_root_cause() {
    for folder in samples() {
        for report in in_each_language(&folder) {
            let text = render(&report, None);
            let first: Vec<&str> = text.lines().take(3).collect();
            let first = first.join("\n");
            let Some(i) = report.incidents.first() else {
                assert_eq!(report.verdict, Verdict::NoIncident);
                continue;
            };
            let (d, r) = (&i.dropped_at, &i.root_cause);
            let title = d.layer.title(report.lang);
            let named = [title.as_str(), d.layer.id(), d.mechanism.as_str(), r.layer.id(), r.mechanism.as_str()];
            for name in named {
                assert!(first.contains(name), "{} ({:?}): {name} is not in\n{first}", folder.display(), report.lang);
            }
        }
    }
}

#[test]
fn the_sections_are_those_of_an_incident_review() {
    let report = analyzed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/listen-queue-unix"));
    let text = render(&report, None);
    let headings: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("## ")).collect();
    let review = ["Impact", "Timeline", "Root cause", "Contributing factors", "Detection", "Actions", "Evidence"];
    assert_eq!(headings[..review.len()], review);
    assert!(text.contains("\n- [ ] **"), "actions are tasks");
}

#[test]
fn times_stand_in_the_zone_of_the_reader_too() {
    let report = analyzed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/listen-queue-unix"));
    let text = render(&report, Some(ZoneShift::parse("Asia/Tokyo").expect("a zone")));
    assert!(text.contains("| Time (UTC) | Time (Asia/Tokyo) | Layer | What |"), "{text}");
    assert!(text.contains("| 00:00:34 | 09:00:34 |"), "{text}");
    // Each range of times has its local reading.
    let stated = regex::Regex::new(r"\d\d:\d\d:\d\d UTC").expect("a pattern");
    let times: Vec<&str> = text.lines().filter(|l| stated.is_match(l)).collect();
    let alone: Vec<&&str> = times.iter().filter(|l| !l.contains(" Asia/Tokyo")).collect();
    assert!(alone.is_empty() && times.len() > 5, "{alone:#?}");
}

#[test]
fn several_incidents_have_one_title_and_no_heading_twice() {
    let mut report = analyzed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/listen-queue-unix"));
    report.incidents.push(report.incidents[0].clone());
    let text = render(&report, None);
    let mut headings: Vec<&str> = text.lines().filter(|l| l.starts_with('#')).collect();
    assert_eq!(headings.iter().filter(|h| h.starts_with("# ")).count(), 1);
    let all = headings.len();
    headings.sort_unstable();
    headings.dedup();
    assert_eq!(headings.len(), all);
}

/// markdownlint's default rules, but for the length of lines (`tests/pages/.markdownlint.json`). Where Node is not installed nothing is
/// looked at, unless CI is set.
#[test]
fn the_linter_finds_nothing() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let linter = pages.join("node_modules/.bin/markdownlint-cli2");
    if !linter.exists() {
        assert!(std::env::var_os("CI").is_none(), "markdownlint is not installed: run `npm ci` in tests/pages");
        eprintln!("skipped: run `npm ci` in tests/pages");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for sample in samples() {
        let name = sample.file_name().expect("a name").to_string_lossy().into_owned();
        for mut report in in_each_language(&sample) {
            let write = |report: &Report, kind: &str| {
                let path = folder.path().join(format!("{name}.{}.{kind}.md", report.lang.id()));
                std::fs::write(path, render(report, ZoneShift::parse("Asia/Tokyo").ok())).expect("it can be written");
            };
            write(&report, "one");
            report.incidents.extend(report.incidents.clone());
            write(&report, "several");
        }
    }
    std::fs::copy(pages.join(".markdownlint.json"), folder.path().join(".markdownlint.json")).expect("it is there");
    let out = Command::new(linter).arg("*.md").current_dir(folder.path()).output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
