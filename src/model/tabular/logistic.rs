//! Multinomial logistic regression from linfa on one-hot categories and standardised numbers.
//!
//! Limits of linfa-logistic 0.8 found: rows are dense; sample weights are ignored, so survey weights are not used; whether the solver settled is
//! not told; and the loss takes the largest score of all records where it needs each record's own, so that records whose scores lie 34 or
//! more below it count wrong, which standardising and the penalty keep from happening. Its probabilities are the softmax of the scores,
//! which is what is calibrated here.

use super::super::{Input, Pack, Unpack};
use super::encode::Encoder;
use crate::value::{Class, Failure, Problem};
use linfa::prelude::*;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2};

/// Most cells of the dense rows: 1 GiB.
const MOST_CELLS: usize = 1 << 27;

/// Where the solver stops: gradient by training record.
const TOLERANCE: f64 = 1e-6;

/// Scores that are linear in features.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    encoder: Encoder,
    /// Shape (features, codes), row-major.
    weights: Vec<f64>,
    /// One a code.
    intercepts: Vec<f64>,
}

impl Logistic {
    /// Fits on rows with the numbers of their codes, all of which occur.
    ///
    /// # Errors
    /// When the dense rows would not fit, or linfa cannot fit them.
    pub fn fit(input: &Input<'_>, rows: &[u32], labels: &[u32], c: f64, passes: usize, min_records: usize) -> Result<Self, Failure> {
        let encoder = Encoder::fit(input, rows, min_records);
        let width = encoder.width();
        if rows.len().saturating_mul(width) > MOST_CELLS {
            let problem = Problem::new(Class::Data, format!("{} features of {} records are too many for linfa, whose rows are dense", width, rows.len()));
            return Err(problem.remedy("raise `min_records`, name fewer `columns`, or choose kind `linear`, whose rows are sparse").into());
        }
        let mut features = Array2::<f64>::zeros((rows.len(), width));
        encoder.apply(input, rows, |at, feature, value| features[(at, feature)] = value)?;
        if features.columns().into_iter().all(|column| column.iter().all(|v| *v == column[0])) {
            let problem = Problem::new(Class::Data, "no category or number column varies in the training part");
            return Err(problem.remedy("name columns that differ between records").into());
        }
        let labels: Array1<usize> = labels.iter().map(|&l| l as usize).collect();
        let fitted = MultiLogisticRegression::default()
            .alpha(1.0 / c)
            .max_iterations(passes as u64)
            .gradient_tolerance(TOLERANCE * rows.len() as f64)
            .fit(&Dataset::new(features, labels))
            .map_err(|e| Problem::new(Class::Model, format!("linfa could not fit the logistic model: {e}")).remedy("lower `c`, or choose kind `linear`"))?;
        let (weights, intercepts) = (fitted.params().iter().copied().collect::<Vec<_>>(), fitted.intercept().to_vec());
        if weights.iter().chain(&intercepts).any(|w| !w.is_finite()) {
            return Err(Problem::new(Class::Model, "linfa gives weights that are not numbers").remedy("lower `c`, or choose kind `linear`").into());
        }
        Ok(Self { encoder, weights, intercepts })
    }

    /// Scores of rows, shape (n, codes), row-major.
    pub fn scores(&self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<f32>, Failure> {
        let codes = self.intercepts.len();
        let mut sums: Vec<f64> = self.intercepts.iter().copied().cycle().take(rows.len() * codes).collect();
        self.encoder.apply(input, rows, |at, feature, value| {
            let weights = &self.weights[feature * codes..(feature + 1) * codes];
            sums[at * codes..(at + 1) * codes].iter_mut().zip(weights).for_each(|(s, w)| *s += value * w);
        })?;
        Ok(sums.into_iter().map(|s| s as f32).collect())
    }

    /// Puts it into `pack`.
    pub fn pack(&self, pack: &mut Pack) {
        self.encoder.pack(pack);
        let codes = self.intercepts.len();
        pack.doubles("weights", &[self.encoder.width(), codes], self.weights.iter().copied());
        pack.doubles("intercepts", &[codes], self.intercepts.iter().copied());
    }

    /// One that was saved.
    pub fn unpack(parts: &Unpack<'_>) -> Result<Self, Problem> {
        let (encoder, codes) = (Encoder::unpack(parts)?, parts.codes().len());
        let weights = parts.doubles("weights", &[Some(encoder.width()), Some(codes)])?;
        Ok(Self { weights, intercepts: parts.doubles("intercepts", &[Some(codes)])?, encoder })
    }

    /// Facts for the card.
    pub fn facts(&self) -> Vec<(String, String)> {
        let mut facts = vec![("features".to_owned(), crate::value::grouped(self.encoder.width()))];
        facts.extend(self.encoder.facts());
        facts.push(("by".into(), "linfa-logistic; it takes no survey weights and does not tell whether its solver settled".into()));
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Factor, Strings};

    // scikit-learn 1.9: LogisticRegression(C=2) on one-hot levels and the standardised number, decision_function less its mean of each row.
    #[test]
    fn equals_scikit_learn() {
        let ids = Strings::default();
        let region = Factor::from_strings(["n", "n", "s", "w", "s", "w", "n", "s", "w", "n", "s", "w"].into_iter());
        let age = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 2.0, 4.0, 6.0];
        let labels = [0, 0, 1, 2, 1, 2, 0, 1, 2, 1, 2, 0];
        let input = Input { ids: &ids, texts: vec![], categories: vec![("region", &region)], numbers: vec![("age", &age)], rows: &[] };
        let rows: Vec<u32> = (0..12).collect();
        let fitted = Logistic::fit(&input, &rows, &labels, 2.0, 500, 1).expect("fits");
        let scores = fitted.scores(&input, &rows).expect("scores");
        for (row, expected) in scores.chunks_exact(3).zip(EXPECTED) {
            let mean = row.iter().sum::<f32>() / 3.0;
            assert!(row.iter().zip(expected).all(|(s, e)| (s - mean - e).abs() < 2e-3), "{row:?} {expected:?}");
        }
    }

    const EXPECTED: [[f32; 3]; 4] =
        [[0.934_471, 0.063_998, -0.998_469], [0.923_626, 0.032_291, -0.955_918], [-0.846_213, 0.959_711, -0.113_498], [0.001_653, -0.821_081, 0.819_428]];
}
