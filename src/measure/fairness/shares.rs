//! What the model does to published shares of groups and to comparisons between them.

use super::super::comparison::Detail;
use super::super::engine::plain;
use super::super::evidence::Measure;
use super::super::tally::Mass;
use super::compared::{Compared, Group};
use super::search::{Cell, Extreme, Quantiles, Search, sign};
use crate::model::UNCODED;
use crate::stats::{SparseScores, t_quantile};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::PI;

/// A mean over a group's records with its scores.
struct Mean {
    value: f64,
    variance: f64,
    scores: SparseScores,
}

/// What a group's published shares are wrong by in all.
#[derive(Clone, Copy, Default)]
struct Total {
    /// ½ Σ |q − π|.
    value: f64,
    /// What sampling noise alone would make that, at most.
    noise: f64,
}

impl Compared<'_> {
    /// Class-share parity, the errors of published shares by group, and of published comparisons between groups.
    pub fn shares(&self) -> Vec<Measure> {
        let mut measures = Vec::new();
        let codes = self.frequent();
        let support = Detail { support: Some(self.support(codes.iter().copied())), ..Detail::default() };
        let groups = self.groups.len();
        let pairs = groups * groups.saturating_sub(1) / 2;
        let mut parity = Search::new(self, (pairs * codes.len()) as u64, false);
        let mut bias = Search::new(self, (pairs * codes.len()) as u64, false);
        let mut single = Single::new(self, (groups * codes.len()) as u64);
        let df: Vec<f64> = self.groups.iter().map(|g| self.df(g.cells.iter())).collect();
        let mut totals = vec![Total::default(); groups];
        let mut signs: Vec<BTreeMap<u32, f64>> = vec![BTreeMap::new(); groups];
        let occurring: BTreeSet<u32> = self.truth.keys().chain(self.predicted.keys()).copied().collect();
        let everyone = self.everyone();
        let whole = everyone.mass;
        for &code in &occurring {
            let frequent = codes.contains(&code);
            let alike = if frequent { self.together(&everyone, code) } else { (0.0, 0.0) };
            let (mut given, mut errors): (Vec<Cell>, Vec<Cell>) = (Vec::new(), Vec::new());
            for (g, group) in self.groups.iter().enumerate() {
                let x = cells(group, code);
                let n = x.iter().map(|x| x.1.n).sum();
                if !frequent && n == 0 {
                    continue;
                }
                let error = self.error(group, &x);
                totals[g].value += error.value.abs() / 2.0;
                totals[g].noise += (2.0 * error.variance / PI).sqrt() / 2.0;
                signs[g].insert(code, sign(error.value));
                if frequent && df[g] >= 1.0 {
                    let share = self.share(group, code);
                    // Never better known than if the group were like all others: that it shows none or few such records is often chance.
                    let size = whole.w * whole.w / whole.w2 * group.mass.w2 / (group.mass.w * group.mass.w);
                    let cell = |mean: Mean, alike: f64| {
                        let variance = mean.variance.max(alike * size);
                        Cell { group: g, value: mean.value, variance, alike: alike * size, df: df[g], n, scores: mean.scores }
                    };
                    given.push(cell(share, alike.0));
                    errors.push(cell(error, alike.1));
                }
            }
            if frequent {
                errors.iter().for_each(|c| single.add(code, c));
                if given.len() > 1 {
                    parity.code(code, &given);
                    bias.code(code, &errors);
                }
            }
        }
        for (g, total) in totals.iter_mut().enumerate() {
            measures.push(self.of_group("aggregate-bias", g, self.total(g, total, &mut signs[g])));
        }
        measures.extend(single.measure(self, &support));
        for (metric, search, most) in [("class-share-gap", parity, 1.0), ("gap-bias", bias, 2.0)] {
            measures.push(match search.best {
                _ if groups < 2 => self.alone(metric, "gap"),
                None => self.without(
                    metric,
                    self.contrast("gap", support.clone()),
                    Reason::NothingToDivideBy,
                    format!("no code has {} records or more in these groups", self.floor()),
                ),
                Some(best) => self.found(metric, &search, best, most, &support),
            });
        }
        measures
    }

    /// Codes that so many records of these groups truly have, or were given.
    fn frequent(&self) -> BTreeSet<u32> {
        self.truth.iter().chain(&self.predicted).filter(|(_, mass)| mass.n >= self.floor()).map(|(code, _)| *code).collect()
    }

    /// The variances of q(k) and of q(k) − π(k) of all groups together; never 0, as if there were one more record either way.
    fn together(&self, all: &Group, code: u32) -> (f64, f64) {
        let n = all.mass.w * all.mass.w / all.mass.w2;
        let least = 2.0 / (n * n);
        (self.mean(all, &given(all, code)).variance.max(least), self.mean(all, &cells(all, code)).variance.max(least))
    }

    /// q(k) − π(k) of a group; `x` tells of the records that have the code on either side.
    fn error(&self, group: &Group, x: &[(u32, Mass, f64)]) -> Mean {
        self.mean(group, x)
    }

    /// q(k) of a group.
    fn share(&self, group: &Group, code: u32) -> Mean {
        self.mean(group, &given(group, code))
    }

    fn mean(&self, group: &Group, x: &[(u32, Mass, f64)]) -> Mean {
        let value = x.iter().map(|(_, m, x)| m.w * x).sum::<f64>() / group.mass.w;
        let scores = self.mean_scores(group, value, x);
        Mean { value, variance: self.sampling().units.sparse_variance(&scores), scores }
    }

    /// ½ Σ |q(k) − π(k)| of a group. Noise makes it too large by at most Σ √(2V/π)/2, which the lower bound allows for.
    fn total(&self, g: usize, total: &mut Total, signs: &mut BTreeMap<u32, f64>) -> Outcome {
        let group = &self.groups[g];
        let uncoded: f64 = group.at(group.by_predicted.get(&UNCODED)).map(|c| c.mass.w).sum::<f64>() / group.mass.w;
        if uncoded > 0.0 {
            // Records without a code are a share of their own that is never true.
            total.value += uncoded / 2.0;
            signs.insert(UNCODED, 1.0);
        }
        let sign = |code: u32| signs.get(&code).copied().unwrap_or(0.0);
        let x: Vec<(u32, Mass, f64)> = group.cells.iter().map(|c| (c.unit, c.mass, (sign(c.predicted) - sign(c.truth)) / 2.0)).collect();
        let scores = self.mean_scores(group, total.value, &x);
        let df = self.df(group.cells.iter());
        if df < 1.0 {
            return Outcome::undefined(Reason::NoReplication, "only one sampled unit: its precision cannot be told", group.mass.n);
        }
        // Where nothing varies: as if one record more were given something else.
        let least = (group.mass.w * group.mass.w / group.mass.w2 + 2.0).powi(-2);
        let variance = self.sampling().units.sparse_variance(&scores).max(least);
        let level = self.sampling().level;
        let half = t_quantile(0.5 + level / 2.0, df) * variance.sqrt();
        let interval = Interval { lower: (total.value - total.noise - half).max(0.0), upper: (total.value + half).min(1.0), level, method: Method::StudentT };
        Outcome::Estimate(Estimate {
            value: total.value,
            se: Some(variance.sqrt()),
            interval: Some(interval),
            n: group.mass.n,
            n_effective: None,
            psus: self.sampling().clustered.then_some(group.units.len() as u64),
            df: Some(df),
            design_effect: None,
        })
    }

    /// The measure of what a search over all groups and codes found.
    fn found(&self, metric: &str, search: &Search<'_>, best: Extreme, most: f64, support: &Detail) -> Measure {
        let pairs = (self.groups.len() * (self.groups.len() - 1) / 2) as u64;
        let code = Some(self.name(best.code));
        let detail = Detail { comparisons: Some(pairs * search.codes() as u64), code, smallest: Some(best.smallest), ..support.clone() };
        let mut contrast = self.contrast("gap", detail);
        contrast.high.clone_from(&self.groups[best.high].values);
        contrast.low.clone_from(&self.groups[best.low].values);
        contrast.expected_from_noise = Some(search.noise(metric).0);
        let (lower, upper) = search.interval;
        let outcome = self.estimate(best.value, best.se, best.df, (lower, upper.min(most)), Method::Simultaneous);
        Measure { contrast: Some(contrast), ..plain(metric, outcome) }
    }
}

