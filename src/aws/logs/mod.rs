//! CloudWatch Logs: log groups as sources.

mod events;

use futures_util::{StreamExt, stream};

use self::events::{Slice, source_name};
use super::action::Action;
use super::choice::{Size, Way, choose, share_of_window};
use super::fault::Fault;
use super::{Request, client::Client};
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
pub async fn gather_logs(client: &Client, request: &Request, catalog: &Catalog) -> Gathered {
    let groups = request.aws.log_groups.iter();
    let all = groups.map(|group| gather_group(client, request, catalog, group));
    let mut all = std::pin::pin!(stream::iter(all).buffered(AT_ONCE));
    let mut gathered = Gathered::default();
    while let Some(part) = all.next().await {
        gathered.files.extend(part.files);
        gathered.skipped.extend(part.skipped);
    }
    gathered
}

async fn gather_group(client: &Client, request: &Request, catalog: &Catalog, group: &str) -> Gathered {
    let mut gathered = Gathered::default();
    let slice = Slice { group, from: request.from, to: request.to };
    let bytes = match bytes_of_window(client, request, group).await {
        Ok(bytes) => bytes,
        Err(fault @ Fault::Denied { .. }) => {
            let because = format!("its size is not known, so its lines are read one by one: {fault}");
            gathered.skipped.push(Skipped { name: source_name(group), because });
            0.0
        }
        Err(fault) => {
            gathered.skipped.push(Skipped { name: source_name(group), because: fault.to_string() });
            return gathered;
        }
    };
    let (files, fault) = events::read(client, catalog, slice, YearHint(request.now * 1000)).await;
    if files.is_empty() {
        let because = fault.map_or_else(|| "no event of the window lies there".to_owned(), |f| f.to_string());
        gathered.skipped.push(Skipped { name: source_name(group), because });
    }
    gathered.files.extend(files);
    gathered
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
            return Err(Fault::NotFound { what: "log group" });
        }
    }
}
