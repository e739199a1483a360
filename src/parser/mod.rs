//! Text into signals, by the definitions in `parsers/`.

pub mod announced;
mod bytes;
pub mod catalog;
pub mod cloudwatch;
pub mod condition;
pub mod cut;
pub mod definition;
pub mod explain;
pub mod format;
pub mod harness;
pub mod json;
pub mod log_format;
pub mod matrix;
pub mod merge;
pub mod metrics;
pub mod patterns;
pub mod scan;
pub mod stamp;
pub mod tally;
