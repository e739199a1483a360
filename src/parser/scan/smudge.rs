//! Lines as people paste them: quoted in a mail or a chat, out of a web page, with the line numbers of a viewer or of grep.

/// Lines of an input up to which it may be a paste; a log file is taken as it is.
pub(super) const PASTE_LINES: u64 = 200;

/// Texts that stand for a character: HTML's entities, and what word processors make of quotes.
const STAND_INS: [(&str, &str); 15] = [
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&apos;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&nbsp;", " "),
    ("&amp;", "&"),
    ("\u{a0}", " "),
    ("\u{201c}", "\""),
    ("\u{201d}", "\""),
    ("\u{2018}", "'"),
    ("\u{2019}", "'"),
    ("\u{200b}", ""),
];

/// The line without what a paste put around it; `None` where there is nothing of the kind.
pub(super) fn cleaned(line: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let mut plain = text.to_owned();
    for (stand_in, meant) in STAND_INS {
        if plain.contains(stand_in) {
            plain = plain.replace(stand_in, meant);
        }
    }
    let mut rest = plain.as_str();
    // Marks may be nested: a quoted list of numbered lines.
    while let Some(inner) = without_mark(rest).or_else(|| without_number(rest)).or_else(|| without_fence(rest)) {
        rest = inner;
    }
    (rest != text && !rest.trim().is_empty()).then(|| rest.as_bytes().to_vec())
}

/// `> `, `| `, `* `, `- `, `• ` before a line, or blanks.
fn without_mark(line: &str) -> Option<&str> {
    let trimmed = line.trim_start();
    let marked = ["> ", ">", "| ", "│ ", "* ", "- ", "• ", "+ "].iter().find_map(|m| trimmed.strip_prefix(m));
    marked.or_else(|| (trimmed.len() < line.len() && !trimmed.is_empty()).then_some(trimmed))
}

/// `12: `, `12|` before a line, or `error.log:12:`, as viewers and grep write.
fn without_number(line: &str) -> Option<&str> {
    // What stands behind digits that are no part of a date or a time.
    let behind = |t: &'_ str| {
        let digits = t.bytes().take_while(u8::is_ascii_digit).count();
        let end = *t.as_bytes().get(digits)?;
        (1..=7).contains(&digits).then_some((digits + 1, end))
    };
    if let Some((n, end)) = behind(line)
        && (matches!(end, b'|' | b'\t') || end == b':' && !line.as_bytes().get(n).is_some_and(u8::is_ascii_digit))
    {
        return Some(line[n..].strip_prefix(' ').unwrap_or(&line[n..]));
    }
    let (file, rest) = line.split_once(':')?;
    let is_file = file.len() <= 200 && !file.contains([' ', '"', '[']) && file.contains(|c: char| c.is_ascii_alphabetic());
    let (n, end) = behind(rest).filter(|_| is_file && file.contains('.'))?;
    (end == b':').then(|| &rest[n..])
}

/// Backticks around a line.
fn without_fence(line: &str) -> Option<&str> {
    line.strip_prefix('`').and_then(|l| l.strip_suffix('`'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(line: &str) -> String {
        cleaned(line.as_bytes()).map_or_else(|| line.to_owned(), |l| String::from_utf8(l).unwrap())
    }

    #[test]
    fn what_a_paste_put_around_is_taken_off() {
        let line = r#"2026/11/21 09:00:00 [error] 7#7: *1 connect() failed, request: "GET / HTTP/1.1""#;
        for pasted in [
            format!("> {line}"),
            format!(">> {line}"),
            format!("    {line}"),
            format!("17: {line}"),
            format!("error.log:17:{line}"),
            format!("| {line}"),
            format!("`{line}`"),
            line.replace('"', "&quot;"),
            line.replace('"', "\u{201c}"),
        ] {
            assert_eq!(clean(&pasted), line, "{pasted}");
        }
    }

    #[test]
    fn dates_and_times_are_no_line_numbers() {
        for line in ["2026-11-21 09:00:00 x", "09:00:00 x", "2026/11/21 x", "127.0.0.1:80 x", "10.0.0.1 - - [x]"] {
            assert_eq!(cleaned(line.as_bytes()), None, "{line}");
        }
    }
}
