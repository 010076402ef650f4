//! Gaussian naive Bayes from linfa on one-hot categories and standardised numbers.
//!
//! Limits of linfa 0.8 found: dense input only; no sample weights, so survey weights are not used; its `predict_proba` sums
//! exponentials without shifting them, which gives NaN as soon as all codes are unlikely, so probabilities are made here from
//! its joint log likelihoods.

mod bins;
mod encode;
pub mod fitted;
mod forest;
mod logistic;
pub mod recipe;
mod tree;

use super::calibrate::{Calibration, FEWEST};
use super::fit::{no_columns, positive};
use super::part::Part;
use super::scored::predict;
use super::{Coder, Input, Predictions, Target};
use crate::text::{Columns, Space, Sparse, TextRecipe};
use crate::value::grouped;
use crate::value::{Class, Failure, Problem};
use linfa::prelude::*;
use linfa_bayes::{GaussianNb, NaiveBayes};
use ndarray::{Array1, Array2};

/// A fitted tabular coder.
pub struct Tabular {
    codes: Vec<String>,
    space: Space,
    model: GaussianNb<f64, usize>,
    calibration: Calibration,
    facts: Vec<(String, String)>,
}

impl Tabular {
    /// Fits on the category and number columns of the training part; calibrates on the tuning part, if it has enough records.
    ///
    /// # Errors
    /// When there is no such column, none varies, or a setting is out of range.
    pub fn fit(smoothing: f64, train: &Input<'_>, tune: &Input<'_>, target: &Target<'_>, phase: &mut dyn FnMut(&'static str)) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        positive("smoothing", smoothing, &mut problems);
        if train.categories.is_empty() && train.numbers.is_empty() {
            problems.push(no_columns("tabular", "category or number"));
        }
        if !problems.is_empty() {
            return Err(Failure::of(problems));
        }
        phase("features");
        let part = Part::training(train, target)?;
        let (space, features) = Space::fit(&TextRecipe::default(), &columns(train), &part.rows);
        let features = dense(&features, space.width());
        if features.columns().into_iter().all(|column| column.iter().all(|v| *v == column[0])) {
            return Err(Problem::new(Class::Data, "no category or number column varies in the training part")
                .remedy("name columns that differ between records")
                .into());
        }
        phase("fit");
        let labels: Array1<usize> = part.labels.iter().map(|&l| l as usize).collect();
        let model = GaussianNb::params().var_smoothing(smoothing).fit(&Dataset::new(features, labels)).map_err(|e| {
            Problem::new(Class::Model, format!("linfa could not fit the tabular model: {e}")).remedy("raise `smoothing` or choose another kind of candidate")
        })?;
        phase("calibrate");
        let held = part.other(tune, target);
        let (calibration, how) = if held.rows.len() >= FEWEST {
            let scores = scores(&model, &space.apply(&columns(tune), &held.rows)?, space.width(), part.codes.len());
            (Calibration::fit(&scores, &held.labels, part.codes.len()), format!("on {} records of the tuning part", grouped(held.rows.len())))
        } else {
            (Calibration::none(), format!("none: the tuning part has fewer than {FEWEST} coded records, so probabilities are not to be trusted"))
        };
        let facts = vec![
            ("training records".into(), grouped(part.rows.len())),
            ("codes".into(), grouped(part.codes.len())),
            ("features".into(), grouped(space.width())),
            ("calibration".into(), how),
        ];
        Ok(Self { codes: part.codes, space, model, calibration, facts })
    }
}

fn columns<'a>(input: &'a Input<'a>) -> Columns<'a> {
    Columns { texts: &[], categories: &input.categories, numbers: &input.numbers }
}

fn dense(rows: &Sparse, width: usize) -> Array2<f64> {
    let mut all = Array2::zeros((rows.len(), width));
    for row in 0..rows.len() {
        let (columns, values) = rows.row(row);
        for (&column, &value) in columns.iter().zip(values) {
            all[(row, column as usize)] = f64::from(value);
        }
    }
    all
}

/// Joint log likelihoods less each record's largest, shape (n, codes), row-major.
fn scores(model: &GaussianNb<f64, usize>, rows: &Sparse, width: usize, codes: usize) -> Vec<f32> {
    let likelihoods = model.joint_log_likelihood(dense(rows, width).view());
    let mut all = vec![0.0; rows.len() * codes];
    for row in 0..rows.len() {
        let of = |code: usize| likelihoods.get(&code).map_or(f64::MIN, |l| l[row]);
        let top = (0..codes).map(of).fold(f64::MIN, f64::max);
        (0..codes).for_each(|code| all[row * codes + code] = (of(code) - top) as f32);
    }
    all
}

impl Coder for Tabular {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let columns = columns(input);
        predict(&self.codes, &self.calibration, input.rows, keep, |rows| {
            Ok(scores(&self.model, &self.space.apply(&columns, rows)?, self.space.width(), self.codes.len()))
        })
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::hinge::tests::small;
    use super::*;

    // scikit-learn 1.9.1: GaussianNB(var_smoothing=0.01), joint log likelihoods less their largest.
    #[test]
    fn equals_scikit_learn() {
        let (x, y) = small();
        let labels: Array1<usize> = y.iter().map(|&l| l as usize).collect();
        let model = GaussianNb::params().var_smoothing(0.01).fit(&Dataset::new(dense(&x, 3), labels)).expect("fits");
        let expected = [[0.0, -229.531_14, -8.633_19], [0.0, -141.981_22, -24.223_61], [-16.947_56, 0.0, -43.850_07], [-13.513_21, 0.0, -48.496_61]];
        let scores = scores(&model, &x, 3, 3);
        for (scores, expected) in scores.chunks_exact(3).zip(expected) {
            assert!(scores.iter().zip(expected).all(|(s, e): (&f32, f32)| (s - e).abs() < 1e-2), "{scores:?} {expected:?}");
        }
    }
}
