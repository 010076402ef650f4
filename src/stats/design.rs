//! Linearised variances under a stratified, clustered or weighted design.
//!
//! A smooth function of weighted totals has the variance of the total of its scores z (Binder 1983, doi:10.2307/1402588):
//! V = Σ_h n_h/(n_h−1) Σ_j (z_hj − z̄_h)², over sampled units j of stratum h. Units are PSUs, or records where there are none.
//! Records outside a domain have score 0 but their units stay, so domain estimates are right by construction.
//! Where units were drawn without replacement, stratum h counts (1−f_h) times, f_h being the sampled fraction of its units.
//! Where units have replicates (`replication.rs`), every variance comes from those instead.

use super::replication::Replication;
use std::sync::Arc;

/// What to do with a stratum that has one sampled unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lonely {
    /// Refuse.
    Fail,
    /// Leave it out.
    Remove,
    /// Centre its unit at the mean of all units.
    Adjust,
    /// Give it the mean variance of the other strata.
    Average,
}

/// A stratum with one unit, under [`Lonely::Fail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LonelyStratum(pub usize);

/// Why units of a finite population make no design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DesignFault {
    /// This stratum has one unit, was not sampled completely, and the policy is [`Lonely::Fail`].
    Lonely(usize),
    /// This stratum's sampling fraction is missing or not within 0 to 1.
    Fraction(usize),
}

/// The sampled units and their strata.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// Units in each stratum.
    per_stratum: Vec<u64>,
    /// The stratum of each unit, where units are PSUs; empty where each record is its own unit.
    stratum_of: Vec<u32>,
    /// Sampled fraction of each stratum's units; empty for sampling with replacement or from a very large population.
    fraction: Vec<f64>,
    lonely: Lonely,
    /// Replicates that give every variance; none for linearised ones.
    pub(super) replication: Option<Arc<Replication>>,
}

/// The scores of one estimate, as far as its variance needs them.
#[derive(Debug, Clone, PartialEq)]
pub enum Scores {
    /// One total a PSU.
    Clusters(Vec<f64>),
    /// For each stratum the sum and the sum of squares over records, where each record is its own unit.
    Records {
        /// Σ z by stratum.
        sum: Vec<f64>,
        /// Σ z² by stratum.
        square: Vec<f64>,
    },
    /// Scaled deviations of the estimate by replicate: products of two are their covariance.
    Replicates(Vec<f64>),
}

impl Scores {
    /// Adds `factor` times the scores of a domain that has no record in common with what is here.
    ///
    /// # Panics
    /// Scores of other units, or counted otherwise.
    pub fn add_disjoint(&mut self, other: &Self, factor: f64) {
        let add = |to: &mut [f64], from: &[f64], factor: f64| to.iter_mut().zip(from).for_each(|(t, f)| *t += factor * f);
        match (self, other) {
            (Self::Clusters(to), Self::Clusters(from)) => add(to, from, factor),
            (Self::Records { sum, square }, Self::Records { sum: from, square: from_square }) => {
                add(sum, from, factor);
                add(square, from_square, factor * factor);
            }
            (Self::Replicates(to), Self::Replicates(from)) => add(to, from, factor),
            // Scores of zero are never replicates: what is added to them takes their place.
            (to, Self::Replicates(from)) => *to = Self::Replicates(from.iter().map(|f| factor * f).collect()),
            _ => unreachable!("scores of the same units are counted alike"),
        }
    }
}

impl Units {
    /// PSUs: the stratum of each, numbered from 0 to `strata` − 1.
    ///
    /// # Errors
    /// A stratum with one PSU under [`Lonely::Fail`].
    pub fn clusters(stratum_of: Vec<u32>, strata: usize, lonely: Lonely) -> Result<Self, LonelyStratum> {
        Self { per_stratum: counts(&stratum_of, strata), stratum_of, fraction: Vec::new(), lonely, replication: None }.checked().map_err(LonelyStratum)
    }

    /// Each record its own unit: the number of records of each stratum.
    ///
    /// # Errors
    /// A stratum with one record under [`Lonely::Fail`].
    pub fn records(per_stratum: Vec<u64>, lonely: Lonely) -> Result<Self, LonelyStratum> {
        Self { per_stratum, stratum_of: Vec::new(), fraction: Vec::new(), lonely, replication: None }.checked().map_err(LonelyStratum)
    }

