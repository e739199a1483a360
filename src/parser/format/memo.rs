//! What a scanner remembers of the lines before: servers say the same again and again, and what was found out about a text holds for its next
//! occurrence. A memo changes how fast a line is read, never what is read in it.

use super::guard::Guards;
use super::{Event, Format, Tries};
use crate::parser::bytes::{make_room, place_of, places_near, same};
use crate::parser::cut::Bones;

/// Messages remembered a format, and as many skeletons of messages.
const MESSAGES: usize = 1024;

/// Messages that were looked into after which it is worth knowing whether their digits make a difference.
const SOME: u32 = if cfg!(test) { 2 } else { 64 };

/// The same after which faster means to look into them are worth their price.
const MANY: u32 = 4096;

/// Longest message that is remembered.
const LONGEST_MESSAGE: usize = 1024;

/// What one scanner remembers of one format.
#[derive(Debug, Clone, Default)]
pub struct Memo {
    /// How lines were cut.
    pub tries: Tries,
    pub(super) messages: Messages,
    pub(super) guards: Guards,
}

/// What is known of messages.
#[derive(Debug, Clone, Default)]
pub(super) struct Messages {
    /// First those known by all their bytes, then those known by their skeletons.
    said: Vec<Said>,
    /// The skeleton of the present message.
    bones: Bones,
    /// Where the message stands that was asked for last.
    last: Option<usize>,
    /// What the pattern of an event holds in a message that is not remembered.
    captured: Vec<Captured>,
    /// Messages looked into so far.
    looked: u32,
}

/// What a group of a pattern holds in a message: group, begin and end.
pub(super) type Captured = (usize, usize, usize);

/// What is known of a message.
#[derive(Debug, Clone, Default)]
struct Said {
    known: bool,
    /// The message, or the skeleton of all messages of which this holds.
    text: Vec<u8>,
    /// It was the last line of a block.
    block: bool,
    /// Events whose texts and patterns it fits, in the order in which they are asked.
    events: Vec<u16>,
    /// What the groups of the claiming event's pattern hold.
    captured: Option<(usize, Vec<Captured>)>,
}

impl Said {
    #[inline]
    fn is(&self, text: &[u8], block: bool) -> bool {
        self.known && self.block == block && same(&self.text, text)
    }
}

impl Messages {
    /// Where a message stands that is known; `bones` are its own, where they are known.
    #[inline]
    fn find(&mut self, message: &[u8], block: bool, bones: Option<&Bones>) -> Option<usize> {
        if self.said.is_empty() {
            return None;
        }
        if let Some(place) = bones.and_then(|b| self.find_alike(b, block)) {
            return Some(place);
        }
        let exact = place_of(message) % MESSAGES;
        if let Some(place) = places_near(exact).into_iter().find(|p| self.said[*p].is(message, block)) {
            return Some(place);
        }
        if self.looked <= SOME || bones.is_some() {
            return None;
        }
        self.bones.take(message);
        self.find_alike(&self.bones, block)
    }

    #[inline]
    fn find_alike(&self, bones: &Bones, block: bool) -> Option<usize> {
        let alike = MESSAGES + bones.place() % MESSAGES;
        places_near(alike).into_iter().find(|p| self.said[*p].is(bones.text(), block))
    }

    /// No message was asked for.
    pub(super) fn forget_last(&mut self) {
        self.last = None;
    }
}

impl Format {
    /// As [`Format::claim`], with what the scanner remembers.
    #[inline]
    pub(super) fn claim_remembered(
        &self,
        message: &[u8],
        block: bool,
        bones: Option<&Bones>,
        suits: impl Fn(&Event) -> bool,
        memo: &mut Messages,
    ) -> Option<usize> {
        let place = match memo.find(message, block, bones) {
            Some(known) => known,
            None => self.look_into(message, block, memo),
        };
        memo.last = Some(place);
        memo.said[place].events.iter().map(|i| usize::from(*i)).find(|i| suits(&self.events[*i]))
    }

    /// Whether a message is remembered: the others are few or endless.
    #[inline]
    pub(super) fn remembers(message: &[u8]) -> bool {
        message.len() <= LONGEST_MESSAGE
    }

    /// Finds out about a message; gives where that stands now.
    #[cold]
    fn look_into(&self, message: &[u8], block: bool, memo: &mut Messages) -> usize {
        if memo.said.is_empty() {
            memo.said.resize_with(2 * MESSAGES, Said::default);
        }
        memo.looked = memo.looked.saturating_add(1);
        let alike = memo.looked > SOME && {
            memo.bones.take(message);
            self.says_the_same_whatever_digits(memo.bones.text())
        };
        let (place, text) = match alike {
            true => (MESSAGES + memo.bones.place() % MESSAGES, memo.bones.text()),
            false => (place_of(message) % MESSAGES, message),
        };
        if memo.said[place].known {
            make_room(&mut memo.said, place);
        }
        let said = &mut memo.said[place];
        said.known = true;
        said.block = block;
        said.text.clear();
        said.text.extend_from_slice(text);
        said.events.clear();
        said.captured = None;
        let prefilter = if memo.looked > MANY { self.wide_prefilter() } else { self.prefilter() };
        self.each_candidate(message, prefilter, |i| {
            let event = &self.events[i];
            let mut fits = event.block == block && event.has_texts(message);
            if fits && said.captured.is_none() && event.has_groups() {
                // One search tells whether it fits, and what the groups hold.
                let captured = event.capture(message);
                fits = captured.is_some();
                said.captured = captured.map(|c| (i, c));
            } else {
                fits = fits && event.fits_pattern(message);
            }
            if fits {
                said.events.push(i as u16);
            }
            // Behind an event that claims whatever else the line holds, none is asked.
            !(fits && event.forms.is_empty() && event.when.is_empty())
        });
        place
    }

    /// The groups of an event's pattern in a message, the one that was claimed last.
    pub(super) fn captured<'m>(&self, event: usize, message: &[u8], memo: &'m mut Messages) -> &'m [Captured] {
        let Some(place) = memo.last else {
            memo.captured = self.events[event].capture(message).unwrap_or_default();
            return &memo.captured;
        };
        let said = &mut memo.said[place];
        if said.captured.as_ref().is_none_or(|c| c.0 != event) {
            said.captured = Some((event, self.events[event].capture(message).unwrap_or_default()));
        }
        said.captured.as_ref().map_or(&[], |c| &c.1)
    }
}
