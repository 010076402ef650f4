//! What each record adds to a measure of its confidences: the derivative of the measure by the record's weight.
//!
//! A smooth function θ of weighted totals has the variance of the total of w·∂θ/∂w (Deville 1999, Survey Methodology 25(2), 193–203), so these
//! derivatives give a design-based variance under any design, without replicates. Numbers of tied records stay as they are.

use super::calibration::{Confidences, Reliability};
use super::recalibration::{NoRecalibration, Recalibration};

/// A measure with the influence of each record on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Influenced {
    /// The measure.
    pub value: f64,
    /// ∂value/∂w of each record, in the order given; 0 for records of weight 0.
    pub by_record: Vec<f64>,
}

/// Partial derivatives of a block's part of the area under the risk–coverage curve.
struct Step {
    /// By the block's own weight.
    weight: f64,
    /// By its own wrong weight.
    wrong: f64,
    /// By the weight of surer records.
    above: f64,
    /// By the wrong weight of surer records.
    wrong_above: f64,
}

impl Confidences<'_> {
    /// 1 when record i is coded wrong, else 0.
    fn wrong(&self, i: usize) -> f64 {
        f64::from(u8::from(!self.correct[i]))
    }

    /// Weight and wrong weight of some records.
    fn sums(&self, members: &[usize]) -> (f64, f64) {
        members.iter().fold((0.0, 0.0), |(w, e), &i| (w + self.weight(i), e + self.weight(i) * self.wrong(i)))
    }

    /// The area under the risk–coverage curve with ties averaged, as [`Confidences::aurc`] gives it, with influences.
    #[must_use]
    pub fn aurc_influence(&self) -> Option<Influenced> {
        let order = self.falling();
        let blocks: Vec<&[usize]> = order.chunk_by(|&a, &b| self.confidence[a] == self.confidence[b]).collect();
        let (whole, _) = self.sums(&order);
        if whole <= 0.0 {
            return None;
        }
        let (mut above, mut wrong_above, mut area) = (0.0, 0.0, 0.0);
        let mut step = |block: &[usize]| {
            let (w, e) = self.sums(block);
            let n = block.len() as f64;
            let mut step = Step { weight: 0.0, wrong: 0.0, above: 0.0, wrong_above: 0.0 };
            for k in 1..=block.len() {
                let share = k as f64 / n;
                let (a, x) = (above + share * w, wrong_above + share * e);
                area += w / n * x / a;
                step.weight += x / a / n - w / n * share * x / (a * a);
                step.wrong += w / n * share / a;
                step.above -= w / n * x / (a * a);
                step.wrong_above += w / n / a;
            }
            above += w;
            wrong_above += e;
            step
        };
        let steps: Vec<Step> = blocks.iter().map(|b| step(b)).collect();
        let value = area / whole;
        let mut by_record = vec![0.0; self.confidence.len()];
        let (mut later, mut later_wrong) = (0.0, 0.0);
        for (block, step) in blocks.iter().zip(&steps).rev() {
            for &i in *block {
                by_record[i] = (step.weight + later + self.wrong(i) * (step.wrong + later_wrong) - value) / whole;
            }
            later += step.above;
            later_wrong += step.wrong_above;
        }
        Some(Influenced { value, by_record })
    }

    /// The area in excess of the oracle's, as [`Confidences::excess_aurc`] gives it with ties averaged, with influences.
    #[must_use]
    pub fn excess_aurc_influence(&self) -> Option<Influenced> {
        let mut excess = self.aurc_influence()?;
        let order = self.rising();
        let (whole, wrong) = self.sums(&order);
        let right = whole - wrong;
        let errors = order.iter().filter(|&&i| !self.correct[i]).count();
        let step = wrong / errors.max(1) as f64;
        let (mut area, mut by_right, mut by_wrong) = (0.0, 0.0, 0.0);
        for j in 1..=errors {
            let j = j as f64;
            let below = right + j * step;
            area += step * j * step / below;
            by_right -= step * j * step / (below * below);
            by_wrong += (2.0 * j * step * right + (j * step).powi(2)) / (below * below) / errors as f64;
        }
        let oracle = area / whole;
        excess.value -= oracle;
        for i in order {
            excess.by_record[i] -= (if self.correct[i] { by_right } else { by_wrong } - oracle) / whole;
        }
        Some(excess)
    }

    /// The area under generalised risk against coverage, as [`Confidences::augrc`] gives it, with influences.
    #[must_use]
    pub fn augrc_influence(&self) -> Option<Influenced> {
        let order = self.falling();
        let blocks: Vec<(&[usize], f64, f64)> = order
            .chunk_by(|&a, &b| self.confidence[a] == self.confidence[b])
            .map(|b| {
                let (w, e) = self.sums(b);
                (b, w, e)
            })
            .collect();
        let (whole, _) = self.sums(&order);
        if whole <= 0.0 {
            return None;
        }
        let (mut wrong, mut area, mut above) = (0.0, 0.0, Vec::with_capacity(blocks.len()));
        for (_, w, e) in &blocks {
            above.push(wrong);
            area += w * (wrong + e / 2.0);
            wrong += e;
        }
        let value = area / (whole * whole);
        let mut by_record = vec![0.0; self.confidence.len()];
        let mut later = 0.0;
        for ((block, w, e), above) in blocks.iter().zip(above).rev() {
            for &i in *block {
                by_record[i] = (above + e / 2.0 + self.wrong(i) * (w / 2.0 + later)) / (whole * whole) - 2.0 * value / whole;
            }
            later += w;
        }
        Some(Influenced { value, by_record })
    }

    /// The probability that a right record is surer than a wrong one, as [`Confidences::auroc_of_failure`] gives it, with influences.
    ///
    /// Under equal weights and independent records the variance of their sum is DeLong's (DeLong et al. 1988, doi:10.2307/2531595) up to n/(n − 1).
    #[must_use]
    pub fn auroc_influence(&self) -> Option<Influenced> {
        let value = self.auroc_of_failure()?;
        let order = self.falling();
        let (whole, all_wrong) = self.sums(&order);
        let all_right = whole - all_wrong;
        let mut by_record = vec![0.0; self.confidence.len()];
        let (mut right, mut wrong) = (0.0, 0.0);
        for block in order.chunk_by(|&a, &b| self.confidence[a] == self.confidence[b]) {
            let (w, e) = self.sums(block);
            for &i in block {
                // The share of right records that outrank a wrong one; of wrong ones that a right one outranks.
                by_record[i] = if self.correct[i] {
                    ((all_wrong - wrong - e / 2.0) / all_wrong - value) / all_right
                } else {
                    ((right + (w - e) / 2.0) / all_right - value) / all_wrong
                };
            }
            right += w - e;
            wrong += e;
        }
        Some(Influenced { value, by_record })
    }

    /// Expected error over given bins with influences; bins and the signs of their gaps are held fixed.
    #[must_use]
    pub fn expected_error_influence(&self, bins: &Reliability) -> Option<Influenced> {
        let value = bins.expected_error()?;
        let whole: f64 = bins.bins.iter().map(|b| b.weight).sum();
        let one = |i: usize| {
            if self.weight(i) <= 0.0 {
                return 0.0;
            }
            let bin = &bins.bins[bins.bin_of(self.confidence[i])];
            let sign = (bin.accuracy - bin.confidence).signum();
            (sign * (1.0 - self.wrong(i) - self.confidence[i]) - value) / whole
        };
        Some(Influenced { value, by_record: (0..self.confidence.len()).map(one).collect() })
    }

    /// The recalibration line with the influences on intercept and slope: H⁻¹ x (correct − p), H the information of all records.
    ///
    /// # Errors
    /// See [`NoRecalibration`].
    pub fn recalibration_influence(&self, floor: f64) -> Result<(Influenced, Influenced), NoRecalibration> {
        let Recalibration { intercept, slope } = self.recalibration(floor)?;
        let at = |i: usize| {
            let c = self.confidence[i].clamp(floor, 1.0 - floor);
            let x = (c / (1.0 - c)).ln();
            (x, 1.0 / (1.0 + (-intercept - slope * x).exp()))
        };
        let (mut aa, mut ab, mut bb) = (0.0, 0.0, 0.0);
        for i in 0..self.confidence.len() {
            let (x, p) = at(i);
            let h = self.weight(i) * p * (1.0 - p);
            aa += h;
            ab += h * x;
            bb += h * x * x;
        }
        let determinant = aa * bb - ab * ab;
        if determinant <= 0.0 {
            return Err(NoRecalibration::OneConfidence);
        }
        let both = |i: usize| {
            if self.weight(i) <= 0.0 {
                return (0.0, 0.0);
            }
            let (x, p) = at(i);
            let residual = 1.0 - self.wrong(i) - p;
            (residual * (bb - ab * x) / determinant, residual * (aa * x - ab) / determinant)
        };
        let (of_intercept, of_slope) = (0..self.confidence.len()).map(both).unzip();
        Ok((Influenced { value: intercept, by_record: of_intercept }, Influenced { value: slope, by_record: of_slope }))
    }
}

