//! `fivexx aws`, and what `analyze --aws` fetches: from flags and `fivexx.toml` to a request.

use anyhow::bail;

use super::Exit;
use crate::analysis::Settings;
use crate::cli::Inputs;
use crate::cli::aws::{Aws, AwsAction, AwsFlags};
use crate::config::{self, Config};
use crate::parser::catalog::Catalog;
use crate::scanned::Gathered;

/// The file that `--config` names, or one without settings.
///
/// # Errors
/// It cannot be read, or something in it is wrong.
pub fn configuration(flags: &AwsFlags) -> anyhow::Result<Config> {
    Ok(flags.config.as_deref().map(config::load).transpose()?.unwrap_or_default())
}

/// A flag that needs `--aws` must not be silently without effect; a variable in the environment may be.
///
/// # Errors
/// There is such a flag.
pub fn refuse_without_aws(flags: &AwsFlags) -> anyhow::Result<()> {
    let given = [
        ("--load-balancer", "FIVEXX_LOAD_BALANCER", flags.load_balancer.clone()),
        ("--log-group", "FIVEXX_LOG_GROUPS", (!flags.log_groups.is_empty()).then(|| flags.log_groups.join(","))),
        ("--access-logs", "FIVEXX_ACCESS_LOGS", flags.access_logs.clone()),
        ("--region", "FIVEXX_REGION", flags.region.clone()),
    ];
    for (flag, variable, value) in given {
        if value.is_some() && value != std::env::var(variable).ok() {
            bail!("{flag} has an effect only together with --aws");
        }
    }
    Ok(())
}

/// What the command line leaves open is as the file says.
pub fn over_file(given: &Inputs, file: &Config) -> Inputs {
    let mut inputs = given.clone();
    let or = |given: &mut Vec<_>, file: &Vec<_>| {
        if given.is_empty() {
            given.clone_from(file);
        }
    };
    or(&mut inputs.paths, &file.paths);
    or(&mut inputs.definitions.parser_folders, &file.parsers);
    or(&mut inputs.definitions.cause_folders, &file.causes);
    if inputs.tz.is_empty() {
        inputs.tz.clone_from(&file.tz);
    }
    inputs
}

/// The file's settings with the flags (and the environment) over them.
///
/// # Errors
/// A value makes no sense, or nothing is named that could be fetched.
pub fn with_flags(mut aws: config::Aws, flags: &AwsFlags) -> anyhow::Result<config::Aws> {
    fn over<T: Clone>(file: &mut T, flag: Option<&T>) {
        if let Some(value) = flag {
            file.clone_from(value);
        }
    }
    let some = |flag: &Option<String>| flag.clone().filter(|v| !v.is_empty());
    aws.region = some(&flags.region).or(aws.region);
    aws.load_balancer = some(&flags.load_balancer).or(aws.load_balancer);
    aws.access_logs = some(&flags.access_logs).or(aws.access_logs);
    over(&mut aws.max_scan_gb, flags.max_scan_gb.as_ref());
    over(&mut aws.time_budget, flags.time_budget.as_ref());
    let groups: Vec<String> = flags.log_groups.iter().filter(|g| !g.is_empty()).cloned().collect();
    over(&mut aws.log_groups, (!groups.is_empty()).then_some(&groups));
    if let Err(e) = humantime::parse_duration(&aws.time_budget) {
        bail!("--time-budget: `{}`: {e}; write 90s or 2m", aws.time_budget);
    }
    if let Some(place) = aws.access_logs.as_deref().filter(|p| !p.starts_with("s3://")) {
        bail!("--access-logs: `{place}` is no s3://bucket/prefix");
    }
    if aws.load_balancer.is_none() && aws.log_groups.is_empty() && aws.access_logs.is_none() {
        bail!("nothing to read from AWS is named: give --load-balancer, --log-group, --access-logs, or --config fivexx.toml");
    }
    Ok(aws)
}

/// Fetches what there is for the time of an analysis.
///
/// # Errors
/// The runtime cannot be started. What AWS refuses is told in what is given.
#[cfg(feature = "aws")]
pub fn fetch(aws: config::Aws, settings: &Settings, catalog: &Catalog) -> anyhow::Result<Gathered> {
    let to = settings.to.unwrap_or(settings.now);
    let request = crate::aws::Request { aws, from: settings.from.unwrap_or(to), to, now: settings.now };
    Ok(crate::aws::gather_blocking(&request, catalog)?)
}

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, or an output that cannot be written.
#[cfg(feature = "aws")]
pub fn run(args: &Aws) -> anyhow::Result<Exit> {
    use crate::aws::check::{Outcome, Probe, check};
    use crate::report::escape::terminal;
    use std::io::Write;

    let AwsAction::Check(flags) = &args.action;
    let aws = with_flags(configuration(flags)?.aws.unwrap_or_default(), flags)?;
    let catalog = Catalog::load(&[])?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let probes = runtime.block_on(check(&aws, chrono::Utc::now().timestamp(), &catalog));
    runtime.shutdown_background();
    let mut out = crate::output::out();
    for probe in &probes {
        let (word, permission, why) = match &probe.outcome {
            Outcome::Permitted => ("ok", probe.permission, ""),
            Outcome::NotTried(why) => ("-", probe.permission, why.as_str()),
            Outcome::Missing(permission) => ("MISSING", permission.as_str(), ""),
            Outcome::Failed(because) => ("FAILED", probe.permission, because.as_str()),
        };
        let colon = if why.is_empty() { "" } else { ": " };
        writeln!(out, "{word:8} {:28} {}{colon}{}", terminal(permission), terminal(&probe.on), terminal(why))?;
        if probe.is_lost() {
            writeln!(out, "         without it: {}", probe.without)?;
        }
    }
    Ok(if probes.iter().any(Probe::is_lost) { Exit::Found } else { Exit::Done })
}

/// Says that this build cannot.
///
/// # Errors
/// Always.
#[cfg(not(feature = "aws"))]
pub fn fetch(_: config::Aws, _: &Settings, _: &Catalog) -> anyhow::Result<Gathered> {
    bail!("this fivexx was built without the feature `aws`")
}

/// Says that this build cannot.
///
/// # Errors
/// Always.
#[cfg(not(feature = "aws"))]
pub fn run(args: &Aws) -> anyhow::Result<Exit> {
    let AwsAction::Check(_) = &args.action;
    bail!("this fivexx was built without the feature `aws`")
}
