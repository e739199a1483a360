//! `fivexx aws check`: the cheapest call of each feature, so that a missing permission is found before the incident and not in it.

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use std::future::Future;

use super::action::Action;
use super::client::Client;
use super::fault::{Fault, IntoFault, Thing};
use super::metrics::{discover, plan};
use crate::config;
use crate::parser::catalog::Catalog;

/// One call that was tried, or should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The permission that it needs, as an IAM policy spells it.
    pub permission: &'static str,
    /// On what it was tried.
    pub on: String,
    /// What is lost without it.
    pub without: &'static str,
    /// How it ended.
    pub outcome: Outcome,
}

impl Probe {
    /// Whether something is lost.
    pub fn is_lost(&self) -> bool {
        matches!(self.outcome, Outcome::Missing(_) | Outcome::Failed(_))
    }
}

/// How a probe ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is permitted.
    Permitted,
    /// A permission is missing: the call's own, or another that it needs (`kms:Decrypt` of a key).
    Missing(String),
    /// It failed for another reason.
    Failed(String),
    /// Something that it needs is not there.
    NotTried(String),
}

/// Tries what the configuration needs.
pub async fn check(aws: &config::Aws, now: i64, catalog: &Catalog) -> Vec<Probe> {
    let client = match Client::new(aws).await {
        Ok(client) => client,
        Err(fault) => {
            let outcome = Outcome::Failed(fault.to_string());
            let without = "nothing of AWS can be read; local files are analysed all the same";
            return vec![Probe { permission: "credentials", on: "AWS".to_owned(), without, outcome }];
        }
    };
    let mut probes = Probes { client: &client, all: Vec::new() };
    if let Some(wanted) = &aws.load_balancer {
        probes.metrics(wanted, now, catalog).await;
    }
    for group in &aws.log_groups {
        probes.log_group(group, now).await;
    }
    if let Some(place) = &aws.access_logs {
        probes.access_logs(place).await;
    }
    #[cfg(feature = "athena")]
    if let Some(athena) = &aws.athena {
        probes.athena(athena).await;
    }
    probes.all
}

struct Probes<'c> {
    client: &'c Client,
    all: Vec<Probe>,
}

