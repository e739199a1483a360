//! What the middle costs where there are many rows: `cargo bench --bench middle -- 1000000 10000000`.
//!
//! Made up are tallies as a fleet's partials give them: hosts × seconds × signals, with five bad minutes. Prints the seconds of each step and the
//! peak memory of the process so far.

use std::time::Instant;

use fivexx::analysis::{Settings, analyze};
use fivexx::clock::read_clocks;
use fivexx::diagnosis::cause::Causes;
use fivexx::parser::catalog::{Catalog, SignalId};
use fivexx::parser::tally::{FileTally, SourceTally};
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::timeline::Timeline;
use fivexx::words::Role;

/// 2026-11-21T00:00:00Z.
const BEGIN: i64 = 1_795_219_200;

/// Seconds of a host's log: an hour.
const SECONDS: i64 = 3600;

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![1_000_000, 10_000_000] } else { given };
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    println!(
        "{:>10} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "rows", "hosts", "clocks", "timeline", "frame", "analysis", "peak MiB"
    );
    for rows in sizes {
        let scan = fleet(&catalog, rows);
        let clocks_at = Instant::now();
        let clocks = read_clocks(&scan, &catalog, &[]);
        let clocks_took = clocks_at.elapsed();
        let timeline_at = Instant::now();
        let timeline = Timeline::build(&scan, &catalog, &clocks, (None, None), BEGIN).expect("rows");
        let timeline_took = timeline_at.elapsed();
        let frame_at = Instant::now();
        let height = timeline.frame().expect("columns").height();
        let frame_took = frame_at.elapsed();
        drop(timeline);
        let analysis_at = Instant::now();
        let report = analyze(&scan, &catalog, &causes, &Settings::default()).expect("a report");
        let analysis_took = analysis_at.elapsed();
        assert_eq!(report.incidents.len(), 1, "five bad minutes");
        println!(
            "{height:>10} {:>6} {clocks_took:>9.1?} {timeline_took:>9.1?} {frame_took:>9.1?} {analysis_took:>9.1?} {:>9}",
            scan.files.len() / 2,
            peak_mib()
        );
    }
}

/// Access logs and error logs of as many hosts as it takes.
fn fleet(catalog: &Catalog, rows: usize) -> Scan {
    let access = catalog.find("nginx_access").expect("nginx_access");
    let error = catalog.find("nginx_error").expect("nginx_error");
    let with = |format: usize, role: Role| -> SignalId {
        let definition = &catalog.formats[format].definition;
        let of_counts = definition.counts.iter().map(|c| c.signal.as_str());
        let of_events = definition.events.iter().filter_map(|e| e.signal.as_deref());
        let ids = of_counts.chain(of_events).filter_map(|n| catalog.signals.find(n));
        ids.into_iter().find(|id| catalog.signals.info(*id).role == role).expect("a signal of this role")
    };
    let requests = with(access, Role::Request);
    let failed = with(access, Role::FailedRequest);
    let full = catalog.signals.find("nginx.upstream_eagain").expect("nginx.upstream_eagain");
    // Of each host: requests and failures every second, errors in the bad minutes.
    let hosts = (rows / (2 * SECONDS as usize + 300)).max(1);
    let mut files = Vec::new();
    for host in 0..hosts {
        let mut own = tally_of(access);
        let mut errors = tally_of(error);
        for s in 0..SECONDS {
            let bad = (1800..2100).contains(&s);
            own.signals.entry(requests).or_default().add_cell(BEGIN + s, 100, None);
            own.signals.entry(failed).or_default().add_cell(BEGIN + s, if bad { 20 } else { u64::from(s % 60 == 0) }, None);
            if bad {
                errors.signals.entry(full).or_default().add_cell(BEGIN + s, 20, None);
            }
        }
        for (name, source) in [("access", own), ("error", errors)] {
            let tally = FileTally { lines: 360_000, sources: vec![source], ..FileTally::default() };
            files.push(ScannedFile { path: format!("web-{host:04}/nginx/{name}.log"), tally });
        }
    }
    Scan::new(catalog, files, Vec::new())
}

fn tally_of(format: usize) -> SourceTally {
    let mut tally = SourceTally::new(format, None);
    tally.matched = 360_000;
    (tally.stated, tally.offset_s) = (Some(true), Some(0));
    tally.span = Some((BEGIN, BEGIN + SECONDS - 1));
    tally
}

/// Most memory that the process has had (Linux).
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
