//! `fivexx.toml`: what a scheduled run looks at, how often, and whom it tells. Flags stand over the environment, the environment over this file.

pub mod load;
pub mod redaction;

pub use load::load;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use crate::lang::Lang;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Files, folders or globs of logs on this machine.
    pub paths: Vec<PathBuf>,
    /// Zones of sources whose lines state none, as `--tz` takes them.
    pub tz: Vec<String>,
    /// Folders with parser definitions of the user's own.
    pub parsers: Vec<PathBuf>,
    /// Folders with cause definitions of the user's own.
    pub causes: Vec<PathBuf>,
    /// What is masked in reports and notifications.
    pub redact: Option<Redact>,
    /// Language of reports and notifications: `en`, `ja` or `ko`.
    pub lang: Lang,
    /// What is fetched from AWS.
    pub aws: Option<Aws>,
    /// The watch: when it looks, where its state and reports go, whom it tells.
    pub watch: Option<Watch>,
}

/// What is masked in reports and notifications, beside what always is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redact {
    /// Nothing is masked: secrets that stand in the logs stand in reports.
    pub off: bool,
    /// IP addresses are masked as well.
    pub ips: bool,
    /// Files with more rules, in the format of gitleaks' configuration.
    pub rules: Vec<PathBuf>,
}

/// What is fetched from AWS, and what a fetch may cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Aws {
    /// Region; without it the SDK's own chain decides.
    pub region: Option<String>,
    /// Name (or the `app/NAME/ID` suffix) of the load balancer whose metrics are read.
    pub load_balancer: Option<String>,
    /// CloudWatch log groups.
    pub log_groups: Vec<String>,
    /// `s3://bucket/prefix` under which the load balancer's access logs lie (the folder that holds `AWSLogs/`).
    pub access_logs: Option<String>,
    /// Athena, for windows of access logs that are too large to stream.
    pub athena: Option<Athena>,
    /// Most GB that one run may scan in Logs Insights or Athena.
    pub max_scan_gb: f64,
    /// Longest time that one run's fetching may take, e.g. `90s`.
    pub time_budget: String,
}

impl Aws {
    /// Whether it names anything to read; a table may hold only what writing reports needs.
    pub fn reads(&self) -> bool {
        self.load_balancer.is_some() || !self.log_groups.is_empty() || self.access_logs.is_some()
    }
}

impl Default for Aws {
    fn default() -> Self {
        Aws {
            region: None,
            load_balancer: None,
            log_groups: Vec::new(),
            access_logs: None,
            athena: None,
            max_scan_gb: 10.0,
            time_budget: "120s".to_owned(),
        }
    }
}

/// Where Athena finds the table of access logs, and where it puts its answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Athena {
    /// Workgroup.
    pub workgroup: Option<String>,
    /// Database.
    pub database: String,
    /// Table, made with partition projection as AWS documents it.
    pub table: String,
    /// `s3://…` for answers, where the workgroup names none.
    pub output: Option<String>,
}

/// The watch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    /// Interval between looks, e.g. `5m`; not together with `cron`.
    pub every: Option<String>,
    /// Cron expression of the looks, in UTC; not together with `every`.
    pub cron: Option<String>,
    /// The embedded database with what is open, reported and closed.
    pub state: PathBuf,
    /// Folder that reports are written to.
    pub reports: PathBuf,
    /// `s3://bucket/prefix` that reports are written to as well.
    pub reports_s3: Option<String>,
    /// How far back each look reads, e.g. `2h`.
    pub look_back: String,
    /// Data younger than this may still grow, e.g. `3m`: it does not end an incident.
    pub settle: String,
    /// After downtime, how far back is looked at again, in steps, e.g. `24h`.
    pub catch_up: String,
    /// Least confidence of the drop point at which an incident is told while it lasts.
    pub sure: f64,
    /// Whether an incident that ends without ever being that sure is told at its end all the same.
    pub tell_unsure: bool,
    /// Incidents with fewer failed requests than this are not told.
    pub least_failures: u64,
    /// Whether receivers also get a second notification when an incident has ended.
    pub tell_end: bool,
    /// Loopback address for `/healthz` and `/metrics`, e.g. `127.0.0.1:9105`.
    pub listen: Option<String>,
    /// Whether `listen` may be an address that other machines reach; nothing there asks for a password.
    pub listen_beyond_loopback: bool,
    /// Whom to tell.
    pub notify: Vec<Notify>,
}

impl Default for Watch {
    fn default() -> Self {
        Watch {
            every: None,
            cron: None,
            state: PathBuf::from("fivexx-state.redb"),
            reports: PathBuf::from("reports"),
            reports_s3: None,
            look_back: "2h".to_owned(),
            settle: "3m".to_owned(),
            catch_up: "24h".to_owned(),
            sure: 0.6,
            tell_unsure: true,
            least_failures: 5,
            tell_end: false,
            listen: None,
            listen_beyond_loopback: false,
            notify: Vec::new(),
        }
    }
}

/// One receiver of notifications: exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// URL of a Slack-compatible webhook; `env:NAME` reads it from the environment.
    pub webhook: Option<String>,
    /// ARN of an SNS topic.
    pub sns: Option<String>,
    /// A program and its arguments; it gets the notification as JSON on standard input.
    pub command: Option<Vec<String>>,
}
