//! Replicate weights: the factors of sampled units under the jackknife, half-samples, the bootstrap, or as supplied.

use super::design::{Lonely, Units};
use crate::value::Stream;
use std::fmt;

/// What deviations of replicates are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Centre {
    /// The mean of the replicates with a scale above zero (R survey: `mse = FALSE`).
    Mean,
    /// The estimate itself (R survey: `mse = TRUE`).
    Estimate,
}

/// Why there are no replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicateFault {
    /// The units are records counted by stratum: number each record as a unit of its own first.
    Uncounted,
    /// Balanced half-samples need two PSUs in every stratum; this stratum has another number.
    NotPairs(usize),
    /// Fewer than two replicates.
    TooFew,
    /// Factors are not one number for each replicate and unit, or scales not one for each replicate.
    Shape,
    /// A factor or scale is negative or not a number, or no scale is above zero.
    NotAFactor,
}

impl fmt::Display for ReplicateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Uncounted => "replicates need numbered units, and records were only counted by stratum",
            Self::NotPairs(_) => "balanced half-samples need two PSUs in every stratum",
            Self::TooFew => "fewer than two replicates",
            Self::Shape => "there is not one factor for each replicate and unit, or one scale for each replicate",
            Self::NotAFactor => "a replicate's factor or scale is negative or not a number",
        })
    }
}

/// How a replicate reweights units. Only supplied factors are stored; the others are computed when they are asked for.
#[derive(Debug, Clone, PartialEq)]
enum Rule {
    /// Each replicate leaves out one unit.
    Jackknife { left_out: Vec<u32> },
    /// Each replicate takes one unit of each pair 2−ρ times and the other ρ times.
    HalfSamples { second: Vec<bool>, rho: f64 },
    /// Each replicate draws units with replacement.
    Bootstrap { seed: u64, strata: Vec<Drawn> },
    /// Factors by replicate, then unit.
    Supplied { factors: Vec<f64> },
}

/// A stratum of the bootstrap.
#[derive(Debug, Clone, PartialEq)]
struct Drawn {
    members: Vec<u32>,
    /// √(1−f): how far factors move from 1.
    reach: f64,
}

/// Replicate weights as factors of the full weights, with what their variance needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates {
    rule: Rule,
    stratum_of: Vec<u32>,
    per_stratum: Vec<u64>,
    pub(super) scale: f64,
    pub(super) rscales: Vec<f64>,
    pub(super) centre: Centre,
    df: f64,
}

impl Replicates {
    /// The stratified jackknife, JKn: leaves out one PSU at a time and gives its weight to the others of its stratum.
    ///
    /// V = Σ (1−f_h)(n_h−1)/n_h (θ_r − θ̄)², as R survey's `as.svrepdesign(type = "JKn")`, also for lonely PSUs: under
    /// [`Lonely::Remove`] they are not left out, under [`Lonely::Average`] the variance is raised by all PSUs over those left out,
    /// under [`Lonely::Adjust`] strata are taken as PSUs. One replicate a PSU: for thousands, prefer [`Replicates::bootstrap`].
    /// With one stratum it is JK1.
    ///
    /// # Errors
    /// Records that were only counted; fewer than two PSUs to leave out.
    pub fn jackknife(units: &Units, centre: Centre) -> Result<Self, ReplicateFault> {
        let base = Self::of(units, Rule::Jackknife { left_out: Vec::new() }, centre)?;
        let strata = units.strata() as f64;
        let (mut left_out, mut rscales) = (Vec::new(), Vec::new());
        for unit in 0..base.stratum_of.len() {
            let h = units.stratum_of(unit);
            let n = base.per_stratum[h] as f64;
            let rest = units.not_sampled(h);
            if rest <= 0.0 || (units.is_lonely(h) && units.lonely() != Lonely::Adjust) {
                continue;
            }
            left_out.push(unit as u32);
            rscales.push(if n > 1.0 { rest * (n - 1.0) / n } else { rest * (strata - 1.0) / strata });
        }
        if left_out.len() < 2 {
            return Err(ReplicateFault::TooFew);
        }
        let sampled = (0..base.stratum_of.len()).filter(|&u| units.not_sampled(units.stratum_of(u)) > 0.0).count();
        let scale = if units.lonely() == Lonely::Average { sampled as f64 / left_out.len() as f64 } else { 1.0 };
        Ok(Self { rule: Rule::Jackknife { left_out }, scale, rscales, ..base })
    }

