//! What of a report is compared. Fields that are not known are passed over, and those that an older version did not write are empty.

use serde::Deserialize;

use crate::model::SCHEMA;

/// A report.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Report {
    /// `incident`, `no_incident` or `not_enough_data`.
    pub verdict: String,
    /// The incidents.
    pub incidents: Vec<Incident>,
    /// What was read.
    pub sources: Vec<Source>,
}

impl Default for Report {
    fn default() -> Self {
        Report { verdict: "unknown".to_owned(), incidents: Vec::new(), sources: Vec::new() }
    }
}

/// An incident.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Incident {
    /// When.
    pub window: Window,
    /// Requests in the window.
    pub requests: u64,
    /// Those that failed.
    pub failed_requests: u64,
    /// Where they were dropped.
    pub dropped_at: Place,
    /// What made it so.
    pub root_cause: Place,
    /// Where each failed request went.
    pub drop_points: Vec<DropPoint>,
    /// Failed requests without a drop point.
    pub unexplained: u64,
    /// What speaks for the verdict.
    pub evidence: Vec<Evidence>,
}

/// Begin and end.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Window {
    /// RFC 3339.
    pub start: String,
    /// RFC 3339.
    pub end: String,
}

/// A layer and a mechanism.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The layer's id.
    pub layer: String,
    /// The mechanism's id.
    pub mechanism: String,
    /// 0…1.
    pub confidence: f64,
    /// The mechanism in words.
    pub title: Option<String>,
    /// The socket, upstream or zone.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// Hosts that stand out.
    pub hosts: Vec<String>,
}

/// Where failed requests were dropped.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DropPoint {
    /// The layer's id.
    pub layer: String,
    /// The mechanism's id.
    pub mechanism: String,
    /// How many.
    pub requests: u64,
}

/// One piece of evidence.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The signal.
    pub signal: String,
    /// How often.
    pub count: u64,
}

/// A source.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Its path.
    pub path: String,
    /// The definition that understood it.
    pub parser: String,
    /// The host, where one is told.
    pub host: Option<String>,
    /// Lines.
    pub lines: u64,
    /// Lines that nothing understood.
    pub unmatched: u64,
    /// Its clock.
    pub clock: Clock,
}

/// A clock.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Clock {
    /// Seconds east of UTC.
    pub utc_offset_s: i64,
    /// Seconds ahead.
    pub skew_s: f64,
    /// stated, given, inferred or assumed.
    pub basis: String,
}

impl Report {
    /// Gives each text that may come from a log to `f`; what it returns is not used.
    pub fn each_text(&mut self, f: &mut dyn FnMut(&mut String) -> u32) {
        let Report { verdict: _, incidents, sources } = self;
        for incident in incidents {
            for Place { layer: _, mechanism: _, confidence: _, title, place, hosts } in
                [&mut incident.dropped_at, &mut incident.root_cause]
            {
                title.iter_mut().chain(place).chain(hosts).for_each(|t| {
                    f(t);
                });
            }
        }
        for Source { path, parser: _, host, lines: _, unmatched: _, clock: _ } in sources {
            f(path);
            host.iter_mut().for_each(|h| {
                f(h);
            });
        }
    }
}

/// Why a text is no report that can be compared.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or a field has another type.
    #[error("it is no fivexx report (`fivexx analyze … --format json -o report.json` writes one)")]
    NotAReport(#[from] serde_json::Error),
    /// The schema is another one's.
    #[error(
        "its schema is {0}, not `{SCHEMA}`; write the report anew with this version, or compare with the version that wrote it"
    )]
    OtherSchema(String),
}

/// Reads a report.
///
/// # Errors
/// It is none, or one of another schema.
pub fn read(text: &str) -> Result<Report, ReadError> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    match value.get("schema").and_then(|s| s.as_str()) {
        Some(SCHEMA) => Ok(serde_json::from_value(value)?),
        Some(other) => Err(ReadError::OtherSchema(format!("`{}`", crate::report::escape::terminal(other)))),
        None => Err(ReadError::OtherSchema("not stated".to_owned())),
    }
}
