//! Files as they are: cut, damaged, linked in circles, forbidden, gone. Each is told of, and the rest is analysed.

use super::{common, formats, hostile};
use assert_cmd::Command;
use fivexx::model::{Report, Verdict};
use fivexx::parser::catalog::Catalog;
use fivexx::parser::stamp::YearHint;
use fivexx::source::discover;
use fivexx::source::read::{Bounds, Progress, Reading, scan, scan_within};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ACCESS: &str = "samples/listen-queue-unix/nginx/access.log";
const ERRORS: &str = "samples/listen-queue-unix/nginx/error.log";

fn sample(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a sample")
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).expect("packed");
    packed.finish().expect("packed")
}

/// A folder with an outage in it that is found whatever lies beside.
fn folder() -> TempDir {
    let dir = TempDir::new().expect("a folder");
    fs::write(dir.path().join("error.log"), sample(ERRORS)).expect("written");
    fs::write(dir.path().join("access.log"), sample(ACCESS)).expect("written");
    dir
}

fn fivexx() -> Command {
    let mut c = Command::cargo_bin("fivexx").expect("the binary is built");
    c.timeout(Duration::from_secs(120));
    c
}

/// The outage is found, every form can be written, and the file's row or reason says this.
fn told(dir: &TempDir, file: &str, says: &str) -> Report {
    let report = hostile::analyzed(dir.path());
    assert_eq!(report.verdict, Verdict::Incident, "{file}");
    formats::all(&report);
    let of_source = report.sources.iter().filter(|s| s.path.contains(file)).filter_map(|s| s.error.clone());
    let of_skipped = report.skipped.iter().filter(|s| s.path.contains(file)).map(|s| s.because.clone());
    let said: Vec<String> = of_source.chain(of_skipped).collect();
    assert!(said.iter().any(|s| s.contains(says)), "{file}: {said:?} does not say {says:?}");
    report
}

#[test]
fn an_archive_of_several_members_is_read_to_its_end() {
    let dir = folder();
    let access = sample(ACCESS);
    let lines: Vec<&[u8]> = access.split_inclusive(|b| *b == b'\n').collect();
    let members: Vec<u8> = lines.chunks(lines.len() / 5 + 1).flat_map(|c| gz(&c.concat())).collect();
    fs::remove_file(dir.path().join("access.log")).expect("gone");
    fs::write(dir.path().join("access.log.gz"), members).expect("written");
    let report = hostile::analyzed(dir.path());
    let row = report.sources.iter().find(|s| s.path == "access.log.gz").expect("a row");
    assert_eq!((row.lines, &row.error), (lines.len() as u64, &None));
}

#[test]
fn a_cut_archive_and_one_with_something_behind_it_give_what_they_hold() {
    let dir = folder();
    let packed = gz(&sample(ACCESS));
    fs::write(dir.path().join("cut.log.gz"), &packed[..packed.len() / 2]).expect("written");
    told(&dir, "cut.log.gz", "ended early");
    fs::write(dir.path().join("behind.log.gz"), [packed.as_slice(), b"something else"].concat()).expect("written");
    let report = told(&dir, "behind.log.gz", "ended early");
    let lines = sample(ACCESS).split(|b| *b == b'\n').count() as u64 - 1;
    assert_eq!(report.sources.iter().find(|s| s.path == "behind.log.gz").expect("a row").lines, lines);
    fs::write(
        dir.path().join("flipped.log.gz"),
        packed.iter().enumerate().map(|(i, b)| if i == packed.len() / 2 { b ^ 0xff } else { *b }).collect::<Vec<_>>(),
    )
    .expect("written");
    told(&dir, "flipped.log.gz", "");
}

#[test]
fn an_archive_that_unpacks_without_end_is_stopped() {
    let dir = folder();
    let mut bomb = Vec::new();
    let line = [
        b"203.0.113.9 - - [21/Nov/2026:00:00:39 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n".repeat(1 << 10),
        vec![b'\n'; 64 << 10],
    ]
    .concat();
    let mut packed = zstd::stream::write::Encoder::new(&mut bomb, 1).expect("packed");
    for _ in 0..300 {
        packed.write_all(&line).expect("packed");
    }
    packed.finish().expect("packed");
    fs::write(dir.path().join("bomb.log.zst"), &bomb).expect("written");
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let input = discover(&[dir.path().join("bomb.log.zst")]).inputs.remove(0);
    let read = |expansion| match scan_within(
        &catalog,
        &input,
        YearHint(common::NOW * 1000),
        &Progress::default(),
        &Bounds { expansion, ..Bounds::default() },
    ) {
        Reading::Scanned(tally) => (tally.bytes, tally.error),
        Reading::Skipped(because) => panic!("{because}"),
    };
    let (bytes, error) = read(50);
    assert!(bytes < 20 << 20 && error.as_ref().is_some_and(|e| e.to_string().contains("--max-expansion")), "{bytes} {error:?}");
    assert_eq!(read(1_000_000).0, 300 * line.len() as u64, "on request it is read whole");
    // At the limit that everybody has: a log, and behind it zeros, of which a megabyte packs to a kilobyte.
    let bomb = [gz(&sample(ACCESS)), gz(&vec![0; 1 << 20]).repeat(400)].concat();
    assert!(bomb.len() < 2 << 20, "{} bytes", bomb.len());
    fs::write(dir.path().join("bomb.log.gz"), bomb).expect("written");
    told(&dir, "bomb.log.gz", "--max-expansion");
    fivexx().arg("analyze").arg(dir.path()).args(["--max-expansion", "20", "--format", "json"]).assert().success();
}

