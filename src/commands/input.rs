//! From the paths on the command line to scanned sources: what `analyze` and `clocks` share.

use anyhow::anyhow;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use std::fs;
use std::io::{IsTerminal, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::talk;
use crate::cli::Inputs;
use crate::clock::ZoneRule;
use crate::lang::Saying;
use crate::output::say;
use crate::parser::catalog::Catalog;
use crate::parser::log_format;
use crate::parser::stamp::YearHint;
use crate::partial::{Joining, is_partial};
use crate::report::escape::terminal;
use crate::scanned::{Gathered, Scan, ScannedFile};
use crate::source::read::{Bounds, Progress, Reading, scan_within};
use crate::source::{EXPANSION, Found, Input, Place, Skipped, Wanted, discover};

/// A configuration file is small; a larger file is a log.
const MAX_CONFIGURATION: u64 = 1 << 20;

/// Before this, a progress display is only noise.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is read of the inputs, and the second (UTC) at which.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// The second it is.
    pub now: i64,
    /// The stretch of time that is asked for.
    pub wanted: Wanted,
}

impl When {
    /// All there is.
    pub fn all(now: i64) -> Self {
        When { now, wanted: Wanted::default() }
    }
}

/// Finds, opens and scans the inputs; `None`, with the reasons on stderr, where nothing is readable.
///
/// # Errors
/// A definition or a format text is broken.
pub fn read(args: &Inputs, when: When) -> anyhow::Result<(Catalog, Option<Scan>)> {
    anyhow::ensure!(!args.paths.is_empty(), "give files, folders, globs, or - for standard input");
    read_with(args, when, |_| Ok(Gathered::default()))
}

/// [`read`], together with what `elsewhere` gathers.
///
/// # Errors
/// As [`read`], and what `elsewhere` says.
pub fn read_with(
    args: &Inputs,
    when: When,
    elsewhere: impl FnOnce(&Catalog) -> anyhow::Result<Gathered>,
) -> anyhow::Result<(Catalog, Option<Scan>)> {
    read_found(args, discover(&args.paths), when, elsewhere)
}

/// [`read_with`], where it is known already what there is.
///
/// # Errors
/// As [`read_with`].
pub(crate) fn read_found(
    args: &Inputs,
    mut found: Found,
    when: When,
    elsewhere: impl FnOnce(&Catalog) -> anyhow::Result<Gathered>,
) -> anyhow::Result<(Catalog, Option<Scan>)> {
    let begun = std::time::Instant::now();
    let partials = take_partials(&mut found);
    let catalog = catalog(args, &mut found)?;
    tracing::debug!("{} formats ready after {:.1?}", catalog.formats.len(), begun.elapsed());
    let mut all = read_all(&catalog, found, when, args.max_expansion);
    let more = elsewhere(&catalog)?;
    all.files.extend(more.files);
    all.skipped.extend(more.skipped);
    let names: std::collections::BTreeSet<String> = all.files.iter().map(|f| f.path.clone()).collect();
    let partials = partials.finish(&catalog, &|name| names.contains(name));
    all.files.extend(partials.files);
    all.skipped.extend(partials.skipped);
    let scan = Scan::new(&catalog, all.files, all.skipped);
    if scan.sources.is_empty() {
        for s in &scan.skipped {
            say(&format!("fivexx: {}: {}", terminal(&s.name), terminal(&s.because.to_string())));
        }
        say("fivexx: nothing readable: give log files, or folders that hold some (`fivexx parsers list` names the formats)");
        return Ok((catalog, None));
    }
    Ok((catalog, Some(scan)))
}

/// Takes the partials out of what was found, and reads them.
fn take_partials(found: &mut Found) -> Joining {
    let mut joining = Joining::default();
    found.inputs.retain(|input| match &input.place {
        Place::File(path) if is_partial(path) => {
            joining.add(&input.name, path);
            false
        }
        _ => true,
    });
    joining
}

