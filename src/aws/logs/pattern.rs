//! Line forms and texts of definitions as regular expressions of Logs Insights, which stand between slashes.

use crate::parser::definition::{Definition, Line};

/// A text that stands for itself.
pub fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if "\\.+*?()|[]{}^$/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A pattern of a definition, with those of its groups named that `name` gives a name to.
pub fn translated(regex: &str, mut name: impl FnMut(&str) -> Option<String>) -> String {
    let (mut out, mut rest, mut in_class) = (String::with_capacity(regex.len()), regex, false);
    while let Some(c) = rest.chars().next() {
        let group = rest.strip_prefix("(?P<").or_else(|| rest.strip_prefix("(?<"));
        if !in_class && let Some((group, behind)) = group.and_then(|g| g.split_once('>')) {
            match name(group) {
                Some(n) => out.push_str(&format!("(?<{n}>")),
                None => out.push_str("(?:"),
            }
            rest = behind;
            continue;
        }
        let length = c.len_utf8() + if c == '\\' { rest[1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        if c == '/' {
            out.push('\\');
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// A whole line form as a pattern, with its ends; `None` where it is none (JSON) or its time cannot be told as a pattern.
///
/// `name` gives the fields that are captured their names. The field `message` ends where the definition says that foreign text follows.
pub fn form(definition: &Definition, line: &Line, mut name: impl FnMut(&str) -> Option<String>) -> Option<String> {
    if let Some(regex) = &line.regex {
        return Some(translated(regex, name));
    }
    let time = definition.time.as_ref().map(|t| t.format.as_str());
    let mut out = String::from("^");
    let mut rest = line.template.as_deref()?;
    while !rest.is_empty() {
        let open = rest.find('{').unwrap_or(rest.len());
        if rest[open..].starts_with("{{") {
            out.push_str(&literal(&rest[..=open]));
            rest = &rest[open + 2..];
            continue;
        }
        out.push_str(&literal(&rest[..open]));
        rest = &rest[open..];
        let Some(close) = rest.find('}') else { break };
        let inside = &rest[1..close];
        rest = &rest[close + 1..];
        let (field, kind) = inside.split_once(':').unwrap_or((inside, if inside == "time" { "time" } else { "str" }));
        let until = rest.chars().next().filter(|c| *c != '{');
        let single = rest.find('{').unwrap_or(rest.len()) == 1;
        let group = name(field);
        let message = definition.message.as_ref().map_or("message", |m| m.field.as_str());
        let ends: Vec<String> = definition.message.iter().flat_map(|m| &m.ends_at).map(|e| literal(e)).collect();
        let (pattern, behind) = match kind {
            "rest" if field == message && !ends.is_empty() => (".*?".to_owned(), format!("(?:(?:{}).*)?", ends.join("|"))),
            "rest" | "last" => (".*".to_owned(), String::new()),
            // `-` stands for "absent" and is cut all the same.
            "int" => ("[0-9-]+".to_owned(), String::new()),
            "float" => ("[0-9.-]+".to_owned(), String::new()),
            "list" if rest.is_empty() => (".*".to_owned(), String::new()),
            "list" => ("[^ ]*(?:(?:, | : )[^ ]+)*".to_owned(), String::new()),
            "quoted" => (r#"(?:[^"\\]|\\.)*"#.to_owned(), String::new()),
            "level" => ("[A-Za-z]{3,9} *".to_owned(), String::new()),
            "word" => match until.filter(|c| single && *c != ' ') {
                Some(c) => (format!("[^ {}]+", in_class(c)), String::new()),
                None if until == Some(' ') => ("[^ ]+".to_owned(), String::new()),
                None => ("[^ ]+?".to_owned(), String::new()),
            },
            "time" => (time_pattern(time?)?, String::new()),
            _ => match until.filter(|_| single) {
                Some(c) => (format!("[^{}]*", in_class(c)), String::new()),
                None => (".*?".to_owned(), String::new()),
            },
        };
        match group {
            Some(n) => out.push_str(&format!("(?<{n}>{pattern}){behind}")),
            None => out.push_str(&format!("{pattern}{behind}")),
        }
    }
    out.push('$');
    Some(out)
}

fn in_class(c: char) -> String {
    if "\\]^-[/".contains(c) { format!("\\{c}") } else { c.to_string() }
}

/// A date and a time with digits, with a zone or not.
const DIGITS: &str = r"[0-9]{2,4}[-\/.][A-Za-z0-9]{2,3}[-\/.][0-9]{2,4}[T :][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?";
const EPOCH: &str = r"[0-9]{9,}(?:\.[0-9]+)?";
const CTIME: &str = "[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:]{8} [0-9]{4}";
const SYSLOG: &str = r"[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}(?:\.[0-9]+)?";

/// What the reader of stamps takes for a time of this format, which is more than the format's name says.
fn time_pattern(format: &str) -> Option<String> {
    Some(match format {
        "iso8601" | "nginx" | "clf" | "ctime" => format!("(?:{DIGITS}|{CTIME}|{EPOCH})"),
        "syslog" => format!("(?:{SYSLOG}|{DIGITS})"),
        "epoch" => EPOCH.to_owned(),
        // A user's strftime text.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::catalog::Catalog;
    use regex::bytes::RegexBuilder;

    #[test]
    fn patterns_of_definitions_are_patterns_of_the_service() {
        assert_eq!(literal("a.b/c (11:"), r"a\.b\/c \(11:");
        let named = |g: &str| (g == "message").then(|| "m".to_owned());
        assert_eq!(translated(r"^(?P<time>\d+)/(?P<message>[^/(?P<x>]*)$", named), r"^(?:\d+)\/(?<m>[^\/(?P<x>]*)$");
    }

    /// Each form that is taken over fits the samples that the form itself fits.
    #[test]
    fn every_form_fits_its_own_samples() {
        let catalog = Catalog::load(&[]).unwrap();
        let (mut forms, mut samples) = (0, 0);
        for f in catalog.formats.iter().filter(|f| f.definition.kind == crate::parser::definition::Kind::Log) {
            for (i, line) in f.definition.lines.iter().enumerate() {
                let Some(pattern) = form(&f.definition, line, |_| None) else { continue };
                let built = RegexBuilder::new(&pattern).unicode(false).build();
                let regex = built.unwrap_or_else(|e| panic!("{} {}: {e}", f.definition.name, line.name));
                forms += 1;
                for s in f.definition.samples.iter().filter(|s| s.matches && !s.line.contains('\n')) {
                    if f.fits(i, s.line.as_bytes(), crate::parser::stamp::YearHint(1_795_219_200_000)) {
                        samples += 1;
                        assert!(regex.is_match(s.line.as_bytes()), "{} {}: {}\n{pattern}", f.definition.name, line.name, s.line);
                    }
                }
            }
        }
        assert!(forms > 50 && samples > 500, "{forms} forms, {samples} samples");
    }
}
