//! When to look: an interval or a cron expression, in UTC.

use chrono::{DateTime, Utc};
use croner::Cron;
use std::str::FromStr;
use std::time::Duration;

/// When the watch looks.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// Every so often, counted from the epoch: restarts do not shift it.
    Every(Duration),
    /// At the times of a cron expression.
    Cron(Box<Cron>),
}

/// What a watch that says nothing about it does.
const DEFAULT_EVERY: Duration = Duration::from_secs(300);

/// Looks that may fail or be late before `/healthz` says so.
const TOLERATED: usize = 3;

/// A look itself takes a while.
const GRACE_S: i64 = 30;

impl Schedule {
    /// Reads the two keys of the configuration.
    ///
    /// # Errors
    /// Both are given, or one is neither an interval nor a cron expression.
    pub fn read(every: Option<&str>, cron: Option<&str>) -> Result<Self, String> {
        match (every, cron) {
            (Some(_), Some(_)) => Err("`every` and `cron` are both given; keep one of them".to_owned()),
            (None, None) => Ok(Schedule::Every(DEFAULT_EVERY)),
            (Some(text), None) => {
                let every = humantime::parse_duration(text).map_err(|e| format!("every = \"{text}\": {e}; write 5m, or 90s"))?;
                if every < Duration::from_secs(1) {
                    return Err(format!("every = \"{text}\": looks are at least a second apart"));
                }
                Ok(Schedule::Every(Duration::from_secs(every.as_secs())))
            }
            (None, Some(text)) => {
                let wrong = |e: &dyn std::fmt::Display| {
                    format!("cron = \"{text}\": {e}; write minute, hour, day, month and weekday, such as \"*/5 * * * *\"")
                };
                let cron = Cron::from_str(text).map_err(|e| wrong(&e))?;
                cron.find_next_occurrence(&Utc::now(), false).map_err(|e| wrong(&e))?;
                Ok(Schedule::Cron(Box::new(cron)))
            }
        }
    }

    /// The first look after this second; none where a cron expression has no further time.
    pub fn next(&self, after: i64) -> Option<i64> {
        match self {
            Schedule::Every(every) => {
                let every = every.as_secs() as i64;
                Some((after.div_euclid(every) + 1) * every)
            }
            Schedule::Cron(cron) => {
                let after: DateTime<Utc> = DateTime::from_timestamp(after, 0)?;
                cron.find_next_occurrence(&after, false).ok().map(|t| t.timestamp())
            }
        }
    }

    /// Until when a watch whose last good look was at this second counts as well.
    pub fn healthy_until(&self, last_look: i64) -> i64 {
        let third = (0..TOLERATED).try_fold(last_look, |at, _| self.next(at));
        third.map_or(i64::MAX, |at| at.saturating_add(GRACE_S))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_305_600; // 2026-11-22T00:00:00Z

    #[test]
    fn intervals_and_cron_expressions_in_utc() {
        let every = Schedule::read(Some("5m"), None).unwrap();
        assert_eq!(every.next(NOW), Some(NOW + 300));
        assert_eq!(every.next(NOW + 299), Some(NOW + 300));
        assert_eq!(every.healthy_until(NOW), NOW + 900 + GRACE_S);
        let hourly = Schedule::read(None, Some("7 * * * *")).unwrap();
        assert_eq!(hourly.next(NOW), Some(NOW + 7 * 60));
        assert_eq!(hourly.next(NOW + 7 * 60), Some(NOW + 67 * 60));
        assert_eq!(hourly.healthy_until(NOW + 7 * 60), NOW + (7 + 180) * 60 + GRACE_S);
        let workdays = Schedule::read(None, Some("0 9 * * MON-FRI")).unwrap();
        // A Sunday.
        assert_eq!(workdays.next(NOW), Some(NOW + 86_400 + 9 * 3600));
    }

    #[test]
    fn what_is_no_schedule_is_told() {
        let wrong = |every, cron| Schedule::read(every, cron).unwrap_err();
        assert!(wrong(Some("5m"), Some("* * * * *")).contains("keep one"));
        assert!(wrong(Some("soon"), None).contains("every = \"soon\""));
        assert!(wrong(Some("10ms"), None).contains("a second apart"));
        assert!(wrong(None, Some("every day")).contains("cron = \"every day\""));
        // The 31st of February.
        assert!(wrong(None, Some("0 0 31 2 *")).contains("cron"));
    }
}
