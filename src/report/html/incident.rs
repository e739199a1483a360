//! One incident on the page, in the order in which it is read: the answer, its course, what to change, why it is believed, the accounts.

use super::write::{Html, all, drawing, el, leaf, line_end, link, prose, text};
use super::{clock_lines, scrolling, table};
use crate::clock::ZoneShift;
use crate::diagnosis::hosts;
use crate::lang::{Lang, thousands};
use crate::model::{Evidence, Factor, HostState, Incident, Outcome, Quote, Remedy, Report};
use crate::report::chart::{self, Home};
use crate::report::words::{self, capital};

/// The whole incident, number `n` from 0.
pub fn article(report: &Report, n: usize, display: Option<ZoneShift>) -> Html {
    let lang = report.lang;
    let i = &report.incidents[n];
    let label = lang.with("incident-n-of", &[("n", &(n + 1).to_string()), ("all", &report.incidents.len().to_string())]);
    let mut parts = Vec::new();
    if report.incidents.len() > 1 {
        parts.push(leaf("p", &[("class", "dim")], &label));
    }
    parts.push(answer(i, n, display, lang));
    if n == 0 {
        parts.push(clock_lines(report));
    }
    parts.push(course(i, n, lang));
    parts.push(remedies(i, lang));
    parts.push(chain(i, lang));
    parts.push(evidence(i, lang));
    parts.push(accounts(i, n, lang));
    parts.push(by_host(i, lang));
    parts.push(others(i, lang));
    el("article", &[("aria-label", &label)], parts)
}

fn heading(lang: Lang, key: &str) -> Html {
    leaf("h2", &[], &lang.say(key))
}

/// The same three sentences that every form of the report begins with.
fn answer(i: &Incident, n: usize, display: Option<ZoneShift>, lang: Lang) -> Html {
    let (d, r) = (&i.dropped_at, &i.root_cause);
    let values = [("layer", &*d.layer.title(lang)), ("title", &d.title), ("sure", &words::confidence(lang, d.confidence))];
    let dropped_at = lang.with("terminal-dropped-at", &values);
    // One first heading a page; the further incidents are below it.
    let title = if n == 0 { "h1" } else { "h2" };
    let root = if !words::is_own_root(i) {
        let values = [("title", &*r.title), ("layer", &r.layer.title(lang)), ("sure", &words::confidence(lang, r.confidence))];
        lang.with("terminal-root", &values)
    } else if words::is_root_known(i) {
        lang.with("terminal-root-same", &[("sure", &words::confidence(lang, r.confidence))])
    } else {
        lang.say("terminal-root-unknown")
    };
    let row = |key: &str, content: Html| el("p", &[], [leaf("strong", &[], &lang.say(key)), text(" "), content]);
    let window = lang.list(&[words::window(&i.window, display), words::length(lang, &i.window)]);
    let until = words::failing_until(lang, i, display);
    let window = until.map_or_else(|| window.clone(), |until| format!("{window}. {until}"));
    // Where nobody counts requests the sentence says so itself.
    let impact = match i.requests {
        0 => words::failed_of(lang, i),
        _ => lang.with("page-failed", &[("failed", &words::failed_of(lang, i)), ("counted", &i.counted_by)]),
    };
    let mut facts =
        vec![el("p", &[], [leaf("strong", &[], &root)]), row("page-when", text(&window)), row("page-impact", text(&impact))];
    facts.extend(words::changes(lang, i).iter().map(|said| row("page-changed", text(said))));
    if let Some(said) = hosts::in_words(lang, &i.hosts) {
        facts.push(el("p", &[], [leaf("strong", &[], &lang.with("terminal-hosts", &[("hosts", &said)]))]));
    }
    if let Some(place) = &d.place {
        facts.push(row("page-place", leaf("code", &[], place)));
    }
    let mut said = vec![leaf("p", &[], &d.says)];
    if !words::is_own_root(i) {
        said.push(leaf("p", &[], &r.says));
    }
    all([leaf(title, &[("class", "title")], &dropped_at), el("div", &[("class", "facts")], facts), all(said)])
}

fn course(i: &Incident, n: usize, lang: Lang) -> Html {
    let Some(svg) = chart::timeline::render(i, lang, Home::Page(n)) else { return Html::default() };
    all([heading(lang, "page-course"), scrolling(&lang.say("chart-timeline-title"), drawing(&svg))])
}

fn remedies(i: &Incident, lang: Lang) -> Html {
    if i.remedies.is_empty() {
        return Html::default();
    }
    all([heading(lang, "terminal-change"), el("ol", &[], i.remedies.iter().map(|r| remedy(r, lang)))])
}

