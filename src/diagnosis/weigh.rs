//! Weighing the signs of one cause in one window: log-odds, with each contribution open to view.

use super::cause::{Cause, Measure, Sign};
use super::view::{Seen, View};
use super::wording::{Values, fill, thousands};
use crate::lang::Lang;
use crate::parser::catalog::SignalId;
use crate::parser::condition::Condition;
use crate::words::Role;

/// Strength of a sign that nothing places in time: it may have happened on another day.
const UNDATED_STRENGTH: f64 = 0.6;

/// The same of a start or a stop: every log has one somewhere.
const UNDATED_CHANGE: f64 = 0.3;

/// A sign weaker than this is not worth a line in the report.
const FAINT: f64 = 0.02;

/// Times of the usual below which nothing has risen.
const LEAST_RISE: f64 = 1.2;

/// One sign, weighed.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// Its signals.
    pub ids: Vec<SignalId>,
    /// 0…1.
    pub strength: f64,
    /// Log-odds that it adds, negative for what speaks against.
    pub weight: f64,
    /// Its occurrences in the window.
    pub seen: Seen,
    /// It began after the failures did, by so many seconds, and a cause must come first.
    pub late_s: Option<i64>,
    /// In words.
    pub says: String,
}

/// Log-odds from which on a sign says since when.
const STRONG_SIGN: f64 = 0.5;

/// A cause, weighed.
#[derive(Debug, Clone)]
pub struct Score<'c> {
    /// The cause.
    pub cause: &'c Cause,
    /// Log-odds, its prior included.
    pub log_odds: f64,
    /// Log-odds of all that speaks for it.
    pub support: f64,
    /// What speaks for it, strongest first.
    pub speaks_for: Vec<Weighed>,
    /// What speaks against it, strongest first.
    pub against: Vec<Weighed>,
    /// The values that its sentences are filled from.
    pub values: Values,
    /// The language that they are in.
    pub lang: Lang,
}

impl Score<'_> {
    /// The first second of its strong signs, and the sign that came then.
    pub fn since(&self) -> Option<(i64, &Weighed)> {
        let strong = self.speaks_for.iter().filter(|w| w.weight >= STRONG_SIGN);
        strong.filter_map(|w| Some((w.seen.first?, w))).min_by_key(|(first, _)| *first)
    }

    /// A sentence of the cause in the report's language, filled from what was seen.
    pub fn say(&self, text: &str) -> Option<String> {
        fill(self.lang.of(text), &self.values)
    }

    /// What the cause is, in a few words.
    pub fn title(&self) -> String {
        self.lang.of(&self.cause.title).to_owned()
    }
}

/// Weighs a cause in the view's window.
pub fn weigh<'c>(cause: &'c Cause, view: &View<'_>) -> Score<'c> {
    let ids: Vec<SignalId> =
        cause.speaks_for.iter().map(|s| &s.any).chain([&cause.facts_from]).flat_map(|names| view.ids(names)).collect();
    let mut values = view.facts(&ids);
    values.extend(common_values(view));
    let mut speaks_for: Vec<Weighed> = cause.speaks_for.iter().filter_map(|s| weigh_sign(s, cause, view, &values)).collect();
    let mut against: Vec<Weighed> = cause.against.iter().filter_map(|s| weigh_sign(s, cause, view, &values)).collect();
    let late_change =
        speaks_for.iter().filter(|w| w.late_s.is_some() && is_change(&w.ids, view)).filter_map(|w| w.seen.first).min();
    if let Some(late) = late_change {
        // A stop in the midst of the failures is no cause of them, nor is the start behind it: together they are the repair.
        for w in speaks_for.iter_mut().filter(|w| w.seen.first.is_some_and(|f| f >= late) && is_change(&w.ids, view)) {
            (w.strength, w.weight) = (0.0, 0.0);
            w.late_s = w.seen.first.map(|f| f - view.window.start);
        }
    }
    for w in &mut against {
        w.weight = -w.weight;
    }
    speaks_for.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    against.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    let support: f64 = speaks_for.iter().map(|w| w.weight).sum();
    let log_odds = cause.prior + support + against.iter().map(|w| w.weight).sum::<f64>();
    Score { cause, log_odds, support, speaks_for, against, values, lang: view.lang }
}

