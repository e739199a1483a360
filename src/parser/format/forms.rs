//! The forms of a format, and which of them cuts a line.

use super::guard::Guard;
use super::{Cut, Format};
use crate::parser::cut::{Cutter, Fields, FirstBytes, Given, Miss, Telling, Template};
use crate::parser::stamp::{TimeFormat, YearHint};
use std::sync::OnceLock;

/// A compiled `[[line]]`.
#[derive(Debug)]
pub struct Form {
    /// Its name.
    pub name: String,
    /// How it cuts.
    pub cutter: Cutter,
    /// Each such line is one request.
    pub request: bool,
    /// Only an event can claim it.
    pub bare: bool,
    /// A better form may fit as well.
    pub fallback: bool,
    /// Steps shared with the template tried before it, and what they give.
    shared: usize,
    given: Given,
    /// The templates tried before it that may fit a line that it fits as well; `None` where there are others than templates among them.
    rivals: Option<Vec<usize>>,
    /// What tells that none of these fits, where one look at each does.
    tellings: Option<Vec<Telling>>,
    pub(super) counts: Vec<usize>,
    /// Whether an event may claim its lines.
    pub(super) claimable: bool,
    /// What its lines begin with; `None` where that is anything.
    firsts: OnceLock<Option<Box<FirstBytes>>>,
    /// What its counts ask of fields.
    pub(super) guards: Vec<Guard>,
    /// The counts that may hold for one of its lines, a bit each.
    pub(super) may_hold: u64,
    /// Those that keep fields.
    pub(super) keeping: u64,
}

/// What is remembered of the lines cut before: it changes how fast a line is cut, never how.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    /// Where the steps of the template tried last begin.
    reached: Vec<usize>,
    /// The form that fitted last, of those with a shape and of those without.
    likely: [Option<usize>; 2],
}

impl Form {
    pub(super) fn new(name: String, cutter: Cutter, request: bool, bare: bool, fallback: bool) -> Self {
        Form {
            name,
            cutter,
            request,
            bare,
            fallback,
            shared: 0,
            given: Given::default(),
            rivals: None,
            tellings: None,
            may_hold: 0,
            keeping: 0,
            counts: Vec::new(),
            claimable: false,
            firsts: OnceLock::new(),
            guards: Vec::new(),
        }
    }

    /// Notes what each form has in common with those before it.
    pub(super) fn link(forms: &mut [Form]) {
        for bare in [false, true] {
            let mut before: Option<usize> = None;
            for i in (0..forms.len()).filter(|i| forms[*i].bare == bare).collect::<Vec<_>>() {
                let Some(own) = forms[i].template() else {
                    before = None;
                    continue;
                };
                let shared = before.and_then(|b| forms[b].template()).map_or(0, |t| t.shared_prefix(own));
                let earlier = forms[..i].iter().enumerate().filter(|(_, f)| f.bare == bare);
                let rivals = earlier.filter(|(_, f)| !f.template().is_some_and(|t| own.excludes(t)));
                let rivals: Option<Vec<usize>> = rivals.map(|(j, f)| f.template().map(|_| j)).collect();
                let told = |rivals: &Vec<usize>| {
                    let tellings = rivals.iter().map(|j| own.told_from(forms[*j].template()?));
                    let mut tellings: Vec<Telling> = tellings.collect::<Option<_>>()?;
                    tellings.dedup();
                    Some(tellings)
                };
                let (given, tellings) = (own.given_by(shared), rivals.as_ref().and_then(told));
                (forms[i].given, forms[i].shared, forms[i].rivals, forms[i].tellings) = (given, shared, rivals, tellings);
                before = Some(i);
            }
        }
    }

    /// What its lines begin with; `None` where that is anything.
    #[inline]
    fn firsts(&self, time: Option<&TimeFormat>) -> Option<&FirstBytes> {
        self.firsts.get_or_init(|| self.template().and_then(|t| t.first_bytes(time)).map(Box::new)).as_deref()
    }

    fn template(&self) -> Option<&Template> {
        match &self.cutter {
            Cutter::Template(t) => Some(t),
            _ => None,
        }
    }
}

/// The bit of a form; forms that are too many have none.
fn bit(form: usize) -> u64 {
    u32::try_from(form).ok().and_then(|i| 1u64.checked_shl(i)).unwrap_or(0)
}

