//! Estimates recomputed under replicate weights, and the variance they give.

use super::replicate::{Centre, Replicates};
use rayon::prelude::*;

/// Replicates computed side by side: as many as fill the registers of a common machine.
const LANES: usize = 8;

/// One entry of a table by unit: `amount` of what slot `slot` counts, in unit `unit`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Sampled unit, from 0.
    pub unit: u32,
    /// Which total it belongs to, from 0.
    pub slot: u32,
    /// The amount, with the full weights.
    pub amount: f64,
}

/// A variance from replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReplicateVariance {
    /// The variance, or covariance.
    pub variance: f64,
    /// Replicates with an estimate.
    pub used: usize,
    /// Replicates without one; the variance is then conditional on there being one.
    pub undefined: usize,
}

impl Replicates {
    /// What `statistic` makes of the factors of each replicate, in the order of replicates, on all cores.
    pub fn each<T: Send>(&self, statistic: impl Fn(&[f64]) -> T + Sync) -> Vec<T> {
        let compute = |factors: &mut Vec<f64>, r| {
            self.fill(r, factors);
            statistic(factors)
        };
        (0..self.count()).into_par_iter().map_init(|| vec![1.0; self.units()], compute).collect()
    }

    /// What `statistic` makes of each replicate's totals, in the order of replicates, on all cores: the total of a slot is the sum of
    /// its cells' amounts times the factors of their units.
    ///
    /// Costs the number of cells and slots for each replicate, whatever the number of records. Cells sorted by unit are fastest.
    /// Cells are summed in their order, so that neither threads nor the number of replicates change a digit, and a slot whose units
    /// are all left out is exactly 0.
    ///
    /// # Panics
    /// A cell of a unit or slot that is not there.
    pub fn totals<T: Send>(&self, cells: &[Cell], slots: usize, statistic: impl Fn(&[f64]) -> T + Sync) -> Vec<T> {
        let block = |first: usize| -> Vec<T> {
            let lanes = LANES.min(self.count() - first);
            let (mut one, mut factors) = (vec![1.0; self.units()], vec![[0.0; LANES]; self.units()]);
            for lane in 0..lanes {
                self.fill(first + lane, &mut one);
                factors.iter_mut().zip(&one).for_each(|(f, &v)| f[lane] = v);
            }
            let mut totals = vec![[0.0; LANES]; slots];
            for cell in cells {
                let (factor, total) = (&factors[cell.unit as usize], &mut totals[cell.slot as usize]);
                for lane in 0..LANES {
                    total[lane] += factor[lane] * cell.amount;
                }
            }
            let mut column = vec![0.0; slots];
            let of_lane = |lane: usize| {
                column.iter_mut().zip(&totals).for_each(|(c, t)| *c = t[lane]);
                statistic(&column)
            };
            (0..lanes).map(of_lane).collect()
        };
        let blocks: Vec<Vec<T>> = (0..self.count().div_ceil(LANES)).into_par_iter().map(|b| block(b * LANES)).collect();
        blocks.into_iter().flatten().collect()
    }

    /// The variance of an estimate from its replicates; a replicate in which it is undefined has none.
    ///
    /// No variance with fewer than two replicates defined; nor, other than for the bootstrap, with any undefined: each replicate there
    /// carries a part of the variance that no other does.
    #[must_use]
    pub fn variance(&self, estimate: f64, replicates: &[Option<f64>]) -> Option<ReplicateVariance> {
        self.covariance((estimate, replicates), (estimate, replicates))
    }

