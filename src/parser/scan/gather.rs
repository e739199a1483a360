//! What a scan gathers of a source's signals: made for one cheap addition a line, and for joining pieces of a file without a trace.
//!
//! Sums are kept as whole billionths: added in any order they come to the same, which floating point does not. Kept fields stand in the order in
//! which they first appeared, since the first few are told apart and the rest are not.

use std::collections::{BTreeMap, HashMap};

use sketches_ddsketch::DDSketch;

use crate::parser::catalog::SignalId;
use crate::parser::merge::append;
use crate::parser::stamp::Stamp;
use crate::parser::tally::{
    Cell, FACT_BYTES, FACT_VALUES, OTHER_FACTS, Observation, SKETCH_SECONDS, SignalTally, new_sketch, slot,
};

/// Distinct values of a kept field that a piece of a file remembers: beyond, it cannot be joined and is read again.
const MOST_FACTS_OF_A_PIECE: usize = 1 << 14;

/// Values are kept in this unit.
const A_BILLIONTH: f64 = 1e9;

/// The signals of one source, found by their id without a search.
#[derive(Clone, Default)]
pub(super) struct Signals {
    /// These are of a piece of a file, which cannot know the values that came before it.
    of_piece: bool,
    /// By signal: 1 + its place in `list`, 0 where there is none yet.
    places: Vec<u16>,
    list: Vec<(SignalId, Gathered)>,
}

/// Everything gathered of one signal in one source.
#[derive(Clone, Default)]
pub(super) struct Gathered {
    /// Second → how often, sorted.
    counts: Vec<(i64, u64)>,
    /// What was measured in a second, sorted.
    measured: Vec<Measured>,
    sketches: Vec<(i64, DDSketch)>,
    /// Quotes and what is counted as it is reported.
    told: SignalTally,
    facts: Vec<Kept>,
    most_facts: usize,
}

/// The values of one second.
#[derive(Clone, Copy)]
struct Measured {
    second: i64,
    billionths: i128,
    min: f64,
    max: f64,
}

/// The values of one kept field, in the order of their first appearance.
#[derive(Clone)]
struct Kept {
    field: String,
    values: Vec<(String, u64)>,
    /// Values that are told apart.
    most: usize,
    /// How often others came.
    rest: u64,
    /// Place of each value, once there are too many to search through.
    index: HashMap<String, usize>,
    last: usize,
}

impl Signals {
    /// Signals of a piece of a file.
    pub(super) fn of_piece() -> Self {
        Signals { of_piece: true, ..Signals::default() }
    }

    /// The signal's entry, made where there is none.
    #[inline]
    pub(super) fn of(&mut self, signal: SignalId) -> &mut Gathered {
        let at = usize::from(signal);
        if self.places.get(at).is_none_or(|p| *p == 0) {
            self.enter(signal);
        }
        &mut self.list[usize::from(self.places[at]) - 1].1
    }

    #[cold]
    fn enter(&mut self, signal: SignalId) {
        let at = usize::from(signal);
        if self.places.len() <= at {
            self.places.resize(at + 1, 0);
        }
        let most = if self.of_piece { MOST_FACTS_OF_A_PIECE } else { FACT_VALUES };
        self.list.push((signal, Gathered { most_facts: most, ..Gathered::default() }));
        // There are no more signals than ids.
        self.places[at] = self.list.len() as u16;
    }

    /// Turns what was gathered into what is told.
    pub(super) fn into_tallies(self) -> BTreeMap<SignalId, SignalTally> {
        self.list.into_iter().map(|(id, g)| (id, g.into_tally())).collect()
    }

    /// Whether nothing was left out of a piece that the whole might have counted.
    pub(super) fn is_whole(&self) -> bool {
        self.list.iter().all(|(_, g)| g.facts.iter().all(|k| k.rest == 0))
    }

    /// Forgets all before a second, which begins a sketch. Kept fields have no time: they go with the last of the signal.
    pub(super) fn forget_before(&mut self, second: i64) {
        for (_, g) in &mut self.list {
            g.counts.drain(..g.counts.partition_point(|c| c.0 < second));
            g.measured.drain(..g.measured.partition_point(|m| m.second < second));
            g.sketches.drain(..g.sketches.partition_point(|s| s.0 < second));
            g.told.examples.retain(|e| e.second.is_none_or(|s| s >= second));
            if g.counts.is_empty() {
                g.told.borrowed = 0;
            }
        }
        self.list.retain(|(_, g)| !g.counts.is_empty() || g.told.undated > 0);
        self.places.fill(0);
        for (i, (signal, _)) in self.list.iter().enumerate() {
            self.places[usize::from(*signal)] = i as u16 + 1;
        }
    }

    /// Goes on with what was gathered behind `lines` lines of the same file.
    pub(super) fn join(&mut self, next: Signals, lines: u64) {
        for (id, g) in next.list {
            self.of(id).join(g, lines);
        }
    }
}

