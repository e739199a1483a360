//! Finding and opening what there is: paths, folders, globs, standard input, compressed files.

mod bounds;
mod doubles;
mod near;
mod part;
mod pieces;
pub mod read;
mod text;

pub use bounds::EXPANSION;

pub use near::no_such_file;
pub use part::Wanted;
pub(crate) use text::is_utf16;

use globset::Glob;
use std::collections::BTreeMap;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::WalkDir;

use crate::lang::Saying;

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// How reports call it: its path relative to the argument it came under.
    pub name: String,
    /// Where it is.
    pub place: Place,
}

/// Where an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// What the program brings itself.
    Memory(Arc<[u8]>),
}

/// Something that is not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// How reports call it.
    pub name: String,
    /// Why.
    pub because: Saying,
}

/// What the arguments came to.
#[derive(Debug, Default)]
pub struct Found {
    /// To be read.
    pub inputs: Vec<Input>,
    /// Not to be read.
    pub skipped: Vec<Skipped>,
}

/// Finds the inputs behind the arguments: folders are walked, globs expanded, `-` is standard input.
pub fn discover(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        let text = path.to_string_lossy();
        if text == "-" {
            found.inputs.push(Input { name: "-".to_owned(), place: Place::Stdin });
        } else if path.is_dir() {
            walk(path, path, None, &mut found);
        } else if path.exists() {
            one(path, &mut found);
        } else if text.contains(['*', '?', '[', '{']) {
            expand(&text, &mut found);
        } else {
            found.skipped.push(Skipped { name: text.into_owned(), because: near::no_such_file(path) });
        }
    }
    doubles::drop_doubles(&mut found);
    tell_apart(&mut found.inputs);
    found
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A path named on the command line.
fn one(path: &Path, found: &mut Found) {
    let Ok(meta) = path.metadata() else {
        found.skipped.push(Skipped { name: path.display().to_string(), because: Saying::of("skip-no-look") });
        return;
    };
    if meta.is_file() || is_readable_special(meta.file_type(), path) {
        found.inputs.push(Input { name: file_name(path), place: Place::File(path.to_owned()) });
    } else {
        found.skipped.push(Skipped { name: path.display().to_string(), because: Saying::of("skip-device") });
    }
}

/// Pipes that somebody already writes to (`<(zcat x)`) and /dev/null end. A named pipe without a writer would be waited for, and other
/// devices may have no end.
#[cfg(unix)]
fn is_readable_special(kind: FileType, path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let open_already = ["/dev/fd/", "/proc/self/fd/", "/dev/stdin"].iter().any(|p| path.to_string_lossy().starts_with(p));
    (kind.is_fifo() && open_already) || path == Path::new("/dev/null") || path == Path::new("/dev/stdin")
}

#[cfg(not(unix))]
fn is_readable_special(_: FileType, _: &Path) -> bool {
    false
}

fn walk(root: &Path, argument: &Path, only: Option<&globset::GlobMatcher>, found: &mut Found) {
    for entry in WalkDir::new(root).follow_links(true).sort_by_file_name() {
        match entry {
            Err(e) => {
                let name = e.path().map_or_else(|| root.display().to_string(), |p| relative(p, argument));
                let because = if e.loop_ancestor().is_some() { Saying::of("skip-link-loop") } else { e.to_string().into() };
                found.skipped.push(Skipped { name, because });
            }
            Ok(e) if e.file_type().is_file() => {
                if only.is_none_or(|g| g.is_match(e.path())) {
                    found.inputs.push(Input { name: relative(e.path(), argument), place: Place::File(e.into_path()) });
                }
            }
            Ok(e) if !e.file_type().is_dir() && only.is_none() => {
                let because = Saying::of("skip-pipe");
                found.skipped.push(Skipped { name: relative(e.path(), argument), because });
            }
            Ok(_) => {}
        }
    }
}

fn relative(path: &Path, argument: &Path) -> String {
    path.strip_prefix(argument).unwrap_or(path).to_string_lossy().into_owned()
}

/// Expands a glob from the longest folder that holds no pattern.
fn expand(pattern: &str, found: &mut Found) {
    let Ok(glob) = Glob::new(pattern) else {
        found.skipped.push(Skipped { name: pattern.to_owned(), because: Saying::of("skip-no-glob") });
        return;
    };
    let fixed: PathBuf =
        Path::new(pattern).components().take_while(|c| !c.as_os_str().to_string_lossy().contains(['*', '?', '[', '{'])).collect();
    let root = if fixed.as_os_str().is_empty() { PathBuf::from(".") } else { fixed.clone() };
    let before = found.inputs.len();
    let matcher = glob.compile_matcher();
    if fixed.as_os_str().is_empty() {
        // `WalkDir` would prefix `./`, which the pattern does not have.
        let dot = Glob::new(&format!("./{pattern}")).map_or(matcher, |g| g.compile_matcher());
        walk(&root, &root, Some(&dot), found);
    } else {
        walk(&root, &fixed, Some(&matcher), found);
    }
    if found.inputs.len() == before {
        found.skipped.push(Skipped { name: pattern.to_owned(), because: Saying::of("skip-no-match") });
    }
}

/// Gives inputs of one name under several arguments names of their own.
fn tell_apart(inputs: &mut [Input]) {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for i in inputs.iter() {
        *names.entry(i.name.clone()).or_default() += 1;
    }
    for i in inputs.iter_mut().filter(|i| names[&i.name] > 1) {
        if let Place::File(p) = &i.place {
            i.name = p.to_string_lossy().into_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_globs_and_doubles() {
        let dir = tempfile::tempdir().unwrap();
        for f in ["a/error.log", "b/error.log", "b/other.txt"] {
            let p = dir.path().join(f);
            std::fs::create_dir_all(p.parent().unwrap()).unwrap();
            std::fs::write(p, "x").unwrap();
        }
        let names = |paths: &[PathBuf]| discover(paths).inputs.into_iter().map(|i| i.name).collect::<Vec<_>>();
        let root = dir.path();
        assert_eq!(names(&[root.to_owned()]), ["a/error.log", "b/error.log", "b/other.txt"]);
        assert_eq!(names(&[root.join("*/error.log")]), ["a/error.log", "b/error.log"]);
        let two = names(&[root.join("a"), root.join("b/error.log"), root.join("a/error.log")]);
        assert_eq!(two.len(), 2);
        assert!(two[0].ends_with("a/error.log") && two[1].ends_with("b/error.log") && two[0] != two[1]);
        assert_eq!(discover(&[root.join("no")]).skipped.len(), 1);
    }
}
