//! What each subcommand does; thin.

pub mod analyze;
pub mod aws;
pub mod causes;
pub mod clocks;
pub mod demo;
pub mod diff;
pub mod export;
pub mod follow;
pub mod input;
pub mod interrupt;
mod masking;
pub mod parsers;
mod pictures;
pub mod scan;
pub mod shell;
pub mod talk;
pub mod watch;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// How a run ended, as the exit status says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: found what `--fail-on` names, samples failed, or something stayed undelivered.
    Found,
    /// 2: wrong usage.
    Usage,
    /// 3: nothing readable.
    NothingReadable,
    /// 4: the report could not be written where it was to go.
    NotWritten,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Found => 1,
            Exit::Usage => 2,
            Exit::NothingReadable => 3,
            Exit::NotWritten => 4,
        })
    }
}

/// Runs what the user asked for.
///
/// # Errors
/// What kept it from running, with its context; the caller prints it and exits with status 2.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    talk::begin(cli.talk);
    match cli.command {
        Command::Analyze(a) => analyze::run(&a),
        Command::Demo(a) => demo::run(*a),
        Command::Follow(f) => follow::run(&f),
        Command::Scan(s) => scan::run(&s),
        Command::Export(e) => export::run(&e),
        Command::Diff(d) => diff::run(&d),
        Command::Completions(c) => shell::completions(&c),
        Command::Man(m) => shell::man(&m),
        Command::Clocks(c) => clocks::run(&c),
        Command::Causes(c) => causes::run(c),
        Command::Parsers(p) => parsers::run(p),
        Command::Watch(w) => watch::run(&w),
        Command::Courier => watch::courier(),
        Command::Aws(a) => aws::run(&a),
    }
}
