//! Observations on their way into a tally: most lines say again what a line of the same second has said, and are counted here first.

use crate::parser::bytes::scatter;
use crate::parser::catalog::SignalId;
use crate::parser::tally::{Cell, FileTally, Observation, grained, sketch_of};

/// Signals that are counted at once, each in some seconds: lines that are led back to the begin of a request take turns between a few.
const PLACES: usize = 1024;

/// Measured values that are counted at once: most are short decimals that come again within the seconds of a sketch.
const VALUES: usize = 512;

/// Observations that the tally does not know of yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    places: Vec<Place>,
    values: Vec<Value>,
}

/// One signal of one source in one second of which no further line is kept to be quoted.
#[derive(Debug, Clone, Copy)]
struct Place {
    is_taken: bool,
    signal: SignalId,
    source: usize,
    borrowed: u64,
    cell: Cell,
}

/// A value of one signal of one source in the seconds that share a sketch.
#[derive(Debug, Clone, Copy)]
struct Value {
    value: f64,
    /// The first of the seconds.
    begin: i64,
    times: u64,
    source: usize,
    signal: SignalId,
}

impl Place {
    const FREE: Place = Place { is_taken: false, signal: 0, source: 0, borrowed: 0, cell: Cell::empty(0) };

    /// Gives what it holds to the tally, and begins anew.
    #[inline(never)]
    fn give(&mut self, tally: &mut FileTally) {
        if self.cell.count > 0 {
            let signal = tally.sources[self.source].signals.entry(self.signal).or_default();
            signal.add_counted(&self.cell, self.borrowed);
        }
        (self.borrowed, self.cell) = (0, Cell::empty(self.cell.second));
    }
}

impl Value {
    const FREE: Value = Value { value: 0.0, begin: 0, times: 0, source: 0, signal: 0 };

    /// Gives what it holds to the tally.
    fn give(&mut self, tally: &mut FileTally) {
        if self.times > 0 {
            let signal = tally.sources[self.source].signals.entry(self.signal).or_default();
            signal.add_measured(self.begin, self.value, self.times);
        }
        self.times = 0;
    }
}

impl Counted {
    /// Counts an observation, where one like it has come before; `false` where it is to be added.
    #[inline(always)]
    pub(super) fn again(&mut self, tally: &mut FileTally, source: usize, signal: SignalId, o: &Observation<'_>) -> bool {
        let Some(second) = o.second else { return false };
        let Some(place) = self.places.get_mut(place_of(source, signal, second)) else { return false };
        if (place.is_taken, place.cell.second, place.source, place.signal) != (true, second, source, signal) {
            return false;
        }
        place.cell.count += 1;
        place.borrowed += u64::from(o.borrowed);
        if let Some(v) = o.value {
            place.cell.take(v, grained(v));
            self.measure(tally, source, signal, second, v);
        }
        true
    }

    /// Counts a value that a signal measured in a second.
    #[inline]
    pub(super) fn measure(&mut self, tally: &mut FileTally, source: usize, signal: SignalId, second: i64, value: f64) {
        let begin = sketch_of(second);
        let key = value.to_bits() ^ begin as u64 ^ u64::from(signal) << 24 ^ (source as u64) << 48;
        if self.values.is_empty() {
            self.values.resize(VALUES, Value::FREE);
        }
        let held = &mut self.values[scatter(key, VALUES)];
        if (held.value.to_bits(), held.begin, held.source, held.signal) != (value.to_bits(), begin, source, signal) {
            held.give(tally);
            *held = Value { value, begin, times: 0, source, signal };
        }
        held.times += 1;
    }

    /// Takes an observation that is like none before.
    #[inline(never)]
    pub(super) fn add(&mut self, tally: &mut FileTally, source: usize, signal: SignalId, o: Observation<'_>) {
        let entry = tally.sources[source].signals.entry(signal).or_default();
        entry.add(o);
        if let Some(second) = o.second
            && entry.keeps_no_more_of(second)
        {
            self.places.resize(PLACES, Place::FREE);
            let place = &mut self.places[place_of(source, signal, second)];
            place.give(tally);
            *place = Place { is_taken: true, signal, source, borrowed: 0, cell: Cell::empty(second) };
        }
    }

    /// Gives all to the tally.
    pub(super) fn give(&mut self, tally: &mut FileTally) {
        for place in &mut self.places {
            place.give(tally);
            // What comes now may have to be quoted again.
            place.is_taken = false;
        }
        self.values.iter_mut().for_each(|v| v.give(tally));
    }
}

#[inline]
fn place_of(source: usize, signal: SignalId, second: i64) -> usize {
    scatter(second as u64 ^ u64::from(signal) << 24 ^ (source as u64) << 48, PLACES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::tally::{SignalTally, SourceTally};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_counted_here_first_is_what_is_counted_there(
            some in proptest::collection::vec((0usize..2, 0u16..3, proptest::option::of(0i64..130), any::<bool>(), 0u8..20), 0..400),
        ) {
            let begun = || FileTally { sources: vec![SourceTally::new(0, None), SourceTally::new(1, None)], ..FileTally::default() };
            let (mut counted, mut through, mut at_once) = (Counted::default(), begun(), begun());
            for (line, (source, signal, second, borrowed, value)) in some.iter().enumerate() {
                let value = (*value % 2 == 0).then_some(f64::from(*value) * 0.3);
                let text = line.to_string();
                let o = Observation { second: *second, borrowed: *borrowed, value, line: line as u64, text: text.as_bytes() };
                if !counted.again(&mut through, *source, signal * 32, &o) {
                    counted.add(&mut through, *source, signal * 32, o);
                }
                at_once.sources[*source].signals.entry(signal * 32).or_default().add(o);
            }
            counted.give(&mut through);
            for (a, b) in through.sources.iter().zip(&at_once.sources) {
                prop_assert!(a.signals.keys().eq(b.signals.keys()));
                for (a, b) in a.signals.values().zip(b.signals.values()) {
                    prop_assert_eq!((&a.cells, &a.examples), (&b.cells, &b.examples));
                    prop_assert_eq!((a.undated, a.borrowed), (b.undated, b.borrowed));
                    let all = |t: &SignalTally| t.sketches.iter().map(|(s, k)| (*s, k.count(), k.quantile(0.5).unwrap_or_default())).collect::<Vec<_>>();
                    prop_assert_eq!(all(a), all(b));
                }
            }
        }
    }
}
