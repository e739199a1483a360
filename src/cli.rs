//! The command line: what the user typed. [`crate::commands`] turns it into settings and runs it.

pub mod aws;
pub mod scan;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Our users got 5XX: which layer dropped the requests, why, and what do we change?
#[derive(Debug, Parser)]
#[command(
    name = "fivexx",
    version,
    max_term_width = 100,
    after_help = "Example: fivexx analyze /var/log/nginx /var/log/uwsgi alb/ -o report.md"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read logs and metrics and name the layer that dropped the requests
    #[command(
        after_help = "Exit status: 0 analysed; 1 an incident was found and --fail-on incident was given; 2 wrong usage; 3 nothing readable.\n\
        Example: fivexx analyze logs/ --tz 'uwsgi*=Asia/Tokyo' --from 2026-11-21T00:00Z -o report.md\n\
        Example: fivexx analyze --aws --load-balancer shop --since 2h /var/log/nginx"
    )]
    Analyze(Box<Analyze>),
    /// Make the mergeable half of an analysis, where the logs lie; `fivexx analyze` joins many
    #[command(after_help = "Exit status: 0 written; 2 wrong usage; 3 nothing readable (the partial says so).\n\
        Example: fivexx scan /var/log/nginx /var/log/uwsgi --host web-1 -o web-1.parquet\n\
        Example: ssh web-1 cat /var/log/nginx/error.log | fivexx scan - --name web-1/nginx/error.log -o web-1.parquet")]
    Scan(Box<scan::Scan>),
    /// Show only the clocks: in which zone each source is, how far it runs wrong, and why that is believed
    #[command(after_help = "Example: fivexx clocks logs/ --tz 'app/*=Asia/Tokyo'")]
    Clocks(Inputs),
    /// Look on a schedule, report each incident once, and tell whoever is to know
    #[command(
        after_help = "Exit status with --once: 0 looked, all delivered; 1 something could not be delivered yet, the next run tries again; 2 wrong usage; 3 the look failed.\n\
        Example: fivexx watch --config /etc/fivexx/fivexx.toml"
    )]
    Watch(Watch),
    /// Makes one attempt to deliver one notification; started by the watch alone
    #[command(hide = true)]
    Courier,
    /// List, test and explain the definitions that say what a line means
    Parsers(Parsers),
    /// List, show and test the definitions that say what signals together mean
    Causes(Causes),
    /// See what this machine's credentials let fivexx read in AWS
    Aws(aws::Aws),
}

/// What is read, and how it is understood.
#[derive(Debug, Clone, Args)]
pub struct Inputs {
    /// Files, folders, globs, or - for standard input
    pub paths: Vec<PathBuf>,
    /// Zone of a source whose lines state none: a path, glob or parser, and an IANA name or offset; without SOURCE= for all
    #[arg(long, value_name = "SOURCE=ZONE")]
    pub tz: Vec<String>,
    /// Text of nginx's log_format, where it is not a usual one
    #[arg(long, value_name = "TEXT")]
    pub nginx_format: Vec<String>,
    /// Text of uWSGI's logformat, where it is not the default
    #[arg(long, value_name = "TEXT")]
    pub uwsgi_format: Vec<String>,
    /// Where more definitions lie.
    #[command(flatten)]
    pub definitions: Definitions,
}

/// `fivexx analyze`
#[derive(Debug, Args)]
pub struct Analyze {
    /// What is read.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Look only at what happened from this time on (2026-11-21T00:00Z; without a zone: UTC)
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Look only at what happened before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Look only at what happened within the last 2h, 90m, …; with --aws 2h unless said otherwise
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    pub since: Option<String>,
    /// Take this for the present time, to look again at what was recorded
    #[arg(long, value_name = "TIME", hide = true)]
    pub now: Option<String>,
    /// Zone in which to show times beside UTC; default: this machine's
    #[arg(long, value_name = "ZONE")]
    pub display_tz: Option<String>,
    /// How to write the report; default: terminal on a terminal, else md
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Write the report to a file (md unless its name or --format says otherwise)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with status 1 if this was found
    #[arg(long, value_enum, value_name = "WHAT")]
    pub fail_on: Option<FailOn>,
    /// Fetch metrics, log groups and access logs from AWS as well
    #[arg(long, help_heading = "AWS")]
    pub aws: bool,
    /// What is fetched.
    #[command(flatten)]
    pub from_aws: aws::AwsFlags,
}

/// `fivexx watch`
#[derive(Debug, Args)]
pub struct Watch {
    /// What to look at, how often, and whom to tell
    #[arg(long, value_name = "FILE", default_value = "fivexx.toml")]
    pub config: PathBuf,
    /// Look once, deliver, and end: for cron, timers and scheduled tasks
    #[arg(long)]
    pub once: bool,
    /// Look as if it were this time: for replays and tests
    #[arg(long, value_name = "TIME", requires = "once", hide = true)]
    pub now: Option<String>,
}

/// Where definitions of the user's own lie.
#[derive(Debug, Clone, Args, Default)]
pub struct Definitions {
    /// Folder with parser definitions of your own (repeatable)
    #[arg(long = "parsers", value_name = "DIR", global = true)]
    pub parser_folders: Vec<PathBuf>,
    /// Folder with cause definitions of your own (repeatable)
    #[arg(long = "causes", value_name = "DIR", global = true)]
    pub cause_folders: Vec<PathBuf>,
}

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown
    Md,
    /// JSON, schema fivexx.report/1
    Json,
    /// Plain text for a terminal
    Terminal,
}

/// What makes the exit status 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Any incident
    Incident,
}

/// `fivexx parsers`
#[derive(Debug, Args)]
pub struct Parsers {
    /// What to do.
    #[command(subcommand)]
    pub action: ParsersAction,
    /// Where more definitions lie.
    #[command(flatten)]
    pub definitions: Definitions,
}

/// What to do with parsers.
#[derive(Debug, Subcommand)]
pub enum ParsersAction {
    /// List the formats that are understood
    List,
    /// Run the samples of the built-in definitions, or of those in DIR
    Test {
        /// A folder with definitions
        dir: Option<PathBuf>,
    },
    /// Print the events of a definition as regexes, one a line: rg -c -f <(fivexx parsers patterns nginx_error) error.log
    Patterns {
        /// Its name, as in `fivexx parsers list`
        name: String,
    },
    /// Say what is made of a line (or of standard input): parser, time, signal, fields
    Explain {
        /// The line; without it, lines are read from standard input
        line: Option<String>,
    },
}

/// `fivexx causes`
#[derive(Debug, Args)]
pub struct Causes {
    /// What to do.
    #[command(subcommand)]
    pub action: CausesAction,
    /// Where more definitions lie.
    #[command(flatten)]
    pub definitions: Definitions,
}

/// What to do with causes.
#[derive(Debug, Subcommand)]
pub enum CausesAction {
    /// List the causes that are known
    List,
    /// Show what speaks for and against a cause, and what to do about it
    Show {
        /// Its id, as in `fivexx causes list`
        id: String,
    },
    /// Run the samples of the built-in causes, or of those in DIR
    Test {
        /// A folder with definitions
        dir: Option<PathBuf>,
    },
}
