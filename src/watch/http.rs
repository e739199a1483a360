//! `/healthz` and `/metrics`, for whoever watches the watch.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::status::Status;

/// Connections at a time; more wait in the system's queue.
const MOST: usize = 16;

/// A connection is for one question.
const LIMIT: Duration = Duration::from_secs(10);

/// Answers until the runtime ends.
pub async fn serve(listener: TcpListener, status: Arc<Status>) {
    let room = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, say: give others time to close theirs.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let status = status.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let status = status.clone();
                async move { Ok::<_, Infallible>(answer(&request, &status)) }
            });
            let connection = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), answer);
            let _ = tokio::time::timeout(LIMIT, connection).await;
            drop(permit);
        });
    }
}

fn answer(request: &Request<Incoming>, status: &Status) -> Response<Full<Bytes>> {
    let now = chrono::Utc::now().timestamp();
    let (code, kind, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/healthz") => {
            let (well, text) = status.health(now);
            (if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, "text/plain; charset=utf-8", text)
        }
        (&Method::GET | &Method::HEAD, "/metrics") => {
            (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", status.metrics(now))
        }
        (&Method::GET | &Method::HEAD, _) => {
            (StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "there are /healthz and /metrics\n".to_owned())
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "GET only\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = code;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
