//! Accuracy at a common mix of codes: what groups' accuracies would be had all of them the same work to be coded.

use super::super::comparison::{Detail, Support};
use super::super::engine::{Level, plain};
use super::super::evidence::Measure;
use super::super::tally::Mass;
use super::compared::{Compared, add};
use super::search::{Quantiles, guarded};
use crate::stats::{expected_range_of_normals, t_quantile};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};
use std::collections::BTreeMap;

/// Fewest records of a group and code whose recall counts.
const FEWEST: u64 = 5;
/// A level whose mix cannot be compared for more than this share of the weight gives way to a coarser one.
const DROPPED: f64 = 0.2;
/// With more than this share left out at every level, there is no answer.
const MOST_DROPPED: f64 = 0.5;

/// A code of the mix in one group.
#[derive(Debug, Clone, Copy, Default)]
pub struct Share {
    /// Its records.
    pub mass: Mass,
    /// The share of them that is coded right.
    pub recall: f64,
}

/// Records of one unit, group and code of the mix, right or wrong.
#[derive(Debug, Clone, Copy)]
pub struct MixCell {
    /// PSU, or stratum where records are the units.
    pub unit: u32,
    /// Position of the group.
    pub group: usize,
    /// Position of the code in the support.
    pub code: usize,
    /// 1 where the full code is right.
    pub right: f64,
    /// How much.
    pub mass: Mass,
}

/// The mix of codes at a level, over the codes that all of some groups have.
pub struct Mix<'l> {
    /// The level.
    pub level: &'l Level,
    /// Cells of those groups at the codes of the support, in the order of their units.
    pub cells: Vec<MixCell>,
    /// Each group's records of each code of the support.
    pub shares: Vec<Vec<Share>>,
    /// Weight of these groups in each code of the support.
    pub weight: Vec<f64>,
    /// Share of each group's weight outside the support.
    pub dropped: Vec<f64>,
    /// Codes that occur at the level.
    pub of: u64,
    /// Share of the weight of all these groups within the support.
    pub kept: f64,
}

impl Mix<'_> {
    /// What is compared of what there is.
    pub fn support(&self) -> Support {
        Support { codes: self.weight.len() as u64, of: self.of, share: self.kept }
    }

    /// What the variance of a group's recalls, code by code times `share`, is at least, with its degrees of freedom: each recall with one record more that is right and
    /// one that is wrong (Agresti & Caffo 2000), each code a stratum of its own (Satterthwaite 1946).
    ///
    /// Codes of few records are the reason: residuals about a recall of five records are too small, and there are none where all five are right.
    pub fn sparse(&self, group: usize, share: impl Fn(usize) -> f64) -> (f64, f64) {
        let (mut whole, mut parts) = (0.0, 0.0);
        for (k, cell) in self.shares[group].iter().enumerate() {
            let size = (cell.mass.w * cell.mass.w / cell.mass.w2).min(cell.mass.n as f64);
            let variance = share(k) * share(k) * guarded(0.0, cell.recall, size, None);
            whole += variance;
            parts += variance * variance / (size - 1.0).max(1.0);
        }
        (whole, if parts > 0.0 { whole * whole / parts } else { f64::INFINITY })
    }
}

