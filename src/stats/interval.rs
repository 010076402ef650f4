//! Intervals for proportions and their differences.

use super::quantile::{beta_quantile, normal_quantile, t_quantile};

/// Two-sided probability of one tail.
fn upper_tail(level: f64) -> f64 {
    0.5 + level / 2.0
}

/// Wilson score interval of a proportion `p` in `n` independent records (Wilson 1927, doi:10.1080/01621459.1927.10502953).
#[must_use]
pub fn wilson(p: f64, n: f64, level: f64) -> (f64, f64) {
    let z = normal_quantile(upper_tail(level));
    let z2 = z * z;
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let centre = p + z2 / (2.0 * n);
    let scale = 1.0 + z2 / n;
    // At p = 0 and p = 1 the bound is exact; rounding must not move it.
    let lower = if p <= 0.0 { 0.0 } else { ((centre - half) / scale).max(0.0) };
    let upper = if p >= 1.0 { 1.0 } else { ((centre + half) / scale).min(1.0) };
    (lower, upper)
}

/// Clopper–Pearson interval of `x` successes in `n` (neither need be whole) (doi:10.1093/biomet/26.4.404).
#[must_use]
pub fn clopper_pearson(x: f64, n: f64, level: f64) -> (f64, f64) {
    let tail = 1.0 - upper_tail(level);
    let lower = if x <= 0.0 { 0.0 } else { beta_quantile(tail, x, n - x + 1.0) };
    let upper = if x >= n { 1.0 } else { beta_quantile(1.0 - tail, x + 1.0, n - x) };
    (lower, upper)
}

/// Newcombe's hybrid score interval of p₁ − p₂ for independent proportions (method 10, doi:10.1002/sim.4780170805).
#[must_use]
pub fn newcombe(p1: f64, n1: f64, p2: f64, n2: f64, level: f64) -> (f64, f64) {
    let (l1, u1) = wilson(p1, n1, level);
    let (l2, u2) = wilson(p2, n2, level);
    let d = p1 - p2;
    (d - ((p1 - l1).powi(2) + (u2 - p2).powi(2)).sqrt(), d + ((u1 - p1).powi(2) + (p2 - l2).powi(2)).sqrt())
}

/// Effective size of Korn and Graubard: p(1−p)/V, adjusted from the design's degrees of freedom to those of `n` records.
///
/// Needs 0 < p < 1, V > 0, n > 1 and df ≥ 1.
#[must_use]
pub fn effective_size(p: f64, variance: f64, n: f64, df: f64, level: f64) -> f64 {
    let adjust = t_quantile(upper_tail(level), n - 1.0) / t_quantile(upper_tail(level), df);
    p * (1.0 - p) / variance * adjust * adjust
}

/// Korn–Graubard interval: Clopper–Pearson on the effective size (Korn & Graubard 1998; R survey `svyciprop(method = "beta")`).
#[must_use]
pub fn korn_graubard(p: f64, variance: f64, n: f64, df: f64, level: f64) -> (f64, f64) {
    // Where the sampled units hardly differ the size grows without bound; beyond 1e9 the interval is a point to any reader.
    let effective = effective_size(p, variance, n, df, level).min(1e9);
    clopper_pearson(effective * p, effective, level)
}

/// One-sided upper Clopper–Pearson bound of the probability of `k` events in `n` records.
#[must_use]
pub fn clopper_pearson_upper(k: f64, n: f64, level: f64) -> f64 {
    if k >= n { 1.0 } else { beta_quantile(level, k + 1.0, n - k) }
}

/// Student's t interval: value ± t·se. For a mean, a difference or any estimate of a symmetric error.
#[must_use]
pub fn student_t(value: f64, se: f64, df: f64, level: f64) -> (f64, f64) {
    let half = t_quantile(upper_tail(level), df) * se;
    (value - half, value + half)
}

/// Student's t interval of a proportion on the logit scale, so that it stays within 0 to 1 (R survey `svyciprop(method = "logit")`).
///
/// None where the proportion is 0 or 1: it has no logit.
#[must_use]
pub fn logit_t(p: f64, se: f64, df: f64, level: f64) -> Option<(f64, f64)> {
    if p <= 0.0 || p >= 1.0 {
        return None;
    }
    let half = t_quantile(upper_tail(level), df) * se / (p * (1.0 - p));
    let logit = (p / (1.0 - p)).ln();
    let back = |x: f64| 1.0 / (1.0 + (-x).exp());
    Some((back(logit - half), back(logit + half)))
}

