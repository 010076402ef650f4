//! A fitted coder that scores sparse features linearly and turns scores into probabilities.

use super::calibrate::Calibration;
use super::explain::Decomposition;
use super::held_out::{Held, some_feature};
use super::part::Part;
use super::weights::{Learnt, Weights};
use super::{Coder, Explanation, Input, Pack, Predictions, TextRecipe, Unpack};
use crate::text::{Columns, Space, Sparse};
use crate::value::grouped;
use crate::value::{Class, Failure, Problem};
use rayon::prelude::*;

/// Records coded at a time by one thread.
const BLOCK: usize = 1024;

/// Scores above features, calibrated.
pub struct Scored {
    codes: Vec<String>,
    space: Space,
    weights: Weights,
    calibration: Calibration,
    facts: Vec<(String, String)>,
    effort: f64,
}

/// The columns of an input.
pub fn columns<'a>(input: &'a Input<'a>) -> Columns<'a> {
    Columns { texts: &input.texts, categories: &input.categories, numbers: &input.numbers }
}

impl Scored {
    /// Puts a coder together: `features` of the training part in `space`, and `learn`, which makes weights from rows of
    /// features and their positions in the training part.
    ///
    /// Calibrates on the tuning part, which serves for nothing else. Where that has too few coded records, a fifth of the
    /// training part is held out and scored by weights learnt from the rest, while the weights kept are learnt from all of it; only
    /// the choice of features has then seen the records held out.
    ///
    /// # Errors
    /// When there is no feature, or the columns of the tuning part differ from those of the training part.
    pub fn fit(
        space: Space,
        features: &Sparse,
        part: Part,
        tune: (&Input<'_>, &Part),
        seed: u64,
        phase: &mut dyn FnMut(&'static str),
        learn: impl Fn(&Sparse, &[u32]) -> Learnt,
    ) -> Result<Self, Failure> {
        some_feature(&space)?;
        phase("fit");
        let positions: Vec<u32> = (0..part.rows.len() as u32).collect();
        let Learnt { weights, passes, settled } = learn(features, &positions);
        phase("calibrate");
        let codes = part.codes.len();
        let (calibration, how) = Held::choose(&part, tune, seed).calibrate(
            codes,
            |rows| Ok(scores(&weights, &space.apply(&columns(tune.0), rows)?)),
            |taught, held| scores(&learn(&features.select(taught), taught).weights, &features.select(held)),
        )?;
        let effort = passes as f64 * features.columns.len() as f64 * codes as f64;
        let (words, characters) = space.text_widths();
        let facts = vec![
            ("training records".into(), grouped(part.rows.len())),
            ("training records without a code".into(), grouped(part.skipped)),
            ("codes".into(), grouped(codes)),
            ("features".into(), grouped(space.width())),
            ("word features".into(), grouped(words)),
            ("character features".into(), grouped(characters)),
            ("weights that are not zero".into(), grouped(weights.nonzero())),
            ("passes".into(), if settled { grouped(passes) } else { format!("{} (stopped before it settled)", grouped(passes)) }),
            ("calibration".into(), how),
        ];
        Ok(Self { codes: part.codes, space, weights, calibration, facts, effort })
    }

    /// One that was saved.
    pub fn unpack(text: &TextRecipe, parts: &Unpack<'_>) -> Result<Self, Problem> {
        let space = parts.space("space", text)?;
        let weights = parts.weights("weights", space.width())?;
        let calibration = parts.calibration("calibration")?;
        Ok(Self { codes: parts.codes().to_vec(), space, weights, calibration, facts: Vec::new(), effort: 0.0 })
    }
}

/// Scores of rows, shape (n, codes), row-major.
fn scores(weights: &Weights, rows: &Sparse) -> Vec<f32> {
    let mut all = vec![0.0; rows.len() * weights.codes];
    for (row, out) in all.chunks_exact_mut(weights.codes).enumerate() {
        let (columns, values) = rows.row(row);
        weights.score(columns, values, out);
    }
    all
}

/// Codes rows in blocks in parallel: `block` gives the scores of some rows, shape (n, codes), row-major.
pub fn predict(
    codes: &[String],
    calibration: &Calibration,
    rows: &[u32],
    keep: usize,
    block: impl Fn(&[u32]) -> Result<Vec<f32>, Failure> + Sync,
) -> Result<Predictions, Failure> {
    let parts = rows
        .par_chunks(BLOCK)
        .map(|rows| {
            let scores = block(rows)?;
            let mut probabilities = vec![0.0; scores.len()];
            for ((scores, p), row) in scores.chunks_exact(codes.len()).zip(probabilities.chunks_exact_mut(codes.len())).zip(rows) {
                calibration.apply(scores, p);
                if !p.iter().all(|p| p.is_finite()) {
                    return Err(Problem::new(Class::Model, "the model gives a probability that is not a number")
                        .within(format!("record {}", row + 1))
                        .remedy("look for extreme values in that record; if there are none, report this as a defect")
                        .into());
                }
            }
            Ok(Predictions::from_dense(codes.to_vec(), &probabilities, keep))
        })
        .collect::<Result<Vec<Predictions>, Failure>>()?;
    let kept = keep.min(codes.len());
    let mut all = Predictions { codes: codes.to_vec(), kept, ranked: Vec::new(), confidence: Vec::new(), complete: kept == codes.len() };
    all.ranked.reserve_exact(rows.len() * kept);
    all.confidence.reserve_exact(rows.len() * kept);
    for part in parts {
        all.ranked.extend(part.ranked);
        all.confidence.extend(part.confidence);
    }
    Ok(all)
}

impl Coder for Scored {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let columns = columns(input);
        predict(&self.codes, &self.calibration, input.rows, keep, |rows| Ok(scores(&self.weights, &self.space.apply(&columns, rows)?)))
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        pack.space("space", &self.space);
        pack.weights("weights", &self.weights);
        pack.calibration("calibration", &self.calibration);
        true
    }

    fn explain(&self, input: &Input<'_>, row: u32, code: u32, versus: u32) -> Result<Option<Explanation>, Failure> {
        let (code, versus) = (code as usize, versus as usize);
        let tokens = self.space.spell(&columns(input), row)?;
        let (slope, offset) = (self.calibration.slope, self.calibration.offset(code) - self.calibration.offset(versus));
        let part = Decomposition::of(String::new(), tokens, &self.weights, (code, versus), slope, offset);
        Ok(Some(Explanation { code: self.codes[code].clone(), versus: self.codes[versus].clone(), exact: true, parts: vec![part] }))
    }

    fn effort(&self) -> f64 {
        self.effort
    }
}
