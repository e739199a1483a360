//! HTML reports in headless Chromium: they render, ask nothing of a network, write nothing to the console, fit 400 px, are valid HTML, and
//! axe-core finds nothing serious. Hostile text in them stays text. What a browser does is in `tests/pages/check.mjs`.
//!
//! It wants chromium, node and `npm ci` in `tests/pages`; `.ci/run` sees to them. Where they are missing the test says so and looks at
//! nothing, but for CI, where it fails.

mod common;

use common::{NOW, analyzed, samples, scanned};
use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::lang::Lang;
use fivexx::model::{Quote, Report, SkippedReport, Verdict};
use fivexx::parser::catalog::Catalog;
use fivexx::report::html;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What attackers write into logs.
const HOSTILE: [&str; 8] = [
    "<script>window.pwned=1;alert(1)</script>",
    "\"><img src=x onerror=\"window.pwned=1;alert(1)\">",
    "</title></style></script><svg onload=window.pwned=1>",
    "'-alert(1)-' javascript:alert(1) &lt;b&gt; &#60;i&#62;",
    "<a href=\"https://evil.example/\">x</a> <link rel=stylesheet href=https://evil.example/a.css>",
    "]]><!--><details open ontoggle=alert(1)>",
    "\u{1b}[2J\u{202e}gpj.exe\u{0}\u{200b}",
    "`${alert(1)}` {{7*7}} %3Cscript%3E <iframe srcdoc='<script>top.pwned=1</script>'>",
];

/// Chromium and node with the packages of `tests/pages`; `None`, with a word on it, where something is missing and CI is not set.
fn browser() -> Option<PathBuf> {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|p| there(p)).map(PathBuf::from);
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/node_modules/puppeteer-core");
    match chromium {
        Some(c) if there("node") && packages.exists() => which(&c),
        _ => {
            assert!(std::env::var_os("CI").is_none(), "CI is set, but chromium, node or `npm ci` in tests/pages is missing");
            eprintln!("skipped: chromium, node or `npm ci` in tests/pages is missing");
            None
        }
    }
}

/// The browser's path: the driver wants a file.
fn which(program: &Path) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|d| d.join(program)).find(|p| p.is_file())
}

/// Looks at pages and gives what is wrong with them.
fn look(pages: &[(String, String)]) -> Vec<String> {
    let Some(chromium) = browser() else { return Vec::new() };
    let dir = TempDir::new().expect("a folder");
    let paths: Vec<PathBuf> = pages
        .iter()
        .map(|(name, text)| {
            let path = dir.path().join(format!("{name}.html"));
            fs::write(&path, text).expect("written");
            path
        })
        .collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/check.mjs");
    let out = Command::new("node").arg(script).arg(chromium).args(&paths).output().expect("node runs");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    let found: Value = serde_json::from_str(&said).expect("JSON");
    found.as_array().expect("a list").iter().map(|f| format!("{}: {}", f["page"], f["what"].as_str().unwrap_or(""))).collect()
}

/// A report whose every text from outside is hostile.
fn hostile(mut report: Report) -> Report {
    let mut n = 0;
    let mut evil = move || {
        n += 1;
        HOSTILE[n % HOSTILE.len()].to_owned()
    };
    for i in &mut report.incidents {
        (i.dropped_at.title, i.dropped_at.says) = (evil(), evil());
        i.dropped_at.place = Some(evil());
        i.dropped_at.mechanism = evil();
        (i.root_cause.title, i.root_cause.says) = (evil(), evil());
        i.counted_by = evil();
        i.seen_as.iter_mut().for_each(|s| s.what = evil());
        i.chain.iter_mut().for_each(|l| (l.what, l.mechanism) = (evil(), evil()));
        i.ledger.iter_mut().for_each(|r| r.basis = evil());
        i.drop_points.iter_mut().for_each(|p| (p.mechanism, p.ended_by, p.phase, p.basis) = (evil(), evil(), evil(), evil()));
        for e in &mut i.evidence {
            (e.signal, e.mechanism, e.says) = (evil(), evil(), evil());
            e.examples =
                HOSTILE.iter().map(|h| Quote { path: (*h).to_owned(), line: 1, text: (*h).to_owned(), masked: 0 }).collect();
        }
        i.ruled_out.iter_mut().for_each(|r| (r.mechanism, r.because) = (evil(), evil()));
        i.checks.iter_mut().for_each(|c| (c.mechanism, c.because) = (evil(), evil()));
        for r in &mut i.remedies {
            (r.action, r.config, r.why, r.reference) = (evil(), Some(evil()), evil(), Some("javascript:alert(1)".to_owned()));
        }
        i.missing = HOSTILE.iter().map(|h| (*h).to_owned()).collect();
        i.lanes.layers.iter_mut().for_each(|l| l.signals = vec![evil()]);
    }
    report.sources.iter_mut().for_each(|s| {
        (s.path, s.parser, s.error) = (evil(), evil(), Some(evil()));
        s.unmatched_examples = vec![(1, evil())];
    });
    report.skipped = HOSTILE.iter().map(|h| SkippedReport { path: (*h).to_owned(), because: (*h).to_owned() }).collect();
    report.remarks = HOSTILE.iter().map(|h| (*h).to_owned()).collect();
    report
}

fn folder(name: &str) -> PathBuf {
    samples().into_iter().find(|s| s.ends_with(name)).expect("it is a sample")
}

fn sample(name: &str) -> Report {
    analyzed(&folder(name))
}

fn in_language(folder: &Path, lang: Lang) -> Report {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    let settings = Settings { now: NOW, lang, ..Settings::default() };
    analyze(&scanned(&catalog, folder), &catalog, &causes, &settings).expect("the timeline is built")
}

#[test]
fn pages_render_and_ask_for_nothing() {
    let mut pages: Vec<(String, String)> = samples()
        .iter()
        .map(|folder| {
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            (name, html::render(&analyzed(folder), None))
        })
        .collect();
    let queue_folder = folder("listen-queue-unix");
    let queue = analyzed(&queue_folder);
    for lang in [Lang::Ja, Lang::Ko] {
        let report = in_language(&queue_folder, lang);
        pages.push((format!("listen-queue-unix-{}", lang.id()), html::render(&report, None)));
    }
    let mut nothing = sample("client-aborts-benign");
    nothing.verdict = Verdict::NotEnoughData;
    pages.push(("not-enough-data".to_owned(), html::render(&nothing, None)));
    // Two incidents in one report: their charts must not share ids.
    let mut twice = queue.clone();
    twice.incidents.extend(queue.incidents);
    pages.push(("two-incidents".to_owned(), html::render(&twice, None)));
    let wrong = look(&pages);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hostile_text_stays_text() {
    let page = html::render(&hostile(sample("listen-queue-unix")), None);
    // Of what was written in, no tag is left; the page's own elements have none of these.
    for tag in ["<img", "<iframe", "<link", "<svg onload", "onerror=\"", "<i>", "href=\"javascript", "<!--"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(!page.contains(['\u{202e}', '\u{200b}', '\u{1b}', '\u{0}']));
    let wrong = look(&[("hostile".to_owned(), page)]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
