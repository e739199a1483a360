//! What changed between two reports of a recurring incident. Reports are read as JSON, by whatever version wrote them.

mod incident;
pub mod read;
mod sources;
pub mod write;

use serde::Serialize;

use self::read::{Incident, Report};

/// Name and version of the JSON that a difference is written as.
pub const SCHEMA: &str = "fivexx.diff/1";

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Whether anything that is compared differs.
    pub differs: bool,
    /// The verdict and the number of incidents.
    pub overall: Vec<Change>,
    /// Incidents of both, matched, and those of one alone.
    pub incidents: Vec<IncidentDiff>,
    /// Sources and their clocks.
    pub sources: Vec<Change>,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What.
    pub what: String,
    /// How it was; nothing where it is new.
    pub before: Option<String>,
    /// How it is; nothing where it is gone.
    pub after: Option<String>,
}

/// One incident beside the other report's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentDiff {
    /// What it is called: the mechanism in words.
    pub title: String,
    /// Whether both reports have it, or which one.
    pub seen_in: SeenIn,
    /// The window of the earlier report's.
    pub window_before: Option<String>,
    /// The window of the later report's.
    pub window_after: Option<String>,
    /// What differs.
    pub changes: Vec<Change>,
}

/// Which report has an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenIn {
    /// Both.
    Both,
    /// The earlier one alone: it is gone.
    Before,
    /// The later one alone: it is new.
    After,
}

impl Change {
    fn of(what: impl Into<String>, before: Option<String>, after: Option<String>) -> Option<Self> {
        (before != after).then(|| Change { what: what.into(), before, after })
    }

    fn text(what: &str, before: &str, after: &str) -> Option<Self> {
        Self::of(what, Some(before.to_owned()), Some(after.to_owned()))
    }
}

/// Compares two reports.
pub fn compare(before: &Report, after: &Report) -> Diff {
    let overall: Vec<Change> = [
        Change::text("verdict", &before.verdict.replace('_', " "), &after.verdict.replace('_', " ")),
        Change::text("incidents", &before.incidents.len().to_string(), &after.incidents.len().to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let incidents: Vec<IncidentDiff> = pairs(&before.incidents, &after.incidents).into_iter().map(incident::compare).collect();
    let sources = sources::compare(&before.sources, &after.sources);
    let differs = !overall.is_empty()
        || !sources.is_empty()
        || incidents.iter().any(|i| i.seen_in != SeenIn::Both || !i.changes.is_empty());
    Diff { schema: SCHEMA, differs, overall, incidents, sources }
}

/// The two sides of one incident.
type Pair<'r> = (Option<&'r Incident>, Option<&'r Incident>);

/// Matches incidents: first those of the same drop and root cause, then of the same drop, of the same layer, then by their rank.
fn pairs<'r>(before: &'r [Incident], after: &'r [Incident]) -> Vec<Pair<'r>> {
    let alike: [fn(&Incident, &Incident) -> bool; 4] = [
        |a, b| a.dropped_at.mechanism == b.dropped_at.mechanism && a.root_cause.mechanism == b.root_cause.mechanism,
        |a, b| a.dropped_at.mechanism == b.dropped_at.mechanism,
        |a, b| a.dropped_at.layer == b.dropped_at.layer,
        |_, _| true,
    ];
    let mut partner: Vec<Option<usize>> = vec![None; before.len()];
    let mut taken = vec![false; after.len()];
    for alike in alike {
        for (i, b) in before.iter().enumerate() {
            if partner[i].is_some() {
                continue;
            }
            if let Some(j) = (0..after.len()).find(|j| !taken[*j] && alike(b, &after[*j])) {
                partner[i] = Some(j);
                taken[j] = true;
            }
        }
    }
    let mut all: Vec<Pair<'r>> = before.iter().enumerate().map(|(i, b)| (Some(b), partner[i].map(|j| &after[j]))).collect();
    all.extend(after.iter().enumerate().filter(|(j, _)| !taken[*j]).map(|(_, a)| (None, Some(a))));
    all
}
