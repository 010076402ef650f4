//! Conformal sets: lists of codes that contain the true one at a stated rate, whatever the model.
//!
//! Scores say how strange the true class looks; a set holds every class that looks no stranger than the cutoff.

use super::quantile::beta_quantile;

/// The score up to which classes enter a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cutoff {
    /// Classes with this score or less.
    Score(f64),
    /// Every class: too few records to promise less.
    Everything,
}

impl Cutoff {
    /// Whether a score enters the set.
    #[must_use]
    pub fn admits(self, score: f64) -> bool {
        match self {
            Self::Score(cutoff) => score <= cutoff,
            Self::Everything => true,
        }
    }
}

/// Cutoff for coverage `level` from scores of n records exchangeable with the next one: s_(k), k = ⌈(n + 1)·level⌉; every class when
/// k > n (Vovk, Gammerman & Shafer 2005, doi:10.1007/b106715).
#[must_use]
pub fn conformal_cutoff(scores: &[f64], level: f64) -> Cutoff {
    // The tolerance keeps an exact whole number from becoming the next one.
    let k = ((scores.len() + 1) as f64 * level - 1e-9).ceil().max(1.0) as usize;
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(k - 1).map_or(Cutoff::Everything, |&s| Cutoff::Score(s))
}

/// Cutoff under weights: the least s with Σ_{s_i ≤ s} w_i ≥ level·(Σw + w_next), `next` the weight of the record to be coded, whose own
/// score counts as infinite (Tibshirani et al. 2019, arXiv:1904.06019). Equals [`conformal_cutoff`] when all weights are equal.
#[must_use]
pub fn weighted_conformal_cutoff(scores: &[f64], weights: &[f64], next: f64, level: f64) -> Cutoff {
    let mut order: Vec<usize> = (0..scores.len()).filter(|&i| weights[i] > 0.0).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let total: f64 = order.iter().map(|&i| weights[i]).sum::<f64>() + next;
    let mut below = 0.0;
    for i in order {
        below += weights[i];
        if below >= level * total * (1.0 - 1e-12) {
            return Cutoff::Score(scores[i]);
        }
    }
    Cutoff::Everything
}

/// A cutoff for each group 0..`groups` from its own records (Mondrian), so that the rate holds in each; small groups get every class.
#[must_use]
pub fn mondrian_cutoffs(scores: &[f64], group: &[u32], groups: usize, level: f64) -> Vec<Cutoff> {
    let mut parts = vec![Vec::new(); groups];
    scores.iter().zip(group).for_each(|(&s, &g)| parts[g as usize].push(s));
    parts.iter().map(|p| conformal_cutoff(p, level)).collect()
}

/// LAC score of a class: 1 − its probability (Sadinle, Lei & Wasserman 2019, doi:10.1080/01621459.2017.1395341).
#[must_use]
pub fn lac_score(probability: f64) -> f64 {
    1.0 - probability
}

/// Classes by falling probability; equal ones by number.
fn ranked(probabilities: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
    order
}

/// APS score of a class: the probabilities of all classes down to it, less `u` times its own (Romano, Sesia & Candès 2020,
/// arXiv:2006.02544). `u` is 0 for the conservative score, or uniform on [0, 1) for the exact one; `None` for a class that is not there.
#[must_use]
pub fn aps_score(probabilities: &[f64], class: usize, u: f64) -> Option<f64> {
    let mut sum = 0.0;
    for k in ranked(probabilities) {
        sum += probabilities[k];
        if k == class {
            return Some(sum - u * probabilities[k]);
        }
    }
    None
}

/// Classes with an LAC score up to the cutoff, most probable first. May be empty.
#[must_use]
pub fn lac_set(probabilities: &[f64], cutoff: Cutoff) -> Vec<usize> {
    ranked(probabilities).into_iter().filter(|&k| cutoff.admits(lac_score(probabilities[k]))).collect()
}

/// Classes with an APS score up to the cutoff, most probable first. May be empty.
#[must_use]
pub fn aps_set(probabilities: &[f64], u: f64, cutoff: Cutoff) -> Vec<usize> {
    let mut sum = 0.0;
    let mut set = Vec::new();
    for k in ranked(probabilities) {
        sum += probabilities[k];
        if cutoff.admits(sum - u * probabilities[k]) {
            set.push(k);
        }
    }
    set
}

/// Interval at `inner` of the coverage that one calibration sample of n records gives when scores do not tie: Beta(n + 1 − l, l),
/// l = ⌊(n + 1)(1 − level)⌋ (Vovk 2012, arXiv:1209.2673). `None` when l is 0: the set is everything and coverage is 1.
#[must_use]
pub fn conformal_coverage_interval(n: u64, level: f64, inner: f64) -> Option<(f64, f64)> {
    let left_out = ((n + 1) as f64 * (1.0 - level) + 1e-9).floor();
    let (a, b, tail) = ((n + 1) as f64 - left_out, left_out, (1.0 - inner) / 2.0);
    (b > 0.0).then(|| (beta_quantile(tail, a, b), beta_quantile(1.0 - tail, a, b)))
}

