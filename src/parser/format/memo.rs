//! What a scanner remembers of the lines before: servers say the same again and again, and what was found out about a text holds for its next
//! occurrence. A memo changes how fast a line is read, never what is read in it.

use super::{Event, Form, Format};
use crate::parser::bytes::{fold, same};
use crate::parser::condition::Condition;
use crate::parser::cut::{FieldId, Fields};

/// Messages remembered a format.
const MESSAGES: usize = 256;

/// Messages that were looked into after which faster means are worth their price.
const MANY: u32 = 4096;

/// Longest message that is remembered.
const LONGEST_MESSAGE: usize = 1024;

/// Texts remembered of a field that counts ask about.
const TEXTS: usize = 8;

/// Longest text of a field that is remembered.
const LONGEST_TEXT: usize = 256;

/// What it may cost ([`Condition::cost`]) to ask instead of to remember: some comparisons with begins of a text.
const QUICK: usize = 48;

/// Most counts of a form that are told by masks; a form with more is asked count by count.
const MOST_GUARDED: usize = 128;

/// What one scanner remembers of one format.
#[derive(Debug, Clone, Default)]
pub struct Memo {
    messages: Vec<Said>,
    /// What the pattern of an event holds in a message that is not remembered.
    captured: Vec<Captured>,
    /// By form, by guard.
    guards: Vec<Vec<Seen>>,
    /// Messages looked into so far.
    looked: u32,
}

/// What a group of a pattern holds in a message: group, begin and end.
pub(super) type Captured = (usize, usize, usize);

/// What is known of a message.
#[derive(Debug, Clone, Default)]
struct Said {
    known: bool,
    text: Vec<u8>,
    /// It was the last line of a block.
    block: bool,
    /// Events whose texts and patterns it fits, in the order in which they are asked.
    events: Vec<u16>,
    /// What the groups of the claiming event's pattern hold.
    captured: Option<(usize, Vec<Captured>)>,
}

/// The conditions that the counts of a form put on one field.
#[derive(Debug)]
pub(super) struct Guard {
    field: FieldId,
    /// Each condition with the bits of the counts that ask for it.
    conditions: Vec<(u128, Condition)>,
    /// Counts that do not ask.
    free: u128,
    /// Asking is no more work than remembering.
    quick: bool,
}

/// The last texts of a field and which counts they let through.
#[derive(Debug, Clone, Default)]
struct Seen {
    absent: Option<u128>,
    texts: [(Vec<u8>, u128); TEXTS],
}

impl Format {
    /// As [`Format::claim`], with what the scanner remembers.
    #[inline]
    pub(super) fn claim_remembered(
        &self,
        message: &[u8],
        block: bool,
        suits: impl Fn(&Event) -> bool,
        memo: &mut Memo,
    ) -> Option<usize> {
        if memo.messages.is_empty() {
            memo.messages.resize_with(MESSAGES, Said::default);
        }
        let said = &mut memo.messages[fold(message) % MESSAGES];
        if !said.known || said.block != block || !same(&said.text, message) {
            memo.looked = memo.looked.saturating_add(1);
            self.look_into(message, block, memo.looked > MANY, said);
        }
        said.events.iter().map(|i| usize::from(*i)).find(|i| suits(&self.events[*i]))
    }

    /// Whether a message is remembered: the others are few or endless.
    #[inline]
    pub(super) fn remembers(message: &[u8]) -> bool {
        message.len() <= LONGEST_MESSAGE
    }

    #[cold]
    fn look_into(&self, message: &[u8], block: bool, many: bool, said: &mut Said) {
        said.known = true;
        said.block = block;
        said.text.clear();
        said.text.extend_from_slice(message);
        said.events.clear();
        said.captured = None;
        let prefilter = if many { self.wide_prefilter() } else { self.prefilter() };
        self.each_candidate(message, prefilter, |i| {
            let event = &self.events[i];
            let mut fits = event.block == block;
            if fits && said.captured.is_none() && event.has_groups() {
                // One search tells whether it fits, and what the groups hold.
                let captured = event.has_texts(message).then(|| event.capture(message)).flatten();
                fits = captured.is_some();
                said.captured = captured.map(|c| (i, c));
            } else {
                fits = fits && event.says(message);
            }
            if fits {
                said.events.push(i as u16);
            }
            // Behind an event that claims whatever else the line holds, none is asked.
            !(fits && event.forms.is_empty() && event.when.is_empty())
        });
    }

