//! `fivexx export`: the shared timeline for other tools.

use anyhow::{Context, bail};
use std::fs;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use super::{Exit, analyze, input, talk};
use crate::cli::tools::{Export, Table};
use crate::clock::read_clocks;
use crate::parser::catalog::Catalog;
use crate::timeline::Timeline;

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Export) -> anyhow::Result<Exit> {
    let format = format(args)?;
    let window = (analyze::second("--from", &args.from)?, analyze::second("--to", &args.to)?);
    let zones = input::zones(&args.inputs)?;
    let now = chrono::Utc::now().timestamp();
    let (catalog, scan) = input::read(&args.inputs, now)?;
    let Some(scan) = scan else { return Ok(Exit::NothingReadable) };
    let clocks = read_clocks(&scan, &catalog, &zones);
    let timeline = Timeline::build(&scan, &catalog, &clocks, window, now)?;
    match &args.output {
        None => write(&timeline, &catalog, format, BufWriter::new(std::io::stdout().lock()))?,
        Some(path) => {
            write_file(path, |file| write(&timeline, &catalog, format, file))
                .with_context(|| format!("{} cannot be written", path.display()))?;
            if !talk::is_quiet() {
                eprintln!("fivexx: {} rows in {}", timeline.rows(), path.display());
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

fn write(timeline: &Timeline, catalog: &Catalog, format: Table, out: impl Write) -> anyhow::Result<()> {
    match format {
        Table::Parquet => timeline.write_parquet(catalog, out)?,
        Table::Csv => timeline.write_csv(catalog, out)?,
        Table::Ndjson => timeline.write_ndjson(catalog, out)?,
    }
    Ok(())
}

/// Writes a file whole or not at all: beside it first, then in its place.
fn write_file(path: &Path, write: impl FnOnce(BufWriter<&fs::File>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if path.exists() && !path.is_file() {
        return write(BufWriter::new(&fs::File::create(path)?));
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(name);
    let file = fs::File::create(&beside)?;
    let written = write(BufWriter::new(&file)).and_then(|()| Ok(file.sync_all()?)).and_then(|()| Ok(fs::rename(&beside, path)?));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
