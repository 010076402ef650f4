//! Prediction-powered and difference estimators of class shares: predictions for all records, corrected by an audited few.

use super::confusion::{Confusion, over};
use super::linear::Matrix;
use super::totals::{NoTotals, Shares, at, multinomial, population_shares};

/// How much predictions are trusted in the prediction-powered estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// λ = 0: the audit alone.
    None,
    /// λ = 1: the difference estimator.
    Full,
    /// One λ for all classes with the least total variance; shares add up to 1.
    Tuned,
    /// A λ for each class; shares need not add up to 1.
    TunedByClass,
}

/// Shares from the prediction-powered estimator.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionPowered {
    /// The shares.
    pub shares: Shares,
    /// λ of each class.
    pub lambda: Vec<f64>,
}

/// Prediction-powered shares θ̂ = λq + (audited truth − λ · audited predictions) (Angelopoulos, Duchi & Zrnic 2023, arXiv:2311.01453).
///
/// V = Var(e(y) − λe(f))/n + λ²Var(e(f))/N with variances over 1/n. λ* = Cov(Y, F)/((1 + n/N)Var(F)) in [0, 1], the covariance over the
/// audit (1/n), the variance over all (1/(N + n − 1)).
///
/// # Errors
/// No population or no audit.
pub fn prediction_powered(audit: &Confusion, population: &[f64], trust: Trust) -> Result<PredictionPowered, NoTotals> {
    let (q, size) = population_shares(audit.classes(), population)?;
    let n = audit.total();
    if n <= 0.0 {
        return Err(NoTotals::NoAudit);
    }
    let (k, all) = (q.len(), n + size);
    let truth: Vec<f64> = (0..k).map(|i| at(audit.truth(), i) / n).collect();
    let predicted: Vec<f64> = (0..k).map(|i| at(audit.predicted(), i) / n).collect();
    let joint = |i: usize| at(audit.correct(), i) / n - truth[i] * predicted[i];
    let pooled = |i: usize| {
        let m = predicted[i] * n + at(population, i);
        (m - m * m / all) / (all - 1.0) * (1.0 + n / size)
    };
    // Without variation in predictions they tell nothing.
    let tuned = |c: f64, v: f64| over(c, v).unwrap_or(0.0).clamp(0.0, 1.0);
    let lambda: Vec<f64> = match trust {
        Trust::None => vec![0.0; k],
        Trust::Full => vec![1.0; k],
        Trust::Tuned => vec![tuned((0..k).map(joint).sum(), (0..k).map(pooled).sum()); k],
        Trust::TunedByClass => (0..k).map(|i| tuned(joint(i), pooled(i))).collect(),
    };
    let mean: Vec<f64> = (0..k).map(|i| truth[i] - lambda[i] * predicted[i]).collect();
    let mut second = vec![0.0; k * k];
    for i in 0..k {
        second[i * k + i] += truth[i] + lambda[i] * lambda[i] * predicted[i];
    }
    for &(t, p, w) in audit.cells() {
        let (t, p) = (t as usize, p as usize);
        second[t * k + p] -= lambda[p] * w / n;
        second[p * k + t] -= lambda[p] * w / n;
    }
    let spread = |r: usize, c: usize| (second[r * k + c] - mean[r] * mean[c]) / n + lambda[r] * lambda[c] * multinomial(&q, r, c) / size;
    let value = (0..k).map(|i| lambda[i] * q[i] + mean[i]).collect();
    Ok(PredictionPowered { shares: Shares { value, covariance: Matrix::from_fn(k, k, spread) }, lambda })
}

