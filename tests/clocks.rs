//! Clocks are found, or said to be unknown: recordings whose sources are moved by any zone and skew.
//!
//! `FIVEXX_TRIALS=1000 cargo test --release --test clocks -- --nocapture` runs more trials and prints the shares.

mod common;

use common::{analyzed, samples, scan_text, scanned};
use fivexx::clock::infer::real_offsets;
use fivexx::clock::{Basis, Clock, read_clocks};
use fivexx::parser::catalog::Catalog;
use fivexx::scanned::{Scan, Source, SourceId};

/// A small generator, so that a failing trial can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

fn trials() -> usize {
    std::env::var("FIVEXX_TRIALS").ok().and_then(|t| t.parse().ok()).unwrap_or(60)
}

/// Moves every stamp of a source by the same.
fn shift(scan: &mut Scan, id: SourceId, by: i64) {
    warp(scan, id, |_| by);
}

/// Moves every stamp of a source by what is told of its second; later stamps stay later.
fn warp(scan: &mut Scan, id: SourceId, by: impl Fn(i64) -> i64) {
    let source = scan.source(id).clone();
    let tally = &mut scan.files[source.file].tally.sources[source.part];
    tally.span = tally.span.map(|(a, b)| (a + by(a), b + by(b)));
    // The zone is to be found from what both layers saw.
    tally.anchors = Default::default();
    for p in &mut tally.paths {
        p.0 += by(p.0);
    }
    for t in tally.signals.values_mut() {
        t.cells.iter_mut().for_each(|c| c.second += by(c.second));
        t.sketches.iter_mut().for_each(|s| s.0 += by(s.0));
    }
}

/// The source of a parser whose lines state no zone.
fn unstated(scan: &Scan, catalog: &Catalog, parser: &str) -> Option<SourceId> {
    let fits = |s: &&fivexx::scanned::Source| {
        let t = scan.tally(s.id);
        t.stated == Some(false) && catalog.formats[t.format].definition.name == parser
    };
    scan.sources.iter().find(fits).map(|s| s.id)
}

fn requests(scan: &Scan, id: SourceId) -> u64 {
    scan.tally(id).paths.iter().flat_map(|(_, n)| n).map(|n| u64::from(*n)).sum()
}

/// Seconds by which a source's stamps are ahead of UTC, by its clock.
fn ahead(clock: &Clock, scan: &Scan, id: SourceId) -> i64 {
    let first = scan.tally(id).span.expect("a dated source").0;
    first - clock.utc(first)
}

#[test]
fn a_moved_source_is_found_again_or_said_to_be_unknown() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let offsets = real_offsets();
    let mut random = Random(7);
    let (mut tried, mut found, mut confident_wrong) = (0, 0, 0);
    let mut base: Vec<(Scan, SourceId, i64)> = Vec::new();
    for folder in samples() {
        let scan = scanned(&catalog, &folder);
        let Some(id) = unstated(&scan, &catalog, "uwsgi").filter(|id| requests(&scan, *id) >= 200) else { continue };
        let truth = ahead(&read_clocks(&scan, &catalog, &[])[id.0], &scan, id);
        base.push((scan, id, truth));
    }
    assert!(base.len() >= 4, "samples with two request logs");
    for _ in 0..trials() {
        let n = random.below(base.len());
        let (scan, id, truth) = &mut base[n];
        let target = offsets[random.below(offsets.len())] + random.below(1801) as i64 - 900;
        let by = target - *truth;
        shift(scan, *id, by);
        let clock = &read_clocks(scan, &catalog, &[])[id.0];
        let off = (ahead(clock, scan, *id) - target).abs();
        tried += 1;
        if clock.basis == Basis::Inferred && off <= 2 {
            found += 1;
        }
        if off > 2 {
            println!("{} moved by {by}: off by {off}: {clock:?}", scan.source(*id).path);
        }
        confident_wrong += usize::from(clock.basis == Basis::Inferred && clock.confidence >= 0.9 && off > 5);
        shift(scan, *id, -by);
    }
    println!("{found} of {tried} found within 2 s, {confident_wrong} confidently wrong");
    assert!(found * 100 >= tried * 95, "{found} of {tried}");
    assert!(confident_wrong * 100 <= tried, "{confident_wrong} of {tried}");
}

