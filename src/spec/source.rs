//! The text of one file, and where in it a stretch of bytes is: line, character and the line itself.

use crate::value::{Class, Place, Problem};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeTable;

/// Longest line shown with a problem, in characters.
const SHOWN: usize = 240;

/// A file that was read.
pub(super) struct Source {
    /// The file, as messages name it.
    pub file: String,
    text: String,
    starts: Vec<usize>,
}

impl Source {
    /// Takes the text of a file; a byte-order mark is dropped.
    pub fn new(file: String, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { file, text, starts }
    }

    /// The place of a stretch of bytes; what lies beyond the end of its first line is not underlined.
    pub fn place(&self, span: Range<usize>) -> Place {
        let start = self.boundary(span.start);
        let line = self.starts.partition_point(|&s| s <= start);
        let first = self.starts[line - 1];
        let whole = self.text[first..].split('\n').next().unwrap_or_default();
        let whole = whole.strip_suffix('\r').unwrap_or(whole);
        let start = start.min(first + whole.len());
        let end = self.boundary(span.end).clamp(start, first + whole.len());
        let column = self.text[first..start].chars().count() + 1;
        let width = self.text[start..end].chars().count().max(1);
        let source = (column <= SHOWN).then(|| {
            let mut shown: String = whole.chars().take(SHOWN).map(printable).collect();
            if whole.chars().nth(SHOWN).is_some() {
                shown.push('…');
            }
            shown
        });
        let width = width.min((SHOWN + 2).saturating_sub(column).max(1));
        Place { file: self.file.clone(), line: Some(line), column: Some(column), width, source, within: None }
    }

    /// The text between two bytes.
    pub fn slice(&self, span: Range<usize>) -> &str {
        let start = self.boundary(span.start);
        &self.text[start..self.boundary(span.end).max(start)]
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The file as a tree, as far as it can be read, with its errors of syntax, at most one a line.
    /// The flag says whether the tree is whole: a key given twice does not harm the rest.
    pub fn parse(&self) -> (Spanned<DeTable<'_>>, Vec<Problem>, bool) {
        let (tree, errors) = DeTable::parse_recoverable(&self.text);
        let mut whole = true;
        let mut problems: Vec<Problem> = Vec::new();
        for error in errors {
            let duplicate = error.message() == "duplicate key";
            whole &= duplicate;
            let place = error.span().map(|span| self.place(span));
            if !duplicate && problems.iter().any(|p| p.place.as_ref().map(|p| p.line) == place.as_ref().map(|p| p.line)) {
                continue;
            }
            let name = error.span().map(|span| quote(self.slice(span))).unwrap_or_default();
            let problem = if duplicate {
                Problem::new(Class::Study, format!("{name} is given twice")).remedy("remove one of the two")
            } else {
                Problem::new(Class::Study, format!("not TOML: {}", error.message().trim_end_matches(", expected nothing")))
                    .remedy("write `key = value`; texts and dates like 2025-04 stand in double quotes, lists in square brackets")
            };
            problems.push(problem.at(place.unwrap_or_else(|| Place { file: self.file.clone(), ..Place::default() })));
        }
        (tree, problems, whole)
    }

    /// The nearest character boundary at or before a byte.
    fn boundary(&self, mut byte: usize) -> usize {
        byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}

/// A character that is safe on a terminal: controls and changes of writing direction become a replacement character.
fn printable(c: char) -> char {
    let hidden = (c.is_control() && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    if hidden { '\u{fffd}' } else { c }
}

/// A name from a file between backticks, shortened and safe on a terminal.
pub(super) fn quote(name: &str) -> String {
    let mut short: String = name.chars().take(60).map(|c| printable(if c == '\t' { ' ' } else { c })).collect();
    if name.chars().nth(60).is_some() {
        short.push('…');
    }
    format!("`{short}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_forgive_marks_and_carriage_returns() {
        let source = Source::new("a.toml".into(), "\u{feff}naïve = 1\r\nb = \"é\"\r\n");
        let at = source.text.find("= 1").unwrap();
        let place = source.place(at..at + 3);
        assert_eq!((place.line, place.column, place.width), (Some(1), Some(7), 3));
        assert_eq!(place.source.as_deref(), Some("naïve = 1"));
        let at = source.text.find("\"é").unwrap();
        let place = source.place(at..at + 99);
        assert_eq!((place.line, place.column, place.width), (Some(2), Some(5), 3));
        let place = source.place(source.len()..source.len());
        assert_eq!((place.line, place.column), (Some(3), Some(1)));
    }

    #[test]
    fn a_line_is_shown_without_what_a_terminal_would_obey() {
        let source = Source::new("a.toml".into(), "a = \"\u{1b}[31m\u{202e}\"");
        assert_eq!(source.place(0..1).source.as_deref(), Some("a = \"\u{fffd}[31m\u{fffd}\""));
        assert_eq!(quote("\u{1b}\n"), "`\u{fffd}\u{fffd}`");
        let long = Source::new("a.toml".into(), &"x".repeat(1000));
        assert_eq!(long.place(0..1000).width, SHOWN + 1);
        assert!(long.place(500..600).source.is_none());
    }
}
