//! Each kind of saved model, by its recipe.

use super::Unpack;
use crate::model::baseline::Baseline;
use crate::model::cascade::Cascade;
use crate::model::embedding::Embedding;
use crate::model::ensemble::Ensemble;
use crate::model::index::Index;
use crate::model::nearest::Nearest;
use crate::model::scored::Scored;
use crate::model::tabular::Tabular;
use crate::model::tabular::fitted::Fitted;
use crate::model::tree::Tree;
use crate::model::{Coder, Recipe, TabularMethod};
use crate::value::Problem;

/// The coder that a recipe made, from its parts.
pub fn unpack(recipe: &Recipe, parts: &Unpack<'_>) -> Result<Box<dyn Coder>, Problem> {
    match recipe {
        Recipe::Majority | Recipe::Prior => Ok(Box::new(Baseline::unpack(matches!(recipe, Recipe::Prior), parts)?)),
        Recipe::ComplementNb(recipe) => Ok(Box::new(Scored::unpack(&recipe.text, parts)?)),
        Recipe::Linear(recipe) if recipe.hierarchical => Ok(Box::new(Tree::unpack(recipe, parts)?)),
        Recipe::Linear(recipe) => Ok(Box::new(Scored::unpack(&recipe.text, parts)?)),
        Recipe::Ensemble(recipe) => Ok(Box::new(Ensemble::unpack(recipe, parts)?)),
        Recipe::Embedding(recipe) => Ok(Box::new(Embedding::unpack(recipe, parts)?)),
        Recipe::Tabular(recipe) => match &recipe.method {
            TabularMethod::NaiveBayes { .. } => Ok(Box::new(Tabular::unpack(parts)?)),
            method => Ok(Box::new(Fitted::unpack(method, parts)?)),
        },
        Recipe::Index(recipe) => Ok(Box::new(Index::unpack(recipe, parts)?)),
        Recipe::Nearest(recipe) => Ok(Box::new(Nearest::unpack(recipe, parts)?)),
        Recipe::Cascade(recipe) => Ok(Box::new(Cascade::unpack(recipe, parts)?)),
        Recipe::Predictions(_) | Recipe::Command(_) | Recipe::FastText(_) | Recipe::Onnx(_) | Recipe::Saved(_) => {
            Err(parts.wrong_setting(format!("a model of kind `{}` is not saved by this program", recipe.kind())))
        }
    }
}

impl Unpack<'_> {
    /// The coder that a recipe made within another.
    pub(in crate::model) fn coder(&self, recipe: &Recipe) -> Result<Box<dyn Coder>, Problem> {
        unpack(recipe, self)
    }
}
