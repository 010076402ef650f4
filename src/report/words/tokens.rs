//! Words on what a model looks at.

use crate::measure::{GroupTokens, Tokens};
use crate::report::locale::{Words, say};

/// What was looked at.
pub fn looked_at(w: &Words, t: &Tokens, columns: &str, trained: u64) -> String {
    if t.records < trained {
        say!(w, "tokens-looked-at-part", words = t.words, fewest = t.fewest, columns = columns, part = t.records, trained = trained, used = t.used)
    } else {
        say!(w, "tokens-looked-at", words = t.words, fewest = t.fewest, columns = columns, used = t.used)
    }
}

/// What was found in a grouping.
pub fn grouping(w: &Words, g: &GroupTokens, name: &str, hidden: u64) -> String {
    let rare = (g.too_few > 0).then(|| say!(w, "tokens-too-few", n = g.too_few));
    if g.tested == 0 {
        return [Some(say!(w, "tokens-cannot-tell", name = name)), rare].into_iter().flatten().collect::<Vec<_>>().join(" ");
    }
    let tested = say!(w, "tokens-tested", n = g.tested);
    let head = match g.found {
        0 => say!(w, "tokens-none-found", name = name, tested = tested),
        n if n > g.words.len() as u64 => say!(w, "tokens-most-listed", name = name, n = n, tested = tested),
        n => say!(w, "tokens-found", name = name, n = n, tested = tested),
    };
    let kept_back = (hidden > 0).then(|| say!(w, "tokens-kept-back", n = hidden));
    [Some(head), kept_back, rare].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Confidence of a code for a word alone.
pub fn strong(word: &str, confidence: &str) -> String {
    format!("{word} ({confidence})")
}

/// A code with its confidence.
pub fn speaks_for(code: &str, confidence: Option<&str>) -> String {
    confidence.map_or_else(|| code.to_owned(), |c| format!("{code} ({c})"))
}

/// A word with its column, where there are several.
pub fn word(text: &str, column: Option<&str>) -> String {
    column.map_or_else(|| text.to_owned(), |column| format!("{text} [{column}]"))
}
