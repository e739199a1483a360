//! What a message can be: the texts, the pattern and the fields by which an event is told.

use memchr::memmem;

use super::Cut;
use super::memo::Captured;
use crate::parser::bytes::begins_with;
use crate::parser::catalog::SignalId;
use crate::parser::condition::Condition;
use crate::parser::cut::{FieldId, Fields, Pattern, skeleton};

/// A compiled `[[event]]`.
#[derive(Debug)]
pub struct Event {
    /// The signal; `None` for lines without weight.
    pub signal: Option<SignalId>,
    pub(super) forms: Vec<usize>,
    pub(super) block: bool,
    pub(super) starts: Option<Vec<u8>>,
    pub(super) all: Vec<memmem::Finder<'static>>,
    pub(super) none: Vec<memmem::Finder<'static>>,
    pub(super) regex: Option<Pattern>,
    pub(super) when: Vec<(FieldId, Condition)>,
    pub(super) keep: Vec<FieldId>,
    /// The field, and the factor of its unit to the base unit.
    pub(super) value: Option<(FieldId, f64)>,
}

impl Event {
    /// Whether a message fits its texts and its pattern.
    pub(super) fn says(&self, message: &[u8]) -> bool {
        self.has_texts(message) && self.fits_pattern(message)
    }

    pub(super) fn fits_pattern(&self, message: &[u8]) -> bool {
        self.regex.as_ref().is_none_or(|p| p.may_match(message) && p.get().is_some_and(|c| c.regex.is_match(message)))
    }

    pub(super) fn has_texts(&self, message: &[u8]) -> bool {
        let mut rest = message;
        if let Some(s) = &self.starts {
            if !begins_with(rest, s) {
                return false;
            }
            rest = &rest[s.len()..];
        }
        for f in &self.all {
            let Some(at) = f.find(rest) else { return false };
            rest = &rest[at + f.needle().len()..];
        }
        self.none.iter().all(|f| f.find(message).is_none())
    }

    /// The texts without which a message with this skeleton is certainly not what the event tells of, as skeletons; nothing where digits make no
    /// difference to it.
    pub(super) fn bones_if_it_sees_digits(&self) -> Option<Vec<memmem::Finder<'static>>> {
        let texts = || self.starts.as_deref().into_iter().chain(self.all.iter().map(memmem::Finder::needle));
        let none = self.none.iter().map(memmem::Finder::needle);
        let is_blind = |t: &[u8]| !t.iter().any(u8::is_ascii_digit);
        if texts().chain(none).all(is_blind) && self.regex.as_ref().is_none_or(Pattern::is_blind) {
            return None;
        }
        let needed = self.regex.as_ref().and_then(Pattern::needs);
        let to_bones = |text: &[u8]| {
            let mut bones = Vec::new();
            skeleton(text, &mut bones);
            memmem::Finder::new(&bones).into_owned()
        };
        Some(texts().chain(needed).map(to_bones).collect())
    }

    /// Whether what else it asks of a line holds.
    #[inline]
    pub(super) fn suits(&self, line: &[u8], fields: &Fields, cut: Cut, block: bool) -> bool {
        self.block == block
            && (self.forms.is_empty() || self.forms.contains(&cut.form))
            && self.when.iter().all(|(f, c)| c.holds(fields.get(*f, line)))
    }

    /// What the groups of its pattern hold in a message; `None` where that does not fit it.
    pub(super) fn capture(&self, message: &[u8]) -> Option<Vec<Captured>> {
        let pattern = self.regex.as_ref().and_then(Pattern::get)?;
        let mut at = pattern.regex.capture_locations();
        pattern.regex.captures_read(&mut at, message)?;
        let groups = pattern.groups.iter().enumerate();
        Some(groups.filter_map(|(i, (group, _))| at.get(*group).map(|(from, to)| (i, from, to))).collect())
    }

    /// Whether its pattern, where it has one, names parts of a message.
    pub(super) fn has_groups(&self) -> bool {
        self.regex.as_ref().and_then(Pattern::get).is_some_and(|p| !p.groups.is_empty())
    }
}
