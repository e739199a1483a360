//! From a definition to a [`Format`]: everything that can be wrong with one is said here.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::guard::MAX_COUNTS;
use super::pieces::{Extract, Extracts, FirstOf, finder};
use super::{Count, Event, Fault, Form, Format, MAX_EVENTS};
use crate::parser::announced::Announcement;
use crate::parser::catalog::SignalTable;
use crate::parser::condition::Condition;
use crate::parser::cut::{Cutter, FieldId, FirstBytes, Keys, MAX_FIELDS, Pattern, Template};
use crate::parser::definition::{self, Definition, Kind, Line, Marks};
use crate::parser::stamp::TimeFormat;
use crate::words::{Layer, Role, Unit};

/// Most bytes of literals that become a table of states, which has about a KiB a byte.
const WIDEST: usize = 16 << 10;

/// Compiles every pattern of a definition now: those that are not ours are told at once what is wrong with them.
///
/// # Errors
/// The first pattern that is broken.
pub fn check_patterns(definition: &Definition) -> Result<(), Fault> {
    let forms = definition.lines.iter().map(|l| &l.regex).enumerate().map(|(i, r)| ("line", i, r));
    let events = definition.events.iter().map(|e| &e.regex).enumerate().map(|(i, r)| ("event", i, r));
    for (table, i, regex) in forms.chain(events) {
        if let Some(text) = regex {
            Pattern::new(text).check().map_err(|w| Fault::new(Some((table, i)), "regex", w))?;
        }
    }
    Ok(())
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

impl Format {
    /// Compiles a definition; its signals are entered in `signals`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn compile(definition: Definition, signals: &mut SignalTable) -> Result<Self, Fault> {
        let definition = Arc::new(definition);
        let d = &*definition;
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
        Form::link(&mut forms);
        let mut extracts: Vec<Extracts> = Vec::new();
        for (i, e) in d.extracts.iter().enumerate() {
            let from = names.known(&e.from, &d.name).map_err(|w| Fault::new(Some(("extract", i)), "from", w))?;
            let to = names.id(&e.field).map_err(|w| Fault::new(Some(("extract", i)), "field", w))?;
            let at = extracts.iter().position(|x| x.field == to).unwrap_or_else(|| {
                extracts.push(Extracts::new(to));
                extracts.len() - 1
            });
            extracts[at].push(Extract { from, after: finder(&e.after), until: e.until.as_deref().map(finder) });
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
            marks: Marks::Instant,
            message,
            path: names.find("request").map(|f| (f, true)).or_else(|| names.find("uri").map(|f| (f, false))),
            extracts,
            ends: FirstOf::new(d.message.iter().flat_map(|m| &m.ends_at).map(String::as_str)),
            firsts: OnceLock::new(),
            seeing: OnceLock::new(),
            prefilter: OnceLock::new(),
            wide_prefilter: OnceLock::new(),
            unannounced: Vec::new(),
            fallbacks: Vec::new(),
            definition: Arc::clone(&definition),
        };
        format.compile_events(d, &names, signals)?;
        format.compile_counts(d, &names, signals)?;
        if let Some(t) = &d.time
            && let Some(field) = &t.duration
        {
            let id = names.known(field, &d.name).map_err(|w| Fault::new(Some(("time", 0)), "duration", w))?;
            let factor = format.counts.iter().filter_map(|c| c.value).find(|(f, _)| *f == id).map_or(1.0, |(_, factor)| factor);
            (format.duration, format.marks) = (Some((id, factor)), t.marks);
        }
        Ok(format)
    }

    /// What lines with a shape of their own, in JSON or without those, can begin with; `None` where that is anything.
    pub(in crate::parser) fn first_bytes(&self, json: bool) -> Option<FirstBytes> {
        let mut all = FirstBytes::among(|_| false);
        for form in self.forms.iter().filter(|f| !f.bare && (json || !matches!(f.cutter, Cutter::Json(_)))) {
            all.join(&self.first_bytes_of(form)?);
        }
        Some(all)
    }

    /// What lines of a form can begin with; `None` where that is anything.
    fn first_bytes_of(&self, form: &Form) -> Option<FirstBytes> {
        match &form.cutter {
            Cutter::Template(t) => t.first_bytes(self.time.as_ref()),
            Cutter::Regex(pattern, _) => pattern.first().cloned(),
            Cutter::Json(_) => Some(FirstBytes::among(|b| b == b'{' || b.is_ascii_whitespace())),
        }
    }

    fn compile_metrics(definition: Arc<Definition>, signals: &mut SignalTable) -> Result<Self, Fault> {
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
            marks: Marks::Instant,
            message: None,
            path: None,
            extracts: Vec::new(),
            ends: FirstOf::default(),
            firsts: OnceLock::new(),
            seeing: OnceLock::new(),
            prefilter: OnceLock::new(),
            wide_prefilter: OnceLock::new(),
            unannounced: Vec::new(),
            fallbacks: Vec::new(),
        })
    }

    fn compile_events(&mut self, d: &Definition, names: &Names, signals: &mut SignalTable) -> Result<(), Fault> {
        if d.events.len() > MAX_EVENTS {
            return Err(Fault::new(None, "event", format!("more than {MAX_EVENTS} events; split the format")));
        }
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
            if let Some(unknown) = e.counted_by.iter().find(|c| d.events.iter().all(|o| o.signal.as_ref() != Some(*c))) {
                return Err(fault("counted_by", format!("no event of this definition gives `{unknown}`")));
            }
            if let Some(id) = signal {
                signals.count_by(id, &e.counted_by);
            }
            let matches_something =
                e.starts.is_some() || !e.all.is_empty() || e.regex.is_some() || !e.when.is_empty() || e.fallback;
            if !matches_something {
                return Err(fault(
                    "starts",
                    "missing: an event without starts, all, regex or when must say `fallback = true`".into(),
                ));
            }
            let regex = e.regex.as_deref().map(Pattern::new);
            let has_group = |name: &str| regex.as_ref().is_some_and(|p| p.names().any(|n| n == name));
            let field = |key: &'static str, n: &String| names.known(n, &d.name).map_err(|w| fault(key, w));
            let value = match &e.value {
                None => None,
                // A value may also be a group of the event's own regex: then it is read from the kept fields.
                Some(v) if names.names.contains(v) => Some((field("value", v)?, e.unit.unwrap_or(Unit::Count).to_base())),
                Some(v) if has_group(v) => None,
                Some(v) => return Err(fault("value", format!("no field or group `{v}`"))),
            };
            if let Some(name) = &e.epoch
                && !has_group(name)
            {
                return Err(fault("epoch", format!("the event's regex has no group `{name}`")));
            }
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
            });
            match announcing(e) {
                _ if e.fallback => self.fallbacks.push(i),
                Some(_) => {}
                None => self.unannounced.push(i),
            }
        }
        for (i, form) in self.forms.iter_mut().enumerate() {
            // Lines without a message say what the empty one says.
            let has_message = self.message.is_some_and(|m| form.cutter.gives(m));
            let may_claim = |e: &&Event| !e.block && (e.forms.is_empty() || e.forms.contains(&i));
            form.claimable = self.events.iter().filter(may_claim).any(|e| has_message || e.has_texts(b""));
        }
        Ok(())
    }

    /// The pass over the literals of all events.
    pub(super) fn prefilter(&self) -> Option<&AhoCorasick> {
        self.prefilter.get_or_init(|| self.over_literals(None)).as_ref()
    }

    /// The same as a table of states, which takes longer to build and more memory, and reads several times as fast.
    pub(super) fn wide_prefilter(&self) -> Option<&AhoCorasick> {
        self.wide_prefilter.get_or_init(|| self.over_literals(Some(AhoCorasickKind::DFA))).as_ref()
    }

    fn over_literals(&self, kind: Option<AhoCorasickKind>) -> Option<AhoCorasick> {
        let events = &self.definition.events;
        // The pattern's index leads to the event: events without a literal get one that cannot occur.
        let never: &[u8] = &[0xff, 0xfe, 0xff];
        let literal = |e: &definition::Event| announcing(e).filter(|_| !e.fallback).map(|l| l.as_bytes().to_vec());
        let literals: Vec<Option<Vec<u8>>> = events.iter().map(literal).collect();
        let bytes: usize = literals.iter().flatten().map(Vec::len).sum();
        let kind = kind.filter(|_| bytes <= WIDEST);
        literals.iter().any(Option::is_some).then(|| {
            let by_event = literals.iter().map(|l| l.as_deref().unwrap_or(never));
            AhoCorasick::builder().match_kind(MatchKind::Standard).kind(kind).build(by_event).ok()
        })?
    }

    /// What announces each event that can claim a line without a shape.
    pub(in crate::parser) fn announced_bare(&self) -> impl Iterator<Item = Announcement<'_>> {
        // In JSON a text may be written with escapes.
        let as_it_is = !self.forms.iter().any(|f| f.bare && matches!(f.cutter, Cutter::Json(_)));
        self.events.iter().zip(&self.definition.events).filter_map(move |(e, d)| {
            let may_claim = |i: usize, f: &Form| {
                let can_hold = e.when.iter().all(|(field, c)| f.cutter.gives(*field) || c.holds(None));
                f.bare && !e.block && (e.forms.is_empty() || e.forms.contains(&i)) && can_hold
            };
            let forms: Vec<&Form> = self.forms.iter().enumerate().filter(|(i, f)| may_claim(*i, f)).map(|(_, f)| f).collect();
            match announcing(d).filter(|_| !d.fallback && as_it_is) {
                _ if forms.is_empty() => None,
                Some(literal) => Some(Announcement::Literal(literal)),
                None => Some(Announcement::First(Box::new(self.firsts_of_event(e, &forms)))),
            }
        })
    }

    /// With what lines begin that these forms cut and the event claims.
    fn firsts_of_event(&self, event: &Event, forms: &[&Form]) -> FirstBytes {
        let mut all = FirstBytes::among(|_| false);
        for form in forms {
            let mut of_form = self.first_bytes_of(form).unwrap_or_else(|| FirstBytes::among(|_| true));
            if self.message.is_some_and(|m| form.cutter.begins_with(m))
                && let Some(first) = event.regex.as_ref().and_then(Pattern::first)
            {
                of_form.meet(first);
            }
            all.join(&of_form);
        }
        all
    }

    /// What lines with a shape of their own can begin with.
    pub(super) fn firsts(&self) -> Option<&FirstBytes> {
        self.firsts.get_or_init(|| self.first_bytes(true).map(Box::new)).as_deref()
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
                (Some(v), Some(u)) => Some((names.known(v, &d.name).map_err(|w| fault("value", w))?, u.to_base())),
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
                    if form.counts.len() == MAX_COUNTS {
                        return Err(fault(
                            "lines",
                            format!("more than {MAX_COUNTS} counts of `{}`; split the format", form.name),
                        ));
                    }
                    form.counts.push(i);
                    used = true;
                }
            }
            if !used {
                return Err(fault("lines", "no line form has `request = true`, and `lines` names none".into()));
            }
        }
        for form in &mut self.forms {
            let counts: Vec<&Count> = form.counts.iter().map(|i| &self.counts[*i]).collect();
            form.guard(&counts);
        }
        Ok(())
    }
}

/// The literal that is looked for before anything else is asked of an event.
fn announcing(e: &definition::Event) -> Option<&String> {
    e.starts.iter().chain(&e.all).max_by_key(|l| l.len())
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
            let pattern = Pattern::new(r);
            let ids = pattern.names().map(|n| names.id(n)).collect::<Result<Vec<_>, _>>().map_err(|w| ("regex", w))?;
            Cutter::Regex(Box::new(pattern), ids)
        }
        (None, None, Some(j)) => {
            let fields = j
                .iter()
                .map(|(f, keys)| Ok((names.id(f)?, keys.iter().map(|k| k.as_bytes().to_vec()).collect())))
                .collect::<Result<Vec<_>, String>>()
                .map_err(|w| ("json", w))?;
            Cutter::Json(Keys { fields, without: line.json_without.iter().map(|k| k.as_bytes().to_vec()).collect() })
        }
        _ => {
            return Err(("template", "give exactly one of template, regex and json".to_owned()));
        }
    };
    Ok(Form::new(line.name.clone(), cutter, line.request, line.bare, line.fallback))
}
