//! Replicates that give every variance of a design: each replicate's totals at once, and scores whose products are covariances.
//!
//! A score of replicate r is √(scale·rscale_r)·(θ_r − centre), so that the sum of the products of two estimates' scores is their
//! covariance and that of a score with itself the variance: domains, contrasts and paired differences need nothing more.

use super::design::{Scores, Units};
use super::recompute::Cell;
use super::replicate::{Centre, Replicates};
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::Arc;

/// A replicate weight's column counts as a mix of those before it when less than this share of its length is its own (as R survey).
const OWN_SHARE: f64 = 1e-5;

/// Replicates with their factors laid out by unit, then replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Replication {
    count: usize,
    factors: Vec<f64>,
    /// √(scale·rscale) of each replicate.
    root: Vec<f64>,
    centre: Centre,
    /// As stated with the replicates, or by the design.
    df: f64,
    from_office: bool,
}

impl Replication {
    /// Most factors that are held: numbers of units times replicates. With the copies that are made of them, some two gigabytes.
    pub const MOST: usize = 80_000_000;

    /// Lays out the factors of replicates.
    #[must_use]
    pub fn of(replicates: &Replicates) -> Self {
        let (count, units) = (replicates.count(), replicates.units());
        let mut factors = vec![0.0; count * units];
        let mut one = vec![1.0; units];
        for r in 0..count {
            replicates.fill(r, &mut one);
            one.iter().enumerate().for_each(|(u, f)| factors[u * count + r] = *f);
        }
        let root = replicates.rscales.iter().map(|s| (replicates.scale * s).sqrt()).collect();
        Self { count, factors, root, centre: replicates.centre, df: replicates.df(), from_office: replicates.is_supplied() }
    }

    /// The rank of the matrix of replicate weights less one, R survey's degrees of freedom where the office states none; `length` is
    /// √Σw² of each unit's records. Costs units × replicates².
    #[must_use]
    pub fn rank_df(&self, length: &[f64]) -> f64 {
        let n = self.count;
        let column = |a: usize| -> Vec<f64> {
            let mut sums = vec![0.0; n - a];
            for (row, w) in self.factors.chunks_exact(n).zip(length) {
                let by = row[a] * w * w;
                sums.iter_mut().zip(&row[a..]).for_each(|(s, f)| *s += by * f);
            }
            sums
        };
        // Cholesky of the products of columns, skipping the columns that are a mix of those before them.
        let products: Vec<Vec<f64>> = (0..n).into_par_iter().map(column).collect();
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for j in 0..n {
            let own = products[j][0] - basis.iter().map(|b| b[j] * b[j]).sum::<f64>();
            if own <= OWN_SHARE * OWN_SHARE * products[j][0] {
                continue;
            }
            let length = own.sqrt();
            let mut next = vec![0.0; n];
            for (i, value) in next.iter_mut().enumerate().skip(j) {
                *value = (products[j][i - j] - basis.iter().map(|b| b[j] * b[i]).sum::<f64>()) / length;
            }
            basis.push(next);
        }
        basis.len().saturating_sub(1) as f64
    }

    /// The total of every slot in every replicate, by slot, then replicate; cells are added in their order.
    fn totals(&self, cells: impl Iterator<Item = Cell>, slots: usize) -> Vec<f64> {
        let n = self.count;
        let mut totals = vec![0.0; slots * n];
        for cell in cells.filter(|c| c.amount != 0.0) {
            let factors = &self.factors[cell.unit as usize * n..][..n];
            let total = &mut totals[cell.slot as usize * n..][..n];
            total.iter_mut().zip(factors).for_each(|(t, f)| *t += f * cell.amount);
        }
        totals
    }

    /// The scores of an estimate with these replicates.
    fn scores(&self, value: f64, estimates: &[f64]) -> Vec<f64> {
        let centre = match self.centre {
            Centre::Estimate => value,
            Centre::Mean => {
                let counted = || estimates.iter().zip(&self.root).filter(|(_, root)| **root > 0.0);
                counted().map(|(e, _)| e).sum::<f64>() / counted().count() as f64
            }
        };
        estimates.iter().zip(&self.root).map(|(e, root)| root * (e - centre)).collect()
    }