#[test]
fn a_log_that_is_copied_and_truncated_while_it_is_read_is_told_of() {
    let dir = folder();
    let path = dir.path().join("big.log");
    // Longer than what is read ahead.
    fs::write(&path, sample(ACCESS).repeat(40)).expect("written");
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let input = discover(std::slice::from_ref(&path)).inputs.remove(0);
    let progress = Progress::default();
    let reading = std::thread::scope(|threads| {
        let reader = threads.spawn(|| scan(&catalog, &input, YearHint(common::NOW * 1000), &progress));
        while progress.0.load(std::sync::atomic::Ordering::Relaxed) == 0 && !reader.is_finished() {
            std::thread::yield_now();
        }
        fs::File::create(&path).expect("truncated");
        reader.join().expect("no panic")
    });
    match reading {
        Reading::Scanned(tally) => {
            let whole = sample(ACCESS).len() as u64 * 40;
            assert!(
                tally.bytes == whole || tally.error.as_ref().is_some_and(|e| e.to_string().contains("shorter")),
                "{:?}",
                tally.error
            );
            assert!(tally.closes());
        }
        Reading::Skipped(because) => assert!(because.to_string().contains("shorter"), "{because}"),
    }
}

/// Renamed away, a new one begun, and the old one packed: what was opened is read to its end, once.
#[test]
fn a_log_that_is_rotated_while_it_is_read_is_read_whole_and_once() {
    let dir = folder();
    let path = dir.path().join("big.log");
    let whole = sample(ACCESS).repeat(40);
    fs::write(&path, &whole).expect("written");
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let input = discover(std::slice::from_ref(&path)).inputs.remove(0);
    let progress = Progress::default();
    let reading = std::thread::scope(|threads| {
        let reader = threads.spawn(|| scan(&catalog, &input, YearHint(common::NOW * 1000), &progress));
        while progress.0.load(std::sync::atomic::Ordering::Relaxed) == 0 && !reader.is_finished() {
            std::thread::yield_now();
        }
        let aside = dir.path().join("big.log.1");
        fs::rename(&path, &aside).expect("renamed");
        fs::write(&path, sample(ERRORS)).expect("written");
        fs::write(dir.path().join("big.log.1.gz"), gz(&whole)).expect("written");
        fs::remove_file(&aside).expect("gone");
        reader.join().expect("no panic")
    });
    let Reading::Scanned(tally) = reading else { panic!("it was skipped") };
    assert_eq!((tally.bytes, &tally.error), (whole.len() as u64, &None));
    assert!(tally.closes());
}

#[test]
fn a_log_that_is_written_while_it_is_read_ends() {
    let dir = folder();
    let path = dir.path().join("access.log");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let mut log = fs::OpenOptions::new().append(true).open(&path).expect("open");
            let more = sample(ACCESS);
            for _ in 0..2000 {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                log.write_all(&more[..more.len().min(64 << 10)]).expect("written");
            }
        });
        let report = hostile::analyzed(dir.path());
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(report.verdict, Verdict::Incident);
    });
}

