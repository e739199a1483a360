//! A definition, compiled: what it takes to read one line fast.

mod claim;
mod compile;
mod event;
mod forms;
mod guard;
mod memo;
mod pieces;

pub use claim::Claim;
pub use compile::check_patterns;
pub use event::Event;
pub use forms::{Form, Tries};
pub use guard::Holding;
pub use memo::Memo;

use aho_corasick::AhoCorasick;
use memchr::memmem;
use std::sync::{Arc, OnceLock};

use self::pieces::{Extracts, FirstOf};
use super::bytes::{find_near, rfind_near};
use super::catalog::SignalId;
use super::condition::{Condition, number};
use super::cut::{FieldId, Fields, FirstBytes, Pattern};
use super::definition::{Definition, Marks, Zone};
use super::stamp::{Stamp, TimeFormat};
use crate::words::{Layer, Role, Unit};

/// Most events that a definition can have.
const MAX_EVENTS: usize = 256;

/// Where in its second an end lies on average that is stamped in whole seconds: from there a duration leads back to the begin.
const WITHIN_SECOND_MS: i64 = 500;

/// What is wrong with a definition, and where: a key path such as `event[3].regex`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The table, as in the file: `event`, `line`, … with its index from 0.
    pub table: Option<(&'static str, usize)>,
    /// The key in it.
    pub key: &'static str,
    /// What is wrong and what would be right.
    pub what: String,
}

impl Fault {
    pub(crate) fn new(table: Option<(&'static str, usize)>, key: &'static str, what: impl Into<String>) -> Self {
        Fault { table, key, what: what.into() }
    }
}

/// A compiled definition.
#[derive(Debug)]
pub struct Format {
    /// Its source, for listing and for the harness.
    pub definition: Arc<Definition>,
    /// Names of the fields, by id.
    pub fields: Vec<String>,
    /// How a line can be cut, in order.
    pub forms: Vec<Form>,
    /// What messages can be.
    pub events: Vec<Event>,
    /// What is counted over the fields.
    pub counts: Vec<Count>,
    time: Option<TimeFormat>,
    time_field: Option<FieldId>,
    /// The field that says how long a request took, the factor of its unit to the base unit, and what the stamp marks of that.
    duration: Option<(FieldId, f64)>,
    marks: Marks,
    message: Option<FieldId>,
    /// The field with a request's path, and whether it is the whole request line.
    path: Option<(FieldId, bool)>,
    extracts: Vec<Extracts>,
    /// The texts behind which the message is foreign.
    ends: FirstOf,
    /// The literals of its events, searched for in one pass from the first message on.
    prefilter: OnceLock<Option<AhoCorasick>>,
    /// The same for formats with much to read: larger, and faster.
    wide_prefilter: OnceLock<Option<AhoCorasick>>,
    /// Of each event to which digits make a difference: the skeletons of the texts that it cannot do without.
    seeing: OnceLock<Vec<Vec<memmem::Finder<'static>>>>,
    /// What lines with a shape begin with; `None` where that is anything.
    firsts: OnceLock<Option<Box<FirstBytes>>>,
    /// Events that no literal announces, then the fallbacks.
    unannounced: Vec<usize>,
    fallbacks: Vec<usize>,
}

/// A compiled `[[count]]`.
#[derive(Debug)]
pub struct Count {
    /// The signal.
    pub signal: SignalId,
    when: Vec<(FieldId, Condition)>,
    /// The field, and the factor of its unit to the base unit.
    value: Option<(FieldId, f64)>,
    keep: Vec<FieldId>,
}

impl Count {
    /// Whether it keeps any field.
    #[inline]
    pub fn keeps(&self) -> bool {
        !self.keep.is_empty()
    }

    /// The field that it measures, and the factor of its unit to the base unit.
    #[inline]
    pub fn value(&self) -> Option<(FieldId, f64)> {
        self.value
    }
}

/// What a line turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Which form cut it.
    pub form: usize,
}

/// The instants of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instants {
    /// When what it tells of happened (requests: began).
    pub at: Stamp,
    /// When the line was written, the nearest instant for undated lines behind it.
    pub written: Stamp,
}

