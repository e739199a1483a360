//! Zones and clocks: two logs of requests at any times, the second one moved, stepped and torn, under any zone that a text names. The input is three
//! numbers (begin, shift, step), a zone up to a line end, then two bytes a request.

use chrono::DateTime;
use fivexx::clock::{ZoneRule, ZoneShift, read_clocks};
use fivexx::parser::stamp::read_iso_whole;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::timeline::Timeline;

use crate::bytes::Bytes;
use crate::common::{NOW, catalog, scan};

/// Most requests.
const MOST: usize = 100;

/// One input.
pub fn run(bytes: &[u8]) {
    let mut rest = Bytes(bytes);
    let (begin, shift, step) = (i64::from(rest.i32()), i64::from(rest.i32()), i64::from(rest.u16().cast_signed()));
    let zone = String::from_utf8_lossy(rest.until(b'\n')).into_owned();
    let rules = zones(&zone, begin);

    let (mut one, mut two) = (String::new(), String::new());
    let mut at = begin;
    let count = (rest.0.len() / 2).min(MOST);
    for i in 0..count {
        let (gap, how) = (i64::from(rest.u8() % 64), rest.u8());
        at += gap << (how & 1);
        let status = if how & 8 == 0 { 200 } else { 504 };
        one.push_str(&nginx(at, usize::from(how >> 5), status));
        if how & 16 == 0 {
            let stepped = if i * 2 > count { step } else { 0 };
            two.push_str(&uwsgi(at.saturating_add(shift).saturating_add(stepped), usize::from(how >> 5)));
        }
    }
    let file = |path: &str, text: &str| ScannedFile { path: path.to_owned(), tally: scan([text.as_bytes()]) };
    let all = Scan::new(catalog(), vec![file("nginx/access.log", &one), file("uwsgi/uwsgi.log", &two)], Vec::new());
    let clocks = read_clocks(&all, catalog(), &rules);
    for clock in &clocks {
        assert!((0.0..=1.0).contains(&clock.confidence), "a clock is believed to {}", clock.confidence);
        assert!(clock.skew_s.is_finite(), "a clock is {} s off", clock.skew_s);
        assert!(!clock.because.to_string().is_empty(), "a clock without a reason");
        // Of what a line can say, UTC is at most a day and the skew away.
        let utc = clock.utc(begin);
        assert!(clock.skew_s != 0.0 || !clock.turns.is_empty() || (utc - begin).abs() <= 86_400, "{begin} became {utc}");
    }
    let timeline = Timeline::build(&all, catalog(), &clocks, (None, None), NOW).expect("a timeline");
    let counted: u64 = timeline.series().flat_map(|s| timeline.points(s)).map(|p| p.count).sum();
    let read: u64 =
        all.sources.iter().flat_map(|s| all.tally(s.id).signals.values()).flat_map(|t| &t.cells).map(|c| c.count).sum();
    assert_eq!(counted, read, "a clock loses what was counted");
}

/// The rules that a text comes to; whatever it is, a zone's offsets are within a day.
fn zones(text: &str, second: i64) -> Vec<ZoneRule> {
    let _ = read_iso_whole(text);
    if let Ok(zone) = ZoneShift::parse(text) {
        for offset in [zone.offset_at_wall(second, false), zone.offset_at_wall(second, true), zone.offset_at_utc(second)] {
            assert!(offset.abs() <= 86_400, "an offset of {offset} s");
        }
        for change in zone.changes_within(second, second + 86_400 * 400) {
            assert!(change.before != change.after && !change.in_words().to_string().is_empty(), "{change:?}");
        }
        zone.is_ambiguous(second);
        assert!(!zone.name().is_empty(), "a zone without a name");
    }
    ZoneRule::parse(text).into_iter().collect()
}

fn utc(at: i64, format: &str) -> String {
    DateTime::from_timestamp(at, 0).unwrap_or_default().format(format).to_string()
}

fn nginx(at: i64, path: usize, status: u16) -> String {
    let stamp = utc(at, "%d/%b/%Y:%H:%M:%S +0000");
    format!("203.0.113.7 - - [{stamp}] \"GET /p/{path} HTTP/1.1\" {status} 600 \"-\" \"curl/8.5.0\"\n")
}

fn uwsgi(at: i64, path: usize) -> String {
    let stamp = utc(at, "%a %b %d %H:%M:%S %Y");
    format!(
        "[pid: 7|app: 0|req: 1/1] 203.0.113.7 () {{38 vars in 536 bytes}} [{stamp}] GET /p/{path} => generated 600 bytes in 4 msecs (HTTP/1.1 200) 2 headers in 66 bytes (1 switches on core 0)\n"
    )
}
