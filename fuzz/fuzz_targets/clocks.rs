//! Zones and clocks: two logs of requests at any times, one of them moved, stepped and torn; every zone that a text names.
#![no_main]

use arbitrary::Arbitrary;
use fivexx::clock::{ZoneShift, read_clocks};
use fivexx::scanned::{Scan, ScannedFile};
use fivexx_fuzz::{catalog, scan};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'b> {
    zone: &'b str,
    /// Seconds between requests, and whether the second log has them as well.
    gaps: Vec<(u16, bool)>,
    begin: i32,
    shift: i32,
    step: i16,
}

fuzz_target!(|input: Input<'_>| {
    if let Ok(zone) = ZoneShift::parse(input.zone) {
        let offset = zone.offset_at_wall(i64::from(input.begin), false);
        assert!(offset.abs() <= 26 * 3600, "{offset}");
        assert!(!zone.name().is_empty());
    }
    let (mut one, mut two) = (String::new(), String::new());
    let mut at = i64::from(input.begin);
    for (i, (gap, both)) in input.gaps.iter().take(400).enumerate() {
        at += i64::from(*gap % 600);
        let path = i % 7;
        one.push_str(&nginx(at, path));
        if *both {
            let step = if i * 2 > input.gaps.len() { i64::from(input.step) } else { 0 };
            two.push_str(&uwsgi(at + i64::from(input.shift) + step, path));
        }
    }
    let files = vec![
        ScannedFile { path: "nginx/access.log".to_owned(), tally: scan([one.as_bytes()]) },
        ScannedFile { path: "uwsgi/uwsgi.log".to_owned(), tally: scan([two.as_bytes()]) },
    ];
    let all = Scan::new(catalog(), files, Vec::new());
    for clock in read_clocks(&all, catalog(), &[]) {
        assert!((0.0..=1.0).contains(&clock.confidence), "{}", clock.confidence);
    }
});

fn utc(at: i64, format: &str) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap_or_default().format(format).to_string()
}

fn nginx(at: i64, path: usize) -> String {
    let stamp = utc(at, "%d/%b/%Y:%H:%M:%S +0000");
    format!("203.0.113.7 - - [{stamp}] \"GET /p/{path} HTTP/1.1\" 200 600 \"-\" \"curl/8.5.0\"\n")
}

fn uwsgi(at: i64, path: usize) -> String {
    let stamp = utc(at, "%a %b %d %H:%M:%S %Y");
    format!("[pid: 7|app: 0|req: 1/1] 203.0.113.7 () {{38 vars in 536 bytes}} [{stamp}] GET /p/{path} => generated 600 bytes in 4 msecs (HTTP/1.1 200) 2 headers in 66 bytes (1 switches on core 0)\n")
}
