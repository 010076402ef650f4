//! The largest difference and the smallest ratio among many groups, with intervals that cover all pairs at once.

use super::quantile::{normal_cdf, t_quantile};

/// The extreme pair of groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pairwise {
    /// Position of the group with the higher value.
    pub high: usize,
    /// Position of the group with the lower value.
    pub low: usize,
    /// The difference or ratio of their values.
    pub value: f64,
    /// Standard error of that difference, or of the logarithm of that ratio.
    pub se: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Student's t at the Šidák level for all pairs of `groups` (doi:10.1080/01621459.1967.10482935).
#[must_use]
pub fn sidak_quantile(groups: usize, df: f64, level: f64) -> f64 {
    sidak_quantile_of((groups * (groups - 1) / 2) as u64, df, level)
}

/// Student's t at the Šidák level for so many comparisons; for one where there are none.
#[must_use]
pub fn sidak_quantile_of(comparisons: u64, df: f64, level: f64) -> f64 {
    t_quantile(0.5 + level.powf(1.0 / comparisons.max(1) as f64) / 2.0, df)
}

/// The largest difference among `values` with standard errors of pairs from `variance_of_difference(a, b)`.
///
/// The interval is [max (|d|−q·se)₊, max (|d|+t·se)] over all pairs, q Student's t at the Šidák level for all of them and t that for one,
/// each with the pair's own degrees of freedom. Below, all pairs compete, so all must be covered at once; above, the largest difference
/// is that of one pair, whichever it is, and the largest of the upper bounds is not below that pair's. None with fewer than two groups.
#[must_use]
pub fn largest_gap(values: &[f64], variance_of_difference: impl Fn(usize, usize) -> f64, df: impl Fn(usize, usize) -> f64, level: f64) -> Option<Pairwise> {
    extreme(values, variance_of_difference, quantiles(values.len(), df, level))
}

/// Student's t for all pairs at once and for one, with each pair's degrees of freedom.
fn quantiles(groups: usize, df: impl Fn(usize, usize) -> f64, level: f64) -> impl FnMut(usize, usize) -> (f64, f64) {
    // Pairs share degrees of freedom where records are the units of one size.
    let mut known: Option<(f64, (f64, f64))> = None;
    move |a, b| {
        let df = df(a, b);
        match known {
            Some((before, found)) if before == df => found,
            _ => {
                let found = (sidak_quantile(groups.max(2), df, level), t_quantile(0.5 + level / 2.0, df));
                known = Some((df, found));
                found
            }
        }
    }
}

/// As [`largest_gap`], with a critical value from elsewhere: of max-T over pairs, or Tukey's studentised range over √2.
#[must_use]
pub fn largest_gap_at(values: &[f64], variance_of_difference: impl Fn(usize, usize) -> f64, critical: f64) -> Option<Pairwise> {
    extreme(values, variance_of_difference, |_, _| (critical, critical))
}

/// The smallest ratio among positive `values`, with variances of differences of logarithms from `variance_of_log_ratio(a, b)`.
#[must_use]
pub fn smallest_ratio(values: &[f64], variance_of_log_ratio: impl Fn(usize, usize) -> f64, df: impl Fn(usize, usize) -> f64, level: f64) -> Option<Pairwise> {
    if values.iter().any(|&v| v <= 0.0) {
        return None;
    }
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    extreme(&logs, variance_of_log_ratio, quantiles(values.len(), df, level)).map(|p| Pairwise {
        value: (-p.value).exp(),
        lower: (-p.upper).exp(),
        upper: (-p.lower).exp(),
        ..p
    })
}

