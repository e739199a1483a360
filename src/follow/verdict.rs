//! The short verdict: one line that says where requests are dropped now, and when that is worth saying again.

use crate::diagnosis::wording::thousands;
use crate::model::{Incident, Report, Verdict};
use crate::report::escape::terminal;

/// Without failures for so long, by the logs' own time, an incident is over.
const OVER_AFTER_S: i64 = 60;

/// What makes one verdict another: numbers grow with every look and are no news.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gist {
    verdict: Verdict,
    dropped: Option<(String, String)>,
    goes_on: bool,
}

/// Tells a verdict when it has changed, and stays so for two looks: the first lines of an incident may be read in several ways.
#[derive(Debug, Default)]
pub struct Teller {
    told: Option<Gist>,
    heard: Option<Gist>,
}

impl Teller {
    /// What to say after a look, where there is something new.
    pub fn hear(&mut self, report: &Report) -> Option<String> {
        let gist = Gist::of(report);
        let twice = self.heard.as_ref() == Some(&gist);
        let news = self.told.as_ref() != Some(&gist);
        self.heard = Some(gist.clone());
        if !(twice && news) {
            return None;
        }
        self.told = Some(gist);
        Some(line(report))
    }

    /// Whether a look differs from what was told, and another is needed to be sure.
    pub fn waits(&self) -> bool {
        self.heard != self.told
    }
}

impl Gist {
    fn of(report: &Report) -> Self {
        let newest = newest(report);
        Gist {
            verdict: report.verdict,
            dropped: newest.map(|i| (i.dropped_at.mechanism.clone(), i.root_cause.mechanism.clone())),
            goes_on: newest.is_some_and(|i| goes_on(report, i)),
        }
    }
}

/// The verdict in one line, with the time that it speaks of first.
pub fn line(report: &Report) -> String {
    let at = report.period.map_or(report.generated_at, |p| p.end).utc().format("%Y-%m-%d %H:%M:%S UTC");
    let said = match (newest(report), report.verdict) {
        (Some(incident), _) => said_of(report, incident),
        (None, Verdict::NotEnoughData) => "Nothing to judge by yet: no request and no failure was logged.".to_owned(),
        (None, _) => "No incident: requests are served as usual.".to_owned(),
    };
    terminal(&format!("{at}  {said}"))
}

fn said_of(report: &Report, i: &Incident) -> String {
    let (dropped, root) = (&i.dropped_at, &i.root_cause);
    let time = |t: crate::model::Instant| t.utc().format("%H:%M:%S").to_string();
    let when = if goes_on(report, i) {
        format!("Dropping since {}", time(i.window.start))
    } else {
        format!("Over: dropped {}–{}", time(i.window.start), time(i.window.end))
    };
    let failed = match i.requests {
        0 => format!("{} failures logged", thousands(i.failed_requests)),
        all => format!("{} of {} requests failed", thousands(i.failed_requests), thousands(all)),
    };
    let root = if root.mechanism == dropped.mechanism {
        String::new()
    } else {
        format!(" Root cause: {} ({}, {:.0}%).", root.title, root.layer.title(report.lang), root.confidence * 100.0)
    };
    let earlier = match report.incidents.len() {
        0 | 1 => String::new(),
        n => format!(" {n} incidents in what is kept."),
    };
    format!(
        "{when} at the {}: {} ({:.0}%).{root} {failed}.{earlier}",
        dropped.layer.title(report.lang),
        dropped.title,
        dropped.confidence * 100.0
    )
}

/// The incident whose failures are the newest.
fn newest(report: &Report) -> Option<&Incident> {
    report.incidents.iter().max_by_key(|i| (i.window.end, i.failed_requests))
}

fn goes_on(report: &Report, incident: &Incident) -> bool {
    report.period.is_some_and(|p| p.end.0 - incident.window.end.0 < OVER_AFTER_S)
}
