//! Causes that only metrics show: a load balancer's own refusals leave no line in any log, so that their definitions can hold
//! no sample of them. Each folder in `tests/metrics/` is named after the mechanism that must come out of its document.

mod common;

use common::analyzed;
use fivexx::model::Outcome;
use std::path::Path;

/// The mechanism, and a rival that reads the same failures otherwise and must lose.
const EXPECTED: [(&str, &str); 2] =
    [("lb_rejected_connections", "no_healthy_targets"), ("lb_surge_queue_full", "target_refused")];

#[test]
fn what_only_metrics_count_is_named_before_its_rivals() {
    for (mechanism, rival) in EXPECTED {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metrics").join(mechanism);
        let report = analyzed(&folder);
        let incident = report.incidents.first().unwrap_or_else(|| panic!("{mechanism}: no incident"));
        assert_eq!(incident.dropped_at.mechanism, mechanism);
        let weighed = incident.ruled_out.iter().any(|r| r.mechanism == rival)
            || incident.checks.iter().any(|c| c.mechanism == rival && c.outcome == Outcome::Supports);
        assert!(weighed, "{mechanism}: {rival} shares its signs and was not even weighed");
    }
}
