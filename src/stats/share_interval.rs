//! The interval of a corrected share, which must hold for rare codes and few PSUs.

use super::quantile::t_quantile;

/// The degrees of freedom that a variance estimated from these scores of sampled units has: 2m/(κ̂ − 1), the moment match of a
/// variance estimate to χ² (Satterthwaite 1946, doi:10.2307/3002019), κ̂ = m Σz⁴/(Σz²)²; at most m − 1. None without scores.
///
/// A share of a rare code hangs on few units, and its variance is known as badly as from that few.
#[must_use]
pub fn effective_df(scores: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut m, mut square, mut fourth) = (0.0, 0.0, 0.0);
    for z in scores {
        m += 1.0;
        square += z * z;
        fourth += z.powi(4);
    }
    if m < 2.0 || square <= 0.0 {
        return None;
    }
    let kurtosis = m * fourth / (square * square);
    let most = m - 1.0;
    Some(if kurtosis <= 1.0 { most } else { (2.0 * m / (kurtosis - 1.0)).clamp(1.0, most) })
}

/// What is added to the variance of a share corrected with `size` effective audited records: half a record more that wrongly has the code and
/// half a record more that wrongly lacks it (Agresti & Min 2005, doi:10.1002/sim.1781), so that an audit without errors does not claim to
/// know the share exactly.
#[must_use]
pub fn unseen_errors(size: f64) -> f64 {
    1.0 / (size * size)
}

/// Estimate plus and minus Student's t times the standard error.
#[must_use]
pub fn share_interval(value: f64, variance: f64, df: f64, level: f64) -> (f64, f64) {
    let half = t_quantile(0.5 + level / 2.0, df.max(1.0)) * variance.max(0.0).sqrt();
    (value - half, value + half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{normal_quantile, student_t};
    use crate::value::Stream;

    // The variance of an estimated variance of m normal draws is 2σ⁴/(m − 1): about m degrees of freedom; of one score in m alone, 2.
    #[test]
    fn degrees_of_freedom_follow_the_tails() {
        let mut stream = Stream::named(1, "effective df");
        let normal: Vec<f64> = (0..20_000).map(|_| normal_quantile(stream.unit().clamp(1e-12, 1.0 - 1e-12))).collect();
        let found = effective_df(normal.into_iter()).unwrap();
        assert!((found / 20_000.0 - 1.0).abs() < 0.05, "{found}");
        // A share p = 0.01 of m = 1000: κ = (1 − 3pq)/(pq) = 98.01, df = 2000/97.01.
        let p: f64 = 0.01;
        let rare = (0..1000).map(|i| if i < 10 { 1.0 - p } else { -p });
        assert!((effective_df(rare).unwrap() - 2000.0 / ((1.0 - 3.0 * p * (1.0 - p)) / (p * (1.0 - p)) - 1.0)).abs() < 1e-6);
        let one = (0..50).map(|i| f64::from(u8::from(i == 0)));
        assert!((effective_df(one).unwrap() - 100.0 / 49.0).abs() < 1e-12);
        assert_eq!(effective_df([1.0, -1.0, 1.0, -1.0].into_iter()), Some(3.0));
        assert_eq!((effective_df([0.0; 9].into_iter()), effective_df([1.0].into_iter())), (None, None));
    }

    #[test]
    fn the_interval_is_students() {
        assert_eq!(share_interval(0.2, 0.0004, 7.0, 0.95), student_t(0.2, 0.02, 7.0, 0.95));
        assert_eq!(share_interval(0.2, -1e-30, 7.0, 0.95), (0.2, 0.2));
    }
}
