//! Formats that a configuration spells out (`log_format`, `logformat`): their text becomes one more way to cut a line.

use super::definition::{Definition, Line, LogFormat, VariableStyle};

/// Turns a format text into a line template, by the definition's table of variables.
///
/// # Errors
/// Two variables stand side by side, or the text holds none.
pub fn template(format: &LogFormat, text: &str) -> Result<String, String> {
    let mut out = String::new();
    let (mut rest, mut last_was_field, mut fields) = (text, false, 0);
    let mut given: Vec<&str> = Vec::new();
    while !rest.is_empty() {
        let (name, len) = match format.style {
            VariableStyle::Dollar => dollar(rest),
            VariableStyle::PercentParen => percent_paren(rest),
        };
        if len == 0 {
            let c = rest.chars().next().unwrap_or(' ');
            if c == '{' {
                out.push('{');
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
            last_was_field = false;
            continue;
        }
        if last_was_field {
            return Err(format!(
                "the variables before `{}` stand side by side, so that nothing tells where one ends",
                &rest[..len]
            ));
        }
        rest = &rest[len..];
        let quoted = out.ends_with('"') && rest.starts_with('"');
        let field = format.variables.get(name).map_or("_", String::as_str);
        let (field, kind) = field.split_once(':').unwrap_or((field, if field == "time" { "" } else { "str" }));
        // People write a variable twice, bare and behind its name, say: the first gives the value.
        let (field, kind) = match (given.contains(&field), kind) {
            (true, "") => ("_", "str"),
            (true, kind) => ("_", kind),
            (false, kind) => (field, kind),
        };
        given.extend((field != "_").then_some(field));
        let kind = match kind {
            // Numbers in quotes may be empty or lists: the quotes say where they end.
            _ if quoted && field != "time" => "quoted",
            "str" if rest.is_empty() => "rest",
            k => k,
        };
        out.push_str(&if kind.is_empty() { format!("{{{field}}}") } else { format!("{{{field}:{kind}}}") });
        last_was_field = true;
        fields += 1;
    }
    if fields == 0 { Err("it holds no variable".to_owned()) } else { Ok(out) }
}

fn dollar(text: &str) -> (&str, usize) {
    let Some(rest) = text.strip_prefix('$') else {
        return ("", 0);
    };
    if let Some(inside) = rest.strip_prefix('{') {
        return inside.find('}').map_or(("", 0), |n| (&inside[..n], n + 3));
    }
    let n = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    if n == 0 { ("", 0) } else { (&rest[..n], n + 1) }
}

fn percent_paren(text: &str) -> (&str, usize) {
    let Some(rest) = text.strip_prefix("%(") else {
        return ("", 0);
    };
    rest.find(')').map_or(("", 0), |n| (&rest[..n], n + 3))
}

/// Adds a format text to a definition as its first, best form.
///
/// # Errors
/// The definition takes no format texts, or the text cannot be one.
pub fn add_form(definition: &mut Definition, name: &str, text: &str) -> Result<(), String> {
    let Some(format) = &definition.log_format else {
        return Err(format!("`{}` takes no format text", definition.name));
    };
    let template = template(format, text)?;
    if definition.lines.iter().any(|l| l.template.as_ref() == Some(&template)) {
        return Ok(());
    }
    for line in &mut definition.lines {
        line.fallback = true;
    }
    let line = Line {
        name: name.to_owned(),
        template: Some(template),
        regex: None,
        json: None,
        json_without: Vec::new(),
        request: true,
        bare: false,
        fallback: false,
    };
    definition.lines.insert(0, line);
    Ok(())
}

/// Finds the format texts in a configuration file: `directive name 'a' 'b';` or `directive = text`.
pub fn find_in_configuration(format: &LogFormat, text: &str) -> Vec<(String, String)> {
    match format.style {
        VariableStyle::Dollar => directives(&format.directive, text),
        VariableStyle::PercentParen => keys(&format.directive, text),
    }
}

/// `log_format main '…' "…";`, over several lines, with `escape=json` left out.
fn directives(directive: &str, text: &str) -> Vec<(String, String)> {
    let clean: String = text.lines().filter(|l| !l.trim_start().starts_with('#')).flat_map(|l| [l, "\n"]).collect();
    let mut found = Vec::new();
    let mut rest = clean.as_str();
    while let Some(at) = rest.find(directive) {
        let alone = rest[..at].chars().last().is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '{' | '}'));
        rest = &rest[at + directive.len()..];
        if !alone || !rest.starts_with(char::is_whitespace) {
            continue;
        }
        let (words, len) = words_to_semicolon(rest);
        rest = &rest[len..];
        if let [name, parts @ ..] = words.as_slice() {
            let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.starts_with("escape=")).collect();
            if !parts.is_empty() {
                found.push((name.clone(), parts.concat()));
            }
        }
    }
    found
}