    /// Balanced half-samples for two PSUs a stratum (McCarthy 1969, doi:10.2307/1402116), with Fay's factor `rho` from 0 to below 1: 0
    /// for plain half-samples, 0.3 to 0.5 where half a sample has no estimate (Judkins 1990).
    ///
    /// V = Σ (θ_r − θ̄)²/(R(1−ρ)²). The balancing matrix is Sylvester's, of the next power of two above the number of strata. The
    /// sampled fraction plays no part, as in R survey.
    ///
    /// # Errors
    /// Records that were only counted; a stratum with other than two PSUs; `rho` out of range.
    pub fn half_samples(units: &Units, rho: f64, centre: Centre) -> Result<Self, ReplicateFault> {
        if !(0.0..1.0).contains(&rho) {
            return Err(ReplicateFault::NotAFactor);
        }
        let base = Self::of(units, Rule::HalfSamples { second: Vec::new(), rho }, centre)?;
        if let Some(h) = base.per_stratum.iter().position(|&n| n != 2) {
            return Err(ReplicateFault::NotPairs(h));
        }
        let mut seen = vec![false; base.per_stratum.len()];
        let second = base.stratum_of.iter().map(|&h| std::mem::replace(&mut seen[h as usize], true)).collect();
        let replicates = (seen.len() + 1).next_power_of_two();
        let scale = 1.0 / (replicates as f64 * (1.0 - rho) * (1.0 - rho));
        Ok(Self { rule: Rule::HalfSamples { second, rho }, scale, rscales: vec![1.0; replicates], df: seen.len() as f64, ..base })
    }

    /// The rescaled bootstrap (Rao & Wu 1988, doi:10.1080/01621459.1988.10478591): draws n_h − 1 PSUs of each stratum with replacement.
    ///
    /// A PSU drawn m times has the factor 1 − k + k·m·n_h/(n_h−1), k = √(1−f_h). V is the variance of the replicates. Replicate r
    /// draws from a stream of its own, so that neither the number of threads nor of replicates changes it. Lonely PSUs stay as they
    /// are under [`Lonely::Remove`], the variance is raised by all strata over the others under [`Lonely::Average`], and under
    /// [`Lonely::Adjust`] they count 0 or 2 times with even odds, so that they add the square of their deviation.
    ///
    /// # Errors
    /// Records that were only counted; fewer than two replicates.
    pub fn bootstrap(units: &Units, replicates: usize, seed: u64, centre: Centre) -> Result<Self, ReplicateFault> {
        if replicates < 2 {
            return Err(ReplicateFault::TooFew);
        }
        let base = Self::of(units, Rule::Bootstrap { seed, strata: Vec::new() }, centre)?;
        let mut strata: Vec<Drawn> = (0..base.per_stratum.len()).map(|h| Drawn { members: Vec::new(), reach: units.not_sampled(h).max(0.0).sqrt() }).collect();
        for (unit, &h) in base.stratum_of.iter().enumerate() {
            strata[h as usize].members.push(unit as u32);
        }
        let lonely = (0..strata.len()).filter(|&h| units.is_lonely(h)).count();
        let proper = units.strata() as usize - lonely;
        let raise = if units.lonely() == Lonely::Average && proper > 0 { (proper + lonely) as f64 / proper as f64 } else { 1.0 };
        if units.lonely() != Lonely::Adjust {
            strata.retain(|s| s.members.len() > 1);
        }
        strata.retain(|s| s.reach > 0.0);
        Ok(Self { rule: Rule::Bootstrap { seed, strata }, scale: raise / (replicates - 1) as f64, rscales: vec![1.0; replicates], ..base })
    }

    /// Replicate weights that came with the data: `factors` by replicate, then unit, each the replicate weight over the full weight.
    ///
    /// V = scale·Σ rscales_r (θ_r − centre)². A unit is whatever has factors of its own: a record, where weights were calibrated in
    /// each replicate. `df` is what the office states; without it, one less than the number of replicates is an upper limit.
    ///
    /// # Errors
    /// Fewer than two replicates, factors or scales that do not fit, are negative or no numbers.
    pub fn supplied(factors: Vec<f64>, units: usize, scale: f64, rscales: Vec<f64>, centre: Centre, df: Option<f64>) -> Result<Self, ReplicateFault> {
        let replicates = rscales.len();
        if replicates < 2 {
            return Err(ReplicateFault::TooFew);
        }
        if units == 0 || factors.len() != units * replicates {
            return Err(ReplicateFault::Shape);
        }
        let sound = |v: &f64| v.is_finite() && *v >= 0.0;
        if !factors.iter().chain(&rscales).chain([&scale]).all(sound) || scale <= 0.0 || rscales.iter().all(|&v| v <= 0.0) {
            return Err(ReplicateFault::NotAFactor);
        }
        let df = df.unwrap_or((replicates - 1) as f64);
        Ok(Self { rule: Rule::Supplied { factors }, stratum_of: vec![0; units], per_stratum: vec![units as u64], scale, rscales, centre, df })
    }

