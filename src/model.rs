//! The report as data: the JSON contract `fivexx.report/1`. Every writer works from this and nothing else.

pub mod lanes;
mod sources;

pub use sources::{ClockReport, ClockSegment, SkippedReport, SourceReport};

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use crate::lang::Lang;
use crate::words::Layer;

/// Name and version of the contract.
pub const SCHEMA: &str = "fivexx.report/1";

/// An instant in UTC, to the second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i64);

impl Instant {
    /// As a chrono time; what lies outside its range becomes the epoch.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// From the first to the last instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Begin.
    pub start: Instant,
    /// End.
    pub end: Instant,
}

/// What the analysis came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Requests were dropped.
    Incident,
    /// There were requests to judge by, and none was dropped beyond the usual.
    NoIncident,
    /// Nothing to judge by.
    NotEnoughData,
}

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Version of the program.
    pub version: &'static str,
    /// The language that its sentences are in; ids, names of fields and quoted lines are the same in all.
    pub lang: Lang,
    /// When the report was made.
    pub generated_at: Instant,
    /// The outcome.
    pub verdict: Verdict,
    /// What the sources cover together.
    pub period: Option<Period>,
    /// What was read.
    pub sources: Vec<SourceReport>,
    /// What was not read, and why.
    pub skipped: Vec<SkippedReport>,
    /// The incidents, the one with the most failed requests first.
    pub incidents: Vec<Incident>,
    /// Things worth knowing that are no incident (client aborts, failures below the threshold).
    pub remarks: Vec<String>,
    /// What was masked before it was written.
    pub masked: Masked,
}

/// What was masked in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Masked {
    /// Nothing was looked for: secrets stand in this report as they stand in the logs.
    pub off: bool,
    /// Whether IP addresses were masked too.
    pub ips: bool,
    /// How many places were masked.
    pub places: u64,
    /// How many different values those were.
    pub values: u64,
    /// Places by kind, as the stand-ins name it.
    pub kinds: BTreeMap<&'static str, u64>,
}

/// How one host of several did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// It failed, and the others hardly did.
    Failing,
    /// It logged no request while others went on.
    Silent,
    /// It failed as the others did.
    AsTheOthers,
    /// Nothing is wrong with it.
    Well,
}

/// One host of a layer in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostReport {
    /// The layer.
    pub layer: Layer,
    /// The host, as an envelope or a folder names it.
    pub host: String,
    /// Requests that it logged.
    pub requests: u64,
    /// Those that failed; lines that tell of failures, where it logs no requests.
    pub failed: u64,
    /// How it did beside the others.
    pub state: HostState,
}

/// One incident.
#[derive(Debug, Clone, Serialize)]
pub struct Incident {
    /// When requests failed, or health checks of what failed them still did.
    pub window: Period,
    /// Where no request failed any more, if the window goes on behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_until: Option<Instant>,
    /// Requests in the window, at the outermost layer that counts them.
    pub requests: u64,
    /// Those that failed.
    pub failed_requests: u64,
    /// What the two counts are made of.
    pub counted_by: String,
    /// Where they were dropped.
    pub dropped_at: DroppedAt,
    /// What made it so.
    pub root_cause: RootCause,
    /// How it looked from outside.
    pub seen_as: Vec<SeenAs>,
    /// What followed what.
    pub chain: Vec<Link>,
    /// Requests by layer.
    pub ledger: Vec<LedgerRow>,
    /// Where the failed requests were dropped; with `unexplained` they add up to `failed_requests`.
    pub drop_points: Vec<DropPoint>,
    /// Failed requests without a drop point.
    pub unexplained: u64,
    /// What speaks for the verdict.
    pub evidence: Vec<Evidence>,
    /// Other reasons that lead to the same and show signs, weaker than the root cause's.
    pub contributing: Vec<Factor>,
    /// What was changed right before the first failure, where the verdict does not name it.
    pub changes: Vec<Change>,
    /// Other causes that share signs, and why they are not it.
    pub ruled_out: Vec<RuledOut>,
    /// Every cause that was looked for.
    pub checks: Vec<Check>,
    /// What to change.
    pub remedies: Vec<Remedy>,
    /// What could not be looked at, and what to collect next time.
    pub missing: Vec<String>,
    /// What each host did, where a layer has several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<HostReport>,
    /// What each layer counted over time, around the window.
    pub lanes: lanes::Lanes,
}

/// Where requests were dropped.
#[derive(Debug, Clone, Serialize)]
pub struct DroppedAt {
    /// The layer.
    pub layer: Layer,
    /// The mechanism: the id of a cause.
    pub mechanism: String,
    /// 0…1.
    pub confidence: f64,
    /// The hosts that stand out, where several are told apart and not all are alike.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// The socket, upstream or zone, where the logs name it.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// The mechanism in words.
    pub title: String,
    /// What happened, with the numbers seen.
    pub says: String,
}

