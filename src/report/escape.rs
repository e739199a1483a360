//! What comes from a log is hostile: nothing of it reaches a terminal or Markdown unescaped.

use std::fmt::Write;

/// Whether a character may reach a screen: no control bytes, no bidi overrides, nothing invisible.
fn harmless(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{fff9}'..='\u{fffb}')
        || matches!(
            c,
            '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'
                ..='\u{180f}' | '\u{3164}' | '\u{ffa0}'
        )
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'))
}

/// A text from outside, fit for a terminal: what is not harmless is shown as its code.
pub fn terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if harmless(c) => out.push(c),
            c => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
        }
    }
    out
}

/// A JSON text, the same to every program, fit for a terminal all the same: what is not harmless stands in it as `\\u` and its code.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || harmless(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// A text from outside, fit for running Markdown text and table cells.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in terminal(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '+' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Bare addresses would become links, whatever the case of their letters.
            '@' => out.push_str("&#64;"),
            ':' if ends_with_any(&out, &["http", "https", "ftp", "mailto", "xmpp"]) => out.push_str("&#58;"),
            '.' if ends_with_any(&out, &["www"]) => out.push_str("&#46;"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a text ends with one of these, in capitals or not.
fn ends_with_any(text: &str, ends: &[&str]) -> bool {
    let end = |n: usize| text.len().checked_sub(n).and_then(|at| text.get(at..));
    ends.iter().any(|e| end(e.len()).is_some_and(|t| t.eq_ignore_ascii_case(e)))
}

/// A sentence, as [`markdown`], in which what stands between backticks becomes code: definitions mark names so. What a log puts between
/// backticks is as inert there as anywhere.
pub fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::with_capacity(text.len());
    for (i, part) in parts.iter().enumerate() {
        let is_name = i % 2 == 1 && i + 1 < parts.len() && !part.is_empty() && part.trim() == *part;
        match (is_name, i) {
            (true, _) => out.push_str(&code(part, false)),
            // A backtick that begins or ends no name stands as itself.
            (false, i) if i % 2 == 1 => {
                out.push_str("\\`");
                out.push_str(&markdown(part));
                if i + 1 < parts.len() {
                    out.push_str("\\`");
                }
            }
            (false, _) => out.push_str(&markdown(part)),
        }
    }
    out
}

/// A text from outside as an inline code span; `in_table` also keeps `|` from ending a cell.
pub fn code(text: &str, in_table: bool) -> String {
    let shown = terminal(text);
    let shown = if in_table { shown.replace('|', "\\|") } else { shown };
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // Nothing between two fences would be one longer fence, which takes all up to the next such for code.
    let pad = if shown.starts_with('`') || shown.ends_with('`') || shown.is_empty() { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// Lines from outside as a fenced block: the fence is longer than any run of backticks inside.
pub fn fenced(lines: &[String], language: &str) -> String {
    let shown: Vec<String> = lines.iter().map(|l| terminal(l)).collect();
    let longest = shown.iter().flat_map(|l| l.split(|c| c != '`').map(str::len)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_passes() {
        assert_eq!(terminal("a\x1b[2Jb\u{202e}c\td"), "a\\u{1b}[2Jb\\u{202e}c d");
        assert_eq!(markdown("<b>[x](http://e)|*"), "&lt;b&gt;\\[x\\](http&#58;//e)\\|\\*");
        assert_eq!(markdown("HTTPS://e Www.e ftp://e é:w.www"), "HTTPS&#58;//e Www&#46;e ftp&#58;//e é:w.www");
        assert_eq!(code("a`b", false), "``a`b``");
        assert_eq!(code("", false), "`  `");
        assert_eq!(code("a|b", true), "`a\\|b`");
        assert_eq!(prose("set `listen` to 1"), "set `listen` to 1");
        assert_eq!(prose("a ` b <i> `` c"), "a \\` b &lt;i&gt; \\`\\` c");
        assert!(fenced(&["```".into()], "text").starts_with("````text\n"));
    }
}
