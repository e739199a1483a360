//! Saved answers of CloudWatch and of the Prometheus API.
#![no_main]

use fivexx::parser::cloudwatch::scan_metrics;
use fivexx::parser::matrix::scan_matrix;
use fivexx_fuzz::{HINT, catalog};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = scan_metrics(catalog(), bytes);
    let _ = scan_matrix(catalog(), bytes, HINT);
});
