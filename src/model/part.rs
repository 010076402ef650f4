//! The labelled records of a part of the data, and the checks that all recipes share.

use super::{Input, Target};
use crate::value::{Class, Failure, Problem};

/// Labelled records.
pub struct Part {
    /// Codes that occur in training, in code frame order.
    pub codes: Vec<String>,
    /// Labelled rows of the table whose code occurs in training.
    pub rows: Vec<u32>,
    /// For each such row, the number of its code in `codes`.
    pub labels: Vec<u32>,
    /// Rows left out: without a code, or with one that does not occur in training.
    pub skipped: usize,
    /// For each code of the frame its number in `codes`, if it occurs in training.
    known: Vec<Option<u32>>,
}

impl Part {
    /// The training part.
    ///
    /// # Errors
    /// When fewer than two codes occur in it.
    pub fn training(input: &Input<'_>, target: &Target<'_>) -> Result<Self, Failure> {
        let mut seen = vec![false; target.codes.len()];
        for &row in input.rows {
            if let Some(s) = seen.get_mut(target.index[row as usize] as usize) {
                *s = true;
            }
        }
        let mut count = 0;
        let known: Vec<Option<u32>> = seen
            .iter()
            .map(|&s| {
                count += u32::from(s);
                s.then(|| count - 1)
            })
            .collect();
        let codes: Vec<String> = target.codes.iter().zip(&seen).filter(|&(_, &s)| s).map(|(c, _)| c.clone()).collect();
        let part = Self { codes, rows: Vec::new(), labels: Vec::new(), skipped: 0, known };
        let part = part.with(input, target);
        let remedy = "train on records of at least two codes: check the target column and how the training part is chosen";
        match part.codes.len() {
            0 => Err(Problem::new(Class::Data, "the training part has no coded record").remedy(remedy).into()),
            1 => Err(Problem::new(Class::Data, "the training part has only one code, so there is nothing to learn").remedy(remedy).into()),
            _ => Ok(part),
        }
    }

    /// Another part, in the codes of this one.
    pub fn other(&self, input: &Input<'_>, target: &Target<'_>) -> Self {
        Self { codes: self.codes.clone(), rows: Vec::new(), labels: Vec::new(), skipped: 0, known: self.known.clone() }.with(input, target)
    }

    fn with(mut self, input: &Input<'_>, target: &Target<'_>) -> Self {
        for &row in input.rows {
            match self.known.get(target.index[row as usize] as usize) {
                Some(&Some(label)) => {
                    self.rows.push(row);
                    self.labels.push(label);
                }
                _ => self.skipped += 1,
            }
        }
        self
    }

    /// The survey weights of the part's rows scaled to mean 1; all 1 when there are none.
    ///
    /// # Errors
    /// When a weight is negative or not finite, or all are zero.
    pub fn shares(&self, target: &Target<'_>) -> Result<Vec<f64>, Failure> {
        let Some(weights) = target.weights else { return Ok(vec![1.0; self.rows.len()]) };
        let mut shares: Vec<f64> = self.rows.iter().map(|&row| weights[row as usize]).collect();
        if let Some(at) = shares.iter().position(|w| !w.is_finite() || *w < 0.0) {
            return Err(Problem::new(Class::Data, "a survey weight in the training part is negative or not a number")
                .within(format!("record {}", self.rows[at] + 1))
                .remedy("correct the weight column")
                .into());
        }
        let mean = shares.iter().map(|w| w / shares.len() as f64).sum::<f64>();
        if mean <= 0.0 {
            return Err(Problem::new(Class::Data, "all survey weights in the training part are zero").remedy("correct the weight column").into());
        }
        shares.iter_mut().for_each(|w| *w /= mean);
        Ok(shares)
    }
}
