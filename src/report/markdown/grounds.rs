//! What the answer rests on: the lines that show it, the accounts of requests, and what was looked for beside it.

use super::page::Page;
use super::review::indent;
use crate::lang::thousands;
use crate::model::{Evidence, Incident, Outcome};
use crate::report::escape::{code, fenced, markdown as md, prose};
use crate::report::words::{self, capital};

/// Writes these sections.
pub(super) fn render(p: &mut Page<'_>, i: &Incident) {
    evidence(p, i);
    accounts(p, i);
    others(p, i);
}

fn evidence(p: &mut Page<'_>, i: &Incident) {
    if i.evidence.is_empty() {
        return;
    }
    p.heading("heading-evidence");
    for e in &i.evidence {
        let line = about(p, e);
        p.line(&line);
        // One line shows it; the others are named, so that whoever doubts can look.
        if let Some((first, others)) = e.examples.split_first() {
            p.line(&format!("\n  {}", code(&format!("{}:{}", first.path, first.line), false)));
            p.line(&format!("\n{}", indent(&fenced(std::slice::from_ref(&first.text), "text"), "  ")));
            let places: Vec<String> =
                others.iter().map(|q| code(&format!("{}:{}", words::short_paths(&q.path), q.line), false)).collect();
            if !places.is_empty() {
                p.line(&format!("  {}\n", p.lang.with("evidence-also", &[("places", &p.lang.list(&places))])));
            }
        }
    }
    p.line("");
}

fn about(p: &Page<'_>, e: &Evidence) -> String {
    let span = e.first.map_or_else(String::new, |first| words::span(first, e.last, p.display));
    let values = [
        ("says", &*prose(&capital(p.lang, &e.says))),
        ("signal", &code(&e.signal, false)),
        ("mechanism", &code(&e.mechanism, false)),
        ("weight", &format!("{:+.1}", e.weight)),
        ("span", &span),
    ];
    let said = p.lang.with(if e.first.is_some() { "evidence-one-dated" } else { "evidence-one" }, &values);
    format!("- {said}")
}

fn accounts(p: &mut Page<'_>, i: &Incident) {
    let lang = p.lang;
    p.heading("heading-accounts");
    if !i.ledger.is_empty() {
        let columns = ["col-layer", "col-received", "col-answered", "col-failed", "col-not-passed-on", "col-counted-from"];
        p.table_head(&columns, &["---", "---:", "---:", "---:", "---:", "---"]);
        for l in &i.ledger {
            let [received, answered, failed, not_passed_on] = words::ledger_cells(l);
            let basis = format!("{} {}", code(&words::short_paths(&l.basis), true), words::counted_from(lang, l.counted_from));
            p.row(&[l.layer.title(lang), received, answered, failed, not_passed_on, basis]);
        }
        for said in i.ledger.iter().filter_map(|l| words::imbalance(lang, l)) {
            p.line(&format!("\n{said}"));
        }
        p.line("");
    }
    let columns = ["col-dropped-at", "col-mechanism", "col-ended-by", "col-phase", "col-requests", "col-counted-from"];
    p.table_head(&columns, &["---", "---", "---", "---", "---:", "---"]);
    for d in &i.drop_points {
        p.row(&[
            d.layer.title(lang),
            code(&d.mechanism, true),
            md(&words::ended_by(lang, &d.ended_by)),
            md(&words::phase(lang, &d.phase)),
            thousands(d.requests),
            code(&words::short_paths(&d.basis), true),
        ]);
    }
    let dash = || "–".to_owned();
    p.row(&[lang.say("unexplained"), dash(), dash(), dash(), thousands(i.unexplained), dash()]);
    let all = (format!("**{}**", lang.say("all-failed-requests")), format!("**{}**", thousands(i.failed_requests)));
    p.row(&[all.0, dash(), dash(), dash(), all.1, md(&i.counted_by)]);
    p.line("");
}

fn others(p: &mut Page<'_>, i: &Incident) {
    let lang = p.lang;
    // What helped along is told as that.
    let ruled_out: Vec<String> = i
        .ruled_out
        .iter()
        .filter(|r| i.contributing.iter().all(|f| f.mechanism != r.mechanism))
        .map(|r| format!("{}: {}", code(&r.mechanism, false), prose(&r.because)))
        .collect();
    if !ruled_out.is_empty() {
        p.heading("heading-ruled-out");
        p.bullets(&ruled_out);
    }
    let of = |o: Outcome| i.checks.iter().filter(|c| c.outcome == o).map(|c| code(&c.mechanism, false)).collect::<Vec<_>>();
    let looked = [("looked-not-found", of(Outcome::NotFound)), ("looked-no-source", of(Outcome::NoSource))];
    let said: Vec<String> = looked
        .iter()
        .filter(|(_, all)| !all.is_empty())
        .map(|(key, all)| lang.with(key, &[("mechanisms", &lang.list(all))]))
        .collect();
    if !said.is_empty() {
        p.heading("heading-looked-for");
        p.bullets(&said);
    }
    if !i.missing.is_empty() {
        p.heading("heading-missing");
        let said: Vec<String> = i.missing.iter().map(|m| prose(&capital(lang, m))).collect();
        p.bullets(&said);
    }
}
