//! Every form in which a report leaves the program, with hostile text in every field that a log or a file name has a say in: nothing of it is markup, a
//! link, a command or an invisible character anywhere. The input is four numbers (which report, which language, what is masked, how many texts stay), then
//! texts, each ended by 0xff.

use fivexx::analysis::Settings;
use fivexx::clock::read_clocks;
use fivexx::lang::Lang;
use fivexx::model::Report;
use fivexx::redact::{Redaction, each_text, redact};
use fivexx::report::terminal::look::Look;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::timeline::Timeline;
use fivexx::{diff, report};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{LazyLock, OnceLock};

use crate::bytes::Bytes;
use crate::common::{NOW, catalog, held, scan};

/// The forms, and what is active in each: the same as the tests have.
// Two kinds of output are looked at by the tests alone.
#[allow(dead_code)]
#[path = "../../tests/trust/formats.rs"]
mod formats;

/// What `formats` takes from its neighbour: an incident as the watch remembers it.
#[path = "../../tests/trust/makers.rs"]
#[allow(dead_code, reason = "the makers of secrets are the tests'")]
mod makers;

/// One input.
pub fn run(bytes: &[u8]) {
    let mut rest = Bytes(bytes);
    let (which, lang, masking, stay) = (rest.below(reports().len()), rest.below(Lang::ALL.len()), rest.u8(), rest.u8());
    let mut texts = Vec::new();
    while !rest.is_empty() && texts.len() < 64 {
        texts.push(String::from_utf8_lossy(rest.until(0xff)).into_owned());
    }
    if texts.is_empty() {
        return;
    }
    let mut made = reports()[which].clone();
    made.lang = Lang::ALL[lang];
    let mut n = 0;
    each_text(&mut made, &mut |text| {
        // Some stay as they are, others get a hostile text instead of theirs, or in it.
        let new = &texts[n % texts.len()];
        match (n + usize::from(stay)) % 4 {
            0 => {}
            1 => text.push_str(new),
            _ => new.clone_into(text),
        }
        n += 1;
        0
    });
    let redaction = Redaction { off: masking & 1 == 1, ips: masking & 2 == 2, ..Redaction::default() };
    redact(&mut made, &redaction);
    for written in formats::all(&made) {
        let active = formats::active(&written);
        assert!(active.is_empty(), "{} lets through: {}\n{}", written.format, active.join("; "), written.text);
        if written.kind == formats::Kind::Markdown {
            led_nowhere(&written.text, &known_links()[which]);
        }
    }
    let ascii = report::terminal::render_as(&made, None, &Look { ascii: true, ..Look::default() });
    // Languages that have no letters in it are written as they are.
    assert!(made.lang != Lang::En || ascii.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "not ASCII:\n{ascii}");
    compared(&made, &reports()[(which + 1) % reports().len()]);
    exported(&texts);
}

/// Markdown has no link that the unchanged report has not, also none that a viewer makes of a bare address.
fn led_nowhere(text: &str, known: &BTreeSet<String>) {
    static BARE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)\b(?:https?|ftp)://|\bwww\.|\b(?:mailto|xmpp):|@").expect("a pattern"));
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let (mut within, mut code) = (0, 0);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, link_type, .. }) => {
                assert!(known.contains(&*dest_url) && link_type != LinkType::Email, "a link to {dest_url:?}\n{text}");
                within += 1;
            }
            Event::End(TagEnd::Link) => within -= 1,
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code -= 1,
            // As it is written: what stands as an entity is no address.
            Event::Text(_) if within == 0 && code == 0 => {
                let bare = BARE.find(&text[range.clone()]);
                assert!(bare.is_none(), "viewers make a link of {:?}\n{text}", &text[range]);
            }
            _ => {}
        }
    }
}

fn links(text: &str) -> BTreeSet<String> {
    let parsed = Parser::new_ext(text, Options::ENABLE_TABLES);
    parsed
        .filter_map(|e| if let Event::Start(Tag::Link { dest_url, .. }) = e { Some(dest_url.to_string()) } else { None })
        .collect()
}

/// The links of each report as it is.
fn known_links() -> &'static Vec<BTreeSet<String>> {
    static LINKS: OnceLock<Vec<BTreeSet<String>>> = OnceLock::new();
    LINKS.get_or_init(|| reports().iter().map(|r| links(&report::markdown::render(r, None))).collect())
}

/// Two reports compared, as files that anybody may have written.
fn compared(before: &Report, after: &Report) {
    let read = |r: &Report| diff::read::read(&report::json(r).expect("JSON")).expect("a report");
    for diff in [diff::compare(&read(before), &read(after)), diff::compare(&read(after), &read(before))] {
        let markdown = diff::write::to_markdown(&diff);
        led_nowhere(&markdown, &BTreeSet::new());
        let terminal = diff::write::to_terminal(&diff);
        let json = diff::write::json(&diff).expect("JSON");
        let forms = [
            ("diff in markdown", formats::Kind::Markdown, markdown),
            ("diff on a terminal", formats::Kind::Terminal, terminal),
            ("diff in json", formats::Kind::Json, json),
        ];
        for (format, kind, text) in forms {
            let written = formats::Written { format, kind, text };
            let active = formats::active(&written);
            assert!(active.is_empty(), "{format} lets through: {}\n{}", active.join("; "), written.text);
        }
    }
}

