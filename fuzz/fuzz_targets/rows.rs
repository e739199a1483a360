//! The target of `fivexx_fuzz::rows`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("rows"), |bytes: &[u8]| fivexx_fuzz::rows::run(bytes));
