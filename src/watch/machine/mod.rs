//! What a look means for what is known: the watch's state machine. Pure: the same knowledge and the same look give the same
//! steps, so a look that was cut off is simply made again.
//!
//! An incident is *watched* until it is sure, then *told* once, and *closed* when it has ended and its data has settled. It stays
//! known for a while after that, so that a later look recognises it.

pub mod identity;

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::words::Layer;
use identity::Pairing;

/// Seconds without a failure after which an incident counts as ended: longer than any pause inside one.
pub const QUIET_S: i64 = 120;

/// A stretch of time: UTC seconds, the end not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First second.
    pub start: i64,
    /// The second after the last one.
    pub end: i64,
}

impl Span {
    /// Seconds that both cover.
    pub fn overlap(self, other: Span) -> i64 {
        (self.end.min(other.end) - self.start.max(other.start)).max(0)
    }

    /// Its length in seconds.
    pub fn length(self) -> i64 {
        (self.end - self.start).max(0)
    }

    /// From the first begin to the last end.
    pub fn hull(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// What makes an incident itself, as one look saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// When requests failed.
    pub span: Span,
    /// Where they were dropped.
    pub layer: Layer,
    /// How.
    pub mechanism: String,
    /// Where the root cause lies.
    pub root_layer: Layer,
    /// The root cause.
    pub root_mechanism: String,
    /// How sure the root cause is, in percent.
    pub root_percent: u8,
    /// How sure the drop point is, in percent: finer differences are no news.
    pub percent: u8,
    /// Requests in the window.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
}

/// Name of an incident, made from what was seen of it first: ten hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub String);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far an incident has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Seen, not sure yet.
    Watched,
    /// Told, and going on.
    Told,
    /// Over.
    Closed,
}

/// What is known of one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Its name.
    pub id: IncidentId,
    /// As the last look that saw all of it did.
    pub facts: Facts,
    /// How far it has come.
    pub phase: Phase,
    /// When it was told; never told twice.
    pub told_at: Option<i64>,
    /// Whether its end was told, or the telling already said that it is over.
    pub end_told: bool,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// The incident that late data showed it to be a part of.
    pub part_of: Option<IncidentId>,
    /// Name of its report without the extension, from the time that it was told.
    pub report: Option<String>,
    /// When a look last saw it.
    pub last_seen: i64,
}

/// One look, as far as time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookAt {
    /// The second up to which it looked.
    pub now: i64,
    /// What begins from here on was seen with enough before it to judge by; what begins earlier may be cut off.
    pub whole_from: i64,
    /// Data before this no longer grows.
    pub settled_until: i64,
    /// The first and the last second that any source speaks of.
    pub data: Option<Span>,
    /// Whether every place that is read from answered.
    pub complete: bool,
}

/// What the user set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Least percent at which an incident is told while it lasts.
    pub sure_percent: u8,
    /// Whether one that never was is told at its end.
    pub tell_unsure: bool,
    /// Fewer failed requests than this are nobody's incident.
    pub least_failures: u64,
    /// Seconds of silence of all sources after which an incident is closed although nothing shows that it ended.
    pub silence_s: i64,
    /// Seconds that a closed incident stays known.
    pub keep_s: i64,
}

/// What is to be done about an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Do {
    /// Write its report and tell everybody.
    Tell,
    /// Write its report again.
    Update,
    /// It is over.
    Close,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub what: Do,
    /// About which incident.
    pub id: IncidentId,
    /// Which of the sightings it was seen as; several where it came apart after it was told, none where its logs are gone.
    pub seen_as: Vec<usize>,
}

/// What a look came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// All that is known now.
    pub known: Vec<Known>,
    /// What left the memory.
    pub forgotten: Vec<IncidentId>,
    /// What is to be done, an incident after the other.
    pub steps: Vec<Step>,
}

/// Decides what a look means.
pub fn decide(known: &[Known], seen: &[Facts], look: LookAt, rules: &Rules) -> Decision {
    let pairing = identity::pair(known, seen, rules.least_failures);
    let mut out = Decision::default();
    let mut all: Vec<(Known, Vec<usize>)> = Vec::new();
    for (k, old) in known.iter().enumerate() {
        all.push((old.clone(), pairing.seen_as(k)));
    }
    for &s in &pairing.fresh {
        let taken = |id: &IncidentId| all.iter().any(|(k, _)| k.id == *id);
        all.push((identity::first_seen(&seen[s], look.now, taken), vec![s]));
    }
    for (k, (mut incident, seen_as)) in all.into_iter().enumerate() {
        let part_of = pairing.absorbed_by(k).map(|host| known[host].id.clone());
        let steps = advance(&mut incident, &seen_as, seen, part_of, look, rules);
        let done = incident.phase == Phase::Closed || incident.told_at.is_none() && seen_as.is_empty();
        let stale = incident.closed_at.unwrap_or(incident.last_seen) + rules.keep_s <= look.now;
        if steps == [Verdict::Forget] || (done && stale) {
            out.forgotten.push(incident.id);
            continue;
        }
        for what in steps.into_iter().filter_map(Verdict::step) {
            out.steps.push(Step { what, id: incident.id.clone(), seen_as: seen_as.clone() });
        }
        out.known.push(incident);
    }
    out
}

