//! How often each value of a kept field occurred, in bounded memory.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::hash;

/// Distinct values of a kept field that are told apart. Of more, those with the smallest hashes stay, the rest is counted as `…`: what stays
/// was never out, so its count is exact, in whatever order and pieces the lines came.
pub const FACT_VALUES: usize = 128;

/// What is counted of the values of a kept field that are not told apart.
pub const OTHER_VALUES: &str = "…";

/// Longest value of a kept field.
pub const FACT_BYTES: usize = 200;

/// The values of one kept field and how often each occurred; [`OTHER_VALUES`] is among them where some are not told apart.
#[derive(Clone, Default)]
pub struct Values {
    counts: BTreeMap<String, u64>,
    /// Of those told apart, the one that a smaller one pushes out, where it is known.
    largest: Option<(u64, String)>,
}

impl Values {
    /// Counts a value so many times.
    pub fn add(&mut self, value: &str, times: u64) {
        if let Some(n) = self.counts.get_mut(value) {
            *n += times;
            return;
        }
        let told_apart = self.counts.len() - usize::from(self.counts.contains_key(OTHER_VALUES));
        if value == OTHER_VALUES || told_apart < FACT_VALUES {
            self.largest = None;
            self.counts.insert(value.to_owned(), times);
            return;
        }
        let rank = (hash(value.as_bytes()), value);
        let counts = &self.counts;
        let (hash, text) = self.largest.get_or_insert_with(|| {
            let told_apart = counts.keys().filter(|v| *v != OTHER_VALUES);
            told_apart.map(|v| (super::hash(v.as_bytes()), v.clone())).max().unwrap_or_default()
        });
        let mut out = times;
        if rank < (*hash, text.as_str()) {
            out = self.counts.remove(text.as_str()).unwrap_or(0);
            self.counts.insert(value.to_owned(), times);
            self.largest = None;
        }
        *self.counts.entry(OTHER_VALUES.to_owned()).or_default() += out;
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.counts.fmt(f)
    }
}

impl serde::Serialize for Values {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.counts.serialize(to)
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts
    }
}

impl Deref for Values {
    type Target = BTreeMap<String, u64>;

    fn deref(&self) -> &Self::Target {
        &self.counts
    }
}

impl IntoIterator for Values {
    type Item = (String, u64);
    type IntoIter = std::collections::btree_map::IntoIter<String, u64>;

    fn into_iter(self) -> Self::IntoIter {
        self.counts.into_iter()
    }
}

impl<'v> IntoIterator for &'v Values {
    type Item = (&'v String, &'v u64);
    type IntoIter = std::collections::btree_map::Iter<'v, String, u64>;

    fn into_iter(self) -> Self::IntoIter {
        self.counts.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn those_of_the_smallest_hashes_stay_in_whatever_order(mut some in proptest::collection::vec((0u16..600, 1u64..4), 0..900)) {
            let sum = |some: &[(u16, u64)]| {
                let mut v = Values::default();
                some.iter().for_each(|(name, times)| v.add(&name.to_string(), *times));
                v
            };
            let one = sum(&some);
            let mut names: Vec<String> = some.iter().map(|(n, _)| n.to_string()).collect();
            names.sort_by_key(|n| (hash(n.as_bytes()), n.clone()));
            names.dedup();
            let all: u64 = some.iter().map(|s| s.1).sum();
            prop_assert_eq!(one.values().sum::<u64>(), all);
            let (stay, go) = names.split_at(names.len().min(FACT_VALUES));
            prop_assert_eq!(one.contains_key(OTHER_VALUES), !go.is_empty());
            for name in stay {
                let times: u64 = some.iter().filter(|(n, _)| n.to_string() == *name).map(|s| s.1).sum();
                prop_assert_eq!(one.get(name), Some(&times));
            }
            some.reverse();
            prop_assert_eq!(sum(&some), one);
        }
    }
}
