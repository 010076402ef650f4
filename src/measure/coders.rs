//! Double coding: how far two coders agree, and how the model does on the same records. The human ceiling.

use super::engine::{Engine, plain, records, too_few};
use super::estimate::Kind;
use super::evidence::{GroupCell, Measure};
use super::measure::levels;
use super::request::Request;
use super::sample::Sample;
use super::tally::{CodeCell, Tally, code_cells};
use crate::data::{DatasetDescription, MISSING, Role, Table};
use crate::stats::{NoAgreement, krippendorff_influences};
use crate::value::{Outcome, Reason};
use std::collections::HashMap;

/// What double coding shows of the test part, the same for every candidate.
#[derive(Debug, Clone, Default)]
pub struct DoubleCoding {
    /// Agreement of the coders and their accuracy; empty unless some record has both codes.
    measures: Vec<Measure>,
    /// Test records with both codes.
    both: Vec<u32>,
    /// For each of them the share of the two coders who gave the true code.
    coders_right: Vec<f64>,
}

impl DoubleCoding {
    /// The measures for a candidate: the coders' and its own accuracy on the same records. `right` has one entry a test record.
    #[must_use]
    pub fn beside(&self, sample: &Sample, right: &[bool]) -> Vec<Measure> {
        let own = plain("accuracy-double-coded", share(sample, &self.both, |i| f64::from(right[i as usize]), Kind::Proportion));
        // On the same records, so what is hard for both cancels.
        let differences = self.both.iter().zip(&self.coders_right).map(|(&i, half)| (i as usize, f64::from(right[i as usize]) - half, 1.0));
        let less =
            sample.ratio_of(differences).map_or_else(|| Outcome::undefined(Reason::NoRecords, "no record", 0), |l| sample.sampling.estimate(&l, Kind::Signed));
        let less = plain("accuracy-less-coder", less);
        if self.both.is_empty() { Vec::new() } else { self.measures.iter().cloned().chain([own, less]).collect() }
    }
}

/// Measures double coding; empty unless two columns have role `coder` and some record of the test part has both codes.
///
/// Agreement, kappa and accuracy are of the first two columns; Krippendorff's alpha takes all of them.
#[must_use]
pub fn double_coding(table: &Table, about: &DatasetDescription, rows: &[u32], sample: &Sample, request: &Request) -> DoubleCoding {
    let columns: Vec<_> = about.with_role(Role::Coder).filter_map(|c| table.factor(&c.name)).collect();
    let [first, second, ..] = columns.as_slice() else { return DoubleCoding::default() };
    let mut universe = table.codes.clone();
    let mut number: HashMap<String, u32> = universe.iter().cloned().zip(0..).collect();
    let mut codes_of = |factor: &crate::data::Factor| -> Vec<u32> {
        factor
            .labels
            .iter()
            .map(|label| {
                *number.entry(label.clone()).or_insert_with(|| {
                    universe.push(label.clone());
                    (universe.len() - 1) as u32
                })
            })
            .collect()
    };
    let numbers: Vec<Vec<u32>> = columns.iter().map(|factor| codes_of(factor)).collect();
    let (one, two) = (&numbers[0], &numbers[1]);
    let both: Vec<u32> =
        (0..rows.len() as u32).filter(|&i| first.index[rows[i as usize] as usize] != MISSING && second.index[rows[i as usize] as usize] != MISSING).collect();
    if both.is_empty() {
        return DoubleCoding::default();
    }
    let code = |factor: &crate::data::Factor, numbers: &[u32], i: u32| numbers[factor.index[rows[i as usize] as usize] as usize];
    let cells = code_cells(&sample.unit, &sample.group, &sample.weight, &both, |i| code(first, one, i), |i| code(second, two, i));
    let tally = Tally { codes: cells, confidence: Vec::new(), top: Vec::new(), loss: Vec::new(), brier: Vec::new(), uncoded: 0 };
    let engine = Engine { sample, tally: &tally, levels: levels(table, &universe, request), universe: &universe, request, ranked: 1 };
    let mut measures = Vec::new();
    for level in engine.levels.iter().rev() {
        let outcome = engine.finish(&engine.accuracy(&tally.codes, level));
        measures.push(Measure { code_level: level.name.clone(), ..plain("coder-agreement", outcome) });
    }
    measures.push(plain("coder-kappa", engine.finish(&engine.kappa(&tally.codes))));
    let records: Vec<(Vec<u32>, f64)> = (0..rows.len())
        .map(|i| {
            let given = columns.iter().zip(&numbers).filter_map(|(factor, numbers)| numbers.get(factor.index[rows[i] as usize] as usize).copied());
            (given.collect(), sample.weight[i])
        })
        .collect();
    measures.push(plain("coder-alpha", alpha(sample, &records, |_| true, 2)));
    let truth = |i: u32| table.truth[rows[i as usize] as usize];
    let half = |i: u32| f64::from(code(first, one, i) == truth(i)) / 2.0 + f64::from(code(second, two, i) == truth(i)) / 2.0;
    measures.push(plain("coder-accuracy", share(sample, &both, half, Kind::Unit)));
    measures.extend(by_group(&engine, request, &records));
    let coders_right = both.iter().map(|&i| half(i)).collect();
    DoubleCoding { measures, both, coders_right }
}

