//! `model.toml`: what a saved model is, and what vouches for the files beside it.

use super::{HEAD_FILE, LARGEST_WEIGHTS, MODEL_FORMAT, WEIGHTS_FILE};
use crate::model::Recipe;
use crate::value::{Class, Problem, grouped};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What `model.toml` begins with.
const COMMENT: &str =
    "# A model saved by proofmark. It is data: nothing in this folder runs. Sizes and digests are checked when it is loaded, so do not edit it.
# Features are fingerprints of words, and levels of categories are written out: keep the folder as private as the answers it was trained on.
# Of nearest answers it has the features, id and code of every training record, since these are what a clerk is shown.
";

/// Most codes of a model.
const MOST_CODES: usize = 1 << 20;

/// What a saved model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// [`MODEL_FORMAT`].
    pub format: String,
    /// Name and version of the program that saved it.
    pub program: String,
    /// The recipe's kind.
    pub kind: String,
    /// SHA-256 of the study that it was trained in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
    /// SHA-256 of its training data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The codes it can give, in the order of its numbers.
    pub codes: Vec<String>,
    /// Facts about the fitted model: (name, value).
    pub facts: Vec<(String, String)>,
    /// The columns it reads.
    pub columns: ReadColumns,
    /// The recipe's settings.
    #[serde(default)]
    pub settings: toml::Table,
    /// The files beside it.
    pub file: Vec<FileEntry>,
    /// Labels of codes, where they were known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Texts that belong to the model, by part: names of columns, levels of categories, codes of a cascade's steps.
    #[serde(default)]
    pub texts: BTreeMap<String, Vec<String>>,
}

/// Columns that a model reads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadColumns {
    /// Text columns.
    #[serde(default)]
    pub texts: BTreeSet<String>,
    /// Category columns.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// Numeric columns.
    #[serde(default)]
    pub numbers: BTreeSet<String>,
}

/// A file beside `model.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A problem of a file of a saved model.
pub fn damaged(file: &str, what: impl Into<String>) -> Problem {
    Problem::new(Class::Model, what)
        .file(file)
        .remedy("copy the whole folder again from where the model was saved, or save the model again by running its study")
}

/// What a file of another format looks like by its first bytes.
pub fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 9] = [
        (b"PK\x03\x04", "a zip archive, as PyTorch and numpy write it"),
        (b"\x80\x02", "a Python pickle, which could run code and is never opened"),
        (b"\x80\x03", "a Python pickle, which could run code and is never opened"),
        (b"\x80\x04", "a Python pickle, which could run code and is never opened"),
        (b"\x80\x05", "a Python pickle, which could run code and is never opened"),
        (b"\x89HDF", "an HDF5 file"),
        (b"GGUF", "a GGUF file"),
        (b"\xba\x16\x4f\x2f", "a model of the fastText program"),
        (b"\x1f\x8b", "a gzip file"),
    ];
    known.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what)
}

/// The settings of a recipe as a table.
pub fn settings(recipe: &Recipe) -> Result<toml::Table, Problem> {
    let internal = |e: &dyn std::fmt::Display| Problem::new(Class::Internal, format!("settings of a model could not be written: {e}"));
    match toml::Value::try_from(recipe).map_err(|e| internal(&e))? {
        // A kind without settings is its name alone.
        toml::Value::String(_) => Ok(toml::Table::new()),
        toml::Value::Table(kinds) => match kinds.into_iter().next() {
            Some((_, toml::Value::Table(settings))) => Ok(settings),
            _ => Err(internal(&"not a table")),
        },
        _ => Err(internal(&"not a table")),
    }
}

impl Head {
    /// As it is stored.
    pub fn write(&self) -> Result<String, Problem> {
        let body = toml::to_string(self).map_err(|e| Problem::new(Class::Internal, format!("{HEAD_FILE} could not be written: {e}")))?;
        Ok(format!("{COMMENT}{body}"))
    }

