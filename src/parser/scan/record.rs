//! The entering of a line that a format understood: where and when it belongs, and what it counts for.

use super::rows::Spot;
use super::{At, FileScanner};
use crate::parser::catalog::{FormatId, SignalId};
use crate::parser::format::{Claim, Cut, Format, Holding, Instants};
use crate::parser::stamp::Stamp;
use crate::parser::tally::Observation;

/// Undated observations that wait for the first stamp of a file.
const MAX_WAITING: usize = 4096;

/// An undated observation that waits for the first stamp of the file.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    source: usize,
    signal: SignalId,
    value: Option<f64>,
    line: u64,
    text: Vec<u8>,
}

/// Where a line with a time of its own and no envelope was entered. The next one of the same format and time goes there too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    format: FormatId,
    source: usize,
    /// How many stamps had been noted by then: where there are more, other lines have come between.
    stamps: u64,
    /// The begin of the second that was noted (wall time, ms), and its offset from UTC.
    second_ms: i64,
    offset_s: Option<i32>,
}

impl Before {
    fn new(format: FormatId, source: usize, stamps: u64, noted: Stamp) -> Self {
        let second_ms = noted.wall_ms - noted.wall_ms.rem_euclid(1000);
        Before { format, source, stamps, second_ms, offset_s: noted.offset_s }
    }

    /// Whether a source that noted its stamp learns nothing from another.
    #[inline]
    fn has_second_of(&self, stamp: Stamp) -> bool {
        (0..1000).contains(&(stamp.wall_ms - self.second_ms)) && stamp.offset_s == self.offset_s
    }
}

impl<'c> FileScanner<'c> {
    pub(super) fn note_stamp(&mut self, source: usize, stamp: Stamp) {
        self.tally.sources[source].note_stamp(stamp);
        self.stamps += 1;
        if self.state.last.is_none() {
            self.state.first = Some((stamp, source));
            self.place_waiting(Some((stamp, source)));
        }
        self.state.last = Some((stamp, source));
    }

    /// Enters a line that a format understood.
    pub(super) fn record(&mut self, id: FormatId, cut: Cut, claim: Claim, line: &[u8], at: &At<'_>) {
        let catalog = self.catalog;
        let format = &catalog.formats[id];
        let own = format.instants(line, &self.fields);
        let (source, stamp) = match own.and_then(|i| Some((self.where_before(id, at, i)?, Some(i.at)))) {
            Some(known) => known,
            None => self.place(id, own, at),
        };
        let borrowed = stamp.is_none();
        let second = stamp.or_else(|| self.borrow_stamp(source)).map(Stamp::second);
        let path = if format.forms[cut.form].request { format.request_path(line, &self.fields) } else { None };
        let mut yielded = false;
        if let Claim::Event(e) = claim {
            if let Some(signal) = format.events[e].signal {
                yielded = true;
                let value = format.event_value(e, line, &self.fields, &mut self.learnt.memos[id]);
                self.observe(source, signal, Observation { second, borrowed, value, line: at.number, text: at.raw });
                let (tally, kept) = (&mut self.tally, &mut self.pending.kept);
                let add = |name, value: &[u8]| kept.add(tally, source, signal, name, value);
                format.each_kept_of_event(e, line, &self.fields, &mut self.learnt.memos[id], add);
            }
            if let Some(epoch) = format.epoch_of(e, line, &self.fields, &mut self.learnt.memos[id]) {
                self.note_epoch(source, epoch, own.map(|i| i.written));
            }
        }
        let held = format.holding(line, &self.fields, cut, &mut self.learnt.memos[id]);
        // Nothing is counted over the fields of nearly any line that is no request.
        if !held.is_none() || path.is_some() {
            let seen = Observation { second, borrowed, value: None, line: at.number, text: at.raw };
            yielded |= self.count(format, held, line, seen, source, path);
        }
        let s = &mut self.tally.sources[source];
        s.matched += 1;
        s.weightless += u64::from(!yielded);
    }

