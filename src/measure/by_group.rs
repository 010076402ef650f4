//! Estimates of every group of a grouping, and the contrasts between its groups.

use super::comparison::{Contrast, Spread};
use super::engine::{Engine, Row, plain, records, too_few, undefined};
use super::estimate::{Kind, Sampling};
use super::evidence::{GroupCell, Measure};
use super::fairness::guarded;
use super::fairness::{against_reference, spread};
use super::tally::{CodeCell, Linear};
use crate::stats::{expected_range_of_normals, largest_gap, satterthwaite, smallest_ratio};
use crate::value::{Estimate, Interval, Method, Outcome, Reason, Undefined};

/// Metrics whose groups are compared; others depend on a group's size or on which codes it has.
const CONTRASTED: [&str; 7] = ["accuracy", "top-5-accuracy", "macro-f1", "coded-share", "coded-accuracy", "false-confidence", "confidence-gap"];

/// A group that has a value: its values of the variables, the linearised value and its kind.
pub type Known<'a> = (&'a Vec<String>, &'a Linear, Kind);

impl Engine<'_> {
    /// Every group of a grouping, the contrasts between its groups, and how much their accuracies differ in all.
    pub fn grouping(&self, number: usize) -> (Vec<Measure>, Option<Spread>) {
        let (grouping, groups) = &self.sample.groupings[number];
        let mut measures = Vec::new();
        let mut table: Vec<(Vec<String>, Vec<Row>)> = Vec::new();
        for (values, members) in groups {
            let mut mask = vec![false; self.sample.cells];
            members.iter().for_each(|&m| mask[m as usize] = true);
            let mut cells: Vec<CodeCell> = self.tally.codes.iter().filter(|c| mask[c.group as usize]).copied().collect();
            let n = records(&cells);
            let small = n < self.request.minimum_group;
            if small {
                // Replicates are not drawn for what will not be told: the questions are asked of no record.
                cells.clear();
                mask.fill(false);
            }
            let mut rows = self.of_records(&cells, Some(&mask));
            if !small && cells.iter().all(|c| c.mass.w <= 0.0) {
                let why = format!("all {n} records have weight 0");
                rows.iter_mut().for_each(|row| row.3 = Err(undefined(Reason::NothingToDivideBy, why.clone(), n)));
            }
            if small {
                rows.iter_mut().for_each(|row| row.3 = Err(too_few(n, "records", self.request.minimum_group)));
            }
            for (metric, code_level, threshold, result) in &rows {
                measures.push(Measure {
                    code_level: code_level.clone(),
                    threshold: *threshold,
                    group: Some(GroupCell { variables: grouping.variables.clone(), values: values.clone() }),
                    ..plain(metric, self.finish(result))
                });
            }
            table.push((values.clone(), rows));
        }
        let mut spread_of_accuracy = None;
        let count = table.first().map_or(0, |(_, rows)| rows.len());
        for position in 0..count {
            let (metric, code_level, threshold, _) = &table[0].1[position];
            if !CONTRASTED.contains(metric) {
                continue;
            }
            // The floor is on the records below the line of each metric, not on the size of the group.
            let known: Vec<Known<'_>> = table
                .iter()
                .filter(|(_, rows)| self.no_value(&rows[position]).is_none())
                .filter_map(|(values, rows)| rows[position].3.as_ref().ok().map(|(linear, kind)| (values, linear, *kind)))
                .collect();
            for kind in ["difference", "ratio"] {
                if kind == "ratio" && *metric != "accuracy" {
                    continue;
                }
                let (outcome, contrast) = self.contrast(kind, &grouping.variables, &known);
                measures.push(Measure { code_level: code_level.clone(), threshold: *threshold, contrast: Some(contrast), ..plain(metric, outcome) });
            }
            if let Some(reference) = &grouping.reference {
                let others: Vec<(&Vec<String>, Undefined)> =
                    table.iter().filter_map(|(values, rows)| Some((values, self.no_value(&rows[position])?))).collect();
                let measured = against_reference(self.sampling(), &grouping.variables, reference, &known, &others, *metric == "accuracy");
                measures.extend(measured.into_iter().map(|(outcome, contrast)| Measure {
                    code_level: code_level.clone(),
                    threshold: *threshold,
                    contrast: Some(contrast),
                    ..plain(metric, outcome)
                }));
            }
            if *metric == "accuracy" && code_level.is_none() {
                spread_of_accuracy = spread(self.sampling(), &grouping.variables, &known);
            }
        }
        (measures, spread_of_accuracy)
    }

    /// Why a group is not compared by a metric, if it is not.
    fn no_value(&self, row: &Row) -> Option<Undefined> {
        match &row.3 {
            Ok((linear, _)) if linear.n < self.request.minimum_group => Some(too_few(linear.n, "such records", self.request.minimum_group)),
            Ok(_) => None,
            Err(undefined) => Some(undefined.clone()),
        }
    }

    /// The largest difference or smallest ratio between groups with an interval that covers all pairs.
    pub fn contrast(&self, kind: &str, variables: &[String], groups: &[Known<'_>]) -> (Outcome, Contrast) {
        let units = &self.sampling().units;
        let n: u64 = groups.iter().map(|g| g.1.n).sum();
        let mut contrast = Contrast {
            kind: kind.to_owned(),
            variables: variables.to_vec(),
            high: Vec::new(),
            low: Vec::new(),
            groups: groups.len() as u64,
            expected_from_noise: None,
            detail: None,
        };
        if groups.len() < 2 {
            return (Outcome::undefined(Reason::OneGroup, "fewer than two groups have enough records", n), contrast);
        }
        let values: Vec<f64> = groups.iter().map(|g| g.1.value).collect();
        let known: Vec<Precision> = groups.iter().map(|(_, linear, kind)| Precision::of(linear, *kind, self.sampling())).collect();
        let design_df = units.df();
        let df = |a: usize, b: usize| known[a].df_with(&known[b]).min(design_df).max(1.0);
        if design_df < 1.0 {
            return (Outcome::undefined(Reason::NoReplication, "too few sampled units to estimate a variance", n), contrast);
        }
        let covariance = |a: usize, b: usize| units.covariance_of_disjoint(&groups[a].1.scores, &groups[b].1.scores);
        let found = if kind == "difference" {
            let mean = known.iter().map(|k| k.shown).sum::<f64>() / known.len() as f64;
            contrast.expected_from_noise = Some(expected_range_of_normals(groups.len()) * mean.sqrt());
            largest_gap(&values, |a, b| known[a].variance + known[b].variance - 2.0 * covariance(a, b), df, self.sampling().level)
        } else {
            let relative = |a: usize, b: usize| {
                known[a].variance / values[a].powi(2) + known[b].variance / values[b].powi(2) - 2.0 * covariance(a, b) / (values[a] * values[b])
            };
            smallest_ratio(&values, relative, df, self.sampling().level)
        };
        let Some(pair) = found else {
            return (Outcome::undefined(Reason::NothingToDivideBy, "a group has the value 0, so no ratio can be formed", n), contrast);
        };
        contrast.high.clone_from(groups[pair.high].0);
        contrast.low.clone_from(groups[pair.low].0);
        let interval = Interval { lower: pair.lower, upper: pair.upper, level: self.sampling().level, method: Method::Simultaneous };
        // The standard error is the design's own; the bounds are at least as wide as it makes them.
        let (high, low, both) = (&known[pair.high], &known[pair.low], covariance(pair.high, pair.low));
        let variance = if kind == "difference" {
            high.shown + low.shown - 2.0 * both
        } else {
            let (x, y) = (values[pair.high], values[pair.low]);
            pair.value * pair.value * (high.shown / (x * x) + low.shown / (y * y) - 2.0 * both / (x * y))
        };
        let se = variance.max(0.0).sqrt();
        let estimate = Estimate {
            value: pair.value,
            se: Some(se),
            interval: Some(interval),
            n,
            n_effective: None,
            psus: self.sampling().clustered.then(|| units.count()),
            df: Some(df(pair.high, pair.low)),
            design_effect: None,
        };
        (Outcome::Estimate(estimate), contrast)
    }
}

