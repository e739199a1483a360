//! A flat walk over one JSON object in a line: keys and the place of each value, without building a tree.
//!
//! Log lines in JSON are wide and flat; only a few keys matter, and values are wanted as byte ranges of the line like any other field.

use memchr::memchr2;

/// Calls `each(key, from, to)` for every top-level field of the object in `line`: `from..to` is the value, without the
/// quotes of a string and with its escapes as they stand. `false` where the line is not one whole JSON object.
pub fn each_field(line: &[u8], mut each: impl FnMut(&[u8], usize, usize)) -> bool {
    let mut at = blanks(line, 0);
    if line.get(at) != Some(&b'{') {
        return false;
    }
    at = blanks(line, at + 1);
    if line.get(at) == Some(&b'}') {
        return blanks(line, at + 1) == line.len();
    }
    loop {
        let Some((key_from, key_to)) = string(line, at) else {
            return false;
        };
        at = blanks(line, key_to + 1);
        if line.get(at) != Some(&b':') {
            return false;
        }
        at = blanks(line, at + 1);
        let (from, to, next) = match line.get(at) {
            Some(b'"') => match string(line, at) {
                Some((f, t)) => (f, t, t + 1),
                None => return false,
            },
            Some(b'{' | b'[') => match nested(line, at) {
                Some(end) => (at, end, end),
                None => return false,
            },
            Some(_) => {
                let n = line[at..].iter().take_while(|b| !matches!(b, b',' | b'}' | b' ')).count();
                (at, at + n, at + n)
            }
            None => return false,
        };
        each(&line[key_from..key_to], from, to);
        at = blanks(line, next);
        match line.get(at) {
            Some(b',') => at = blanks(line, at + 1),
            Some(b'}') => return blanks(line, at + 1) == line.len(),
            _ => return false,
        }
    }
}

/// Turns the escapes of a JSON string's inside into the text they stand for; `None` where nothing is escaped.
pub fn unescape(inside: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'\\', inside)?;
    let mut quoted = Vec::with_capacity(inside.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(inside);
    quoted.push(b'"');
    serde_json::from_slice::<String>(&quoted).ok().map(String::into_bytes)
}

/// The text that a JSON value stands for, where it is not the bytes themselves: an escaped string, or (journald, for texts
/// with control bytes) an array of byte numbers.
pub fn text(value: &[u8]) -> Option<Vec<u8>> {
    match value.first() {
        Some(b'[') => serde_json::from_slice(value).ok(),
        _ => unescape(value),
    }
}

fn blanks(line: &[u8], at: usize) -> usize {
    at + line.get(at..).map_or(0, |l| l.iter().take_while(|b| b.is_ascii_whitespace()).count())
}

/// The inside of the string that begins at `at`.
fn string(line: &[u8], at: usize) -> Option<(usize, usize)> {
    if line.get(at) != Some(&b'"') {
        return None;
    }
    let from = at + 1;
    let mut pos = from;
    loop {
        pos += memchr2(b'"', b'\\', line.get(pos..)?)?;
        if line[pos] == b'"' {
            return Some((from, pos));
        }
        pos += 2;
    }
}

/// The end of the object or array that begins at `at`.
fn nested(line: &[u8], at: usize) -> Option<usize> {
    let (mut depth, mut pos) = (0usize, at);
    while pos < line.len() {
        match line[pos] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(pos + 1);
                }
            }
            b'"' => pos = string(line, pos)?.1,
            _ => {}
        }
        pos += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(line: &str) -> Option<Vec<(String, String)>> {
        let mut out = Vec::new();
        each_field(line.as_bytes(), |k, f, t| out.push((String::from_utf8_lossy(k).into_owned(), line[f..t].to_owned())))
            .then_some(out)
    }

    #[test]
    fn walks_the_top_level_only() {
        let got = fields(r#"{"log":"a \"b\" c\n", "n": 0.5,"o":{"log":"}"},"l":[1,{"x":"]"}],"z":null}"#).unwrap();
        let want = [("log", r#"a \"b\" c\n"#), ("n", "0.5"), ("o", r#"{"log":"}"}"#), ("l", r#"[1,{"x":"]"}]"#), ("z", "null")];
        assert_eq!(got, want.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(unescape(br#"a \"b\" c\n"#).unwrap(), b"a \"b\" c\n");
        assert_eq!(text(b"[104, 105]").unwrap(), b"hi");
        assert_eq!(fields("{}"), Some(vec![]));
        for bad in ["", "{", "[1]", "{\"a\"}", "{\"a\":1} x", "{\"a\":\"b}"] {
            assert_eq!(fields(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(line in proptest::collection::vec(any::<u8>(), 0..100)) {
            each_field(&line, |_, f, t| assert!(f <= t && t <= line.len()));
        }

        #[test]
        fn what_serde_writes_is_walked(pairs in proptest::collection::btree_map("[a-z]{1,5}", ".*", 0..5)) {
            let text = serde_json::to_string(&pairs).unwrap();
            let mut n = 0;
            prop_assert!(each_field(text.as_bytes(), |_, _, _| n += 1));
            prop_assert_eq!(n, pairs.len());
        }
    }
}
