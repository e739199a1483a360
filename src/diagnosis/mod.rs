//! Where requests stopped, why, and what speaks against the other causes; by the definitions in `causes/`.

pub mod accounting;
pub mod apart;
pub mod cause;
mod factors;
pub mod harness;
pub mod hosts;
pub mod lanes;
pub mod ledger;
pub mod unnamed;
pub mod view;
pub mod weigh;
pub mod wording;

use std::collections::BTreeMap;

use crate::incident::Counted;
use crate::lang::{Lang, thousands};
use crate::model::{Check, DroppedAt, Evidence, Incident, Instant, Link, Outcome, Period, Remedy, RootCause, RuledOut, SeenAs};
use crate::words::{Layer, Role};
use cause::{Cause, Causes, Part};
use view::View;
use weigh::{Score, Weighed, fits, weigh};

/// Confidence that nothing exceeds: fixed rules on incomplete logs are never certain.
const MOST_CONFIDENT: f64 = 0.97;

/// The most that an input can earn in which nobody counts requests.
const MOST_WITHOUT_REQUESTS: f64 = 0.75;

/// The most that a verdict can earn on the word of one source.
const MOST_FROM_ONE_SOURCE: f64 = 0.92;

/// Log-odds below which a cause is not named at all: "unexplained" is the better answer.
const LEAST_LOG_ODDS: f64 = -1.0;

/// The most that a verdict can earn where only the load balancer speaks: it sees that a target failed, never why.
const MOST_FROM_OUTSIDE: f64 = 0.6;

/// The most that a verdict can earn on the word of a neighbour, where the layer itself is not heard.
const MOST_FROM_HEARSAY: f64 = 0.55;

/// Confidence in a root cause that no sign names.
const UNKNOWN_ROOT: f64 = 0.25;

/// Support below which a cause is not worth an entry among those ruled out.
const WORTH_RULING_OUT: f64 = 0.3;

/// Stands for the mechanism where none is named.
const UNEXPLAINED: &str = "unexplained";

/// Lines quoted a piece of evidence.
const QUOTES: usize = 3;

/// Explains one window.
pub fn diagnose(view: &View<'_>, causes: &Causes) -> Incident {
    let mut scores: Vec<Score<'_>> = causes.all.iter().map(|c| weigh(c, view)).collect();
    scores.sort_by(|a, b| b.log_odds.total_cmp(&a.log_odds).then_with(|| a.cause.id.cmp(&b.cause.id)));
    let possible = |s: &&Score<'_>| s.cause.can_be.contains(&Part::Drop) && s.support > 0.0 && s.log_odds > LEAST_LOG_ODDS;
    let drops: Vec<Score<'_>> = scores.iter().filter(possible).cloned().collect();
    let (drop_points, unexplained) = accounting::drop_points(&drops, view);
    let best = drops.first();
    let mut dropped_at = dropped_at(best, &drops, view);
    let hosts = hosts::by_host(view);
    dropped_at.hosts = hosts::that_stand_out(&hosts);
    let root = best.and_then(|b| root_of(b, &scores));
    let root_cause = root_cause(root.as_ref(), best, &dropped_at, view.lang);
    let (window, lang) = (view.window, view.lang);
    let counted_at = window.counted_at.title(lang);
    let named: Vec<&Score<'_>> = best
        .into_iter()
        .chain(root.as_ref().map(|r| &r.score).filter(|r| Some(&r.cause.id) != best.map(|b| &b.cause.id)))
        .collect();
    let chain = chain(root.as_ref(), best, view);
    let evidence = if best.is_some() { evidence(&named, view) } else { unnamed::errors(view) };
    Incident {
        lanes: lanes::lanes(view, &chain, &evidence),
        window: Period { start: Instant(window.start), end: Instant(window.until) },
        failing_until: (window.until > window.end).then_some(Instant(window.end)),
        requests: window.requests,
        failed_requests: window.failed,
        counted_by: match window.basis {
            Counted::Requests => lang.with("counted-by-requests", &[("layer", &counted_at)]),
            Counted::Metric => lang.with("counted-by-metric", &[("layer", &counted_at)]),
            Counted::FailureLines => lang.say("counted-by-failure-lines"),
        },
        seen_as: seen_as(view),
        chain,
        ledger: ledger::ledger(view),
        drop_points,
        unexplained,
        evidence,
        contributing: factors::contributing(&scores, &named, lang),
        changes: factors::changes(&scores, &named, view),
        ruled_out: ruled_out(&scores, &named, lang),
        checks: checks(&scores, view),
        remedies: remedies(root.as_ref(), best, view),
        missing: missing(best, root.as_ref(), view, causes),
        hosts,
        dropped_at,
        root_cause,
    }
}

