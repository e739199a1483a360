//! The target of `fivexx_fuzz::definitions`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("definitions"), |bytes: &[u8]| fivexx_fuzz::definitions::run(bytes));
