//! A definition, compiled: what it takes to read one line fast.

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};
use std::collections::BTreeMap;

use super::catalog::{SignalId, SignalTable};
use super::condition::{Condition, number};
use super::cut::{Cutter, FieldId, Fields, MAX_FIELDS, Miss, Template};
use super::definition::{Definition, Kind, Line, Marks, Zone};
use super::stamp::{Stamp, TimeFormat, YearHint};
use crate::words::{Layer, Role, Unit};

/// Compiled patterns are small; this keeps a careless user pattern from eating the machine.
const REGEX_SIZE_LIMIT: usize = 2 << 20;

/// Most events that a definition can have.
const MAX_EVENTS: usize = 256;

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
    pub definition: Definition,
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
    duration: Option<(FieldId, Unit)>,
    message: Option<FieldId>,
    /// The field with a request's path, and whether it is the whole request line.
    path: Option<(FieldId, bool)>,
    extracts: Vec<Extract>,
    prefilter: Option<AhoCorasick>,
    /// Events that no literal announces, then the fallbacks.
    unannounced: Vec<usize>,
    fallbacks: Vec<usize>,
}

/// A compiled `[[extract]]`.
#[derive(Debug)]
struct Extract {
    field: FieldId,
    from: FieldId,
    after: Vec<u8>,
    until: Option<Vec<u8>>,
}

/// A compiled `[[line]]`.
#[derive(Debug)]
pub struct Form {
    /// Its name.
    pub name: String,
    /// How it cuts.
    pub cutter: Cutter,
    /// Each such line is one request.
    pub request: bool,
    /// Only an event can claim it.
    pub bare: bool,
    /// A better form may fit as well.
    pub fallback: bool,
    /// Pieces shared with the template tried before it.
    shared: usize,
    counts: Vec<usize>,
}

/// A compiled `[[event]]`.
#[derive(Debug)]
pub struct Event {
    /// The signal; `None` for lines without weight.
    pub signal: Option<SignalId>,
    forms: Vec<usize>,
    block: bool,
    starts: Option<Vec<u8>>,
    all: Vec<memmem::Finder<'static>>,
    none: Vec<memmem::Finder<'static>>,
    regex: Option<(Regex, Vec<(usize, String)>)>,
    when: Vec<(FieldId, Condition)>,
    keep: Vec<FieldId>,
    value: Option<(FieldId, Unit)>,
    fallback: bool,
}

/// A compiled `[[count]]`.
#[derive(Debug)]
pub struct Count {
    /// The signal.
    pub signal: SignalId,
    when: Vec<(FieldId, Condition)>,
    value: Option<(FieldId, Unit)>,
    keep: Vec<FieldId>,
}

/// What a line turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Which form cut it.
    pub form: usize,
}

/// What a line says: which event claimed it, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// This event.
    Event(usize),
    /// No event.
    None,
}

/// The instants of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instants {
    /// When what it tells of happened (requests: began).
    pub at: Stamp,
    /// When the line was written, the nearest instant for undated lines behind it.
    pub written: Stamp,
}

struct Names {
    names: Vec<String>,
}

impl Names {
    fn id(&mut self, name: &str) -> Result<FieldId, String> {
        if let Some(i) = self.names.iter().position(|n| n == name) {
            return Ok(i as FieldId);
        }
        if self.names.len() == MAX_FIELDS {
            return Err(format!("a format can have {MAX_FIELDS} fields, and this one has more"));
        }
        self.names.push(name.to_owned());
        Ok((self.names.len() - 1) as FieldId)
    }

    fn find(&self, name: &str) -> Option<FieldId> {
        self.names.iter().position(|n| n == name).map(|i| i as FieldId)
    }

    fn known(&self, name: &str, all: &str) -> Result<FieldId, String> {
        self.find(name)
            .ok_or_else(|| format!("no line form or extract has a field `{name}`; {all} has {}", self.names.join(", ")))
    }
}

/// Compiles a pattern of a definition, linear in time and bounded in size.
pub(crate) fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .unicode(false)
        .size_limit(REGEX_SIZE_LIMIT)
        .build()
        .or_else(|_| RegexBuilder::new(text).size_limit(REGEX_SIZE_LIMIT).build())
        .map_err(|e| e.to_string())
}