impl Gathered {
    /// Adds one observation.
    #[inline]
    pub(super) fn add(&mut self, o: Observation<'_>) {
        let second = o.stamp.map(Stamp::second);
        match second {
            None => self.told.undated += 1,
            Some(second) => {
                self.told.borrowed += u64::from(o.borrowed);
                slot(&mut self.counts, second, |c| c.0, || (second, 0)).1 += 1;
                if let Some(v) = o.value {
                    slot(&mut self.measured, second, |m| m.second, || Measured::empty(second)).add(v);
                    let bucket = second.div_euclid(SKETCH_SECONDS) * SKETCH_SECONDS;
                    slot(&mut self.sketches, bucket, |s| s.0, || (bucket, new_sketch())).1.add(v);
                }
            }
        }
        self.told.keep_example(second, o);
    }

    /// Counts a value of a kept field.
    #[inline]
    pub(super) fn add_fact(&mut self, field: &str, value: &[u8]) {
        if value.len() > FACT_BYTES {
            return;
        }
        let kept = self.kept(field);
        // The value is mostly that of the line before.
        match kept.values.get_mut(kept.last) {
            Some((v, n)) if v.as_bytes() == value => *n += 1,
            _ => kept.add(&String::from_utf8_lossy(value), 1),
        }
    }

    #[inline]
    fn kept(&mut self, field: &str) -> &mut Kept {
        let at = self.facts.iter().position(|k| k.field == field).unwrap_or_else(|| {
            self.facts.push(Kept::new(field, self.most_facts));
            self.facts.len() - 1
        });
        &mut self.facts[at]
    }

    fn into_tally(self) -> SignalTally {
        let mut told = self.told;
        let mut measured = self.measured.into_iter().peekable();
        told.cells = self
            .counts
            .into_iter()
            .map(|(second, count)| {
                let m = measured.next_if(|m| m.second == second);
                let m = m.unwrap_or(Measured::empty(second));
                Cell { second, count, sum: m.billionths as f64 / A_BILLIONTH, min: m.min, max: m.max }
            })
            .collect();
        told.sketches = self.sketches;
        for k in self.facts {
            let values = told.facts.entry(k.field).or_default();
            values.extend(k.values);
            if k.rest > 0 {
                *values.entry(OTHER_FACTS.to_owned()).or_default() += k.rest;
            }
        }
        told
    }

    fn join(&mut self, next: Gathered, lines: u64) {
        append(&mut self.counts, next.counts, |c| c.0, |a, b| a.1 += b.1);
        append(&mut self.measured, next.measured, |m| m.second, Measured::join);
        // All sketches are of one configuration, which is the only thing that a merge can fail by.
        append(&mut self.sketches, next.sketches, |s| s.0, |a, b| drop(a.1.merge(&b.1)));
        self.told.undated += next.told.undated;
        self.told.borrowed += next.told.borrowed;
        for mut e in next.told.examples {
            e.line = e.line.wrapping_add(lines);
            self.told.keep(e);
        }
        for k in next.facts {
            let own = self.kept(&k.field);
            k.values.iter().for_each(|(v, n)| own.add(v, *n));
        }
    }
}

impl Measured {
    fn empty(second: i64) -> Self {
        Measured { second, billionths: 0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }

    #[inline]
    fn add(&mut self, v: f64) {
        let whole = v * A_BILLIONTH;
        // Nearly every value fits 64 bits, which are converted at once.
        self.billionths += if whole.abs() < 9e18 { i128::from((whole + 0.5f64.copysign(whole)) as i64) } else { whole as i128 };
        self.min = self.min.min(v);
        self.max = self.max.max(v);
    }

    fn join(&mut self, next: Measured) {
        self.billionths += next.billionths;
        self.min = self.min.min(next.min);
        self.max = self.max.max(next.max);
    }
}

impl Kept {
    /// Values beyond which a search through all of them takes too long.
    const FEW: usize = 64;

    fn new(field: &str, most: usize) -> Self {
        Kept { field: field.to_owned(), values: Vec::new(), most, rest: 0, index: HashMap::new(), last: 0 }
    }

    fn add(&mut self, value: &str, times: u64) {
        let place =
            if self.index.is_empty() { self.values.iter().position(|v| v.0 == value) } else { self.index.get(value).copied() };
        if let Some(i) = place {
            self.values[i].1 += times;
            self.last = i;
        } else if self.values.len() < self.most {
            self.last = self.values.len();
            self.values.push((value.to_owned(), times));
            if !self.index.is_empty() {
                self.index.insert(value.to_owned(), self.last);
            } else if self.values.len() > Self::FEW {
                self.index = self.values.iter().enumerate().map(|(i, v)| (v.0.clone(), i)).collect();
            }
        } else {
            self.rest += times;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_the_order() {
        let values = [0.1, 0.2, 0.3, 1e7, 0.000_001, 4096.0, 0.007];
        let sum = |order: &mut dyn Iterator<Item = f64>| {
            let mut m = Measured::empty(0);
            order.for_each(|v| m.add(v));
            m.billionths
        };
        assert_eq!(sum(&mut values.into_iter()), sum(&mut values.into_iter().rev()));
        assert_eq!(sum(&mut [0.1, 0.2].into_iter()) as f64 / A_BILLIONTH, 0.3);
    }
}
