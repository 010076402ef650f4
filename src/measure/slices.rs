//! Slices: combinations of respondents' groups in which a candidate is right markedly less often, searched on one half of the test part
//! and confirmed on the other.
//!
//! Halves are drawn by whole PSUs within strata, so that what one half confirms is independent of why the other proposed it. The tuning
//! part would leave more records to confirm on, but it shares PSUs with the test part, and candidates read from files have no answers there.

mod halves;
mod list;
mod sum;

use super::estimate::{Kind, at_level};
use super::evidence::GroupCell;
use super::sample::{NOT_STATED, Sample};
use super::tally::Linear;
use crate::data::{MISSING, Table};
use crate::stats::{holm, normal_quantile, t_quantile, t_test};
use crate::value::{Method, Outcome};
use halves::{Half, halves};
use serde::{Deserialize, Serialize};
use sum::{Sum, least_variance};

/// Most columns of a slice.
pub const DEEPEST: usize = 3;
/// Slices that are put to the confirming half at most: each more makes all intervals wider.
const MOST_TRIED: usize = 5;
/// Fewest records by which a slice is smaller than what it is a part of; fewer could be told from the two.
const REST: u64 = 10;
/// Standard errors by which a slice must fall short in the searching half to be tried: one-sided 5 %.
const PROPOSED: f64 = 1.645;
/// Chance with which the slice told as detectable is proposed, and then confirmed: together about 80 %.
const STAGE: f64 = 0.9;
/// Share of the test part in the slice told as detectable.
const TYPICAL: f64 = 0.05;

/// What to search.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceSettings {
    /// Columns whose values are combined.
    pub columns: Vec<String>,
    /// Most columns in one slice, at most [`DEEPEST`].
    pub depth: usize,
    /// Fewest records of a slice in each half.
    pub minimum: u64,
}

/// What the search gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slices {
    /// Columns searched.
    pub columns: Vec<String>,
    /// Most columns in one slice.
    pub depth: u64,
    /// Fewest records of a slice in each half.
    pub minimum: u64,
    /// Records of the half that was searched.
    pub records_searched: u64,
    /// Records of the half that confirms.
    pub records_confirming: u64,
    /// Slices searched.
    pub searched: u64,
    /// Slices that the other half was asked about.
    pub tried: u64,
    /// The level that their intervals hold at together.
    pub level: f64,
    /// Slices confirmed, in the order in which they were proposed. Each is without the records of those tried before it.
    pub confirmed: Vec<Slice>,
    /// The slice that would have been found with a chance of about 80 %; absent where none would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detectable: Option<Detectable>,
}

/// A slice, by the half that confirms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Its columns and values.
    pub group: GroupCell,
    /// Accuracy in it.
    pub accuracy: Outcome,
    /// Its accuracy less that of all other records, with an interval that holds for all slices tried together (Holm).
    pub difference: Outcome,
    /// The adjusted p-value of the hypothesis that there is no difference.
    pub adjusted_p: f64,
    /// Records by which it is smaller than the smallest group that it is a part of.
    pub rest_in_parent: u64,
}

/// A slice that would have been found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detectable {
    /// Records in both halves.
    pub records: u64,
    /// How much less often the candidate is right there.
    pub shortfall: f64,
}

/// A slice that is searched.
struct Candidate {
    columns: Vec<usize>,
    values: Vec<u32>,
    /// Where its columns are in [`SliceSearch::combinations`].
    combination: usize,
    rest_in_parent: u64,
}

/// The slices of a test part, the same for all candidates.
pub struct SliceSearch {
    settings: SliceSettings,
    level: f64,
    names: Vec<Vec<String>>,
    searching: Half,
    confirming: Half,
    slices: Vec<Candidate>,
    /// For each combination of columns the slice of each test record, or [`NONE`].
    combinations: Vec<Vec<u32>>,
    /// Slices of each number of columns.
    of_depth: Vec<f64>,
}

/// A record is in no slice of a combination.
const NONE: u32 = u32::MAX;

