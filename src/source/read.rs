//! Reading one input: decompression, what kind of content it is, and the scan of it in blocks.

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::UNIX_EPOCH;

use super::bounds::{EXPANSION, Steady, capped, in_words};
use super::part::{Wanted, lines_before};
use super::pieces::Pieces;
use super::text::{AsUtf8, Written, fill, written};
use super::{Input, Place};
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::cloudwatch::{looks_like_metrics, scan_metrics};
use crate::parser::matrix::{looks_like_matrix, scan_matrix};
use crate::parser::scan::scan_pieces;
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;

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

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// An archive may unpack to so many times its size.
    pub expansion: u64,
    /// The stretch of time that is asked for.
    pub wanted: Wanted,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { expansion: EXPANSION, wanted: Wanted::default() }
    }
}

/// Reads an input from begin to end. Never fails: what could not be read is said in the result.
pub fn scan(catalog: &Catalog, input: &Input, now: YearHint, progress: &Progress) -> Reading {
    scan_within(catalog, input, now, progress, &Bounds::default())
}

/// As [`scan`], within bounds.
pub fn scan_within(catalog: &Catalog, input: &Input, now: YearHint, progress: &Progress, bounds: &Bounds) -> Reading {
    let raw: Box<dyn Read + Send> = match &input.place {
        Place::Stdin => Box::new(io::stdin()),
        Place::Memory(bytes) => Box::new(io::Cursor::new(bytes.clone())),
        Place::File(path) => return scan_file(catalog, path, now, progress, bounds),
    };
    match open(raw, bounds.expansion).and_then(decode) {
        Err(e) => not_read(&e),
        Ok((head, rest)) => scan_content(catalog, head, rest, now, progress),
    }
}

fn not_read(e: &io::Error) -> Reading {
    Reading::Skipped(Saying::of("skip-not-read").fill("error", in_words(e)))
}

fn scan_file(catalog: &Catalog, path: &Path, now: YearHint, progress: &Progress, bounds: &Bounds) -> Reading {
    let mut file = match File::open(path) {
        Err(e) => return Reading::Skipped(Saying::with("skip-not-opened", &[("error", &e.to_string())])),
        Ok(file) => file,
    };
    let about = file.metadata().ok();
    let written = about.as_ref().and_then(|m| m.modified().ok()).and_then(|m| m.duration_since(UNIX_EPOCH).ok());
    let hint = written.map_or(now, |d| YearHint(d.as_millis() as i64));
    let size = about.map_or(0, |m| m.len());
    if let Some(part) = bounds.wanted.part(&mut file, catalog, hint) {
        let left_out = size - (part.end - part.start);
        if let Ok(tally) = scan_part(catalog, &mut file, part, hint, progress) {
            return Reading::Scanned(Box::new(FileTally { left_out, ..tally }));
        }
    }
    match open(Box::new(Steady::new(file)), bounds.expansion).and_then(decode) {
        Err(e) => not_read(&e),
        Ok((head, _)) if bounds.wanted.excludes(catalog, hint, &head, written.map(|d| d.as_secs() as i64), size) => {
            Reading::Skipped(Saying::of("skip-outside"))
        }
        Ok((head, rest)) => scan_content(catalog, head, rest, hint, progress),
    }
}

/// Scans a part of a log, whose lines keep the numbers that they have in the whole.
fn scan_part(catalog: &Catalog, file: &mut File, part: Range<u64>, hint: YearHint, progress: &Progress) -> io::Result<FileTally> {
    let before = lines_before(file, part.start)?;
    let part = Steady::part(file.try_clone()?, part)?;
    let mut tally = scan_lines(catalog, Vec::new(), Box::new(part), hint, progress);
    tally.number_on(before);
    Ok(tally)
}

/// Looks at the first bytes and puts a decompressor in front where they ask for one.
fn open(mut raw: Box<dyn Read + Send>, expansion: u64) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut magic = [0u8; 4];
    let n = read_full(&mut raw, &mut magic)?;
    let whole: Box<dyn Read + Send> = Box::new(io::Cursor::new(magic[..n].to_vec()).chain(raw));
    let mut plain: Box<dyn Read + Send> = match &magic[..n] {
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
fn decode((head, rest): (Vec<u8>, Box<dyn Read + Send>)) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
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

fn scan_content(catalog: &Catalog, head: Vec<u8>, rest: Box<dyn Read + Send>, hint: YearHint, progress: &Progress) -> Reading {
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
    Reading::Scanned(Box::new(scan_lines(catalog, head, rest, hint, progress)))
}

fn scan_lines(catalog: &Catalog, head: Vec<u8>, rest: Box<dyn Read + Send>, hint: YearHint, progress: &Progress) -> FileTally {
    let mut pieces = Pieces::new(head, rest, progress);
    let mut tally = scan_pieces(catalog, hint, |done| pieces.next(done));
    tally.error = pieces.error;
    tally
}

/// Whether what begins so is one document, not lines.
pub(super) fn is_document(head: &[u8]) -> bool {
    looks_like_metrics(head) || looks_like_matrix(head)
}

fn read_document(mut text: Vec<u8>, rest: Box<dyn Read + Send>, scan: impl Fn(&[u8]) -> Result<FileTally, String>) -> Reading {
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
    (odd.saturating_sub(nul_run) * 20 > look.len() && !has_lines(look)).then(|| Saying::of("skip-no-text"))
}

/// Whether most lines begin as somebody's lines do. What strangers can put into a log stands further back, so that they cannot make it pass for
/// a picture.
fn has_lines(look: &[u8]) -> bool {
    let plain = |l: &&[u8]| l.iter().take(12).all(|b| (0x20..0x7f).contains(b));
    let lines = || look.split(|b| *b == b'\n').filter(|l| l.len() >= 12);
    let (all, plain) = (lines().count(), lines().filter(plain).count());
    all >= 3 && plain * 2 > all
}
