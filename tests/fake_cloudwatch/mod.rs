//! A CloudWatch of our own on loopback, that speaks Smithy's RPC v2 CBOR as the SDK does and keeps CloudWatch's documented rules where they
//! bite: one series for each exact set of dimensions, sparse counts, periods that begin where periods begin, retention by age, 500 queries a
//! call, 100,800 points a page with `PartialData` and `NextToken`, points that appear minutes late, and errors that come with status 200.
#![allow(dead_code, unused_imports, reason = "not every test uses all of it")]

mod answers;
mod cbor;
mod store;

pub use cbor::error_body;
pub use store::{MINUTE, Store};

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::loopback::{Server, answer, read_request};
use cbor::{encode, error_of};

/// The server and what it knows.
pub struct FakeCloudWatch {
    /// It listens until it is dropped.
    pub server: Server,
    state: Arc<Mutex<State>>,
}

/// What it knows, and how it behaves.
#[derive(Default)]
pub struct State {
    /// The metrics.
    pub store: Store,
    /// The second it is, for the service.
    pub now: i64,
    /// Metrics that the store does not have have a point each minute.
    pub dense: bool,
    /// Points of a metric become visible so many seconds after their minute has ended.
    pub late_s: BTreeMap<String, i64>,
    /// The next so many calls are throttled.
    pub throttle: usize,
    /// Permissions that are missing, as `GetMetricData`.
    pub denied: Vec<String>,
    /// Names of metrics that come with `InternalError` when they are first asked for.
    pub inner_errors: Vec<String>,
    /// Names of metrics that come with `Forbidden`.
    pub forbidden: Vec<String>,
    /// A message that goes with every answer.
    pub message: Option<(String, String)>,
    /// Points of a page, where less than the service's own limit.
    pub points_a_page: Option<usize>,
    /// What was asked: operation and number of queries.
    pub calls: Vec<(String, usize)>,
}

impl FakeCloudWatch {
    /// Starts it; `now` is the second it is for the service.
    pub fn start(store: Store, now: i64) -> Self {
        let state = Arc::new(Mutex::new(State { store, now, ..State::default() }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |stream| serve(stream, &shared));
        FakeCloudWatch { server, state }
    }

    /// What it knows, to be looked at or changed.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the fake panics")
    }

    /// How often an operation was called.
    pub fn calls(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|(o, _)| o == operation).count()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    while let Some(request) = read_request(&mut stream) {
        let close = request.header("connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
        let operation = request.path().rsplit('/').next().unwrap_or("").to_owned();
        let spoken = request.header("smithy-protocol") == Some("rpc-v2-cbor");
        let outcome = if spoken {
            let mut state = state.lock().expect("no thread of the fake panics");
            answers::answer(&mut state, &operation, &request.body)
        } else {
            Err(error_of("UnknownOperationException", "this fake speaks only rpc-v2-cbor"))
        };
        let (status, body) = match outcome {
            Ok(body) => (200, body),
            Err(error) => (error.status, encode(&error.body)),
        };
        let headers = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
        if answer(&mut stream, status, &headers, &body).and_then(|()| stream.flush()).is_err() || close {
            return;
        }
    }
}