/// What made it so.
#[derive(Debug, Clone, Serialize)]
pub struct RootCause {
    /// The layer.
    pub layer: Layer,
    /// The mechanism: the id of a cause.
    pub mechanism: String,
    /// 0…1.
    pub confidence: f64,
    /// The mechanism in words.
    pub title: String,
    /// What happened, with the numbers seen.
    pub says: String,
}

/// How an outer layer counted it.
#[derive(Debug, Clone, Serialize)]
pub struct SeenAs {
    /// The observer.
    pub layer: Layer,
    /// Its name for it.
    pub what: String,
    /// How often in the window.
    pub count: u64,
}

/// One step of the chain.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Its first sign.
    pub at: Instant,
    /// Where.
    pub layer: Layer,
    /// Which mechanism.
    pub mechanism: String,
    /// In words.
    pub what: String,
}

/// Requests of one layer in the window.
#[derive(Debug, Clone, Serialize)]
pub struct LedgerRow {
    /// The layer.
    pub layer: Layer,
    /// Requests it was handed.
    pub received: u64,
    /// Those it answered without failure.
    pub answered: u64,
    /// Those it answered with a failure.
    pub failed: u64,
    /// Those that the next layer in does not know of.
    pub not_passed_on: u64,
    /// Those not passed on that it did not fail either: it answered them itself, or they were lost on the way to `next`.
    pub unaccounted: u64,
    /// Requests that `next` counts beyond those (retries, health checks, requests from elsewhere).
    pub more_than_handed_on: u64,
    /// The next layer in that counts requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Layer>,
    /// What the numbers are made of.
    pub counted_from: CountedFrom,
    /// Which source says so.
    pub basis: String,
}

/// What a row of the ledger is made of, the sharpest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedFrom {
    /// Request lines.
    Requests,
    /// A metric's whole periods.
    Metric,
    /// Lines that tell of failures; nobody counts what was received.
    FailureLines,
}

/// Where failed requests were dropped.
#[derive(Debug, Clone, Serialize)]
pub struct DropPoint {
    /// The layer.
    pub layer: Layer,
    /// The mechanism.
    pub mechanism: String,
    /// client, proxy, server, resource_limit or timer.
    pub ended_by: String,
    /// queue, connect, sending, header or body.
    pub phase: String,
    /// How many.
    pub requests: u64,
    /// Which source says so.
    pub basis: String,
}

/// One piece of evidence.
#[derive(Debug, Clone, Serialize)]
pub struct Evidence {
    /// The signal.
    pub signal: String,
    /// Which verdict it speaks for.
    pub mechanism: String,
    /// Occurrences in the window.
    pub count: u64,
    /// First in the window.
    pub first: Option<Instant>,
    /// Last in the window.
    pub last: Option<Instant>,
    /// Log-odds that it adds; 0 where it only shows the errors of a time that no cause explains.
    pub weight: f64,
    /// In words.
    pub says: String,
    /// The sources that show it.
    pub sources: Vec<String>,
    /// Lines that show it.
    pub examples: Vec<Quote>,
}

/// A line of the input, byte for byte but for what was masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The file.
    pub path: String,
    /// The line number, from 1.
    pub line: u64,
    /// The line.
    pub text: String,
    /// How many places of it were masked.
    #[serde(skip_serializing_if = "is_zero")]
    pub masked: u32,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// What may have helped the root cause along.
#[derive(Debug, Clone, Serialize)]
pub struct Factor {
    /// Where.
    pub layer: Layer,
    /// The cause.
    pub mechanism: String,
    /// The cause in words.
    pub title: String,
    /// Its strongest sign.
    pub because: String,
}

/// A change right before the first failure: a deploy, a reload.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Its first sign.
    pub at: Instant,
    /// Where.
    pub layer: Layer,
    /// The cause that it would be a sign of.
    pub mechanism: String,
    /// What, in words.
    pub says: String,
    /// The sources that show it.
    pub sources: Vec<String>,
}

/// A cause that was considered and is not it.
#[derive(Debug, Clone, Serialize)]
pub struct RuledOut {
    /// The cause.
    pub mechanism: String,
    /// Why not.
    pub because: String,
}

/// Outcome of looking for one cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There are signs of it.
    Supports,
    /// There are signs against it.
    Contradicts,
    /// The sources that would show it show nothing.
    NotFound,
    /// No source would show it.
    NoSource,
}

/// One cause that was looked for.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// The cause.
    pub mechanism: String,
    /// What came of it.
    pub outcome: Outcome,
    /// In words.
    pub because: String,
}

/// Something to do.
#[derive(Debug, Clone, Serialize)]
pub struct Remedy {
    /// What.
    #[serde(rename = "do")]
    pub action: String,
    /// The configuration line, filled from what was seen.
    pub config: Option<String>,
    /// Why.
    pub why: String,
    /// Where it is documented.
    pub reference: Option<String>,
}
