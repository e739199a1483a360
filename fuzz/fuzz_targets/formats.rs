//! Every built-in format, over a whole analysis: any bytes end in a report, every line is accounted for, and every writer holds.
#![no_main]

use fivexx::analysis::{Settings, analyze};
use fivexx::scanned::{Scan, ScannedFile};
use fivexx_fuzz::{catalog, causes, scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let tally = scan([bytes]);
    assert!(tally.closes(), "lines do not add up");
    let all = Scan::new(catalog(), vec![ScannedFile { path: "fuzz.log".to_owned(), tally }], Vec::new());
    let report = analyze(&all, catalog(), causes(), &Settings { now: 1_798_761_599, ..Settings::default() }).expect("a timeline");
    for incident in &report.incidents {
        let dropped: u64 = incident.drop_points.iter().map(|d| d.requests).sum();
        assert_eq!(dropped + incident.unexplained, incident.failed_requests, "the accounts do not close");
    }
});
