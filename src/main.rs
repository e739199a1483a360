//! The command: arguments in, exit status out.

use std::process::ExitCode;

use fivexx::cli::help;
use fivexx::commands::{Exit, run};
use fivexx::output::NotWritten;

fn main() -> ExitCode {
    match run(help::parse()) {
        Ok(exit) => exit.into(),
        // The reader of a pipe went away: nothing to say, nobody to say it to.
        Err(e) if e.chain().any(is_broken_pipe) => Exit::Done.into(),
        Err(e) => {
            eprintln!("fivexx: {e:#}");
            if e.downcast_ref::<NotWritten>().is_some() { Exit::NotWritten.into() } else { Exit::Usage.into() }
        }
    }
}

fn is_broken_pipe(e: &(dyn std::error::Error + 'static)) -> bool {
    e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
