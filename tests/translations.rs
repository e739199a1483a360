//! Every text of the built-in causes is there in Japanese and Korean, with its placeholders.

use fivexx::diagnosis::cause::{Cause, Causes};
use fivexx::lang::Lang;
use fivexx::parser::catalog::Catalog;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The texts of a cause that a report shows.
fn texts(c: &Cause) -> Vec<&str> {
    let signs = c.speaks_for.iter().chain(&c.against).map(|s| &s.says);
    let remedies = c.remedies.iter().flat_map(|r| [&r.action, &r.why]);
    [&c.title, &c.says].into_iter().chain(signs).chain(remedies).chain(&c.collect).map(String::as_str).collect()
}

/// Names and filters of the placeholders; the text that stands in for what is not known is translated.
fn placeholders(text: &str) -> BTreeSet<String> {
    let placeholder =
        Regex::new(r"\{([a-z0-9_/]+(?:\|(?:x[0-9.]+|pow2|(?:least|most) [0-9]+))*)(\|or [^}]*)?\}").expect("a pattern");
    placeholder.captures_iter(text).map(|c| format!("{}{}", &c[1], if c.get(2).is_some() { "|or" } else { "" })).collect()
}

/// What `locales/` has for the words of causes: a command may be the same in all languages, but it stands there.
fn translations(lang: Lang) -> BTreeMap<String, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(lang.id()).join("definitions/causes.toml");
    toml::from_str(&std::fs::read_to_string(file).expect("it is part of the project")).expect("TOML")
}

#[test]
fn every_text_of_the_built_in_causes_is_translated() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    for lang in [Lang::Ja, Lang::Ko] {
        let known = translations(lang);
        let mut faults = Vec::new();
        for cause in &causes.all {
            for text in texts(cause) {
                match known.get(text) {
                    None => faults.push(format!("{}: not translated: {text}", cause.id)),
                    Some(theirs) if placeholders(theirs) != placeholders(text) => {
                        faults.push(format!("{}: other placeholders: {text}\n    {theirs}", cause.id));
                    }
                    Some(theirs) => assert_eq!(lang.of(text), theirs),
                }
            }
        }
        assert!(faults.is_empty(), "{lang:?}: {} faults\n{}", faults.len(), faults.join("\n"));
    }
}
