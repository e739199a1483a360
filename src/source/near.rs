//! What to say of a path that does not exist: the nearest name that does.

use std::path::Path;

use crate::lang::Saying;
use crate::suggest::nearest;

/// A folder with more names than this is not searched to the end.
const MOST_NAMES: usize = 10_000;

/// Why a path cannot be read, with the nearest name in its folder; or the folder that is missing itself.
pub fn no_such_file(path: &Path) -> Saying {
    let plain = Saying::of("skip-no-such-file");
    let folder = match path.parent() {
        Some(p) => or_here(p),
        None => return plain,
    };
    if folder.is_dir() {
        return near(path, plain);
    }
    // The first part that is missing: its name may be the mistake.
    let missing = path.ancestors().skip(1).find(|a| !a.exists() && a.parent().is_some_and(|p| or_here(p).is_dir()));
    match missing {
        Some(missing) => near(missing, Saying::with("skip-no-such-folder", &[("folder", &missing.display().to_string())])),
        None => plain,
    }
}

/// What is missing, with the nearest name in its folder.
fn near(path: &Path, missing: Saying) -> Saying {
    let entries = path.parent().map(or_here).and_then(|f| f.read_dir().ok()).into_iter().flatten();
    let names: Vec<String> =
        entries.take(MOST_NAMES).filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned())).collect();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&wanted, names.iter().map(String::as_str)) {
        Some(near) => {
            let near = path.with_file_name(near).display().to_string();
            Saying::with("skip-did-you-mean", &[("path", &near)]).fill("missing", missing)
        }
        None => missing,
    }
}

/// The folder of a bare name is this one.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("access.log"), "x").unwrap();
        std::fs::write(dir.path().join("error.log"), "x").unwrap();
        let said = no_such_file(&dir.path().join("acess.log")).to_string();
        assert!(said.ends_with("access.log?"), "{said}");
        assert_eq!(no_such_file(&dir.path().join("zebra")).to_string(), "there is no such file");
        let deep = no_such_file(&dir.path().join("nginx/old/error.log")).to_string();
        assert!(deep.starts_with("there is no folder ") && deep.ends_with("nginx"), "{deep}");
        assert_eq!(no_such_file(Path::new("srcs/lib.rs")).to_string(), "there is no folder srcs; did you mean src?");
    }
}
