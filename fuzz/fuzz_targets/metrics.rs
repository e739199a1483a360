//! The target of `fivexx_fuzz::metrics`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("metrics"), |bytes: &[u8]| fivexx_fuzz::metrics::run(bytes));
