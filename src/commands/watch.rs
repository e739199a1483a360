//! `fivexx watch`: the configuration made ready, then the service, or one look.

use anyhow::{Context, bail};

use super::Exit;
use crate::cli::Watch;
use crate::config;
use crate::config::redaction::WARNING;
use crate::parser::stamp::read_iso_whole;
use crate::watch::plan::Plan;
use crate::watch::service::{self, Ended};
use crate::watch::{courier, services};

/// Runs the subcommand.
///
/// # Errors
/// The configuration is wrong, or the state cannot be used.
pub fn run(args: &Watch) -> anyhow::Result<Exit> {
    let mut config = config::load(&args.config)?;
    config.lang = args.lang.unwrap_or(config.lang);
    let plan = Plan::new(config).with_context(|| args.config.display().to_string())?;
    if plan.redaction.off {
        eprintln!("fivexx: WARNING: {WARNING}");
    }
    let replay = match &args.now {
        None => None,
        Some(text) => match read_iso_whole(text) {
            Some(at) => Some(at.ms().div_euclid(1000)),
            None => bail!("--now: `{text}` is no time; write 2026-11-21T00:00:00Z"),
        },
    };
    Ok(match service::run(plan, args.once, replay)? {
        Ended::Done => Exit::Done,
        Ended::Undelivered => Exit::Found,
        Ended::LookFailed => Exit::NothingReadable,
    })
}

/// Runs a courier.
///
/// # Errors
/// Its job cannot be read.
pub fn courier() -> anyhow::Result<Exit> {
    courier::run(services::publisher)?;
    Ok(Exit::Done)
}
