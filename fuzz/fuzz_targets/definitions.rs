//! The loaders of formats, causes and settings: any text is loaded or refused with a message, and what is loaded scans any bytes.
#![no_main]

use arbitrary::Arbitrary;
use fivexx::diagnosis::cause::read_cause;
use fivexx::parser::catalog::{Catalog, read_definition};
use fivexx::parser::harness::test_file;
use fivexx::parser::scan::FileScanner;
use fivexx_fuzz::{HINT, catalog};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'b> {
    definition: &'b str,
    bytes: &'b [u8],
}

fuzz_target!(|input: Input<'_>| {
    let _ = test_file("fuzz.toml", input.definition);
    let _ = read_cause("fuzz.toml", input.definition, catalog());
    let Ok(definition) = read_definition("fuzz.toml", input.definition) else { return };
    let mut own = Catalog::default();
    if own.add("fuzz.toml", input.definition, definition).is_ok() {
        let mut scanner = FileScanner::new(&own, HINT);
        scanner.feed(input.bytes);
        assert!(scanner.finish().closes());
    }
});
