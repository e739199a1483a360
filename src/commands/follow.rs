//! `fivexx follow`: looks again and again, tells when the verdict has changed, and the last one at the end.

use anyhow::{anyhow, bail};
use clap::Parser;
use std::io::Write;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{Exit, analyze, input, masking, talk};
use crate::analysis::{Settings, analyze};
use crate::cli::tools::{Follow, Tell};
use crate::cli::{Cli, Command};
use crate::diagnosis::cause::Causes;
use crate::follow::verdict::{Teller, line};
use crate::follow::{Ask, Follower};
use crate::model::{Report, Verdict};
use crate::parser::catalog::Catalog;
use crate::redact::Redaction;
use crate::report::escape::terminal;
use crate::source::discover;

/// An analysis takes at most this share of the time, however much is kept.
const SHARE: u32 = 4;

/// Runs the subcommand.
///
/// # Errors
/// Wrong usage, a broken definition, or an output that cannot be written.
pub fn run(args: &Follow) -> anyhow::Result<Exit> {
    anyhow::ensure!(!args.inputs.paths.is_empty(), "give files, folders, globs, or - for standard input");
    let every = duration("--every", &args.every)?;
    let ask = Ask {
        paths: args.inputs.paths.clone(),
        keep: duration("--keep", &args.keep)?,
        begin_with: size("--begin-with", &args.begin_with)?,
    };
    let catalog = input::catalog(&args.inputs, &mut discover(&args.inputs.paths))?;
    let causes = Causes::load(&args.inputs.definitions.cause_folders, &catalog)?;
    let zones = input::zones(&args.inputs)?;
    let redaction = masking::wanted(&args.masking, None)?;
    let stop = on_signal()?;
    let mut follower = Follower::new(&catalog, ask, chrono::Utc::now().timestamp_millis());
    let mut session = Session {
        args,
        catalog: &catalog,
        causes: &causes,
        zones,
        redaction,
        teller: Teller::default(),
        last: None,
        found: false,
    };
    follower.poll();
    if follower.is_empty() {
        for s in follower.skipped() {
            eprintln!("fivexx: {}: {}", terminal(&s.name), terminal(&s.because.to_string()));
        }
        eprintln!("fivexx: nothing to follow: give logs, or folders that hold some");
        return Ok(Exit::NothingReadable);
    }
    if !talk::is_quiet() {
        let n = follower.len();
        let what = if n == 1 { "1 log".to_owned() } else { format!("{n} logs") };
        eprintln!("fivexx: following {what}; Ctrl-C ends with the verdict");
    }
    let (mut next, mut unheard) = (Instant::now(), true);
    loop {
        // A long file is caught up with before it is judged.
        loop {
            let came = follower.poll();
            unheard |= came > 0;
            if came == 0 || stopped(&stop, Duration::ZERO) == Some(()) {
                break;
            }
        }
        if (unheard || session.teller.waits()) && Instant::now() >= next {
            let begun = Instant::now();
            follower.forget();
            session.look(&follower)?;
            unheard = false;
            next = Instant::now() + (begun.elapsed() * SHARE).max(every / 2);
        }
        if follower.is_over() || stopped(&stop, every).is_some() {
            break;
        }
    }
    while follower.poll() > 0 {}
    session.end(&follower)
}

/// What goes on from look to look.
struct Session<'a> {
    args: &'a Follow,
    catalog: &'a Catalog,
    causes: &'a Causes,
    zones: Vec<crate::clock::ZoneRule>,
    redaction: Redaction,
    teller: Teller,
    /// The last second that any log speaks of.
    last: Option<i64>,
    /// An incident was found at any time.
    found: bool,
}

