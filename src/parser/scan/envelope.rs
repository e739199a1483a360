//! Envelopes: lines of one format that collectors wrapped in another, and the colours that terminals were meant to see.

use memchr::memchr;

use super::{ESCAPE, FileScanner};
use crate::parser::catalog::FormatId;
use crate::parser::cut::Cutter;
use crate::parser::format::Format;
use crate::parser::json;
use crate::parser::stamp::Stamp;

/// Envelopes in envelopes that are unwrapped.
const MAX_WRAPPERS: usize = 3;

/// A line out of its envelopes.
pub(super) struct Unwrapped<'l> {
    pub(super) inner: std::borrow::Cow<'l, [u8]>,
    pub(super) host: Option<String>,
    pub(super) stamp: Option<Stamp>,
    pub(super) envelope: Option<FormatId>,
}

impl<'l> Unwrapped<'l> {
    /// A line that has no envelope.
    pub(super) fn bare(line: &'l [u8]) -> Self {
        Unwrapped { inner: line.into(), host: None, stamp: None, envelope: None }
    }
}

impl FileScanner<'_> {
    /// Takes a line out of its envelopes, outermost first.
    pub(super) fn unwrap<'l>(&mut self, line: &'l [u8]) -> Unwrapped<'l> {
        let mut u = Unwrapped::bare(line);
        let announced = self.catalog.announced();
        for _ in 0..MAX_WRAPPERS {
            let mut found = None;
            let may = announced.shapes(&u.inner);
            for i in 0..self.state.envelopes.len() {
                let id = self.state.envelopes[i];
                if may.get(id) != Some(&true) {
                    continue;
                }
                let format = &self.catalog.formats[id];
                let fits = format.cut(&u.inner, false, self.hint, &mut self.learnt.memos[id].tries, &mut self.fields).is_some();
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
            if memchr(ESCAPE, &owned).is_some() {
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
}

/// Copies a line without terminal escapes (ECMA-48 CSI and OSC).
pub(super) fn strip_colours(line: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut at = 0;
    while at < line.len() {
        if line[at] != ESCAPE {
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
                while at < line.len() && line[at] != 0x07 && line[at] != ESCAPE {
                    at += 1;
                }
                at += if line.get(at) == Some(&ESCAPE) { 2 } else { 1 };
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
