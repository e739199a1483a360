//! `fivexx.toml` made ready: durations read, contradictions refused, before anything runs.

use anyhow::{Context, anyhow, bail};
use std::net::SocketAddr;
use std::path::PathBuf;

use super::machine::Rules;
use super::receiver::Receiver;
use super::schedule::Schedule;
use crate::clock::ZoneRule;
use crate::config::redaction::redaction;
use crate::config::{Aws, Config, Watch};
use crate::redact::Redaction;

/// An incident that lasts longer than this is watched on, but no longer read from its begin with each look.
pub const LONGEST_S: i64 = 24 * 3600;

/// What a watch does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The file as it was read.
    pub config: Config,
    /// When to look.
    pub schedule: Schedule,
    /// How far back a look reads, in seconds.
    pub look_back_s: i64,
    /// Seconds before an open incident that are read with it: what the site was like without it.
    pub lead_s: i64,
    /// Data younger than this may still grow.
    pub settle_s: i64,
    /// How far back is caught up with after downtime.
    pub catch_up_s: i64,
    /// When to tell and when to close.
    pub rules: Rules,
    /// Zones of sources.
    pub zones: Vec<ZoneRule>,
    /// What is masked in reports and notifications.
    pub redaction: Redaction,
    /// The database.
    pub state: PathBuf,
    /// Folder of the reports.
    pub reports: PathBuf,
    /// Where else they go.
    pub reports_s3: Option<S3Place>,
    /// Where `/healthz` and `/metrics` answer.
    pub listen: Option<SocketAddr>,
    /// Whom to tell.
    pub receivers: Vec<Receiver>,
    /// Whether the end of an incident is told as well.
    pub tell_end: bool,
}

/// A bucket and a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Place {
    /// The bucket.
    pub bucket: String,
    /// Empty, or with a slash at its end.
    pub prefix: String,
}

impl S3Place {
    /// Reads `s3://bucket/prefix`.
    ///
    /// # Errors
    /// The text is no such place.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("s3://").unwrap_or("");
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!("`{text}` is no place in S3; write s3://bucket/prefix"));
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(S3Place { bucket: bucket.to_owned(), prefix })
    }
}

impl Plan {
    /// Makes a configuration ready.
    ///
    /// # Errors
    /// A value makes no sense, or contradicts another; the message names the key.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        let watch = config.watch.clone().unwrap_or_default();
        if config.paths.is_empty() && !config.aws.as_ref().is_some_and(Aws::reads) {
            bail!(
                "nothing to look at: give `paths = [\"/var/log/nginx\", …]`, or an [aws] table with load_balancer, log_groups or \
                 access_logs"
            );
        }
        let schedule = Schedule::read(watch.every.as_deref(), watch.cron.as_deref()).map_err(in_watch)?;
        let look_back_s = seconds("look_back", &watch.look_back)?;
        let settle_s = seconds("settle", &watch.settle)?;
        if !(600..=LONGEST_S).contains(&look_back_s) {
            bail!("[watch] look_back = \"{}\": between 10m and 24h, so that a look sees what was usual before", watch.look_back);
        }
        if settle_s * 4 > look_back_s {
            bail!("[watch] settle = \"{}\": at most a quarter of look_back, or incidents settle outside it", watch.settle);
        }
        if !(0.0..=1.0).contains(&watch.sure) {
            bail!("[watch] sure = {}: a share between 0 and 1", watch.sure);
        }
        let catch_up_s = seconds("catch_up", &watch.catch_up)?.max(look_back_s);
        let zones = config.tz.iter().map(|t| ZoneRule::parse(t).map_err(|e| anyhow!("tz \"{t}\": {e}")));
        let receivers =
            watch.notify.iter().enumerate().map(|(i, n)| {
                Receiver::new(n).map_err(|e| anyhow!(e)).with_context(|| format!("[[watch.notify]] number {}", i + 1))
            });
        Ok(Plan {
            schedule,
            look_back_s,
            lead_s: (look_back_s / 4).min(1800),
            settle_s,
            catch_up_s,
            rules: Rules {
                sure_percent: (watch.sure * 100.0).round() as u8,
                tell_unsure: watch.tell_unsure,
                least_failures: watch.least_failures,
                silence_s: look_back_s,
                keep_s: 2 * (catch_up_s + LONGEST_S),
            },
            zones: zones.collect::<anyhow::Result<_>>()?,
            redaction: redaction(&config.redact.clone().unwrap_or_default())?,
            state: watch.state.clone(),
            // Notifications name the place; whoever reads them is not in our working directory.
            reports: std::path::absolute(&watch.reports).unwrap_or_else(|_| watch.reports.clone()),
            reports_s3: watch.reports_s3.as_deref().map(S3Place::parse).transpose().map_err(in_watch)?,
            listen: listen(&watch)?,
            receivers: receivers.collect::<anyhow::Result<_>>()?,
            tell_end: watch.tell_end,
            config,
        })
    }
}