    /// PSUs drawn without replacement: as [`Units::clusters`], with the sampled fraction of each stratum's PSUs.
    ///
    /// The correction is of the first stage only. A stratum sampled completely adds nothing, and one PSU there is not lonely.
    ///
    /// # Errors
    /// A fraction for other than each stratum or outside 0 to 1; a stratum with one PSU under [`Lonely::Fail`].
    pub fn clusters_of_finite(stratum_of: Vec<u32>, fraction: Vec<f64>, lonely: Lonely) -> Result<Self, DesignFault> {
        Self { per_stratum: counts(&stratum_of, fraction.len()), stratum_of, fraction, lonely, replication: None }.finite()
    }

    /// Records drawn without replacement: as [`Units::records`], with the sampled fraction of each stratum's records.
    ///
    /// # Errors
    /// As [`Units::clusters_of_finite`].
    pub fn records_of_finite(per_stratum: Vec<u64>, fraction: Vec<f64>, lonely: Lonely) -> Result<Self, DesignFault> {
        Self { per_stratum, stratum_of: Vec::new(), fraction, lonely, replication: None }.finite()
    }

    fn finite(self) -> Result<Self, DesignFault> {
        if self.fraction.len() != self.per_stratum.len() {
            return Err(DesignFault::Fraction(self.fraction.len().min(self.per_stratum.len())));
        }
        match self.fraction.iter().position(|f| !(0.0..=1.0).contains(f)) {
            Some(h) => Err(DesignFault::Fraction(h)),
            None => self.checked().map_err(DesignFault::Lonely),
        }
    }

    fn checked(self) -> Result<Self, usize> {
        match (0..self.per_stratum.len()).find(|&h| self.is_lonely(h)) {
            Some(h) if self.lonely == Lonely::Fail => Err(h),
            _ => Ok(self),
        }
    }

    /// True where a stratum has one unit that does not stand for itself alone.
    #[must_use]
    pub fn is_lonely(&self, stratum: usize) -> bool {
        self.per_stratum[stratum] == 1 && self.not_sampled(stratum) > 0.0
    }

    /// 1 − f_h: the share of a stratum's units that was not sampled; 1 without a finite population.
    #[must_use]
    pub fn not_sampled(&self, stratum: usize) -> f64 {
        1.0 - self.fraction.get(stratum).copied().unwrap_or(0.0)
    }

    /// Units of each stratum.
    pub(super) fn per_stratum(&self) -> &[u64] {
        &self.per_stratum
    }

    /// The policy for strata with one unit.
    #[must_use]
    pub fn lonely(&self) -> Lonely {
        self.lonely
    }

    /// True when units are PSUs.
    #[must_use]
    pub fn clustered(&self) -> bool {
        !self.stratum_of.is_empty()
    }

