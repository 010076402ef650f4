//! Many questions at once: adjusted p-values and critical values that hold for all of them together.

/// Bonferroni's adjusted p-values: the probability of any false alarm in the family stays within the level.
#[must_use]
pub fn bonferroni(p: &[f64]) -> Vec<f64> {
    p.iter().map(|v| (v * p.len() as f64).min(1.0)).collect()
}

/// Holm's adjusted p-values: as Bonferroni's, and never larger (Holm 1979, <https://www.jstor.org/stable/4615733>).
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max((p[i] * (p.len() - rank) as f64).min(1.0));
        adjusted[i] = largest;
    }
    adjusted
}

/// Benjamini and Hochberg's adjusted p-values: the expected share of false alarms among the alarms stays within the level, for
/// independent or positively dependent questions (doi:10.1111/j.2517-6161.1995.tb02031.x).
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    step_up(p, 1.0)
}

/// Benjamini and Yekutieli's adjusted p-values: as Benjamini and Hochberg's, under any dependence (doi:10.1214/aos/1013699998).
#[must_use]
pub fn benjamini_yekutieli(p: &[f64]) -> Vec<f64> {
    step_up(p, (1..=p.len()).map(|i| 1.0 / i as f64).sum())
}

fn step_up(p: &[f64], penalty: f64) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut smallest = 1.0_f64;
    for (rank, &i) in ascending(p).iter().enumerate().rev() {
        smallest = smallest.min(p[i] * penalty * p.len() as f64 / (rank + 1) as f64);
        adjusted[i] = smallest;
    }
    adjusted
}

/// Positions by ascending value; equal values keep their order.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

/// The largest studentised deviation of one replicate: max |θ*_i − θ_i|/se_i. Estimates without an error are left out.
///
/// Compare replicates that resample (Rao–Wu bootstrap): those of the jackknife do not have the sampling distribution.
#[must_use]
pub fn largest_deviation(estimates: &[f64], se: &[f64], replicate: &[f64]) -> f64 {
    let each = estimates.iter().zip(se).zip(replicate).filter(|((_, se), _)| **se > 0.0);
    each.map(|((value, se), star)| (star - value).abs() / se).fold(0.0, f64::max)
}

/// The largest studentised deviation of one replicate over all pairs: max |(θ*_a − θ*_b) − (θ_a − θ_b)|/se(a, b), a before b.
#[must_use]
pub fn largest_pair_deviation(estimates: &[f64], se: impl Fn(usize, usize) -> f64, replicate: &[f64]) -> f64 {
    let deviation: Vec<f64> = estimates.iter().zip(replicate).map(|(value, star)| star - value).collect();
    let mut largest = 0.0_f64;
    for a in 0..deviation.len() {
        for b in a + 1..deviation.len() {
            let se = se(a, b);
            if se > 0.0 {
                largest = largest.max((deviation[a] - deviation[b]).abs() / se);
            }
        }
    }
    largest
}

/// The critical value of max-T: the value that the largest deviations of replicates stay below with probability `level`
/// (Westfall & Young 1993, Resampling-Based Multiple Testing).
///
/// The ⌈level·(R+1)⌉-th smallest of R, so that the level is not overstated by drawing few; none where R is too small for the level.
#[must_use]
pub fn max_t_critical(largest: &[f64], level: f64) -> Option<f64> {
    let mut sorted = largest.to_vec();
    sorted.sort_by(f64::total_cmp);
    // 0.95·20 is 19 with an error in the last bit, which must not count as one more.
    let rank = (level * (sorted.len() + 1) as f64 - 1e-9).ceil() as usize;
    rank.checked_sub(1).and_then(|i| sorted.get(i)).copied()
}