/// Interval of the ratio p₁/p₂ of independent proportions, x of n each, on the log scale (Katz et al. 1978, doi:10.2307/2530610).
///
/// None where either has no event.
#[must_use]
pub fn log_ratio((x1, n1): (f64, f64), (x2, n2): (f64, f64), level: f64) -> Option<(f64, f64)> {
    if x1 <= 0.0 || x2 <= 0.0 {
        return None;
    }
    let se = (1.0 / x1 - 1.0 / n1 + 1.0 / x2 - 1.0 / n2).max(0.0).sqrt();
    let (ratio, half) = (x1 / n1 * n2 / x2, normal_quantile(upper_tail(level)) * se);
    Some((ratio * (-half).exp(), ratio * half.exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: (f64, f64), wanted: (f64, f64), tolerance: f64) {
        assert!((found.0 - wanted.0).abs() <= tolerance && (found.1 - wanted.1).abs() <= tolerance, "{found:?} is not {wanted:?}");
    }

    // Newcombe 1998, tables I and II, and statsmodels 0.15.
    #[test]
    fn proportion_intervals_equal_published_ones() {
        near(wilson(81.0 / 263.0, 263.0, 0.95), (0.255_289, 0.366_210), 5e-7);
        near(wilson(15.0 / 148.0, 148.0, 0.95), (0.062_386, 0.160_487), 5e-7);
        near(wilson(0.0, 20.0, 0.95), (0.0, 0.161_125), 5e-7);
        near(wilson(1.0, 10.0, 0.95), (0.722_467_200_137_110_6, 1.0), 1e-12);
        near(clopper_pearson(81.0, 263.0, 0.95), (0.252_737, 0.367_622), 5e-7);
        near(clopper_pearson(1.0, 29.0, 0.95), (0.000_873, 0.177_644), 5e-7);
        near(clopper_pearson(0.0, 10.0, 0.95), (0.0, 0.308_497_107_818_760_83), 1e-12);
        near(clopper_pearson(1.0, 7.0, 0.95), (0.003_610_296_861_900_583_3, 0.578_723_197_043_195_2), 1e-12);
        near(newcombe(56.0 / 70.0, 70.0, 48.0 / 80.0, 80.0, 0.95), (0.052_431, 0.333_873), 5e-7);
        near(newcombe(0.9, 10.0, 0.3, 10.0, 0.95), (0.170_523, 0.809_018), 5e-7);
    }

    // R survey 4.1-1, svyciprop(method = "beta") on the toy design T3 (df 2, eight records).
    #[test]
    fn korn_graubard_equals_r_survey() {
        let se: f64 = 0.232_688_862_265;
        near(korn_graubard(0.619_047_619_048, se * se, 8.0, 2.0, 0.95), (0.007_019_284_2, 0.999_684_550_9), 1e-9);
    }

    // R survey 4.1-1: svyciprop logit and mean on the toy design T3 and on 8,643 coded records in 2,406 clusters and 7 strata.
    #[test]
    fn t_intervals_equal_r_survey() {
        near(logit_t(13.0 / 21.0, 0.232_688_862_265, 2.0, 0.95).unwrap(), (0.022_756_661_4, 0.991_258_498_8), 1e-9);
        let (p, se) = (0.774_768_089_053_803, 0.005_559_627_897_261_18);
        near(logit_t(p, se, 2399.0, 0.95).unwrap(), (0.763_679_168_685_993, 0.785_482_841_910_761), 1e-8);
        near(student_t(p, se, 2399.0, 0.95), (0.763_865_918_195_532, 0.785_670_259_912_075), 1e-12);
        assert_eq!(logit_t(1.0, 0.0, 10.0, 0.95), None);
        // dclus1 of data(api), df 14.
        near(logit_t(0.874_316_939_9, 0.020_359_477_2, 14.0, 0.95).unwrap(), (0.823_798_892_4, 0.911_900_077_0), 1e-8);
        near(student_t(0.874_316_939_9, 0.020_359_477_2, 14.0, 0.95), (0.830_650_204_1, 0.917_983_675_7), 1e-9);
    }

    // Newcombe 1998 and statsmodels: one-sided bounds; ProPublica's COMPAS counts: false positives of two groups.
    #[test]
    fn bounds_and_ratios_equal_published_ones() {
        for (k, n, bound) in [(0.0, 100.0, 0.029_513_0), (2.0, 100.0, 0.061_619_2), (5.0, 200.0, 0.051_843_3)] {
            assert!((clopper_pearson_upper(k, n, 0.95) - bound).abs() < 5e-8, "{k} of {n}");
        }
        assert_eq!(clopper_pearson_upper(3.0, 3.0, 0.95), 1.0);
        near(log_ratio((805.0, 1795.0), (349.0, 1488.0), 0.95).unwrap(), (1.721_24, 2.124_11), 5e-6);
        near(newcombe(805.0 / 1795.0, 1795.0, 349.0 / 1488.0, 1488.0, 0.95), (0.182_053, 0.245_023), 5e-7);
        assert_eq!(log_ratio((0.0, 10.0), (3.0, 10.0), 0.95), None);
    }
}
