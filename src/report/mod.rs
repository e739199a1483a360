//! Saying it so that a tired person acts on it.

pub mod chart;
pub mod clocks;
pub mod escape;
pub mod html;
pub mod markdown;
pub mod masked;
pub mod terminal;
pub mod words;

use crate::model::Report;

/// The JSON contract.
///
/// # Errors
/// serde refuses; the model has only types that it takes.
pub fn json(report: &Report) -> serde_json::Result<String> {
    let mut text = escape::json(&serde_json::to_string_pretty(report)?);
    text.push('\n');
    Ok(text)
}
