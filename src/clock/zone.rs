//! Zones as people name them, and which sources a `--tz` rule speaks of.

use chrono::{DateTime, MappedLocalTime, Offset, TimeZone};
use chrono_tz::Tz;
use globset::{Glob, GlobMatcher};

use crate::lang::Saying;
use crate::suggest;

/// A zone as the user or a line gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ZoneShift {
    /// Seconds east of UTC.
    Fixed(i32),
    /// A named zone with its history of offsets.
    Named(Tz),
}

impl ZoneShift {
    /// Reads `Asia/Tokyo`, `UTC`, `+09:00`, `+0900`, `-5`.
    ///
    /// # Errors
    /// The text is neither, and what would be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || format!("`{text}` is no zone; write an IANA name such as Asia/Tokyo, or an offset such as +09:00");
        if let Some(digits) = text.strip_prefix(['+', '-']) {
            let (h, m) = digits.split_once(':').unwrap_or(if digits.len() == 4 { digits.split_at(2) } else { (digits, "0") });
            let (h, m): (i32, i32) = (h.parse().map_err(|_| wrong())?, m.parse().map_err(|_| wrong())?);
            if h > 14 || m > 59 {
                return Err(wrong());
            }
            let s = h * 3600 + m * 60;
            return Ok(ZoneShift::Fixed(if text.starts_with('-') { -s } else { s }));
        }
        if text.eq_ignore_ascii_case("z") {
            return Ok(ZoneShift::Fixed(0));
        }
        Tz::from_str_insensitive(text).map(ZoneShift::Named).map_err(|_| nearest_zone(text).unwrap_or_else(wrong))
    }

    /// The offset in force at a second of the wall clock. Of a time that occurs twice the first is meant, or the `second_of_fold`; where
    /// the clocks were put forward over it, the offset before holds on.
    pub fn offset_at_wall(self, wall: i64, second_of_fold: bool) -> i32 {
        match self {
            ZoneShift::Fixed(s) => s,
            ZoneShift::Named(tz) => {
                let Some(local) = DateTime::from_timestamp(wall, 0).map(|t| t.naive_utc()) else {
                    return 0;
                };
                match tz.offset_from_local_datetime(&local) {
                    MappedLocalTime::Single(o) => o.fix().local_minus_utc(),
                    MappedLocalTime::Ambiguous(first, second) => {
                        if second_of_fold { second } else { first }.fix().local_minus_utc()
                    }
                    // Before the gap the offset was that of an instant a day earlier: no zone changes twice a day.
                    MappedLocalTime::None => self.offset_at_utc(wall - 86_400),
                }
            }
        }
    }

    /// Whether a second of the wall clock occurs twice.
    pub fn is_ambiguous(self, wall: i64) -> bool {
        let ZoneShift::Named(tz) = self else { return false };
        let local = DateTime::from_timestamp(wall, 0).map(|t| t.naive_utc());
        local.is_some_and(|l| matches!(tz.offset_from_local_datetime(&l), MappedLocalTime::Ambiguous(..)))
    }

    /// The changes of offset between two seconds of the wall clock (looked for in at most ten years).
    pub fn changes_within(self, from: i64, to: i64) -> Vec<SeasonChange> {
        let mut changes = Vec::new();
        let mut before = self.offset_at_wall(from, false);
        let hours = ((to - from) / 3600 + 2).min(10 * 8784);
        for hour in 0..hours {
            let at = (from - i64::from(before)).div_euclid(3600) * 3600 + hour * 3600;
            let after = self.offset_at_utc(at);
            if after != before && at + i64::from(before) <= to {
                changes.push(SeasonChange { at, before, after });
            }
            if after != before {
                before = after;
            }
        }
        changes
    }

    /// The offset in force at a second of UTC.
    pub fn offset_at_utc(self, second: i64) -> i32 {
        match self {
            ZoneShift::Fixed(s) => s,
            ZoneShift::Named(tz) => DateTime::from_timestamp(second, 0)
                .map_or(0, |t| tz.offset_from_utc_datetime(&t.naive_utc()).fix().local_minus_utc()),
        }
    }

    /// A short name for people.
    pub fn name(self) -> String {
        match self {
            ZoneShift::Named(tz) => tz.name().to_owned(),
            ZoneShift::Fixed(s) => {
                let sign = if s < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", s.abs() / 3600, s.abs() / 60 % 60)
            }
        }
    }
}

/// A zone's clocks were put forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeasonChange {
    /// The UTC second.
    pub at: i64,
    /// Seconds east of UTC before.
    pub before: i32,
    /// Seconds east of UTC after.
    pub after: i32,
}

impl SeasonChange {
    /// What it does to local times, in words.
    pub fn in_words(self) -> Saying {
        let wall = |offset: i32, format: &str| {
            let at = DateTime::from_timestamp(self.at + i64::from(offset), 0).unwrap_or_default();
            at.format(format).to_string()
        };
        let (day, old, new) = (wall(self.before, "%Y-%m-%d"), wall(self.before, "%H:%M"), wall(self.after, "%H:%M"));
        let values = [("day", day.as_str()), ("old", old.as_str()), ("new", new.as_str())];
        if self.after > self.before {
            Saying::with("clock-went-forward", &values)
        } else {
            Saying::with("clock-went-back", &values)
        }
    }
}

