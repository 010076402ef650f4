//! Saved nearest answers: of each training record its id, its code and its features.
//!
//! The ids are kept because neighbours are the evidence that a clerk reads; with the features, by which whoever guesses an answer can see
//! whose it was, they are personal data. This is the kind of model that must be kept most privately.

use super::super::postings::Postings;
use super::{Nearest, Search, shares};
use crate::data::Strings;
use crate::model::{NearestRecipe, Over, Pack, Unpack};
use crate::value::Problem;

impl Nearest {
    /// Puts it into `pack`.
    pub(super) fn put(&self, pack: &mut Pack) {
        pack.strings("ids", self.ids.iter());
        pack.indices("labels", &[self.labels.len()], self.labels.iter().copied());
        match &self.search {
            Search::Texts(space, postings) => {
                pack.space("space", space);
                pack.sparse("rows", &postings.rows);
            }
            Search::Vectors(names, known) => {
                pack.texts("columns", names.clone());
                names.iter().for_each(|name| pack.reads_number(name));
                pack.floats("vectors", &[self.labels.len(), names.len()], known.iter().copied());
            }
        }
        pack.calibration("calibration", &self.calibration);
    }

    /// One that was saved.
    pub fn unpack(recipe: &NearestRecipe, parts: &Unpack<'_>) -> Result<Self, Problem> {
        if recipe.neighbours == 0 || !(recipe.power.is_finite() && recipe.power > 0.0) {
            return Err(parts.wrong_setting("`neighbours` or `power` is not above 0"));
        }
        let (ids, codes) = (parts.strings("ids")?, parts.codes().len());
        let labels = parts.indices("labels", &[Some(ids.len())])?;
        parts.places("labels", &labels, codes)?;
        let search = match recipe.over {
            Over::Texts => {
                let space = parts.space("space", &recipe.text)?;
                let width = space.width();
                let rows = parts.sparse("rows", labels.len(), width)?;
                Search::Texts(space, Postings::of(rows, width))
            }
            Over::Numbers => {
                let names = parts.texts("columns")?;
                parts.sorted("columns", names)?;
                if names.is_empty() {
                    return Err(parts.wrong_text("columns", "are none"));
                }
                parts.reads(&[], &[], names);
                let known = parts.floats("vectors", &[Some(labels.len()), Some(names.len())])?;
                // Each has length 1, or 0 where nothing is known.
                if known.iter().any(|v| v.abs() > 1.001) {
                    return Err(parts.wrong("vectors", "are longer than 1"));
                }
                Search::Vectors(names.to_vec(), known)
            }
        };
        let shares = shares(&labels, codes);
        let calibration = parts.calibration("calibration")?;
        let ids: Strings = ids.iter().collect();
        Ok(Self {
            codes: parts.codes().to_vec(),
            ids,
            labels,
            search,
            neighbours: recipe.neighbours,
            power: recipe.power,
            shares,
            calibration,
            facts: Vec::new(),
        })
    }
}
