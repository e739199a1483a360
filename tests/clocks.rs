//! Clocks are found, or said to be unknown: recordings whose sources are moved by any zone and skew.
//!
//! `FIVEXX_TRIALS=1000 cargo test --release --test clocks -- --nocapture` runs more trials and prints the shares.

mod common;

use common::{samples, scanned};
use fivexx::clock::infer::real_offsets;
use fivexx::clock::{Basis, Clock, read_clocks};
use fivexx::parser::catalog::Catalog;
use fivexx::scanned::{Scan, SourceId};

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

/// Moves every stamp of a source.
fn shift(scan: &mut Scan, id: SourceId, by: i64) {
    let source = scan.source(id).clone();
    let tally = &mut scan.files[source.file].tally.sources[source.part];
    tally.span = tally.span.map(|(a, b)| (a + by, b + by));
    // The zone is to be found from what both layers saw.
    tally.anchors = Default::default();
    for p in &mut tally.paths {
        p.0 += by;
    }
    for t in tally.signals.values_mut() {
        t.cells.iter_mut().for_each(|c| c.second += by);
        t.sketches.iter_mut().for_each(|s| s.0 += by);
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