impl SliceSearch {
    /// Lists the slices of test rows that have enough records in both halves; none where there are no columns to combine.
    #[must_use]
    pub fn of(table: &Table, rows: &[u32], sample: &Sample, settings: &SliceSettings, seed: u64) -> Option<Self> {
        let factors: Vec<_> = settings.columns.iter().map(|c| table.factor(c)).collect::<Option<_>>()?;
        let names: Vec<Vec<String>> = factors.iter().map(|f| f.labels.iter().cloned().chain([NOT_STATED.to_owned()]).collect()).collect();
        let value = |column: usize, row: u32| match factors[column].index[row as usize] {
            MISSING => factors[column].labels.len() as u32,
            level => level,
        };
        let values: Vec<Vec<u32>> = (0..factors.len()).map(|c| rows.iter().map(|&r| value(c, r)).collect()).collect();
        let (searching, confirming) = halves(sample, seed)?;
        Some(Self::listed(names, &values, searching, confirming, sample.sampling.level, settings))
    }

    /// Searches and confirms for a candidate; `right` says of each test record whether its first code is the true one.
    #[must_use]
    pub fn find(&self, right: &[bool]) -> Slices {
        let half = &self.confirming.sample;
        let (tried, estimates): (Vec<usize>, Vec<(Linear, Outcome)>) = {
            let proposed = self.proposed(right);
            (0..proposed.len()).filter_map(|at| Some((proposed[at], self.difference(proposed[at], &proposed[..at], right)?))).unzip()
        };
        let p: Vec<f64> = estimates.iter().map(|(_, o)| o.estimate().and_then(|e| t_test(e.value, e.se?, e.df?)).map_or(1.0, |t| t.p)).collect();
        let adjusted = holm(&p);
        let rank = |at: usize| (0..tried.len()).filter(|&other| p[other].total_cmp(&p[at]).then(other.cmp(&at)).is_lt()).count();
        let alpha = 1.0 - self.level;
        let confirmed = (0..tried.len())
            .filter_map(|at| {
                let (accuracy, Outcome::Estimate(e)) = &estimates[at] else { return None };
                let slice = &self.slices[tried[at]];
                (e.value < 0.0 && adjusted[at] <= alpha).then(|| Slice {
                    group: GroupCell {
                        variables: slice.columns.iter().map(|&c| self.settings.columns[c].clone()).collect(),
                        values: slice.columns.iter().zip(&slice.values).map(|(&c, &v)| self.names[c][v as usize].clone()).collect(),
                    },
                    accuracy: half.sampling.estimate(accuracy, Kind::Proportion),
                    difference: Outcome::Estimate(at_level(e, 1.0 - alpha / (tried.len() - rank(at)) as f64, None)),
                    adjusted_p: adjusted[at],
                    rest_in_parent: slice.rest_in_parent,
                })
            })
            .collect();
        Slices {
            columns: self.settings.columns.clone(),
            depth: self.settings.depth.min(self.settings.columns.len()) as u64,
            minimum: self.settings.minimum,
            records_searched: self.searching.records.len() as u64,
            records_confirming: self.confirming.records.len() as u64,
            searched: self.slices.len() as u64,
            tried: tried.len() as u64,
            level: self.level,
            confirmed,
            detectable: self.detectable(right),
        }
    }

    /// The slices to try: those that fall short by most standard errors, less what the number of slices as deep would bring by chance; each on
    /// the records that are in none before it.
    fn proposed(&self, right: &[bool]) -> Vec<usize> {
        let half = &self.searching;
        let clustered = half.sample.sampling.units.clustered();
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < MOST_TRIED {
            let mut sums = vec![Sum::default(); self.slices.len()];
            let (mut all, mut taken) = (Sum::default(), vec![0u64; self.slices.len()]);
            for (at, &i) in half.records.iter().enumerate() {
                let out = chosen.iter().any(|&s| self.holds(s, i));
                let (unit, weight, right) = (half.sample.unit[at], half.sample.weight[at], right[i as usize]);
                if !out {
                    all.add(unit, weight, right, clustered);
                }
                for of in self.combinations.iter().map(|c| c[i as usize]).filter(|of| *of != NONE) {
                    if out {
                        taken[of as usize] += 1;
                    } else {
                        sums[of as usize].add(unit, weight, right, clustered);
                    }
                }
            }
            let all = all.total();
            let score = |slice: usize| {
                let (n, own) = (sums[slice].n, sums[slice].total());
                let left = all.weight - own.weight;
                let rest = (all.right - own.right) / left;
                let t = (rest - own.right / own.weight) / (own.variance + all.variance * all.weight / left).sqrt();
                let enough = n >= self.settings.minimum && n >= taken[slice] && !chosen.contains(&slice);
                (enough && t.is_finite() && t >= PROPOSED).then(|| t * t / 2.0 - self.of_depth[self.slices[slice].columns.len()].ln())
            };
            let best = (0..self.slices.len()).filter_map(|s| Some((score(s)?, s))).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            let Some((_, best)) = best else { break };
            chosen.push(best);
        }
        chosen
    }

