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
        Some(p) if p.as_os_str().is_empty() => Path::new("."),
        Some(p) => p,
        None => return plain,
    };
    let Ok(entries) = folder.read_dir() else {
        let there = folder.ancestors().find(|a| !a.as_os_str().is_empty() && a.exists());
        return match there {
            Some(there) if there != folder => {
                Saying::with("skip-no-such-folder", &[("folder", &missing_part(folder, there).display().to_string())])
            }
            _ => plain,
        };
    };
    let names: Vec<String> =
        entries.take(MOST_NAMES).filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned())).collect();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&wanted, names.iter().map(String::as_str)) {
        Some(near) => Saying::with("skip-did-you-mean", &[("path", &path.with_file_name(near).display().to_string())]),
        None => plain,
    }
}

/// The first part of a path that is missing beneath what is there.
fn missing_part<'p>(path: &'p Path, there: &Path) -> &'p Path {
    path.ancestors().find(|a| a.parent() == Some(there)).unwrap_or(path)
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
    }
}
