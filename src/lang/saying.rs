//! Sentences that are made where no language is known: a file's reader says why it skipped one long before a report is written.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Lang, thousands};

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
