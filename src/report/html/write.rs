//! Writing HTML: what is not made here is a text, and texts are escaped. There is no way to put a text in as markup.

use std::fmt::Write;

use super::super::chart;
use super::super::escape;

/// Markup that is safe to stand in a page.
#[derive(Debug, Clone, Default)]
pub struct Html(String);

/// An element's attributes: their names are ours, their values may come from anywhere.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

/// Elements that have no end tag.
const VOID: [&str; 2] = ["meta", "br"];

/// A text from anywhere.
pub fn text(text: &str) -> Html {
    Html(escaped(text))
}

/// A sentence in which what stands between backticks becomes code, as definitions mark names.
pub fn prose(sentence: &str) -> Html {
    let parts: Vec<&str> = sentence.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text(sentence);
    }
    all(parts.iter().enumerate().map(|(i, part)| if i % 2 == 1 { leaf("code", &[], part) } else { text(part) }))
}

/// Several pieces in a row.
pub fn all(parts: impl IntoIterator<Item = Html>) -> Html {
    Html(parts.into_iter().map(|p| p.0).collect())
}

/// An element.
pub fn el(name: &'static str, attributes: Attributes<'_>, children: impl IntoIterator<Item = Html>) -> Html {
    let mut out = format!("<{name}");
    for (key, value) in attributes {
        // An attribute without a value is written as such: hidden, open.
        if value.is_empty() {
            let _ = write!(out, " {key}");
        } else {
            let _ = write!(out, " {key}=\"{}\"", escaped(value));
        }
    }
    out.push('>');
    if !VOID.contains(&name) {
        children.into_iter().for_each(|c| out.push_str(&c.0));
        let _ = write!(out, "</{name}>");
    }
    if !INLINE.contains(&name) {
        out.push('\n');
    }
    Html(out)
}

/// Elements after which a line's end would be read as a blank.
const INLINE: [&str; 6] = ["a", "b", "code", "span", "strong", "br"];

/// An element that holds one text.
pub fn leaf(name: &'static str, attributes: Attributes<'_>, shown: &str) -> Html {
    el(name, attributes, [text(shown)])
}

/// A link to a place on the web; another address is shown as a text.
pub fn link(address: &str, shown: &str) -> Html {
    if address.starts_with("https://") || address.starts_with("http://") {
        leaf("a", &[("href", address), ("rel", "noreferrer noopener")], shown)
    } else {
        text(shown)
    }
}

/// The end of a line in preformatted text.
pub fn line_end() -> Html {
    Html("\n".to_owned())
}

/// One of our own charts.
pub fn drawing(svg: &chart::Drawing) -> Html {
    Html(svg.as_str().to_owned())
}

/// The text of an element that is no markup: a style sheet or a script of ours.
pub fn ours(name: &'static str, content: &'static str) -> Html {
    Html(format!("<{name}>{content}</{name}>\n"))
}

impl Html {
    /// The page as it is written to a file.
    pub fn into_page(self) -> String {
        format!("<!DOCTYPE html>\n{}", self.0)
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape::terminal(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        let hostile = "\"><script>alert(1)</script>\u{202e}";
        let made = el("p", &[("class", hostile)], [text(hostile), link("javascript:alert(1)", "x")]);
        assert_eq!(made.0.matches('<').count(), 2, "{}", made.0);
        assert!(!made.0.contains('\u{202e}') && !made.0.contains("href"));
    }
}