/// The words up to `;`, quotes taken off; and how many bytes that was.
fn words_to_semicolon(text: &str) -> (Vec<String>, usize) {
    let (mut words, mut word, mut quote, mut in_word) = (Vec::new(), String::new(), None, false);
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), '\\') => {
                if let Some((_, next)) = chars.next() {
                    word.push(next);
                }
            }
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                in_word = true;
            }
            (None, ';') => {
                if in_word {
                    words.push(word);
                }
                return (words, i + 1);
            }
            (None, c) if c.is_whitespace() => {
                if in_word {
                    words.push(std::mem::take(&mut word));
                    in_word = false;
                }
            }
            (None, c) => {
                word.push(c);
                in_word = true;
            }
        }
    }
    (Vec::new(), text.len())
}

/// `logformat = …`, `log-format = …`, one a line.
fn keys(directive: &str, text: &str) -> Vec<(String, String)> {
    let plain = |s: &str| s.trim().trim_start_matches('-').replace(['-', '_'], "");
    text.lines()
        .filter_map(|l| l.split_once('='))
        .filter(|(k, v)| plain(k) == directive && v.contains("%("))
        .map(|(_, v)| (directive.to_owned(), v.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nginx() -> LogFormat {
        let variables = [
            ("remote_addr", "client"),
            ("time_local", "time"),
            ("status", "status:int"),
            ("request_time", "request_time:float"),
            ("request", "request:str"),
        ];
        LogFormat {
            style: VariableStyle::Dollar,
            directive: "log_format".into(),
            variables: variables.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
        }
    }

    #[test]
    fn a_variable_that_stands_twice_gives_its_first_value() {
        let mut catalog = crate::parser::catalog::Catalog::builtin().unwrap();
        let text = r#"$remote_addr [$time_local] "$request" $status $request_time $time_local rt=$request_time s=$status"#;
        catalog.add_form("nginx_access", "twice", text).unwrap();
        let mut scanner = crate::parser::scan::FileScanner::new(&catalog, crate::parser::stamp::YearHint(0));
        let time = "21/Nov/2026:00:00:39 +0000";
        scanner.feed(format!("10.0.0.1 [{time}] \"GET / HTTP/1.1\" 502 0.5 {time} rt=0.5 s=502\n").as_bytes());
        let tally = scanner.finish();
        assert_eq!((tally.unmatched, tally.sources[0].matched), (0, 1));
        assert_eq!(tally.sources[0].span, Some((1_795_219_239, 1_795_219_239)));
    }

    #[test]
    fn a_format_text_becomes_a_template() {
        let text = r#"$remote_addr [$time_local] "$request" $status ${request_time}s "$http_x" {$pid}"#;
        assert_eq!(
            template(&nginx(), text).unwrap(),
            r#"{client:str} [{time}] "{request:quoted}" {status:int} {request_time:float}s "{_:quoted}" {{{_:str}}"#
        );
        assert!(template(&nginx(), "$status$request").is_err() && template(&nginx(), "none").is_err());
    }

    #[test]
    fn configurations_are_searched() {
        let text = "http {\n # log_format no '$x';\n log_format main escape=json '$remote_addr [$time_local] '\n   \"$status\";\n access_log /x main;\n}";
        assert_eq!(find_in_configuration(&nginx(), text), [("main".to_owned(), "$remote_addr [$time_local] $status".to_owned())]);
        let uwsgi =
            LogFormat { style: VariableStyle::PercentParen, directive: "logformat".into(), variables: Default::default() };
        assert_eq!(
            find_in_configuration(&uwsgi, "[uwsgi]\nlog-format = %(addr) %(status)\n"),
            [("logformat".to_owned(), "%(addr) %(status)".to_owned())]
        );
    }
}
