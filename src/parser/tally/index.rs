//! Which source of a file a line belongs to: by its format and host, by whether its time states a zone, and by that time where a clock was put back.

use std::collections::HashMap;

use super::{MAX_SOURCES, SourceTally};
use crate::parser::catalog::FormatId;
use crate::parser::stamp::Stamp;

/// A wall clock that goes back by more than this was put back: lines of busy workers are out of order by less.
const JUMP_BACK_S: i64 = 600;

/// Most parts that one log is cut into.
const MAX_PARTS: usize = 9;

impl SourceTally {
    fn is_of(&self, format: FormatId, host: Option<&str>) -> bool {
        self.format == format && self.host.as_deref() == host
    }

    /// Whether both are of one format and host: parts of one log, where they are of one file.
    pub(crate) fn is_same_log(&self, other: &SourceTally) -> bool {
        self.is_of(other.format, other.host.as_deref())
    }

    /// Whether a stamp may belong to another part: it states its zone where these do not (or the other way round), or is a local time far from
    /// the last one.
    #[inline]
    pub(in crate::parser) fn leaves(&self, stamp: Stamp) -> bool {
        let states = stamp.offset_s.is_some();
        self.stated.is_some_and(|s| s != states)
            || !states && self.last.is_some_and(|last| (stamp.second() - last).abs() > JUMP_BACK_S)
    }

    fn takes_stamps_that_state(&self, states: bool) -> bool {
        self.stated.is_none_or(|s| s == states)
    }
}

/// Sources of a file by format and host.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceIndex {
    by_key: HashMap<(FormatId, Option<String>), usize>,
    /// How often a host was not told apart any more.
    pub crowded: u64,
}

impl SourceIndex {
    /// The index of the source for a format and host, made where there is none; the newest part, where a jump cut it.
    pub fn of(&mut self, sources: &mut Vec<SourceTally>, format: FormatId, host: Option<&str>) -> usize {
        // Most files have one source, or a few.
        if sources.len() <= 4
            && let Some(i) = sources.iter().rposition(|s| s.is_of(format, host))
        {
            return i;
        }
        if sources.len() >= MAX_SOURCES {
            // Those that were told apart in time stay so.
            let known = host.map(|h| (format, Some(h.to_owned()))).and_then(|key| self.by_key.get(&key).copied());
            let known = known.or_else(|| host.and_then(|h| sources.iter().rposition(|s| s.is_of(format, Some(h)))));
            if let Some(i) = known {
                return i;
            }
            self.crowded += u64::from(host.is_some());
        }
        let host = if sources.len() >= MAX_SOURCES { None } else { host.map(str::to_owned) };
        *self.by_key.entry((format, host.clone())).or_insert_with(|| {
            if let Some(i) = sources.iter().rposition(|s| s.is_of(format, host.as_deref())) {
                return i;
            }
            sources.push(SourceTally::new(format, host));
            sources.len() - 1
        })
    }

    /// The part of a source that a stamp belongs to. Times in UTC and local ones, which one server may write in turn, are of two parts. Local times
    /// that go back begin a new part, or an hour that occurs twice would be counted as one; where the times of two writers take turns, each
    /// keeps its own.
    #[inline]
    pub fn part_of(&mut self, sources: &mut Vec<SourceTally>, newest: usize, stamp: Stamp) -> usize {
        if sources[newest].leaves(stamp) { self.other_part(sources, newest, stamp) } else { newest }
    }

    #[cold]
    fn other_part(&mut self, sources: &mut Vec<SourceTally>, newest: usize, stamp: Stamp) -> usize {
        let alike = self.part_that_states(sources, newest, stamp.offset_s.is_some());
        if !sources[alike].leaves(stamp) {
            return alike;
        }
        let behind = |s: &SourceTally| s.last.map_or(0, |l| l - stamp.second());
        let is_near = |s: &SourceTally| s.takes_stamps_that_state(false) && behind(s).abs() <= JUMP_BACK_S;
        if let Some(near) = parts_from(sources, alike).find(|i| is_near(&sources[*i])) {
            return near;
        }
        let back = behind(&sources[alike]);
        if back < 0 { alike } else { self.begin_part(sources, newest, Some(back)).unwrap_or(alike) }
    }

    /// The newest part whose stamps state a zone, or do not.
    pub fn part_that_states(&mut self, sources: &mut Vec<SourceTally>, newest: usize, states: bool) -> usize {
        if let Some(alike) = parts_from(sources, newest).find(|i| sources[*i].takes_stamps_that_state(states)) {
            return alike;
        }
        let Some(part) = self.begin_part(sources, newest, None) else { return newest };
        sources[part].stated = Some(states);
        part
    }

    /// A part behind the newest one, where there is room for another.
    fn begin_part(&mut self, sources: &mut Vec<SourceTally>, newest: usize, after_jump_back_s: Option<i64>) -> Option<usize> {
        if sources.len() >= MAX_SOURCES || parts_from(sources, newest).count() >= MAX_PARTS {
            return None;
        }
        let (format, host) = (sources[newest].format, sources[newest].host.clone());
        let part = SourceTally::new(format, host.clone());
        sources.push(SourceTally { after_jump_back_s, part_before: Some(newest), ..part });
        self.by_key.insert((format, host), sources.len() - 1);
        Some(sources.len() - 1)
    }
}

/// A part of a source and those before it.
fn parts_from(sources: &[SourceTally], part: usize) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(Some(part), |i| sources[*i].part_before).take(MAX_PARTS)
}
