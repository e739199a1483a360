//! What a verdict is worth when something is held back: whole sources, minutes, lines. And whether the accounts add up.
//!
//! `FIVEXX_RECORDINGS=DIR cargo test --test held_back -- --nocapture` runs it over other recordings (folders with a `truth.json`) and prints
//! the tables; default: `samples/`.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{NOW, samples, scanned};
use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::model::{Incident, Report};
use fivexx::parser::catalog::Catalog;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::words::Layer;
use serde_json::Value;

struct Bench {
    catalog: Catalog,
    causes: Causes,
}

impl Bench {
    fn new() -> Self {
        let catalog = Catalog::builtin().expect("the built-in parsers load");
        let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
        Bench { catalog, causes }
    }

    fn report(&self, files: Vec<ScannedFile>) -> Report {
        let scan = Scan::new(&self.catalog, files, Vec::new());
        let settings = Settings { now: NOW, ..Settings::default() };
        analyze(&scan, &self.catalog, &self.causes, &settings).expect("the timeline is built")
    }
}

fn recordings() -> Vec<PathBuf> {
    let Some(root) = std::env::var_os("FIVEXX_RECORDINGS") else { return samples() };
    let mut all: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("FIVEXX_RECORDINGS is a folder")
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.join("truth.json").is_file())
        .collect();
    all.sort();
    all
}

fn truth(folder: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json")).expect("each has its truth")).expect("JSON")
}

fn copy(file: &ScannedFile) -> ScannedFile {
    ScannedFile { path: file.path.clone(), tally: file.tally.clone() }
}

/// The source that a file is a part of: rotated pieces of one log are one.
fn source_of(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |p| p.0);
    let name = path.rsplit('/').next().unwrap_or(path);
    let kind = if name.ends_with(".json") { "metrics" } else { name.split('.').next().unwrap_or(name) };
    let kind = if name.contains("_elasticloadbalancing_") { "access" } else { kind };
    format!("{folder}/{kind}")
}

fn layer_is_right(truth: &Value, got: &Incident) -> bool {
    let id = got.dropped_at.layer.id();
    truth["dropped_at"] == id || truth["layers_ok"].as_array().is_some_and(|a| a.iter().any(|v| v == id))
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// With one whole source taken away the layer stays right, or the verdict says that it is unsure.
#[test]
fn without_one_source_the_layer_stays_right_or_is_unsure() {
    let bench = Bench::new();
    let (mut tried, mut right, mut sure_and_wrong, mut fell) = (0, 0, 0, 0);
    let (mut whole_sum, mut part_sum) = (0.0, 0.0);
    for folder in recordings() {
        let truth = truth(&folder);
        if truth["incident"] == false {
            continue;
        }
        let scan = scanned(&bench.catalog, &folder);
        let sources: BTreeSet<String> = scan.files.iter().map(|f| source_of(&f.path)).collect();
        if sources.len() < 3 {
            continue;
        }
        let whole = bench.report(scan.files.iter().map(copy).collect());
        let Some(whole) = whole.incidents.first() else { continue };
        for without in &sources {
            let files = scan.files.iter().filter(|f| source_of(&f.path) != *without).map(copy).collect();
            let report = bench.report(files);
            tried += 1;
            let Some(i) = report.incidents.first() else {
                println!("{:26} without {without:22} no incident", name(&folder));
                continue;
            };
            let is_right = layer_is_right(&truth, i);
            right += usize::from(is_right);
            let confidence = i.dropped_at.confidence;
            sure_and_wrong += usize::from(!is_right && confidence >= 0.6);
            fell += usize::from(confidence <= whole.dropped_at.confidence);
            whole_sum += whole.dropped_at.confidence;
            part_sum += confidence;
            if !is_right {
                println!(
                    "{:26} without {without:22} {}/{} {confidence}",
                    name(&folder),
                    i.dropped_at.layer,
                    i.dropped_at.mechanism
                );
            }
        }
    }
    println!(
        "layer right in {right} of {tried}; wrong with confidence of 0.6 or more: {sure_and_wrong}; confidence did not rise in {fell}, mean {:.2} → {:.2}",
        whole_sum / tried as f64,
        part_sum / tried as f64
    );
    assert!(tried >= 15 && right * 100 >= tried * 85, "layer right in {right} of {tried}");
    assert_eq!(sure_and_wrong, 0, "wrong where it claims to be sure");
}

/// Drop points and the unexplained rest are what the load balancer counted as failed.
#[test]
fn what_the_load_balancer_failed_is_accounted_for() {
    let bench = Bench::new();
    let mut shares = Vec::new();
    println!("{:26} {:>8} {:>8} {:>8} {:>12}", "recording", "counted", "dropped", "rest", "unexplained");
    for folder in recordings() {
        if truth(&folder)["incident"] == false {
            continue;
        }
        let scan = scanned(&bench.catalog, &folder);
        let has_log = scan.sources.iter().any(|s| s.layer == Layer::LoadBalancer && scan.tally(s.id).period_s == 1);
        if !has_log {
            continue;
        }
        for i in bench.report(scan.files.iter().map(copy).collect()).incidents {
            let counted = failed_at_load_balancer(&bench.catalog, &scan, i.window.start.0, i.window.end.0);
            let dropped: u64 = i.drop_points.iter().map(|d| d.requests).sum();
            let share = i.unexplained as f64 / counted.max(1) as f64 * 100.0;
            println!("{:26} {counted:>8} {dropped:>8} {:>8} {share:>11.1}%", name(&folder), i.unexplained);
            let off = (dropped + i.unexplained).abs_diff(counted) as f64 / counted.max(1) as f64;
            assert!(off <= 0.005, "{}: {dropped} + {} is not {counted}", name(&folder), i.unexplained);
            shares.push(share);
        }
    }
    shares.sort_by(f64::total_cmp);
    let median = shares[shares.len() / 2];
    println!("median unexplained: {median:.1}%");
    assert!(median < 2.0, "{median}");
}

/// The 5xx of the load balancer's own log in a stretch of UTC, straight from the tallies.
fn failed_at_load_balancer(catalog: &Catalog, scan: &Scan, from: i64, to: i64) -> u64 {
    let mut by_second: BTreeMap<i64, u64> = BTreeMap::new();
    for s in scan.sources.iter().filter(|s| s.layer == Layer::LoadBalancer && scan.tally(s.id).period_s == 1) {
        for (id, t) in &scan.tally(s.id).signals {
            if catalog.signals.info(*id).role == fivexx::words::Role::FailedRequest {
                t.cells.iter().for_each(|c| *by_second.entry(c.second).or_default() += c.count);
            }
        }
    }
    by_second.range(from..to).map(|(_, n)| n).sum()
}

/// A small generator, so that a failing trial can be run again.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }
}

