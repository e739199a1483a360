//! `fivexx scan`: the mergeable half of an analysis, made where the logs lie.

use anyhow::{Context, bail};
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::Path;

use super::input::When;
use super::{Exit, input, interrupt};
use crate::cli::scan::Scan;
use crate::output::{say, write_out, write_report_with};
use crate::parser::catalog::Catalog;
use crate::parser::scan::seam::PieceScanner;
use crate::parser::stamp::{YearHint, read_iso_whole};
use crate::partial::{PartialWriter, Scanned, Written};
use crate::report::escape::terminal;
use crate::scanned::Gathered;
use crate::source::{Place, discover};

/// Bytes of standard input read at once.
const BLOCK: usize = 256 * 1024;

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Scan) -> anyhow::Result<Exit> {
    interrupt::tell();
    let now = match &args.modified {
        None => chrono::Utc::now().timestamp(),
        Some(t) => match read_iso_whole(t).or_else(|| read_iso_whole(&super::analyze::with_seconds(t))) {
            Some(s) => s.ms().div_euclid(1000),
            None => bail!("--modified: `{t}` is no time; write 2026-11-21T00:00Z"),
        },
    };
    let stdin = args.paths.iter().any(|p| p.as_os_str() == "-");
    anyhow::ensure!(args.name.is_none() || stdin, "--name is the path of the log on standard input: give - as well");
    let to_stdout = args.output.as_os_str() == "-";
    anyhow::ensure!(!(to_stdout && io::stdout().is_terminal()), "a partial is no text: give -o FILE, or pipe it on");
    let inputs = args.inputs();
    let mut found = discover(&inputs.paths);
    let catalog = input::catalog(&inputs, &mut found)?;
    let hint = YearHint(now.saturating_mul(1000));
    let named =
        |path: &str| args.host.as_ref().map_or_else(|| path.to_owned(), |h| format!("{}/{path}", h.trim_end_matches('/')));
    if let (Some(offset), Some(name)) = (args.offset, &args.name) {
        anyhow::ensure!(args.paths.len() == 1, "--offset is about standard input alone: give no path beside -");
        let piece = scan_piece(&catalog, hint, offset == 0).context("standard input")?;
        let piece = Scanned::Piece(offset, Box::new(piece));
        written(&args.output, |out| {
            let mut partial = PartialWriter::new(&catalog, out)?;
            partial.file(&named(name), &piece, hint)?;
            partial.finish()
        })?;
        return Ok(Exit::Done);
    }
    if let Some(name) = &args.name {
        found.inputs.iter_mut().filter(|i| i.place == Place::Stdin).for_each(|i| i.name.clone_from(name));
    }
    let mut all = input::read_all(&catalog, found, When::all(now), args.max_expansion);
    all.files.sort_by(|a, b| a.path.cmp(&b.path));
    let nothing = all.files.is_empty();
    if nothing {
        all.skipped.iter().for_each(|s| say(&format!("fivexx: {}: {}", terminal(&s.name), terminal(&s.because.to_string()))));
        say("fivexx: nothing was read: the partial tells only that");
    }
    written(&args.output, |out| write(&catalog, all, hint, &named, out))?;
    Ok(if nothing { Exit::NothingReadable } else { Exit::Done })
}

fn write(catalog: &Catalog, all: Gathered, hint: YearHint, named: &dyn Fn(&str) -> String, out: &mut dyn Write) -> Written {
    let mut partial = PartialWriter::new(catalog, out)?;
    for file in all.files {
        partial.file(&named(&file.path), &Scanned::Whole(file.tally), hint)?;
    }
    for mut skipped in all.skipped {
        skipped.name = named(&skipped.name);
        partial.unread(&skipped);
    }
    partial.finish()
}

fn scan_piece(catalog: &Catalog, hint: YearHint, begins_file: bool) -> io::Result<crate::parser::scan::seam::Piece> {
    let mut scanner = PieceScanner::new(catalog, hint, begins_file);
    let (mut stdin, mut block) = (io::stdin().lock(), vec![0; BLOCK]);
    loop {
        match stdin.read(&mut block) {
            Ok(0) => return Ok(scanner.finish()),
            Ok(n) => scanner.feed(&block[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Writes a file whole or not at all, or to standard output.
fn written(path: &Path, write: impl FnOnce(&mut dyn Write) -> Written) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        // Made whole first, so that a reader that goes away is known for one, and nobody gets half of it when something else fails.
        let mut partial = Vec::new();
        write(&mut partial)?;
        return Ok(write_out(&partial)?);
    }
    Ok(write_report_with(path, |file| {
        let mut out = BufWriter::new(file);
        write(&mut out).map_err(io::Error::other)?;
        out.flush()
    })?)
}
