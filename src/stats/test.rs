//! Tests of paired candidates, of cross-validated differences and of equality over groups.

use super::quantile::{beta_cdf, normal_quantile};
use super::tail::{chi_square_upper, f_upper, t_upper};

/// A test statistic with its reference distribution and p-value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// The statistic: χ², F or t.
    pub statistic: f64,
    /// Degrees of freedom; of the numerator for F.
    pub df: f64,
    /// Degrees of freedom of the denominator, for F.
    pub denominator_df: Option<f64>,
    /// The p-value; of both sides for t.
    pub p: f64,
}

impl Test {
    fn chi_square(statistic: f64, df: f64) -> Self {
        Self { statistic, df, denominator_df: None, p: chi_square_upper(statistic, df) }
    }

    fn f(statistic: f64, df: f64, denominator: f64) -> Self {
        Self { statistic, df, denominator_df: Some(denominator), p: f_upper(statistic, df, denominator) }
    }

    fn t(statistic: f64, df: f64) -> Self {
        Self { statistic, df, denominator_df: None, p: (2.0 * t_upper(statistic.abs(), df)).min(1.0) }
    }
}

/// McNemar's test of two candidates on the same independent records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// Exact binomial p-value of both sides.
    pub exact: f64,
    /// Mid-p value: the exact one less half the probability of what was observed (Lancaster 1961, doi:10.1080/01621459.1961.10482105).
    pub mid_p: f64,
    /// χ² without continuity correction; none where the candidates never differ.
    pub chi_square: Option<Test>,
    /// χ² with continuity correction (Edwards 1948, doi:10.1007/BF02289261); none where the candidates never differ.
    pub corrected: Option<Test>,
}

/// McNemar's test from the records that only the first and only the second candidate got right
/// (McNemar 1947, doi:10.1007/BF02295996). For records without a survey design.
#[must_use]
pub fn mcnemar(only_first: u64, only_second: u64) -> McNemar {
    let (b, c) = (only_first as f64, only_second as f64);
    let (n, fewer) = (b + c, b.min(c));
    if n == 0.0 {
        return McNemar { exact: 1.0, mid_p: 1.0, chi_square: None, corrected: None };
    }
    // P(X ≤ k) of a binomial with probability ½ is I_½(n−k, k+1).
    let at_most = |k: f64| if k < 0.0 { 0.0 } else { beta_cdf(0.5, n - k, k + 1.0) };
    let tail = if b == c { 1.0 } else { (2.0 * at_most(fewer)).min(1.0) };
    // 2·P(≤k) − P(=k) = P(≤k) + P(≤k−1).
    let mid_p = if b == c { 1.0 } else { at_most(fewer) + at_most(fewer - 1.0) };
    let corrected = ((b - c).abs() - 1.0).max(0.0);
    McNemar {
        exact: tail,
        mid_p,
        chi_square: Some(Test::chi_square((b - c) * (b - c) / n, 1.0)),
        corrected: Some(Test::chi_square(corrected * corrected / n, 1.0)),
    }
}

/// Student's t of an estimate against zero, e.g. of a paired difference with its design's standard error; none where that is zero.
#[must_use]
pub fn t_test(estimate: f64, se: f64, df: f64) -> Option<Test> {
    (se > 0.0 && df > 0.0).then(|| Test::t(estimate / se, df))
}

/// The variance of each repetition's two differences: (d₁−d̄)² + (d₂−d̄)² = (d₁−d₂)²/2.
fn fold_variances(differences: &[[f64; 2]; 5]) -> f64 {
    differences.iter().map(|[a, b]| (a - b) * (a - b) / 2.0).sum()
}

/// Dietterich's 5×2-fold cross-validated paired t (doi:10.1162/089976698300017197); none where no repetition varies.
///
/// `differences` holds for each repetition the difference of the two candidates on either fold.
#[must_use]
pub fn five_by_two_t(differences: &[[f64; 2]; 5]) -> Option<Test> {
    let s2 = fold_variances(differences);
    (s2 > 0.0).then(|| Test::t(differences[0][0] / (s2 / 5.0).sqrt(), 5.0))
}

/// Alpaydin's combined 5×2-fold cross-validated F (doi:10.1162/089976699300016007); none where no repetition varies.
#[must_use]
pub fn five_by_two_f(differences: &[[f64; 2]; 5]) -> Option<Test> {
    let s2 = fold_variances(differences);
    let squares: f64 = differences.iter().flatten().map(|d| d * d).sum();
    (s2 > 0.0).then(|| Test::f(squares / (2.0 * s2), 10.0, 5.0))
}

