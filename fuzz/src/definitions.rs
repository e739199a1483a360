//! The loaders of formats, causes, rules of masking and settings. The input is a text, then behind 0xff (which stands in no UTF-8) a log: any text is
//! loaded or refused with a message that has nothing but text in it, and what is loaded reads any bytes.

use fivexx::diagnosis::cause::read_cause;
use fivexx::parser::catalog::{Catalog, read_definition};
use fivexx::parser::harness::test_file;
use fivexx::parser::scan::FileScanner;
use fivexx::redact::Rules;
use std::path::Path;

use crate::bytes::Bytes;
use crate::common::{HINT, catalog};

/// One input.
pub fn run(bytes: &[u8]) {
    let mut rest = Bytes(bytes);
    let Ok(text) = std::str::from_utf8(rest.until(0xff)) else { return };
    let outcome = test_file("own.toml", text);
    outcome.faults.iter().for_each(|f| told(f));
    if let Err(e) = read_cause("own.toml", text, catalog()) {
        told(&e.to_string());
    }
    if let Err(e) = Rules::read(text) {
        assert!(!e.to_string().is_empty(), "refused without a reason");
    }
    if let Err(e) = fivexx::config::load::read(Path::new("own.toml"), text) {
        told(&e.to_string());
    }
    let Ok(definition) = read_definition("own.toml", text) else { return };
    let samples: Vec<String> = definition.samples.iter().map(|s| s.line.clone()).collect();
    let mut own = Catalog::default();
    if own.add("own.toml", text, definition).is_ok() {
        let mut scanner = FileScanner::new(&own, HINT);
        scanner.feed(samples.join("\n").as_bytes());
        scanner.feed(b"\n");
        scanner.feed(rest.0);
        assert!(scanner.finish().closes(), "lines do not add up");
    }
}

/// Each message names the file.
fn told(message: &str) {
    assert!(message.starts_with("own.toml"), "no place in {message:?}");
}
