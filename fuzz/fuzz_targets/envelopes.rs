//! The target of `fivexx_fuzz::envelopes`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("envelopes"), |bytes: &[u8]| fivexx_fuzz::envelopes::run(bytes));
