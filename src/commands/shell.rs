//! `fivexx completions` and `fivexx man`.

use anyhow::Context;
use clap::Command;
use std::fs;
use std::io::Write;

use super::Exit;
use crate::cli::help;
use crate::cli::tools::{Completions, Man};
use crate::output::write_report;

/// Prints a shell's completions.
///
/// # Errors
/// Standard output is gone.
pub fn completions(args: &Completions) -> anyhow::Result<Exit> {
    // The generator panics where its writer fails; a full buffer does not.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut offered(&help::command(false)), "fivexx", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Done)
}

/// The command without the subcommands that are only for the program itself: a generator offers hidden ones as well.
fn offered(command: &Command) -> Command {
    let shown = command.get_subcommands().filter(|s| !s.is_hide_set()).cloned();
    Command::new("fivexx").disable_help_flag(true).args(command.get_arguments().cloned()).subcommands(shown)
}

/// Prints the man page, or writes all of them to a folder.
///
/// # Errors
/// The output cannot be written.
pub fn man(args: &Man) -> anyhow::Result<Exit> {
    let mut command = help::command(false).disable_help_subcommand(true);
    command.build();
    let Some(dir) = &args.dir else {
        std::io::stdout().lock().write_all(&page(&command)?)?;
        return Ok(Exit::Done);
    };
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    for command in with_subcommands(command) {
        let name = format!("{}.1", command.get_display_name().unwrap_or_else(|| command.get_name()));
        let path = dir.join(name);
        write_report(&path, &page(&command)?)?;
    }
    Ok(Exit::Done)
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    Ok(text)
}

/// A command and all beneath it that people call.
fn with_subcommands(command: Command) -> Vec<Command> {
    let beneath: Vec<Command> = command.get_subcommands().filter(|s| !s.is_hide_set()).cloned().collect();
    let mut all = vec![command];
    all.extend(beneath.into_iter().flat_map(with_subcommands));
    all
}
