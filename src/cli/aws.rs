//! Flags of what is fetched from AWS. Each stands over its variable in the environment, and that over `fivexx.toml`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What is fetched from AWS, and what that may cost.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsFlags {
    /// Name of the load balancer whose metrics are read (or its app/NAME/ID, or its ARN)
    #[arg(long, value_name = "NAME", env = "FIVEXX_LOAD_BALANCER", hide_env_values = true)]
    pub load_balancer: Option<String>,
    /// CloudWatch log group (repeatable)
    #[arg(long = "log-group", value_name = "GROUP", env = "FIVEXX_LOG_GROUPS", value_delimiter = ',', hide_env_values = true)]
    pub log_groups: Vec<String>,
    /// Where the load balancer's access logs lie: the folder that holds AWSLogs/
    #[arg(long, value_name = "S3-URL", env = "FIVEXX_ACCESS_LOGS", hide_env_values = true)]
    pub access_logs: Option<String>,
    /// Region; default: what AWS_REGION or the profile says
    #[arg(long, value_name = "REGION", env = "FIVEXX_REGION", hide_env_values = true)]
    pub region: Option<String>,
    /// Most GB that Logs Insights or Athena may scan [default: 10]
    #[arg(long, value_name = "GB", env = "FIVEXX_MAX_SCAN_GB", hide_env_values = true)]
    pub max_scan_gb: Option<f64>,
    /// Longest time that fetching may take [default: 120s]
    #[arg(long, value_name = "TIME", env = "FIVEXX_TIME_BUDGET", hide_env_values = true)]
    pub time_budget: Option<String>,
    /// Configuration file (fivexx.toml); flags stand over it
    #[arg(long, value_name = "FILE", env = "FIVEXX_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
}

/// `fivexx aws`
#[derive(Debug, Args)]
pub struct Aws {
    /// What to do.
    #[command(subcommand)]
    pub action: AwsAction,
}

/// What to do with AWS.
#[derive(Debug, Subcommand)]
pub enum AwsAction {
    /// Try the cheapest call of each feature and name the permissions that are missing, and what is lost without them
    #[command(after_help = "Exit status: 0 all that was tried is permitted; 1 something is missing; 2 wrong usage.\n\
        Example: fivexx aws check --load-balancer shop --log-group /shop/nginx --access-logs s3://shop-logs/alb")]
    Check(AwsFlags),
}
