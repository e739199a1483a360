//! The query's text.

use chrono::DateTime;

use crate::aws::s3::place::days;
use crate::config::Athena;

/// Up to so long a window is counted by second; a longer one by minute, since an answer comes in pages of 1000 rows.
const BY_SECOND: i64 = 6 * 3600;

/// Seconds that one count stands for.
pub fn step(from: i64, to: i64) -> u32 {
    if to - from > BY_SECOND { 60 } else { 1 }
}

/// Columns of the answer, in order.
pub const COLUMNS: [&str; 16] = [
    "at",
    "status",
    "target_status",
    "sent",
    "answered",
    "target",
    "target_group",
    "waf",
    "error_reason",
    "requests",
    "request_time",
    "least_request_time",
    "most_request_time",
    "target_time",
    "least_target_time",
    "most_target_time",
];

/// The query over the table that AWS documents. Lines that the table could not cut have no type: they are counted in a row of their own.
///
/// # Errors
/// A name that does not belong into a query.
pub fn query(athena: &Athena, load_balancer: Option<&str>, from: i64, to: i64, step: u32) -> Result<String, String> {
    for name in [&athena.database, &athena.table] {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(format!(
                "`{name}` under [aws.athena] is no name; a database and a table are called by letters, digits and underscores"
            ));
        }
    }
    let of_one = match load_balancer.map(|l| l.split_once("loadbalancer/").map_or(l, |(_, l)| l)) {
        None => String::new(),
        Some(l) if !l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/')) => {
            return Err(format!("`{l}` is no load balancer's name"));
        }
        Some(l) if l.starts_with("app/") => format!(" AND elb = '{l}'"),
        Some(l) => format!(" AND elb LIKE 'app/{l}/%'"),
    };
    let days = days(from, to);
    let (first, last) = (days.first().cloned().unwrap_or_default(), days.last().cloned().unwrap_or_default());
    let time = |s: i64| DateTime::from_timestamp(s, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S").to_string();
    let (from, to, digits) = (time(from), time(to), if step == 1 { 19 } else { 16 });
    // What tells failed requests apart is kept for them alone, so that there are few rows.
    Ok(format!(
        "SELECT substr(request_creation_time, 1, {digits}) AS at, elb_status_code AS status, target_status_code AS target_status,\n\
         \x20 request_processing_time >= 0 AS sent, target_processing_time >= 0 AS answered,\n\
         \x20 CASE WHEN coalesce(target_ip, '') = '' THEN '-' WHEN elb_status_code < 400 THEN 'any'\n\
         \x20   ELSE target_ip || ':' || coalesce(cast(target_port AS varchar), '') END AS target,\n\
         \x20 CASE WHEN elb_status_code = 503 THEN target_group_arn ELSE '-' END AS target_group,\n\
         \x20 coalesce(actions_executed, '') LIKE '%waf%' AS waf, coalesce(lambda_error_reason, '-') AS error_reason,\n\
         \x20 count(*) AS requests,\n\
         \x20 sum(request_processing_time) AS request_time, min(request_processing_time) AS least_request_time,\n\
         \x20 max(request_processing_time) AS most_request_time,\n\
         \x20 sum(target_processing_time) AS target_time, min(target_processing_time) AS least_target_time,\n\
         \x20 max(target_processing_time) AS most_target_time\n\
         FROM \"{}\".\"{}\"\n\
         WHERE day BETWEEN '{first}' AND '{last}'\n\
         \x20 AND (type IS NULL OR (request_creation_time >= '{from}' AND request_creation_time < '{to}'{of_one}))\n\
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1",
        athena.database, athena.table
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_its_days_and_one_load_balancer() {
        let athena = Athena { database: "logs".into(), table: "alb".into(), ..Athena::default() };
        let midnight = 1_795_219_200; // 2026-11-21T00:00Z
        let text = query(&athena, Some("app/shop/50dc"), midnight - 3600, midnight - 60, 1).unwrap();
        assert!(text.contains("day BETWEEN '2026/11/20' AND '2026/11/21'") && text.contains("elb = 'app/shop/50dc'"), "{text}");
        assert!(text.contains(">= '2026-11-20T23:00:00' AND request_creation_time < '2026-11-20T23:59:00'"), "{text}");
        assert_eq!((step(0, 3600), step(0, 86_400)), (1, 60));
        let hostile = Athena { table: "alb\"; DROP".into(), ..athena.clone() };
        assert!(query(&hostile, None, 0, 1, 1).is_err() && query(&athena, Some("x' OR '1"), 0, 1, 1).is_err());
    }
}
