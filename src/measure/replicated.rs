//! Metrics made anew of the totals of every replicate, where variances come from replicates; none of it without them.

use super::tally::{CodeCell, Part};
use crate::model::UNCODED;
use crate::stats::{Cell, Scores, Units};

/// The scores of a ratio of totals under the replicates; none without them, or where a replicate has nothing below the line.
pub fn replicated_ratio(units: &Units, value: f64, parts: impl Iterator<Item = Part>) -> Option<Scores> {
    replicated_mean(units, value, parts.map(|p| (p.unit, p.mass.w * p.a, p.mass.w * p.b)))
}

/// The scores of Σ x / Σ w over (unit, x, w) under the replicates; none as for [`replicated_ratio`].
pub fn replicated_mean(units: &Units, value: f64, sums: impl Iterator<Item = (u32, f64, f64)>) -> Option<Scores> {
    let cells = sums.flat_map(|(unit, x, w)| [Cell { unit, slot: 0, amount: x }, Cell { unit, slot: 1, amount: w }]);
    units.recomputed(value, cells, 2, |t| (t[1] > 0.0).then(|| t[0] / t[1]))
}

/// Metrics of all codes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfCodes {
    /// The mean F1 of the codes that occur in the sample; a code gone from a replicate counts 0, as one never predicted does.
    MacroF1,
    /// The mean recall of the codes that occur as true code.
    BalancedAccuracy,
    /// Cohen's kappa.
    Kappa,
    /// Matthews' correlation.
    Matthews,
}

impl OfCodes {
    /// Its scores under the replicates of units; none without them, or where a replicate has no value.
    pub fn replicated(self, units: &Units, cells: &[CodeCell], value: f64) -> Option<Scores> {
        if !units.replicated() {
            return None;
        }
        let mut codes: Vec<u32> = cells.iter().flat_map(|c| [c.truth, c.predicted]).filter(|&k| k != UNCODED).collect();
        codes.sort_unstable();
        codes.dedup();
        let k = codes.len();
        // By slot: truth, prediction and both of each code, then the sum of weights.
        let amounts = cells.iter().flat_map(|c| {
            let at = |code: u32| codes.binary_search(&code).unwrap_or(0);
            let cell = |slot: usize, amount| Cell { unit: c.unit, slot: slot as u32, amount };
            let coded = if c.predicted == UNCODED { 0.0 } else { c.mass.w };
            let right = if c.predicted == c.truth { c.mass.w } else { 0.0 };
            [cell(at(c.truth), c.mass.w), cell(k + at(c.predicted), coded), cell(2 * k + at(c.truth), right), cell(3 * k, c.mass.w)]
        });
        let occurring = cells.iter().filter(|c| c.mass.w > 0.0).flat_map(|c| [c.truth, c.predicted]).filter(|&k| k != UNCODED);
        let present = occurring.collect::<std::collections::BTreeSet<u32>>().len() as f64;
        units.recomputed(value, amounts, 3 * k + 1, |t| self.of(&t[..k], &t[k..2 * k], &t[2 * k..3 * k], t[3 * k], present))
    }

    /// The metric of weighted counts by code: true, predicted, both; `present` codes occur in the sample.
    fn of(self, truth: &[f64], predicted: &[f64], both: &[f64], sum: f64, present: f64) -> Option<f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let right: f64 = both.iter().sum();
        match self {
            Self::MacroF1 => {
                let f1 = |k: usize| if truth[k] + predicted[k] > 0.0 { 2.0 * both[k] / (truth[k] + predicted[k]) } else { 0.0 };
                (present > 0.0).then(|| (0..truth.len()).map(f1).sum::<f64>() / present)
            }
            Self::BalancedAccuracy => {
                let recalls = || (0..truth.len()).filter(|&k| truth[k] > 0.0).map(|k| both[k] / truth[k]);
                (sum > 0.0).then(|| recalls().sum::<f64>() / recalls().count() as f64)
            }
            Self::Kappa => {
                let expected = dot(truth, predicted) / (sum * sum);
                (sum > 0.0 && 1.0 - expected > 1e-12).then(|| (right / sum - expected) / (1.0 - expected))
            }
            Self::Matthews => {
                let (of_predicted, of_truth) = (sum * sum - dot(predicted, predicted), sum * sum - dot(truth, truth));
                let defined = of_predicted > 1e-12 * sum * sum && of_truth > 1e-12 * sum * sum;
                defined.then(|| (right * sum - dot(predicted, truth)) / (of_predicted * of_truth).sqrt())
            }
        }
    }
}
