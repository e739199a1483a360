//! Zones that lines do not state: from the wall clock of a source to UTC, with the reason and how sure it is.

pub mod correlate;
pub mod infer;
mod neighbours;
pub mod segments;
mod skew;
mod zone;

pub use zone::{ZoneRule, ZoneShift};

use neighbours::Others;

use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::tally::SourceTally;
use crate::scanned::{Scan, SourceId};

/// Seconds by which the hour that the clocks are put back may be missed by the lines around it.
const FOLD_SLACK_S: i64 = 1800;

/// Why a source's shift to UTC is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Its lines say so.
    Stated,
    /// The user said so.
    Given,
    /// Found from other sources.
    Inferred,
    /// Nothing tells: UTC was taken.
    Assumed,
}

/// What two sources are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Requests that both logged.
    Requests,
    /// Failures that both logged.
    Failures,
}

/// What a clock was found from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// The source that it was set beside.
    pub beside: String,
    /// How many requests (or failures) both saw.
    pub shared: u64,
    /// What they saw: requests, or failures.
    pub of: By,
}

/// From a second of a source on, another shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// First second, on the clock of the source.
    pub from: i64,
    /// Zone from there on.
    pub zone: ZoneShift,
    /// Seconds by which it runs ahead from there on.
    pub skew_s: f64,
}

/// The shift of one source.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Zone of its stamps; of the longest part, where it changes.
    pub zone: ZoneShift,
    /// Seconds by which its clock runs ahead; negative when it runs behind. Of the longest part, where it changes.
    pub skew_s: f64,
    /// The parts of a clock that steps or drifts, in order; empty where one shift holds throughout.
    pub turns: Vec<Turn>,
    /// Seconds gained a million seconds, where it drifts.
    pub drift_ppm: Option<f64>,
    /// Why.
    pub basis: Basis,
    /// 0…1.
    pub confidence: f64,
    /// The reason in words.
    pub because: Saying,
    /// What it was found from, where it was.
    pub found: Option<Found>,
    /// Its tallies are in UTC already: the lines state their zone.
    pub in_utc: bool,
    /// Of an hour that occurs twice it holds the second.
    pub second_of_fold: bool,
}

impl Clock {
    fn constant(zone: ZoneShift, basis: Basis, confidence: f64, because: Saying) -> Self {
        Clock {
            zone,
            skew_s: 0.0,
            turns: Vec::new(),
            drift_ppm: None,
            basis,
            confidence,
            because,
            found: None,
            in_utc: false,
            second_of_fold: false,
        }
    }

    /// UTC second of a second of the source.
    pub fn utc(&self, second: i64) -> i64 {
        let (zone, skew) = match self.turns.partition_point(|t| t.from <= second) {
            _ if self.turns.is_empty() => (self.zone, self.skew_s),
            n => (self.turns[n.saturating_sub(1)].zone, self.turns[n.saturating_sub(1)].skew_s),
        };
        let zone = if self.in_utc { 0 } else { i64::from(zone.offset_at_wall(second, self.second_of_fold)) };
        second - zone - skew.round() as i64
    }

    /// Seconds east of UTC that its stamps are in when the source begins.
    pub fn offset_of(&self, tally: &SourceTally) -> i32 {
        tally.span.map_or_else(|| self.zone.offset_at_utc(0), |(a, _)| self.zone.offset_at_wall(a, self.second_of_fold))
    }

    fn stated(tally: &SourceTally) -> Self {
        let (offset, because) = match tally.anchors.zone() {
            // A collector wrote UTC around a local time: the source itself is in that zone.
            Some((zone, n)) => (zone, Saying::count("clock-collector-utc", n)),
            None => (tally.offset_s.unwrap_or(0), Saying::of("clock-lines-state-it")),
        };
        Clock { in_utc: true, ..Clock::constant(ZoneShift::Fixed(offset), Basis::Stated, 0.99, because) }
    }

    /// A local time that holds an epoch beside it states its zone as well as if it wrote it.
    fn anchored(tally: &SourceTally) -> Option<Self> {
        let (zone, n) = tally.anchors.zone()?;
        let because = Saying::count("clock-epoch-beside", n);
        Some(Clock::constant(ZoneShift::Fixed(zone), Basis::Stated, 0.97, because))
    }

