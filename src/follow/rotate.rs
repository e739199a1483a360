//! Rotation: a log renamed away, copied and truncated, or deleted. What was read of it is kept, under the name that it now has.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::file::{self, FileId, Growing};
use super::{Ended, Follower};

/// A server goes on writing to a log that was renamed until it is told to open the new one.
const LINGER: Duration = Duration::from_secs(60);

impl Follower<'_> {
    /// Whether a file was read already: it has ended, or it is the copy that a rotation makes before it truncates.
    pub(super) fn is_known(&self, path: &Path, id: FileId) -> bool {
        let ended = |e: &Ended| e.file.as_ref().is_some_and(|(i, head)| *i == id && file::begins_with(path, head));
        self.ended.iter().any(ended) || self.growing.iter().any(|g| is_rotation_of(path, &g.path) && g.is_held_by(path))
    }

    /// Ends a file that was truncated and begins it anew. Where its copy lies beside it, the rest of that is read from there.
    pub(super) fn truncated(&mut self, i: usize) -> u64 {
        let (name, path) = (self.growing[i].name.clone(), self.growing[i].path.clone());
        let anew = match Growing::open(self.catalog, self.hint, &name, &path, u64::MAX) {
            Ok(g) => g,
            Err(e) => return self.unreadable(i, &e),
        };
        let before = std::mem::replace(&mut self.growing[i], anew);
        let mut came = 0;
        match copy_of(&before) {
            Some(copy) => {
                let called = sibling(&name, &copy);
                if let Ok(mut copy) = before.continued_in(&called, &copy) {
                    if let Ok(file::Read::More(n)) = copy.read() {
                        came += n;
                    }
                    self.end(copy);
                }
            }
            None => {
                let mut before = before;
                before.name = format!("{name} (before it was truncated)");
                self.end(before);
            }
        }
        came += match self.growing[i].read() {
            Ok(file::Read::More(n)) => n,
            _ => 0,
        };
        came
    }

    /// Files that no argument leads to any more: they get the name that they now have, and end when they stop growing.
    pub(super) fn let_go(&mut self) {
        for g in self.growing.iter_mut().filter(|g| !g.seen && g.refused.is_none()) {
            if let Some(now) = renamed_to(g) {
                g.name = sibling(&g.name, &now);
                g.path = now;
            } else if !g.name.ends_with(')') {
                g.name.push_str(" (rotated away)");
            }
        }
        let done = |g: &Growing<'_>| !g.seen && g.grew.elapsed() > LINGER;
        let mut i = 0;
        while i < self.growing.len() {
            if done(&self.growing[i]) {
                let gone = self.growing.remove(i);
                self.end(gone);
            } else {
                i += 1;
            }
        }
    }

    fn end(&mut self, file: Growing<'_>) {
        let (name, id, head) = (file.name.clone(), file.id, file.head.clone());
        self.ended.push(Ended { name, tally: file.into_ended(), at: Instant::now(), file: Some((id, head)) });
    }
}

/// Whether a file's name is another's with something behind it, in the same folder: `error.log.1`, `error.log-20261121`.
fn is_rotation_of(path: &Path, of: &Path) -> bool {
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    path.parent() == of.parent() && path != of && name(path).starts_with(&name(of))
}

/// The copy that a rotation made of a file before it truncated it.
fn copy_of(file: &Growing<'_>) -> Option<PathBuf> {
    beside(&file.path).find(|p| is_rotation_of(p, &file.path) && file.is_held_by(p))
}

/// Where a file lies now, by what the system calls it.
fn renamed_to(file: &Growing<'_>) -> Option<PathBuf> {
    beside(&file.path).find(|p| file::id_of(p).is_ok_and(|id| id == file.id))
}

fn beside(path: &Path) -> impl Iterator<Item = PathBuf> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // `./error.log` is called `error.log` where the folder was not named.
    let bare = path.parent().is_none_or(|p| p.as_os_str().is_empty());
    let entries = folder.read_dir().into_iter().flatten().filter_map(Result::ok);
    entries.map(move |e| if bare { PathBuf::from(e.file_name()) } else { e.path() })
}

/// How reports call a file that lies beside another.
fn sibling(name: &str, now: &Path) -> String {
    let file = now.file_name().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{file}"),
        None => file.into_owned(),
    }
}
