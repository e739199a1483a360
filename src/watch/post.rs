//! Delivery: each channel has a task of its own that takes its oldest item from the outbox, tries it until it has arrived, and
//! takes it out. The queue is the database, so nothing is held up, lost, or piled up in memory by a receiver that is away.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::watch;

use super::breaker::{Breaker, random};
use super::courier::spool::Spool;
use super::courier::{Job, LOCK_PATIENCE, Outcome, Refusal};
use super::notification::Notification;
use super::outbox::{Channel, Item, Parcel};
use super::plan::Plan;
use super::reports;
use super::service::say;
use super::services::Services;
use super::status::Status;
use super::store::Store;
use crate::report::escape::terminal;

/// What could not be delivered for so long is given up, and said to be.
const GIVE_UP_S: i64 = 24 * 3600;

/// A run of one look leaves what failed this often to the next run.
const ONCE_ATTEMPTS: u32 = 5;

/// A notification names the report: it waits this long for the report to be written, and no longer.
const REPORT_FIRST: Duration = Duration::from_secs(5);

/// Longer than any courier may take.
const COURIER_LIMIT: Duration = LOCK_PATIENCE.saturating_add(Duration::from_secs(90));

/// What all channels share.
pub struct Post {
    /// What was configured.
    pub plan: Arc<Plan>,
    /// What needs AWS.
    pub services: Arc<Services>,
    /// The outbox.
    pub store: Arc<Store>,
    /// What is counted.
    pub status: Arc<Status>,
    /// Where couriers leave receipts.
    pub spool: PathBuf,
    /// Changes when there may be something new to deliver.
    pub wake: watch::Sender<u64>,
    /// True when the watch stops: what is under way is finished, nothing new begun.
    pub stop: watch::Receiver<bool>,
}

/// All channels of a plan.
pub fn channels(plan: &Plan) -> Vec<Channel> {
    let s3 = plan.reports_s3.as_ref().map(|_| Channel::S3);
    let receivers = plan.receivers.iter().map(|r| Channel::Receiver(r.label.clone()));
    [Channel::Folder].into_iter().chain(s3).chain(receivers).collect()
}

impl Post {
    /// There may be something new.
    pub fn wake(&self) {
        self.wake.send_modify(|n| *n += 1);
    }

    /// Delivers what one channel has: for ever, or, with `once`, until nothing is left or it has failed often enough.
    pub async fn serve(self: Arc<Self>, channel: Channel, once: bool) {
        let mut woken = self.wake.subscribe();
        let mut stop = self.stop.clone();
        let mut breaker = Breaker::default();
        let mut attempts: HashMap<String, u32> = HashMap::new();
        while !*stop.borrow() {
            woken.mark_unchanged();
            let mut items = match self.blocking(|post, ()| post.store.all_items(), &()).await {
                Ok(items) => items,
                Err(e) => {
                    say(&format!("{channel}: {e}"));
                    if once {
                        return;
                    }
                    pause(Duration::from_secs(5), &mut stop).await;
                    continue;
                }
            };
            self.status.pending(items.len());
            items.retain(|i| i.channel == channel);
            attempts.retain(|key, _| items.iter().any(|i| i.key() == *key));
            // The oldest first, but one that nobody wants does not hold up the others.
            let tried = |i: &Item| attempts.get(&i.key()).copied().unwrap_or(0);
            let Some(item) = items.into_iter().min_by_key(|i| (tried(i), i.queued)) else {
                if once {
                    return;
                }
                tokio::select! {
                    _ = woken.changed() => {}
                    _ = stop.changed() => {}
                }
                continue;
            };
            let wait = match self.deliver(&item).await {
                Ok(()) => {
                    self.take_out(&item).await;
                    self.status.delivered(&channel.to_string());
                    if breaker.succeeded() {
                        say(&format!("{channel}: works again"));
                    }
                    continue;
                }
                Err(refusal) => {
                    let n = attempts.entry(item.key()).or_default();
                    *n += 1;
                    let pause = breaker.failed(refusal.retry_after_s.map(Duration::from_secs), random());
                    self.status.failed(&channel.to_string(), breaker.is_open());
                    say(&format!("{channel}: attempt {n}: {}", terminal(&refusal.because)));
                    if pause.opened {
                        say(&format!("{channel}: failed several times in a row; it is tried only now and then until it works"));
                    }
                    if chrono::Utc::now().timestamp() - item.at > GIVE_UP_S {
                        say(&format!("{channel}: GIVEN UP after a day: what was to be told of incident {}", item.incident));
                        self.status.given_up(&channel.to_string());
                        self.take_out(&item).await;
                    } else if once && *n >= ONCE_ATTEMPTS {
                        return;
                    }
                    pause.wait
                }
            };
            pause(wait, &mut stop).await;
        }
    }

