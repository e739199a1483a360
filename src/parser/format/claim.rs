//! Which event of a definition claims a line.

use aho_corasick::AhoCorasick;

use super::{Cut, Event, Format, MAX_EVENTS, Memo};
use crate::parser::cut::{Bones, Fields};

/// What a line says: which event claimed it, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// This event.
    Event(usize),
    /// No event.
    None,
}

impl Format {
    /// Whether the events that fit a message would fit it, at the same places, with any other digits in place of its own; `bones` is its skeleton.
    pub(super) fn says_the_same_whatever_digits(&self, bones: &[u8]) -> bool {
        let seeing = self.seeing.get_or_init(|| self.events.iter().filter_map(Event::bones_if_it_sees_digits).collect());
        seeing.iter().all(|texts| texts.iter().any(|t| t.find(bones).is_none()))
    }

    /// Which event claims a cut line. `block`: the line is the last of a block.
    pub fn claim(&self, line: &[u8], fields: &Fields, cut: Cut, block: bool) -> Claim {
        if !self.forms[cut.form].claimable && !block {
            return Claim::None;
        }
        let message = self.message(line, fields);
        let mut first = None;
        self.each_candidate(message, self.prefilter(), |i| {
            let event = &self.events[i];
            first = (event.suits(line, fields, cut, block) && event.says(message)).then_some(i);
            first.is_none()
        });
        first.map_or(Claim::None, Claim::Event)
    }

    /// As [`Format::claim`], with what the scanner remembers of this format.
    #[inline(always)]
    pub fn claim_with(&self, line: &[u8], fields: &Fields, cut: Cut, block: bool, memo: &mut Memo) -> Claim {
        if !self.forms[cut.form].claimable && !block {
            return Claim::None;
        }
        self.claim_among(line, fields, cut, block, None, memo)
    }

    /// As [`Format::claim_with`], of a line that is all message, with its bones.
    #[inline]
    pub fn claim_by_bones(&self, line: &[u8], fields: &Fields, cut: Cut, bones: &Bones, memo: &mut Memo) -> Claim {
        if !self.forms[cut.form].claimable {
            return Claim::None;
        }
        self.claim_among(line, fields, cut, false, Some(bones), memo)
    }

    fn claim_among(&self, line: &[u8], fields: &Fields, cut: Cut, block: bool, bones: Option<&Bones>, memo: &mut Memo) -> Claim {
        let message = self.message(line, fields);
        let bones = bones.filter(|_| message.len() == line.len());
        if !Self::remembers(message) {
            memo.messages.forget_last();
            return self.claim(line, fields, cut, block);
        }
        let suits = |e: &Event| e.suits(line, fields, cut, block);
        self.claim_remembered(message, block, bones, suits, &mut memo.messages).map_or(Claim::None, Claim::Event)
    }

    /// Calls `each` with every event whose literals are in the message, then with those that have none, then with the fallbacks, until it
    /// says stop.
    pub(super) fn each_candidate(&self, message: &[u8], prefilter: Option<&AhoCorasick>, mut each: impl FnMut(usize) -> bool) {
        let mut seen = [0u64; MAX_EVENTS / 64];
        if let Some(prefilter) = prefilter {
            for m in prefilter.find_overlapping_iter(message) {
                let i = m.pattern().as_usize();
                let bit = 1u64 << (i % 64);
                if seen[i / 64] & bit != 0 {
                    continue;
                }
                seen[i / 64] |= bit;
                if !each(i) {
                    return;
                }
            }
        }
        for &i in self.unannounced.iter().chain(&self.fallbacks) {
            if !each(i) {
                return;
            }
        }
    }

    /// Calls `each` with every event that claims the line, fallbacks only when nothing else does, until it says stop.
    pub fn each_claim(&self, line: &[u8], fields: &Fields, cut: Cut, block: bool, mut each: impl FnMut(usize) -> bool) {
        let message = self.message(line, fields);
        let mut any = false;
        self.each_candidate(message, self.prefilter(), |i| {
            let event = &self.events[i];
            if any && self.fallbacks.contains(&i) || !event.suits(line, fields, cut, block) || !event.says(message) {
                return true;
            }
            any |= !self.fallbacks.contains(&i);
            each(i)
        });
    }
}
