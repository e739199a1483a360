//! Saved answers of CloudWatch and of the Prometheus API: refused, or a tally that adds up and can be analysed.

use fivexx::parser::cloudwatch::scan_metrics;
use fivexx::parser::json::{each_field, text, unescape};
use fivexx::parser::matrix::scan_matrix;

use crate::common::{HINT, analyzed, catalog};

/// One input.
pub fn run(bytes: &[u8]) {
    let mut files = Vec::new();
    files.extend(scan_metrics(catalog(), bytes).ok().map(|t| ("alb/cloudwatch.json".to_owned(), t)));
    files.extend(scan_matrix(catalog(), bytes, HINT).ok().map(|t| ("prometheus.json".to_owned(), t)));
    assert!(files.iter().all(|f| f.1.closes()), "points do not add up");
    if !files.is_empty() {
        analyzed(files, Vec::new());
    }
    // The reader of JSON lines, which takes keys and values as they stand.
    each_field(bytes, |_, from, to| {
        let value = &bytes[from..to];
        let _ = (text(value), unescape(value));
    });
}