    fn holds(&self, slice: usize, record: u32) -> bool {
        self.combinations[self.slices[slice].combination][record as usize] == slice as u32
    }

    /// Accuracy in a slice without the records of those tried before it, and less that of all other records, in the confirming half;
    /// none where too few are left.
    fn difference(&self, slice: usize, before: &[usize], right: &[bool]) -> Option<(Linear, Outcome)> {
        let half = &self.confirming;
        let known: Vec<bool> = half.records.iter().map(|&i| before.iter().any(|&s| self.holds(s, i))).collect();
        let inside: Vec<bool> = half.records.iter().zip(&known).map(|(&i, known)| !known && self.holds(slice, i)).collect();
        let right: Vec<f64> = half.records.iter().map(|&i| f64::from(right[i as usize])).collect();
        let part = |wanted: bool| half.sample.ratio_of((0..right.len()).filter(|&at| !known[at] && inside[at] == wanted).map(|at| (at, right[at], 1.0)));
        let (own, rest) = (part(true).filter(|own| own.n >= self.settings.minimum)?, part(false)?);
        let influence = |at: usize| {
            if known[at] {
                0.0
            } else if inside[at] {
                (right[at] - own.value) / own.w
            } else {
                -(right[at] - rest.value) / rest.w
            }
        };
        let mut linear = half.sample.influenced(own.value - rest.value, (0..right.len()).map(|at| (at, influence(at))));
        let units = &half.sample.sampling.units;
        let size = own.w * own.w / own.w2;
        linear.variance = Some((units.variance(&linear.scores).max(least_variance(own.value, size)), Method::StudentT));
        // What is known of the slice hangs on its own units: they give the degrees of freedom, at most those of the half.
        let df = (own.units.saturating_sub(1)).min(units.count() - units.strata()).max(1);
        (linear.n, linear.units, linear.strata) = (own.n, df + 1, 1);
        let outcome = half.sample.sampling.estimate(&linear, Kind::Signed);
        Some((own, outcome))
    }

    /// How much a slice of a typical size must fall short to be proposed by one half and confirmed by the other.
    fn detectable(&self, right: &[bool]) -> Option<Detectable> {
        let half = &self.confirming;
        let all = half.sample.ratio_of(half.records.iter().enumerate().map(|(at, &i)| (at, f64::from(right[i as usize]), 1.0)))?;
        let units = &half.sample.sampling.units;
        let n = (self.searching.records.len() + half.records.len()) as f64;
        let records = (2 * self.settings.minimum).max((TYPICAL * n).round() as u64);
        let spread = |p: f64| p * (1.0 - p);
        // Under the half's design effect, in the slice and in the rest.
        let effect = (units.variance(&all.scores) * all.n as f64 / spread(all.value)).max(1.0);
        let (slice, rest) = (records as f64 / 2.0, (all.n as f64 - records as f64 / 2.0).max(1.0));
        let se = |shortfall: f64| (effect * (spread((all.value - shortfall).max(0.0)) / slice + spread(all.value) / rest)).sqrt();
        let df = (units.count() - units.strata()).max(1) as f64;
        let confirm = t_quantile(1.0 - (1.0 - self.level) / 2.0 / MOST_TRIED as f64, df);
        let crowd = self.slices.len() as f64;
        let propose = if crowd > 2.0 * MOST_TRIED as f64 { normal_quantile(1.0 - MOST_TRIED as f64 / crowd).max(PROPOSED) } else { PROPOSED };
        let reach = confirm.max(propose) + normal_quantile(STAGE);
        // Less accuracy has another variance: the smallest shortfall, to a thousandth, that its own error allows to be seen.
        let shortfall = (1..1000).map(|i| f64::from(i) / 1000.0).take_while(|s| *s < all.value).find(|s| *s >= reach * se(*s))?;
        (crowd > 0.0).then_some(Detectable { records, shortfall })
    }
}

#[cfg(test)]
mod tests;
