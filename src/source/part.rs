//! Which part of a file can matter where only a stretch of time is asked for: a large log in the order of time is entered near the begin of that
//! stretch and left behind its end.
//!
//! What would be shown otherwise is not left out but where a clock is wrong by more than an hour: zones that lines do not state are allowed for, what is near by is read too
//! (clocks are found from it), and a log that does not look sorted is read whole.

use memchr::{memchr, memchr_iter, memrchr};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::read::{is_document, no_text};
use super::text::{Written, written};
use crate::parser::catalog::Catalog;
use crate::parser::scan::{MAX_LINE, possible_span};
use crate::parser::stamp::YearHint;

/// Seconds that are read before and behind what is asked for: clocks run wrong, and a line's time may be the begin or the end of what it tells.
const NEAR_S: i64 = 3600;

/// A file that was last written so long before what is asked for holds nothing of it, whatever zone its time was unpacked in.
const OLD_S: i64 = 26 * 3600;

/// Bytes looked at in one place.
const LOOK: usize = 64 * 1024;

/// Places that are looked at to see whether a file is sorted.
const LOOKS: u64 = 64;

/// Lines of busy workers are out of order by less.
const DISORDER_S: i64 = 600;

/// Bytes between two places where looking closer ends.
const CLOSE: u64 = 1 << 20;

/// Bytes counted at once.
const STRIDE: usize = 256 * 1024;

/// The stretch of time that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    from: Option<i64>,
    to: Option<i64>,
    /// Smaller files are read whole.
    large: u64,
    /// So many bytes before and behind are read in any case.
    spare: u64,
}

impl Default for Wanted {
    /// All there is.
    fn default() -> Self {
        Wanted::between(None, None)
    }
}

/// What a look at one place of a file saw.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: u64,
    /// The UTC seconds between which the stamps there lie.
    earliest: i64,
    latest: i64,
}

impl Wanted {
    /// From one UTC second on, and before another.
    pub fn between(from: Option<i64>, to: Option<i64>) -> Self {
        Wanted { from, to, large: 256 << 20, spare: 128 << 20 }
    }

    fn is_all(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    fn begins_behind(&self, latest: i64) -> bool {
        self.from.is_some_and(|from| latest < from.saturating_sub(NEAR_S))
    }

    fn ends_before(&self, earliest: i64) -> bool {
        self.to.is_some_and(|to| earliest > to.saturating_add(NEAR_S))
    }

    /// Whether nothing of a file can lie in it: `head` are its first lines, `modified` the UTC second at which it was last written, `size` the
    /// bytes that reading it would take.
    pub(super) fn excludes(&self, catalog: &Catalog, hint: YearHint, head: &[u8], modified: Option<i64>, size: u64) -> bool {
        if self.is_all() || size < self.large / 32 {
            return false;
        }
        let Some((earliest, _)) = possible_span(catalog, hint, whole_lines(head)) else { return false };
        // A file whose first line is younger than its last word was given another date by somebody.
        let old = |m: i64| self.begins_behind(m.saturating_add(OLD_S)) && earliest <= m.saturating_add(OLD_S);
        self.ends_before(earliest) || modified.is_some_and(old)
    }

    /// The bytes of a file that can matter; nothing where all of it can, or nobody can tell, and then the file stands at its begin. Both ends
    /// are begins of lines.
    pub(super) fn part(&self, file: &mut File, catalog: &Catalog, hint: YearHint) -> Option<Range<u64>> {
        let size = file.metadata().ok().filter(|m| m.is_file())?.len();
        if self.is_all() || size < self.large {
            return None;
        }
        let found = self.search(&mut Looking { file, size, catalog, hint });
        let found = file.rewind().and(found).ok().flatten();
        found.filter(|part| part.start > 0 || part.end < size)
    }

    fn search(&self, looking: &mut Looking<'_>) -> io::Result<Option<Range<u64>>> {
        let size = looking.size;
        if !looking.is_plain_log()? {
            return Ok(None);
        }
        let mut seen: Vec<Seen> = Vec::new();
        for i in 0..LOOKS {
            seen.extend(looking.look(size / LOOKS * i)?);
        }
        let falls =
            |pair: &[Seen]| pair[1].earliest < pair[0].earliest - DISORDER_S || pair[1].latest < pair[0].latest - DISORDER_S;
        if seen.len() < LOOKS as usize / 2 || seen.windows(2).any(falls) {
            return Ok(None);
        }
        let before = seen.partition_point(|s| self.begins_behind(s.latest));
        let behind = seen.partition_point(|s| !self.ends_before(s.earliest));
        let mut start = 0;
        if let Some(last) = before.checked_sub(1).map(|i| seen[i]) {
            let end = seen.get(before).map_or(size, |s| s.at);
            start = looking.closer(last.at..end, |s| self.begins_behind(s.latest))?.start;
        }
        let mut end = size;
        if let Some(first) = seen.get(behind) {
            let begin = behind.checked_sub(1).map_or(0, |i| seen[i].at);
            end = looking.closer(begin..first.at, |s| !self.ends_before(s.earliest))?.end;
        }
        let start = looking.line_begin(start.saturating_sub(self.spare))?;
        let end = looking.line_begin(end.saturating_add(self.spare).min(size))?;
        Ok(start.zip(end).map(|(start, end)| start..end.max(start)))
    }
}

/// A file that is looked into here and there.
struct Looking<'f> {
    file: &'f mut File,
    size: u64,
    catalog: &'f Catalog,
    hint: YearHint,
}