/// `quantile` gives the factors of the standard error below and above.
fn extreme(values: &[f64], variance: impl Fn(usize, usize) -> f64, mut quantile: impl FnMut(usize, usize) -> (f64, f64)) -> Option<Pairwise> {
    if values.len() < 2 {
        return None;
    }
    let mut found: Option<Pairwise> = None;
    let (mut lower, mut upper) = (0.0_f64, 0.0_f64);
    for a in 0..values.len() {
        for b in a + 1..values.len() {
            let (high, low) = if values[a] >= values[b] { (a, b) } else { (b, a) };
            let d = values[high] - values[low];
            let se = variance(a, b).max(0.0).sqrt();
            let (below, above) = quantile(a, b);
            lower = lower.max(d - below * se);
            upper = upper.max(d + above * se);
            if found.is_none_or(|f| d > f.value) {
                found = Some(Pairwise { high, low, value: d, se, lower: 0.0, upper: 0.0 });
            }
        }
    }
    found.map(|f| Pairwise { lower, upper, ..f })
}

/// Satterthwaite's degrees of freedom of the sum of two variances (1946, doi:10.2307/3002019): each with its own, as (variance, degrees of freedom).
#[must_use]
pub fn satterthwaite(a: (f64, f64), b: (f64, f64)) -> f64 {
    let sum = a.0 + b.0;
    sum * sum / (a.0 * a.0 / a.1 + b.0 * b.0 / b.1)
}

/// E[max − min] of `groups` independent standard normal values (Tippett 1925, doi:10.1093/biomet/17.3-4.364):
/// d₂ = ∫ 1 − Φᴳ − (1−Φ)ᴳ dx.
#[must_use]
pub fn expected_range_of_normals(groups: usize) -> f64 {
    if groups < 2 {
        return 0.0;
    }
    let g = groups as f64;
    let f = |x: f64| {
        let p = normal_cdf(x);
        1.0 - p.powf(g) - (1.0 - p).powf(g)
    };
    // Simpson's rule over ±10 with 2,000 panels: the integrand vanishes outside and is smooth within.
    let (panels, width) = (2000, 20.0 / 2000.0);
    let inner: f64 = (1..panels).map(|i| f(-10.0 + f64::from(i) * width) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
    (f(-10.0) + inner + f(10.0)) * width / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    // Control-chart constants d2, as tabulated since Tippett 1925.
    #[test]
    fn expected_ranges_equal_the_tabulated_ones() {
        for (g, d2) in [(3, 1.6926), (4, 2.0588), (5, 2.3259), (10, 3.0775), (20, 3.7350), (50, 4.4981), (100, 5.0152)] {
            assert!((expected_range_of_normals(g) - d2).abs() < 5e-5, "{g}");
        }
    }

    // Šidák z at 95 %: 3 tests 2.3877, 45 tests 3.2537.
    #[test]
    fn interval_covers_all_pairs_and_includes_zero_when_nothing_differs() {
        let many = |_, _| f64::INFINITY;
        let gap = largest_gap(&[0.8, 0.7, 0.75], |_, _| 0.01, many, 0.95).unwrap();
        assert_eq!((gap.high, gap.low, gap.lower), (0, 1, 0.0));
        assert!((gap.upper - (0.1 + 1.959_964 * 0.1)).abs() < 1e-6, "{gap:?}");
        let clear = largest_gap(&[0.8, 0.5, 0.75], |_, _| 0.01, many, 0.95).unwrap();
        assert!((clear.lower - (0.3 - 2.3877 * 0.1)).abs() < 1e-5, "{clear:?}");
        let tukey = largest_gap_at(&[0.8, 0.7, 0.75], |_, _| 0.01, 2.0).unwrap();
        assert!((tukey.upper - 0.3).abs() < 1e-15 && tukey.value == gap.value, "{tukey:?}");
        assert!((sidak_quantile(10, f64::INFINITY, 0.95) - 3.2537).abs() < 5e-5);
        let ratio = smallest_ratio(&[0.8, 0.4], |_, _| 0.0001, many, 0.95).unwrap();
        assert!((ratio.value - 0.5).abs() < 1e-15 && ratio.lower < 0.5 && ratio.upper > 0.5 && ratio.upper < 0.52, "{ratio:?}");
        assert_eq!(smallest_ratio(&[0.8, 0.0], |_, _| 0.0001, many, 0.95), None);
        assert_eq!(largest_gap(&[0.8], |_, _| 0.0, many, 0.95), None);
    }
}
