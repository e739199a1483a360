//! What a cause file in `causes/` may say. The field reference for people is `docs/definitions.md`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::wording;
use crate::builtin::{BUILTIN_CAUSES, not_replaced, read_all};
use crate::parser::catalog::{Catalog, DefinitionError, read_folder, refused, syntax};
use crate::parser::condition::Condition;
use crate::parser::format::Fault;
use crate::suggest;
use crate::words::Layer;

/// One file of `causes/`: a mechanism by which requests fail, or a reason behind one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Stable id, the file's stem.
    pub id: String,
    /// Where it lies.
    pub layer: Layer,
    /// What it is, in a few words.
    pub title: String,
    /// Whether requests are dropped by it, whether it can lie behind a drop, or both.
    pub can_be: Vec<Part>,
    /// What happened, as a sentence with `{placeholders}`.
    pub says: String,
    /// Why these signs implicate that layer.
    pub implicates: String,
    /// What would disprove it.
    pub disproved_by: String,
    /// Where it is documented.
    pub reference: String,
    /// Whether its signs are changes: what was changed right before the first failure is told beside every verdict.
    #[serde(default)]
    pub change: bool,
    /// Who ends the request: client, proxy, server, resource_limit or timer.
    #[serde(default)]
    pub ended_by: String,
    /// In which phase: queue, connect, sending, header or body.
    #[serde(default)]
    pub phase: String,
    /// Log-odds before any sign is seen.
    #[serde(default = "usual_prior")]
    pub prior: f64,
    /// Log-odds that it is its own root cause, where it may be one.
    #[serde(default)]
    pub own_root: f64,
    /// Names the place: `{socket}`.
    #[serde(default)]
    pub place: Option<String>,
    /// Parsers whose sources would show it.
    pub seen_by: Vec<String>,
    /// Layers, nearest first: the first that has any source must speak for itself (a log with its own words, no list of requests) for this to
    /// be more than possible. Without, it is what one neighbour says of another.
    #[serde(default)]
    pub hearsay_without: Vec<Layer>,
    /// Signals whose kept fields fill placeholders, besides those that speak for it.
    #[serde(default)]
    pub facts_from: Vec<String>,
    /// What speaks for it.
    #[serde(default, rename = "for")]
    pub speaks_for: Vec<Sign>,
    /// What speaks against it.
    #[serde(default)]
    pub against: Vec<Sign>,
    /// Signals of which each is a request dropped this way.
    #[serde(default, rename = "drops")]
    pub drops: Vec<Drop>,
    /// For roots: what they lead to.
    #[serde(default)]
    pub leads_to: Vec<LeadsTo>,
    /// What to change.
    #[serde(default, rename = "remedy")]
    pub remedies: Vec<RemedyText>,
    /// What to collect to be surer next time.
    #[serde(default)]
    pub collect: Vec<String>,
    /// Logs with the verdict they must give.
    #[serde(default, rename = "sample")]
    pub samples: Vec<CauseSample>,
}

fn usual_prior() -> f64 {
    -2.0
}

/// What a cause can be in a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Where requests are dropped.
    Drop,
    /// What lies behind it.
    Root,
}

/// A sign for or against a cause.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// Signals, counted together.
    pub any: Vec<String>,
    /// How it is measured.
    #[serde(default)]
    pub measure: Measure,
    /// Log-odds at full strength.
    pub weight: f64,
    /// The measure at which it has its full strength: a share, a ratio, a level.
    pub full: Option<f64>,
    /// Occurrences below which it does not count.
    #[serde(default = "one")]
    pub least: u64,
    /// Seconds before the window in which it counts as well.
    #[serde(default)]
    pub lead_s: i64,
    /// It must have begun when the failures begin: later, it is a consequence.
    #[serde(default)]
    pub begins_before: bool,
    /// Only with at least one of these signals also seen in the window.
    #[serde(default)]
    pub with: Vec<String>,
    /// Only with none of these signals seen in the window.
    #[serde(default)]
    pub without: Vec<String>,
    /// Only where what the lines of its signals kept is so: of texts the most frequent, of numbers the largest.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// In words, with `{placeholders}`; `{count}` is the number of occurrences, `{ratio}` the rise.
    pub says: String,
}

fn one() -> u64 {
    1
}

/// How a sign is measured in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Occurrences as a share of the failed requests.
    #[default]
    Share,
    /// That it occurs at all.
    Present,
    /// The mean of its values, against the time outside the incidents.
    Rise,
    /// Its occurrences a second, against the time outside the incidents.
    RateRise,
    /// It occurs nowhere, although a source of `seen_by` covers the window.
    Absent,
}

/// Signals of which each is a dropped request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// The signal.
    pub signal: String,
    /// Only when one of these is also seen in the window: the line alone has several readings.
    #[serde(default)]
    pub with: Vec<String>,
    /// Only when none of these is seen in the window.
    #[serde(default)]
    pub without: Vec<String>,
    /// Overrides the cause's `ended_by`.
    pub ended_by: Option<String>,
    /// Overrides the cause's `phase`.
    pub phase: Option<String>,
}

/// What a root cause leads to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadsTo {
    /// The id of the drop.
    pub mechanism: String,
    /// Log-odds that the link itself adds.
    #[serde(default)]
    pub weight: f64,
}

/// What to change.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedyText {
    /// What, with `{placeholders}`.
    #[serde(rename = "do")]
    pub action: String,
    /// The configuration line, with `{placeholders}`; left out where one of them is not known.
    pub config: Option<String>,
    /// Why.
    pub why: String,
    /// Where it is documented.
    pub reference: Option<String>,
    /// Only where one of these signals is also seen in the window: advice for a stack that is there.
    #[serde(default)]
    pub with: Vec<String>,
    /// Only where none of these signals is seen in the window.
    #[serde(default)]
    pub without: Vec<String>,
}

