//! Arguments of the subcommands around the analysis: follow, export, diff, completions, man.

use clap::{Args, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

use super::{FailOn, Inputs, Masking};

/// `fivexx follow`
#[derive(Debug, Args)]
pub struct Follow {
    /// What is followed.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Look at what was added this often, e.g. 2s
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub every: String,
    /// Remember so much; what is older is forgotten, and memory stays bounded
    #[arg(long, value_name = "TIME", default_value = "2h")]
    pub keep: String,
    /// Begin with so many of a file's last bytes, e.g. 64M, 1G; `all` for the whole file
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub begin_with: String,
    /// How a change is told: a line for people, or the whole report as one line of JSON
    #[arg(long, value_enum, default_value = "text")]
    pub format: Tell,
    /// Write the final report to a file (md; json or txt by its name)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with status 1 if this was found at any time
    #[arg(long, value_enum, value_name = "WHAT")]
    pub fail_on: Option<FailOn>,
    /// What is masked.
    #[command(flatten)]
    pub masking: Masking,
}

/// How a change of the verdict is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tell {
    /// A short line
    Text,
    /// A line with the whole report, schema fivexx.report/1
    Json,
}

/// `fivexx export`
#[derive(Debug, Args)]
pub struct Export {
    /// What is read.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Export only what happened from this time on (2026-11-21T00:00Z; without a zone: UTC)
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Export only what happened before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// How to write it; default: as the file's name says, else csv
    #[arg(long, value_enum)]
    pub format: Option<Table>,
    /// Write to a file; without it to standard output (not Parquet)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What is masked.
    #[command(flatten)]
    pub masking: Masking,
}

/// How the timeline is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// Apache Parquet
    Parquet,
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line
    Ndjson,
}

/// `fivexx diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The earlier report, as `--format json` wrote it
    pub before: PathBuf,
    /// The later one
    pub after: PathBuf,
    /// How to write it; default: terminal on a terminal, else md
    #[arg(long, value_enum)]
    pub format: Option<DiffFormat>,
    /// Write it to a file (md unless its name or --format says otherwise)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with status 1 if this was found
    #[arg(long, value_enum, value_name = "WHAT")]
    pub fail_on: Option<FailOnDiff>,
}

/// How a difference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// Markdown
    Md,
    /// JSON, schema fivexx.diff/1
    Json,
    /// Plain text for a terminal
    Terminal,
}

/// What makes the exit status of `fivexx diff` 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOnDiff {
    /// Anything that is compared differs
    Change,
}

/// `fivexx completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `fivexx man`
#[derive(Debug, Args)]
pub struct Man {
    /// Folder to write a page a subcommand to
    pub dir: Option<PathBuf>,
}
