//! Writing Markdown that its linters pass: one first heading, no heading twice, blank lines where they belong.

use crate::clock::ZoneShift;
use crate::lang::Lang;
use crate::model::Report;
use crate::report::escape::code;
use crate::words::Layer;

/// A page in the making.
pub(super) struct Page<'r> {
    out: String,
    /// What is told.
    pub report: &'r Report,
    /// The language.
    pub lang: Lang,
    /// A zone in which times are shown beside UTC.
    pub display: Option<ZoneShift>,
    /// The number of the incident, where there are several: their headings are a level down and bear it.
    pub incident: Option<usize>,
}

impl<'r> Page<'r> {
    /// An empty page.
    pub fn new(report: &'r Report, display: Option<ZoneShift>) -> Self {
        Page { out: String::new(), report, lang: report.lang, display, incident: None }
    }

    /// Writes a line.
    pub fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Writes a section's heading, by its key.
    pub fn heading(&mut self, key: &str) {
        let text = self.lang.say(key);
        let line = match self.incident {
            None => format!("## {text}\n"),
            Some(n) => {
                let numbered = self.lang.with("heading-of-incident", &[("heading", &text), ("n", &n.to_string())]);
                format!("### {numbered}\n")
            }
        };
        self.line(&line);
    }

    /// Writes a list, and a blank line after it.
    pub fn bullets(&mut self, items: &[String]) {
        for item in items {
            self.line(&format!("- {item}"));
        }
        self.line("");
    }

    /// Writes a table's head, by the keys of its columns.
    pub fn table_head(&mut self, keys: &[&str], alignment: &[&str]) {
        let cells: Vec<String> = keys.iter().map(|k| self.lang.say(k)).collect();
        self.row(&cells);
        let rule: Vec<String> = alignment.iter().map(|a| (*a).to_owned()).collect();
        self.row(&rule);
    }

    /// Writes a table's row. Its cells are fit for Markdown already.
    pub fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    /// The page, with single blank lines. No text from a log holds a line end, so this touches nothing that is quoted.
    pub fn finish(mut self) -> String {
        while self.out.contains("\n\n\n") {
            self.out = self.out.replace("\n\n\n", "\n\n");
        }
        self.out
    }
}

/// A layer and a mechanism by their ids, which are the same in every language and in JSON.
pub(super) fn ids(layer: Layer, mechanism: &str) -> String {
    format!("{} / {}", code(layer.id(), true), code(mechanism, true))
}
