//! The events of a definition as regexes, for other programs that search lines (`rg -f`).

use super::definition::{Definition, Event};

/// A regex an event, which finds every line that the event claims, and seldom others. Events that only fields tell have none.
pub fn patterns(definition: &Definition) -> Vec<String> {
    let mut all: Vec<String> = definition.events.iter().filter_map(pattern).collect();
    all.sort();
    all.dedup();
    all
}

fn pattern(event: &Event) -> Option<String> {
    let texts: Vec<String> = event.starts.iter().chain(&event.all).map(|t| regex::escape(t)).collect();
    if !texts.is_empty() {
        return Some(texts.join(".*"));
    }
    // An anchor is one of the message, which is a part of the line.
    let regex = event.regex.as_deref()?;
    Some(regex.strip_prefix('^').unwrap_or(regex).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::catalog::Catalog;

    #[test]
    fn patterns_find_the_samples_of_their_events() {
        let catalog = Catalog::builtin().unwrap();
        for name in ["nginx_error", "uwsgi"] {
            let definition = &catalog.formats[catalog.find(name).unwrap()].definition;
            let set = regex::RegexSet::new(patterns(definition)).unwrap();
            assert!(set.len() > 10, "{name}");
            let (mut found, mut all) = (0, 0);
            for s in definition.samples.iter().filter(|s| s.line.lines().count() == 1) {
                let eventful =
                    crate::parser::explain::explain(&catalog, &s.line, crate::parser::stamp::YearHint(0)).contains("signal");
                all += usize::from(eventful);
                found += usize::from(eventful && set.is_match(&s.line));
            }
            assert!(found > 10 && found <= all, "{name}: {found} of {all}");
        }
    }
}