    /// Number of sampled units.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.per_stratum.iter().sum()
    }

    /// Number of strata with a unit.
    #[must_use]
    pub fn strata(&self) -> u64 {
        self.per_stratum.iter().filter(|&&n| n > 0).count() as u64
    }

    /// Number of strata that have a number, with or without a unit.
    #[must_use]
    pub fn strata_numbered(&self) -> usize {
        self.per_stratum.len()
    }

    /// Number of sampled units in a stratum.
    #[must_use]
    pub fn in_stratum(&self, stratum: usize) -> u64 {
        self.per_stratum[stratum]
    }

    /// The stratum of a PSU.
    #[must_use]
    pub fn stratum_of(&self, psu: usize) -> usize {
        self.stratum_of[psu] as usize
    }

    /// Scores of zero for these units.
    #[must_use]
    pub fn zero(&self) -> Scores {
        if self.clustered() {
            Scores::Clusters(vec![0.0; self.stratum_of.len()])
        } else {
            Scores::Records { sum: vec![0.0; self.per_stratum.len()], square: vec![0.0; self.per_stratum.len()] }
        }
    }

    /// The variance of the estimate with these scores.
    #[must_use]
    pub fn variance(&self, scores: &Scores) -> f64 {
        self.product(scores, scores, true)
    }

    /// The covariance of two estimates over domains without a common record.
    #[must_use]
    pub fn covariance_of_disjoint(&self, a: &Scores, b: &Scores) -> f64 {
        self.product(a, b, false)
    }

    /// Σ_h n_h/(n_h−1)·(Σ z_a z_b − Σ z_a Σ z_b / n_h); `same` says whether the scores are of the same records.
    fn product(&self, a: &Scores, b: &Scores, same: bool) -> f64 {
        if let Some(replication) = &self.replication {
            return replication.product(a, b);
        }
        let strata = self.per_stratum.len();
        let (mut sum_a, mut sum_b, mut cross) = (vec![0.0; strata], vec![0.0; strata], vec![0.0; strata]);
        match (a, b) {
            (Scores::Clusters(a), Scores::Clusters(b)) => {
                for (unit, (x, y)) in a.iter().zip(b).enumerate() {
                    let h = self.stratum_of[unit] as usize;
                    sum_a[h] += x;
                    sum_b[h] += y;
                    cross[h] += x * y;
                }
                // Second pass around the means: differences of large sums would lose digits.
                let mean = |sum: &[f64], h: usize| sum[h] / self.per_stratum[h] as f64;
                let mut centred = vec![0.0; strata];
                for (unit, (x, y)) in a.iter().zip(b).enumerate() {
                    let h = self.stratum_of[unit] as usize;
                    centred[h] += (x - mean(&sum_a, h)) * (y - mean(&sum_b, h));
                }
                self.combine(&centred, &sum_a, &sum_b)
            }
            (Scores::Records { sum: sa, square: qa }, Scores::Records { sum: sb, .. }) => {
                let centred: Vec<f64> = (0..strata)
                    .map(|h| {
                        let n = self.per_stratum[h] as f64;
                        let square = if same { qa[h] } else { 0.0 };
                        if n > 0.0 { square - sa[h] * sb[h] / n } else { 0.0 }
                    })
                    .collect();
                self.combine(&centred, sa, sb)
            }
            // Scores of one design are always of one kind.
            _ => 0.0,
        }
    }

    /// The variance or covariance from each stratum's centred products and its sums of scores.
    pub(super) fn combine(&self, centred: &[f64], sum_a: &[f64], sum_b: &[f64]) -> f64 {
        let units = self.count() as f64;
        let (grand_a, grand_b) = (sum_a.iter().sum::<f64>() / units, sum_b.iter().sum::<f64>() / units);
        let (mut total, mut lonely, mut proper) = (0.0, 0u32, 0u32);
        for (h, &n) in self.per_stratum.iter().enumerate() {
            let rest = self.not_sampled(h);
            match n {
                0 => {}
                1 if self.is_lonely(h) => {
                    lonely += 1;
                    if self.lonely == Lonely::Adjust {
                        total += rest * (sum_a[h] - grand_a) * (sum_b[h] - grand_b);
                    }
                }
                1 => proper += 1,
                n => {
                    proper += 1;
                    total += rest * n as f64 / (n - 1) as f64 * centred[h];
                }
            }
        }
        if self.lonely == Lonely::Average && proper > 0 {
            total *= f64::from(proper + lonely) / f64::from(proper);
        }
        total
    }
}

