//! Where a look's data come from: files of this machine, and whatever else implements [`Gather`].

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use crate::cli::{Definitions, Inputs};
use crate::commands::input::{self, When};
use crate::config::Config;
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::scanned::Gathered;
use crate::source::{Found, Place, Skipped, Wanted, discover};

/// A file that was last written longer than this before a look's begin holds nothing of it, wrong clocks included.
const OLD: Duration = Duration::from_secs(3600);

/// What a look asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// From this second (UTC) on.
    pub from: i64,
    /// Up to this second, which is no longer part of it.
    pub to: i64,
    /// The second it is.
    pub now: i64,
    /// The look is a replay: files may be younger than what they tell.
    pub replay: bool,
}

/// A place that data come from.
pub trait Gather: Send + Sync {
    /// Its name, under which is remembered up to where it was read.
    fn place(&self) -> &str;

    /// Fetches what there is. Blocks; what could not be fetched is among the skipped.
    ///
    /// # Errors
    /// Nothing could be fetched at all.
    fn gather(&self, catalog: &Catalog, ask: Ask) -> Result<Gathered, String>;
}

/// Files and folders of this machine, as one look finds them.
pub struct Files {
    inputs: Inputs,
    found: Mutex<Found>,
}

impl Files {
    /// Those that a configuration names.
    pub fn of(config: &Config) -> Self {
        Files {
            found: Mutex::new(discover(&config.paths)),
            inputs: Inputs {
                paths: config.paths.clone(),
                tz: config.tz.clone(),
                nginx_format: Vec::new(),
                uwsgi_format: Vec::new(),
                max_expansion: None,
                definitions: Definitions { parser_folders: config.parsers.clone(), cause_folders: config.causes.clone() },
            },
        }
    }

    /// The definitions, with the formats that configuration files among the inputs spell out.
    ///
    /// # Errors
    /// A definition is broken.
    pub fn catalog(&self) -> anyhow::Result<Catalog> {
        input::catalog(&self.inputs, &mut self.found())
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gather for Files {
    fn place(&self) -> &str {
        "files"
    }

    fn gather(&self, catalog: &Catalog, ask: Ask) -> Result<Gathered, String> {
        let mut found = std::mem::take(&mut *self.found());
        // A pipe can be read once; a watch looks again and again.
        found.inputs.retain(|i| i.place != Place::Stdin);
        if !ask.replay {
            leave_old(&mut found, ask.from);
        }
        let scan =
            input::read_all(catalog, found, When { now: ask.now, wanted: Wanted::between(Some(ask.from), Some(ask.to)) }, None);
        if scan.files.is_empty() {
            let first = scan.skipped.first().map_or_else(String::new, |s| format!(": {}: {}", s.name, s.because));
            return Err(format!("none of the paths holds a log that can be read{first}"));
        }
        Ok(scan)
    }
}

/// Rotated logs pile up for weeks; those that ended before the look begins are not read again and again.
fn leave_old(found: &mut Found, from: i64) {
    let Ok(from) = u64::try_from(from) else { return };
    let before = UNIX_EPOCH + Duration::from_secs(from) - OLD.min(Duration::from_secs(from));
    let all = found.inputs.len();
    let is_old = |place: &Place| match place {
        Place::File(path) => fs::metadata(path).and_then(|m| m.modified()).is_ok_and(|at| at < before),
        Place::Stdin | Place::Memory(_) => false,
    };
    // Where all are old, nothing was written for long: the newest words are better than none.
    let fresh = found.inputs.iter().filter(|i| !is_old(&i.place)).count();
    if fresh == 0 || fresh == all {
        return;
    }
    found.inputs.retain(|i| !is_old(&i.place));
    let because = Saying::count("skip-older", (all - fresh) as u64);
    found.skipped.push(Skipped { name: "files".to_owned(), because });
}
