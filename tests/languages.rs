//! Reports in Japanese and Korean are that from their first line to their last: no message is missing, none is left over, and no
//! sentence is left in English.

mod common;

use common::{NOW, samples, scanned};
use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::lang::Lang;
use fivexx::model::Report;
use fivexx::parser::catalog::Catalog;
use fivexx::report;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const TRANSLATED: [Lang; 2] = [Lang::Ja, Lang::Ko];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(root().join(folder)).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
    all.filter(|p| p.extension().is_some_and(|e| e == extension)).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it is part of the project")
}

/// The keys of the English messages.
fn messages() -> BTreeSet<String> {
    let line = Regex::new(r"(?m)^([a-z][a-z0-9-]*) =").expect("a pattern");
    let texts = files("locales/en", "ftl");
    texts.iter().flat_map(|p| line.captures_iter(&read(p)).map(|c| c[1].to_owned()).collect::<Vec<_>>()).collect()
}

#[test]
fn every_message_that_the_code_says_exists_and_every_message_is_said() {
    let said = Regex::new(r#"(?:\.(?:say|with|count|heading)|Saying::(?:of|with|count))\(\s*"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)""#)
        .expect("a pattern");
    let messages = messages();
    let (mut unknown, mut code) = (BTreeSet::new(), String::new());
    for path in files("src", "rs") {
        let text = read(&path);
        let keys = said.captures_iter(&text).map(|c| c[1].to_owned());
        unknown.extend(keys.filter(|k| !messages.contains(k)).map(|k| format!("{}: {k}", path.display())));
        code.push_str(&text);
    }
    assert!(unknown.is_empty(), "no such message: {unknown:#?}");
    // A key may also come out of a match or a table: it stands there as a literal.
    let unsaid: Vec<&String> = messages.iter().filter(|k| !code.contains(&format!("\"{k}\""))).collect();
    assert!(unsaid.is_empty(), "nobody says: {unsaid:#?}");
}

#[test]
fn messages_have_the_same_placeholders_in_every_language() {
    let message = Regex::new(r"(?m)^([a-z][a-z0-9-]*) =((?:.*\n)(?:(?:[ \t]+.*)?\n)*)").expect("a pattern");
    let placeholder = Regex::new(r"\{ *\$([a-z_]+)").expect("a pattern");
    let of = |lang: Lang| -> BTreeMap<String, BTreeSet<String>> {
        let mut all = BTreeMap::new();
        for path in files(&format!("locales/{}", lang.id()), "ftl") {
            for m in message.captures_iter(&(read(&path) + "\n")) {
                let mut names: BTreeSet<String> = placeholder.captures_iter(&m[2]).map(|c| c[1].to_owned()).collect();
                // What chooses between singular and plural need not be shown.
                names.remove("n");
                all.insert(m[1].to_owned(), names);
            }
        }
        all
    };
    let english = of(Lang::En);
    for lang in TRANSLATED {
        let theirs = of(lang);
        let wrong: Vec<_> = english.iter().filter(|(k, names)| theirs.get(*k) != Some(names)).map(|(k, _)| k).collect();
        assert!(wrong.is_empty(), "{lang:?}: other placeholders in {wrong:#?}");
    }
}

#[test]
fn what_parsers_say_in_a_report_is_translated() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let latin_name = Regex::new(r"^[A-Za-z0-9 ()-]*$").expect("a pattern");
    for lang in TRANSLATED {
        let titles = catalog.formats.iter().map(|f| f.definition.title.as_str());
        let seen_as = catalog.signals.iter().filter_map(|(_, s)| s.seen_as.as_deref()).filter(|s| s.contains(' '));
        // `journalctl -o json` is the same in all languages.
        let missing: Vec<&str> = titles.chain(seen_as).filter(|t| lang.of(t) == *t && !latin_name.is_match(t)).collect();
        assert!(missing.is_empty(), "{lang:?}: {missing:#?}");
    }
}