/// The mean of a quantity over some test records.
fn share(sample: &Sample, members: &[u32], a: impl Fn(u32) -> f64, kind: Kind) -> Outcome {
    match sample.ratio_of(members.iter().map(|&i| (i as usize, a(i), 1.0))) {
        Some(linear) => sample.sampling.estimate(&linear, kind),
        None => Outcome::undefined(Reason::NoRecords, "no record", 0),
    }
}

/// Krippendorff's alpha of the records (codes, weight) that a predicate picks, from `least` records with two codes.
fn alpha(sample: &Sample, records: &[(Vec<u32>, f64)], inside: impl Fn(usize) -> bool, least: u64) -> Outcome {
    let members: Vec<usize> = (0..records.len()).filter(|&i| records[i].0.len() > 1 && inside(i)).collect();
    let n = members.len() as u64;
    if n < least {
        return Outcome::Undefined(too_few(n, "double-coded records", least));
    }
    let picked: Vec<(Vec<u32>, f64)> = members.iter().map(|&i| records[i].clone()).collect();
    match krippendorff_influences(&picked) {
        Ok((value, influences)) => sample.sampling.estimate(&sample.influenced(value, members.iter().copied().zip(influences)), Kind::Signed),
        Err(NoAgreement::OneCode) => Outcome::undefined(Reason::NothingToDivideBy, "all codes are one and the same: nothing can be told from chance", n),
        Err(NoAgreement::NoPairs) => Outcome::undefined(Reason::NoRecords, "no record has codes from two coders", n),
    }
}

/// Agreement, kappa and alpha of the full code in every group, which tells whether the true codes themselves are worse for some.
fn by_group(engine: &Engine<'_>, request: &Request, given: &[(Vec<u32>, f64)]) -> Vec<Measure> {
    let full = engine.levels.iter().find(|l| l.name.is_none());
    let mut measures = Vec::new();
    for (grouping, groups) in &engine.sample.groupings {
        for (values, members) in groups {
            let cells: Vec<CodeCell> = engine.tally.codes.iter().filter(|c| members.contains(&c.group)).copied().collect();
            let n = records(&cells);
            let outcome = match full {
                Some(level) if n >= request.minimum_group => engine.finish(&engine.accuracy(&cells, level)),
                _ => Outcome::Undefined(too_few(n, "double-coded records", request.minimum_group)),
            };
            let group = GroupCell { variables: grouping.variables.clone(), values: values.clone() };
            let kappa = if n >= request.minimum_group {
                engine.finish(&engine.kappa(&cells))
            } else {
                Outcome::Undefined(too_few(n, "double-coded records", request.minimum_group))
            };
            let sample = engine.sample;
            let alpha = alpha(sample, given, |i| members.contains(&sample.group[i]), request.minimum_group.max(2));
            for (metric, outcome) in [("coder-agreement", outcome), ("coder-kappa", kappa), ("coder-alpha", alpha)] {
                measures.push(Measure { group: Some(group.clone()), ..plain(metric, outcome) });
            }
        }
    }
    measures
}