impl Looking<'_> {
    fn read(&mut self, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(at))?;
        let mut text = Vec::with_capacity(bytes);
        self.file.take(bytes as u64).read_to_end(&mut text)?;
        Ok(text)
    }

    /// Whether it is text as it stands there, and of lines.
    fn is_plain_log(&mut self) -> io::Result<bool> {
        let head = self.read(0, LOOK)?;
        let plain = matches!(written(&head), Written::Utf8 | Written::MarkedUtf8(_));
        Ok(plain && no_text(&head).is_none() && !is_document(&head))
    }

    /// What the lines say that begin behind a place.
    fn look(&mut self, at: u64) -> io::Result<Option<Seen>> {
        let text = self.read(at, LOOK)?;
        let begin = if at == 0 { 0 } else { memchr(b'\n', &text).map_or(text.len(), |i| i + 1) };
        let span = possible_span(self.catalog, self.hint, whole_lines(&text[begin..]));
        Ok(span.map(|(earliest, latest)| Seen { at, earliest, latest }))
    }

    /// Narrows a range at whose begin something holds that no longer does at its end.
    fn closer(&mut self, mut range: Range<u64>, holds: impl Fn(Seen) -> bool) -> io::Result<Range<u64>> {
        while range.end - range.start > CLOSE {
            let middle = range.start + (range.end - range.start) / 2;
            // Where nothing has a time, the range stays as wide as it is.
            let Some(seen) = self.look(middle)? else { break };
            if holds(seen) {
                range.start = middle;
            } else {
                range.end = middle;
            }
        }
        Ok(range)
    }

    /// Where the next line begins from a place on; nothing where no line ends.
    fn line_begin(&mut self, at: u64) -> io::Result<Option<u64>> {
        if at == 0 || at >= self.size {
            return Ok(Some(at.min(self.size)));
        }
        let text = self.read(at, 2 * MAX_LINE)?;
        Ok(memchr(b'\n', &text).map(|i| at + i as u64 + 1))
    }
}

/// A text up to its last line end.
fn whole_lines(text: &[u8]) -> &[u8] {
    &text[..memrchr(b'\n', text).map_or(0, |i| i + 1)]
}

