//! Phrases that all writers share.

use chrono::{FixedOffset, TimeZone};

use crate::clock::{Basis, ZoneShift};
use crate::lang::{Lang, thousands};
use crate::model::{Change, ClockReport, CountedFrom, Incident, Instant, LedgerRow, Period, Report, Verdict};

/// How sure, as a word.
pub fn sure(lang: Lang, confidence: f64) -> String {
    lang.say(match confidence {
        c if c >= 0.9 => "sure",
        c if c >= 0.7 => "likely",
        c if c >= 0.4 => "possible",
        _ => "guess",
    })
}

/// `97%`
pub fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// `sure, 97%`
pub fn confidence(lang: Lang, share: f64) -> String {
    lang.list(&[sure(lang, share), percent(share)])
}

/// Failed of all, with the share.
pub fn failed_of(lang: Lang, incident: &Incident) -> String {
    let failed = thousands(incident.failed_requests);
    if incident.requests == 0 {
        return lang.count("failures-logged", incident.failed_requests, &failed, &[]);
    }
    let share = percent_fine(incident.failed_requests as f64 / incident.requests as f64);
    lang.with("failed-of", &[("failed", &failed), ("requests", &thousands(incident.requests)), ("share", &share)])
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

/// `09:00:39` in the viewer's zone.
pub fn local_time(at: Instant, zone: ZoneShift) -> String {
    in_zone(at, zone, "%H:%M:%S")
}

/// An instant in a zone, in a format of chrono's.
pub fn in_zone(at: Instant, zone: ZoneShift, format: &str) -> String {
    let offset = FixedOffset::east_opt(zone.offset_at_utc(at.0)).unwrap_or(FixedOffset::east_opt(0).expect("0 is an offset"));
    offset.from_utc_datetime(&at.utc().naive_utc()).format(format).to_string()
}

/// `2026-11-21 00:00:39 UTC`, and the same in the viewer's zone.
pub fn instant(at: Instant, display: Option<ZoneShift>) -> String {
    let local = display.map_or_else(String::new, |z| format!(" ({} {})", in_zone(at, z, "%Y-%m-%d %H:%M:%S"), z.name()));
    format!("{}{local}", utc(at))
}

/// `00:00:39–00:02:31 UTC / 09:00:39–09:02:31 Asia/Tokyo`: for what stands in brackets already.
pub fn span(first: Instant, last: Option<Instant>, display: Option<ZoneShift>) -> String {
    let last = last.filter(|l| *l != first);
    let show = |time: &dyn Fn(Instant) -> String| last.map_or_else(|| time(first), |l| format!("{}–{}", time(first), time(l)));
    let local = |z: ZoneShift| format!(" / {} {}", show(&|t| local_time(t, z)), z.name());
    format!("{} UTC{}", show(&clock_time), display.map_or_else(String::new, local))
}

/// `2026-11-21 00:00:39–00:02:31 UTC`, and the same in the viewer's zone where it differs.
pub fn window(p: &Period, display: Option<ZoneShift>) -> String {
    let span = |a: String, b: String| {
        if a[..10] == b[..10] { format!("{a}–{}", &b[11..]) } else { format!("{a}–{b}") }
    };
    let show = |t: Instant| t.utc().format("%Y-%m-%d %H:%M:%S").to_string();
    let mut text = format!("{} UTC", span(show(p.start), show(p.end)));
    if let Some(zone) = display {
        let local = |t: Instant| in_zone(t, zone, "%Y-%m-%d %H:%M:%S");
        text.push_str(&format!(" ({} {})", span(local(p.start), local(p.end)), zone.name()));
    }
    text
}

/// Since when no request failed any more, where the window goes on behind.
pub fn failing_until(lang: Lang, i: &Incident, display: Option<ZoneShift>) -> Option<String> {
    i.failing_until.map(|t| lang.with("failing-until", &[("until", &span(t, None, display))]))
}

/// What was changed right before the first failure, a sentence each.
pub fn changes(lang: Lang, i: &Incident) -> Vec<String> {
    let sentence = |c: &Change| {
        let (before, sources) = (i.window.start.0 - c.at.0, c.sources.join(", "));
        let key = if before == 0 { "changed-at-once" } else { "changed-before" };
        lang.with(key, &[("says", &capital(lang, &c.says)), ("length", &seconds(lang, before)), ("sources", &sources)])
    };
    i.changes.iter().map(sentence).collect()
}

/// `2 min 6 s`
pub fn length(lang: Lang, p: &Period) -> String {
    seconds(lang, p.end.0 - p.start.0)
}

/// A stretch of time: `2 min 6 s`.
pub fn seconds(lang: Lang, s: i64) -> String {
    let s = s.max(0);
    let (hours, minutes, rest) = ((s / 3600).to_string(), (s / 60 % 60).to_string(), (s % 60).to_string());
    let values = [("h", hours.as_str()), ("m", minutes.as_str()), ("s", rest.as_str())];
    lang.with(
        match s {
            0..60 => "length-seconds",
            60..3600 => "length-minutes",
            _ => "length-hours",
        },
        &values,
    )
}

/// The zone of a source and why: `+09:00, stated`.
pub fn clock(lang: Lang, c: &ClockReport) -> String {
    let mut parts = vec![if c.utc_offset_s == 0 { "UTC".to_owned() } else { ZoneShift::Fixed(c.utc_offset_s).name() }];
    if c.skew_s.abs() >= 1.0 {
        let key = if c.skew_s < 0.0 { "clock-behind" } else { "clock-ahead" };
        parts.push(lang.with(key, &[("s", &format!("{:.0}", c.skew_s.abs()))]));
    }
    if c.drift_ppm.is_some() {
        parts.push(lang.say("clock-drifting"));
    } else if !c.segments.is_empty() {
        parts.push(lang.say("clock-set-anew"));
    }
    parts.push(lang.say(match c.basis {
        Basis::Stated => "basis-stated",
        Basis::Given => "basis-given",
        Basis::Inferred => "basis-inferred",
        Basis::Assumed => "basis-assumed",
    }));
    lang.list(&parts)
}

/// The verdict where there is no incident.
pub fn no_incident(report: &Report) -> String {
    report.lang.say(match report.verdict {
        Verdict::NotEnoughData => "not-enough-data",
        _ => "no-incident",
    })
}

/// A sentence's first letter as a capital, where the language has such; names that have capitals of their own (uWSGI) stay as they are.
pub fn capital(lang: Lang, text: &str) -> String {
    let first = text.split(' ').next().unwrap_or("");
    if lang != Lang::En || first.chars().any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}

/// A title in the midst of a sentence: a product's name keeps its capitals; an article or a noun at a sentence's begin does not.
pub fn lower(lang: Lang, text: &str) -> String {
    let first = text.split(' ').next().unwrap_or("");
    if lang != Lang::En || !first.chars().skip(1).all(char::is_lowercase) {
        return text.to_owned();
    }
    format!("{}{}", first.to_lowercase(), &text[first.len()..])
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
pub fn counted_from(lang: Lang, from: CountedFrom) -> String {
    lang.say(match from {
        CountedFrom::Requests => "from-requests",
        CountedFrom::Metric => "from-metric",
        CountedFrom::FailureLines => "from-failure-lines",
    })
}

/// Who or what ended a request. A user's own cause may name another; it is shown as it is written.
pub fn ended_by(lang: Lang, id: &str) -> String {
    lang.say(match id {
        "client" => "ended-by-client",
        "proxy" => "ended-by-proxy",
        "server" => "ended-by-server",
        "resource_limit" => "ended-by-resource-limit",
        "timer" => "ended-by-timer",
        other => return other.to_owned(),
    })
}

/// In which phase a request ended. A user's own cause may name another; it is shown as it is written.
pub fn phase(lang: Lang, id: &str) -> String {
    lang.say(match id {
        "queue" => "phase-queue",
        "connect" => "phase-connect",
        "sending" => "phase-sending",
        "header" => "phase-header",
        "body" => "phase-body",
        other => return other.to_owned(),
    })
}

/// Where two neighbours do not agree, in a sentence.
pub fn imbalance(lang: Lang, row: &LedgerRow) -> Option<String> {
    let (layer, next) = (row.layer.title(lang), row.next?.title(lang));
    let values = [("layer", layer.as_str()), ("next", next.as_str())];
    if row.unaccounted > 0 {
        return Some(lang.count("ledger-unaccounted", row.unaccounted, &thousands(row.unaccounted), &values));
    }
    let more = row.more_than_handed_on;
    (more > 0).then(|| lang.count("ledger-more-than-handed-on", more, &thousands(more), &values))
}

/// Whether drop and root cause are the same thing.
pub fn is_own_root(i: &Incident) -> bool {
    i.dropped_at.mechanism == i.root_cause.mechanism
}

/// Whether a root cause is named at all: that of a drop without one is the drop again, at little confidence.
pub fn is_root_known(i: &Incident) -> bool {
    !is_own_root(i) || i.root_cause.confidence >= 0.4
}
