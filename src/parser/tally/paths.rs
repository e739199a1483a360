//! Requests counted by classes of their paths: by these the same requests are found in two logs.

use crate::parser::bytes::fold;

/// Classes that request paths are told apart by, to find the same requests in two logs.
pub const PATH_CLASSES: usize = 8;

/// Requests of a second by the class of their path.
pub type PathCounts = [u16; PATH_CLASSES];

/// The class of a request's path: equal paths fall into equal classes in every log.
pub(in crate::parser) fn path_class(path: &[u8]) -> usize {
    fold(path) % PATH_CLASSES
}

/// Adds up requests of the same second.
pub(in crate::parser) fn add_path_counts(into: &mut PathCounts, counts: &PathCounts) {
    into.iter_mut().zip(counts).for_each(|(i, n)| *i = i.saturating_add(*n));
}