impl Format {
    /// Compiles a definition; its signals are entered in `signals`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn compile(definition: Definition, signals: &mut SignalTable) -> Result<Self, Fault> {
        let d = &definition;
        let top = |key, what: String| Fault::new(None, key, what);
        if d.name.is_empty() || !d.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(top("name", format!("`{}` is no id; use lower case letters, digits and underscores", d.name)));
        }
        if d.layer.is_none() && d.kind != Kind::Envelope {
            return Err(top("layer", "missing: say which layer writes this".to_owned()));
        }
        if d.kind == Kind::Cloudwatch {
            return Self::compile_metrics(definition, signals);
        }
        if d.lines.is_empty() {
            return Err(top("line", "missing: give at least one [[line]]".to_owned()));
        }
        let time = match &d.time {
            None => None,
            Some(t) => Some(TimeFormat::parse_name(&t.format).map_err(|e| Fault::new(Some(("time", 0)), "format", e))?),
        };
        let mut names = Names { names: Vec::new() };
        let mut forms: Vec<Form> = Vec::new();
        for (i, line) in d.lines.iter().enumerate() {
            let form =
                compile_form(line, &mut names, time.is_some()).map_err(|(key, what)| Fault::new(Some(("line", i)), key, what))?;
            forms.push(form);
        }
        link_prefixes(&mut forms);
        let mut extracts = Vec::new();
        for (i, e) in d.extracts.iter().enumerate() {
            let from = names.known(&e.from, &d.name).map_err(|w| Fault::new(Some(("extract", i)), "from", w))?;
            let to = names.id(&e.field).map_err(|w| Fault::new(Some(("extract", i)), "field", w))?;
            let until = e.until.as_ref().map(|u| u.as_bytes().to_vec());
            extracts.push(Extract { field: to, from, after: e.after.as_bytes().to_vec(), until });
        }
        let message_name = d.message.as_ref().map_or("message", |m| m.field.as_str());
        let message = names.names.iter().position(|n| n == message_name).map(|i| i as FieldId);
        if message.is_none() && !d.events.is_empty() {
            let what = format!("events look into the field `{message_name}`, which no line form has; name it under [message]");
            return Err(Fault::new(Some(("message", 0)), "field", what));
        }
        let mut format = Format {
            time_field: names.names.iter().position(|n| n == "time").map(|i| i as FieldId),
            fields: names.names.clone(),
            forms,
            events: Vec::new(),
            counts: Vec::new(),
            time,
            duration: None,
            message,
            path: names.find("request").map(|f| (f, true)).or_else(|| names.find("uri").map(|f| (f, false))),
            extracts,
            prefilter: None,
            unannounced: Vec::new(),
            fallbacks: Vec::new(),
            definition: definition.clone(),
        };
        format.compile_events(d, &names, signals)?;
        format.compile_counts(d, &names, signals)?;
        if let Some(t) = &d.time
            && let Some(field) = &t.duration
        {
            let id = names.known(field, &d.name).map_err(|w| Fault::new(Some(("time", 0)), "duration", w))?;
            let unit = format.counts.iter().filter_map(|c| c.value).find(|(f, _)| *f == id).map_or(Unit::Seconds, |(_, u)| u);
            format.duration = Some((id, unit));
        }
        Ok(format)
    }

    fn compile_metrics(definition: Definition, signals: &mut SignalTable) -> Result<Self, Fault> {
        let mut counts = Vec::new();
        for (i, m) in definition.metrics.iter().enumerate() {
            let layer = m.layer.or(definition.layer).unwrap_or(Layer::None);
            let signal = signals
                .enter(&m.signal, layer, m.role, m.unit, &m.means, (m.role == Role::FailedRequest).then_some(m.name.as_str()))
                .map_err(|w| Fault::new(Some(("metric", i)), "signal", w))?;
            if !["Sum", "Average", "Maximum", "Minimum"].contains(&m.statistic.as_str()) && !m.statistic.starts_with('p') {
                let what = format!("`{}` is no statistic; use Sum, Average, Maximum, Minimum or pNN", m.statistic);
                return Err(Fault::new(Some(("metric", i)), "statistic", what));
            }
            counts.push(Count { signal, when: Vec::new(), value: None, keep: Vec::new() });
        }
        if counts.is_empty() {
            return Err(Fault::new(None, "metric", "missing: give at least one [[metric]]"));
        }
        Ok(Format {
            definition,
            fields: Vec::new(),
            forms: Vec::new(),
            events: Vec::new(),
            counts,
            time: None,
            time_field: None,
            duration: None,
            message: None,
            path: None,
            extracts: Vec::new(),
            prefilter: None,
            unannounced: Vec::new(),
            fallbacks: Vec::new(),
        })
    }

    fn compile_events(&mut self, d: &Definition, names: &Names, signals: &mut SignalTable) -> Result<(), Fault> {
        if d.events.len() > MAX_EVENTS {
            return Err(Fault::new(None, "event", format!("more than {MAX_EVENTS} events; split the format")));
        }
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut announced: Vec<usize> = Vec::new();
        for (i, e) in d.events.iter().enumerate() {
            let fault = |key, what: String| Fault::new(Some(("event", i)), key, what);
            let layer = e.layer.or(d.layer).unwrap_or(Layer::None);
            let signal = match (&e.signal, e.weightless) {
                (Some(s), false) => {
                    Some(signals.enter(s, layer, e.role, e.unit, &e.means, None).map_err(|w| fault("signal", w))?)
                }
                (None, true) => None,
                (Some(_), true) => {
                    return Err(fault("weightless", "an event has a signal or is weightless, not both".into()));
                }
                (None, false) => {
                    return Err(fault("signal", "missing: name the signal, or say `weightless = true`".into()));
                }
            };
            let matches_something =
                e.starts.is_some() || !e.all.is_empty() || e.regex.is_some() || !e.when.is_empty() || e.fallback;
            if !matches_something {
                return Err(fault(
                    "starts",
                    "missing: an event without starts, all, regex or when must say `fallback = true`".into(),
                ));
            }
            let regex = match &e.regex {
                None => None,
                Some(text) => {
                    let r = pattern(text).map_err(|w| fault("regex", w))?;
                    let groups = r.capture_names().enumerate().filter_map(|(i, n)| Some((i, n?.to_owned()))).collect::<Vec<_>>();
                    Some((r, groups))
                }
            };
            let field = |key: &'static str, n: &String| names.known(n, &d.name).map_err(|w| fault(key, w));
            let value = match &e.value {
                None => None,
                // A value may also be a group of the event's own regex: then it is read from the kept fields.
                Some(v) if names.names.contains(v) => Some((field("value", v)?, e.unit.unwrap_or(Unit::Count))),
                Some(v) if regex.as_ref().is_some_and(|(_, g)| g.iter().any(|(_, n)| n == v)) => None,
                Some(v) => return Err(fault("value", format!("no field or group `{v}`"))),
            };
            let forms = form_ids(&e.lines, &d.lines).map_err(|w| fault("lines", w))?;
            self.events.push(Event {
                signal,
                forms,
                block: e.block,
                starts: e.starts.as_ref().map(|s| s.as_bytes().to_vec()),
                all: e.all.iter().map(|s| memmem::Finder::new(s.as_bytes()).into_owned()).collect(),
                none: e.none.iter().map(|s| memmem::Finder::new(s.as_bytes()).into_owned()).collect(),
                regex,
                when: conditions(&e.when, names, &d.name).map_err(|w| fault("when", w))?,
                keep: e.keep.iter().map(|k| field("keep", k)).collect::<Result<_, _>>()?,
                value,
                fallback: e.fallback,
            });
            let longest = e.starts.iter().chain(&e.all).max_by_key(|l| l.len());
            match longest {
                _ if e.fallback => self.fallbacks.push(i),
                Some(l) => {
                    literals.push(l.as_bytes().to_vec());
                    announced.push(i);
                }
                None => self.unannounced.push(i),
            }
        }
        if !literals.is_empty() {
            // The pattern's index leads to the event: patterns are entered in the order of `announced`, and events that
            // stand between them get a pattern that cannot occur.
            let mut by_event: Vec<Vec<u8>> = vec![vec![0xff, 0xfe, 0xff]; self.events.len()];
            for (l, i) in literals.into_iter().zip(announced) {
                by_event[i] = l;
            }
            let built = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&by_event);
            self.prefilter = Some(built.map_err(|e| Fault::new(None, "event", e.to_string()))?);
        }
        Ok(())
    }

    fn compile_counts(&mut self, d: &Definition, names: &Names, signals: &mut SignalTable) -> Result<(), Fault> {
        for (i, c) in d.counts.iter().enumerate() {
            let fault = |key, what: String| Fault::new(Some(("count", i)), key, what);
            let layer = c.layer.or(d.layer).unwrap_or(Layer::None);
            let signal = signals
                .enter(&c.signal, layer, c.role, c.unit, &c.means, c.seen_as.as_deref())
                .map_err(|w| fault("signal", w))?;
            let value = match (&c.value, c.unit) {
                (None, _) => None,
                (Some(v), Some(u)) => Some((names.known(v, &d.name).map_err(|w| fault("value", w))?, u)),
                (Some(_), None) => {
                    return Err(fault("unit", "missing: a value needs its unit (s, ms, us, bytes, count)".into()));
                }
            };
            let keep = c.keep.iter().map(|k| names.known(k, &d.name).map_err(|w| fault("keep", w))).collect::<Result<_, _>>()?;
            let when = conditions(&c.when, names, &d.name).map_err(|w| fault("when", w))?;
            self.counts.push(Count { signal, when, value, keep });
            let forms = form_ids(&c.lines, &d.lines).map_err(|w| fault("lines", w))?;
            let mut used = false;
            for (f, form) in self.forms.iter_mut().enumerate() {
                if if forms.is_empty() { form.request } else { forms.contains(&f) } {
                    form.counts.push(i);
                    used = true;
                }
            }
            if !used {
                return Err(fault("lines", "no line form has `request = true`, and `lines` names none".into()));
            }
        }
        Ok(())
    }

    /// The id of a field by its name.
    pub fn field(&self, name: &str) -> Option<FieldId> {
        self.fields.iter().position(|f| f == name).map(|i| i as FieldId)
    }

    /// Whether a form cuts lines by their own shape (as opposed to [`Form::bare`]).
    pub fn has_shape(&self) -> bool {
        self.forms.iter().any(|f| !f.bare)
    }

    /// Whether an event can claim a line without any shape.
    pub fn has_bare(&self) -> bool {
        self.forms.iter().any(|f| f.bare)
    }

    /// Whether stamps of this format are UTC without saying so.
    pub fn is_utc(&self) -> bool {
        self.definition.time.as_ref().is_some_and(|t| t.zone == Zone::Utc)
    }

    /// Cuts a line by the first form that fits among those with (`bare = false`) or without a shape.
    pub fn cut(&self, line: &[u8], bare: bool, hint: YearHint, reached: &mut Vec<usize>, out: &mut Fields) -> Option<Cut> {
        let mut last_miss: Option<Miss> = None;
        for (i, form) in self.forms.iter().enumerate() {
            if form.bare != bare {
                continue;
            }
            let fits = match &form.cutter {
                Cutter::Template(t) => {
                    let shared = last_miss.map_or(0, |m| form.shared.min(m.piece));
                    if let Some(m) = last_miss
                        && m.piece < form.shared
                    {
                        continue;
                    }
                    if shared == 0 {
                        out.clear();
                    }
                    match t.cut(line, self.time.as_ref(), hint, shared, reached, out) {
                        Ok(()) => true,
                        Err(m) => {
                            last_miss = Some(m);
                            false
                        }
                    }
                }
                other => {
                    last_miss = None;
                    out.clear();
                    other.cut_other(line, self.time.as_ref().zip(self.time_field), hint, out)
                }
            };
            if fits {
                if self.is_utc()
                    && let Some(s) = &mut out.stamp
                {
                    s.offset_s.get_or_insert(0);
                }
                return Some(Cut { form: i });
            }
        }
        None
    }

    /// Whether one form, taken by itself, fits a line.
    pub fn fits(&self, form: usize, line: &[u8], hint: YearHint) -> bool {
        let mut out = Fields::default();
        match &self.forms[form].cutter {
            Cutter::Template(t) => t.cut(line, self.time.as_ref(), hint, 0, &mut Vec::new(), &mut out).is_ok(),
            other => other.cut_other(line, self.time.as_ref().zip(self.time_field), hint, &mut out),
        }
    }

    /// The template that came closest to a line that nothing cut: its name, how far it came, what it expected there.
    pub fn closest(&self, line: &[u8], hint: YearHint) -> Option<(&str, usize, String)> {
        let mut best: Option<(&str, usize, String)> = None;
        for form in &self.forms {
            if let Cutter::Template(t) = &form.cutter
                && !form.bare
                && let Err(m) = t.cut(line, self.time.as_ref(), hint, 0, &mut Vec::new(), &mut Fields::default())
                && best.as_ref().is_none_or(|b| m.reached > b.1)
            {
                best = Some((&form.name, m.reached, t.expected(m)));
            }
        }
        best
    }

    /// The instants of a cut line, where it has a stamp.
    pub fn instants(&self, line: &[u8], fields: &Fields) -> Option<Instants> {
        let stamp = fields.stamp?;
        let marks = self.definition.time.as_ref().map_or(Marks::Instant, |t| t.marks);
        let duration_ms = self
            .duration
            .and_then(|(id, unit)| Some(number(fields.get(id, line)?)? * unit.to_base() * 1000.0))
            // A day is longer than any request; what is longer is no duration.
            .filter(|d| (0.0..86_400_000.0).contains(d))
            .map_or(0, |d| d as i64);
        let moved = |ms: i64| Stamp { wall_ms: stamp.wall_ms + ms, ..stamp };
        Some(match marks {
            Marks::Instant => Instants { at: stamp, written: stamp },
            Marks::End => Instants { at: moved(-duration_ms), written: stamp },
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
        // `GET https://host:443/path?query HTTP/1.1`
        let from = memchr::memchr(b' ', text)? + 1;
        let to = memchr::memrchr(b' ', text).filter(|t| *t > from).unwrap_or(text.len());
        let target = &text[from..to];
        if target.first() == Some(&b'/') {
            return Some(target);
        }
        let host = memmem::find(target, b"://").map_or(0, |i| i + 3);
        memchr::memchr(b'/', &target[host..]).map(|i| &target[host + i..])
    }

    /// The part of the message that events look into.
    fn message<'l>(&self, line: &'l [u8], fields: &Fields) -> &'l [u8] {
        let Some(text) = self.message.and_then(|m| fields.get(m, line)) else {
            return b"";
        };
        let ends = self.definition.message.iter().flat_map(|m| &m.ends_at);
        let end = ends.filter_map(|e| memmem::find(text, e.as_bytes())).min().unwrap_or(text.len());
        &text[..end]
    }

    /// Which event claims a cut line. `block`: the line is the last of a block.
    pub fn claim(&self, line: &[u8], fields: &Fields, cut: Cut, block: bool) -> Claim {
        if self.events.is_empty() {
            return Claim::None;
        }
        let mut claim = Claim::None;
        self.each_claim(line, fields, cut, block, |i| {
            claim = Claim::Event(i);
            false
        });
        claim
    }

    /// Calls `each` with every event that claims the line, fallbacks only when nothing else does, until it says stop.
    pub fn each_claim(&self, line: &[u8], fields: &Fields, cut: Cut, block: bool, mut each: impl FnMut(usize) -> bool) {
        let message = self.message(line, fields);
        let holds = |i: usize| self.events[i].holds(message, line, fields, cut, block);
        let mut seen = [0u64; MAX_EVENTS / 64];
        let mut any = false;
        if let Some(prefilter) = &self.prefilter {
            for m in prefilter.find_overlapping_iter(message) {
                let i = m.pattern().as_usize();
                let bit = 1u64 << (i % 64);
                if seen[i / 64] & bit != 0 {
                    continue;
                }
                seen[i / 64] |= bit;
                if holds(i) {
                    any = true;
                    if !each(i) {
                        return;
                    }
                }
            }
        }
        for &i in &self.unannounced {
            if holds(i) {
                any = true;
                if !each(i) {
                    return;
                }
            }
        }
        if !any {
            for &i in &self.fallbacks {
                if holds(i) && !each(i) {
                    return;
                }
            }
        }
    }

    /// The counts that hold for a cut line: signal and value (base unit).
    pub fn each_count(&self, line: &[u8], fields: &Fields, cut: Cut, mut each: impl FnMut(usize, SignalId, Option<f64>)) {
        for &i in &self.forms[cut.form].counts {
            let c = &self.counts[i];
            if !c.when.iter().all(|(f, w)| w.holds(fields.get(*f, line))) {
                continue;
            }
            match c.value {
                None => each(i, c.signal, None),
                // A value that is absent or a list is no measurement.
                Some((f, unit)) => {
                    if let Some(v) = fields.get(f, line).and_then(number) {
                        each(i, c.signal, Some(v * unit.to_base()));
                    }
                }
            }
        }
    }

    /// Whether any count holds for a cut line.
    pub fn counts_any(&self, line: &[u8], fields: &Fields, cut: Cut) -> bool {
        let mut any = false;
        self.each_count(line, fields, cut, |_, _, _| any = true);
        any
    }

    /// The value that an event measures (base unit).
    pub fn event_value(&self, event: usize, line: &[u8], fields: &Fields) -> Option<f64> {
        let e = &self.events[event];
        if let Some((f, unit)) = e.value {
            return fields.get(f, line).and_then(number).map(|v| v * unit.to_base());
        }
        let d = &self.definition.events[event];
        let name = d.value.as_ref()?;
        let mut found = None;
        self.each_kept_of_event(event, line, fields, |n, v| {
            if n == name {
                found = number(v);
            }
        });
        found.map(|v| v * d.unit.unwrap_or(Unit::Count).to_base())
    }

    /// The fields that an event keeps.
    pub fn each_kept_of_event(&self, event: usize, line: &[u8], fields: &Fields, mut each: impl FnMut(&str, &[u8])) {
        let e = &self.events[event];
        if let Some((regex, groups)) = &e.regex
            && !groups.is_empty()
        {
            let message = self.message(line, fields);
            let mut at = regex.capture_locations();
            if regex.captures_read(&mut at, message).is_some() {
                for (i, name) in groups {
                    if let Some((from, to)) = at.get(*i) {
                        each(name, &message[from..to]);
                    }
                }
            }
        }
        self.each_kept(&e.keep, line, fields, each);
    }

    /// The fields that a count keeps.
    pub fn each_kept_of_count(&self, count: usize, line: &[u8], fields: &Fields, each: impl FnMut(&str, &[u8])) {
        self.each_kept(&self.counts[count].keep, line, fields, each);
    }

    fn each_kept(&self, keep: &[FieldId], line: &[u8], fields: &Fields, mut each: impl FnMut(&str, &[u8])) {
        for &id in keep {
            let mut extracts = self.extracts.iter().filter(|x| x.field == id).peekable();
            let text = if extracts.peek().is_some() {
                extracts.find_map(|x| {
                    let t = fields.get(x.from, line)?;
                    let t = &t[memmem::find(t, &x.after)? + x.after.len()..];
                    Some(&t[..x.until.as_ref().map_or(Some(t.len()), |u| memmem::find(t, u))?])
                })
            } else {
                fields.get(id, line)
            };
            if let Some(t) = text.filter(|t| !t.is_empty() && *t != b"-") {
                each(&self.fields[usize::from(id)], t);
            }
        }
    }
}