/// A clock that runs wrong is found though the lines state their zone: all logs of a server behind the outermost one are moved by less than a
/// quarter of an hour. What is found is right, also where little of a recording is calm.
#[test]
fn a_server_that_states_its_zone_and_runs_wrong_is_found() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let mut random = Random(11);
    let (mut tried, mut found, mut wrong) = (0, 0, 0);
    for folder in samples() {
        // Failures leave a minute around them untold: of what is cut so short some 75 seconds are calm.
        let failing = analyzed(&folder).incidents.first().map(|i| (i.window.start.0 - 100)..(i.window.end.0 + 95));
        for part in [Some(i64::MIN..i64::MAX), failing].into_iter().flatten() {
            let mut scan = clipped(scanned(&catalog, &folder), part);
            let outermost = scan.sources.iter().filter(|s| requests(&scan, s.id) > 0).map(|s| s.layer).min();
            let stated = |s: &&Source| scan.tally(s.id).stated == Some(true) && requests(&scan, s.id) >= 200;
            let behind = scan.sources.iter().filter(stated).filter(|s| Some(s.layer) != outermost);
            for id in behind.map(|s| s.id).collect::<Vec<_>>() {
                let on_server = |s: &&Source| s.folder() == scan.source(id).folder();
                let server: Vec<SourceId> = scan.sources.iter().filter(on_server).map(|s| s.id).collect();
                let before = read_clocks(&scan, &catalog, &[])[id.0].skew_s;
                for _ in 0..trials().div_ceil(15) {
                    let most = [90, 890][random.below(2)];
                    let skew = random.below(2 * most + 1) as i64 - most as i64;
                    server.iter().for_each(|id| shift(&mut scan, *id, skew));
                    let told = read_clocks(&scan, &catalog, &[])[id.0].skew_s - before;
                    server.iter().for_each(|id| shift(&mut scan, *id, -skew));
                    let is_right = (told - skew as f64).abs() <= 3.0;
                    tried += 1;
                    found += usize::from(is_right);
                    wrong += usize::from(!is_right && told != 0.0);
                    if !is_right {
                        println!("{} in {} runs {skew} s ahead, not {told}", scan.source(id).path, folder.display());
                    }
                }
            }
        }
    }
    println!("{found} of {tried} found within 3 s, {wrong} wrong");
    assert!(tried >= 40 && found * 100 >= tried * 95, "{found} of {tried}");
    assert_eq!(wrong, 0, "of {tried}");
}

/// A recording of which the requests of a stretch of time are left.
fn clipped(mut scan: Scan, part: std::ops::Range<i64>) -> Scan {
    for s in scan.files.iter_mut().flat_map(|f| &mut f.tally.sources).filter(|s| s.stated == Some(true)) {
        s.paths.retain(|p| part.contains(&p.0));
    }
    scan
}

/// The clock of one layer is set anew in the middle of a recording: a season's change, or a correction. Half of five minutes, with an
/// outage in it, does not always tell: then only the longer part's clock is known, or none.
#[test]
fn a_step_is_found_and_its_parts_are_named() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let (mut tried, mut found) = (0, 0);
    for folder in samples() {
        for step in [3600, 95, 900] {
            let mut scan = scanned(&catalog, &folder);
            let Some(id) = unstated(&scan, &catalog, "uwsgi").filter(|id| requests(&scan, *id) >= 200) else { continue };
            let before = ahead(&read_clocks(&scan, &catalog, &[])[id.0], &scan, id);
            let (first, last) = scan.tally(id).span.expect("a dated source");
            let middle = (first + last) / 2;
            warp(&mut scan, id, |s| if s < middle { 0 } else { step });
            let clock = &read_clocks(&scan, &catalog, &[])[id.0];
            tried += 1;
            let right = |s: i64, ahead: i64| (s - clock.utc(s) - ahead).abs() <= 2;
            let both = right(first + 5, before) && right(last + step - 5, before + step) && clock.turns.len() == 2;
            found += usize::from(both);
            // What is not found may be unknown, but never wrong with confidence.
            let wrong = !(right(first + 5, before) || right(last + step - 5, before + step));
            assert!(!wrong || clock.basis == Basis::Assumed || clock.confidence < 0.9, "{}: {clock:?}", folder.display());
        }
    }
    println!("{found} of {tried} steps found, both parts within 2 s");
    assert!(tried >= 12 && found * 3 >= tried, "{found} of {tried}");
}

