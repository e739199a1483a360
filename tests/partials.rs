//! Partials: joined in any order, split over files and within files, they give the report of one run over all the logs; what is broken is said.

mod common;

use common::{NOW, analyzed, samples};
use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::lang::Saying;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::scan::seam::PieceScanner;
use fivexx::parser::stamp::YearHint;
use fivexx::parser::tally::FileTally;
use fivexx::partial::{Joining, PartialWriter, Scanned};
use fivexx::report;
use fivexx::scanned::{Gathered, Scan};
use fivexx::source::read::{Progress, Reading, scan};
use fivexx::source::{Skipped, discover};
use polars::prelude::*;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

const HINT: YearHint = YearHint(NOW * 1000);

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::builtin().expect("the built-in parsers load"))
}

fn write(path: &Path, files: &[(&str, Scanned)]) {
    let mut out = PartialWriter::new(catalog(), File::create(path).expect("writable")).expect("a begin");
    for (name, scanned) in files {
        out.file(name, scanned, HINT).expect("rows");
    }
    out.finish().expect("an end");
}

fn joined(partials: &[PathBuf]) -> Gathered {
    let mut all = Joining::default();
    for p in partials {
        all.add(&p.file_name().expect("a name").to_string_lossy(), p);
    }
    all.finish(catalog(), &|_| false)
}

fn report_of(all: Gathered) -> String {
    let causes = Causes::load(&[], catalog()).expect("the built-in causes load");
    let settings = Settings { now: NOW, ..Settings::default() };
    let scan = Scan::new(catalog(), all.files, all.skipped);
    report::json(&analyze(&scan, catalog(), &causes, &settings).expect("the timeline is built")).expect("JSON")
}

/// The logs of a sample: name, bytes as they lie there, and unpacked.
fn logs(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let found = discover(&[folder.to_owned()]);
    let unpacked = |name: &str| {
        let mut bytes = Vec::new();
        let file = File::open(folder.join(name)).expect("it is there");
        if name.ends_with(".gz") {
            flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).expect("gzip");
        } else {
            { file }.read_to_end(&mut bytes).expect("readable");
        }
        bytes
    };
    found.inputs.into_iter().filter(|i| i.name != "truth.json").map(|i| (i.name.clone(), unpacked(&i.name))).collect()
}

fn whole(folder: &Path, name: &str) -> Scanned {
    let input = fivexx::source::Input { name: name.to_owned(), place: fivexx::source::Place::File(folder.join(name)) };
    match scan(catalog(), &input, HINT, &Progress::default()) {
        Reading::Scanned(tally) => Scanned::Whole(*tally),
        Reading::Skipped(why) => panic!("{name}: {why}"),
    }
}

/// A text in so many pieces, cut at line ends.
fn pieces(text: &[u8], n: usize) -> Vec<Scanned> {
    let mut out = Vec::new();
    let mut from = 0;
    for i in 1..=n {
        let to = if i == n { text.len() } else { (text.len() * i / n).saturating_sub(1).max(from) };
        let to = text[to..].iter().position(|b| *b == b'\n').map_or(text.len(), |p| to + p + 1);
        if from == to && from > 0 {
            continue;
        }
        let mut scanner = PieceScanner::new(catalog(), HINT, from == 0);
        // However the reads are cut.
        text[from..to].chunks(4099).for_each(|block| scanner.feed(block));
        out.push(Scanned::Piece(from as u64, Box::new(scanner.finish())));
        from = to;
    }
    out
}

#[test]
fn partials_give_the_report_of_one_run() {
    for folder in samples() {
        let expected = report::json(&analyzed(&folder)).expect("JSON");
        let dir = tempfile::tempdir().expect("a folder");
        let names: Vec<String> = logs(&folder).into_iter().map(|l| l.0).collect();
        let one = dir.path().join("all.parquet");
        write(&one, &names.iter().map(|n| (n.as_str(), whole(&folder, n))).collect::<Vec<_>>());
        assert_eq!(report_of(joined(&[one])), expected, "{}: one partial", folder.display());
        let mut each: Vec<PathBuf> = Vec::new();
        for (i, n) in names.iter().enumerate() {
            each.push(dir.path().join(format!("part-{i}.parquet")));
            write(&each[i], &[(n.as_str(), whole(&folder, n))]);
        }
        assert_eq!(report_of(joined(&each)), expected, "{}: a partial a file", folder.display());
        each.reverse();
        assert_eq!(report_of(joined(&each)), expected, "{}: in reverse", folder.display());
    }
}