/// Below so many degrees of freedom of its own, a group's variance may by chance be estimated far too small: NCHS's standards for proportions
/// (Vital and Health Statistics 2(175), 2017) ask for an effective size of 30 and bound it by the number of records.
const FEW: f64 = 30.0;

/// How well a group's value is known where it is compared: its variance with its own degrees of freedom.
#[derive(Debug, Clone, Copy)]
pub struct Precision {
    /// The variance for intervals.
    pub variance: f64,
    /// That which the design alone shows: the square of the standard error.
    pub shown: f64,
    df: f64,
}

impl Precision {
    /// The design's variance and the group's sampled units less its strata. Where those are few, that of a proportion is not below the variance
    /// of a simple random sample of its effective size (Kish), with one success and one failure more.
    pub fn of(linear: &Linear, kind: Kind, sampling: &Sampling) -> Self {
        let shown = variance_of(linear, kind, sampling);
        let df = sampling.df(linear).max(1.0);
        if df >= FEW || kind != Kind::Proportion || linear.w2 <= 0.0 {
            return Self { variance: shown, shown, df };
        }
        let size = (linear.w * linear.w / linear.w2).min(linear.n as f64);
        Self { variance: guarded(shown, linear.value, size, None), shown, df }
    }

    /// Degrees of freedom of a difference: a pair is known as well as its own units tell it (Satterthwaite 1946, doi:10.2307/3002019), not as the whole design does.
    pub fn df_with(&self, other: &Self) -> f64 {
        satterthwaite((self.variance, self.df), (other.variance, other.df))
    }
}

/// The variance of a group's value, never 0 for a proportion.
pub fn variance_of(linear: &Linear, kind: Kind, sampling: &Sampling) -> f64 {
    floor_variance(linear.variance.map_or_else(|| sampling.units.variance(&linear.scores), |v| v.0), linear, kind, sampling)
}

/// The variance of a group's value; where all its records are alike, that of one more success and one more failure (Agresti & Caffo 2000).
fn floor_variance(variance: f64, linear: &Linear, kind: Kind, sampling: &Sampling) -> f64 {
    if variance > 1e-24 || kind != Kind::Proportion {
        return variance.max(0.0);
    }
    let size = sampling.size(linear);
    let p = (linear.value * size + 1.0) / (size + 2.0);
    p * (1.0 - p) / (size + 2.0)
}