/// Nadeau and Bengio's corrected resampled t (doi:10.1023/A:1024068626366) of differences over repeated splits.
///
/// `test_over_train` is the number of test records over that of training records. None with fewer than two splits or no variation.
#[must_use]
pub fn corrected_resampled_t(differences: &[f64], test_over_train: f64) -> Option<Test> {
    let j = differences.len() as f64;
    if differences.len() < 2 {
        return None;
    }
    let mean = differences.iter().sum::<f64>() / j;
    let variance = differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (j - 1.0);
    (variance > 0.0).then(|| Test::t(mean / ((1.0 / j + test_over_train) * variance).sqrt(), j - 1.0))
}

/// Tests that all groups have the same value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homogeneity {
    /// Wald's χ², right for many PSUs only.
    pub chi_square: Test,
    /// The same as an F on the design's degrees of freedom.
    pub f: Test,
    /// F with the denominator's degrees of freedom reduced by the contrasts tested; none with fewer of them than contrasts.
    pub adjusted: Option<Test>,
}

/// Wald's test that the values of all groups are equal, given their covariance (row by row) and the design's degrees of freedom.
///
/// The adjusted F is that of Korn & Graubard 1990 (doi:10.1080/00031305.1990.10475737). None with fewer than two groups or where a
/// contrast of groups has no variance (two groups without an error, say): the statistic would be infinite or of fewer groups.
#[must_use]
pub fn homogeneity(values: &[f64], covariance: &[f64], df: f64) -> Option<Homogeneity> {
    let g = values.len();
    if g < 2 || covariance.len() != g * g || df <= 0.0 {
        return None;
    }
    // Contrasts with the last group; the statistic is the same for any other.
    let (last, q) = (g - 1, g - 1);
    let v = |a: usize, b: usize| covariance[a * g + b];
    let contrast: Vec<f64> = (0..q).map(|a| values[a] - values[last]).collect();
    let spread: Vec<f64> = (0..q * q).map(|i| (i / q, i % q)).map(|(a, b)| v(a, b) - v(a, last) - v(last, b) + v(last, last)).collect();
    let wald = quadratic_form(&contrast, &spread)?;
    let q = q as f64;
    let rest = df - q + 1.0;
    Some(Homogeneity {
        chi_square: Test::chi_square(wald, q),
        f: Test::f(wald / q, q, df),
        adjusted: (rest > 0.0).then(|| Test::f(rest / (df * q) * wald, q, rest)),
    })
}

/// x'A⁻¹x for a positive definite A by Cholesky's decomposition; none where A is singular to rounding.
fn quadratic_form(x: &[f64], a: &[f64]) -> Option<f64> {
    let n = x.len();
    let mut l = vec![0.0; n * n];
    let mut y = vec![0.0; n];
    for i in 0..n {
        for j in 0..=i {
            let inner: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
            let rest = a[i * n + j] - inner;
            if i == j {
                // What is left of the variance is rounding only.
                if rest.is_nan() || rest <= 1e-12 * a[i * n + i] || rest <= 0.0 {
                    return None;
                }
                l[i * n + i] = rest.sqrt();
            } else {
                l[i * n + j] = rest / l[j * n + j];
            }
        }
        let inner: f64 = (0..i).map(|k| l[i * n + k] * y[k]).sum();
        y[i] = (x[i] - inner) / l[i * n + i];
    }
    Some(y.iter().map(|v| v * v).sum())
}

/// Pearson's χ² that independent groups have the same proportion, from (successes, records) of each; none where it is 0 or 1 for all.
///
/// For records without a survey design; groups without records are left out.
#[must_use]
pub fn equal_proportions(groups: &[(u64, u64)]) -> Option<Test> {
    let groups: Vec<(f64, f64)> = groups.iter().filter(|g| g.1 > 0).map(|&(x, n)| (x as f64, n as f64)).collect();
    let (x, n) = groups.iter().fold((0.0, 0.0), |s, g| (s.0 + g.0, s.1 + g.1));
    if groups.len() < 2 || x <= 0.0 || x >= n {
        return None;
    }
    let p = x / n;
    let statistic = groups.iter().map(|(x, n)| (x - n * p) * (x - n * p) / (n * p * (1.0 - p))).sum();
    Some(Test::chi_square(statistic, (groups.len() - 1) as f64))
}

/// The variance of one record's paired difference, from the shares of records that only one candidate gets right.
#[must_use]
pub fn paired_variance(only_first: f64, only_second: f64) -> f64 {
    only_first + only_second - (only_first - only_second) * (only_first - only_second)
}

