//! Words on what a model looks at.

use crate::measure::{GroupTokens, Tokens};
use crate::report::format::count;

/// How to read what a model looks at.
pub const READ: &str = "Each word is asked about alone: what would the model say to an answer of this one word? That is true of any kind of model, though in a longer answer words work \
together. A word stands for a group where its members use it more often than all others and chance alone would not show that; that a model uses such a word is not wrong in itself, since \
groups do different work, but it is how a model can treat groups differently without being told of them.";

/// Over the strongest words.
pub const STRONGEST: &str = "Words that speak most for a code";
/// Over the words that stand for groups.
pub const PROXIES: &str = "Words that stand for a group";
/// On the fold of codes that come later.
pub const OTHER_CODES: &str = "Words for the other codes";
/// Columns of the tables.
pub const CODE: &str = "Code";
/// Words with their confidences.
pub const WORDS: &str = "Words, with the confidence of the code for an answer of that word alone";
/// A word.
pub const WORD: &str = "Word";
/// A group.
pub const GROUP: &str = "Used more often by";
/// The ratio of odds.
pub const ODDS: &str = "Odds of using it, against all others";
/// The p-value.
pub const P: &str = "p, adjusted for all tested";
/// What the word speaks for.
pub const SPEAKS_FOR: &str = "Alone it speaks for";
/// What happens without it.
pub const CHANGED: &str = "Answers with it that get another code without it";
/// No single code has enough records with the word.
pub const NO_CODE: &str = "no code with enough records";

/// What was looked at.
pub fn looked_at(t: &Tokens, columns: &str, trained: u64) -> String {
    let part = if t.records < trained {
        format!("{} of the {} training records and in the test records", count(t.records), count(trained))
    } else {
        "the training and test records".to_owned()
    };
    format!(
        "{} words occur in at least {} records of {columns} in {part}; to {} of them the model says anything else than to an empty answer. Rarer words are not told here, since a word of few \
records could name a person.",
        count(t.words),
        count(t.fewest),
        count(t.used)
    )
}

/// Why no code has words.
pub const NO_CONFIDENCES: &str = "No word speaks for a code in enough training records, or the model gives no confidences to tell by.";

/// What was found in a grouping.
pub fn grouping(g: &GroupTokens, name: &str, hidden: u64) -> String {
    let many = |n: u64, one: &str, more: &str| if n == 1 { format!("1 {one}") } else { format!("{} {more}", count(n)) };
    let rare = if g.too_few == 0 {
        String::new()
    } else {
        format!(" For {}, too few records inside or outside every group have it, or lack it.", many(g.too_few, "word", "words"))
    };
    if g.tested == 0 {
        return format!("{name}: cannot tell. No group has enough records with and without any word.{rare}");
    }
    let tested = format!("{} of a word and a group were tested", many(g.tested, "pair", "pairs"));
    let head = match g.found {
        0 => format!("{name}: none found; {tested}."),
        n if n > g.words.len() as u64 => format!("{name}: {} found, of which those that differ most are listed; {tested}.", many(n, "word", "words")),
        n => format!("{name}: {} found; {tested}.", many(n, "word", "words")),
    };
    let kept_back = if hidden == 0 { String::new() } else { format!(" {} not shown to protect small groups.", many(hidden, "word is", "words are")) };
    format!("{head}{kept_back}{rare}")
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