#[test]
fn files_in_pieces_give_the_report_of_one_run() {
    let mut wrong = Vec::new();
    for folder in samples() {
        let expected = report::json(&analyzed(&folder)).expect("JSON");
        for n in [2, 3, 7, 20] {
            let dir = tempfile::tempdir().expect("a folder");
            let mut parts: Vec<PathBuf> = Vec::new();
            for (name, text) in logs(&folder) {
                let is_whole = name.ends_with(".json") || name.ends_with("nstat.txt");
                let all = if is_whole { vec![whole(&folder, &name)] } else { pieces(&text, n) };
                for (i, piece) in all.into_iter().enumerate() {
                    let path = dir.path().join(format!("part-{i}-{}.parquet", parts.len()));
                    write(&path, &[(name.as_str(), piece)]);
                    parts.push(path);
                }
            }
            parts.reverse();
            let joined = report_of(joined(&parts));
            if joined != expected {
                let differ = joined.lines().zip(expected.lines()).filter(|(a, b)| a != b);
                wrong.push(format!("{} in {n} pieces: {:?}", folder.display(), differ.take(3).collect::<Vec<_>>()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn table(path: &Path) -> DataFrame {
    ParquetReader::new(File::open(path).expect("it is there")).finish().expect("Parquet")
}

fn save(path: &Path, mut frame: DataFrame) {
    ParquetWriter::new(File::create(path).expect("writable")).finish(&mut frame).expect("Parquet");
}

#[test]
fn rows_may_be_put_in_any_order_and_over_any_number_of_files() {
    let folder = &samples()[3];
    let expected = report::json(&analyzed(folder)).expect("JSON");
    let dir = tempfile::tempdir().expect("a folder");
    let mut all: Vec<(String, Scanned)> = Vec::new();
    for (name, text) in logs(folder) {
        let some = if name.ends_with(".json") { vec![whole(folder, &name)] } else { pieces(&text, 3) };
        all.extend(some.into_iter().map(|p| (name.clone(), p)));
    }
    let one = dir.path().join("all.parquet");
    write(&one, &all.iter().map(|(n, p)| (n.as_str(), clone(p))).collect::<Vec<_>>());
    let frame = table(&one);
    let mut parts = Vec::new();
    for i in 0..5u32 {
        let of_part = IdxCa::from_vec("rows".into(), (0..frame.height() as u32).rev().filter(|r| r % 5 == i).collect());
        parts.push(dir.path().join(format!("spread-{i}.parquet")));
        save(&parts[i as usize], frame.take(&of_part).expect("rows"));
    }
    assert_eq!(report_of(joined(&parts)), expected);
}

fn clone(s: &Scanned) -> Scanned {
    match s {
        Scanned::Whole(t) => Scanned::Whole(t.clone()),
        Scanned::Piece(at, p) => Scanned::Piece(
            *at,
            Box::new(fivexx::parser::scan::seam::Piece { head: p.head.clone(), body: p.body.clone(), end: p.end.clone() }),
        ),
    }
}

const LINES: &[u8] = b"2026/11/21 00:00:39 [error] 1#1: *2 connect() to unix:/run/a.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9, server: _, request: \"GET / HTTP/1.1\", upstream: \"uwsgi://unix:/run/a.sock:\", host: \"a\"\n2026/11/21 00:00:40 [error] 1#1: *3 connect() to unix:/run/a.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9, server: _, request: \"GET / HTTP/1.1\", upstream: \"uwsgi://unix:/run/a.sock:\", host: \"a\"\n";

fn reasons(all: &Gathered) -> Vec<String> {
    all.skipped.iter().map(|s| s.because.to_string()).collect()
}

fn tally(all: &Gathered) -> &FileTally {
    &all.files[0].tally
}

#[test]
fn hosts_that_call_their_logs_alike_keep_apart_and_gaps_are_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    for host in ["web-1.parquet", "web-2.parquet"] {
        write(&at(host), &[("error.log", pieces(LINES, 1).remove(0))]);
    }
    let all = joined(&[at("web-2.parquet"), at("web-1.parquet")]);
    assert_eq!(all.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["web-1/error.log", "web-2/error.log"]);
    assert!(all.skipped.is_empty(), "{:?}", reasons(&all));

    let mut two = pieces(LINES, 2);
    let (second, first) = (two.remove(1), two.remove(0));
    let Scanned::Piece(begin, _) = &second else { panic!("a piece") };
    let begin = *begin;
    write(&at("b.parquet"), &[("error.log", clone(&second))]);
    let all = joined(&[at("b.parquet")]);
    assert_eq!(reasons(&all), [format!("bytes 0 to {begin} are in none of the partials: that part of it was not read")]);
    // The same stretch under another offset would be counted twice.
    let Scanned::Piece(_, piece) = second else { panic!("a piece") };
    write(&at("c.parquet"), &[("error.log", Scanned::Piece(begin - 10, piece)), ("error.log", first)]);
    let all = joined(&[at("c.parquet")]);
    assert_eq!(tally(&all).lines, 1);
    assert!(reasons(&all)[0].starts_with("two partials hold what begins at byte"), "{:?}", reasons(&all));
}

#[test]
fn a_newer_version_and_a_table_of_others_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("part.parquet");
    write(&path, &[("error.log", pieces(LINES, 1).remove(0))]);
    let mut frame = table(&path);
    frame.with_column(Column::new("version".into(), vec![2i64; frame.height()])).expect("a column");
    save(&path, frame);
    assert_eq!(
        reasons(&joined(std::slice::from_ref(&path))),
        ["it is a partial of version 2, this fivexx reads up to 1: update fivexx here"]
    );
    save(&path, DataFrame::new(2, vec![Column::new("x".into(), vec![1i64, 2])]).expect("a frame"));
    assert!(reasons(&joined(&[path]))[0].contains("no partial of fivexx"));
}

#[test]
fn hostile_rows_are_refused_and_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("part.parquet");
    write(&path, &[("error.log", pieces(LINES, 1).remove(0))]);
    let frame = table(&path);
    for (column, value) in
        [("second", i64::MAX), ("second", i64::MIN), ("count", i64::MIN), ("count", i64::MAX), ("source", -1), ("line", -5)]
    {
        let mut odd = frame.clone();
        odd.with_column(Column::new(column.into(), vec![value; odd.height()])).expect("a column");
        save(&path, odd);
        let all = joined(std::slice::from_ref(&path));
        // What is a number of the whole file is bounded, what is a row is refused.
        for f in &all.files {
            assert!(f.tally.closes(), "{column} = {value}");
        }
        report_of(all);
    }
    let mut odd = frame.clone();
    odd.with_column(Column::new("sum".into(), vec![f64::NAN; odd.height()])).expect("a column");
    save(&path, odd);
    assert!(reasons(&joined(std::slice::from_ref(&path)))[0].contains("no sound `sum`"));
    // Rows that are missing are seen by the sum of lines.
    let no_source = frame.filter(&frame.column("kind").expect("kind").str().expect("text").not_equal("source")).expect("rows");
    save(&path, no_source);
    let all = joined(&[path]);
    assert!(tally(&all).closes());
    assert!(
        tally(&all).error.as_ref().is_some_and(|e| e.to_string().contains("rows of its partial are missing")),
        "{:?}",
        tally(&all).error
    );
}

#[test]
fn broken_files_never_end_the_run() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("part.parquet");
    write(&path, &[("error.log", pieces(LINES, 1).remove(0))]);
    let sound = fs::read(&path).expect("readable");
    let mut refused = 0;
    let mut flipped = |i: usize, by: u8| {
        let mut odd = sound.clone();
        odd[i] ^= by;
        fs::write(&path, &odd).expect("writable");
        let all = joined(std::slice::from_ref(&path));
        refused += usize::from(!all.skipped.is_empty());
        for f in &all.files {
            assert!(f.tally.closes());
        }
    };
    // The lowest bit of a number in a page's head is its sign: a page of fewer than no values must not have memory set aside for it.
    (0..sound.len().min(2000)).for_each(|i| flipped(i, 1));
    for i in (0..sound.len()).step_by(sound.len() / 400 + 1) {
        flipped(i, 0xff);
    }
    for i in (0..sound.len()).step_by(sound.len() / 400 + 1) {
        fs::write(&path, &sound[..i]).expect("writable");
        assert_eq!(joined(std::slice::from_ref(&path)).skipped.len(), 1, "cut at {i}");
    }
    assert!(refused > 50, "{refused}");
    // What a fuzzer made of one: numbers for which there is no memory.
    let fallen = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fallen/partials");
    for file in fs::read_dir(fallen).expect("it is there") {
        let file = file.expect("it is readable").path();
        assert_eq!(joined(std::slice::from_ref(&file)).skipped.len(), 1, "{}", file.display());
    }
}

#[test]
fn what_was_not_read_is_told_by_the_joined_report() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("part.parquet");
    let mut out = PartialWriter::new(catalog(), File::create(&path).expect("writable")).expect("a begin");
    out.file("error.log", &pieces(LINES, 1).remove(0), HINT).expect("rows");
    let secret =
        Skipped { name: "secret.log".to_owned(), because: Saying::with("skip-not-opened", &[("error", "no permission")]) };
    let strange = Skipped { name: "strange.log".to_owned(), because: Saying::count("skip-nothing-understood", 3) };
    out.unread(&secret);
    out.unread(&strange);
    out.finish().expect("an end");
    // As messages, not as texts: each report says them in its own language.
    assert_eq!(joined(std::slice::from_ref(&path)).skipped, [secret, strange]);
    // An engine that knows only the text keeps the text; so does a build that does not know the message.
    for bytes in [None, Some(&br#"{"key":"skip-of-tomorrow"}"#[..])] {
        let mut plain = table(&path);
        plain.with_column(Column::new("bytes".into(), vec![bytes; plain.height()])).expect("a column");
        let of_unread = plain.column("kind").expect("kind").str().expect("text").equal("unread");
        let alone = dir.path().join("plain.parquet");
        save(&alone, plain.filter(&of_unread).expect("rows"));
        let all = joined(&[alone]);
        assert_eq!(all.skipped.len(), 2);
        assert_eq!(all.skipped[0].because, Saying::from("cannot be opened: no permission"));
    }
}

/// What the command gives, with a text on its standard input.
fn fivexx(args: &[&dyn AsRef<std::ffi::OsStr>], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fivexx"));
    for a in args {
        command.arg(a);
    }
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("it is built");
    child.stdin.take().expect("piped").write_all(input).expect("it reads");
    let out = child.wait_with_output().expect("it ends");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out
}

/// The command from end to end: folders here, standard input in pieces there, raw logs beside them.
#[test]
fn the_command_joins_partials_and_logs() {
    let folder = samples().into_iter().find(|f| f.ends_with("listen-queue-unix")).expect("a sample");
    let dir = tempfile::tempdir().expect("a folder");
    let now = "2026-11-22T00:00:00Z";
    let logs_dir = dir.path().join("logs");
    for (name, bytes) in logs(&folder) {
        let to = logs_dir.join(name.trim_end_matches(".gz"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("writable");
        fs::write(to, bytes).expect("writable");
    }
    let json = |args: &[&Path]| {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"analyze", &"--now", &now, &"--format", &"json"];
        args.iter().for_each(|a| all.push(a));
        String::from_utf8(fivexx(&all, b"").stdout).expect("text")
    };
    let expected = json(&[&logs_dir]);
    let parts = dir.path().join("parts");
    fs::create_dir(&parts).expect("writable");
    // One folder, with its name put before its paths.
    fivexx(&[&"scan", &logs_dir.join("alb"), &"--host", &"alb", &"-o", &parts.join("alb.parquet")], b"");
    // One log on standard input, whole.
    let uwsgi = fs::read(logs_dir.join("uwsgi/uwsgi.log")).expect("readable");
    let out = fivexx(&[&"scan", &"-", &"--name", &"uwsgi/uwsgi.log", &"-o", &"-"], &uwsgi);
    fs::write(parts.join("uwsgi.parquet"), out.stdout).expect("writable");
    // One in two stretches.
    let access = fs::read(logs_dir.join("nginx/access.log")).expect("readable");
    let middle = access.len() / 2 + access[access.len() / 2..].iter().position(|b| *b == b'\n').expect("a line") + 1;
    for (at, text) in [(0, &access[..middle]), (middle, &access[middle..])] {
        let part = parts.join(format!("access-{at}.parquet"));
        fivexx(&[&"scan", &"-", &"--name", &"nginx/access.log", &"--offset", &at.to_string(), &"-o", &part], text);
    }
    // And one raw log beside them, in its folder.
    let raw = dir.path().join("raw/nginx");
    fs::create_dir_all(&raw).expect("writable");
    fs::copy(logs_dir.join("nginx/error.log"), raw.join("error.log")).expect("a copy");
    assert_eq!(json(&[&parts, &dir.path().join("raw")]), expected);
}
