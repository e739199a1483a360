//! A Slack-compatible webhook: one POST, any 2xx is acceptance.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, header};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::time::Duration;

use super::Refusal;
use crate::report::escape::terminal;
use crate::watch::notification::Notification;
use crate::watch::receiver::resolve_url;

/// Longest time for all of it: name, connection, TLS, answer.
const LIMIT: Duration = Duration::from_secs(15);

/// What is read of an answer, to say why it was no.
const ANSWER: usize = 4096;

/// Posts the notification once.
///
/// # Errors
/// The receiver could not be reached, or did not accept.
pub async fn post(url: &str, notification: &Notification) -> Result<(), Refusal> {
    let uri = resolve_url(url).map_err(Refusal::clear)?;
    let host = uri.host().unwrap_or_default().to_owned();
    let body = serde_json::to_vec(&notification.slack()).map_err(|e| Refusal::clear(e.to_string()))?;
    let request = Request::post(uri)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, concat!("fivexx/", env!("CARGO_PKG_VERSION")))
        .header("idempotency-key", &notification.key)
        .body(Full::new(Bytes::from(body)))
        .map_err(|e| Refusal::clear(e.to_string()))?;
    if request.uri().scheme_str() == Some("http") {
        return exchange(Client::builder(TokioExecutor::new()).build(HttpConnector::new()), request, &host).await;
    }
    let tls = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())
        .map_err(|e| Refusal::clear(format!("the system's certificates cannot be read: {e}")))?;
    let tls = tls.https_only().enable_http1().build();
    exchange(Client::builder(TokioExecutor::new()).build(tls), request, &host).await
}

async fn exchange<C>(client: Client<C, Full<Bytes>>, request: Request<Full<Bytes>>, host: &str) -> Result<(), Refusal>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let exchange = async {
        let answer = client.request(request).await.map_err(|e| {
            let because = format!("{host}: {}", chain(&e));
            // Without a connection nothing was sent.
            if e.is_connect() { Refusal::clear(because) } else { Refusal::unsure(because) }
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let retry_after_s = answer.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
        let text = Limited::new(answer.into_body(), ANSWER).collect().await.map(|b| b.to_bytes()).unwrap_or_default();
        let said: String = String::from_utf8_lossy(&text).trim().chars().take(200).collect();
        let because = format!("{host}: answered {status}{}{}", if said.is_empty() { "" } else { ": " }, terminal(&said));
        // A gateway that gave up does not know what the receiver behind it did.
        let unsure = status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE;
        Err(Refusal { because, unsure, retry_after_s })
    };
    match tokio::time::timeout(LIMIT, exchange).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Refusal::unsure(format!("{host}: no answer within {} s", LIMIT.as_secs()))),
    }
}

/// An error with its causes.
fn chain(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut source = e.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(&format!(": {said}"));
        }
        source = cause.source();
    }
    terminal(&text)
}
