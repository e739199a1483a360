//! Reading the time at the head of a line, without allocating and without a calendar library on the hot path.
//!
//! Every reader takes a prefix of the text and says how long it was. A stamp without a zone stays local: turning it into UTC
//! is the clock's task.

mod spelling;

use chrono::NaiveDate;

use spelling::{
    MINUTE, iso_minute, read_clf, read_ctime, read_dotted, read_epoch, read_iso, read_iso_behind, read_strftime, read_syslog,
};

/// An instant as a line states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Milliseconds since 1970-01-01 on the wall clock that wrote the line (UTC only if `offset_s` is 0).
    pub wall_ms: i64,
    /// The offset that the line states, in seconds east of UTC.
    pub offset_s: Option<i32>,
}

impl Stamp {
    /// Milliseconds since the epoch: UTC where the line states its zone, wall time otherwise.
    #[inline]
    pub fn ms(self) -> i64 {
        self.wall_ms - i64::from(self.offset_s.unwrap_or(0)) * 1000
    }

    /// The whole second of [`Stamp::ms`].
    #[inline]
    pub fn second(self) -> i64 {
        self.ms().div_euclid(1000)
    }
}

/// How a format writes time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeFormat {
    /// `2026-11-21T00:00:39.271+09:00` and its relatives (blank for T, comma for the fraction, `/` in the date, zone optional).
    Iso8601,
    /// `21/Nov/2026:00:00:39 +0900`
    Clf,
    /// `Sat Nov 21 00:00:39 2026`
    Ctime,
    /// `Nov 21 00:00:39`, without a year
    Syslog,
    /// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
    Epoch,
    /// A strftime text.
    Strftime(String),
}

impl TimeFormat {
    /// Reads the name used in definitions.
    ///
    /// # Errors
    /// The text is neither a known name nor a strftime text that holds a date and a time.
    pub fn parse_name(text: &str) -> Result<Self, String> {
        Ok(match text {
            "iso8601" | "nginx" => TimeFormat::Iso8601,
            "clf" => TimeFormat::Clf,
            "ctime" => TimeFormat::Ctime,
            "syslog" => TimeFormat::Syslog,
            "epoch" => TimeFormat::Epoch,
            other if other.contains('%') => {
                let bad = chrono::format::StrftimeItems::new(other).any(|i| matches!(i, chrono::format::Item::Error));
                if bad {
                    return Err(format!("`{other}` is not a strftime text"));
                }
                TimeFormat::Strftime(other.to_owned())
            }
            other => {
                return Err(format!(
                    "`{other}` is no time format; use iso8601, clf, ctime, nginx, syslog, epoch or a strftime text such as %Y-%m-%d %H:%M:%S"
                ));
            }
        })
    }

    /// Whether a stamp may begin with a byte.
    pub fn may_begin(&self, byte: u8) -> bool {
        let is_initial = |names: &[&[u8; 3]]| names.iter().any(|n| n[0] == byte);
        match self {
            TimeFormat::Strftime(_) => true,
            TimeFormat::Epoch => byte.is_ascii_digit(),
            TimeFormat::Syslog => byte.is_ascii_digit() || is_initial(&MONTHS),
            TimeFormat::Iso8601 | TimeFormat::Clf | TimeFormat::Ctime => byte.is_ascii_digit() || is_initial(&DAYS),
        }
    }

    /// Whether no digits in place of those of a text would make it begin with a stamp.
    pub fn is_none_whatever_digits(&self, text: &[u8]) -> bool {
        let named = DAYS.iter().chain(&MONTHS).any(|n| text.starts_with(*n));
        let dated = matches!(text.get(2), Some(b'/' | b'.')) || matches!(text.get(4), Some(b'-' | b'/'));
        let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
        !matches!(self, TimeFormat::Strftime(_)) && !named && (digits == 0 || !dated && digits < EPOCH_DIGITS)
    }

    /// Reads a stamp at the begin of `text`; gives it and its length in bytes.
    ///
    /// The named formats accept one another's spelling, since programs that log JSON or run behind a collector change it.
    pub fn read(&self, text: &[u8], hint: YearHint) -> Option<(Stamp, usize)> {
        match self {
            TimeFormat::Strftime(f) => read_strftime(text, f),
            TimeFormat::Epoch => read_epoch(text),
            TimeFormat::Syslog => read_syslog(text, hint).or_else(|| read_iso(text)),
            TimeFormat::Iso8601 | TimeFormat::Clf | TimeFormat::Ctime => match text.first()? {
                // Werkzeug writes a blank for the colon; servers whose format is the common log format do not.
                b'0'..=b'9' if text.get(2) == Some(&b'/') && (*self != TimeFormat::Clf || text.get(11) == Some(&b':')) => {
                    read_clf(text)
                }
                b'0'..=b'9' if matches!(text.get(4), Some(b'-' | b'/')) => read_iso(text),
                b'0'..=b'9' if text.get(2) == Some(&b'.') => read_dotted(text),
                b'0'..=b'9' => read_epoch(text),
                _ => read_ctime(text),
            },
        }
    }
}

