//! `fivexx clocks`: the table of clocks alone.

use std::io::Write;

use super::input::When;
use super::{Exit, input};
use crate::analysis::clock_reports;
use crate::cli::Inputs;
use crate::clock::ZoneShift;
use crate::lang::Lang;
use crate::output::out;
use crate::redact::{Masker, Redaction};
use crate::report::escape::terminal;
use crate::report::words;

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Inputs) -> anyhow::Result<Exit> {
    let zones = input::zones(args)?;
    let (catalog, scan) = input::read(args, When::all(chrono::Utc::now().timestamp()))?;
    let Some(scan) = scan else { return Ok(Exit::NothingReadable) };
    let mut out = out();
    // Names are masked as in reports and exports.
    let mut masker = Masker::new(&Redaction::default());
    for mut source in clock_reports(&scan, &catalog, &zones) {
        masker.mask(&mut source.path);
        masker.mask(&mut source.clock.because);
        let clock = &source.clock;
        writeln!(out, "{}  {}", terminal(&source.path), source.parser)?;
        writeln!(out, "    {} ({})", words::clock(Lang::En, clock), words::percent(clock.confidence))?;
        writeln!(out, "    {}", terminal(&clock.because))?;
        for part in &clock.segments {
            let zone = ZoneShift::Fixed(part.utc_offset_s).name();
            writeln!(out, "    from {}: {zone}, {:+.0} s", words::utc(part.from), part.skew_s)?;
        }
    }
    Ok(Exit::Done)
}
