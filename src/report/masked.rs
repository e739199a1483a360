//! What was masked, in words: a reader must know that a line is not as it stands in the log.

use crate::lang::thousands;
use crate::model::Report;
use crate::redact::Kind;

/// Said on the first screen where nothing was masked.
pub fn warning(report: &Report) -> Option<String> {
    report.masked.off.then(|| report.lang.say("masked-off"))
}

/// Said among the sources where something was.
pub fn line(report: &Report) -> Option<String> {
    let (lang, masked) = (report.lang, &report.masked);
    if masked.places == 0 {
        return None;
    }
    let count = |kind: &Kind| masked.kinds.get(kind.id()).map(|n| (name(*kind), *n));
    let said = |(key, n): (&str, u64)| lang.with("masked-kind", &[("kind", &lang.say(key)), ("n", &thousands(n))]);
    let kinds: Vec<String> = Kind::ALL.iter().filter_map(count).map(said).collect();
    Some(lang.with("masked", &[("kinds", &lang.list(&kinds))]))
}

/// The message that names a kind.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Query => "masked-query",
        Kind::Ip => "masked-ip",
        Kind::Secret => "masked-secret",
        Kind::Cookie => "masked-cookie",
        Kind::Session => "masked-session",
        Kind::Authorization => "masked-authorization",
        Kind::Token => "masked-token",
        Kind::Key => "masked-key",
        Kind::Email => "masked-email",
    }
}