/// The timeline as CSV and as JSON a line, of files and hosts that are called so.
fn exported(texts: &[String]) {
    static TALLY: OnceLock<fivexx::parser::tally::FileTally> = OnceLock::new();
    let mut tally = TALLY.get_or_init(|| scan([ACCESS.as_bytes()])).clone();
    tally.sources.iter_mut().for_each(|s| s.host = texts.get(1).cloned());
    let all = Scan::new(catalog(), vec![ScannedFile { path: texts[0].clone(), tally }], Vec::new());
    let clocks = read_clocks(&all, catalog(), &[]);
    let timeline = Timeline::build(&all, catalog(), &clocks, (None, None), NOW).expect("a timeline");
    let (mut csv, mut lines) = (Vec::new(), Vec::new());
    timeline.write_csv(catalog(), &mut csv).expect("CSV");
    let table = cells(&String::from_utf8(csv).expect("UTF-8"));
    assert_eq!(table.len(), timeline.rows() + 1, "a row more or less: {table:?}");
    for row in &table {
        assert_eq!(row.len(), table[0].len(), "a cell more or less: {row:?}");
        for cell in row {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            assert!(!formula || cell.parse::<f64>().is_ok(), "a formula: {cell:?}");
        }
    }
    timeline.write_ndjson(catalog(), &mut lines).expect("JSON");
    let lines = String::from_utf8(lines).expect("UTF-8");
    assert_eq!(lines.lines().count(), timeline.rows());
    for line in lines.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("JSON a line");
    }
}

/// Rows and cells by RFC 4180.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(!quoted && cell.is_empty() && row.is_empty(), "it ends within a row");
    rows
}

const ACCESS: &str = "203.0.113.7 - - [21/Nov/2026:00:00:01 +0000] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl/8.5.0\"\n203.0.113.7 - - [21/Nov/2026:00:00:01 +0000] \"GET / HTTP/1.1\" 200 157 \"-\" \"curl/8.5.0\"\n";

/// Reports to put hostile text into: an incident over several layers and hosts, no incident, nothing to judge by.
fn reports() -> &'static Vec<Report> {
    static REPORTS: OnceLock<Vec<Report>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let of = |files: Vec<(&str, String)>| {
            let scanned =
                files.into_iter().map(|(path, text)| ScannedFile { path: path.to_owned(), tally: scan([text.as_bytes()]) });
            held(&Scan::new(catalog(), scanned.collect(), Vec::new()), Settings { now: NOW, ..Settings::default() })
        };
        let outage = of(outage());
        assert!(!outage.incidents.is_empty(), "an outage to speak of");
        let calm = of(vec![("nginx/access.log", ACCESS.replace(" 502 ", " 200 ").repeat(60))]);
        let nothing = of(vec![("notes.txt", "nothing that anybody knows\n".repeat(5))]);
        vec![outage, calm, nothing]
    })
}

/// Four minutes of two hosts, two of them bad.
fn outage() -> Vec<(&'static str, String)> {
    let (mut one, mut two, mut errors, mut app) = (String::new(), String::new(), String::new(), String::new());
    for i in 0..240 {
        let at = format!("00:{:02}:{:02}", i / 60, i % 60);
        let failing = (60..180).contains(&i);
        let status = if failing { 502 } else { 200 };
        for n in 0..3 {
            let line =
                format!("203.0.113.9 - - [21/Nov/2026:{at} +0000] \"GET /{n} HTTP/1.1\" {status} 157 \"-\" \"curl/8.5.0\"\n");
            one.push_str(&line);
            two.push_str(&line.replace(" 502 ", " 200 "));
        }
        if failing {
            let _ = writeln!(
                errors,
                "2026/11/21 {at} [error] 1#1: *{i} connect() to unix:/run/app.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9, server: shop, request: \"GET / HTTP/1.1\", upstream: \"uwsgi://unix:/run/app.sock:\", host: \"shop\""
            );
            let _ = writeln!(app, "*** uWSGI listen queue of socket \"/run/app.sock\" (fd: 3) full !!! (101/100) ***");
            let _ = writeln!(app, "2026-11-21 {at},123 ERROR shop it went wrong");
        }
    }
    let names = ["web-1/nginx/access.log", "web-2/nginx/access.log", "web-1/nginx/error.log", "web-1/uwsgi/uwsgi.log"];
    names.into_iter().zip([one, two, errors, app]).collect()
}
