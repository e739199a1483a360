//! The program is killed, interrupted, and refused at every call by which it changes a file: the old report is whole or the new one is, and the
//! watch has lost nothing and told nothing twice. `strace` does it, to the program as it ships.

#![cfg(target_os = "linux")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

use super::watch_support::{LASTS, Site, Stretch, rfc3339};

/// All calls by which a file comes, grows, is kept, named, or goes.
const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,ftruncate,fchmod,rename,link,linkat,unlink,mkdir,fallocate";

const SAMPLE: &str = "samples/harakiri";
const LOG: &str = "samples/harakiri/uwsgi/uwsgi.log";

const NOW: &str = "2026-11-22T00:00:00Z";

/// Files by their names.
type Files = Vec<(String, Vec<u8>)>;

/// Calls: the name, and the how manieth of that name it is in its thread.
type Calls = BTreeSet<(String, usize)>;

/// Whether calls can be tampered with here; where CI is set they must be.
fn can_trace() -> bool {
    let can = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|s| s.success());
    assert!(can || std::env::var_os("CI").is_none(), "CI is set, but strace is missing or may not trace");
    if !can {
        eprintln!("skipped: strace is missing, or may not trace");
    }
    can
}

/// Runs the program under strace, with something done at one call, or at one call on one file; gives how it ended, and the calls with the paths of
/// their files.
fn traced(inject: Option<&str>, only: Option<&Path>, dir: &Path, words: &[&str], input: &str) -> (Output, String) {
    let log = TempDir::new().expect("a folder");
    let log = log.path().join("calls");
    let mut strace = Command::new("strace");
    // Its faster way (--seccomp-bpf) does not deliver signals.
    strace.args(["-f", "-y", "-qq", "-s", "0", "-e", &format!("trace={CALLS}"), "-o"]).arg(&log);
    if let Some(inject) = inject {
        strace.args(["-e", &format!("inject={inject}")]);
    }
    if let Some(file) = only {
        strace.arg("-P").arg(file);
    }
    let input = fs::File::open(dir.join(input)).expect("there");
    let program = assert_cmd::cargo::cargo_bin("fivexx");
    let out = strace.arg(program).args(words).current_dir(dir).stdin(input).output().expect("strace runs");
    (out, fs::read_to_string(log).expect("written"))
}

/// The calls that touch what lies under a folder.
fn calls_on(folder: &Path, log: &str) -> Calls {
    let mut seen: std::collections::BTreeMap<(&str, &str), usize> = std::collections::BTreeMap::new();
    let mut points = BTreeSet::new();
    for line in log.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
        if name.starts_with('<') {
            continue;
        }
        let n = seen.entry((thread, name)).or_default();
        *n += 1;
        let changes = name != "openat" || arguments.contains("O_CREAT");
        if changes && arguments.contains(&*folder.to_string_lossy()) {
            points.insert((name.to_owned(), *n));
        }
    }
    points
}

/// Whether what was done to a call was done to one that touches what lies under a folder.
fn met(folder: &Path, log: &str) -> bool {
    let mut begun: std::collections::BTreeMap<&str, &str> = std::collections::BTreeMap::new();
    log.lines().filter_map(|line| line.split_once(' ')).any(|(thread, call)| {
        if !call.trim_start().starts_with('<') {
            begun.insert(thread, call);
        }
        call.contains("(INJECTED)") && begun.get(thread).is_some_and(|c| c.contains(&*folder.to_string_lossy()))
    })
}

/// The files under a folder that were written to by `write`: threads wake each other by that call, too.
fn written_to(folder: &Path, log: &str) -> BTreeSet<PathBuf> {
    let of = |line: &str| {
        let (_, rest) = line.split_once(" write(")?;
        let (_, rest) = rest.split_once('<')?;
        Some(Path::new(rest.split_once('>')?.0).strip_prefix(folder).ok()?.to_owned())
    };
    log.lines().filter_map(of).collect()
}

