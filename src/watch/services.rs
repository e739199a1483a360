//! What needs AWS, behind traits: the rest of the watch knows no SDK.

use anyhow::bail;

#[cfg(feature = "aws")]
use super::aws::Account;
use super::courier::Refusal;
use super::gather::Gather;
use super::notification::Notification;
use super::plan::Plan;
use super::receiver::Route;
use super::reports::{Later, Upload};
use crate::config::Aws;

/// A service that takes notifications for a topic.
pub trait Publish: Send + Sync {
    /// Publishes one notification, once.
    fn publish<'a>(&'a self, arn: &'a str, notification: &'a Notification) -> Later<'a, Result<(), Refusal>>;
}

/// What a plan asks of AWS.
#[derive(Default)]
pub struct Services {
    /// Where data comes from beside files.
    pub remote: Vec<Box<dyn Gather>>,
    /// Where reports go beside the folder.
    pub upload: Option<Box<dyn Upload>>,
}

impl Services {
    /// What the plan needs.
    ///
    /// # Errors
    /// The plan asks for something that this build cannot do.
    pub fn of(plan: &Plan) -> anyhow::Result<Self> {
        let services = Services { remote: remote(plan), upload: uploader(plan) };
        let without = |key: &str| format!("{key}: this fivexx was built without it; take a build with AWS, or remove the key");
        if reads_aws(plan) && services.remote.is_empty() {
            bail!(without("[aws]"));
        }
        if plan.reports_s3.is_some() && services.upload.is_none() {
            bail!(without("[watch] reports_s3"));
        }
        for receiver in &plan.receivers {
            if let Route::Sns(arn) = &receiver.route
                && publisher(arn).is_none()
            {
                bail!(without("[[watch.notify]] sns"));
            }
        }
        Ok(services)
    }
}

/// Whether there is anything to read there: a table with only a region serves the reports.
fn reads_aws(plan: &Plan) -> bool {
    plan.config.aws.as_ref().is_some_and(Aws::reads)
}

/// What reads an AWS account.
#[cfg(feature = "aws")]
fn remote(plan: &Plan) -> Vec<Box<dyn Gather>> {
    plan.config.aws.clone().filter(Aws::reads).map(|a| Box::new(Account(a)) as Box<dyn Gather>).into_iter().collect()
}

/// What reads an AWS account.
#[cfg(not(feature = "aws"))]
fn remote(_plan: &Plan) -> Vec<Box<dyn Gather>> {
    Vec::new()
}

/// What writes reports to S3.
#[cfg(feature = "aws")]
fn uploader(plan: &Plan) -> Option<Box<dyn Upload>> {
    Some(Box::new(Account(plan.config.aws.clone().unwrap_or_default())))
}

/// What writes reports to S3.
#[cfg(not(feature = "aws"))]
fn uploader(_plan: &Plan) -> Option<Box<dyn Upload>> {
    None
}

/// What publishes to the topic of this ARN, which names its region.
#[cfg(feature = "sns")]
pub fn publisher(arn: &str) -> Option<Box<dyn Publish>> {
    Some(Box::new(Account::of_topic(arn)))
}

/// What publishes to the topic of this ARN.
#[cfg(not(feature = "sns"))]
pub fn publisher(_arn: &str) -> Option<Box<dyn Publish>> {
    None
}
