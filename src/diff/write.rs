//! A difference as Markdown, for a terminal, and as JSON. What stood in the reports came from logs: it is escaped here.

use std::fmt::Write;

use super::{Change, Diff, IncidentDiff, SeenIn};
use crate::report::escape::{json as json_text, markdown, terminal};

/// As JSON, schema [`super::SCHEMA`].
///
/// # Errors
/// serde refuses; a difference has only types that it takes.
pub fn json(diff: &Diff) -> serde_json::Result<String> {
    Ok(json_text(&serde_json::to_string_pretty(diff)?) + "\n")
}

/// As Markdown.
pub fn to_markdown(diff: &Diff) -> String {
    let mut out = format!("# {}\n", headline(diff));
    let table = |out: &mut String, changes: &[Change]| {
        if changes.is_empty() {
            return;
        }
        out.push_str("\n| What | Before | After |\n| --- | --- | --- |\n");
        for c in changes {
            let cell = |side: &Option<String>| side.as_deref().map_or("–".to_owned(), markdown);
            let _ = writeln!(out, "| {} | {} | {} |", markdown(&c.what), cell(&c.before), cell(&c.after));
        }
    };
    table(&mut out, &diff.overall);
    for i in &diff.incidents {
        let _ = writeln!(out, "\n## {}\n\n{}", markdown(&i.title), markdown(&seen(i)));
        table(&mut out, &i.changes);
    }
    if !diff.sources.is_empty() {
        out.push_str("\n## Sources and clocks\n");
        table(&mut out, &diff.sources);
    }
    out
}

/// As plain text for a terminal.
pub fn to_terminal(diff: &Diff) -> String {
    let mut out = headline(diff) + "\n";
    let list = |out: &mut String, changes: &[Change]| {
        for c in changes {
            let what = terminal(&c.what);
            let _ = match (&c.before, &c.after) {
                (Some(b), Some(a)) => writeln!(out, "  {what}: {} → {}", terminal(b), terminal(a)),
                (Some(b), None) => writeln!(out, "- {what}: {}", terminal(b)),
                (None, Some(a)) => writeln!(out, "+ {what}: {}", terminal(a)),
                (None, None) => Ok(()),
            };
        }
    };
    list(&mut out, &diff.overall);
    for i in &diff.incidents {
        let _ = writeln!(out, "\n{}\n{}", terminal(&i.title), terminal(&seen(i)));
        list(&mut out, &i.changes);
    }
    if !diff.sources.is_empty() {
        out.push_str("\nSources and clocks\n");
        list(&mut out, &diff.sources);
    }
    out
}

/// The answer first.
fn headline(diff: &Diff) -> String {
    if !diff.differs {
        return "Nothing of weight changed".to_owned();
    }
    let moved = |what: &str| diff.incidents.iter().any(|i| i.changes.iter().any(|c| c.what == what));
    let count = |seen: SeenIn| diff.incidents.iter().filter(|i| i.seen_in == seen).count();
    let mut parts = Vec::new();
    match (count(SeenIn::After), count(SeenIn::Before)) {
        (0, 0) => {}
        (new, 0) => parts.push(format!("{new} new incident(s)")),
        (0, gone) => parts.push(format!("{gone} incident(s) gone")),
        (new, gone) => parts.push(format!("{new} new incident(s), {gone} gone")),
    }
    if moved("mechanism") || moved("dropped at") {
        parts.push("requests are dropped elsewhere".to_owned());
    }
    if moved("root cause") {
        parts.push("another root cause".to_owned());
    }
    if parts.is_empty() {
        let same = if diff.incidents.is_empty() { "The same verdict" } else { "The same drop and the same root cause" };
        return format!("{same}, with other numbers or sources");
    }
    let text = parts.join("; ");
    text[..1].to_uppercase() + &text[1..]
}

fn seen(i: &IncidentDiff) -> String {
    let side = |w: &Option<String>| w.clone().unwrap_or_default();
    match i.seen_in {
        SeenIn::Before => format!("Gone: only the earlier report has it ({}).", side(&i.window_before)),
        SeenIn::After => format!("New: only the later report has it ({}).", side(&i.window_after)),
        SeenIn::Both if i.changes.is_empty() => "The same in both.".to_owned(),
        SeenIn::Both => format!("Before: {}. After: {}.", side(&i.window_before), side(&i.window_after)),
    }
}