fn remedy(r: &Remedy, lang: Lang) -> Html {
    let action = capital(lang, &r.action);
    let whole = action.ends_with(['.', '!', '?', '。']);
    let action = if whole { action } else { lang.with("sentence", &[("text", &action)]) };
    let mut parts = vec![el("span", &[("class", "do")], [prose(&action)]), text(" "), prose(&r.why)];
    if let Some(reference) = &r.reference {
        parts.push(text(" "));
        parts.push(link(reference, &lang.say("reference")));
    }
    if let Some(config) = &r.config {
        let done = lang.say("page-copied");
        let button: super::write::Attributes<'_> = &[("class", "copy"), ("type", "button"), ("data-done", &done), ("hidden", "")];
        // What is copied is exactly what stands there.
        let lines: Vec<Html> = config.trim().lines().map(|l| all([text(l), line_end()])).collect();
        let block = el("pre", &[], [el("code", &[], lines)]);
        parts.push(el("div", &[("class", "config")], [block, leaf("button", button, &lang.say("page-copy"))]));
    }
    el("li", &[], parts)
}

fn chain(i: &Incident, lang: Lang) -> Html {
    let mut rows: Vec<Vec<Html>> = i
        .chain
        .iter()
        .map(|l| vec![text(&words::clock_time(l.at)), text(&chart::layer(lang, l.layer)), text(&capital(lang, &l.what))])
        .collect();
    rows.extend(i.seen_as.iter().map(|s| {
        let said = lang.with("page-seen-as", &[("n", &thousands(s.count)), ("what", &s.what)]);
        vec![text(""), text(&chart::layer(lang, s.layer)), text(&said)]
    }));
    let (time, layer, what) = (lang.say("col-time-utc"), lang.say("col-layer"), lang.say("col-what"));
    let name = lang.say("terminal-chain");
    all([leaf("h2", &[], &name), table(&name, &[(&time, "time"), (&layer, "name"), (&what, "")], rows)])
}

fn evidence(i: &Incident, lang: Lang) -> Html {
    if i.evidence.is_empty() {
        return Html::default();
    }
    all([heading(lang, "heading-evidence"), all(i.evidence.iter().enumerate().map(|(n, e)| piece(e, n == 0, lang)))])
}

/// A piece of evidence, folded but for the first.
fn piece(e: &Evidence, open: bool, lang: Lang) -> Html {
    let when = match (e.first, e.last) {
        (Some(f), Some(l)) => format!(", {}–{} UTC", words::clock_time(f), words::clock_time(l)),
        _ => String::new(),
    };
    let weight = format!("{:+.1}", e.weight);
    let about = lang.with("page-weighs", &[("mechanism", &e.mechanism), ("weight", &weight)]);
    let summary = el(
        "summary",
        &[],
        [
            prose(&capital(lang, &e.says)),
            text(" "),
            el("span", &[("class", "dim")], [leaf("code", &[], &e.signal), text(&format!(" {about}{when}"))]),
        ],
    );
    let mut parts = vec![summary];
    parts.extend(e.examples.iter().map(quote));
    if e.examples.is_empty() {
        parts.push(leaf("p", &[("class", "dim")], &lang.say("page-no-line")));
    }
    el("details", if open { &[("open", "")] } else { &[] }, parts)
}

fn quote(q: &Quote) -> Html {
    all([
        el("p", &[("class", "dim")], [leaf("code", &[], &format!("{}:{}", q.path, q.line))]),
        el("pre", &[], [leaf("code", &[], &q.text)]),
    ])
}

