//! Putting together what several scans gave, where one log lies in many pieces (objects of a bucket, slices of a window, splits of a file).
//!
//! Counts, sums, sketches, kept fields and anchors come out the same in whatever order and pieces lines were read.

use std::collections::BTreeMap;

use super::stamp::Stamp;
use super::tally::{Example, FileTally, SignalTally, SourceIndex, SourceTally, Values, add_path_counts};
use sketches_ddsketch::DDSketch;

impl FileTally {
    /// Takes in the tally of a further piece of the same log. Pieces taken in the same order give the same whole.
    pub fn absorb(&mut self, other: FileTally) {
        let mut index = SourceIndex::default();
        let places = other.sources.iter().map(|s| index.of(&mut self.sources, s.format, s.host.as_deref())).collect::<Vec<_>>();
        self.absorb_at(other, &places);
    }

    /// Takes in the tally of the lines that follow in the same file: they are numbered on, and a clock that was put back between two pieces is
    /// seen as within one. Gives the places of the piece's sources in the whole.
    pub fn absorb_next(&mut self, mut other: FileTally) -> Vec<usize> {
        other.number_on(self.lines);
        let mut index = SourceIndex::default();
        let mut places = Vec::new();
        for s in &other.sources {
            let newest = index.of(&mut self.sources, s.format, s.host.as_deref());
            let offset_s = s.stated.filter(|stated| *stated).map(|_| 0);
            let begin = s.first.map(|first| Stamp { wall_ms: first.saturating_mul(1000), offset_s });
            places.push(begin.map_or(newest, |b| index.part_of(&mut self.sources, newest, b)));
            // There was no place for this host any more.
            if s.host.is_some() && self.sources[newest].host.is_none() {
                self.crowded += s.matched;
            }
        }
        self.absorb_at(other, &places);
        places
    }

    /// Numbers the lines as of a text with so many lines before them.
    pub fn number_on(&mut self, before: u64) {
        self.unmatched_examples.iter_mut().for_each(|e| e.0 += before);
        let quotes = self.sources.iter_mut().flat_map(|s| s.signals.values_mut()).flat_map(|t| &mut t.examples);
        quotes.for_each(|e| e.line += before);
    }

    fn absorb_at(&mut self, other: FileTally, places: &[usize]) {
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.blank += other.blank;
        self.unmatched += other.unmatched;
        self.overlong += other.overlong;
        self.crowded += other.crowded;
        self.left_out += other.left_out;
        self.error = self.error.take().or(other.error);
        self.unmatched_examples.extend(other.unmatched_examples);
        self.unmatched_examples.sort_by_key(|e| e.0);
        self.unmatched_examples.truncate(UNMATCHED_EXAMPLES);
        for (s, &place) in other.sources.into_iter().zip(places) {
            let lender = s.borrows_from.and_then(|i| places.get(i).copied());
            self.sources[place].absorb(s, lender);
        }
    }
}

/// As many as a scan keeps itself.
const UNMATCHED_EXAMPLES: usize = 5;

impl SourceTally {
    fn absorb(&mut self, other: SourceTally, lender: Option<usize>) {
        self.period_s = self.period_s.max(other.period_s);
        self.matched += other.matched;
        self.weightless += other.weightless;
        self.stated = self.stated.or(other.stated);
        self.offset_s = other.offset_s.or(self.offset_s);
        self.borrows_from = self.borrows_from.or(lender);
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (a, b) => a.or(b),
        };
        self.first = self.first.or(other.first);
        self.last = other.last.or(self.last);
        self.anchors.absorb(&other.anchors);
        append(&mut self.paths, other.paths, |p| p.0, |into, c| add_path_counts(&mut into.1, &c.1));
        for (signal, tally) in other.signals {
            self.signals.entry(signal).or_default().absorb(tally);
        }
    }
}

impl SignalTally {
    /// Takes in what a further piece of the same log has of the same signal.
    pub fn absorb(&mut self, other: SignalTally) {
        append(&mut self.cells, other.cells, |c| c.second, |into, c| into.absorb(&c));
        append(&mut self.sketches, other.sketches, |s| s.0, add_sketches);
        self.undated += other.undated;
        self.borrowed += other.borrowed;
        self.absorb_quotes(other.examples, other.facts);
    }

