//! Health checks that go on failing when requests no longer do.

use std::collections::{BTreeMap, BTreeSet};

use super::{PAUSE_S, Window};
use crate::timeline::Timeline;
use crate::words::Role;

/// The seconds in which health checks failed, for each source by itself.
pub(super) fn failed(timeline: &Timeline) -> Vec<BTreeSet<i64>> {
    let mut by_source: BTreeMap<_, BTreeSet<i64>> = BTreeMap::new();
    for s in timeline.series().filter(|s| s.role == Role::FailedHealthCheck) {
        let seconds = timeline.points(s).iter().filter(|p| p.count > 0).map(|p| p.second);
        by_source.entry(s.source).or_default().extend(seconds);
    }
    by_source.into_values().collect()
}

/// The second after the last of the health checks that began to fail with the requests of a window and went on failing without a long pause: a load
/// balancer that has turned away from a broken server ends the failures, not the fault.
pub(super) fn last_of_run(failing: &BTreeSet<i64>, w: &Window) -> i64 {
    let began_before = failing.range(w.start - 2 * PAUSE_S..w.start - PAUSE_S).next().is_some();
    let mut last = w.end;
    for &second in failing.range(w.start - PAUSE_S..).take_while(|_| !began_before) {
        if second - last > PAUSE_S {
            break;
        }
        last = last.max(second + 1);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Counted;
    use crate::words::Layer;

    #[test]
    fn failing_health_checks_prolong_a_window_that_they_began_with() {
        let w = Window {
            start: 100,
            end: 110,
            until: 110,
            requests: 9,
            failed: 9,
            counted_at: Layer::WebServer,
            basis: Counted::Requests,
        };
        let last = |failing: &[i64]| last_of_run(&failing.iter().copied().collect(), &w);
        assert_eq!(last(&[]), 110);
        assert_eq!(last(&[99, 109, 119, 149, 190]), 191);
        // A long pause ends it, and so does a long begin: what failed before fails for another reason.
        assert_eq!(last(&[105, 110, 160, 170]), 111);
        assert_eq!(last(&[30, 60, 90, 120, 130]), 110);
        // They may begin after the last failed request.
        assert_eq!(last(&[130, 140]), 141);
    }
}