fn common_values(view: &View<'_>) -> Values {
    let (window, lang) = (view.window, view.lang);
    [
        ("failed", thousands(window.failed)),
        ("failed_requests", lang.count("failed-requests", window.failed, &thousands(window.failed), &[])),
        ("requests", thousands(window.requests)),
        ("layer", window.counted_at.title(lang)),
        ("seconds", (window.end - window.start).to_string()),
        ("failed_percent", (window.failed * 100 / window.requests.max(1)).to_string()),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect()
}

/// Whether one of the signals is seen in or shortly before the window, or undated.
pub fn any_seen(names: &[String], view: &View<'_>) -> bool {
    let ids = view.ids(names);
    view.seen(&ids, view.window.start - 10, view.window.end + 5).count > 0 || view.undated(&ids) > 0
}

/// Whether what is asked for is seen, and what must not be there is not.
pub fn fits(with: &[String], without: &[String], view: &View<'_>) -> bool {
    (with.is_empty() || any_seen(with, view)) && (without.is_empty() || !any_seen(without, view))
}

/// Whether signals tell of a change that somebody made.
fn is_change(ids: &[SignalId], view: &View<'_>) -> bool {
    ids.iter().all(|id| view.catalog.signals.info(*id).role == Role::Change)
}

fn weigh_sign(sign: &Sign, cause: &Cause, view: &View<'_>, values: &Values) -> Option<Weighed> {
    let ids = view.ids(&sign.any);
    if !fits(&sign.with, &sign.without, view) {
        return None;
    }
    if !sign.when.is_empty() {
        let kept = view.facts(&ids);
        let holds = |(field, c): (&String, &String)| {
            Condition::parse(c).is_ok_and(|c| c.holds(kept.get(field).or(values.get(field)).map(String::as_bytes)))
        };
        if !sign.when.iter().all(holds) {
            return None;
        }
    }
    let window = view.window;
    let until = if sign.measure == Measure::Share { view.horizon() } else { window.end + 2 };
    let mut seen = view.seen(&ids, window.start - sign.lead_s, until);
    let undated = view.undated(&ids);
    // What happens all day is no news: only what goes beyond it counts.
    let usual = view.usual(&ids, until - (window.start - sign.lead_s));
    seen.count = seen.count.saturating_sub(usual);
    let enough = seen.count >= sign.least;
    let mut ratio = None;
    let mut strength = match sign.measure {
        Measure::Share if enough => {
            let share = seen.count as f64 / window.failed.max(1) as f64;
            (share / sign.full.unwrap_or(0.3)).min(1.0)
        }
        Measure::Present if enough => 1.0,
        Measure::Share | Measure::Present if undated >= sign.least => {
            seen.count = undated;
            if is_change(&ids, view) { UNDATED_CHANGE } else { UNDATED_STRENGTH }
        }
        Measure::Share | Measure::Present => 0.0,
        Measure::Rise | Measure::RateRise => {
            let (change, full) = match sign.measure {
                Measure::Rise => (view.rise(&ids)?, sign.full.unwrap_or(4.0)),
                _ => (view.rate_rise(&ids)?, sign.full.unwrap_or(3.0)),
            };
            if change.ratio() < LEAST_RISE {
                return None;
            }
            seen.first = change.since;
            ratio = Some(change);
            (change.ratio().ln() / full.max(LEAST_RISE).ln()).min(1.0)
        }
        Measure::Absent => {
            let shown = cause.seen_by.iter().any(|p| view.covers(p));
            if shown && seen.count == 0 && undated == 0 { 1.0 } else { 0.0 }
        }
    };
    if strength < FAINT {
        return None;
    }
    // A cause begins no later than its effect; a stretch of grace for what is logged late and for coarse clocks.
    let grace = (2 + view.length() / 5).min(30);
    let late_s = seen.first.map(|f| f - window.start).filter(|late| sign.begins_before && enough && *late > grace);
    if late_s.is_some() {
        strength = 0.0;
    }
    let mut values = values.clone();
    values.insert("count".to_owned(), thousands(seen.count));
    if let Some(r) = ratio {
        values.insert("ratio".to_owned(), short(r.ratio()));
        values.insert("inside".to_owned(), short(r.inside));
        values.insert("outside".to_owned(), short(r.outside));
    }
    let says = fill(view.lang.of(&sign.says), &values).unwrap_or_else(|| sign.any.join(", "));
    Some(Weighed { ids, strength, weight: sign.weight * strength, seen, late_s, says })
}

/// A number with two or three digits that matter.
pub fn short(v: f64) -> String {
    if v >= 100.0 {
        format!("{v:.0}")
    } else if v >= 10.0 {
        format!("{v:.1}")
    } else if v >= 0.1 {
        format!("{v:.2}")
    } else {
        format!("{v:.3}")
    }
}
