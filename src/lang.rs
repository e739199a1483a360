//! The languages of the report: fixed text by key from `locales/LANGUAGE/*.ftl` (Project Fluent), and the words of definitions by
//! their English text from `locales/LANGUAGE/definitions/*.toml`.

mod saying;

pub use saying::Saying;

use std::collections::HashMap;
use std::sync::OnceLock;

use clap::ValueEnum;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};

use crate::builtin::LOCALES;

/// A language that reports are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English
    #[default]
    En,
    /// Japanese
    Ja,
    /// Korean
    Ko,
}

/// One language's texts.
struct Book {
    bundle: FluentBundle<FluentResource>,
    /// Texts of definitions by their English text.
    definitions: HashMap<String, String>,
}

impl Lang {
    /// All of them.
    pub const ALL: [Lang; 3] = [Lang::En, Lang::Ja, Lang::Ko];

    /// The tag of the language, as in `<html lang>`.
    pub fn id(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ja => "ja",
            Lang::Ko => "ko",
        }
    }

    /// The text of a key. A test holds all languages to all keys; a key that is missing all the same is shown as itself.
    pub fn say(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of a key with its placeholders filled. Numbers are given as they are to be read.
    pub fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, FluentValue::from(*value));
        }
        self.format(key, &args)
    }

    /// As [`Lang::with`], where the number chooses the form of the words (`{ $n -> [one] … *[other] … }`); `shown` stands for it in
    /// the text as `$shown`.
    pub fn count(self, key: &str, n: u64, shown: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len() + 2);
        args.set("n", FluentValue::from(n));
        args.set("shown", FluentValue::from(shown));
        for (name, value) in values {
            args.set(*name, FluentValue::from(*value));
        }
        self.format(key, &args)
    }

    /// The words of a definition in this language; those of a user's own definitions stay as they are.
    pub fn of(self, english: &str) -> &str {
        self.book().definitions.get(english).map_or(english, String::as_str)
    }

    /// Several words or clauses as one list.
    pub fn list(self, parts: &[String]) -> String {
        parts.join(&self.say("list-separator"))
    }

    fn format(self, key: &str, args: &FluentArgs) -> String {
        let bundle = &self.book().bundle;
        let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else { return key.to_owned() };
        bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
    }

    fn book(self) -> &'static Book {
        static BOOKS: [OnceLock<Book>; 3] = [const { OnceLock::new() }; 3];
        BOOKS[self as usize].get_or_init(|| Book::read(self.id()))
    }
}

impl Book {
    fn read(id: &str) -> Book {
        let tag: unic_langid::LanguageIdentifier = id.parse().expect("the tags are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around filled values are for mixed scripts; they would stand in Markdown and on terminals as invisible characters.
        bundle.set_use_isolating(false);
        let mut definitions = HashMap::new();
        let folder = format!("locales/{id}/");
        for (path, text) in LOCALES.iter().filter(|(path, _)| path.starts_with(&folder)) {
            if path.ends_with(".ftl") {
                let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(r, _)| r);
                bundle.add_resource_overriding(resource);
            } else {
                definitions.extend(toml::from_str::<HashMap<String, String>>(text).unwrap_or_default());
            }
        }
        Book { bundle, definitions }
    }
}

/// A number with thousands set apart, as all three languages do it.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(id: &str) -> BTreeSet<(String, String)> {
        let folder = format!("locales/{id}/");
        let mut found = BTreeSet::new();
        for (path, text) in LOCALES.iter().filter(|(p, _)| p.starts_with(&folder) && p.ends_with(".ftl")) {
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(_, e)| panic!("{path}: {e:?}"));
            for entry in resource.entries() {
                if let fluent_syntax::ast::Entry::Message(m) = entry {
                    let file = path.rsplit('/').next().unwrap_or("").to_owned();
                    assert!(found.insert((file, m.id.name.to_owned())), "{path}: {} stands twice", m.id.name);
                }
            }
        }
        found
    }

    #[test]
    fn every_language_has_every_message() {
        let english = keys("en");
        for lang in Lang::ALL {
            let theirs = keys(lang.id());
            assert_eq!(english.difference(&theirs).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{lang:?} lacks");
            assert_eq!(theirs.difference(&english).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{lang:?} has more");
        }
    }

    #[test]
    fn a_key_is_said_in_each_language() {
        assert_eq!(Lang::En.say("sure"), "sure");
        assert_eq!(Lang::Ja.say("sure"), "確実");
        assert_eq!(Lang::Ko.say("sure"), "확실");
    }
}
