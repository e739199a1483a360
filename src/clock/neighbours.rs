//! Clocks of neighbours: what one log of a server states holds for the logs beside it.

use std::collections::BTreeSet;

use super::infer::real_offsets;
use super::{Basis, Clock, ZoneShift};
use crate::lang::Saying;
use crate::parser::tally::SourceTally;
use crate::scanned::{Scan, Source, SourceId};
use crate::words::Layer;

const HOUR_S: i64 = 3600;

/// What another part of the same log can make sure of at most.
const PART_CONFIDENCE: f64 = 0.8;

/// What other lines of the same log can.
const OTHER_LINES_CONFIDENCE: f64 = 0.95;

/// The time that the sources with a known clock cover, and the offsets that they are in.
pub(super) struct Others {
    begin: i64,
    end: i64,
    offsets: BTreeSet<i32>,
}

impl Others {
    pub(super) fn of(scan: &Scan, clocks: &[Option<Clock>]) -> Option<Self> {
        let mut found: Option<Others> = None;
        for s in &scan.sources {
            let (Some(clock), Some((from, to))) = (clocks[s.id.0].as_ref(), scan.tally(s.id).span) else { continue };
            let (from, to) = (clock.utc(from), clock.utc(to));
            let all = found.get_or_insert_with(|| Others { begin: from, end: to, offsets: BTreeSet::new() });
            (all.begin, all.end) = (all.begin.min(from), all.end.max(to));
            all.offsets.insert(clock.offset_of(scan.tally(s.id)));
        }
        found
    }

    /// Whether a source meets them if its times are UTC; one without times does anywhere.
    pub(super) fn meet_in_utc(&self, tally: &SourceTally) -> bool {
        tally.span.is_none_or(|span| self.meet(span, 0))
    }

    /// Whether local times from the first to the last meet them in a zone.
    fn meet(&self, (a, b): (i64, i64), offset: i32) -> bool {
        let (from, to) = (a - i64::from(offset), b - i64::from(offset));
        to.min(self.end) - from.max(self.begin) >= (b - a).min(self.end - self.begin) / 2
    }
}

/// A source that, taken as UTC, never meets the others, and does in one zone that another source is in, or else in one of all zones.
pub(super) fn that_it_meets(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    let (a, b) = scan.tally(id).span?;
    let others = Others::of(scan, clocks)?;
    let (begin, end) = (others.begin, others.end);
    let offsets = others.offsets.iter().copied().chain([0]).collect::<BTreeSet<i32>>();
    let (mut found, mut confidence): (Vec<i32>, _) = (offsets.into_iter().filter(|o| others.meet((a, b), *o)).collect(), 0.7);
    if found.is_empty() {
        // Nobody else is in its zone. Parts of an hour are as likely a clock that runs wrong, and a log that only touches the others one of another day.
        let lies_within = |offset: &i32| {
            let (from, to) = (a - i64::from(*offset), b - i64::from(*offset));
            (to.min(end) - from.max(begin)) * 10 >= (b - a) * 9
        };
        let hours = real_offsets().into_iter().filter(|o| o % HOUR_S == 0).filter_map(|o| i32::try_from(o).ok());
        (found, confidence) = (hours.filter(lies_within).collect(), 0.6);
    }
    match found.as_slice() {
        [offset] if *offset != 0 => {
            let zone = ZoneShift::Fixed(*offset);
            let because = Saying::with("clock-only-there-it-meets", &[("zone", &zone.name())]);
            Some(Clock::constant(zone, Basis::Inferred, confidence, because))
        }
        _ => None,
    }
}

/// A log of the same server that states its zone: one in the same folder, if all that do agree. UTC is no zone of a machine's own: epochs and `Z` are
/// written everywhere.
pub(super) fn that_states_its_zone(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    that_states_utc(scan, id, clocks).filter(|c| c.zone != ZoneShift::Fixed(0))
}

/// The same, UTC as well: what to go by where nothing better tells.
pub(super) fn that_states_utc(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    other_lines_that_state(scan, id, clocks).or_else(|| log_that_states(scan, id, clocks))
}

