//! The spool folder beside the database: what couriers and the watch tell each other across deaths.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::output::write_whole;

/// The files of one delivery.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
    name: String,
}

/// All extensions; the one that makes a delivery wanted goes first when they are cleared.
const PARTS: [&str; 5] = ["wanted", "begun", "output", "done", "lock"];

impl Spool {
    /// The files of a delivery of this name.
    pub fn new(folder: &Path, name: &str) -> Self {
        Spool { folder: folder.to_owned(), name: name.to_owned() }
    }

    /// The folder that belongs to a database.
    pub fn folder_of(state: &Path) -> PathBuf {
        let mut name = state.file_name().unwrap_or_default().to_owned();
        name.push(".spool");
        state.with_file_name(name)
    }

    /// Where a command's output goes.
    pub fn output(&self) -> PathBuf {
        self.part("output")
    }

    fn part(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// Says that the delivery is wanted.
    ///
    /// # Errors
    /// The folder cannot be made or written.
    pub fn want(&self) -> io::Result<()> {
        make_private(&self.folder)?;
        if self.is_wanted() { Ok(()) } else { write_whole(&self.part("wanted"), b"") }
    }

    /// Whether it is.
    pub fn is_wanted(&self) -> bool {
        self.part("wanted").exists()
    }

    /// Whether the receiver accepted.
    pub fn is_done(&self) -> bool {
        self.part("done").exists()
    }

    /// Whether an attempt began of which nobody knows how it ended.
    pub fn has_begun(&self) -> bool {
        self.part("begun").exists()
    }

    /// Notes that an attempt begins.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(&self) -> io::Result<()> {
        write_whole(&self.part("begun"), b"")
    }

    /// Notes that the attempt did not arrive.
    pub fn unbegin(&self) {
        let _ = fs::remove_file(self.part("begun"));
    }

    /// The receipt.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn finish(&self) -> io::Result<()> {
        write_whole(&self.part("done"), b"")
    }

    /// Waits for the lock; it is held until the file is dropped, or the process ends in whatever way.
    ///
    /// # Errors
    /// The file cannot be made, or another courier holds it for too long.
    pub async fn lock(&self, patience: Duration) -> io::Result<File> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.part("lock"))?;
        let begin = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(e)) => return Err(e),
                Err(TryLockError::WouldBlock) if begin.elapsed() > patience => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "another courier is still at work on this notification"));
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Clears the files of a delivery that the database no longer holds.
    pub fn clear(&self) {
        for part in PARTS {
            let _ = fs::remove_file(self.part(part));
        }
    }

    /// Clears what belongs to no delivery that is still to be made.
    pub fn sweep(folder: &Path, wanted: &[String]) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut names: Vec<String> =
            entries.filter_map(|e| e.ok()?.file_name().to_str()?.rsplit_once('.').map(|(n, _)| n.to_owned())).collect();
        names.sort();
        names.dedup();
        for name in names.iter().filter(|n| !wanted.contains(n)) {
            Spool::new(folder, name).clear();
        }
    }
}

/// Notifications tell of servers and sockets: the folder is for the watch's own user.
fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