    /// Takes over lines to quote and kept fields alone.
    pub fn absorb_quotes(&mut self, examples: Vec<Example>, facts: BTreeMap<String, Values>) {
        self.keep(examples);
        for (field, values) in facts {
            for (value, n) in values {
                self.add_fact_times(&field, value.as_bytes(), n);
            }
        }
    }
}

/// Puts a list that is sorted by time behind another; only where they overlap must items be sorted in and added up.
fn append<T>(all: &mut Vec<T>, next: Vec<T>, time: impl Fn(&T) -> i64, add: impl Fn(&mut T, T)) {
    let Some(first) = next.first().map(&time) else { return };
    let tail = all.split_off(all.partition_point(|t| time(t) < first));
    let (mut tail, mut next) = (tail.into_iter().peekable(), next.into_iter().peekable());
    while let (Some(a), Some(b)) = (tail.peek(), next.peek()) {
        match time(a).cmp(&time(b)) {
            std::cmp::Ordering::Less => all.extend(tail.next()),
            std::cmp::Ordering::Greater => all.extend(next.next()),
            std::cmp::Ordering::Equal => {
                if let (Some(mut a), Some(b)) = (tail.next(), next.next()) {
                    add(&mut a, b);
                    all.push(a);
                }
            }
        }
    }
    all.extend(tail);
    all.extend(next);
}

fn add_sketches(into: &mut (i64, DDSketch), s: (i64, DDSketch)) {
    // All sketches are of one configuration, which is the only thing that a merge can fail by.
    let _ = into.1.merge(&s.1);
}

#[cfg(test)]
mod tests {
    use crate::parser::catalog::Catalog;
    use crate::parser::scan::FileScanner;
    use crate::parser::stamp::YearHint;
    use crate::parser::tally::FileTally;

    fn scan(catalog: &Catalog, text: &str) -> FileTally {
        let mut s = FileScanner::new(catalog, YearHint(0));
        s.feed(text.as_bytes());
        s.finish()
    }

    #[test]
    fn pieces_give_what_the_whole_gives() {
        let catalog = Catalog::load(&[]).unwrap();
        let line = |second: u32, status: u32| {
            format!(
                "203.0.113.9 - - [21/Nov/2026:00:00:{second:02} +0000] \"GET /a/{second} HTTP/1.1\" {status} 612 \"-\" \"curl/8.5.0\" rt=0.{second:03} uct=\"-\" uht=\"-\" urt=\"-\"\n"
            )
        };
        let lines: Vec<String> =
            (0..40).map(|i| line(i % 30, if i % 3 == 0 { 502 } else { 200 })).chain(["what is this\n".to_owned()]).collect();
        let whole = scan(&catalog, &lines.concat());
        let mut pieces = scan(&catalog, &lines[..13].concat());
        for part in [&lines[13..20], &lines[20..]] {
            pieces.absorb(scan(&catalog, &part.concat()));
        }
        assert!(pieces.closes());
        assert_eq!((pieces.lines, pieces.unmatched, pieces.sources.len()), (whole.lines, 1, whole.sources.len()));
        let (a, b) = (&whole.sources[0], &pieces.sources[0]);
        assert_eq!((a.matched, a.span, a.stated, &a.paths), (b.matched, b.span, b.stated, &b.paths));
        for (signal, t) in &a.signals {
            let u = &b.signals[signal];
            assert_eq!((&t.facts, t.total()), (&u.facts, u.total()), "{}", catalog.signals.info(*signal).name);
            for (c, d) in t.cells.iter().zip(&u.cells) {
                assert!(c.second == d.second && c.count == d.count && (c.sum - d.sum).abs() < 1e-9 && c.max == d.max);
            }
            let median = |t: &super::SignalTally| t.sketches.iter().map(|(s, k)| (*s, k.count())).collect::<Vec<_>>();
            assert_eq!(median(t), median(u));
        }
    }

    #[test]
    fn lists_that_overlap_are_sorted_in() {
        let mut all = vec![(1, 1), (3, 1), (5, 1)];
        super::append(&mut all, vec![(2, 1), (3, 1), (7, 1)], |x: &(i64, i32)| x.0, |a, b| a.1 += b.1);
        assert_eq!(all, [(1, 1), (2, 1), (3, 2), (5, 1), (7, 1)]);
    }
}
