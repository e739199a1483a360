//! The scan: bytes of one file in, tallies out, whatever the cut of the reads.

use memchr::{memchr, memchr_iter};

use super::catalog::{Catalog, FormatId, SignalId};
use super::cut::{Cutter, Fields};
use super::definition::Kind;
use super::format::{Claim, Cut, Format};
use super::json;
use super::stamp::{Stamp, YearHint};
use super::tally::{FileTally, Observation, SourceIndex};

/// Longest line that is read whole; the rest of a longer one is skipped and the line counts as not understood.
pub const MAX_LINE: usize = 1 << 20;

/// Envelopes in envelopes that are unwrapped.
const MAX_WRAPPERS: usize = 3;

/// Undated observations that wait for the first stamp of a file.
const MAX_WAITING: usize = 4096;

/// Lines that nothing claimed, kept for the report.
const UNMATCHED_EXAMPLES: usize = 5;

/// Scans one file. Feed it blocks in order, then [`FileScanner::finish`].
pub struct FileScanner<'c> {
    catalog: &'c Catalog,
    hint: YearHint,
    /// The begin of a line whose end has not come yet.
    carry: Vec<u8>,
    /// The rest of the present line is skipped: it is longer than [`MAX_LINE`].
    skipping: bool,
    state: State,
    tally: FileTally,
    index: SourceIndex,
    fields: Fields,
    reached: Vec<usize>,
}

/// What one line leaves behind for the next.
#[derive(Debug, Default)]
struct State {
    /// Formats in the order in which to try them: the last that fitted comes first, those of general shape stay last.
    order: Vec<FormatId>,
    envelopes: Vec<FormatId>,
    /// The last stamp, and the source whose it is.
    last: Option<(Stamp, usize)>,
    /// Undated observations from before the first stamp.
    waiting: Vec<Waiting>,
    block: Option<OpenBlock>,
    /// Buffers for lines without colours and without escapes.
    plain: Vec<u8>,
}

#[derive(Debug)]
struct Waiting {
    source: usize,
    signal: SignalId,
    value: Option<f64>,
    line: u64,
    text: Vec<u8>,
}

/// A block (traceback) that is being read.
#[derive(Debug)]
struct OpenBlock {
    format: FormatId,
    host: Option<String>,
    lines: u64,
    /// The last line, once it came: inner text, line number, the raw line.
    last: Option<(Vec<u8>, u64, Vec<u8>)>,
    outer: Option<Stamp>,
}