/// What [`advance`] came to; forgetting is no step for anybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Step(Do),
    Forget,
}

impl Verdict {
    fn step(self) -> Option<Do> {
        match self {
            Verdict::Step(what) => Some(what),
            Verdict::Forget => None,
        }
    }
}

/// Moves one incident on.
fn advance(
    incident: &mut Known,
    seen_as: &[usize],
    seen: &[Facts],
    part_of: Option<IncidentId>,
    look: LookAt,
    rules: &Rules,
) -> Vec<Verdict> {
    let mut steps = Vec::new();
    if let Some(host) = part_of {
        incident.part_of = Some(host);
        if incident.told_at.is_none() {
            return vec![Verdict::Forget];
        }
        if incident.phase != Phase::Closed {
            close(incident, look, &mut steps);
        }
        return steps;
    }
    let news = refresh(incident, seen_as, seen, look);
    let changed = news == News::Changed;
    let ended = has_ended(incident.facts.span, look, rules);
    match incident.phase {
        Phase::Watched => {
            let seen_now = !seen_as.is_empty();
            let settled_begin = incident.facts.span.start < look.settled_until;
            let sure = settled_begin && incident.facts.percent >= rules.sure_percent;
            // Its logs were taken away before they settled: what was seen of it stands.
            let gone = !seen_now && look.data.is_none_or(|d| d.start > incident.facts.span.start);
            if seen_now && (sure || ended && rules.tell_unsure) || gone && ended && (sure || rules.tell_unsure) {
                incident.phase = Phase::Told;
                incident.told_at = Some(look.now);
                // Whoever is told of an incident that is over needs no second message.
                incident.end_told = ended;
                steps.push(Verdict::Step(Do::Tell));
                if ended {
                    close(incident, look, &mut steps);
                }
            } else if ended && (seen_now || gone) {
                close(incident, look, &mut steps);
            } else if ended && look.complete {
                // Late data showed that there was none.
                return vec![Verdict::Forget];
            }
        }
        Phase::Told => {
            if changed {
                steps.push(Verdict::Step(Do::Update));
            }
            if ended && (look.complete || !seen_as.is_empty() || silent_for(incident.facts.span, look) >= rules.silence_s) {
                close(incident, look, &mut steps);
            }
        }
        Phase::Closed => {
            if changed && incident.told_at.is_some() {
                steps.push(Verdict::Step(Do::Update));
            }
            if news != News::None && !ended && incident.told_at.is_some() {
                incident.phase = Phase::Told;
                incident.closed_at = None;
            }
        }
    }
    steps
}

fn close(incident: &mut Known, look: LookAt, steps: &mut Vec<Verdict>) {
    incident.phase = Phase::Closed;
    incident.closed_at = Some(look.now);
    if incident.told_at.is_some() {
        steps.push(Verdict::Step(Do::Close));
    }
}

/// What a look adds to what is known of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    None,
    /// It lasts longer; more is not known, for the look did not see its begin.
    Longer,
    Changed,
}

/// Takes over what the look saw.
fn refresh(incident: &mut Known, seen_as: &[usize], seen: &[Facts], look: LookAt) -> News {
    let Some(facts) = Pairing::together(seen_as, seen) else { return News::None };
    incident.last_seen = look.now;
    incident.part_of = None;
    if incident.facts.span.end > look.now {
        // A look at an earlier time, which is caught up with: more is known already.
        return News::None;
    }
    if incident.facts.span.start < look.whole_from {
        // The look saw its tail only: how far it reaches is known, the rest is not known better than before.
        let longer = facts.span.end > incident.facts.span.end;
        incident.facts.span = incident.facts.span.hull(facts.span);
        return if longer { News::Longer } else { News::None };
    }
    let changed = facts != incident.facts;
    incident.facts = facts;
    if changed { News::Changed } else { News::None }
}

/// Whether nothing failed any more for long enough, in data that no longer grows.
fn has_ended(span: Span, look: LookAt, rules: &Rules) -> bool {
    let quiet_until = span.end + QUIET_S;
    let served_since = look.data.is_some_and(|d| d.end >= quiet_until);
    look.settled_until >= quiet_until && (served_since || silent_for(span, look) >= rules.silence_s)
}

fn silent_for(span: Span, look: LookAt) -> i64 {
    look.settled_until - span.end
}

#[cfg(test)]
mod tests;
