//! Coders that look at no record: the most frequent code, and the code shares. What any model has to beat.

use super::part::Part;
use super::{Coder, Input, Predictions, Target};
use crate::value::Failure;
use crate::value::grouped;

/// A coder that gives every record the same.
pub struct Baseline {
    codes: Vec<String>,
    /// Weighted training share of each code.
    shares: Vec<f64>,
    /// Give the most frequent code alone instead of all with their shares.
    majority: bool,
    records: usize,
}

impl Baseline {
    /// Learns the code shares of the training part, with survey weights where there are any.
    ///
    /// # Errors
    /// When the training part has fewer than two codes or its weights are wrong.
    pub fn fit(majority: bool, train: &Input<'_>, target: &Target<'_>) -> Result<Self, Failure> {
        let part = Part::training(train, target)?;
        let mut shares = vec![0.0; part.codes.len()];
        for (&label, weight) in part.labels.iter().zip(part.shares(target)?) {
            shares[label as usize] += weight;
        }
        let sum: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|s| *s /= sum);
        Ok(Self { codes: part.codes, shares, majority, records: part.rows.len() })
    }
}

impl Coder for Baseline {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let keep = if self.majority { keep.min(1) } else { keep };
        let one = Predictions::from_dense(self.codes.clone(), &self.shares, keep);
        let n = input.rows.len();
        Ok(Predictions { ranked: one.ranked.repeat(n), confidence: one.confidence.repeat(n), ..one })
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![("training records".into(), grouped(self.records)), ("codes".into(), grouped(self.codes.len()))]
    }
}
