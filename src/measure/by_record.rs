//! Measures that only whole records can tell: how confidence ranks errors, its calibration, and errors in the tree of codes.
//!
//! Each comes with the influence of every record on it, so its variance follows from the design like that of a ratio.

use super::answers::Answers;
use super::calibrated;
use super::engine::{Engine, plain, too_few, undefined};
use super::estimate::Kind;
use super::evidence::{GroupCell, Measure};
use super::tree::{Paths, rows as tree_rows};
use crate::stats::{Confidences, Influenced};
use crate::value::{Outcome, Reason};

/// A measure of some records: (metric, level, outcome).
pub type Found = (&'static str, Option<String>, Outcome);

/// Some records with their confidences.
pub struct Domain<'a> {
    /// The engine of the whole test part.
    pub engine: &'a Engine<'a>,
    /// All answers.
    pub answers: &'a Answers,
    /// The records of the domain, by number.
    pub members: Vec<usize>,
    /// Their confidences; empty when there are none.
    pub confidence: Vec<f64>,
    /// Whether they are coded right.
    pub correct: Vec<bool>,
    /// Their weights.
    pub weight: Vec<f64>,
}

impl<'a> Domain<'a> {
    fn new(engine: &'a Engine<'a>, answers: &'a Answers, members: Vec<usize>) -> Self {
        let of = |values: &[f64]| if values.is_empty() { Vec::new() } else { members.iter().map(|&i| values[i]).collect() };
        let correct = members.iter().map(|&i| answers.right[i]).collect();
        Self { confidence: of(&answers.confidence), weight: of(&engine.sample.weight), correct, members, engine, answers }
    }

    /// Confidences, outcomes and weights.
    pub fn confidences(&self) -> Confidences<'_> {
        Confidences { confidence: &self.confidence, correct: &self.correct, weights: Some(&self.weight) }
    }

    /// Records of the domain.
    pub fn n(&self) -> u64 {
        self.members.len() as u64
    }

    /// The estimate of an influenced value.
    pub fn estimate(&self, found: &Influenced, kind: Kind) -> Outcome {
        let linear = self.engine.sample.influenced(found.value, self.members.iter().copied().zip(found.by_record.iter().copied()));
        self.engine.sampling().estimate(&linear, kind)
    }
}

/// Every measure of whole records, for the whole test part and for every group above the minimum.
pub fn by_record(engine: &Engine<'_>, answers: &Answers, paths: Option<&Paths>) -> Vec<Measure> {
    let sample = engine.sample;
    let whole = Domain::new(engine, answers, (0..sample.unit.len()).collect());
    let mut measures: Vec<Measure> =
        rows(&whole, paths).into_iter().map(|(metric, code_level, outcome)| Measure { code_level, ..plain(metric, outcome) }).collect();
    for (grouping, groups) in &sample.groupings {
        for (values, cells) in groups {
            let mut mask = vec![false; sample.cells];
            cells.iter().for_each(|&c| mask[c as usize] = true);
            let members: Vec<usize> = (0..sample.unit.len()).filter(|&i| mask[sample.group[i] as usize]).collect();
            let n = members.len() as u64;
            let small = n < engine.request.minimum_group;
            // Nothing is computed of records that may not be told of: the questions are asked of no record.
            let domain = Domain::new(engine, answers, if small { Vec::new() } else { members });
            let group = GroupCell { variables: grouping.variables.clone(), values: values.clone() };
            measures.extend(rows(&domain, paths).into_iter().map(|(metric, code_level, outcome)| {
                let outcome = if small { Outcome::Undefined(too_few(n, "records", engine.request.minimum_group)) } else { outcome };
                Measure { code_level, group: Some(group.clone()), ..plain(metric, outcome) }
            }));
        }
    }
    measures
}

fn rows(domain: &Domain<'_>, paths: Option<&Paths>) -> Vec<Found> {
    let mut list = selective(domain);
    list.extend(calibrated::rows(domain));
    list.extend(tree_rows(domain, paths));
    list
}

/// How confidence ranks right and wrong records.
fn selective(domain: &Domain<'_>) -> Vec<Found> {
    let (c, n) = (domain.confidences(), domain.n());
    let without = domain.answers.confidence.is_empty();
    let outcome = |found: Option<Influenced>, reason: Reason, why: &str| match found {
        _ if without => Outcome::Undefined(undefined(Reason::NoConfidence, "the candidate gives no confidence", n)),
        Some(found) => domain.estimate(&found, Kind::Unit),
        None => Outcome::Undefined(undefined(reason, why, n)),
    };
    let none = (Reason::NoRecords, "no record");
    let alike = (Reason::NothingToDivideBy, "all records are coded right, or all wrong: there is nothing to tell apart");
    let asked = |measure: fn(&Confidences<'_>) -> Option<Influenced>| if without { None } else { measure(&c) };
    vec![
        ("aurc", None, outcome(asked(|c| c.aurc_influence()), none.0, none.1)),
        ("excess-aurc", None, outcome(asked(|c| c.excess_aurc_influence()), none.0, none.1)),
        ("augrc", None, outcome(asked(|c| c.augrc_influence()), none.0, none.1)),
        ("confidence-auroc", None, outcome(asked(|c| c.auroc_influence()), alike.0, alike.1)),
    ]
}

#[cfg(test)]
#[path = "by_record_tests.rs"]
mod tests;
