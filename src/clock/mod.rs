//! Zones that lines do not state: from the wall clock of a source to UTC, with the reason and how sure it is.

pub mod correlate;
pub mod infer;

use chrono::{MappedLocalTime, Offset, TimeZone};
use chrono_tz::Tz;
use globset::{Glob, GlobMatcher};

use crate::parser::catalog::Catalog;
use crate::parser::tally::SourceTally;
use crate::scanned::{Scan, Source, SourceId};

/// Why a source's shift to UTC is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Its lines say so.
    Stated,
    /// The user said so.
    Given,
    /// Found from other sources.
    Inferred,
    /// Nothing tells: UTC was taken.
    Assumed,
}

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
        Tz::from_str_insensitive(text).map(ZoneShift::Named).map_err(|_| wrong())
    }

    /// The offset in force at a second of the wall clock. In a fold the first of the two is taken; in a gap, the one before it.
    pub fn offset_at_wall(self, wall: i64) -> i32 {
        match self {
            ZoneShift::Fixed(s) => s,
            ZoneShift::Named(tz) => {
                let Some(local) = chrono::DateTime::from_timestamp(wall, 0).map(|t| t.naive_utc()) else {
                    return 0;
                };
                match tz.offset_from_local_datetime(&local) {
                    MappedLocalTime::Single(o) | MappedLocalTime::Ambiguous(o, _) => o.fix().local_minus_utc(),
                    MappedLocalTime::None => tz.offset_from_utc_datetime(&local).fix().local_minus_utc(),
                }
            }
        }
    }

    /// The offset in force at a second of UTC.
    pub fn offset_at_utc(self, second: i64) -> i32 {
        match self {
            ZoneShift::Fixed(s) => s,
            ZoneShift::Named(tz) => chrono::DateTime::from_timestamp(second, 0)
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

    /// Whether the rule speaks of a source: by its path, a glob over it, its file name, a folder of it, or its parser.
    fn covers(&self, path: &str, parser: &str) -> bool {
        let Some(m) = &self.matcher else { return true };
        parser == self.text
            || m.is_match(path)
            || path.rsplit('/').next().is_some_and(|f| m.is_match(f))
            || path.split('/').any(|part| part == self.text)
    }
}

/// The shift of one source.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Zone of its stamps.
    pub zone: ZoneShift,
    /// Seconds by which its clock runs ahead; negative when it runs behind.
    pub skew_s: f64,
    /// Why.
    pub basis: Basis,
    /// 0…1.
    pub confidence: f64,
    /// The reason in words.
    pub because: String,
    /// Its tallies are in UTC already: the lines state their zone.
    pub in_utc: bool,
}

impl Clock {
    /// UTC second of a second of the source.
    pub fn utc(&self, second: i64) -> i64 {
        let zone = if self.in_utc { 0 } else { i64::from(self.zone.offset_at_wall(second)) };
        second - zone - self.skew_s.round() as i64
    }

    fn stated(offset_s: i32) -> Self {
        let because = "its lines state it".to_owned();
        Clock { zone: ZoneShift::Fixed(offset_s), skew_s: 0.0, basis: Basis::Stated, confidence: 0.99, because, in_utc: true }
    }
}

/// Finds the clock of every source, in the order of [`Scan::sources`].
pub fn read_clocks(scan: &Scan, catalog: &Catalog, rules: &[ZoneRule]) -> Vec<Clock> {
    let mut clocks: Vec<Option<Clock>> = scan
        .sources
        .iter()
        .map(|s| {
            let tally = scan.tally(s.id);
            if tally.stated == Some(true) {
                return Some(Clock::stated(tally.offset_s.unwrap_or(0)));
            }
            let parser = &catalog.formats[tally.format].definition.name;
            rules.iter().find(|r| r.covers(&s.path, parser)).map(|r| Clock {
                zone: r.zone,
                skew_s: 0.0,
                basis: Basis::Given,
                confidence: 0.95,
                because: "given with --tz".to_owned(),
                in_utc: false,
            })
        })
        .collect();
    infer::infer_skew(scan, catalog, &mut clocks);
    for s in &scan.sources {
        if clocks[s.id.0].is_none() {
            clocks[s.id.0] = same_server(scan, s.id, &clocks);
        }
    }
    infer::infer(scan, catalog, &mut clocks);
    // A log beside one whose clock was found is of the same server.
    for s in &scan.sources {
        if clocks[s.id.0].is_none() {
            clocks[s.id.0] = same_folder(scan, s.id, &clocks);
        }
    }
    for s in &scan.sources {
        if clocks[s.id.0].is_none() && s.lender.is_none() {
            clocks[s.id.0] = by_overlap(scan, s.id, &clocks);
        }
    }
    let mut clocks: Vec<Clock> = clocks
        .into_iter()
        .map(|c| {
            c.unwrap_or_else(|| Clock {
                zone: ZoneShift::Fixed(0),
                skew_s: 0.0,
                basis: Basis::Assumed,
                confidence: 0.5,
                because: "its lines state no zone and no neighbour tells: taken as UTC; say it with --tz".to_owned(),
                in_utc: false,
            })
        })
        .collect();
    // Lines without a stamp live on the clock of the neighbour whose stamp they took.
    for s in &scan.sources {
        if let Some(lender) = s.lender {
            clocks[s.id.0] = clocks[lender.0].clone();
        }
    }
    clocks
}