impl Session<'_> {
    fn report(&mut self, follower: &Follower<'_>) -> anyhow::Result<Report> {
        let keep = i64::try_from(duration("--keep", &self.args.keep)?.as_secs()).unwrap_or(i64::MAX / 2);
        let settings = Settings {
            from: self.last.map(|l| l.saturating_sub(keep)),
            to: None,
            zones: self.zones.clone(),
            now: chrono::Utc::now().timestamp(),
            redaction: self.redaction.clone(),
            lang: crate::lang::Lang::En,
        };
        let report = analyze(&follower.scan(), self.catalog, self.causes, &settings)?;
        self.last = report.period.map(|p| p.end.0).or(self.last);
        self.found |= report.verdict == Verdict::Incident;
        Ok(report)
    }

    fn look(&mut self, follower: &Follower<'_>) -> anyhow::Result<()> {
        let report = self.report(follower)?;
        tracing::debug!("looked after {} bytes: {:?}", follower.bytes_read(), report.verdict);
        if let Some(said) = self.teller.hear(&report) {
            self.tell(&said, &report)?;
        }
        Ok(())
    }

    fn tell(&self, said: &str, report: &Report) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        match self.args.format {
            Tell::Text => writeln!(out, "{said}")?,
            Tell::Json => writeln!(out, "{}", serde_json::to_string(report)?)?,
        }
        Ok(out.flush()?)
    }

    fn end(&mut self, follower: &Follower<'_>) -> anyhow::Result<Exit> {
        let report = self.report(follower)?;
        self.tell(&format!("At the end: {}", line(&report)), &report)?;
        if let Some(path) = &self.args.output {
            let words = ["fivexx".as_ref(), "analyze".as_ref(), "-o".as_ref(), path.as_os_str()];
            let Command::Analyze(flags) = Cli::try_parse_from(words)?.command else { bail!("unreachable: analyze was said") };
            analyze::write(&flags, &flags.inputs, &report, analyze::viewers_zone())?;
        }
        Ok(if self.found && self.args.fail_on.is_some() { Exit::Found } else { Exit::Done })
    }
}

/// Waits so long, or until the end is asked for.
fn stopped(stop: &Receiver<()>, wait: Duration) -> Option<()> {
    match stop.recv_timeout(wait) {
        Ok(()) => Some(()),
        Err(RecvTimeoutError::Timeout) => None,
        // The thread that listens for signals is gone: only the pause is left.
        Err(RecvTimeoutError::Disconnected) => {
            std::thread::sleep(wait);
            None
        }
    }
}

/// Speaks when Ctrl-C or SIGTERM comes.
fn on_signal() -> anyhow::Result<Receiver<()>> {
    let (send, stop) = channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let guard = runtime.enter();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(unix)]
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    drop(guard);
    std::thread::spawn(move || {
        runtime.block_on(async {
            #[cfg(unix)]
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
        });
        // Twice, for it is looked at while catching up and again while waiting.
        let _ = send.send(());
        let _ = send.send(());
        loop {
            std::thread::park();
        }
    });
    Ok(stop)
}

fn duration(flag: &str, text: &str) -> anyhow::Result<Duration> {
    let read = humantime::parse_duration(text).map_err(|e| anyhow!("{flag}: `{text}`: {e}; write 2s, 90m or 2h"))?;
    anyhow::ensure!(!read.is_zero(), "{flag}: `{text}` is no time at all; write 2s, 90m or 2h");
    Ok(read)
}

/// `64M` → bytes.
fn size(flag: &str, text: &str) -> anyhow::Result<u64> {
    if text == "all" {
        return Ok(u64::MAX);
    }
    let wrong = || anyhow!("{flag}: `{text}` is no size; write 500K, 64M, 1G or all");
    let (digits, unit) = text.split_at(text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
    let scale: u64 = match unit.to_ascii_uppercase().trim_end_matches('B').trim_end_matches('I') {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return Err(wrong()),
    };
    digits.parse::<u64>().ok().and_then(|n| n.checked_mul(scale)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("--begin-with", "64M").unwrap(), 64 << 20);
        assert_eq!(size("--begin-with", "2GiB").unwrap(), 2 << 30);
        assert_eq!(size("--begin-with", "500").unwrap(), 500);
        assert_eq!(size("--begin-with", "all").unwrap(), u64::MAX);
        for wrong in ["", "M", "-1", "64X", "99999999999999G"] {
            assert!(size("--begin-with", wrong).is_err(), "{wrong}");
        }
    }
}
