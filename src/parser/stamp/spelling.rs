//! The spellings of time in logs, byte by byte: each reader takes a prefix of a text and says how long it was.

use chrono::NaiveDateTime;

use super::{DAYS, EPOCH_DIGITS, MONTHS, Stamp, YearHint};
use crate::parser::bytes::leading_digits;

/// Bytes of `2026-11-21T00:00:`.
pub(super) const MINUTE: usize = 17;

fn digits(text: &[u8], at: usize, n: usize) -> Option<i64> {
    let mut v = 0i64;
    for &b in text.get(at..at + n)? {
        if !b.is_ascii_digit() {
            return None;
        }
        v = v * 10 + i64::from(b - b'0');
    }
    Some(v)
}

/// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
fn days_from_civil(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + d - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

fn wall(y: i64, m: i64, d: i64, hms: (i64, i64, i64), ms: i64) -> Option<i64> {
    let (h, mi, s) = hms;
    if !(1..=12).contains(&m) || !(1..=31).contains(&d) || h > 24 || mi > 59 || s > 60 || !(1970..=2200).contains(&y) {
        return None;
    }
    Some((days_from_civil(y, m, d) * 86_400 + h * 3600 + mi * 60 + s) * 1000 + ms)
}

/// `HH:MM:SS` at `at`.
fn hms(text: &[u8], at: usize) -> Option<(i64, i64, i64)> {
    if text.get(at + 2) != Some(&b':') || text.get(at + 5) != Some(&b':') {
        return None;
    }
    // MariaDB and ctime pad the hour with a blank.
    let h = if text.get(at) == Some(&b' ') { digits(text, at + 1, 1)? } else { digits(text, at, 2)? };
    Some((h, digits(text, at + 3, 2)?, digits(text, at + 6, 2)?))
}

fn month(text: &[u8]) -> Option<i64> {
    let head = text.get(..3)?;
    MONTHS.iter().position(|n| n.as_slice() == head).map(|i| i as i64 + 1)
}

/// A fraction of a second at `at`: milliseconds and its length.
fn fraction(text: &[u8], at: usize) -> (i64, usize) {
    if !matches!(text.get(at), Some(b'.' | b',')) {
        return (0, 0);
    }
    let n = leading_digits(&text[at + 1..]);
    if n == 0 {
        return (0, 0);
    }
    let digit = |i: usize| i64::from(text[at + i] - b'0');
    let ms = match n {
        1 => digit(1) * 100,
        2 => digit(1) * 100 + digit(2) * 10,
        _ => digit(1) * 100 + digit(2) * 10 + digit(3),
    };
    (ms, n + 1)
}

/// `Z`, `+09:00`, `+0900`, ` +0900`, ` UTC`, ` GMT` at `at`: seconds east and its length.
fn zone(text: &[u8], at: usize) -> Option<(i32, usize)> {
    let blank = usize::from(text.get(at) == Some(&b' '));
    let z = text.get(at + blank..)?;
    match z.first()? {
        b'Z' | b'z' if blank == 0 && !z.get(1).is_some_and(u8::is_ascii_alphanumeric) => Some((0, 1)),
        b'U' | b'G' if z.starts_with(b"UTC") || z.starts_with(b"GMT") => Some((0, blank + 3)),
        sign @ (b'+' | b'-') => {
            let h = digits(z, 1, 2)?;
            let (m, len) = if z.get(3) == Some(&b':') { (digits(z, 4, 2)?, 6) } else { (digits(z, 3, 2)?, 5) };
            if h > 14 || m > 59 {
                return None;
            }
            let s = i32::try_from(h * 3600 + m * 60).ok()?;
            Some((if *sign == b'-' { -s } else { s }, blank + len))
        }
        _ => None,
    }
}

pub(super) fn read_iso(text: &[u8]) -> Option<(Stamp, usize)> {
    read_iso_behind(text, iso_minute(text)?)
}

/// The begin of the minute of an ISO 8601 time, in milliseconds.
pub(super) fn iso_minute(text: &[u8]) -> Option<i64> {
    let sep = *text.get(4)?;
    if !matches!(sep, b'-' | b'/') || text.get(7) != Some(&sep) || !matches!(text.get(10), Some(b'T' | b' ' | b't')) {
        return None;
    }
    let (h, mi, _) = hms(text, 11)?;
    wall(digits(text, 0, 4)?, digits(text, 5, 2)?, digits(text, 8, 2)?, (h, mi, 0), 0)
}

/// What stands behind the minute of an ISO 8601 time.
pub(super) fn read_iso_behind(text: &[u8], minute: i64) -> Option<(Stamp, usize)> {
    let s = digits(text, MINUTE, 2).filter(|s| *s <= 60)?;
    let (ms, frac) = fraction(text, MINUTE + 2);
    let end = MINUTE + 2 + frac;
    let (offset_s, len) = zone(text, end).map_or((None, 0), |(o, l)| (Some(o), l));
    Some((Stamp { wall_ms: minute + s * 1000 + ms, offset_s }, end + len))
}

pub(super) fn read_clf(text: &[u8]) -> Option<(Stamp, usize)> {
    if text.get(2) != Some(&b'/') || text.get(6) != Some(&b'/') || !matches!(text.get(11), Some(b':' | b' ')) {
        return None;
    }
    let (ms, frac) = fraction(text, 20);
    let wall_ms = wall(digits(text, 7, 4)?, month(text.get(3..)?)?, digits(text, 0, 2)?, hms(text, 12)?, ms)?;
    let end = 20 + frac;
    let (offset_s, len) = zone(text, end).map_or((None, 0), |(o, l)| (Some(o), l));
    Some((Stamp { wall_ms, offset_s }, end + len))
}

/// `21.11.2026 00:00:39`, as people of half of Europe spell a format of their own.
pub(super) fn read_dotted(text: &[u8]) -> Option<(Stamp, usize)> {
    if text.get(5) != Some(&b'.') || text.get(10) != Some(&b' ') {
        return None;
    }
    let (ms, frac) = fraction(text, 19);
    let wall_ms = wall(digits(text, 6, 4)?, digits(text, 3, 2)?, digits(text, 0, 2)?, hms(text, 11)?, ms)?;
    let end = 19 + frac;
    let (offset_s, len) = zone(text, end).map_or((None, 0), |(o, l)| (Some(o), l));
    Some((Stamp { wall_ms, offset_s }, end + len))
}

/// `Nov 21 ` or `Nov  1 ` or (a collector squeezed the blanks) `Nov 1 `: month, day, length.
fn month_day(text: &[u8]) -> Option<(i64, i64, usize)> {
    let m = month(text)?;
    let mut at = 3;
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    let n = text.get(at..)?.iter().take_while(|b| b.is_ascii_digit()).count();
    if at == 3 || !(1..=2).contains(&n) || text.get(at + n) != Some(&b' ') {
        return None;
    }
    Some((m, digits(text, at, n)?, at + n + 1))
}

pub(super) fn read_ctime(text: &[u8]) -> Option<(Stamp, usize)> {
    if text.get(3) != Some(&b' ') || !DAYS.iter().any(|d| text.starts_with(*d)) {
        return None;
    }
    let (m, d, len) = month_day(&text[4..])?;
    let at = 4 + len;
    let (ms, frac) = fraction(text, at + 8);
    let year_at = at + 8 + frac + 1;
    let wall_ms = wall(digits(text, year_at, 4)?, m, d, hms(text, at)?, ms)?;
    Some((Stamp { wall_ms, offset_s: None }, year_at + 4))
}

pub(super) fn read_syslog(text: &[u8], hint: YearHint) -> Option<(Stamp, usize)> {
    let (m, d, at) = month_day(text)?;
    let (ms, frac) = fraction(text, at + 8);
    let time = hms(text, at)?;
    let latest = hint.0.saturating_add(86_400_000);
    let year = 1970 + hint.0.div_euclid(31_556_952_000);
    let wall_ms = [year + 1, year, year - 1].into_iter().filter_map(|y| wall(y, m, d, time, ms)).find(|&w| w <= latest)?;
    Some((Stamp { wall_ms, offset_s: None }, at + 8 + frac))
}

pub(super) fn read_epoch(text: &[u8]) -> Option<(Stamp, usize)> {
    let n = text.iter().take_while(|b| b.is_ascii_digit()).count();
    // Eighteen digits always fit; nineteen may not, and more are no time.
    let v = match n {
        0..=18 => digits(text, 0, n)?,
        19 => digits(text, 0, 18)?.checked_mul(10)?.checked_add(digits(text, 18, 1)?)?,
        _ => return None,
    };
    let (frac_ms, frac) = fraction(text, n);
    let ms = match n {
        EPOCH_DIGITS..=10 => v * 1000 + frac_ms,
        12..=13 => v,
        15..=16 => v / 1000,
        18..=19 => v / 1_000_000,
        _ => return None,
    };
    Some((Stamp { wall_ms: ms, offset_s: Some(0) }, n + frac))
}

pub(super) fn read_strftime(text: &[u8], format: &str) -> Option<(Stamp, usize)> {
    let text =
        std::str::from_utf8(&text[..text.len().min(64)]).or_else(|e| std::str::from_utf8(&text[..e.valid_up_to()])).ok()?;
    if let Ok((t, rest)) = chrono::DateTime::parse_and_remainder(text, format) {
        let offset = t.offset().local_minus_utc();
        let wall_ms = t.timestamp_millis() + i64::from(offset) * 1000;
        return Some((Stamp { wall_ms, offset_s: Some(offset) }, text.len() - rest.len()));
    }
    let (t, rest) = NaiveDateTime::parse_and_remainder(text, format).ok()?;
    Some((Stamp { wall_ms: t.and_utc().timestamp_millis(), offset_s: None }, text.len() - rest.len()))
}
