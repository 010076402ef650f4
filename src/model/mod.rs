//! Candidates: recipes, fitting, and fitted models that code records.

mod baseline;
mod bayes;
mod brought;
mod calibrate;
mod cascade;
mod elsewhere;
mod embedding;
mod ensemble;
mod explain;
mod fasttext;
mod fit;
mod gaussian;
mod held_out;
mod hinge;
mod index;
mod link;
mod nearest;
mod office;
mod onnx;
mod part;
mod postings;
mod predictions;
mod recipe;
mod saved;
mod scored;
mod softmax;
mod stack;
mod tabular;
mod trace;
mod tree;
mod tune;
mod weights;

pub use crate::text::{TextRecipe, TokenKind};
pub use brought::{CommandRecipe, Exchange, FastTextRecipe, OnnxRecipe, PredictionsRecipe, Punctuation, SavedRecipe, Scale};
pub use elsewhere::{Matched, from_predictions, from_ranked};
pub use explain::{Decomposition, Explanation, TokenShare, Without, without};
pub use fasttext::FastText;
pub use fit::fit;
pub use nearest::Nearest;
pub use office::{CascadeRecipe, IndexEntries, IndexRecipe, IndexSource, NearestRecipe, Over, StepRecipe};
pub use onnx::Onnx;
pub use predictions::{Predictions, UNCODED};
pub use recipe::{ComplementNbRecipe, EmbeddingRecipe, EnsembleRecipe, LinearRecipe, Loss, Recipe};
pub use tune::{Prefer, Trial, TrialPlan, TuneMethod, TuneMetric, TunePlan, tune};

pub use saved::{
    FileEntry, HEAD_FILE, Head, LARGEST_WEIGHTS, MODEL_FORMAT, Pack, Provenance, ReadColumns, ReadFile, SavedFiles, SavedModel, Unpack, WEIGHTS_FILE, load,
    other_size, save,
};
pub use tabular::recipe::{Growth, TabularMethod, TabularRecipe};
pub use trace::{Neighbour, Trace};

use crate::data::{Factor, Strings};
use crate::value::Failure;

/// The columns a coder may look at, and which rows of them.
#[derive(Clone)]
pub struct Input<'a> {
    /// Record ids, one a row of the table.
    pub ids: &'a Strings,
    /// Text columns by name.
    pub texts: Vec<(&'a str, &'a Strings)>,
    /// Category columns by name.
    pub categories: Vec<(&'a str, &'a Factor)>,
    /// Numeric columns by name; NaN where missing.
    pub numbers: Vec<(&'a str, &'a [f64])>,
    /// The rows to use, in order: the same rows may be split in training, tuning and test part.
    pub rows: &'a [u32],
}

/// True codes for training, one a row of the table (not of `Input::rows`).
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The code frame's codes.
    pub codes: &'a [String],
    /// Numbers into `codes`, one a row of the table.
    pub index: &'a [u32],
    /// Survey weights, one a row of the table.
    pub weights: Option<&'a [f64]>,
    /// Numbers of the clusters (PSUs) whose records are kept together where parts of the training part are held out, one a row of the
    /// table; a missing one stands alone.
    pub clusters: Option<&'a [u32]>,
}

/// A model that codes records.
pub trait Coder: Send + Sync {
    /// The codes it can give: those of its training part.
    fn codes(&self) -> &[String];
    /// Codes the rows of `input`, keeping the best `keep` codes a record.
    ///
    /// # Errors
    /// When the output is not to be trusted, with row and remedy.
    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure>;
    /// Facts about the fitted model for the card: (name, value), e.g. ("features", "69,276").
    fn facts(&self) -> Vec<(String, String)>;
    /// Puts what it is made of into `pack`, to be saved; false when a coder of its kind cannot be.
    fn pack(&self, _pack: &mut Pack) -> bool {
        false
    }
    /// What speaks for one of its codes rather than another in a row of the table; none for a coder that cannot tell.
    ///
    /// # Errors
    /// When a column that it reads is not there.
    fn explain(&self, _input: &Input<'_>, _row: u32, _code: u32, _versus: u32) -> Result<Option<Explanation>, Failure> {
        Ok(None)
    }
    /// About how many multiplications fitting took; 0 where not told. Unlike processor time it is the same in every run, so that choices may
    /// depend on it.
    fn effort(&self) -> f64 {
        0.0
    }
    /// How the rows of `input` came by their codes, for a coder that can tell: the steps of a cascade, the nearest coded answers.
    ///
    /// # Errors
    /// As [`Coder::predict`].
    fn trace(&self, _input: &Input<'_>) -> Result<Trace, Failure> {
        Ok(Trace::default())
    }
}
