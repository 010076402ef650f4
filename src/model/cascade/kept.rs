//! A saved cascade: each step's own parts within it, the codes that the step can give, and what becomes of its confidences.

use super::{Cascade, Step, Top, check};
use crate::model::{CascadeRecipe, Pack, Recipe, Unpack};
use crate::value::Problem;
use std::collections::BTreeMap;

/// Largest coefficient of a calibration; beyond, a probability would not be a number.
const LARGEST: f64 = 1e9;

impl Top {
    /// Its kind, and its numbers with zeros behind them.
    fn kept(self) -> (u32, [f64; 3]) {
        match self {
            Self::Same => (0, [0.0; 3]),
            Self::Beta(top) => (1, top),
            Self::Share(share) => (2, [share, 0.0, 0.0]),
            Self::Unknown => (3, [0.0; 3]),
        }
    }

    fn restored(kind: u32, values: [f64; 3]) -> Option<Self> {
        let [a, b, c] = values;
        let top = match kind {
            0 => Self::Same,
            1 if a > 0.0 && b > 0.0 && a.max(b).max(c.abs()) <= LARGEST => Self::Beta(values),
            2 if (0.0..=1.0).contains(&a) => Self::Share(a),
            3 => Self::Unknown,
            _ => return None,
        };
        (top.kept().1 == values).then_some(top)
    }
}

impl Cascade {
    /// Puts it into `pack`; false where a step cannot be saved.
    pub(super) fn put(&self, pack: &mut Pack) -> bool {
        let mut all = true;
        for (number, step) in self.steps.iter().enumerate() {
            pack.inside(&format!("step.{number}"), |pack| {
                pack.texts("codes", step.coder.codes().to_vec());
                all &= step.coder.pack(pack);
            });
        }
        let tops: Vec<(u32, [f64; 3])> = self.steps.iter().map(|step| step.top.kept()).collect();
        pack.indices("tops", &[tops.len()], tops.iter().map(|t| t.0));
        pack.doubles("tops.values", &[tops.len(), 3], tops.iter().flat_map(|t| t.1));
        pack.doubles("shares", &[self.shares.len()], self.shares.iter().copied());
        all
    }

    /// One that was saved.
    pub fn unpack(recipe: &CascadeRecipe, parts: &Unpack<'_>) -> Result<Self, Problem> {
        check(recipe).map_err(|failure| parts.wrong_setting(failure.problems.first().map_or("steps that no cascade has", |p| p.message.as_str())))?;
        let places: BTreeMap<&String, u32> = parts.codes().iter().zip(0..).collect();
        let kinds = parts.indices("tops", &[Some(recipe.steps.len())])?;
        let values = parts.doubles("tops.values", &[Some(recipe.steps.len()), Some(3)])?;
        let mut steps = Vec::new();
        for (number, (step, (kind, values))) in recipe.steps.iter().zip(kinds.iter().zip(values.as_chunks::<3>().0)).enumerate() {
            let own = parts.inside(&format!("step.{number}"));
            let codes = own.texts("codes")?;
            let numbers: Option<Vec<u32>> = codes.iter().map(|code| places.get(code).copied()).collect();
            let numbers = numbers.ok_or_else(|| own.wrong_text("codes", "are not among those of the cascade"))?;
            let mut distinct = numbers.clone();
            distinct.sort_unstable();
            distinct.dedup();
            // One code is enough for an index.
            if distinct.len() < numbers.len() || codes.len() < 1 + usize::from(!matches!(step.recipe, Recipe::Index(_))) {
                return Err(own.wrong_text("codes", "are too few, or one is there twice"));
            }
            let top = Top::restored(*kind, *values).ok_or_else(|| parts.wrong("tops", format!("are no calibration of step {}", number + 1)))?;
            steps.push(Step { coder: own.of_codes(codes).coder(&step.recipe)?, kind: step.recipe.kind(), at_least: step.at_least, numbers, top });
        }
        Ok(Self { codes: parts.codes().to_vec(), steps, shares: parts.shares("shares", places.len())?, facts: Vec::new() })
    }
}
