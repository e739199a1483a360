//! A loopback server in the shapes of CloudWatch Logs (awsJson1_1): pages that are empty or overlap, queries that run for a while.

#![allow(dead_code, reason = "not every test uses all of it")]

pub mod insights;
pub mod moto;
pub mod recordings;

use insights::{Line, Query, Row};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::loopback::{self, Server};

/// The region of everything that is fetched in tests: that of the recordings.
pub const REGION: &str = "ap-northeast-1";

/// Events of one page: few, so that there are several.
const PAGE: usize = 700;

/// The server; it listens until it is dropped.
pub struct FakeLogs {
    pub server: Server,
    pub state: Arc<Mutex<State>>,
}

/// What it holds and what it was asked.
#[derive(Default)]
pub struct State {
    pub groups: BTreeMap<String, Group>,
    /// Operations, in the order of their calls.
    pub calls: Vec<String>,
    /// Texts of the queries that were started.
    pub queries: Vec<String>,
    /// Queries that are never done.
    pub stuck: bool,
    answers: HashMap<String, (Vec<Row>, u32)>,
    refused_once: bool,
}

/// A log group.
#[derive(Default, Clone)]
pub struct Group {
    /// Sorted by time.
    pub lines: Vec<Line>,
    pub stored_bytes: i64,
    pub created_ms: i64,
}

impl FakeLogs {
    pub fn start(groups: BTreeMap<String, Group>) -> Self {
        let state = Arc::new(Mutex::new(State { groups, ..State::default() }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |stream| serve(stream, |operation, body| answer(&shared, operation, body)));
        FakeLogs { server, state }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }
}

/// Serves one connection: `answer` gives the status and the body for an operation and its parameters.
pub fn serve(mut stream: TcpStream, answer: impl Fn(&str, &Value) -> (u16, Value)) {
    while let Some(request) = loopback::read_request(&mut stream) {
        let operation = request.header("x-amz-target").and_then(|t| t.rsplit('.').next()).unwrap_or("").to_owned();
        let (status, out) = answer(&operation, &serde_json::from_slice(&request.body).unwrap_or(Value::Null));
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amzn-requestid", "0")];
        if loopback::answer(&mut stream, status, &headers, out.to_string().as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(state: &Mutex<State>, operation: &str, body: &Value) -> (u16, Value) {
    let mut state = state.lock().expect("no thread panics");
    state.calls.push(operation.to_owned());
    match operation {
        "DescribeLogGroups" => describe(&state, body),
        "FilterLogEvents" => filter(&state, body),
        "StartQuery" => start_query(&mut state, body),
        "GetQueryResults" => results(&mut state, body),
        "StopQuery" => (200, json!({"success": true})),
        _ => (400, json!({"__type": "UnknownOperationException", "message": operation})),
    }
}

fn describe(state: &State, body: &Value) -> (u16, Value) {
    let prefix = body["logGroupNamePrefix"].as_str().unwrap_or("");
    let of = |(name, g): (&String, &Group)| {
        json!({"logGroupName": name, "storedBytes": g.stored_bytes, "creationTime": g.created_ms,
               "arn": format!("arn:aws:logs:eu-west-1:123456789012:log-group:{name}:*")})
    };
    let groups: Vec<Value> = state.groups.iter().filter(|(n, _)| n.starts_with(prefix)).map(of).collect();
    (200, json!({"logGroups": groups}))
}

fn within<'s>(state: &'s State, body: &Value, to_ms: i64) -> Option<Vec<&'s Line>> {
    let group = state.groups.get(body["logGroupName"].as_str()?)?;
    let (from, to) = (body["startTime"].as_i64()? * to_ms, body["endTime"].as_i64()? * to_ms + to_ms - 1);
    Some(group.lines.iter().filter(|l| (from..=to).contains(&l.ms)).collect())
}

fn not_found() -> (u16, Value) {
    (400, json!({"__type": "ResourceNotFoundException", "message": "The specified log group does not exist."}))
}

fn filter(state: &State, body: &Value) -> (u16, Value) {
    let Some(mut lines) = within(state, body, 1) else { return not_found() };
    if let Some(pattern) = body["filterPattern"].as_str() {
        let terms: Vec<&str> = pattern.split_whitespace().map(|t| t.trim_start_matches('?')).collect();
        lines.retain(|l| terms.iter().any(|t| l.message.contains(t)));
    }
    // The token counts pages; the second is empty, and each later one begins with the last event of the one before.
    let page: usize = body["nextToken"].as_str().and_then(|t| t.parse().ok()).unwrap_or(0);
    let full = if page == 0 { 0 } else { page - 1 };
    let from = (full * PAGE).saturating_sub(usize::from(page > 1));
    let to = ((full + 1) * PAGE).min(lines.len());
    let part: &[&Line] = if page == 1 { &[] } else { lines.get(from..to).unwrap_or_default() };
    let event = |l: &&Line| {
        let id = format!("{}{:p}", l.ms, std::ptr::from_ref::<Line>(l));
        json!({"logStreamName": l.stream, "timestamp": l.ms, "message": l.message, "ingestionTime": l.ms + 900, "eventId": id})
    };
    let events: Vec<Value> = part.iter().map(event).collect();
    let mut out = json!({"events": events, "searchedLogStreams": []});
    if to < lines.len() {
        out["nextToken"] = json!((page + 1).to_string());
    }
    (200, out)
}

fn start_query(state: &mut State, body: &Value) -> (u16, Value) {
    if !std::mem::replace(&mut state.refused_once, true) {
        let message = "Account maximum query concurrency limit of [30] reached.";
        return (400, json!({"__type": "LimitExceededException", "message": message}));
    }
    let text = body["queryString"].as_str().unwrap_or("");
    let query = match Query::read(text) {
        Ok(q) if text.len() <= 10_000 => q,
        Ok(_) => return (400, json!({"__type": "MalformedQueryException", "message": "too long"})),
        Err(e) => return (400, json!({"__type": "MalformedQueryException", "message": e})),
    };
    let Some(lines) = within(state, body, 1000) else { return not_found() };
    let rows = if state.stuck { Vec::new() } else { query.run(lines.into_iter()) };
    let id = format!("q-{}", state.queries.len());
    state.queries.push(text.to_owned());
    state.answers.insert(id.clone(), (rows, 0));
    (200, json!({"queryId": id}))
}

fn results(state: &mut State, body: &Value) -> (u16, Value) {
    let stuck = state.stuck;
    let Some((rows, looks)) = body["queryId"].as_str().and_then(|id| state.answers.get_mut(id)) else { return not_found() };
    *looks += 1;
    let running = *looks == 1 || stuck;
    let shown = if running { &rows[..rows.len() / 2] } else { &rows[..] };
    let row = |r: &Row| r.iter().map(|(f, v)| json!({"field": f, "value": v})).collect::<Vec<_>>();
    let results: Vec<Vec<Value>> = shown.iter().map(row).collect();
    let statistics = json!({"recordsMatched": rows.len(), "recordsScanned": 1000.0, "bytesScanned": 5e8});
    (200, json!({"status": if running { "Running" } else { "Complete" }, "results": results, "statistics": statistics}))
}

/// A command with made-up credentials and these endpoints, which sees nothing of this machine's own.
pub fn with_aws<'c>(command: &'c mut Command, endpoints: &[(&str, &str)]) -> &'c mut Command {
    for (name, _) in
        std::env::vars().filter(|(n, _)| n.starts_with("AWS_") || n.starts_with("FIVEXX_") && n != "FIVEXX_TEST_REQUEST")
    {
        command.env_remove(name);
    }
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .envs(endpoints.iter().copied())
}
