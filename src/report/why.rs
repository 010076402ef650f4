//! Tells a clerk in a few lines which codes an answer has and which words spoke for and against them.

use super::locale::Words;
use crate::model::{Decomposition, Explanation, Neighbour, TokenKind, TokenShare, Without};

/// What a model says of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Kind of the model.
    pub kind: String,
    /// The likeliest codes, in order.
    pub codes: Vec<ToldCode>,
    /// The step that coded it, for a model of steps.
    pub step: Option<String>,
    /// The coded answers most like it, for a model that looks at them.
    pub neighbours: Vec<Neighbour>,
    /// What becomes of it without each of its words.
    pub without: Vec<Without>,
    /// Columns that the model reads and nothing was said of.
    pub left_out: Vec<String>,
}

/// A code of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldCode {
    /// The code.
    pub code: String,
    /// Its label; empty where none is known.
    pub label: String,
    /// The model's confidence, if it gives one.
    pub confidence: Option<f64>,
    /// What spoke for it, if the model can tell: of the first code against the second, of the others against the first.
    pub why: Option<Explanation>,
}

/// Shares smaller than this change no odds by more than one in a hundred.
const SLIGHT: f64 = 0.005;
/// Words whose removal is told.
const TAKEN_OUT: usize = 3;

/// The lines, with at most `words` words a code.
#[must_use]
pub fn why_lines(told: &Told, words: usize) -> Vec<String> {
    if told.codes.is_empty() {
        return vec!["The model leaves this answer uncoded.".to_owned()];
    }
    let mut lines = Vec::new();
    for (place, code) in told.codes.iter().enumerate() {
        if place > 0 {
            lines.push(String::new());
        }
        let name = if code.label.is_empty() { code.code.clone() } else { format!("{} {}", code.code, code.label) };
        let confidence = code.confidence.map_or_else(|| "no confidence".to_owned(), |c| format!("confidence {}", percent(c)));
        lines.push(format!("{}. {name}: {confidence}", place + 1));
        match &code.why {
            Some(why) => lines.extend(why.parts.iter().flat_map(|part| decomposition(part, why, words))),
            // A match, or the answers most like it, are the reason themselves.
            None if matched(told) || !told.neighbours.is_empty() => {}
            None if place == 0 && told.kind == "linear" => {
                lines.push("   The first two codes part further up the tree of codes, where what words add is no plain sum.".to_owned());
            }
            None if place == 0 => lines.push(format!("   A model of kind {} cannot say what single words add.", told.kind)),
            None => {}
        }
    }
    if let Some(step) = &told.step {
        lines.push(String::new());
        lines.push(format!("Coded by: {step}."));
    }
    if !told.neighbours.is_empty() {
        lines.push(String::new());
        lines.push("Coded answers most like it, the first of those that vote:".to_owned());
        lines.extend(told.neighbours.iter().map(|n| format!("   {}: {}, similarity {:.2}", n.id, n.code, n.similarity)));
    }
    lines.extend(taken_out(told));
    if told.codes.iter().any(|c| c.why.as_ref().is_some_and(|w| !w.exact)) {
        lines.push(String::new());
        lines.push("The ensemble weighs its members by another model, so their figures do not add up to its confidence.".to_owned());
    }
    if !told.left_out.is_empty() {
        lines.push(String::new());
        lines.push(format!("Not given, and coded as empty or missing: {}.", told.left_out.join(", ")));
    }
    lines
}

/// Whether the answer is an entry of an index.
fn matched(told: &Told) -> bool {
    told.step.as_ref().is_some_and(|step| step.ends_with(" match"))
}

/// What was added for and against a code.
fn decomposition(part: &Decomposition, why: &Explanation, words: usize) -> Vec<String> {
    let strong: Vec<&TokenShare> = part.tokens.iter().filter(|t| t.share.abs() >= SLIGHT).take(words).collect();
    let told = |t: &TokenShare| format!("{} {}", token(t), if why.exact { factor(t.share) } else { format!("{:+.2}", t.share) });
    let side = |positive: bool| strong.iter().filter(|t| (t.share > 0.0) == positive).map(|t| told(t)).collect::<Vec<_>>().join(", ");
    let (good, bad) = (side(true), side(false));
    let mut lines = vec![if why.exact {
        format!("   odds against {}: {}, before any word {}", why.versus, odds(part.total()), odds(part.start))
    } else {
        format!("   {}, score beyond that of {}: {:+.2}, before any word {:+.2}", part.name, why.versus, part.total(), part.start)
    }];
    for (what, tokens) in [("for:    ", good), ("against:", bad)] {
        if !tokens.is_empty() {
            lines.push(format!("     {what} {tokens}"));
        }
    }
    let rest: f64 = part.tokens.iter().filter(|t| !strong.contains(t)).map(|t| t.share).sum();
    let together = if why.exact { factor(rest) } else { format!("{rest:+.2}") };
    match (part.tokens.len() - strong.len(), strong.is_empty()) {
        (0, true) => lines.push("     No word of the answer is known to the model.".to_owned()),
        (0, false) => {}
        (n, _) => lines.push(format!("     and {n} more, {together} together")),
    }
    lines
}

