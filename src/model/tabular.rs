//! Gaussian naive Bayes from linfa on one-hot categories and standardised numbers.
//!
//! Limits of linfa 0.8 found: dense input only; no sample weights, so survey weights are not used; its `predict_proba` sums
//! exponentials without shifting them, which gives NaN as soon as all codes are unlikely, so probabilities are made here from
//! joint log likelihoods; its fitted model can be neither read nor made again, so `gaussian.rs` keeps the parameters.

mod bins;
mod encode;
pub mod fitted;
mod forest;
mod logistic;
pub mod recipe;
mod tree;

use super::calibrate::{Calibration, FEWEST};
use super::fit::{no_columns, positive};
use super::gaussian::Gaussian;
use super::part::Part;
use super::scored::predict;
use super::{Coder, Input, Pack, Predictions, Target, Unpack};
use crate::text::{Columns, Space, Sparse, TextRecipe};
use crate::value::grouped;
use crate::value::{Class, Failure, Problem};
use ndarray::Array2;

/// A fitted tabular coder.
pub struct Tabular {
    codes: Vec<String>,
    space: Space,
    model: Gaussian,
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
        let model = Gaussian::fit(features, &part.labels, part.codes.len(), smoothing)?;
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

    /// One that was saved.
    pub fn unpack(parts: &Unpack<'_>) -> Result<Self, Problem> {
        let space = parts.space("space", &TextRecipe::default())?;
        let model = Gaussian::unpack(parts, space.width())?;
        Ok(Self { codes: parts.codes().to_vec(), space, model, calibration: parts.calibration("calibration")?, facts: Vec::new() })
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
fn scores(model: &Gaussian, rows: &Sparse, width: usize, codes: usize) -> Vec<f32> {
    let likelihoods = model.joint_log_likelihood(&dense(rows, width));
    let mut all = vec![0.0; rows.len() * codes];
    for row in 0..rows.len() {
        let of = |code: usize| likelihoods[code][row];
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

    fn pack(&self, pack: &mut Pack) -> bool {
        pack.space("space", &self.space);
        self.model.pack(pack);
        pack.calibration("calibration", &self.calibration);
        true
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
        let model = Gaussian::fit(dense(&x, 3), &y, 3, 0.01).expect("fits");
        let expected = [[0.0, -229.531_14, -8.633_19], [0.0, -141.981_22, -24.223_61], [-16.947_56, 0.0, -43.850_07], [-13.513_21, 0.0, -48.496_61]];
        let scores = scores(&model, &x, 3, 3);
        for (scores, expected) in scores.chunks_exact(3).zip(expected) {
            assert!(scores.iter().zip(expected).all(|(s, e): (&f32, f32)| (s - e).abs() < 1e-2), "{scores:?} {expected:?}");
        }
    }
}