/// Keeps each observation with a chance.
fn thin(file: &mut ScannedFile, keep: f64, random: &mut Random) {
    for source in &mut file.tally.sources {
        for t in source.signals.values_mut() {
            for c in &mut t.cells {
                let n = (0..c.count.min(2000)).filter(|_| random.unit() < keep).count() as u64;
                c.sum *= if c.count == 0 { 0.0 } else { n as f64 / c.count as f64 };
                c.count = n;
            }
            t.cells.retain(|c| c.count > 0);
        }
    }
}

/// One way to spoil a recording; the stretch to look at, if it is cut.
fn spoil(kind: usize, scan: &Scan, noise: &[ScannedFile], random: &mut Random) -> (Vec<ScannedFile>, Option<(i64, i64)>) {
    let mut files: Vec<ScannedFile> = scan.files.iter().map(copy).collect();
    let sources: Vec<String> = files.iter().map(|f| source_of(&f.path)).collect::<BTreeSet<_>>().into_iter().collect();
    match kind {
        0 | 1 => {
            for _ in 0..=kind {
                let gone = &sources[random.below(sources.len())];
                files.retain(|f| source_of(&f.path) != *gone);
            }
            (files, None)
        }
        2 => {
            let keep = 0.2 + 0.6 * random.unit();
            files.iter_mut().for_each(|f| thin(f, keep, random));
            (files, None)
        }
        3 => {
            files.extend(noise.iter().map(|f| ScannedFile { path: format!("elsewhere/{}", f.path), tally: f.tally.clone() }));
            (files, None)
        }
        _ => {
            let spans =
                scan.sources.iter().filter_map(|s| scan.tally(s.id).span.filter(|_| scan.tally(s.id).stated == Some(true)));
            let (from, to) = spans.fold((i64::MAX, i64::MIN), |(a, b), s| (a.min(s.0), b.max(s.1)));
            let length = (to - from).max(120);
            let cut = (length as f64 * (0.4 + 0.5 * random.unit())) as i64;
            let begin = from + (random.unit() * (length - cut) as f64) as i64;
            (files, Some((begin, begin + cut)))
        }
    }
}

