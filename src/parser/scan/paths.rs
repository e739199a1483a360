//! Paths of requests on their way into a tally: a request is led back to the second of its begin, and those of some seconds take turns.

use crate::parser::bytes::scatter;
use crate::parser::tally::{FileTally, PATH_CLASSES, PathCounts, path_class};

/// Seconds that are counted at once.
const PLACES: usize = 64;

/// Paths counted that the tally does not know of yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Paths {
    places: Vec<Place>,
}

/// The requests of one source in one second.
#[derive(Debug, Clone, Copy)]
struct Place {
    source: usize,
    second: i64,
    is_taken: bool,
    counts: PathCounts,
}

impl Place {
    const FREE: Place = Place { source: 0, second: 0, is_taken: false, counts: [0; PATH_CLASSES] };

    fn give(&mut self, tally: &mut FileTally) {
        if std::mem::take(&mut self.is_taken) {
            tally.sources[self.source].add_paths(self.second, &self.counts);
        }
    }
}

impl Paths {
    /// Counts a request's path.
    #[inline]
    pub(super) fn add(&mut self, tally: &mut FileTally, source: usize, second: i64, path: &[u8]) {
        if self.places.is_empty() {
            self.places.resize(PLACES, Place::FREE);
        }
        let place = &mut self.places[scatter(second as u64 ^ (source as u64) << 48, PLACES)];
        if (place.is_taken, place.second, place.source) != (true, second, source) {
            place.give(tally);
            *place = Place { source, second, is_taken: true, counts: [0; PATH_CLASSES] };
        }
        let count = &mut place.counts[path_class(path)];
        *count = count.saturating_add(1);
    }

    /// Gives all to the tally.
    pub(super) fn give(&mut self, tally: &mut FileTally) {
        self.places.iter_mut().for_each(|p| p.give(tally));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::tally::{SourceTally, add_path_counts};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_request_is_counted_in_its_second(some in proptest::collection::vec((0usize..2, 0i64..200, "/[a-c]{0,2}"), 0..400)) {
            let mut tally = FileTally { sources: vec![SourceTally::new(0, None), SourceTally::new(1, None)], ..FileTally::default() };
            let (mut paths, mut plain) = (Paths::default(), std::collections::BTreeMap::<(usize, i64), PathCounts>::new());
            for (source, second, path) in &some {
                paths.add(&mut tally, *source, *second, path.as_bytes());
                let mut one = [0; PATH_CLASSES];
                one[path_class(path.as_bytes())] = 1;
                add_path_counts(plain.entry((*source, *second)).or_default(), &one);
            }
            paths.give(&mut tally);
            let all = tally.sources.iter().enumerate().flat_map(|(i, s)| s.paths.iter().map(move |p| ((i, p.0), p.1)));
            prop_assert_eq!(all.collect::<Vec<_>>(), plain.into_iter().collect::<Vec<_>>());
        }
    }
}
