//! Slices: combinations of respondents' groups in which a candidate is right markedly less often, searched on one half of the test part
//! and confirmed on the other.
//!
//! Halves are drawn by whole PSUs within strata, so that what one half confirms is independent of why the other proposed it. The tuning
//! part would leave more records to confirm on, but it shares PSUs with the test part, and candidates read from files have no answers there.

mod halves;

use super::estimate::{Kind, at_level};
use super::evidence::GroupCell;
use super::sample::{NOT_STATED, Sample};
use super::tally::Linear;
use crate::data::{MISSING, Table};
use crate::stats::{holm, normal_quantile, t_quantile, t_test};
use crate::value::{Method, Outcome};
use halves::{Half, halves};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Most columns of a slice.
pub const DEEPEST: usize = 3;
/// Slices that are put to the confirming half at most: each more makes all intervals wider.
const MOST_TRIED: usize = 5;
/// Fewest records by which a slice is smaller than what it is a part of; fewer could be told from the two.
const REST: u64 = 10;
/// Slices that share more than this of the smaller one's records say the same.
const SAME: f64 = 0.5;
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
    /// Slices confirmed, the surest first.
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

    fn listed(names: Vec<Vec<String>>, values: &[Vec<u32>], searching: Half, confirming: Half, level: f64, settings: &SliceSettings) -> Self {
        let n = values.first().map_or(0, Vec::len);
        let mut confirms = vec![false; n];
        confirming.records.iter().for_each(|&i| confirms[i as usize] = true);
        // Records of every combination's slices, in each half, for complements too: so all combinations are counted before any is dropped.
        let mut counts: BTreeMap<(Vec<usize>, Vec<u32>), [u64; 2]> = BTreeMap::new();
        let subsets = subsets(values.len(), settings.depth.min(DEEPEST));
        let mut keys: Vec<Vec<u32>> = Vec::new();
        for columns in &subsets {
            let mut numbers: HashMap<[u32; DEEPEST], u32> = HashMap::new();
            let mut own: Vec<([u32; DEEPEST], [u64; 2])> = Vec::new();
            let key = (0..n)
                .map(|i| {
                    let mut key = [NONE; DEEPEST];
                    columns.iter().enumerate().for_each(|(at, &c)| key[at] = values[c][i]);
                    let number = *numbers.entry(key).or_insert_with(|| {
                        own.push((key, [0; 2]));
                        own.len() as u32 - 1
                    });
                    own[number as usize].1[usize::from(confirms[i])] += 1;
                    number
                })
                .collect();
            counts.extend(own.into_iter().map(|(key, n)| ((columns.clone(), key[..columns.len()].to_vec()), n)));
            keys.push(key);
        }
        let whole = [searching.records.len() as u64, confirming.records.len() as u64];
        let parent = |columns: &[usize], values: &[u32], without: usize| {
            let left = |list: &[usize]| list.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, v)| *v).collect::<Vec<usize>>();
            let values: Vec<usize> = left(&values.iter().map(|v| *v as usize).collect::<Vec<_>>());
            if columns.len() == 1 { whole } else { counts[&(left(columns), values.into_iter().map(|v| v as u32).collect())] }
        };
        let mut slices = Vec::new();
        let mut combinations = Vec::new();
        let mut of_depth = vec![0.0; DEEPEST + 1];
        for (combination, (columns, key)) in subsets.iter().zip(keys).enumerate() {
            let mut number_of = HashMap::new();
            for ((_, values), n) in counts.range((columns.clone(), Vec::new())..).take_while(|((c, _), _)| c == columns) {
                let rest = (0..columns.len()).map(|at| parent(columns, values, at)).flat_map(|p| [p[0] - n[0], p[1] - n[1]]).min().unwrap_or(0);
                if n.iter().any(|n| *n < settings.minimum) || rest < REST {
                    continue;
                }
                number_of.insert(values.clone(), slices.len() as u32);
                of_depth[columns.len()] += 1.0;
                slices.push(Candidate { columns: columns.clone(), values: values.clone(), combination, rest_in_parent: rest });
            }
            let mut told: HashMap<u32, u32> = HashMap::new();
            let of = |i: usize| number_of.get(&columns.iter().map(|&c| values[c][i]).collect::<Vec<u32>>()).copied().unwrap_or(NONE);
            combinations.push(key.iter().enumerate().map(|(i, &k)| *told.entry(k).or_insert_with(|| of(i))).collect());
        }
        Self { settings: settings.clone(), level, names, searching, confirming, slices, combinations, of_depth }
    }

    /// Searches and confirms for a candidate; `right` says of each test record whether its first code is the true one.
    #[must_use]
    pub fn find(&self, right: &[bool]) -> Slices {
        let half = &self.confirming.sample;
        let (tried, estimates): (Vec<usize>, Vec<(Linear, Outcome)>) = self.proposed(right).into_iter().filter_map(|s| Some((s, self.difference(s, right)?))).unzip();
        let p: Vec<f64> = estimates.iter().map(|(_, o)| o.estimate().and_then(|e| t_test(e.value, e.se?, e.df?)).map_or(1.0, |t| t.p)).collect();
        let adjusted = holm(&p);
        let mut order: Vec<usize> = (0..tried.len()).collect();
        order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
        let alpha = 1.0 - self.level;
        let confirmed = order
            .iter()
            .enumerate()
            .filter_map(|(rank, &at)| {
                let (accuracy, Outcome::Estimate(e)) = &estimates[at] else { return None };
                let slice = &self.slices[tried[at]];
                (e.value < 0.0 && adjusted[at] <= alpha).then(|| Slice {
                    group: GroupCell {
                        variables: slice.columns.iter().map(|&c| self.settings.columns[c].clone()).collect(),
                        values: slice.columns.iter().zip(&slice.values).map(|(&c, &v)| self.names[c][v as usize].clone()).collect(),
                    },
                    accuracy: half.sampling.estimate(accuracy, Kind::Proportion),
                    difference: Outcome::Estimate(at_level(e, 1.0 - alpha / (tried.len() - rank) as f64, None)),
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

    /// The slices to try: those that fall short by most standard errors, less what the number of slices as deep would bring by chance.
    fn proposed(&self, right: &[bool]) -> Vec<usize> {
        let half = &self.searching;
        let all = half.units().total(half.records.iter().enumerate().map(|(at, &i)| (at, right[i as usize])));
        let mut scores: Vec<(f64, usize)> = Vec::new();
        for of in &self.combinations {
            let mut members: BTreeMap<u32, Vec<(usize, bool)>> = BTreeMap::new();
            for (at, &i) in half.records.iter().enumerate().filter(|(_, i)| of[**i as usize] != NONE) {
                members.entry(of[i as usize]).or_default().push((at, right[i as usize]));
            }
            for (slice, records) in members {
                let own = half.units().total(records.into_iter());
                let rest = (all.right - own.right) / (all.weight - own.weight);
                let spread = own.variance + all.variance * all.weight / (all.weight - own.weight);
                let t = (rest - own.right / own.weight) / spread.sqrt();
                if t.is_finite() && t >= PROPOSED {
                    let penalty = self.of_depth[self.slices[slice as usize].columns.len()].ln();
                    scores.push((t * t / 2.0 - penalty, slice as usize));
                }
            }
        }
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut chosen: Vec<usize> = Vec::new();
        for (_, slice) in scores {
            if chosen.len() == MOST_TRIED {
                break;
            }
            if chosen.iter().all(|&other| self.shared(slice, other) <= SAME) {
                chosen.push(slice);
            }
        }
        chosen
    }

    fn holds(&self, slice: usize, record: u32) -> bool {
        self.combinations[self.slices[slice].combination][record as usize] == slice as u32
    }

    /// The share of the smaller slice's records that are in the other too, in the searching half.
    fn shared(&self, a: usize, b: usize) -> f64 {
        let (mut in_a, mut in_b, mut both) = (0u32, 0u32, 0u32);
        for &i in &self.searching.records {
            let (a, b) = (self.holds(a, i), self.holds(b, i));
            in_a += u32::from(a);
            in_b += u32::from(b);
            both += u32::from(a && b);
        }
        f64::from(both) / f64::from(in_a.min(in_b).max(1))
    }

    /// Accuracy in a slice, and less that of all other records, in the confirming half.
    fn difference(&self, slice: usize, right: &[bool]) -> Option<(Linear, Outcome)> {
        let half = &self.confirming;
        let inside: Vec<bool> = half.records.iter().map(|&i| self.holds(slice, i)).collect();
        let right: Vec<f64> = half.records.iter().map(|&i| f64::from(right[i as usize])).collect();
        let part = |wanted: bool| half.sample.ratio_of((0..right.len()).filter(|&at| inside[at] == wanted).map(|at| (at, right[at], 1.0)));
        // Neither is empty: the minimum of the slice and the rest of its parent see to that.
        let (own, rest) = (part(true)?, part(false)?);
        let influence = |at: usize| if inside[at] { (right[at] - own.value) / own.w } else { -(right[at] - rest.value) / rest.w };
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
        let spread = all.value * (1.0 - all.value);
        // Deviation of a mean of `records`/2 under the half's design effect.
        let effect = (units.variance(&all.scores) * all.n as f64 / spread).max(1.0);
        let se = (spread * effect / (records as f64 / 2.0)).sqrt();
        let df = (units.count() - units.strata()).max(1) as f64;
        let confirm = t_quantile(1.0 - (1.0 - self.level) / 2.0 / MOST_TRIED as f64, df);
        let crowd = self.slices.len() as f64;
        let propose = if crowd > 2.0 * MOST_TRIED as f64 { normal_quantile(1.0 - MOST_TRIED as f64 / crowd).max(PROPOSED) } else { PROPOSED };
        let shortfall = (confirm.max(propose) + normal_quantile(STAGE)) * se;
        (spread > 0.0 && shortfall < all.value && crowd > 0.0).then_some(Detectable { records, shortfall })
    }
}

/// The variance of a proportion of `size` records with one more right and one more wrong (Agresti & Caffo 2000), below which none is believed.
fn least_variance(proportion: f64, size: f64) -> f64 {
    let p = (proportion * size + 1.0) / (size + 2.0);
    p * (1.0 - p) / (size + 2.0)
}

/// All sets of one to `depth` of `n` columns, the smaller ones first.
fn subsets(n: usize, depth: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut last: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..depth {
        last = last.iter().flat_map(|set| (set.last().map_or(0, |l| l + 1)..n).map(|next| [set.as_slice(), &[next]].concat())).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// Weight, weight that is right, and the variance of the share that is right, by units and without strata.
struct Total {
    weight: f64,
    right: f64,
    variance: f64,
}

/// The records of a half with their units, for the search.
struct Counted<'a> {
    unit: &'a [u32],
    weight: &'a [f64],
    clustered: bool,
}

impl Half {
    fn units(&self) -> Counted<'_> {
        Counted { unit: &self.sample.unit, weight: &self.sample.weight, clustered: self.sample.sampling.units.clustered() }
    }
}

impl Counted<'_> {
    /// The total of records (place in the half, right), in the order of the half's units.
    fn total(&self, records: impl Iterator<Item = (usize, bool)>) -> Total {
        // Σ over units of right², right·weight and weight²: the variance of a ratio needs no second pass.
        let (mut weight, mut right, mut square) = (0.0, 0.0, [0.0; 3]);
        let (mut unit, mut own, mut units, mut w2) = (NONE, [0.0; 2], 0u64, 0.0);
        let close = |own: [f64; 2], square: &mut [f64; 3]| {
            square[0] += own[0] * own[0];
            square[1] += own[0] * own[1];
            square[2] += own[1] * own[1];
        };
        for (at, is_right) in records {
            let w = self.weight[at];
            if !self.clustered || self.unit[at] != unit {
                close(own, &mut square);
                (own, unit) = ([0.0; 2], self.unit[at]);
                units += 1;
            }
            own[0] += if is_right { w } else { 0.0 };
            own[1] += w;
            right += if is_right { w } else { 0.0 };
            weight += w;
            w2 += w * w;
        }
        close(own, &mut square);
        let p = right / weight;
        let scale = units as f64 / (units as f64 - 1.0).max(1.0);
        let variance = scale * (square[0] - 2.0 * p * square[1] + p * p * square[2]) / (weight * weight);
        Total { weight, right, variance: variance.max(least_variance(p, weight * weight / w2)) }
    }
}

#[cfg(test)]
mod tests;
