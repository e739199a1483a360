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
    let said = |(kind, n): (&&str, &u64)| format!("{} ({})", lang.say(&format!("masked-{kind}")), thousands(*n));
    let kinds: Vec<String> = m.kinds.iter().map(said).collect();
    Some(lang.with("masked", &[("kinds", &kinds.join(", "))]))
}
