//! The target of `fivexx_fuzz::chunks`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("chunks"), |bytes: &[u8]| fivexx_fuzz::chunks::run(bytes));
