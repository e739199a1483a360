//! Readers that keep a file from being more than it says: one that grows or shrinks under the reader, and an archive that unpacks without end.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::lang::{Saying, thousands};

/// An archive may unpack to so much whatever its size: logs of nothing but health checks pack well.
const FREE: u64 = 256 << 20;

/// How many times its size an archive may unpack to, beyond what is free. Logs pack to a tenth or a fiftieth; deflate can do a thousandth.
pub const EXPANSION: u64 = 300;

/// A bound that was hit, on its way through readers that know nothing but errors of the system.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Hit(Saying);

/// Why reading failed: in the reader's language where it was a bound, else in the system's own words.
pub(super) fn in_words(e: &io::Error) -> Saying {
    match e.get_ref().and_then(|e| e.downcast_ref::<Hit>()) {
        Some(Hit(saying)) => saying.clone(),
        None => e.to_string().into(),
    }
}

/// A file of this machine, up to the length that it had when it was opened: a log that is written faster than it is read would have no end.
pub(super) struct Steady {
    file: File,
    length: u64,
    done: u64,
}

impl Steady {
    /// Files of the kernel's say that they are empty and are not; those are read as they come.
    pub fn new(file: File) -> Self {
        let length = file.metadata().ok().filter(|m| m.is_file() && m.len() > 0).map_or(u64::MAX, |m| m.len());
        Steady { file, length, done: 0 }
    }

    /// A part of a file, in bytes.
    ///
    /// # Errors
    /// The file cannot be entered there.
    pub fn part(mut file: File, part: Range<u64>) -> io::Result<Self> {
        file.seek(SeekFrom::Start(part.start))?;
        Ok(Steady { file, length: part.end, done: part.start })
    }
}

impl Read for Steady {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.done).unwrap_or(usize::MAX).min(buf.len());
        let n = self.file.read(&mut buf[..left])?;
        self.done += n as u64;
        if n == 0 && left > 0 && self.length < u64::MAX {
            let (had, was) = (self.done.to_string(), self.length.to_string());
            return Err(io::Error::other(Hit(Saying::with("shorter-while-read", &[("had", &had), ("was", &was)]))));
        }
        Ok(n)
    }
}

/// Counts what passes.
pub(super) struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// What comes out of an archive, until it is too much for what went in.
pub(super) struct Capped<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    unpacked: u64,
    free: u64,
    expansion: u64,
}

/// Puts a decompressor between the two ends of a limit.
pub(super) fn capped<P: Read, U: Read>(
    packed: P,
    expansion: u64,
    unpack: impl FnOnce(Counted<P>) -> io::Result<U>,
) -> io::Result<Capped<U>> {
    let bytes = Arc::new(AtomicU64::new(0));
    let inner = unpack(Counted { inner: packed, bytes: Arc::clone(&bytes) })?;
    // Who lowers the limit means all of it.
    let free = if expansion < EXPANSION { 1 << 20 } else { FREE };
    Ok(Capped { inner, packed: bytes, unpacked: 0, free, expansion })
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let packed = self.packed.load(Ordering::Relaxed);
        if self.unpacked > self.free.max(packed.saturating_mul(self.expansion)) {
            let [times, unpacked, packed] = [self.expansion, self.unpacked >> 20, packed.div_ceil(1024)].map(thousands);
            let values = [("times", &*times), ("unpacked", &unpacked), ("packed", &packed)];
            return Err(io::Error::other(Hit(Saying::with("unpacks-too-far", &values))));
        }
        let n = self.inner.read(buf)?;
        self.unpacked += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_is_read_as_long_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let mut steady = Steady::new(File::open(&path).unwrap());
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"three\n").unwrap();
        let mut text = String::new();
        steady.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo\n");
    }

    #[test]
    fn a_file_that_shrinks_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let mut steady = Steady::new(File::open(&path).unwrap());
        let mut first = [0; 4];
        steady.read_exact(&mut first).unwrap();
        File::create(&path).unwrap();
        let said = steady.read_to_string(&mut String::new()).unwrap_err().to_string();
        assert!(said.contains("shorter") && said.contains("4 of 8"), "{said}");
    }

    #[test]
    fn an_archive_without_end_is_stopped() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![b'\n'; 8 << 20]).unwrap();
        let packed = packed.finish().unwrap();
        let unpack = |expansion| {
            let mut all = Vec::new();
            let read =
                capped(packed.as_slice(), expansion, |p| Ok(flate2::read::MultiGzDecoder::new(p))).unwrap().read_to_end(&mut all);
            (read, all.len())
        };
        let (read, len) = unpack(100);
        assert!(read.unwrap_err().to_string().contains("--max-expansion"));
        assert!((1 << 20..4 << 20).contains(&len), "{len}");
        assert_eq!(unpack(EXPANSION).1, 8 << 20, "small ones are free");
    }
}