/// Local times that go back an hour for good: the hour that occurs twice is told apart, and a named zone knows which is which.
#[test]
fn an_hour_that_occurs_twice_is_told_apart() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let line = |h: u32, m: u32, s: u32| {
        format!(
            "2026/10/25 {h:02}:{m:02}:{s:02} [error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.9, server: _, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:8000/\", host: \"x\"\n"
        )
    };
    // 02:10 … 02:59 summer time, then 02:00 … 02:30 again.
    let mut text = String::new();
    (10..60).for_each(|m| text.push_str(&line(2, m, 5)));
    (0..30).for_each(|m| text.push_str(&line(2, m, 5)));
    let file = common::scan_text(&catalog, "nginx/error.log", text.as_bytes());
    let scan = Scan::new(&catalog, vec![file], Vec::new());
    assert_eq!(scan.sources.len(), 2, "the log is cut where its times go back");
    let berlin = fivexx::clock::ZoneRule::parse("Europe/Berlin").expect("a zone");
    let clocks = read_clocks(&scan, &catalog, &[berlin]);
    let spans: Vec<(i64, i64)> = scan
        .sources
        .iter()
        .map(|s| (scan.tally(s.id).span.expect("dated"), &clocks[s.id.0]))
        .map(|((a, b), c)| (c.utc(a), c.utc(b)))
        .collect();
    // 02:10:05 CEST is 00:10:05 UTC; the second 02:29:05 is 01:29:05 UTC.
    assert_eq!(spans[0].0 % 86_400, 605);
    assert_eq!(spans[1].1 % 86_400, 5345);
    assert!(clocks[1].because.to_string().contains("second of the two hours"), "{}", clocks[1].because);
}

/// Lines that hold an epoch beside the local time need no other source.
#[test]
fn an_epoch_in_a_line_states_the_zone() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let text = "Sat Nov 21 09:06:12 2026 - HARAKIRI [core 0] 127.0.0.1 - GET / since 1795219567\n";
    let scan = Scan::new(&catalog, vec![common::scan_text(&catalog, "uwsgi.log", text.as_bytes())], Vec::new());
    let clock = &read_clocks(&scan, &catalog, &[])[0];
    assert_eq!((clock.basis, clock.zone.offset_at_utc(0)), (Basis::Stated, 32_400));
}

/// A collector's UTC around a local time states the zone of that log, and of the logs beside it.
#[test]
fn a_collectors_time_states_the_zone_of_the_neighbours() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let inner = "2026/11/21 09:00:10 [error] 7#7: *1 open() \\\"/x\\\" failed (24: Too many open files), client: 203.0.113.9";
    let docker = format!("{{\"log\":\"{inner}\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-21T00:00:10.5Z\"}}\n");
    let beside =
        "Sat Nov 21 09:00:12 2026 - *** uWSGI listen queue of socket \"127.0.0.1:3031\" (fd: 3) full !!! (101/100) ***\n";
    let files = vec![
        common::scan_text(&catalog, "web/nginx.log", docker.repeat(3).as_bytes()),
        common::scan_text(&catalog, "web/uwsgi.log", beside.as_bytes()),
    ];
    let scan = Scan::new(&catalog, files, Vec::new());
    let clocks = read_clocks(&scan, &catalog, &[]);
    let offsets: Vec<i32> = scan.sources.iter().map(|s| clocks[s.id.0].offset_of(scan.tally(s.id))).collect();
    assert_eq!(offsets, [32_400, 32_400]);
    assert_eq!(clocks[0].utc(scan.tally(scan.sources[0].id).span.expect("dated").0) % 86_400, 10);
}

/// Logs of different incidents, one of them moved anywhere, have nothing in common.
#[test]
fn unrelated_logs_are_not_matched() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let mut random = Random(11);
    let folders = samples();
    let (mut tried, mut matched) = (0, 0);
    while tried < trials() {
        let (a, b) = (random.below(folders.len()), random.below(folders.len()));
        if a == b {
            continue;
        }
        let mut one = scanned(&catalog, &folders[a]);
        let mut other = scanned(&catalog, &folders[b]);
        let Some(id) = unstated(&other, &catalog, "uwsgi") else { continue };
        let path = other.source(id).path.clone();
        let file = other.files.swap_remove(other.source(id).file);
        // Of the first incident all but its own app server's log.
        one.files.retain(|f| !f.path.starts_with("uwsgi"));
        one.files.push(file);
        let mut together = Scan::new(&catalog, std::mem::take(&mut one.files), Vec::new());
        let moved = together.sources.iter().find(|s| s.path == path).expect("it is there").id;
        shift(&mut together, moved, random.below(90_000) as i64 - 45_000);
        tried += 1;
        let clock = &read_clocks(&together, &catalog, &[])[moved.0];
        matched += usize::from(clock.basis == Basis::Inferred);
        if clock.basis == Basis::Inferred {
            println!("{} beside {}: {} ({})", folders[b].display(), folders[a].display(), clock.because, clock.confidence);
        }
    }
    println!("{matched} of {tried} unrelated logs matched");
    assert!(matched * 20 <= tried, "{matched} of {tried}");
}