    /// The covariance of two estimates from the same replicates; none as for [`Replicates::variance`].
    #[must_use]
    pub fn covariance(&self, a: (f64, &[Option<f64>]), b: (f64, &[Option<f64>])) -> Option<ReplicateVariance> {
        if a.1.len() != self.count() || b.1.len() != self.count() {
            return None;
        }
        let both = a.1.iter().zip(b.1).zip(&self.rscales);
        let defined: Vec<(f64, f64, f64)> = both.filter_map(|((a, b), s)| Some(((*a)?, (*b)?, *s))).collect();
        let (used, undefined) = (defined.len(), self.count() - defined.len());
        let drawn = self.drawn();
        if used < 2 || (undefined > 0 && !drawn) {
            return None;
        }
        let centre = match self.centre {
            Centre::Estimate => (a.0, b.0),
            Centre::Mean => {
                let counted = defined.iter().filter(|d| d.2 > 0.0);
                let sum = counted.fold((0.0, 0.0, 0.0), |s, d| (s.0 + d.0, s.1 + d.1, s.2 + 1.0));
                (sum.0 / sum.2, sum.1 / sum.2)
            }
        };
        let scale = if drawn { self.scale * (self.count() - 1) as f64 / (used - 1) as f64 } else { self.scale };
        let variance = scale * defined.iter().map(|(x, y, s)| s * (x - centre.0) * (y - centre.1)).sum::<f64>();
        Some(ReplicateVariance { variance, used, undefined })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Lonely, Scores, Units};

    /// Eight records in four PSUs and two strata: accuracy 13/21, linearised SE 0.232688862265.
    fn toy() -> (Units, Vec<Cell>) {
        let units = Units::clusters(vec![0, 0, 1, 1], 2, Lonely::Fail).unwrap();
        let psu = [0, 0, 1, 1, 2, 2, 3, 3];
        let weight = [2.0, 3.0, 1.0, 4.0, 5.0, 2.0, 3.0, 1.0];
        let right = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
        let cell = |unit: u32, slot, amount| Cell { unit, slot, amount };
        (units, (0..8).flat_map(|i| [cell(psu[i], 0, weight[i] * right[i]), cell(psu[i], 1, weight[i])]).collect())
    }

    fn ratio(totals: &[f64]) -> Option<f64> {
        (totals[1] > 0.0).then(|| totals[0] / totals[1])
    }

    fn se(replicates: &Replicates) -> f64 {
        let (_, cells) = toy();
        replicates.variance(13.0 / 21.0, &replicates.totals(&cells, 2, ratio)).unwrap().variance.sqrt()
    }

    // R survey 4.1-1: as.svrepdesign(type = "JKn") and type = "BRR"; about the estimate, in fractions: R gave 0.237238040272.
    #[test]
    fn variances_equal_r_survey() {
        let (units, cells) = toy();
        let jackknife = |centre| se(&Replicates::jackknife(&units, centre).unwrap());
        assert!((jackknife(Centre::Mean) - 0.236_480_761_396).abs() < 1e-12, "{}", jackknife(Centre::Mean));
        assert!((jackknife(Centre::Estimate) - 0.237_238_040_278_328_9).abs() < 1e-14, "{}", jackknife(Centre::Estimate));
        let half = Replicates::half_samples(&units, 0.0, Centre::Mean).unwrap();
        assert!((se(&half) - 0.238_448_398_797).abs() < 1e-12, "{}", se(&half));
        let mut estimates: Vec<f64> = half.totals(&cells, 2, ratio).into_iter().flatten().collect();
        estimates.sort_by(f64::total_cmp);
        for (found, wanted) in estimates.iter().zip([0.333_333, 0.583_333, 0.666_667, 1.0]) {
            assert!((found - wanted).abs() < 5e-7, "{estimates:?}");
        }
        assert_eq!((half.df(), Replicates::jackknife(&units, Centre::Mean).unwrap().df()), (2.0, 2.0));
    }

    #[test]
    fn supplied_factors_give_what_their_rule_gives() {
        let (units, _) = toy();
        let rule = Replicates::jackknife(&units, Centre::Mean).unwrap();
        let factors = rule.each(<[f64]>::to_vec).concat();
        let supplied = Replicates::supplied(factors, 4, 0.5, vec![1.0; 4], Centre::Mean, Some(2.0)).unwrap();
        assert!((se(&supplied) - se(&rule)).abs() < 1e-15);
        assert_eq!(supplied.df(), 2.0);
    }

