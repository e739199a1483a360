//! The line at fault with a caret beneath, for errors in files that people write.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::ops::Range;

/// Where in a text something is: line and column from 1, and the line with a caret beneath the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line and the caret; begins with a line end, for it follows a message.
    pub shown: String,
}

/// Shows bytes of a text; of several lines only the first.
pub fn place(text: &str, span: Range<usize>) -> Place {
    let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let begin = boundary(span.start);
    let line_begin = text[..begin].rfind('\n').map_or(0, |p| p + 1);
    let line_end = text[begin..].find('\n').map_or(text.len(), |p| begin + p);
    let end = boundary(span.end).clamp(begin, line_end);
    let line = text[..begin].matches('\n').count() + 1;
    let column = text[line_begin..begin].chars().count() + 1;
    let shown = text[line_begin..line_end].trim_end();
    let caret = (begin - line_begin).min(shown.len())..(end - line_begin).min(shown.len());
    let snippet = Snippet::source(shown).line_start(line).fold(false).annotation(AnnotationKind::Primary.span(caret));
    let report = [Level::ERROR.no_name().primary_title(".").element(snippet)];
    let drawn = Renderer::plain().render(&report);
    let shown = drawn.split_once('\n').map_or(String::new(), |(_, rest)| format!("\n{}", rest.trim_end()));
    Place { line, column, shown }
}

/// Shows a key on a line (from 1) that sets it, or the head of a table that lacks it; of any other line nothing.
pub fn key_on_line(text: &str, line: usize, key: &str) -> Place {
    let begin = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let shown = text[begin..].lines().next().unwrap_or("");
    let indent = shown.len() - shown.trim_start().len();
    if !key.is_empty() && shown.trim_start().starts_with(key) {
        place(text, begin + indent..begin + indent + key.len())
    } else if shown.trim_start().starts_with('[') {
        place(text, begin + indent..begin + shown.len())
    } else {
        Place { line, column: 1, shown: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_beneath_the_place() {
        let text = "paths = []\n[watch]\nevrey = \"5m\"\n";
        let at = text.find("evrey").unwrap();
        let place = place(text, at..at + 5);
        assert_eq!((place.line, place.column), (3, 1));
        assert_eq!(place.shown, "\n  |\n3 | evrey = \"5m\"\n  | ^^^^^");
    }

    #[test]
    fn odd_spans_do_no_harm() {
        for text in ["", "a", "日本\n語 = 1", "\n\n", "x\r\ny"] {
            for from in 0..text.len() + 2 {
                for to in from..text.len() + 3 {
                    assert!(place(text, from..to).line >= 1);
                }
            }
            assert!(key_on_line(text, 9, "k").line >= 1);
        }
    }
}
