//! Help that fits a screen: `-h` shows the usual flags, `--help` all of them, both a line or two a flag.

use clap::{Command, CommandFactory, FromArgMatches};
use std::ffi::OsString;

use super::Cli;

/// Flags that `-h` leaves out besides those of AWS: needed once, or by few.
const SELDOM: [&str; 16] = [
    "nginx_format",
    "uwsgi_format",
    "max_expansion",
    "parser_folders",
    "cause_folders",
    "display_tz",
    "charts",
    "color",
    "no_redact",
    "redact_ips",
    "redact_rules",
    "quiet",
    "verbose",
    "fail_on",
    "keep",
    "modified",
];

/// What of `analyze` has no meaning for the demo, which brings its own files.
const NOT_OF_THE_DEMO: [&str; 7] = ["paths", "tz", "nginx_format", "uwsgi_format", "max_expansion", "since", "aws"];

/// The heading that the flags of AWS stand under.
const AWS: &str = "AWS";

/// Reads the command line; ends the program where that is wrong, or asks for help.
pub fn parse() -> Cli {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let brief = arguments.iter().any(|a| a == "-h");
    let matches = command(brief).get_matches_from(arguments);
    Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.exit())
}

/// The command with all its subcommands; `brief` hides what is seldom needed from the help.
pub fn command(brief: bool) -> Command {
    let own = |name: &str| NOT_OF_THE_DEMO.contains(&name);
    let command = Cli::command().mut_subcommand("demo", |demo| {
        demo.mut_args(|a| {
            let hide = own(a.get_id().as_str()) || a.get_help_heading() == Some(AWS);
            a.hide(hide)
        })
    });
    if brief { hide_seldom(command) } else { command }
}

fn hide_seldom(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|s| s.get_name().to_owned()).collect();
    let command = command.mut_args(|a| {
        let seldom = SELDOM.contains(&a.get_id().as_str()) || (a.get_help_heading() == Some(AWS) && a.get_id() != "aws");
        if seldom { a.hide(true) } else { a }
    });
    names.into_iter().fold(command, |c, name| c.mut_subcommand(name, hide_seldom))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_sound() {
        command(false).debug_assert();
        command(true).debug_assert();
    }
}
