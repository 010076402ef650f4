//! Recipes: how a candidate is to be trained, or where its output is.

use super::brought::{CommandRecipe, FastTextRecipe, OnnxRecipe, PredictionsRecipe};
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
}

impl Default for LinearRecipe {
    fn default() -> Self {
        let text = TextRecipe { characters: (3, 5), ..TextRecipe::default() };
        Self { text, loss: Loss::Logistic, c: 5.0, passes: 100, weighted: false }
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

/// Gaussian naive Bayes from linfa on numeric and one-hot columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TabularRecipe {
    /// Share of the largest variance added to all variances for stability.
    pub smoothing: f64,
}

impl Default for TabularRecipe {
    fn default() -> Self {
        Self { smoothing: 0.01 }
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
    /// Several linear models, stacked.
    Ensemble(EnsembleRecipe),
    /// Tabular model on categories and numbers.
    Tabular(TabularRecipe),
    /// Output of a model run elsewhere.
    Predictions(PredictionsRecipe),
    /// A program that codes records.
    Command(CommandRecipe),
    /// A model file of the fastText program.
    #[serde(rename = "fasttext")]
    FastText(FastTextRecipe),
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
            Self::Ensemble(_) => "ensemble",
            Self::Tabular(_) => "tabular",
            Self::Predictions(_) => "predictions",
            Self::Command(_) => "command",
            Self::FastText(_) => "fasttext",
            Self::Onnx(_) => "onnx",
        }
    }

    /// All kinds, as in study files.
    pub const KINDS: [&'static str; 10] = ["majority", "prior", "complement-nb", "linear", "ensemble", "tabular", "predictions", "command", "fasttext", "onnx"];

    /// True when it learns from the study's training part.
    #[must_use]
    pub fn learns(&self) -> bool {
        match self {
            Self::Predictions(_) | Self::FastText(_) | Self::Onnx(_) => false,
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
            Self::Onnx(recipe) => Some(&recipe.path),
            _ => None,
        }
    }
}