/// Independent records needed so that a one-sided test at `level` finds a difference of `distance` with probability `power`:
/// (z_level + z_power)²·variance/distance², times the design effect, by the normal approximation.
///
/// `variance` is of one record ([`paired_variance`] for two candidates on the same records). None where there is no distance to
/// find. For two-sided questions give 0.5 + level/2.
#[must_use]
pub fn records_needed(variance: f64, distance: f64, design_effect: f64, level: f64, power: f64) -> Option<u64> {
    let z = normal_quantile(level) + normal_quantile(power);
    let n = z * z * variance * design_effect / (distance * distance);
    (n.is_finite() && z > 0.0).then(|| n.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Lonely, Scores, Units, normal_cdf};

    fn near(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance * wanted.abs(), "{found} is not {wanted}");
    }

    // statsmodels 0.15 (mcnemar) and binom.test, mcnemar.test of R.
    #[test]
    fn mcnemar_equals_published_values() {
        let m = mcnemar(86, 150);
        near(m.exact, 3.715_94e-5, 2e-6);
        near(m.mid_p, 2.893_39e-5, 2e-6);
        near(m.chi_square.unwrap().statistic, 17.355_932, 1e-7);
        near(m.chi_square.unwrap().p, 3.099_3e-5, 1e-5);
        near(m.corrected.unwrap().statistic, 16.817_797, 1e-7);
        near(m.corrected.unwrap().p, 4.114_56e-5, 1e-6);
        let m = mcnemar(12, 3);
        near(m.exact, 0.035_156_25, 1e-14);
        near(m.mid_p, 0.021_270_8, 1e-5);
        near(m.chi_square.unwrap().statistic, 5.4, 1e-15);
        near(m.corrected.unwrap().statistic, 4.266_667, 1e-6);
        let m = mcnemar(346, 51);
        near(m.exact, 5.630_597_069_006_115e-55, 1e-11);
        near(m.corrected.unwrap().p, 2.838_467_256_002_334e-49, 1e-11);
        near(m.chi_square.unwrap().p, 1.347_276_860_162_431_7e-49, 1e-11);
        near(mcnemar(9, 3).exact, 0.145_996_093_75, 1e-14);
        assert_eq!(mcnemar(9, 3), mcnemar(3, 9));
        assert_eq!((mcnemar(4, 4).exact, mcnemar(4, 4).mid_p, mcnemar(4, 4).corrected.unwrap().p), (1.0, 1.0, 1.0));
        assert_eq!((mcnemar(0, 0).exact, mcnemar(0, 0).chi_square), (1.0, None));
        near(mcnemar(1, 0).exact, 1.0, 1e-15);
    }

    #[test]
    fn cross_validated_tests_equal_published_values() {
        let d = [[0.02, 0.03], [0.01, 0.04], [0.03, 0.01], [0.02, 0.02], [0.0, 0.03]];
        let (t, f) = (five_by_two_t(&d).unwrap(), five_by_two_f(&d).unwrap());
        near(t.statistic, 1.318_761, 1e-6);
        near(t.p, 0.244_419, 2e-6);
        near(f.statistic, 2.478_261, 1e-6);
        near(f.p, 0.164_182, 2e-6);
        let d = [0.021, 0.035, 0.012, 0.040, 0.018, 0.027, 0.031, 0.009, 0.022, 0.030];
        let t = corrected_resampled_t(&d, 1.0 / 9.0).unwrap();
        assert_eq!(t.df, 9.0);
        near(t.statistic, 5.372_698, 1e-6);
        near(corrected_resampled_t(&d, 0.0).unwrap().statistic, 7.806_350, 1e-6);
        assert_eq!(corrected_resampled_t(&[0.1, 0.1], 0.1), None);
        assert_eq!(five_by_two_t(&[[0.1, 0.1]; 5]), None);
    }

    // R survey 4.1-1, data(api): apiclus1 ("no", "yes") of each district for elementary, high and middle schools, N = 757 districts.
    #[test]
    fn homogeneity_over_groups_equals_r_survey() {
        let counts: [[(f64, f64); 3]; 15] = [
            [(0., 10.), (0., 0.), (2., 1.)],
            [(3., 31.), (0., 0.), (0., 0.)],
            [(0., 2.), (0., 1.), (1., 0.)],
            [(1., 9.), (0., 0.), (2., 1.)],
            [(1., 12.), (0., 0.), (0., 3.)],
            [(0., 2.), (0., 0.), (0., 0.)],
            [(0., 1.), (0., 0.), (0., 0.)],
            [(0., 2.), (0., 1.), (0., 1.)],
            [(0., 9.), (0., 1.), (0., 2.)],
            [(1., 15.), (1., 1.), (1., 2.)],
            [(1., 3.), (1., 3.), (0., 1.)],
            [(0., 8.), (0., 1.), (0., 2.)],
            [(5., 25.), (0., 3.), (0., 4.)],
            [(0., 1.), (0., 0.), (1., 0.)],
            [(0., 2.), (1., 0.), (1., 0.)],
        ];
        let units = Units::clusters_of_finite(vec![0; 15], vec![15.0 / 757.0], Lonely::Fail).unwrap();
        let (mut values, mut scores) = (Vec::new(), Vec::new());
        for g in 0..3 {
            let n: f64 = counts.iter().map(|c| c[g].0 + c[g].1).sum();
            let p = counts.iter().map(|c| c[g].1).sum::<f64>() / n;
            values.push(p);
            scores.push(Scores::Clusters(counts.iter().map(|c| (c[g].1 - p * (c[g].0 + c[g].1)) / n).collect()));
        }
        let covariance: Vec<f64> = (0..9).map(|i| units.covariance_of_disjoint(&scores[i / 3], &scores[i % 3])).collect();
        for (g, (p, se)) in [(0.916_666_666_7, 0.020_984_279_0), (0.785_714_285_7, 0.091_461_910_0), (0.68, 0.109_502_248_4)].into_iter().enumerate() {
            near(values[g], p, 1e-9);
            near(covariance[g * 4].sqrt(), se, 1e-8);
        }
        let gap = |a: usize, b: usize| (covariance[a * 4] + covariance[b * 4] - 2.0 * covariance[a * 3 + b]).sqrt();
        near(gap(0, 2), 0.119_972_484_6, 1e-9);
        near(gap(0, 1), 0.101_61, 2e-5);
        near(gap(1, 2), 0.105_67, 2e-5);
        let h = homogeneity(&values, &covariance, 14.0).unwrap();
        near(h.chi_square.statistic, 3.944_909, 2e-7);
        near(h.f.statistic, 1.972_455, 3e-7);
        near(h.f.p, 0.175_92, 2e-5);
        let adjusted = h.adjusted.unwrap();
        assert_eq!((adjusted.df, adjusted.denominator_df), (2.0, Some(13.0)));
        near(adjusted.statistic, 1.831_565, 3e-7);
        near(adjusted.p, 0.199_17, 3e-5);
        assert_eq!(homogeneity(&[0.5, 0.6], &[0.0; 4], 14.0), None);
        assert_eq!(homogeneity(&[0.5], &[0.1], 14.0), None);
        assert!(homogeneity(&values, &covariance, 1.0).unwrap().adjusted.is_none());
    }

    // False positive rates of COMPAS scores by race: Aequitas' copy of ProPublica's counts, chisq.test of R without correction.
    #[test]
    fn proportions_of_independent_groups_equal_r() {
        let races = [(805, 1795), (349, 1488), (87, 405), (36, 244), (2, 23), (3, 8)];
        near(equal_proportions(&races[..2]).unwrap().statistic, 163.335_2, 1e-6);
        let all = equal_proportions(&races).unwrap();
        assert_eq!(all.df, 5.0);
        near(all.statistic, 244.256_7, 1e-6);
        assert_eq!(equal_proportions(&[(0, 4), (0, 5)]), None);
        assert_eq!(equal_proportions(&[(1, 4), (0, 0)]), None);
    }

    #[test]
    fn needed_records_give_the_power_asked_for() {
        let variance = paired_variance(0.06, 0.04);
        near(variance, 0.1 - 0.0004, 1e-12);
        let n = records_needed(variance, 0.02, 1.0, 0.975, 0.8).unwrap();
        // Power of the normal test with that many records: at least 80 %, and less with one record fewer.
        let power = |n: f64| normal_cdf(0.02 / (variance / n).sqrt() - normal_quantile(0.975));
        assert!(power(n as f64) >= 0.8 && power(n as f64 - 1.0) < 0.8, "{n}");
        let clustered = records_needed(variance, 0.02, 3.0, 0.975, 0.8).unwrap();
        assert!(clustered.abs_diff(3 * n) <= 3, "{clustered}");
        assert_eq!(records_needed(variance, 0.0, 1.0, 0.975, 0.8), None);
    }
}
