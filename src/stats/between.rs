//! How much groups really differ: variance between them without the noise, shrunken values, and the gap that noise alone makes.

use super::quantile::normal_cdf;
use super::tail::chi_square_upper;

/// The variance of values between groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    /// Sample variance of the values as they are.
    pub raw: f64,
    /// Mean sampling variance of the values.
    pub noise: f64,
    /// Raw less noise: unbiased for independent groups, and below zero where the values differ less than noise would make them.
    pub corrected: f64,
    /// The corrected variance, or zero where that is below zero.
    pub truncated: f64,
}

/// The variance between groups without sampling noise, from values and their sampling variances; none with fewer than two groups.
///
/// Σ(m−m̄)²/(G−1) − ΣV/G, the idea of Lum, Zhang & Bower 2022 (doi:10.1145/3531146.3533105).
#[must_use]
pub fn between_groups(values: &[f64], variances: &[f64]) -> Option<Between> {
    let g = values.len() as f64;
    if values.len() < 2 || variances.len() != values.len() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / g;
    let raw = values.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / (g - 1.0);
    let noise = variances.iter().sum::<f64>() / g;
    Some(Between { raw, noise, corrected: raw - noise, truncated: (raw - noise).max(0.0) })
}

/// Values of groups drawn towards their common mean as far as noise explains their spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunken {
    /// Cochran's Q: Σ(m−m̂)²/V about the precision-weighted mean.
    pub q: f64,
    /// Variance between groups, τ².
    pub between: f64,
    /// Mean with weights 1/(V + τ²).
    pub mean: f64,
    /// The shrunken values: B·m + (1−B)·mean with B = τ²/(τ² + V). For ranking groups, never for judging one.
    pub values: Vec<f64>,
}

/// DerSimonian and Laird's variance between groups (doi:10.1016/0197-2456(86)90046-2) and values shrunken by it.
///
/// None with fewer than two groups, or where a sampling variance is not positive: such a group would have all the weight. Give those
/// a variance that is not zero (from an interval of the group's size), or leave them out and say so.
#[must_use]
pub fn shrunken(values: &[f64], variances: &[f64]) -> Option<Shrunken> {
    let g = values.len();
    if g < 2 || variances.len() != g || variances.iter().any(|v| v.is_nan() || *v <= 0.0) {
        return None;
    }
    let weighted_mean = |tau2: f64| {
        let (sum, weight) = values.iter().zip(variances).fold((0.0, 0.0), |s, (m, v)| (s.0 + m / (v + tau2), s.1 + 1.0 / (v + tau2)));
        sum / weight
    };
    let common = weighted_mean(0.0);
    let q: f64 = values.iter().zip(variances).map(|(m, v)| (m - common) * (m - common) / v).sum();
    let (weight, square) = variances.iter().fold((0.0, 0.0), |s, v| (s.0 + 1.0 / v, s.1 + 1.0 / (v * v)));
    let between = ((q - (g - 1) as f64) / (weight - square / weight)).max(0.0);
    let mean = weighted_mean(between);
    let values = values.iter().zip(variances).map(|(m, v)| mean + between / (between + v) * (m - mean)).collect();
    Some(Shrunken { q, between, mean, values })
}

/// Welch's correction for variances that are estimated themselves (1951, doi:10.1093/biomet/38.3-4.330).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Welch {
    /// What Σω(m−m̂)²/(G−1), and so Wald's statistic over G − 1, is to be divided by; at least 1.
    pub factor: f64,
    /// Degrees of freedom of the denominator.
    pub df: f64,
}

/// Welch's correction of a test that groups are alike, from the sampling variances and their degrees of freedom; none with fewer than two groups.
#[must_use]
pub fn welch(variances: &[f64], df: &[f64]) -> Option<Welch> {
    let g = variances.len() as f64;
    if variances.len() < 2 || df.len() != variances.len() || variances.iter().chain(df).any(|v| v.is_nan() || *v <= 0.0) {
        return None;
    }
    let all: f64 = variances.iter().map(|v| 1.0 / v).sum();
    let sum: f64 = variances.iter().zip(df).map(|(v, df)| (1.0 - 1.0 / v / all).powi(2) / df).sum();
    Some(Welch { factor: 1.0 + 2.0 * (g - 2.0) / (g * g - 1.0) * sum, df: (g * g - 1.0) / (3.0 * sum) })
}