    fn given(zone: ZoneShift, tally: &SourceTally) -> Self {
        let mut because = Saying::of("clock-given");
        let mut clock = Clock::constant(zone, Basis::Given, 0.95, because.clone());
        if let Some((first, last)) = tally.span {
            let back = tally.after_jump_back_s.unwrap_or(0);
            clock.second_of_fold = zone.is_ambiguous(first) && back > FOLD_SLACK_S;
            for change in zone.changes_within(first, last) {
                because = because.and(change.in_words());
            }
        }
        if clock.second_of_fold {
            because = because.and(Saying::of("clock-second-of-fold"));
        }
        Clock { because, ..clock }
    }
}

/// Finds the clock of every source, in the order of [`Scan::sources`].
pub fn read_clocks(scan: &Scan, catalog: &Catalog, rules: &[ZoneRule]) -> Vec<Clock> {
    let mut clocks: Vec<Option<Clock>> = scan
        .sources
        .iter()
        .map(|s| {
            let tally = scan.tally(s.id);
            if tally.stated == Some(true) {
                return Some(Clock::stated(tally));
            }
            let parser = &catalog.formats[tally.format].definition.name;
            let given = rules.iter().find(|r| r.covers(&s.path, parser)).map(|r| Clock::given(r.zone(), tally));
            given.or_else(|| Clock::anchored(tally))
        })
        .collect();
    skew::infer_skew(scan, catalog, &mut clocks);
    for s in &scan.sources {
        if clocks[s.id.0].is_none() {
            clocks[s.id.0] = neighbours::that_states_its_zone(scan, s.id, &clocks);
        }
    }
    let in_utc: Vec<Option<Clock>> = scan
        .sources
        .iter()
        .map(|s| clocks[s.id.0].is_none().then(|| neighbours::that_states_utc(scan, s.id, &clocks)).flatten())
        .collect();
    infer::infer(scan, catalog, &mut clocks);
    let others = Others::of(scan, &clocks);
    let meets_in_utc = |id: SourceId| others.as_ref().is_none_or(|o| o.meet_in_utc(scan.tally(id)));
    for (s, utc) in scan.sources.iter().zip(&in_utc).filter(|(_, utc)| utc.is_some()) {
        // Where failures tell of another zone, or only another one lets it meet the others, the neighbour writes UTC for other reasons.
        let is_utc = clocks[s.id.0].as_ref().is_none_or(|c| c.zone == ZoneShift::Fixed(0));
        if is_utc && meets_in_utc(s.id) {
            clocks[s.id.0].clone_from(utc);
        }
    }
    for s in &scan.sources {
        if clocks[s.id.0].is_none() {
            clocks[s.id.0] = neighbours::of_another_part(scan, s.id, &clocks);
        }
    }
    // A log beside one whose clock was found is of the same server.
    for s in &scan.sources {
        if clocks[s.id.0].is_none() {
            let found = neighbours::whose_zone_was_found(scan, s.id, &clocks);
            clocks[s.id.0] = found.filter(|c| c.zone != ZoneShift::Fixed(0) || meets_in_utc(s.id));
        }
    }
    for s in &scan.sources {
        if clocks[s.id.0].is_none() && s.lender.is_none() {
            let meeting = neighbours::that_it_meets(scan, s.id, &clocks);
            let beside = || in_utc[s.id.0].clone().or_else(|| neighbours::whose_zone_was_found(scan, s.id, &clocks));
            clocks[s.id.0] = meeting.or_else(beside);
        }
    }
    lend(scan, &mut clocks);
    skew::infer_skew_of_failures(scan, catalog, &mut clocks);
    lend(scan, &mut clocks);
    let assumed = || Clock::constant(ZoneShift::Fixed(0), Basis::Assumed, 0.5, Saying::of("clock-assumed"));
    clocks.into_iter().map(|c| c.unwrap_or_else(assumed)).collect()
}

/// Lines without a stamp live on the clock of the neighbour whose stamp they took.
fn lend(scan: &Scan, clocks: &mut [Option<Clock>]) {
    for s in &scan.sources {
        if let Some(lender) = s.lender {
            clocks[s.id.0] = clocks[lender.0].clone();
        }
    }
}
