//! Which source of a file a line belongs to: by its format and host, and by its time where a clock was put back.

use std::collections::HashMap;

use super::{MAX_SOURCES, SourceTally};
use crate::parser::catalog::FormatId;
use crate::parser::stamp::Stamp;

/// A wall clock that goes back by more than this was put back: lines of busy workers are out of order by less.
const JUMP_BACK_S: i64 = 600;

/// Most parts that jumps back cut one log into.
const MAX_JUMPS: usize = 8;

impl SourceTally {
    fn is_of(&self, format: FormatId, host: Option<&str>) -> bool {
        self.format == format && self.host.as_deref() == host
    }

    /// Whether a local time is far from the last one.
    #[inline]
    pub(in crate::parser) fn jumps_to(&self, stamp: Stamp) -> bool {
        stamp.offset_s.is_none() && self.last.is_some_and(|last| (stamp.second() - last).abs() > JUMP_BACK_S)
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

    /// The part of a source that a stamp belongs to. Local times that go back begin a new part, or an hour that occurs twice would be counted
    /// as one; where the times of two writers take turns, each keeps its own.
    #[inline]
    pub fn part_of(&mut self, sources: &mut Vec<SourceTally>, newest: usize, stamp: Stamp) -> usize {
        if sources[newest].jumps_to(stamp) { self.other_part(sources, newest, stamp.second()) } else { newest }
    }

    #[cold]
    fn other_part(&mut self, sources: &mut Vec<SourceTally>, newest: usize, second: i64) -> usize {
        let behind = |s: &SourceTally| s.last.map_or(0, |l| l - second);
        let before = |i: &usize| sources[*i].part_before;
        let parts: Vec<usize> = std::iter::successors(Some(newest), before).take(MAX_JUMPS + 1).collect();
        if let Some(near) = parts.iter().find(|i| behind(&sources[**i]).abs() <= JUMP_BACK_S) {
            return *near;
        }
        let back = behind(&sources[newest]);
        if back < 0 || parts.len() > MAX_JUMPS || sources.len() >= MAX_SOURCES {
            return newest;
        }
        let (format, host) = (sources[newest].format, sources[newest].host.clone());
        let part = SourceTally::new(format, host.clone());
        sources.push(SourceTally { after_jump_back_s: Some(back), part_before: Some(newest), ..part });
        self.by_key.insert((format, host), sources.len() - 1);
        sources.len() - 1
    }
}
