//! The loop: when to look, what to do when a look fails, and how to stop.

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::courier::spool::Spool;
use super::http;
use super::look::{Looked, Looker};
use super::plan::Plan;
use super::post::{Post, channels, spool_names};
use super::services::Services;
use super::status::Status;
use super::store::Store;
use crate::report::escape::terminal;

/// The wall clock is looked at this often while waiting: machines sleep, and clocks are set.
const LONGEST_NAP: Duration = Duration::from_secs(20);

/// How long a stop waits for what is under way.
const FAREWELL: Duration = Duration::from_secs(10);

/// How a run of the watch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As it should.
    Done,
    /// Something is still to be delivered; the next run tries again.
    Undelivered,
    /// The look failed.
    LookFailed,
}

/// What all parts of a running watch share.
struct Watching {
    plan: Arc<Plan>,
    services: Arc<Services>,
    store: Arc<Store>,
    status: Arc<Status>,
    post: Arc<Post>,
    stop: watch::Sender<bool>,
    replay: Option<i64>,
}

/// A line for whoever reads the log.
pub fn say(text: &str) {
    crate::output::say(&format!("fivexx watch: {text}"));
}

/// Runs the watch: for ever, or one look.
///
/// # Errors
/// The state cannot be used, or the port cannot be bound.
pub fn run(plan: Plan, once: bool, replay: Option<i64>) -> anyhow::Result<Ended> {
    let services = Services::of(&plan)?;
    let store = open(&plan)?;
    let now = Utc::now().timestamp();
    let names = channels(&plan);
    let status = Arc::new(Status::new(plan.schedule.healthy_until(now), names.iter().map(ToString::to_string)));
    let (stop, stopped) = watch::channel(false);
    let (plan, services, store) = (Arc::new(plan), Arc::new(services), Arc::new(store));
    let post = Arc::new(Post {
        plan: plan.clone(),
        services: services.clone(),
        store: store.clone(),
        status: status.clone(),
        spool: Spool::folder_of(&plan.state),
        wake: watch::channel(0).0,
        stop: stopped,
    });
    let watching = Watching { plan, services, store, status, post, stop, replay };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async { if once { watching.once().await } else { watching.keep_on().await } });
    end(runtime);
    ended
}

/// A look that hangs on a dead disk must not keep the process from ending.
fn end(runtime: Runtime) {
    runtime.shutdown_background();
}

fn open(plan: &Plan) -> anyhow::Result<Store> {
    let (store, aside) = Store::open(&plan.state, Utc::now().timestamp())?;
    if let Some(aside) = aside {
        say(&format!(
            "THE STATE WAS DAMAGED. {} was set aside as {} and is not used; the watch begins anew. \
             What it had told of the last {} may be told again.",
            plan.state.display(),
            aside.display(),
            humantime::format_duration(Duration::from_secs(plan.look_back_s as u64))
        ));
    }
    let wanted = channels(plan);
    for item in store.all_items()? {
        if !wanted.contains(&item.channel) {
            say(&format!(
                "{} is no longer configured: what it was to get about incident {} is dropped",
                item.channel, item.incident
            ));
            store.done(&item)?;
        }
    }
    Spool::sweep(&Spool::folder_of(&plan.state), &spool_names(&store.all_items()?));
    Ok(store)
}

impl Watching {
    /// One look, and delivery of what is to be delivered.
    async fn once(&self) -> anyhow::Result<Ended> {
        let now = self.replay.unwrap_or_else(|| Utc::now().timestamp());
        let looked = self.catch_up_and_look(now).await;
        let tasks: Vec<_> = channels(&self.plan).into_iter().map(|c| tokio::spawn(self.post.clone().serve(c, true))).collect();
        for task in tasks {
            task.await?;
        }
        let left = self.store.all_items()?;
        if !left.is_empty() {
            say(&format!("{} report(s) or notification(s) could not be delivered yet; the next run tries again", left.len()));
        }
        Ok(match (looked, left.is_empty()) {
            (false, _) => Ended::LookFailed,
            (true, false) => Ended::Undelivered,
            (true, true) => Ended::Done,
        })
    }

