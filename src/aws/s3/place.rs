//! Where the load balancer puts its access logs, and which objects are of a window. Nothing here talks to AWS.

use chrono::{DateTime, NaiveDateTime};

/// An object's name carries the end of its interval of five minutes, but a line stands where its answer was sent: one that took
/// long lies in a later object than its begin.
const LATE_S: i64 = 15 * 60;

/// A folder in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// Up to and with `AWSLogs/`.
    pub root: String,
    /// The account, where the path names it.
    pub account: Option<String>,
    /// The region, where the path names it.
    pub region: Option<String>,
}

impl Place {
    /// Reads `s3://bucket/prefix`, with or without the folders that AWS makes under it.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(url: &str) -> Result<Self, String> {
        let wrong = || format!("`{url}` is no place in S3; write s3://BUCKET/PREFIX, where PREFIX holds AWSLogs/");
        let rest = url.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(wrong());
        }
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        let at = parts.iter().position(|p| *p == "AWSLogs");
        let (before, behind) = match at {
            Some(i) => (&parts[..i], &parts[i + 1..]),
            None => (&parts[..], &parts[..0]),
        };
        let root: String = before.iter().chain(&["AWSLogs"]).map(|p| format!("{p}/")).collect();
        let named = |i: usize| behind.get(i).map(|p| (*p).to_owned());
        let region = if behind.get(1) == Some(&"elasticloadbalancing") { named(2) } else { None };
        Ok(Place { bucket: bucket.to_owned(), root, account: named(0), region })
    }
}

/// One load balancer's log of one account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Log {
    /// Folder above the days, with its slash.
    pub folder: String,
    /// What all its objects' names begin with: `ACCOUNT_elasticloadbalancing_REGION_app.NAME.ID_`.
    pub head: String,
}

impl Log {
    /// The folder above the days of an account and region.
    pub fn folder_of(place: &Place, account: &str, region: &str) -> String {
        format!("{}{account}/elasticloadbalancing/{region}/", place.root)
    }

    /// What the names of all load balancers' objects begin with, or those of the one asked for (`NAME` or `app/NAME/ID`).
    pub fn head_of(account: &str, region: &str, load_balancer: Option<&str>) -> String {
        // An ARN ends in `loadbalancer/app/NAME/ID`.
        let load_balancer = load_balancer.map(|l| l.split_once("loadbalancer/").map_or(l, |(_, l)| l));
        let name = load_balancer.map_or_else(String::new, |l| match l.strip_prefix("app/") {
            Some(rest) => rest.replace('/', "."),
            None => format!("{l}."),
        });
        format!("{account}_elasticloadbalancing_{region}_app.{name}")
    }

    /// How reports call it.
    pub fn name(&self, place: &Place) -> String {
        let lb = self.head.rsplit_once("_app.").map_or("", |(_, l)| l).trim_end_matches('_');
        format!("s3://{}/{}app.{lb}", place.bucket, self.folder)
    }

    /// Where to list a day's objects: the prefix, and the name behind which the window begins.
    pub fn listing(&self, day: &str, from: i64) -> (String, String) {
        let prefix = format!("{}{day}/{}", self.folder, self.head);
        let stamp = DateTime::from_timestamp(from, 0).unwrap_or_default().format("%Y%m%dT%H%M");
        let after = format!("{prefix}{stamp}");
        (prefix, after)
    }
}

/// The days (`2026/11/21`, of delivery) whose folders can hold lines of a window.
pub fn days(from: i64, to: i64) -> Vec<String> {
    let (first, last) = (from.div_euclid(86_400), (to + LATE_S).div_euclid(86_400));
    (first..=last).filter_map(|d| Some(DateTime::from_timestamp(d * 86_400, 0)?.format("%Y/%m/%d").to_string())).collect()
}

/// Whether an object can hold lines of requests that began within the window.
pub fn is_of_window(key: &str, from: i64, to: i64) -> bool {
    interval_end(key).is_some_and(|end| end >= from && end <= to + LATE_S)
}

/// The end of the interval that an object's name states.
pub fn interval_end(key: &str) -> Option<i64> {
    let name = key.rsplit_once('/').map_or(key, |(_, n)| n);
    let stamp = name.split('_').find(|p| p.len() == 14 && p.as_bytes()[8] == b'T' && p.ends_with('Z'))?;
    Some(NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%MZ").ok()?.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_with_and_without_the_folders_of_aws() {
        let short = Place::parse("s3://logs/prod/").unwrap();
        assert_eq!((short.bucket.as_str(), short.root.as_str(), short.account), ("logs", "prod/AWSLogs/", None));
        let long = Place::parse("s3://logs/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/11/21/").unwrap();
        assert_eq!((long.root.as_str(), long.account.as_deref()), ("AWSLogs/", Some("123456789012")));
        assert_eq!(long.region.as_deref(), Some("eu-west-1"));
        assert!(Place::parse("logs/prod").is_err() && Place::parse("s3://").is_err());
    }

    #[test]
    fn the_objects_of_a_window() {
        let from = 1_795_219_500; // 2026-11-21T00:05Z
        let log =
            Log { folder: "AWSLogs/1/elasticloadbalancing/x/".into(), head: Log::head_of("1", "x", Some("app/shop/50dc")) + "_" };
        let (prefix, after) = log.listing("2026/11/21", from);
        assert_eq!(prefix, "AWSLogs/1/elasticloadbalancing/x/2026/11/21/1_elasticloadbalancing_x_app.shop.50dc_");
        let key = |stamp: &str| format!("{prefix}{stamp}_203.0.113.9_abc.log.gz");
        assert!(key("20261121T0005Z") > after && key("20261121T0000Z") < after);
        let of = |stamp: &str| is_of_window(&key(stamp), from, from + 300);
        assert!(of("20261121T0005Z") && of("20261121T0025Z") && !of("20261121T0000Z") && !of("20261121T0030Z"));
        assert!(!is_of_window("AWSLogs/1/ELBAccessLogTestFile", from, from + 300));
        // What began before midnight may be answered, and delivered, after it.
        assert_eq!(days(from - 600, from - 360), ["2026/11/20", "2026/11/21"]);
        assert_eq!(days(from, from + 300), ["2026/11/21"]);
    }
}