fn token(token: &TokenShare) -> String {
    match token.kind {
        TokenKind::Word => token.text.clone(),
        TokenKind::Phrase => format!("\u{201c}{}\u{201d}", token.text),
        TokenKind::Level | TokenKind::Number => format!("{} = {}", token.column, token.text),
        TokenKind::Missing => format!("{} missing", token.column),
    }
}

/// What a share of the logarithm of odds multiplies or divides the odds by.
fn factor(share: f64) -> String {
    format!("{}{}", if share < 0.0 { "\u{f7}" } else { "\u{d7}" }, times(share.abs()))
}

/// Odds by their logarithm.
fn odds(logarithm: f64) -> String {
    if logarithm < 0.0 { format!("1 to {}", times(-logarithm)) } else { format!("{} to 1", times(logarithm)) }
}

fn times(logarithm: f64) -> String {
    let times = logarithm.exp();
    match times {
        t if t >= 1e6 => "more than a million".to_owned(),
        t if t >= 9.95 => Words::english().count(t.round() as u64),
        t => format!("{t:.1}"),
    }
}

/// What taking out the weightiest words does to the first code.
fn taken_out(told: &Told) -> Vec<String> {
    let Some(first) = told.codes.first() else { return Vec::new() };
    let changed =
        |w: &&Without| w.first.as_ref() != Some(&first.code) || w.confidence.zip(first.confidence).is_some_and(|(now, before)| (now - before).abs() >= SLIGHT);
    let told: Vec<String> = told
        .without
        .iter()
        .filter(changed)
        .take(TAKEN_OUT)
        .map(|w| {
            let now = w.confidence.map_or_else(|| "is not among its codes".to_owned(), |c| format!("has {}", percent(c)));
            let ahead = match &w.first {
                Some(code) if *code != first.code => format!(", and {code} comes first"),
                Some(_) => String::new(),
                None => ", and it is left uncoded".to_owned(),
            };
            format!("   without {}: {} {now}{ahead}", w.word, first.code)
        })
        .collect();
    if told.is_empty() { told } else { [vec![String::new(), "Taken out of the answer:".to_owned()], told].concat() }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(text: &str, kind: TokenKind, share: f64) -> TokenShare {
        TokenShare { column: "c".into(), kind, text: text.into(), share }
    }

    #[test]
    fn tells_for_and_against_and_what_is_left_out() {
        let part = Decomposition {
            name: String::new(),
            start: -0.5,
            tokens: vec![
                share("nurse", TokenKind::Word, 3.0),
                share("night nurse", TokenKind::Phrase, 1.0),
                share("north", TokenKind::Level, -0.75),
                share("a", TokenKind::Word, 0.25),
            ],
        };
        let why = Explanation { code: "2221".into(), versus: "5131".into(), exact: true, parts: vec![part] };
        let first = ToldCode { code: "2221".into(), label: "Nurses".into(), confidence: Some(0.953), why: Some(why) };
        let second = ToldCode { code: "5131".into(), label: String::new(), confidence: Some(0.04), why: None };
        let without = vec![
            Without { column: "answer".into(), word: "nurse".into(), confidence: Some(0.2), first: Some("5131".into()) },
            Without { column: "answer".into(), word: "a".into(), confidence: Some(0.953), first: Some("2221".into()) },
        ];
        let told = Told { kind: "linear".into(), codes: vec![first, second], step: None, neighbours: vec![], without, left_out: vec!["hours".into()] };
        let expected = [
            "1. 2221 Nurses: confidence 95.3 %",
            "   odds against 5131: 20 to 1, before any word 1 to 1.6",
            "     for:     nurse \u{d7}20, \u{201c}night nurse\u{201d} \u{d7}2.7",
            "     against: c = north \u{f7}2.1",
            "     and 1 more, \u{d7}1.3 together",
            "",
            "2. 5131: confidence 4.0 %",
            "",
            "Taken out of the answer:",
            "   without nurse: 2221 has 20.0 %, and 5131 comes first",
            "",
            "Not given, and coded as empty or missing: hours.",
        ];
        assert_eq!(why_lines(&told, 3), expected);
        let first = ToldCode { why: None, ..told.codes[0].clone() };
        let near = Neighbour { id: "r7".into(), code: "2221".into(), similarity: 0.876 };
        let near = Told { kind: "cascade".into(), codes: vec![first], step: Some("nearest".into()), neighbours: vec![near], without: vec![], left_out: vec![] };
        let lines = ["1. 2221 Nurses: confidence 95.3 %", "", "Coded by: nearest.", "", "Coded answers most like it, the first of those that vote:"];
        assert_eq!(why_lines(&near, 3), [&lines[..], &["   r7: 2221, similarity 0.88"]].concat());
        let unsaid = |kind: &str, step: Option<&str>| {
            let step = step.map(str::to_owned);
            why_lines(&Told { kind: kind.into(), step, neighbours: vec![], ..near.clone() }, 3)
        };
        assert_eq!(unsaid("index", Some("exact match"))[1..], ["", "Coded by: exact match."]);
        assert!(unsaid("cascade", Some("tabular"))[1].contains("cannot say") && unsaid("linear", None)[1].contains("no plain sum"));
        assert_eq!(why_lines(&Told { codes: vec![], ..told }, 3), ["The model leaves this answer uncoded."]);
    }
}