/// Difference estimator with audit weights w* (sampling weight over audit probability; Särndal, Swensson & Wretman 1992,
/// doi:10.1007/978-1-4612-4378-6, 6.3): v̂ = q̂ + Σ w*(e(y) − e(f))/Σ w*.
///
/// Variance by linearisation with replacement, n/(n − 1) Σ z zᵀ, z = w*(d − d̄)/Σw*, plus that of `counted` (0 for a census).
///
/// # Errors
/// Fewer than two audited records of positive weight.
pub fn difference_estimator(truth: &[u32], predicted: &[u32], weights: &[f64], counted: &Shares) -> Result<Shares, NoTotals> {
    let n = weights.iter().filter(|&&w| w > 0.0).count() as f64;
    if n < 2.0 {
        return Err(NoTotals::NoAudit);
    }
    let k = counted.value.len();
    let squared: Vec<f64> = weights.iter().map(|w| w * w).collect();
    let sums = Confusion::of(truth, predicted, Some(weights), k);
    let squares = Confusion::of(truth, predicted, Some(&squared), k);
    let k = sums.classes();
    let mean: Vec<f64> = (0..k).map(|i| (sums.truth()[i] - sums.predicted()[i]) / sums.total()).collect();
    let linear: Vec<f64> = (0..k).map(|i| squares.truth()[i] - squares.predicted()[i]).collect();
    let mut second = vec![0.0; k * k];
    for &(t, p, s) in squares.cells().iter().filter(|c| c.0 != c.1) {
        let (t, p) = (t as usize, p as usize);
        second[t * k + t] += s;
        second[p * k + p] += s;
        second[t * k + p] -= s;
        second[p * k + t] -= s;
    }
    let scale = n / (n - 1.0) / (sums.total() * sums.total());
    let known = counted.covariance.rows();
    let spread = |r: usize, c: usize| {
        let own = second[r * k + c] - mean[r] * linear[c] - linear[r] * mean[c] + squares.total() * mean[r] * mean[c];
        scale * own + if r < known && c < known { counted.covariance.at(r, c) } else { 0.0 }
    };
    Ok(Shares { value: (0..k).map(|i| at(&counted.value, i) + mean[i]).collect(), covariance: Matrix::from_fn(k, k, spread) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal_quantile;

    fn binary() -> (Vec<u32>, Vec<u32>, [f64; 2]) {
        let digits = |s: &str| s.bytes().map(|b| u32::from(b - b'0')).collect::<Vec<_>>();
        let ones = digits("11010110110111010111").iter().sum::<u32>();
        (digits("1011010110"), digits("1010011110"), [f64::from(20 - ones), f64::from(ones)])
    }

    // ppi-python 0.2.3, ppi_mean_ci, λ tuned, 1 and 0.
    #[test]
    fn values_and_intervals_equal_ppi_py() {
        let (truth, predicted, population) = binary();
        let audit = Confusion::of(&truth, &predicted, None, 2);
        for (trust, level, value, lower, upper) in [
            (Trust::Tuned, 0.9, 0.6406, 0.417_973_804_2, 0.863_226_195_8),
            (Trust::TunedByClass, 0.9, 0.6406, 0.417_973_804_2, 0.863_226_195_8),
            (Trust::Full, 0.9, 0.7, 0.412_738_663_7, 0.987_261_336_3),
            (Trust::None, 0.9, 0.6, 0.345_180_371_8, 0.854_819_628_2),
            (Trust::Tuned, 0.95, 0.6406, 0.375_324_525_8, 0.905_875_474_2),
        ] {
            let found = prediction_powered(&audit, &population, trust).unwrap();
            let half = normal_quantile(0.5 + level / 2.0) * found.shares.standard_errors()[1];
            let share = found.shares.value[1];
            assert!((share - value).abs() < 1e-10, "{trust:?} {share}");
            assert!((share - half - lower).abs() < 6e-11 && (share + half - upper).abs() < 6e-11, "{trust:?} {} {}", share - half, share + half);
            assert!((found.shares.value[0] + share - 1.0).abs() < 1e-12);
        }
        let lambda = prediction_powered(&audit, &population, Trust::Tuned).unwrap().lambda;
        assert!((lambda[0] - 0.406).abs() < 1e-12, "{lambda:?}");
    }

    // ppi-python 0.2.3, three classes one-hot, λ = 1.
    #[test]
    fn three_classes_equal_ppi_py() {
        let audit = Confusion::from_rows(&[[3.0, 1.0, 0.0], [0.0, 3.0, 0.0], [1.0, 0.0, 2.0]]);
        let found = prediction_powered(&audit, &[9.0, 6.0, 5.0], Trust::Full).unwrap();
        found.shares.value.iter().zip([0.45, 0.2, 0.35]).for_each(|(f, w)| assert!((f - w).abs() < 1e-15, "{found:?}"));
        for trust in [Trust::None, Trust::Full, Trust::Tuned] {
            let shares = prediction_powered(&audit, &[9.0, 6.0, 5.0], trust).unwrap().shares;
            assert!((shares.value.iter().sum::<f64>() - 1.0).abs() < 1e-15, "{trust:?}");
            (0..3).for_each(|r| assert!((0..3).map(|c| shares.covariance.at(r, c)).sum::<f64>().abs() < 1e-15, "{trust:?}"));
        }
        assert_eq!(prediction_powered(&audit, &[0.0, 0.0], Trust::None), Err(NoTotals::NoPopulation));
        assert_eq!(prediction_powered(&Confusion::from_cells(2, []), &[1.0], Trust::Full), Err(NoTotals::NoAudit));
    }

    // With equal weights the difference estimator is λ = 1, but for n/(n − 1) in the audit's part.
    #[test]
    fn the_difference_estimator_is_full_trust() {
        let (truth, predicted, population) = binary();
        let audit = Confusion::of(&truth, &predicted, None, 2);
        let full = prediction_powered(&audit, &population, Trust::Full).unwrap().shares;
        let counted = crate::stats::classify_and_count(&population).unwrap();
        let found = difference_estimator(&truth, &predicted, &[3.0; 10], &counted).unwrap();
        for i in 0..2 {
            assert!((found.value[i] - full.value[i]).abs() < 1e-15);
            for j in 0..2 {
                let own = (full.covariance.at(i, j) - counted.covariance.at(i, j)) * 10.0 / 9.0;
                assert!((found.covariance.at(i, j) - own - counted.covariance.at(i, j)).abs() < 1e-15);
            }
        }
        // Unequal weights, by hand: d = 1{y=1} − 1{f=1} = (1, 0, −1), w = (1, 2, 1): mean 0, Σz² = (1 + 0 + 1)/16.
        let census = Shares { value: vec![0.5, 0.5], covariance: Matrix::from_fn(2, 2, |_, _| 0.0) };
        let found = difference_estimator(&[1, 1, 0], &[0, 1, 1], &[1.0, 2.0, 1.0], &census).unwrap();
        assert_eq!(found.value, [0.5, 0.5]);
        assert!((found.covariance.at(1, 1) - 1.5 * 2.0 / 16.0).abs() < 1e-15, "{found:?}");
        assert_eq!(difference_estimator(&[1], &[1], &[1.0], &census), Err(NoTotals::NoAudit));
    }
}
