//! The courier: a process of its own that makes one attempt to deliver one notification.
//!
//! Between a receiver's acceptance and our note of it lies a moment in which the watch may be killed; it would then tell again.
//! So the watch does not deliver: it starts a courier, which is not killed with it, holds a lock while it is at work, and leaves a
//! receipt in the spool folder when the receiver accepted. A watch that comes back finds the receipt, or waits for the lock. What
//! remains is the courier itself being killed in that moment (or the machine): then nobody knows, the notification is sent again
//! under the same key, and says that it may be a repetition.
//!
//! | in the spool | means |
//! |---|---|
//! | `KEY.wanted` | the watch wants it delivered; without it a late courier does nothing |
//! | `KEY.lock` | held while a courier is at work |
//! | `KEY.begun` | an attempt began, and nobody knows yet how it ended |
//! | `KEY.done` | the receiver accepted |
//! | `KEY.output` | what a command wrote to its standard output and error |

pub mod command;
pub mod spool;
pub mod webhook;

use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::time::Duration;

use super::notification::Notification;
use super::receiver::Route;
use super::services::Publish;
use spool::Spool;

/// How long a courier waits for another one that is at work on the same notification.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(90);

/// What a courier is told to do, as JSON on its standard input: secrets stay out of files and arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The spool folder.
    pub spool: std::path::PathBuf,
    /// Name of this delivery in the spool.
    pub name: String,
    /// To whom.
    pub route: Route,
    /// What.
    pub notification: Notification,
}

/// How an attempt ended, as JSON on standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The receiver accepted, now or in an earlier attempt.
    Delivered,
    /// It did not.
    Failed {
        /// Why; never holds the address of a webhook.
        because: String,
        /// Seconds that the receiver asks to wait.
        retry_after_s: Option<u64>,
    },
    /// The watch does not want it any more.
    Unwanted,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// In words.
    pub because: String,
    /// Whether it may have arrived all the same.
    pub unsure: bool,
    /// Seconds that the receiver asks to wait.
    pub retry_after_s: Option<u64>,
}

impl Refusal {
    /// It did not arrive.
    pub fn clear(because: impl Into<String>) -> Self {
        Refusal { because: because.into(), unsure: false, retry_after_s: None }
    }

    /// It may have arrived.
    pub fn unsure(because: impl Into<String>) -> Self {
        Refusal { because: because.into(), unsure: true, retry_after_s: None }
    }
}

/// The whole life of a courier: job in, one attempt, outcome out.
///
/// # Errors
/// The runtime cannot be started.
pub fn run(publish: impl Fn(&str) -> Option<Box<dyn Publish>>) -> anyhow::Result<()> {
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text)?;
    // Half a job: the watch died while it wrote it, and will write it again.
    let Ok(job) = serde_json::from_slice::<Job>(&text) else { return Ok(()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        // A shutdown of the service reaches couriers too; what has begun is brought to its end, within its own time limits.
        #[cfg(unix)]
        let _deaf = {
            use tokio::signal::unix::{SignalKind, signal};
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
        };
        attempt(&job, &publish).await
    });
    runtime.shutdown_background();
    // The watch may be gone; the receipt tells it when it comes back.
    let _ = writeln!(std::io::stdout(), "{}", serde_json::to_string(&outcome)?);
    Ok(())
}

/// One attempt, under the lock.
async fn attempt(job: &Job, publish: &impl Fn(&str) -> Option<Box<dyn Publish>>) -> Outcome {
    let failed = |because: String| Outcome::Failed { because, retry_after_s: None };
    let spool = Spool::new(&job.spool, &job.name);
    let _lock = match spool.lock(LOCK_PATIENCE).await {
        Ok(lock) => lock,
        Err(e) => return failed(format!("the spool folder {}: {e}", job.spool.display())),
    };
    if spool.is_done() {
        return Outcome::Delivered;
    }
    if !spool.is_wanted() {
        return Outcome::Unwanted;
    }
    let mut notification = job.notification.clone();
    notification.possibly_repeated = spool.has_begun();
    if let Err(e) = spool.begin() {
        return failed(format!("the spool folder {}: {e}", job.spool.display()));
    }
    let sent = match &job.route {
        Route::Webhook(url) => webhook::post(url, &notification).await,
        Route::Command(argv) => command::run(argv, &notification, &spool).await,
        Route::Sns(arn) => match publish(arn) {
            Some(service) => service.publish(arn, &notification).await,
            None => Err(Refusal::clear("this fivexx was built without AWS: it cannot publish to SNS")),
        },
    };
    match sent {
        Ok(()) => {
            // Without a receipt the next attempt says that it may be a repetition; nothing is lost.
            let _ = spool.finish();
            Outcome::Delivered
        }
        Err(refusal) => {
            if !refusal.unsure && !notification.possibly_repeated {
                spool.unbegin();
            }
            Outcome::Failed { because: refusal.because, retry_after_s: refusal.retry_after_s }
        }
    }
}