fn analyzed_in(folder: &Path, lang: Lang) -> Report {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    let settings = Settings { now: NOW, lang, ..Settings::default() };
    analyze(&scanned(&catalog, folder), &catalog, &causes, &settings).expect("the timeline is built")
}

/// Four words of the Latin alphabet in a row: a sentence that nobody translated.
fn english_in(text: &str) -> Vec<String> {
    let run = Regex::new(r"(?:\b[A-Za-z][A-Za-z'’]* ){3,}[A-Za-z][A-Za-z'’]+").expect("a pattern");
    run.find_iter(text).map(|m| m.as_str().to_owned()).collect()
}

/// What is quoted within a line: spans of code, addresses, and a program's own words between quotation marks.
fn quoted() -> Regex {
    Regex::new(r#"``+.*?``+|\\?`[^`\n]*`|\]\(<[^>]*>\)|"[^"\n]*"|“[^”\n]*”|「[^」\n]*」"#).expect("a pattern")
}

/// Tags, and elements that hold no sentences.
fn markup() -> Regex {
    Regex::new(r"(?s)<style.*?</style>|<script.*?</script>|<pre.*?</pre>|<code.*?</code>|<[^>]*>|&quot;[^&]*&quot;")
        .expect("a pattern")
}

/// Markdown without what is quoted: blocks and spans of code, and addresses.
fn without_quotes(markdown: &str) -> String {
    let mut kept = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks: String = line.trim_start().chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line.trim() == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    quoted().replace_all(&kept, "…").into_owned()
}

#[test]
fn no_english_sentence_is_left_in_a_translated_report() {
    for folder in samples() {
        for lang in TRANSLATED {
            let report = analyzed_in(&folder, lang);
            let markdown = without_quotes(&report::markdown::render(&report, None));
            assert!(english_in(&markdown).is_empty(), "{lang:?} {}: {:#?}", folder.display(), english_in(&markdown));
            let terminal = report::terminal::render(&report, None, false);
            let is_quote = |line: &str| {
                let text = line.trim().trim_end_matches('…');
                let evidence = report.incidents.iter().flat_map(|i| &i.evidence).flat_map(|e| &e.examples);
                let config = report.incidents.iter().flat_map(|i| &i.remedies).filter_map(|r| r.config.as_ref());
                evidence.map(|q| &q.text).chain(config).any(|t| t.contains(text))
            };
            let own: String = terminal.lines().filter(|l| !is_quote(l)).flat_map(|l| [l, "\n"]).collect();
            let own = quoted().replace_all(&own, "…").into_owned();
            assert!(english_in(&own).is_empty(), "{lang:?} {}: {:#?}", folder.display(), english_in(&own));
            let page = markup().replace_all(&report::html::render(&report, None), "…").into_owned();
            let page = quoted().replace_all(&page, "…").into_owned();
            assert!(english_in(&page).is_empty(), "{lang:?} {}: {:#?}", folder.display(), english_in(&page));
        }
    }
}

#[test]
fn the_language_changes_no_verdict_and_no_quote() {
    let folder = root().join("samples/listen-queue-unix");
    let json = |lang| serde_json::to_value(analyzed_in(&folder, lang)).expect("JSON");
    let (english, japanese) = (json(Lang::En), json(Lang::Ja));
    assert_eq!((&english["lang"], &japanese["lang"]), (&"en".into(), &"ja".into()));
    for path in ["dropped_at/mechanism", "dropped_at/confidence", "root_cause/mechanism", "drop_points", "evidence/0/examples"] {
        let of = |report: &serde_json::Value| report["incidents"][0].pointer(&format!("/{path}")).cloned();
        assert!(of(&english).is_some(), "{path}");
        assert_eq!(of(&english), of(&japanese), "{path}");
    }
    assert_ne!(english["incidents"][0]["dropped_at"]["title"], japanese["incidents"][0]["dropped_at"]["title"]);
}
