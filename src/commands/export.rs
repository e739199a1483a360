//! `fivexx export`: the shared timeline for other tools.

use anyhow::bail;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use super::input::When;
use super::{Exit, analyze, input, interrupt, masking, talk};
use crate::cli::tools::{Export, Table};
use crate::clock::read_clocks;
use crate::output::{say, write_out_with, write_report_with};
use crate::parser::catalog::Catalog;
use crate::redact::redact_names;
use crate::report::escape::terminal;
use crate::source::Wanted;
use crate::timeline::Timeline;

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Export) -> anyhow::Result<Exit> {
    interrupt::tell();
    let format = format(args)?;
    let redaction = masking::wanted(&args.masking, None)?;
    let window = (analyze::second("--from", &args.from)?, analyze::second("--to", &args.to)?);
    let zones = input::zones(&args.inputs)?;
    let now = chrono::Utc::now().timestamp();
    let (catalog, scan) = input::read(&args.inputs, When { now, wanted: Wanted::between(window.0, window.1) })?;
    let Some(mut scan) = scan else { return Ok(Exit::NothingReadable) };
    let clocks = read_clocks(&scan, &catalog, &zones);
    // Zones are given by the names that the sources have here; from now on they go out.
    redact_names(&mut scan, &redaction);
    if format != Table::Parquet {
        // What is text may be shown on a terminal; Parquet keeps names as they are, for nothing shows it without a program in between.
        for source in &mut scan.sources {
            source.path = terminal(&source.path);
            source.host = source.host.as_deref().map(terminal);
        }
    }
    let timeline = Timeline::build(&scan, &catalog, &clocks, window, now)?;
    match &args.output {
        None => write_out_with(|out| write(&timeline, &catalog, format, BufWriter::new(out)))?,
        Some(path) => {
            write_report_with(path, |file| write(&timeline, &catalog, format, BufWriter::new(file)))?;
            if !talk::is_quiet() {
                say(&format!("fivexx: {} rows in {}", timeline.rows(), path.display()));
            }
        }
    }
    Ok(Exit::Done)
}

fn format(args: &Export) -> anyhow::Result<Table> {
    let by_name = match args.output.as_deref().and_then(Path::extension).and_then(|e| e.to_str()) {
        Some("parquet") => Some(Table::Parquet),
        Some("csv") => Some(Table::Csv),
        Some("ndjson" | "jsonl") => Some(Table::Ndjson),
        Some(other) if args.format.is_none() => {
            bail!("-o: `.{other}` tells no format; write .parquet, .csv or .ndjson, or --format")
        }
        _ => None,
    };
    let format = args.format.or(by_name).unwrap_or(Table::Csv);
    if format == Table::Parquet && args.output.is_none() && std::io::stdout().is_terminal() {
        bail!("Parquet is no text for a terminal: give a file with -o timeline.parquet");
    }
    Ok(format)
}

fn write(timeline: &Timeline, catalog: &Catalog, format: Table, out: impl Write) -> io::Result<()> {
    match format {
        Table::Parquet => timeline.write_parquet(catalog, out)?,
        Table::Csv => timeline.write_csv(catalog, out)?,
        Table::Ndjson => timeline.write_ndjson(catalog, out)?,
    }
    Ok(())
}
