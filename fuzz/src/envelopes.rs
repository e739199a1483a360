//! Lines in envelopes, several of them inside one another, and what is said of one line. The input is two envelopes (which, and where in its sample the
//! inner line begins), then the inner line.

use fivexx::parser::definition::Kind;
use fivexx::parser::explain::explain;
use std::sync::OnceLock;

use crate::bytes::Bytes;
use crate::common::{HINT, catalog, scan};

/// Begins of the samples of the envelopes.
pub fn samples() -> &'static Vec<&'static str> {
    static SAMPLES: OnceLock<Vec<&str>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let envelopes = catalog().of_kind(Kind::Envelope);
        envelopes.flat_map(|(_, f)| f.definition.samples.iter().map(|s| s.line.as_str())).collect()
    })
}

/// One input.
pub fn run(bytes: &[u8]) {
    let mut rest = Bytes(bytes);
    let around = [(rest.u8(), rest.u16()), (rest.u8(), rest.u16())];
    let mut line = rest.0.to_vec();
    for (which, at) in around {
        // The last one is none at all.
        let which = usize::from(which) % (samples().len() + 1);
        let Some(sample) = samples().get(which) else { continue };
        // In JSON the inner line stands in quotes, with what is behind it.
        let at = usize::from(at) % (sample.len() + 1);
        let end = sample.as_bytes()[at..].iter().position(|b| *b == b'"').map_or(sample.len(), |n| at + n);
        line = [&sample.as_bytes()[..at], &line, &sample.as_bytes()[end..]].concat();
    }
    scan([line.as_slice()]);
    let text = String::from_utf8_lossy(&line);
    for line in text.lines() {
        let said = explain(catalog(), line, HINT);
        assert!(!said.is_empty() || line.trim().is_empty(), "nothing is said of {line:?}");
        let hidden = said.chars().find(|c| c.is_control() && *c != '\n');
        assert!(hidden.is_none(), "{hidden:?} reached the terminal");
    }
}
