//! The scan: bytes of one file in, tallies out, whatever the cut of the reads.

mod block;
mod counted;
mod envelope;
mod kept;
mod live;
mod paths;
mod pending;
mod record;
mod rows;
pub mod seam;
mod shapeless;
mod smudge;
mod span;
mod split;

use memchr::memchr;

pub use self::block::OpenBlock;
use self::envelope::{Unwrapped, strip_colours};
use self::pending::Pending;
use self::record::{Before, Waiting};
use self::shapeless::Shapeless;
use self::smudge::PASTE_LINES;
pub use self::span::possible_span;
pub use self::split::scan_pieces;

use super::bytes::controls;
use super::catalog::{Catalog, FormatId};
use super::cut::{Fields, skeleton};
use super::definition::Kind;
use super::format::{Claim, Cut, Memo};
use super::stamp::{Stamp, YearHint};
use super::tally::{FileTally, SourceIndex};

/// Longest line that is read whole; the rest of a longer one is skipped and the line counts as not understood.
pub const MAX_LINE: usize = 1 << 20;

/// What a terminal escape begins with.
const ESCAPE: u8 = 0x1b;

/// Lines that nothing claimed, kept for the report.
const UNMATCHED_EXAMPLES: usize = 5;

/// Scans one file. Feed it blocks in order, then [`FileScanner::finish`].
#[derive(Clone)]
pub struct FileScanner<'c> {
    catalog: &'c Catalog,
    hint: YearHint,
    /// The begin of a line whose end has not come yet.
    carry: Vec<u8>,
    /// The rest of the present line is skipped: it is longer than [`MAX_LINE`].
    skipping: bool,
    /// The first lines may have come by way of a mail or a viewer; those in the middle of a file did not.
    may_be_paste: bool,
    /// When the log service that the present lines come from stamped them.
    service: Option<Stamp>,
    state: State,
    tally: FileTally,
    index: SourceIndex,
    fields: Fields,
    learnt: Learnt,
    /// What the tally does not know of yet.
    pending: Pending<'c>,
    /// By format: whether it may claim the present line.
    may: Vec<bool>,
    /// Stamps noted so far.
    stamps: u64,
    /// Where the line before was entered.
    before: Option<Before>,
}

/// What makes further lines quicker to read, and nothing else.
#[derive(Clone, Default)]
struct Learnt {
    /// By format.
    memos: Vec<Memo>,
    shapeless: Shapeless,
}

/// Where a line stands: what its envelopes said, and the line as it is in the file.
#[derive(Debug, Clone, Copy)]
struct At<'l> {
    host: Option<&'l str>,
    outer: Option<Stamp>,
    raw: &'l [u8],
    number: u64,
}

/// What one line leaves behind for the next.
#[derive(Debug, Clone, Default)]
struct State {
    /// Formats in the order in which to try them: the last that fitted comes first, those of general shape stay last.
    order: Vec<FormatId>,
    envelopes: Vec<FormatId>,
    /// The first stamp, and the source whose it is.
    first: Option<(Stamp, usize)>,
    /// The last stamp, and the source whose it is.
    last: Option<(Stamp, usize)>,
    /// Undated observations from before the first stamp.
    waiting: Vec<Waiting>,
    block: Option<OpenBlock>,
    /// Buffers for lines without colours and without escapes.
    plain: Vec<u8>,
}

impl<'c> FileScanner<'c> {
    /// A scanner for one file. `hint` stands in for years that lines leave out.
    pub fn new(catalog: &'c Catalog, hint: YearHint) -> Self {
        let mut order: Vec<FormatId> = catalog.of_kind(Kind::Log).map(|(i, _)| i).collect();
        order.sort_by_key(|i| catalog.formats[*i].definition.general);
        let state = State { order, envelopes: catalog.of_kind(Kind::Envelope).map(|(i, _)| i).collect(), ..State::default() };
        FileScanner {
            catalog,
            hint,
            carry: Vec::new(),
            skipping: false,
            may_be_paste: true,
            service: None,
            state,
            tally: FileTally::default(),
            index: SourceIndex::default(),
            fields: Fields::default(),
            learnt: Learnt { memos: vec![Memo::default(); catalog.formats.len()], shapeless: Shapeless::default() },
            pending: Pending::default(),
            may: Vec::new(),
            stamps: 0,
            before: None,
        }
    }

    /// Takes the next block of the file.
    pub fn feed(&mut self, block: &[u8]) {
        self.tally.bytes += block.len() as u64;
        let (mut from, mut coloured) = (0, false);
        for end in controls(block) {
            if block[end] != b'\n' {
                coloured |= block[end] == ESCAPE;
                continue;
            }
            let piece = &block[from..end];
            from = end + 1;
            let coloured = std::mem::take(&mut coloured);
            if self.skipping {
                self.skipping = false;
                self.end_overlong();
            } else if self.carry.is_empty() {
                self.line(piece, coloured);
            } else {
                self.carry.extend_from_slice(piece);
                let line = std::mem::take(&mut self.carry);
                self.line_apart(&line);
                self.carry = line;
                self.carry.clear();
            }
        }
        let rest = &block[from..];
        if !self.skipping {
            if self.carry.len() + rest.len() > MAX_LINE {
                self.skipping = true;
                self.carry.clear();
            } else {
                self.carry.extend_from_slice(rest);
            }
        }
    }

