//! One bad host of several, or all alike: requests and failures of a window by host.

use std::collections::BTreeMap;

use super::view::View;
use crate::lang::{Lang, thousands};
use crate::model::{HostReport, HostState};
use crate::words::{Layer, Role};

/// The share of a layer's failures that the bad hosts must have.
const MOST_OF_THE_FAILURES: f64 = 0.8;

/// How many times as often a bad host fails as the others.
const WORSE: f64 = 5.0;

/// Below this share of its usual requests a host is silent.
const SILENT: f64 = 0.05;

/// Above this share of its usual requests a host goes on as before.
const GOES_ON: f64 = 0.3;

/// Requests that a host must have been expected to log before its silence says anything.
const LEAST_EXPECTED: f64 = 10.0;

/// Hosts of a layer that are told apart in a report; of more, the worst.
const MOST_HOSTS: usize = 20;

/// What one host of a layer did in the window, and what was to be expected of it.
#[derive(Debug, Clone, Default)]
struct Tally {
    requests: u64,
    failed: u64,
    /// Failures by their lines, where requests are not logged.
    lines: u64,
    expected: f64,
}

/// Each layer's hosts, where there are several.
pub fn by_host(view: &View<'_>) -> Vec<HostReport> {
    let mut layers: BTreeMap<Layer, BTreeMap<String, Tally>> = BTreeMap::new();
    let (from, to) = (view.window.start, view.horizon());
    for s in view.timeline.series() {
        let source = view.scan.source(s.source);
        let Some(host) = source.host.clone().filter(|_| source.layer > Layer::LoadBalancer) else { continue };
        let t = layers.entry(source.layer).or_default().entry(host).or_default();
        let inside = view.timeline.points(s).iter().filter(|p| p.period_s <= 10 && p.overlaps(from, to));
        let n: u64 = inside.map(|p| p.count).sum();
        match s.role {
            Role::Request => {
                t.requests += n;
                t.expected += view.usual_rate(s) * (to - from) as f64;
            }
            Role::FailedRequest => t.failed += n,
            Role::Failure | Role::UnloggedFailure => t.lines += n,
            _ => {}
        }
    }
    layers.into_iter().filter(|(_, hosts)| hosts.len() > 1).flat_map(|(layer, hosts)| judged(layer, &hosts)).collect()
}

fn judged(layer: Layer, hosts: &BTreeMap<String, Tally>) -> Vec<HostReport> {
    // A host that refuses to answer logs no request: its failures are then its error lines.
    let failed = |t: &Tally| if hosts.values().any(|t| t.failed > 0) { t.failed } else { t.lines };
    let all: u64 = hosts.values().map(failed).sum();
    let mut order: Vec<(&String, &Tally)> = hosts.iter().collect();
    order.sort_by(|a, b| failed(b.1).cmp(&failed(a.1)).then(a.0.cmp(b.0)));
    let bad = (1..=order.len() / 2).find(|n| {
        let (worst, rest) = order.split_at(*n);
        let sum = |part: &[(&String, &Tally)]| part.iter().map(|(_, t)| failed(t)).sum::<u64>() as f64;
        let each = |part: &[(&String, &Tally)]| sum(part) / part.len().max(1) as f64;
        all > 0 && sum(worst) >= MOST_OF_THE_FAILURES * all as f64 && each(worst) >= WORSE * each(rest).max(0.2)
    });
    let goes_on = hosts.values().any(|t| t.expected >= LEAST_EXPECTED && t.requests as f64 >= GOES_ON * t.expected);
    let state = |i: usize, t: &Tally| {
        if bad.is_some_and(|n| i < n) {
            HostState::Failing
        } else if goes_on && t.expected >= LEAST_EXPECTED && (t.requests as f64) < SILENT * t.expected {
            HostState::Silent
        } else if bad.is_none() && failed(t) > 0 {
            HostState::AsTheOthers
        } else {
            HostState::Well
        }
    };
    let rows = order.iter().enumerate().map(|(i, (host, t))| HostReport {
        layer,
        host: (*host).clone(),
        requests: t.requests,
        failed: failed(t),
        state: state(i, t),
    });
    rows.take(MOST_HOSTS).collect()
}