/// Weighted mean over groups of |coverage − level|; each group counts alike without weights. `None` without groups.
#[must_use]
pub fn coverage_gap(coverages: &[f64], weights: Option<&[f64]>, level: f64) -> Option<f64> {
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let (sum, total) = coverages.iter().enumerate().fold((0.0, 0.0), |(s, t), (i, c)| (s + weight(i) * (c - level).abs(), t + weight(i)));
    super::confusion::over(sum, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    const SCORES: [f64; 10] = [0.52, 0.10, 0.15, 0.90, 0.22, 0.30, 0.31, 0.70, 0.40, 0.45];

    // Ranks by hand: k = 10, 9, 8, 6, and 11 > n.
    #[test]
    fn cutoffs_have_the_right_rank() {
        for (level, wanted) in [(0.9, 0.9), (0.8, 0.7), (0.7, 0.52), (0.5, 0.4)] {
            assert_eq!(conformal_cutoff(&SCORES, level), Cutoff::Score(wanted), "{level}");
            assert_eq!(weighted_conformal_cutoff(&SCORES, &[2.5; 10], 2.5, level), Cutoff::Score(wanted), "{level}");
        }
        assert_eq!(conformal_cutoff(&SCORES, 0.95), Cutoff::Everything);
        assert_eq!(weighted_conformal_cutoff(&SCORES, &[1.0; 10], 1.0, 0.95), Cutoff::Everything);
        assert_eq!(conformal_cutoff(&[], 0.5), Cutoff::Everything);
        // A whole number of records is not rounded up: 20 × 0.95 = 19.
        let scores: Vec<f64> = (1..20).map(f64::from).collect();
        assert_eq!(conformal_cutoff(&scores, 0.95), Cutoff::Score(19.0));
        let cutoffs = mondrian_cutoffs(&SCORES, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 3, 0.8);
        assert_eq!(cutoffs, [Cutoff::Score(0.7), Cutoff::Everything, Cutoff::Everything]);
    }

    #[test]
    fn scores_and_sets_are_as_worked_by_hand() {
        let p = [0.3, 0.5, 0.05, 0.15];
        assert!((aps_score(&p, 3, 0.0).unwrap() - 0.95).abs() < 1e-15 && (aps_score(&p, 3, 0.4).unwrap() - 0.89).abs() < 1e-15);
        assert_eq!((aps_score(&p, 4, 0.0), lac_score(0.25)), (None, 0.75));
        assert_eq!((lac_set(&p, Cutoff::Score(0.7)), lac_set(&p, Cutoff::Score(0.1))), (vec![1, 0], vec![]));
        assert_eq!((aps_set(&p, 0.0, Cutoff::Score(0.9)), aps_set(&p, 0.0, Cutoff::Everything)), (vec![1, 0], vec![1, 0, 3, 2]));
        assert!((coverage_gap(&[0.95, 0.8], None, 0.9).unwrap() - 0.075).abs() < 1e-15);
        assert!((coverage_gap(&[0.95, 0.8], Some(&[3.0, 1.0]), 0.9).unwrap() - 0.0625).abs() < 1e-15);
        assert_eq!(coverage_gap(&[], None, 0.9), None);
    }

    // Beta(901, 100): 5 % and 95 % points (scipy 1.17).
    #[test]
    fn coverage_of_one_calibration_sample_is_beta() {
        let (low, high) = conformal_coverage_interval(1000, 0.9, 0.9).unwrap();
        assert!((low - 0.884_075).abs() < 6e-7 && (high - 0.915_215).abs() < 6e-7, "{low} {high}");
        assert_eq!(conformal_coverage_interval(9, 0.95, 0.9), None);
    }

    // Exchangeable scores: coverage of the next record is at least the level, and at most 1/(n + 1) above it.
    #[test]
    fn the_next_record_is_covered_at_the_stated_rate() {
        let mut stream = Stream::named(5, "conformal");
        let rounds = 20_000;
        let covered = (0..rounds).filter(|_| {
            let scores: Vec<f64> = (0..19).map(|_| stream.normal()).collect();
            conformal_cutoff(&scores, 0.8).admits(stream.normal())
        });
        let rate = covered.count() as f64 / f64::from(rounds);
        assert!((rate - 0.8).abs() < 4.0 * (0.16 / f64::from(rounds)).sqrt(), "{rate}");
    }
}