/// How many units each stratum has.
fn counts(stratum_of: &[u32], strata: usize) -> Vec<u64> {
    let mut per_stratum = vec![0; strata];
    for &h in stratum_of {
        per_stratum[h as usize] += 1;
    }
    per_stratum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of a weighted mean with one record a unit.
    fn mean_scores(w: &[f64], y: &[f64]) -> (f64, Vec<f64>) {
        let total: f64 = w.iter().sum();
        let mean = w.iter().zip(y).map(|(w, y)| w * y).sum::<f64>() / total;
        (mean, w.iter().zip(y).map(|(w, y)| w * (y - mean) / total).collect())
    }

    // R survey 4.1-1: options(survey.lonely.psu = ...), s = 1 1 1 2 2 3.
    #[test]
    fn lonely_units_are_treated_as_r_survey_does() {
        let (mean, z) = mean_scores(&[10.0, 12.0, 8.0, 20.0, 22.0, 15.0], &[1.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
        assert!((mean - 0.609_195_402_3).abs() < 1e-10);
        for (lonely, se) in [(Lonely::Remove, 0.273_919_143_5), (Lonely::Adjust, 0.282_084_695_6), (Lonely::Average, 0.335_481_066_2)] {
            let units = Units::clusters(vec![0, 0, 0, 1, 1, 2], 3, lonely).unwrap();
            let found = units.variance(&Scores::Clusters(z.clone())).sqrt();
            assert!((found - se).abs() < 1e-9, "{lonely:?}: {found}");
        }
        assert_eq!(Units::clusters(vec![0, 0, 0, 1, 1, 2], 3, Lonely::Fail), Err(LonelyStratum(2)));
    }

    #[test]
    fn one_record_a_cluster_equals_records() {
        let (_, z) = mean_scores(&[1.0, 3.0, 2.0, 5.0, 1.0], &[1.0, 0.0, 1.0, 1.0, 0.0]);
        let stratum = [0u32, 0, 0, 1, 1];
        let clusters = Units::clusters(stratum.to_vec(), 2, Lonely::Fail).unwrap();
        let records = Units::records(vec![3, 2], Lonely::Fail).unwrap();
        let (mut sum, mut square) = (vec![0.0; 2], vec![0.0; 2]);
        for (z, &h) in z.iter().zip(&stratum) {
            sum[h as usize] += z;
            square[h as usize] += z * z;
        }
        let (a, b) = (clusters.variance(&Scores::Clusters(z)), records.variance(&Scores::Records { sum, square }));
        assert!((a - b).abs() < 1e-15, "{a} {b}");
    }

    // R survey 4.1-1, data(api): apiclus1, 15 of 757 districts, "no" and "yes" of one question.
    #[test]
    fn finite_population_correction_equals_r_survey() {
        let no = [2.0, 3.0, 1.0, 3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 3.0, 2.0, 0.0, 5.0, 1.0, 2.0];
        let yes = [11.0, 31.0, 3.0, 10.0, 15.0, 2.0, 1.0, 4.0, 12.0, 18.0, 7.0, 11.0, 32.0, 1.0, 2.0];
        let (n, right) = (no.iter().chain(&yes).sum::<f64>(), yes.iter().sum::<f64>());
        let p = right / n;
        assert!((p - 0.874_316_939_9).abs() < 1e-10, "{p}");
        let z = Scores::Clusters(no.iter().zip(&yes).map(|(no, yes)| (yes - p * (no + yes)) / n).collect());
        let se = |units: Units| units.variance(&z).sqrt();
        let finite = se(Units::clusters_of_finite(vec![0; 15], vec![15.0 / 757.0], Lonely::Fail).unwrap());
        let large = se(Units::clusters(vec![0; 15], 1, Lonely::Fail).unwrap());
        assert!((finite - 0.020_359_477_2).abs() < 1e-10, "{finite}");
        assert!((large - 0.020_564_237_4).abs() < 1e-10, "{large}");
    }

    #[test]
    fn a_stratum_sampled_completely_adds_nothing_and_is_not_lonely() {
        let z = Scores::Clusters(vec![0.3, -0.1, 0.2]);
        let whole = |f| Units::clusters_of_finite(vec![0, 0, 1], vec![0.0, f], Lonely::Fail);
        let half = Units::clusters(vec![0, 0], 1, Lonely::Fail).unwrap().variance(&Scores::Clusters(vec![0.3, -0.1]));
        assert_eq!(whole(1.0).unwrap().variance(&z), half);
        assert_eq!(whole(0.5), Err(DesignFault::Lonely(1)));
        assert_eq!(whole(1.5), Err(DesignFault::Fraction(1)));
        assert_eq!(whole(f64::NAN), Err(DesignFault::Fraction(1)));
        assert_eq!(Units::records_of_finite(vec![4, 4], vec![0.1], Lonely::Fail), Err(DesignFault::Fraction(1)));
        // Records: the variance of a mean of n of N is (1 − n/N)·s²/n.
        let records = Units::records_of_finite(vec![4], vec![0.25], Lonely::Fail).unwrap();
        let found = records.variance(&Scores::Records { sum: vec![0.0], square: vec![4.0 * 0.25 / 16.0] });
        assert!((found - 0.75 * (1.0 / 3.0) / 4.0).abs() < 1e-15, "{found}");
    }
}
