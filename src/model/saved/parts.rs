//! The parts that several kinds of model have: feature spaces, weights, calibrations, links.

use super::{Pack, Unpack};
use crate::model::calibrate::Calibration;
use crate::model::link::Link;
use crate::model::weights::{LANES, Weights};
use crate::model::{Loss, TextRecipe};
use crate::text::{KeptBlock, KeptSpace, KeptText, Space};
use crate::value::Problem;

/// Longest n-gram of words or characters.
const LONGEST_GRAM: usize = 64;

impl Pack {
    /// A feature space, and the columns it reads.
    pub(in crate::model) fn space(&mut self, name: &str, space: &Space) {
        let kept = space.keep();
        self.inside(name, |pack| {
            pack.texts("texts", kept.texts.iter().map(|t| t.name.clone()).collect());
            pack.texts("categories", kept.categories.iter().map(|c| c.0.clone()).collect());
            pack.texts("numbers", kept.numbers.iter().map(|n| n.0.clone()).collect());
            for (number, text) in kept.texts.iter().enumerate() {
                pack.reads_text(&text.name);
                for (kind, block) in [("words", &text.words), ("characters", &text.characters)] {
                    pack.wholes(&format!("{kind}.{number}.fingerprints"), &block.fingerprints);
                    pack.floats(&format!("{kind}.{number}.idf"), &[block.idf.len()], block.idf.iter().copied());
                }
            }
            for (number, (column, levels)) in kept.categories.iter().enumerate() {
                pack.reads_category(column);
                pack.texts(&format!("levels.{number}"), levels.clone());
            }
            kept.numbers.iter().for_each(|(column, ..)| pack.reads_number(column));
            pack.doubles("scales", &[kept.numbers.len(), 2], kept.numbers.iter().flat_map(|(_, mean, deviation)| [*mean, *deviation]));
        });
    }

    /// Weights of linear scores: shape (features, codes), and the intercepts.
    pub(in crate::model) fn weights(&mut self, name: &str, weights: &Weights) {
        let width = weights.tiles.first().map_or(0, |t| t.weights.len());
        let lanes = |tile: usize| (weights.codes - tile * LANES).min(LANES);
        let values =
            (0..width).flat_map(|feature| weights.tiles.iter().enumerate().flat_map(move |(t, tile)| tile.weights[feature].0[..lanes(t)].iter().copied()));
        self.floats(name, &[width, weights.codes], values);
        let bias = weights.tiles.iter().enumerate().flat_map(|(t, tile)| tile.bias.0[..lanes(t)].iter().copied());
        self.floats(&format!("{name}.intercepts"), &[weights.codes], bias);
    }

    /// A calibration.
    pub(in crate::model) fn calibration(&mut self, name: &str, calibration: &Calibration) {
        let Calibration { slope, offsets, doubt, base, top } = calibration;
        self.inside(name, |pack| {
            pack.doubles("steps", &[5], [*slope, *doubt, top[0], top[1], top[2]]);
            pack.doubles("offsets", &[offsets.len()], offsets.iter().copied());
            pack.doubles("base", &[base.len()], base.iter().copied());
        });
    }

    /// A link.
    pub(in crate::model) fn link(&mut self, name: &str, link: &Link) {
        match link {
            Link::Sigmoids(fitted) => self.doubles(name, &[fitted.len(), 2], fitted.iter().flat_map(|(slope, intercept)| [*slope, *intercept])),
            Link::Softmax(calibration) => self.calibration(name, calibration),
        }
    }
}