impl Reliability {
    /// The bin that a confidence of the records it was made of falls into, for bins of equal mass.
    #[must_use]
    pub fn bin_of(&self, confidence: f64) -> usize {
        self.bins.partition_point(|b| b.upper < confidence).min(self.bins.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::fixture::confidences;
    use crate::stats::{Lonely, Scores, Ties, Units};
    use crate::value::Stream;

    type Measure = fn(&Confidences<'_>) -> Option<Influenced>;

    const MEASURES: [(&str, Measure); 7] = [
        ("aurc", |c| c.aurc_influence()),
        ("excess", |c| c.excess_aurc_influence()),
        ("augrc", |c| c.augrc_influence()),
        ("auroc", |c| c.auroc_influence()),
        ("adaptive", |c| c.expected_error_influence(&c.equal_mass(3))),
        ("intercept", |c| c.recalibration_influence(1e-6).ok().map(|r| r.0)),
        ("slope", |c| c.recalibration_influence(1e-6).ok().map(|r| r.1)),
    ];

    /// Records with ties, weights, and one of weight 0.
    fn records(n: usize, seed: u64) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let mut stream = Stream::named(seed, "influence");
        let confidence: Vec<f64> = (0..n).map(|_| (stream.unit() * 20.0).floor() / 20.0 + 0.02).collect();
        let correct = confidence.iter().map(|&c| stream.unit() < 0.2 + 0.7 * c).collect();
        let mut weights: Vec<f64> = (0..n).map(|_| 0.5 + stream.unit()).collect();
        weights[n / 2] = 0.0;
        (confidence, correct, weights)
    }

    // The values are those of the plain formulas, which are tested against hiclass' fixture.
    #[test]
    fn values_are_those_of_the_plain_formulas() {
        let (confidence, correct) = confidences();
        let c = Confidences { confidence: &confidence, correct: &correct, weights: None };
        let value = |measure: Measure| measure(&c).unwrap().value;
        for (found, wanted) in [
            (value(MEASURES[0].1), c.aurc(Ties::Average).unwrap()),
            (value(MEASURES[1].1), c.excess_aurc(Ties::Average).unwrap()),
            (value(MEASURES[2].1), c.augrc().unwrap()),
            (value(MEASURES[3].1), c.auroc_of_failure().unwrap()),
        ] {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
    }

    #[test]
    fn influences_are_derivatives_by_the_weights() {
        let (confidence, correct, weights) = records(200, 3);
        for (name, measure) in MEASURES {
            let at = |w: &[f64]| measure(&Confidences { confidence: &confidence, correct: &correct, weights: Some(w) }).unwrap();
            let found = at(&weights);
            // The bins of equal mass move with the weights, their influences do not: the bins are held fixed there.
            if name == "adaptive" {
                continue;
            }
            for i in (0..200).filter(|&i| weights[i] > 0.0).step_by(7) {
                // The line is fitted to about 1e-8 only, so its derivative needs a longer step.
                let (step, room) = if name == "intercept" || name == "slope" { (1e-3, 1e-5) } else { (1e-6, 1e-7) };
                let (mut more, mut less) = (weights.clone(), weights.clone());
                more[i] += step;
                less[i] -= step;
                let slope = (at(&more).value - at(&less).value) / (2.0 * step);
                assert!((slope - found.by_record[i]).abs() < room * (1.0 + slope.abs()), "{name} {i}: {slope} {}", found.by_record[i]);
            }
            // A constant factor on all weights changes nothing: Σ w·∂θ/∂w = 0 (Euler).
            let sum: f64 = found.by_record.iter().zip(&weights).map(|(f, w)| f * w).sum();
            assert!(sum.abs() < 1e-6, "{name}: {sum}");
        }
    }

    // Leaving out one cluster at a time must give nearly the same variance.
    #[test]
    fn the_variance_is_that_of_the_jackknife_over_clusters() {
        let (n, clusters) = (1200, 60);
        let (confidence, correct, weights) = records(n, 5);
        let units = Units::clusters(vec![0; clusters], 1, Lonely::Fail).unwrap();
        for (name, measure) in MEASURES {
            let at = |w: &[f64]| measure(&Confidences { confidence: &confidence, correct: &correct, weights: Some(w) }).unwrap();
            let whole = at(&weights);
            let mut scores = vec![0.0; clusters];
            (0..n).for_each(|i| scores[i % clusters] += weights[i] * whole.by_record[i]);
            let linear = units.variance(&Scores::Clusters(scores));
            let left: Vec<f64> = (0..clusters)
                .map(|out| at(&weights.iter().enumerate().map(|(i, w)| if i % clusters == out { 0.0 } else { *w }).collect::<Vec<_>>()).value)
                .collect();
            let mean = left.iter().sum::<f64>() / clusters as f64;
            let jackknife = (clusters - 1) as f64 / clusters as f64 * left.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
            let ratio = linear / jackknife;
            let room = if name == "adaptive" { 0.35 } else { 0.08 };
            assert!((ratio - 1.0).abs() < room, "{name}: {linear} {jackknife}");
        }
    }

    #[test]
    fn extremes_have_no_influence_or_no_value() {
        let of = |correct: &'static [bool]| Confidences { confidence: &[0.9, 0.8, 0.7], correct, weights: None };
        let perfect = of(&[true; 3]).aurc_influence().unwrap();
        assert_eq!((perfect.value, perfect.by_record), (0.0, vec![0.0; 3]));
        assert_eq!(of(&[true; 3]).excess_aurc_influence().unwrap().value, 0.0);
        assert_eq!((of(&[true; 3]).auroc_influence(), of(&[false; 3]).auroc_influence()), (None, None));
        assert!((of(&[false; 3]).aurc_influence().unwrap().value - 1.0).abs() < 1e-15);
        let none = Confidences { confidence: &[], correct: &[], weights: None };
        assert_eq!((none.aurc_influence(), none.augrc_influence(), none.excess_aurc_influence()), (None, None, None));
    }
}