/// Fewest digits of seconds since 1970.
const EPOCH_DIGITS: usize = 9;

/// Days and months as logs write them.
const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
const MONTHS: [&[u8; 3]; 12] = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// What stands in for a year that lines leave out: the latest instant that a line can have (UTC milliseconds; a file's
/// modification time, say). The year is the latest one that does not put the stamp more than a day after it.
#[derive(Debug, Clone, Copy)]
pub struct YearHint(pub i64);

/// The minutes of ISO 8601 times that were read last: most times are of the minute of one before. Requests that are noted when they end and stamped
/// when they began take turns between two.
#[derive(Debug, Clone, Default)]
pub struct LastMinutes([Option<([u8; MINUTE], i64)>; 2]);

impl LastMinutes {
    /// As [`TimeFormat::read`].
    pub fn read(&mut self, format: &TimeFormat, text: &[u8], hint: YearHint) -> Option<(Stamp, usize)> {
        if *format != TimeFormat::Iso8601 {
            return format.read(text, hint);
        }
        let Some(begin) = text.first_chunk() else { return format.read(text, hint) };
        if let Some((_, minute)) = self.0.iter().flatten().find(|(known, _)| known == begin) {
            return read_iso_behind(text, *minute);
        }
        let Some(minute) = iso_minute(text) else { return format.read(text, hint) };
        self.0 = [Some((*begin, minute)), self.0[0]];
        read_iso_behind(text, minute)
    }
}

