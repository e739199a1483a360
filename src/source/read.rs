//! Reading one input: decompression, what kind of content it is, and the scan of it in blocks.

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use super::bounds::{EXPANSION, Steady, capped, in_words};
use super::text::{AsUtf8, Written, fill, written};
use super::{Input, Place};
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::cloudwatch::{looks_like_metrics, scan_metrics};
use crate::parser::matrix::{looks_like_matrix, scan_matrix};
use crate::parser::scan::FileScanner;
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;

/// Bytes looked at to tell what a file holds.
const HEAD: usize = 64 * 1024;

/// A metric document is read whole; this is a year of one-minute points for fifty metrics.
const MAX_DOCUMENT: u64 = 256 << 20;

/// What an input came to.
pub enum Reading {
    /// It was scanned.
    Scanned(Box<FileTally>),
    /// It is no log.
    Skipped(Saying),
}

/// Bytes read so far, over all inputs, for a progress display.
#[derive(Debug, Default)]
pub struct Progress(pub AtomicU64);

/// Reads an input from begin to end. Never fails: what could not be read is said in the result.
pub fn scan(catalog: &Catalog, input: &Input, now: YearHint, progress: &Progress) -> Reading {
    scan_within(catalog, input, now, progress, EXPANSION)
}

/// As [`scan`]; an archive may unpack to `expansion` times its size.
pub fn scan_within(catalog: &Catalog, input: &Input, now: YearHint, progress: &Progress, expansion: u64) -> Reading {
    let (raw, hint): (Box<dyn Read>, YearHint) = match &input.place {
        Place::Stdin => (Box::new(io::stdin()), now),
        Place::Memory(bytes) => (Box::new(io::Cursor::new(bytes.clone())), now),
        Place::File(path) => match File::open(path) {
            Err(e) => return Reading::Skipped(Saying::with("skip-not-opened", &[("error", &e.to_string())])),
            Ok(f) => {
                let modified = f.metadata().ok().and_then(|m| m.modified().ok());
                let hint =
                    modified.and_then(|m| m.duration_since(std::time::UNIX_EPOCH).ok()).map(|d| YearHint(d.as_millis() as i64));
                (Box::new(Steady::new(f)), hint.unwrap_or(now))
            }
        },
    };
    match open(raw, expansion).and_then(decode) {
        Err(e) => Reading::Skipped(Saying::of("skip-not-read").fill("error", in_words(&e))),
        Ok((head, rest)) => scan_content(catalog, head, rest, hint, progress),
    }
}

/// Looks at the first bytes and puts a decompressor in front where they ask for one.
fn open(mut raw: Box<dyn Read>, expansion: u64) -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut magic = [0u8; 4];
    let n = read_full(&mut raw, &mut magic)?;
    let whole: Box<dyn Read> = Box::new(io::Cursor::new(magic[..n].to_vec()).chain(raw));
    let mut plain: Box<dyn Read> = match &magic[..n] {
        [0x1f, 0x8b, ..] => Box::new(capped(whole, expansion, |packed| Ok(MultiGzDecoder::new(packed)))?),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(capped(whole, expansion, zstd::stream::read::Decoder::new)?),
        _ => whole,
    };
    let mut head = vec![0; HEAD];
    let mut n = 0;
    // A broken archive gives what it can; the error comes again with the next read.
    while n < HEAD {
        match plain.read(&mut head[n..]) {
            Ok(0) => break,
            Ok(k) => n += k,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if n == 0 => return Err(e),
            Err(e) => {
                head.truncate(n);
                return Ok((head, Box::new(Broken(Some(e)))));
            }
        }
    }
    head.truncate(n);
    Ok((head, plain))
}

/// Makes UTF-8 of what is written otherwise.
fn decode((head, rest): (Vec<u8>, Box<dyn Read>)) -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    match written(&head) {
        Written::Utf8 => Ok((head, rest)),
        Written::MarkedUtf8(mark) => Ok((head[mark..].to_vec(), rest)),
        Written::Utf16(order) => {
            let mut text = AsUtf8::new(io::Cursor::new(head).chain(rest), order);
            Ok((fill(&mut text, HEAD)?, Box::new(text)))
        }
    }
}

/// A reader that has already failed.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match self.0.take() {
            Some(e) => Err(e),
            None => Ok(0),
        }
    }
}

fn read_full(raw: &mut impl Read, buf: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buf.len() {
        match raw.read(&mut buf[n..]) {
            Ok(0) => break,
            Ok(k) => n += k,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

fn scan_content(catalog: &Catalog, head: Vec<u8>, mut rest: Box<dyn Read>, hint: YearHint, progress: &Progress) -> Reading {
    if head.is_empty() {
        return Reading::Skipped(Saying::of("skip-empty"));
    }
    if let Some(why) = no_text(&head) {
        return Reading::Skipped(why);
    }
    if looks_like_metrics(&head) {
        return read_document(head, rest, |text| scan_metrics(catalog, text).map_err(|e| e.to_string()));
    }
    if looks_like_matrix(&head) {
        return read_document(head, rest, |text| scan_matrix(catalog, text, hint).map_err(|e| e.to_string()));
    }
    let mut scanner = FileScanner::new(catalog, hint);
    scanner.feed(&head);
    progress.0.fetch_add(head.len() as u64, Ordering::Relaxed);
    let mut block = vec![0; BLOCK];
    let mut error = None;
    loop {
        match rest.read(&mut block) {
            Ok(0) => break,
            Ok(n) => {
                scanner.feed(&block[..n]);
                progress.0.fetch_add(n as u64, Ordering::Relaxed);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => {
                error = Some(Saying::of("reading-ended-early").fill("error", in_words(&e)));
                break;
            }
        }
    }
    let mut tally = scanner.finish();
    tally.error = error;
    Reading::Scanned(Box::new(tally))
}

fn read_document(mut text: Vec<u8>, rest: Box<dyn Read>, scan: impl Fn(&[u8]) -> Result<FileTally, String>) -> Reading {
    if let Err(e) = rest.take(MAX_DOCUMENT).read_to_end(&mut text) {
        return Reading::Skipped(Saying::of("skip-not-read-to-end").fill("error", in_words(&e)));
    }
    match scan(&text) {
        Ok(tally) => Reading::Scanned(Box::new(tally)),
        Err(because) => Reading::Skipped(because.into()),
    }
}

/// Why this is no text, where it is none.
pub(crate) fn no_text(head: &[u8]) -> Option<Saying> {
    let look = &head[..head.len().min(8192)];
    let odd = look.iter().filter(|b| **b == 0 || (**b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x1b | 0x0c))).count();
    // A torn write leaves a run of NULs in a log; a picture has control bytes everywhere.
    let nul_run = look.split(|b| *b != 0).filter(|r| r.len() >= 16).map(<[u8]>::len).sum::<usize>();
    (odd.saturating_sub(nul_run) * 20 > look.len()).then(|| Saying::of("skip-no-text"))
}
