//! The events of a definition as regexes, for other programs that search lines (`rg -f`).

use super::definition::{Definition, Event};

/// Shortest text that tells an event: with less, it is found in lines of all kinds.
const TELLING: usize = 6;

/// A regex an event, which finds every line that the event claims, and seldom others. Events that only fields tell have none.
pub fn patterns(definition: &Definition) -> Vec<String> {
    let mut all: Vec<String> = definition.events.iter().filter_map(pattern).collect();
    all.sort();
    all.dedup();
    all
}

fn pattern(event: &Event) -> Option<String> {
    // What takes the rest is told by fields.
    if event.fallback {
        return None;
    }
    let texts: Vec<String> = event.starts.iter().chain(&event.all).map(|t| regex::escape(t)).collect();
    let longest = event.starts.iter().chain(&event.all).map(String::len).max().unwrap_or(0);
    match &event.regex {
        // An anchor is one of the message, which is a part of the line.
        Some(regex) if longest < TELLING => {
            let regex = regex.strip_prefix('^').unwrap_or(regex);
            Some(regex.strip_suffix('$').filter(|r| !r.ends_with('\\')).unwrap_or(regex).to_owned())
        }
        _ => (!texts.is_empty()).then(|| texts.join(".*")),
    }
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
