//! The target of `fivexx_fuzz::partials`, which says what it holds to.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fivexx_fuzz::begin("partials"), |bytes: &[u8]| fivexx_fuzz::partials::run(bytes));
