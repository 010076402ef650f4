//! Recipes of what was made elsewhere: files of codes, programs that code, model files of other programs.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Codes and confidences made elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionsRecipe {
    /// The file, relative to the file that names it.
    pub path: String,
    /// Its column of record ids.
    pub id: String,
    /// Its columns of codes, best first; one in long form, none in a file of JSON lines.
    pub codes: Vec<String>,
    /// Its columns of confidences in the same order; none when it has none.
    pub confidences: Vec<String>,
    /// True when it has a row for each code of a record, best first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub long: bool,
}

impl PredictionsRecipe {
    /// True when a path is of a file with a JSON object a line.
    #[must_use]
    pub fn lines(path: &str) -> bool {
        let lower = path.to_lowercase();
        lower.ends_with(".ndjson") || lower.ends_with(".jsonl")
    }
}

/// How records go to a program and ranked codes come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exchange {
    /// CSV with a header.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// A program that reads records on standard input and writes ranked codes on standard output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandRecipe {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// A program that gets the training records with their codes before; none when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub train: Vec<String>,
    /// Most seconds that one run of either may take.
    pub time_limit: f64,
    /// How records and codes are written.
    pub format: Exchange,
}

impl CommandRecipe {
    /// The command for readers.
    #[must_use]
    pub fn words(&self) -> String {
        Self::shown(&self.command)
    }

    /// A program and its arguments for readers. Where an interpreter lies on a machine is nobody's business, so absolute paths are cut to their
    /// last part.
    #[must_use]
    pub fn shown(argv: &[String]) -> String {
        let short = |word: &String| if word.starts_with('/') { word.rsplit('/').next().unwrap_or_default().to_owned() } else { word.clone() };
        argv.iter().map(short).collect::<Vec<_>>().join(" ")
    }
}

/// A model that this program saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedRecipe {
    /// Its folder, or the `model.toml` in it, relative to the file that names it.
    pub path: String,
}

/// What becomes of punctuation before a text is split at white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Punctuation {
    /// It stays as it is.
    Keep,
    /// The characters . ! ? , ' / ( ) become words of their own, as in fastText's tutorial.
    Apart,
    /// ASCII punctuation becomes a space.
    Remove,
}

/// A model file of the fastText program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FastTextRecipe {
    /// The file, relative to the file that names it.
    pub path: String,
    /// Texts are lower-cased first, as those were that it was trained on.
    pub lower_case: bool,
    /// What becomes of punctuation.
    pub punctuation: Punctuation,
    /// What stands before each code in the model's labels.
    pub label_prefix: String,
}

/// What the scores of a model file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Between 0 and 1; anything else is an error.
    #[default]
    Probabilities,
    /// Anything; only their order is used.
    Order,
}

/// A model file in the ONNX format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnnxRecipe {
    /// The file, relative to the file that names it.
    pub path: String,
    /// For inputs of the model, the columns that they take; by name where nothing is said. Told as a fact of the loaded model.
    #[serde(default, skip_serializing)]
    pub inputs: BTreeMap<String, Vec<String>>,
    /// The output with the probabilities; found where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<String>,
    /// The codes of the model's classes in its order; those in the file when empty. Told as a fact of the loaded model.
    #[serde(default, skip_serializing)]
    pub classes: Vec<String>,
    /// A text file with these codes, one a line, relative to the file that names it.
    #[serde(default, skip_serializing)]
    pub classes_file: Option<String>,
    /// What its scores are.
    pub scores: Scale,
}
