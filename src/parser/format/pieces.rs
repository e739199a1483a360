//! Finding texts within a field: where a message ends, and fields that are cut out of others.

use memchr::memmem::Finder;

use crate::parser::cut::FieldId;

/// Shortest common begin of several texts that is worth looking for by itself.
const COMMON: usize = 2;

/// Several texts of which the first in a message is wanted.
#[derive(Debug, Default)]
pub(super) struct FirstOf {
    texts: Vec<Finder<'static>>,
    /// What all of them begin with, where that is long enough: one search instead of many.
    common: Option<Finder<'static>>,
}

/// The ways in which a field is cut out of another, in the order in which they are tried.
#[derive(Debug)]
pub(super) struct Extracts {
    /// The field that they give.
    pub(super) field: FieldId,
    ways: Vec<Extract>,
    common: Option<Finder<'static>>,
}

/// A compiled `[[extract]]`.
#[derive(Debug)]
pub(super) struct Extract {
    pub(super) from: FieldId,
    pub(super) after: Finder<'static>,
    pub(super) until: Option<Finder<'static>>,
}

/// An owned finder of a text.
pub(super) fn finder(text: &str) -> Finder<'static> {
    Finder::new(text.as_bytes()).into_owned()
}

fn common_begin<'t>(mut texts: impl Iterator<Item = &'t [u8]>) -> Option<Finder<'static>> {
    let first = texts.next()?;
    let len = texts.fold(first.len(), |n, t| first[..n].iter().zip(t).take_while(|(a, b)| a == b).count());
    (len >= COMMON).then(|| Finder::new(&first[..len]).into_owned())
}

impl FirstOf {
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let texts: Vec<_> = texts.map(finder).collect();
        FirstOf { common: common_begin(texts.iter().map(Finder::needle)), texts }
    }

    /// Where the first of the texts begins.
    #[inline]
    pub(super) fn first_in(&self, text: &[u8]) -> Option<usize> {
        let Some(common) = &self.common else {
            return self.texts.iter().filter_map(|t| t.find(text)).min();
        };
        let mut from = 0;
        loop {
            let at = from + common.find(&text[from..])?;
            if self.texts.iter().any(|t| text[at..].starts_with(t.needle())) {
                return Some(at);
            }
            from = at + 1;
        }
    }
}

impl Extracts {
    pub(super) fn new(field: FieldId) -> Self {
        Extracts { field, ways: Vec::new(), common: None }
    }

    pub(super) fn push(&mut self, way: Extract) {
        self.ways.push(way);
        let same_field = self.ways.iter().all(|w| w.from == self.ways[0].from);
        self.common = common_begin(self.ways.iter().map(|w| w.after.needle())).filter(|_| same_field);
    }

    /// Cuts the field out; `get` gives the text of another field.
    #[inline]
    pub(super) fn cut<'l>(&self, get: impl Fn(FieldId) -> Option<&'l [u8]>) -> Option<&'l [u8]> {
        if let (Some(common), Some(first)) = (&self.common, self.ways.first()) {
            let text = get(first.from)?;
            let place = common.find(text)?;
            // Where it occurs once, no way can find its text anywhere else.
            if common.find(&text[place + 1..]).is_none() {
                let at = |w: &Extract| text[place..].starts_with(w.after.needle()).then(|| place + w.after.needle().len());
                return self.ways.iter().find_map(|w| w.end(&text[at(w)?..]));
            }
        }
        self.ways.iter().find_map(|w| {
            let text = get(w.from)?;
            w.end(&text[w.after.find(text)? + w.after.needle().len()..])
        })
    }
}

impl Extract {
    #[inline]
    fn end<'l>(&self, text: &'l [u8]) -> Option<&'l [u8]> {
        match &self.until {
            None => Some(text),
            Some(until) => until.find(text).map(|n| &text[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_text_wins_whichever_it_is() {
        let ends = FirstOf::new([", client: ", ", server: "].into_iter());
        assert_eq!(ends.first_in(b"a, b, server: x, client: y"), Some(4));
        assert_eq!(ends.first_in(b"a, b, c"), None);
        assert_eq!(FirstOf::new(["x", "y"].into_iter()).first_in(b"..y.x"), Some(2));
        assert_eq!(FirstOf::default().first_in(b"x"), None);
    }

    #[test]
    fn ways_are_tried_in_order_however_often_their_begin_occurs() {
        let mut e = Extracts::new(1);
        for (after, until) in [("up: http://", "/"), ("up: ", ",")] {
            e.push(Extract { from: 0, after: finder(after), until: Some(finder(until)) });
        }
        let cut = |text: &'static str| e.cut(|_| Some(text.as_bytes())).map(|t| String::from_utf8_lossy(t).into_owned());
        assert_eq!(cut("x, up: http://a/b,").as_deref(), Some("a"));
        assert_eq!(cut("x, up: unix:b,").as_deref(), Some("unix:b"));
        assert_eq!(cut("up: c, up: http://a/b").as_deref(), Some("a"));
        assert_eq!((cut("up: http://a, b").as_deref(), cut("nothing")), (Some("http://a"), None));
    }
}
