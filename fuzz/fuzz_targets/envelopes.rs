//! Lines in envelopes, several of them inside one another, and what is said of one line.
#![no_main]

use arbitrary::Arbitrary;
use fivexx::parser::definition::Kind;
use fivexx::parser::explain::explain;
use fivexx_fuzz::{HINT, catalog, scan};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'b> {
    /// Which envelopes, by their samples; the outermost first.
    around: [u8; 2],
    /// Where in the envelope's sample the inner line begins.
    at: [u8; 2],
    inner: &'b str,
}

fuzz_target!(|input: Input<'_>| {
    let samples: Vec<&str> = catalog()
        .of_kind(Kind::Envelope)
        .flat_map(|(_, f)| f.definition.samples.iter().map(|s| s.line.as_str()))
        .collect();
    let mut line = input.inner.to_owned();
    for (which, at) in input.around.iter().zip(input.at) {
        let sample = samples[usize::from(*which) % samples.len()];
        let mut cut = usize::from(at).min(sample.len());
        while !sample.is_char_boundary(cut) {
            cut -= 1;
        }
        line = format!("{}{line}", &sample[..cut]);
    }
    assert!(scan([line.as_bytes()]).closes());
    let said = explain(catalog(), &line, HINT);
    assert!(!said.contains('\u{1b}'), "an escape reached the terminal");
});
