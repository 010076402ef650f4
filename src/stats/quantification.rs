//! Shares of classes from posteriors, errors of estimated shares, and the nearest shares that are possible.

use super::confusion::over;

/// Shares found by expectation–maximisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjusted {
    /// Share of each class.
    pub shares: Vec<f64>,
    /// Rounds made.
    pub rounds: usize,
    /// Whether the last round changed the shares by less than the tolerance.
    pub converged: bool,
}

/// When expectation–maximisation stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stopping {
    /// Mean absolute change of shares below which it stops.
    pub tolerance: f64,
    /// Rounds that are made in any case.
    pub least: usize,
    /// Rounds after which it gives up.
    pub most: usize,
}

/// Converges to twelve digits; QuaPy's 10⁻⁴ stops before that.
impl Default for Stopping {
    fn default() -> Self {
        Self { tolerance: 1e-13, least: 1, most: 100_000 }
    }
}

/// Adjusts shares to new data under prior-probability shift (Saerens, Latinne & Decaestecker 2002, doi:10.1162/089976602753284446):
/// q ← mean over records of the posteriors reweighted by q/`training`, from q = `training`, until it no longer changes.
///
/// `posteriors` holds one row a record, as long as `training`. `None` without records, when a training share is not positive, or when a
/// record has no class left with a positive probability.
#[must_use]
pub fn adjust_to_new_priors(posteriors: &[f64], weights: Option<&[f64]>, training: &[f64], stop: Stopping) -> Option<Adjusted> {
    let classes = training.len();
    if classes == 0 || posteriors.is_empty() || training.iter().any(|&p| p <= 0.0) {
        return None;
    }
    let mut q = training.to_vec();
    for round in 1..=stop.most {
        let mut next = vec![0.0; classes];
        let mut total = 0.0;
        for (i, row) in posteriors.chunks_exact(classes).enumerate() {
            let w = weights.map_or(1.0, |w| w[i]);
            let sum: f64 = row.iter().zip(&q).zip(training).map(|((p, q), t)| p * q / t).sum();
            if w > 0.0 {
                let scale = over(w, sum)?;
                next.iter_mut().zip(row).zip(q.iter().zip(training)).for_each(|((n, p), (q, t))| *n += scale * p * q / t);
                total += w;
            }
        }
        let next: Vec<f64> = next.into_iter().map(|n| over(n, total)).collect::<Option<_>>()?;
        let change = next.iter().zip(&q).map(|(a, b)| (a - b).abs()).sum::<f64>() / classes as f64;
        q = next;
        if change < stop.tolerance && round >= stop.least {
            return Some(Adjusted { shares: q, rounds: round, converged: true });
        }
    }
    Some(Adjusted { shares: q, rounds: stop.most, converged: false })
}

/// Errors of estimated shares p̂ of K classes with true shares p (Sebastiani 2020, doi:10.1007/s10791-019-09363-y).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareErrors {
    /// Mean |p̂ − p|.
    pub absolute: f64,
    /// Σ|p̂ − p|/(2(1 − min p)), from 0 to 1; undefined with one class.
    pub normalised_absolute: Option<f64>,
    /// Mean |p̂ − p|/p on smoothed shares; undefined when a true share is 0 and nothing smooths it, and so on below.
    pub relative: Option<f64>,
    /// The same, over its greatest possible value.
    pub normalised_relative: Option<f64>,
    /// Kullback–Leibler divergence Σ p ln(p/p̂) on smoothed shares.
    pub divergence: Option<f64>,
    /// 2e^KLD/(1 + e^KLD) − 1, from 0 to 1.
    pub normalised_divergence: Option<f64>,
}

/// Errors of `estimated` shares; shares are smoothed as (p + ε)/(εK + 1), ε = `smoothing`, by custom 1/(2·records).
///
/// `None` without classes. Negative estimates must first be made possible: see [`onto_simplex`].
#[must_use]
pub fn share_errors(truth: &[f64], estimated: &[f64], smoothing: f64) -> Option<ShareErrors> {
    let classes = truth.len() as f64;
    let sum: f64 = truth.iter().zip(estimated).map(|(p, e)| (e - p).abs()).sum();
    let absolute = over(sum, classes)?;
    let smooth = |v: &[f64]| v.iter().map(|p| (p + smoothing) / (smoothing * classes + 1.0)).collect::<Vec<_>>();
    let (p, e) = (smooth(truth), smooth(estimated));
    let least = |v: &[f64]| v.iter().copied().fold(f64::INFINITY, f64::min);
    let relative = p.iter().zip(&e).map(|(p, e)| over((e - p).abs(), *p)).sum::<Option<f64>>().map(|s| s / classes);
    let greatest = over(1.0 - least(&p), least(&p)).map(|worst| (classes - 1.0 + worst) / classes);
    // A true share of 0 adds nothing; an estimate of 0 for a positive share would be infinitely wrong.
    let divergence = p.iter().zip(&e).map(|(p, e)| if *p > 0.0 { over(*p, *e).map(|r| p * r.ln()) } else { Some(0.0) }).sum::<Option<f64>>();
    Some(ShareErrors {
        absolute,
        normalised_absolute: over(sum, 2.0 * (1.0 - least(truth))),
        relative,
        normalised_relative: relative.zip(greatest).and_then(|(r, g)| over(r, g)),
        divergence,
        normalised_divergence: divergence.map(|d| (d / 2.0).tanh()),
    })
}

