//! `fivexx analyze`: from paths to a report.

use anyhow::{Context, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Exit;
use crate::analysis::{Settings, analyze};
use crate::cli::{Analyze, FailOn, Format};
use crate::clock::{ZoneRule, ZoneShift};
use crate::diagnosis::cause::Causes;
use crate::model::{Report, Verdict};
use crate::parser::catalog::Catalog;
use crate::parser::log_format;
use crate::parser::stamp::{YearHint, read_iso_whole};
use crate::report;
use crate::scanned::{Scan, ScannedFile};
use crate::source::read::{Progress, Reading, scan};
use crate::source::{Found, Input, Place, Skipped, discover};

/// A configuration file is small; a larger file is a log.
const MAX_CONFIGURATION: u64 = 1 << 20;

/// Before this, a progress display is only noise.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Analyze) -> anyhow::Result<Exit> {
    let settings = settings(args)?;
    let display = args.display_tz.as_deref().map(ZoneShift::parse).transpose().map_err(|e| anyhow!("--display-tz: {e}"))?;
    let mut found = discover(&args.paths);
    let catalog = catalog(args, &mut found)?;
    let causes = Causes::load(&args.definitions.cause_folders, &catalog)?;
    let scan = read_all(&catalog, found, settings.now);
    if scan.sources.is_empty() {
        for s in &scan.skipped {
            eprintln!("fivexx: {}: {}", report::escape::terminal(&s.name), report::escape::terminal(&s.because));
        }
        eprintln!(
            "fivexx: nothing readable: give log files, or folders that hold some (`fivexx parsers list` names the formats)"
        );
        return Ok(Exit::NothingReadable);
    }
    let report = analyze(&scan, &catalog, &causes, &settings)?;
    write(args, &report, display)?;
    let found_one = report.verdict == Verdict::Incident && args.fail_on == Some(FailOn::Incident);
    Ok(if found_one { Exit::Found } else { Exit::Done })
}

fn settings(args: &Analyze) -> anyhow::Result<Settings> {
    let second = |flag: &str, text: &Option<String>| -> anyhow::Result<Option<i64>> {
        let Some(t) = text else { return Ok(None) };
        // Without seconds is how people type a time.
        let read = read_iso_whole(t).or_else(|| read_iso_whole(&with_seconds(t)));
        match read {
            Some(s) => Ok(Some(s.ms().div_euclid(1000))),
            None => bail!("{flag}: `{t}` is no time; write 2026-11-21T00:00Z, or 2026-11-21T09:00+09:00"),
        }
    };
    let (from, to) = (second("--from", &args.from)?, second("--to", &args.to)?);
    if let (Some(f), Some(t)) = (from, to)
        && f >= t
    {
        bail!("--from is not before --to: nothing lies between them");
    }
    let zones = args.tz.iter().map(|t| ZoneRule::parse(t).map_err(|e| anyhow!("--tz {t}: {e}"))).collect::<Result<_, _>>()?;
    Ok(Settings { from, to, zones, now: chrono::Utc::now().timestamp() })
}

/// `2026-11-21T00:00Z` → `2026-11-21T00:00:00Z`.
fn with_seconds(text: &str) -> String {
    match text.char_indices().nth(16) {
        Some((at, _)) => format!("{}:00{}", &text[..at], &text[at..]),
        None => format!("{text}:00"),
    }
}

/// The definitions, with the formats that flags and configuration files among the inputs spell out.
fn catalog(args: &Analyze, found: &mut Found) -> anyhow::Result<Catalog> {
    let mut catalog = Catalog::load(&args.definitions.parser_folders)?;
    let given = [("nginx_access", "--nginx-format", &args.nginx_format), ("uwsgi", "--uwsgi-format", &args.uwsgi_format)];
    for (parser, flag, texts) in given {
        for text in texts {
            catalog.add_form(parser, flag, text).map_err(|e| anyhow!("{flag} '{text}': {e}"))?;
        }
    }
    let mut configurations = Vec::new();
    for input in &found.inputs {
        let Some(text) = configuration_text(input) else {
            continue;
        };
        for parser in catalog.formats.iter().map(|f| f.definition.name.clone()).collect::<Vec<_>>() {
            let Some(format) = catalog.find(&parser).and_then(|i| catalog.formats[i].definition.log_format.clone()) else {
                continue;
            };
            for (name, text) in log_format::find_in_configuration(&format, &text) {
                let outcome = catalog.add_form(&parser, &format!("{name} of {}", input.name), &text);
                let because = match outcome {
                    Ok(()) => format!("configuration: its {} `{name}` is used", format.directive),
                    Err(e) => format!("configuration: its {} `{name}` cannot be used: {e}", format.directive),
                };
                configurations.push(Skipped { name: input.name.clone(), because });
            }
        }
    }
    found.inputs.retain(|i| configurations.iter().all(|c| c.name != i.name));
    found.skipped.extend(configurations);
    Ok(catalog)
}