/// Share of one among all by their log-odds, with an unknown cause of log-odds 0 beside them.
fn share(one: f64, all: impl Iterator<Item = f64>) -> f64 {
    one.exp() / (1.0 + all.map(f64::exp).sum::<f64>())
}

fn dropped_at(best: Option<&Score<'_>>, drops: &[Score<'_>], view: &View<'_>) -> DroppedAt {
    let Some(best) = best else {
        return DroppedAt {
            layer: ledger::innermost_failing(view),
            mechanism: UNEXPLAINED.to_owned(),
            confidence: 0.1,
            hosts: Vec::new(),
            place: None,
            title: view.lang.say("unexplained-title"),
            says: view.lang.say("unexplained-says"),
        };
    };
    let mut confidence = share(best.log_odds, drops.iter().map(|d| d.log_odds)).min(MOST_CONFIDENT);
    if view.window.basis == Counted::FailureLines {
        confidence = confidence.min(1.0) * MOST_WITHOUT_REQUESTS;
    } else if view.scan.sources.iter().all(|s| s.layer == Layer::LoadBalancer) {
        confidence = confidence.min(MOST_FROM_OUTSIDE);
    } else if sources_behind(best, view) < 2 {
        confidence = confidence.min(MOST_FROM_ONE_SOURCE);
    }
    // The nearest layer that is there at all must speak for itself.
    let asked = &best.cause.hearsay_without;
    let nearest = asked.iter().find(|l| view.scan.sources.iter().any(|s| s.layer == **l));
    if !asked.is_empty() && !nearest.is_some_and(|l| view.has_voice(*l)) {
        confidence = confidence.min(MOST_FROM_HEARSAY);
    }
    DroppedAt {
        layer: best.cause.layer,
        mechanism: best.cause.id.clone(),
        confidence: round(confidence),
        hosts: Vec::new(),
        place: best.cause.place.as_ref().and_then(|p| best.say(p)),
        title: best.title(),
        says: best.say(&best.cause.says).unwrap_or_else(|| best.title()),
    }
}

/// How many sources carry the signs of a verdict, the one that counts the failures included.
fn sources_behind(score: &Score<'_>, view: &View<'_>) -> usize {
    let ids = score.speaks_for.iter().flat_map(|w| &w.ids);
    let mut files: Vec<usize> = ids
        .flat_map(|id| view.timeline.of_signal(*id))
        .map(|s| view.scan.source(s.source).file)
        .chain(view.timeline.series().filter(|s| s.role == Role::Request).map(|s| view.scan.source(s.source).file))
        .collect();
    files.sort_unstable();
    files.dedup();
    files.len()
}

/// A root cause for a drop.
struct Root<'c> {
    score: Score<'c>,
    log_odds: f64,
    confidence: f64,
}

/// The likeliest reason behind a drop: what leads to it, or the drop itself.
fn root_of<'c>(drop: &Score<'c>, scores: &[Score<'c>]) -> Option<Root<'c>> {
    let mut roots: Vec<(f64, &Score<'c>)> = Vec::new();
    for s in scores.iter().filter(|s| s.cause.can_be.contains(&Part::Root)) {
        if s.cause.id == drop.cause.id {
            roots.push((s.cause.own_root, s));
        } else if let Some(link) = s.cause.leads_to.iter().find(|l| l.mechanism == drop.cause.id)
            && s.support > 0.0
        {
            roots.push((s.log_odds + link.weight, s));
        }
    }
    roots.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cause.id.cmp(&b.1.cause.id)));
    let &(log_odds, score) = roots.first().filter(|r| r.0 > LEAST_LOG_ODDS)?;
    let confidence = share(log_odds, roots.iter().map(|r| r.0)).min(MOST_CONFIDENT);
    Some(Root { score: score.clone(), log_odds, confidence })
}

fn root_cause(root: Option<&Root<'_>>, best: Option<&Score<'_>>, drop: &DroppedAt, lang: Lang) -> RootCause {
    match root {
        Some(r) => RootCause {
            layer: r.score.cause.layer,
            mechanism: r.score.cause.id.clone(),
            // A root cause is never surer than the drop that it explains.
            confidence: round(r.confidence.min(drop.confidence)),
            title: r.score.title(),
            says: r.score.say(&r.score.cause.says).unwrap_or_else(|| r.score.title()),
        },
        None => RootCause {
            layer: drop.layer,
            mechanism: drop.mechanism.clone(),
            confidence: round(UNKNOWN_ROOT.min(drop.confidence)),
            title: best.map_or_else(|| lang.say("root-unknown-title"), Score::title),
            says: lang.say("root-unknown-says"),
        },
    }
}