impl Event {
    fn holds(&self, message: &[u8], line: &[u8], fields: &Fields, cut: Cut, block: bool) -> bool {
        if self.block != block || !(self.forms.is_empty() || self.forms.contains(&cut.form)) {
            return false;
        }
        let mut rest = message;
        if let Some(s) = &self.starts {
            let Some(r) = rest.strip_prefix(s.as_slice()) else {
                return false;
            };
            rest = r;
        }
        for f in &self.all {
            let Some(at) = f.find(rest) else { return false };
            rest = &rest[at + f.needle().len()..];
        }
        self.none.iter().all(|f| f.find(message).is_none())
            && self.when.iter().all(|(f, c)| c.holds(fields.get(*f, line)))
            && self.regex.as_ref().is_none_or(|(r, _)| r.is_match(message))
    }

    /// Whether it claims only what no other does.
    pub fn is_fallback(&self) -> bool {
        self.fallback
    }
}

fn conditions(when: &BTreeMap<String, String>, names: &Names, format: &str) -> Result<Vec<(FieldId, Condition)>, String> {
    let mut all: Vec<(FieldId, Condition)> = when
        .iter()
        .map(|(field, text)| Ok((names.known(field, format)?, Condition::parse(text)?)))
        .collect::<Result<_, String>>()?;
    // All must hold: what is told by a byte or two is asked first.
    all.sort_by_key(|(_, c)| c.cost());
    Ok(all)
}

