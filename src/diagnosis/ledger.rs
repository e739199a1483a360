//! Requests are accounted for: what each layer was handed, answered, failed and passed on, and whether neighbours agree.

use std::collections::{BTreeMap, BTreeSet};

use super::view::View;
use crate::lang::{Lang, thousands};
use crate::model::{CountedFrom, LedgerRow};
use crate::timeline::Point;
use crate::words::{Layer, Role};

/// Sources that a row names before it counts the others.
const NAMED_SOURCES: usize = 2;

/// The innermost layer that still counted most of the failed requests: what failed them lies there or behind it.
pub fn innermost_failing(view: &View<'_>) -> Layer {
    let most = view.window.failed / 2;
    let failing = ledger(view).into_iter().filter(|r| r.failed > most).map(|r| r.layer).max();
    failing.unwrap_or(view.window.counted_at)
}

#[derive(Default)]
struct Row {
    received: u64,
    failed: u64,
    basis: BTreeSet<String>,
}

/// What each layer did with the window's requests, outermost first: by its request lines; where it has none, by a metric's whole minutes;
/// where it has neither, by the lines that tell of failures.
pub fn ledger(view: &View<'_>) -> Vec<LedgerRow> {
    let mut rows: BTreeMap<(Layer, CountedFrom), Row> = BTreeMap::new();
    for s in view.timeline.series() {
        let metric = s.is_metric();
        let writer = view.scan.source(s.source).layer;
        let (layer, from) = match s.role {
            Role::Request | Role::FailedRequest if metric => (s.layer, CountedFrom::Metric),
            Role::Request | Role::FailedRequest => (s.layer, CountedFrom::Requests),
            // What a layer says of itself or of the next one in: it had the request.
            Role::Failure if !s.adopted && !metric => (writer, CountedFrom::FailureLines),
            _ => continue,
        };
        let until = if from == CountedFrom::FailureLines { view.horizon() } else { view.window.end };
        let overlaps = |p: &&Point| p.overlaps(view.window.start, until);
        let n: u64 = view.timeline.near(s, view.window.start, until).iter().filter(overlaps).map(|p| p.count).sum();
        if n == 0 && from == CountedFrom::FailureLines {
            continue;
        }
        let row = rows.entry((layer, from)).or_default();
        match s.role {
            Role::Request => row.received += n,
            _ => row.failed += n,
        }
        row.basis.insert(view.scan.source(s.source).path.clone());
    }
    sharpest(&mut rows);
    balanced(rows, view.window.failed, view.lang)
}

/// Of several counts of one layer the sharpest is kept: its request lines, else its metric, else its failure lines.
fn sharpest(rows: &mut BTreeMap<(Layer, CountedFrom), Row>) {
    let counting: Vec<(Layer, CountedFrom)> = rows.iter().filter(|(_, r)| r.received > 0).map(|(k, _)| *k).collect();
    let best = |layer: Layer| counting.iter().filter(|k| k.0 == layer).map(|k| k.1).min();
    rows.retain(|(layer, from), _| best(*layer).is_none_or(|b| b == *from));
    // A layer whose requests nobody counts may still be there twice: by failed requests of a metric, and by its lines.
    let kept: Vec<(Layer, CountedFrom)> = rows.keys().copied().collect();
    rows.retain(|(layer, from), _| kept.iter().filter(|k| k.0 == *layer).map(|k| k.1).min() == Some(*from));
}

fn balanced(rows: BTreeMap<(Layer, CountedFrom), Row>, all_failed: u64, lang: Lang) -> Vec<LedgerRow> {
    let rows: Vec<((Layer, CountedFrom), Row)> = rows.into_iter().collect();
    let counts = |r: &&((Layer, CountedFrom), Row)| r.0.1 != CountedFrom::FailureLines;
    let mut out = Vec::new();
    for (i, ((layer, from), row)) in rows.iter().enumerate() {
        let mut basis: Vec<String> = row.basis.iter().take(NAMED_SOURCES).cloned().collect();
        if row.basis.len() > NAMED_SOURCES {
            let more = thousands((row.basis.len() - NAMED_SOURCES) as u64);
            basis.push(lang.with("more-sources", &[("n", &more)]));
        }
        // One request leaves several lines where it is retried: no more failed than there were.
        let failed = if *from == CountedFrom::FailureLines { row.failed.min(all_failed) } else { row.failed };
        let received = row.received.max(failed);
        // Whole minutes of a metric and the seconds of a log are not one stretch of time: what one has more of is not what was lost between the two.
        let next = rows[i + 1..].iter().find(counts).filter(|(k, _)| k.1 == *from);
        let handed_on = next.map(|(_, n)| n.received.max(n.failed));
        let not_passed_on = handed_on.map_or(0, |n| received.saturating_sub(n));
        // What it failed by itself need not have gone on; the rest it answered by itself, or it was lost between the two.
        let own_failures = next.map_or(0, |(_, n)| failed.saturating_sub(n.failed));
        out.push(LedgerRow {
            layer: *layer,
            received,
            answered: received - failed,
            failed,
            not_passed_on,
            unaccounted: not_passed_on.saturating_sub(own_failures),
            more_than_handed_on: handed_on.map_or(0, |n| n.saturating_sub(received)),
            next: next.map(|((l, _), _)| *l),
            counted_from: *from,
            basis: basis.join(", "),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_of_a_metric_are_not_set_against_seconds_of_a_log() {
        let row = |received, failed| Row { received, failed, ..Row::default() };
        let lost = |outer: CountedFrom, inner: CountedFrom| {
            let rows = [((Layer::LoadBalancer, outer), row(3537, 91)), ((Layer::WebServer, inner), row(1945, 91))];
            let found = balanced(rows.into(), 91, Lang::En);
            (found[0].not_passed_on, found[0].unaccounted, found[0].next)
        };
        assert_eq!(lost(CountedFrom::Metric, CountedFrom::Requests), (0, 0, None));
        assert_eq!(lost(CountedFrom::Requests, CountedFrom::Requests), (1592, 1592, Some(Layer::WebServer)));
    }
}
