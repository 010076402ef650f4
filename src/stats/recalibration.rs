//! Logit recalibration: the line that would make confidences right on the logit scale.

use super::calibration::Confidences;

/// logit P(correct) = intercept + slope · logit(c).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recalibration {
    /// 0 when calibrated and the slope is 1; below 0: too sure of itself.
    pub intercept: f64,
    /// 1 when calibrated; below 1: confidences too extreme.
    pub slope: f64,
}

/// Why there is no such line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRecalibration {
    /// No record of positive weight.
    NoRecords,
    /// All records are right, or all are wrong.
    OneOutcome,
    /// All confidences are the same.
    OneConfidence,
    /// A confidence splits right from wrong without a mistake: the slope would be infinite.
    Separated,
}

impl Confidences<'_> {
    /// Slope and intercept of the logistic regression of correct on logit(c), weighted (Cox 1958, doi:10.1093/biomet/45.3-4.562).
    ///
    /// Confidences are first moved into [`floor`, 1 − `floor`], where the logit is finite.
    ///
    /// # Errors
    /// See [`NoRecalibration`].
    pub fn recalibration(&self, floor: f64) -> Result<Recalibration, NoRecalibration> {
        let logit = |c: f64| {
            let c = c.clamp(floor, 1.0 - floor);
            (c / (1.0 - c)).ln()
        };
        // (logit, right, weight) of each record.
        let rows: Vec<(f64, bool, f64)> = self.rising().into_iter().map(|i| (logit(self.confidence[i]), self.correct[i], self.weight(i))).collect();
        let extent = |right: bool| {
            let mut values = rows.iter().filter(|r| r.1 == right).map(|r| r.0);
            let first = values.next();
            // Sorted: the first is the least.
            first.map(|low| (low, values.next_back().unwrap_or(low)))
        };
        let (first, last) = rows.first().zip(rows.last()).ok_or(NoRecalibration::NoRecords)?;
        let (right, wrong) = extent(true).zip(extent(false)).ok_or(NoRecalibration::OneOutcome)?;
        if first.0 == last.0 {
            return Err(NoRecalibration::OneConfidence);
        }
        if wrong.1 <= right.0 || right.1 <= wrong.0 {
            return Err(NoRecalibration::Separated);
        }
        Ok(fit(&rows))
    }
}

/// Maximum likelihood by Newton's method; a step that loses likelihood is halved. The optimum exists and is unique.
fn fit(rows: &[(f64, bool, f64)]) -> Recalibration {
    let total: f64 = rows.iter().map(|r| r.2).sum();
    let likelihood = |a: f64, b: f64| {
        let one = |&(x, right, w): &(f64, bool, f64)| {
            let eta = if right { a + b * x } else { -a - b * x };
            // ln(1/(1 + e^−η)), without overflow.
            w * if eta > 0.0 { -(-eta).exp().ln_1p() } else { eta - eta.exp().ln_1p() }
        };
        rows.iter().map(one).sum::<f64>()
    };
    let (mut a, mut b) = (0.0, 0.0);
    let mut best = likelihood(a, b);
    for _ in 0..200 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for &(x, right, w) in rows {
            let p = 1.0 / (1.0 + (-a - b * x).exp());
            let (g, h) = (w * (f64::from(u8::from(right)) - p), w * p * (1.0 - p));
            ga += g;
            gb += g * x;
            haa += h;
            hab += h * x;
            hbb += h * x * x;
        }
        let determinant = haa * hbb - hab * hab;
        if determinant <= 0.0 || (ga.abs() + gb.abs()) <= 1e-14 * total {
            break;
        }
        let (mut da, mut db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant);
        let mut next = likelihood(a + da, b + db);
        // Near the top the likelihood is level but for rounding, and the step is right all the same.
        while next < best - 1e-12 * best.abs() && da.abs() + db.abs() > 1e-12 {
            (da, db) = (da / 2.0, db / 2.0);
            next = likelihood(a + da, b + db);
        }
        (a, b, best) = (a + da, b + db, best.max(next));
        if da.abs() + db.abs() <= 1e-14 * (1.0 + a.abs() + b.abs()) {
            break;
        }
    }
    Recalibration { intercept: a, slope: b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    // Two distinct confidences: the fitted line goes through both observed shares, so it is known in closed form.
    #[test]
    fn two_confidences_give_the_line_through_their_logits() {
        let mut confidence = vec![0.9; 10];
        confidence.extend([0.3; 5]);
        let correct: Vec<bool> = (0..15).map(|i| if i < 10 { i < 7 } else { i < 12 }).collect();
        let logit = |p: f64| (p / (1.0 - p)).ln();
        let slope = (logit(0.7) - logit(0.4)) / (logit(0.9) - logit(0.3));
        let found = Confidences { confidence: &confidence, correct: &correct, weights: None }.recalibration(1e-6).unwrap();
        assert!((found.slope - slope).abs() < 1e-12, "{found:?}");
        assert!((found.intercept - (logit(0.7) - slope * logit(0.9))).abs() < 1e-12, "{found:?}");
        // Weights instead of repeated records.
        let grouped = Confidences { confidence: &[0.9, 0.9, 0.3, 0.3], correct: &[true, false, true, false], weights: Some(&[7.0, 3.0, 2.0, 3.0]) };
        let weighted = grouped.recalibration(1e-6).unwrap();
        assert!((weighted.slope - found.slope).abs() < 1e-12 && (weighted.intercept - found.intercept).abs() < 1e-12);
    }

    // Outcomes drawn from logit P = −0.5 + 0.6·logit(c).
    #[test]
    fn a_known_distortion_is_found() {
        let mut stream = Stream::named(3, "recalibration");
        let confidence: Vec<f64> = (0..40_000).map(|_| stream.unit()).collect();
        let correct: Vec<bool> = confidence.iter().map(|c| stream.unit() < 1.0 / (1.0 + (0.5 - 0.6 * (c / (1.0 - c)).ln()).exp())).collect();
        let found = Confidences { confidence: &confidence, correct: &correct, weights: None }.recalibration(1e-9).unwrap();
        assert!((found.intercept + 0.5).abs() < 0.04 && (found.slope - 0.6).abs() < 0.03, "{found:?}");
    }

    #[test]
    fn what_has_no_line_says_why() {
        let of = |confidence: &[f64], correct: &[bool]| Confidences { confidence, correct, weights: None }.recalibration(1e-6);
        assert_eq!(of(&[], &[]), Err(NoRecalibration::NoRecords));
        assert_eq!(of(&[0.5, 0.9], &[true, true]), Err(NoRecalibration::OneOutcome));
        assert_eq!(of(&[0.9, 0.9], &[true, false]), Err(NoRecalibration::OneConfidence));
        assert_eq!(of(&[0.2, 0.4, 0.9], &[false, false, true]), Err(NoRecalibration::Separated));
        assert_eq!(of(&[0.2, 0.4, 0.9], &[true, false, false]), Err(NoRecalibration::Separated));
        assert!(of(&[1.0, 0.4, 0.9, 0.0], &[false, true, true, false]).is_ok_and(|r| r.slope.is_finite()));
    }
}
