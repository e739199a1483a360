//! Sentences with placeholders: `{socket}`, `{max_queue|x8|pow2|or 1024}`.
//!
//! Several names with `/` between them: the first that is known. Filters, left to right: `xN` multiplies, `pow2` rounds up to a power of two, `least N` puts N in place of less, `most N` in place of more, `or TEXT` stands in for what is not known.

use std::collections::BTreeMap;

pub use crate::lang::thousands;

/// What placeholders are filled from.
pub type Values = BTreeMap<String, String>;

/// Checks that a text's placeholders are well formed.
///
/// # Errors
/// What is wrong.
pub fn check(text: &str) -> Result<(), String> {
    fill_with(text, |name, filters| {
        let is_name = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !name.split('/').all(is_name) {
            return Err(format!("`{{{name}}}` is no placeholder: names are lower case"));
        }
        for f in filters {
            let is_number = |n: &str| n.parse::<f64>().is_ok();
            let takes_one = ["least ", "most ", "x"].iter().any(|p| f.strip_prefix(p).is_some_and(is_number));
            if *f != "pow2" && !f.starts_with("or ") && !takes_one {
                return Err(format!("`{f}` is no filter; use xN, pow2, `least N`, `most N` or `or TEXT`"));
            }
        }
        Ok(Some(String::new()))
    })
    .map(|_| ())
}

/// The names that a text's placeholders ask for.
pub fn names(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let _ = fill_with(text, |name, _| {
        all.extend(name.split('/').map(str::to_owned));
        Ok(Some(String::new()))
    });
    all
}

/// Fills a text; `None` where a placeholder without `or` is not known.
pub fn fill(text: &str, values: &Values) -> Option<String> {
    fill_with(text, |name, filters| Ok(value(name, filters, values))).ok().flatten()
}

fn value(name: &str, filters: &[&str], values: &Values) -> Option<String> {
    let mut v = name.split('/').find_map(|n| values.get(n)).cloned();
    for f in filters {
        if let Some(other) = f.strip_prefix("or ") {
            v = v.or_else(|| Some(other.to_owned()));
        } else if let Some(n) = v.as_ref().and_then(|v| v.trim().parse::<f64>().ok()) {
            let number = |prefix: &str| f.strip_prefix(prefix).and_then(|k| k.parse::<f64>().ok());
            let n = match (number("x"), number("least "), number("most ")) {
                (Some(k), ..) => n * k,
                (_, Some(least), _) => n.max(least),
                (.., Some(most)) => n.min(most),
                _ => (n.clamp(1.0, 1e9).ceil() as u64).next_power_of_two() as f64,
            };
            v = Some(format!("{}", n.round()));
        } else {
            v = None;
        }
    }
    v
}

fn fill_with(
    text: &str,
    mut each: impl FnMut(&str, &[&str]) -> Result<Option<String>, String>,
) -> Result<Option<String>, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        if rest[open..].starts_with("{{") {
            out.push('{');
            rest = &rest[open + 2..];
            continue;
        }
        let close = rest[open..].find('}').ok_or("a `{` is not closed; write `{{` for a brace")? + open;
        let mut parts = rest[open + 1..close].split('|');
        let name = parts.next().unwrap_or("");
        match each(name, &parts.collect::<Vec<_>>())? {
            Some(v) => out.push_str(&v),
            None => return Ok(None),
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_filters() {
        let values: Values = [("max_queue".to_owned(), "100".to_owned()), ("socket".to_owned(), "/run/a.sock".to_owned())].into();
        let fill = |t: &str| fill(t, &values);
        assert_eq!(fill("listen = {max_queue|x8|pow2}").unwrap(), "listen = 1024");
        assert_eq!(fill("{max_queue|x8|pow2|least 4096} {max_queue|x8|least 512}").unwrap(), "4096 800");
        assert_eq!(fill("{max_queue|x8|most 512}").unwrap(), "512");
        assert_eq!(fill("{limit|least 4096|or 8192}").unwrap(), "8192");
        assert_eq!(fill("{{ {socket} {limit|or 5}").unwrap(), "{ /run/a.sock 5");
        assert_eq!(fill("{limit}"), None);
        assert_eq!(fill("{limit/max_queue}").unwrap(), "100");
        assert_eq!(fill("{socket|x2}"), None);
        assert!(
            check("{a").is_err()
                && check("{A}").is_err()
                && check("{a|wat}").is_err()
                && check("{a|least}").is_err()
                && check("{a|x2|or 3}").is_ok()
        );
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
