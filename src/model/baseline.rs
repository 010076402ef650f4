//! Coders that look at no record: the most frequent code, and codes drawn by their shares. What any model has to beat.

use super::part::Part;
use super::{Coder, Input, Pack, Predictions, Target, Unpack};
use crate::value::{Failure, Problem, Stream, grouped};

/// A coder that gives every record the same.
pub struct Baseline {
    codes: Vec<String>,
    /// Weighted training share of each code.
    shares: Vec<f64>,
    /// Give the most frequent code alone; otherwise the seed of the draws.
    draws: Option<u64>,
    records: usize,
}

impl Baseline {
    /// Learns the code shares of the training part, with survey weights where there are any. With a seed in `draws` each record is given a
    /// code drawn by its share, so that published shares are right on average; without, the most frequent code.
    ///
    /// # Errors
    /// When the training part has fewer than two codes or its weights are wrong.
    pub fn fit(draws: Option<u64>, train: &Input<'_>, target: &Target<'_>) -> Result<Self, Failure> {
        let part = Part::training(train, target)?;
        let mut shares = vec![0.0; part.codes.len()];
        for (&label, weight) in part.labels.iter().zip(part.shares(target)?) {
            shares[label as usize] += weight;
        }
        let sum: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|s| *s /= sum);
        Ok(Self { codes: part.codes, shares, draws, records: part.rows.len() })
    }

    /// One that was saved; `draws` tells whether it draws codes.
    pub fn unpack(draws: bool, parts: &Unpack<'_>) -> Result<Self, Problem> {
        let shares = parts.doubles("shares", &[Some(parts.codes().len())])?;
        if shares.iter().any(|s| *s < 0.0) || (shares.iter().sum::<f64>() - 1.0).abs() > 1e-6 {
            return Err(parts.wrong("shares", "are not shares: they must add up to 1"));
        }
        let draws = if draws { parts.wholes("seed", Some(1))?.first().copied() } else { None };
        Ok(Self { codes: parts.codes().to_vec(), shares, draws, records: 0 })
    }
}

impl Coder for Baseline {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let n = input.rows.len();
        let Some(seed) = self.draws else {
            let one = Predictions::from_dense(self.codes.clone(), &self.shares, keep.min(1));
            return Ok(Predictions { ranked: one.ranked.repeat(n), confidence: one.confidence.repeat(n), ..one });
        };
        let one = Predictions::from_dense(self.codes.clone(), &self.shares, self.codes.len());
        let kept = keep.min(self.codes.len());
        let (mut ranked, mut confidence) = (Vec::with_capacity(n * kept), Vec::with_capacity(n * kept));
        for &row in input.rows {
            // A stream for each id: the draw depends on nothing but seed and record.
            let mut rest = Stream::named(seed, &format!("prior {}", input.ids.get(row as usize))).unit();
            let drawn = one.confidence.iter().position(|share| {
                rest -= share;
                rest < 0.0
            });
            let drawn = drawn.unwrap_or(one.ranked.len() - 1);
            let order = std::iter::once(drawn).chain((0..one.ranked.len()).filter(|&i| i != drawn)).take(kept);
            for i in order {
                ranked.push(one.ranked[i]);
                confidence.push(one.confidence[i]);
            }
        }
        Ok(Predictions { kept, ranked, confidence, complete: kept == self.codes.len(), ..one })
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![("training records".into(), grouped(self.records)), ("codes".into(), grouped(self.codes.len()))]
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        pack.doubles("shares", &[self.shares.len()], self.shares.iter().copied());
        if let Some(seed) = self.draws {
            pack.wholes("seed", &[seed]);
        }
        true
    }
}