fn in_watch(message: String) -> anyhow::Error {
    anyhow!("[watch] {message}")
}

fn seconds(key: &str, text: &str) -> anyhow::Result<i64> {
    let read = humantime::parse_duration(text).map_err(|e| anyhow!("[watch] {key} = \"{text}\": {e}; write 90s, 3m or 2h"))?;
    i64::try_from(read.as_secs()).map_err(|_| anyhow!("[watch] {key} = \"{text}\": that is too long"))
}

fn listen(watch: &Watch) -> anyhow::Result<Option<SocketAddr>> {
    let Some(text) = &watch.listen else { return Ok(None) };
    let at: SocketAddr =
        text.parse().map_err(|_| anyhow!("[watch] listen = \"{text}\": write an address and a port, such as 127.0.0.1:9105"))?;
    if !at.ip().is_loopback() && !watch.listen_beyond_loopback {
        bail!(
            "[watch] listen = \"{text}\": other machines could read it, and nothing there asks for a password; \
             take 127.0.0.1, or set listen_beyond_loopback = true"
        );
    }
    Ok(Some(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<Plan, String> {
        let config: Config = toml::from_str(text).map_err(|e| e.to_string())?;
        Plan::new(config).map_err(|e| format!("{e:#}"))
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_key() {
        let wrong = |text: &str, says: &str| {
            let said = plan(&format!("paths = [\"x\"]\n[watch]\n{text}")).unwrap_err();
            assert!(said.contains(says), "{said}");
        };
        wrong("look_back = \"soon\"", "look_back");
        wrong("look_back = \"1m\"", "look_back");
        wrong("settle = \"1h\"", "settle");
        wrong("sure = 60", "sure");
        wrong("listen = \"9105\"", "listen");
        wrong("listen = \"0.0.0.0:9105\"", "listen_beyond_loopback");
        wrong("reports_s3 = \"bucket\"", "s3://");
        wrong("notify = [{}]", "number 1");
        wrong("notify = [{ webhook = \"https://x\", sns = \"arn:aws:sns:eu-west-1:1:x\" }]", "exactly one");
        assert!(plan("").unwrap_err().contains("paths"));
        let of_aws = |text: &str| plan(&format!("[aws]\n{text}"));
        assert!(of_aws("region = \"eu-west-1\"").unwrap_err().contains("load_balancer"));
        assert!(of_aws("log_groups = [\"/shop\"]").is_ok());
        assert!(plan("paths = [\"x\"]\n[watch]\nlisten = \"0.0.0.0:1\"\nlisten_beyond_loopback = true").is_ok());
    }

    #[test]
    fn places_in_s3() {
        let place = S3Place::parse("s3://b/a/c/").unwrap();
        assert_eq!((place.bucket.as_str(), place.prefix.as_str()), ("b", "a/c/"));
        assert_eq!(S3Place::parse("s3://b").unwrap().prefix, "");
        assert!(S3Place::parse("s3:///x").is_err());
    }
}
