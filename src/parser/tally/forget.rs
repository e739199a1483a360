//! Forgetting what is old, so that a scan that runs for weeks stays small.

use super::{SKETCH_SECONDS, SourceTally};

impl SourceTally {
    /// Forgets what is older than so many seconds before its last line, but for its signals, and tells from which second on it remembers.
    /// Counts of lines stay.
    pub(in crate::parser) fn forget(&mut self, seconds: i64) -> Option<i64> {
        let last = self.last.or(self.span.map(|(_, b)| b))?;
        // Whole sketches go, or a quantile would stand without its count.
        let cut = (last - seconds).div_euclid(SKETCH_SECONDS) * SKETCH_SECONDS;
        if self.span.is_none_or(|(first, _)| first >= cut) {
            return None;
        }
        self.span = self.span.map(|(first, last)| (first.max(cut), last.max(cut)));
        self.paths.drain(..self.paths.partition_point(|p| p.0 < cut));
        Some(cut)
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
            for (_, t) in &seen.sources[0].signals {
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