/// A source that, taken as UTC, never meets the others, and does in one zone that another source is in.
fn by_overlap(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    let (a, b) = scan.tally(id).span?;
    let known: Vec<(i64, i64, i32)> = scan
        .sources
        .iter()
        .filter_map(|s| {
            let (clock, (from, to)) = (clocks[s.id.0].as_ref()?, scan.tally(s.id).span?);
            Some((clock.utc(from), clock.utc(to), clock.zone.offset_at_wall(from)))
        })
        .collect();
    let begin = known.iter().map(|k| k.0).min()?;
    let end = known.iter().map(|k| k.1).max()?;
    let meets = |offset: i32| {
        let (from, to) = (a - i64::from(offset), b - i64::from(offset));
        to.min(end) - from.max(begin) >= (b - a).min(end - begin) / 2
    };
    let mut offsets: Vec<i32> = known.iter().map(|k| k.2).chain([0]).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let fitting: Vec<i32> = offsets.into_iter().filter(|o| meets(*o)).collect();
    match fitting.as_slice() {
        [offset] if *offset != 0 => Some(Clock {
            zone: ZoneShift::Fixed(*offset),
            skew_s: 0.0,
            basis: Basis::Inferred,
            confidence: 0.7,
            because: format!("only in {} do its times meet those of the other sources", ZoneShift::Fixed(*offset).name()),
            in_utc: false,
        }),
        _ => None,
    }
}

/// A log of the same server that states its zone: one in the same folder, if all that do agree.
fn same_server(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    let stated = |s: &&Source| scan.tally(s.id).stated == Some(true) && scan.tally(s.id).period_s == 1;
    neighbour(scan, id, clocks, stated, "states it")
}

/// A log of the same server whose zone was found.
fn same_folder(scan: &Scan, id: SourceId, clocks: &[Option<Clock>]) -> Option<Clock> {
    neighbour(scan, id, clocks, |s| scan.tally(s.id).period_s == 1, "has it")
}

fn neighbour(scan: &Scan, id: SourceId, clocks: &[Option<Clock>], fits: impl Fn(&&Source) -> bool, how: &str) -> Option<Clock> {
    let me = scan.source(id);
    if me.folder().is_empty() {
        return None;
    }
    let beside = |s: &&Source| s.id != id && s.folder() == me.folder();
    let mut known = scan.sources.iter().filter(beside).filter(fits).filter_map(|s| Some((s, clocks[s.id.0].as_ref()?)));
    let (source, clock) = known.next()?;
    let offset = |c: &Clock, t: &SourceTally| t.span.map_or(0, |(a, _)| c.zone.offset_at_wall(a));
    let own = offset(clock, scan.tally(source.id));
    if known.any(|(s, c)| offset(c, scan.tally(s.id)) != own) {
        return None;
    }
    Some(Clock {
        zone: clock.zone,
        skew_s: clock.skew_s,
        basis: Basis::Inferred,
        confidence: 0.9_f64.min(clock.confidence),
        because: format!("{} of the same server {how}", source.path),
        in_utc: false,
    })
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
        assert_eq!(ny.offset_at_wall(1_795_219_200), -5 * 3600); // November
        assert_eq!(ny.offset_at_wall(1_782_000_000), -4 * 3600); // June
    }

    #[test]
    fn rules_cover_paths_globs_folders_and_parsers() {
        let covers = |rule: &str, path: &str| ZoneRule::parse(rule).unwrap().covers(path, "uwsgi");
        assert!(covers("Asia/Tokyo", "a/b.log") && covers("uwsgi=Asia/Tokyo", "a/b.log") && covers("a=+9", "a/b.log"));
        assert!(covers("*.log=UTC", "a/b.log") && covers("a/b.log=UTC", "a/b.log") && !covers("nginx=UTC", "a/b.log"));
        assert!(ZoneRule::parse("x=Nowhere/At_All").is_err());
    }
}