impl Compared<'_> {
    /// The finest mix of codes that some groups share for enough of their weight; `pairwise` asks that of each group by itself.
    pub fn shared_mix(&self, groups: &[usize], pairwise: bool) -> Option<Mix<'_>> {
        let left_out = |mix: &Mix<'_>| if pairwise { mix.dropped.iter().copied().fold(0.0, f64::max) } else { 1.0 - mix.kept };
        let mut best: Option<Mix<'_>> = None;
        for level in self.engine.levels.iter().rev() {
            let mix = self.mix_at(level, groups);
            if left_out(&mix) <= DROPPED {
                return Some(mix);
            }
            if best.as_ref().is_none_or(|b| left_out(&mix) < left_out(b)) {
                best = Some(mix);
            }
        }
        best.filter(|mix| left_out(mix) <= MOST_DROPPED && !mix.weight.is_empty())
    }

    fn mix_at<'l>(&self, level: &'l Level, groups: &[usize]) -> Mix<'l> {
        let mut cells: BTreeMap<(u32, usize, u32, bool), Mass> = BTreeMap::new();
        let mut shares: Vec<BTreeMap<u32, Share>> = vec![BTreeMap::new(); groups.len()];
        for (position, &g) in groups.iter().enumerate() {
            for c in &self.groups[g].cells {
                let Some(code) = level.ancestor[c.truth as usize] else { continue };
                let right = c.truth == c.predicted;
                add(cells.entry((c.unit, position, code, right)).or_default(), &c.mass);
                let share = shares[position].entry(code).or_default();
                add(&mut share.mass, &c.mass);
                share.recall += if right { c.mass.w } else { 0.0 };
            }
        }
        let mut everywhere: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
        for share in &shares {
            for (&code, s) in share {
                let seen = everywhere.entry(code).or_default();
                seen.0 += usize::from(s.mass.n >= FEWEST);
                seen.1 += s.mass.w;
            }
        }
        let of = everywhere.len() as u64;
        let support: BTreeMap<u32, f64> = everywhere.into_iter().filter(|(_, (n, _))| *n == groups.len()).map(|(code, (_, w))| (code, w)).collect();
        let place: BTreeMap<u32, usize> = support.keys().enumerate().map(|(i, &code)| (code, i)).collect();
        let whole: Vec<f64> = groups.iter().map(|&g| self.groups[g].mass.w).collect();
        let of_support = |all: &BTreeMap<u32, Share>| -> Vec<Share> {
            let recall = |s: &Share| Share { recall: s.recall / s.mass.w, ..*s };
            support.keys().map(|code| recall(&all[code])).collect()
        };
        let shares: Vec<Vec<Share>> = shares.iter().map(of_support).collect();
        let kept = |shares: &[Share]| shares.iter().map(|s| s.mass.w).sum::<f64>();
        let dropped = shares.iter().zip(&whole).map(|(shares, whole)| (1.0 - kept(shares) / whole).max(0.0)).collect();
        let cells = cells
            .into_iter()
            .filter_map(|((unit, group, code, right), mass)| Some(MixCell { unit, group, code: *place.get(&code)?, right: f64::from(right), mass }))
            .collect();
        let kept = support.values().sum::<f64>() / whole.iter().sum::<f64>();
        Mix { level, cells, dropped, of, kept, shares, weight: support.into_values().collect() }
    }

    /// The name of a level; that of the full code has none.
    pub fn level_name(&self, level: &Level) -> Option<String> {
        level.name.clone()
    }

    /// Accuracy of each group at the common mix, the largest difference, and what part of accuracy's own differences the mix makes.
    pub fn mix(&self, reference: Option<&str>) -> Vec<Measure> {
        const METRIC: &str = "standardised-accuracy";
        let mut measures = Vec::new();
        if self.groups.len() < 2 {
            measures.push(self.alone(METRIC, "difference"));
        } else {
            let everyone: Vec<usize> = (0..self.groups.len()).collect();
            match self.shared_mix(&everyone, false) {
                Some(mix) => measures.extend(self.standardised(METRIC, &mix)),
                None => {
                    let why = format!(
                        "the groups share too few codes: at every level more than half of the weight is in codes of which some group has fewer than {FEWEST} records"
                    );
                    measures.push(self.without(METRIC, self.contrast("difference", Detail::default()), Reason::NothingToDivideBy, why));
                }
            }
        }
        measures.extend(self.splits(reference));
        measures
    }

    /// θ_a = Σ_k π(k) R_a(k) with π estimated from the same records: its influence is π_k(right − R_a)/W_a(k) in the group, plus (R_a(k) − θ_a)/W of all.
    fn standardised(&self, metric: &str, mix: &Mix<'_>) -> Vec<Measure> {
        let whole: f64 = mix.weight.iter().sum();
        let value = |g: usize| mix.weight.iter().zip(&mix.shares[g]).map(|(w, s)| w / whole * s.recall).sum::<f64>();
        let theta: Vec<f64> = (0..mix.shares.len()).map(value).collect();
        let units = &self.sampling().units;
        // V(Σ over groups g of sign·θ_g).
        let variance = |of: &[(usize, f64)]| {
            let level: Vec<f64> =
                (0..mix.weight.len()).map(|k| of.iter().map(|&(g, sign)| sign * (mix.shares[g][k].recall - theta[g])).sum::<f64>() / whole).collect();
            let scores = self.scores(mix.cells.iter().map(|c| {
                let own = of.iter().find(|(g, _)| *g == c.group).map_or(0.0, |&(g, sign)| {
                    let share = mix.shares[g][c.code];
                    sign * mix.weight[c.code] / whole * (c.right - share.recall) / share.mass.w
                });
                (c.unit, c.mass, own + level[c.code])
            }));
            units.sparse_variance(&scores)
        };
        let sparse: Vec<(f64, f64)> = (0..theta.len()).map(|g| mix.sparse(g, |k| mix.weight[k] / whole)).collect();
        let df: Vec<f64> = self.groups.iter().zip(&sparse).map(|(g, sparse)| self.df(g.cells.iter()).min(sparse.1.max(1.0))).collect();
        let level = self.sampling().level;
        let mut measures = Vec::new();
        let mut errors = Vec::new();
        for (g, group) in self.groups.iter().enumerate() {
            let found = variance(&[(g, 1.0)]).max(sparse[g].0);
            errors.push(found.max(0.0).sqrt());
            let outcome = if found > 1e-24 && df[g] >= 1.0 {
                let half = t_quantile(0.5 + level / 2.0, df[g]) * found.sqrt();
                Outcome::Estimate(Estimate {
                    value: theta[g],
                    se: Some(found.sqrt()),
                    interval: Some(Interval { lower: (theta[g] - half).max(0.0), upper: (theta[g] + half).min(1.0), level, method: Method::StudentT }),
                    n: group.mass.n,
                    n_effective: None,
                    psus: self.sampling().clustered.then_some(group.units.len() as u64),
                    df: Some(df[g]),
                    design_effect: None,
                })
            } else {
                Outcome::undefined(Reason::NoReplication, "only one sampled unit, or all records alike: its precision cannot be told", group.mass.n)
            };
            measures.push(self.of_group(metric, g, outcome));
        }
        let known: Vec<usize> = (0..theta.len()).filter(|&g| errors[g] > 0.0 && df[g] >= 1.0).collect();
        let pairs = (known.len() * known.len().saturating_sub(1) / 2) as u64;
        let detail = Detail { comparisons: Some(pairs), mix: self.level_name(mix.level), support: Some(mix.support()), ..Detail::default() };
        let mut contrast = self.contrast("difference", detail);
        contrast.groups = known.len() as u64;
        let mut quantiles = Quantiles::new(pairs, level);
        let (mut lower, mut upper, mut best) = (0.0, 0.0, None::<(usize, usize, f64, f64, f64)>);
        for (i, &a) in known.iter().enumerate() {
            for &b in &known[i + 1..] {
                let (high, low) = if theta[a] >= theta[b] { (a, b) } else { (b, a) };
                let d = theta[high] - theta[low];
                // The standard error is the design's own where it shows one; the bounds are at least as wide as it makes them.
                let shown = variance(&[(high, 1.0), (low, -1.0)]).max(0.0);
                let se = shown.max(sparse[high].0 + sparse[low].0).sqrt();
                let df = crate::stats::satterthwaite((errors[a].powi(2), df[a]), (errors[b].powi(2), df[b])).min(self.design_df());
                let q = quantiles.at(df);
                lower = f64::max(lower, d - q * se);
                upper = f64::max(upper, d + q * se).min(1.0);
                if best.is_none_or(|b| d > b.2) {
                    best = Some((high, low, d, if shown > 1e-24 { shown.sqrt() } else { se }, df));
                }
            }
        }
        let Some((high, low, value, se, df)) = best else {
            measures.push(self.alone(metric, "difference"));
            return measures;
        };
        contrast.high.clone_from(&self.groups[high].values);
        contrast.low.clone_from(&self.groups[low].values);
        let mean = known.iter().map(|&g| errors[g].powi(2)).sum::<f64>() / known.len() as f64;
        contrast.expected_from_noise = Some(expected_range_of_normals(known.len()) * mean.sqrt());
        let outcome = self.estimate(value, se, df, (lower, upper), Method::Simultaneous);
        measures.push(Measure { contrast: Some(contrast), ..plain(metric, outcome) });
        measures
    }
}
