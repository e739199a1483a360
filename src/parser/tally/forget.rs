//! Forgetting what is old, so that a scan that runs for weeks stays small.

use super::{FileTally, SKETCH_SECONDS, SignalTally, SourceTally};

impl FileTally {
    /// Forgets what is older than so many seconds before each source's last line. Counts of lines stay.
    pub fn forget(&mut self, seconds: i64) {
        for source in &mut self.sources {
            source.forget(seconds);
        }
    }
}

impl SourceTally {
    fn forget(&mut self, seconds: i64) {
        let Some(last) = self.last.or(self.span.map(|(_, b)| b)) else { return };
        // Whole sketches go, or a quantile would stand without its count.
        let cut = (last - seconds).div_euclid(SKETCH_SECONDS) * SKETCH_SECONDS;
        if self.span.is_none_or(|(first, _)| first >= cut) {
            return;
        }
        self.span = self.span.map(|(first, last)| (first.max(cut), last.max(cut)));
        self.paths.drain(..self.paths.partition_point(|p| p.0 < cut));
        self.signals.retain(|_, t| {
            t.forget_before(cut);
            !t.cells.is_empty() || t.undated > 0
        });
    }
}

impl SignalTally {
    /// Forgets all before a second. Kept fields have no time: they go with the last of the signal.
    fn forget_before(&mut self, cut: i64) {
        self.cells.drain(..self.cells.partition_point(|c| c.second < cut));
        self.sketches.drain(..self.sketches.partition_point(|s| s.0 < cut));
        self.examples.retain(|e| e.second.is_none_or(|s| s >= cut));
        self.full_minutes = [None; 2];
        if self.cells.is_empty() {
            self.borrowed = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parser::catalog::Catalog;
    use crate::parser::scan::FileScanner;
    use crate::parser::stamp::YearHint;

    fn line(minute: u32, second: u32) -> String {
        format!("2026/11/21 10:{minute:02}:{second:02} [alert] 7#7: 1024 worker_connections are not enough\n")
    }

    #[test]
    fn what_is_old_is_forgotten_and_what_is_new_stays() {
        let catalog = Catalog::builtin().unwrap();
        let mut scanner = FileScanner::new(&catalog, YearHint(0));
        for minute in 0..50 {
            for second in 0..60 {
                scanner.feed(line(minute, second).as_bytes());
            }
            scanner.forget(600);
            let seen = scanner.so_far();
            assert!(seen.closes());
            for t in seen.sources[0].signals.values() {
                assert!(t.cells.len() <= 620 && t.examples.len() <= 40, "{} cells", t.cells.len());
            }
        }
        let seen = scanner.so_far();
        assert_eq!(seen.lines, 3000);
        let last = seen.sources[0].signals.values().flat_map(|t| &t.examples).map(|e| e.line).max();
        assert!(last > Some(2900), "new lines can still be quoted: {last:?}");
    }

    #[test]
    fn half_a_line_is_not_read() {
        let catalog = Catalog::builtin().unwrap();
        let mut scanner = FileScanner::new(&catalog, YearHint(0));
        let text = line(1, 1) + &line(1, 2);
        let (a, b) = text.split_at(text.len() - 20);
        scanner.feed(a.as_bytes());
        assert_eq!((scanner.so_far().lines, scanner.so_far().unmatched), (1, 0));
        scanner.feed(b.as_bytes());
        assert_eq!((scanner.so_far().lines, scanner.so_far().unmatched), (2, 0));
    }
}
