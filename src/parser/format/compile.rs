//! From a definition to a [`Format`]: everything that can be wrong with one is said here.

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};
use std::collections::BTreeMap;

use super::{Count, Event, Extract, Fault, Form, Format, MAX_EVENTS};
use crate::parser::catalog::SignalTable;
use crate::parser::condition::Condition;
use crate::parser::cut::{Cutter, FieldId, FirstBytes, MAX_FIELDS, Template};
use crate::parser::definition::{Definition, Kind, Line};
use crate::parser::stamp::TimeFormat;
use crate::words::{Layer, Role, Unit};

/// Compiled patterns are small; this keeps a careless user pattern from eating the machine.
const REGEX_SIZE_LIMIT: usize = 2 << 20;

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
            if let Some(name) = &e.epoch
                && !regex.as_ref().is_some_and(|(_, g)| g.iter().any(|(_, n)| n == name))
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
            Cutter::Regex(Box::new(regex), ids, FirstBytes::of(r).map(Box::new))
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
