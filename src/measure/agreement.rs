//! Agreement of true and predicted codes beyond accuracy: balanced accuracy, kappa, Matthews correlation.
//!
//! Each is a smooth function of weighted counts, so a record's score is the function's derivative with respect to its weight.

use super::engine::{Engine, Linearised, undefined};
use super::estimate::Kind;
use super::replicated::OfCodes;
use super::tally::{CodeCell, Linear, domain, scores};
use crate::model::UNCODED;
use crate::value::Reason;

/// Margins of the weighted confusion counts.
struct Margins {
    truth: Vec<f64>,
    predicted: Vec<f64>,
    diagonal: Vec<f64>,
    sum: f64,
}

impl Margins {
    fn of(cells: &[CodeCell], codes: usize) -> Self {
        let mut m = Self { truth: vec![0.0; codes], predicted: vec![0.0; codes], diagonal: vec![0.0; codes], sum: 0.0 };
        for c in cells {
            m.sum += c.mass.w;
            m.truth[c.truth as usize] += c.mass.w;
            if c.predicted != UNCODED {
                m.predicted[c.predicted as usize] += c.mass.w;
            }
            if c.truth == c.predicted {
                m.diagonal[c.truth as usize] += c.mass.w;
            }
        }
        m
    }

    fn predicted(&self, code: u32) -> f64 {
        if code == UNCODED { 0.0 } else { self.predicted[code as usize] }
    }

