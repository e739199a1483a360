//! Lines on their way into a tally, all counts of a line at once: in a second, most lines of a form are counted by the same counts, and differ in
//! what they measure and in their paths alone.

use super::counted::Counted;
use crate::parser::bytes::scatter;
use crate::parser::catalog::SignalId;
use crate::parser::cut::{FieldId, Fields};
use crate::parser::format::{Format, Holding};
use crate::parser::tally::{Cell, FileTally, PATH_CLASSES, PathCounts, grained, path_class};

/// Rows that are counted at once.
const PLACES: usize = 256;

/// Most values that a line of a row measures.
const MEASURES: usize = 3;

/// Lines counted that the tally does not know of yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows<'c> {
    places: Vec<Option<Row<'c>>>,
}

/// Where and when a line belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'l> {
    pub(super) source: usize,
    pub(super) second: i64,
    /// The time is a neighbouring line's.
    pub(super) borrowed: bool,
    /// The path, where it is a request.
    pub(super) path: Option<&'l [u8]>,
}

/// The lines of one source in one second for which the same counts of a form hold, none of which keeps anything more of a line.
#[derive(Debug, Clone)]
struct Row<'c> {
    format: &'c Format,
    held: Holding<'c>,
    source: usize,
    second: i64,
    lines: u64,
    borrowed: u64,
    measures: [Measure; MEASURES],
    paths: PathCounts,
}

/// What one count of a row measures.
#[derive(Debug, Clone, Copy)]
struct Measure {
    /// Nothing where the row measures fewer values.
    value: Option<(FieldId, f64)>,
    signal: SignalId,
    cell: Cell,
}

impl<'c> Row<'c> {
    /// A row for lines like one; nothing where its counts have to see each line, or measure too much.
    fn begin(tally: &FileTally, spot: &Spot<'_>, format: &'c Format, held: Holding<'c>) -> Option<Self> {
        if !held.keep_nothing() {
            return None;
        }
        let signals = &tally.sources[spot.source].signals;
        let mut measures = [Measure { value: None, signal: 0, cell: Cell::empty(spot.second) }; MEASURES];
        let mut places = measures.iter_mut();
        for count in held.map(|i| &format.counts[i]) {
            if !signals.get(&count.signal)?.keeps_no_more_of(spot.second) {
                return None;
            }
            if count.value().is_some() {
                let place = places.next()?;
                (place.value, place.signal) = (count.value(), count.signal);
            }
        }
        let paths = [0; PATH_CLASSES];
        Some(Row { format, held, source: spot.source, second: spot.second, lines: 0, borrowed: 0, measures, paths })
    }

    /// Gives what it holds to the tally.
    fn give(self, tally: &mut FileTally) {
        if self.lines == 0 {
            return;
        }
        let source = &mut tally.sources[self.source];
        let plain = self.held.map(|i| &self.format.counts[i]).filter(|c| c.value().is_none());
        let plain = plain.map(|c| (c.signal, Cell::empty(self.second)));
        let measured = self.measures.iter().filter(|m| m.value.is_some()).map(|m| (m.signal, m.cell));
        for (signal, cell) in plain.chain(measured) {
            source.signals.entry(signal).or_default().add_counted(&Cell { count: self.lines, ..cell }, self.borrowed);
        }
        if self.paths != [0; PATH_CLASSES] {
            source.add_paths(self.second, &self.paths);
        }
    }
}

impl<'c> Rows<'c> {
    /// Counts a line in the row of those like it; `false` where there is none.
    #[inline]
    pub(super) fn again(
        &mut self,
        (tally, counted): (&mut FileTally, &mut Counted),
        spot: &Spot<'_>,
        held: Holding<'c>,
        line: &[u8],
        fields: &Fields,
    ) -> bool {
        let Some(Some(row)) = self.places.get_mut(place_of(spot, held)) else { return false };
        if (row.second, row.source) != (spot.second, spot.source) || row.held != held {
            return false;
        }
        for measure in &row.measures {
            let Some((field, _)) = measure.value else { break };
            // A value that is absent or a list is no measurement, and then this count does not hold.
            if fields.number(field, line).is_none() {
                return false;
            }
        }
        row.lines += 1;
        row.borrowed += u64::from(spot.borrowed);
        for measure in &mut row.measures {
            let Some((field, factor)) = measure.value else { break };
            let Some(number) = fields.number(field, line) else { break };
            let value = number * factor;
            measure.cell.take(value, grained(value));
            counted.measure(tally, spot.source, measure.signal, spot.second, value);
        }
        if let Some(path) = spot.path {
            let count = &mut row.paths[path_class(path)];
            *count = count.saturating_add(1);
        }
        true
    }