    /// Scores as replicates: linearised ones stand for an estimate that moves by (factor − 1)·z of each unit.
    fn deviations<'a>(&self, scores: &'a Scores) -> Cow<'a, [f64]> {
        match scores {
            Scores::Replicates(deviations) => Cow::Borrowed(deviations),
            Scores::Clusters(z) => {
                let moved = self.totals(z.iter().zip(0..).map(|(&amount, unit)| Cell { unit, slot: 0, amount }), 1);
                let whole: f64 = z.iter().sum();
                Cow::Owned(self.scores(whole, &moved))
            }
            // Units with replicates are numbered, so they have no such scores.
            Scores::Records { .. } => Cow::Borrowed(&[]),
        }
    }

    /// The covariance of the estimates with these scores.
    pub(super) fn product(&self, a: &Scores, b: &Scores) -> f64 {
        self.deviations(a).iter().zip(self.deviations(b).iter()).map(|(x, y)| x * y).sum()
    }
}

impl Units {
    /// These units with replicates from which every variance and covariance comes; the units must be those of the replicates.
    ///
    /// # Panics
    /// Replicates of another number of units.
    #[must_use]
    pub fn with_replication(mut self, replication: Replication) -> Self {
        assert_eq!(replication.factors.len(), replication.count * self.count() as usize, "replicates of these units");
        self.replication = Some(Arc::new(replication));
        self
    }

    /// True where variances come from replicates.
    #[must_use]
    pub fn replicated(&self) -> bool {
        self.replication.is_some()
    }

    /// The scores of an estimate that `statistic` makes anew of the totals of each replicate; `cells` hold the amounts with the full weights.
    ///
    /// None without replicates, or where a replicate has no estimate: its linearised scores are then the next best.
    #[must_use]
    pub fn recomputed(&self, value: f64, cells: impl Iterator<Item = Cell>, slots: usize, statistic: impl Fn(&[f64]) -> Option<f64>) -> Option<Scores> {
        let replication = self.replication.as_ref()?;
        let n = replication.count;
        let totals = replication.totals(cells, slots);
        let mut one = vec![0.0; slots];
        let mut estimate = |r: usize| {
            one.iter_mut().enumerate().for_each(|(slot, t)| *t = totals[slot * n + r]);
            statistic(&one)
        };
        let estimates: Option<Vec<f64>> = (0..n).map(&mut estimate).collect();
        estimates.map(|e| Scores::Replicates(replication.scores(value, &e)))
    }

    /// The same scores as deviations of replicates, where there are any, so that products of them are cheap.
    #[must_use]
    pub fn settled(&self, scores: Scores) -> Scores {
        match &self.replication {
            Some(replication) => Scores::Replicates(replication.deviations(&scores).into_owned()),
            None => scores,
        }
    }

    /// Degrees of freedom of the whole design: units less strata, or as stated with supplied replicates.
    #[must_use]
    pub fn df(&self) -> f64 {
        self.domain_df(self.count(), self.strata())
    }

    /// Degrees of freedom of a domain with a record in so many units and strata; with supplied replicates no more than stated.
    #[must_use]
    pub fn domain_df(&self, units: u64, strata: u64) -> f64 {
        let by_units = units as f64 - strata as f64;
        match &self.replication {
            Some(r) if r.from_office => r.df.min(by_units),
            _ => by_units,
        }
    }

