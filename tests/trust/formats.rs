//! Every form in which a report leaves the program, in one place: a new writer is one more line in [`all`], and is held to all that hostile
//! input and planted secrets are held to.

use fivexx::clock::ZoneShift;
use fivexx::model::Report;
use fivexx::report::chart::{Home, flow, mermaid, theme, timeline};
use fivexx::report::markdown::Pictures;
use fivexx::watch::notification::Notification;
use fivexx::{diff, follow, report};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use regex::Regex;
use std::sync::LazyLock;

/// What a form must not let through, beyond what none may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Json,
    Markdown,
    Terminal,
    /// A page for a browser, or a picture in it.
    Markup,
    /// Blocks that a viewer of Markdown draws.
    Mermaid,
    /// Slack's text inside JSON.
    Slack,
    /// Rows for a spreadsheet.
    Csv,
    /// An object a line.
    Ndjson,
}

/// A form, and the report in it.
pub struct Written {
    pub format: &'static str,
    pub kind: Kind,
    pub text: String,
}

/// The report in every form.
pub fn all(report: &Report) -> Vec<Written> {
    let tokyo = ZoneShift::parse("Asia/Tokyo").ok();
    let of = |format, kind, text| Written { format, kind, text };
    let mut forms = vec![
        of("json", Kind::Json, report::json(report).expect("JSON")),
        of("markdown", Kind::Markdown, report::markdown::render(report, None)),
        of("markdown in a zone", Kind::Markdown, report::markdown::render(report, tokyo)),
        of("html", Kind::Markup, report::html::render(report, None)),
        of("terminal", Kind::Terminal, report::terminal::render(report, None, false)),
        of("terminal in colour", Kind::Terminal, report::terminal::render(report, None, true)),
    ];
    for incident in &report.incidents {
        let drawn = [timeline::render(incident, report.lang, Home::File), flow::render(incident, report.lang, Home::File)];
        forms.extend(drawn.into_iter().flatten().map(|d| of("svg", Kind::Markup, d.as_str().to_owned())));
        forms.push(of("follow", Kind::Terminal, follow::verdict::line(report)));
    }
    let mermaid = Pictures(report.incidents.iter().map(|i| mermaid::blocks(i, report.lang)).collect());
    forms.push(of("mermaid", Kind::Mermaid, mermaid.0.concat()));
    forms.push(of("markdown with mermaid", Kind::Markdown, report::markdown::render_with(report, None, &mermaid)));
    if let Some(incident) = report.incidents.first() {
        let known = serde_json::from_value(super::makers::known()).expect("a known incident");
        let told = Notification::opened(&known, incident, true, vec!["reports/x.md".to_owned()], report.lang);
        forms.push(of("notification", Kind::Json, told.json().expect("JSON")));
        forms.push(of("slack", Kind::Slack, told.slack().to_string()));
        for told in
            [Notification::opened_late, Notification::closed].map(|t| t(&known, vec!["reports/x.md".to_owned()], report.lang))
        {
            forms.push(of("slack of a late or closed one", Kind::Slack, told.slack().to_string()));
        }
    }
    forms.extend(differences(report));
    forms
}

/// The report beside one with nothing in common, both ways.
fn differences(report: &Report) -> Vec<Written> {
    let mut other = report.clone();
    other.incidents.clear();
    other.sources.truncate(1);
    let read = |r: &Report| diff::read::read(&report::json(r).expect("JSON")).expect("it is a report");
    let [this, other] = [read(report), read(&other)];
    let both = [diff::compare(&this, &other), diff::compare(&other, &this)];
    let of = |d| {
        [
            Written { format: "diff as markdown", kind: Kind::Markdown, text: diff::write::to_markdown(d) },
            Written { format: "diff as json", kind: Kind::Json, text: diff::write::json(d).expect("JSON") },
            Written { format: "diff on a terminal", kind: Kind::Terminal, text: diff::write::to_terminal(d) },
        ]
    };
    both.iter().flat_map(of).collect()
}

/// What is active in a form and should not be.
pub fn active(written: &Written) -> Vec<String> {
    let mut found = invisible(written);
    match written.kind {
        Kind::Markdown => found.extend(active_markdown(&written.text)),
        Kind::Markup => found.extend(active_markup(&written.text)),
        Kind::Mermaid => found.extend(active_mermaid(&written.text)),
        Kind::Slack => {
            let called = ["<!", "<@", "<#", "<http", "@channel", "@here", "@everyone"];
            found.extend(called.iter().filter(|c| written.text.contains(**c)).map(|c| format!("{c} calls or links")));
        }
        Kind::Csv => found.extend(active_csv(&written.text)),
        Kind::Ndjson => {
            let broken = written.text.lines().filter(|l| serde_json::from_str::<serde_json::Value>(l).is_err());
            found.extend(broken.take(1).map(|l| format!("a line is no JSON: {l:?}")));
        }
        Kind::Json | Kind::Terminal => {}
    }
    if matches!(written.kind, Kind::Json | Kind::Slack) && serde_json::from_str::<serde_json::Value>(&written.text).is_err() {
        found.push("it is no JSON".to_owned());
    }
    found
}

