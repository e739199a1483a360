//! The report as one HTML file: charts, evidence that unfolds, remedies to copy. It asks nothing of any network, and its content policy lets
//! no other script or style run than the two that are written here.

mod incident;
mod sources;
mod write;

use super::escape::terminal;
use super::{chart, clocks, masked, words};
use crate::clock::ZoneShift;
use crate::model::{Report, Verdict};
use write::{Html, all, el, leaf, ours, text};

/// Look of the page.
const STYLE: &str = concat!(include_str!("page.css"), include_str!("../chart/chart.css"));

/// What the page does: copying remedies, unfolding for print.
const SCRIPT: &str = include_str!("page.js");

/// Hashes of the two, as the content policy wants them; a test holds them to the files.
const STYLE_HASH: &str = "sha256-OJl/vv5IZ4t0R/RLpPaJ/UI1l5pSwmx0lJb5RzBYKNQ=";
const SCRIPT_HASH: &str = "sha256-kZIXkWbjKCQu1dpmoNeYhEkVbv9/xNhgnULav+rxNcw=";

/// Renders the report as a page; `display` is a zone in which times are shown beside UTC.
pub fn render(report: &Report, display: Option<ZoneShift>) -> String {
    let lang = report.lang;
    let title = title(report);
    let policy =
        format!("default-src 'none'; style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'");
    let head = el(
        "head",
        &[],
        [
            el("meta", &[("charset", "utf-8")], []),
            el("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)], []),
            el("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")], []),
            el("meta", &[("name", "referrer"), ("content", "no-referrer")], []),
            leaf("title", &[], &title),
            ours("style", STYLE),
        ],
    );
    let mut main: Vec<Html> = Vec::new();
    if report.incidents.is_empty() {
        main.push(nothing(report));
    }
    main.extend((0..report.incidents.len()).map(|n| incident::article(report, n, display)));
    main.push(sources::section(report, display));
    let made = lang.with("md-written-by", &[("version", report.version), ("at", &words::utc(report.generated_at))]);
    let body = el(
        "body",
        &[],
        [
            leaf("a", &[("class", "skip"), ("href", "#answer")], &lang.say("page-skip")),
            el("main", &[("id", "answer")], main),
            el("footer", &[], [leaf("p", &[], &made)]),
            ours("script", SCRIPT),
        ],
    );
    el("html", &[("lang", lang.id())], [head, body]).into_page()
}

/// The name of the page: the answer, cut to what a tab or a list shows.
fn title(report: &Report) -> String {
    let answer = match report.incidents.first() {
        Some(i) => {
            let (layer, title) = (chart::layer(report.lang, i.dropped_at.layer), &i.dropped_at.title);
            report.lang.with("terminal-step", &[("layer", &layer), ("what", title)])
        }
        None => words::no_incident(report),
    };
    // Marks count as they are written in the page: checkers hold its source to 70 characters.
    let written = |c: char| if matches!(c, '<' | '>' | '&' | '"' | '\'') { 6 } else { 1 };
    let answer = terminal(&answer);
    let mut room = 55_usize;
    let cut: String = answer.chars().take_while(|c| room.checked_sub(written(*c)).map(|r| room = r).is_some()).collect();
    format!("{}{} – fivexx", cut, if cut == answer { "" } else { "…" })
}

/// The answer where nothing was dropped, or nothing can be said.
fn nothing(report: &Report) -> Html {
    let class = if report.verdict == Verdict::NoIncident { "good" } else { "open" };
    all([leaf("h1", &[("class", class)], &words::no_incident(report)), clock_lines(report)])
}

/// What must be known of the clocks, and where nothing was masked.
fn clock_lines(report: &Report) -> Html {
    let (lang, lines) = (report.lang, clocks::lines(report));
    let mut said: Vec<Html> = Vec::new();
    said.extend(masked::warning(report).map(|warning| leaf("p", &[("class", "warn")], &warning)));
    if let Some(warning) = &lines.unknown {
        said.push(leaf("p", &[("class", "warn")], &lang.with("terminal-clock-unknown", &[("warning", warning)])));
    }
    for c in &lines.moved {
        let line = lang.with("clock-line", &[("source", &c.path), ("says", &c.says)]);
        said.push(leaf("p", &[], &lang.with("terminal-clock", &[("clock", &line)])));
    }
    if lines.more > 0 {
        said.push(leaf("p", &[("class", "dim")], &lang.with("terminal-clocks-more", &[("n", &lines.more.to_string())])));
    }
    all(said)
}

/// A table with a name; wide ones scroll by themselves, also by keyboard.
fn table(name: &str, columns: &[(&str, &'static str)], rows: Vec<Vec<Html>>) -> Html {
    let cell = |tag: &'static str, class: &'static str, content: Html| {
        let scope: &[(&'static str, &str)] = if tag == "th" { &[("scope", "col")] } else { &[] };
        let mut attributes: Vec<(&'static str, &str)> = scope.to_vec();
        if !class.is_empty() {
            attributes.push(("class", class));
        }
        el(tag, &attributes, [content])
    };
    let head = el("tr", &[], columns.iter().map(|(title, class)| cell("th", class, text(title))));
    let body =
        rows.into_iter().map(|row| el("tr", &[], row.into_iter().zip(columns).map(|(c, (_, class))| cell("td", class, c))));
    let table = el("table", &[], [el("thead", &[], [head]), el("tbody", &[], body)]);
    scrolling(name, table)
}

/// A place that scrolls sideways where the screen is narrow.
fn scrolling(name: &str, content: Html) -> Html {
    el("div", &[("class", "scroll"), ("role", "group"), ("tabindex", "0"), ("aria-label", name)], [content])
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use sha2::{Digest, Sha256};

    fn hash(content: &str) -> String {
        format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(content)))
    }

    #[test]
    fn the_policy_names_the_style_and_the_script() {
        assert_eq!(STYLE_HASH, hash(STYLE));
        assert_eq!(SCRIPT_HASH, hash(SCRIPT));
    }
}