/// Confidence means what it says: of the verdicts on spoiled copies at a confidence, about that share is right.
#[test]
fn confidence_is_the_share_that_is_right() {
    let bench = Bench::new();
    let copies = std::env::var("FIVEXX_COPIES").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let mut random = Random(29);
    let noise: Vec<ScannedFile> =
        recordings().iter().find(|f| truth(f)["incident"] == false).map(|f| scanned(&bench.catalog, f).files).unwrap_or_default();
    // Recording, confidence, right: both for the layer.
    let mut verdicts: Vec<(usize, f64, bool)> = Vec::new();
    for (n, folder) in recordings().iter().enumerate() {
        let truth = truth(folder);
        if truth["incident"] == false {
            continue;
        }
        let scan = scanned(&bench.catalog, folder);
        for i in 0..copies {
            let (files, stretch) = spoil(i % 5, &scan, &noise, &mut random);
            let spoiled = Scan::new(&bench.catalog, files, Vec::new());
            let (from, to) = stretch.unzip();
            let settings = Settings { now: NOW, from, to, ..Settings::default() };
            let report = analyze(&spoiled, &bench.catalog, &bench.causes, &settings).expect("the timeline is built");
            if let Some(i) = report.incidents.first() {
                verdicts.push((n, i.dropped_at.confidence, layer_is_right(&truth, i)));
            }
        }
    }
    let mut off = 0.0;
    println!("{:>12} {:>8} {:>8} {:>8}", "confidence", "verdicts", "mean", "right");
    for bin in 0..5 {
        let (low, high) = (f64::from(bin) * 0.2, f64::from(bin + 1) * 0.2 + 1e-9);
        let inside: Vec<_> = verdicts.iter().filter(|v| v.1 >= low && v.1 < high.max(if bin == 4 { 2.0 } else { 0.0 })).collect();
        if inside.is_empty() {
            continue;
        }
        let mean = inside.iter().map(|v| v.1).sum::<f64>() / inside.len() as f64;
        let right = inside.iter().filter(|v| v.2).count() as f64 / inside.len() as f64;
        println!("{low:>5.1} – {:>4.1} {:>8} {mean:>8.2} {right:>8.2}", high, inside.len());
        off += (mean - right).abs() * inside.len() as f64 / verdicts.len() as f64;
    }
    let brier = verdicts.iter().map(|v| (v.1 - f64::from(u8::from(v.2))).powi(2)).sum::<f64>() / verdicts.len() as f64;
    println!("{} verdicts, Brier score {brier:.3}, mean distance of confidence from truth {off:.3}", verdicts.len());
    assert!(brier < 0.12, "{brier}");
    assert!(off < 0.12, "{off}");
}

/// Before its fault a recording is an ordinary site: no stretch of it is an incident.
#[test]
fn stretches_before_the_fault_are_quiet() {
    let bench = Bench::new();
    let mut random = Random(41);
    let mut tried = 0;
    for folder in recordings() {
        let truth = truth(&folder);
        let Some(fault) = truth["window"][0].as_str().and_then(fivexx::parser::stamp::read_iso_whole) else { continue };
        let fault = fault.ms().div_euclid(1000) - 5;
        let scan = scanned(&bench.catalog, &folder);
        let dated = scan.sources.iter().filter(|s| scan.tally(s.id).stated == Some(true));
        let Some(first) = dated.filter_map(|s| scan.tally(s.id).span).map(|s| s.0).min().filter(|f| fault - f > 30) else {
            continue;
        };
        for _ in 0..5 {
            let from = first + (random.unit() * (fault - first - 20) as f64) as i64;
            let to = from + 20 + (random.unit() * (fault - from - 20) as f64) as i64;
            // A recording may begin with its fault under way.
            if failed_at_load_balancer(&bench.catalog, &scan, from, to) >= 5 {
                continue;
            }
            let settings = Settings { now: NOW, from: Some(from), to: Some(to), ..Settings::default() };
            let report = analyze(&scan, &bench.catalog, &bench.causes, &settings).expect("the timeline is built");
            tried += 1;
            assert!(report.incidents.is_empty(), "{} from {from} to {to}: {:?}", name(&folder), report.incidents[0].dropped_at);
        }
    }
    println!("{tried} stretches before the fault: no incident");
    assert!(tried >= 20, "{tried}");
}
