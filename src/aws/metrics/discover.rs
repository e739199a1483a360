//! Which load balancer is meant, and which target groups it has: what ListMetrics tells.
//!
//! Which *error* metrics there are is not asked: one that was zero for two weeks is not listed, and is just the one that is wanted now.

use aws_sdk_cloudwatch::operation::list_metrics::builders::ListMetricsFluentBuilder;
use aws_sdk_cloudwatch::types::{DimensionFilter, Metric};
use std::collections::BTreeSet;

use crate::aws::action::Action;
use crate::aws::client::Client;
use crate::aws::fault::Fault;
use crate::lang::Saying;

/// Dimension that holds the load balancer.
pub const LOAD_BALANCER: &str = "LoadBalancer";
/// Dimension that holds the target group.
pub const TARGET_GROUP: &str = "TargetGroup";
/// Every load balancer with traffic sends it.
pub const ALWAYS_SENT: &str = "RequestCount";
/// Names told where none fits.
const NAMES_TOLD: usize = 8;
/// Pages of ListMetrics that are read at most: 100,000 metrics.
const PAGES: usize = 200;

/// A load balancer and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// `app/NAME/ID`.
    pub suffix: String,
    /// `targetgroup/NAME/ID` of each of its target groups.
    pub groups: Vec<String>,
}

/// What looking for a load balancer came to.
#[derive(Debug)]
pub struct Discovery {
    /// Those that bear the name; a load balancer that was made anew has two suffixes for two weeks.
    pub load_balancers: Vec<LoadBalancer>,
    /// Worth a line in the report.
    pub remarks: Vec<Saying>,
}

/// Finds the load balancer of a name, a suffix or an ARN.
///
/// # Errors
/// The listing failed, and the suffix is not known without it.
pub async fn find(client: &Client, namespace: &str, wanted: &str) -> Result<Discovery, Fault> {
    let mut remarks = Vec::new();
    let suffixes = match suffix_of(wanted) {
        Some(suffix) => vec![suffix.to_owned()],
        None => {
            let filter = DimensionFilter::builder().name(LOAD_BALANCER).build();
            let call = client.cloudwatch().list_metrics().namespace(namespace).metric_name(ALWAYS_SENT).dimensions(filter);
            let known: BTreeSet<String> = list(client, call).await?.iter().filter_map(alone).collect();
            let named: Vec<String> = known.iter().filter(|s| name_of(s) == wanted).cloned().collect();
            if named.is_empty() {
                remarks.push(not_found(wanted, client.region(), &known));
            }
            named
        }
    };
    let mut load_balancers = Vec::new();
    for suffix in suffixes {
        let filter = DimensionFilter::builder().name(LOAD_BALANCER).value(&suffix).build();
        let call = client.cloudwatch().list_metrics().namespace(namespace).dimensions(filter);
        let groups = match list(client, call).await {
            Ok(metrics) => {
                if metrics.is_empty() {
                    let values = [("load_balancer", suffix.as_str()), ("region", client.region())];
                    remarks.push(Saying::with("aws-sent-no-metric", &values));
                }
                metrics.iter().filter_map(|m| value(m, TARGET_GROUP)).map(str::to_owned).collect::<BTreeSet<_>>()
            }
            Err(fault) => {
                remarks.push(Saying::of("aws-target-groups-unknown").fill("fault", fault.says()));
                BTreeSet::new()
            }
        };
        load_balancers.push(LoadBalancer { suffix, groups: groups.into_iter().collect() });
    }
    Ok(Discovery { load_balancers, remarks })
}

/// The suffixes that are meant, by one listing that must succeed: to see whether it may be listed at all.
///
/// # Errors
/// The listing failed.
pub async fn listing(client: &Client, namespace: &str, wanted: &str) -> Result<Vec<String>, Fault> {
    let filter = DimensionFilter::builder().name(LOAD_BALANCER).set_value(suffix_of(wanted).map(str::to_owned)).build();
    let call = client.cloudwatch().list_metrics().namespace(namespace).metric_name(ALWAYS_SENT).dimensions(filter);
    let known: BTreeSet<String> = list(client, call).await?.iter().filter_map(alone).collect();
    Ok(known.into_iter().filter(|s| suffix_of(wanted) == Some(s) || name_of(s) == wanted).collect())
}

/// All pages of a listing.
async fn list(client: &Client, call: ListMetricsFluentBuilder) -> Result<Vec<Metric>, Fault> {
    let (mut all, mut token) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = client.call(Action::ListMetrics, || call.clone().set_next_token(token.clone()).send()).await?;
        all.extend(page.metrics.unwrap_or_default());
        token = page.next_token.filter(|t| !t.is_empty());
        if token.is_none() {
            break;
        }
    }
    Ok(all)
}

/// The load balancer of a metric that has no other dimension.
fn alone(metric: &Metric) -> Option<String> {
    (metric.dimensions().len() == 1).then(|| value(metric, LOAD_BALANCER).map(str::to_owned)).flatten()
}

fn value<'m>(metric: &'m Metric, dimension: &str) -> Option<&'m str> {
    metric.dimensions().iter().find(|d| d.name() == Some(dimension)).and_then(|d| d.value())
}

/// `app/NAME/ID`, of itself or of an ARN.
fn suffix_of(wanted: &str) -> Option<&str> {
    let suffix = wanted.rsplit_once(":loadbalancer/").map_or(wanted, |(_, s)| s);
    (suffix.split('/').count() == 3).then_some(suffix)
}

fn name_of(suffix: &str) -> &str {
    suffix.split('/').nth(1).unwrap_or(suffix)
}

fn not_found(wanted: &str, region: &str, known: &BTreeSet<String>) -> Saying {
    let names: BTreeSet<&str> = known.iter().map(|s| name_of(s)).collect();
    let near = names.iter().copied().max_by(|a, b| {
        strsim::normalized_damerau_levenshtein(a, wanted).total_cmp(&strsim::normalized_damerau_levenshtein(b, wanted))
    });
    match near {
        None => Saying::with("aws-no-load-balancer-at-all", &[("region", region)]),
        Some(near) if strsim::normalized_damerau_levenshtein(near, wanted) >= 0.6 => {
            Saying::with("aws-no-load-balancer-but-near", &[("wanted", wanted), ("region", region), ("near", near)])
        }
        Some(_) => {
            let told: Vec<&str> = names.iter().copied().take(NAMES_TOLD).collect();
            let told = told.join(", ") + if names.len() > told.len() { ", …" } else { "" };
            Saying::with("aws-no-load-balancer-but-others", &[("wanted", wanted), ("region", region), ("others", &told)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suffixes_and_arns() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/50dc6c495c0c9188";
        assert_eq!(suffix_of(arn), Some("app/shop/50dc6c495c0c9188"));
        assert_eq!(suffix_of("app/shop/50dc6c495c0c9188"), Some("app/shop/50dc6c495c0c9188"));
        assert_eq!(suffix_of("shop"), None);
        let known = BTreeSet::from(["app/shop/1".to_owned(), "app/blog/2".to_owned()]);
        assert!(not_found("shpo", "eu-west-1", &known).to_string().ends_with("did you mean `shop`?"));
        assert!(not_found("warehouse", "eu-west-1", &known).to_string().ends_with("there are blog, shop"));
    }
}