/// What lies in a folder, but for what is hidden and half-written.
fn shown(dir: &Path) -> Files {
    let mut all: Files = fs::read_dir(dir)
        .expect("readable")
        .flatten()
        .map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("read")))
        .filter(|(name, _)| !(name.starts_with('.') && name.ends_with(".part")))
        .collect();
    all.sort();
    all
}

/// A command that writes one file or more.
struct Writer {
    words: &'static [&'static str],
    input: &'static str,
    file: &'static str,
}

const WRITERS: [Writer; 5] = [
    Writer { words: &["analyze", SAMPLE, "--now", NOW], input: "/dev/null", file: "report.json" },
    Writer { words: &["analyze", SAMPLE, "--now", NOW], input: "/dev/null", file: "report.md" },
    Writer { words: &["export", SAMPLE], input: "/dev/null", file: "timeline.csv" },
    Writer { words: &["export", SAMPLE], input: "/dev/null", file: "timeline.parquet" },
    Writer { words: &["scan", "-", "--name", "uwsgi.log", "--modified", NOW], input: LOG, file: "partial.parquet" },
];

impl Writer {
    /// A folder with an old file of each name that will be written.
    fn folder(&self, names: &[String]) -> TempDir {
        let dir = TempDir::new().expect("a folder");
        names.iter().for_each(|n| fs::write(dir.path().join(n), OLD).expect("written"));
        dir
    }

    fn run(&self, inject: Option<&str>, dir: &Path) -> (Output, String) {
        let path = dir.join(self.file).display().to_string();
        let words: Vec<&str> = self.words.iter().copied().chain(["-o", &path]).collect();
        traced(inject, None, Path::new(env!("CARGO_MANIFEST_DIR")), &words, self.input)
    }

    /// What it writes when nobody stands in its way, and the calls by which it does.
    fn whole(&self) -> (Files, Calls) {
        let dir = TempDir::new().expect("a folder");
        self.run(None, dir.path());
        let whole = shown(dir.path());
        let names: Vec<String> = whole.iter().map(|(n, _)| n.clone()).collect();
        let again = self.folder(&names);
        let (out, log) = self.run(None, again.path());
        assert!(out.status.success() && shown(again.path()) == whole, "{}: the same twice", self.file);
        (whole, calls_on(again.path(), &log))
    }

    /// Runs it with an error at one of its calls; gives the folder, and how it ended. Which number a call has can differ from run to run (a library
    /// looks into /proc and /sys when it pleases), so a run whose error met another file is made again, with the number that it had then.
    fn refused(&self, names: &[String], points: &Calls, point: (&str, usize), error: &str) -> (TempDir, Output) {
        let of_its_name = |calls: &Calls| -> Vec<usize> { calls.iter().filter(|c| c.0 == point.0).map(|c| c.1).collect() };
        let place = of_its_name(points).iter().position(|n| *n == point.1).expect("one of them");
        let mut n = point.1;
        for _ in 0..10 {
            let dir = self.folder(names);
            let (out, log) = self.run(Some(&format!("{}:error={error}:when={n}", point.0)), dir.path());
            if met(dir.path(), &log) {
                return (dir, out);
            }
            n = of_its_name(&calls_on(dir.path(), &log)).get(place).copied().unwrap_or(point.1);
        }
        panic!("{}: {error} at {} {} met another file each time", self.file, point.0, point.1);
    }
}

const OLD: &[u8] = b"the old one";

/// Each file is the old one or the new one, to the last byte.
fn old_or_new(dir: &Path, whole: &[(String, Vec<u8>)]) -> Vec<String> {
    let there = shown(dir);
    let mut wrong = Vec::new();
    if there.iter().map(|f| &f.0).ne(whole.iter().map(|f| &f.0)) {
        wrong.push(format!("there is {:?}", there.iter().map(|f| &f.0).collect::<Vec<_>>()));
    }
    let torn = there.iter().zip(whole).filter(|(is, new)| is.1 != OLD && is.1 != new.1);
    wrong.extend(torn.map(|(is, new)| format!("{} has {} of {} bytes", is.0, is.1.len(), new.1.len())));
    wrong
}