/// The Q-profile interval of the variance between groups τ² (Viechtbauer 2007, doi:10.1002/sim.2514): the values under which
/// Q(τ²) = Σ(m−m̂)²/(V+τ²) is neither too large nor too small for χ² with G − 1 degrees of freedom.
///
/// Independent normal values with known sampling variances are assumed. None as [`shrunken`]; (0, 0) where even 0 is too large.
#[must_use]
pub fn between_interval(values: &[f64], variances: &[f64], level: f64) -> Option<(f64, f64)> {
    let g = values.len();
    if g < 2 || variances.len() != g || variances.iter().any(|v| v.is_nan() || *v <= 0.0) {
        return None;
    }
    let q = |tau2: f64| {
        let (sum, weight) = values.iter().zip(variances).fold((0.0, 0.0), |s, (m, v)| (s.0 + m / (v + tau2), s.1 + 1.0 / (v + tau2)));
        let mean = sum / weight;
        values.iter().zip(variances).map(|(m, v)| (m - mean) * (m - mean) / (v + tau2)).sum::<f64>()
    };
    let df = (g - 1) as f64;
    // P(χ² > Q(τ²)) grows with τ²: find where it reaches a probability.
    let reach = |p: f64| {
        if chi_square_upper(q(0.0), df) >= p {
            return 0.0;
        }
        let mut high = variances.iter().copied().fold(0.0, f64::max);
        while chi_square_upper(q(high), df) < p && high < 1e12 {
            high *= 4.0;
        }
        let mut low = 0.0;
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if chi_square_upper(q(middle), df) < p { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    };
    Some((reach(0.5 - level / 2.0), reach(0.5 + level / 2.0)))
}

/// E[max − min] of independent groups that are in truth equal, from the standard errors of their values: the gap that noise alone makes.
///
/// ∫ 1 − ΠΦ(x/σ) − Π(1−Φ(x/σ)) dx; with equal errors σ·d₂ (Tippett 1925, doi:10.1093/biomet/17.3-4.364). Normal errors are assumed.
#[must_use]
pub fn expected_gap_of_equals(se: &[f64]) -> f64 {
    let widest = se.iter().copied().fold(0.0, f64::max);
    if se.len() < 2 || widest <= 0.0 {
        return 0.0;
    }
    let f = |x: f64| {
        // Groups without an error stand at 0.
        let below = |s: f64| if s > 0.0 { normal_cdf(x / s) } else { f64::from(x >= 0.0) };
        let (all_below, all_above) = se.iter().map(|&s| below(s)).fold((1.0, 1.0), |(a, b), p| (a * p, b * (1.0 - p)));
        1.0 - all_below - all_above
    };
    // Simpson's rule over ±10 of the widest error, either side of 0 apart: narrow groups step there.
    let half = |from: f64, to: f64| {
        let panels = 4000;
        let width = (to - from) / f64::from(panels);
        let inner: f64 = (1..panels).map(|i| f(from + f64::from(i) * width) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
        (f(from) + inner + f(to)) * width / 3.0
    };
    half(-10.0 * widest, -1e-300) + half(1e-300, 10.0 * widest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::expected_range_of_normals;
    use crate::value::Stream;

    fn near(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance, "{found} is not {wanted}");
    }

    /// False positive rates of COMPAS scores by race (ProPublica's counts, as Aequitas has them): (wrong, records) of African-American,
    /// Caucasian, Hispanic, other, Asian, Native American; variances p(1−p)/(n−1).
    fn compas() -> (Vec<f64>, Vec<f64>) {
        [(805.0, 1795.0), (349.0, 1488.0), (87.0, 405.0), (36.0, 244.0), (2.0, 23.0), (3.0, 8.0)]
            .into_iter()
            .map(|(x, n): (f64, f64)| (x / n, x / n * (1.0 - x / n) / (n - 1.0)))
            .unzip()
    }

    #[test]
    fn variance_between_groups_is_without_noise() {
        let (values, variances) = compas();
        let b = between_groups(&values, &variances).unwrap();
        near(b.raw, 0.018_712_7, 5e-8);
        near(b.noise, 0.006_380_8, 5e-8);
        near(b.corrected, 0.012_331_9, 5e-8);
        near(b.truncated.sqrt(), 0.111_049, 5e-7);
        let none = between_groups(&[0.5, 0.51], &[0.01, 0.01]).unwrap();
        assert!(none.corrected < 0.0 && none.truncated == 0.0, "{none:?}");
        assert_eq!(between_groups(&[0.5], &[0.01]), None);
    }

    #[test]
    fn shrunken_values_equal_published_ones() {
        let (values, variances) = compas();
        let s = shrunken(&values, &variances).unwrap();
        near(s.q, 270.377_4, 5e-5);
        near(s.between, 0.019_388_8, 5e-8);
        near(s.mean, 0.241_426, 5e-7);
        for (found, wanted) in s.values.iter().zip([0.447_006, 0.234_586, 0.215_376, 0.149_982, 0.111_196, 0.290_410]) {
            near(*found, wanted, 5e-7);
        }
        // No more spread than noise: everything is the common mean.
        let same = shrunken(&[0.5, 0.51], &[0.01, 0.01]).unwrap();
        assert_eq!((same.between, same.values.clone()), (0.0, vec![same.mean; 2]));
        assert_eq!(shrunken(&[0.5, 1.0], &[0.01, 0.0]), None);
    }

    // statsmodels 0.15, anova_oneway(use_var="unequal") of the three samples.
    #[test]
    fn welchs_correction_makes_walds_test_that_of_welch() {
        let samples: [&[f64]; 3] = [&[1.0, 2.0, 4.0, 3.5, 2.2], &[2.5, 6.0, 3.0, 7.5], &[4.0, 4.2, 3.9, 4.4, 4.1, 4.3]];
        let n = samples.map(|s| s.len() as f64);
        let mean = samples.map(|s| s.iter().sum::<f64>() / s.len() as f64);
        let variance: Vec<f64> = (0..3).map(|i| samples[i].iter().map(|x| (x - mean[i]) * (x - mean[i])).sum::<f64>() / (n[i] - 1.0) / n[i]).collect();
        let covariance: Vec<f64> = (0..9).map(|i| if i / 3 == i % 3 { variance[i / 3] } else { 0.0 }).collect();
        let wald = crate::stats::homogeneity(&mean, &covariance, 1e9).unwrap();
        let w = welch(&variance, &n.map(|n| n - 1.0)).unwrap();
        near(wald.f.statistic / w.factor, 3.933_938_060_973_543_5, 1e-7);
        near(w.df, 4.669_062_275_894_925, 1e-9);
        assert_eq!(welch(&[0.1], &[3.0]), None);
    }

    // Thirteen trials of the BCG vaccine, log relative risks: R metafor gives τ² in 0.1197 to 1.1115; more digits from scipy's χ² and root finder.
    #[test]
    fn interval_of_the_variance_between_groups_equals_metafors() {
        let counts = [
            (4.0, 119.0, 11.0, 128.0),
            (6.0, 300.0, 29.0, 274.0),
            (3.0, 228.0, 11.0, 209.0),
            (62.0, 13536.0, 248.0, 12619.0),
            (33.0, 5036.0, 47.0, 5761.0),
            (180.0, 1361.0, 372.0, 1079.0),
            (8.0, 2537.0, 10.0, 619.0),
            (505.0, 87886.0, 499.0, 87892.0),
            (29.0, 7470.0, 45.0, 7232.0),
            (17.0, 1699.0, 65.0, 1600.0),
            (186.0, 50448.0, 141.0, 27197.0),
            (5.0, 2493.0, 3.0, 2338.0),
            (27.0, 16886.0, 29.0, 17825.0),
        ];
        let (values, variances): (Vec<f64>, Vec<f64>) = counts
            .into_iter()
            .map(|(a, b, c, d): (f64, f64, f64, f64)| ((a / (a + b)).ln() - (c / (c + d)).ln(), 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d)))
            .unzip();
        let (lower, upper) = between_interval(&values, &variances, 0.95).unwrap();
        near(lower, 0.119_718_361_141, 1e-9);
        near(upper, 1.111_479_084_061, 1e-9);
        near(shrunken(&values, &variances).unwrap().between, 0.308_760_262_862, 1e-9);
        // Alike beyond what noise allows for: nothing between them.
        assert_eq!(between_interval(&[0.5, 0.5, 0.5], &[0.01; 3], 0.95).unwrap().0, 0.0);
        assert_eq!(between_interval(&[0.5], &[0.01], 0.95), None);
    }

    #[test]
    fn gap_of_equal_groups_is_what_noise_makes() {
        for g in [2, 3, 10, 50] {
            near(expected_gap_of_equals(&vec![0.03; g]), 0.03 * expected_range_of_normals(g), 1e-12);
        }
        // Twenty groups of 30 records at 80 %: normal approximation .273.
        near(expected_gap_of_equals(&[(0.16_f64 / 30.0).sqrt(); 20]), 0.273, 5e-4);
        // Unequal errors, one of them none: against draws.
        let se = [0.05, 0.01, 0.0, 0.02, 0.08];
        let mut stream = Stream::named(3, "gap");
        let gap = |stream: &mut Stream| {
            let x: Vec<f64> = se.iter().map(|s| s * stream.normal()).collect();
            x.iter().copied().fold(f64::MIN, f64::max) - x.iter().copied().fold(f64::MAX, f64::min)
        };
        let mean = (0..200_000).map(|_| gap(&mut stream)).sum::<f64>() / 200_000.0;
        near(expected_gap_of_equals(&se), mean, 5e-4);
        assert_eq!((expected_gap_of_equals(&[0.1]), expected_gap_of_equals(&[0.0, 0.0])), (0.0, 0.0));
    }
}