impl Probes<'_> {
    /// Makes a call and notes how it ended; `None` where it failed.
    async fn call<T, E, C, F>(&mut self, action: Action, on: &str, without: &'static str, call: C) -> Option<T>
    where
        E: IntoFault,
        C: FnMut() -> F,
        F: Future<Output = Result<T, E>>,
    {
        let made = self.client.call(action, call).await;
        self.note(action, on, without, made)
    }

    fn note<T>(&mut self, action: Action, on: &str, without: &'static str, made: Result<T, Fault>) -> Option<T> {
        let (outcome, value) = match made {
            Ok(value) => (Outcome::Permitted, Some(value)),
            Err(Fault::Denied { permission }) => (Outcome::Missing(permission), None),
            Err(fault) => (Outcome::Failed(fault.to_string()), None),
        };
        self.all.push(Probe { permission: action.permission(), on: on.to_owned(), without, outcome });
        value
    }

    fn not_tried(&mut self, action: Action, on: &str, why: &str) {
        let outcome = Outcome::NotTried(format!("not tried: {why}"));
        self.all.push(Probe { permission: action.permission(), on: on.to_owned(), without: "", outcome });
    }

    async fn metrics(&mut self, wanted: &str, now: i64, catalog: &Catalog) {
        let cloudwatch = self.client.cloudwatch();
        let listing = "its target groups are not known, and it must be given as app/NAME/ID";
        for namespace in plan::namespaces(catalog) {
            let found = discover::listing(self.client, &namespace, wanted).await;
            let found = found.and_then(|all| all.into_iter().next().ok_or(Fault::NotFound { what: Thing::LoadBalancer }));
            let suffix = self.note(Action::ListMetrics, wanted, listing, found).unwrap_or_else(|| wanted.to_owned());
            let dimension = Dimension::builder().name(discover::LOAD_BALANCER).value(suffix).build();
            let metric = Metric::builder().namespace(&namespace).metric_name(discover::ALWAYS_SENT).dimensions(dimension).build();
            let stat = MetricStat::builder().metric(metric).period(60).stat("Sum").build();
            let call = cloudwatch
                .get_metric_data()
                .metric_data_queries(MetricDataQuery::builder().id("m0").metric_stat(stat).build())
                .start_time(DateTime::from_secs(now - 300))
                .end_time(DateTime::from_secs(now));
            let without = "no metrics: what clients saw is then only in access logs, and load balancer faults that leave no log are not seen";
            self.call(Action::GetMetricData, wanted, without, || call.clone().send()).await;
        }
    }

    async fn log_group(&mut self, group: &str, now: i64) {
        let logs = self.client.logs();
        let sizes = logs.describe_log_groups().log_group_name_prefix(group).limit(1);
        let without = "how much a scan would cost is not known beforehand";
        self.call(Action::DescribeLogGroups, group, without, || sizes.clone().send()).await;
        let lines = logs.filter_log_events().log_group_name(group).limit(1).start_time((now - 60) * 1000).end_time(now * 1000);
        let without = "its lines cannot be read for a short time: this log group is missing from the report";
        self.call(Action::FilterLogEvents, group, without, || lines.clone().send()).await;
        // One second is the least that can be asked for; a query is billed by what it scans.
        let query = logs
            .start_query()
            .log_group_name(group)
            .start_time(now - 1)
            .end_time(now)
            .limit(1)
            .query_string("fields @timestamp | limit 1");
        let without = "a long time cannot be scanned by Logs Insights, only read line by line";
        match self.call(Action::StartQuery, group, without, || query.clone().send()).await.and_then(|q| q.query_id) {
            Some(id) => {
                let results = logs.get_query_results().query_id(&id);
                self.call(Action::GetQueryResults, group, without, || results.clone().send()).await;
                let stop = logs.stop_query().query_id(&id);
                let without = "a query that is not needed any more goes on, and is paid for";
                let stopped = match self.client.call(Action::StopQuery, || stop.clone().send()).await {
                    // A query that has ended already cannot be stopped: that is an answer, and no refusal.
                    Ok(_) | Err(Fault::Refused { outage: false, .. }) => Ok(()),
                    Err(fault) => Err(fault),
                };
                self.note(Action::StopQuery, group, without, stopped);
            }
            None => {
                self.not_tried(Action::GetQueryResults, group, "there is no query to ask for");
                self.not_tried(Action::StopQuery, group, "there is no query to stop");
            }
        }
    }

    async fn access_logs(&mut self, place: &str) {
        let path = place.trim_start_matches("s3://");
        let (bucket, path) = path.split_once('/').unwrap_or((path, ""));
        // As it is read: up to and with AWSLogs/, whether or not that is named.
        let above = path.split("AWSLogs").next().unwrap_or_default().trim_end_matches('/');
        let prefix = if above.is_empty() { "AWSLogs/".to_owned() } else { format!("{above}/AWSLogs/") };
        let s3 = self.client.s3();
        let list = s3.list_objects_v2().bucket(bucket).prefix(prefix).max_keys(1);
        let without = "access logs are not found: single requests, their targets and times are not seen";
        let found = self.call(Action::ListBucket, place, without, || list.clone().send()).await;
        match found.as_ref().and_then(|l| l.contents().first()).and_then(|o| o.key()) {
            Some(key) => {
                let get = s3.get_object().bucket(bucket).key(key).range("bytes=0-0");
                let without = "access logs are found but not read";
                self.call(Action::GetObject, place, without, || get.clone().send()).await;
            }
            None => self.not_tried(Action::GetObject, place, "there is no object under the prefix to read"),
        }
    }

    #[cfg(feature = "athena")]
    async fn athena(&mut self, at: &config::Athena) {
        let athena = aws_sdk_athena::Client::new(self.client.config());
        let on = format!("{}.{}", at.database, at.table);
        let output = at.output.as_ref().map(|o| aws_sdk_athena::types::ResultConfiguration::builder().output_location(o).build());
        // Without a table nothing is scanned, so nothing is billed but the least.
        let start = athena
            .start_query_execution()
            .query_string("SELECT 1")
            .set_work_group(at.workgroup.clone())
            .set_result_configuration(output);
        let without = "long times of access logs are streamed from S3 instead, or not read";
        match self
            .call(Action::StartQueryExecution, &on, without, || start.clone().send())
            .await
            .and_then(|q| q.query_execution_id)
        {
            Some(id) => {
                let state = athena.get_query_execution().query_execution_id(&id);
                self.call(Action::GetQueryExecution, &on, without, || state.clone().send()).await;
            }
            None => self.not_tried(Action::GetQueryExecution, &on, "there is no query to ask for"),
        }
    }
}
