//! Many partials into one gathering: rows of one piece find together, pieces become files.

use std::collections::BTreeMap;
use std::path::Path;

use super::draft::Draft;
use super::end;
use super::name;
use super::read::{Contents, read};
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::scan::seam::{End, Piece, join};
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;
use crate::scanned::{Gathered, ScannedFile};
use crate::source::Skipped;

/// Partials on their way into a [`Gathered`]. The result does not depend on the order in which they are added.
#[derive(Default)]
pub struct Joining {
    /// By path and offset: the drafts with the names of the partials that they came in.
    drafts: BTreeMap<(String, i64), Vec<(String, Draft)>>,
    skipped: Vec<Skipped>,
}

impl Joining {
    /// Takes in a partial; one that is broken is reported as a source that was not read.
    pub fn add(&mut self, name: &str, path: &Path) {
        match read(path) {
            Err(because) => self.skipped.push(Skipped { name: name.to_owned(), because }),
            Ok(contents) => self.add_contents(name, contents),
        }
    }

    fn add_contents(&mut self, name: &str, contents: Contents) {
        self.skipped.extend(contents.unread);
        for (key, draft) in contents.drafts {
            self.drafts.entry(key).or_default().push((name.to_owned(), draft));
        }
    }

    /// Puts everything together. `taken` tells names that other inputs have.
    pub fn finish(mut self, catalog: &Catalog, taken: &dyn Fn(&str) -> bool) -> Gathered {
        let mut files: BTreeMap<String, BTreeMap<i64, Draft>> = BTreeMap::new();
        for ((path, offset), mut drafts) in std::mem::take(&mut self.drafts) {
            drafts.sort_by(|a, b| a.0.cmp(&b.0));
            let told: usize = drafts.iter().map(|d| d.1.told).sum();
            if told <= 1 {
                // One piece, whose rows an engine may have spread over several files.
                let whole = drafts.into_iter().map(|d| d.1).reduce(|mut a, b| {
                    a.extend(b);
                    a
                });
                let named = if taken(&path) { format!("partials/{path}") } else { path };
                files.entry(named).or_default().extend(whole.map(|d| (offset, d)));
                continue;
            }
            // Hosts that call their logs alike: the partials' names tell them apart.
            for (partial, draft) in drafts {
                if draft.told != 1 {
                    let times = draft.told.to_string();
                    let because = Saying::with("partial-told-twice", &[("times", &times), ("partial", &partial)]);
                    self.skipped.push(Skipped { name: path.clone(), because });
                    continue;
                }
                files.entry(format!("{}/{path}", stem(&partial))).or_default().insert(offset, draft);
            }
        }
        let mut all = Gathered { skipped: self.skipped, ..Gathered::default() };
        for (path, pieces) in files {
            let tally = file(catalog, &path, pieces, &mut all.skipped);
            all.files.push(ScannedFile { path, tally });
        }
        all
    }
}

/// `part-1.parquet` → `part-1`.
fn stem(name: &str) -> &str {
    name.strip_suffix(".parquet").unwrap_or(name)
}

/// The tally of a file, whole or in pieces.
fn file(catalog: &Catalog, path: &str, pieces: BTreeMap<i64, Draft>, skipped: &mut Vec<Skipped>) -> FileTally {
    let hint = pieces.values().find_map(|d| d.number(name::YEAR_HINT)).unwrap_or(0);
    let in_pieces = pieces.len() > 1 || pieces.values().any(|d| d.number(name::PIECE) == Some(1));
    let mut note = |because: Saying| skipped.push(Skipped { name: path.to_owned(), because });
    let mut sound = Vec::new();
    let mut expected = 0;
    for (offset, mut draft) in pieces {
        let (head, last) = (std::mem::take(&mut draft.head), draft.end.take());
        let end: End = match last {
            None => End::default(),
            Some(bytes) => end::decode(&bytes, catalog).unwrap_or_else(|| {
                note(Saying::of("partial-broken-end"));
                End::default()
            }),
        };
        let (body, unknown) = draft.finish(catalog, end.block.as_ref().map_or(0, |b| b.lines));
        unknown.into_iter().for_each(&mut note);
        let length = i64::try_from(body.bytes).unwrap_or(i64::MAX).saturating_add(i64::try_from(head.len()).unwrap_or(0));
        if !in_pieces {
            return body;
        }
        if offset < expected {
            note(Saying::with("partial-overlap", &[("byte", &offset.to_string())]));
            continue;
        }
        if offset > expected {
            note(Saying::with("partial-gap", &[("from", &expected.to_string()), ("to", &offset.to_string())]));
        }
        expected = offset.saturating_add(length);
        sound.push(Piece { head, body, end });
    }
    join(catalog, YearHint(hint), sound)
}
