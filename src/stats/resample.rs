//! Bootstrap intervals: percentile, and bias-corrected and accelerated (BCa).

use super::quantile::{normal_cdf, normal_quantile};

/// A bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapInterval {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Bias correction z₀, in standard errors; none where the interval is the percentile interval.
    pub bias: Option<f64>,
}

/// The percentile interval of replicates; none without any.
#[must_use]
pub fn percentile(replicates: &[f64], level: f64) -> Option<BootstrapInterval> {
    let sorted = sorted(replicates);
    let tail = (1.0 - level) / 2.0;
    Some(BootstrapInterval { lower: order_statistic(&sorted, tail)?, upper: order_statistic(&sorted, 1.0 - tail)?, bias: None })
}

/// Efron's bias-corrected and accelerated interval (1987, doi:10.1080/01621459.1987.10478410); none without replicates.
///
/// `acceleration` is of the same statistic under the same design ([`acceleration`]). Where all replicates are on one side of the
/// estimate, or the correction would turn the order of bounds, the percentile interval takes its place and `bias` is none.
#[must_use]
pub fn bca(estimate: f64, replicates: &[f64], acceleration: f64, level: f64) -> Option<BootstrapInterval> {
    let sorted = sorted(replicates);
    let below = sorted.partition_point(|&v| v < estimate) as f64 / sorted.len() as f64;
    if sorted.is_empty() || below <= 0.0 || below >= 1.0 {
        return percentile(replicates, level);
    }
    let z0 = normal_quantile(below);
    let corrected = |p: f64| {
        let z = z0 + normal_quantile(p);
        let shrink = 1.0 - acceleration * z;
        (shrink > 0.0).then(|| normal_cdf(z0 + z / shrink))
    };
    match (corrected((1.0 - level) / 2.0), corrected(0.5 + level / 2.0)) {
        (Some(low), Some(high)) if low < high => {
            Some(BootstrapInterval { lower: order_statistic(&sorted, low)?, upper: order_statistic(&sorted, high)?, bias: Some(z0) })
        }
        _ => percentile(replicates, level),
    }
}

