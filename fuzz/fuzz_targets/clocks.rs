//! The target of `fivexx_fuzz::clocks`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("clocks"), |bytes: &[u8]| fivexx_fuzz::clocks::run(bytes));
