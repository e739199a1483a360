//! `fivexx clocks`: the table of clocks alone.

use std::io::Write;

use super::{Exit, input};
use crate::analysis::clock_reports;
use crate::cli::Inputs;
use crate::report::escape::terminal;
use crate::report::words;

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Inputs) -> anyhow::Result<Exit> {
    let zones = input::zones(args)?;
    let (catalog, scan) = input::read(args, chrono::Utc::now().timestamp())?;
    let Some(scan) = scan else { return Ok(Exit::NothingReadable) };
    let mut out = std::io::stdout().lock();
    for (source, clock) in clock_reports(&scan, &catalog, &zones) {
        writeln!(out, "{}  {}", terminal(&source.path), catalog.formats[scan.tally(source.id).format].definition.name)?;
        writeln!(out, "    {} ({})", words::clock(&clock), words::percent(clock.confidence))?;
        writeln!(out, "    {}", terminal(&clock.because))?;
    }
    Ok(Exit::Done)
}
