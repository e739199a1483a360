//! A command: the notification as JSON on its standard input; exit status 0 is acceptance.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::Refusal;
use super::spool::Spool;
use crate::report::escape::terminal;
use crate::watch::notification::Notification;

/// Longest time that a command may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How much of a failed command's output is told.
const TAIL: u64 = 300;

/// Runs the command once.
///
/// # Errors
/// It could not be started, did not end in time, or did not end with status 0.
pub async fn run(argv: &[String], notification: &Notification, spool: &Spool) -> Result<(), Refusal> {
    let program = &argv[0];
    let json = notification.json().map_err(|e| Refusal::clear(e.to_string()))?;
    // A file, not a pipe: the watch that would read the pipe may die, and the command must not fail for it.
    let output = File::create(spool.output()).and_then(|f| Ok((f.try_clone()?, f)));
    let (out, err) = output.map_err(|e| Refusal::clear(format!("its output cannot be kept: {e}")))?;
    let child = Command::new(program)
        .args(&argv[1..])
        .env("FIVEXX_KEY", &notification.key)
        .stdin(Stdio::piped())
        .stdout(out)
        .stderr(err)
        .kill_on_drop(true)
        .spawn();
    let mut child = child.map_err(|e| Refusal::clear(format!("{program}: cannot be started: {e}")))?;
    let mut stdin = child.stdin.take();
    let work = async {
        if let Some(pipe) = &mut stdin {
            // A command may do without reading; its status says whether it accepted.
            let _ = pipe.write_all(json.as_bytes()).await;
            let _ = pipe.shutdown().await;
        }
        drop(stdin.take());
        child.wait().await
    };
    match tokio::time::timeout(LIMIT, work).await {
        Err(_) => Err(Refusal::unsure(format!("{program}: did not end within {} s and was killed", LIMIT.as_secs()))),
        Ok(Err(e)) => Err(Refusal::unsure(format!("{program}: {e}"))),
        Ok(Ok(status)) if status.success() => Ok(()),
        // A signal is nobody's answer: it may have done its work before.
        Ok(Ok(status)) if status.code().is_none() => Err(Refusal::unsure(format!("{program}: {status}{}", tail(spool)))),
        Ok(Ok(status)) => Err(Refusal::clear(format!("{program}: {status}{}", tail(spool)))),
    }
}

fn tail(spool: &Spool) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(spool.output())?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let text = String::from_utf8_lossy(&read().unwrap_or_default()).trim().replace('\n', " / ");
    if text.is_empty() { String::new() } else { format!(": {}", terminal(&text)) }
}