fn round(v: f64) -> f64 {
    (v * 100.0).round() / 100.0
}

fn seen_as(view: &View<'_>) -> Vec<SeenAs> {
    // Files of one kind add up; a log and a metric of the same name are two counts of the same.
    let mut seen: BTreeMap<(Layer, &str), [u64; 2]> = BTreeMap::new();
    for s in view.timeline.series().filter(|s| !s.adopted) {
        let info = view.catalog.signals.info(s.signal);
        // A latency is no count.
        let (Some(what), None) = (&info.seen_as, info.unit) else { continue };
        let (from, to) = (view.window.start, view.window.end);
        for p in view.timeline.near(s, from, to).iter().filter(|p| p.overlaps(from, to)) {
            seen.entry((s.layer, what)).or_default()[usize::from(p.period_s > 10)] += p.count;
        }
    }
    // A log's count of the window is sharper than a metric's of whole minutes.
    let sharpest = |n: [u64; 2]| if n[0] > 0 { n[0] } else { n[1] };
    let counted =
        seen.into_iter().map(|((layer, what), n)| SeenAs { layer, what: view.lang.of(what).to_owned(), count: sharpest(n) });
    counted.filter(|s| s.count > 0).collect()
}

fn chain(root: Option<&Root<'_>>, best: Option<&Score<'_>>, view: &View<'_>) -> Vec<Link> {
    let mut links = Vec::new();
    let mut add = |score: &Score<'_>, at: i64, what: String| {
        links.push(Link { at: Instant(at), layer: score.cause.layer, mechanism: score.cause.id.clone(), what });
    };
    let window = view.window;
    let root = root.map(|r| &r.score).filter(|r| best.is_some_and(|b| b.cause.id != r.cause.id));
    for score in root.into_iter().chain(best) {
        // The strongest sign, and what came before it.
        let strongest = score.speaks_for.first();
        let at = strongest.and_then(|w| w.seen.first);
        if let Some((since, sign)) = score.since().filter(|(since, _)| at.is_some_and(|at| *since < at)) {
            add(score, since, sign.says.clone());
        }
        let at = at.or(score.since().map(|(since, _)| since)).unwrap_or(window.start);
        add(score, at, strongest.map_or_else(|| score.title(), |w| w.says.clone()));
    }
    links.sort_by_key(|l| l.at);
    links.push(Link {
        at: Instant(window.start),
        layer: window.counted_at,
        mechanism: "failed_requests".to_owned(),
        what: view.lang.say("first-failed-request"),
    });
    links.push(Link {
        at: Instant(window.end - 1),
        layer: window.counted_at,
        mechanism: "failed_requests".to_owned(),
        what: view.lang.say("last-failed-request"),
    });
    links.sort_by_key(|l| l.at);
    links
}

fn evidence(named: &[&Score<'_>], view: &View<'_>) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    for score in named {
        for w in score.speaks_for.iter().filter(|w| w.weight > 0.0) {
            let names: Vec<String> =
                w.ids.iter().filter(|id| is_seen(**id, w, view)).map(|id| view.catalog.signals.info(*id).name.clone()).collect();
            let signal = if names.is_empty() {
                w.ids.first().map_or_else(String::new, |id| view.catalog.signals.info(*id).name.clone())
            } else {
                names.join(" + ")
            };
            if out.iter().any(|e| e.signal == signal) {
                continue;
            }
            let from = w.seen.first.unwrap_or(view.window.start).min(view.window.start);
            // What is quoted shows what was weighed.
            let quoted = w.seen.first.zip(w.seen.last).map_or((from, view.horizon()), |(first, last)| (first, last + 1));
            out.push(Evidence {
                signal,
                mechanism: score.cause.id.clone(),
                count: w.seen.count,
                first: w.seen.first.map(Instant),
                last: w.seen.last.map(Instant),
                weight: round(w.weight),
                says: w.says.clone(),
                sources: view.paths(&w.ids, from, view.horizon()),
                examples: view.examples(&w.ids, quoted.0, quoted.1, QUOTES),
            });
        }
    }
    out
}

fn is_seen(id: u16, w: &Weighed, view: &View<'_>) -> bool {
    let from = w.seen.first.unwrap_or(view.window.start).min(view.window.start);
    view.seen(&[id], from, view.horizon()).count > 0 || view.undated(&[id]) > 0
}