    /// Looks on schedule until it is told to stop.
    async fn keep_on(&self) -> anyhow::Result<Ended> {
        let mut stopping = Box::pin(stop_asked()?);
        if let Some(at) = self.plan.listen {
            let listener = TcpListener::bind(at).await.with_context(|| format!("[watch] listen = \"{at}\""))?;
            say(&format!("/healthz and /metrics on http://{}", listener.local_addr()?));
            tokio::spawn(http::serve(listener, self.status.clone()));
        }
        let channels = channels(&self.plan).into_iter();
        let mut tasks: Vec<JoinHandle<()>> = channels.map(|c| tokio::spawn(self.post.clone().serve(c, false))).collect();
        loop {
            let now = Utc::now().timestamp();
            {
                let mut look = Box::pin(self.catch_up_and_look(now));
                tokio::select! {
                    _ = &mut look => {}
                    () = &mut stopping => {
                        let _ = tokio::time::timeout(FAREWELL, look).await;
                        break;
                    }
                }
            }
            let Some(next) = self.plan.schedule.next(now.max(Utc::now().timestamp() - 1)) else {
                say("the cron expression has no further time");
                break;
            };
            tokio::select! {
                () = wait_until(next) => {}
                () = &mut stopping => break,
            }
        }
        say("stopping");
        let _ = self.stop.send(true);
        let all = async {
            for task in &mut tasks {
                let _ = task.await;
            }
        };
        let _ = tokio::time::timeout(FAREWELL, all).await;
        Ok(Ended::Done)
    }

    /// Looks at now; after downtime first at the time between, in steps. Says whether the look at now succeeded.
    async fn catch_up_and_look(&self, now: i64) -> bool {
        let mut said_lost = false;
        loop {
            let (to, lost) = match self.with_looker(move |l| l.next_stop(now)).await {
                Ok(next) => next,
                Err(e) => {
                    say(&format!("{e:#}"));
                    return false;
                }
            };
            if let Some(lost) = lost.filter(|_| !said_lost) {
                say(&lost);
                said_lost = true;
            }
            let before = self.mark().await;
            let good = self.look(to, now).await;
            if to >= now {
                return good;
            }
            if self.mark().await <= before {
                // What lags does not answer: no reason to wait with the rest.
                return self.look(now, now).await;
            }
        }
    }

    async fn mark(&self) -> Option<i64> {
        self.with_looker(|l| l.mark()).await.ok().flatten()
    }

    /// One look, counted and told.
    async fn look(&self, to: i64, now: i64) -> bool {
        let begin = Instant::now();
        let looked = self.with_looker(move |l| l.look(to, now)).await;
        let took = begin.elapsed();
        match looked {
            Ok(looked) => {
                self.tell(&looked);
                let at = Utc::now().timestamp();
                self.status.looked(&looked, at, took, self.plan.schedule.healthy_until(at));
                self.post.wake();
                true
            }
            Err(e) => {
                self.status.look_failed(took);
                say(&format!("the look failed, the next one reads the same time again: {}", terminal(&format!("{e:#}"))));
                false
            }
        }
    }

    fn tell(&self, looked: &Looked) {
        for news in &looked.news {
            say(&terminal(news));
        }
        for silent in &looked.silent {
            say(&format!("did not answer: {}", terminal(silent)));
        }
    }

    /// Runs something with a looker on a thread of its own: a look computes and waits for disks.
    async fn with_looker<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Looker<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (plan, services, store, replay) =
            (self.plan.clone(), self.services.clone(), self.store.clone(), self.replay.is_some());
        let run = move || f(&Looker { plan: &plan, services: &services, store: &store, replay });
        tokio::task::spawn_blocking(run).await.map_err(|e| anyhow!("the look broke off: {e}"))?
    }
}

/// Waits for a second of the wall clock; where the clock is set back meanwhile, no longer than it first looked.
async fn wait_until(second: i64) {
    let left = |now: DateTime<Utc>| (second - now.timestamp()).max(0).unsigned_abs();
    let longest = Instant::now() + Duration::from_secs(left(Utc::now()));
    loop {
        let now = Utc::now();
        if left(now) == 0 || Instant::now() >= longest {
            return;
        }
        // To the second's begin, not somewhere in it.
        let into = Duration::from_millis(u64::from(now.timestamp_subsec_millis()));
        let nap = Duration::from_secs(left(now)).saturating_sub(into);
        tokio::time::sleep(nap.clamp(Duration::from_millis(5), LONGEST_NAP)).await;
    }
}

/// Ends when the watch is asked to stop.
#[cfg(unix)]
fn stop_asked() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends when the watch is asked to stop.
#[cfg(not(unix))]
fn stop_asked() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
