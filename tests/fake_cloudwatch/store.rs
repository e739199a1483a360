//! The metrics that the fake has: minutes of statistics, a series for each exact set of dimensions.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

use fivexx::parser::stamp::read_iso_whole;

/// Seconds of the finest period.
pub const MINUTE: i64 = 60;

/// Names whose series the service publishes for target groups, and never for the load balancer alone.
const OF_GROUPS: [&str; 6] = [
    "HealthyHostCount",
    "UnHealthyHostCount",
    "UnhealthyRoutingRequestCount",
    "UnhealthyStateRouting",
    "MitigatedHostCount",
    "AnomalousHostCount",
];

/// What is published for target groups *as well as* for the load balancer: the same events once more.
const OF_BOTH: [&str; 4] = ["RequestCount", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_5XX_Count", "TargetResponseTime"];

/// A metric's identity: namespace, name, dimensions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// All of its dimensions.
    pub dimensions: BTreeMap<String, String>,
}

/// Statistic → minute → value.
pub type Data = BTreeMap<String, BTreeMap<i64, f64>>;

/// All metrics.
#[derive(Default)]
pub struct Store {
    /// By identity.
    pub metrics: BTreeMap<Key, Data>,
}

impl Store {
    /// Puts a minute of a metric.
    pub fn put(&mut self, name: &str, dimensions: &[(&str, &str)], statistic: &str, second: i64, value: f64) {
        self.put_in("AWS/ApplicationELB", name, dimensions, statistic, second, value);
    }

    fn put_in(&mut self, namespace: &str, name: &str, dimensions: &[(&str, &str)], statistic: &str, second: i64, value: f64) {
        let dimensions = dimensions.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let key = Key { namespace: namespace.to_owned(), name: name.to_owned(), dimensions };
        self.metrics.entry(key).or_default().entry(statistic.to_owned()).or_default().insert(second, value);
    }

    /// Loads the metrics of a recording, as `aws cloudwatch get-metric-data` printed them, at the dimensions that the service publishes them at;
    /// and beside them what must not be mixed with them: the same events of zones and target groups, another load balancer, another namespace.
    pub fn load(&mut self, recording: &Path, load_balancer: &str, group: &str) {
        let text = std::fs::read_to_string(recording).expect("the recording has metrics");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        for result in document["MetricDataResults"].as_array().expect("get-metric-data") {
            let mut label = result["Label"].as_str().expect("a label").split(' ');
            let name = label.next().expect("a name");
            let statistic = label.next().unwrap_or(match name {
                "TargetResponseTime" => "Average",
                "HealthyHostCount" => "Minimum",
                "UnHealthyHostCount" | "PeakLCUs" => "Maximum",
                _ => "Sum",
            });
            let times = result["Timestamps"].as_array().expect("times");
            for (t, v) in times.iter().zip(result["Values"].as_array().expect("values")) {
                let second = read_iso_whole(t.as_str().expect("ISO")).expect("ISO").ms().div_euclid(1000);
                self.publish(name, statistic, second, v.as_f64().expect("a number"), load_balancer, group);
            }
        }
    }

    fn publish(&mut self, name: &str, statistic: &str, second: i64, value: f64, load_balancer: &str, group: &str) {
        let lb = ("LoadBalancer", load_balancer);
        let tg = ("TargetGroup", group);
        // Events fall into one zone or the other; what is measured is much the same in both.
        let zones = [("ap-northeast-1a", 0.75), ("ap-northeast-1c", 0.25)];
        let share = |part: f64| if statistic == "Sum" { value * part } else { value };
        let of_groups = OF_GROUPS.contains(&name);
        for (zone, part) in zones {
            let zone = ("AvailabilityZone", zone);
            if !of_groups {
                self.put(name, &[zone, lb], statistic, second, share(part));
            }
            if of_groups || OF_BOTH.contains(&name) {
                self.put(name, &[tg, zone, lb], statistic, second, share(part));
            }
        }
        if of_groups || OF_BOTH.contains(&name) {
            self.put(name, &[tg, lb], statistic, second, value);
        }
        if of_groups {
            return;
        }
        self.put(name, &[lb], statistic, second, value);
        self.put(name, &[("LoadBalancer", "app/other/0000000000000001")], statistic, second, value * 1000.0 + 77.0);
        self.put_in("AWS/NetworkELB", name, &[lb], statistic, second, value * 1000.0 + 77.0);
    }
}
