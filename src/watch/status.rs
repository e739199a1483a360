//! How the watch is: what `/healthz` and `/metrics` say.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use super::look::Looked;

/// Counted since the start.
#[derive(Debug, Default, Clone)]
struct Numbers {
    looks: u64,
    failed_looks: u64,
    look_seconds: f64,
    last_look_seconds: f64,
    last_look: Option<i64>,
    healthy_until: i64,
    open: usize,
    skipped: usize,
    silent: usize,
    told: u64,
    pending: usize,
    channels: BTreeMap<String, Channel>,
}

#[derive(Debug, Default, Clone)]
struct Channel {
    delivered: u64,
    failed: u64,
    given_up: u64,
    open: bool,
}

/// Shared by the loop, the channels and the server.
#[derive(Debug, Default)]
pub struct Status(Mutex<Numbers>);

impl Status {
    /// A watch that starts, with its channels; it counts as well until its first looks should have been.
    pub fn new(healthy_until: i64, channels: impl IntoIterator<Item = String>) -> Self {
        let channels = channels.into_iter().map(|c| (c, Channel::default())).collect();
        Status(Mutex::new(Numbers { healthy_until, channels, ..Numbers::default() }))
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        // Whoever panicked while counting left a count at worst one behind.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A look succeeded.
    pub fn looked(&self, looked: &Looked, at: i64, took: Duration, healthy_until: i64) {
        let mut n = self.numbers();
        n.looks += 1;
        n.look_seconds += took.as_secs_f64();
        n.last_look_seconds = took.as_secs_f64();
        n.last_look = Some(at);
        n.healthy_until = healthy_until;
        n.open = looked.open;
        n.skipped = looked.skipped;
        n.silent = looked.silent.len();
        n.told += looked.told;
    }

    /// A look failed.
    pub fn look_failed(&self, took: Duration) {
        let mut n = self.numbers();
        n.looks += 1;
        n.failed_looks += 1;
        n.look_seconds += took.as_secs_f64();
        n.last_look_seconds = took.as_secs_f64();
    }

    /// A delivery succeeded.
    pub fn delivered(&self, channel: &str) {
        let mut n = self.numbers();
        let c = n.channels.entry(channel.to_owned()).or_default();
        c.delivered += 1;
        c.open = false;
    }

    /// An attempt failed; `open` says whether the breaker is.
    pub fn failed(&self, channel: &str, open: bool) {
        let mut n = self.numbers();
        let c = n.channels.entry(channel.to_owned()).or_default();
        c.failed += 1;
        c.open = open;
    }

    /// A delivery was given up.
    pub fn given_up(&self, channel: &str) {
        self.numbers().channels.entry(channel.to_owned()).or_default().given_up += 1;
    }

    /// How much is waiting.
    pub fn pending(&self, items: usize) {
        self.numbers().pending = items;
    }

    /// Whether looks succeed as often as they should, and what to say about it.
    pub fn health(&self, now: i64) -> (bool, String) {
        let n = self.numbers();
        let since = |at: i64| humantime::format_duration(Duration::from_secs((now - at).max(0) as u64));
        let last =
            n.last_look.map_or_else(|| "no look has succeeded yet".to_owned(), |at| format!("last good look {} ago", since(at)));
        if now <= n.healthy_until { (true, format!("ok: {last}\n")) } else { (false, format!("unhealthy: {last}\n")) }
    }

    /// In Prometheus' text format.
    pub fn metrics(&self, now: i64) -> String {
        let n = self.numbers().clone();
        let mut out = String::new();
        let mut one = |name: &str, kind: &str, help: &str, value: f64| {
            let _ = writeln!(out, "# HELP fivexx_{name} {help}\n# TYPE fivexx_{name} {kind}\nfivexx_{name} {value}");
        };
        one("up", "gauge", "1 while looks succeed as often as they should.", f64::from(u8::from(now <= n.healthy_until)));
        one("looks_total", "counter", "Looks.", n.looks as f64);
        one("look_failures_total", "counter", "Looks that failed.", n.failed_looks as f64);
        one("look_seconds_total", "counter", "Seconds spent looking.", n.look_seconds);
        one("last_look_seconds", "gauge", "How long the last look took.", n.last_look_seconds);
        one(
            "last_look_timestamp_seconds",
            "gauge",
            "When the last look that succeeded ended, 0 before.",
            n.last_look.unwrap_or(0) as f64,
        );
        one("incidents_open", "gauge", "Incidents that were told and go on.", n.open as f64);
        one("incidents_told_total", "counter", "Incidents told.", n.told as f64);
        one("inputs_skipped", "gauge", "Inputs that the last look did not read.", n.skipped as f64);
        one("places_silent", "gauge", "Places (files, aws) that did not answer the last look.", n.silent as f64);
        one("outbox_items", "gauge", "Reports and notifications that wait to be delivered.", n.pending as f64);
        let mut many = |name: &str, kind: &str, help: &str, value: fn(&Channel) -> f64| {
            let _ = writeln!(out, "# HELP fivexx_{name} {help}\n# TYPE fivexx_{name} {kind}");
            for (channel, c) in &n.channels {
                let _ = writeln!(out, "fivexx_{name}{{channel=\"{channel}\"}} {}", value(c));
            }
        };
        many("delivered_total", "counter", "Reports and notifications delivered.", |c| c.delivered as f64);
        many("delivery_failures_total", "counter", "Attempts that failed.", |c| c.failed as f64);
        many("given_up_total", "counter", "Deliveries that were given up.", |c| c.given_up as f64);
        many("breaker_open", "gauge", "1 while only probes go out.", |c| f64::from(u8::from(c.open)));
        out
    }
}