fn ruled_out(scores: &[Score<'_>], named: &[&Score<'_>], lang: Lang) -> Vec<RuledOut> {
    let others = scores.iter().filter(|s| named.iter().all(|n| n.cause.id != s.cause.id));
    others
        .filter(|s| s.support >= WORTH_RULING_OUT || s.speaks_for.iter().any(|w| w.late_s.is_some()))
        .map(|s| {
            let late = s.speaks_for.iter().find_map(|w| Some((w.late_s?, &w.says)));
            let because = match (s.against.first(), late) {
                (Some(a), _) => a.says.clone(),
                (None, Some((late, says))) => {
                    lang.with("begins-late", &[("seconds", &thousands(late.unsigned_abs())), ("sign", says)])
                }
                (None, None) => {
                    let weak = s.speaks_for.first().map_or("", |w| w.says.as_str());
                    lang.with("weaker-signs", &[("sign", weak)])
                }
            };
            RuledOut { mechanism: s.cause.id.clone(), because }
        })
        .collect()
}

fn checks(scores: &[Score<'_>], view: &View<'_>) -> Vec<Check> {
    let mut checks: Vec<Check> = scores
        .iter()
        .map(|s| {
            let covered: Vec<&str> = s.cause.seen_by.iter().map(String::as_str).filter(|p| view.covers(p)).collect();
            let (outcome, because) = match (s.speaks_for.iter().find(|w| w.weight > 0.0), s.against.first()) {
                (Some(w), a) if s.support > a.map_or(0.0, |a| -a.weight) => (Outcome::Supports, w.says.clone()),
                (_, Some(a)) => (Outcome::Contradicts, a.says.clone()),
                (Some(w), None) => (Outcome::Supports, w.says.clone()),
                (None, None) if covered.is_empty() => {
                    (Outcome::NoSource, view.lang.with("would-show-in", &[("sources", &s.cause.seen_by.join(", "))]))
                }
                (None, None) => (Outcome::NotFound, view.lang.with("no-sign-in", &[("sources", &covered.join(", "))])),
            };
            Check { mechanism: s.cause.id.clone(), outcome, because }
        })
        .collect();
    checks.sort_by(|a, b| a.mechanism.cmp(&b.mechanism));
    checks
}

fn remedies(root: Option<&Root<'_>>, best: Option<&Score<'_>>, view: &View<'_>) -> Vec<Remedy> {
    let mut scores: Vec<&Score<'_>> = Vec::new();
    if let Some(r) = root.filter(|r| r.log_odds > 0.0) {
        scores.push(&r.score);
    }
    scores.extend(best.filter(|b| scores.iter().all(|s| s.cause.id != b.cause.id)));
    let texts = scores.iter().flat_map(|s| s.cause.remedies.iter().map(move |r| (s, r)));
    texts
        .filter(|(_, r)| fits(&r.with, &r.without, view))
        .filter_map(|(s, r)| {
            Some(Remedy {
                action: s.say(&r.action)?,
                config: r.config.as_ref().and_then(|c| s.say(c)),
                why: s.say(&r.why)?,
                reference: r.reference.clone(),
            })
        })
        .collect()
}

/// What could not be looked at: parsers that would show the verdict or its rivals, and have no source here.
fn missing(best: Option<&Score<'_>>, root: Option<&Root<'_>>, view: &View<'_>, causes: &Causes) -> Vec<String> {
    let Some(best) = best else {
        return unnamed::missing(view);
    };
    let behind: Vec<&Cause> = causes.all.iter().filter(|c| c.leads_to.iter().any(|l| l.mechanism == best.cause.id)).collect();
    let mut wanted: Vec<&str> = best.cause.seen_by.iter().map(String::as_str).collect();
    if root.is_none_or(|r| r.confidence < 0.8) {
        wanted.extend(behind.iter().flat_map(|c| c.seen_by.iter().map(String::as_str)));
    }
    let mut out: Vec<String> = Vec::new();
    for parser in wanted.into_iter().filter(|p| !view.covers(p)) {
        let title = view.catalog.find(parser).map_or(parser, |f| view.catalog.formats[f].definition.title.as_str());
        let text = view.lang.with("missing-kind", &[("kind", view.lang.of(title))]);
        if !out.contains(&text) && out.len() < 6 {
            out.push(text);
        }
    }
    let root = root.map(|r| r.score.cause).filter(|r| r.id != best.cause.id);
    let collect = best.cause.collect.iter().chain(root.iter().flat_map(|r| &r.collect));
    for text in collect.take(4).map(|c| view.lang.of(c)) {
        if out.iter().all(|o| o != text) {
            out.push(text.to_owned());
        }
    }
    out
}
