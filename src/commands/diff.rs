//! `fivexx diff`: what changed between two reports.

use anyhow::Context;
use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use super::Exit;
use crate::cli::tools::{Diff, DiffFormat};
use crate::diff::read::{Report, read};
use crate::diff::{compare, write};
use crate::output::{write_out, write_report};
use crate::redact::{Masker, Redaction};

/// Runs the subcommand.
///
/// # Errors
/// One of the files is no report, or the output cannot be written.
pub fn run(args: &Diff) -> anyhow::Result<Exit> {
    let (mut before, mut after) = (report(&args.before)?, report(&args.after)?);
    // One of them may have been written with --no-redact. Equal values get equal numbers in both.
    let mut masker = Masker::new(&Redaction::default());
    before.each_text(&mut |text| masker.mask(text));
    after.each_text(&mut |text| masker.mask(text));
    let diff = compare(&before, &after);
    let by_name = args.output.as_deref().and_then(|p| match p.extension()?.to_str()? {
        "json" => Some(DiffFormat::Json),
        "txt" => Some(DiffFormat::Terminal),
        _ => None,
    });
    let usual = if args.output.is_none() && std::io::stdout().is_terminal() { DiffFormat::Terminal } else { DiffFormat::Md };
    let text = match args.format.or(by_name).unwrap_or(usual) {
        DiffFormat::Md => write::to_markdown(&diff),
        DiffFormat::Json => write::json(&diff)?,
        DiffFormat::Terminal => write::to_terminal(&diff),
    };
    match &args.output {
        None => write_out(text.as_bytes())?,
        Some(path) => write_report(path, text.as_bytes())?,
    }
    Ok(if diff.differs && args.fail_on.is_some() { Exit::Found } else { Exit::Done })
}

/// Reads a report; `-` is standard input.
fn report(path: &Path) -> anyhow::Result<Report> {
    let name = || path.display().to_string();
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else if !path.exists() {
        anyhow::bail!("{}: {}", name(), crate::source::no_such_file(path));
    } else {
        fs::read_to_string(path)
    };
    read(&text.with_context(name)?).with_context(name)
}
