//! One object, streamed through the scanner as it comes: neither the object nor its text is ever whole in memory.

use flate2::write::MultiGzDecoder;
use std::io::{self, Write};

use crate::aws::action::Action;
use crate::aws::client::Client;
use crate::aws::fault::{Fault, IntoFault};
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::scan::FileScanner;
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;

/// Reads an object. When its body breaks off it is read anew from its begin, so that no line is counted twice.
///
/// # Errors
/// It could not be read whole.
pub async fn scan_object(
    client: &Client,
    s3: &aws_sdk_s3::Client,
    bucket: &str,
    key: &str,
    catalog: &Catalog,
    hint: YearHint,
) -> Result<FileTally, Fault> {
    client
        .call(Action::GetObject, || async {
            let answer = s3.get_object().bucket(bucket).key(key).send().await.map_err(|e| e.into_fault(Action::GetObject))?;
            let mut body = answer.body;
            let mut inflow = Inflow::new(FileScanner::new(catalog, hint));
            while let Some(chunk) = body.try_next().await.map_err(|e| e.into_fault(Action::GetObject))? {
                inflow.take(&chunk);
                // The scan of a chunk is work for this thread; other fetches go on between.
                tokio::task::yield_now().await;
            }
            Ok::<_, Fault>(inflow.finish())
        })
        .await
}

/// Takes bytes as they come, unpacks them where they are packed, and scans them.
pub struct Inflow<'c> {
    state: State<'c>,
    error: Option<Saying>,
}

enum State<'c> {
    /// Too little came yet to tell.
    Unknown(Vec<u8>, Sink<'c>),
    Plain(Sink<'c>),
    Packed(Box<MultiGzDecoder<Sink<'c>>>),
    /// Between two states.
    Moving,
}

struct Sink<'c>(Option<FileScanner<'c>>);

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(scanner) = &mut self.0 {
            scanner.feed(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'c> Inflow<'c> {
    /// Into this scanner.
    pub fn new(scanner: FileScanner<'c>) -> Self {
        Inflow { state: State::Unknown(Vec::new(), Sink(Some(scanner))), error: None }
    }

    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        if self.error.is_some() {
            return;
        }
        let outcome = match &mut self.state {
            State::Unknown(head, _) => {
                head.extend_from_slice(bytes);
                if head.len() < 2 {
                    return;
                }
                self.decide()
            }
            State::Plain(sink) => sink.write_all(bytes),
            State::Packed(decoder) => decoder.write_all(bytes),
            State::Moving => Ok(()),
        };
        if let Err(e) = outcome {
            self.error = Some(Saying::with("unpacking-ended-early", &[("error", &e.to_string())]));
        }
    }

    fn decide(&mut self) -> io::Result<()> {
        let State::Unknown(head, mut sink) = std::mem::replace(&mut self.state, State::Moving) else {
            return Ok(());
        };
        if head.starts_with(&[0x1f, 0x8b]) {
            let mut decoder = Box::new(MultiGzDecoder::new(sink));
            let outcome = decoder.write_all(&head);
            self.state = State::Packed(decoder);
            outcome
        } else {
            let outcome = sink.write_all(&head);
            self.state = State::Plain(sink);
            outcome
        }
    }

    /// Ends the object.
    pub fn finish(mut self) -> FileTally {
        if matches!(self.state, State::Unknown(..)) {
            // Less than two bytes cannot fail to be plain.
            let _ = self.decide();
        }
        let scanner = match &mut self.state {
            State::Packed(decoder) => {
                if let Err(e) = decoder.try_finish() {
                    self.error.get_or_insert_with(|| Saying::with("unpacking-ended-early", &[("error", &e.to_string())]));
                }
                decoder.get_mut().0.take()
            }
            State::Plain(sink) | State::Unknown(_, sink) => sink.0.take(),
            State::Moving => None,
        };
        let mut tally = scanner.map_or_else(FileTally::default, FileScanner::finish);
        tally.error = self.error.take();
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn packed(text: &str) -> Vec<u8> {
        let mut e = GzEncoder::new(Vec::new(), Compression::default());
        e.write_all(text.as_bytes()).unwrap();
        e.finish().unwrap()
    }

    fn lines(bytes: &[u8], at_once: usize) -> (u64, bool) {
        let catalog = Catalog::default();
        let mut inflow = Inflow::new(FileScanner::new(&catalog, YearHint(0)));
        bytes.chunks(at_once).for_each(|c| inflow.take(c));
        let tally = inflow.finish();
        (tally.lines, tally.error.is_some())
    }

    #[test]
    fn packed_plain_several_members_and_broken() {
        let two = [packed("a\nb\n"), packed("c\n")].concat();
        for at_once in [1, 3, 1000] {
            assert_eq!(lines(&two, at_once), (3, false));
            assert_eq!(lines(b"a\nb", at_once), (2, false));
        }
        assert_eq!(lines(b"", 1), (0, false));
        let long = packed(&"some line of text\n".repeat(10_000));
        let (read, broken) = lines(&long[..long.len() / 2], 100);
        assert!(broken && read < 10_000);
    }
}
