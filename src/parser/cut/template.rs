//! Templates: literals and fields in turn, compiled into steps.

use super::blind;
use super::draft::{self, Draft, FieldKind};
use super::fields::Given;
use super::known::{self, Walk};
use super::needle::Needle;
use super::step::{Step, Unfit};
use super::{FieldId, Fields, FirstBytes};
use crate::parser::stamp::{TimeFormat, YearHint};

/// A compiled template.
#[derive(Debug, Clone)]
pub struct Template {
    steps: Vec<Step>,
    /// How many steps at the begin take any digit where they take one.
    blind: usize,
    /// Its steps as they were compiled with the program, where it was there by then.
    known: Option<Walk>,
    /// The ids of its fields by step, for that, and all that they give.
    ids: Vec<FieldId>,
    all: Given,
}

/// Where a line did not fit a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Miss {
    /// Index of the step that did not fit; behind the last where the line goes on.
    pub step: usize,
    /// Bytes of the line that did fit.
    pub reached: usize,
    /// It was the literal of the step, not its field.
    literal: bool,
}

impl Template {
    /// Compiles a template; `field` gives the id of a field's name.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn compile(text: &str, mut field: impl FnMut(&str) -> Result<FieldId, String>) -> Result<Self, String> {
        let step = |d: Draft<'_>| {
            Ok::<_, String>(Step { kind: d.kind, id: d.name.map(&mut field).transpose()?, behind: Needle::new(&d.literal) })
        };
        let steps = draft::read(text)?.into_iter().map(step).collect::<Result<Vec<Step>, _>>()?;
        let blind = steps.iter().take_while(|s| s.is_blind()).count();
        let ids = steps.iter().map(|s| s.id.unwrap_or_default()).collect();
        let all = given_by(&steps);
        Ok(Template { steps, blind, known: known::walk_of(text), ids, all })
    }

    /// The bytes that a line can begin with; `None` where that is any, or nothing.
    pub fn first_bytes(&self, time: Option<&TimeFormat>) -> Option<FirstBytes> {
        let among = |fits: &dyn Fn(u8) -> bool| Some(FirstBytes::among(fits));
        let first = self.steps.first()?;
        match first.kind {
            None => among(&|b| first.behind.bytes().first() == Some(&b)),
            Some(FieldKind::Int) => among(&|b| b.is_ascii_digit() || b == b'-'),
            Some(FieldKind::Float) => among(&|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')),
            Some(FieldKind::Level) => among(&|b| b.is_ascii_alphabetic()),
            Some(FieldKind::Ctime) => among(&|b| b.is_ascii_alphabetic() && TimeFormat::Ctime.may_begin(b)),
            Some(FieldKind::Time) if !matches!(time, Some(TimeFormat::Strftime(_))) => {
                among(&|b| time.is_some_and(|t| t.may_begin(b)))
            }
            _ => None,
        }
    }

    /// What its first steps leave behind where they fit.
    pub fn given_by(&self, steps: usize) -> Given {
        given_by(&self.steps[..steps])
    }

    /// Whether it takes the whole of any line as one field.
    pub fn is_rest(&self, field: Option<FieldId>) -> bool {
        matches!(&self.steps[..], [only] if only.kind == Some(FieldKind::Rest) && only.id.is_some() && only.id == field)
    }

    /// Whether it gives a field.
    pub(super) fn gives(&self, field: FieldId) -> bool {
        self.steps.iter().any(|s| s.id == Some(field))
    }

    /// Whether the field that it gives is the begin of the line.
    pub(super) fn begins_with(&self, field: FieldId) -> bool {
        self.steps.first().is_some_and(|s| s.id == Some(field))
    }

    /// Whether a line that missed so would miss with any other digits in place of its own.
    pub(super) fn misses_whatever_digits(&self, line: &[u8], time: Option<&TimeFormat>, miss: Miss) -> bool {
        let is_no_time = || match self.steps.get(miss.step).and_then(|s| s.kind) {
            Some(FieldKind::Time | FieldKind::Ctime) if !miss.literal => {
                time.is_none_or(|t| t.is_none_whatever_digits(&line[miss.reached..]))
            }
            _ => false,
        };
        miss.step < self.blind || self.blind == self.steps.len() || miss.step == self.blind && is_no_time()
    }

    /// Number of steps at the begin that `other` shares: a miss there is a miss here too.
    pub fn shared_prefix(&self, other: &Template) -> usize {
        self.steps.iter().zip(&other.steps).take_while(|(a, b)| a == b).count()
    }

    /// Whether it is certain that no line fits both this template and another: they go the same way to a place where one wants a literal and the
    /// other something else, or the end.
    pub fn excludes(&self, other: &Template) -> bool {
        let same = |(a, b): &(&Step, &Step)| a.kind == b.kind && a.behind == b.behind;
        let shared = self.steps.iter().zip(&other.steps).take_while(same).count();
        let (Some(a), Some(b)) = (self.steps.get(shared), other.steps.get(shared)) else { return false };
        // Here both have come to the same place of the line, whatever the line is.
        let ends_alike = a.kind == b.kind && a.kind.is_none_or(FieldKind::ends_by_itself);
        let is_last = |t: &Template| t.steps.len() == shared + 1;
        let (own, others) = (a.behind.bytes(), b.behind.bytes());
        ends_alike
            && match own.len().min(others.len()) {
                common if own[..common] != others[..common] => true,
                common if own.len() < others.len() => common == own.len() && is_last(self),
                _ => others.len() < own.len() && is_last(other),
            }
    }

    /// How it is told that a line that fits this template does not fit another, where one look tells: both go the same way to a field, behind which the
    /// other wants a word and a literal that goes on where this one's ends.
    pub fn told_from(&self, other: &Template) -> Option<Telling> {
        let same = |(a, b): &(&Step, &Step)| a.kind == b.kind && a.behind == b.behind;
        let shared = self.steps.iter().zip(&other.steps).take_while(same).count();
        let (a, b) = (self.steps.get(shared)?, other.steps.get(shared)?);
        // The word ends at the first blank, and so does this field: its literal, which has a blank, stands first where the other's would stand.
        let alike = matches!(a.kind, Some(FieldKind::Str | FieldKind::Word)) && b.kind == Some(FieldKind::Word);
        let goes_on = a.behind.blank().is_some() && b.behind.bytes().starts_with(a.behind.bytes());
        (alike && goes_on).then_some(Telling { field: a.id?, behind: b.behind.clone() })
    }

    /// What was expected at a miss, for people.
    pub fn expected(&self, miss: Miss) -> String {
        let Some(step) = self.steps.get(miss.step) else { return "the end of the line".to_owned() };
        let literal = || String::from_utf8_lossy(step.behind.bytes()).into_owned();
        let Some(kind) = step.kind.filter(|_| !miss.literal) else { return format!("the text `{}`", literal()) };
        let what = match kind {
            FieldKind::Int => "an integer",
            FieldKind::Float => "a number",
            FieldKind::Time | FieldKind::Ctime => "a time",
            FieldKind::Level => "a severity",
            FieldKind::Quoted => "a quoted text",
            FieldKind::Word => "a word",
            _ => "a text",
        };
        if step.behind.is_empty() { what.to_owned() } else { format!("{what} and behind it `{}`", literal()) }
    }

    /// Cuts a line, beginning at step `from` (`reached[from]` of a template that shares the steps before). `reached[i]` receives where step `i`
    /// begins.
    ///
    /// # Errors
    /// Where the line does not fit.
    pub fn cut(
        &self,
        line: &[u8],
        time: Option<&TimeFormat>,
        hint: YearHint,
        from: usize,
        reached: &mut Vec<usize>,
        out: &mut Fields,
    ) -> Result<(), Miss> {
        if reached.len() < self.steps.len() {
            reached.resize(self.steps.len(), 0);
        }
        let begin = if from == 0 { 0 } else { reached[from] };
        self.walk(line, (from, begin), time, hint, out, |step, pos| reached[step] = pos)
    }

    /// As [`Template::cut`] from the first step, without a note of where the steps begin. What it gives of a line that does not fit is of no use.
    #[inline(always)]
    pub fn cut_whole(&self, line: &[u8], time: Option<&TimeFormat>, hint: YearHint, out: &mut Fields) -> Result<(), Miss> {
        out.clear();
        if let Some(known) = self.known {
            known(line, &self.ids, time, hint, out)?;
            out.allow(self.all);
            return Ok(());
        }
        self.walk_whole(line, time, hint, out)
    }

    #[inline(never)]
    fn walk_whole(&self, line: &[u8], time: Option<&TimeFormat>, hint: YearHint, out: &mut Fields) -> Result<(), Miss> {
        self.walk(line, (0, 0), time, hint, out, |_, _| ())
    }

    /// Goes on from a step and the place of the line where it begins.
    #[inline(always)]
    fn walk(
        &self,
        line: &[u8],
        (from, begin): (usize, usize),
        time: Option<&TimeFormat>,
        hint: YearHint,
        out: &mut Fields,
        mut note: impl FnMut(usize, usize),
    ) -> Result<(), Miss> {
        let mut rest = &line[begin..];
        for (i, step) in self.steps.iter().enumerate().skip(from) {
            let pos = line.len() - rest.len();
            note(i, pos);
            match step.take(rest, pos, time, hint, out) {
                Ok(len) => rest = &rest[len..],
                Err(unfit) => return Err(Miss::at(i, pos, unfit)),
            }
        }
        if rest.is_empty() { Ok(()) } else { Err(Miss::at(self.steps.len(), line.len() - rest.len(), Unfit::Field)) }
    }
}

