//! CloudWatch Logs: log groups as sources.

use super::{Request, client::Client};
use crate::parser::catalog::Catalog;
use crate::scanned::Gathered;

/// Fetches the log groups that the request names.
pub async fn gather_logs(_client: &Client, _request: &Request, _catalog: &Catalog) -> Gathered {
    Gathered::default()
}
