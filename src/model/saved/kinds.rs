//! Each kind of saved model, by its recipe.

use super::Unpack;
use crate::model::baseline::Baseline;
use crate::model::ensemble::Ensemble;
use crate::model::scored::Scored;
use crate::model::tabular::Tabular;
use crate::model::{Coder, Recipe};
use crate::value::Problem;

/// The coder that a recipe made, from its parts.
pub fn unpack(recipe: &Recipe, parts: &Unpack<'_>) -> Result<Box<dyn Coder>, Problem> {
    match recipe {
        Recipe::Majority | Recipe::Prior => Ok(Box::new(Baseline::unpack(matches!(recipe, Recipe::Prior), parts)?)),
        Recipe::ComplementNb(recipe) => Ok(Box::new(Scored::unpack(&recipe.text, parts)?)),
        Recipe::Linear(recipe) => Ok(Box::new(Scored::unpack(&recipe.text, parts)?)),
        Recipe::Ensemble(recipe) => Ok(Box::new(Ensemble::unpack(recipe, parts)?)),
        Recipe::Tabular(_) => Ok(Box::new(Tabular::unpack(parts)?)),
        Recipe::Embedding(_)
        | Recipe::Index(_)
        | Recipe::Nearest(_)
        | Recipe::Cascade(_)
        | Recipe::Predictions(_)
        | Recipe::Command(_)
        | Recipe::FastText(_)
        | Recipe::Onnx(_)
        | Recipe::Saved(_) => Err(parts.wrong_setting(format!("a model of kind `{}` is not saved by this program", recipe.kind()))),
    }
}