/// The text of an input that is called like a configuration file and is small enough to be one.
fn configuration_text(input: &Input) -> Option<String> {
    let Place::File(path) = &input.place else {
        return None;
    };
    let named = [".conf", ".ini", ".cfg"].iter().any(|e| input.name.ends_with(e));
    if !named || fs::metadata(path).ok()?.len() > MAX_CONFIGURATION {
        return None;
    }
    fs::read_to_string(path).ok()
}

/// Scans all inputs, several at once, with a progress display where somebody watches and it takes a while.
fn read_all(catalog: &Catalog, found: Found, now: i64) -> Scan {
    let progress = Progress::default();
    let bar = std::io::stderr().is_terminal().then(|| total_bytes(&found.inputs)).map(|total| {
        let bar = ProgressBar::hidden();
        bar.set_length(total);
        let style = ProgressStyle::with_template("{bytes}/{total_bytes} {bar:30} {bytes_per_sec} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar
    });
    let done = std::sync::atomic::AtomicBool::new(false);
    let readings: Vec<(Input, Reading)> = std::thread::scope(|threads| {
        if let Some(bar) = &bar {
            threads.spawn(|| show_progress(bar, &progress, &done));
        }
        let all = found.inputs.into_par_iter().map(|i| {
            let reading = scan(catalog, &i, YearHint(now * 1000), &progress);
            (i, reading)
        });
        let all = all.collect();
        done.store(true, Ordering::Relaxed);
        all
    });
    let (mut files, mut skipped) = (Vec::new(), found.skipped);
    for (input, reading) in readings {
        match reading {
            Reading::Scanned(tally) => files.push(ScannedFile { path: input.name, tally: *tally }),
            Reading::Skipped(because) => skipped.push(Skipped { name: input.name, because }),
        }
    }
    Scan::new(catalog, files, skipped)
}

fn show_progress(bar: &ProgressBar, progress: &Progress, done: &std::sync::atomic::AtomicBool) {
    let begin = std::time::Instant::now();
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        if begin.elapsed() > PATIENCE {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            bar.set_position(progress.0.load(Ordering::Relaxed));
        }
    }
    bar.finish_and_clear();
}

fn total_bytes(inputs: &[Input]) -> u64 {
    let size = |i: &Input| match &i.place {
        Place::File(p) => fs::metadata(p).map_or(0, |m| m.len()),
        Place::Stdin => 0,
    };
    inputs.iter().map(size).sum()
}

fn write(args: &Analyze, report: &Report, display: Option<ZoneShift>) -> anyhow::Result<()> {
    let terminal = std::io::stdout().is_terminal();
    let by_name = args.output.as_deref().and_then(format_of);
    let format = args.format.or(by_name).unwrap_or(if args.output.is_none() && terminal { Format::Terminal } else { Format::Md });
    let colour = terminal && args.output.is_none() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let text = match format {
        Format::Json => report::json(report)?,
        Format::Md => report::markdown::render(report, display),
        Format::Terminal => report::terminal::render(report, display, colour),
    };
    match &args.output {
        None => std::io::stdout().lock().write_all(text.as_bytes()).context("standard output"),
        Some(path) => write_whole(path, &text).with_context(|| format!("{} cannot be written", path.display())),
    }
}

fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "json" => Some(Format::Json),
        "txt" => Some(Format::Terminal),
        _ => None,
    }
}

/// Writes a file whole or not at all: beside it first, then in its place.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    if path.exists() && !path.is_file() {
        return fs::write(path, text);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = fs::File::create(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