    /// Begins a row for further lines like one that was entered, where that can be.
    #[inline(never)]
    pub(super) fn begin(&mut self, tally: &mut FileTally, spot: &Spot<'_>, format: &'c Format, held: Holding<'c>) {
        let at = place_of(spot, held);
        // Rows that share a place do not drive each other out in turn: the later second stays.
        if self.places.get(at).and_then(Option::as_ref).is_some_and(|row| row.second >= spot.second) {
            return;
        }
        let Some(row) = Row::begin(tally, spot, format, held) else { return };
        if self.places.is_empty() {
            self.places.resize(PLACES, None);
        }
        if let Some(before) = self.places[at].replace(row) {
            before.give(tally);
        }
    }

    /// Gives all to the tally.
    pub(super) fn give(&mut self, tally: &mut FileTally) {
        // What comes now may have to be quoted again.
        self.places.iter_mut().filter_map(Option::take).for_each(|row| row.give(tally));
    }
}

#[inline]
fn place_of(spot: &Spot<'_>, held: Holding<'_>) -> usize {
    scatter(spot.second as u64 ^ held.key() ^ (spot.source as u64) << 48, PLACES)
}

#[cfg(test)]
mod tests {
    use crate::parser::catalog::Catalog;
    use crate::parser::scan::FileScanner;
    use crate::parser::stamp::YearHint;
    use crate::parser::tally::{FileTally, SignalTally};
    use proptest::prelude::*;

    fn scan(catalog: &Catalog, text: &str) -> FileTally {
        let mut scanner = FileScanner::new(catalog, YearHint(0));
        scanner.feed(text.as_bytes());
        scanner.finish()
    }

    /// A request as uWSGI writes it, and one as nginx does: what they measure may be missing.
    fn line(kind: u8, second: u8, status: u16, value: Option<u16>, path: &str) -> String {
        let time = format!("{:02}:{:02}", second / 60, second % 60);
        let value = value.map_or("-".to_owned(), |v| v.to_string());
        match kind {
            0 => format!(
                "[pid: 7|app: 0|req: 1/2] 127.0.0.1 () {{38 vars in 512 bytes}} [Sat Nov 21 00:{time} 2026] GET {path} => generated 6 bytes in {value} msecs (HTTP/1.1 {status}) 2 headers in 66 bytes (1 switches on core 0)\n"
            ),
            _ => format!(
                "10.0.0.1 - - [21/Nov/2026:00:{time} +0000] \"GET {path} HTTP/1.1\" {status} 612 \"-\" \"curl/8\" rt={value}.25 uct=\"-\" uht=\"-\" urt=\"{value}\"\n"
            ),
        }
    }

    /// What a tally holds of a signal.
    fn shown(t: &SignalTally) -> String {
        let sketches = t.sketches.iter().map(|(s, k)| (*s, k.count(), k.quantile(0.5).unwrap_or_default()));
        format!("{:?} {:?} {:?} {:?} {} {}", t.cells, t.examples, t.facts, sketches.collect::<Vec<_>>(), t.undated, t.borrowed)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_is_counted_in_rows_is_what_lines_give_one_by_one(
            some in proptest::collection::vec((0u8..2, 0u8..130, prop_oneof![4 => Just(200u16), 1 => Just(502u16)], proptest::option::weighted(0.9, 0u16..400), "/[a-c]{0,2}"), 0..200),
            times in 1usize..4,
        ) {
            let catalog = Catalog::builtin().unwrap();
            let lines: Vec<String> = some.iter().flat_map(|(k, s, status, v, p)| std::iter::repeat_n(line(*k, *s, *status, *v, p), times)).collect();
            let whole = scan(&catalog, &lines.concat());
            let mut single = FileTally::default();
            for line in &lines {
                single.absorb_next(scan(&catalog, line));
            }
            prop_assert_eq!((whole.lines, whole.unmatched), (single.lines, single.unmatched));
            let of_format = |t: &FileTally| {
                let mut all: Vec<String> = t.sources.iter().flat_map(|s| {
                    let counted = format!("{} {} {} {:?}", s.format, s.matched, s.weightless, s.paths);
                    s.signals.iter().map(move |(id, t)| format!("{} {id} {}", s.format, shown(t))).chain([counted])
                }).collect();
                all.sort();
                all
            };
            prop_assert_eq!(of_format(&whole), of_format(&single));
        }
    }
}