/// The acceleration from the estimates without one unit each: Σl³/6(Σl²)^1.5 with l the mean of the stratum's less the unit's
/// (Efron 1987), over strata as Davison & Hinkley 1997 (doi:10.1017/CBO9780511802843), section 5.3. Zero where nothing varies.
///
/// `stratum_of` is the stratum of each unit left out; strata with one unit play no part.
#[must_use]
pub fn acceleration(without: &[f64], stratum_of: &[u32]) -> f64 {
    let strata = stratum_of.iter().map(|&h| h as usize + 1).max().unwrap_or(0);
    let (mut count, mut sum) = (vec![0.0; strata], vec![0.0; strata]);
    for (value, &h) in without.iter().zip(stratum_of) {
        count[h as usize] += 1.0;
        sum[h as usize] += value;
    }
    let (mut cubes, mut squares) = (0.0, 0.0);
    for (value, &h) in without.iter().zip(stratum_of) {
        let n: f64 = count[h as usize];
        let influence = (n - 1.0) / n * (sum[h as usize] / n - value);
        cubes += influence.powi(3);
        squares += influence.powi(2);
    }
    if squares > 0.0 { cubes / (6.0 * squares.powf(1.5)) } else { 0.0 }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The value at (n+1)·p of n sorted values, between neighbours in proportion; the ends stand for what lies beyond.
fn order_statistic(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = ((sorted.len() + 1) as f64 * p - 1.0).clamp(0.0, last as f64);
    let (low, part) = (at.floor() as usize, at.fract());
    Some(sorted[low] + part * (sorted[(low + 1).min(last)] - sorted[low]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    /// Efron & Tibshirani 1993, table 14.1: spatial test A of 26 children.
    const SPATIAL: [f64; 26] = [48., 36., 20., 29., 42., 42., 20., 42., 22., 41., 45., 14., 6., 0., 33., 28., 34., 4., 32., 24., 47., 41., 24., 26., 30., 41.];
    /// The same book, table 3.1: law schools, average test score and grade.
    const LAW: [(f64, f64); 15] = [
        (576., 3.39),
        (635., 3.30),
        (558., 2.81),
        (578., 3.03),
        (666., 3.44),
        (580., 3.07),
        (555., 3.00),
        (661., 3.43),
        (651., 3.36),
        (605., 3.13),
        (653., 3.12),
        (575., 2.74),
        (545., 2.76),
        (572., 2.88),
        (594., 2.96),
    ];

    fn plug_in_variance(x: &[f64]) -> f64 {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        x.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / x.len() as f64
    }

    fn correlation(pairs: &[(f64, f64)]) -> f64 {
        let n = pairs.len() as f64;
        let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
        let s = pairs.iter().fold((0.0, 0.0, 0.0), |s, p| {
            let (x, y) = (p.0 - mx, p.1 - my);
            (s.0 + x * x, s.1 + y * y, s.2 + x * y)
        });
        s.2 / (s.0 * s.1).sqrt()
    }

    fn without<T: Copy>(all: &[T], statistic: impl Fn(&[T]) -> f64) -> Vec<f64> {
        (0..all.len())
            .map(|i| {
                let rest: Vec<T> = all.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, v)| *v).collect();
                statistic(&rest)
            })
            .collect()
    }

    #[test]
    fn accelerations_equal_published_ones() {
        let a = acceleration(&without(&SPATIAL, plug_in_variance), &[0; 26]);
        assert!((a - 0.061_240_119_8).abs() < 1e-10, "{a}");
        let left = without(&LAW, correlation);
        let a = acceleration(&left, &[0; 15]);
        assert!((correlation(&LAW) - 0.776_374_491_3).abs() < 1e-10);
        assert!((a + 0.075_671_564_9).abs() < 1e-10, "{a}");
        assert_eq!(acceleration(&[1.0, 1.0], &[0, 0]), 0.0);
        // Two strata of the same units: half the skewness over √2.
        let twice: Vec<f64> = left.iter().chain(&left).copied().collect();
        let strata: Vec<u32> = (0..30).map(|i| u32::from(i >= 15)).collect();
        assert!((acceleration(&twice, &strata) - a / 2.0_f64.sqrt()).abs() < 1e-12);
    }

    // NumPy 2.4, 3·10⁶ replicates: 90 % BCa (115.7, 261.2), percentile (97.8, 235.7), z0 0.177; 20,000 of R boot gave (116.2, 264.0).
    #[test]
    fn intervals_are_those_of_many_replicates_elsewhere() {
        let estimate = plug_in_variance(&SPATIAL);
        assert!((estimate - 171.534_023_7).abs() < 1e-7);
        let mut stream = Stream::named(1, "boot");
        let draw = |stream: &mut Stream| plug_in_variance(&(0..26).map(|_| SPATIAL[stream.below(26) as usize]).collect::<Vec<_>>());
        let replicates: Vec<f64> = (0..20_000).map(|_| draw(&mut stream)).collect();
        let plain = percentile(&replicates, 0.9).unwrap();
        assert!((plain.lower - 97.8).abs() < 1.5 && (plain.upper - 235.7).abs() < 1.5, "{plain:?}");
        let a = acceleration(&without(&SPATIAL, plug_in_variance), &[0; 26]);
        let corrected = bca(estimate, &replicates, a, 0.9).unwrap();
        assert!((corrected.lower - 115.7).abs() < 2.0 && (corrected.upper - 261.2).abs() < 3.0, "{corrected:?}");
        assert!((corrected.bias.unwrap() - 0.177).abs() < 0.03, "{corrected:?}");
    }

    #[test]
    fn falls_back_to_percentiles_and_never_beyond_the_replicates() {
        let replicates: Vec<f64> = (1..=19).map(f64::from).collect();
        let plain = percentile(&replicates, 0.9).unwrap();
        assert!((plain.lower - 1.0).abs() < 1e-12 && (plain.upper - 19.0).abs() < 1e-12, "{plain:?}");
        assert_eq!(bca(0.0, &replicates, 0.1, 0.9), Some(plain));
        assert_eq!(bca(30.0, &replicates, 0.1, 0.9), Some(plain));
        // Without bias and acceleration BCa is the percentile interval: 9.5 has nine of eighteen below.
        let even = &replicates[..18];
        let (b, p) = (bca(9.5, even, 0.0, 0.8).unwrap(), percentile(even, 0.8).unwrap());
        assert!((b.lower - p.lower).abs() < 1e-9 && (b.upper - p.upper).abs() < 1e-9, "{b:?} {p:?}");
        assert_eq!((percentile(&[], 0.9), bca(1.0, &[], 0.0, 0.9)), (None, None));
    }
}
