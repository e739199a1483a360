//! Which counts of a form hold for a line: told by masks, a bit a count, that are remembered for the texts that a field had.

use std::collections::BTreeSet;

use super::Count;
use super::forms::Form;
use crate::parser::bytes::{place_of, same, scatter};
use crate::parser::condition::{Condition, Threshold};
use crate::parser::cut::{FieldId, Fields, FirstBytes};

/// Texts remembered of a field that counts ask about.
const TEXTS: usize = 8;

/// Short texts (codes, numbers) remembered of it.
const SHORT_TEXTS: usize = 64;

/// Longest text of a field that is remembered.
const LONGEST_TEXT: usize = 256;

/// What it may cost ([`Condition::cost`]) to ask instead of to remember: a comparison with the begin of a text.
const QUICK: usize = 8;

/// Most counts of a form: each has a bit in a mask.
pub(super) const MAX_COUNTS: usize = 64;

/// The conditions that the counts of a form put on one field.
#[derive(Debug)]
pub(super) struct Guard {
    /// Counts that do not ask.
    free: u64,
    /// Counts that ask this guard or one behind it.
    open: u64,
    field: FieldId,
    /// Each condition with the bits of the counts that ask for it.
    conditions: Vec<(u64, Condition)>,
    /// The same, where all compare the number that the field is.
    thresholds: Option<Vec<(u64, Threshold)>>,
    /// Asking is no more work than remembering.
    quick: bool,
    /// What holds for most texts, where how they begin is all that is asked.
    elsewhere: Option<Elsewhere>,
}

/// What holds for texts that begin with none of some begins.
#[derive(Debug)]
struct Elsewhere {
    /// The first bytes of the begins, of status classes, and of the text that is no value.
    firsts: FirstBytes,
    /// The first eight bytes of each begin, and which of them it has: for texts of eight bytes or more.
    begins: Vec<(u64, u64)>,
    mask: u64,
}

impl Elsewhere {
    #[inline]
    fn holds(&self, text: &[u8]) -> Option<u64> {
        (!text.is_empty() && !self.firsts.admits(text)).then_some(self.mask)
    }

    /// As [`Elsewhere::holds`], by more than the first byte.
    #[inline]
    fn holds_on(&self, text: &[u8]) -> Option<u64> {
        let eight = u64::from_le_bytes(*text.first_chunk()?);
        self.begins.iter().all(|(begin, has)| (eight ^ begin) & has != 0).then_some(self.mask)
    }
}

/// What was asked of the fields of each form: by form, by guard.
pub(super) type Guards = Vec<Vec<Seen>>;

/// The last texts of a field and which counts they let through.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    absent: Option<u64>,
    /// By the fold of the text.
    short: Vec<(Option<Short>, u64)>,
    texts: [(Vec<u8>, u64); TEXTS],
}

impl Form {
    /// Collects the conditions of its counts, field by field.
    pub(super) fn guard(&mut self, counts: &[&Count]) {
        self.guards.clear();
        for (i, count) in counts.iter().enumerate() {
            for (field, condition) in &count.when {
                let at = self.guards.iter().position(|g| g.field == *field).unwrap_or_else(|| {
                    self.guards.push(Guard::of(*field));
                    self.guards.len() - 1
                });
                self.guards[at].put(1 << i, condition);
            }
        }
        // What is asked of fields that the form never gives is known beforehand.
        let has_value = |count: &Count| count.value.is_none_or(|(field, _)| self.cutter.gives(field));
        let all = counts.iter().enumerate().filter(|(_, c)| has_value(c)).fold(0, |mask, (i, _)| mask | 1 << i);
        let never_given = self.guards.extract_if(.., |g| !self.cutter.gives(g.field));
        self.may_hold = never_given.fold(all, |mask, g| mask & g.ask(None));
        self.keeping = counts.iter().enumerate().filter(|(_, c)| c.keeps()).fold(0, |mask, (i, _)| mask | 1 << i);
        for guard in &mut self.guards {
            guard.conditions.retain(|(bits, _)| bits & self.may_hold != 0);
            guard.elsewhere = guard.elsewhere();
            guard.thresholds = guard.thresholds();
            guard.quick = guard.conditions.iter().map(|(_, c)| c.cost()).sum::<usize>() <= QUICK;
        }
        self.guards.retain(|g| !g.conditions.is_empty());
        // The field that most counts ask about leaves the fewest open.
        self.guards.sort_by_key(|g| std::cmp::Reverse(g.conditions.iter().map(|(bits, _)| bits.count_ones()).sum::<u32>()));
        let mut open = 0;
        for guard in self.guards.iter_mut().rev() {
            open |= !guard.free;
            guard.open = open;
        }
    }

