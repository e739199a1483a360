//! The words that definitions, code, flags and reports share.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::lang::Lang;

/// Where a request can be dropped, outermost first: the order is that of a request's way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The browser, the mobile app, the load test.
    Client,
    /// ALB, ELB, NLB.
    LoadBalancer,
    /// nginx, Apache, HAProxy.
    WebServer,
    /// The listen queue (accept backlog) in front of the app server.
    AppQueue,
    /// The worker processes: uWSGI, gunicorn, uvicorn.
    AppServer,
    /// The application's code.
    App,
    /// What the application calls: databases, other services.
    Dependency,
    /// Kernel, memory, descriptors, network.
    Host,
    /// Deploys, service manager, health checks, scaling.
    Orchestration,
    /// Nothing was dropped.
    None,
}

impl Layer {
    /// The id used in JSON and in definitions.
    pub fn id(self) -> &'static str {
        match self {
            Layer::Client => "client",
            Layer::LoadBalancer => "load_balancer",
            Layer::WebServer => "web_server",
            Layer::AppQueue => "app_queue",
            Layer::AppServer => "app_server",
            Layer::App => "app",
            Layer::Dependency => "dependency",
            Layer::Host => "host",
            Layer::Orchestration => "orchestration",
            Layer::None => "none",
        }
    }

    /// The name in a sentence.
    pub fn title(self, lang: Lang) -> String {
        lang.say(match self {
            Layer::Client => "layer-client",
            Layer::LoadBalancer => "layer-load-balancer",
            Layer::WebServer => "layer-web-server",
            Layer::AppQueue => "layer-app-queue",
            Layer::AppServer => "layer-app-server",
            Layer::App => "layer-app",
            Layer::Dependency => "layer-dependency",
            Layer::Host => "layer-host",
            Layer::Orchestration => "layer-orchestration",
            Layer::None => "layer-none",
        })
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What a signal stands for in the accounting of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// One request that this layer was handed.
    Request,
    /// One request, logged as a request, that this layer answered with a failure.
    FailedRequest,
    /// An error line about one failed attempt; the request itself is logged elsewhere. One request may leave several.
    Failure,
    /// A failure that leaves no request line in its own layer (connection refused before a request existed, worker killed).
    UnloggedFailure,
    /// A health check that failed: no user's request, but what a load balancer turns away from a server by.
    FailedHealthCheck,
    /// A restart, a deploy, a configuration change.
    Change,
    /// Anything else that bears on a verdict.
    #[default]
    Sign,
}

/// Unit of a measured value as written; inside, times are seconds and sizes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
    /// A number without a unit.
    #[serde(rename = "count")]
    Count,
}

impl Unit {
    /// Factor to the base unit (seconds, bytes, count).
    pub fn to_base(self) -> f64 {
        match self {
            Unit::Milliseconds => 1e-3,
            Unit::Microseconds => 1e-6,
            Unit::Seconds | Unit::Bytes | Unit::Count => 1.0,
        }
    }

    /// The base unit's symbol.
    pub fn base_symbol(self) -> &'static str {
        match self {
            Unit::Seconds | Unit::Milliseconds | Unit::Microseconds => "s",
            Unit::Bytes => "B",
            Unit::Count => "",
        }
    }
}
