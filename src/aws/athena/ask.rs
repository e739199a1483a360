//! One query, from its start to its rows.

use aws_sdk_athena::types::{QueryExecutionContext, QueryExecutionState, ResultConfiguration};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::counted::{Row, row};
use crate::aws::action::Action;
use crate::aws::client::Client;
use crate::aws::fault::Fault;
use crate::config::Athena;

/// First and longest pause between two looks at a query.
const FIRST_LOOK: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Longest wait for the service to take note that a query is to end.
const STOPPING: Duration = Duration::from_secs(2);

/// What a query gave.
#[derive(Debug, Default)]
pub struct Answer {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Bytes that were read for it: what is paid for.
    pub bytes: f64,
}

/// Asks, waits, and reads all pages. A query that is given up is stopped, since it goes on costing.
///
/// # Errors
/// It could not be asked, failed, or took longer than the run may.
pub async fn ask(client: &Client, athena: &Athena, text: &str) -> Result<Answer, Fault> {
    let service = aws_sdk_athena::Client::new(client.config());
    let context = QueryExecutionContext::builder().database(&athena.database).build();
    let output = athena.output.as_ref().map(|o| ResultConfiguration::builder().output_location(o).build());
    // The same token for every attempt, and for no other query: an answer that was lost does not start a second one.
    let token = format!("fivexx-{:016x}{:016x}", RandomState::new().hash_one(text), RandomState::new().hash_one(text));
    let start = || {
        let start = service.start_query_execution().query_string(text).query_execution_context(context.clone());
        let start = start.set_work_group(athena.workgroup.clone()).set_result_configuration(output.clone());
        start.client_request_token(&token).send()
    };
    let started = client.call(Action::StartQueryExecution, start).await?;
    let id = started.query_execution_id().unwrap_or_default().to_owned();
    let outcome = wait(client, &service, &id).await;
    if outcome.is_err() {
        // Not through `call`: the budget may be what ended the query.
        let _ = tokio::time::timeout(STOPPING, service.stop_query_execution().query_execution_id(&id).send()).await;
    }
    let bytes = outcome?;
    Ok(Answer { rows: rows(client, &service, &id).await?, bytes })
}

/// Waits for the end; gives the bytes that were read.
async fn wait(client: &Client, service: &aws_sdk_athena::Client, id: &str) -> Result<f64, Fault> {
    let mut pause = FIRST_LOOK;
    loop {
        if client.time_left() <= pause {
            return Err(Fault::OutOfTime);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        let look = || service.get_query_execution().query_execution_id(id).send();
        let answer = client.call(Action::GetQueryExecution, look).await?;
        let execution = answer.query_execution();
        let status = execution.and_then(|e| e.status());
        match status.and_then(|s| s.state()) {
            Some(QueryExecutionState::Succeeded) => {
                let bytes = execution.and_then(|e| e.statistics()).and_then(|s| s.data_scanned_in_bytes());
                return Ok(bytes.unwrap_or(0) as f64);
            }
            Some(state @ (QueryExecutionState::Failed | QueryExecutionState::Cancelled)) => {
                return Err(Fault::Refused {
                    permission: Action::StartQueryExecution.permission(),
                    code: state.as_str().to_owned(),
                    message: status
                        .and_then(|s| s.state_change_reason())
                        .unwrap_or("no reason given")
                        .chars()
                        .take(200)
                        .collect(),
                    outage: false,
                });
            }
            // A running query may go back to the queue.
            _ => {}
        }
    }
}

async fn rows(client: &Client, service: &aws_sdk_athena::Client, id: &str) -> Result<Vec<Row>, Fault> {
    let (mut all, mut token) = (Vec::new(), None::<String>);
    loop {
        let ask = || service.get_query_results().query_execution_id(id).max_results(1000).set_next_token(token.clone()).send();
        let page = client.call(Action::AthenaResults, ask).await?;
        let given = page.result_set().map(|s| s.rows()).unwrap_or_default();
        // The first row of the first page names the columns.
        let header = usize::from(token.is_none());
        all.extend(given.iter().skip(header).map(|r| row(r.data().iter().map(|d| d.var_char_value().map(str::to_owned)))));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(all);
        }
    }
}