/// The zones given with `--tz`.
///
/// # Errors
/// A source or a zone is none.
pub fn zones(args: &Inputs) -> anyhow::Result<Vec<ZoneRule>> {
    args.tz.iter().map(|t| ZoneRule::parse(t).map_err(|e| anyhow!("--tz {t}: {e}"))).collect()
}

/// The definitions, with the formats that flags and configuration files among the inputs spell out.
pub(crate) fn catalog(args: &Inputs, found: &mut Found) -> anyhow::Result<Catalog> {
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
                    Ok(()) => Saying::with("format-used", &[("directive", &format.directive), ("name", &name)]),
                    Err(e) => {
                        let error = e.to_string();
                        Saying::with("format-not-used", &[("directive", &format.directive), ("name", &name), ("error", &error)])
                    }
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
pub(crate) fn read_all(catalog: &Catalog, found: Found, when: When, expansion: Option<u64>) -> Gathered {
    let bounds = Bounds { expansion: expansion.unwrap_or(EXPANSION), wanted: when.wanted };
    let progress = Progress::default();
    let bar = (std::io::stderr().is_terminal() && !talk::is_quiet()).then(|| total_bytes(&found.inputs)).map(|total| {
        let bar = ProgressBar::hidden();
        bar.set_length(total);
        let style = ProgressStyle::with_template("reading {bytes} of {total_bytes} {bar:24} {bytes_per_sec}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar
    });
    let done = std::sync::atomic::AtomicBool::new(false);
    let readings: Vec<(Input, Reading)> = std::thread::scope(|threads| {
        if let Some(bar) = &bar {
            threads.spawn(|| show_progress(bar, &progress, &done));
        }
        let all = found.inputs.into_par_iter().map(|i| {
            let begun = std::time::Instant::now();
            let reading = scan_within(catalog, &i, YearHint(when.now * 1000), &progress, &bounds);
            log_reading(&i, &reading, begun.elapsed());
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
    Gathered { files, skipped, ..Gathered::default() }
}

/// The bytes that a file has when it is unpacked: gzip's trailer tells them, and logs shrink to a tenth or so by zstd.
fn plain_size(path: &Path) -> std::io::Result<u64> {
    let size = fs::metadata(path)?.len();
    Ok(match path.extension().and_then(|e| e.to_str()) {
        Some("gz") if size > 18 => {
            let (mut file, mut trailer) = (fs::File::open(path)?, [0; 4]);
            file.seek(SeekFrom::End(-4))?;
            file.read_exact(&mut trailer)?;
            u64::from(u32::from_le_bytes(trailer)).max(size)
        }
        Some("zst") => size * 10,
        _ => size,
    })
}

fn log_reading(input: &Input, reading: &Reading, took: Duration) {
    let name = terminal(&input.name);
    match reading {
        Reading::Scanned(t) => tracing::info!("{name}: {} lines, {} not understood, {took:.1?}", t.lines, t.unmatched),
        Reading::Skipped(because) => tracing::info!("{name}: not read: {}", terminal(&because.to_string())),
    }
}

fn show_progress(bar: &ProgressBar, progress: &Progress, done: &std::sync::atomic::AtomicBool) {
    let begin = std::time::Instant::now();
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        if begin.elapsed() > PATIENCE {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            let read = progress.0.load(Ordering::Relaxed);
            // What there is in all was an estimate where files are packed.
            if bar.length().is_some_and(|all| read > all) {
                bar.set_length(read);
            }
            bar.set_position(read);
        }
    }
    bar.finish_and_clear();
}

fn total_bytes(inputs: &[Input]) -> u64 {
    let size = |i: &Input| match &i.place {
        Place::File(p) => plain_size(p).unwrap_or(0),
        Place::Memory(b) => b.len() as u64,
        Place::Stdin => 0,
    };
    inputs.iter().map(size).sum()
}
