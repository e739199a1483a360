//! `fivexx parsers`: list, test and explain the formats.

use std::io::{BufRead, Write};
use std::path::Path;

use super::Exit;
use crate::builtin::BUILTIN_PARSERS;
use crate::cli::{Parsers, ParsersAction};
use crate::parser::catalog::{Catalog, read_folder};
use crate::parser::explain::explain;
use crate::parser::harness::test_file;
use crate::parser::patterns::patterns;
use crate::parser::stamp::YearHint;

/// Runs the subcommand.
///
/// # Errors
/// A definition is broken, or a folder cannot be read.
pub fn run(args: Parsers) -> anyhow::Result<Exit> {
    let folders = &args.definitions.parser_folders;
    let mut out = std::io::stdout().lock();
    match args.action {
        ParsersAction::List => {
            for format in &Catalog::load(folders)?.formats {
                let d = &format.definition;
                let layer = d.layer.map_or("(envelope)", |l| l.id());
                writeln!(out, "{:18} {:14} {}", d.name, layer, d.title)?;
            }
            Ok(Exit::Done)
        }
        ParsersAction::Patterns { name } => {
            let catalog = Catalog::load(folders)?;
            let Some(format) = catalog.find(&name).map(|i| &catalog.formats[i]) else {
                anyhow::bail!("there is no parser `{name}`; `fivexx parsers list` names them");
            };
            for pattern in patterns(&format.definition) {
                writeln!(out, "{pattern}")?;
            }
            Ok(Exit::Done)
        }
        ParsersAction::Test { dir } => test(&mut out, dir.as_deref().or(folders.first().map(|f| f.as_path()))),
        ParsersAction::Explain { line } => {
            let catalog = Catalog::load(folders)?;
            let hint = YearHint(chrono::Utc::now().timestamp_millis());
            match line {
                Some(line) => write!(out, "{}", explain(&catalog, &line, hint))?,
                None => {
                    for line in std::io::stdin().lock().split(b'\n') {
                        let line = String::from_utf8_lossy(&line?).into_owned();
                        writeln!(out, "{}", explain(&catalog, &line, hint))?;
                    }
                }
            }
            Ok(Exit::Done)
        }
    }
}

fn test(out: &mut impl Write, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let files = match dir {
        Some(d) => read_folder(d)?,
        None => BUILTIN_PARSERS.iter().map(|(f, t)| ((*f).to_owned(), (*t).to_owned())).collect(),
    };
    anyhow::ensure!(!files.is_empty(), "no .toml file in {}", dir.unwrap_or(Path::new("parsers")).display());
    let (mut samples, mut faults) = (0, 0);
    for (file, text) in &files {
        let outcome = test_file(file, text);
        samples += outcome.samples;
        faults += outcome.faults.len();
        let name = outcome.name.as_deref().unwrap_or("(unreadable)");
        writeln!(out, "{} {name}: {} samples", if outcome.faults.is_empty() { "ok  " } else { "FAIL" }, outcome.samples)?;
        for fault in &outcome.faults {
            writeln!(out, "     {fault}")?;
        }
    }
    writeln!(out, "{} definitions, {samples} samples, {faults} faults", files.len())?;
    Ok(if faults == 0 { Exit::Done } else { Exit::Found })
}