    fn of(units: &Units, rule: Rule, centre: Centre) -> Result<Self, ReplicateFault> {
        if !units.clustered() {
            return Err(ReplicateFault::Uncounted);
        }
        let stratum_of = (0..units.count() as usize).map(|u| units.stratum_of(u) as u32).collect();
        let df = units.count() as f64 - units.strata() as f64;
        Ok(Self { rule, stratum_of, per_stratum: units.per_stratum().to_vec(), scale: 1.0, rscales: Vec::new(), centre, df })
    }

    /// Number of replicates.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rscales.len()
    }

    /// True where replicates are random draws, any of which can be left out.
    pub(super) fn drawn(&self) -> bool {
        matches!(self.rule, Rule::Bootstrap { .. })
    }

    /// True where the factors came with the data.
    pub(super) fn is_supplied(&self) -> bool {
        matches!(self.rule, Rule::Supplied { .. })
    }

    /// Number of units that have factors.
    #[must_use]
    pub fn units(&self) -> usize {
        self.stratum_of.len()
    }

    /// Degrees of freedom of the variance: PSUs less strata; strata for half-samples; as stated for supplied weights.
    #[must_use]
    pub fn df(&self) -> f64 {
        self.df
    }

    /// Fills `factors`, one for each unit, with those of replicate `replicate`.
    ///
    /// # Panics
    /// A replicate or number of units that is not there.
    pub fn fill(&self, replicate: usize, factors: &mut [f64]) {
        assert_eq!(factors.len(), self.units(), "one factor for each unit");
        factors.fill(1.0);
        match &self.rule {
            Rule::Supplied { factors: all } => factors.copy_from_slice(&all[replicate * self.units()..(replicate + 1) * self.units()]),
            Rule::HalfSamples { second, rho } => {
                for ((factor, &h), &second) in factors.iter_mut().zip(&self.stratum_of).zip(second) {
                    // Sylvester's matrix: the sign at (r, c) is the parity of the bits common to r and c; column 0 does not vary.
                    let odd = (replicate & (h as usize + 1)).count_ones() % 2 == 1;
                    *factor = if odd == second { 2.0 - rho } else { *rho };
                }
            }
            Rule::Jackknife { left_out } => {
                let out = left_out[replicate] as usize;
                let (h, n) = (self.stratum_of[out], self.per_stratum[self.stratum_of[out] as usize]);
                if n > 1 {
                    let others = factors.iter_mut().zip(&self.stratum_of).filter(|(_, g)| **g == h);
                    others.for_each(|(factor, _)| *factor = n as f64 / (n - 1) as f64);
                } else {
                    // A lonely PSU stands for its stratum, and the other strata take its weight.
                    let strata = self.per_stratum.iter().filter(|&&n| n > 0).count() as f64;
                    factors.fill(strata / (strata - 1.0));
                }
                factors[out] = 0.0;
            }
            Rule::Bootstrap { seed, strata } => {
                let mut stream = Stream::named(*seed, &format!("bootstrap {replicate}"));
                for Drawn { members, reach } in strata {
                    let n = members.len();
                    if n == 1 {
                        factors[members[0] as usize] = 1.0 + reach * if stream.bits() >> 63 == 1 { 1.0 } else { -1.0 };
                        continue;
                    }
                    let (start, step) = (1.0 - reach, reach * n as f64 / (n - 1) as f64);
                    members.iter().for_each(|&u| factors[u as usize] = 0.0);
                    (1..n).for_each(|_| factors[members[stream.below(n as u64) as usize] as usize] += 1.0);
                    members.iter().for_each(|&u| factors[u as usize] = start + step * factors[u as usize]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(replicates: &Replicates) -> Vec<Vec<f64>> {
        replicates.each(<[f64]>::to_vec)
    }

    fn pairs() -> Units {
        Units::clusters(vec![0, 0, 1, 1, 1], 2, Lonely::Fail).unwrap()
    }

    #[test]
    fn jackknife_gives_the_weight_to_the_rest_of_the_stratum() {
        let found = factors(&Replicates::jackknife(&pairs(), Centre::Mean).unwrap());
        assert_eq!(found.len(), 5);
        assert_eq!(found[0], [0.0, 2.0, 1.0, 1.0, 1.0]);
        assert_eq!(found[3], [1.0, 1.0, 1.5, 0.0, 1.5]);
    }

    // R survey 4.1-1, jknweights: a lonely PSU takes the place of its stratum under "adjust" and is not left out otherwise.
    #[test]
    fn lonely_units_are_left_out_as_r_survey_does() {
        let of = |lonely| Replicates::jackknife(&Units::clusters(vec![0, 0, 1, 2, 2], 3, lonely).unwrap(), Centre::Mean).unwrap();
        let adjusted = of(Lonely::Adjust);
        assert_eq!(factors(&adjusted)[2], [1.5, 1.5, 0.0, 1.5, 1.5]);
        assert!((adjusted.rscales[2] - 2.0 / 3.0).abs() < 1e-15 && adjusted.scale == 1.0);
        assert_eq!((of(Lonely::Remove).count(), of(Lonely::Remove).scale), (4, 1.0));
        assert_eq!((of(Lonely::Average).count(), of(Lonely::Average).scale), (4, 1.25));
        let census = Units::clusters_of_finite(vec![0, 0, 1, 2, 2], vec![0.5, 1.0, 0.0], Lonely::Fail).unwrap();
        assert_eq!(Replicates::jackknife(&census, Centre::Mean).unwrap().rscales, [0.25, 0.25, 0.5, 0.5]);
    }

    #[test]
    fn half_samples_balance_every_stratum_against_every_other() {
        let units = Units::clusters((0..14).map(|u| u / 2).collect(), 7, Lonely::Fail).unwrap();
        let found = factors(&Replicates::half_samples(&units, 0.0, Centre::Mean).unwrap());
        assert_eq!(found.len(), 8);
        for a in 0..14 {
            assert_eq!(found.iter().map(|f| f[a]).sum::<f64>(), 8.0);
            let with = |b: usize| found.iter().map(|f| (f[a] - 1.0) * (f[b] - 1.0)).sum::<f64>();
            for b in 0..14 {
                let wanted = if a == b {
                    8.0
                } else if a / 2 == b / 2 {
                    -8.0
                } else {
                    0.0
                };
                assert_eq!(with(b), wanted, "{a} {b}");
            }
        }
        let fay = factors(&Replicates::half_samples(&units, 0.5, Centre::Mean).unwrap());
        assert!(fay.iter().flatten().all(|&f| f == 0.5 || f == 1.5));
        assert_eq!(Replicates::half_samples(&pairs(), 0.0, Centre::Mean), Err(ReplicateFault::NotPairs(1)));
        assert_eq!(Replicates::half_samples(&units, 1.0, Centre::Mean), Err(ReplicateFault::NotAFactor));
    }

    #[test]
    fn bootstrap_draws_one_fewer_of_each_stratum_and_repeats() {
        let drawn = Replicates::bootstrap(&pairs(), 50, 7, Centre::Mean).unwrap();
        let found = factors(&drawn);
        for f in &found {
            assert!((f[0] + f[1] - 2.0).abs() < 1e-15 && (f[2] + f[3] + f[4] - 3.0).abs() < 1e-15, "{f:?}");
            assert!(f[..2].iter().all(|&v| v == 0.0 || v == 2.0) && f[2..].iter().all(|&v| v == 0.0 || v == 1.5 || v == 3.0), "{f:?}");
        }
        // The first replicates are the same, however many there are; another seed gives others.
        assert_eq!(found[..20], factors(&Replicates::bootstrap(&pairs(), 20, 7, Centre::Mean).unwrap()));
        assert_ne!(found, factors(&Replicates::bootstrap(&pairs(), 50, 8, Centre::Mean).unwrap()));
        // A stratum sampled completely does not move.
        let census = Units::clusters_of_finite(vec![0, 0, 1, 1, 1], vec![1.0, 0.5], Lonely::Fail).unwrap();
        assert!(factors(&Replicates::bootstrap(&census, 9, 7, Centre::Mean).unwrap()).iter().all(|f| f[..2] == [1.0, 1.0]));
    }

    #[test]
    fn faults_are_named() {
        let counted = Units::records(vec![5, 5], Lonely::Fail).unwrap();
        assert_eq!(Replicates::jackknife(&counted, Centre::Mean), Err(ReplicateFault::Uncounted));
        assert_eq!(Replicates::bootstrap(&pairs(), 1, 0, Centre::Mean), Err(ReplicateFault::TooFew));
        let supplied = |factors: Vec<f64>, rscales: Vec<f64>| Replicates::supplied(factors, 2, 1.0, rscales, Centre::Mean, None).map(|r| r.df());
        assert_eq!(supplied(vec![1.0; 6], vec![1.0; 3]), Ok(2.0));
        assert_eq!(supplied(vec![1.0; 5], vec![1.0; 3]), Err(ReplicateFault::Shape));
        assert_eq!(supplied(vec![1.0, 1.0, -1.0, 1.0], vec![1.0; 2]), Err(ReplicateFault::NotAFactor));
        assert_eq!(supplied(vec![1.0; 4], vec![0.0; 2]), Err(ReplicateFault::NotAFactor));
        assert_eq!(supplied(vec![1.0; 2], vec![1.0; 1]), Err(ReplicateFault::TooFew));
    }
}