impl Format {
    /// Cuts a line by the first form that fits among those with (`bare = false`) or without a shape.
    #[inline]
    pub fn cut(&self, line: &[u8], bare: bool, hint: YearHint, tries: &mut Tries, out: &mut Fields) -> Option<Cut> {
        let mut missed = 0;
        let form = match tries.likely[usize::from(bare)] {
            Some(likely) if self.is_first_to_fit(likely, line, bare, hint, &mut missed, out) => likely,
            _ if !bare && self.firsts().is_some_and(|f| !f.admits(line)) => return None,
            _ => {
                let form = self.first_to_fit(line, bare, hint, missed, tries, out)?;
                tries.likely[usize::from(bare)] = Some(form);
                form
            }
        };
        if self.is_utc()
            && let Some(s) = &mut out.stamp
        {
            s.offset_s.get_or_insert(0);
        }
        Some(Cut { form })
    }

    /// Whether a line begins as those do that fit the form which fitted last, where that tells anything.
    #[inline]
    pub fn begins_as_likely(&self, line: &[u8], tries: &Tries) -> bool {
        let firsts = tries.likely[0].and_then(|likely| self.forms[likely].firsts(self.time.as_ref()));
        firsts.is_some_and(|f| f.admits(line))
    }

    /// The whole line as the message, as a form cuts it that [`Format::is_all_message`].
    #[inline]
    pub fn cut_all_message(&self, form: usize, line: &[u8], out: &mut Fields) -> Cut {
        out.clear();
        self.message.into_iter().for_each(|id| out.put(id, 0, line.len()));
        Cut { form }
    }

    /// Whether a form without a shape takes a whole line as the message and no form before it fits, whatever digits the line has in place of its own.
    /// `line` begins with no digit.
    pub fn is_all_message(&self, form: usize, line: &[u8], hint: YearHint, out: &mut Fields) -> bool {
        let own = &self.forms[form];
        let is_rest = own.bare && own.template().is_some_and(|t| t.is_rest(self.message));
        let misses = |f: &Form| f.cutter.misses_whatever_digits(line, self.time.as_ref(), hint, out);
        is_rest && self.forms[..form].iter().filter(|f| f.bare).all(misses)
    }

    /// Whether a form fits a line, and none before it; `false` as well where that takes as long to find out as to try all. `missed` receives which
    /// forms do not fit, a bit each.
    #[inline(always)]
    fn is_first_to_fit(&self, form: usize, line: &[u8], bare: bool, hint: YearHint, missed: &mut u64, out: &mut Fields) -> bool {
        let own = &self.forms[form];
        let (Some(template), Some(rivals)) = (own.template().filter(|_| own.bare == bare), &own.rivals) else {
            return false;
        };
        let Some(tellings) = &own.tellings else {
            return self.is_first_among(rivals, form, template, line, hint, missed, out);
        };
        if template.cut_whole(line, self.time.as_ref(), hint, out).is_err() {
            *missed |= bit(form);
            return false;
        }
        tellings.iter().all(|t| t.tells(line, out))
    }