/// Lines of the same log that state their zone: a server writes its requests so, and its own messages without (uWSGI's `%(ltime)` beside its
/// `ctime`).
fn other_lines_that_state(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    let (me, tally) = (scan.source(id), scan.tally(id));
    let is_other =
        |s: &&Source| s.file == me.file && scan.tally(s.id).stated == Some(true) && scan.tally(s.id).is_same_log(tally);
    let (other, clock) = scan.sources.iter().filter(is_other).find_map(|s| Some((s, clocks[s.id.0].as_ref()?)))?;
    let zone = ZoneShift::Fixed(clock.offset_of(scan.tally(other.id)));
    let because = Saying::of("clock-other-lines-state-it");
    Some(Clock { skew_s: clock.skew_s, ..Clock::constant(zone, Basis::Inferred, OTHER_LINES_CONFIDENCE, because) })
}

fn log_that_states(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    let states = |s: &Source| scan.tally(s.id).stated == Some(true) || scan.tally(s.id).anchors.zone().is_some();
    let stated = |s: &&Source| states(s) && scan.tally(s.id).period_s == 1;
    neighbour(scan, id, clocks, stated, "clock-neighbour-states")
}

/// A log of the same server whose zone was found.
pub(super) fn whose_zone_was_found(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    neighbour(scan, id, clocks, |s| scan.tally(s.id).period_s == 1, "clock-neighbour-has")
}

/// Another part of the same log, which a jump back of its local times cut in two. A jump of about an hour is the end of a season: the offset
/// falls by that hour. Any other (files put together in the wrong order) leaves the zone as it is.
pub(super) fn of_another_part(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    let (me, tally) = (scan.source(id), scan.tally(id));
    let is_part = |s: &&Source| {
        let t = scan.tally(s.id);
        s.id != id && s.file == me.file && t.format == tally.format && t.stated != Some(true)
    };
    let (other, clock) = scan.sources.iter().filter(is_part).find_map(|s| Some((s, clocks[s.id.0].as_ref()?)))?;
    let hour = |back: Option<i64>| if back.is_some_and(|b| (b - HOUR_S).abs() <= HOUR_S / 4) { HOUR_S as i32 } else { 0 };
    let (own, its) = (tally.after_jump_back_s, scan.tally(other.id).after_jump_back_s);
    if own.is_none() && its.is_none() {
        return None;
    }
    // The later part is behind by the hour; the earlier one is ahead of it.
    let change = if own.is_some() && other.part < me.part { -hour(own) } else { hour(its) };
    let zone = ZoneShift::Fixed(clock.offset_of(scan.tally(other.id)) + change);
    let because = Saying::with("clock-another-part", &[("path", &me.path)]);
    Some(Clock { skew_s: clock.skew_s, ..Clock::constant(zone, Basis::Inferred, clock.confidence.min(PART_CONFIDENCE), because) })
}

fn neighbour(
    scan: &Scan,
    id: SourceId,
    clocks: &[Option<Clock>],
    fits: impl Fn(&&Source) -> bool,
    how: &'static str,
) -> Option<Clock> {
    let me = scan.source(id);
    if me.folder().is_empty() {
        return None;
    }
    // A load balancer's clock is of no server: its logs only lie there.
    let is_server = |s: &Source| (s.layer == Layer::LoadBalancer) == (me.layer == Layer::LoadBalancer);
    let beside = |s: &&Source| s.id != id && s.folder() == me.folder() && is_server(s);
    let mut known = scan.sources.iter().filter(beside).filter(fits).filter_map(|s| Some((s, clocks[s.id.0].as_ref()?)));
    let (source, clock) = known.next()?;
    let own = clock.offset_of(scan.tally(source.id));
    if known.any(|(s, c)| c.offset_of(scan.tally(s.id)) != own) {
        return None;
    }
    let because = Saying::with(how, &[("path", &source.path)]);
    let confidence = 0.9_f64.min(clock.confidence);
    // One machine has one clock: what runs wrong there runs wrong here.
    Some(Clock { skew_s: clock.skew_s, ..Clock::constant(clock.zone, Basis::Inferred, confidence, because) })
}
