//! What Logs Insights can count of a definition: its line forms as `parse` commands, its events and counts as conditions.
//!
//! Pure: definitions in, texts out. What cannot be said in a query is named, so that the report can say so.

use std::collections::{BTreeMap, BTreeSet};

use super::pattern::{form, literal, translated};
use crate::parser::catalog::{Catalog, FormatId, SignalId};
use crate::parser::condition::{Condition, Ordering, Test};
use crate::parser::definition::{Count, Definition, Event, Line, Marks, Zone};

/// One format as queries see it.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The format.
    pub format: FormatId,
    /// Commands that cut lines into fields: they stand in front of every query of the format.
    pub commands: Vec<String>,
    /// What is counted.
    pub columns: Vec<Column>,
    /// Signals that queries do not see, by the key of the reason.
    pub unseen: BTreeMap<&'static str, BTreeSet<String>>,
}

/// One thing that a query counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The signal.
    pub signal: SignalId,
    /// Holds for the lines that are counted.
    pub holds: String,
    /// The number that is summed, in the signal's base unit.
    pub value: Option<String>,
    /// Seconds between the event's stamp and the request's begin.
    pub lasted: Option<String>,
    /// Texts of which each line that is counted has one; empty where no text announces it.
    pub announced: Vec<String>,
}

/// A condition longer than this is divided, so that it fits into a query.
const LONG: usize = 2_000;

/// A format with more forms than this is one that each program spells in its own way.
const MANY_FORMS: usize = 6;

/// Why something is not pushed.
const BLOCKS: &str = "aws-unseen-blocks";
const LAST_RESORTS: &str = "aws-unseen-last-resorts";
const SHAPES: &str = "aws-unseen-shapes";
const VALUES: &str = "aws-unseen-values";

impl Pushed {
    /// Takes a format's definition apart. `seen` are the forms that the log's requests were found in.
    pub fn new(catalog: &Catalog, format: FormatId, seen: &BTreeSet<usize>) -> Self {
        let definition = &catalog.formats[format].definition;
        let mut maker = Maker {
            catalog,
            d: definition,
            prefix: format!("f{format}"),
            forms: BTreeMap::new(),
            fields: BTreeMap::new(),
            joined: BTreeMap::new(),
            out: Pushed { format, commands: Vec::new(), columns: Vec::new(), unseen: BTreeMap::new() },
        };
        maker.cut(seen);
        maker.out.columns = maker.events();
        for (names, joined) in &maker.joined {
            maker.out.commands.push(format!("fields coalesce({}) as {joined}", names.join(", ")));
        }
        let counts = maker.counts();
        maker.out.columns.extend(counts);
        maker.out
    }
}

struct Maker<'c> {
    catalog: &'c Catalog,
    d: &'c Definition,
    prefix: String,
    /// Form → the field that is there when the form fits.
    forms: BTreeMap<usize, String>,
    /// Field → its names by form.
    fields: BTreeMap<String, BTreeMap<usize, String>>,
    /// What stands for a field that several forms have.
    joined: BTreeMap<Vec<String>, String>,
    out: Pushed,
}

impl<'c> Maker<'c> {
    /// Cuts the forms that matter: those of the requests seen, and all that carry messages.
    fn cut(&mut self, seen: &BTreeSet<usize>) {
        let message = self.message().to_owned();
        let needed = self.needed();
        let carries = |line: &Line| !self.d.events.is_empty() && has_field(line, &message);
        // Of many forms (what a logger was set up to write) the ones that were seen stand for the rest: a program has one or two.
        let carriers: Vec<usize> = (0..self.d.lines.len()).filter(|i| carries(&self.d.lines[*i])).collect();
        let only_seen = carriers.len() > MANY_FORMS && carriers.iter().any(|i| seen.contains(i));
        for (i, line) in self.d.lines.iter().enumerate() {
            let speaks = carriers.contains(&i) && (!only_seen || seen.contains(&i));
            // A form that is the whole line fits everything; it is asked last, by its events alone. The inside of a traceback would
            // fit it as well, line by line, where only its last line is an event.
            let whole = line.template.as_deref() == Some(&format!("{{{message}:rest}}"));
            if whole && carriers.contains(&i) {
                if self.d.block.is_none() {
                    self.fields.entry(message.clone()).or_default().insert(i, "@message".to_owned());
                }
                continue;
            }
            if !seen.contains(&i) && !speaks {
                continue;
            }
            let hit = format!("{}x{i}", self.prefix);
            let mut named = Vec::new();
            let pattern = form(self.d, line, |field| {
                let wanted = needed.contains(field).then(|| format!("{}{i}_{field}", self.prefix))?;
                named.push((field.to_owned(), wanted.clone()));
                Some(wanted)
            });
            let Some(pattern) = pattern else {
                if line.request || seen.contains(&i) {
                    let signals = self.d.counts.iter().map(|c| c.signal.clone());
                    self.out.unseen.entry(SHAPES).or_default().extend(signals);
                }
                continue;
            };
            let inner = pattern.trim_start_matches('^').trim_end_matches('$');
            self.out.commands.push(format!("parse @message /^(?<{hit}>{inner})$/"));
            for (field, name) in named {
                self.fields.entry(field).or_default().insert(i, name);
            }
            self.forms.insert(i, hit);
        }
    }

