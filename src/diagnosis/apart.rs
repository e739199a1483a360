//! Whether what looks like one incident is two: stretches of failures with requests served between them, and reasons of their own.

use std::collections::BTreeSet;

use crate::incident::{Incidents, Window};
use crate::model::Incident;

/// Most stretches that are looked into: what fails more often than this comes and goes by itself.
const MOST_STRETCHES: usize = 8;

/// Windows up to which they are looked into: what fails so often has its reasons elsewhere, and each look goes through the whole timeline.
const MOST_WINDOWS: usize = 64;

/// How sure both verdicts must be before an incident is parted by them.
const SURE: f64 = 0.7;

/// Parts the windows in which requests failed for one reason, were served, and failed for another. `diagnose` explains some windows, each beside the others.
pub fn part(found: &mut Incidents, diagnose: impl Fn(&[Window]) -> Vec<Incident>) {
    if found.windows.len() > MOST_WINDOWS {
        return;
    }
    let mut parted = Vec::new();
    for window in &found.windows {
        let stretches = found.stretches(window);
        if !(2..=MOST_STRETCHES).contains(&stretches.len()) {
            parted.push(window.clone());
            continue;
        }
        let verdicts = diagnose(&stretches);
        let mut parts: Vec<(Window, &Incident)> = Vec::new();
        for (stretch, verdict) in stretches.into_iter().zip(&verdicts) {
            match parts.last_mut() {
                Some((part, of)) if !have_nothing_in_common(of, verdict) => {
                    *part = found.over(window, part.start, stretch.end);
                    // What says little joins whatever is beside it.
                    if verdict.dropped_at.confidence > of.dropped_at.confidence {
                        *of = verdict;
                    }
                }
                _ => parts.push((stretch, verdict)),
            }
        }
        match parts.len() {
            1 => parted.push(window.clone()),
            _ => parted.extend(parts.into_iter().map(|(part, _)| part)),
        }
    }
    if parted.len() > found.windows.len() {
        found.replace(parted);
    }
}

/// Whether two verdicts are sure, and no mechanism that one names is named by the other.
fn have_nothing_in_common(a: &Incident, b: &Incident) -> bool {
    let named = |i: &Incident| {
        let factors = i.contributing.iter().map(|f| f.mechanism.clone());
        factors.chain([i.dropped_at.mechanism.clone(), i.root_cause.mechanism.clone()]).collect::<BTreeSet<_>>()
    };
    a.dropped_at.confidence >= SURE && b.dropped_at.confidence >= SURE && named(a).is_disjoint(&named(b))
}
