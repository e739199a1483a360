//! One look: gather, analyse, compare with what is known, and write down what follows, in one transaction.

use std::collections::BTreeMap;

use super::gather::{Ask, Files, Gather};
use super::lag::Views;
use super::machine::{Decision, Do, Facts, Known, LookAt, Phase, Span, decide};
use super::notification::Notification;
use super::outbox::{Channel, Draft, Parcel};
use super::plan::{LONGEST_S, Plan};
use super::reports;
use super::services::Services;
use super::store::{Change, Memory, Store};
use crate::analysis::Settings;
use crate::diagnosis::cause::Causes;
use crate::model::{Incident, Instant};
use crate::report;
use crate::scanned::{Gathered, Scan};
use crate::source::Skipped;

/// What looks have to go by.
pub struct Looker<'p> {
    /// What was configured.
    pub plan: &'p Plan,
    /// What needs AWS.
    pub services: &'p Services,
    /// What is remembered.
    pub store: &'p Store,
    /// The look is a replay of another time.
    pub replay: bool,
}

/// What one look came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The second up to which it looked.
    pub to: i64,
    /// Incidents that are going on.
    pub open: usize,
    /// Inputs that were not read.
    pub skipped: usize,
    /// Places that did not answer, and why.
    pub silent: Vec<String>,
    /// Incidents that this look told.
    pub told: u64,
    /// What happened, in words.
    pub news: Vec<String>,
}

