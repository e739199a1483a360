//! Report files: their names, and writing them so that a reader finds a whole one or none.

use std::fs;
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;

use super::machine::Known;
use super::outbox::Draft;
use crate::model::Instant;
use crate::output::write_whole;

/// What will be there later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A store of objects that reports are also written to.
pub trait Upload: Send + Sync {
    /// Writes one object whole, over the one of that key.
    fn put<'a>(&'a self, bucket: &'a str, key: &'a str, body: &'a str, content_type: &'a str) -> Later<'a, Result<(), String>>;
}

/// The extensions of a report, with their media types.
pub const KINDS: [(&str, &str); 2] = [("md", "text/markdown; charset=utf-8"), ("json", "application/json")];

/// A report's name without its extension: `2026-11-21T0210Z-app_queue-listen_queue_full-1f0c3a9d22`. Made of a time, two words of ours
/// and a hash: nothing that a log says gets into the name of a file.
pub fn name(known: &Known) -> String {
    let begin = Instant(known.facts.span.start).utc().format("%Y-%m-%dT%H%MZ");
    format!("{begin}-{}-{}-{}", known.facts.layer.id(), plain(&known.facts.mechanism), known.id)
}

/// The id of a cause may come from a user's own definition.
fn plain(id: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    id.chars().map(keep).take(60).collect()
}

/// The text of one kind.
pub fn text<'d>(draft: &'d Draft, extension: &str) -> &'d str {
    if extension == "json" { &draft.json } else { &draft.markdown }
}

/// Writes a report into the folder, over an older one.
///
/// # Errors
/// The folder cannot be made or written.
pub fn write(folder: &Path, name: &str, draft: &Draft) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (extension, _) in KINDS {
        write_whole(&folder.join(format!("{name}.{extension}")), text(draft, extension).as_bytes())?;
    }
    Ok(())
}
