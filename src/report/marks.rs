//! Marks inside a card's strings: which language a piece of text is in where it is not the page's (WCAG 2.2, 3.1.2), and whole numbers on
//! their way through a message. They are characters of the private use area; the page turns them into `span`s and every other output drops them.

use fluent_bundle::FluentValue;

const LANGUAGE: char = '\u{E000}';
const TEXT: char = '\u{E001}';
const END: char = '\u{E002}';
const NUMBER: char = '\u{E010}';
const NUMBER_END: char = '\u{E011}';

fn is_mark(c: char) -> bool {
    matches!(c, LANGUAGE | TEXT | END | NUMBER | NUMBER_END)
}

/// A text of someone else without any mark: nothing that a study says may look like one.
pub fn without(text: &str) -> String {
    text.chars().filter(|c| !is_mark(*c)).collect()
}

/// A text marked as being in a language.
pub fn in_language(tag: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{LANGUAGE}{tag}{TEXT}{text}{END}") }
}

/// The text without its marks and the tags in them.
pub fn plain(text: &str) -> String {
    if !text.contains(LANGUAGE) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut tag = false;
    for c in text.chars() {
        match c {
            LANGUAGE => tag = true,
            TEXT => tag = false,
            END => {}
            _ if tag => {}
            c => out.push(c),
        }
    }
    out
}

/// The marks of an escaped text as elements of the page.
pub fn elements(escaped: &str) -> String {
    let mut out = String::with_capacity(escaped.len() + 32);
    for c in escaped.chars() {
        match c {
            LANGUAGE => out.push_str("<span lang=\""),
            TEXT => out.push_str("\">"),
            END => out.push_str("</span>"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a text has marks.
pub fn any(text: &str) -> bool {
    text.contains(LANGUAGE)
}

/// Writes a whole number of a message between marks: only then is it known how the language prints it.
pub fn number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(n) if n.value >= 0.0 && n.value.fract() == 0.0 => Some(format!("{NUMBER}{}{NUMBER_END}", n.value)),
        _ => None,
    }
}

/// Prints the marked numbers.
pub fn numbers(text: &str, print: impl Fn(u64) -> String) -> String {
    if !text.contains(NUMBER) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(NUMBER) {
        out.push_str(before);
        let (digits, behind) = after.split_once(NUMBER_END).unwrap_or((after, ""));
        out.push_str(&digits.parse().map_or_else(|_| digits.to_owned(), &print));
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_or_nothing() {
        let text = format!("Groupe {} (3)", in_language("en", "North & East"));
        assert_eq!(plain(&text), "Groupe North & East (3)");
        assert_eq!(elements(&text), "Groupe <span lang=\"en\">North & East</span> (3)");
        assert_eq!(in_language("en", ""), "");
    }

    #[test]
    fn a_study_cannot_write_marks() {
        assert_eq!(without("a\u{E000}\"><script>\u{E001}b\u{E002}\u{E010}1\u{E011}"), "a\"><script>b1");
    }

    #[test]
    fn numbers_are_printed_between_their_marks() {
        let text = numbers("\u{E010}12345\u{E011} of \u{E010}2\u{E011}", |n| format!("<{n}>"));
        assert_eq!(text, "<12345> of <2>");
    }
}
