//! Estimates of every group of a grouping, and the contrasts between its groups.

use super::engine::{Engine, Row, plain, records, too_few, undefined};
use super::estimate::{Kind, Sampling};
use super::evidence::{Contrast, GroupCell, Measure};
use super::tally::{CodeCell, Linear};
use crate::stats::{expected_range_of_normals, largest_gap, smallest_ratio};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};

/// Metrics whose groups are compared; others depend on a group's size or on which codes it has.
const CONTRASTED: [&str; 6] = ["accuracy", "top-5-accuracy", "macro-f1", "coded-share", "coded-accuracy", "confidence-gap"];

impl Engine<'_> {
    /// Every group of a grouping, and the contrasts between its groups.
    pub fn grouping(&self, number: usize) -> Vec<Measure> {
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
        let count = table.first().map_or(0, |(_, rows)| rows.len());
        for position in 0..count {
            let (metric, code_level, threshold, _) = &table[0].1[position];
            if !CONTRASTED.contains(metric) {
                continue;
            }
            let known: Vec<(&Vec<String>, &Linear, Kind)> =
                table.iter().filter_map(|(values, rows)| rows[position].3.as_ref().ok().map(|(linear, kind)| (values, linear, *kind))).collect();
            for kind in ["difference", "ratio"] {
                if kind == "ratio" && *metric != "accuracy" {
                    continue;
                }
                let (outcome, contrast) = self.contrast(kind, &grouping.variables, &known);
                measures.push(Measure { code_level: code_level.clone(), threshold: *threshold, contrast: Some(contrast), ..plain(metric, outcome) });
            }
        }
        measures
    }

    /// The largest difference or smallest ratio between groups with an interval that covers all pairs.
    pub fn contrast(&self, kind: &str, variables: &[String], groups: &[(&Vec<String>, &Linear, Kind)]) -> (Outcome, Contrast) {
        let units = &self.sampling().units;
        let n: u64 = groups.iter().map(|g| g.1.n).sum();
        let mut contrast = Contrast {
            kind: kind.to_owned(),
            variables: variables.to_vec(),
            high: Vec::new(),
            low: Vec::new(),
            groups: groups.len() as u64,
            expected_from_noise: None,
        };
        if groups.len() < 2 {
            return (Outcome::undefined(Reason::OneGroup, "fewer than two groups have enough records", n), contrast);
        }
        let values: Vec<f64> = groups.iter().map(|g| g.1.value).collect();
        let variances: Vec<f64> = groups
            .iter()
            .map(|(_, linear, kind)| floor_variance(linear.variance.map_or_else(|| units.variance(&linear.scores), |v| v.0), linear, *kind, self.sampling()))
            .collect();
        let df = units.df();
        if df < 1.0 {
            return (Outcome::undefined(Reason::NoReplication, "too few sampled units to estimate a variance", n), contrast);
        }
        let covariance = |a: usize, b: usize| units.covariance_of_disjoint(&groups[a].1.scores, &groups[b].1.scores);
        let found = if kind == "difference" {
            let mean = variances.iter().sum::<f64>() / variances.len() as f64;
            contrast.expected_from_noise = Some(expected_range_of_normals(groups.len()) * mean.sqrt());
            largest_gap(&values, |a, b| variances[a] + variances[b] - 2.0 * covariance(a, b), df, self.sampling().level)
        } else {
            let relative =
                |a: usize, b: usize| variances[a] / values[a].powi(2) + variances[b] / values[b].powi(2) - 2.0 * covariance(a, b) / (values[a] * values[b]);
            smallest_ratio(&values, relative, df, self.sampling().level)
        };
        let Some(pair) = found else {
            return (Outcome::undefined(Reason::NothingToDivideBy, "a group has the value 0, so no ratio can be formed", n), contrast);
        };
        contrast.high.clone_from(groups[pair.high].0);
        contrast.low.clone_from(groups[pair.low].0);
        let interval = Interval { lower: pair.lower, upper: pair.upper, level: self.sampling().level, method: Method::Simultaneous };
        let se = if kind == "difference" { pair.se } else { pair.se * pair.value };
        let estimate = Estimate {
            value: pair.value,
            se: Some(se),
            interval: Some(interval),
            n,
            n_effective: None,
            psus: self.sampling().clustered.then(|| units.count()),
            df: Some(df),
            design_effect: None,
        };
        (Outcome::Estimate(estimate), contrast)
    }
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