/// How many lines end before a place of a file, which is read up to there.
///
/// # Errors
/// It cannot be read.
pub(super) fn lines_before(file: &mut File, place: u64) -> io::Result<u64> {
    file.rewind()?;
    let (mut left, mut lines, mut buffer) = (place, 0, vec![0; STRIDE]);
    while left > 0 {
        let stride = usize::try_from(left).map_or(STRIDE, |l| l.min(STRIDE));
        file.read_exact(&mut buffer[..stride])?;
        lines += memchr_iter(b'\n', &buffer[..stride]).count() as u64;
        left -= stride as u64;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Settings, analyze};
    use crate::diagnosis::cause::Causes;
    use crate::parser::tally::FileTally;
    use crate::scanned::{Scan, ScannedFile};
    use crate::source::read::{Bounds, Progress, Reading, scan_within};
    use crate::source::{Input, Place};
    use std::fs;
    use std::io::Write;

    /// 2026-11-21T00:00:00Z
    const MIDNIGHT: i64 = 1_795_219_200;

    /// Two days of requests, one in five seconds, and an hour of failures on the second day; `east_s` seconds east of UTC.
    fn access_log(east_s: i64) -> String {
        let line = |i: i64| {
            let second = MIDNIGHT + 5 * i;
            let local = chrono::DateTime::from_timestamp(second + east_s, 0).unwrap();
            let zone = format!("{:+03}00", east_s / 3600);
            let status = if (130_000..133_600).contains(&(second - MIDNIGHT)) && i % 3 > 0 { 502 } else { 200 };
            format!(
                "10.0.0.{} - - [{} {zone}] \"GET /{i} HTTP/1.1\" {status} 612 \"-\" \"curl\"\n",
                i % 250,
                local.format("%d/%b/%Y:%H:%M:%S")
            )
        };
        (0..2 * 86_400 / 5).map(line).collect()
    }

    /// nginx's error log of the same time, which states no zone.
    fn error_log(east_s: i64) -> String {
        let line = |i: i64| {
            let local = chrono::DateTime::from_timestamp(MIDNIGHT + 5 * i + east_s, 0).unwrap().format("%Y/%m/%d %H:%M:%S");
            let socket = "unix:/run/a.sock failed (11: Resource temporarily unavailable) while connecting to upstream";
            format!(
                "{local} [error] 7#7: *{i} connect() to {socket}, client: 10.0.0.1, server: a, request: \"GET /{i} HTTP/1.1\"\n"
            )
        };
        (0..2 * 86_400 / 5).map(line).collect()
    }

    fn wanted(from: i64, to: i64) -> Wanted {
        Wanted { large: 1 << 20, spare: 64 << 10, ..Wanted::between(Some(MIDNIGHT + from), Some(MIDNIGHT + to)) }
    }

    fn read(catalog: &Catalog, text: &[u8], wanted: Wanted) -> Reading {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        fs::write(&path, text).unwrap();
        let input = Input { name: "a.log".into(), place: Place::File(path) };
        scan_within(catalog, &input, YearHint(0), &Progress::default(), &Bounds { wanted, ..Bounds::default() })
    }

    fn tally(catalog: &Catalog, text: &str, wanted: Wanted) -> FileTally {
        match read(catalog, text.as_bytes(), wanted) {
            Reading::Scanned(tally) => *tally,
            Reading::Skipped(why) => panic!("{why}"),
        }
    }

    #[test]
    fn a_part_tells_of_its_time_what_the_whole_tells() {
        let catalog = Catalog::builtin().unwrap();
        let causes = Causes::load(&[], &catalog).unwrap();
        let (from, to) = (129_000, 135_000);
        let settings = Settings { from: Some(MIDNIGHT + from), to: Some(MIDNIGHT + to), ..Settings::default() };
        for text in [access_log(0), access_log(9 * 3600)] {
            let told = |wanted: Wanted| {
                let tally = tally(&catalog, &text, wanted);
                let scan = Scan::new(&catalog, vec![ScannedFile { path: "a.log".into(), tally: tally.clone() }], Vec::new());
                let mut report = analyze(&scan, &catalog, &causes, &settings).unwrap();
                report.sources.clear();
                let remarks = std::mem::take(&mut report.remarks);
                (crate::report::json(&report).unwrap(), tally, remarks)
            };
            let (whole, part) = (told(Wanted::default()), told(wanted(from, to)));
            assert_eq!(part.0, whole.0);
            let lines: Vec<&str> = text.lines().collect();
            let quoted: Vec<_> = part.1.sources[0].signals.values().flat_map(|t| &t.examples).collect();
            assert!(!quoted.is_empty() && quoted.iter().all(|q| lines[q.line as usize - 1] == q.text), "{quoted:?}");
            assert_eq!(whole.1.left_out, 0);
            assert_eq!(part.1.left_out + part.1.bytes, text.len() as u64);
            assert!(part.1.bytes < text.len() as u64 / 4, "{} of {}", part.1.bytes, text.len());
            assert!(part.2.iter().any(|r| r.contains("MiB")) && !whole.2.iter().any(|r| r.contains("MiB")), "{:?}", part.2);
        }
    }

    #[test]
    fn a_log_without_a_zone_is_read_wherever_its_zone_may_be() {
        let catalog = Catalog::builtin().unwrap();
        let (from, to) = (20 * 3600, 21 * 3600);
        for east_s in [-12 * 3600, 0, 9 * 3600, 14 * 3600] {
            let text = error_log(east_s);
            let tally = tally(&catalog, &text, wanted(from, to));
            let cells: Vec<i64> = tally.sources[0].signals.values().flat_map(|t| &t.cells).map(|c| c.second).collect();
            let utc = |second: &i64| (from..to).contains(&(second - east_s - MIDNIGHT));
            assert_eq!(cells.iter().filter(|s| utc(s)).count(), 720, "{east_s} s east");
            assert!(tally.left_out > 0, "{east_s} s east");
        }
    }

    #[test]
    fn what_is_not_sorted_or_has_no_time_is_read_whole() {
        let catalog = Catalog::builtin().unwrap();
        let text = access_log(0);
        let middle = text[..text.len() / 2].rfind('\n').unwrap() + 1;
        let turned = format!("{}{}", &text[middle..], &text[..middle]);
        let wordy = "no time here, and none there\n".repeat(100_000);
        for text in [turned, wordy.clone()] {
            assert_eq!(tally(&catalog, &text, wanted(129_000, 135_000)).left_out, 0);
        }
        // Half of it says nothing, and the rest is in order.
        let half = format!("{wordy}{text}");
        let tally = tally(&catalog, &half, wanted(129_000, 135_000));
        assert_eq!(tally.left_out + tally.bytes, half.len() as u64);
        assert!(tally.sources[0].signals.values().any(|t| t.cells.iter().any(|c| c.second == MIDNIGHT + 130_000)));
    }

    #[test]
    fn files_that_lie_outside_are_not_read() {
        let catalog = Catalog::builtin().unwrap();
        let text = access_log(0);
        let hint = YearHint(0);
        let ask = |from: i64, to: i64, modified: i64, size: u64| {
            wanted(from, to).excludes(&catalog, hint, text.as_bytes(), Some(MIDNIGHT + modified), size)
        };
        let large = 1 << 20;
        assert!(ask(-10_000, -5_000, 172_800, large), "it begins later");
        assert!(!ask(-10_000, -3_000, 172_800, large), "it begins near by");
        assert!(ask(400_000, 500_000, 172_800, large), "it was last written long before");
        assert!(!ask(200_000, 500_000, 172_800, large), "in another zone it would be later");
        assert!(!ask(400_000, 500_000, -200_000, large), "its date was lost");
        assert!(!ask(400_000, 500_000, 172_800, 10), "it is small");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let Reading::Skipped(why) = read(&catalog, &packed, wanted(-10_000, -5_000)) else { panic!("it was read") };
        assert_eq!(why.to_string(), "all its lines lie outside the time asked for");
    }
}
