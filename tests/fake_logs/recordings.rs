//! Recordings as files and as the events that an agent makes of them, and what both come to.

use fivexx::parser::catalog::Catalog;
use fivexx::parser::cut::Fields;
use fivexx::parser::format::Tries;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::insights::Line;

/// The end of the day of the recordings.
pub const NOW: i64 = 1_795_305_600; // 2026-11-22T00:00:00Z

/// The day of the recordings, and the hour before it.
pub const FROM: i64 = NOW - 86_400 - 3600;

/// Second → how often and the sum.
pub type Cells = BTreeMap<i64, (u64, f64)>;

/// By format and signal.
pub type Tallies = BTreeMap<(String, String), Cells>;

/// Signals of the recordings' tracebacks.
pub const UNDATED: [&str; 2] = ["python.dependency_5xx", "python.dependency_refused"];

pub fn tallies(gathered: &Value) -> Tallies {
    let mut all = Tallies::new();
    for s in gathered["files"].as_array().into_iter().flatten().flat_map(|f| f["signals"].as_array().into_iter().flatten()) {
        let key = (s["format"].as_str().unwrap_or("").to_owned(), s["signal"].as_str().unwrap_or("").to_owned());
        let into = all.entry(key).or_default();
        for c in s["cells"].as_array().into_iter().flatten() {
            let cell = into.entry(c[0].as_i64().unwrap_or(0)).or_default();
            cell.0 += c[1].as_u64().unwrap_or(0);
            cell.1 += c[2].as_f64().unwrap_or(0.0);
        }
    }
    all.retain(|_, cells| !cells.is_empty());
    all
}

pub struct LogFile {
    pub folder: String,
    pub name: String,
    pub text: Vec<u8>,
    pub zone_s: i64,
}

/// The servers' logs of a recording (not the load balancer's).
pub fn logs(recording: &str, zones: &[(&str, i64)]) -> Vec<LogFile> {
    let mut files = Vec::new();
    for path in files_under(&sample(recording)) {
        let folder = path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if ["alb", recording].contains(&folder.as_str()) || !path.to_string_lossy().contains(".log") {
            continue;
        }
        let zone_s = zones.iter().find(|(f, _)| *f == folder).map_or(0, |(_, s)| *s);
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        files.push(LogFile { folder, name, text: unpacked(&path), zone_s });
    }
    assert!(files.len() >= 2, "{recording}");
    files
}

pub fn sample(recording: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(recording)
}

pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() { all.extend(files_under(&entry.path())) } else { all.push(entry.path()) }
    }
    all.sort();
    all
}

pub fn unpacked(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("readable");
    if bytes.starts_with(&[0x1f, 0x8b]) { unpacked_bytes(&bytes) } else { bytes }
}

pub fn unpacked_bytes(gz: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(gz).read_to_end(&mut text).expect("gzip");
    text
}

pub fn scanned(catalog: &Catalog, text: &[u8]) -> FileTally {
    let mut scanner = FileScanner::new(catalog, YearHint(NOW * 1000));
    scanner.feed(text);
    scanner.finish()
}

/// The lines as an agent sends them that knows the machine's zone: each with the time that it states, or that of the line before it.
pub fn events(catalog: &Catalog, file: &LogFile) -> Vec<Line> {
    let (mut last, mut all) = (None, Vec::new());
    for line in file.text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let tally = scanned(catalog, line);
        let known = tally.sources.iter().find(|s| s.span.is_some());
        let own = known.and_then(|s| {
            let mut fields = Fields::default();
            catalog.formats[s.format].cut(line, false, YearHint(NOW * 1000), &mut Tries::default(), &mut fields)?;
            let utc = if s.stated == Some(true) { 0 } else { file.zone_s * 1000 };
            last = s.span.map(|(_, written)| written * 1000 - utc);
            Some(fields.stamp?.ms() - utc)
        });
        // What comes before the first time has that time.
        let ms = own.or(last).unwrap_or(i64::MAX);
        let message = String::from_utf8(line.to_vec()).expect("the recordings are UTF-8");
        all.push(Line { ms, stream: file.name.clone(), message });
    }
    let first = all.iter().map(|l| l.ms).find(|ms| *ms != i64::MAX).unwrap_or(0);
    all.iter_mut().filter(|l| l.ms == i64::MAX).for_each(|l| l.ms = first);
    all.sort_by_key(|l| l.ms);
    all
}

