//! Files that are written whole or not at all: beside their place first, then in it. A reader finds the old one or the new one; a run that is
//! killed, a full disk or a power cut leaves the old one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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

/// What is half-written now, so that an interrupted run can take it away.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Writes a file that nobody else writes at the same time. What a killed run leaves behind, the next one writes over.
///
/// # Errors
/// The file cannot be written; what was there before is as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = place_of(path);
    let part = part_of(&path, "");
    put(&path, &part, |mut out| out.write_all(bytes))
}

/// Writes a file that other runs may write at the same time: the last one wins, and each is whole. What is no file (a terminal, a pipe) is
/// written to.
///
/// # Errors
/// The file cannot be written; what was there before is as it was.
pub fn write_report(path: &Path, bytes: &[u8]) -> Result<(), NotWritten> {
    write_report_with(path, |mut out| out.write_all(bytes))
}

/// As [`write_report`], for what is too large to be held as bytes first.
///
/// # Errors
/// The file cannot be written, or `write` fails; what was there before is as it was.
pub fn write_report_with(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> Result<(), NotWritten> {
    let not_written = |because| NotWritten { place: path.display().to_string(), because };
    if path.is_dir() {
        return Err(not_written(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if path.exists() && !path.is_file() {
        return File::create(path).and_then(|out| write(&out)).map_err(not_written);
    }
    let path = place_of(path);
    let part = part_of(&path, &format!(".{}", std::process::id()));
    put(&path, &part, write).map_err(not_written)
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
    let mut out = io::stdout().lock();
    let written = write(&mut out).and_then(|()| out.flush());
    written.map_err(|because| NotWritten { place: "standard output".to_owned(), because })
}

/// Takes away what is half-written, for a run that ends now.
pub fn abandon() {
    // An interrupted writer may hold the lock; whoever ends does not wait for it.
    if let Ok(mut unfinished) = UNFINISHED.try_lock()
        && let Some(part) = unfinished.take()
    {
        let _ = fs::remove_file(part);
    }
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

fn put(path: &Path, part: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let note = |now: Option<PathBuf>| *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = now;
    note(Some(part.to_owned()));
    let written = fill(path, part, write).and_then(|()| fs::rename(part, path));
    if written.is_err() {
        let _ = fs::remove_file(part);
    }
    note(None);
    written?;
    sync_folder(path)
}

fn fill(path: &Path, part: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let file = File::create(part)?;
    // Whoever may not read the old one may not read the new one.
    if let Ok(old) = path.metadata() {
        file.set_permissions(old.permissions())?;
    }
    write(&file)?;
    file.sync_all()
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
