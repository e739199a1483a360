//! CloudWatch Logs: log groups as sources.

mod events;
mod insights;
mod pattern;
mod pushed;
mod query;
mod scan;

use futures_util::{StreamExt, stream};

use self::events::{Slice, source_name};
use self::scan::Plan;
use super::action::Action;
use super::choice::{Allowance, DOLLARS_A_GB, Size, Way, choose, share_of_window};
use super::fault::{Fault, Thing};
use super::{Request, client::Client};
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::stamp::YearHint;
use crate::scanned::Gathered;
use crate::source::Skipped;

/// Log groups that are read at once; FilterLogEvents allows few calls a second for the whole account.
const AT_ONCE: usize = 2;

/// Bytes a second that FilterLogEvents gives: pages of up to 1 MB, a few a second.
const BYTES_A_SECOND: f64 = 3e6;

/// What a log group that is never emptied is taken to keep.
const KEPT_S: i64 = 30 * 86_400;

/// Fetches the log groups that the request names.
pub async fn gather_logs(client: &Client, request: &Request, catalog: &Catalog, allowance: &Allowance) -> Gathered {
    // Made before they are streamed: a stream that maps with a closure could not move between threads.
    let all: Vec<_> =
        request.aws.log_groups.iter().map(|group| gather_group(client, request, catalog, group, allowance)).collect();
    let mut all = std::pin::pin!(stream::iter(all).buffered(AT_ONCE));
    let mut gathered = Gathered::default();
    while let Some(part) = all.next().await {
        gathered.extend(part);
    }
    gathered
}

async fn gather_group(client: &Client, request: &Request, catalog: &Catalog, group: &str, allowance: &Allowance) -> Gathered {
    let mut gathered = Gathered::default();
    let slice = Slice { group, from: request.from, to: request.to };
    let bytes = match bytes_of_window(client, request, group).await {
        Ok(bytes) => bytes,
        Err(fault @ Fault::Denied { .. }) => {
            let because = Saying::of("aws-size-unknown").fill("fault", fault.says());
            gathered.skipped.push(Skipped { name: source_name(group), because });
            0.0
        }
        Err(fault) => {
            gathered.skipped.push(Skipped { name: source_name(group), because: fault.says() });
            return gathered;
        }
    };
    let size = |queried| Size {
        bytes,
        bytes_a_second: BYTES_A_SECOND / request.aws.log_groups.len().max(1) as f64,
        time_left: client.time_left(),
        queried,
        max_scan_gb: allowance.left_gb(),
    };
    let hint = YearHint(request.now * 1000);
    if choose(&size(None)) != Way::Stream {
        return count_by_queries(client, catalog, slice, hint, size, allowance).await;
    }
    let (files, fault) = events::read(client, catalog, slice, hint).await;
    if files.is_empty() {
        gathered.empty += usize::from(fault.is_none());
        let because = fault.map_or_else(|| Saying::of("aws-no-event"), |f| f.says());
        gathered.skipped.push(Skipped { name: source_name(group), because });
    }
    gathered.files.extend(files);
    gathered
}

/// The group is too large to stream: a query counts, if that is worth its price.
async fn count_by_queries(
    client: &Client,
    catalog: &Catalog,
    slice: Slice<'_>,
    hint: YearHint,
    size: impl Fn(Option<f64>) -> Size,
    allowance: &Allowance,
) -> Gathered {
    let name = source_name(slice.group);
    let refused = |because: Saying| Gathered { skipped: vec![Skipped { name: name.clone(), because }], ..Gathered::default() };
    let plan = match Plan::new(client, catalog, slice, hint).await {
        Ok(plan) => plan,
        Err(fault) => return refused(fault.says()),
    };
    let bytes = size(None).bytes;
    let readings = plan.readings();
    let queried = (!plan.is_empty()).then_some(bytes * readings as f64);
    match choose(&size(queried)) {
        Way::Query { gb, dollars } => {
            allowance.take(gb);
            eprintln!(
                "fivexx: {name}: Logs Insights reads the window {readings} times, about {gb:.1} GB, for about ${dollars:.2}"
            );
            scan::scan(client, catalog, slice, &plan).await
        }
        Way::TooDear { gb } => refused(Saying::with(
            "aws-group-too-dear",
            &[
                ("bytes", &format!("{:.1}", bytes / 1e9)),
                ("gb", &format!("{gb:.1}")),
                ("readings", &readings.to_string()),
                ("dollars", &format!("{:.2}", gb * DOLLARS_A_GB)),
            ],
        )),
        Way::TooLarge | Way::Stream => refused(Saying::with("aws-group-too-large", &[("bytes", &format!("{:.1}", bytes / 1e9))])),
    }
}

/// About how many bytes the group holds of the window.
async fn bytes_of_window(client: &Client, request: &Request, group: &str) -> Result<f64, Fault> {
    let logs = client.logs();
    let name = source_name(group)["logs:".len()..].to_owned();
    let mut token = None::<String>;
    loop {
        let ask = || logs.describe_log_groups().log_group_name_prefix(&name).set_next_token(token.clone()).send();
        let page = client.call(Action::DescribeLogGroups, ask).await?;
        if let Some(g) = page.log_groups().iter().find(|g| g.log_group_name() == Some(&name)) {
            let made_s = g.creation_time().map_or(i64::MAX, |ms| request.now - ms / 1000);
            let kept_s = g.retention_in_days().map_or(KEPT_S, |d| i64::from(d) * 86_400);
            return Ok(share_of_window(g.stored_bytes().unwrap_or(0) as f64, kept_s.min(made_s), request.to - request.from));
        }
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Err(Fault::NotFound { what: Thing::LogGroup });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scheduled run may fetch on any thread.
    #[test]
    fn fetching_can_move_between_threads() {
        fn is_send<'a, T: Send + 'a>(_: impl Fn(&'a Client, &'a Request, &'a Catalog, &'a Allowance) -> T) {}
        is_send(gather_logs);
        is_send(crate::aws::s3::gather_access_logs);
    }
}
