//! What the watch asks of AWS, by the SDK: a place to read from, a bucket for reports, a topic for notifications.

#[cfg(feature = "sns")]
use super::courier::Refusal;
use super::gather::{Ask, Gather};
#[cfg(feature = "sns")]
use super::notification::Notification;
use super::reports::{Later, Upload};
#[cfg(feature = "sns")]
use super::services::Publish;
use crate::aws::client::Client;
use crate::aws::{self, Request};
use crate::config;
use crate::parser::catalog::Catalog;
#[cfg(feature = "sns")]
use crate::report::escape::json;
use crate::scanned::Gathered;

/// An AWS account: as a place to read from, and to write to.
#[derive(Debug, Clone)]
pub struct Account(pub config::Aws);

#[cfg(feature = "sns")]
impl Account {
    /// What a courier needs for the topic of an ARN: it knows no configuration, and the ARN names the region.
    pub fn of_topic(arn: &str) -> Self {
        let region = arn.split(':').nth(3).filter(|r| !r.is_empty()).map(str::to_owned);
        // Shorter than the patience of a courier that waits for another one.
        Account(config::Aws { region, time_budget: "60s".to_owned(), ..config::Aws::default() })
    }
}

impl Gather for Account {
    fn place(&self) -> &str {
        "aws"
    }

    fn gather(&self, catalog: &Catalog, ask: Ask) -> Result<Gathered, String> {
        let request = Request { aws: self.0.clone(), from: ask.from, to: ask.to, now: ask.now };
        let gathered = aws::gather_blocking(&request, catalog).map_err(|e| e.to_string())?;
        // Nothing fetched and something refused is no answer: what it would have told is caught up with later. Nothing fetched and
        // nothing refused is an idle account.
        if gathered.files.is_empty() && (!gathered.unanswered.is_empty() || gathered.skipped.len() > gathered.empty) {
            let refused = gathered.skipped.iter().map(|s| format!("{}: {}", s.name, s.because));
            return Err(gathered.unanswered.iter().cloned().chain(refused).next().unwrap_or_default());
        }
        Ok(gathered)
    }
}

impl Upload for Account {
    fn put<'a>(&'a self, bucket: &'a str, key: &'a str, body: &'a str, content_type: &'a str) -> Later<'a, Result<(), String>> {
        Box::pin(async move {
            let client = Client::new(&self.0).await.map_err(|e| e.to_string())?;
            aws::send::put(&client, bucket, key, body.as_bytes(), content_type).await.map_err(|e| e.to_string())
        })
    }
}

#[cfg(feature = "sns")]
impl Publish for Account {
    fn publish<'a>(&'a self, arn: &'a str, notification: &'a Notification) -> Later<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let client = Client::new(&self.0).await.map_err(|e| Refusal::clear(e.to_string()))?;
            let subject = format!("fivexx: {} at the {}", notification.dropped_at.mechanism, notification.dropped_at.layer);
            // Topics lead to mailboxes, too: people read this.
            let message = serde_json::to_string_pretty(notification).map_err(|e| Refusal::clear(e.to_string()))?;
            let message = json(&message);
            aws::send::publish(&client, arn, &subject, &message).await.map_err(|e| {
                let because = e.to_string();
                if e.is_unsure() { Refusal::unsure(because) } else { Refusal::clear(because) }
            })
        })
    }
}
