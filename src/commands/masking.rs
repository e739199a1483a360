//! What is masked, as the flags and the configuration say.

use crate::cli::Masking;
use crate::config::Redact;
use crate::config::redaction::{WARNING, redaction};
use crate::redact::Redaction;

/// The flags over what the file says; where nothing is masked, that is said at once.
///
/// # Errors
/// A file of rules cannot be read or used.
pub fn wanted(flags: &Masking, file: Option<&Redact>) -> anyhow::Result<Redaction> {
    let mut all = file.cloned().unwrap_or_default();
    all.off |= flags.no_redact;
    all.ips |= flags.redact_ips;
    all.rules.extend(flags.redact_rules.iter().cloned());
    let redaction = redaction(&all)?;
    if redaction.off {
        eprintln!("fivexx: WARNING: {WARNING}");
    }
    Ok(redaction)
}
