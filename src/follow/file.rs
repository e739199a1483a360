//! One growing file: where it was read up to, and the scanner that has read it.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::cloudwatch::looks_like_metrics;
use crate::parser::matrix::looks_like_matrix;
use crate::parser::scan::FileScanner;
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;
use crate::scanned::ScannedFile;
use crate::source::is_utf16;
use crate::source::read::no_text;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;

/// Bytes of one file that are read in one turn, so that the others get theirs.
const TURN: u64 = 32 << 20;

/// So many first bytes tell a file from another that has taken its place.
const HEAD: usize = 1024;

/// A file as the system tells it from others, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId(u64, u64);

/// What a turn of reading came to.
pub enum Read {
    /// So many bytes were added.
    More(u64),
    /// It is shorter than before, or begins otherwise.
    Truncated,
}

/// A file that is followed.
pub struct Growing<'c> {
    /// How reports call it.
    pub name: String,
    /// Where it lies, as far as is known.
    pub path: PathBuf,
    /// What the system calls it.
    pub id: FileId,
    /// Its lines so far.
    pub scanner: FileScanner<'c>,
    /// Why it is not read, where it is not.
    pub refused: Option<Saying>,
    /// Some argument still leads to it.
    pub seen: bool,
    /// When it last grew.
    pub grew: Instant,
    /// Its first bytes.
    pub head: Vec<u8>,
    file: File,
    read_to: u64,
    lines_before: u64,
    /// Size at the last look: a file that was not written needs no second look at its head.
    size: u64,
}

impl<'c> Growing<'c> {
    /// Opens a file and goes to the first line within `begin_with` bytes of its end.
    pub fn open(catalog: &'c Catalog, hint: YearHint, name: &str, path: &Path, begin_with: u64) -> io::Result<Self> {
        if !path.metadata()?.is_file() {
            return Err(io::Error::other("it is a pipe; give it on standard input, to `fivexx follow -`"));
        }
        let file = File::open(path)?;
        let meta = file.metadata()?;
        let mut growing = Growing {
            name: name.to_owned(),
            path: path.to_owned(),
            id: id(&meta, path),
            scanner: FileScanner::new(catalog, hint),
            refused: None,
            seen: true,
            grew: Instant::now(),
            head: Vec::new(),
            file,
            read_to: 0,
            lines_before: 0,
            size: 0,
        };
        if meta.len() > begin_with {
            growing.skip(meta.len() - begin_with)?;
        }
        Ok(growing)
    }

    /// Goes on with a file that holds what another held when it was read up to `read_to`: the copy that a rotation made of it.
    pub fn continued_in(self, name: &str, path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let meta = file.metadata()?;
        file.seek(SeekFrom::Start(self.read_to))?;
        Ok(Growing { name: name.to_owned(), path: path.to_owned(), id: id(&meta, path), file, seen: true, ..self })
    }

    /// Reads what was added, up to a share.
    pub fn read(&mut self) -> io::Result<Read> {
        let size = self.file.metadata()?.len();
        if self.refused.is_some() || (size == self.size && size == self.read_to) {
            return Ok(Read::More(0));
        }
        self.size = size;
        if size < self.read_to || !self.begins_as_before()? {
            return Ok(Read::Truncated);
        }
        let mut block = vec![0; BLOCK];
        let mut came = 0;
        while came < TURN {
            let n = match self.file.read(&mut block) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if self.read_to < HEAD as u64 {
                let room = HEAD.saturating_sub(self.head.len()).min(n);
                self.head.extend_from_slice(&block[..room]);
                self.refused = why_not(&block[..n], self.read_to);
            }
            if self.refused.is_some() {
                return Ok(Read::More(0));
            }
            self.scanner.feed(&block[..n]);
            self.read_to += n as u64;
            came += n as u64;
        }
        if came > 0 {
            self.grew = Instant::now();
        }
        Ok(Read::More(came))
    }

    /// The tally so far, with line numbers as they are in the file.
    pub fn scanned(&self) -> ScannedFile {
        let tally = numbered(self.scanner.so_far(), self.lines_before);
        ScannedFile { path: self.name.clone(), tally }
    }