    /// Counts a line by what holds of it; `false` where nothing does.
    #[inline(always)]
    fn count(
        &mut self,
        format: &'c Format,
        held: Holding<'c>,
        line: &[u8],
        seen: Observation<'_>,
        source: usize,
        path: Option<&[u8]>,
    ) -> bool {
        let spot = seen.second.map(|second| Spot { source, second, borrowed: seen.borrowed, path });
        let into = (&mut self.tally, &mut self.pending.counted);
        if spot.is_some_and(|spot| self.pending.rows.again(into, &spot, held, line, &self.fields)) {
            return true;
        }
        let yielded = self.each_held(format, held, line, seen, source);
        if let Some(spot) = spot {
            spot.path.into_iter().for_each(|path| self.pending.paths.add(&mut self.tally, source, spot.second, path));
            self.pending.rows.begin(&mut self.tally, &spot, format, held);
        }
        yielded
    }

    /// Enters what the counts that hold for a line say of it; `false` where none does.
    #[inline(never)]
    fn each_held(&mut self, format: &'c Format, held: Holding<'c>, line: &[u8], seen: Observation<'_>, source: usize) -> bool {
        let mut yielded = false;
        for count in held {
            let Some(value) = format.measured(count, line, &self.fields) else { continue };
            let signal = format.counts[count].signal;
            yielded = true;
            if self.observe(source, signal, Observation { value, ..seen }) && format.counts[count].keeps() {
                let (tally, kept) = (&mut self.tally, &mut self.pending.kept);
                let add = |name, value: &[u8]| kept.add(tally, source, signal, name, value);
                format.each_kept_of_count(count, line, &self.fields, add);
            }
        }
        yielded
    }

    /// The source of the line before, where this line belongs there as well; its time is noted.
    #[inline]
    fn where_before(&mut self, id: FormatId, at: &At<'_>, own: Instants) -> Option<usize> {
        let before = self.before.filter(|b| b.format == id && b.stamps == self.stamps)?;
        if at.host.is_some() || at.outer.is_some() {
            return None;
        }
        if before.has_second_of(own.written) {
            // To note it would change nothing but this.
            self.stamps += 1;
            self.state.last = Some((own.written, before.source));
            self.before = Some(Before { stamps: self.stamps, ..before });
        } else if self.tally.sources[before.source].leaves(own.written) {
            return None;
        } else {
            self.note_stamp(before.source, own.written);
            self.before = Some(Before::new(id, before.source, self.stamps, own.written));
        }
        Some(before.source)
    }

    /// Finds the source that a line belongs to, and its time where it or its envelope states one, and notes that time there.
    #[inline(never)]
    fn place(&mut self, id: FormatId, own: Option<Instants>, at: &At<'_>) -> (usize, Option<Stamp>) {
        let newest = self.index.of(&mut self.tally.sources, id, at.host);
        // The line's own word, unless only the envelope knows its zone.
        let (stamp, written) = match (own, at.outer) {
            (Some(i), Some(o)) if i.at.offset_s.is_none() && o.offset_s.is_some() => (Some(o), Some(o)),
            (Some(i), _) => (Some(i.at), Some(i.written)),
            (None, o) => (o, o),
        };
        let source = match written {
            Some(w) => self.index.part_of(&mut self.tally.sources, newest, w),
            None => self.part_of_last_stamp(newest),
        };
        if let (Some(i), Some(o)) = (own, at.outer)
            && i.written.offset_s.is_none()
            && o.offset_s.is_some()
        {
            self.tally.sources[source].anchors.note_until(i.written.second(), o.second());
        }
        if let Some(w) = written {
            self.note_stamp(source, w);
            // Where writers take turns, each line asks the newest part first: an older one is found anew.
            let can_be_known = at.host.is_none() && at.outer.is_none() && source >= newest;
            self.before = can_be_known.then(|| Before::new(id, source, self.stamps, w));
        }
        (source, stamp)
    }