/// Records of a group that are given the code, x = 1, in the order of their units.
fn given(group: &Group, code: u32) -> Vec<(u32, Mass, f64)> {
    group.at(group.by_predicted.get(&code)).map(|c| (c.unit, c.mass, 1.0)).collect()
}

/// Records of a group that have the code as one and only one of true and predicted code: x is +1 where it is given wrongly, −1 where it is missed;
/// those that have it as both stand with x = 0. In the order of their units.
fn cells(group: &Group, code: u32) -> Vec<(u32, Mass, f64)> {
    let given = group.at(group.by_predicted.get(&code)).map(|c| (c.unit, c.mass, f64::from(c.truth != code)));
    let missed = group.at(group.by_truth.get(&code)).filter(|c| c.predicted != code).map(|c| (c.unit, c.mass, -1.0));
    let mut all: Vec<(u32, Mass, f64)> = given.chain(missed).collect();
    all.sort_by_key(|x| x.0);
    all
}

/// The search for the largest |q(k) − π(k)| over groups and codes.
struct Single {
    quantiles: Quantiles,
    comparisons: u64,
    interval: (f64, f64),
    best: Option<(u32, usize, f64, f64, f64, u64)>,
}

impl Single {
    fn new(compared: &Compared<'_>, comparisons: u64) -> Self {
        Self { quantiles: Quantiles::new(comparisons, compared.sampling().level), comparisons, interval: (0.0, 0.0), best: None }
    }

    fn add(&mut self, code: u32, cell: &Cell) {
        let (value, se) = (cell.value.abs(), cell.variance.sqrt());
        let q = self.quantiles.at(cell.df);
        self.interval = (self.interval.0.max(value - q * se), self.interval.1.max(value + q * se).min(1.0));
        if self.best.is_none_or(|b| value > b.2) {
            self.best = Some((code, cell.group, value, se, cell.df, cell.n));
        }
    }

    fn measure(&self, compared: &Compared<'_>, support: &Detail) -> Option<Measure> {
        let (code, group, value, se, df, n) = self.best?;
        let detail = Detail { comparisons: Some(self.comparisons), code: Some(compared.name(code)), smallest: Some(n), ..support.clone() };
        let mut contrast = compared.contrast("gap", detail);
        contrast.high.clone_from(&compared.groups[group].values);
        let outcome = compared.estimate(value, se, df, self.interval, Method::Simultaneous);
        Some(Measure { contrast: Some(contrast), ..plain("group-share-error", outcome) })
    }
}
