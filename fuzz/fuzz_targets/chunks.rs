//! Tallies do not depend on where reads are cut.
#![no_main]

use arbitrary::Arbitrary;
use fivexx_fuzz::{scan, summary};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'b> {
    cuts: [u16; 5],
    bytes: &'b [u8],
}

fuzz_target!(|input: Input<'_>| {
    let end = input.bytes.len();
    let mut at: Vec<usize> = input.cuts.iter().map(|c| usize::from(*c) % (end + 1)).collect();
    at.extend([0, end]);
    at.sort_unstable();
    let cut = scan(at.windows(2).map(|w| &input.bytes[w[0]..w[1]]));
    assert_eq!(summary(&scan([input.bytes])), summary(&cut));
});