/// A log with the verdict it must give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseSample {
    /// The lines, of any formats.
    pub lines: String,
    /// Must be named as the drop; `none` for no incident.
    pub dropped_at: Option<String>,
    /// Must be named as the root cause.
    pub root_cause: Option<String>,
    /// What it shows.
    #[serde(default)]
    pub shows: String,
}

/// All causes.
#[derive(Debug, Default)]
pub struct Causes {
    /// The user's own first, then by id.
    pub all: Vec<Cause>,
}

impl Causes {
    /// The built-in causes and those of the user's folders, which replace built-ins of the same id.
    ///
    /// # Errors
    /// The first that is broken or names what nothing gives.
    pub fn load(folders: &[PathBuf], catalog: &Catalog) -> Result<Self, DefinitionError> {
        let mut texts: Vec<(String, String)> = Vec::new();
        for folder in folders {
            texts.extend(read_folder(folder)?);
        }
        let mut causes = Causes::default();
        for (file, text) in &texts {
            causes.all.push(read_cause(file, text, catalog)?);
        }
        for (b, cause) in read_all(not_replaced(BUILTIN_CAUSES, &texts), parsed) {
            causes.all.push(checked(cause?, b.path, b.text, catalog)?);
        }
        Ok(causes)
    }

    /// `; did you mean …?`, where a cause's id is like this one.
    pub fn nearest(&self, id: &str) -> String {
        suggest::hint(id, self.all.iter().map(|c| c.id.as_str()))
    }

    /// Finds a cause by its id.
    pub fn find(&self, id: &str) -> Option<&Cause> {
        self.all.iter().find(|c| c.id == id)
    }
}

/// Reads and checks one cause.
///
/// # Errors
/// What is wrong, with file, line and key.
pub fn read_cause(file: &str, text: &str, catalog: &Catalog) -> Result<Cause, DefinitionError> {
    checked(parsed(file, text)?, file, text, catalog)
}

fn parsed(file: &str, text: &str) -> Result<Cause, DefinitionError> {
    toml::from_str(text).map_err(|e| syntax(file, text, &e))
}

fn checked(cause: Cause, file: &str, text: &str, catalog: &Catalog) -> Result<Cause, DefinitionError> {
    check(&cause, catalog).map_err(|f| refused(file, text, &f))?;
    Ok(cause)
}

fn check(c: &Cause, catalog: &Catalog) -> Result<(), Fault> {
    let known = |s: &String| {
        catalog.signals.find(s).map(|_| ()).ok_or_else(|| format!("no parser gives a signal `{s}`{}", nearest(s, catalog)))
    };
    let all_known =
        |table, i, key, signals: &[String]| signals.iter().try_for_each(known).map_err(|w| Fault::new(Some((table, i)), key, w));
    if c.id.is_empty() || !c.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(Fault::new(None, "id", "use lower case letters, digits and underscores"));
    }
    if c.can_be.is_empty() {
        return Err(Fault::new(None, "can_be", "say [\"drop\"], [\"root\"] or both"));
    }
    for p in &c.seen_by {
        if catalog.find(p).is_none() {
            return Err(Fault::new(None, "seen_by", format!("there is no parser `{p}`{}", catalog.nearest(p))));
        }
    }
    for (table, signs) in [("for", &c.speaks_for), ("against", &c.against)] {
        for (i, s) in signs.iter().enumerate() {
            all_known(table, i, "any", &s.any)?;
            all_known(table, i, "with", &s.with)?;
            all_known(table, i, "without", &s.without)?;
            let conditions = s.when.values().try_for_each(|c| Condition::parse(c).map(|_| ()));
            conditions.map_err(|w| Fault::new(Some((table, i)), "when", w))?;
            if s.weight <= 0.0 {
                let what = "a weight is above 0; what speaks against it stands under [[against]]";
                return Err(Fault::new(Some((table, i)), "weight", what));
            }
        }
    }
    c.facts_from.iter().try_for_each(known).map_err(|w| Fault::new(None, "facts_from", w))?;
    if c.speaks_for.is_empty() {
        return Err(Fault::new(None, "for", "missing: a cause without a sign that speaks for it can never be found"));
    }
    for (i, d) in c.drops.iter().enumerate() {
        all_known("drops", i, "signal", std::slice::from_ref(&d.signal))?;
        all_known("drops", i, "with", &d.with)?;
        all_known("drops", i, "without", &d.without)?;
    }
    for (i, r) in c.remedies.iter().enumerate() {
        all_known("remedy", i, "with", &r.with)?;
        all_known("remedy", i, "without", &r.without)?;
    }
    if c.samples.is_empty() {
        return Err(Fault::new(None, "sample", "missing: give at least one log with the verdict it must give"));
    }
    let texts = [(None, "says", Some(&c.says)), (None, "place", c.place.as_ref())].into_iter();
    let remedies =
        c.remedies.iter().enumerate().flat_map(|(i, r)| {
            [(Some(("remedy", i)), "do", Some(&r.action)), (Some(("remedy", i)), "config", r.config.as_ref())]
        });
    for (table, key, text) in texts.chain(remedies) {
        if let Some(t) = text {
            wording::check(t).map_err(|w| Fault::new(table, key, w))?;
        }
    }
    Ok(())
}

/// The signal whose name is nearest, as a hint.
fn nearest(name: &str, catalog: &Catalog) -> String {
    suggest::hint(name, catalog.signals.iter().map(|(_, s)| s.name.as_str()))
}