#[cfg(unix)]
#[test]
fn links_in_circles_pipes_and_devices_hold_nobody_up() {
    use std::os::unix::fs::symlink;
    let dir = folder();
    symlink(dir.path(), dir.path().join("circle")).expect("linked");
    symlink(dir.path().join("b.log"), dir.path().join("a.log")).expect("linked");
    symlink(dir.path().join("a.log"), dir.path().join("b.log")).expect("linked");
    symlink("/dev/zero", dir.path().join("zero.log")).expect("linked");
    symlink(dir.path().join("gone"), dir.path().join("dangling.log")).expect("linked");
    assert!(std::process::Command::new("mkfifo").arg(dir.path().join("pipe.log")).status().expect("mkfifo").success());
    let begun = Instant::now();
    told(&dir, "circle", "leads back");
    told(&dir, "a.log", "");
    told(&dir, "zero.log", "device");
    told(&dir, "pipe.log", "pipe");
    told(&dir, "dangling.log", "");
    // Named, not found in a folder.
    let out = fivexx().arg("analyze").arg(dir.path().join("pipe.log")).arg(dir.path().join("zero.log")).assert().code(3);
    let err = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
    assert!(err.contains("pipe") && err.contains("nothing readable"), "{err}");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

/// A line that is read under two names would count twice.
#[cfg(unix)]
#[test]
fn one_file_under_several_names_is_read_once() {
    let dir = folder();
    let plain = hostile::analyzed(dir.path());
    std::os::unix::fs::symlink(dir.path().join("access.log"), dir.path().join("zz-current.log")).expect("linked");
    fs::hard_link(dir.path().join("access.log"), dir.path().join("zz-hard.log")).expect("linked");
    let report = told(&dir, "zz-current.log", "same file as access.log");
    assert_eq!(report.incidents[0].requests, plain.incidents[0].requests);
    let twice = discover(&[
        dir.path().to_owned(),
        dir.path().join("access.log"),
        dir.path().join("../").join(dir.path().file_name().expect("a name")),
    ]);
    assert_eq!(twice.inputs.len(), 2, "{:?}", twice.inputs);
}

#[test]
fn a_file_that_vanishes_before_it_is_read_is_told_of() {
    let dir = folder();
    let gone = dir.path().join("vanishing.log");
    fs::write(&gone, "x\n").expect("written");
    let input = discover(std::slice::from_ref(&gone)).inputs.remove(0);
    fs::remove_file(&gone).expect("gone");
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    match scan(&catalog, &input, YearHint(0), &Progress::default()) {
        Reading::Skipped(because) => assert!(because.to_string().contains("cannot be opened"), "{because}"),
        Reading::Scanned(_) => panic!("it is gone"),
    }
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told_of_and_the_rest_analysed() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder();
    let forbid = |name: &str| {
        let path = dir.path().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("forbidden");
        path
    };
    fs::write(dir.path().join("secret.log"), "x").expect("written");
    fs::create_dir(dir.path().join("closed")).expect("made");
    forbid("secret.log");
    forbid("closed");
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("open");
    let mut args = vec!["analyze".to_owned(), dir.path().display().to_string(), "--format".to_owned(), "json".to_owned()];
    let binary = assert_cmd::cargo::cargo_bin("fivexx").display().to_string();
    // Root may read everything; then somebody else has to try, who may not be able to reach the binary either.
    let root = fs::read(dir.path().join("secret.log")).is_ok();
    let mut command = if root {
        let copy = dir.path().join("fivexx");
        fs::copy(&binary, &copy).expect("copied");
        args.splice(
            0..0,
            ["--reuid=65534", "--regid=65534", "--clear-groups"]
                .map(str::to_owned)
                .into_iter()
                .chain([copy.display().to_string()]),
        );
        std::process::Command::new("setpriv")
    } else {
        std::process::Command::new(&binary)
    };
    let Ok(out) = command.args(&args).output() else {
        eprintln!("not tried: root reads everything, and there is no setpriv");
        return;
    };
    let report: Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    assert_eq!(report["verdict"], "incident");
    let skipped = report["skipped"].to_string();
    assert!(skipped.contains("secret.log") && skipped.contains("closed") && skipped.contains("ermission denied"), "{skipped}");
    fs::set_permissions(dir.path().join("closed"), fs::Permissions::from_mode(0o700)).expect("open");
}

/// More files than descriptors, most of them no logs.
#[cfg(unix)]
#[test]
fn a_hundred_thousand_files_take_few_descriptors_and_a_short_list() {
    let dir = folder();
    for d in 0..100 {
        let sub = dir.path().join(format!("d{d:03}"));
        fs::create_dir(&sub).expect("made");
        for f in 0..1000 {
            fs::write(sub.join(format!("{f}.txt")), "no log\n").expect("written");
        }
    }
    let script = format!(
        "ulimit -n 64; exec '{}' analyze '{}' --format json",
        assert_cmd::cargo::cargo_bin("fivexx").display(),
        dir.path().display()
    );
    let begun = Instant::now();
    let out = std::process::Command::new("bash").args(["-c", &script]).output().expect("bash");
    let report: Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    assert_eq!(report["verdict"], "incident");
    let skipped = report["skipped"].as_array().expect("a list");
    assert!(skipped.len() <= 300, "{} rows", skipped.len());
    assert!(skipped.iter().any(|s| s.to_string().contains("99,")), "how many more is said: {:?}", skipped.last());
    assert!(begun.elapsed() < Duration::from_secs(300), "{:?}", begun.elapsed());
}