    /// As [`Format::is_first_to_fit`], of a template that each of its rivals must be tried before.
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "one half of a function that is too large to be inlined")]
    fn is_first_among(
        &self,
        rivals: &[usize],
        form: usize,
        template: &Template,
        line: &[u8],
        hint: YearHint,
        missed: &mut u64,
        out: &mut Fields,
    ) -> bool {
        let mut cut = |t: &Template| t.cut_whole(line, self.time.as_ref(), hint, out).err();
        let mut last: Option<(usize, Miss)> = None;
        for &i in rivals {
            let Some(rival) = self.forms[i].template() else { return false };
            if self.forms[i].firsts(self.time.as_ref()).is_some_and(|f| !f.admits(line)) {
                *missed |= bit(i);
                continue;
            }
            // What missed within the steps that the next one shares has missed for that as well.
            if !last.is_some_and(|(before, miss)| before + 1 == i && miss.step < self.forms[i].shared) {
                let Some(miss) = cut(rival) else { return false };
                last = Some((i, miss));
            } else if let Some((before, _)) = &mut last {
                *before = i;
            }
            *missed |= bit(i);
        }
        *missed |= bit(form);
        cut(template).is_none()
    }

    /// The first form that fits a line, but for those that are known to miss.
    fn first_to_fit(
        &self,
        line: &[u8],
        bare: bool,
        hint: YearHint,
        missed: u64,
        tries: &mut Tries,
        out: &mut Fields,
    ) -> Option<usize> {
        let mut last_miss: Option<Miss> = None;
        self.forms.iter().enumerate().filter(|(_, f)| f.bare == bare).find_map(|(i, form)| {
            if missed & bit(i) != 0 {
                last_miss = None;
                return None;
            }
            let fits = match &form.cutter {
                Cutter::Template(t) => {
                    if last_miss.is_some_and(|m| m.step < form.shared) {
                        return None;
                    }
                    let shared = last_miss.map_or(0, |_| form.shared);
                    // What the other template found behind the steps that both share is not this one's.
                    if shared == 0 {
                        out.clear()
                    } else {
                        out.clear_but(form.given)
                    }
                    last_miss = t.cut(line, self.time.as_ref(), hint, shared, &mut tries.reached, out).err();
                    last_miss.is_none()
                }
                other => {
                    last_miss = None;
                    out.clear();
                    other.cut_other(line, self.time.as_ref().zip(self.time_field), hint, out)
                }
            };
            fits.then_some(i)
        })
    }

    /// Whether no form with a shape of its own fits a line, nor what it is with any other digits in place of its own. `line` begins with no digit.
    pub fn misses_whatever_digits(&self, line: &[u8], hint: YearHint, out: &mut Fields) -> bool {
        let misses = |f: &Form| f.cutter.misses_whatever_digits(line, self.time.as_ref(), hint, out);
        self.forms.iter().filter(|f| !f.bare).all(misses)
    }

    /// Whether one form, taken by itself, fits a line.
    pub fn fits(&self, form: usize, line: &[u8], hint: YearHint) -> bool {
        self.cut_by(form, line, hint, &mut Fields::default())
    }

    fn cut_by(&self, form: usize, line: &[u8], hint: YearHint, out: &mut Fields) -> bool {
        out.clear();
        match &self.forms[form].cutter {
            Cutter::Template(t) => t.cut_whole(line, self.time.as_ref(), hint, out).is_ok(),
            other => other.cut_other(line, self.time.as_ref().zip(self.time_field), hint, out),
        }
    }

    /// The template that came closest to a line that nothing cut: its name, how far it came, what it expected there.
    pub fn closest(&self, line: &[u8], hint: YearHint) -> Option<(&str, usize, String)> {
        let mut best: Option<(&str, usize, String)> = None;
        for form in self.forms.iter().filter(|f| !f.bare) {
            if let Some(t) = form.template()
                && let Err(m) = t.cut(line, self.time.as_ref(), hint, 0, &mut Vec::new(), &mut Fields::default())
                && best.as_ref().is_none_or(|b| m.reached > b.1)
            {
                best = Some((&form.name, m.reached, t.expected(m)));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::catalog::Catalog;

    /// The stamp of a line and every field, by its id.
    fn found(format: &Format, line: &[u8], fields: &Fields) -> (Option<i64>, Vec<Option<Vec<u8>>>) {
        let ids = 0..format.fields.len() as u8;
        (fields.stamp.map(|s| s.wall_ms), ids.map(|id| fields.get(id, line).map(<[u8]>::to_vec)).collect())
    }

    /// What another form found in a line before it missed makes no difference to what is read in it, nor do the lines before.
    #[test]
    fn a_form_gives_what_it_finds_itself() {
        let catalog = Catalog::builtin().unwrap();
        let hint = YearHint(1_798_761_599_000);
        for format in &catalog.formats {
            let lines = || format.definition.samples.iter().map(|s| s.line.as_bytes());
            for (before, line, bare) in lines().flat_map(|b| lines().flat_map(move |l| [(b, l, false), (b, l, true)])) {
                let (mut tries, mut out, mut alone) = (Tries::default(), Fields::default(), Fields::default());
                let mut fits = |i: usize| format.forms[i].bare == bare && format.cut_by(i, line, hint, &mut alone);
                let first = (0..format.forms.len()).find(|i| fits(*i));
                format.cut(before, bare, hint, &mut tries, &mut out);
                let cut = format.cut(line, bare, hint, &mut tries, &mut out).map(|c| c.form);
                assert_eq!(cut, first, "{}", String::from_utf8_lossy(line));
                if cut.is_some() {
                    assert_eq!(found(format, line, &out), found(format, line, &alone), "{}", String::from_utf8_lossy(line));
                }
            }
        }
    }
}