/// Reads the spelling of times in samples and flags: ISO 8601 with or without a zone.
pub fn read_iso_whole(text: &str) -> Option<Stamp> {
    let bytes = text.trim().as_bytes();
    if let Some((stamp, len)) = read_iso(bytes) {
        return (len == bytes.len()).then_some(stamp);
    }
    let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
    Some(Stamp { wall_ms: day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis(), offset_s: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HINT: YearHint = YearHint(1_795_219_200_000); // 2026-11-21T00:00:00Z

    fn read(f: TimeFormat, text: &str) -> (String, Option<i32>, usize) {
        let (s, n) = f.read(text.as_bytes(), HINT).unwrap_or_else(|| panic!("not read: {text}"));
        let t = chrono::DateTime::from_timestamp_millis(s.wall_ms).unwrap();
        (t.format("%Y-%m-%dT%H:%M:%S%.3f").to_string(), s.offset_s, n)
    }

    #[test]
    fn reads_each_spelling() {
        let cases = [
            (TimeFormat::Iso8601, "2026-11-21T00:00:39.271456Z x", "2026-11-21T00:00:39.271", Some(0), 27),
            (TimeFormat::Iso8601, "2026/11/21 00:00:39 [error]", "2026-11-21T00:00:39.000", None, 19),
            (TimeFormat::Iso8601, "2026-11-21 10:29:01,402 WARNING", "2026-11-21T10:29:01.402", None, 23),
            (TimeFormat::Iso8601, "2026-11-21 10:29:01 +0900] [1]", "2026-11-21T10:29:01.000", Some(32_400), 25),
            (TimeFormat::Iso8601, "2026-11-21 00:11:52.614 UTC [8276]", "2026-11-21T00:11:52.614", Some(0), 27),
            (TimeFormat::Clf, "21/Nov/2026:10:29:02 -0530] x", "2026-11-21T10:29:02.000", Some(-19_800), 26),
            (TimeFormat::Ctime, "21.11.2026 00:00:39 - x", "2026-11-21T00:00:39.000", None, 19),
            (TimeFormat::Ctime, "21.11.2026 00:00:39.271 +0900", "2026-11-21T00:00:39.271", Some(32_400), 29),
            (TimeFormat::Ctime, "Sat Nov  1 00:04:07 2026] GET", "2026-11-01T00:04:07.000", None, 24),
            (TimeFormat::Ctime, "Sat Nov 1 00:04:07 2026] GET", "2026-11-01T00:04:07.000", None, 23),
            (TimeFormat::Syslog, "Nov 21 09:05:13.371789 vm", "2026-11-21T09:05:13.371", None, 22),
            (TimeFormat::Syslog, "Dec 31 23:59:59 vm", "2025-12-31T23:59:59.000", None, 15),
            (TimeFormat::Epoch, "1795219239.500 x", "2026-11-21T00:00:39.500", Some(0), 14),
        ];
        for (f, text, time, offset, len) in cases {
            assert_eq!(read(f, text), (time.to_owned(), offset, len), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_minute_before_makes_no_difference(
            before in "2026[-/]11[-/]2[01]T[ 0-2][0-9]:[0-9][0-9]:[0-6]?[0-9]",
            same in 0usize..20,
            text in "2026[-/]11[-/]2[01][Tt ][ 0-2][0-9]:[0-9][0-9]:[0-6]?[0-9]([.,][0-9]{0,7})?(Z| UTC|[+]0900)?|2./Nov/2026:00:00:00|179521923[0-9]",
        ) {
            let text = format!("{}{}", &before[..same.min(before.len())], text.get(same..).unwrap_or_default());
            for format in [TimeFormat::Iso8601, TimeFormat::Clf] {
                let mut last = LastMinutes::default();
                last.read(&format, before.as_bytes(), HINT);
                prop_assert_eq!(last.read(&format, text.as_bytes(), HINT), format.read(text.as_bytes(), HINT));
            }
        }
    }

    #[test]
    fn an_address_is_no_date() {
        for text in ["10.11.2026.4 - - [21", "10.11.20.26 00:00:39", "32.11.2026 00:00:39", "21.13.2026 00:00:39", "21.11.2026"] {
            assert_eq!(TimeFormat::Ctime.read(text.as_bytes(), HINT), None, "{text}");
        }
    }

    #[test]
    fn a_hint_at_the_end_of_time_is_a_hint() {
        for hint in [i64::MAX, i64::MIN] {
            let read = TimeFormat::Syslog.read(b"Dec 31 23:59:59 vm", YearHint(hint));
            assert!(read.is_none(), "there is no such year: {read:?}");
        }
    }

    #[test]
    fn an_epoch_of_too_many_digits_is_none() {
        let read = |text: &str| TimeFormat::Epoch.read(text.as_bytes(), HINT);
        assert!(read("1795219239500000000").is_some());
        for text in ["9999999999999999999", "99999999999999999999", &"2".repeat(111)] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_user_format_is_strftime() {
        let f = TimeFormat::parse_name("%d.%m.%Y %H:%M:%S").unwrap();
        assert_eq!(read(f, "21.11.2026 00:00:39 x"), ("2026-11-21T00:00:39.000".to_owned(), None, 19));
        assert!(TimeFormat::parse_name("whenever").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in proptest::collection::vec(any::<u8>(), 0..64)) {
            for f in [TimeFormat::Iso8601, TimeFormat::Clf, TimeFormat::Ctime, TimeFormat::Syslog, TimeFormat::Epoch,
                      TimeFormat::Strftime("%Y-%m-%d %H:%M:%S %z".into())] {
                if let Some((_, n)) = f.read(&text, HINT) {
                    prop_assert!(n <= text.len());
                }
            }
        }

        #[test]
        fn what_is_no_stamp_whatever_its_digits_is_none(text in "(Nov|Sat|x|[0-9]|[ :/.-]){0,24}") {
            for f in [TimeFormat::Iso8601, TimeFormat::Clf, TimeFormat::Ctime, TimeFormat::Syslog, TimeFormat::Epoch] {
                prop_assert!(!f.is_none_whatever_digits(text.as_bytes()) || f.read(text.as_bytes(), HINT).is_none(), "{:?} {}", f, text);
            }
        }

        #[test]
        fn printing_and_reading_agree(ms in 0i64..4_000_000_000_000, offset in -50400i32..50400) {
            let offset = offset / 60 * 60;
            let zone = chrono::FixedOffset::east_opt(offset).unwrap();
            let t = chrono::DateTime::from_timestamp_millis(ms).unwrap().with_timezone(&zone);
            let iso = t.format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
            prop_assert_eq!(read_iso_whole(&iso).unwrap().ms(), ms);
            let clf = t.format("%d/%b/%Y:%H:%M:%S %z").to_string();
            prop_assert_eq!(TimeFormat::Clf.read(clf.as_bytes(), HINT).unwrap().0.ms(), ms / 1000 * 1000);
        }
    }
}
