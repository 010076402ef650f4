//! What a candidate answered on each test record, in the evaluation's own code numbers, for metrics that cells cannot tell.

use super::automation::Surety;
use super::sample::Sample;
use super::tally::{Linear, Mass, Part, domain, ratio, scores};
use crate::data::{MISSING, Table};
use crate::model::{Predictions, UNCODED};

/// True code, first code and confidence of each test record, in the order of the rows.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// True code.
    pub truth: Vec<u32>,
    /// First code, or [`UNCODED`].
    pub first: Vec<u32>,
    /// Whether the first code is the true one.
    pub right: Vec<bool>,
    /// Confidence of the first code or its margin, 0 for a record without one; empty when the candidate gives none.
    pub confidence: Vec<f64>,
}

impl Answers {
    /// The answers in predictions of `rows`; `code_of` maps the predictions' code numbers to the evaluation's.
    #[must_use]
    pub fn of(table: &Table, rows: &[u32], predictions: &Predictions, code_of: &[u32], surety: Surety) -> Self {
        let truth: Vec<u32> = rows.iter().map(|&r| table.truth[r as usize]).collect();
        let number = |code: u32| if code == UNCODED { UNCODED } else { code_of[code as usize] };
        let first: Vec<u32> = (0..rows.len()).map(|i| predictions.ranking(i).first().map_or(UNCODED, |&c| number(c))).collect();
        let right = truth.iter().zip(&first).map(|(t, f)| t == f && *t != MISSING).collect();
        let confidence = sureties(predictions, rows.len(), surety);
        Self { truth, first, right, confidence }
    }
}

/// The confidence of each of `n` records; empty when the candidate gives none, or no second code where the margin is asked for.
#[must_use]
pub fn sureties(predictions: &Predictions, n: usize, surety: Surety) -> Vec<f64> {
    let lacking = predictions.confidence.is_empty() || surety == Surety::Margin && predictions.kept < 2;
    let sure = |i: usize| match (predictions.ranking(i), predictions.confidences(i)) {
        ([UNCODED, ..], _) => 0.0,
        (_, held) if surety == Surety::Top => held[0],
        // A record without a second code leads by all of its confidence.
        ([_, second, ..], held) => (held[0] - if *second == UNCODED { 0.0 } else { held[1] }).max(0.0),
        (_, held) => held[0],
    };
    if lacking { Vec::new() } else { (0..n).map(sure).collect() }
}

impl Sample {
    /// A record as the only one of its cell.
    #[must_use]
    pub fn mass(&self, record: usize) -> Mass {
        let w = self.weight[record];
        Mass { n: 1, w, w2: w * w }
    }

    /// The ratio Σ w a / Σ w b over records (number, a, b), linearised; none when nothing is below the line.
    #[must_use]
    pub fn ratio_of(&self, records: impl Iterator<Item = (usize, f64, f64)> + Clone) -> Option<Linear> {
        ratio(&self.sampling.units, records.map(|(i, a, b)| Part { unit: self.unit[i], mass: self.mass(i), a, b }))
    }

    /// A value with the influence of each record (number, ∂value/∂w) of its domain; V(value) is that of Σ w·influence.
    #[must_use]
    pub fn influenced(&self, value: f64, records: impl Iterator<Item = (usize, f64)> + Clone) -> Linear {
        let units = &self.sampling.units;
        let (mass, count, strata) = domain(units, records.clone().map(|(i, _)| (self.unit[i], self.mass(i))));
        let scores = scores(units, records.map(|(i, influence)| (self.unit[i], self.mass(i), influence)));
        Linear { value, scores, variance: None, n: mass.n, w: mass.w, w2: mass.w2, units: count, strata }
    }
}
