//! Access logs in S3.

use super::{Request, client::Client};
use crate::parser::catalog::Catalog;
use crate::scanned::Gathered;

/// Fetches the access logs that the request names.
pub async fn gather_access_logs(_client: &Client, _request: &Request, _catalog: &Catalog) -> Gathered {
    Gathered::default()
}