    /// The part of a source that the last stamp belongs to, which a line without one will take over.
    fn part_of_last_stamp(&self, newest: usize) -> usize {
        let sources = &self.tally.sources;
        let last = self.state.last.map(|(_, source)| source);
        last.filter(|l| *l != newest && sources[*l].is_same_log(&sources[newest])).unwrap_or(newest)
    }

    /// The last stamp of the file, for a line that has none.
    fn borrow_stamp(&mut self, source: usize) -> Option<Stamp> {
        let (last, from) = self.state.last?;
        if from != source {
            self.tally.sources[source].borrows_from.get_or_insert(from);
        }
        Some(last)
    }

    /// Notes seconds since 1970 that stand beside a local time, or after the last line that had one.
    fn note_epoch(&mut self, source: usize, epoch: i64, own: Option<Stamp>) {
        let anchors = &mut self.tally.sources[source].anchors;
        let local = |s: Stamp| s.offset_s.is_none().then(|| s.second());
        match (own, self.state.last) {
            (Some(own), _) => local(own).into_iter().for_each(|l| anchors.note_since(l, epoch)),
            (None, Some((last, from))) if from == source => local(last).into_iter().for_each(|l| anchors.note_until(l, epoch)),
            (None, _) => {}
        }
    }

    /// Enters an observation; `false` where it waits for the first stamp of the file.
    #[inline(always)]
    fn observe(&mut self, source: usize, signal: SignalId, o: Observation<'_>) -> bool {
        self.pending.counted.again(&mut self.tally, source, signal, &o) || self.observe_first(source, signal, o)
    }

    #[inline(never)]
    fn observe_first(&mut self, source: usize, signal: SignalId, o: Observation<'_>) -> bool {
        if o.second.is_none() && self.state.waiting.len() < MAX_WAITING {
            self.state.waiting.push(Waiting { source, signal, value: o.value, line: o.line, text: o.text.to_vec() });
            return false;
        }
        self.pending.counted.add(&mut self.tally, source, signal, o);
        true
    }

    /// Gives the undated lines at the head of a file the first stamp that came, or none.
    pub(super) fn place_waiting(&mut self, first: Option<(Stamp, usize)>) {
        for w in std::mem::take(&mut self.state.waiting) {
            if let Some((_, from)) = first
                && from != w.source
            {
                self.tally.sources[w.source].borrows_from.get_or_insert(from);
            }
            let second = first.map(|f| f.0.second());
            let o = Observation { second, borrowed: first.is_some(), value: w.value, line: w.line, text: &w.text };
            self.tally.sources[w.source].signals.entry(w.signal).or_default().add(o);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parser::catalog::Catalog;
    use crate::parser::scan::FileScanner;
    use crate::parser::stamp::YearHint;

    /// The parts of a log of which two writers take turns.
    fn parts(catalog: &Catalog, times: &[&str]) -> Vec<u64> {
        let mut scanner = FileScanner::new(catalog, YearHint(0));
        for time in times {
            let line = format!("2026/11/21 {time} [crit] 7#7: accept4() failed (24: Too many open files)\n");
            scanner.feed(line.as_bytes());
        }
        scanner.finish().sources.iter().map(|s| s.matched).collect()
    }

    #[test]
    fn a_time_near_both_writers_goes_to_the_newer_part() {
        let catalog = Catalog::builtin().unwrap();
        assert_eq!(parts(&catalog, &["12:15:00", "12:00:00", "12:15:00", "12:15:00"]), [3, 1]);
        assert_eq!(parts(&catalog, &["12:15:00", "12:00:00", "12:15:00", "12:07:30"]), [2, 2]);
        assert_eq!(parts(&catalog, &["12:15:00", "12:00:00", "12:00:00", "12:15:00", "12:00:01"]), [2, 3]);
    }
}