impl Format {
    /// The id of a field by its name.
    pub fn field(&self, name: &str) -> Option<FieldId> {
        self.fields.iter().position(|f| f == name).map(|i| i as FieldId)
    }

    /// Whether an event can claim a line without any shape.
    pub fn has_bare(&self) -> bool {
        self.forms.iter().any(|f| f.bare)
    }

    /// Whether stamps of this format are UTC without saying so.
    pub fn is_utc(&self) -> bool {
        self.definition.time.as_ref().is_some_and(|t| t.zone == Zone::Utc)
    }

    /// Whether lines with a shape of their own may begin with a byte.
    pub fn may_begin(&self, byte: u8) -> bool {
        self.firsts().is_none_or(|f| f.admits(&[byte]))
    }

    /// The instants of a cut line, where it has a stamp.
    #[inline(always)]
    pub fn instants(&self, line: &[u8], fields: &Fields) -> Option<Instants> {
        let stamp = fields.stamp?;
        let Some((duration, factor)) = self.duration else { return Some(Instants { at: stamp, written: stamp }) };
        let duration_ms = fields
            .number(duration, line)
            .map(|d| d * factor * 1000.0)
            // A day is longer than any request; what is longer is no duration.
            .filter(|d| (0.0..86_400_000.0).contains(d))
            .map_or(0, |d| d as i64);
        let moved = |ms: i64| Stamp { wall_ms: stamp.wall_ms + ms, ..stamp };
        Some(match self.marks {
            Marks::Instant => Instants { at: stamp, written: stamp },
            Marks::End => {
                Instants { at: moved(WITHIN_SECOND_MS * i64::from(stamp.wall_ms % 1000 == 0) - duration_ms), written: stamp }
            }
            Marks::Start => Instants { at: stamp, written: moved(duration_ms) },
        })
    }

