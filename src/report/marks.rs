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

/// The tag that a mark of language opens at the start of `rest`, and what is behind it; nothing where it is no such mark.
fn opened(rest: &str) -> Option<(&str, &str)> {
    let (tag, behind) = rest.split_once(TEXT)?;
    let good = !tag.is_empty() && tag.len() < 36 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    good.then_some((tag, behind))
}

/// Rewrites the marks: what stands for the opening of a language, and for its end. Stray marks are dropped, and what is left open is closed.
fn rewritten(text: &str, open: impl Fn(&str) -> String, close: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let (mut rest, mut depth) = (text, 0);
    while let Some(at) = rest.find(is_mark) {
        out.push_str(&rest[..at]);
        let mark = rest[at..].chars().next().unwrap_or(END);
        rest = &rest[at + mark.len_utf8()..];
        match mark {
            LANGUAGE => {
                if let Some((tag, behind)) = opened(rest) {
                    out.push_str(&open(tag));
                    (rest, depth) = (behind, depth + 1);
                }
            }
            END if depth > 0 => {
                out.push_str(close);
                depth -= 1;
            }
            _ => {}
        }
    }
    out.push_str(rest);
    out.push_str(&close.repeat(depth));
    out
}

/// The text without its marks and the tags in them.
pub fn plain(text: &str) -> String {
    rewritten(text, |_| String::new(), "")
}

/// The marks of an escaped text as elements of the page.
pub fn elements(escaped: &str) -> String {
    rewritten(escaped, |tag| format!("<span lang=\"{tag}\">"), "</span>")
}

/// Whether a text has marks.
pub fn any(text: &str) -> bool {
    text.contains(is_mark)
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
    fn stray_marks_are_dropped_and_open_ones_closed() {
        let stray = "a\u{E000}\"><script>\u{E001}b\u{E002}c";
        assert_eq!((plain(stray), elements(stray)), ("a\"><script>bc".into(), "a\"><script>bc".into()));
        assert_eq!(elements("\u{E000}en\u{E001}a\u{E000}fr\u{E001}b"), "<span lang=\"en\">a<span lang=\"fr\">b</span></span>");
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
