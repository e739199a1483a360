//! Runs a definition's samples: the tests that every definition carries with it.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::{Catalog, FormatId, read_definition, refused};
use super::cloudwatch;
use super::cut::Fields;
use super::definition::{Kind, Sample};
use super::format::{Claim, Fault, Format, Tries};
use super::scan::FileScanner;
use super::stamp::{Stamp, YearHint, read_iso_whole};
use super::tally::FileTally;

/// The year that undated years in samples stand in: samples must not change their meaning with the calendar.
const SAMPLE_HINT: YearHint = YearHint(1_798_761_599_000); // 2026-12-31T23:59:59Z

/// How a definition's samples went.
#[derive(Debug)]
pub struct Outcome {
    /// The file.
    pub file: String,
    /// The definition's name, where the file could be read.
    pub name: Option<String>,
    /// Samples run.
    pub samples: usize,
    /// What is wrong, as `file:line: key: what`.
    pub faults: Vec<String>,
}

/// Reads, compiles and runs one definition file, by itself.
pub fn test_file(file: &str, text: &str) -> Outcome {
    let mut outcome = Outcome { file: file.to_owned(), name: None, samples: 0, faults: Vec::new() };
    let definition = match read_definition(file, text) {
        Ok(d) => d,
        Err(e) => {
            outcome.faults.push(e.to_string());
            return outcome;
        }
    };
    outcome.name = Some(definition.name.clone());
    outcome.samples = definition.samples.len();
    let mut alone = Catalog::default();
    match alone.add(file, text, definition) {
        Err(e) => outcome.faults.push(e.to_string()),
        Ok(id) => outcome.faults.extend(faults(&alone, id).iter().map(|f| refused(file, text, f).to_string())),
    }
    outcome
}

/// Everything that the samples of a format show to be wrong.
fn faults(alone: &Catalog, id: FormatId) -> Vec<Fault> {
    let format = &alone.formats[id];
    let samples = &format.definition.samples;
    if samples.is_empty() {
        return vec![Fault::new(None, "sample", "missing: a definition without a sample is not believed; add [[sample]] tables")];
    }
    let mut faults = Vec::new();
    let mut reached = Reached::default();
    for (i, sample) in samples.iter().enumerate() {
        let at = |key, what: String| Fault::new(Some(("sample", i)), key, what);
        if sample.matches && sample.time.is_none() && format.definition.kind != Kind::Cloudwatch {
            faults.push(at("time", "missing: say which time must be read, or \"none\"".into()));
        }
        if sample.matches && sample.yields.is_none() {
            faults.push(at("yields", "missing: say which signals must come out; [] for a line without weight".into()));
        }
        let found = match format.definition.kind {
            Kind::Log => run_log(alone, format, sample, &mut reached),
            Kind::Envelope => run_envelope(format, sample, &mut reached),
            Kind::Cloudwatch => run_metrics(alone, sample, &mut reached),
        };
        match found {
            Err((key, what)) => faults.push(at(key, what)),
            Ok(got) => faults.extend(compare(sample, &got).into_iter().map(|(key, what)| at(key, what))),
        }
    }
    faults.extend(unreached(format, &reached));
    faults
}

#[derive(Default)]
struct Reached {
    forms: BTreeSet<usize>,
    events: BTreeSet<usize>,
    counts: BTreeSet<usize>,
}

/// What a sample yielded.
struct Got {
    matched: bool,
    time: Option<String>,
    yields: BTreeSet<String>,
    fields: BTreeMap<String, String>,
}

fn compare(sample: &Sample, got: &Got) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    if got.matched != sample.matches {
        let what = if sample.matches { "no form and event claims this line" } else { "the line is claimed, and must not be" };
        return vec![(if sample.matches { "line" } else { "matches" }, what.to_owned())];
    }
    if !sample.matches {
        return wrong;
    }
    if let (Some(want), Some(got)) = (&sample.time, &got.time)
        && want != got
    {
        wrong.push(("time", format!("expected {want}, read {got}")));
    }
    let want: BTreeSet<String> = sample.yields.iter().flatten().cloned().collect();
    if want != got.yields {
        let list = |s: &BTreeSet<String>| s.iter().cloned().collect::<Vec<_>>().join(", ");
        wrong.push(("yields", format!("expected [{}], came [{}]", list(&want), list(&got.yields))));
    }
    if sample.fields != got.fields {
        wrong.push(("fields", format!("expected {:?}, kept {:?}", sample.fields, got.fields)));
    }
    wrong
}