impl Unpack<'_> {
    /// A feature space.
    pub(in crate::model) fn space(&self, name: &str, recipe: &TextRecipe) -> Result<Space, Problem> {
        for (low, high) in [recipe.words, recipe.characters] {
            if low > high || high > LONGEST_GRAM || (low == 0) != (high == 0) || recipe.hash_bits > 30 {
                return Err(self.wrong_setting("lengths of n-grams, or `hash_bits`, that no training has"));
            }
        }
        let own = self.inside(name);
        let (texts, categories, numbers) = (own.texts("texts")?, own.texts("categories")?, own.texts("numbers")?);
        own.reads(texts, categories, numbers);
        let block = |kind: &str, number: usize| -> Result<KeptBlock, Problem> {
            let fingerprints = own.wholes(&format!("{kind}.{number}.fingerprints"), None)?;
            let idf = own.floats(&format!("{kind}.{number}.idf"), &[Some(fingerprints.len())])?;
            Ok(KeptBlock { fingerprints, idf })
        };
        let mut kept = KeptSpace::default();
        for (number, column) in texts.iter().enumerate() {
            kept.texts.push(KeptText { name: column.clone(), words: block("words", number)?, characters: block("characters", number)? });
        }
        for (number, column) in categories.iter().enumerate() {
            kept.categories.push((column.clone(), own.texts(&format!("levels.{number}"))?.to_vec()));
        }
        let scales = own.doubles("scales", &[Some(numbers.len()), Some(2)])?;
        kept.numbers = numbers.iter().zip(scales.as_chunks::<2>().0).map(|(column, [mean, deviation])| (column.clone(), *mean, *deviation)).collect();
        Space::restore(recipe, kept).map_err(|what| self.wrong(name, format!("is damaged: {what}")))
    }

    /// Weights of linear scores for a number of features and all codes.
    pub(in crate::model) fn weights(&self, name: &str, width: usize) -> Result<Weights, Problem> {
        let codes = self.codes().len();
        // The file holds all of it, so what is allocated is at most sixteen times what was read.
        let values = self.floats(name, &[Some(width), Some(codes)])?;
        let bias = self.floats(&format!("{name}.intercepts"), &[Some(codes)])?;
        let mut weights = Weights::zero(codes, width);
        for (t, tile) in weights.tiles.iter_mut().enumerate() {
            let lanes = (codes - t * LANES).min(LANES);
            for (to, row) in tile.weights.iter_mut().zip(values.chunks_exact(codes)) {
                to.0[..lanes].copy_from_slice(&row[t * LANES..t * LANES + lanes]);
            }
            tile.bias.0[..lanes].copy_from_slice(&bias[t * LANES..t * LANES + lanes]);
        }
        Ok(weights)
    }

    /// A calibration of all codes.
    pub(in crate::model) fn calibration(&self, name: &str) -> Result<Calibration, Problem> {
        let own = self.inside(name);
        let codes = self.codes().len();
        let steps = own.doubles("steps", &[Some(5)])?;
        let (offsets, base) = (own.doubles("offsets", &[None])?, own.doubles("base", &[None])?);
        let [slope, doubt, top @ ..] = steps.as_slice() else { return Err(own.wrong("steps", "is incomplete")) };
        let all = |values: &[f64]| values.is_empty() || values.len() == codes;
        let sum: f64 = base.iter().sum();
        let good = *slope > 0.0 && (0.0..=1.0).contains(doubt) && top[0] > 0.0 && top[1] > 0.0 && all(&offsets) && all(&base);
        if !good || base.iter().any(|b| *b < 0.0) || (!base.is_empty() && (sum - 1.0).abs() > 1e-6) {
            return Err(self.wrong(name, "is no calibration of these codes"));
        }
        Ok(Calibration { slope: *slope, offsets, doubt: *doubt, base, top: [top[0], top[1], top[2]] })
    }

    /// The link of a member with a loss.
    pub(in crate::model) fn link(&self, name: &str, loss: Loss) -> Result<Link, Problem> {
        match loss {
            Loss::SquaredHinge => {
                let fitted = self.doubles(name, &[Some(self.codes().len()), Some(2)])?;
                Ok(Link::Sigmoids(fitted.as_chunks::<2>().0.iter().map(|[slope, intercept]| (*slope, *intercept)).collect()))
            }
            Loss::Logistic => self.calibration(name).map(Link::Softmax),
        }
    }
}