impl Looker<'_> {
    /// The second up to which the next look goes: now, or after downtime a bounded step from where the last one had settled.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn next_stop(&self, now: i64) -> anyhow::Result<(i64, Option<String>)> {
        let memory = self.store.memory()?;
        let places = self.places();
        let marks = places.iter().filter_map(|p| memory.marks.get(*p));
        let Some(&mark) = marks.min() else { return Ok((now, None)) };
        let earliest = now - self.plan.catch_up_s;
        let lost = (mark < earliest).then(|| {
            let (a, b) = (report::words::utc(Instant(mark)), report::words::utc(Instant(earliest)));
            format!("the time from {a} to {b} is not looked at: it lies further back than catch_up")
        });
        // Half a window a step: each incident is seen whole, with what was usual before.
        Ok((now.min(mark.max(earliest) + self.plan.look_back_s / 2), lost))
    }

    /// The lowest mark among the places that are read from.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn mark(&self) -> anyhow::Result<Option<i64>> {
        let memory = self.store.memory()?;
        Ok(self.places().iter().filter_map(|p| memory.marks.get(*p)).min().copied())
    }

    fn places(&self) -> Vec<&str> {
        let files = (!self.plan.config.paths.is_empty()).then_some("files");
        files.into_iter().chain(self.services.remote.iter().map(|g| g.place())).collect()
    }

    /// Looks once, at the time up to `to`.
    ///
    /// # Errors
    /// Nothing could be read, a definition is broken, or the state cannot be written: nothing is changed then.
    pub fn look(&self, to: i64, now: i64) -> anyhow::Result<Looked> {
        let plan = self.plan;
        let memory = self.store.memory()?;
        let from = begin_of(plan, &memory, to);
        let files = Files::of(&plan.config);
        let catalog = files.catalog()?;
        let causes = Causes::load(&plan.config.causes, &catalog)?;
        let ask = Ask { from, to, now: to, replay: self.replay };
        let mut places: Vec<&dyn Gather> = Vec::new();
        if !plan.config.paths.is_empty() {
            places.push(&files);
        }
        places.extend(self.services.remote.iter().map(AsRef::as_ref));
        let answers: Vec<(&str, Result<Gathered, String>)> = std::thread::scope(|threads| {
            let catalog = &catalog;
            let running: Vec<_> = places.iter().map(|&p| (p.place(), threads.spawn(move || p.gather(catalog, ask)))).collect();
            running
                .into_iter()
                .map(|(name, t)| (name, t.join().unwrap_or_else(|_| Err("reading it failed".to_owned()))))
                .collect()
        });
        let mut looked = Looked { to, ..Looked::default() };
        let (mut all, mut marks, mut answered) = (Gathered::default(), BTreeMap::new(), false);
        for (place, answer) in answers {
            match answer {
                Ok(gathered) => {
                    answered = true;
                    // What a part of the place would have told is caught up with later: the place stays unread.
                    if gathered.unanswered.is_empty() {
                        marks.insert(place.to_owned(), to - plan.settle_s);
                    }
                    looked.silent.extend(gathered.unanswered.iter().map(|because| format!("{place}: {because}")));
                    all.extend(gathered);
                }
                Err(because) => {
                    looked.silent.push(format!("{place}: {because}"));
                    all.skipped.push(Skipped { name: place.to_owned(), because: because.into() });
                }
            }
        }
        if !answered {
            anyhow::bail!("{}", looked.silent.join("; "));
        }
        marks.retain(|place, mark| memory.marks.get(place).is_none_or(|old| old < mark));
        let scan = Scan::new(&catalog, all.files, all.skipped);
        looked.skipped = scan.skipped.len();
        let (zones, redaction, lang) = (plan.zones.clone(), plan.redaction.clone(), plan.config.lang);
        let settings = Settings { from: Some(from), to: Some(to), zones, now, redaction, lang };
        let found = Views::of(scan, &catalog, &causes, &settings, plan.settle_s)?;
        let at = LookAt {
            now: to,
            whole_from: from + plan.lead_s,
            settled_until: to - plan.settle_s,
            data: found.whole().period.map(|p| Span { start: p.start.0, end: p.end.0 + 1 }),
            complete: looked.silent.is_empty(),
        };
        let seen: Vec<Facts> = (0..found.len()).map(|i| facts(found.incident(i).1)).collect();
        let decision = decide(&memory.known, &seen, at, &plan.rules);
        looked.open = decision.known.iter().filter(|k| k.phase == Phase::Told).count();
        let change = self.change(decision, &found, marks, &mut looked)?;
        self.store.commit(&change, chrono::Utc::now().timestamp())?;
        Ok(looked)
    }

    /// What a decision changes: the incidents, and what goes to whom.
    fn change(
        &self,
        mut decision: Decision,
        found: &Views,
        marks: BTreeMap<String, i64>,
        looked: &mut Looked,
    ) -> anyhow::Result<Change> {
        let lang = self.plan.config.lang;
        let mut change = Change { marks, ..Change::default() };
        for step in &decision.steps {
            let known = decision.known.iter_mut().find(|k| k.id == step.id).expect("a step is about a known incident");
            let ongoing = known.phase == Phase::Told;
            let draft = draft(found, &step.seen_as, ongoing)?;
            let what = format!("{} / {}", known.facts.layer, known.facts.mechanism);
            match step.what {
                Do::Tell => {
                    let name = reports::name(known);
                    known.report = Some(name.clone());
                    let kept = if draft.is_none() { self.store.draft(&known.id)? } else { None };
                    if let Some(draft) = draft.or(kept) {
                        self.post_report(&mut change, known, draft);
                    }
                    let notification = match step.seen_as.first() {
                        Some(&i) => Notification::opened(known, found.incident(i).1, ongoing, self.places_of_report(&name), lang),
                        None => Notification::opened_late(known, self.places_of_report(&name), lang),
                    };
                    self.post_notification(&mut change, known, &notification);
                    looked.told += 1;
                    looked.news.push(format!("incident {}: told: {what}, {}%", known.id, known.facts.percent));
                }
                Do::Update => {
                    if let Some(draft) = draft {
                        self.post_report(&mut change, known, draft);
                    }
                    looked.news.push(format!("incident {}: its report is written again", known.id));
                }
                Do::Close => {
                    if let Some(draft) = draft {
                        self.post_report(&mut change, known, draft);
                    }
                    if self.plan.tell_end && !known.end_told {
                        let name = known.report.clone().unwrap_or_default();
                        let notification = Notification::closed(known, self.places_of_report(&name), lang);
                        self.post_notification(&mut change, known, &notification);
                    }
                    known.end_told = true;
                    looked.news.push(format!("incident {}: over", known.id));
                }
            }
        }
        // Of what is not sure yet the report is kept, in case that its logs are gone by the time it is.
        for known in decision.known.iter().filter(|k| k.phase == Phase::Watched && k.last_seen == looked.to) {
            let shown: Vec<usize> =
                (0..found.len()).filter(|&i| known.facts.span.overlap(facts(found.incident(i).1).span) > 0).collect();
            if let Some(draft) = draft(found, &shown, false)? {
                change.drafts.push((known.id.clone(), draft));
            }
        }
        change.known = decision.known;
        change.forgotten = decision.forgotten;
        Ok(change)
    }

    fn post_report(&self, change: &mut Change, known: &Known, draft: Draft) {
        let Some(name) = known.report.clone() else { return };
        let s3 = self.plan.reports_s3.as_ref().map(|_| Channel::S3);
        for channel in [Channel::Folder].into_iter().chain(s3) {
            let parcel = Parcel::Report { name: name.clone(), draft: draft.clone() };
            // One look may tell and close: the later report stands for both.
            change.parcels.retain(|(c, id, p)| !(*c == channel && *id == known.id && matches!(p, Parcel::Report { .. })));
            change.parcels.push((channel, known.id.clone(), parcel));
        }
    }

    fn post_notification(&self, change: &mut Change, known: &Known, notification: &Notification) {
        for receiver in &self.plan.receivers {
            let parcel = Parcel::Notification(Box::new(notification.clone()));
            change.parcels.push((Channel::Receiver(receiver.label.clone()), known.id.clone(), parcel));
        }
    }

    fn places_of_report(&self, name: &str) -> Vec<String> {
        let folder = self.plan.reports.join(format!("{name}.md")).display().to_string();
        let s3 = self.plan.reports_s3.as_ref().map(|s3| format!("s3://{}/{}{name}.md", s3.bucket, s3.prefix));
        [folder].into_iter().chain(s3).collect()
    }
}

