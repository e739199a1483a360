//! Blocks: lines that are one event of their last line, such as tracebacks.

use super::{At, FileScanner};
use crate::parser::bytes::begins_with;
use crate::parser::catalog::FormatId;
use crate::parser::format::Format;
use crate::parser::stamp::Stamp;

/// A block (traceback) that is being read.
#[derive(Debug, Clone)]
pub struct OpenBlock {
    /// The format that it belongs to.
    pub format: FormatId,
    /// The host that an envelope names.
    pub host: Option<String>,
    /// Its lines so far.
    pub lines: u64,
    /// The last line, once it came: inner text, line number, the raw line.
    pub last: Option<(Vec<u8>, u64, Vec<u8>)>,
    /// The last stamp before its last line, and the source whose it is: lines of others may come before the block is known to have ended.
    pub placed: Option<(Stamp, usize)>,
    /// When an envelope says it was written.
    pub outer: Option<Stamp>,
}

impl FileScanner<'_> {
    /// Whether the line opens a block of some format.
    pub(super) fn begins_block(&mut self, inner: &[u8], at: &At<'_>) -> bool {
        if !self.catalog.announced().begins_block(inner) {
            return false;
        }
        let begins = |f: &Format| f.definition.block.as_ref().is_some_and(|b| inner.starts_with(b.begins.as_bytes()));
        let Some(&format) = self.state.order.iter().find(|&&i| begins(&self.catalog.formats[i])) else {
            return false;
        };
        self.close_block();
        self.state.block =
            Some(OpenBlock { format, host: at.host.map(str::to_owned), lines: 1, last: None, placed: None, outer: at.outer });
        true
    }

    /// Whether the open block goes on with a line, as its begin alone tells. `false` leaves it open.
    #[inline]
    pub(super) fn goes_on_with(&mut self, line: &[u8]) -> bool {
        let catalog = self.catalog;
        let Some(open) = &mut self.state.block else {
            return false;
        };
        if open.host.is_some() || !catalog.announced().is_indented_and_bare(line) {
            return false;
        }
        let Some(block) = &catalog.formats[open.format].definition.block else {
            return false;
        };
        let starts = |texts: &[String]| texts.iter().any(|t| begins_with(line, t.as_bytes()));
        if !starts(&block.inside) || starts(&block.links) {
            return false;
        }
        open.lines += 1;
        open.outer = self.service.or(open.outer);
        true
    }

    /// Whether the open block takes the line; a line that it does not take ends it.
    pub(super) fn block_takes(&mut self, inner: &[u8], at: &At<'_>) -> bool {
        let catalog = self.catalog;
        let Some(open) = &mut self.state.block else {
            return false;
        };
        let Some(block) = &catalog.formats[open.format].definition.block else {
            return false;
        };
        let starts = |texts: &[String]| texts.iter().any(|t| begins_with(inner, t.as_bytes()));
        let blank = inner.iter().all(u8::is_ascii_whitespace);
        if open.host.as_deref() == at.host {
            if blank || starts(&block.inside) || starts(&block.links) {
                // A link leads to a further part. What is indented behind the last line is more of its text, or of a
                // neighbour's block that was written between.
                if starts(&block.links) {
                    open.last = None;
                }
                open.lines += 1;
                open.outer = at.outer.or(open.outer);
                return true;
            } else if inner.starts_with(block.begins.as_bytes()) && open.last.is_none() {
                open.lines += 1;
                return true;
            } else if open.last.is_none() {
                open.lines += 1;
                open.outer = at.outer.or(open.outer);
                open.last = Some((inner.to_vec(), at.number, at.raw.to_vec()));
                open.placed = self.state.last;
                return true;
            }
        }
        self.close_block();
        false
    }

    /// Enters the open block as the one event of its last line.
    pub(super) fn close_block(&mut self) {
        let Some(open) = self.state.block.take() else {
            return;
        };
        let catalog = self.catalog;
        let format = &catalog.formats[open.format];
        let host = open.host.as_deref();
        let source = self.index.of(&mut self.tally.sources, open.format, host);
        self.tally.sources[source].matched += open.lines;
        self.tally.sources[source].weightless += open.lines;
        let Some((text, number, raw)) = open.last else {
            return;
        };
        let Some(cut) = format.cut(&text, true, self.hint, &mut self.learnt.memos[open.format].tries, &mut self.fields) else {
            return;
        };
        let claim = format.claim_with(&text, &self.fields, cut, true, &mut self.learnt.memos[open.format]);
        self.tally.sources[source].matched -= 1;
        self.tally.sources[source].weightless -= 1;
        let later = self.state.last;
        let placed = open.placed.or(later);
        self.state.last = placed;
        self.record(open.format, cut, claim, &text, &At { host, outer: open.outer, raw: &raw, number });
        if self.state.last == placed {
            self.state.last = later;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parser::catalog::Catalog;
    use crate::parser::scan::FileScanner;
    use crate::parser::stamp::YearHint;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// A line that a block goes on with as its begin tells is one that it takes when all else was tried.
        #[test]
        fn what_the_begin_tells_is_what_comes_out(
            some in proptest::collection::vec((any::<prop::sample::Index>(), prop_oneof![Just(""), Just("  "), Just("\t"), Just(" ")]), 1..12),
            wrapped in any::<bool>(),
        ) {
            static CATALOG: std::sync::OnceLock<Catalog> = std::sync::OnceLock::new();
            let catalog = CATALOG.get_or_init(|| Catalog::builtin().unwrap());
            let samples: Vec<&str> = catalog.formats.iter().flat_map(|f| &f.definition.samples).flat_map(|s| s.line.lines()).collect();
            let head = if wrapped { "Nov 21 00:00:01 web1 app[7]: " } else { "" };
            let begin = format!("{head}Traceback (most recent call last):");
            let open = || {
                let mut scanner = FileScanner::new(catalog, YearHint(1_798_761_599_000));
                scanner.feed(format!("Sat Nov 21 00:00:39 2026 - x\n{begin}\n").as_bytes());
                scanner
            };
            let (mut quick, mut slow) = (open(), open());
            for (sample, indent) in &some {
                let line = format!("{indent}{}", sample.get(&samples));
                quick.feed(format!("{line}\n").as_bytes());
                slow.tally.lines += 1;
                slow.other_line(line.as_bytes(), line.as_bytes(), slow.tally.lines, false);
            }
            let (quick, slow) = (quick.finish(), slow.finish());
            let shown = |t: &crate::parser::tally::FileTally| {
                let of = t.sources.iter().map(|s| {
                    let signals = s.signals.iter().map(|(id, t)| (*id, t.total(), format!("{:?} {:?}", t.facts, t.examples)));
                    (s.format, s.host.clone(), s.matched, s.weightless, s.span, signals.collect::<Vec<_>>())
                });
                (t.lines, t.unmatched, t.blank, of.collect::<Vec<_>>())
            };
            prop_assert_eq!(shown(&quick), shown(&slow));
        }
    }
}
