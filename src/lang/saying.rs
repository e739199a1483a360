//! Sentences that are made where no language is known: a file's reader says why it skipped one long before a report is written.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Lang, thousands};
use crate::builtin::LOCALES;

/// A sentence, to be said in the language of whoever reads it. [`fmt::Display`] says it in English.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Saying {
    /// One of ours.
    Ours {
        /// The message in `locales/`.
        key: &'static str,
        /// What fills its placeholders.
        values: Vec<(&'static str, Saying)>,
        /// The number that chooses the form of its words, where there is one.
        n: Option<u64>,
    },
    /// A name, a number, or what another program or a service says in its own words.
    Quoted(String),
    /// One after the other.
    Several(Vec<Saying>),
}

impl Saying {
    /// The message of a key.
    pub fn of(key: &'static str) -> Self {
        Saying::Ours { key, values: Vec::new(), n: None }
    }

    /// The message of a key with its placeholders.
    pub fn with(key: &'static str, values: &[(&'static str, &str)]) -> Self {
        let values = values.iter().map(|(k, v)| (*k, Saying::Quoted((*v).to_owned()))).collect();
        Saying::Ours { key, values, n: None }
    }

    /// The message of a key, where a number chooses the form of the words; see [`Lang::count`].
    pub fn count(key: &'static str, n: u64) -> Self {
        Saying::Ours { key, values: Vec::new(), n: Some(n) }
    }

    /// The message of a key that comes from outside, and may be none of ours. Placeholders that the message does not have are left out.
    pub fn named(key: &str, values: Vec<(String, Saying)>, n: Option<u64>) -> Option<Self> {
        let (key, text) = message(key)?;
        let values = values.into_iter().filter_map(|(name, v)| Some((placeholder(text, &name)?, v))).collect();
        Some(Saying::Ours { key, values, n })
    }

    /// With one more placeholder filled.
    #[must_use]
    pub fn fill(mut self, name: &'static str, value: impl Into<Saying>) -> Self {
        if let Saying::Ours { values, .. } = &mut self {
            values.push((name, value.into()));
        }
        self
    }

    /// This, and then another.
    #[must_use]
    pub fn and(self, other: Saying) -> Self {
        match self {
            Saying::Several(mut all) => {
                all.push(other);
                Saying::Several(all)
            }
            one => Saying::Several(vec![one, other]),
        }
    }

    /// In a language.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            Saying::Ours { key, values, n } => {
                let said: Vec<(&str, String)> = values.iter().map(|(k, v)| (*k, v.say(lang))).collect();
                let values: Vec<(&str, &str)> = said.iter().map(|(k, v)| (*k, v.as_str())).collect();
                match n {
                    Some(n) => lang.count(key, *n, &thousands(*n), &values),
                    None => lang.with(key, &values),
                }
            }
            Saying::Quoted(text) => text.clone(),
            Saying::Several(all) => all.iter().map(|s| s.say(lang)).collect::<Vec<_>>().join("; "),
        }
    }
}

/// A message by its key, as the program has them: the key, and its text in English.
fn message(key: &str) -> Option<(&'static str, &'static str)> {
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return None;
    }
    let english = LOCALES.iter().filter(|(path, _)| path.starts_with("locales/en/") && path.ends_with(".ftl"));
    english.map(|(_, text)| *text).find_map(|text: &'static str| {
        let is_key = |i: &usize| (*i == 0 || text[..*i].ends_with('\n')) && text[i + key.len()..].starts_with(" =");
        let rest = &text[text.match_indices(key).map(|(i, _)| i).find(is_key)?..];
        // It goes on in lines that are indented.
        let ends = |i: &usize| !rest[*i..].starts_with([' ', '\t']);
        let end = rest.match_indices('\n').map(|(i, _)| i + 1).find(ends).unwrap_or(rest.len());
        Some((&rest[..key.len()], &rest[key.len()..end]))
    })
}

/// The name of a placeholder, as the text of a message has it.
fn placeholder(text: &'static str, name: &str) -> Option<&'static str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.split('$').skip(1).map(|t| &t[..t.find(|c| !is_name(c)).unwrap_or(t.len())]).find(|n| *n == name)
}

impl fmt::Display for Saying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl Serialize for Saying {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.say(Lang::En))
    }
}

impl From<String> for Saying {
    fn from(text: String) -> Self {
        Saying::Quoted(text)
    }
}

impl From<&str> for Saying {
    fn from(text: &str) -> Self {
        Saying::Quoted(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_ours_are_found_by_their_names_and_others_are_not() {
        let values = vec![("error".to_owned(), Saying::from("no permission")), ("other".to_owned(), Saying::from("x"))];
        let said = Saying::named("skip-not-opened", values, None).expect("a message");
        assert_eq!(said, Saying::with("skip-not-opened", &[("error", "no permission")]));
        let counted = Saying::named("skip-nothing-understood", Vec::new(), Some(1)).expect("a message");
        assert_eq!(counted, Saying::count("skip-nothing-understood", 1));
        for odd in ["", "error", "skip-not", "skip-not-opened =", "skip-empty = it is empty\nskip-utf16", "Skip"] {
            assert_eq!(Saying::named(odd, Vec::new(), None), None, "{odd}");
        }
    }
}