    fn true_total(&self, code: u32) -> f64 {
        if code == UNCODED { 0.0 } else { self.truth[code as usize] }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

impl Engine<'_> {
    fn linear(&self, cells: &[CodeCell], value: f64, what: OfCodes, kind: Kind, score: impl Fn(&CodeCell) -> f64) -> Linearised {
        let units = &self.sampling().units;
        let (mass, count, strata) = domain(units, cells.iter().map(|c| (c.unit, c.mass)));
        let scores = what.replicated(units, cells, value).unwrap_or_else(|| scores(units, cells.iter().map(|c| (c.unit, c.mass, score(c)))));
        Ok((Linear { value, scores, variance: None, n: mass.n, w: mass.w, w2: mass.w2, units: count, strata }, kind))
    }

    /// The mean recall of the codes that occur as true code.
    pub fn balanced_accuracy(&self, cells: &[CodeCell]) -> Linearised {
        let m = Margins::of(cells, self.universe.len());
        let present = m.truth.iter().filter(|&&t| t > 0.0).count() as f64;
        if present == 0.0 {
            return Err(undefined(Reason::NoRecords, "no record", 0));
        }
        let recall = |k: usize| if m.truth[k] > 0.0 { m.diagonal[k] / m.truth[k] } else { 0.0 };
        let value = (0..m.truth.len()).map(recall).sum::<f64>() / present;
        self.linear(cells, value, OfCodes::BalancedAccuracy, Kind::Unit, |c| {
            let k = c.truth as usize;
            if m.truth[k] > 0.0 { (f64::from(c.truth == c.predicted) - recall(k)) / m.truth[k] / present } else { 0.0 }
        })
    }

    /// Cohen's kappa: (p_o − p_e)/(1 − p_e).
    pub fn kappa(&self, cells: &[CodeCell]) -> Linearised {
        let m = Margins::of(cells, self.universe.len());
        let n = cells.iter().map(|c| c.mass.n).sum();
        if m.sum <= 0.0 {
            return Err(undefined(Reason::NoRecords, "no record", n));
        }
        let observed = m.diagonal.iter().sum::<f64>() / m.sum;
        let expected = dot(&m.truth, &m.predicted) / (m.sum * m.sum);
        if 1.0 - expected < 1e-12 {
            return Err(undefined(Reason::NothingToDivideBy, "truth and predictions are one and the same single code", n));
        }
        let value = (observed - expected) / (1.0 - expected);
        self.linear(cells, value, OfCodes::Kappa, Kind::Signed, |c| {
            let observed_by = (f64::from(c.truth == c.predicted) - observed) / m.sum;
            let expected_by = (m.predicted(c.truth) + m.true_total(c.predicted)) / (m.sum * m.sum) - 2.0 * expected / m.sum;
            (observed_by * (1.0 - expected) - expected_by * (1.0 - observed)) / (1.0 - expected).powi(2)
        })
    }

    /// Matthews' correlation for several codes: (c·s − Σ p t)/√((s² − Σ p²)(s² − Σ t²)).
    pub fn mcc(&self, cells: &[CodeCell]) -> Linearised {
        let m = Margins::of(cells, self.universe.len());
        let n = cells.iter().map(|c| c.mass.n).sum();
        let right: f64 = m.diagonal.iter().sum();
        let covariance = right * m.sum - dot(&m.predicted, &m.truth);
        let (of_predicted, of_truth) = (m.sum * m.sum - dot(&m.predicted, &m.predicted), m.sum * m.sum - dot(&m.truth, &m.truth));
        if of_predicted <= 1e-12 * m.sum * m.sum || of_truth <= 1e-12 * m.sum * m.sum {
            return Err(undefined(Reason::NothingToDivideBy, "all true codes, or all predicted codes, are the same", n));
        }
        let root = (of_predicted * of_truth).sqrt();
        let value = covariance / root;
        self.linear(cells, value, OfCodes::Matthews, Kind::Signed, |c| {
            let covariance_by = m.sum * f64::from(c.truth == c.predicted) + right - m.predicted(c.truth) - m.true_total(c.predicted);
            let predicted_by = 2.0 * (m.sum - m.predicted(c.predicted));
            let truth_by = 2.0 * (m.sum - m.true_total(c.truth));
            covariance_by / root - value / 2.0 * (predicted_by / of_predicted + truth_by / of_truth)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::engine::Level;
    use crate::measure::tally::{Mass, Tally};
    use crate::measure::{Proportions, Request, Sample, Sampling};
    use crate::stats::{Lonely, Scores, Units};
    use crate::value::{Method, Stream};

    const PSUS: u32 = 9;

    fn cells() -> Vec<CodeCell> {
        let mut stream = Stream::named(3, "agreement");
        let mut cells = Vec::new();
        for unit in 0..PSUS {
            for truth in 0..4 {
                for predicted in [truth, (truth + 1) % 4, UNCODED] {
                    let w = 0.2 + stream.unit() * if predicted == truth { 9.0 } else { 2.0 };
                    cells.push(CodeCell { unit, group: 0, truth, predicted, mass: Mass { n: 3, w, w2: w * w / 3.0 } });
                }
            }
        }
        cells
    }

    fn evaluate(cells: &[CodeCell], what: usize) -> (f64, Vec<f64>) {
        let units = Units::clusters(vec![0; PSUS as usize], 1, Lonely::Fail).unwrap();
        let sampling = Sampling { units, simple: false, clustered: true, level: 0.95, interval: Proportions::default(), method: Method::StudentT };
        let sample = Sample::without_groups(sampling, Vec::new(), Vec::new());
        let tally = Tally { codes: Vec::new(), confidence: Vec::new(), top: Vec::new(), loss: Vec::new(), brier: Vec::new(), uncoded: 0 };
        let request = Request { minimum_group: 1, replicates: 0, ..Request::default() };
        let universe: Vec<String> = ["11", "12", "21", "22"].map(str::to_owned).to_vec();
        let level = |name: Option<&str>, ancestor: [u32; 4]| Level { name: name.map(str::to_owned), ancestor: ancestor.map(Some).to_vec(), labels: Vec::new() };
        let levels = vec![level(Some("first"), [0, 0, 1, 1]), level(None, [0, 1, 2, 3])];
        let engine = Engine { sample: &sample, tally: &tally, universe: &universe, levels, request: &request, ranked: 1 };
        let result = match what {
            0 => engine.balanced_accuracy(cells),
            1 => engine.kappa(cells),
            _ => engine.mcc(cells),
        };
        let (linear, _) = result.unwrap();
        let Scores::Clusters(scores) = linear.scores else { panic!("clusters") };
        (linear.value, scores)
    }

    /// A PSU's score is what the value gains as the PSU's weights grow: checked by growing them.
    #[test]
    fn scores_are_derivatives() {
        let before = cells();
        for what in 0..3 {
            let (value, scores) = evaluate(&before, what);
            for unit in 0..PSUS {
                let step = 1e-6;
                let mut after = before.clone();
                after.iter_mut().filter(|c| c.unit == unit).for_each(|c| c.mass.w *= 1.0 + step);
                let slope = (evaluate(&after, what).0 - value) / step;
                assert!((slope - scores[unit as usize]).abs() < 1e-5, "{what} {unit}: {slope} {}", scores[unit as usize]);
            }
        }
    }

    /// scikit-learn 1.9.1 on y = 0 1 2 0 1 2, f = 0 2 1 0 0 1 with weights 1 2 3 1 2 3: kappa −0.2, Matthews −0.227273.
    #[test]
    fn weighted_agreement_equals_scikit_learn() {
        let list = [(0, 0, 1.0), (1, 2, 2.0), (2, 1, 3.0), (0, 0, 1.0), (1, 0, 2.0), (2, 1, 3.0)];
        let cells: Vec<CodeCell> = list
            .iter()
            .enumerate()
            .map(|(i, &(truth, predicted, w))| CodeCell { unit: i as u32, group: 0, truth, predicted, mass: Mass { n: 1, w, w2: w * w } })
            .collect();
        assert!((evaluate(&cells, 1).0 + 0.2).abs() < 1e-12);
        assert!((evaluate(&cells, 2).0 + 0.227_273).abs() < 5e-7);
    }
}
