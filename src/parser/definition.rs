//! What a definition file in `parsers/` may say, as types. The field reference for people is `docs/definitions.md`.
//!
//! These types only mirror the TOML; [`super::format`] turns one into a scanner and refuses what makes no sense.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::words::{Layer, Role, Unit};

/// One file of `parsers/`: a log format, an envelope around other formats, or a set of CloudWatch metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Id of the format, as in `sources[].parser` of the report; lower case with underscores, the file's stem.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What kind of file this describes.
    #[serde(default)]
    pub kind: Kind,
    /// The layer that writes it. Absent for envelopes.
    pub layer: Option<Layer>,
    /// Where the format is documented.
    pub reference: String,
    /// A shape that many programs share: tried when no other format fits.
    #[serde(default)]
    pub general: bool,
    /// Other servers write lines of this shape as well, so that a file's name or its other lines may tell of another writer.
    #[serde(default)]
    pub shared_shape: bool,
    /// Traps and settings worth knowing, for the reader of the file.
    #[serde(default)]
    pub notes: String,
    /// How time is written. Absent where no line carries one.
    pub time: Option<Time>,
    /// Where the part that the program itself wrote ends.
    pub message: Option<Message>,
    /// The ways in which a line can be cut, tried in order.
    #[serde(default, rename = "line")]
    pub lines: Vec<Line>,
    /// Fields cut out of another field on demand.
    #[serde(default, rename = "extract")]
    pub extracts: Vec<Extract>,
    /// What a message can be. Exactly one must claim a line.
    #[serde(default, rename = "event")]
    pub events: Vec<Event>,
    /// What is counted over the fields of a line; all that hold apply.
    #[serde(default, rename = "count")]
    pub counts: Vec<Count>,
    /// Lines that belong together (tracebacks): one event of the last line.
    pub block: Option<Block>,
    /// How a format text that users paste (nginx's `log_format`) names its fields.
    pub log_format: Option<LogFormat>,
    /// CloudWatch's namespace of the metrics, for `kind = "cloudwatch"`; without it they are only read from saved answers.
    pub namespace: Option<String>,
    /// Metrics, for `kind = "cloudwatch"`.
    #[serde(default, rename = "metric")]
    pub metrics: Vec<Metric>,
    /// Lines (or documents) with what they must yield: the definition's tests.
    #[serde(default, rename = "sample")]
    pub samples: Vec<Sample>,
}

/// What a definition describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Lines that mean something.
    #[default]
    Log,
    /// Lines that wrap a line of another format; the field `inner` goes on to the other definitions.
    Envelope,
    /// The JSON that `aws cloudwatch get-metric-data` and `get-metric-statistics` print.
    Cloudwatch,
}

/// How a format writes time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// `iso8601`, `clf`, `ctime`, `nginx`, `syslog`, `epoch`, or a strftime text such as `%d.%m.%Y %H:%M:%S`.
    pub format: String,
    /// Whether a line states its zone.
    pub zone: Zone,
    /// Which instant of a request the stamp marks.
    #[serde(default)]
    pub marks: Marks,
    /// The field that holds the request's duration: with it, a stamp at the end is led back to the start.
    pub duration: Option<String>,
}

/// Whether lines say in which zone they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// Every stamp carries its offset.
    Stated,
    /// No stamp carries one: local time of the writer.
    Unstated,
    /// Some layouts carry one.
    Either,
    /// Always UTC by the format's definition.
    Utc,
}

/// Which instant of a request a stamp marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marks {
    /// Something that happened at once.
    #[default]
    Instant,
    /// The request's begin; the line is written at its end.
    Start,
    /// The request's end.
    End,
}

/// Limits what events may look at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The field that holds the message.
    pub field: String,
    /// Texts behind which only quoted, foreign text follows: events look no further.
    #[serde(default)]
    pub ends_at: Vec<String>,
}

/// One way to cut a line. Exactly one of `template`, `regex` and `json` is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Id within the file.
    pub name: String,
    /// Literals and `{field:type}`.
    pub template: Option<String>,
    /// Named groups are the fields. Anchor it.
    pub regex: Option<String>,
    /// Field → keys of a JSON object that may hold it.
    pub json: Option<BTreeMap<String, Vec<String>>>,
    /// Keys that such a JSON object does not have: those by which it is another program's.
    #[serde(default)]
    pub json_without: Vec<String>,
    /// `true` where each such line is one request.
    #[serde(default)]
    pub request: bool,
    /// `true` where the line is told apart only by an event that claims it (no time, no fixed form).
    #[serde(default)]
    pub bare: bool,
    /// `true` where a form above may match the same line and is then the better one.
    #[serde(default)]
    pub fallback: bool,
}

/// A field cut out of another field, only when an event asks for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extract {
    /// The new field's name.
    pub field: String,
    /// Where it is cut from.
    pub from: String,
    /// The text before it.
    pub after: String,
    /// The text behind it; absent: to the end.
    pub until: Option<String>,
}

