//! The command line: what the user typed. [`crate::commands`] turns it into settings and runs it.

pub mod aws;
pub mod help;
pub mod scan;
pub mod tools;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

use crate::lang::Lang;

/// Our users got 5XX: which layer dropped the requests, why, and what do we change?
#[derive(Debug, Parser)]
#[command(
    name = "fivexx",
    version,
    max_term_width = 100,
    disable_help_flag = true,
    after_help = "Example: fivexx analyze /var/log/nginx /var/log/uwsgi alb/ -o report.md\nNothing at hand? fivexx demo"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How much is said on stderr.
    #[command(flatten)]
    pub talk: Talk,
    /// Print the usual flags
    #[arg(short = 'h', global = true, action = ArgAction::HelpShort, display_order = 998)]
    brief_help: Option<bool>,
    /// Print all flags
    #[arg(long = "help", global = true, action = ArgAction::HelpShort, display_order = 999)]
    help: Option<bool>,
}

/// How much is said on stderr besides errors.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Talk {
    /// No progress, no notes: only errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = 996)]
    pub quiet: bool,
    /// Say on stderr what is being done; -vv says more; RUST_LOG decides where it is set
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 997)]
    pub verbose: u8,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Name the layer that dropped the requests, from logs and metrics
    #[command(
        after_help = "Exit status: 0 analysed; 1 an incident was found and --fail-on incident was given; 2 wrong usage; 3 nothing readable; 4 the report could not be written.\n\
        Example: fivexx analyze logs/ --tz 'uwsgi*=Asia/Tokyo' --from 2026-11-21T00:00Z -o report.md\n\
        Example: fivexx analyze --aws --load-balancer shop --since 2h /var/log/nginx"
    )]
    Analyze(Box<Analyze>),
    /// Analyse a recorded outage that is part of the program
    #[command(after_help = "Example: fivexx demo\nExample: fivexx demo --format json -o demo.json")]
    Demo(Box<Analyze>),
    /// Keep a verdict up to date on files that grow and rotate
    #[command(
        after_help = "Ctrl-C ends it with the final verdict. Exit status: 0 followed; 1 an incident was found and --fail-on incident was given; 3 nothing readable.\n\
        Example: fivexx follow /var/log/nginx /var/log/uwsgi/app.log\n\
        Example: kubectl logs -f deploy/shop | fivexx follow -"
    )]
    Follow(tools::Follow),
    /// Scan logs where they lie, into a small file that `analyze` joins
    #[command(after_help = "Exit status: 0 written; 2 wrong usage; 3 nothing readable (the partial says so); 4 not written.\n\
        Example: fivexx scan /var/log/nginx /var/log/uwsgi --host web-1 -o web-1.parquet\n\
        Example: ssh web-1 cat error.log | fivexx scan - --name web-1/error.log -o web-1.parquet")]
    Scan(Box<scan::Scan>),
    /// Show each source's zone, how far its clock runs wrong, and why
    #[command(after_help = "Example: fivexx clocks logs/ --tz 'app/*=Asia/Tokyo'")]
    Clocks(Inputs),
    /// Write the shared timeline as Parquet, CSV or NDJSON
    #[command(after_help = "The columns are described in docs/export.md.\nExample: fivexx export logs/ -o timeline.parquet")]
    Export(tools::Export),
    /// Show what changed between two reports of a recurring incident
    #[command(
        after_help = "Exit status: 0 told; 1 they differ and --fail-on change was given; 2 one of them is no fivexx report.\n\
        Example: fivexx diff reports/monday.json reports/friday.json"
    )]
    Diff(tools::Diff),
    /// Look on a schedule, and tell of each incident once
    #[command(
        after_help = "Exit status with --once: 0 looked, all delivered; 1 something could not be delivered yet, the next run tries again; 2 wrong usage; 3 the look failed.\n\
        Example: fivexx watch --config /etc/fivexx/fivexx.toml"
    )]
    Watch(Watch),
    /// Makes one attempt to deliver one notification; started by the watch alone
    #[command(hide = true)]
    Courier,
    /// List, test and explain the definitions that say what a line means
    #[command(
        after_help = "Example: fivexx parsers explain '2026/11/21 09:01:57 [alert] 7#7: 1024 worker_connections are not enough'"
    )]
    Parsers(Parsers),
    /// List, show and test the definitions of what signals together mean
    #[command(after_help = "Example: fivexx causes show listen_queue_full")]
    Causes(Causes),
    /// See what this machine may read in AWS
    #[command(after_help = "Example: fivexx aws check --load-balancer shop")]
    Aws(aws::Aws),
    /// Print a shell's completions
    #[command(after_help = "Example: fivexx completions bash > /etc/bash_completion.d/fivexx")]
    Completions(tools::Completions),
    /// Print the man page, or write all of them to a folder
    #[command(after_help = "Example: fivexx man | man -l -\nExample: fivexx man /usr/local/share/man/man1")]
    Man(tools::Man),
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
    /// How many times its size an archive may unpack to [default: 300]
    #[arg(long, value_name = "TIMES")]
    pub max_expansion: Option<u64>,
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
    /// Language of the report
    #[arg(long, value_enum, value_name = "LANG", env = "FIVEXX_LANG")]
    pub lang: Option<Lang>,
    /// How to write the report; default: terminal on a terminal, else md
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Write the report to a file (md unless its name or --format says otherwise)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Charts of a Markdown report: files beside it (default where -o names a .md file), or Mermaid in it; HTML has them in any case
    #[arg(long, value_enum, value_name = "KIND")]
    pub charts: Option<Charts>,
    /// Colours on a terminal; auto heeds NO_COLOR, CLICOLOR_FORCE, TERM and pipes
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    pub color: Colour,
    /// Exit with status 1 if this was found
    #[arg(long, value_enum, value_name = "WHAT")]
    pub fail_on: Option<FailOn>,
    /// What is masked.
    #[command(flatten)]
    pub masking: Masking,
    /// Fetch metrics, log groups and access logs from AWS as well
    #[arg(long, help_heading = "AWS")]
    pub aws: bool,
    /// What is fetched.
    #[command(flatten)]
    pub from_aws: aws::AwsFlags,
}

