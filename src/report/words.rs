//! Phrases that all writers share.

use chrono::{FixedOffset, TimeZone};

use crate::clock::{Basis, ZoneShift};
use crate::diagnosis::wording::thousands;
use crate::model::{ClockReport, CountedFrom, Incident, Instant, LedgerRow, Period, Report, Verdict};

/// How sure, as a word.
pub fn sure(confidence: f64) -> &'static str {
    match confidence {
        c if c >= 0.9 => "sure",
        c if c >= 0.7 => "likely",
        c if c >= 0.4 => "possible",
        _ => "a guess",
    }
}

/// `97%`
pub fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// Failed of all, with the share.
pub fn failed_of(incident: &Incident) -> String {
    let failed = thousands(incident.failed_requests);
    if incident.requests == 0 {
        let failures = if incident.failed_requests == 1 { "failure" } else { "failures" };
        return format!("{failed} {failures} logged (nothing here counts the requests)");
    }
    let share = incident.failed_requests as f64 / incident.requests as f64;
    format!("{failed} of {} requests failed ({})", thousands(incident.requests), percent_fine(share))
}

/// A share to two digits that matter: small ones are not `0%`.
pub fn percent_fine(share: f64) -> String {
    let p = share * 100.0;
    if p >= 10.0 { format!("{p:.0}%") } else { format!("{p:.1}%") }
}

/// `2026-11-21 00:00:39 UTC`
pub fn utc(at: Instant) -> String {
    at.utc().format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `00:00:39`
pub fn clock_time(at: Instant) -> String {
    at.utc().format("%H:%M:%S").to_string()
}

/// `2026-11-21 00:00:39–00:02:31 UTC`, and the same in the viewer's zone where it differs.
pub fn window(p: &Period, display: Option<ZoneShift>) -> String {
    let span = |a: String, b: String| {
        if a[..10] == b[..10] { format!("{a}–{}", &b[11..]) } else { format!("{a}–{b}") }
    };
    let show = |t: Instant| t.utc().format("%Y-%m-%d %H:%M:%S").to_string();
    let mut text = format!("{} UTC", span(show(p.start), show(p.end)));
    if let Some(zone) = display {
        let local = |t: Instant| {
            let offset =
                FixedOffset::east_opt(zone.offset_at_utc(t.0)).unwrap_or(FixedOffset::east_opt(0).expect("0 is an offset"));
            offset.from_utc_datetime(&t.utc().naive_utc()).format("%Y-%m-%d %H:%M:%S").to_string()
        };
        text.push_str(&format!(" ({} {})", span(local(p.start), local(p.end)), zone.name()));
    }
    text
}

/// `2 min 6 s`
pub fn length(p: &Period) -> String {
    let s = (p.end.0 - p.start.0).max(0);
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// The zone of a source and why: `+09:00, stated`.
pub fn clock(c: &ClockReport) -> String {
    let basis = match c.basis {
        Basis::Stated => "stated",
        Basis::Given => "given",
        Basis::Inferred => "inferred",
        Basis::Assumed => "assumed",
    };
    let zone = if c.utc_offset_s == 0 { "UTC".to_owned() } else { ZoneShift::Fixed(c.utc_offset_s).name() };
    let skew = if c.skew_s.abs() >= 1.0 {
        format!(", {:.0} s {}", c.skew_s.abs(), if c.skew_s < 0.0 { "behind" } else { "ahead" })
    } else {
        String::new()
    };
    let changing = match (&c.drift_ppm, c.segments.len()) {
        (Some(_), _) => ", drifting",
        (None, 0) => "",
        _ => ", set anew",
    };
    format!("{zone}{skew}{changing}, {basis}")
}

/// The verdict where there is no incident.
pub fn no_incident(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::NotEnoughData => "Not enough data: the sources hold neither requests to count nor failures.",
        _ => "No incident: requests were served as usual, and none was dropped beyond this site's baseline.",
    }
}

/// A sentence's first letter as a capital; names that have capitals of their own (uWSGI) stay as they are.
pub fn capital(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or("");
    if first.chars().any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}

/// A list of paths, each cut in its middle where it is long: S3 gives names of a hundred characters.
pub fn short_paths(paths: &str) -> String {
    paths.split(", ").map(short_path).collect::<Vec<_>>().join(", ")
}

fn short_path(path: &str) -> String {
    const MOST: usize = 44;
    let chars: Vec<char> = path.chars().collect();
    if chars.len() <= MOST {
        return path.to_owned();
    }
    let (head, tail) = (&chars[..MOST / 2 - 1], &chars[chars.len() - MOST / 2..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// Received, answered, failed, not passed on; a dash where nobody counts it.
pub fn ledger_cells(row: &LedgerRow) -> [String; 4] {
    let failed = thousands(row.failed);
    match row.counted_from {
        CountedFrom::FailureLines => ["–".to_owned(), "–".to_owned(), failed, "–".to_owned()],
        _ => {
            let not_passed_on = if row.next.is_some() { thousands(row.not_passed_on) } else { "–".to_owned() };
            [thousands(row.received), thousands(row.answered), failed, not_passed_on]
        }
    }
}

/// What a row of the ledger is made of.
pub fn counted_from(from: CountedFrom) -> &'static str {
    match from {
        CountedFrom::Requests => "(request lines)",
        CountedFrom::Metric => "(a metric, whole minutes)",
        CountedFrom::FailureLines => "(failure lines)",
    }
}

/// Where two neighbours do not agree, in a sentence.
pub fn imbalance(row: &LedgerRow) -> Option<String> {
    let next = row.next?.title();
    let layer = row.layer.title();
    let requests = |n: u64| if n == 1 { "1 request".to_owned() } else { format!("{} requests", thousands(n)) };
    if row.unaccounted > 0 {
        let (n, they) = (requests(row.unaccounted), if row.unaccounted == 1 { "it" } else { "they" });
        return Some(format!(
            "Between {layer} and {next} {n} did not arrive and did not fail: answered by the {layer} itself, or {they} came to the {next} outside the window."
        ));
    }
    (row.more_than_handed_on > 0).then(|| {
        let n = requests(row.more_than_handed_on);
        format!("The {next} counts {n} more than the {layer} handed on: retries, health checks, or requests from elsewhere.")
    })
}

/// Whether drop and root cause are the same thing.
pub fn is_own_root(i: &Incident) -> bool {
    i.dropped_at.mechanism == i.root_cause.mechanism
}