/// Where a look begins: `look_back` before its end, or before the oldest open incident.
fn begin_of(plan: &Plan, memory: &Memory, to: i64) -> i64 {
    let open = memory.known.iter().filter(|k| k.phase != Phase::Closed).map(|k| k.facts.span.start - plan.lead_s).min();
    let usual = to - plan.look_back_s;
    open.map_or(usual, |o| o.min(usual)).max(to - LONGEST_S.max(plan.look_back_s))
}

fn facts(i: &Incident) -> Facts {
    let percent = |share: f64| (share * 100.0).round().clamp(0.0, 100.0) as u8;
    Facts {
        span: Span { start: i.window.start.0, end: i.window.end.0 },
        layer: i.dropped_at.layer,
        mechanism: i.dropped_at.mechanism.clone(),
        root_layer: i.root_cause.layer,
        root_mechanism: i.root_cause.mechanism.clone(),
        root_percent: percent(i.root_cause.confidence),
        percent: percent(i.dropped_at.confidence),
        requests: i.requests,
        failed: i.failed_requests,
    }
}

/// The report of one incident alone; several sightings where it came apart.
fn draft(found: &Views, shown: &[usize], ongoing: bool) -> anyhow::Result<Option<Draft>> {
    let Some(&first) = shown.first() else { return Ok(None) };
    let mut report = found.incident(first).0.clone();
    report.incidents = shown.iter().map(|&i| found.incident(i).1.clone()).collect();
    if ongoing {
        report.remarks.insert(0, report.lang.say("remark-going-on"));
    }
    Ok(Some(Draft { markdown: report::markdown::render(&report, None), json: report::json(&report)? }))
}
