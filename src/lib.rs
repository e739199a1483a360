//! fivexx: which layer dropped our requests, why, and what do we change?
//!
//! Data flows one way, a module a room: source → parser → clock → timeline → incident → diagnosis → report. ARCHITECTURE.md
//! tells what may use what.

pub mod analysis;
#[cfg(feature = "aws")]
pub mod aws;
mod builtin;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod diagnosis;
pub mod diff;
pub mod follow;
pub mod incident;
pub mod lang;
pub mod model;
pub mod output;
pub mod parser;
pub mod partial;
pub mod redact;
pub mod report;
pub mod scanned;
mod snippet;
pub mod source;
mod suggest;
pub mod timeline;
pub mod watch;
pub mod words;
