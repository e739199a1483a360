//! The calls that fivexx makes to AWS, by the IAM permission that each needs.

use std::fmt;

/// An AWS service that is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Metrics.
    CloudWatch,
    /// Log groups, and Logs Insights.
    Logs,
    /// Access logs, and reports.
    S3,
    /// Queries over access logs.
    Athena,
    /// Notifications.
    Sns,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 5] = [Service::CloudWatch, Service::Logs, Service::S3, Service::Athena, Service::Sns];
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::CloudWatch => "CloudWatch",
            Service::Logs => "CloudWatch Logs",
            Service::S3 => "S3",
            Service::Athena => "Athena",
            Service::Sns => "SNS",
        })
    }
}

/// A call, and thereby the permission that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Which metrics a load balancer has.
    ListMetrics,
    /// Their points.
    GetMetricData,
    /// Log groups and their sizes.
    DescribeLogGroups,
    /// Lines of a log group.
    FilterLogEvents,
    /// Begins an Insights query.
    StartQuery,
    /// Reads what an Insights query found.
    GetQueryResults,
    /// Ends an Insights query.
    StopQuery,
    /// Names of objects under a prefix.
    ListBucket,
    /// An object.
    GetObject,
    /// Writes a report.
    PutObject,
    /// Begins an Athena query.
    StartQueryExecution,
    /// How far an Athena query is.
    GetQueryExecution,
    /// Reads what an Athena query found.
    AthenaResults,
    /// Ends an Athena query.
    StopQueryExecution,
    /// Sends a notification.
    Publish,
}

impl Action {
    /// The service that is called.
    pub fn service(self) -> Service {
        match self {
            Action::ListMetrics | Action::GetMetricData => Service::CloudWatch,
            Action::DescribeLogGroups
            | Action::FilterLogEvents
            | Action::StartQuery
            | Action::GetQueryResults
            | Action::StopQuery => Service::Logs,
            Action::ListBucket | Action::GetObject | Action::PutObject => Service::S3,
            Action::StartQueryExecution | Action::GetQueryExecution | Action::AthenaResults | Action::StopQueryExecution => {
                Service::Athena
            }
            Action::Publish => Service::Sns,
        }
    }

    /// The permission, as an IAM policy spells it.
    pub fn permission(self) -> &'static str {
        match self {
            Action::ListMetrics => "cloudwatch:ListMetrics",
            Action::GetMetricData => "cloudwatch:GetMetricData",
            Action::DescribeLogGroups => "logs:DescribeLogGroups",
            Action::FilterLogEvents => "logs:FilterLogEvents",
            Action::StartQuery => "logs:StartQuery",
            Action::GetQueryResults => "logs:GetQueryResults",
            Action::StopQuery => "logs:StopQuery",
            Action::ListBucket => "s3:ListBucket",
            Action::GetObject => "s3:GetObject",
            Action::PutObject => "s3:PutObject",
            Action::StartQueryExecution => "athena:StartQueryExecution",
            Action::GetQueryExecution => "athena:GetQueryExecution",
            Action::AthenaResults => "athena:GetQueryResults",
            Action::StopQueryExecution => "athena:StopQueryExecution",
            Action::Publish => "sns:Publish",
        }
    }
}
