//! Why a model prefers a code for a record: what each token adds, and what becomes of the answer without a word.
//!
//! A linear score is a sum over features, and each feature belongs to tokens of the answer, so what the tokens add is exact. Where scores go
//! through more than one sum (an ensemble's stack), the sums of its members are exact and the whole is not, which is said. Taking a word
//! out and asking again is true of any model.

use super::weights::Weights;
use super::{Coder, Input};
use crate::data::Strings;
use crate::text::{Token, TokenKind, count_words, without_word};
use crate::value::Failure;

/// What speaks for a code rather than another.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The code.
    pub code: String,
    /// The other code.
    pub versus: String,
    /// True when there is one part, and it is the whole: the logarithm of the odds of the two, but for what calibration lifts and lowers.
    pub exact: bool,
    /// The sums that it is made of: one, or one for each member of an ensemble.
    pub parts: Vec<Decomposition>,
}

/// A sum that speaks for a code rather than another.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// The member's name; empty for the whole.
    pub name: String,
    /// What the code has whatever the answer.
    pub start: f64,
    /// What each token adds, the largest first, whichever code it speaks for.
    pub tokens: Vec<TokenShare>,
}

impl Decomposition {
    /// Start and tokens together.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.start + self.tokens.iter().map(|t| t.share).sum::<f64>()
    }

    /// The sum that weights make of tokens: scores times `slope`, with an `offset` whatever the answer.
    pub(super) fn of(name: String, tokens: Vec<Token>, weights: &Weights, (code, versus): (usize, usize), slope: f64, offset: f64) -> Self {
        let start = slope * weights.intercepts(code, versus) + offset;
        Self::by(name, tokens, start, |feature| slope * weights.difference(feature, code, versus))
    }

    /// The sum that `weight` makes of tokens, which is what a feature adds for each unit of its value, above a `start`.
    pub(super) fn by(name: String, tokens: Vec<Token>, start: f64, weight: impl Fn(usize) -> f64) -> Self {
        let share = |token: &Token| token.features.iter().map(|(feature, value)| value * weight(*feature as usize)).sum::<f64>();
        let mut tokens: Vec<TokenShare> =
            tokens.into_iter().map(|token| TokenShare { share: share(&token), column: token.column, kind: token.kind, text: token.text }).collect();
        // Stable, so that equal shares keep the order of the answer.
        tokens.sort_by(|a, b| b.share.abs().total_cmp(&a.share.abs()));
        Self { name, start, tokens }
    }
}

/// What a token adds.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenShare {
    /// The column it is in.
    pub column: String,
    /// What it is.
    pub kind: TokenKind,
    /// As the model reads it.
    pub text: String,
    /// Above 0 it speaks for the code, below 0 for the other.
    pub share: f64,
}

/// What becomes of an answer without one of its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Without {
    /// The column.
    pub column: String,
    /// The word.
    pub word: String,
    /// Confidence of the code that came first with it; none where the model gives no confidence, or does not rank that code.
    pub confidence: Option<f64>,
    /// The code that comes first without it; none where the model leaves it uncoded.
    pub first: Option<String>,
}

/// Asks a model again for a row of the table, without each of its words in turn; those that take most from the first code come first.
///
/// # Errors
/// When the model cannot code.
pub fn without(coder: &dyn Coder, input: &Input<'_>, row: u32) -> Result<Vec<Without>, Failure> {
    let mut taken: Vec<(usize, String)> = Vec::new();
    for (column, (_, strings)) in input.texts.iter().enumerate() {
        count_words(strings.get(row as usize), &mut String::new(), |word| taken.push((column, word.to_owned())));
    }
    // The answer itself, then the answer without each word.
    let variants: Vec<Strings> = input
        .texts
        .iter()
        .enumerate()
        .map(|(column, (_, strings))| {
            let own = strings.get(row as usize);
            let of = |(at, word): &(usize, String)| if *at == column { without_word(own, word) } else { own.to_owned() };
            std::iter::once(own.to_owned()).chain(taken.iter().map(of)).collect()
        })
        .collect();
    let rows: Vec<u32> = (0..=taken.len() as u32).collect();
    let ids: Strings = rows.iter().map(|_| input.ids.get(row as usize)).collect();
    let factors: Vec<_> = input
        .categories
        .iter()
        .map(|(name, factor)| (*name, crate::data::Factor { labels: factor.labels.clone(), index: vec![factor.index[row as usize]; rows.len()] }))
        .collect();
    let numbers: Vec<_> = input.numbers.iter().map(|(name, values)| (*name, vec![values[row as usize]; rows.len()])).collect();
    let changed = Input {
        ids: &ids,
        texts: input.texts.iter().zip(&variants).map(|((name, _), strings)| (*name, strings)).collect(),
        categories: factors.iter().map(|(name, factor)| (*name, factor)).collect(),
        numbers: numbers.iter().map(|(name, values)| (*name, values.as_slice())).collect(),
        rows: &rows,
    };
    let p = coder.predict(&changed, usize::MAX)?;
    let Some(&best) = (!p.is_empty()).then(|| p.ranking(0)).and_then(<[u32]>::first) else { return Ok(Vec::new()) };
    let mut found: Vec<Without> = taken
        .into_iter()
        .zip(1..)
        .map(|((column, word), record)| {
            let place = p.ranking(record).iter().position(|code| *code == best);
            let first = p.ranking(record).first().and_then(|code| p.codes.get(*code as usize)).cloned();
            let confidence = place.and_then(|place| p.confidences(record).get(place)).copied();
            Without { column: input.texts[column].0.to_owned(), word, confidence, first }
        })
        .collect();
    found.sort_by(|a, b| a.confidence.unwrap_or(0.0).total_cmp(&b.confidence.unwrap_or(0.0)));
    Ok(found)
}
