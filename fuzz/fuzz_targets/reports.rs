//! The target of `fivexx_fuzz::reports`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("reports"), |bytes: &[u8]| fivexx_fuzz::reports::run(bytes));
