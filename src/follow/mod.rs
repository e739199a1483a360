//! Following files that grow and rotate: each byte is scanned once, what is old is forgotten, and a verdict can be had at any time.
//!
//! Files are polled, not watched: a log's growth is looked at every second or two anyway, and polling works alike on local disks,
//! network file systems and container mounts, where notifications do not come.

mod file;
mod rotate;
mod stream;
pub mod verdict;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use self::file::Growing;
use self::stream::Stream;
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;
use crate::scanned::{Scan, ScannedFile};
use crate::source::{Found, Place, Skipped, discover};

/// What is followed, and how much of it is kept.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Files, folders, globs, `-`.
    pub paths: Vec<PathBuf>,
    /// What is older than this is forgotten.
    pub keep: Duration,
    /// A file that is longer at first sight is read from so many bytes before its end.
    pub begin_with: u64,
}

/// A log that has ended (rotated away, truncated), as far as it was read.
struct Ended {
    name: String,
    tally: FileTally,
    at: Instant,
    /// To know the file again, should it still lie somewhere.
    file: Option<(file::FileId, Vec<u8>)>,
}

/// Everything that is followed.
pub struct Follower<'c> {
    catalog: &'c Catalog,
    ask: Ask,
    hint: YearHint,
    growing: Vec<Growing<'c>>,
    streams: Vec<Stream<'c>>,
    ended: Vec<Ended>,
    skipped: Vec<Skipped>,
    bytes: u64,
    since: SystemTime,
}

impl<'c> Follower<'c> {
    /// Begins to follow; nothing is read yet. `now` (ms since 1970) stands in for years that lines leave out.
    pub fn new(catalog: &'c Catalog, ask: Ask, now: i64) -> Self {
        let mut follower = Follower {
            catalog,
            hint: YearHint(now),
            growing: Vec::new(),
            streams: Vec::new(),
            ended: Vec::new(),
            skipped: Vec::new(),
            bytes: 0,
            since: SystemTime::now(),
            ask,
        };
        if follower.ask.paths.iter().any(|p| p.as_os_str() == "-") {
            follower.streams.push(Stream::standard_input(catalog, follower.hint));
        }
        follower
    }

    /// Reads what was added since, at most a share of a long file at once. Says how many bytes came; 0 when all is read.
    pub fn poll(&mut self) -> u64 {
        let mut found = discover(&self.files());
        self.look_for_new(&mut found);
        let mut came = 0;
        let mut i = 0;
        while i < self.growing.len() {
            came += self.read(i);
            i += 1;
        }
        self.let_go();
        came += self.streams.iter_mut().map(Stream::take).sum::<u64>();
        self.note_skipped(found);
        self.bytes += came;
        came
    }

    /// Whether nothing more can come: only streams were followed, and all have ended.
    pub fn is_over(&self) -> bool {
        !self.streams.is_empty() && self.files().is_empty() && self.streams.iter().all(Stream::is_over)
    }

    /// Bytes read in all; each byte of a log counts once.
    pub fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// Files and streams that are read.
    pub fn len(&self) -> usize {
        self.growing.iter().filter(|g| g.refused.is_none()).count() + self.streams.len()
    }

    /// Whether nothing is read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets what is older than is to be kept.
    pub fn forget(&mut self) {
        let keep = i64::try_from(self.ask.keep.as_secs()).unwrap_or(i64::MAX / 2);
        for g in &mut self.growing {
            g.scanner.forget(keep);
            if g.grew.elapsed() > self.ask.keep {
                g.begin_anew(self.catalog, self.hint);
            }
        }
        self.streams.iter_mut().for_each(|s| s.scanner.forget(keep));
        let (ended, kept) = (&mut self.ended, self.ask.keep);
        ended.retain(|e| e.at.elapsed() <= kept);
    }

    /// What is not read, and why.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// What all that was read and kept comes to.
    pub fn scan(&self) -> Scan {
        let growing = self.growing.iter().filter(|g| g.refused.is_none()).map(Growing::scanned);
        let ended = self.ended.iter().map(|e| ScannedFile { path: e.name.clone(), tally: e.tally.clone() });
        let streams = self.streams.iter().map(Stream::scanned);
        let files: Vec<ScannedFile> = growing.chain(ended).chain(streams).filter(|f| f.tally.lines > 0).collect();
        Scan::new(self.catalog, files, self.skipped.clone())
    }

    fn files(&self) -> Vec<PathBuf> {
        self.ask.paths.iter().filter(|p| p.as_os_str() != "-").cloned().collect()
    }

    /// A log that was made since is read whole; one that was there may be years long, or was not written for as long.
    fn bytes_at_first_sight(&self, path: &Path) -> Option<u64> {
        let meta = path.metadata().ok()?;
        if meta.created().is_ok_and(|made| made >= self.since) {
            return Some(u64::MAX);
        }
        let still = meta.modified().is_ok_and(|at| at.elapsed().is_ok_and(|e| e > self.ask.keep));
        (!still).then_some(self.ask.begin_with)
    }

    fn note_skipped(&mut self, found: Found) {
        self.skipped = found.skipped;
        let refused = self.growing.iter().filter_map(|g| Some(Skipped { name: g.name.clone(), because: g.refused.clone()? }));
        self.skipped.extend(refused);
    }

    fn look_for_new(&mut self, found: &mut Found) {
        self.growing.iter_mut().for_each(|g| g.seen = false);
        for input in &found.inputs {
            let Place::File(path) = &input.place else { continue };
            let Ok(id) = file::id_of(path) else { continue };
            if let Some(known) = self.growing.iter_mut().find(|g| g.id == id) {
                known.seen = true;
                known.name.clone_from(&input.name);
                known.path.clone_from(path);
                continue;
            }
            if self.is_known(path, id) {
                continue;
            }
            let Some(begin_with) = self.bytes_at_first_sight(path) else {
                let because = Saying::of("skip-not-written");
                found.skipped.push(Skipped { name: input.name.clone(), because });
                continue;
            };
            match Growing::open(self.catalog, self.hint, &input.name, path, begin_with) {
                Ok(file) => self.growing.push(file),
                Err(e) => found.skipped.push(Skipped {
                    name: input.name.clone(),
                    because: Saying::with("skip-not-opened", &[("error", &e.to_string())]),
                }),
            }
        }
    }

    fn read(&mut self, i: usize) -> u64 {
        match self.growing[i].read() {
            Ok(file::Read::More(n)) => n,
            Ok(file::Read::Truncated) => self.truncated(i),
            Err(e) => self.unreadable(i, &e),
        }
    }

    fn unreadable(&mut self, i: usize, e: &io::Error) -> u64 {
        self.growing[i].refused = Some(Saying::with("skip-not-opened", &[("error", &e.to_string())]));
        0
    }
}