/// Control characters, and those that turn or hide text.
fn invisible(written: &Written) -> Vec<String> {
    let mut text = written.text.clone();
    for own in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[34m", "\x1b[35m", "\x1b[1;31m", "\x1b[1;32m"] {
        if written.format == "terminal in colour" {
            text = text.replace(own, "");
        }
    }
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
            || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{2028}' | '\u{2029}' | '\u{e0000}'..='\u{e007f}')
    };
    // A mark of our own keeps Slack from reading a name as a call.
    let own = |c: char| written.kind == Kind::Slack && c == '\u{200b}';
    text.chars().filter(|c| bad(*c) && !own(*c)).map(|c| format!("U+{:04X}", c as u32)).collect()
}

/// What a reader of Markdown would run, load or follow; links that definitions make are fine.
fn active_markdown(text: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES | Options::ENABLE_MATH;
    // The charts, which are files beside the report.
    let own_picture = Regex::new(r"^report-[0-9]+-(timeline|requests)\.(svg|png)$").expect("a pattern");
    let mut found = Vec::new();
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => found.push(format!("HTML {html:?}")),
            Event::InlineMath(m) | Event::DisplayMath(m) => found.push(format!("formula {m:?}")),
            Event::FootnoteReference(f) => found.push(format!("footnote {f:?}")),
            Event::Start(Tag::Image { dest_url, .. }) if !own_picture.is_match(&dest_url) => {
                found.push(format!("picture {dest_url:?}"));
            }
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.contains("evil") => found.push(format!("link {dest_url:?}")),
            Event::Start(Tag::Strikethrough) => found.push("struck text".to_owned()),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if !matches!(&*language, "text" | "mermaid" | "") => {
                found.push(format!("block of {language:?}"));
            }
            Event::Start(Tag::Heading { .. } | Tag::BlockQuote(_)) | Event::Text(_) => {}
            _ => {}
        }
    }
    let headings = |t: &str| Parser::new_ext(t, options).filter(|e| matches!(e, Event::Start(Tag::Heading { .. }))).count();
    let own = text.lines().filter(|l| l.starts_with("# ") || l.starts_with("## ")).count();
    if headings(text) > own {
        found.push("a heading that is none of ours".to_owned());
    }
    found
}

/// What a browser would run or load, beside the one style and the one script that are the page's own.
fn active_markup(text: &str) -> Vec<String> {
    let page = concat!(include_str!("../../src/report/html/page.css"), include_str!("../../src/report/chart/chart.css"));
    let script = include_str!("../../src/report/html/page.js");
    let mut text = text.to_owned();
    for (tag, own) in [("style", page), ("style", theme::CSS), ("script", script)] {
        text = text.replacen(&format!("<{tag}>{own}</{tag}>"), "", 1);
    }
    let mut found = Vec::new();
    for m in TAG.captures_iter(&text) {
        let name = m[1].trim_start_matches('/').to_lowercase();
        if !TAGS.contains(&name.as_str()) {
            found.push(format!("element {name:?}"));
        }
        for a in ATTRIBUTE.captures_iter(&m[2]) {
            let (key, value) = (a[1].to_lowercase(), a.get(2).or(a.get(3)).or(a.get(4)).map_or("", |v| v.as_str()));
            let leads = matches!(key.as_str(), "href" | "src" | "action" | "data" | "xlink:href" | "srcset");
            let fine = value.starts_with('#') || value.starts_with("http") && !value.contains("evil");
            if key.starts_with("on") || key == "style" || (leads && !fine) {
                found.push(format!("attribute {key:?} is {value:?}"));
            }
        }
    }
    // Each `<` and `>` that is none of a tag's stands as an entity.
    let rest = TAG.replace_all(&text, "");
    found.extend(rest.contains(['<', '>']).then(|| "a bracket that is no tag of ours".to_owned()));
    found
}

static TAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"<([^\s>/]+|/[^\s>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>"#).expect("a pattern"));
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?"#).expect("a pattern"));

/// Elements that the page and its pictures are made of.
const TAGS: [&str; 53] = [
    "!doctype", "a", "article", "b", "body", "br", "button", "code", "dd", "defs", "desc", "details", "div", "dl", "dt",
    "footer", "g", "h1", "h2", "h3", "head", "html", "li", "line", "main", "meta", "ol", "p", "path", "pattern", "polygon",
    "polyline", "pre", "rect", "section", "span", "strong", "summary", "svg", "table", "tbody", "td", "text", "th", "thead",
    "title", "tr", "tspan", "ul", "header", "nav", "figure", "circle",
];

/// Cells that a spreadsheet would compute, and rows that are torn.
fn active_csv(text: &str) -> Vec<String> {
    let (mut rows, mut cell, mut quoted) = (vec![Vec::new()], String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => {
                rows.last_mut().expect("one is there").push(std::mem::take(&mut cell));
                if c == '\n' {
                    rows.push(Vec::new());
                }
            }
            c => cell.push(c),
        }
    }
    let columns = rows[0].len();
    let torn = rows.iter().filter(|r| !r.is_empty() && r.len() != columns).map(|r| format!("a row of {} cells: {r:?}", r.len()));
    let computes = |c: &&String| c.starts_with(['=', '+', '-', '@', '\t', '\r']) && c.parse::<f64>().is_err();
    torn.take(1).chain(rows.iter().flatten().filter(computes).map(|c| format!("a formula {c:?}"))).collect()
}

/// What would end a label or the block, or tell the viewer what to do.
fn active_mermaid(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let labels: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        if line.matches('"').count() % 2 != 0 || labels.iter().any(|l| l.contains(['<', '>', '[', ']', '{', '}', '`', '%'])) {
            found.push(format!("a label of {line:?}"));
        }
        let bare: String = line.split('"').step_by(2).collect();
        let command = bare.split_whitespace().next().unwrap_or("");
        if matches!(command, "click" | "href" | "callback" | "style" | "classDef" | "linkStyle") || bare.contains("%%") {
            found.push(format!("a command {line:?}"));
        }
    }
    found
}
