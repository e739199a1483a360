//! Between which instants the lines of a text lie.

use super::FileScanner;
use crate::parser::catalog::Catalog;
use crate::parser::stamp::YearHint;

/// How far east of UTC a zone can lie (Kiribati), and how far west.
const EASTMOST_S: i64 = 14 * 3600;
const WESTMOST_S: i64 = 12 * 3600;

/// The UTC seconds between which all stamps of some lines lie, whatever the zone of those that state none; nothing where no line has a stamp.
pub fn possible_span(catalog: &Catalog, hint: YearHint, lines: &[u8]) -> Option<(i64, i64)> {
    let mut scanner = FileScanner::new(catalog, hint);
    scanner.feed(lines);
    let tally = scanner.finish();
    let spans = tally.sources.iter().filter_map(|s| match (s.span?, s.stated) {
        (span, Some(true)) => Some(span),
        ((first, last), _) => Some((first.saturating_sub(EASTMOST_S), last.saturating_add(WESTMOST_S))),
    });
    spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_is_not_stated_is_allowed_for() {
        let catalog = Catalog::builtin().unwrap();
        let span = |text: &str| possible_span(&catalog, YearHint(1_795_305_600_000), text.as_bytes());
        let access = "10.0.0.1 - - [21/Nov/2026:00:00:39 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl\"\n";
        let error =
            "2026/11/21 00:00:39 [error] 1#1: *1 connect() failed (111: Connection refused) while connecting to upstream\n";
        assert_eq!(span(access), Some((1_795_219_239, 1_795_219_239)));
        assert_eq!(span(error), Some((1_795_219_239 - 14 * 3600, 1_795_219_239 + 12 * 3600)));
        assert_eq!(span(&format!("{error}{access}")), span(error));
        assert_eq!(span("no time\n"), None);
    }
}