fn form_ids(wanted: &[String], lines: &[Line]) -> Result<Vec<usize>, String> {
    wanted
        .iter()
        .map(|w| {
            lines.iter().position(|l| l.name == *w).ok_or_else(|| {
                let known: Vec<&str> = lines.iter().map(|l| l.name.as_str()).collect();
                format!("no line form is called `{w}`; there are {}", known.join(", "))
            })
        })
        .collect()
}

fn compile_form(line: &Line, names: &mut Names, has_time: bool) -> Result<Form, (&'static str, String)> {
    let cutter = match (&line.template, &line.regex, &line.json) {
        (Some(t), None, None) => {
            if t.contains("{time") && !has_time {
                return Err(("template", "it has a {time}, but there is no [time] that says how it is written".to_owned()));
            }
            Cutter::Template(Template::compile(t, |n| names.id(n)).map_err(|w| ("template", w))?)
        }
        (None, Some(r), None) => {
            if !r.starts_with('^') {
                return Err(("regex", "anchor it: begin with ^, or a request's text could pose as a line".to_owned()));
            }
            let regex = pattern(r).map_err(|w| ("regex", w))?;
            let ids = regex
                .capture_names()
                .map(|n| n.map(|n| names.id(n)).transpose())
                .collect::<Result<Vec<_>, _>>()
                .map_err(|w| ("regex", w))?;
            Cutter::Regex(Box::new(regex), ids)
        }
        (None, None, Some(j)) => {
            let fields = j
                .iter()
                .map(|(f, keys)| Ok((names.id(f)?, keys.iter().map(|k| k.as_bytes().to_vec()).collect())))
                .collect::<Result<Vec<_>, String>>()
                .map_err(|w| ("json", w))?;
            Cutter::Json(fields)
        }
        _ => {
            return Err(("template", "give exactly one of template, regex and json".to_owned()));
        }
    };
    Ok(Form {
        name: line.name.clone(),
        cutter,
        request: line.request,
        bare: line.bare,
        fallback: line.fallback,
        shared: 0,
        counts: Vec::new(),
    })
}

/// Notes how many pieces each template shares with the template that is tried just before it.
fn link_prefixes(forms: &mut [Form]) {
    for bare in [false, true] {
        let mut before: Option<usize> = None;
        for i in 0..forms.len() {
            if forms[i].bare != bare {
                continue;
            }
            let shared = match (before.map(|b| &forms[b].cutter), &forms[i].cutter) {
                (Some(Cutter::Template(a)), Cutter::Template(b)) => a.shared_prefix(b),
                _ => 0,
            };
            forms[i].shared = shared;
            before = matches!(forms[i].cutter, Cutter::Template(_)).then_some(i);
        }
    }
}

/// What a signal stands for; see [`SignalTable::enter`].
#[derive(Debug, Clone)]
pub struct SignalInfo {
    /// `program.what`
    pub name: String,
    /// The layer it speaks of.
    pub layer: Layer,
    /// What one occurrence stands for.
    pub role: Role,
    /// Unit of its values, where it has any.
    pub unit: Option<Unit>,
    /// What it proves, in a sentence.
    pub means: String,
    /// How an outside observer calls it.
    pub seen_as: Option<String>,
}