    /// The path and query of a request line: what its layers write alike.
    pub fn request_path<'l>(&self, line: &'l [u8], fields: &Fields) -> Option<&'l [u8]> {
        let (id, whole) = self.path?;
        let text = fields.get(id, line)?;
        if !whole {
            return Some(text);
        }
        // `GET https://host:443/path?query HTTP/1.1`. What is behind the field is looked into as well: a longer text is searched at once.
        let begin = fields.begin_of(id)?;
        let from = find_near(&line[begin..], b' ').filter(|at| *at < text.len())? + 1;
        let to = rfind_near(text, b' ').filter(|t| *t > from).unwrap_or(text.len());
        let target = &text[from..to];
        if target.first() == Some(&b'/') {
            return Some(target);
        }
        let scheme = find_near(target, b':').filter(|i| target[*i..].starts_with(b"://"));
        let host = scheme.map_or(0, |i| i + 3);
        find_near(&target[host..], b'/').map(|i| &target[host + i..])
    }

    /// The part of the message that events look into.
    #[inline]
    fn message<'l>(&self, line: &'l [u8], fields: &Fields) -> &'l [u8] {
        let Some(text) = self.message.and_then(|m| fields.get(m, line)) else {
            return b"";
        };
        let length = fields.message_length(|| self.ends.first_in(text).unwrap_or(text.len()));
        &text[..length.min(text.len())]
    }

    /// The counts that hold for a cut line: signal and value (base unit).
    pub fn each_count(&self, line: &[u8], fields: &Fields, cut: Cut, mut each: impl FnMut(usize, SignalId, Option<f64>)) {
        for &i in &self.forms[cut.form].counts {
            let c = &self.counts[i];
            if c.when.iter().all(|(f, w)| w.holds(fields.get(*f, line)))
                && let Some(value) = self.measured(i, line, fields)
            {
                each(i, c.signal, value);
            }
        }
    }

    /// Which counts hold for a cut line, with what the scanner remembers of this format.
    #[inline]
    pub fn holding(&self, line: &[u8], fields: &Fields, cut: Cut, memo: &mut Memo) -> Holding<'_> {
        self.forms[cut.form].holding(cut.form, line, fields, &mut memo.guards)
    }

    /// What a count that holds measures (base unit), where it measures anything; `None` where the line has no value for it.
    #[inline]
    pub fn measured(&self, count: usize, line: &[u8], fields: &Fields) -> Option<Option<f64>> {
        match self.counts[count].value {
            None => Some(None),
            // A value that is absent or a list is no measurement.
            Some((f, factor)) => fields.number(f, line).map(|v| Some(v * factor)),
        }
    }

    /// Whether any count holds for a cut line.
    pub fn counts_any(&self, line: &[u8], fields: &Fields, cut: Cut) -> bool {
        let mut any = false;
        self.each_count(line, fields, cut, |_, _, _| any = true);
        any
    }

    /// The value that an event measures (base unit).
    pub fn event_value(&self, event: usize, line: &[u8], fields: &Fields, memo: &mut Memo) -> Option<f64> {
        let e = &self.events[event];
        if let Some((f, factor)) = e.value {
            return fields.number(f, line).map(|v| v * factor);
        }
        let d = &self.definition.events[event];
        let found = self.group(event, d.value.as_ref()?, line, fields, memo);
        found.map(|v| v * d.unit.unwrap_or(Unit::Count).to_base())
    }

    /// The seconds since 1970 that an event's line holds beside its local time.
    pub fn epoch_of(&self, event: usize, line: &[u8], fields: &Fields, memo: &mut Memo) -> Option<i64> {
        let name = self.definition.events[event].epoch.as_ref()?;
        self.group(event, name, line, fields, memo).map(|v| v as i64)
    }

    /// The number in a group of an event's regex.
    fn group(&self, event: usize, name: &str, line: &[u8], fields: &Fields, memo: &mut Memo) -> Option<f64> {
        let mut found = None;
        self.each_kept_of_event(event, line, fields, memo, |n, v| {
            if n == name {
                found = number(v);
            }
        });
        found
    }

    /// The fields that an event keeps, which must be the one that claimed the line.
    pub fn each_kept_of_event<'f>(
        &'f self,
        event: usize,
        line: &[u8],
        fields: &Fields,
        memo: &mut Memo,
        mut each: impl FnMut(&'f str, &[u8]),
    ) {
        let e = &self.events[event];
        if let Some(pattern) = e.regex.as_ref().and_then(Pattern::get).filter(|p| !p.groups.is_empty()) {
            let message = self.message(line, fields);
            for (group, from, to) in self.captured(event, message, &mut memo.messages) {
                each(&pattern.groups[*group].1, &message[*from..*to]);
            }
        }
        self.each_kept(&e.keep, line, fields, each);
    }

    /// The fields that a count keeps.
    #[inline]
    pub fn each_kept_of_count<'f>(&'f self, count: usize, line: &[u8], fields: &Fields, each: impl FnMut(&'f str, &[u8])) {
        self.each_kept(&self.counts[count].keep, line, fields, each);
    }

    fn each_kept<'f>(&'f self, keep: &[FieldId], line: &[u8], fields: &Fields, mut each: impl FnMut(&'f str, &[u8])) {
        for &id in keep {
            let text = match self.extracts.iter().find(|x| x.field == id) {
                Some(extracts) => extracts.cut(|from| fields.get(from, line)),
                None => fields.get(id, line),
            };
            if let Some(t) = text.filter(|t| !t.is_empty() && *t != b"-") {
                each(&self.fields[usize::from(id)], t);
            }
        }
    }
}

/// What a signal stands for; see [`super::catalog::SignalTable::enter`].
#[derive(Debug, Clone)]
pub struct SignalInfo {
    /// `program.what`
    pub name: String,
    /// The layer it speaks of.
    pub layer: Layer,
    /// What one occurrence stands for.
    pub role: Role,
    /// Signals that stand for the same in a log that has them.
    pub counted_by: Vec<String>,
    /// Unit of its values, where it has any.
    pub unit: Option<Unit>,
    /// What it proves, in a sentence.
    pub means: String,
    /// How an outside observer calls it.
    pub seen_as: Option<String>,
}
