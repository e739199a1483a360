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
        self.absorb_by(other, |index, sources, s| {
            let newest = index.of(sources, s.format, s.host.as_deref());
            s.stated.map_or(newest, |states| index.part_that_states(sources, newest, states))
        });
    }

    /// Takes in the tally of the lines that follow in the same file: they are numbered on, and a clock that was put back between two pieces is
    /// seen as within one. Gives the places of the piece's sources in the whole.
    pub fn absorb_next(&mut self, mut other: FileTally) -> Vec<usize> {
        other.number_on(self.lines);
        let mut crowded = 0;
        let places = self.absorb_by(other, |index, sources, s| {
            let newest = index.of(sources, s.format, s.host.as_deref());
            // There was no place for this host any more.
            if s.host.is_some() && sources[newest].host.is_none() {
                crowded += s.matched;
            }
            let offset_s = s.stated.filter(|stated| *stated).map(|_| 0);
            let begin = s.first.map(|first| Stamp { wall_ms: first.saturating_mul(1000), offset_s });
            begin.map_or(newest, |b| index.part_of(sources, newest, b))
        });
        self.crowded += crowded;
        places
    }

    /// Numbers the lines as of a text with so many lines before them.
    pub fn number_on(&mut self, before: u64) {
        self.unmatched_examples.iter_mut().for_each(|e| e.0 += before);
        let quotes = self.sources.iter_mut().flat_map(|s| s.signals.values_mut()).flat_map(|t| &mut t.examples);
        quotes.for_each(|e| e.line += before);
    }

    /// Takes in a tally whose sources have their places found one after the other, each in what those before it made of the whole.
    fn absorb_by(
        &mut self,
        other: FileTally,
        mut place: impl FnMut(&mut SourceIndex, &mut Vec<SourceTally>, &SourceTally) -> usize,
    ) -> Vec<usize> {
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
        let (mut index, mut places, mut lenders) = (SourceIndex::default(), Vec::new(), Vec::new());
        for s in other.sources {
            places.push(place(&mut index, &mut self.sources, &s));
            lenders.push(s.borrows_from);
            self.sources[places[places.len() - 1]].absorb(s);
        }
        for (&place, lender) in places.iter().zip(lenders) {
            let lender = lender.and_then(|i| places.get(i).copied());
            self.sources[place].borrows_from = self.sources[place].borrows_from.or(lender);
        }
        places
    }
}

/// As many as a scan keeps itself.
const UNMATCHED_EXAMPLES: usize = 5;

impl SourceTally {
    fn absorb(&mut self, other: SourceTally) {
        self.period_s = self.period_s.max(other.period_s);
        self.matched += other.matched;
        self.weightless += other.weightless;
        self.stated = self.stated.or(other.stated);
        self.offset_s = other.offset_s.or(self.offset_s);
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

    /// uWSGI's requests by `%(ltime)` beside its own messages: both are read, from whatever pieces, and none is nine hours away.
    #[test]
    fn times_that_state_their_zone_and_local_ones_are_apart() {
        let mut catalog = Catalog::load(&[]).unwrap();
        catalog
            .add_form("uwsgi", "log-format", r#"[%(ltime)] pid=%(pid) "%(method) %(uri) %(proto)" %(status) %(msecs)ms"#)
            .unwrap();
        let own = |second: u32| {
            format!(
                "Sat Nov 21 09:00:{second:02} 2026 - *** uWSGI listen queue of socket \"127.0.0.1:3031\" (fd: 3) full !!! (101/100) ***\n"
            )
        };
        let request = |second: u32| format!("[21/Nov/2026:09:00:{second:02} +0900] pid=7 \"GET /a HTTP/1.1\" 502 12ms\n");
        let undated = "*** no app loaded. going in full dynamic mode ***\n";
        let lines: Vec<String> = (0..30).flat_map(|s| [own(s), request(s), undated.to_owned(), request(s)]).collect();
        let told = |t: &FileTally| {
            let of = |s: &super::SourceTally| (s.stated, s.matched, s.span, s.borrows_from, s.after_jump_back_s);
            t.sources.iter().map(of).collect::<Vec<_>>()
        };
        let (from, to) = (1_795_219_200, 1_795_219_229);
        let local = (Some(false), 30, Some((from + 32_400, to + 32_400)), None, None);
        let whole = scan(&catalog, &lines.concat());
        assert_eq!(told(&whole), [local, (Some(true), 90, Some((from, to)), None, None)]);
        for cut in [1, 2, 3, 40, 41] {
            let pieces = || [&lines[..cut], &lines[cut..]].map(|p| scan(&catalog, &p.concat()));
            let [mut all, rest] = pieces();
            all.absorb(rest);
            assert_eq!(told(&all), told(&whole), "cut at {cut}");
            let [mut all, rest] = pieces();
            all.absorb_next(rest);
            assert_eq!(told(&all), told(&whole), "cut before line {cut}");
        }
    }

    /// The hour that occurs twice begins anew wherever the log is cut.
    #[test]
    fn a_jump_back_within_a_later_piece_is_seen() {
        let catalog = Catalog::load(&[]).unwrap();
        let line = |minute: u32| format!("2026/10/25 02:{minute:02}:00 [crit] 7#7: accept4() failed (24: Too many open files)\n");
        let lines: Vec<String> = (0..60).chain(0..60).map(line).collect();
        let told = |t: &FileTally| t.sources.iter().map(|s| (s.matched, s.span, s.after_jump_back_s)).collect::<Vec<_>>();
        let whole = scan(&catalog, &lines.concat());
        assert_eq!(whole.sources.len(), 2);
        for cut in [1, 30, 59, 60, 61, 90] {
            let mut all = scan(&catalog, &lines[..cut].concat());
            all.absorb_next(scan(&catalog, &lines[cut..].concat()));
            assert_eq!(told(&all), told(&whole), "cut before line {cut}");
        }
    }

    #[test]
    fn lists_that_overlap_are_sorted_in() {
        let mut all = vec![(1, 1), (3, 1), (5, 1)];
        super::append(&mut all, vec![(2, 1), (3, 1), (7, 1)], |x: &(i64, i32)| x.0, |a, b| a.1 += b.1);
        assert_eq!(all, [(1, 1), (2, 1), (3, 2), (5, 1), (7, 1)]);
    }
}
