//! Saved models: a folder with `model.toml` and safetensors, of which every byte is vouched for and none can run.
//!
//! `model.toml` says what the model is: format, kind, settings, codes, the columns it reads, the program, digests of the study and of the
//! training data, and size and SHA-256 of each file beside it. Numbers are tensors. Features are fingerprints: no word of an answer is
//! saved, but whoever guesses a word can see whether it is a feature, so a saved model is kept as private as the answers. A model of nearest
//! answers has the features of each training record, with its id and code.
//!
//! Here are bytes only; `store` reads and writes them. A kind of model is saved by [`Coder::pack`] and comes back by an arm of
//! `kinds::unpack`; both name their parts alike.

mod head;
mod kinds;
mod lists;
mod pack;
mod parts;
#[cfg(test)]
mod tests;
mod unpack;

pub use head::{FileEntry, Head, ReadColumns};
pub use pack::Pack;
pub use unpack::Unpack;

use super::{Coder, Explanation, Input, Predictions, Recipe, Trace};
use crate::value::{Class, Failure, Problem, digest, grouped};
use head::{damaged, looks_like};
use std::collections::BTreeMap;

/// The format's name and version; a reader refuses any other.
pub const MODEL_FORMAT: &str = "proofmark-model/1";
/// The file that says what the model is.
pub const HEAD_FILE: &str = "model.toml";
/// The file of its numbers.
pub const WEIGHTS_FILE: &str = "weights.safetensors";
/// Most bytes of a file of numbers that is read.
pub const LARGEST_WEIGHTS: u64 = 8 << 30;

/// What a model came from, as far as it is known; digests are SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Digest of the study.
    pub study: Option<String>,
    /// Digest of the training data.
    pub data: Option<String>,
    /// Labels of codes, for readers.
    pub labels: BTreeMap<String, String>,
}

/// The files of a saved model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFiles {
    /// Names and bytes, [`HEAD_FILE`] first.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// SHA-256 of [`HEAD_FILE`], which vouches for the others: the model's digest.
    pub digest: String,
}

impl SavedFiles {
    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }
}

/// Saves a fitted model with the recipe it was made by; the same model gives the same bytes.
///
/// # Errors
/// A coder that cannot be saved: one that was brought along, or with numbers that are not finite.
pub fn save(coder: &dyn Coder, recipe: &Recipe, provenance: &Provenance) -> Result<SavedFiles, Failure> {
    let mut pack = Pack::default();
    if !coder.pack(&mut pack) {
        let problem = Problem::new(Class::Model, format!("a model of kind {} cannot be saved", recipe.kind()));
        return Err(problem.remedy("keep the file that it was brought along as").into());
    }
    let (weights, texts, columns) = pack.finish()?;
    let head = Head {
        format: MODEL_FORMAT.to_owned(),
        program: format!("proofmark {}", env!("CARGO_PKG_VERSION")),
        kind: recipe.kind().to_owned(),
        study: provenance.study.clone(),
        data: provenance.data.clone(),
        codes: coder.codes().to_vec(),
        facts: coder.facts(),
        columns,
        settings: head::settings(recipe)?,
        file: vec![FileEntry { name: WEIGHTS_FILE.to_owned(), bytes: weights.len() as u64, sha256: digest(&weights) }],
        labels: coder.codes().iter().filter_map(|c| Some((c.clone(), provenance.labels.get(c)?.clone()))).collect(),
        texts,
    };
    let head = head.write()?.into_bytes();
    let digest = digest(&head);
    Ok(SavedFiles { files: vec![(HEAD_FILE, head), (WEIGHTS_FILE, weights)], digest })
}

/// A model that was saved, loaded again: codes as it did before, to the last bit.
pub struct SavedModel {
    coder: Box<dyn Coder>,
    /// How it was made.
    pub recipe: Recipe,
    /// What is said of it.
    pub head: Head,
    /// SHA-256 of its [`HEAD_FILE`].
    pub digest: String,
    head_bytes: u64,
}

/// Gives the bytes of a file of a folder, which has the size that is named, or says what is wrong.
pub type ReadFile<'a> = &'a mut dyn FnMut(&str, u64) -> Result<Vec<u8>, Problem>;

/// Loads a saved model. `folder` names it in messages, `head` is its [`HEAD_FILE`], and `read` gives
/// another file of the folder.
///
/// # Errors
/// What is wrong, with file and remedy: another format or version, a size or digest that differs, parts that do not fit each other.
pub fn load(folder: &str, head: &[u8], read: ReadFile<'_>) -> Result<SavedModel, Failure> {
    let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{}/{name}", folder.trim_end_matches('/')) };
    let (parsed, recipe) = Head::parse(&at(HEAD_FILE), head)?;
    let entry = parsed.weights(&at(HEAD_FILE))?;
    let weights = read(WEIGHTS_FILE, entry.bytes)?;
    let file = at(WEIGHTS_FILE);
    vouched(&file, &weights, entry)?;
    let coder = unpack::unpacked(&file, &at(HEAD_FILE), &parsed, &weights, |unpack| kinds::unpack(&recipe, unpack))?;
    Ok(SavedModel { coder, recipe, head: parsed, digest: digest(head), head_bytes: head.len() as u64 })
}

/// That a file of a saved model has another size than was saved; `first` are its first bytes.
#[must_use]
pub fn other_size(file: &str, has: u64, saved: u64, first: &[u8]) -> Problem {
    let what = looks_like(first).map_or_else(String::new, |what| format!("; it looks like {what}"));
    damaged(file, format!("the file has {} bytes where {} were saved{what}", grouped(has as usize), grouped(saved as usize)))
}

/// That a file is the one that was saved.
fn vouched(file: &str, bytes: &[u8], entry: &FileEntry) -> Result<(), Problem> {
    if bytes.len() as u64 != entry.bytes {
        return Err(other_size(file, bytes.len() as u64, entry.bytes, bytes));
    }
    if digest(bytes) != entry.sha256.to_lowercase() {
        let what = looks_like(bytes).map_or_else(String::new, |what| format!("; it looks like {what}"));
        return Err(damaged(file, format!("the file is not the one that was saved: its SHA-256 differs from the one in {HEAD_FILE}{what}")));
    }
    Ok(())
}

impl SavedModel {
    /// Bytes of its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.head_bytes + self.head.file.iter().map(|f| f.bytes).sum::<u64>()
    }
}

impl Coder for SavedModel {
    fn codes(&self) -> &[String] {
        &self.head.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        self.coder.predict(input, keep)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = vec![("saved model of kind".to_owned(), self.head.kind.clone()), ("saved by".to_owned(), self.head.program.clone())];
        for (name, digest) in [("study it was trained in (SHA-256)", &self.head.study), ("data it was trained on (SHA-256)", &self.head.data)] {
            facts.extend(digest.clone().map(|digest| (name.to_owned(), digest)));
        }
        facts.extend(self.head.facts.iter().cloned());
        facts
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        self.coder.pack(pack)
    }

    fn explain(&self, input: &Input<'_>, row: u32, code: u32, versus: u32) -> Result<Option<Explanation>, Failure> {
        self.coder.explain(input, row, code, versus)
    }

    fn trace(&self, input: &Input<'_>) -> Result<Trace, Failure> {
        self.coder.trace(input)
    }
}
