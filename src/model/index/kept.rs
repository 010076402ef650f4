//! A saved index: fingerprints of texts with their codes, so that neither the index's file nor a training record is needed again.

use super::{Index, SEVERAL, Texts};
use crate::model::{IndexRecipe, Pack, Unpack};
use crate::value::Problem;

/// Names of exact and normalised texts.
const NAMES: [&str; 2] = ["exact", "normalised"];

impl Index {
    /// Puts it into `pack`.
    pub(super) fn put(&self, pack: &mut Pack) {
        pack.texts("columns", self.columns.clone());
        self.columns.iter().for_each(|column| pack.reads_text(column));
        for (name, texts) in NAMES.iter().zip(&self.texts) {
            pack.wholes(&format!("{name}.keys"), &texts.keys);
            pack.indices(&format!("{name}.codes"), &[texts.codes.len()], texts.codes.iter().copied());
        }
        // A share by the rule of succession is never 0, which so stands for one that is not known.
        pack.doubles("sure", &[2], self.sure.iter().map(|s| s.unwrap_or(0.0)));
    }

    /// One that was saved.
    pub fn unpack(recipe: &IndexRecipe, parts: &Unpack<'_>) -> Result<Self, Problem> {
        let columns = parts.texts("columns")?;
        parts.sorted("columns", columns)?;
        if columns.is_empty() || recipe.column.as_ref().is_some_and(|c| columns != std::slice::from_ref(c)) {
            return Err(parts.wrong_text("columns", "are not those that the settings name"));
        }
        parts.reads(columns, &[], &[]);
        let texts = |name: &str| -> Result<Texts, Problem> {
            let keys = parts.wholes(&format!("{name}.keys"), None)?;
            let codes = parts.indices(&format!("{name}.codes"), &[Some(keys.len())])?;
            if keys.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err(parts.wrong(&format!("{name}.keys"), "do not ascend"));
            }
            let given: Vec<u32> = codes.iter().copied().filter(|c| *c != SEVERAL).collect();
            parts.places(&format!("{name}.codes"), &given, parts.codes().len())?;
            Ok(Texts { keys, codes })
        };
        let sure = parts.doubles("sure", &[Some(2)])?;
        let [exact, normalised] = sure.as_slice() else { return Err(parts.wrong("sure", "is incomplete")) };
        if sure.iter().any(|s| !(0.0..1.0).contains(s)) {
            return Err(parts.wrong("sure", "are no shares below 1"));
        }
        Ok(Self {
            codes: parts.codes().to_vec(),
            columns: columns.to_vec(),
            any_word_order: recipe.any_word_order,
            fold_accents: recipe.fold_accents,
            texts: [texts(NAMES[0])?, texts(NAMES[1])?],
            sure: [*exact, *normalised].map(|s| Some(s).filter(|s| *s > 0.0)),
            facts: Vec::new(),
        })
    }
}