/// What the files themselves give, led to UTC.
pub fn file_tallies(catalog: &Catalog, files: &[LogFile]) -> Tallies {
    let mut all = Tallies::new();
    for file in files {
        let sources = scanned(catalog, &file.text).sources;
        for s in &sources {
            // What borrows its times has its lender's zone.
            let stated = s.stated.or_else(|| sources[s.borrows_from?].stated);
            let utc = if stated == Some(true) { 0 } else { file.zone_s };
            for (id, t) in &s.signals {
                let key = (catalog.formats[s.format].definition.name.clone(), catalog.signals.info(*id).name.clone());
                let into = all.entry(key).or_default();
                for c in &t.cells {
                    let cell = into.entry(c.second - utc).or_default();
                    cell.0 += c.count;
                    cell.1 += c.sum;
                }
            }
        }
    }
    all.retain(|_, cells| !cells.is_empty());
    all
}

pub fn by_folder(catalog: &Catalog, files: &[LogFile]) -> BTreeMap<String, Vec<Line>> {
    let mut groups: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for file in files {
        groups.entry(format!("/shop/{}", file.folder)).or_default().extend(events(catalog, file));
    }
    groups.values_mut().for_each(|lines| lines.sort_by_key(|l| l.ms));
    groups
}

/// A value read from a line is rounded to this, so that sums are exact in any order; a service that sums by itself does not round.
const GRAIN: f64 = 1.0 / (1 << 20) as f64;

/// The first difference between two tallies of a signal.
pub fn difference(a: &Cells, b: &Cells) -> Option<String> {
    let seconds: BTreeSet<&i64> = a.keys().chain(b.keys()).collect();
    seconds.into_iter().find_map(|s| {
        let (x, y) = (a.get(s).copied().unwrap_or_default(), b.get(s).copied().unwrap_or_default());
        let rounding = 1e-6 + x.0 as f64 * GRAIN / 2.0;
        (x.0 != y.0 || (x.1 - y.1).abs() > rounding).then(|| format!("second {s}: {x:?} and {y:?}"))
    })
}

/// The same for signals of tracebacks: their lines state no time, and in a file they have to take that of a line beside them. So only how
/// often can be compared.
pub fn difference_of_undated(a: &Cells, b: &Cells, all: bool) -> Option<String> {
    let sum = |cells: &Cells| cells.values().map(|c| c.0).sum::<u64>();
    let fits = if all { sum(a) == sum(b) } else { sum(b) <= sum(a) };
    (!fits).then(|| format!("{} and {} of them", sum(a), sum(b)))
}

/// `tracebacks`: whether this way of reading sees them.
pub fn assert_equal(what: &str, files: &Tallies, others: &Tallies, tracebacks: bool) {
    let mut wrong = Vec::new();
    for key in files.keys().chain(others.keys()).collect::<BTreeSet<_>>() {
        match (files.get(key), others.get(key)) {
            (Some(a), Some(b)) => {
                let found =
                    if UNDATED.contains(&key.1.as_str()) { difference_of_undated(a, b, tracebacks) } else { difference(a, b) };
                wrong.extend(found.map(|d| format!("{key:?}: {d}")));
            }
            (Some(_), None) => wrong.push(format!("{key:?} is only in the files")),
            _ => wrong.push(format!("{key:?} is not in the files")),
        }
    }
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

/// Where a load balancer's access logs lie.
pub const FOLDER: &str = "prod/AWSLogs/123456789012/elasticloadbalancing/ap-northeast-1";

/// What names of its access logs begin with.
pub const ALB: &str = "123456789012_elasticloadbalancing_ap-northeast-1_app.shop-prod.50dc6c495c0c9188";

/// The objects of a recording's access log, named as AWS names them.
pub fn objects(recording: &str) -> Vec<(String, Vec<u8>)> {
    let all = files_under(&sample(recording).join("alb"));
    let logs = all.iter().filter(|p| p.to_string_lossy().ends_with(".log.gz"));
    let of = |path: &PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (format!("{FOLDER}/2026/11/21/{name}"), std::fs::read(path).expect("readable"))
    };
    logs.map(of).collect()
}
