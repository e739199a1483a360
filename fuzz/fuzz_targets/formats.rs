//! The target of `fivexx_fuzz::formats`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("formats"), |bytes: &[u8]| fivexx_fuzz::formats::run(bytes));
