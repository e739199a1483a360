//! CloudWatch metrics of a load balancer, into the same tally as the CLI's saved JSON gives.

pub mod discover;
pub mod fetch;
pub mod plan;

use chrono::DateTime;
use std::collections::BTreeMap;

use super::Request;
use super::client::Client;
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::metrics::{Collection, Points, Reading, Series};
use crate::scanned::{Gathered, ScannedFile};
use crate::source::Skipped;
use discover::LoadBalancer;
use plan::{Query, SETTLING, Window};

/// Fetches the metrics of the load balancer that the request names, if it names one.
pub async fn gather_metrics(client: &Client, request: &Request, catalog: &Catalog) -> Gathered {
    let mut gathered = Gathered::default();
    let Some(wanted) = &request.aws.load_balancer else { return gathered };
    let named = format!("cloudwatch:{wanted}");
    let Some(window) = Window::covering(request.from, request.to, request.now) else {
        gathered.skipped.push(Skipped { name: named, because: Saying::of("aws-no-metric-kept") });
        return gathered;
    };
    for namespace in plan::namespaces(catalog) {
        let discovery = match discover::find(client, &namespace, wanted).await {
            Ok(discovery) => discovery,
            Err(fault) => {
                gathered.skipped.push(Skipped { name: named.clone(), because: fault.says() });
                continue;
            }
        };
        gathered.skipped.extend(discovery.remarks.into_iter().map(|because| Skipped { name: named.clone(), because }));
        for load_balancer in discovery.load_balancers {
            one(client, &namespace, &load_balancer, window, request.now, catalog, &mut gathered).await;
        }
    }
    gathered
}

/// Fetches one load balancer with its target groups; each is a source of its own, so that nothing of one is added to another.
async fn one(
    client: &Client,
    namespace: &str,
    of: &LoadBalancer,
    window: Window,
    now: i64,
    catalog: &Catalog,
    gathered: &mut Gathered,
) {
    let queries = plan::queries(catalog, namespace, of);
    let fetched = fetch::fetch(client, &queries, window).await;
    let name = format!("cloudwatch:{}", of.suffix);
    let mut say = |because: Saying| gathered.skipped.push(Skipped { name: name.clone(), because });
    fetched.remarks.into_iter().for_each(&mut say);
    if fetched.series.iter().all(|(points, _)| points.is_empty()) {
        if fetched.fault.is_none() {
            gathered.empty += 1;
            say(Saying::with("aws-no-points", &[("from", &minute(window.from)), ("to", &minute(window.to))]));
        }
        return;
    }
    let settled = now - SETTLING;
    if window.to > settled {
        say(Saying::with("aws-still-counted", &[("from", &minute(settled.div_euclid(60) * 60))]));
    }
    if window.period > 60 {
        say(Saying::with("aws-only-sums", &[("minutes", &(window.period / 60).to_string())]));
    }
    gathered.files.extend(files(catalog, &queries, fetched.series, window, settled));
}

/// The series, a file for each subject.
fn files(catalog: &Catalog, queries: &[Query], series: Vec<(Points, Series)>, window: Window, settled: i64) -> Vec<ScannedFile> {
    let mut by_subject: BTreeMap<&str, Collection<'_>> = BTreeMap::new();
    for (query, (points, whole)) in queries.iter().zip(series) {
        let collection = by_subject.entry(query.subject()).or_insert_with(|| Collection::new(catalog, 0));
        collection.add(query.metric, points, whole);
    }
    let reading = Reading { period_s: Some(window.period), settled_until: Some(settled) };
    let files = by_subject
        .into_iter()
        .map(|(subject, c)| ScannedFile { path: format!("cloudwatch:{subject}"), tally: c.finish(reading) });
    // A target group without a point (a Lambda's, for one) is no source.
    files.filter(|f| f.tally.sources.iter().any(|s| s.span.is_some())).collect()
}

fn minute(second: i64) -> String {
    DateTime::from_timestamp(second, 0).map_or_else(|| second.to_string(), |t| t.format("%Y-%m-%dT%H:%MZ").to_string())
}