/// Keeps of a recording what two sources say, and finds the second's clock from failures (or a metric's minutes) alone.
fn moved_trials(keep: impl Fn(&str) -> bool, parser: &str, least: u64, within: i64, seed: u64) -> (usize, usize, usize) {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let offsets = real_offsets();
    let mut random = Random(seed);
    let mut base: Vec<(Scan, SourceId, i64)> = Vec::new();
    for folder in samples() {
        let whole = scanned(&catalog, &folder);
        let Some(id) = unstated(&whole, &catalog, parser) else { continue };
        let truth = ahead(&read_clocks(&whole, &catalog, &[])[id.0], &whole, id);
        let path = whole.source(id).path.clone();
        let files = whole.files.into_iter().filter(|f| keep(&f.path)).collect();
        let scan = Scan::new(&catalog, files, Vec::new());
        let Some(id) = scan.sources.iter().find(|s| s.path == path).map(|s| s.id) else { continue };
        if scan.tally(id).matched >= least {
            base.push((scan, id, truth));
        }
    }
    assert!(base.len() >= 3, "samples that have both");
    let (mut found, mut confident_wrong) = (0, 0);
    for _ in 0..trials() {
        let n = random.below(base.len());
        let (scan, id, truth) = &mut base[n];
        let target = offsets[random.below(offsets.len())] + random.below(1801) as i64 - 900;
        shift(scan, *id, target - *truth);
        let clock = &read_clocks(scan, &catalog, &[])[id.0];
        let off = (ahead(clock, scan, *id) - target).abs();
        let said = clock.basis == Basis::Inferred;
        found += usize::from(said && off <= within);
        if said && clock.confidence >= 0.9 && off > 5.max(within) {
            println!("{} is off by {off} s: {}", scan.source(*id).path, clock.because);
        }
        confident_wrong += usize::from(said && clock.confidence >= 0.9 && off > 5.max(within));
        shift(scan, *id, *truth - target);
    }
    (trials(), found, confident_wrong)
}

/// nginx's error log beside the load balancer's log: no requests of its own, only failures.
#[test]
fn failures_alone_tell_a_clock_or_leave_it_unknown() {
    let keep = |p: &str| p.ends_with("error.log") || p.starts_with("alb/") && !p.ends_with(".json");
    let (tried, found, wrong) = moved_trials(keep, "nginx_error", 50, 5, 13);
    println!("from failures: {found} of {tried} within 5 s, {wrong} confidently wrong");
    assert!(wrong * 100 <= tried, "{wrong} of {tried}");
}

/// Minutes of a metric are too coarse for a short recording: unknown is the honest answer, a wrong one is not.
#[test]
fn minutes_alone_do_not_mislead() {
    let keep = |p: &str| p.ends_with("uwsgi.log") || p.ends_with("cloudwatch.json");
    let (tried, found, wrong) = moved_trials(keep, "uwsgi", 200, 60, 17);
    println!("from minutes: {found} of {tried} within 60 s, {wrong} confidently wrong");
    assert!(wrong * 100 <= tried, "{wrong} of {tried}");
}

/// Two minutes of ten, in which requests fail now and then.
fn failing_seconds() -> Vec<i64> {
    let mut random = Random(5);
    (120..240).flat_map(|second| vec![second; [0, 0, 1, 3][random.below(4)]]).collect()
}

const BEGIN: i64 = 1_795_219_200; // 2026-11-21T00:00:00Z

/// The time so many seconds behind the begin, on a clock so many seconds ahead of UTC.
fn local(second: i64, ahead_s: i64) -> chrono::NaiveDateTime {
    chrono::DateTime::from_timestamp(BEGIN + second + ahead_s, 0).expect("a time").naive_utc()
}

/// Two requests a second that are answered, and those that fail, a second and a status each.
fn requests_with(failing: &[i64], status: u16) -> Vec<(i64, u16)> {
    let mut all: Vec<(i64, u16)> =
        (0..600).flat_map(|s| [(s, 200), (s, 200)]).chain(failing.iter().map(|s| (*s, status))).collect();
    all.sort_unstable();
    all
}

fn scan_of(catalog: &Catalog, files: &[(&str, String)]) -> Scan {
    Scan::new(catalog, files.iter().map(|(path, text)| scan_text(catalog, path, text.as_bytes())).collect(), Vec::new())
}

