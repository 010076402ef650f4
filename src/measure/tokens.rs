//! What a model looks at in texts: the words that speak most for each code, and words that stand for a group of respondents.
//!
//! A word is asked about alone: what the model says to an answer of this one word, with every other column empty, is true of any kind of
//! model, and needs no word to be kept in one. Whether a word stands for a group is a question about respondents: the odds of using it
//! there against everywhere else, on the test part with its design, by Holm's method over every word and group tested.
//!
//! Words of few records could name a person: nothing is told of a word below [`FEWEST_RECORDS`], in any cell that is shown.

mod alone;
mod proxies;
#[cfg(test)]
mod tests;
mod words;

use super::evidence::GroupCell;
use super::request::Request;
use super::sample::Sample;
use crate::model::{Coder, Input};
use crate::value::{Failure, Outcome};
use alone::Alone;
use serde::{Deserialize, Serialize};
use words::Vocabulary;

/// Fewest records (unweighted) of a word in any cell that is told of.
pub const FEWEST_RECORDS: u64 = 10;
/// Words kept for a code, and for a grouping.
const MOST_WORDS: usize = 8;
/// Codes kept: those with most training records.
const MOST_CODES: usize = 300;

/// What a model looks at in texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// The text columns.
    pub columns: Vec<String>,
    /// Fewest records of a word in any cell that is told of.
    pub fewest: u64,
    /// Words of at least so many training or test records.
    pub words: u64,
    /// Those of them to which the model says anything else than to an empty answer.
    pub used: u64,
    /// Training records that were read for words.
    pub records: u64,
    /// Codes with the words that speak most for them, those of most training records first; empty for a model without confidences.
    pub codes: Vec<CodeTokens>,
    /// For each grouping the words that stand for one of its groups.
    pub groupings: Vec<GroupTokens>,
}

/// The words that speak most for a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeTokens {
    /// The code.
    pub code: String,
    /// The words, the strongest first.
    pub words: Vec<StrongToken>,
}

/// A word that speaks for a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrongToken {
    /// The text column.
    pub column: String,
    /// The word as the model reads it.
    pub word: String,
    /// Training records with it, whatever their code.
    pub records: u64,
    /// Confidence of the code for an answer of this word alone.
    pub confidence: f64,
}

/// The words that stand for a group of a grouping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupTokens {
    /// The variables of the grouping.
    pub variables: Vec<String>,
    /// Pairs of a word and a group that were tested.
    pub tested: u64,
    /// Words that too few records of a group, or of all others, have for a test.
    pub too_few: u64,
    /// Words found to stand for a group, whether or not they are listed.
    pub found: u64,
    /// Those that differ most.
    pub words: Vec<ProxyToken>,
}

/// A word that stands for a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyToken {
    /// The text column.
    pub column: String,
    /// The word as the model reads it.
    pub word: String,
    /// The group that uses it more often than all others together.
    pub group: GroupCell,
    /// How many times the odds of using it are those of all others; its interval is for this word alone.
    pub odds_ratio: Outcome,
    /// The p-value by Holm's method over all that was tested.
    pub p: f64,
    /// The code that comes first for this word alone, where enough training records have both; and its confidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks_for: Option<(String, Option<f64>)>,
    /// Share of the test records with the word whose first code is another one without it.
    pub changed: Outcome,
}

/// What is asked, and of whom.
pub struct TokenQuestion<'a> {
    /// The model.
    pub coder: &'a dyn Coder,
    /// The columns it reads, with the rows of the test part.
    pub input: &'a Input<'a>,
    /// The rows of the training part.
    pub train: &'a [u32],
    /// True codes of the table's rows, as numbers into `codes`.
    pub truth: &'a [u32],
    /// The codes.
    pub codes: &'a [String],
    /// The test part as a sample.
    pub sample: &'a Sample,
    /// What the study asks for.
    pub request: &'a Request,
}

/// Asks a model about words; none where it reads no text, or makes nothing of it.
///
/// # Errors
/// When the model cannot code.
pub fn tokens(question: &TokenQuestion<'_>) -> Result<Option<Tokens>, Failure> {
    if question.input.texts.is_empty() {
        return Ok(None);
    }
    let vocabulary = Vocabulary::of(question);
    let alone = Alone::ask(question, &vocabulary)?;
    let used = alone.used.iter().filter(|used| **used).count() as u64;
    if used == 0 {
        return Ok(None);
    }
    Ok(Some(Tokens {
        columns: question.input.texts.iter().map(|(name, _)| (*name).to_owned()).collect(),
        fewest: FEWEST_RECORDS,
        words: vocabulary.words.len() as u64,
        used,
        records: vocabulary.read,
        codes: alone.codes(question, &vocabulary),
        groupings: proxies::proxies(question, &vocabulary, &alone)?,
    }))
}
