//! Logs that come late. Failures are counted at the outermost layer that logs requests; where its log is delivered with a delay (a load
//! balancer's access log, minutes after the fact), the newest minutes would show nothing. They are judged by the next layer in
//! then, and again by the outer one when its log has come.

use std::collections::BTreeMap;

use crate::analysis::{Settings, analyze};
use crate::diagnosis::cause::Causes;
use crate::model::{Incident, Report};
use crate::parser::catalog::Catalog;
use crate::scanned::Scan;
use crate::words::{Layer, Role};

/// What counts requests: a layer, by its lines or by a metric.
type Counter = (Layer, bool);

/// What lags at the newest end.
struct Lag {
    /// Files to leave out, by their index.
    files: Vec<usize>,
    /// The last second that they tell of.
    since: i64,
}

/// The analysis of all, and that of the newest end without the logs that lag there.
pub struct Views {
    reports: Vec<Report>,
    /// Incidents of both: report and index in it.
    seen: Vec<(usize, usize)>,
}

impl Views {
    /// Analyses; a second time where something lags by more than `settle_s`.
    ///
    /// # Errors
    /// The timeline cannot be built.
    pub fn of(scan: Scan, catalog: &Catalog, causes: &Causes, settings: &Settings, settle_s: i64) -> anyhow::Result<Self> {
        let whole = analyze(&scan, catalog, causes, settings)?;
        let lag = lag(&scan, catalog, &whole, settle_s);
        let mut seen: Vec<(usize, usize)> = (0..whole.incidents.len()).map(|i| (0, i)).collect();
        let Some(lag) = lag else { return Ok(Views { reports: vec![whole], seen }) };
        let (files, skipped) = (scan.files, scan.skipped);
        let prompt = files.into_iter().enumerate().filter(|(i, _)| !lag.files.contains(i)).map(|(_, f)| f).collect();
        let newest = analyze(&Scan::new(catalog, prompt, skipped), catalog, causes, settings)?;
        for (i, incident) in newest.incidents.iter().enumerate().filter(|(_, i)| i.window.end.0 > lag.since) {
            // What reaches over the edge is seen longer by those who are prompt.
            seen.retain(|&(r, j)| r != 0 || !overlap(&whole.incidents[j], incident));
            seen.push((1, i));
        }
        Ok(Views { reports: vec![whole, newest], seen })
    }

    /// The analysis of all.
    pub fn whole(&self) -> &Report {
        &self.reports[0]
    }

    /// How many incidents were seen.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// An incident, and the report that it stands in.
    pub fn incident(&self, index: usize) -> (&Report, &Incident) {
        let (report, i) = self.seen[index];
        (&self.reports[report], &self.reports[report].incidents[i])
    }
}

fn overlap(a: &Incident, b: &Incident) -> bool {
    a.window.start < b.window.end && b.window.start < a.window.end
}

/// The outermost counters that end long before the others do.
fn lag(scan: &Scan, catalog: &Catalog, report: &Report, settle_s: i64) -> Option<Lag> {
    let mut last: BTreeMap<Counter, i64> = BTreeMap::new();
    let mut files: BTreeMap<Counter, Vec<usize>> = BTreeMap::new();
    for (source, shown) in scan.sources.iter().zip(&report.sources) {
        let tally = scan.tally(source.id);
        let counts = tally.signals.keys().any(|&s| catalog.signals.info(s).role == Role::Request);
        if let Some(end) = shown.last.filter(|_| counts) {
            let counter = (source.layer, tally.period_s > 10);
            let newest = last.entry(counter).or_insert(end.0);
            *newest = end.0.max(*newest);
            files.entry(counter).or_default().push(source.file);
        }
    }
    let newest = *last.values().max()?;
    let late: Vec<Counter> = last.iter().take_while(|(_, end)| newest - **end > settle_s).map(|(c, _)| *c).collect();
    let since = late.iter().map(|c| last[c]).max()?;
    Some(Lag { files: late.iter().flat_map(|c| files[c].clone()).collect(), since })
}