    /// Which of its counts hold for a line.
    #[inline]
    pub(super) fn holding(&self, index: usize, line: &[u8], fields: &Fields, memo: &mut Guards) -> Holding<'_> {
        let mut mask = self.may_hold;
        if memo.len() <= index {
            memo.resize_with(index + 1, Vec::new);
        }
        let seen = &mut memo[index];
        if seen.len() < self.guards.len() {
            seen.resize_with(self.guards.len(), Seen::default);
        }
        // By index: to set up two iterators takes as long as to ask the first guard, which mostly tells all.
        for i in 0..self.guards.len() {
            let (guard, seen) = (&self.guards[i], &mut seen[i]);
            // Mostly a status has told all that the other fields are asked for.
            if mask & guard.open == 0 {
                break;
            }
            if mask & !guard.free != 0 {
                mask &= match &guard.thresholds {
                    Some(thresholds) => guard.compare(thresholds, fields.number(guard.field, line)),
                    None => guard.mask(fields.get(guard.field, line), seen),
                };
            }
        }
        Holding { form: self, mask }
    }
}

/// The counts that hold for a line, in their order.
#[derive(Debug, Clone, Copy)]
pub struct Holding<'f> {
    form: &'f Form,
    mask: u64,
}

impl Holding<'_> {
    /// Whether there are none.
    #[inline]
    pub fn is_none(&self) -> bool {
        self.mask == 0
    }

    /// Whether there are any, and none of them keeps a field.
    #[inline]
    pub fn keep_nothing(&self) -> bool {
        self.mask != 0 && self.mask & self.form.keeping == 0
    }

    /// Tells them from others, if not from all others.
    #[inline]
    pub fn key(&self) -> u64 {
        self.mask << 40 ^ std::ptr::from_ref(self.form).addr() as u64
    }
}

impl PartialEq for Holding<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.form, other.form) && self.mask == other.mask
    }
}

impl Iterator for Holding<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let count = self.form.counts.get(self.mask.trailing_zeros() as usize)?;
        self.mask &= self.mask - 1;
        Some(*count)
    }
}

/// A text of one to seven bytes: two looks that may overlap, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short(u64);

impl Short {
    #[inline]
    fn of(text: &[u8]) -> Option<Self> {
        let wide = |b: &u8| u64::from(*b);
        let word = match text {
            [] | [_, _, _, _, _, _, _, _, ..] => return None,
            [a] => wide(a),
            [a, b] => wide(a) | wide(b) << 8,
            [a, b, c] => wide(a) | wide(b) << 8 | wide(c) << 16,
            [.., d, e, f] => {
                let head = text.first_chunk::<4>().map_or(0, |c| u64::from(u32::from_le_bytes(*c)));
                head | (wide(d) | wide(e) << 8 | wide(f) << 16) << 32
            }
        };
        Some(Short(word | (text.len() as u64) << 56))
    }

    #[inline]
    fn place(self) -> usize {
        scatter(self.0, SHORT_TEXTS)
    }
}

impl Guard {
    fn of(field: FieldId) -> Self {
        Guard { free: u64::MAX, open: 0, field, conditions: Vec::new(), thresholds: None, quick: false, elsewhere: None }
    }

    /// Its conditions, where all compare a number.
    fn thresholds(&self) -> Option<Vec<(u64, Threshold)>> {
        self.conditions.iter().map(|(bits, c)| Some((*bits, c.threshold()?))).collect()
    }

    /// What holds for a field that is a number, or none.
    #[inline]
    fn compare(&self, thresholds: &[(u64, Threshold)], number: Option<f64>) -> u64 {
        thresholds.iter().filter(|(_, t)| t.holds(number)).fold(self.free, |mask, (bits, _)| mask | bits)
    }

    fn put(&mut self, bit: u64, condition: &Condition) {
        self.free &= !bit;
        match self.conditions.iter_mut().find(|(_, c)| c == condition) {
            Some((bits, _)) => *bits |= bit,
            None => self.conditions.push((bit, condition.clone())),
        }
    }