/// One thing that a message can mean.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The signal it gives. Absent with `weightless = true`.
    pub signal: Option<String>,
    /// Recognised, but of no weight for any verdict.
    #[serde(default)]
    pub weightless: bool,
    /// Only in lines cut by one of these forms; absent: any.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Only in the last line of a `[block]`.
    #[serde(default)]
    pub block: bool,
    /// The message begins with this.
    pub starts: Option<String>,
    /// Texts that all occur, in this order.
    #[serde(default)]
    pub all: Vec<String>,
    /// Texts that must not occur.
    #[serde(default)]
    pub none: Vec<String>,
    /// Must match as well; its named groups become fields and are kept.
    pub regex: Option<String>,
    /// Conditions on fields of the line.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// Fields of the line or of `[[extract]]` to keep besides the regex's groups.
    #[serde(default)]
    pub keep: Vec<String>,
    /// What the signal stands for in the accounting of requests.
    #[serde(default)]
    pub role: Role,
    /// Signals of other lines about the same failures: in a log that has one of them, this is a sign, whatever its role.
    #[serde(default)]
    pub counted_by: Vec<String>,
    /// The layer it speaks of, where that is not the writer's.
    pub layer: Option<Layer>,
    /// A field whose number is summed and sketched, with its unit.
    pub value: Option<String>,
    /// Unit of `value`.
    pub unit: Option<Unit>,
    /// A group of the regex that holds seconds since 1970, at or up to 15 minutes before the line's own time: it tells the zone of a log
    /// that writes local time.
    pub epoch: Option<String>,
    /// Claims only what no other event claims.
    #[serde(default)]
    pub fallback: bool,
    /// One sentence: what it proves.
    #[serde(default)]
    pub means: String,
}

/// Something counted or measured over the fields of a line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The signal it gives.
    pub signal: String,
    /// Only in lines cut by one of these forms; absent: every line with `request = true`.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Conditions on fields; all must hold.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// What the signal stands for in the accounting of requests.
    #[serde(default)]
    pub role: Role,
    /// The layer it speaks of, where that is not the writer's.
    pub layer: Option<Layer>,
    /// A field whose number is summed and sketched.
    pub value: Option<String>,
    /// Unit of `value`.
    pub unit: Option<Unit>,
    /// Fields to keep, as for events.
    #[serde(default)]
    pub keep: Vec<String>,
    /// How an outside observer calls it (`HTTPCode_Target_5XX_Count`), for the report's "seen as".
    pub seen_as: Option<String>,
    /// One sentence: what it proves.
    #[serde(default)]
    pub means: String,
}

/// Lines that make up one event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// A line that starts with this opens the block.
    pub begins: String,
    /// Lines that start with one of these belong to it.
    pub inside: Vec<String>,
    /// A line that starts with one of these carries the block on into a further part.
    #[serde(default)]
    pub links: Vec<String>,
}

/// How a pasted format text (`log_format`) is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFormat {
    /// How variables look.
    pub style: VariableStyle,
    /// The directive (`log_format`) or key (`logformat`) that holds such a text in a configuration file.
    pub directive: String,
    /// Variable → `field:type` of a template. A variable that is not here is cut and passed over.
    pub variables: BTreeMap<String, String>,
}

/// How variables look in a format text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableStyle {
    /// `$status`, `${status}`
    Dollar,
    /// `%(status)`
    PercentParen,
}

/// One metric of a `kind = "cloudwatch"` definition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The metric's name at the vendor.
    pub name: String,
    /// The signal it gives.
    pub signal: String,
    /// The statistic that means something for it: `Sum`, `Average`, `Maximum`, `Minimum` or `p99`.
    pub statistic: String,
    /// What a point that is not sent means.
    pub missing: Missing,
    /// Under which set of dimensions it is asked for.
    #[serde(default)]
    pub dimensions: Dimensions,
    /// What the signal stands for in the accounting of requests.
    #[serde(default)]
    pub role: Role,
    /// The layer it speaks of, where that is not the definition's.
    pub layer: Option<Layer>,
    /// Unit of the values; absent: a count.
    pub unit: Option<Unit>,
    /// One sentence: what it proves.
    #[serde(default)]
    pub means: String,
}

/// A set of dimensions. CloudWatch keeps a series for each set that is published, and the same event is published under several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimensions {
    /// The load balancer as a whole.
    #[default]
    LoadBalancer,
    /// Each of its target groups, with the load balancer.
    TargetGroup,
    /// Each of its target groups, without the load balancer.
    TargetGroupAlone,
}

/// What a metric's missing point means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nothing happened: a zero.
    Zero,
    /// Not known.
    Unknown,
}

/// A line (or several, or a document) and what it must yield.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The line as written; several lines for a block; a whole document for metrics.
    pub line: String,
    /// The stamp that must be read: as written (`2026-11-21T00:00:39`), with `Z` or an offset where stated, `none` where there is none.
    pub time: Option<String>,
    /// Exactly the signals that must come out, in any order. Metrics: `signal time value`.
    pub yields: Option<Vec<String>>,
    /// Exactly the kept fields, over all the signals.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// `false` for a line that this definition must not claim.
    #[serde(default = "yes")]
    pub matches: bool,
    /// What wrote the line: program, version, setting.
    #[serde(default)]
    pub from: String,
}

fn yes() -> bool {
    true
}