/// Epochs and `Z` are written on machines of every zone, and a load balancer's log may lie in any folder: what failed in both logs, and when they meet, says
/// more of a local time beside them. Where UTC fits, the neighbour's word is taken.
#[test]
fn a_neighbour_in_utc_does_not_hide_a_local_time() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let failing = failing_seconds();
    for (key, ahead_s) in [("msec", -18_000), ("ts", 32_400), ("msec", 0)] {
        let error = failing.iter().map(|s| {
            let at = local(*s, ahead_s).format("%Y/%m/%d %H:%M:%S");
            format!("{at} [error] 7#7: *1 upstream sent too big header while reading response header from upstream, client: 198.51.100.7, server: a, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:8000/\", host: \"a\"\n")
        });
        let access = requests_with(&failing, 502).into_iter().map(|(s, status)| {
            let at = if key == "msec" { format!("{}.291", BEGIN + s) } else { format!("\"{}\"", local(s, 0).format("%Y-%m-%dT%H:%M:%SZ")) };
            format!("{{\"{key}\":{at},\"remote_addr\":\"198.51.100.7\",\"request_uri\":\"/\",\"status\":{status},\"request_time\":0.063}}\n")
        });
        let scan = scan_of(&catalog, &[("nginx/access.log", access.collect()), ("nginx/error.log", error.collect())]);
        let clock = &read_clocks(&scan, &catalog, &[])[1];
        assert_eq!((i64::from(clock.offset_of(scan.tally(SourceId(1)))), clock.skew_s), (ahead_s, 0.0), "{key}: {clock:?}");
        assert_eq!(clock.basis, Basis::Inferred);
    }
}

/// A log of tracebacks whose zone is known, by a clock that runs wrong by more than requests wait, is set beside the failures of a log of requests.
#[test]
fn tracebacks_alone_tell_that_a_clock_runs_wrong() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let failing = failing_seconds();
    let access = requests_with(&failing, 500).into_iter().map(|(s, status)| {
        let at = local(s, 32_400).format("%d/%b/%Y:%H:%M:%S");
        format!("198.51.100.7 - - [{at} +0900] \"GET / HTTP/1.1\" {status} 12 \"-\" \"curl\"\n")
    });
    let access: String = access.collect();
    for skew in [-95, 150, 0, 20] {
        let server = failing.iter().map(|s| {
            let at = local(*s, skew).format("%Y-%m-%d %H:%M:%S");
            format!("[{at} +0000] [7] [ERROR] Error handling request /\nTraceback (most recent call last):\n  File \"/srv/app.py\", line 3, in app\n    price()\nKeyError: 'price'\n")
        });
        let scan = scan_of(&catalog, &[("gunicorn/gunicorn.log", server.collect()), ("nginx/access.log", access.clone())]);
        let clocks = read_clocks(&scan, &catalog, &[]);
        // Twenty seconds may be what a request waits.
        let told = if skew == 20 { 0 } else { skew };
        for s in scan.sources.iter().filter(|s| s.path.starts_with("gunicorn")) {
            assert_eq!(clocks[s.id.0].skew_s, told as f64, "{} by {skew}", scan.tally(s.id).format);
        }
    }
}

/// uWSGI writes requests by `%(ltime)`, which states the zone, and its own messages without: the latter are in the zone of the former.
#[test]
fn lines_without_a_zone_are_in_that_of_the_others_of_their_log() {
    let mut catalog = Catalog::builtin().expect("the built-in parsers load");
    let form = r#"[%(ltime)] "%(method) %(uri) %(proto)" %(status) %(msecs)ms"#;
    catalog.add_form("uwsgi", "log-format", form).expect("a form");
    let line = |s: i64| {
        let at = local(s, 32_400);
        let (own, request) = (at.format("%a %b %e %H:%M:%S %Y"), at.format("%d/%b/%Y:%H:%M:%S +0900"));
        format!(
            "{own} - *** uWSGI listen queue of socket \":3031\" (fd: 3) full !!! (101/100) ***\n[{request}] \"GET / HTTP/1.1\" 200 12ms\n"
        )
    };
    let scan = scan_of(&catalog, &[("uwsgi.log", (0..60).map(line).collect())]);
    let clocks = read_clocks(&scan, &catalog, &[]);
    let span = |s: &Source| scan.tally(s.id).span.map(|(a, b)| (clocks[s.id.0].utc(a) - BEGIN, clocks[s.id.0].utc(b) - BEGIN));
    assert_eq!(scan.sources.iter().map(span).collect::<Vec<_>>(), [Some((0, 59)), Some((0, 59))]);
    assert_eq!(clocks[0].offset_of(scan.tally(SourceId(0))), 32_400);
}