/// Single-step max-T adjusted p-values of studentised estimates: (1 + replicates at least as large)/(1 + replicates)
/// (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
#[must_use]
pub fn max_t_adjusted(statistics: &[f64], largest: &[f64]) -> Vec<f64> {
    let mut sorted = largest.to_vec();
    sorted.sort_by(f64::total_cmp);
    let reached = |t: f64| sorted.len() - sorted.partition_point(|&v| v < t);
    statistics.iter().map(|t| (1 + reached(t.abs())) as f64 / (1 + sorted.len()) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sidak_quantile;
    use crate::value::Stream;

    fn near(found: &[f64], wanted: &[f64], tolerance: f64) {
        assert_eq!(found.len(), wanted.len());
        assert!(found.iter().zip(wanted).all(|(f, w)| (f - w).abs() <= tolerance), "{found:?} is not {wanted:?}");
    }

    // statsmodels 0.15, multipletests.
    #[test]
    fn adjusted_p_values_equal_those_of_statsmodels() {
        let p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.5];
        near(&holm(&p), &[0.05, 0.12, 0.12, 0.03, 0.4, 0.5], 1e-15);
        near(&benjamini_hochberg(&p), &[0.03, 0.06, 0.06, 0.03, 0.24, 0.5], 1e-15);
        near(&bonferroni(&p), &[0.06, 0.24, 0.18, 0.03, 1.0, 1.0], 1e-15);
        let p = [0.01, 0.02, 0.03, 0.04, 0.05];
        near(&holm(&p), &[0.05, 0.08, 0.09, 0.09, 0.09], 1e-15);
        near(&benjamini_hochberg(&p), &[0.05; 5], 1e-15);
        near(&benjamini_yekutieli(&p), &[0.114_167; 5], 5e-7);
        assert!(holm(&[]).is_empty() && benjamini_yekutieli(&[]).is_empty());
    }

    // Benjamini & Hochberg 1995, section 4: fifteen questions.
    #[test]
    fn published_example_rejects_three_and_four() {
        let p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
        let alarms = |adjusted: Vec<f64>| adjusted.iter().filter(|&&p| p <= 0.05).count();
        assert_eq!((alarms(bonferroni(&p)), alarms(holm(&p)), alarms(benjamini_hochberg(&p))), (3, 3, 4));
    }

    // Šidák's value is exact for independent normal estimates.
    #[test]
    fn max_t_finds_the_critical_value_of_independent_estimates() {
        let mut stream = Stream::named(11, "max-t");
        let draw = |stream: &mut Stream| -> Vec<f64> { (0..45).map(|_| 5.0 + 0.1 * stream.normal()).collect() };
        let largest: Vec<f64> = (0..20_000).map(|_| largest_deviation(&[5.0; 45], &[0.1; 45], &draw(&mut stream))).collect();
        let (found, wanted) = (max_t_critical(&largest, 0.95).unwrap(), sidak_quantile(10, f64::INFINITY, 0.95));
        assert!((found - wanted).abs() < 0.03, "{found} is not {wanted}");
        let p = max_t_adjusted(&[wanted, -wanted, 0.0, 9.0], &largest);
        assert!((p[0] - 0.05).abs() < 0.005 && p[0] == p[1] && p[2] == 1.0 && p[3] == 1.0 / 20_001.0, "{p:?}");
    }

    // Tukey's q(0.95; 5, ∞)/√2 for all pairs of five values.
    #[test]
    fn max_t_over_pairs_finds_tukeys_critical_value() {
        let mut stream = Stream::named(12, "pairs");
        let se = |_, _| std::f64::consts::SQRT_2;
        let draw = |stream: &mut Stream| -> Vec<f64> { (0..5).map(|_| stream.normal()).collect() };
        let largest: Vec<f64> = (0..20_000).map(|_| largest_pair_deviation(&[0.0; 5], se, &draw(&mut stream))).collect();
        let (found, wanted) = (max_t_critical(&largest, 0.95).unwrap(), 3.8577 / std::f64::consts::SQRT_2);
        assert!((found - wanted).abs() < 0.03, "{found} is not {wanted}");
    }

    #[test]
    fn too_few_replicates_have_no_critical_value() {
        let nineteen: Vec<f64> = (1..=19).map(f64::from).collect();
        assert_eq!(max_t_critical(&nineteen, 0.95), Some(19.0));
        assert_eq!(max_t_critical(&nineteen[..18], 0.95), None);
        assert_eq!(max_t_critical(&[], 0.95), None);
        assert_eq!(largest_deviation(&[1.0, 2.0], &[0.0, 0.5], &[9.0, 2.5]), 1.0);
    }
}
