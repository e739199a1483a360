//! Ctrl-C: nothing is left half-written, and whoever pressed it is told what became of the report.

use crate::output;

/// Status of a program that an interrupt ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// From now on, Ctrl-C ends the run with a word and a status.
pub fn tell() {
    // Without the thread Ctrl-C works as ever, only silently.
    let _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(|| {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            output::abandon();
            eprintln!("fivexx: interrupted; no report was written");
            std::process::exit(INTERRUPTED);
        }
    });
}