    /// The groups of an event's pattern in a message.
    pub(super) fn captured<'m>(&self, event: usize, message: &[u8], memo: &'m mut Memo) -> &'m [Captured] {
        let place = fold(message) % MESSAGES;
        let Some(said) = memo.messages.get_mut(place).filter(|s| s.known && same(&s.text, message)) else {
            memo.captured = self.events[event].capture(message).unwrap_or_default();
            return &memo.captured;
        };
        if said.captured.as_ref().is_none_or(|c| c.0 != event) {
            said.captured = Some((event, self.events[event].capture(message).unwrap_or_default()));
        }
        said.captured.as_ref().map_or(&[], |c| &c.1)
    }
}

impl Form {
    /// Collects the conditions of its counts, field by field.
    pub(super) fn guard(&mut self, when: &[&[(FieldId, Condition)]]) {
        self.guards.clear();
        self.is_guarded = when.len() <= MOST_GUARDED;
        if !self.is_guarded {
            return;
        }
        for (i, conditions) in when.iter().enumerate() {
            for (field, condition) in *conditions {
                let at = self.guards.iter().position(|g| g.field == *field).unwrap_or_else(|| {
                    self.guards.push(Guard { field: *field, conditions: Vec::new(), free: u128::MAX, quick: false });
                    self.guards.len() - 1
                });
                self.guards[at].put(1 << i, condition);
            }
        }
        for guard in &mut self.guards {
            guard.quick = guard.conditions.iter().map(|(_, c)| c.cost()).sum::<usize>() <= QUICK;
        }
        // The field that most counts ask about leaves the fewest open.
        self.guards.sort_by_key(|g| std::cmp::Reverse(g.conditions.iter().map(|(bits, _)| bits.count_ones()).sum::<u32>()));
    }

    /// Which of its counts hold for a line, a bit each, lowest first.
    #[inline]
    pub(super) fn holding(&self, index: usize, line: &[u8], fields: &Fields, memo: &mut Memo) -> u128 {
        let n = self.counts.len();
        let mut mask = if n >= 128 { u128::MAX } else { (1 << n) - 1 };
        if memo.guards.len() <= index {
            memo.guards.resize_with(index + 1, Vec::new);
        }
        let seen = &mut memo.guards[index];
        if seen.len() < self.guards.len() {
            seen.resize_with(self.guards.len(), Seen::default);
        }
        for (guard, seen) in self.guards.iter().zip(seen) {
            mask &= guard.mask(fields.get(guard.field, line), seen);
            if mask == 0 {
                break;
            }
        }
        mask
    }
}

impl Guard {
    fn put(&mut self, bit: u128, condition: &Condition) {
        self.free &= !bit;
        match self.conditions.iter_mut().find(|(_, c)| c == condition) {
            Some((bits, _)) => *bits |= bit,
            None => self.conditions.push((bit, condition.clone())),
        }
    }

    #[inline]
    fn mask(&self, text: Option<&[u8]>, seen: &mut Seen) -> u128 {
        match text {
            None => *seen.absent.get_or_insert_with(|| self.ask(None)),
            Some(t) if t.len() <= LONGEST_TEXT && !t.is_empty() && !(self.quick && t.len() > 8) => {
                let place = &mut seen.texts[fold(t) % TEXTS];
                if !same(&place.0, t) {
                    place.1 = self.ask(Some(t));
                    place.0.clear();
                    place.0.extend_from_slice(t);
                }
                place.1
            }
            other => self.ask(other),
        }
    }

    fn ask(&self, text: Option<&[u8]>) -> u128 {
        self.conditions.iter().filter(|(_, c)| c.holds(text)).fold(self.free, |mask, (bit, _)| mask | bit)
    }
}