fn run_log(alone: &Catalog, format: &Format, sample: &Sample, reached: &mut Reached) -> Result<Got, (&'static str, String)> {
    let mut scanner = FileScanner::new(alone, SAMPLE_HINT);
    scanner.feed(sample.line.as_bytes());
    let tally = scanner.finish();
    let got = gather(alone, &tally);
    if !got.matched {
        return Ok(Got { time: None, ..got });
    }
    let mut time = None;
    let lines: Vec<&str> = sample.line.lines().collect();
    let in_block = format.definition.block.as_ref().is_some_and(|b| sample.line.starts_with(&b.begins));
    for (n, text) in lines.iter().enumerate() {
        let last_of_block = in_block && n + 1 == lines.len();
        if in_block && !last_of_block {
            continue;
        }
        let line = text.as_bytes();
        let mut fields = Fields::default();
        let shapes = if last_of_block { [true, true] } else { [false, true] };
        let cut = shapes.iter().find_map(|&bare| {
            let cut = format.cut(line, bare, SAMPLE_HINT, &mut Tries::default(), &mut fields)?;
            let known = format.claim(line, &fields, cut, last_of_block) != Claim::None
                || format.forms[cut.form].request
                || format.counts_any(line, &fields, cut);
            known.then_some(cut)
        });
        let Some(cut) = cut else { continue };
        reached.forms.insert(cut.form);
        time = time.or_else(|| fields.stamp.map(show_stamp));
        let mut claims = Vec::new();
        format.each_claim(line, &fields, cut, last_of_block, |e| {
            claims.push(e);
            true
        });
        reached.events.extend(&claims);
        if claims.len() > 1 {
            let names: Vec<String> = claims.iter().map(|&e| format!("event[{e}]")).collect();
            return Err(("line", format!("{} claim it: narrow all but one of them", names.join(" and "))));
        }
        format.each_count(line, &fields, cut, |c, _, _| {
            reached.counts.insert(c);
        });
        if let Some(other) = rival_form(format, line, cut.form) {
            let what = format!(
                "the forms `{}` and `{other}` both fit it; mark the poorer one `fallback = true`",
                format.forms[cut.form].name
            );
            return Err(("line", what));
        }
    }
    Ok(Got { time: Some(time.unwrap_or_else(|| "none".to_owned())), ..got })
}

/// A form further down that fits the line as well and does not say that it may.
fn rival_form<'f>(format: &'f Format, line: &[u8], form: usize) -> Option<&'f str> {
    if format.forms[form].bare {
        return None;
    }
    let rivals = format.forms.iter().enumerate().skip(form + 1).filter(|(_, f)| !f.bare && !f.fallback);
    rivals.map(|(i, f)| (i, &f.name)).find(|(i, _)| format.fits(*i, line, SAMPLE_HINT)).map(|(_, n)| n.as_str())
}

fn run_envelope(format: &Format, sample: &Sample, reached: &mut Reached) -> Result<Got, (&'static str, String)> {
    let line = sample.line.as_bytes();
    let mut fields = Fields::default();
    let Some(cut) = format.cut(line, false, SAMPLE_HINT, &mut Tries::default(), &mut fields) else {
        return Ok(Got { matched: false, time: None, yields: BTreeSet::new(), fields: BTreeMap::new() });
    };
    reached.forms.insert(cut.form);
    let kept = ["inner", "host", "tag"].iter().filter_map(|n| {
        let text = fields.get(format.field(n)?, line)?;
        let text = super::json::unescape(text).unwrap_or_else(|| text.to_vec());
        Some(((*n).to_owned(), String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned()))
    });
    Ok(Got {
        matched: true,
        time: Some(fields.stamp.map_or_else(|| "none".to_owned(), show_stamp)),
        yields: BTreeSet::new(),
        fields: kept.collect(),
    })
}

