//! What the fuzz targets do, each a function of bytes: the fuzzer calls it, and so does the test that plays back what once fell.
#![forbid(unsafe_code)]

pub mod bytes;
pub mod chunks;
pub mod clocks;
pub mod common;
pub mod definitions;
pub mod envelopes;
pub mod formats;
pub mod metrics;
pub mod partials;
pub mod reports;
pub mod rows;
pub mod seeds;

/// A target's name and its body.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 9] = [
    ("formats", formats::run),
    ("chunks", chunks::run),
    ("envelopes", envelopes::run),
    ("definitions", definitions::run),
    ("metrics", metrics::run),
    ("clocks", clocks::run),
    ("partials", partials::run),
    ("rows", rows::run),
    ("reports", reports::run),
];

/// Before the first run of a target: with `FIVEXX_SEEDS=FOLDER` its first inputs are written there, and that is all.
pub fn begin(target: &str) {
    if let Some(folder) = std::env::var_os("FIVEXX_SEEDS") {
        match seeds::write(target, folder.as_ref()) {
            Ok(n) => println!("{target}: {n} seeds"),
            Err(e) => {
                eprintln!("{target}: the seeds cannot be written: {e}");
                std::process::exit(1);
            }
        }
        std::process::exit(0);
    }
    if matches!(target, "partials" | "rows") {
        partials::let_readers_panic();
    }
}