fn accounts(i: &Incident, n: usize, lang: Lang) -> Html {
    let name = lang.say("chart-flow-title");
    let mut parts = vec![leaf("h2", &[], &name)];
    if let Some(svg) = chart::flow::render(i, lang, Home::Page(n)) {
        parts.push(scrolling(&name, drawing(&svg)));
    }
    if !i.ledger.is_empty() {
        parts.push(ledger(i, lang));
        parts.extend(i.ledger.iter().filter_map(|r| words::imbalance(lang, r)).map(|said| leaf("p", &[("class", "dim")], &said)));
    }
    let columns = ["col-dropped-at", "col-mechanism", "col-ended-by", "col-phase", "col-requests", "col-counted-from"];
    let columns: Vec<String> = columns.iter().map(|k| lang.say(k)).collect();
    let classes = ["name", "", "", "", "n", "path"];
    let mut rows: Vec<Vec<Html>> = i
        .drop_points
        .iter()
        .map(|p| {
            vec![
                text(&chart::layer(lang, p.layer)),
                leaf("code", &[], &p.mechanism),
                text(&words::ended_by(lang, &p.ended_by)),
                text(&words::phase(lang, &p.phase)),
                text(&thousands(p.requests)),
                leaf("code", &[], &words::short_paths(&p.basis)),
            ]
        })
        .collect();
    let rest = |label: &str, n: u64, from: &str| vec![text(label), text(""), text(""), text(""), text(&thousands(n)), text(from)];
    rows.push(rest(&lang.say("unexplained"), i.unexplained, ""));
    rows.push(rest(&lang.say("all-failed-requests"), i.failed_requests, &i.counted_by));
    let columns: Vec<(&str, &'static str)> = columns.iter().map(String::as_str).zip(classes).collect();
    parts.push(table(&lang.say("terminal-drop-points"), &columns, rows));
    all(parts)
}

fn ledger(i: &Incident, lang: Lang) -> Html {
    let keys = ["col-layer", "col-received", "col-answered", "col-failed", "col-not-passed-on", "col-counted-from"];
    let titles: Vec<String> = keys.iter().map(|k| lang.say(k)).collect();
    let columns: Vec<(&str, &'static str)> =
        titles.iter().map(String::as_str).zip(["name", "n", "n", "n", "n", "path"]).collect();
    let rows = i.ledger.iter().map(|l| {
        let from = all([
            leaf("code", &[], &words::short_paths(&l.basis)),
            text(&format!(" {}", words::counted_from(lang, l.counted_from))),
        ]);
        let mut row = vec![text(&chart::layer(lang, l.layer))];
        row.extend(words::ledger_cells(l).iter().map(|c| text(c)));
        row.push(from);
        row
    });
    table(&lang.say("page-ledger"), &columns, rows.collect())
}

fn by_host(i: &Incident, lang: Lang) -> Html {
    if i.hosts.is_empty() {
        return Html::default();
    }
    let state = |s: HostState| {
        lang.say(match s {
            HostState::Failing => "page-host-failing",
            HostState::Silent => "page-host-silent",
            HostState::AsTheOthers => "page-host-as-the-others",
            HostState::Well => "page-host-well",
        })
    };
    let rows = i.hosts.iter().map(|h| {
        vec![
            text(&chart::layer(lang, h.layer)),
            leaf("code", &[], &h.host),
            text(&thousands(h.requests)),
            text(&thousands(h.failed)),
            text(&state(h.state)),
        ]
    });
    let keys = ["col-layer", "page-col-host", "col-requests", "col-failed", "page-col-state"];
    let titles: Vec<String> = keys.iter().map(|k| lang.say(k)).collect();
    let columns: Vec<(&str, &'static str)> = titles.iter().map(String::as_str).zip(["name", "", "n", "n", ""]).collect();
    all([heading(lang, "page-by-host"), table(&lang.say("page-by-host"), &columns, rows.collect())])
}

fn others(i: &Incident, lang: Lang) -> Html {
    let mut parts = Vec::new();
    if !i.contributing.is_empty() {
        parts.push(heading(lang, "heading-contributing"));
        let item = |f: &Factor| {
            let place = format!(" ({}): ", chart::layer(lang, f.layer));
            el("li", &[], [text(&f.title), text(" "), leaf("code", &[], &f.mechanism), text(&place), text(&f.because)])
        };
        parts.push(el("ul", &[], i.contributing.iter().map(item)));
    }
    if !i.missing.is_empty() {
        parts.push(heading(lang, "heading-missing"));
        parts.push(el("ul", &[], i.missing.iter().map(|m| leaf("li", &[], &capital(lang, m)))));
    }
    if !i.ruled_out.is_empty() {
        parts.push(heading(lang, "heading-ruled-out"));
        let items =
            i.ruled_out.iter().map(|r| el("li", &[], [leaf("code", &[], &r.mechanism), text(&format!(": {}", r.because))]));
        parts.push(el("ul", &[], items));
    }
    let of = |o: Outcome| i.checks.iter().filter(move |c| c.outcome == o);
    let looked = [(Outcome::NotFound, "page-not-found"), (Outcome::NoSource, "page-no-source")];
    parts.push(heading(lang, "heading-looked-for"));
    for (outcome, key) in looked {
        let found: Vec<Html> =
            of(outcome).map(|c| el("li", &[], [leaf("code", &[], &c.mechanism), text(&format!(": {}", c.because))])).collect();
        if !found.is_empty() {
            let summary = leaf("summary", &[], &lang.with(key, &[("n", &found.len().to_string())]));
            parts.push(el("details", &[], [summary, el("ul", &[], found)]));
        }
    }
    all(parts)
}
