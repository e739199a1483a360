//! Lines that no envelope and no form with a shape of its own fits: finding that out takes a trial of every definition, and programs repeat such lines
//! (banners, backtraces, the deaths and births of processes), byte for byte or but for their numbers. It depends on nothing but the line.

use super::{At, FileScanner};
use crate::parser::bytes::{make_room, places_near, same};
use crate::parser::catalog::FormatId;
use crate::parser::cut::Bones;
use crate::parser::format::Claim;

/// Lines remembered.
const LINES: usize = 1024;

/// Longest line that is remembered.
const LONGEST: usize = 256;

/// Lines known to have no shape.
#[derive(Clone, Default)]
pub(super) struct Shapeless {
    /// The last line that did not fit at once was one of them.
    pub(super) was_last: bool,
    known: Vec<Known>,
    /// Those of the line that was asked for last.
    bones: Bones,
    /// Where that line stands, if it is known.
    last: Option<usize>,
}

#[derive(Clone, Default)]
struct Known {
    bones: Vec<u8>,
    /// The line itself, where it is not known that other numbers make no difference.
    exact: Option<Vec<u8>>,
    /// It is known that they do.
    told_by_numbers: bool,
    /// By format: whether an event without a shape may claim it.
    may: Vec<bool>,
    /// Who has claimed it.
    claimed: Claimed,
}

/// Who claims a line without a shape, and all that differ from it in their digits alone.
#[derive(Debug, Clone, Copy, Default)]
enum Claimed {
    /// None was seen to.
    #[default]
    Unknown,
    /// It is found out line by line.
    Anyhow,
    /// This format, if it is asked first and an event of it does, by a form that takes the whole line as the message.
    ByFirst(FormatId, usize),
}

impl Shapeless {
    /// Whether a line is known to have no shape; then `last` tells where it stands.
    #[inline]
    fn has(&mut self, line: &[u8]) -> bool {
        if line.len() > LONGEST || line.is_empty() || self.known.is_empty() {
            return false;
        }
        self.bones.take(line);
        let places = places_near(self.bones.place() % LINES);
        let there = places.into_iter().find(|p| same(&self.known[*p].bones, self.bones.text()));
        self.last = there.filter(|p| self.known[*p].exact.as_ref().is_none_or(|e| same(e, line)));
        self.last.is_some()
    }
}

