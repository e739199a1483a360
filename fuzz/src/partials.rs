//! Parquet files of any bytes: refused with a reason, or files whose lines add up and that can be analysed.

use fivexx::analysis::Settings;
use fivexx::partial::Joining;
use fivexx::scanned::{Gathered, Scan};
use std::backtrace::Backtrace;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::common::{NOW, catalog, held};

/// What the last panic said.
static LAST: Mutex<String> = Mutex::new(String::new());

/// One input.
pub fn run(bytes: &[u8]) {
    let path = scratch("partial.parquet");
    std::fs::write(&path, bytes).expect("the scratch folder can be written");
    fallen_only_where_caught(|| joined(&[&path]));
}

/// Joins partials and analyses what they come to.
pub fn joined(paths: &[&Path]) {
    let mut all = Joining::default();
    for path in paths {
        all.add(&path.file_name().expect("a name").to_string_lossy(), path);
    }
    let Gathered { files, skipped, .. } = all.finish(catalog(), &|_| false);
    assert!(files.iter().all(|f| f.tally.closes()), "lines do not add up");
    assert!(skipped.iter().all(|s| !s.because.to_string().is_empty()), "refused without a reason");
    held(&Scan::new(catalog(), files, skipped), Settings { now: NOW, ..Settings::default() });
}

/// The fuzzer ends at every panic, also at one that is caught. The Parquet reader is known to panic at broken files, and `fivexx::partial` catches
/// it: so only a panic that gets out ends the run.
pub fn let_readers_panic() {
    panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST.lock() {
            *last = format!("{info}\n{}", Backtrace::capture());
        }
    }));
}

/// Runs; says what a panic said, and ends, where one gets out.
pub fn fallen_only_where_caught(f: impl FnOnce()) {
    if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(f)) {
        eprintln!("{}", LAST.lock().map_or_else(|_| String::new(), |l| l.clone()));
        panic::resume_unwind(panic);
    }
}

/// A file of this process's own. `fuzz/run` gives a folder in memory as `TMPDIR`, and takes it away at the end.
pub fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("fivexx-fuzz-{}-{name}", std::process::id()))
}