    /// Sets the degrees of freedom that supplied replicates state.
    #[must_use]
    pub fn with_df(mut self, df: f64) -> Self {
        if let Some(replication) = &mut self.replication {
            Arc::make_mut(replication).df = df;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Lonely;

    /// T3: eight records in four PSUs and two strata: accuracy 13/21; of group b 8/11, of group a 1/2.
    fn toy() -> (Units, [Vec<Cell>; 3]) {
        let units = Units::clusters(vec![0, 0, 1, 1], 2, Lonely::Fail).unwrap();
        let weight = [2.0, 3.0, 1.0, 4.0, 5.0, 2.0, 3.0, 1.0];
        let right = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
        let in_b = [false, true, false, true, false, false, true, true];
        let cells = |keep: &dyn Fn(usize) -> bool| {
            let cell = |i: usize, slot, amount| Cell { unit: i as u32 / 2, slot, amount };
            (0..8).filter(|&i| keep(i)).flat_map(|i| [cell(i, 0, weight[i] * right[i]), cell(i, 1, weight[i])]).collect()
        };
        (units, [cells(&|_| true), cells(&|i| !in_b[i]), cells(&|i| in_b[i])])
    }

    fn ratio(t: &[f64]) -> Option<f64> {
        (t[1] > 0.0).then(|| t[0] / t[1])
    }

    fn value(cells: &[Cell]) -> f64 {
        let of = |slot| cells.iter().filter(|c| c.slot == slot).map(|c| c.amount).sum::<f64>();
        of(0) / of(1)
    }

    // R survey 4.1-1 on T3: as.svrepdesign JKn (about the mean and about the estimate) and BRR.
    #[test]
    fn products_of_scores_are_the_variances_of_r_survey() {
        let (units, [all, ..]) = toy();
        let half = Replicates::half_samples(&units, 0.0, Centre::Mean).unwrap();
        let jackknife = |centre| Replicates::jackknife(&units, centre).unwrap();
        for (replicates, se) in [(jackknife(Centre::Mean), 0.236_480_761_396), (jackknife(Centre::Estimate), 0.237_238_040_278_329), (half, 0.238_448_398_797)]
        {
            let units = units.clone().with_replication(Replication::of(&replicates));
            let scores = units.recomputed(value(&all), all.iter().copied(), 2, ratio).unwrap();
            assert!((units.variance(&scores).sqrt() - se).abs() < 1e-11, "{se}");
            assert_eq!(units.df(), 2.0);
        }
    }

    /// The variance of a difference by the covariance is that of the difference recomputed in each replicate; one score a replicate, so exactly.
    #[test]
    fn covariances_are_those_of_the_difference() {
        let (units, [_, a, b]) = toy();
        let replicates = Replicates::bootstrap(&units, 400, 3, Centre::Mean).unwrap();
        let units = units.with_replication(Replication::of(&replicates));
        // Drawn PSUs may leave a domain empty: the estimate then falls back to its linearised scores.
        assert_eq!(units.recomputed(value(&a), a.iter().copied(), 2, ratio).is_none(), replicates.totals(&a, 2, ratio).contains(&None));
        let total = |cells: &[Cell], slots| units.recomputed(0.0, cells.iter().copied(), slots, |t| Some(t[0])).unwrap();
        let (x, y) = (total(&a, 2), total(&b, 2));
        let both: Vec<Cell> = a.iter().copied().chain(b.iter().map(|c| Cell { amount: -c.amount, ..*c })).collect();
        let difference = units.variance(&total(&both, 2));
        let by_parts = units.variance(&x) + units.variance(&y) - 2.0 * units.covariance_of_disjoint(&x, &y);
        assert!((difference - by_parts).abs() < 1e-12 * difference, "{difference} {by_parts}");
        assert!(units.covariance_of_disjoint(&x, &y).abs() > 1e-3, "the domains share PSUs");
    }

    /// Linearised scores under the jackknife of one stratum have the linearised variance exactly.
    #[test]
    fn linearised_scores_under_the_jackknife_keep_their_variance() {
        let units = Units::clusters(vec![0, 0, 0, 0, 0, 1, 1, 1], 2, Lonely::Fail).unwrap();
        let z = Scores::Clusters(vec![0.3, -1.0, 0.25, 4.0, 0.5, -2.0, 1.0, 0.0]);
        let linearised = units.variance(&z);
        let centred = Replication::of(&Replicates::jackknife(&units, Centre::Estimate).unwrap());
        let units = units.with_replication(centred);
        assert!((units.variance(&z) / linearised - 1.0).abs() < 1e-12);
        assert_eq!(
            units.settled(z.clone()),
            Scores::Replicates(match &units.replication {
                Some(r) => r.deviations(&z).into_owned(),
                None => Vec::new(),
            })
        );
    }

    // numpy.linalg.matrix_rank of the same matrices: a copied column and a sum of two add nothing.
    #[test]
    fn degrees_of_freedom_are_the_rank_less_one() {
        let columns: [[f64; 5]; 6] = [
            [0.0, 1.5, 1.5, 1.0, 1.0],
            [1.5, 0.0, 1.5, 1.0, 1.0],
            [0.0, 1.5, 1.5, 1.0, 1.0],
            [1.0, 1.0, 1.0, 0.0, 2.0],
            [1.5, 1.5, 3.0, 2.0, 2.0],
            [1.0, 1.0, 1.0, 2.0, 0.0],
        ];
        let supplied = Replicates::supplied(columns.concat(), 5, 1.0, vec![1.0; 6], Centre::Mean, None).unwrap();
        let replication = Replication::of(&supplied);
        assert_eq!(replication.rank_df(&[1.0, 2.0, 3.0, 1.0, 700.0]), 3.0);
        let units = Units::clusters(vec![0; 5], 1, Lonely::Remove).unwrap().with_replication(replication).with_df(3.0);
        assert_eq!((units.df(), units.domain_df(3, 1)), (3.0, 2.0));
    }
}