fn run_metrics(alone: &Catalog, sample: &Sample, reached: &mut Reached) -> Result<Got, (&'static str, String)> {
    let tally = cloudwatch::scan_metrics(alone, sample.line.as_bytes()).map_err(|e| ("line", e.to_string()))?;
    let mut yields = BTreeSet::new();
    for source in &tally.sources {
        for (signal, t) in &source.signals {
            let counts = &alone.formats[source.format].counts;
            reached.counts.extend(counts.iter().enumerate().filter(|(_, c)| c.signal == *signal).map(|(i, _)| i));
            for c in &t.cells {
                let at = chrono::DateTime::from_timestamp(c.second, 0)
                    .map_or_else(String::new, |t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string());
                let value = if c.max >= c.min { c.sum } else { c.count as f64 };
                if c.count > 0 {
                    yields.insert(format!("{} {at} {value}", alone.signals.info(*signal).name));
                }
            }
        }
    }
    Ok(Got { matched: tally.unmatched == 0, time: Some("none".to_owned()), yields, fields: BTreeMap::new() })
}

fn gather(catalog: &Catalog, tally: &FileTally) -> Got {
    let mut got =
        Got { matched: tally.lines > 0 && tally.unmatched == 0, time: None, yields: BTreeSet::new(), fields: BTreeMap::new() };
    for (signal, t) in tally.sources.iter().flat_map(|s| &s.signals) {
        got.yields.insert(catalog.signals.info(*signal).name.clone());
        for (field, values) in &t.facts {
            got.fields.extend(values.keys().map(|v| (field.clone(), v.clone())));
        }
    }
    got
}

fn unreached(format: &Format, reached: &Reached) -> Vec<Fault> {
    let mut faults = Vec::new();
    let d = &format.definition;
    for (i, l) in d.lines.iter().enumerate().filter(|(i, _)| !reached.forms.contains(i)) {
        faults.push(Fault::new(
            Some(("line", i)),
            "name",
            format!("no sample reaches the form `{}`; add one, or remove the form", l.name),
        ));
    }
    for i in (0..d.events.len()).filter(|i| !reached.events.contains(i)) {
        let name = d.events[i].signal.as_deref().unwrap_or("(weightless)");
        faults.push(Fault::new(
            Some(("event", i)),
            "signal",
            format!("no sample reaches this event, {name}; add one, or remove it"),
        ));
    }
    for (i, c) in d.counts.iter().enumerate().filter(|(i, _)| !reached.counts.contains(i)) {
        faults.push(Fault::new(
            Some(("count", i)),
            "signal",
            format!("no sample reaches this count, {}; add one, or remove it", c.signal),
        ));
    }
    for (i, m) in d.metrics.iter().enumerate().filter(|(i, _)| !reached.counts.contains(i)) {
        faults.push(Fault::new(
            Some(("metric", i)),
            "signal",
            format!("no sample reaches this metric, {}; add one, or remove it", m.signal),
        ));
    }
    faults
}

/// A stamp in the spelling of samples.
pub fn show_stamp(stamp: Stamp) -> String {
    let t = chrono::DateTime::from_timestamp_millis(stamp.wall_ms);
    let Some(t) = t else {
        return "out of range".to_owned();
    };
    let mut text = t.format("%Y-%m-%dT%H:%M:%S").to_string();
    let ms = stamp.wall_ms.rem_euclid(1000);
    if ms != 0 {
        text.push_str(&format!(".{ms:03}"));
    }
    match stamp.offset_s {
        None => {}
        Some(0) => text.push('Z'),
        Some(o) => {
            let sign = if o < 0 { '-' } else { '+' };
            text.push_str(&format!("{sign}{:02}:{:02}", o.abs() / 3600, o.abs() / 60 % 60));
        }
    }
    debug_assert!(read_iso_whole(&text).is_some());
    text
}