    /// Takes one event of a log service: one line, or several that were sent together. The service's own stamp (UTC) stands in
    /// for lines that state no time or no zone, as an envelope's does.
    pub fn feed_event(&mut self, ms: i64, message: &[u8]) {
        self.service = Some(Stamp { wall_ms: ms, offset_s: Some(0) });
        self.feed(message);
        if message.last() != Some(&b'\n') {
            self.feed(b"\n");
        }
        self.service = None;
    }

    /// Ends the file: the last line may lack its line end.
    pub fn finish(mut self) -> FileTally {
        if self.skipping {
            self.end_overlong();
        } else if !self.carry.is_empty() {
            let line = std::mem::take(&mut self.carry);
            self.line_apart(&line);
        }
        self.close_block();
        self.place_waiting(None);
        self.pending.give(&mut self.tally);
        self.tally.crowded += self.index.crowded;
        self.tally
    }

    fn end_overlong(&mut self) {
        self.tally.lines += 1;
        self.tally.unmatched += 1;
        self.tally.overlong += 1;
    }

    #[inline(never)]
    fn line_apart(&mut self, raw: &[u8]) {
        self.line(raw, memchr(ESCAPE, raw).is_some());
    }

    /// Takes one line; `coloured` where it holds terminal escapes. All that nearly every line goes through is one function with its caller.
    #[inline(always)]
    fn line(&mut self, raw: &[u8], coloured: bool) {
        if raw.len() > MAX_LINE {
            return self.end_overlong();
        }
        self.tally.lines += 1;
        let number = self.tally.lines;
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if coloured {
            return self.coloured_line(raw, number);
        }
        self.plain_line(raw, raw, number);
    }

    #[inline(never)]
    fn coloured_line(&mut self, raw: &[u8], number: u64) {
        let mut plain = std::mem::take(&mut self.state.plain);
        strip_colours(raw, &mut plain);
        self.plain_line(&plain, raw, number);
        self.state.plain = plain;
    }

    #[inline(always)]
    fn plain_line(&mut self, line: &[u8], raw: &[u8], number: u64) {
        let is_block_open = self.state.block.is_some();
        if is_block_open && self.goes_on_with(line) {
            return;
        }
        // Lines with a shape come in runs, and so do those without one.
        let asked = is_block_open || self.learnt.shapeless.was_last && !self.begins_as_likely(line);
        let shapeless = asked && self.is_shapeless(line);
        // The way of nearly every line: the form of the line before fits, and no block is open.
        if !is_block_open
            && !shapeless
            && let Some(&first) = self.state.order.first()
            && self.try_shape(first, line, &At { host: None, outer: self.service, raw, number })
        {
            return;
        }
        let shapeless = shapeless || !asked && self.is_shapeless(line);
        self.other_line(line, raw, number, shapeless);
    }

    /// Takes a line that is not like the one before, or stands in a block.
    #[inline(never)]
    fn other_line(&mut self, line: &[u8], raw: &[u8], number: u64, mut shapeless: bool) {
        self.learnt.shapeless.was_last = shapeless;
        let stamps = self.stamps;
        let unwrapped = if shapeless { Unwrapped::bare(line) } else { self.unwrap(line) };
        let inner: &[u8] = &unwrapped.inner;
        let stated = unwrapped.stamp.filter(|s| s.offset_s.is_some());
        let at = &At { host: unwrapped.host.as_deref(), outer: stated.or(self.service).or(unwrapped.stamp), raw, number };
        // Several processes write to one file: a line with a shape of its own never belongs to a neighbour's traceback.
        if self.state.block.is_some()
            && !shapeless
            && !inner.first().is_none_or(u8::is_ascii_whitespace)
            && self.try_shapes(inner, at)
        {
            return;
        }
        if self.block_takes(inner, at) {
            // Shapes of what is not indented were tried above.
            let indented = line.first().is_some_and(u8::is_ascii_whitespace);
            let is_bare = !shapeless && unwrapped.envelope.is_none() && self.stamps == stamps;
            if is_bare && (!indented || self.fits_no_shape(line)) {
                self.remember_shapeless(line);
            }
            return;
        }
        if inner.iter().all(u8::is_ascii_whitespace) {
            self.tally.blank += 1;
            return;
        }
        if self.begins_block(inner, at) {
            if !shapeless && unwrapped.envelope.is_none() && self.stamps == stamps && self.fits_no_shape(line) {
                self.remember_shapeless(line);
            }
            return;
        }
        if !shapeless && self.try_shapes(inner, at) {
            return;
        }
        if !shapeless && unwrapped.envelope.is_none() && self.stamps == stamps {
            self.remember_shapeless(line);
        }
        if number <= PASTE_LINES
            && self.may_be_paste
            && let Some(clean) = smudge::cleaned(inner)
        {
            if self.pasted_line(&clean, at) {
                return;
            }
            shapeless = false;
        }
        if if shapeless { self.try_known(inner, at) } else { self.try_all_bare(inner, at) } {
            return;
        }
        self.tally.unmatched += 1;
        if self.tally.unmatched_examples.len() < UNMATCHED_EXAMPLES && raw.len() <= 1024 {
            self.tally.unmatched_examples.push((number, String::from_utf8_lossy(raw).into_owned()));
        }
        if (unwrapped.envelope.is_some() || self.service.is_some())
            && let Some(stamp) = at.outer
            && let Some((last, _)) = &mut self.state.last
        {
            *last = stamp;
        }
    }

