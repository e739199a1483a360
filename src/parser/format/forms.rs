//! The forms of a format, and which of them cuts a line.

use super::guard::Guard;
use super::{Cut, Format};
use crate::parser::cut::{Cutter, Fields, Miss, Template};
use crate::parser::stamp::YearHint;

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
    /// Steps shared with the template tried before it.
    shared: usize,
    /// The templates tried before it that may fit a line that it fits as well; `None` where there are others than templates among them.
    rivals: Option<Vec<usize>>,
    pub(super) counts: Vec<usize>,
    /// Whether an event may claim its lines.
    pub(super) claimable: bool,
    /// What its counts ask of fields.
    pub(super) guards: Vec<Guard>,
    pub(super) is_guarded: bool,
    /// The counts that may hold for one of its lines, a bit each.
    pub(super) may_hold: u128,
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
            rivals: None,
            may_hold: 0,
            counts: Vec::new(),
            claimable: false,
            guards: Vec::new(),
            is_guarded: false,
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
                let rivals = rivals.map(|(j, f)| f.template().map(|_| j)).collect();
                (forms[i].shared, forms[i].rivals) = (shared, rivals);
                before = Some(i);
            }
        }
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
        if !bare && self.firsts().is_some_and(|f| !f.admits(line)) {
            return None;
        }
        let mut missed = 0;
        let likely = tries.likely[usize::from(bare)].filter(|i| self.is_first_to_fit(*i, line, bare, hint, &mut missed, out));
        let form = match likely {
            Some(form) => form,
            None => {
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

    /// Whether a form fits a line, and none before it; `false` as well where that takes as long to find out as to try all. `missed` receives which
    /// forms do not fit, a bit each.
    fn is_first_to_fit(&self, form: usize, line: &[u8], bare: bool, hint: YearHint, missed: &mut u64, out: &mut Fields) -> bool {
        let own = &self.forms[form];
        let (Some(template), Some(rivals)) = (own.template().filter(|_| own.bare == bare && form > 0), &own.rivals) else {
            return false;
        };
        let mut cut = |t: &Template| t.cut_whole(line, self.time.as_ref(), hint, out).err();
        let mut last: Option<(usize, Miss)> = None;
        for &i in rivals {
            let Some(rival) = self.forms[i].template() else { return false };
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
                    let shared = last_miss.map_or(0, |m| form.shared.min(m.step));
                    if last_miss.is_some_and(|m| m.step < form.shared) {
                        return None;
                    }
                    if shared == 0 {
                        out.clear();
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
        let mut out = Fields::default();
        match &self.forms[form].cutter {
            Cutter::Template(t) => t.cut(line, self.time.as_ref(), hint, 0, &mut Vec::new(), &mut out).is_ok(),
            other => other.cut_other(line, self.time.as_ref().zip(self.time_field), hint, &mut out),
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