impl Miss {
    /// The miss of a step that begins at a place of the line.
    pub(super) fn at(step: usize, pos: usize, unfit: Unfit) -> Self {
        match unfit {
            Unfit::Field => Miss { step, reached: pos, literal: false },
            Unfit::Literal(field) => Miss { step, reached: pos + field, literal: true },
        }
    }
}

/// What tells of a line that it does not fit a template: no such literal stands behind a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    field: FieldId,
    behind: Needle,
}

impl Telling {
    /// Whether a line does not fit; `fields` is what the other template found in it.
    #[inline]
    pub fn tells(&self, line: &[u8], fields: &Fields) -> bool {
        fields.end_of(self.field).and_then(|end| line.get(end..)).is_some_and(|rest| !self.behind.stands_at_begin(rest))
    }
}

/// What steps leave behind where they fit.
fn given_by(steps: &[Step]) -> Given {
    let fields = steps.iter().filter_map(|s| s.id).fold(0, |all, id| all | 1 << id);
    Given { fields, stamp: steps.iter().any(|s| matches!(s.kind, Some(FieldKind::Time | FieldKind::Ctime))) }
}

impl Step {
    fn is_blind(&self) -> bool {
        !matches!(self.kind, Some(FieldKind::Time | FieldKind::Ctime)) && blind::text(self.behind.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(template: &str, line: &str) -> Option<Vec<(String, String)>> {
        let mut names: Vec<String> = Vec::new();
        let t = Template::compile(template, |n| {
            names.push(n.to_owned());
            Ok((names.len() - 1) as FieldId)
        })
        .unwrap();
        let mut out = Fields::default();
        t.cut(line.as_bytes(), Some(&TimeFormat::Clf), YearHint(0), 0, &mut Vec::new(), &mut out).ok()?;
        Some(
            names
                .iter()
                .enumerate()
                .filter_map(|(i, n)| {
                    Some((n.clone(), String::from_utf8_lossy(out.get(i as FieldId, line.as_bytes())?).into_owned()))
                })
                .collect(),
        )
    }

    /// The id of a field in tests: its first letter's.
    fn initial(name: &str) -> Result<FieldId, String> {
        Ok(name.as_bytes()[0] - b'a')
    }

    fn values(template: &str, line: &str) -> Vec<String> {
        cut(template, line).unwrap_or_else(|| panic!("`{line}` does not fit")).into_iter().map(|(_, v)| v).collect()
    }

    #[test]
    fn fields_run_to_the_literal_behind_them() {
        assert_eq!(
            values(
                "{c} [{time}] \"{r:quoted}\" {s:int} {b:int}{_:rest}",
                "::1 [21/Nov/2026:00:00:39 +0000] \"GET /\\\" x\" 502 -"
            ),
            ["::1", "21/Nov/2026:00:00:39 +0000", "GET /\\\" x", "502", "-"]
        );
    }

    #[test]
    fn lists_keep_their_blanks_and_last_takes_the_last() {
        assert_eq!(
            values("{a:list} {b:list} {c}", "10.0.0.1:80, 10.0.0.2:80 502, 200 : 503 id"),
            ["10.0.0.1:80, 10.0.0.2:80", "502, 200 : 503", "id"]
        );
        assert_eq!(
            values("{uri:last} => generated {n:int}{_:rest}", "/a => generated 5 x => generated 600 bytes"),
            ["/a => generated 5 x", "600"]
        );
    }

    #[test]
    fn braces_can_be_literals_and_types_are_checked() {
        assert_eq!(values("{{{n:int} vars}", "{32 vars}"), ["32"]);
        assert!(cut("{n:int}", "12x").is_none() && cut("[{l:level}]", "[pid: 3]").is_none() && cut("{a} {b}", "one").is_none());
        for wrong in ["{a}{b}", "{a:wat}", "{a} {b} {a:int}"] {
            assert!(Template::compile(wrong, initial).is_err(), "{wrong}");
        }
    }

    #[test]
    fn templates_that_no_line_fits_both_are_told() {
        let compile = |text: &str| Template::compile(text, initial).unwrap();
        for (a, b) in [
            ("{c} \"{r:quoted}\" {s:int}", "{c} \"{r:quoted}\" {s:int} \"{f:quoted}\""),
            ("{c} \"{r:quoted}\"", "{c} \"{r:quoted}\" {more:rest}"),
            ("[{time}] a", "[{time}] b{_:rest}"),
            ("x", "xy"),
            ("ax{n:int}", "ay{n:int}"),
        ] {
            assert!(compile(a).excludes(&compile(b)) && compile(b).excludes(&compile(a)), "{a} {b}");
        }
        for (a, b) in [
            ("{c} {d}", "{c} {d} {e}"),
            ("{c} - {d}", "{c} - [{d}]"),
            ("{s:int}{r:rest}", "{s:int} {e}"),
            ("{s:word} x", "{s:word} x"),
            ("{s:word}x", "{s}y"),
            ("a", "a{r:rest}"),
        ] {
            assert!(!compile(a).excludes(&compile(b)) && !compile(b).excludes(&compile(a)), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn no_line_fits_templates_that_exclude_each_other(
            a in "[ab]?(\\{_:(int|quoted|word|str)\\}[ab\" ]){1,2}(\\{_:rest\\})?",
            b in "[ab]?(\\{_:(int|quoted|word|str)\\}[ab\" ]){1,2}(\\{_:rest\\})?",
            lines in proptest::collection::vec("[ab1\" ]{0,6}", 60),
        ) {
            let (a, b) = (Template::compile(&a, initial).unwrap(), Template::compile(&b, initial).unwrap());
            let fits = |t: &Template, line: &str| {
                t.cut(line.as_bytes(), None, YearHint(0), 0, &mut Vec::new(), &mut Fields::default()).is_ok()
            };
            prop_assert!(!a.excludes(&b) || lines.iter().all(|l| !fits(&a, l) || !fits(&b, l)));
        }

        #[test]
        fn a_line_of_which_it_is_told_does_not_fit_the_other(
            a in "\\{c(:word)?\\} -( -)? ?\\{_:(int|quoted|word|str|rest)\\}",
            b in "\\{c:word\\} -( -| \\[)? ?\\{_:(int|quoted|word|str|rest)\\}",
            lines in proptest::collection::vec("[a \\[-]{0,12}", 60),
        ) {
            let (a, b) = (Template::compile(&a, initial).unwrap(), Template::compile(&b, initial).unwrap());
            let mut out = Fields::default();
            if let Some(telling) = a.told_from(&b) {
                for line in lines.iter().map(String::as_bytes) {
                    let told = a.cut_whole(line, None, YearHint(0), &mut out).is_ok() && telling.tells(line, &out);
                    prop_assert!(!told || b.cut_whole(line, None, YearHint(0), &mut Fields::default()).is_err());
                }
            }
        }

        #[test]
        fn no_bytes_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let t = Template::compile("{a} [{time}] \"{q:quoted}\" {l:list} {n:float} {z:last}!{r:rest}", initial).unwrap();
            let _ = t.cut(&line, Some(&TimeFormat::Clf), YearHint(0), 0, &mut Vec::new(), &mut Fields::default());
        }
    }
}
