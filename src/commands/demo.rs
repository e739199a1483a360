//! `fivexx demo`: the real analysis of a recorded outage that is part of the program.

use anyhow::{Context, bail};
use std::io::{IsTerminal, Read};
use std::sync::Arc;

use super::{Exit, analyze, talk};
use crate::cli::Analyze;
use crate::source::{Found, Input, Place};

/// `samples/listen-queue-unix` without its truth, its load balancer's logs under shorter names.
const RECORDED: &[u8] = include_bytes!("../../demo/listen-queue-unix.tar.zst");

/// Runs the subcommand.
///
/// # Errors
/// Files are named, or the output cannot be written.
pub fn run(args: Analyze) -> anyhow::Result<Exit> {
    if !args.inputs.paths.is_empty() || args.aws {
        bail!("the demo brings its own files; for yours say `fivexx analyze PATH…`");
    }
    let found = Found { inputs: recorded().context("the recording that is part of the program")?, ..Found::default() };
    let exit = analyze::run_on(&args, Some(found))?;
    if std::io::stdout().is_terminal() && !talk::is_quiet() {
        eprintln!(
            "\nThis was a recording: nginx, uWSGI and load balancer logs of one outage. Yours: fivexx analyze /var/log/nginx …"
        );
    }
    Ok(exit)
}

fn recorded() -> std::io::Result<Vec<Input>> {
    let mut archive = tar::Archive::new(zstd::stream::read::Decoder::new(RECORDED)?);
    let mut inputs = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path()?.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        inputs.push(Input { name, place: Place::Memory(Arc::from(bytes)) });
    }
    Ok(inputs)
}