/// A line out of its envelopes.
struct Unwrapped<'l> {
    inner: std::borrow::Cow<'l, [u8]>,
    host: Option<String>,
    stamp: Option<Stamp>,
    envelope: Option<FormatId>,
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
            state,
            tally: FileTally::default(),
            index: SourceIndex::default(),
            fields: Fields::default(),
            reached: Vec::new(),
        }
    }

    /// Takes the next block of the file.
    pub fn feed(&mut self, block: &[u8]) {
        self.tally.bytes += block.len() as u64;
        let mut from = 0;
        for end in memchr_iter(b'\n', block) {
            let piece = &block[from..end];
            from = end + 1;
            if self.skipping {
                self.skipping = false;
                self.end_overlong();
            } else if self.carry.is_empty() {
                self.line(piece);
            } else {
                self.carry.extend_from_slice(piece);
                let line = std::mem::take(&mut self.carry);
                self.line(&line);
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

    /// Ends the file: the last line may lack its line end.
    pub fn finish(mut self) -> FileTally {
        if self.skipping {
            self.end_overlong();
        } else if !self.carry.is_empty() {
            let line = std::mem::take(&mut self.carry);
            self.line(&line);
        }
        self.close_block();
        self.place_waiting(None);
        self.tally
    }

    fn end_overlong(&mut self) {
        self.tally.lines += 1;
        self.tally.unmatched += 1;
        self.tally.overlong += 1;
    }

    fn line(&mut self, raw: &[u8]) {
        if raw.len() > MAX_LINE {
            return self.end_overlong();
        }
        self.tally.lines += 1;
        let number = self.tally.lines;
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if memchr(0x1b, raw).is_none() {
            return self.plain_line(raw, raw, number);
        }
        let mut plain = std::mem::take(&mut self.state.plain);
        strip_colours(raw, &mut plain);
        self.plain_line(&plain, raw, number);
        self.state.plain = plain;
    }

    fn plain_line(&mut self, line: &[u8], raw: &[u8], number: u64) {
        // The way of nearly every line: the form of the line before fits, and no block is open.
        if self.state.block.is_none()
            && let Some(&first) = self.state.order.first()
            && self.try_shape(first, line, None, None, raw, number)
        {
            return;
        }
        let unwrapped = self.unwrap(line);
        let inner: &[u8] = &unwrapped.inner;
        let (host, outer) = (unwrapped.host.as_deref(), unwrapped.stamp);
        // Several processes write to one file: a line with a shape of its own never belongs to a neighbour's traceback.
        if self.state.block.is_some()
            && !inner.first().is_none_or(u8::is_ascii_whitespace)
            && self.try_shapes(inner, host, outer, raw, number)
        {
            return;
        }
        if self.block_takes(inner, host, outer, raw, number) {
            return;
        }
        if inner.iter().all(u8::is_ascii_whitespace) {
            self.tally.blank += 1;
            return;
        }
        if self.begins_block(inner, host, outer) {
            return;
        }
        if self.try_shapes(inner, host, outer, raw, number) {
            return;
        }
        for i in 0..self.state.order.len() {
            let format = self.state.order[i];
            if self.try_bare(format, inner, host, outer, raw, number) {
                return;
            }
        }
        self.tally.unmatched += 1;
        if self.tally.unmatched_examples.len() < UNMATCHED_EXAMPLES && raw.len() <= 1024 {
            self.tally.unmatched_examples.push((number, String::from_utf8_lossy(raw).into_owned()));
        }
        if unwrapped.envelope.is_some()
            && let Some(stamp) = outer
            && let Some((last, _)) = &mut self.state.last
        {
            *last = stamp;
        }
    }

    /// Takes a line out of its envelopes, outermost first.
    fn unwrap<'l>(&mut self, line: &'l [u8]) -> Unwrapped<'l> {
        let mut u = Unwrapped { inner: line.into(), host: None, stamp: None, envelope: None };
        for _ in 0..MAX_WRAPPERS {
            let mut found = None;
            for i in 0..self.state.envelopes.len() {
                let id = self.state.envelopes[i];
                let format = &self.catalog.formats[id];
                let fits = format.cut(&u.inner, false, self.hint, &mut self.reached, &mut self.fields).is_some();
                if fits && format.field("inner").is_some_and(|f| self.fields.get(f, &u.inner).is_some()) {
                    found = Some((i, id));
                    break;
                }
            }
            let Some((i, id)) = found else { break };
            self.state.envelopes[..=i].rotate_right(1);
            let format: &Format = &self.catalog.formats[id];
            let field = |name: &str| format.field(name).and_then(|f| self.fields.get(f, &u.inner));
            let Some(inner) = field("inner") else { break };
            if let Some(h) = field("host") {
                u.host = Some(String::from_utf8_lossy(h).into_owned());
            }
            // An envelope that states UTC is worth more than one outside it that does not.
            if let Some(i) = format.instants(&u.inner, &self.fields)
                && (u.stamp.is_none_or(|s| s.offset_s.is_none()) || i.at.offset_s.is_some())
            {
                u.stamp = Some(i.at);
            }
            u.envelope = Some(id);
            let is_json = format.forms.iter().any(|f| matches!(f.cutter, Cutter::Json(_)));
            let owned = if is_json { json::text(inner) } else { None }.unwrap_or_else(|| inner.to_vec());
            let mut plain = Vec::new();
            if memchr(0x1b, &owned).is_some() {
                strip_colours(&owned, &mut plain);
            } else {
                plain = owned;
            }
            while plain.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
                plain.pop();
            }
            u.inner = plain.into();
        }
        u
    }

    /// Tries the shapes of all formats, the one that fitted last first.
    fn try_shapes(&mut self, inner: &[u8], host: Option<&str>, outer: Option<Stamp>, raw: &[u8], number: u64) -> bool {
        for i in 0..self.state.order.len() {
            let format = self.state.order[i];
            if self.try_shape(format, inner, host, outer, raw, number) {
                if !self.catalog.formats[format].definition.general {
                    self.state.order[..=i].rotate_right(1);
                }
                return true;
            }
        }
        false
    }

    /// Tries the forms of a format that have a shape of their own.
    fn try_shape(
        &mut self,
        id: FormatId,
        line: &[u8],
        host: Option<&str>,
        outer: Option<Stamp>,
        raw: &[u8],
        number: u64,
    ) -> bool {
        let catalog = self.catalog;
        let format = &catalog.formats[id];
        let Some(cut) = format.cut(line, false, self.hint, &mut self.reached, &mut self.fields) else {
            return false;
        };
        let claim = format.claim(line, &self.fields, cut, false);
        // A request line is a request whatever else holds of it; other shapes are understood when something holds.
        let understood = claim != Claim::None || format.forms[cut.form].request || format.counts_any(line, &self.fields, cut);
        if understood {
            self.record(id, cut, claim, line, host, outer, raw, number);
            return true;
        }
        // The shape fits but nothing is known of the message: its stamp is still good for undated neighbours.
        if let Some(i) = format.instants(line, &self.fields) {
            let source = self.index.of(&mut self.tally.sources, id, host);
            self.note_stamp(source, i.written);
        }
        false
    }

    /// Tries the forms of a format that only an event can claim.
    fn try_bare(&mut self, id: FormatId, line: &[u8], host: Option<&str>, outer: Option<Stamp>, raw: &[u8], number: u64) -> bool {
        let catalog = self.catalog;
        let format = &catalog.formats[id];
        if !format.has_bare() {
            return false;
        }
        let Some(cut) = format.cut(line, true, self.hint, &mut self.reached, &mut self.fields) else {
            return false;
        };
        let claim = format.claim(line, &self.fields, cut, false);
        if claim == Claim::None {
            return false;
        }
        self.record(id, cut, claim, line, host, outer, raw, number);
        true
    }

    fn note_stamp(&mut self, source: usize, stamp: Stamp) {
        self.tally.sources[source].note_stamp(stamp);
        if self.state.last.is_none() {
            self.place_waiting(Some((stamp, source)));
        }
        self.state.last = Some((stamp, source));
    }

    /// Enters a line that a format understood.
    #[allow(clippy::too_many_arguments, reason = "one line's parts, passed on to one place")]
    fn record(
        &mut self,
        id: FormatId,
        cut: Cut,
        claim: Claim,
        line: &[u8],
        host: Option<&str>,
        outer: Option<Stamp>,
        raw: &[u8],
        number: u64,
    ) {
        let catalog = self.catalog;
        let format = &catalog.formats[id];
        let source = self.index.of(&mut self.tally.sources, id, host);
        let own = format.instants(line, &self.fields);
        // The line's own word, unless only the envelope knows its zone.
        let (stamp, written) = match (own, outer) {
            (Some(i), Some(o)) if i.at.offset_s.is_none() && o.offset_s.is_some() => (Some(o), Some(o)),
            (Some(i), _) => (Some(i.at), Some(i.written)),
            (None, o) => (o, o),
        };
        if let Some(w) = written {
            self.note_stamp(source, w);
        }
        let borrowed = stamp.is_none();
        let stamp = stamp.or_else(|| {
            let (last, from) = self.state.last?;
            if from != source {
                self.tally.sources[source].borrows_from.get_or_insert(from);
            }
            Some(last)
        });
        if format.forms[cut.form].request
            && let (Some(at), Some(path)) = (stamp, format.request_path(line, &self.fields))
        {
            self.tally.sources[source].add_path(at.ms().div_euclid(1000), path);
        }
        let mut yielded = false;
        let signal = match claim {
            Claim::Event(e) => format.events[e].signal.map(|s| (e, s)),
            Claim::None => None,
        };
        if let Some((e, signal)) = signal {
            yielded = true;
            let value = format.event_value(e, line, &self.fields);
            self.observe(source, signal, Observation { stamp, borrowed, value, line: number, text: raw });
            let tally = self.tally.sources[source].signals.entry(signal).or_default();
            format.each_kept_of_event(e, line, &self.fields, |n, v| tally.add_fact(n, v));
        }
        let (tally, state) = (&mut self.tally, &mut self.state);
        format.each_count(line, &self.fields, cut, |count, signal, value| {
            yielded = true;
            if stamp.is_none() && state.waiting.len() < MAX_WAITING {
                state.waiting.push(Waiting { source, signal, value, line: number, text: raw.to_vec() });
                return;
            }
            let entry = tally.sources[source].signals.entry(signal).or_default();
            entry.add(Observation { stamp, borrowed, value, line: number, text: raw });
            format.each_kept_of_count(count, line, &self.fields, |n, v| entry.add_fact(n, v));
        });
        let s = &mut self.tally.sources[source];
        s.matched += 1;
        s.weightless += u64::from(!yielded);
    }

    fn observe(&mut self, source: usize, signal: SignalId, o: Observation<'_>) {
        if o.stamp.is_none() && self.state.waiting.len() < MAX_WAITING {
            self.state.waiting.push(Waiting { source, signal, value: o.value, line: o.line, text: o.text.to_vec() });
        } else {
            self.tally.sources[source].signals.entry(signal).or_default().add(o);
        }
    }

    /// Gives the undated lines at the head of a file the first stamp that came, or none.
    fn place_waiting(&mut self, first: Option<(Stamp, usize)>) {
        for w in std::mem::take(&mut self.state.waiting) {
            if let Some((_, from)) = first
                && from != w.source
            {
                self.tally.sources[w.source].borrows_from.get_or_insert(from);
            }
            let o =
                Observation { stamp: first.map(|f| f.0), borrowed: first.is_some(), value: w.value, line: w.line, text: &w.text };
            self.tally.sources[w.source].signals.entry(w.signal).or_default().add(o);
        }
    }

    /// Whether the line opens a block of some format.
    fn begins_block(&mut self, inner: &[u8], host: Option<&str>, outer: Option<Stamp>) -> bool {
        let begins = |f: &Format| f.definition.block.as_ref().is_some_and(|b| inner.starts_with(b.begins.as_bytes()));
        let Some(&format) = self.state.order.iter().find(|&&i| begins(&self.catalog.formats[i])) else {
            return false;
        };
        self.close_block();
        self.state.block = Some(OpenBlock { format, host: host.map(str::to_owned), lines: 1, last: None, outer });
        true
    }

    /// Whether the open block takes the line; a line that it does not take ends it.
    fn block_takes(&mut self, inner: &[u8], host: Option<&str>, outer: Option<Stamp>, raw: &[u8], number: u64) -> bool {
        let catalog = self.catalog;
        let Some(open) = &mut self.state.block else {
            return false;
        };
        let Some(block) = &catalog.formats[open.format].definition.block else {
            return false;
        };
        let starts = |texts: &[String]| texts.iter().any(|t| inner.starts_with(t.as_bytes()));
        let blank = inner.iter().all(u8::is_ascii_whitespace);
        if open.host.as_deref() == host {
            if blank || starts(&block.inside) || starts(&block.links) {
                // A link leads to a further part. What is indented behind the last line is more of its text, or of a
                // neighbour's block that was written between.
                if starts(&block.links) {
                    open.last = None;
                }
                open.lines += 1;
                open.outer = outer.or(open.outer);
                return true;
            } else if inner.starts_with(block.begins.as_bytes()) && open.last.is_none() {
                open.lines += 1;
                return true;
            } else if open.last.is_none() {
                open.lines += 1;
                open.outer = outer.or(open.outer);
                open.last = Some((inner.to_vec(), number, raw.to_vec()));
                return true;
            }
        }
        self.close_block();
        false
    }

    /// Enters the open block as the one event of its last line.
    fn close_block(&mut self) {
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
        let Some(cut) = format.cut(&text, true, self.hint, &mut self.reached, &mut self.fields) else {
            return;
        };
        let claim = format.claim(&text, &self.fields, cut, true);
        self.tally.sources[source].matched -= 1;
        self.tally.sources[source].weightless -= 1;
        self.record(open.format, cut, claim, &text, host, open.outer, &raw, number);
    }
}

/// Copies a line without terminal escapes (ECMA-48 CSI and OSC).
fn strip_colours(line: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut at = 0;
    while at < line.len() {
        if line[at] != 0x1b {
            out.push(line[at]);
            at += 1;
            continue;
        }
        match line.get(at + 1) {
            Some(b'[') => {
                at += 2;
                while at < line.len() && !(0x40..=0x7e).contains(&line[at]) {
                    at += 1;
                }
                at += 1;
            }
            Some(b']') => {
                at += 2;
                while at < line.len() && line[at] != 0x07 && line[at] != 0x1b {
                    at += 1;
                }
                at += if line.get(at) == Some(&0x1b) { 2 } else { 1 };
            }
            _ => at += 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_stripped() {
        let mut out = Vec::new();
        strip_colours(b"\x1b[32mINFO\x1b[0m: \x1b]8;;x\x07ok\x1b", &mut out);
        assert_eq!(out, b"INFO: ok");
    }
}
