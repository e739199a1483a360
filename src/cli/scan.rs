//! `fivexx scan`

use clap::Args;
use std::path::PathBuf;

use super::{Definitions, Inputs};

/// `fivexx scan`
#[derive(Debug, Args)]
pub struct Scan {
    /// Files, folders, globs, or - for standard input
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Write the partial to this file, or to standard output: -
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Put this folder before all paths, so that logs of several hosts keep apart: web-1/nginx/error.log
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// Path of the log that comes on standard input
    #[arg(long, value_name = "PATH")]
    pub name: Option<String>,
    /// Standard input is the stretch of --name that begins at this byte; it begins and ends with whole lines
    #[arg(long, value_name = "BYTE", requires = "name")]
    pub offset: Option<u64>,
    /// When the log on standard input was last written: the year of lines that state none (2026-11-21T00:00Z; default: now)
    #[arg(long, value_name = "TIME", requires = "name")]
    pub modified: Option<String>,
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

impl Scan {
    /// What is read; zones and times are asked for when partials are joined.
    pub fn inputs(&self) -> Inputs {
        Inputs {
            paths: self.paths.clone(),
            tz: Vec::new(),
            nginx_format: self.nginx_format.clone(),
            uwsgi_format: self.uwsgi_format.clone(),
            max_expansion: self.max_expansion,
            definitions: self.definitions.clone(),
        }
    }
}
