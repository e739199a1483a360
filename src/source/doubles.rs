//! One file under several names (named twice, linked, a folder and a file in it) is read once: each of its lines happened once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Found, Place, Skipped};
use crate::lang::Saying;

/// What makes a file itself.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    #[cfg(unix)]
    Inode(u64, u64),
    Path(PathBuf),
}

fn identity(path: &Path) -> Identity {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let Ok(meta) = path.metadata() {
            return Identity::Inode(meta.dev(), meta.ino());
        }
    }
    Identity::Path(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
}

/// Keeps each file under the name that sorts first, whatever order the arguments came in, and says what the others were.
pub(super) fn drop_doubles(found: &mut Found) {
    let mut stdin = false;
    let mut first: HashMap<Identity, usize> = HashMap::new();
    let mut keep = vec![true; found.inputs.len()];
    for (i, input) in found.inputs.iter().enumerate() {
        match &input.place {
            Place::Stdin => keep[i] = !std::mem::replace(&mut stdin, true),
            Place::Memory(_) => {}
            Place::File(path) => {
                let other = first.entry(identity(path)).or_insert(i);
                if *other == i {
                    continue;
                }
                let key = |n: usize| (!is_plain(&found.inputs[n].place), &found.inputs[n].name, place(&found.inputs[n].place));
                let (kept, dropped) = if key(i) < key(*other) { (i, *other) } else { (*other, i) };
                *other = kept;
                keep[dropped] = false;
                // The very same path, given twice, is no news.
                if place(&found.inputs[kept].place) != place(&found.inputs[dropped].place) {
                    let because = Saying::with("skip-same-file", &[("path", &found.inputs[kept].name)]);
                    found.skipped.push(Skipped { name: found.inputs[dropped].name.clone(), because });
                }
            }
        }
    }
    let mut keep = keep.into_iter();
    found.inputs.retain(|_| keep.next().unwrap_or(true));
}

fn place(place: &Place) -> Option<&Path> {
    match place {
        Place::File(path) => Some(path),
        Place::Stdin | Place::Memory(_) => None,
    }
}

/// A name of its own, not a link to another.
fn is_plain(of: &Place) -> bool {
    place(of).is_some_and(|p| p.symlink_metadata().is_ok_and(|m| !m.is_symlink()))
}
