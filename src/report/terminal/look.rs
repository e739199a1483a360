//! What a terminal can show: colour, more than ASCII, links to files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// How a report for a terminal may look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub colour: bool,
    /// ASCII alone: no block characters, no dashes.
    pub ascii: bool,
    /// Where quoted files lie, for links; none where the terminal shows no links.
    pub links: Links,
}

/// Addresses of files by the names that reports have for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links(BTreeMap<String, String>);

impl Links {
    /// Enters a file; `path` is absolute.
    pub fn enter(&mut self, name: &str, path: &Path) {
        self.0.insert(name.to_owned(), file_uri(path));
    }

    /// `shown`, as a link (OSC 8) to a line of a file where that is known. `shown` must be escaped.
    pub fn to(&self, shown: &str, name: &str, line: u64) -> String {
        match self.0.get(name) {
            Some(uri) => format!("\x1b]8;;{uri}#{line}\x1b\\{shown}\x1b]8;;\x1b\\"),
            None => shown.to_owned(),
        }
    }
}

/// A path as the address of a file: every byte that is no plain character becomes its number, so that no name ends the sequence that it
/// stands in.
pub fn file_uri(path: &Path) -> String {
    format!("file://{}", percent_encoded(path.as_os_str().as_encoded_bytes()))
}

/// Bytes fit for the path of an address.
pub fn percent_encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for b in bytes {
        if b.is_ascii_alphanumeric() || b"/-._~".contains(b) {
            out.push(char::from(*b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// A finished report in ASCII: what has a likeness gets it, all else a question mark.
pub fn to_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '–' | '—' | '·' | '−' => out.push('-'),
            '×' => out.push('x'),
            '…' => out.push_str("..."),
            '’' | '‘' => out.push('\''),
            '“' | '”' => out.push('"'),
            '→' => out.push_str("->"),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_within_its_link() {
        let mut links = Links::default();
        links.enter("a", Path::new("/var/log/x \x1b]8;;http://evil\x07#日.log"));
        let made = links.to("a:3", "a", 3);
        assert_eq!(made, "\x1b]8;;file:///var/log/x%20%1B%5D8%3B%3Bhttp%3A//evil%07%23%E6%97%A5.log#3\x1b\\a:3\x1b]8;;\x1b\\");
        assert_eq!(links.to("b:3", "b", 3), "b:3");
        assert_eq!(to_ascii("3 × a – b…日"), "3 x a - b...?");
    }
}