    /// Reads it, and the recipe in it.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<(Self, Recipe), Problem> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                let what = looks_like(bytes).map_or_else(String::new, |what| format!("; it looks like {what}"));
                return Err(damaged(file, format!("the file is not text{what}")));
            }
        };
        let line = |e: &toml::de::Error, problem: Problem| match e.span() {
            Some(span) => problem.line(1 + text.as_bytes()[..span.start.min(text.len())].iter().filter(|b| **b == b'\n').count()),
            None => problem,
        };
        let table: toml::Table = toml::from_str(text).map_err(|e| line(&e, damaged(file, format!("the file is not TOML: {}", e.message()))))?;
        match table.get("format").and_then(toml::Value::as_str) {
            Some(MODEL_FORMAT) => {}
            Some(other) if other.starts_with("proofmark-model/") => {
                let problem = Problem::new(Class::Model, format!("the model has format `{other}`, and this version reads `{MODEL_FORMAT}`")).file(file);
                return Err(problem.remedy("load it with the version of proofmark that saved it, or save the model again with this one"));
            }
            Some(other) => {
                let problem = Problem::new(Class::Model, format!("the file has format `{other}`, which is no saved model")).file(file);
                return Err(problem.remedy("name the folder of a saved model: that of its model.toml and weights.safetensors"));
            }
            None if table.contains_key("kind") && !table.contains_key("file") => {
                let problem = Problem::new(Class::Model, "the file says how a model is to be trained; it is not a saved model").file(file);
                return Err(problem.remedy("to train it, name it by `model`; to use one that was trained, name the folder in which a run saved it"));
            }
            None => {
                let problem = Problem::new(Class::Model, "the file says no format, so it is no saved model").file(file);
                return Err(problem.remedy("name the folder of a saved model: that of its model.toml and weights.safetensors"));
            }
        }
        let head: Self = toml::from_str(text).map_err(|e| line(&e, damaged(file, e.message().to_owned())))?;
        let recipe = head.recipe(file)?;
        head.check(file)?;
        Ok((head, recipe))
    }

    fn recipe(&self, file: &str) -> Result<Recipe, Problem> {
        if !Recipe::KINDS.contains(&self.kind.as_str()) {
            let problem = Problem::new(Class::Model, format!("the model is of kind `{}`, which this version does not know", self.kind)).file(file);
            return Err(problem.remedy("load it with the version of proofmark that saved it"));
        }
        let plain = toml::Value::String(self.kind.clone()).try_into::<Recipe>();
        let settled = || toml::Value::Table(toml::Table::from_iter([(self.kind.clone(), toml::Value::Table(self.settings.clone()))])).try_into::<Recipe>();
        let recipe = match plain {
            Ok(recipe) if self.settings.is_empty() => Ok(recipe),
            _ => settled(),
        };
        recipe.map_err(|e| damaged(file, format!("the settings are not those of kind `{}`: {}", self.kind, e.message())).within("settings"))
    }

    fn check(&self, file: &str) -> Result<(), Problem> {
        let distinct: BTreeSet<&String> = self.codes.iter().collect();
        // An index may give a single code; whatever learns needs two.
        let fewest = if self.kind == "index" { 1 } else { 2 };
        if self.codes.len() < fewest || self.codes.len() > MOST_CODES || distinct.len() < self.codes.len() || self.codes.iter().any(String::is_empty) {
            return Err(damaged(file, format!("{} codes, of which {} are different: a model has two or more, each once", self.codes.len(), distinct.len())));
        }
        Ok(())
    }

    /// The file of numbers.
    pub fn weights(&self, file: &str) -> Result<&FileEntry, Problem> {
        let [entry] = self.file.as_slice() else {
            return Err(damaged(file, format!("{} files are listed, and a model of this format has one", self.file.len())));
        };
        // The name is not used to open anything, so that no path can lead out of the folder.
        if entry.name != WEIGHTS_FILE {
            return Err(damaged(file, format!("the file of numbers is not called {WEIGHTS_FILE}")));
        }
        if entry.bytes > LARGEST_WEIGHTS {
            let (said, most) = (grouped(entry.bytes as usize), grouped(LARGEST_WEIGHTS as usize));
            return Err(damaged(file, format!("the file of numbers is said to have {said} bytes, and no more than {most} are read")));
        }
        Ok(entry)
    }
}
