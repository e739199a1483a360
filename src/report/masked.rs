//! What was masked, in words: a reader must know that a line is not as it stands in the log.

use crate::diagnosis::wording::thousands;
use crate::lang::Lang;
use crate::model::Report;

/// Said on the first screen where nothing was masked.
pub fn warning(report: &Report, lang: Lang) -> Option<String> {
    report.masked.off.then(|| lang.say("masked-off"))
}

/// Said among the sources where something was.
pub fn line(report: &Report, lang: Lang) -> Option<String> {
    let m = &report.masked;
    if m.places == 0 {
        return None;
    }
    let kinds: Vec<String> =
        m.kinds.iter().map(|(kind, n)| format!("{} {}", thousands(*n), lang.say(&format!("masked-{kind}")))).collect();
    Some(lang.with("masked", &[("kinds", &kinds.join(", "))]))
}
