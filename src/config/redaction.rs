//! What is masked, from `[redact]` and the flags: rule files are read here.

use anyhow::Context;
use std::fs;
use std::sync::Arc;

use super::Redact;
use crate::redact::{Redaction, Rules};

/// Said wherever masking is off.
pub const WARNING: &str =
    "nothing is masked: passwords, tokens and personal data that stand in the logs will stand in the report";

/// Reads the rules that are named.
///
/// # Errors
/// A file cannot be read, or a rule in it cannot be used; the message says where.
pub fn redaction(settings: &Redact) -> anyhow::Result<Redaction> {
    let read = |path: &std::path::PathBuf| -> anyhow::Result<Arc<Rules>> {
        let text = fs::read_to_string(path).with_context(|| format!("rules of what to mask: {}", path.display()))?;
        Ok(Arc::new(Rules::read(&text).with_context(|| format!("rules of what to mask: {}", path.display()))?))
    };
    let more = settings.rules.iter().map(read).collect::<anyhow::Result<_>>()?;
    Ok(Redaction { off: settings.off, ips: settings.ips, more })
}