    fn message(&self) -> &'c str {
        self.d.message.as_ref().map_or("message", |m| m.field.as_str())
    }

    /// Fields that conditions, values and times look at.
    fn needed(&self) -> BTreeSet<String> {
        let counts = self.d.counts.iter().flat_map(|c| c.when.keys().chain(&c.value));
        let events = self.d.events.iter().flat_map(|e| e.when.keys());
        let own = self.d.time.iter().flat_map(|t| &t.duration);
        let message = (!self.d.events.is_empty()).then(|| self.message().to_owned());
        counts.chain(events).chain(own).cloned().chain(message).collect()
    }

    fn unseen(&mut self, why: &'static str, signal: &str) {
        self.out.unseen.entry(why).or_default().insert(signal.to_owned());
    }

    /// Events: one column a signal, since one line has one event.
    fn events(&mut self) -> Vec<Column> {
        let d = self.d;
        let mut by_signal: BTreeMap<SignalId, Vec<(String, Option<String>)>> = BTreeMap::new();
        for e in &d.events {
            let Some(name) = &e.signal else { continue };
            let Some(signal) = self.catalog.signals.find(name) else { continue };
            if e.block || e.fallback || e.value.is_some() {
                let why = if e.block {
                    BLOCKS
                } else if e.fallback {
                    LAST_RESORTS
                } else {
                    VALUES
                };
                self.unseen(why, name);
                continue;
            }
            match self.event(e) {
                Some(holds) => {
                    let longest = e.starts.iter().chain(&e.all).max_by_key(|l| l.len());
                    by_signal.entry(signal).or_default().push((holds, longest.map(|l| literal(l))));
                }
                None if d.block.is_some() => self.unseen(BLOCKS, name),
                None => self.unseen(SHAPES, name),
            }
        }
        let mut columns: Vec<Column> = Vec::new();
        for (signal, events) in by_signal {
            for (holds, announced) in events {
                // A signal of many events stands in several columns, which add up: a line has one event.
                match columns.last_mut() {
                    Some(last) if last.signal == signal && last.holds.len() + holds.len() < LONG => {
                        last.holds = format!("{} or {holds}", last.holds);
                        // Announced by a text, all of them or none.
                        match announced {
                            Some(text) if !last.announced.is_empty() => last.announced.push(text),
                            _ => last.announced.clear(),
                        }
                    }
                    _ => {
                        let announced = announced.into_iter().collect();
                        columns.push(Column { signal, holds, value: None, lasted: None, announced });
                    }
                }
            }
        }
        columns
    }

    fn event(&mut self, e: &Event) -> Option<String> {
        let d = self.d;
        let allowed = |i: &usize| e.lines.is_empty() || e.lines.contains(&d.lines[*i].name);
        let message = self.first_of(self.message(), allowed)?;
        let mut all = Vec::new();
        let texts: Vec<String> = e.starts.iter().map(|s| format!("^{}", literal(s))).collect();
        let pattern = texts.into_iter().chain(e.all.iter().map(|t| literal(t))).collect::<Vec<_>>().join(".*?");
        if !pattern.is_empty() {
            all.push(format!("{message} like /{pattern}/"));
        }
        if let Some(regex) = &e.regex {
            all.push(format!("{message} like /{}/", translated(regex, |_| None)));
        }
        if !e.none.is_empty() {
            let none = e.none.iter().map(|t| literal(t)).collect::<Vec<_>>().join("|");
            all.push(format!("{message} not like /{none}/"));
        }
        for (field, text) in &e.when {
            let condition = Condition::parse(text).ok()?;
            match self.first_of(field, allowed) {
                Some(name) => all.push(said(&condition, &name)),
                None if condition.holds(None) => {}
                None => return None,
            }
        }
        Some(format!("({})", all.join(" and ")))
    }

    /// A field, whichever form has it.
    fn first_of(&mut self, field: &str, allowed: impl Fn(&usize) -> bool) -> Option<String> {
        let names: Vec<String> =
            self.fields.get(field)?.iter().filter(|(i, _)| allowed(i)).map(|(_, name)| name.clone()).collect();
        match names.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            _ => {
                let next = format!("{}j{}", self.prefix, self.joined.len());
                Some(self.joined.entry(names).or_insert(next).clone())
            }
        }
    }

    /// Counts: each with the forms that it is counted in.
    fn counts(&mut self) -> Vec<Column> {
        let d = self.d;
        let mut columns: Vec<Column> = Vec::new();
        for c in &d.counts {
            let Some(signal) = self.catalog.signals.find(&c.signal) else { continue };
            for (&form, hit) in &self.forms {
                let line = &d.lines[form];
                let counted = if c.lines.is_empty() { line.request } else { c.lines.contains(&line.name) };
                if !counted {
                    continue;
                }
                let Some(column) = self.count(c, signal, form, hit) else { continue };
                // The same signal in several forms, or by several counts, is one column where it can be.
                match columns.iter_mut().find(|k| k.signal == signal && k.value == column.value && k.lasted == column.lasted) {
                    Some(known) => known.holds = format!("{} or {}", known.holds, column.holds),
                    None => columns.push(column),
                }
            }
        }
        columns
    }

    fn count(&self, c: &Count, signal: SignalId, form: usize, hit: &str) -> Option<Column> {
        let name = |field: &str| self.fields.get(field).and_then(|f| f.get(&form)).cloned();
        let mut all = vec![format!("ispresent({hit})")];
        // The first form that fits is the one.
        all.extend(self.forms.range(..form).map(|(_, earlier)| format!("not ispresent({earlier})")));
        for (field, text) in &c.when {
            let condition = Condition::parse(text).ok()?;
            match name(field) {
                Some(name) => all.push(said(&condition, &name)),
                None if condition.holds(None) => {}
                None => return None,
            }
        }
        let mut value = None;
        if let Some(field) = &c.value {
            let name = name(field)?;
            all.push(format!("{name} like /^-?[0-9]+(\\.[0-9]+)?$/"));
            let factor = c.unit.map_or(1.0, |u| u.to_base());
            value = Some(if factor == 1.0 { name } else { format!("{name} * {factor}") });
        }
        let time = self.d.time.as_ref();
        let led_back = time.is_some_and(|t| t.marks == Marks::End && t.zone != Zone::Unstated);
        let lasted = time.and_then(|t| t.duration.as_ref()).filter(|_| led_back).and_then(|field| name(field));
        Some(Column { signal, holds: format!("({})", all.join(" and ")), value, lasted, announced: Vec::new() })
    }
}

