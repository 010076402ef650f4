//! Scores of estimates that rest on few of the sampled units: variance and covariance at the cost of those units, not of all.

use super::design::{Scores, Units};
use std::cmp::Ordering;

/// The scores of one estimate where they are not zero; made by [`Units::sparse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SparseScores {
    /// (PSU, Σ z), ascending; empty where each record is its own unit.
    units: Vec<(u32, f64)>,
    /// (stratum, Σ z, Σ z²), ascending; the squares are of PSUs' totals, or of records.
    strata: Vec<(u32, f64, f64)>,
}

impl Units {
    /// Scores from parts (unit, Σ z, Σ z² over records), ascending by unit; a unit is a PSU, or a stratum where records are the units.
    ///
    /// Parts of the same unit are added up. Squares count only where records are the units.
    #[must_use]
    pub fn sparse(&self, parts: impl IntoIterator<Item = (u32, f64, f64)>) -> SparseScores {
        let mut merged: Vec<(u32, f64, f64)> = Vec::new();
        for (unit, sum, square) in parts {
            match merged.last_mut() {
                Some(last) if last.0 == unit => {
                    last.1 += sum;
                    last.2 += square;
                }
                last => {
                    debug_assert!(last.is_none_or(|l| l.0 < unit), "parts are ascending by unit");
                    merged.push((unit, sum, square));
                }
            }
        }
        if !self.clustered() {
            return SparseScores { units: Vec::new(), strata: merged };
        }
        let mut strata: Vec<(u32, f64, f64)> = merged.iter().map(|&(u, z, _)| (self.stratum_of(u as usize) as u32, z, z * z)).collect();
        strata.sort_by_key(|s| s.0);
        let mut sums: Vec<(u32, f64, f64)> = Vec::new();
        for (h, z, square) in strata {
            match sums.last_mut() {
                Some(last) if last.0 == h => {
                    last.1 += z;
                    last.2 += square;
                }
                _ => sums.push((h, z, square)),
            }
        }
        SparseScores { units: merged.into_iter().map(|(u, z, _)| (u, z)).collect(), strata: sums }
    }

    /// The variance of the estimate with these scores, as [`Units::variance`].
    #[must_use]
    pub fn sparse_variance(&self, scores: &SparseScores) -> f64 {
        if self.replicated() {
            return self.variance(&self.dense(scores)).max(0.0);
        }
        let mut centred = vec![0.0; self.per_stratum().len()];
        let mut sums = centred.clone();
        for &(h, sum, square) in &scores.strata {
            let n = self.in_stratum(h as usize) as f64;
            sums[h as usize] = sum;
            centred[h as usize] = if n > 0.0 { square - sum * sum / n } else { 0.0 };
        }
        self.combine(&centred, &sums, &sums).max(0.0)
    }

    /// The covariance of two estimates over domains without a common record, as [`Units::covariance_of_disjoint`].
    #[must_use]
    pub fn sparse_covariance_of_disjoint(&self, a: &SparseScores, b: &SparseScores) -> f64 {
        if self.replicated() {
            return self.covariance_of_disjoint(&self.dense(a), &self.dense(b));
        }
        let mut centred = vec![0.0; self.per_stratum().len()];
        let (mut sum_a, mut sum_b) = (centred.clone(), centred.clone());
        a.strata.iter().for_each(|&(h, sum, _)| sum_a[h as usize] = sum);
        b.strata.iter().for_each(|&(h, sum, _)| sum_b[h as usize] = sum);
        let (mut i, mut j) = (0, 0);
        while i < a.units.len() && j < b.units.len() {
            let ((u, x), (v, y)) = (a.units[i], b.units[j]);
            match u.cmp(&v) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    centred[self.stratum_of(u as usize)] += x * y;
                    (i, j) = (i + 1, j + 1);
                }
            }
        }
        for (h, c) in centred.iter_mut().enumerate() {
            let n = self.in_stratum(h) as f64;
            if n > 0.0 {
                *c -= sum_a[h] * sum_b[h] / n;
            }
        }
        self.combine(&centred, &sum_a, &sum_b)
    }

    /// The same scores in full.
    #[must_use]
    pub fn dense(&self, scores: &SparseScores) -> Scores {
        let mut dense = self.zero();
        match &mut dense {
            // Scores of zero are never replicates.
            Scores::Replicates(_) => {}
            Scores::Clusters(z) => scores.units.iter().for_each(|&(u, v)| z[u as usize] = v),
            Scores::Records { sum, square } => scores.strata.iter().for_each(|&(h, s, q)| (sum[h as usize], square[h as usize]) = (s, q)),
        }
        dense
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Lonely;

    #[test]
    fn sparse_scores_have_the_variances_of_full_ones() {
        let a = [(0, 0.3, 0.0), (2, -0.1, 0.0), (2, 0.05, 0.0), (4, 0.7, 0.0)];
        let b = [(1, 0.2, 0.0), (2, 0.4, 0.0), (4, -0.6, 0.0), (5, 0.1, 0.0)];
        for lonely in [Lonely::Remove, Lonely::Adjust, Lonely::Average] {
            let units = Units::clusters(vec![0, 0, 1, 1, 2, 1], 3, lonely).unwrap();
            let (a, b) = (units.sparse(a), units.sparse(b));
            let (da, db) = (units.dense(&a), units.dense(&b));
            assert!((units.sparse_variance(&a) - units.variance(&da)).abs() < 1e-15);
            assert!((units.sparse_covariance_of_disjoint(&a, &b) - units.covariance_of_disjoint(&da, &db)).abs() < 1e-15);
        }
        let records = Units::records(vec![10, 20, 30], Lonely::Fail).unwrap();
        let (a, b) = (records.sparse([(0, 0.3, 0.2), (2, -0.1, 0.5)]), records.sparse([(0, 0.1, 0.3), (1, 0.2, 0.4)]));
        assert!((records.sparse_variance(&a) - records.variance(&records.dense(&a))).abs() < 1e-15);
        let full = records.covariance_of_disjoint(&records.dense(&a), &records.dense(&b));
        assert!(full < 0.0 && (records.sparse_covariance_of_disjoint(&a, &b) - full).abs() < 1e-15);
    }
}
