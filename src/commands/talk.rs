//! What is said on stderr besides errors: progress and notes (`--quiet`), and logs of what is done (`-v`, `RUST_LOG`).

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::cli::Talk;

static QUIET: OnceLock<bool> = OnceLock::new();

/// Whether `--quiet` was given.
pub fn is_quiet() -> bool {
    QUIET.get().copied().unwrap_or(false)
}

/// Begins to talk as the flags say. Without a flag and without `RUST_LOG` nothing is logged.
pub fn begin(talk: Talk) {
    let _ = QUIET.set(talk.quiet);
    let by_flag = match talk.verbose {
        0 => None,
        1 => Some("warn,fivexx=info"),
        _ => Some("info,fivexx=debug"),
    };
    let environment = std::env::var("RUST_LOG").ok().filter(|v| !v.is_empty());
    let Some(wanted) = environment.as_deref().or(by_flag) else { return };
    // Levels by module, without the span and field filters of the larger language: those bring a regex engine along.
    let filter = match wanted.parse::<Targets>() {
        Ok(filter) => filter,
        Err(e) => {
            eprintln!("fivexx: RUST_LOG `{}`: {e}; write info, or fivexx=debug", crate::report::escape::terminal(wanted));
            return;
        }
    };
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour);
    // Only one can be the program's; a test that runs several commands in one process keeps the first.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
}
