//! Values of kept fields on their way into a tally: the same few come line after line, and are counted here before they are looked up there.

use crate::parser::bytes::{self, same, scatter};
use crate::parser::catalog::SignalId;
use crate::parser::tally::FileTally;

/// Values that are counted at once.
const PLACES: usize = 256;

/// Longest value that is counted here.
const LONGEST: usize = 32;

/// Values counted that the tally does not know of yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept<'c> {
    places: Vec<Place<'c>>,
}

/// One value of one field of one signal of one source.
#[derive(Debug, Clone, Copy, Default)]
struct Place<'c> {
    source: usize,
    signal: SignalId,
    field: &'c str,
    text: [u8; LONGEST],
    length: usize,
    times: u64,
}

impl Place<'_> {
    fn give(&mut self, tally: &mut FileTally) {
        let times = std::mem::take(&mut self.times);
        if times > 0 {
            let signal = tally.sources[self.source].signals.entry(self.signal).or_default();
            signal.add_fact_times(self.field, &self.text[..self.length], times);
        }
    }
}

impl<'c> Kept<'c> {
    /// Counts a value. `field` is told by where its name stands in memory.
    #[inline]
    pub(super) fn add(&mut self, tally: &mut FileTally, source: usize, signal: SignalId, field: &'c str, value: &[u8]) {
        if value.len() > LONGEST {
            return tally.sources[source].signals.entry(signal).or_default().add_fact(field, value);
        }
        if self.places.is_empty() {
            self.places.resize(PLACES, Place::default());
        }
        let place = &mut self.places[place_of(value, field, signal)];
        let is_it = place.times > 0
            && std::ptr::eq(place.field, field)
            && (place.source, place.signal) == (source, signal)
            && same(&place.text[..place.length], value);
        if !is_it {
            place.give(tally);
            *place = Place { source, signal, field, text: [0; LONGEST], length: value.len(), times: 0 };
            place.text[..value.len()].copy_from_slice(value);
        }
        place.times += 1;
    }

    /// Gives all to the tally.
    pub(super) fn give(&mut self, tally: &mut FileTally) {
        self.places.iter_mut().for_each(|p| p.give(tally));
    }
}

#[inline]
fn place_of(value: &[u8], field: &str, signal: SignalId) -> usize {
    scatter(bytes::place_of(value) as u64 ^ (field.as_ptr().addr() as u64) << 16 ^ u64::from(signal) << 48, PLACES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::tally::SourceTally;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_counted_here_first_is_what_is_counted_there(
            some in proptest::collection::vec((0usize..2, 0u8..3, 0usize..3, "[a-c]{0,2}|[a-b]{31,33}|é"), 0..400),
        ) {
            let fields = ["worker", "socket", "signal"];
            let begun = || FileTally { sources: vec![SourceTally::new(0, None), SourceTally::new(1, None)], ..FileTally::default() };
            let (mut kept, mut through, mut at_once) = (Kept::default(), begun(), begun());
            for (source, signal, field, value) in &some {
                let signal = SignalId::from(*signal);
                kept.add(&mut through, *source, signal, fields[*field], value.as_bytes());
                at_once.sources[*source].signals.entry(signal).or_default().add_fact(fields[*field], value.as_bytes());
            }
            kept.give(&mut through);
            let facts = |t: &FileTally| {
                let all = t.sources.iter().map(|s| s.signals.iter().map(|(id, t)| (*id, t.facts.clone())).collect::<Vec<_>>());
                all.collect::<Vec<_>>()
            };
            prop_assert_eq!(facts(&through), facts(&at_once));
        }
    }
}
