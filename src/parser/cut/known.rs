//! The templates of built-in request lines, compiled with the program: each step is code of its own, in which the kind of its field and the literal
//! behind it are constants. What they do is what [`Template::cut_whole`](super::Template::cut_whole) does without them, step by step.

use super::draft::FieldKind;
use super::needle::Needle;
use super::quick::{Place, Tail, note};
use super::step::{Unfit, take_apart};
use super::template::Miss;
use super::{FieldId, Fields};
use crate::parser::stamp::{TimeFormat, YearHint};

/// Cuts a line from its first step to its last; takes the ids of the fields by step.
pub(super) type Walk = fn(&[u8], &[FieldId], Option<&TimeFormat>, YearHint, &mut Fields) -> Result<(), Miss>;

/// The walk of a template, where it was known when the program was built.
pub(super) fn walk_of(template: &str) -> Option<Walk> {
    WALKS.binary_search_by_key(&template, |w| w.0).ok().map(|i| WALKS[i].1)
}

/// A function that takes steps in turn: of each its index, the kind of its field, whether that has a name, and the literal behind it.
macro_rules! walk {
    ($name:ident: $(($index:literal, $kind:expr, $named:literal, $behind:literal))*) => {
        fn $name(line: &[u8], ids: &[FieldId], time: Option<&TimeFormat>, hint: YearHint, out: &mut Fields) -> Result<(), Miss> {
            const STEPS: usize = [$($index),*].len();
            let Some(ids) = ids.first_chunk::<STEPS>() else { return Err(Miss::at(0, 0, Unfit::Field)) };
            let tail = Tail::of(line);
            let mut place = Place::begin(line);
            $({
                static BEHIND: Needle<&[u8]> = Needle::known($behind);
                place = place.with_room(&tail);
                let id = if $named { Some(ids[$index]) } else { None };
                match place.quick_length($kind, &BEHIND, time, hint, out) {
                    Some(len) => {
                        note(id, place.pos(), len, out);
                        place = place.behind(len + BEHIND.len());
                    }
                    None => match take_apart($kind, id, &BEHIND, place.text(), place.pos(), time, hint, out) {
                        Ok(len) => place = place.behind(len),
                        Err(unfit) => return Err(Miss::at($index, place.pos(), unfit)),
                    },
                }
            })*
            if place.text().is_empty() { Ok(()) } else { Err(Miss::at(STEPS, place.pos(), Unfit::Field)) }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/walks.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::catalog::Catalog;
    use crate::parser::cut::Template;
    use proptest::prelude::*;

    /// What a template makes of a line: whether it fits or where it misses, and where it fits each field, and the stamp.
    type Found = (Result<(), Miss>, Vec<Option<Vec<u8>>>, Option<i64>);

    /// What it makes of it by its steps and by its walk.
    fn both_ways(template: &str, line: &[u8]) -> [Found; 2] {
        let mut ids = 0..;
        let compiled = Template::compile(template, |_| Ok(ids.next().unwrap())).unwrap();
        let (time, hint) = (Some(&TimeFormat::Ctime), YearHint(1_798_761_599_000));
        [false, true].map(|whole| {
            let mut out = Fields::default();
            let found = match whole {
                true => compiled.cut_whole(line, time, hint, &mut out),
                false => compiled.cut(line, time, hint, 0, &mut Vec::new(), &mut out),
            };
            let ids = if found.is_ok() { 0..ids.start } else { 0..0 };
            (found, ids.map(|id| out.get(id, line).map(<[u8]>::to_vec)).collect(), out.stamp.map(|s| s.wall_ms))
        })
    }

    fn samples() -> Vec<Vec<u8>> {
        let catalog = Catalog::builtin().unwrap();
        catalog.formats.iter().flat_map(|f| &f.definition.samples).map(|s| s.line.clone().into_bytes()).collect()
    }

    #[test]
    fn every_request_line_of_the_built_in_formats_has_its_walk() {
        let catalog = Catalog::builtin().unwrap();
        let templates =
            catalog.formats.iter().flat_map(|f| &f.definition.lines).filter(|l| l.request).filter_map(|l| l.template.as_ref());
        let without: Vec<_> = templates.filter(|t| walk_of(t).is_none()).collect();
        assert!(without.is_empty() && WALKS.len() > 10, "{without:?}");
    }

    #[test]
    fn a_walk_finds_in_every_sample_what_the_steps_find() {
        let mut fitting = 0;
        for line in samples() {
            for (template, _) in WALKS {
                let [steps, walk] = both_ways(template, &line);
                assert_eq!(steps, walk, "{template}: {}", String::from_utf8_lossy(&line));
                fitting += usize::from(walk.0.is_ok());
            }
        }
        assert!(fitting > 100, "{fitting}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_walk_finds_in_any_line_what_the_steps_find(which in any::<prop::sample::Index>(), cut in 0usize..400, put in "[-0-9 .\"\\]|)é]{0,3}", end in 0usize..400) {
            let samples = samples();
            let mut line = which.get(&samples).clone();
            let at = cut.min(line.len());
            line.splice(at..at, put.bytes());
            line.truncate(line.len() - end.saturating_sub(350).min(line.len()));
            for (template, _) in WALKS {
                let [steps, walk] = both_ways(template, &line);
                prop_assert_eq!(steps, walk);
            }
        }
    }
}
