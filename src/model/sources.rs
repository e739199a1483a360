//! What was read: the sources, their clocks, and the inputs that were none.

use serde::Serialize;

use super::Instant;
use crate::clock::{Basis, Found};
use crate::words::Layer;

/// One source: the lines of one format in one file.
#[derive(Debug, Clone, Serialize)]
pub struct SourceReport {
    /// Its path relative to the argument it came under.
    pub path: String,
    /// The definition that understood it.
    pub parser: String,
    /// The layer that wrote it.
    pub layer: Layer,
    /// Host or container, where an envelope names it.
    pub host: Option<String>,
    /// Lines of the file that belong to this source, those that nothing understood with the first source of the file.
    pub lines: u64,
    /// Lines that were understood or recognised.
    pub matched: u64,
    /// Those of the matched that say nothing about a drop.
    pub weightless: u64,
    /// Lines that nothing understood.
    pub unmatched: u64,
    /// First instant.
    pub first: Option<Instant>,
    /// Last instant.
    pub last: Option<Instant>,
    /// Its clock.
    pub clock: ClockReport,
    /// Why reading ended early, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// A few lines that nothing understood: number and text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmatched_examples: Vec<(u64, String)>,
}

/// A source's shift to UTC.
#[derive(Debug, Clone, Serialize)]
pub struct ClockReport {
    /// Seconds east of UTC.
    pub utc_offset_s: i32,
    /// Seconds that its clock runs ahead.
    pub skew_s: f64,
    /// Why.
    pub basis: Basis,
    /// 0…1.
    pub confidence: f64,
    /// The reason in words.
    pub because: String,
    /// What it was found from, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// Seconds gained a million seconds, where the clock drifts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_ppm: Option<f64>,
    /// The parts of a clock that steps or drifts; `utc_offset_s` and `skew_s` above are then those of the longest part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<ClockSegment>,
}

/// A part of a clock that steps or drifts.
#[derive(Debug, Clone, Serialize)]
pub struct ClockSegment {
    /// When it begins.
    pub from: Instant,
    /// Seconds east of UTC from there on.
    pub utc_offset_s: i32,
    /// Seconds that the clock runs ahead from there on.
    pub skew_s: f64,
}

/// An input that was not analysed.
#[derive(Debug, Clone, Serialize)]
pub struct SkippedReport {
    /// Its path.
    pub path: String,
    /// Why.
    pub because: String,
}
