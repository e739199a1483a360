//! Charts as Mermaid text for Markdown: the way of the requests as a flow chart, and failures over time.
//!
//! Every label is quoted, and of a text from outside only letters, digits and plain punctuation stay as they are; all else becomes the
//! number of its character, so that no text ends a label, begins a directive or writes HTML.

use std::fmt::Write;

use super::flow::drops;
use super::{layer as layer_name, mechanism};
use crate::lang::{Lang, thousands};
use crate::model::{CountedFrom, Incident};
use crate::report::words;

/// The longest label, in characters.
const MOST: usize = 80;

/// Bars of the chart over time.
const MOST_BARS: usize = 30;

/// A text fit for a quoted label.
fn label(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(MOST) {
        match c {
            c if c.is_alphanumeric() || " .,:/-()×–".contains(c) => out.push(c),
            c if c.is_control() => out.push(' '),
            c => {
                let _ = write!(out, "#{};", c as u32);
            }
        }
    }
    out
}

/// Both charts as fenced blocks; nothing where nothing is counted.
pub fn blocks(incident: &Incident, lang: Lang) -> String {
    let mut out = String::new();
    for chart in [flow(incident, lang), over_time(incident, lang)].into_iter().flatten() {
        let _ = write!(out, "```mermaid\n{chart}```\n\n");
    }
    out
}

fn flow(incident: &Incident, lang: Lang) -> Option<String> {
    if incident.ledger.is_empty() {
        return None;
    }
    let mut out = String::from("flowchart TD\n");
    for (i, r) in incident.ledger.iter().enumerate() {
        let key = if r.counted_from == CountedFrom::FailureLines { "chart-flow-failing" } else { "chart-flow-received-last" };
        let said = lang.with(key, &[("received", &thousands(r.received)), ("failed", &thousands(r.failed))]);
        let _ = writeln!(out, "  n{i}[\"{}: {}\"]", label(&layer_name(lang, r.layer)), label(&said));
        if let Some(j) = incident.ledger.iter().position(|n| Some(n.layer) == r.next) {
            let _ = writeln!(out, "  n{i} -->|\"{}\"| n{j}", thousands(r.received.saturating_sub(r.not_passed_on)));
        }
    }
    for (i, (layer, id, n)) in drops(&incident.drop_points).into_iter().enumerate() {
        let before = incident.ledger.iter().rposition(|r| r.layer <= layer).unwrap_or(0);
        let said = lang.with("chart-flow-dropped", &[("n", &thousands(n)), ("mechanism", mechanism(incident, id))]);
        let _ = writeln!(out, "  d{i}{{{{\"{}: {}\"}}}}", label(&layer_name(lang, layer)), label(&said));
        let _ = writeln!(out, "  n{before} -.-> d{i}");
    }
    Some(out)
}

fn over_time(incident: &Incident, lang: Lang) -> Option<String> {
    let lanes = &incident.lanes;
    let lane = lanes.outermost().filter(|_| lanes.is_drawable())?;
    let joined = lanes.buckets.div_ceil(MOST_BARS);
    let sum = |counts: &[Option<u64>]| counts.iter().flatten().sum::<u64>();
    let bars: Vec<String> = lane.failed.chunks(joined).map(|c| sum(c).to_string()).collect();
    let most = lane.requests.chunks(joined).map(sum).max().unwrap_or(0).max(1);
    let line: Vec<String> = lane.requests.chunks(joined).map(|c| sum(c).to_string()).collect();
    let times: Vec<String> =
        (0..lanes.buckets).step_by(joined).map(|b| format!("\"{}\"", words::clock_time(lanes.at(b)))).collect();
    let (title, axis) = (label(&lang.say("chart-timeline-title")), label(&layer_name(lang, lane.layer)));
    Some(format!(
        "xychart-beta\n  title \"{title}\"\n  x-axis \"UTC\" [{}]\n  y-axis \"{axis}\" 0 --> {most}\n  bar [{}]\n  line [{}]\n",
        times.join(", "),
        bars.join(", "),
        line.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_ends_early() {
        let hostile = "a\"] --> x[<img src=x onerror=alert(1)>]\n%%{init: {}}%% `b` ```";
        let shown = label(hostile);
        assert!(!shown.contains(['"', '<', '>', '[', ']', '{', '}', '`', '\n', '%']), "{shown}");
        assert!(shown.starts_with("a#34;#93; --#62; x#91;#60;img"));
    }
}