/// A `--tz` rule: which sources, which zone.
#[derive(Debug, Clone)]
pub struct ZoneRule {
    matcher: Option<GlobMatcher>,
    text: String,
    zone: ZoneShift,
}

impl ZoneRule {
    /// Reads `SOURCE=ZONE`, or `ZONE` for every source that states none.
    ///
    /// # Errors
    /// The glob or the zone is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (source, zone) = text.rsplit_once('=').unwrap_or(("", text));
        let matcher = match source {
            "" => None,
            s => Some(Glob::new(s).map_err(|e| format!("`{s}` is no path or glob: {e}"))?.compile_matcher()),
        };
        Ok(ZoneRule { matcher, text: source.to_owned(), zone: ZoneShift::parse(zone)? })
    }

    /// The zone that it gives.
    pub fn zone(&self) -> ZoneShift {
        self.zone
    }

    /// Whether the rule speaks of a source: by its path, a glob over it, its file name, a folder of it, or its parser.
    pub(super) fn covers(&self, path: &str, parser: &str) -> bool {
        let Some(m) = &self.matcher else { return true };
        parser == self.text
            || m.is_match(path)
            || path.rsplit('/').next().is_some_and(|f| m.is_match(f))
            || path.split('/').any(|part| part == self.text)
    }
}

/// What to say of a name that is no zone's: the nearest that is one's, by its whole name or by its city.
fn nearest_zone(text: &str) -> Option<String> {
    /// There are six hundred names.
    const ALIKE: f64 = 0.7;
    let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|z| z.name());
    let near = if text.contains('/') {
        suggest::nearest_beyond(ALIKE, text, names())?
    } else {
        let near = suggest::nearest_beyond(ALIKE, text, names().map(city))?;
        names().find(|n| city(n) == near)?
    };
    Some(format!("`{text}` is no zone; did you mean {near}? An offset such as +09:00 will do as well"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_as_people_write_them() {
        assert_eq!(ZoneShift::parse("+09:00").unwrap(), ZoneShift::Fixed(32_400));
        assert_eq!(ZoneShift::parse("-0330").unwrap(), ZoneShift::Fixed(-12_600));
        assert_eq!(ZoneShift::parse("asia/tokyo").unwrap(), ZoneShift::Named(chrono_tz::Asia::Tokyo));
        assert!(ZoneShift::parse("Tokio").is_err() && ZoneShift::parse("+99").is_err());
    }

    #[test]
    fn named_zones_know_their_seasons() {
        let ny = ZoneShift::parse("America/New_York").unwrap();
        assert_eq!(ny.offset_at_wall(1_795_219_200, false), -5 * 3600); // November
        assert_eq!(ny.offset_at_wall(1_782_000_000, false), -4 * 3600); // June
    }

    #[test]
    fn hours_that_occur_twice_or_never() {
        let berlin = ZoneShift::parse("Europe/Berlin").unwrap();
        // 2026-10-25: at 03:00 summer time the clocks go back to 02:00.
        let half_past_two = 1_792_895_400; // 02:30 on the wall
        assert!(berlin.is_ambiguous(half_past_two) && !berlin.is_ambiguous(half_past_two - 7200));
        assert_eq!(berlin.offset_at_wall(half_past_two, false), 7200);
        assert_eq!(berlin.offset_at_wall(half_past_two, true), 3600);
        let change = berlin.changes_within(half_past_two - 86_400, half_past_two + 86_400);
        assert_eq!(change.len(), 1);
        assert!(change[0].in_words().to_string().starts_with("the clocks went back on 2026-10-25 at 03:00: times from 02:00 on"));
        // 2026-03-29: from 02:00 to 03:00 there is nothing; the offset before holds on.
        assert_eq!(berlin.offset_at_wall(1_774_751_400, false), 3600); // 02:30
        let spring = berlin.changes_within(1_774_751_400 - 86_400, 1_774_751_400 + 86_400);
        assert!(
            spring[0].in_words().to_string().contains("forward on 2026-03-29 at 02:00: there are no times from then to 03:00")
        );
        assert!(ZoneShift::Fixed(0).changes_within(0, 4_000_000_000).is_empty());
    }

    #[test]
    fn rules_cover_paths_globs_folders_and_parsers() {
        let covers = |rule: &str, path: &str| ZoneRule::parse(rule).unwrap().covers(path, "uwsgi");
        assert!(covers("Asia/Tokyo", "a/b.log") && covers("uwsgi=Asia/Tokyo", "a/b.log") && covers("a=+9", "a/b.log"));
        assert!(covers("*.log=UTC", "a/b.log") && covers("a/b.log=UTC", "a/b.log") && !covers("nginx=UTC", "a/b.log"));
        assert!(ZoneRule::parse("x=Nowhere/At_All").is_err());
    }
}