fn is_new(dir: &Path, whole: &[(String, Vec<u8>)]) -> bool {
    shown(dir) == whole
}

#[test]
fn a_report_is_the_old_one_or_the_new_one_wherever_the_run_is_killed() {
    if !can_trace() {
        return;
    }
    let mut wrong = Vec::new();
    for writer in &WRITERS {
        let (whole, points) = writer.whole();
        let names: Vec<String> = whole.iter().map(|(n, _)| n.clone()).collect();
        let mut kept = 0;
        for (call, n) in &points {
            let dir = writer.folder(&names);
            let (out, _) = writer.run(Some(&format!("{call}:signal=KILL:when={n}")), dir.path());
            let found = old_or_new(dir.path(), &whole);
            wrong.extend(found.into_iter().map(|w| format!("{}: killed at {call} {n}: {w}", writer.file)));
            if out.status.success() {
                wrong.push(format!("{}: {call} {n} killed nothing", writer.file));
            }
            kept += usize::from(!is_new(dir.path(), &whole));
            // A folder with what is left of it is read like any other.
            if writer.file == "partial.parquet" && call == "fsync" {
                let read = Command::new(assert_cmd::cargo::cargo_bin("fivexx")).arg("analyze").arg(dir.path()).output();
                let said = String::from_utf8_lossy(&read.expect("it runs").stderr).into_owned();
                if said.contains("panicked") {
                    wrong.push(format!("what is left of a partial: {said}"));
                }
            }
            // The next run is not in its way.
            writer.run(None, dir.path());
            if !is_new(dir.path(), &whole) {
                wrong.push(format!("{}: killed at {call} {n}: the next run does not get there", writer.file));
            }
        }
        println!("{}: killed at {} calls, {kept} times the old one was left", writer.file, points.len());
        assert!(points.len() >= 5 && kept >= 4, "{}: {points:?}", writer.file);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In the middle of a write, too: a limit on the size of files ends the run there.
#[test]
fn a_report_is_the_old_one_or_the_new_one_wherever_a_write_is_torn() {
    let binary = assert_cmd::cargo::cargo_bin("fivexx");
    for writer in &WRITERS {
        let dir = TempDir::new().expect("a folder");
        let words: Vec<String> = writer.words.iter().map(|w| format!("'{w}'")).collect();
        let run = |limit: &str| {
            let path = dir.path().join(writer.file);
            let script =
                format!("{limit} exec '{}' {} -o '{}' < {}", binary.display(), words.join(" "), path.display(), writer.input);
            Command::new("bash").args(["-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("bash")
        };
        assert!(run("").status.success());
        let whole = shown(dir.path());
        let longest = whole.iter().map(|(_, b)| b.len()).max().expect("a file") / 1024;
        for step in 0..12 {
            let limit = longest * step / 12;
            whole.iter().for_each(|(name, _)| fs::write(dir.path().join(name), OLD).expect("written"));
            for (how, status) in [("", None), ("trap '' XFSZ;", Some(4))] {
                let out = run(&format!("{how} ulimit -f {limit};"));
                let said = String::from_utf8_lossy(&out.stderr).into_owned();
                assert_eq!(out.status.code(), status, "{} at {limit} KiB: {said}", writer.file);
                assert_eq!(old_or_new(dir.path(), &whole), Vec::<String>::new(), "{} at {limit} KiB", writer.file);
                if status.is_some() {
                    assert!(said.contains("cannot be written: File too large"), "{said}");
                }
            }
        }
    }
}

/// A disk that is full, or that fails, at any call: a word, the right status, and the old report.
#[test]
fn a_disk_that_refuses_leaves_the_old_report_and_is_said() {
    if !can_trace() {
        return;
    }
    let mut wrong = Vec::new();
    for writer in &WRITERS {
        let (whole, points) = writer.whole();
        let names: Vec<String> = whole.iter().map(|(n, _)| n.clone()).collect();
        for (call, n) in &points {
            for (error, says) in [("ENOSPC", "No space left on device"), ("EIO", "Input/output error")] {
                let (dir, out) = writer.refused(&names, &points, (call, *n), error);
                let said = String::from_utf8_lossy(&out.stderr).into_owned();
                let at = format!("{}: {error} at {call} {n}", writer.file);
                wrong.extend(old_or_new(dir.path(), &whole).into_iter().map(|w| format!("{at}: {w}")));
                if out.status.code() != Some(4) || !said.contains("cannot be written") || !said.contains(says) {
                    wrong.push(format!("{at}: {:?}: {said}", out.status.code()));
                }
                if fs::read_dir(dir.path()).expect("there").count() != whole.len() {
                    wrong.push(format!("{at}: something is left behind"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Ctrl-C at any call: nothing half-written, nothing left behind, and what is said of the report is so.
#[test]
fn an_interrupt_at_any_call_leaves_whole_files_and_nothing_behind() {
    if !can_trace() {
        return;
    }
    let mut wrong = Vec::new();
    for writer in &WRITERS {
        let (whole, points) = writer.whole();
        let names: Vec<String> = whole.iter().map(|(n, _)| n.clone()).collect();
        for (call, n) in &points {
            let dir = writer.folder(&names);
            // Slow enough for the signal to be heard before the run is over.
            let (out, _) = writer.run(Some(&format!("{call}:signal=INT:delay_exit=150000:when={n}")), dir.path());
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            let at = format!("{}: interrupted at {call} {n}", writer.file);
            wrong.extend(old_or_new(dir.path(), &whole).into_iter().map(|w| format!("{at}: {w}")));
            if fs::read_dir(dir.path()).expect("there").count() != whole.len() {
                wrong.push(format!("{at}: something is left behind"));
            }
            let untouched = shown(dir.path()).iter().all(|(_, b)| b == OLD);
            match out.status.code() {
                Some(130) if said.contains("no report was written") == untouched => {}
                Some(0) if is_new(dir.path(), &whole) => {}
                other => wrong.push(format!("{at}: {other:?}, untouched {untouched}: {said}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// 2026-11-21T01:00:00Z
const BEGIN: i64 = 1_795_222_800;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("readable").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(drop).expect("copied")
        }
    }
}

/// A look that finds an incident, writes its report and tells it: with a state from before, or without any.
struct Scene {
    before: Site,
    now: String,
    /// Whether there is anybody to tell.
    tells: bool,
}

impl Scene {
    fn new(with_state: bool, tells: bool) -> Self {
        let stretch = Stretch::new(BEGIN);
        let before = Site::new(&if tells { Site::command() } else { String::new() });
        stretch.write(&before.path("logs"), BEGIN + 20 * 60, |_| 0);
        if with_state {
            let (status, said) = before.once(BEGIN + 20 * 60);
            assert!(status.success(), "{said}");
        }
        stretch.write(&before.path("logs"), BEGIN + 40 * 60, |_| 0);
        const { assert!(LASTS > 40 * 60) };
        Scene { before, now: rfc3339(BEGIN + 40 * 60), tells }
    }

    fn site(&self) -> Site {
        let dir = TempDir::new().expect("a folder");
        copy(self.before.dir.path(), dir.path());
        Site { dir }
    }

    fn look(&self, site: &Site, inject: Option<&str>, only: Option<&Path>) -> (Output, String) {
        traced(inject, only, site.dir.path(), &["watch", "--once", "--now", &self.now], "/dev/null")
    }

    /// The calls of a look, the watch's own and its couriers', and the files that it writes to.
    fn points(&self) -> (Vec<(String, usize)>, BTreeSet<PathBuf>) {
        let site = self.site();
        let (out, log) = self.look(&site, None, None);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let mut points = calls_on(site.dir.path(), &log);
        // The state and the reports are named as the configuration names them.
        points.extend(["state/", "reports/"].iter().flat_map(|f| calls_on(&PathBuf::from(f), &log)));
        (points.into_iter().collect(), written_to(site.dir.path(), &log))
    }
}

/// After whatever happened a look without hindrance: the incident is there once, and whoever heard of it twice was told so.
fn made_good(site: &Site, scene: &Scene, at: &str) -> (Vec<String>, bool) {
    let mut wrong = Vec::new();
    let (mut status, mut said) = (None, String::new());
    // A courier that died on its way is tried again by the next run.
    for _ in 0..3 {
        let out = site.watch(&["--once", "--now", &scene.now]).output().expect("it runs");
        (status, said) = (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned());
        if status == Some(0) {
            break;
        }
    }
    if status != Some(0) || said.contains("DAMAGED") {
        wrong.push(format!("{at}: the next look: {status:?}: {said}"));
    }
    let reports = site.files("reports");
    let whole = reports.iter().filter(|r| r.ends_with(".json")).all(|r| {
        let read = fs::read(site.path("reports").join(r)).expect("read");
        serde_json::from_slice::<Value>(&read).is_ok_and(|v| v["incidents"][0]["dropped_at"]["mechanism"] == "listen_queue_full")
    });
    if reports.len() != 2 || !whole {
        wrong.push(format!("{at}: the reports are {reports:?}"));
    }
    let told = site.told();
    let keys: BTreeSet<&str> = told.iter().filter_map(|t| t["key"].as_str()).collect();
    let first = told.iter().filter(|t| t["possibly_repeated"] == false).count();
    if keys.len() != usize::from(scene.tells) || first > 1 {
        wrong.push(format!("{at}: told {} times under {keys:?}, {first} of them as the first", told.len()));
    }
    let state = site.files("state");
    if state.iter().any(|f| f.contains("corrupt") || f.contains(".new.")) || !site.files("state/watch.redb.spool").is_empty() {
        wrong.push(format!("{at}: the state is {state:?}, the spool {:?}", site.files("state/watch.redb.spool")));
    }
    (wrong, told.len() > 1)
}

fn tampered(how: &str, scene: &Scene) {
    if !can_trace() {
        return;
    }
    let (mut points, files) = scene.points();
    assert!(points.len() >= 15, "{points:?}");
    let (mut wrong, mut repeated) = (Vec::new(), 0);
    // No disk refuses a call by which a thread wakes another: writes are refused by the file.
    let by_file = how.starts_with("error");
    points.retain(|(call, _)| !(by_file && call == "write"));
    let by_call = points.into_iter().map(|(call, n)| (call, n, None));
    let by_file = files.into_iter().filter(|_| by_file).map(|f| ("write".to_owned(), 1, Some(f)));
    let points: Vec<_> = by_call.chain(by_file).collect();
    for (call, n, file) in &points {
        let site = scene.site();
        let only = file.as_ref().map(|f| site.path(&f.to_string_lossy()));
        let (out, _) = scene.look(&site, Some(&format!("{call}:{how}:when={n}")), only.as_deref());
        let said = String::from_utf8_lossy(&out.stderr);
        if said.contains("panicked") {
            wrong.push(format!("{how} at {call} {n}: {said}"));
        }
        let (found, again) = made_good(&site, scene, &format!("{how} at {call} {n}"));
        wrong.extend(found);
        repeated += usize::from(again);
    }
    println!("{how}: {} calls; {repeated} notifications were repeated, and said so", points.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_watch_killed_at_any_call_of_its_first_look_loses_and_doubles_nothing() {
    tampered("signal=KILL", &Scene::new(false, true));
}

#[test]
fn a_watch_killed_at_any_call_of_a_later_look_loses_and_doubles_nothing() {
    tampered("signal=KILL", &Scene::new(true, true));
}

#[test]
fn a_watch_whose_disk_is_full_at_any_call_loses_and_doubles_nothing() {
    // Nobody is told: a receiver has calls of its own, which would be refused in each attempt.
    tampered("error=ENOSPC", &Scene::new(true, false));
}