    #[inline]
    fn mask(&self, text: Option<&[u8]>, seen: &mut Seen) -> u64 {
        match text {
            None => *seen.absent.get_or_insert_with(|| self.ask(None)),
            Some(t) if let Some(mask) = self.elsewhere.as_ref().and_then(|e| e.holds(t)) => mask,
            Some(t) if let Some(short) = Short::of(t) => {
                if seen.short.is_empty() {
                    seen.short.resize(SHORT_TEXTS, (None, 0));
                }
                let place = &mut seen.short[short.place()];
                if place.0 != Some(short) {
                    *place = (Some(short), self.ask(Some(t)));
                }
                place.1
            }
            Some(t) if let Some(mask) = self.elsewhere.as_ref().and_then(|e| e.holds_on(t)) => mask,
            Some(t) if t.len() <= LONGEST_TEXT && !t.is_empty() && !self.quick => {
                let place = &mut seen.texts[place_of(t) % TEXTS];
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

    /// What holds for texts that begin with nothing that is asked for; `None` where that is not all that is asked.
    fn elsewhere(&self) -> Option<Elsewhere> {
        let begins: Vec<Vec<&[u8]>> = self.conditions.iter().map(|(_, c)| c.begins()).collect::<Option<_>>()?;
        let begins = || begins.iter().flatten();
        let firsts = FirstBytes::among(|b| b == b'-' || self.conditions.iter().any(|(_, c)| c.tells(b)));
        let other = (0..=u8::MAX).find(|b| begins().all(|begin| begin.first() != Some(b)))?;
        let words = begins().map(|begin| {
            let (mut word, mut has) = ([0; 8], [0; 8]);
            for ((w, h), b) in word.iter_mut().zip(&mut has).zip(begin.iter()) {
                (*w, *h) = (*b, 0xff);
            }
            (u64::from_le_bytes(word), u64::from_le_bytes(has))
        });
        // The same is asked for one count and against another.
        let begins: BTreeSet<(u64, u64)> = words.collect();
        Some(Elsewhere { firsts, begins: begins.into_iter().collect(), mask: self.ask(Some(&[other; 8])) })
    }

    fn ask(&self, text: Option<&[u8]>) -> u64 {
        self.conditions.iter().filter(|(_, c)| c.holds(text)).fold(self.free, |mask, (bit, _)| mask | bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::condition::number;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_remembered_is_what_is_asked(
            conditions in proptest::collection::vec("!?(\\^a{0,3}|=b{1,9}|present|absent|empty|~ab|5xx|>=3)( \\| (\\^b{1,10}|=ab))?", 1..4),
            texts in proptest::collection::vec("[ab]{0,12}|[35]{3}|-", 0..40),
        ) {
            let conditions = conditions.iter().map(|c| Condition::parse(c).unwrap());
            let mut guard = Guard::of(0);
            conditions.enumerate().for_each(|(i, c)| guard.put(1 << i, &c));
            guard.elsewhere = guard.elsewhere();
            let mut seen = Seen::default();
            for text in &texts {
                prop_assert_eq!(guard.mask(Some(text.as_bytes()), &mut seen), guard.ask(Some(text.as_bytes())), "{}", text);
            }
        }

        #[test]
        fn what_is_compared_is_what_is_asked(
            conditions in proptest::collection::vec("!?(<|>|<=|>=)-?[0-3]", 1..4),
            texts in proptest::collection::vec("-?[0-4]|-|[a-c]?|[0-3][.][05]", 0..20),
        ) {
            let conditions: Vec<Condition> = conditions.iter().map(|c| Condition::parse(c).unwrap()).collect();
            let mut guard = Guard::of(0);
            conditions.iter().enumerate().for_each(|(i, c)| guard.put(1 << i, c));
            let thresholds = guard.thresholds().unwrap();
            for text in texts.iter().map(|t| Some(t.as_bytes())).chain([None]) {
                prop_assert_eq!(guard.compare(&thresholds, text.and_then(number)), guard.ask(text), "{:?}", text);
            }
        }

        #[test]
        fn short_texts_are_told_apart(a in "[ab]{0,9}", b in "[ab]{0,9}") {
            let (short, other) = (Short::of(a.as_bytes()), Short::of(b.as_bytes()));
            prop_assert_eq!(short.is_some(), (1..8).contains(&a.len()));
            prop_assert_eq!(short.is_some() && short == other, a == b && short.is_some());
            prop_assert!(short.is_none_or(|s| s.place() < SHORT_TEXTS));
        }
    }
}
