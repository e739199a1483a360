//! `fivexx analyze`: from paths to a report.

use anyhow::{anyhow, bail};
use std::io::IsTerminal;
use std::path::Path;

use super::input::When;
use super::{Exit, aws, input, interrupt, masking, pictures};
use crate::analysis::{Settings, analyze};
use crate::cli::{Analyze, FailOn, Format, Inputs};
use crate::clock::ZoneShift;
use crate::diagnosis::cause::Causes;
use crate::model::{Report, Verdict};
use crate::output::{write_out, write_report};
use crate::parser::stamp::read_iso_whole;
use crate::redact::{Masker, Redaction};
use crate::report;
use crate::scanned::Gathered;
use crate::source::{Found, Wanted};

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Analyze) -> anyhow::Result<Exit> {
    run_on(args, None)
}

/// Runs the analysis on what was found already, or else on what the arguments name.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_on(args: &Analyze, found: Option<Found>) -> anyhow::Result<Exit> {
    interrupt::tell();
    let config = aws::configuration(&args.from_aws)?;
    let inputs = aws::over_file(&args.inputs, &config);
    let mut settings = settings(args, &inputs)?;
    settings.redaction = masking::wanted(&args.masking, config.redact.as_ref())?;
    let display = match &args.display_tz {
        Some(zone) => Some(ZoneShift::parse(zone).map_err(|e| anyhow!("--display-tz: {e}"))?),
        None => viewers_zone(),
    };
    // What is masked is needed at the end: it is made ready while the first lines keep one core busy.
    rayon::spawn(|| drop(Masker::new(&Redaction::default())));
    let when = When { now: settings.now, wanted: Wanted::between(settings.from, settings.to) };
    let (catalog, scan) = if args.aws {
        let place = aws::with_flags(config.aws.unwrap_or_default(), &args.from_aws)?;
        input::read_with(&inputs, when, |catalog| aws::fetch(place, &settings, catalog))?
    } else {
        aws::refuse_without_aws(&args.from_aws)?;
        match found {
            Some(found) => input::read_found(&inputs, found, when, |_| Ok(Gathered::default()))?,
            None => input::read(&inputs, when)?,
        }
    };
    let Some(scan) = scan else { return Ok(Exit::NothingReadable) };
    let causes = Causes::load(&inputs.definitions.cause_folders, &catalog)?;
    let begun = std::time::Instant::now();
    let report = analyze(&scan, &catalog, &causes, &settings)?;
    tracing::info!("analysed {} sources in {:.1?}: {} incident(s)", scan.sources.len(), begun.elapsed(), report.incidents.len());
    write(args, &inputs, &report, display)?;
    let found_one = report.verdict == Verdict::Incident && args.fail_on == Some(FailOn::Incident);
    // The process ends here, and gives its memory back at once: to take all definitions apart first takes milliseconds.
    std::mem::forget((catalog, causes, scan, report));
    Ok(if found_one { Exit::Found } else { Exit::Done })
}

/// Without --from and --since, so much is fetched from AWS.
const FETCHED_SECONDS: i64 = 2 * 3600;

fn settings(args: &Analyze, inputs: &Inputs) -> anyhow::Result<Settings> {
    let now = second("--now", &args.now)?.unwrap_or_else(|| chrono::Utc::now().timestamp());
    let (mut from, to) = (second("--from", &args.from)?, second("--to", &args.to)?);
    if let Some(since) = &args.since {
        let back = humantime::parse_duration(since).map_err(|e| anyhow!("--since: `{since}`: {e}; write 2h or 90m"))?;
        from = Some(now.saturating_sub(i64::try_from(back.as_secs()).unwrap_or(i64::MAX)));
    } else if args.aws && from.is_none() {
        from = Some(to.unwrap_or(now) - FETCHED_SECONDS);
    }
    if let (Some(f), Some(t)) = (from, to)
        && f >= t
    {
        bail!("the begin (--from, --since) is not before --to: nothing lies between them");
    }
    let zones = input::zones(inputs)?;
    Ok(Settings { from, to, zones, now, lang: args.lang.unwrap_or_default(), ..Settings::default() })
}

/// The UTC second that a flag's text names.
pub(crate) fn second(flag: &str, text: &Option<String>) -> anyhow::Result<Option<i64>> {
    let Some(t) = text else { return Ok(None) };
    // Without seconds is how people type a time.
    let read = read_iso_whole(t).or_else(|| read_iso_whole(&with_seconds(t)));
    match read {
        Some(s) => Ok(Some(s.ms().div_euclid(1000))),
        None => bail!("{flag}: `{t}` is no time; write 2026-11-21T00:00Z, or 2026-11-21T09:00+09:00"),
    }
}

/// The zone of whoever reads this, where it is not UTC.
pub(crate) fn viewers_zone() -> Option<ZoneShift> {
    let offset = chrono::Local::now().offset().local_minus_utc();
    (offset != 0).then_some(ZoneShift::Fixed(offset))
}

/// `2026-11-21T00:00Z` → `2026-11-21T00:00:00Z`.
pub(super) fn with_seconds(text: &str) -> String {
    match text.char_indices().nth(16) {
        Some((at, _)) => format!("{}:00{}", &text[..at], &text[at..]),
        None => format!("{text}:00"),
    }
}

/// Writes the report as the flags say.
pub(crate) fn write(args: &Analyze, inputs: &Inputs, report: &Report, display: Option<ZoneShift>) -> anyhow::Result<()> {
    let terminal = std::io::stdout().is_terminal();
    let by_name = args.output.as_deref().and_then(format_of);
    let format = args.format.or(by_name).unwrap_or(if args.output.is_none() && terminal { Format::Terminal } else { Format::Md });
    let text = match format {
        Format::Json => report::json(report)?,
        Format::Md => {
            let pictures = pictures::for_markdown(report, args.charts, args.output.as_deref())?;
            report::markdown::render_with(report, display, &pictures)
        }
        Format::Html => report::html::render(report, display),
        Format::Terminal => {
            let look = pictures::look(args.color, inputs, args.output.is_some());
            report::terminal::render_as(report, display, &look)
        }
    };
    match &args.output {
        None => Ok(write_out(text.as_bytes())?),
        Some(path) => Ok(write_report(path, text.as_bytes())?),
    }
}

fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "json" => Some(Format::Json),
        "html" | "htm" => Some(Format::Html),
        "txt" => Some(Format::Terminal),
        _ => None,
    }
}