    /// Units of unequal strata with a score each, and the linearised variance of their sum.
    fn scored(fraction: [f64; 3], lonely: Lonely) -> (Units, Vec<Cell>, f64) {
        let stratum: Vec<u32> = (0..40)
            .map(|u| {
                if u < 12 {
                    0
                } else if u < 39 {
                    1
                } else {
                    2
                }
            })
            .collect();
        let mut z: Vec<f64> = (0..40).map(|u| f64::from(u * u % 17) - 7.0).collect();
        // Deviations from the mean of all: "adjust" centres there.
        let mean = z.iter().sum::<f64>() / 40.0;
        z.iter_mut().for_each(|z| *z -= mean);
        let units = Units::clusters_of_finite(stratum, fraction.to_vec(), lonely).unwrap();
        let cells = z.iter().enumerate().map(|(u, &amount)| Cell { unit: u as u32, slot: 0, amount }).collect();
        let variance = units.variance(&Scores::Clusters(z));
        (units, cells, variance)
    }

    // Rao & Wu 1988: for a total the bootstrap has the linearised variance, also with sampling fractions; here to three standard
    // errors of 20,000 draws (√(2/20,000) = 1 %).
    #[test]
    fn bootstrap_of_a_total_has_the_linearised_variance() {
        for (fraction, lonely) in [
            ([0.0; 3], Lonely::Remove),
            ([0.0; 3], Lonely::Adjust),
            ([0.0; 3], Lonely::Average),
            ([0.3, 0.8, 0.1], Lonely::Adjust),
            ([0.3, 0.8, 1.0], Lonely::Fail),
        ] {
            let (units, cells, linearised) = scored(fraction, lonely);
            let replicates = Replicates::bootstrap(&units, 20_000, 5, Centre::Mean).unwrap();
            let found = replicates.variance(0.0, &replicates.totals(&cells, 1, |t| Some(t[0]))).unwrap().variance;
            assert!((found / linearised - 1.0).abs() < 0.03, "{lonely:?} {fraction:?}: {found} is not {linearised}");
        }
    }

    #[test]
    fn jackknife_of_a_total_has_the_linearised_variance() {
        let (units, cells, linearised) = scored([0.3, 0.8, 1.0], Lonely::Fail);
        let replicates = Replicates::jackknife(&units, Centre::Estimate).unwrap();
        let total = cells.iter().map(|c| c.amount).sum();
        let found = replicates.variance(total, &replicates.totals(&cells, 1, |t| Some(t[0]))).unwrap().variance;
        assert!((found / linearised - 1.0).abs() < 1e-12, "{found} is not {linearised}");
    }

    #[test]
    fn totals_are_those_of_the_factors_whatever_the_threads() {
        let (units, cells, _) = scored([0.0; 3], Lonely::Remove);
        let replicates = Replicates::bootstrap(&units, 101, 5, Centre::Mean).unwrap();
        let plain = replicates.each(|f| cells.iter().map(|c| c.amount * f[c.unit as usize]).sum::<f64>());
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| replicates.totals(&cells, 1, |t| t[0])), plain);
        }
    }

    #[test]
    fn undefined_replicates_are_counted_or_refused() {
        let (units, _) = toy();
        let with_gap: Vec<Option<f64>> = vec![Some(0.5), None, Some(0.7), Some(0.6)];
        assert_eq!(Replicates::jackknife(&units, Centre::Mean).unwrap().variance(0.6, &with_gap), None);
        let drawn = Replicates::bootstrap(&units, 4, 1, Centre::Mean).unwrap();
        let found = drawn.variance(0.6, &with_gap).unwrap();
        assert_eq!((found.used, found.undefined), (3, 1));
        assert!((found.variance - 0.01).abs() < 1e-15, "{found:?}");
        assert_eq!(drawn.variance(0.6, &[Some(0.5), None, None, None]), None);
        assert_eq!(drawn.variance(0.6, &with_gap[..3]), None);
        // Covariance of a difference: V(a−b) = V(a) + V(b) − 2·C(a, b).
        let (a, b) = (vec![Some(0.5), Some(0.9), Some(0.7), Some(0.6)], vec![Some(0.1), Some(0.2), Some(0.4), Some(0.2)]);
        let difference: Vec<Option<f64>> = a.iter().zip(&b).map(|(a, b)| Some(a.unwrap() - b.unwrap())).collect();
        let v = |x: &[Option<f64>], y: &[Option<f64>]| drawn.covariance((0.0, x), (0.0, y)).unwrap().variance;
        assert!((v(&difference, &difference) - (v(&a, &a) + v(&b, &b) - 2.0 * v(&a, &b))).abs() < 1e-15);
    }
}
