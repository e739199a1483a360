//! Writing SVG: texts are escaped and cut to the room that they have, numbers short.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use super::super::escape;
use super::theme;
use super::{Drawing, Home};

/// Width of a column of text at 1 px of type, taken large: fonts differ, and what is cut short is better than what runs over.
const COLUMN: f64 = 0.58;

/// A picture under construction.
pub struct Svg {
    body: String,
    prefix: String,
    /// Width in px.
    pub width: f64,
}

impl Svg {
    /// An empty picture.
    pub fn new(home: Home, kind: char, width: f64) -> Self {
        Svg { body: String::new(), prefix: format!("{}{kind}", home.prefix()), width }
    }

    /// Puts markup in; texts in it must have been escaped.
    pub fn put(&mut self, markup: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(markup);
        self.body.push('\n');
    }

    /// A text at a place, cut to `room` px.
    pub fn text(&mut self, (x, y): (f64, f64), class: &str, room: f64, text: &str) {
        let size = if class.contains("small") { 11.0 } else { 12.0 };
        let shown = xml(&cut(text, room / (size * COLUMN)));
        self.put(format_args!("<text class=\"{class}\" x=\"{}\" y=\"{}\">{shown}</text>", px(x), px(y)));
    }

    /// A rectangle of a class.
    pub fn rect(&mut self, (x, y): (f64, f64), (w, h): (f64, f64), class: &str) {
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            px(x),
            px(y),
            px(w),
            px(h)
        ));
    }

    /// A line of a class.
    pub fn line(&mut self, (x, y): (f64, f64), (to_x, to_y): (f64, f64), class: &str) {
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            px(x),
            px(y),
            px(to_x),
            px(to_y)
        ));
    }

    /// The paint of failures: stripes, so that they are told apart without colour.
    pub fn hatch(&self) -> String {
        format!("url(#{}h)", self.prefix)
    }

    /// The whole picture, `height` px high, with its name and its description for whoever does not see it.
    pub fn finish(self, home: Home, height: f64, title: &str, desc: &str) -> Drawing {
        let p = &self.prefix;
        let (w, h) = (px(self.width), px(height));
        let mut out = String::new();
        let size = if home == Home::File { format!(" width=\"{w}\" height=\"{h}\"") } else { String::new() };
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {w} {h}\"{size} role=\"img\" aria-labelledby=\"{p}t {p}d\">"
        );
        let _ = writeln!(out, "<title id=\"{p}t\">{}</title>\n<desc id=\"{p}d\">{}</desc>", xml(title), xml(desc));
        if home == Home::File {
            let _ = writeln!(out, "<style>{}</style>", theme::CSS);
        }
        let _ = writeln!(
            out,
            "<defs><pattern id=\"{p}h\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <rect class=\"failed\" width=\"6\" height=\"6\"/><rect class=\"stripe\" width=\"2\" height=\"6\"/></pattern></defs>"
        );
        if home == Home::File {
            let _ = writeln!(out, "<rect class=\"ground\" width=\"{w}\" height=\"{h}\"/>");
        }
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        Drawing(out)
    }
}

/// A text from outside, fit for XML and HTML, between tags and in double quotes.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape::terminal(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No characters in XML.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Columns of a text, CJK two each.
pub fn columns(text: &str) -> f64 {
    text.chars().map(|c| c.width().unwrap_or(1) as f64).sum()
}

/// A text of at most so many columns, an ellipsis for what is left.
fn cut(text: &str, room: f64) -> String {
    let text = escape::terminal(text);
    if columns(&text) <= room {
        return text;
    }
    let mut out = String::new();
    let mut used = 1.0;
    for c in text.chars() {
        used += c.width().unwrap_or(1) as f64;
        if used > room {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// A text in lines of at most so many px, broken at blanks and between wide characters; what is too much stays on the last line.
pub fn fold(text: &str, room: f64, most: usize) -> Vec<String> {
    let room = room / (12.0 * COLUMN);
    let mut lines: Vec<String> = vec![String::new()];
    for piece in pieces(text) {
        let last = lines.len() == most;
        let line = lines.last_mut().expect("there is always a line");
        if last || columns(line) + columns(piece.trim_end()) <= room {
            line.push_str(piece);
        } else {
            line.truncate(line.trim_end().len());
            lines.push(piece.to_owned());
        }
    }
    lines
}

/// What a line may be broken between: words with the blank behind them, and single wide characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let next_is_wide = text[end..].chars().next().is_some_and(|n| n.width() == Some(2));
        if c == ' ' || c.width() == Some(2) || next_is_wide {
            pieces.push(&text[from..end]);
            from = end;
        }
    }
    pieces.push(&text[from..]);
    pieces
}

/// The width of a text in px at 12 px of type, taken large.
pub fn wide(text: &str) -> f64 {
    columns(text) * 12.0 * COLUMN
}

/// A length in px, with one decimal where it has one.
pub fn px(v: f64) -> String {
    let tenths = (v * 10.0).round() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0}") } else { format!("{tenths:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_opens_a_tag_or_runs_over() {
        assert_eq!(xml("<script>\"&'\x1b"), "&lt;script&gt;&quot;&amp;&#39;\\u{1b}");
        let long = cut("日本語の長い説明文", 8.0);
        assert_eq!(long, "日本語…");
        assert!(fold(&"word ".repeat(30), 200.0, 3).len() == 3);
        assert_eq!((px(3.0), px(3.13)), ("3".to_owned(), "3.1".to_owned()));
    }
}