fn has_field(line: &Line, field: &str) -> bool {
    let in_template = |t: &String| t.contains(&format!("{{{field}:")) || t.contains(&format!("{{{field}}}"));
    line.template.as_ref().is_some_and(in_template) || line.regex.as_ref().is_some_and(|r| r.contains(&format!("(?P<{field}>")))
}

/// A condition on a field as an expression.
fn said(condition: &Condition, field: &str) -> String {
    let tests: Vec<String> = condition.any_of.iter().map(|t| test(t, field)).collect();
    let any = if tests.len() == 1 { tests[0].clone() } else { format!("({})", tests.join(" or ")) };
    if condition.negated { format!("not ({any})") } else { any }
}

fn test(test: &Test, field: &str) -> String {
    let text = |bytes: &[u8]| literal(&String::from_utf8_lossy(bytes));
    match test {
        Test::Present => format!("{field} like /^([^-]|-.)/"),
        Test::Absent => format!("not ({field} like /^([^-]|-.)/)"),
        Test::Empty => format!("{field} like /^-?$/"),
        Test::StatusClass(c) => format!("{field} like /^{}..$/", char::from(*c)),
        Test::Equals(t) => format!("{field} like /^{}$/", text(t)),
        Test::Prefix(t) => format!("{field} like /^{}/", text(t)),
        Test::Contains(t) => format!("{field} like /{}/", text(t)),
        Test::Compare(threshold) => {
            let sign = match threshold.ordering {
                Ordering::Less => "<",
                Ordering::LessOrEqual => "<=",
                Ordering::Greater => ">",
                Ordering::GreaterOrEqual => ">=",
            };
            format!("({field} like /^-?[0-9]+(\\.[0-9]+)?$/ and {field} {sign} {})", threshold.limit)
        }
    }
}
