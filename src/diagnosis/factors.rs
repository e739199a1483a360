//! What helped a root cause along without being it.

use super::cause::Part;
use super::weigh::Score;
use crate::lang::Lang;
use crate::model::Factor;

/// Support below which a cause is no factor.
const LEAST_SUPPORT: f64 = 0.5;

/// Causes that show signs, lead to the drop or to its root cause, and are neither: other reasons that may have weighed in.
pub fn contributing(scores: &[Score<'_>], named: &[&Score<'_>], lang: Lang) -> Vec<Factor> {
    let leads_here = |s: &Score<'_>| s.cause.leads_to.iter().any(|l| named.iter().any(|n| n.cause.id == l.mechanism));
    let stands = |s: &Score<'_>| {
        let against: f64 = s.against.iter().map(|w| -w.weight).sum();
        s.support >= LEAST_SUPPORT && s.support > against && s.speaks_for.iter().all(|w| w.late_s.is_none())
    };
    scores
        .iter()
        .filter(|s| named.iter().all(|n| n.cause.id != s.cause.id))
        .filter(|s| s.cause.can_be.contains(&Part::Root) && leads_here(s) && stands(s))
        .map(|s| Factor {
            layer: s.cause.layer,
            mechanism: s.cause.id.clone(),
            title: lang.of(&s.cause.title).to_owned(),
            because: s.speaks_for.first().map_or_else(String::new, |w| w.says.clone()),
        })
        .collect()
}
