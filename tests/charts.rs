//! The charts of the recorded incidents: well-formed, honest about what they count, and of a bounded size.

mod common;

use common::{analyzed, samples};
use fivexx::lang::Lang;
use fivexx::model::lanes::Counts;
use fivexx::model::{CountedFrom, Incident};
use fivexx::report::chart::{self, Home};
use fivexx::report::terminal::look::Look;
use fivexx::report::{markdown, terminal};
use unicode_width::UnicodeWidthStr;

fn incidents() -> Vec<(String, Incident)> {
    let name = |p: &std::path::Path| p.file_name().expect("a name").to_string_lossy().into_owned();
    samples().iter().flat_map(|f| analyzed(f).incidents.into_iter().map(move |i| (name(f), i))).collect()
}

fn sum(counts: &Counts) -> u64 {
    counts.iter().flatten().sum()
}

#[test]
fn lanes_agree_with_the_accounts() {
    for (name, i) in incidents() {
        let lanes = &i.lanes;
        assert!(lanes.is_drawable() && lanes.buckets <= 120, "{name}: {} buckets", lanes.buckets);
        assert!(lanes.start <= i.window.start && lanes.end() >= i.window.end, "{name}");
        for lane in &lanes.layers {
            for counts in [&lane.requests, &lane.failed, &lane.signs] {
                assert!(counts.is_empty() || counts.len() == lanes.buckets, "{name}: {:?}", lane.layer);
            }
            assert!(
                lane.failed.iter().zip(&lane.requests).all(|(f, r)| f <= r || lane.counted_from == Some(CountedFrom::Metric)),
                "{name}"
            );
            // The lane holds the window, so it counts no less than the ledger does.
            let row = i.ledger.iter().find(|r| r.layer == lane.layer && r.counted_from == CountedFrom::Requests);
            if let (Some(row), Some(CountedFrom::Requests)) = (row, lane.counted_from) {
                assert!(sum(&lane.failed) >= row.failed && sum(&lane.requests) >= row.received, "{name}: {:?}", lane.layer);
            }
        }
    }
}

/// What no source covers has no number, in the JSON too.
#[test]
fn silence_and_no_source_are_told_apart() {
    let json: Vec<String> =
        incidents().iter().map(|(_, i)| serde_json::to_string(&i.lanes).expect("it has only plain types")).collect();
    assert!(json.iter().all(|j| j.len() < 64 << 10), "{:?}", json.iter().map(String::len).max());
    assert!(json.iter().any(|j| j.contains("0,0,0")));
    assert!(json.iter().any(|j| j.contains("null")));
}

/// Every tag that opens closes, ids are there once, and nothing but ours is in it.
#[test]
fn drawings_are_well_formed_in_every_language() {
    for (name, i) in incidents() {
        for lang in Lang::ALL {
            let drawings = [chart::timeline::render(&i, lang, Home::File), chart::flow::render(&i, lang, Home::File)];
            for svg in drawings.into_iter().map(|d| d.unwrap_or_else(|| panic!("{name}: nothing is drawn"))) {
                well_formed(svg.as_str()).unwrap_or_else(|e| panic!("{name}, {lang:?}: {e}"));
                assert!(svg.as_str().len() < 96 << 10, "{name}: {} bytes", svg.as_str().len());
                // A text that no language has is shown as its key.
                assert!(!svg.as_str().contains("chart-"), "{name}, {lang:?}: a key without a text");
            }
        }
    }
}

fn well_formed(svg: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').ok_or("a tag does not end")? + at;
        let tag = &rest[at + 1..end];
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or("").trim_end_matches('/');
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes something else"));
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        let known = ["svg", "title", "desc", "style", "defs", "pattern", "rect", "line", "path", "circle", "text"];
        if !known.contains(&name) {
            return Err(format!("<{name}> is none of ours"));
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() { Ok(()) } else { Err(format!("open at the end: {open:?}")) }
}

#[test]
fn hostile_words_stay_within_their_text() {
    let (_, mut i) = incidents().swap_remove(0);
    let evil = "</text><script>alert(1)</script>\"] --> x{{y}}\n```\n%%{init}%%\u{202e}";
    i.chain.iter_mut().for_each(|l| l.what = evil.to_owned());
    (i.dropped_at.title, i.dropped_at.mechanism, i.drop_points[0].mechanism) =
        (evil.to_owned(), evil.to_owned(), evil.to_owned());
    for svg in
        [chart::timeline::render(&i, Lang::En, Home::File), chart::flow::render(&i, Lang::En, Home::File)].into_iter().flatten()
    {
        well_formed(svg.as_str()).expect("well-formed");
        assert!(!svg.as_str().contains('\u{202e}'));
    }
    let mermaid = chart::mermaid::blocks(&i, Lang::En);
    assert!(mermaid.matches("```").count() == 4 && !mermaid.contains("%%{") && !mermaid.contains("<script"), "{mermaid}");
}

#[test]
fn the_terminal_keeps_to_its_columns_and_its_letters() {
    for folder in samples() {
        let report = analyzed(&folder);
        let coloured = terminal::render_as(&report, None, &Look { colour: true, ..Look::default() });
        let plain = terminal::render_as(&report, None, &Look::default());
        assert_eq!(without_colour(&coloured), plain, "colour changes nothing but colour");
        let lanes = |l: &&str| l.contains(['█', '▁', '─', '├', '▒']);
        assert!(plain.lines().filter(lanes).all(|l| l.width() <= 80), "{plain}");
        let ascii = terminal::render_as(&report, None, &Look { ascii: true, ..Look::default() });
        assert!(ascii.is_ascii(), "{ascii}");
    }
}

fn without_colour(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        out.push_str(&rest[..at]);
        rest = &rest[at + rest[at..].find('m').expect("a sequence ends") + 1..];
    }
    out + rest
}

#[test]
fn markdown_shows_its_pictures_below_each_answer() {
    let report = analyzed(&samples()[0]);
    let pictures = markdown::Pictures(vec!["![a](a.svg)\n\n".to_owned()]);
    let text = markdown::render_with(&report, None, &pictures);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is missing"));
    assert!(at("**When:**") < at("![a](a.svg)") && at("![a](a.svg)") < at("\n## "));
}
