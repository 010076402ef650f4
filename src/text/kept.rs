//! A fitted feature space as plain values, to be saved and restored: names, levels, fingerprints and weights, never a text.

use super::answers::Answers;
use super::block::Block;
use super::extra::{Levels, Scale};
use super::recipe::TextRecipe;
use super::space::Space;

/// One kind of features of a text column: fingerprints by number, and their inverse document frequencies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeptBlock {
    /// Fingerprints.
    pub fingerprints: Vec<u64>,
    /// Weights, one a fingerprint.
    pub idf: Vec<f32>,
}

/// A text column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeptText {
    /// The column's name.
    pub name: String,
    /// Word n-grams.
    pub words: KeptBlock,
    /// Character n-grams.
    pub characters: KeptBlock,
}

/// A feature space.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeptSpace {
    /// Text columns, sorted by name.
    pub texts: Vec<KeptText>,
    /// Category columns with the levels of the training part, sorted by name.
    pub categories: Vec<(String, Vec<String>)>,
    /// Numeric columns with mean and standard deviation, sorted by name.
    pub numbers: Vec<(String, f64, f64)>,
}

impl Space {
    /// The space as plain values.
    #[must_use]
    pub fn keep(&self) -> KeptSpace {
        let block = |block: &Block| {
            let (fingerprints, idf) = block.parts();
            KeptBlock { fingerprints, idf: idf.to_vec() }
        };
        KeptSpace {
            texts: self.answers.iter().map(|a| KeptText { name: a.name.clone(), words: block(&a.words), characters: block(&a.characters) }).collect(),
            categories: self.levels.iter().map(|l| (l.name.clone(), l.levels.clone())).collect(),
            numbers: self.scales.iter().map(|s| (s.name.clone(), s.mean, s.deviation)).collect(),
        }
    }

    /// The space of plain values; features come out as they did before.
    ///
    /// # Errors
    /// What is wrong with the values, in words.
    pub fn restore(recipe: &TextRecipe, kept: KeptSpace) -> Result<Self, String> {
        let ascending = |names: &[&str]| names.windows(2).all(|pair| pair[0] < pair[1]);
        let names: [Vec<&str>; 3] = [
            kept.texts.iter().map(|t| t.name.as_str()).collect(),
            kept.categories.iter().map(|c| c.0.as_str()).collect(),
            kept.numbers.iter().map(|n| n.0.as_str()).collect(),
        ];
        if !names.iter().all(|names| ascending(names)) {
            return Err("columns are not sorted, or one is named twice".to_owned());
        }
        let block = |name: &str, kept: KeptBlock| {
            Block::of_parts(&kept.fingerprints, kept.idf).ok_or_else(|| format!("features of the column `{name}` that no training gives"))
        };
        let mut answers = Vec::with_capacity(kept.texts.len());
        for text in kept.texts {
            answers.push(Answers::restored(&text.name, recipe, block(&text.name, text.words)?, block(&text.name, text.characters)?));
        }
        let mut levels = Vec::with_capacity(kept.categories.len());
        for (name, own) in kept.categories {
            if !ascending(&own.iter().map(String::as_str).collect::<Vec<_>>()) {
                return Err(format!("levels of the column `{name}` are not sorted, or one is named twice"));
            }
            levels.push(Levels { name, levels: own });
        }
        let mut scales = Vec::with_capacity(kept.numbers.len());
        for (name, mean, deviation) in kept.numbers {
            if !mean.is_finite() || deviation.is_nan() || deviation < 0.0 {
                return Err(format!("mean or standard deviation of the column `{name}` is no number"));
            }
            scales.push(Scale { name, mean, deviation });
        }
        Ok(Self { answers, levels, scales })
    }
}

#[cfg(test)]
mod tests {
    use super::super::space::Columns;
    use super::*;
    use crate::data::{Factor, Strings};

    fn fitted() -> (Strings, Factor, Vec<f64>, TextRecipe) {
        let answers: Strings = ["Cut left hand, on saw", "hand cut, cut by saw", "fell on left knee", "kn\u{e9}e twisted"].into_iter().collect();
        let region = Factor::from_strings(["n", "s", "", "n"].into_iter());
        let recipe = TextRecipe { characters: (2, 4), min_records: 1, ..TextRecipe::default() };
        (answers, region, vec![30.0, f64::NAN, 41.0, 50.0], recipe)
    }

    #[test]
    fn features_of_a_restored_space_are_the_same_bits() {
        let (answers, region, ages, recipe) = fitted();
        let columns = Columns { texts: &[("b", &answers), ("a", &answers)], categories: &[("region", &region)], numbers: &[("age", &ages)] };
        for recipe in [recipe.clone(), TextRecipe { hash_bits: 8, ..recipe }] {
            let (space, features) = Space::fit(&recipe, &columns, &[0, 1, 2]);
            let again = Space::restore(&recipe, space.keep()).expect("restores");
            assert_eq!(again.keep(), space.keep());
            assert_eq!(again.apply(&columns, &[0, 1, 2]).expect("applies"), features);
            assert_eq!(again.apply(&columns, &[3]).expect("applies"), space.apply(&columns, &[3]).expect("applies"));
        }
    }

    #[test]
    fn values_that_no_training_gives_are_refused() {
        let (answers, region, ages, recipe) = fitted();
        let columns = Columns { texts: &[("a", &answers)], categories: &[("region", &region)], numbers: &[("age", &ages)] };
        let good = Space::fit(&recipe, &columns, &[0, 1, 2, 3]).0.keep();
        type Change = fn(&mut KeptSpace);
        let wrong: [(&str, Change); 6] = [
            ("features", |k| k.texts[0].words.idf[0] = f32::INFINITY),
            ("features", |k| k.texts[0].characters.fingerprints.truncate(1)),
            ("levels", |k| k.categories[0].1.reverse()),
            ("columns", |k| k.categories.push(k.categories[0].clone())),
            ("mean", |k| k.numbers[0].1 = f64::NAN),
            ("mean", |k| k.numbers[0].2 = -1.0),
        ];
        for (what, change) in wrong {
            let mut kept = good.clone();
            change(&mut kept);
            let message = Space::restore(&recipe, kept).expect_err(what);
            assert!(message.contains(what), "{message}");
        }
    }
}