/// The nearest shares that are not negative and add up to 1 (Duchi et al. 2008, doi:10.1145/1390156.1390191). Empty for none.
#[must_use]
pub fn onto_simplex(shares: &[f64]) -> Vec<f64> {
    let mut sorted = shares.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut cut) = (0.0, 0.0);
    for (i, v) in sorted.iter().enumerate() {
        sum += v;
        let candidate = (sum - 1.0) / (i + 1) as f64;
        if v - candidate > 0.0 {
            cut = candidate;
        }
    }
    shares.iter().map(|v| (v - cut).max(0.0)).collect()
}

/// Negative shares set to 0 and the rest rescaled to 1; `None` when nothing is left.
#[must_use]
pub fn clipped_shares(shares: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = shares.iter().map(|v| v.max(0.0)).sum();
    shares.iter().map(|v| over(v.max(0.0), sum)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all_near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        found.iter().zip(wanted).for_each(|(f, w)| assert!((f - w).abs() < 6e-7, "{found:?} is not {wanted:?}"));
    }

    const POSTERIORS: [f64; 18] = [0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.2, 0.2, 0.6, 0.5, 0.3, 0.2, 0.05, 0.15, 0.8, 0.3, 0.4, 0.3];

    // QuaPy 0.2.3, EMQ, at its own stopping rule and converged.
    #[test]
    fn adjusted_shares_equal_quapy() {
        let uniform = [1.0 / 3.0; 3];
        let early = adjust_to_new_priors(&POSTERIORS, None, &uniform, Stopping { tolerance: 1e-4, least: 12, most: 1000 }).unwrap();
        all_near(&early.shares, &[0.298_881, 0.085_521, 0.615_598]);
        let found = adjust_to_new_priors(&POSTERIORS, None, &uniform, Stopping::default()).unwrap();
        all_near(&found.shares, &[0.299_980, 0.082_063, 0.617_956]);
        assert!(found.converged && found.rounds > early.rounds);
        let stopped = adjust_to_new_priors(&POSTERIORS, None, &uniform, Stopping { most: 3, ..Stopping::default() }).unwrap();
        assert!(!stopped.converged && stopped.rounds == 3);
        let weighted = adjust_to_new_priors(&POSTERIORS, Some(&[2.5; 6]), &uniform, Stopping::default()).unwrap();
        all_near(&weighted.shares, &found.shares);
        assert_eq!(adjust_to_new_priors(&[0.0, 0.0], None, &[0.5, 0.5], Stopping::default()), None);
        assert_eq!(adjust_to_new_priors(&[0.5, 0.5], None, &[1.0, 0.0], Stopping::default()), None);
        assert_eq!(adjust_to_new_priors(&[], None, &[0.5, 0.5], Stopping::default()), None);
    }

    // QuaPy 0.2.3, qp.error, sample size 100.
    #[test]
    fn errors_equal_quapy() {
        let e = share_errors(&[0.5, 0.3, 0.2], &[0.4, 0.4, 0.2], 1.0 / 200.0).unwrap();
        let found = [e.absolute, e.normalised_absolute.unwrap(), e.relative.unwrap(), e.normalised_relative.unwrap()];
        all_near(&found, &[0.066_666_7, 0.125, 0.175_296, 0.088_367]);
        assert!((e.divergence.unwrap() - 0.024_579_9).abs() < 6e-8 && (e.normalised_divergence.unwrap() - 0.012_289_3).abs() < 6e-8, "{e:?}");
        assert!((share_errors(&[0.5, 0.3, 0.2], &[0.1, 0.3, 0.6], 1.0 / 200.0).unwrap().relative.unwrap() - 0.914).abs() < 6e-4);
        let absent = share_errors(&[1.0, 0.0], &[0.9, 0.1], 0.0).unwrap();
        assert_eq!((absent.relative, absent.normalised_relative), (None, None));
        assert!((absent.divergence.unwrap() + 0.9_f64.ln()).abs() < 1e-15);
        assert_eq!(share_errors(&[0.5, 0.5], &[1.0, 0.0], 0.0).unwrap().divergence, None);
        assert_eq!((share_errors(&[], &[], 0.0), share_errors(&[1.0], &[1.0], 0.0).unwrap().normalised_absolute), (None, None));
    }

    #[test]
    fn impossible_shares_are_made_possible() {
        all_near(&onto_simplex(&[0.6, 0.5, -0.1]), &[0.55, 0.45, 0.0]);
        all_near(&clipped_shares(&[0.6, 0.5, -0.1]).unwrap(), &[0.545_454_5, 0.454_545_5, 0.0]);
        all_near(&onto_simplex(&[0.2, 0.3, 0.5]), &[0.2, 0.3, 0.5]);
        all_near(&onto_simplex(&[-5.0]), &[1.0]);
        assert_eq!((onto_simplex(&[]), clipped_shares(&[-1.0, 0.0])), (vec![], None));
    }
}
