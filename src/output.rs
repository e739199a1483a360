//! Files that are written whole or not at all: beside their place first, then in it. A reader finds the old one or the new one; a run that is
//! killed, a full disk or a power cut leaves the old one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why there is no report: the analysis went well, its result could not be put where it was wanted.
#[derive(Debug, thiserror::Error)]
#[error("{place} cannot be written")]
pub struct NotWritten {
    /// Where it was to go.
    pub place: String,
    /// What the system said.
    #[source]
    pub because: io::Error,
}

/// What is being written.
struct Desk {
    /// What is half-written now, so that an interrupted run can take it away.
    unfinished: Option<PathBuf>,
    /// Something was put in its place.
    placed: bool,
}

/// Held while a file comes into being or gets its name, so that whoever ends the run finds it before or after that.
static DESK: Mutex<Desk> = Mutex::new(Desk { unfinished: None, placed: false });

/// How long the end of a run waits for a writer, in hundredths of a second: a dead disk must not keep it from ending.
const LAST_WAIT: u32 = 100;

/// Writes a file that nobody else writes at the same time. What a killed run leaves behind, the next one writes over.
///
/// # Errors
/// The file cannot be written; what was there before is as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = place_of(path);
    let part = part_of(&path, "");
    put(&path, &part, |out| out.write_all(bytes))
}

/// Writes a file that other runs may write at the same time: the last one wins, and each is whole. What is no file (a terminal, a pipe) is
/// written to.
///
/// # Errors
/// The file cannot be written; what was there before is as it was.
pub fn write_report(path: &Path, bytes: &[u8]) -> Result<(), NotWritten> {
    write_report_with(path, |out| out.write_all(bytes))
}

/// As [`write_report`], for what is too large to be held as bytes first.
///
/// # Errors
/// The file cannot be written, or `write` fails; what was there before is as it was.
pub fn write_report_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), NotWritten> {
    let not_written = |because| NotWritten { place: path.display().to_string(), because };
    if path.is_dir() {
        return Err(not_written(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if path.exists() && !path.is_file() {
        return File::create(path).and_then(|out| Noted::write(out, write)).map_err(not_written);
    }
    let path = place_of(path);
    let part = part_of(&path, &format!(".{}", std::process::id()));
    put(&path, &part, write).map_err(not_written)
}

/// Says a line on standard error. Where that is full or gone nobody can be told, and that is no reason to fall: `eprintln!` would.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Standard output, for what is written line by line: its errors are known for what they are, see [`refused`].
#[derive(Debug)]
pub struct Out(io::StdoutLock<'static>);

/// Standard output.
pub fn out() -> Out {
    Out(io::stdout().lock())
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(Out::not_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(Out::not_written)
    }
}

impl Out {
    fn not_written(because: io::Error) -> io::Error {
        io::Error::new(because.kind(), NotWritten { place: "standard output".to_owned(), because })
    }
}

/// Whether an error says that what was wanted could not be written.
pub fn refused(e: &(dyn std::error::Error + 'static)) -> bool {
    let inside = e.downcast_ref::<io::Error>().and_then(|e| e.get_ref());
    e.is::<NotWritten>() || inside.is_some_and(|e| e.is::<NotWritten>())
}

/// Keeps in mind why a write failed: encoders between the data and the file have words of their own for it, which help nobody.
struct Noted<W> {
    inner: W,
    because: Option<io::Error>,
}

impl<W: Write> Noted<W> {
    /// Lets `write` write, and empties what is buffered.
    fn write(inner: W, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut noted = Noted { inner, because: None };
        let written = write(&mut noted).and_then(|()| noted.flush());
        written.map_err(|e| noted.because.take().unwrap_or(e))
    }

    fn note<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        if let Err(e) = &done
            && e.kind() != io::ErrorKind::Interrupted
        {
            let copy = e.raw_os_error().map_or_else(|| io::Error::new(e.kind(), e.to_string()), io::Error::from_raw_os_error);
            self.because.get_or_insert(copy);
        }
        done
    }
}

impl<W: Write> Write for Noted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.inner.write(bytes);
        self.note(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.inner.flush();
        self.note(done)
    }
}

/// Writes to standard output.
///
/// # Errors
/// It is closed, or what it leads to is full.
pub fn write_out(bytes: &[u8]) -> Result<(), NotWritten> {
    write_out_with(|out| out.write_all(bytes))
}

/// As [`write_out`], for what is too large to be held as bytes first.
///
/// # Errors
/// As [`write_out`], or `write` fails.
pub fn write_out_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), NotWritten> {
    let written = Noted::write(io::stdout().lock(), write);
    written.map_err(|because| NotWritten { place: "standard output".to_owned(), because })
}

/// Takes away what is half-written, for a run that ends now, and lets nothing more be written. Gives whether something was written whole.
pub fn abandon() -> bool {
    for _ in 0..LAST_WAIT {
        if let Ok(mut desk) = DESK.try_lock() {
            if let Some(part) = desk.unfinished.take() {
                let _ = fs::remove_file(part);
            }
            let placed = desk.placed;
            // Never let go of: another file would only be half-written when the run ends.
            std::mem::forget(desk);
            return placed;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    false
}

/// Where a link leads: the file is replaced, not the link.
fn place_of(path: &Path) -> PathBuf {
    let linked = path.symlink_metadata().is_ok_and(|m| m.is_symlink());
    linked.then(|| path.canonicalize().ok()).flatten().unwrap_or_else(|| path.to_owned())
}

fn part_of(path: &Path, whose: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!("{whose}.part"));
    path.with_file_name(name)
}

fn put(path: &Path, part: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let written = begin(part).and_then(|file| fill(path, &file, write)).and_then(|()| place(part, path));
    if written.is_err() {
        let _ = fs::remove_file(part);
        desk().unfinished = None;
    }
    written?;
    sync_folder(path)
}

fn desk() -> MutexGuard<'static, Desk> {
    DESK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin(part: &Path) -> io::Result<File> {
    let mut desk = desk();
    desk.unfinished = Some(part.to_owned());
    File::create(part)
}

fn fill(path: &Path, file: &File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Whoever may not read the old one may not read the new one.
    if let Ok(old) = path.metadata() {
        file.set_permissions(old.permissions())?;
    }
    Noted::write(file, write)?;
    file.sync_all()
}

fn place(part: &Path, path: &Path) -> io::Result<()> {
    let mut desk = desk();
    fs::rename(part, path)?;
    *desk = Desk { unfinished: None, placed: true };
    Ok(())
}

/// So that the new name, too, outlives a power cut.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(folder).and_then(|f| f.sync_all()) {
        // Some file systems cannot, and a folder may be writable and not readable: the file is there all the same.
        Err(e)
            if !matches!(
                e.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            Err(e)
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
