//! Recipes: how a candidate is to be trained, or where its output is.

use super::brought::{CommandRecipe, FastTextRecipe, OnnxRecipe, PredictionsRecipe, SavedRecipe};
use super::office::{CascadeRecipe, IndexRecipe, NearestRecipe};
use super::tabular::recipe::TabularRecipe;
use crate::text::TextRecipe;
use serde::{Deserialize, Serialize};

/// Loss of a linear model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// One-vs-rest squared hinge (a linear support vector machine); `c` of 0.3 to 1 suits short texts. Somewhat more often right,
    /// with worse probabilities.
    SquaredHinge,
    /// Multinomial logistic; `c` of 3 to 10 suits short texts. The better probabilities.
    Logistic,
}

/// The linear model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinearRecipe {
    /// Text features.
    pub text: TextRecipe,
    /// Loss.
    pub loss: Loss,
    /// Inverse strength of the L2 penalty (as C in LIBLINEAR).
    pub c: f64,
    /// Most passes over the data; fewer when the solver settles before.
    pub passes: usize,
    /// Use the survey weights in training.
    pub weighted: bool,
    /// Choose level by level down the tree of codes, with a model for each choice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hierarchical: bool,
    /// Characters of each level above the full code, coarsest first: those of the code frame; only where `hierarchical`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub levels: Vec<usize>,
    /// Records of a code with n of N records count (N / n)^this in training: 0 alike, 1 every code alike.
    #[serde(default, skip_serializing_if = "is_default")]
    pub class_weight: f64,
}

/// Whether a setting is as it was before it existed, so that it need not be told.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for LinearRecipe {
    fn default() -> Self {
        let text = TextRecipe { characters: (3, 5), ..TextRecipe::default() };
        Self { text, loss: Loss::Logistic, c: 5.0, passes: 100, weighted: false, hierarchical: false, levels: Vec::new(), class_weight: 0.0 }
    }
}

/// Linear members, stacked: more often right and better calibrated than any of them, at some times the cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnsembleRecipe {
    /// The members; whether they use survey weights is said for all of them by `weighted` here.
    pub members: Vec<LinearRecipe>,
    /// Parts of the training part, each of which is held out in turn from the members and teaches the stack.
    pub folds: usize,
    /// Use the survey weights in training.
    pub weighted: bool,
}

impl Default for EnsembleRecipe {
    fn default() -> Self {
        let member =
            |words, characters, loss, c| LinearRecipe { text: TextRecipe { words, characters, ..TextRecipe::default() }, loss, c, ..LinearRecipe::default() };
        let members =
            vec![member((1, 3), (3, 5), Loss::SquaredHinge, 0.6), member((1, 2), (0, 0), Loss::SquaredHinge, 0.3), member((1, 2), (3, 5), Loss::Logistic, 5.0)];
        Self { members, folds: 4, weighted: false }
    }
}

/// Averaged embeddings, as fastText's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingRecipe {
    /// Text features.
    pub text: TextRecipe,
    /// Length of a vector.
    pub dim: usize,
    /// Passes over the data.
    pub epochs: usize,
    /// Learning rate at the start; it falls to 0, and for each vector with what it has learnt.
    pub rate: f64,
    /// Other codes that a record is compared with, drawn at random; 0 for all of them.
    pub draws: usize,
    /// Use the survey weights in training.
    pub weighted: bool,
}

impl Default for EmbeddingRecipe {
    fn default() -> Self {
        let text = TextRecipe { characters: (3, 5), ..TextRecipe::default() };
        Self { text, dim: 48, epochs: 5, rate: 0.1, draws: 200, weighted: false }
    }
}

/// Complement naive Bayes (Rennie et al. 2003).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComplementNbRecipe {
    /// Text features.
    pub text: TextRecipe,
    /// Additive smoothing.
    pub alpha: f64,
}

impl Default for ComplementNbRecipe {
    fn default() -> Self {
        Self { text: TextRecipe::default(), alpha: 0.3 }
    }
}

/// How a candidate is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// Always the most frequent code of the training part, with its weighted share as confidence.
    Majority,
    /// Codes drawn by their shares in the training part, with those shares as confidences: ranked after the drawn code by share.
    Prior,
    /// Complement naive Bayes on text.
    ComplementNb(ComplementNbRecipe),
    /// Sparse linear model on text, categories and numbers.
    Linear(LinearRecipe),
    /// Averaged embeddings.
    Embedding(EmbeddingRecipe),
    /// Several linear models, stacked.
    Ensemble(EnsembleRecipe),
    /// Tabular model on categories and numbers.
    Tabular(TabularRecipe),
    /// Matches in a coding index.
    Index(IndexRecipe),
    /// A vote of the nearest coded answers.
    Nearest(NearestRecipe),
    /// Steps, the first of which that is sure codes.
    Cascade(CascadeRecipe),
    /// Output of a model run elsewhere.
    Predictions(PredictionsRecipe),
    /// A program that codes records.
    Command(CommandRecipe),
    /// A model file of the fastText program.
    #[serde(rename = "fasttext")]
    FastText(FastTextRecipe),
    /// A model that this program saved.
    Saved(SavedRecipe),
    /// A model file in the ONNX format.
    Onnx(OnnxRecipe),
}

impl Recipe {
    /// The kind's name, as in study files.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::Prior => "prior",
            Self::ComplementNb(_) => "complement-nb",
            Self::Linear(_) => "linear",
            Self::Embedding(_) => "embedding",
            Self::Ensemble(_) => "ensemble",
            Self::Tabular(_) => "tabular",
            Self::Index(_) => "index",
            Self::Nearest(_) => "nearest",
            Self::Cascade(_) => "cascade",
            Self::Predictions(_) => "predictions",
            Self::Command(_) => "command",
            Self::FastText(_) => "fasttext",
            Self::Saved(_) => "saved",
            Self::Onnx(_) => "onnx",
        }
    }

    /// All kinds, as in study files.
    pub const KINDS: [&'static str; 15] = [
        "majority",
        "prior",
        "complement-nb",
        "linear",
        "embedding",
        "ensemble",
        "tabular",
        "index",
        "nearest",
        "cascade",
        "predictions",
        "command",
        "fasttext",
        "onnx",
        "saved",
    ];

    /// True when it learns from the study's training part.
    #[must_use]
    pub fn learns(&self) -> bool {
        match self {
            Self::Predictions(_) | Self::FastText(_) | Self::Onnx(_) | Self::Saved(_) => false,
            Self::Command(recipe) => !recipe.train.is_empty(),
            _ => true,
        }
    }

    /// The file that it is read from, relative to the file that names it.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Predictions(recipe) => Some(&recipe.path),
            Self::FastText(recipe) => Some(&recipe.path),
            Self::Saved(recipe) => Some(&recipe.path),
            Self::Index(recipe) => Some(recipe.path.as_str()).filter(|p| !p.is_empty()),
            Self::Onnx(recipe) => Some(&recipe.path),
            _ => None,
        }
    }
}
