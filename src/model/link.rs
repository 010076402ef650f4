//! Turns a member's scores into logarithms of probabilities, so that members of an ensemble speak the same language.
//!
//! One-vs-rest scores pass through a sigmoid for each code (Platt 1999, Probabilistic outputs for support vector machines) and are
//! then normalised (Zadrozny & Elkan 2002, doi:10.1145/775047.775151): codes differ in how far their margins reach, which one common
//! slope cannot mend. Logistic scores pass through the softmax calibration.

use super::calibrate::Calibration;
use rayon::prelude::*;

/// The least logarithm of a probability that a member can claim, about 1 in 1,000.
pub const FLOOR: f32 = -7.0;

/// The slope to which the penalty pulls, and the strength of that pull: rare codes have little to learn a slope from.
const SLOPE: f64 = 2.0;

/// A fitted link.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// (slope, intercept) of each code's sigmoid.
    Sigmoids(Vec<(f64, f64)>),
    /// A softmax.
    Softmax(Calibration),
}

impl Link {
    /// A sigmoid for each code, fitted on held-out scores of shape (n, codes), row-major.
    pub fn sigmoids(scores: &[f32], labels: &[u32], codes: usize) -> Self {
        Self::Sigmoids((0..codes).into_par_iter().map(|code| sigmoid(scores, labels, codes, code)).collect())
    }

    /// Writes the logarithms of a record's probabilities over its scores, none below [`FLOOR`].
    pub fn apply(&self, scores: &mut [f32], room: &mut [f64]) {
        match self {
            Self::Sigmoids(fitted) => {
                for ((p, s), (slope, intercept)) in room.iter_mut().zip(scores.iter()).zip(fitted) {
                    *p = chance(*slope, *intercept, f64::from(*s));
                }
                let sum: f64 = room.iter().sum::<f64>().max(f64::MIN_POSITIVE);
                room.iter_mut().for_each(|p| *p /= sum);
            }
            Self::Softmax(calibration) => calibration.apply(scores, room),
        }
        for (s, p) in scores.iter_mut().zip(room.iter()) {
            *s = (p.max(f64::MIN_POSITIVE).ln() as f32).max(FLOOR);
        }
    }
}

fn chance(slope: f64, intercept: f64, score: f64) -> f64 {
    1.0 / (1.0 + (-(slope * score + intercept)).exp())
}

/// Slope and intercept of most penalised likelihood for one code, by Newton steps with halving.
fn sigmoid(scores: &[f32], labels: &[u32], codes: usize, code: usize) -> (f64, f64) {
    let records = || scores.iter().skip(code).step_by(codes).zip(labels).map(|(s, l)| (f64::from(*s), *l as usize == code));
    let objective = |a: f64, b: f64| {
        let loss = |(s, own): (f64, bool)| {
            let z = if own { a * s + b } else { -(a * s + b) };
            // ln(1 + exp(−z)) without overflow.
            (-z).max(0.0) + (-z.abs()).exp().ln_1p()
        };
        records().map(loss).sum::<f64>() + 0.5 * (a - SLOPE) * (a - SLOPE) + 0.5e-3 * b * b
    };
    let (mut a, mut b) = (SLOPE, 0.0);
    let mut value = objective(a, b);
    for _ in 0..50 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (SLOPE - a, -1e-3 * b, 1.0, 0.0, 1e-3);
        for (s, own) in records() {
            let p = chance(a, b, s);
            let (rest, w) = (f64::from(u8::from(own)) - p, p * (1.0 - p));
            ga += rest * s;
            gb += rest;
            haa += w * s * s;
            hab += w * s;
            hbb += w;
        }
        let determinant = haa * hbb - hab * hab;
        let (da, db) = ((ga * hbb - gb * hab) / determinant, (haa * gb - hab * ga) / determinant);
        let mut rate = 1.0;
        let mut new = objective(a + da, b + db);
        while new > value && rate > 1e-3 {
            rate *= 0.5;
            new = objective(a + rate * da, b + rate * db);
        }
        if new.is_nan() || new >= value {
            break;
        }
        let gain = value - new;
        (a, b, value) = (a + rate * da, b + rate * db, new);
        if gain < 1e-10 * value {
            break;
        }
    }
    (a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy 1.x minimize(BFGS) of sum ln(1 + exp(−(2y − 1)(a s + b))) + (a − 2)² / 2 + 0.0005 b².
    #[test]
    fn equals_the_penalised_maximum_likelihood() {
        let scores = [1.2f32, 0.8, -0.3, 0.4, -1.1, -0.9, 0.1, -0.6, 1.5, -1.4];
        let own = [1u32, 1, 0, 1, 0, 0, 0, 1, 1, 0];
        // Two codes: the second has the scores above, the first others.
        let both: Vec<f32> = scores.iter().flat_map(|s| [-s, *s]).collect();
        let (slope, intercept) = sigmoid(&both, &own, 2, 1);
        assert!((slope - 2.210_738).abs() < 1e-4 && (intercept - 0.146_934).abs() < 1e-4, "{slope} {intercept}");
    }

    #[test]
    fn logarithms_are_of_probabilities_and_have_a_floor() {
        let link = Link::Sigmoids(vec![(2.0, 0.0), (1.0, 1.0), (3.0, -1.0)]);
        let (mut scores, mut room) = ([0.5f32, -0.2, -9.0], [0.0; 3]);
        link.apply(&mut scores, &mut room);
        // 1/(1 + e^−1) and 1/(1 + e^−0.8) by their sum; the third is far below the floor.
        let (a, b) = (0.731_058_6f32, 0.689_974_5f32);
        assert!((scores[0] - (a / (a + b)).ln()).abs() < 1e-5 && (scores[1] - (b / (a + b)).ln()).abs() < 1e-5, "{scores:?}");
        assert_eq!(scores[2], FLOOR);
        let mut scores = [-1e9f32; 3];
        link.apply(&mut scores, &mut room);
        assert!(scores.iter().all(|s| s.is_finite()), "{scores:?}");
    }

    #[test]
    fn a_code_without_records_does_no_harm() {
        let Link::Sigmoids(fitted) = Link::sigmoids(&[0.1, -0.3, 0.4, -0.2], &[0, 0], 2) else { panic!("sigmoids") };
        assert!(fitted.iter().all(|(a, b)| a.is_finite() && b.is_finite() && *a > 0.0), "{fitted:?}");
    }
}
