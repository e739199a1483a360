//! What is asked of GetMetricData: which series, of which period, in how many calls. Pure.

use super::discover::{LOAD_BALANCER, LoadBalancer, TARGET_GROUP};
use crate::parser::catalog::Catalog;
use crate::parser::definition::{Dimensions, Kind};
use crate::parser::metrics::MetricId;

/// Most queries of one call.
pub const QUERIES_A_CALL: usize = 500;
/// Most points of one page.
pub const POINTS_A_PAGE: i32 = 100_800;

const DAY: i64 = 86_400;
/// Points of 60 s are kept for 15 days, of 300 s for 63, of 3600 s for 455; an hour less, since time goes on while they are fetched.
const KEPT: [(i64, i64); 3] = [(60, 15 * DAY - 3600), (300, 63 * DAY - 3600), (3600, 455 * DAY - 3600)];
/// Metrics of a minute are still counted together for about so long.
pub const SETTLING: i64 = 180;

/// The time that is asked for, in whole periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Begin of the first period.
    pub from: i64,
    /// End of the last period, which is not part of it.
    pub to: i64,
    /// Seconds of a period: the finest that CloudWatch still has.
    pub period: i64,
}

impl Window {
    /// The periods that cover `[from, to)`, seen at `now`; `None` where CloudWatch has nothing of it.
    pub fn covering(from: i64, to: i64, now: i64) -> Option<Self> {
        let (_, oldest) = KEPT[2];
        let (from, to) = (from.max(now - oldest), to.min(now));
        if from >= to {
            return None;
        }
        let (period, _) = *KEPT.iter().find(|(_, age)| now - from <= *age)?;
        Some(Window { from: from.div_euclid(period) * period, to: -(-to).div_euclid(period) * period, period })
    }
}

/// One series to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What it is.
    pub metric: MetricId,
    /// CloudWatch's namespace.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// The statistic.
    pub statistic: String,
    /// The exact set of dimensions.
    pub dimensions: Vec<(&'static str, String)>,
}

impl Query {
    /// What the series is of: the source that it is told under.
    pub fn subject(&self) -> &str {
        let of = |name: &str| self.dimensions.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
        of(TARGET_GROUP).or_else(|| of(LOAD_BALANCER)).unwrap_or_default()
    }
}

/// The namespaces that definitions know.
pub fn namespaces(catalog: &Catalog) -> Vec<String> {
    let mut all: Vec<String> = catalog.of_kind(Kind::Cloudwatch).filter_map(|(_, f)| f.definition.namespace.clone()).collect();
    all.sort();
    all.dedup();
    all
}

/// Every metric of the definitions of a namespace, at the one set of dimensions that it is meant at: those of the load balancer are never added up
/// from its zones or groups.
pub fn queries(catalog: &Catalog, namespace: &str, of: &LoadBalancer) -> Vec<Query> {
    let mut all = Vec::new();
    for (format, f) in catalog.of_kind(Kind::Cloudwatch).filter(|(_, f)| f.definition.namespace.as_deref() == Some(namespace)) {
        for (index, m) in f.definition.metrics.iter().enumerate() {
            let mut ask = |dimensions: Vec<(&'static str, String)>| {
                all.push(Query {
                    metric: MetricId { format, index },
                    namespace: namespace.to_owned(),
                    name: m.name.clone(),
                    statistic: m.statistic.clone(),
                    dimensions,
                });
            };
            let load_balancer = (LOAD_BALANCER, of.suffix.clone());
            match m.dimensions {
                Dimensions::LoadBalancer => ask(vec![load_balancer]),
                Dimensions::TargetGroup => {
                    of.groups.iter().for_each(|g| ask(vec![(TARGET_GROUP, g.clone()), load_balancer.clone()]));
                }
                Dimensions::TargetGroupAlone => of.groups.iter().for_each(|g| ask(vec![(TARGET_GROUP, g.clone())])),
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_goes_by_the_age_of_the_oldest_point() {
        let now = 1_795_219_261;
        let of = |age: i64| Window::covering(now - age, now, now).map(|w| w.period);
        assert_eq!((of(7200), of(14 * DAY)), (Some(60), Some(60)));
        assert_eq!((of(15 * DAY), of(62 * DAY), of(63 * DAY), of(400 * DAY)), (Some(300), Some(300), Some(3600), Some(3600)));
        // What is older than anything that is kept is left out.
        assert_eq!(Window::covering(0, now, now).map(|w| w.period), Some(3600));
        assert_eq!(Window::covering(0, 86_400, now), None);
        assert_eq!(Window::covering(now, now + 60, now), None);
    }

    #[test]
    fn windows_are_whole_periods() {
        let w = Window::covering(1_795_219_271, 1_795_219_391, 1_795_220_000).unwrap();
        assert_eq!((w.from % 60, w.to % 60), (0, 0));
        assert!(w.from <= 1_795_219_271 && w.to >= 1_795_219_391 && w.to - w.from == 180);
    }

    #[test]
    fn one_set_of_dimensions_a_metric() {
        let catalog = Catalog::builtin().unwrap();
        let of = LoadBalancer { suffix: "app/shop/1".into(), groups: vec!["targetgroup/a/1".into(), "targetgroup/b/2".into()] };
        let all = queries(&catalog, "AWS/ApplicationELB", &of);
        let sets = |name: &str, statistic: &str| {
            let same = all.iter().filter(|q| q.name == name && q.statistic == statistic);
            same.map(|q| q.dimensions.iter().map(|(n, _)| *n).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        assert_eq!(sets("HTTPCode_ELB_5XX_Count", "Sum"), [["LoadBalancer"]]);
        assert_eq!(sets("HealthyHostCount", "Minimum"), [["TargetGroup", "LoadBalancer"], ["TargetGroup", "LoadBalancer"]]);
        assert_eq!(sets("TargetResponseTime", "p99"), [["LoadBalancer"]]);
    }
}
