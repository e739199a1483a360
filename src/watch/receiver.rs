//! Whom to tell: a webhook, an SNS topic or a command.

use serde::{Deserialize, Serialize};

use super::machine::identity::fnv1a;
use crate::config::Notify;

/// One receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// What logs, metrics and the outbox call it: kind and a hash of what it is, so that another order in the file changes
    /// nothing, and no address (which may be a secret) is shown.
    pub label: String,
    /// How it is reached.
    pub route: Route,
}

/// How a receiver is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// A Slack-compatible webhook: a URL, or `env:NAME`.
    Webhook(String),
    /// ARN of an SNS topic.
    Sns(String),
    /// A program and its arguments.
    Command(Vec<String>),
}

impl Receiver {
    /// Reads an entry of `[[watch.notify]]`.
    ///
    /// # Errors
    /// It names none or several ways, or one that cannot be.
    pub fn new(notify: &Notify) -> Result<Self, String> {
        let route = match (&notify.webhook, &notify.sns, &notify.command) {
            (Some(url), None, None) => {
                // Resolved again with each delivery; here only so that a slip shows at the start.
                resolve_url(url)?;
                Route::Webhook(url.clone())
            }
            (None, Some(arn), None) if arn.starts_with("arn:") && arn.split(':').count() == 6 => Route::Sns(arn.clone()),
            (None, Some(arn), None) => {
                return Err(format!("sns = \"{arn}\" is no ARN of a topic; write arn:aws:sns:REGION:ACCOUNT:NAME"));
            }
            (None, None, Some(command)) if !command.is_empty() => Route::Command(command.clone()),
            (None, None, Some(_)) => return Err("command = [] names no program".to_owned()),
            _ => return Err("exactly one of `webhook`, `sns` and `command` says how it is told".to_owned()),
        };
        let (kind, what) = match &route {
            Route::Webhook(url) => ("webhook", url.clone()),
            Route::Sns(arn) => ("sns", arn.clone()),
            Route::Command(command) => ("command", command.join("\0")),
        };
        Ok(Receiver { label: format!("{kind}-{:06x}", fnv1a(what.as_bytes()) & 0xff_ffff), route })
    }
}

/// The URL of a webhook; `env:NAME` stands for what the environment holds. Messages never repeat the URL: whoever knows it can post.
///
/// # Errors
/// The variable is not set, or the text is no URL.
pub fn resolve_url(text: &str) -> Result<hyper::Uri, String> {
    let url = match text.strip_prefix("env:") {
        Some(name) => std::env::var(name).map_err(|_| format!("webhook = \"{text}\": the environment has no {name}"))?,
        None => text.to_owned(),
    };
    let shown = if text.starts_with("env:") { text } else { "…" };
    let wrong = || format!("webhook = \"{shown}\" is no URL; write https://host/path, or env:NAME");
    let uri: hyper::Uri = url.trim().parse().map_err(|_| wrong())?;
    let known = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    if known { Ok(uri) } else { Err(wrong()) }
}