/// What is masked in reports.
#[derive(Debug, Clone, Default, Args)]
pub struct Masking {
    /// Show secrets, personal data and query strings as the logs have them; by default they are masked
    #[arg(long, help_heading = "Masking")]
    pub no_redact: bool,
    /// Mask IP addresses as well
    #[arg(long, help_heading = "Masking", conflicts_with = "no_redact")]
    pub redact_ips: bool,
    /// More rules of what a secret is, in the format of gitleaks' configuration (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Masking", conflicts_with = "no_redact")]
    pub redact_rules: Vec<PathBuf>,
}

/// `fivexx watch`
#[derive(Debug, Args)]
pub struct Watch {
    /// What to look at, how often, and whom to tell
    #[arg(long, value_name = "FILE", default_value = "fivexx.toml")]
    pub config: PathBuf,
    /// Language of reports and notifications
    #[arg(long, value_enum, value_name = "LANG", env = "FIVEXX_LANG")]
    pub lang: Option<Lang>,
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
    /// One HTML file with charts, for a browser
    Html,
    /// Plain text for a terminal
    Terminal,
}

/// Charts of a Markdown report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Charts {
    /// SVG files beside the report
    Svg,
    /// PNG files beside the report
    Png,
    /// Mermaid blocks in the report
    Mermaid,
    /// No charts
    None,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// Where standard output is a terminal that has them
    Auto,
    /// Always
    Always,
    /// Never
    Never,
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
    #[command(after_help = "Example: fivexx parsers list")]
    List,
    /// Run the samples of the built-in definitions, or of those in DIR
    #[command(after_help = "Example: fivexx parsers test my-parsers/")]
    Test {
        /// A folder with definitions
        dir: Option<PathBuf>,
    },
    /// Print the events of a definition as regexes, one a line
    #[command(after_help = "Example: fivexx parsers patterns nginx_error > events && rg -c -f events error.log")]
    Patterns {
        /// Its name, as in `fivexx parsers list`
        name: String,
    },
    /// Say what is made of a line (or of standard input): parser, time, signal, fields
    #[command(after_help = "Example: head error.log | fivexx parsers explain")]
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
    #[command(after_help = "Example: fivexx causes list")]
    List,
    /// Show what speaks for and against a cause, and what to do about it
    #[command(after_help = "Example: fivexx causes show listen_queue_full")]
    Show {
        /// Its id, as in `fivexx causes list`
        id: String,
    },
    /// Run the samples of the built-in causes, or of those in DIR
    #[command(after_help = "Example: fivexx causes test my-causes/")]
    Test {
        /// A folder with definitions
        dir: Option<PathBuf>,
    },
}