    /// One attempt.
    async fn deliver(&self, item: &Item) -> Result<(), Refusal> {
        match &item.parcel {
            Parcel::Report { name, draft } if item.channel == Channel::Folder => {
                let (folder, name, draft) = (self.plan.reports.clone(), name.clone(), draft.clone());
                let shown = folder.display().to_string();
                let written = tokio::task::spawn_blocking(move || reports::write(&folder, &name, &draft)).await;
                written
                    .map_err(|e| Refusal::clear(e.to_string()))?
                    .map_err(|e| Refusal::clear(format!("the report cannot be written to {shown}: {e}")))
            }
            Parcel::Report { name, draft } => {
                let (Some(s3), Some(upload)) = (&self.plan.reports_s3, &self.services.upload) else {
                    return Err(Refusal::clear("S3 is not configured"));
                };
                for (extension, kind) in reports::KINDS {
                    let key = format!("{}{name}.{extension}", s3.prefix);
                    upload.put(&s3.bucket, &key, reports::text(draft, extension), kind).await.map_err(Refusal::clear)?;
                }
                Ok(())
            }
            Parcel::Notification(notification) => {
                self.wait_for_report(item).await;
                self.send(item, notification).await
            }
        }
    }

    /// Whoever is told of a report should find it.
    async fn wait_for_report(&self, item: &Item) {
        let begin = tokio::time::Instant::now();
        while begin.elapsed() < REPORT_FIRST {
            let reports = self.blocking(|post, c| post.store.items(c), &Channel::Folder).await.unwrap_or_default();
            if !reports.iter().any(|r| r.incident == item.incident) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Starts a courier and hears how it went.
    async fn send(&self, item: &Item, notification: &Notification) -> Result<(), Refusal> {
        let Channel::Receiver(label) = &item.channel else { return Err(Refusal::clear("it has no receiver")) };
        let Some(receiver) = self.plan.receivers.iter().find(|r| r.label == *label) else {
            return Err(Refusal::clear("it is no longer configured"));
        };
        let name = spool_name(item);
        let spool = Spool::new(&self.spool, &name);
        spool.want().map_err(|e| Refusal::clear(format!("the spool folder {}: {e}", self.spool.display())))?;
        let job = Job { spool: self.spool.clone(), name, route: receiver.route.clone(), notification: notification.clone() };
        let job = serde_json::to_vec(&job).map_err(|e| Refusal::clear(e.to_string()))?;
        let lost = |e: std::io::Error| Refusal::clear(format!("the courier: {e}"));
        let mut child = courier().spawn().map_err(lost)?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(&job).await.map_err(lost)?;
            pipe.shutdown().await.map_err(lost)?;
        }
        let mut text = String::new();
        let mut stdout = child.stdout.take();
        let hear = async {
            if let Some(out) = &mut stdout {
                out.read_to_string(&mut text).await?;
            }
            child.wait().await
        };
        if tokio::time::timeout(COURIER_LIMIT, hear).await.is_err() {
            let _ = child.kill().await;
            return Err(Refusal::unsure("the courier did not come back and was killed"));
        }
        match serde_json::from_str(&text) {
            Ok(Outcome::Delivered) => Ok(()),
            Ok(Outcome::Failed { because, retry_after_s }) => Err(Refusal { because, unsure: false, retry_after_s }),
            Ok(Outcome::Unwanted) | Err(_) => Err(Refusal::clear("the courier died on its way")),
        }
    }

    /// The item has arrived: out of the database first, then out of the spool; a death between the two is swept up later.
    async fn take_out(&self, item: &Item) {
        let name = spool_name(item);
        let is_notification = matches!(item.parcel, Parcel::Notification(_));
        let taken = self.blocking(|post, item| post.store.done(item), item).await;
        match taken {
            Ok(()) if is_notification => Spool::new(&self.spool, &name).clear(),
            Ok(()) => {}
            // It stays in, and the next attempt finds the receipt.
            Err(e) => say(&format!("{}: {e}", item.channel)),
        }
    }

    /// Runs something that waits for the disk on a thread where waiting is allowed.
    async fn blocking<A, T, E>(&self, f: fn(&Shared, &A) -> Result<T, E>, with: &A) -> Result<T, String>
    where
        A: Clone + Send + 'static,
        T: Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let (shared, with) = (Shared { store: self.store.clone() }, with.clone());
        let done = tokio::task::spawn_blocking(move || f(&shared, &with)).await;
        done.map_err(|e| e.to_string())?.map_err(|e| e.to_string())
    }
}

/// What a thread needs.
struct Shared {
    store: Arc<Store>,
}

/// Names of the deliveries that the outbox still holds.
pub fn spool_names(items: &[Item]) -> Vec<String> {
    items.iter().map(spool_name).collect()
}

fn spool_name(item: &Item) -> String {
    item.key().replace('/', "-")
}

/// This very program, even where its file was replaced by a newer one meanwhile.
fn courier() -> Command {
    let linux = PathBuf::from("/proc/self/exe");
    let program = if cfg!(target_os = "linux") { linux } else { std::env::current_exe().unwrap_or_else(|_| "fivexx".into()) };
    let mut command = Command::new(program);
    command.arg("courier").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own: what ends the watch's group, a Ctrl-C say, does not end a courier on its way.
    #[cfg(unix)]
    command.arg0("fivexx").process_group(0);
    command
}

async fn pause(wait: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        _ = stop.changed() => {}
    }
}