    /// Forgets all that was read; the next lines get their right numbers.
    pub fn begin_anew(&mut self, catalog: &'c Catalog, hint: YearHint) {
        self.lines_before += self.scanner.lines();
        self.scanner = FileScanner::new(catalog, hint);
    }

    /// The tally of a file to which nothing more is added.
    pub fn into_ended(self) -> FileTally {
        numbered(self.scanner.finish(), self.lines_before)
    }

    /// Whether another file begins as this one does, and holds all that was read of it.
    pub fn is_held_by(&self, path: &Path) -> bool {
        let Ok(meta) = path.metadata() else { return false };
        !self.head.is_empty() && meta.is_file() && meta.len() >= self.read_to && begins_with(path, &self.head)
    }

    fn begins_as_before(&mut self) -> io::Result<bool> {
        let mut now = vec![0; self.head.len()];
        self.file.seek(SeekFrom::Start(0))?;
        let same = match self.file.read_exact(&mut now) {
            Ok(()) => now == self.head,
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => false,
            Err(e) => return Err(e),
        };
        self.file.seek(SeekFrom::Start(self.read_to))?;
        Ok(same)
    }

    /// Leaves out the first bytes, up to the end of the line that they end in, and counts their lines.
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let mut block = vec![0; BLOCK];
        loop {
            let n = self.file.read(&mut block)?;
            let room = HEAD.saturating_sub(self.head.len()).min(n);
            self.head.extend_from_slice(&block[..room]);
            let beyond = (self.read_to + n as u64).saturating_sub(bytes);
            let from = n.saturating_sub(usize::try_from(beyond).unwrap_or(n));
            let end = (beyond > 0).then(|| memchr::memchr(b'\n', &block[from..n])).flatten().map(|at| from + at + 1);
            let to = end.unwrap_or(n);
            self.lines_before += memchr::memchr_iter(b'\n', &block[..to]).count() as u64;
            self.read_to += to as u64;
            if end.is_some() || n == 0 {
                self.file.seek(SeekFrom::Start(self.read_to))?;
                return Ok(());
            }
        }
    }
}

/// Whether a file begins with these bytes.
pub fn begins_with(path: &Path, head: &[u8]) -> bool {
    let mut begin = vec![0; head.len()];
    File::open(path).and_then(|mut f| f.read_exact(&mut begin)).is_ok() && begin == head
}

/// What the system calls the file at a path.
pub fn id_of(path: &Path) -> io::Result<FileId> {
    Ok(id(&path.metadata()?, path))
}

#[cfg(unix)]
fn id(meta: &Metadata, _: &Path) -> FileId {
    use std::os::unix::fs::MetadataExt;
    FileId(meta.dev(), meta.ino())
}

/// Elsewhere a file is known by its path; a rotation by renaming then looks like a truncation, which loses nothing that was read.
#[cfg(not(unix))]
fn id(_: &Metadata, path: &Path) -> FileId {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    FileId(0, hasher.finish())
}

/// Why a file is not followed, by its first bytes.
fn why_not(block: &[u8], at: u64) -> Option<Saying> {
    if at > 0 {
        return None;
    }
    if block.starts_with(&[0x1f, 0x8b]) || block.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Some(Saying::of("skip-compressed"));
    }
    if looks_like_metrics(block) || looks_like_matrix(block) {
        return Some(Saying::of("skip-saved-answer"));
    }
    if is_utf16(block) {
        return Some(Saying::of("skip-utf16"));
    }
    no_text(block)
}

/// Line numbers of what is quoted, where the first lines of the file were left out.
fn numbered(mut tally: FileTally, before: u64) -> FileTally {
    if before > 0 {
        tally.unmatched_examples.iter_mut().for_each(|(line, _)| *line += before);
        let signals = tally.sources.iter_mut().flat_map(|s| s.signals.values_mut());
        signals.flat_map(|t| &mut t.examples).for_each(|e| e.line += before);
    }
    tally
}
