//! Athena, for windows of access logs that are too large to stream: it counts by second or minute and by all that the definition of the log
//! looks at, and each count goes through that definition as one line would.

#[cfg(feature = "athena")]
mod ask;
#[cfg(feature = "athena")]
mod counted;
#[cfg(feature = "athena")]
mod sql;

use super::{Request, client::Client};
#[cfg(feature = "athena")]
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::scanned::Gathered;

/// Whether Athena can be asked: it was built in, and the configuration names a table.
pub fn is_ready(request: &Request) -> bool {
    cfg!(feature = "athena") && request.aws.athena.is_some()
}

/// Counts the access logs by a query.
#[cfg(feature = "athena")]
pub async fn gather_access_logs(client: &Client, request: &Request, catalog: &Catalog, url: &str) -> Gathered {
    use crate::scanned::ScannedFile;
    use crate::source::Skipped;

    let refused = |because: Saying| Gathered { skipped: vec![Skipped { name: url.to_owned(), because }], ..Gathered::default() };
    let Some(athena) = &request.aws.athena else { return Gathered::default() };
    let Some(format) = catalog.find("alb_access") else { return refused(Saying::of("aws-no-alb-parser")) };
    let step = sql::step(request.from, request.to);
    let text = match sql::query(athena, request.aws.load_balancer.as_deref(), request.from, request.to, step) {
        Ok(text) => text,
        Err(because) => return refused(because.into()),
    };
    let answer = match ask::ask(client, athena, &text).await {
        Ok(answer) => answer,
        Err(fault) => return refused(fault.says()),
    };
    let counted = counted::tally(catalog, format, &answer.rows, step);
    let mut note = Saying::with("aws-counted-by-athena", &[("gb", &format!("{:.2}", answer.bytes / 1e9))]);
    if counted.uncut > 0 {
        note = note.and(Saying::count("aws-uncut", counted.uncut));
    }
    let name = format!("athena:{}.{}", athena.database, athena.table);
    let files = if counted.tally.sources.is_empty() {
        Vec::new()
    } else {
        vec![ScannedFile { path: name.clone(), tally: counted.tally }]
    };
    // The note is no failure.
    let empty = usize::from(files.is_empty());
    Gathered { files, skipped: vec![Skipped { name, because: note }], empty, ..Gathered::default() }
}

/// Counts the access logs by a query.
#[cfg(not(feature = "athena"))]
pub async fn gather_access_logs(_: &Client, _: &Request, _: &Catalog, _: &str) -> Gathered {
    Gathered::default()
}
