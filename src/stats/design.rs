//! Linearised variances under a stratified, clustered or weighted design.
//!
//! A smooth function of weighted totals has the variance of the total of its scores z (Binder 1983, doi:10.2307/1402588):
//! V = Σ_h n_h/(n_h−1) Σ_j (z_hj − z̄_h)², over sampled units j of stratum h. Units are PSUs, or records where there are none.
//! Records outside a domain have score 0 but their units stay, so domain estimates are right by construction.

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

/// The sampled units and their strata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// Units in each stratum.
    per_stratum: Vec<u64>,
    /// The stratum of each unit, where units are PSUs; empty where each record is its own unit.
    stratum_of: Vec<u32>,
    lonely: Lonely,
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
}

impl Units {
    /// PSUs: the stratum of each, numbered from 0 to `strata` − 1.
    ///
    /// # Errors
    /// A stratum with one PSU under [`Lonely::Fail`].
    pub fn clusters(stratum_of: Vec<u32>, strata: usize, lonely: Lonely) -> Result<Self, LonelyStratum> {
        let mut per_stratum = vec![0; strata];
        for &h in &stratum_of {
            per_stratum[h as usize] += 1;
        }
        Self { per_stratum, stratum_of, lonely }.checked()
    }

    /// Each record its own unit: the number of records of each stratum.
    ///
    /// # Errors
    /// A stratum with one record under [`Lonely::Fail`].
    pub fn records(per_stratum: Vec<u64>, lonely: Lonely) -> Result<Self, LonelyStratum> {
        Self { per_stratum, stratum_of: Vec::new(), lonely }.checked()
    }

    fn checked(self) -> Result<Self, LonelyStratum> {
        match self.per_stratum.iter().position(|&n| n == 1) {
            Some(h) if self.lonely == Lonely::Fail => Err(LonelyStratum(h)),
            _ => Ok(self),
        }
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

    fn combine(&self, centred: &[f64], sum_a: &[f64], sum_b: &[f64]) -> f64 {
        let units = self.count() as f64;
        let (grand_a, grand_b) = (sum_a.iter().sum::<f64>() / units, sum_b.iter().sum::<f64>() / units);
        let (mut total, mut lonely, mut proper) = (0.0, 0u32, 0u32);
        for (h, &n) in self.per_stratum.iter().enumerate() {
            match n {
                0 => {}
                1 => {
                    lonely += 1;
                    if self.lonely == Lonely::Adjust {
                        total += (sum_a[h] - grand_a) * (sum_b[h] - grand_b);
                    }
                }
                n => {
                    proper += 1;
                    total += n as f64 / (n - 1) as f64 * centred[h];
                }
            }
        }
        if self.lonely == Lonely::Average && proper > 0 {
            total *= f64::from(proper + lonely) / f64::from(proper);
        }
        total
    }
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
}
