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
