//! What is nobody's business is masked before a report leaves the analysis: secrets, personal data, the values of query strings, and addresses
//! on request. Every writer works from the report, so that none can forget it.

mod mask;
mod rules;
mod walk;

use std::sync::Arc;

use crate::model::{Masked, Report};
use crate::scanned::Scan;

pub use mask::Masker;
pub use rules::{RuleError, Rules};
pub use walk::each_text;

/// What is masked.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    /// Nothing is: the report holds what the logs hold.
    pub off: bool,
    /// IP addresses as well; those of this machine itself (127.0.0.1, ::1) stay.
    pub ips: bool,
    /// Rules of the user's own, beside the built-in ones.
    pub more: Vec<Arc<Rules>>,
}

/// What a masked value is called: the first part of its stand-in. Where two kinds fit, the later one here is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A value in a query string.
    Query,
    /// An address.
    Ip,
    /// A password, or whatever else is secret by its name.
    Secret,
    /// A cookie's value.
    Cookie,
    /// A session's id.
    Session,
    /// What an authorization header holds.
    Authorization,
    /// A token, known by its look.
    Token,
    /// A key, known by its look.
    Key,
    /// An e-mail address.
    Email,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 9] = [
        Kind::Query,
        Kind::Ip,
        Kind::Secret,
        Kind::Cookie,
        Kind::Session,
        Kind::Authorization,
        Kind::Token,
        Kind::Key,
        Kind::Email,
    ];

    /// As stand-ins name it.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Query => "query",
            Kind::Ip => "ip",
            Kind::Secret => "secret",
            Kind::Cookie => "cookie",
            Kind::Session => "session",
            Kind::Authorization => "authorization",
            Kind::Token => "token",
            Kind::Key => "key",
            Kind::Email => "email",
        }
    }
}

/// Masks a report. Equal values get equal numbers, in the order in which they come, so that what belongs together can still be seen.
pub fn redact(report: &mut Report, redaction: &Redaction) {
    if redaction.off {
        report.masked = Masked { off: true, ..Masked::default() };
        return;
    }
    let mut masker = Masker::new(redaction);
    walk::each_text(report, &mut |text| masker.mask(text));
    report.masked = masker.masked();
}

/// Masks the names of files and hosts that were scanned, for what is written from a timeline alone.
pub fn redact_names(scan: &mut Scan, redaction: &Redaction) {
    if redaction.off {
        return;
    }
    let mut masker = Masker::new(redaction);
    for source in &mut scan.sources {
        masker.mask(&mut source.path);
        source.host.iter_mut().for_each(|host| {
            masker.mask(host);
        });
    }
}