impl FileScanner<'_> {
    /// Whether a line is known to have no shape.
    #[inline]
    pub(super) fn is_shapeless(&mut self, line: &[u8]) -> bool {
        self.learnt.shapeless.has(line)
    }

    /// Tries the formats that may claim the line that was asked for last, which is known to have no shape.
    pub(super) fn try_known(&mut self, line: &[u8], at: &At<'_>) -> bool {
        let shapeless = &self.learnt.shapeless;
        let Some(place) = shapeless.last else { return self.try_all_bare(line, at) };
        let known = &shapeless.known[place];
        let claimed = known.claimed;
        if let Claimed::ByFirst(id, form) = claimed
            && self.state.order.first() == Some(&id)
        {
            let catalog = self.catalog;
            let format = &catalog.formats[id];
            let cut = format.cut_all_message(form, line, &mut self.fields);
            let claim = format.claim_by_bones(line, &self.fields, cut, &shapeless.bones, &mut self.learnt.memos[id]);
            if claim != Claim::None {
                self.record(id, cut, claim, line, at);
                return true;
            }
        }
        self.may.clone_from(&known.may);
        let Some((id, cut)) = self.try_marked(line, at) else { return false };
        if matches!(claimed, Claimed::Unknown) {
            let known = &mut self.learnt.shapeless.known[place];
            let is_blind = known.exact.is_none();
            let takes_all = is_blind && self.catalog.formats[id].is_all_message(cut.form, line, self.hint, &mut self.fields);
            known.claimed = if takes_all { Claimed::ByFirst(id, cut.form) } else { Claimed::Anyhow };
        }
        true
    }

    /// Remembers a line that no shape fits.
    pub(super) fn remember_shapeless(&mut self, line: &[u8]) {
        if line.len() > LONGEST || line.is_empty() {
            return;
        }
        let mut bones = std::mem::take(&mut self.learnt.shapeless.bones);
        bones.take(line);
        if self.learnt.shapeless.known.is_empty() {
            self.learnt.shapeless.known.resize(LINES, Known::default());
        }
        let place = bones.place() % LINES;
        let known = &mut self.learnt.shapeless.known;
        match places_near(place).into_iter().find(|p| same(&known[*p].bones, bones.text())) {
            Some(there) => known.swap(place, there),
            None => make_room(known, place),
        }
        let known = &self.learnt.shapeless.known[place];
        // Whether numbers make a difference is worth finding out only for lines that come again with others.
        let again = same(&known.bones, bones.text());
        let blind = again && !known.told_by_numbers && self.misses_whatever_digits(line);
        let known = &mut self.learnt.shapeless.known[place];
        self.catalog.announced().mark(line, bones.text(), &mut known.may);
        known.bones.clear();
        known.bones.extend_from_slice(bones.text());
        known.claimed = Claimed::Unknown;
        known.exact = (!blind).then(|| line.to_vec());
        known.told_by_numbers = again && !blind;
        self.learnt.shapeless.bones = bones;
        self.learnt.shapeless.last = None;
    }

    /// Whether a line without an envelope has no shape.
    pub(super) fn fits_no_shape(&mut self, line: &[u8]) -> bool {
        let catalog = self.catalog;
        let may = catalog.announced().shapes(line);
        let mut formats = self.state.order.iter().filter(|id| may.get(**id) == Some(&true));
        line.len() <= LONGEST
            && formats.all(|id| {
                let tries = &mut self.learnt.memos[*id].tries;
                catalog.formats[*id].cut(line, false, self.hint, tries, &mut self.fields).is_none()
            })
    }

    /// Whether no line with this skeleton has a shape.
    fn misses_whatever_digits(&mut self, line: &[u8]) -> bool {
        let catalog = self.catalog;
        let may = catalog.announced().shapes(line);
        let begins_with_digit = line.first().is_some_and(u8::is_ascii_digit);
        let mut formats = catalog.formats.iter().zip(may).filter(|(_, may)| **may);
        !begins_with_digit && formats.all(|(f, _)| f.misses_whatever_digits(line, self.hint, &mut self.fields))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Learnt, Memo};
    use super::*;
    use crate::parser::catalog::Catalog;
    use crate::parser::stamp::YearHint;
    use proptest::prelude::*;

    /// What each line comes to.
    fn read(catalog: &Catalog, lines: &[String], forgets: bool) -> Vec<String> {
        let mut scanner = FileScanner::new(catalog, YearHint(1_795_219_200_000));
        let mut said = Vec::new();
        for line in lines {
            scanner.feed(line.as_bytes());
            scanner.feed(b"\n");
            if forgets {
                scanner.learnt = Learnt { memos: vec![Memo::default(); catalog.formats.len()], ..Learnt::default() };
            }
            scanner.pending.give(&mut scanner.tally);
            let t = &scanner.tally;
            let signals = || t.sources.iter().flat_map(|s| s.signals.values());
            let counted: u64 = signals().map(|t| t.total()).sum();
            let facts: Vec<_> =
                signals().flat_map(|t| &t.facts).map(|(n, v)| (n, v.clone().into_iter().collect::<Vec<_>>())).collect();
            let matched: Vec<_> = t.sources.iter().map(|s| (s.format, s.matched, s.span, &s.paths)).collect();
            said.push(format!("{line}: {counted} {matched:?} {facts:?} {} {}", t.unmatched, t.blank));
        }
        said
    }

    /// One definition with a shape that looks at digits makes the logs of all servers slow that begin their lines alike.
    #[test]
    fn what_servers_write_most_is_known_again_with_other_numbers() {
        let catalog = Catalog::builtin().unwrap();
        let mut scanner = FileScanner::new(&catalog, YearHint(0));
        for line in [
            "*** uWSGI listen queue of socket \"/run/shop/app.sock\" (fd: 3) full !!! (101/100) ***",
            "spawned uWSGI worker 3 (pid: 27323, cores: 1)",
            "DAMN ! worker 2 (pid: 27322) died :( trying respawn ...",
            "Respawned uWSGI worker 2 (new pid: 27400)",
            "worker 3 killed successfully (pid: 27323)",
            "HARAKIRI !!! worker 1 status !!!",
            "OSError: write error",
            "    response = self.full_dispatch_request()",
            "  File \"/srv/shop/app.py\", line 24, in once",
        ] {
            assert!(scanner.misses_whatever_digits(line.as_bytes()), "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// What is remembered spares work and nothing else, whatever numbers the samples of all definitions hold.
        #[test]
        fn remembering_changes_nothing(seed in any::<u64>()) {
            static CATALOG: std::sync::OnceLock<Catalog> = std::sync::OnceLock::new();
            let catalog = CATALOG.get_or_init(|| Catalog::builtin().unwrap());
            let samples = catalog.formats.iter().flat_map(|f| &f.definition.samples).flat_map(|s| s.line.lines());
            let mut random = seed | 1;
            let mut next = move |n: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) % n
            };
            let mut lines = Vec::new();
            for line in samples.filter(|l| l.len() < LONGEST) {
                if next(8) == 0 {
                    for _ in 0..3 {
                        let other = |c: char| if c.is_ascii_digit() && next(3) == 0 { char::from(b'0' + next(10) as u8) } else { c };
                        lines.push(line.chars().map(other).collect::<String>());
                    }
                }
            }
            for (a, b) in read(catalog, &lines, false).iter().zip(read(catalog, &lines, true)) {
                prop_assert_eq!(a, &b);
            }
        }
    }
}
