//! What stands beside a verdict: what helped a root cause along without being it, and what was changed right before.

use super::cause::Part;
use super::view::View;
use super::weigh::{Score, Weighed};
use crate::lang::Lang;
use crate::model::{Change, Factor, Instant};

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

/// What was changed right before the first failure, where the verdict does not name it: it may be a coincidence, and is what is asked first.
pub fn changes(scores: &[Score<'_>], named: &[&Score<'_>], view: &View<'_>) -> Vec<Change> {
    let begin = view.window.start;
    let stands = |s: &Score<'_>| s.support > s.against.iter().map(|w| -w.weight).sum::<f64>();
    let before = |w: &&Weighed| w.weight > 0.0 && w.seen.first.is_some_and(|first| first <= begin);
    let others = scores.iter().filter(|s| s.cause.change && named.iter().all(|n| n.cause.id != s.cause.id));
    let change = |s: &Score<'_>| {
        let w = s.speaks_for.iter().find(before)?;
        let at = w.seen.first?;
        Some(Change {
            at: Instant(at),
            layer: s.cause.layer,
            mechanism: s.cause.id.clone(),
            says: w.says.clone(),
            sources: view.paths(&w.ids, at, begin + 1),
        })
    };
    others.filter(|s| stands(s)).filter_map(change).collect()
}
