//! AWS: CloudWatch metrics, CloudWatch Logs and access logs in S3, into the same tallies as files give. The only room that knows the SDK.

pub mod action;
pub mod athena;
pub mod check;
pub mod choice;
pub mod client;
pub mod fault;
pub mod logs;
pub mod metrics;
pub mod s3;
pub mod send;

use crate::config;
use crate::parser::catalog::Catalog;
use crate::scanned::Gathered;
use crate::source::Skipped;
use choice::Allowance;
use client::Client;

/// What is to be fetched.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where from.
    pub aws: config::Aws,
    /// From this second (UTC) on.
    pub from: i64,
    /// Up to this second, which is no longer part of it.
    pub to: i64,
    /// The second it is now.
    pub now: i64,
}

/// Fetches all that the request names; what could not be fetched is told, and the rest is given.
pub async fn gather(request: &Request, catalog: &Catalog) -> Gathered {
    let client = match Client::new(&request.aws).await {
        Ok(client) => client,
        Err(fault) => {
            let skipped = vec![Skipped { name: "AWS".to_owned(), because: fault.says() }];
            return Gathered { skipped, ..Gathered::default() };
        }
    };
    let allowance = Allowance::new(request.aws.max_scan_gb);
    let (metrics, logs, access) = tokio::join!(
        metrics::gather_metrics(&client, request, catalog),
        logs::gather_logs(&client, request, catalog, &allowance),
        s3::gather_access_logs(&client, request, catalog, &allowance),
    );
    let mut all = Gathered::default();
    for part in [metrics, logs, access] {
        all.extend(part);
    }
    all.unanswered = client.unanswered();
    all
}

/// [`gather`], for callers that have no runtime.
///
/// # Errors
/// The runtime cannot be started.
pub fn gather_blocking(request: &Request, catalog: &Catalog) -> std::io::Result<Gathered> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let gathered = runtime.block_on(gather(request, catalog));
    // A look-up of a name that still runs on a thread must not hold up the end.
    runtime.shutdown_background();
    Ok(gathered)
}
