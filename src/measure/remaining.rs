//! What is coded without a clerk once the records that conditions send to clerks are taken out.

use super::answers::Answers;
use super::automation::Remaining;
use super::estimate::Kind;
use super::evidence::GroupCell;
use super::sample::Sample;
use crate::model::UNCODED;
use crate::value::{Outcome, Reason};

/// Coded share and coded accuracy at a threshold when the records of `groups`, and those given one of `codes`, always go to a clerk.
///
/// `universe` names the codes that the answers' numbers stand for.
#[must_use]
pub fn remaining(sample: &Sample, answers: &Answers, universe: &[String], threshold: f64, groups: &[GroupCell], codes: &[String]) -> Remaining {
    let mut cells = vec![false; sample.cells];
    for (grouping, members) in &sample.groupings {
        for (values, members) in members {
            if groups.iter().any(|g| g.variables == grouping.variables && g.values == *values) {
                members.iter().for_each(|&m| cells[m as usize] = true);
            }
        }
    }
    let clerk = |i: usize| {
        let first = answers.first[i];
        cells[sample.group[i] as usize] || (first != UNCODED && universe.get(first as usize).is_some_and(|code| codes.contains(code)))
    };
    let reaches = |i: usize| answers.confidence.get(i).is_some_and(|&c| c >= threshold);
    let coded = |i: usize| reaches(i) && !clerk(i);
    let one = |yes: bool| f64::from(u8::from(yes));
    let n = answers.truth.len();
    let outcome = |records: &mut dyn Iterator<Item = (usize, f64, f64)>| {
        let records: Vec<_> = records.collect();
        match sample.ratio_of(records.iter().copied()) {
            Some(linear) => sample.sampling.estimate(&linear, Kind::Proportion),
            None => Outcome::undefined(Reason::NothingToDivideBy, "no record is left that is coded without a clerk", 0),
        }
    };
    Remaining {
        threshold,
        groups: groups.to_vec(),
        codes: codes.to_vec(),
        taken_out: (0..n).filter(|&i| reaches(i) && clerk(i)).count() as u64,
        coded_share: outcome(&mut (0..n).map(|i| (i, one(coded(i)), 1.0))),
        coded_accuracy: outcome(&mut (0..n).map(|i| (i, one(coded(i) && answers.right[i]), one(coded(i))))),
    }
}
