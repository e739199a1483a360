//! One query of Logs Insights, from its start to its rows.

use aws_sdk_cloudwatchlogs::types::{QueryStatus, ResultField};
use std::collections::HashMap;
use std::time::Duration;

use super::events::Slice;
use crate::aws::action::Action;
use crate::aws::client::Client;
use crate::aws::fault::Fault;

/// First and longest pause between two looks at a query.
const FIRST_LOOK: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Longest wait for the service to take note that a query is to end.
const STOPPING: Duration = Duration::from_secs(2);

/// With less time than this no query is started: its id might not come in time to stop it.
const TOO_LATE: Duration = Duration::from_secs(1);

/// What a query gave.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its rows: name of the column → text.
    pub rows: Vec<HashMap<String, String>>,
    /// Bytes that the service read for it: what is paid for.
    pub bytes: f64,
}

/// Asks a query of a slice, and waits for its end. A query that is given up is stopped, since it goes on costing.
///
/// # Errors
/// It could not be asked, failed, or took longer than the run may.
pub async fn ask(client: &Client, slice: Slice<'_>, text: &str) -> Result<Answer, Fault> {
    if client.time_left() < TOO_LATE {
        return Err(Fault::OutOfTime);
    }
    let logs = client.logs();
    let start = || {
        // Seconds, and the end is inside.
        let start = logs.start_query().query_string(text).start_time(slice.from).end_time(slice.to - 1);
        let start = if slice.group.starts_with("arn:") {
            start.log_group_identifiers(slice.group.trim_end_matches(":*"))
        } else {
            start.log_group_name(slice.group)
        };
        start.send()
    };
    let started = client.call(Action::StartQuery, start).await?;
    let id = started.query_id().unwrap_or_default().to_owned();
    let outcome = wait(client, &logs, &id).await;
    if outcome.is_err() {
        // Not through `call`: the budget may be what ended the query.
        let _ = tokio::time::timeout(STOPPING, logs.stop_query().query_id(&id).send()).await;
    }
    outcome
}

async fn wait(client: &Client, logs: &aws_sdk_cloudwatchlogs::Client, id: &str) -> Result<Answer, Fault> {
    let mut pause = FIRST_LOOK;
    loop {
        if client.time_left() <= pause {
            return Err(Fault::OutOfTime);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        let look = || logs.get_query_results().query_id(id).send();
        let answer = client.call(Action::GetQueryResults, look).await?;
        match answer.status() {
            // While it runs, the rows are a part: they are not looked at.
            Some(QueryStatus::Scheduled | QueryStatus::Running | QueryStatus::UnknownValue) | None => {}
            Some(QueryStatus::Complete) => {
                let bytes = answer.statistics().map_or(0.0, |s| s.bytes_scanned());
                return Ok(Answer { rows: answer.results().iter().map(|r| row(r)).collect(), bytes });
            }
            Some(other) => {
                return Err(Fault::Refused {
                    permission: Action::StartQuery.permission(),
                    code: other.as_str().to_owned(),
                    message: "the query did not come to its end".to_owned(),
                    outage: false,
                });
            }
        }
    }
}

fn row(fields: &[ResultField]) -> HashMap<String, String> {
    fields.iter().filter_map(|f| Some((f.field()?.to_owned(), f.value()?.to_owned()))).collect()
}