/// The hosts that stand out, in the order of layers.
pub fn that_stand_out(hosts: &[HostReport]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for h in hosts.iter().filter(|h| matches!(h.state, HostState::Failing | HostState::Silent)) {
        if !named.contains(&h.host) {
            named.push(h.host.clone());
        }
    }
    named
}

/// Which hosts it was, in a sentence; nothing where there is only one, or nothing to tell apart.
pub fn in_words(lang: Lang, hosts: &[HostReport]) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut layers: Vec<Layer> = hosts.iter().map(|h| h.layer).collect();
    layers.dedup();
    for layer in layers {
        let own: Vec<&HostReport> = hosts.iter().filter(|h| h.layer == layer).collect();
        let of = |state: HostState| own.iter().filter(move |h| h.state == state);
        let names = |state: HostState| of(state).map(|h| h.host.as_str()).collect::<Vec<_>>().join(", ");
        let (failing, silent) = (of(HostState::Failing).count(), of(HostState::Silent).count());
        let rest: u64 = own.iter().filter(|h| h.state != HostState::Failing).map(|h| h.failed).sum();
        let (title, all) = (layer.title(lang), own.len().to_string());
        if failing > 0 {
            let n = thousands(of(HostState::Failing).map(|h| h.failed).sum());
            let values = [
                ("failing", failing.to_string()),
                ("all", all.clone()),
                ("layer", title.clone()),
                ("hosts", names(HostState::Failing)),
                ("failures", n),
                ("rest", thousands(rest)),
            ];
            parts.push(lang.with("hosts-failing", &values.each_ref().map(|(k, v)| (*k, v.as_str()))));
        }
        if silent > 0 {
            let key = if failing > 0 { "hosts-silent" } else { "hosts-silent-while-others-went-on" };
            parts.push(lang.with(key, &[("hosts", &names(HostState::Silent)), ("layer", &title)]));
        }
        if failing == 0 && silent == 0 && of(HostState::AsTheOthers).count() == own.len() {
            parts.push(lang.with("hosts-alike", &[("all", &all), ("layer", &title)]));
        }
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(hosts: &[(&str, u64, u64, f64)]) -> Vec<(String, HostState)> {
        let tally = |(requests, failed, expected): (u64, u64, f64)| Tally { requests, failed, lines: 0, expected };
        let hosts = hosts.iter().map(|h| (h.0.to_owned(), tally((h.1, h.2, h.3)))).collect();
        judged(Layer::WebServer, &hosts).into_iter().map(|h| (h.host, h.state)).collect()
    }

    #[test]
    fn one_bad_host_of_three_is_named() {
        let found = states(&[("a", 46, 0, 45.0), ("b", 45, 45, 45.0), ("c", 46, 0, 45.0)]);
        assert_eq!(found[0], ("b".to_owned(), HostState::Failing));
        assert!(found[1..].iter().all(|f| f.1 == HostState::Well));
    }

    #[test]
    fn a_fleet_that_fails_alike_has_no_bad_host() {
        let found = states(&[("a", 46, 20, 45.0), ("b", 45, 25, 45.0), ("c", 46, 22, 45.0)]);
        assert!(found.iter().all(|f| f.1 == HostState::AsTheOthers), "{found:?}");
    }

    #[test]
    fn a_host_that_logs_nothing_is_silent_while_others_go_on() {
        let found = states(&[("a", 46, 0, 45.0), ("b", 0, 0, 45.0)]);
        assert!(found.contains(&("b".to_owned(), HostState::Silent)), "{found:?}");
        // Nobody goes on: a load balancer that sends nothing is no host's fault.
        assert!(states(&[("a", 0, 0, 45.0), ("b", 0, 0, 45.0)]).iter().all(|f| f.1 == HostState::Well));
    }
}
