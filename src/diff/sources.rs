//! Sources that one report has and the other has not, and clocks that were found otherwise.

use std::collections::BTreeMap;

use super::Change;
use super::read::Source;
use crate::clock::ZoneShift;

/// Clocks that differ by less than this run alike.
const SAME_SKEW_S: f64 = 1.0;

pub(super) fn compare(before: &[Source], after: &[Source]) -> Vec<Change> {
    let (b, a) = (by_name(before), by_name(after));
    let mut names: Vec<&String> = b.keys().chain(a.keys().filter(|k| !b.contains_key(*k))).collect();
    names.sort();
    names.into_iter().filter_map(|n| change(n, b.get(n).copied(), a.get(n).copied())).collect()
}

/// By path, parser and host; the paths of two days differ in their dates, which then stand as gone and new.
fn by_name(sources: &[Source]) -> BTreeMap<String, &Source> {
    let name = |s: &Source| match &s.host {
        Some(host) => format!("{} ({}, {host})", s.path, s.parser),
        None => format!("{} ({})", s.path, s.parser),
    };
    sources.iter().map(|s| (name(s), s)).collect()
}

fn change(name: &str, before: Option<&Source>, after: Option<&Source>) -> Option<Change> {
    match (before, after) {
        (Some(b), Some(a)) if same_clock(b, a) => None,
        (Some(b), Some(a)) => Change::of(format!("clock of {name}"), Some(clock(b)), Some(clock(a))),
        (b, a) => Change::of(format!("source {name}"), b.map(read), a.map(read)),
    }
}

fn same_clock(b: &Source, a: &Source) -> bool {
    b.clock.utc_offset_s == a.clock.utc_offset_s && (b.clock.skew_s - a.clock.skew_s).abs() < SAME_SKEW_S
}

fn clock(s: &Source) -> String {
    let zone = match i32::try_from(s.clock.utc_offset_s).unwrap_or(0) {
        0 => "UTC".to_owned(),
        offset => ZoneShift::Fixed(offset).name(),
    };
    let skew = if s.clock.skew_s.abs() >= SAME_SKEW_S { format!(", {:+.0} s", s.clock.skew_s) } else { String::new() };
    format!("{zone}{skew}, {}", s.clock.basis)
}

fn read(s: &Source) -> String {
    format!("{} lines", crate::diagnosis::wording::thousands(s.lines))
}
