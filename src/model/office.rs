//! Recipes of how offices code: matches in an index, nearest coded answers, and one step after the other.

use super::Recipe;
use crate::data::Strings;
use crate::text::TextRecipe;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where an index comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexSource {
    /// A file of texts and codes.
    File,
    /// The training records' own answers.
    Training,
}

/// Exact and normalised matches in a coding index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexRecipe {
    /// Where the index comes from.
    pub from: IndexSource,
    /// The file, relative to the file that names it; empty without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The file's column of texts.
    pub text: String,
    /// The file's column of codes.
    pub code: String,
    /// The text column of the records that is looked up; all of them together where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Normalised texts match in any order of their words.
    pub any_word_order: bool,
    /// Normalised texts match without accents.
    pub fold_accents: bool,
    /// Training records that must have given an answer, all with the same code, before it counts.
    pub min_records: usize,
    /// What the file says, once it has been read.
    #[serde(skip)]
    pub entries: Option<Arc<IndexEntries>>,
}

impl Default for IndexRecipe {
    fn default() -> Self {
        Self {
            from: IndexSource::File,
            path: String::new(),
            text: "text".into(),
            code: "code".into(),
            column: None,
            any_word_order: false,
            fold_accents: true,
            min_records: 2,
            entries: None,
        }
    }
}

/// The entries of an index file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexEntries {
    /// Name of the file without folders.
    pub file: String,
    /// SHA-256 of the file.
    pub digest: String,
    /// The texts.
    pub texts: Strings,
    /// The code of each.
    pub codes: Strings,
}

/// What similar means to nearest answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// The cosine of tf-idf features of the text columns.
    Texts,
    /// The cosine of the numeric columns: vectors brought along.
    Numbers,
}

/// Codes by a vote of the nearest coded answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearestRecipe {
    /// Text features.
    pub text: TextRecipe,
    /// What similar means.
    pub over: Over,
    /// Answers that vote.
    pub neighbours: usize,
    /// A vote counts as its similarity, divided by that of the nearest answer, to this power.
    pub power: f64,
}

impl Default for NearestRecipe {
    fn default() -> Self {
        Self { text: TextRecipe::default(), over: Over::Texts, neighbours: 40, power: 2.0 }
    }
}

/// Steps in order: the first that is sure of a record codes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CascadeRecipe {
    /// The steps.
    pub steps: Vec<StepRecipe>,
}

/// One step of a cascade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecipe {
    /// How it codes.
    pub recipe: Recipe,
    /// It codes records only from this confidence on; none for whatever it does not abstain from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
}

impl Recipe {
    /// The indexes that it looks up, each with the key path of its file below the candidate.
    #[must_use]
    pub fn indexes(&self) -> Vec<(String, &IndexRecipe)> {
        match self {
            Self::Index(recipe) => vec![("settings.path".to_owned(), recipe)],
            Self::Cascade(cascade) => cascade
                .steps
                .iter()
                .enumerate()
                .filter_map(|(i, step)| match &step.recipe {
                    Self::Index(recipe) => Some((format!("settings.step[{i}].settings.path"), recipe)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Gives each index that is read from a file its entries.
    pub fn fill(&mut self, entries: &mut dyn FnMut(&str) -> Option<Arc<IndexEntries>>) {
        match self {
            Self::Index(recipe) => recipe.entries = entries("settings.path"),
            Self::Cascade(cascade) => {
                for (i, step) in cascade.steps.iter_mut().enumerate() {
                    if let Self::Index(recipe) = &mut step.recipe {
                        recipe.entries = entries(&format!("settings.step[{i}].settings.path"));
                    }
                }
            }
            _ => {}
        }
    }

    /// True when it is to train with survey weights.
    #[must_use]
    pub fn weighted(&self) -> bool {
        match self {
            Self::Linear(recipe) => recipe.weighted,
            Self::Ensemble(recipe) => recipe.weighted,
            Self::Embedding(recipe) => recipe.weighted,
            Self::Majority | Self::Prior => true,
            Self::Cascade(recipe) => recipe.steps.iter().any(|s| s.recipe.weighted()),
            _ => false,
        }
    }
}