    /// Tries a line without what a paste put around it, which may have an envelope beneath.
    fn pasted_line(&mut self, clean: &[u8], at: &At<'_>) -> bool {
        let unwrapped = self.unwrap(clean);
        let at = &At { host: unwrapped.host.as_deref().or(at.host), outer: unwrapped.stamp.or(at.outer), ..*at };
        self.try_shapes(&unwrapped.inner, at) || self.try_all_bare(&unwrapped.inner, at)
    }

    fn try_all_bare(&mut self, line: &[u8], at: &At<'_>) -> bool {
        let mut bones = Vec::new();
        skeleton(line, &mut bones);
        self.catalog.announced().mark(line, &bones, &mut self.may);
        self.try_marked(line, at).is_some()
    }

    /// Tries the formats of which `self.may` says that they may claim a line; gives the one that does, and how it cut the line.
    fn try_marked(&mut self, line: &[u8], at: &At<'_>) -> Option<(FormatId, Cut)> {
        let may = std::mem::take(&mut self.may);
        let found = (0..self.state.order.len()).find_map(|i| {
            let format = self.state.order[i];
            let cut = if may[format] { self.try_bare(format, line, at) } else { None };
            cut.map(|cut| (format, cut))
        });
        self.may = may;
        found
    }

    /// Tries the shapes of all formats, the one that fitted last first.
    fn try_shapes(&mut self, inner: &[u8], at: &At<'_>) -> bool {
        let catalog = self.catalog;
        let may = catalog.announced().shapes(inner);
        for i in 0..self.state.order.len() {
            let format = self.state.order[i];
            if may.get(format) == Some(&true) && self.try_shape(format, inner, at) {
                if !self.catalog.formats[format].definition.general {
                    self.state.order[..=i].rotate_right(1);
                }
                return true;
            }
        }
        false
    }

    /// Tries the forms of a format that have a shape of their own.
    #[inline(always)]
    fn try_shape(&mut self, id: FormatId, line: &[u8], at: &At<'_>) -> bool {
        let catalog = self.catalog;
        let format = &catalog.formats[id];
        let Some(cut) = format.cut(line, false, self.hint, &mut self.learnt.memos[id].tries, &mut self.fields) else {
            return false;
        };
        let claim = format.claim_with(line, &self.fields, cut, false, &mut self.learnt.memos[id]);
        // A request line is a request whatever else holds of it; other shapes are understood when something holds.
        let understood = claim != Claim::None || format.forms[cut.form].request || format.counts_any(line, &self.fields, cut);
        if understood {
            self.record(id, cut, claim, line, at);
            return true;
        }
        // The shape fits but nothing is known of the message: its stamp is still good for undated neighbours.
        if let Some(i) = format.instants(line, &self.fields) {
            let source = self.index.of(&mut self.tally.sources, id, at.host);
            let zoned = at.outer.filter(|o| i.written.offset_s.is_none() && o.offset_s.is_some());
            let stamp = zoned.unwrap_or(i.written);
            let source = self.index.part_of(&mut self.tally.sources, source, stamp);
            self.note_stamp(source, stamp);
        }
        false
    }

    /// Tries the forms of a format that only an event can claim.
    fn try_bare(&mut self, id: FormatId, line: &[u8], at: &At<'_>) -> Option<Cut> {
        let catalog = self.catalog;
        let format = &catalog.formats[id];
        if !format.has_bare() {
            return None;
        }
        let cut = format.cut(line, true, self.hint, &mut self.learnt.memos[id].tries, &mut self.fields)?;
        let claim = format.claim_with(line, &self.fields, cut, false, &mut self.learnt.memos[id]);
        if claim == Claim::None {
            return None;
        }
        self.record(id, cut, claim, line, at);
        Some(cut)
    }

    /// Whether a line begins as those do that fit what fitted last, which not all lines do.
    #[inline]
    fn begins_as_likely(&self, line: &[u8]) -> bool {
        let first = self.state.order.first();
        first.is_some_and(|id| self.catalog.formats[*id].begins_as_likely(line, &self.learnt.memos[*id].tries))
    }
}
