//! True codes that look wrong to the candidate, by confident learning: how many, and for whom. The list itself is private.

use super::engine::{plain, too_few, undefined};
use super::estimate::Kind;
use super::evidence::{GroupCell, Measure};
use super::measure::universe;
use super::request::Request;
use super::sample::Sample;
use crate::data::Table;
use crate::model::Predictions;
use crate::stats::suspects;
use crate::value::{Failure, Outcome, Reason};
use std::collections::BTreeMap;

/// Fewest records of a code whose suspects are counted.
const LEAST: u64 = 10;

/// A test record whose true code looks wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// Its number in the test part.
    pub record: u32,
    /// The code that looks likelier, a number of the predictions.
    pub likelier: u32,
    /// The candidate's probability for the true code.
    pub given_confidence: f64,
    /// Its probability for the likelier one.
    pub likelier_confidence: f64,
}

/// Suspect true codes of the test part, most certain first, and how many they are overall, by code and by group.
///
/// Nothing but a measure that says why is given for a candidate without a probability for every code. A true code that the candidate
/// never gives cannot be judged by it: such records are not suspected.
///
/// # Errors
/// Predicted codes that the code frame does not have.
pub fn suspect_labels(
    table: &Table,
    rows: &[u32],
    sample: &Sample,
    predictions: &Predictions,
    request: &Request,
) -> Result<(Vec<Suspect>, Vec<Measure>), Failure> {
    let n = rows.len() as u64;
    if !predictions.complete || predictions.confidence.is_empty() {
        let why = undefined(Reason::ProbabilitiesIncomplete, "the candidate does not give a probability for every code", n);
        return Ok((Vec::new(), vec![plain("suspect-labels", Outcome::Undefined(why))]));
    }
    let (_, code_of) = universe(table, predictions)?;
    let known: BTreeMap<u32, u32> = code_of.iter().zip(0..).map(|(&code, number)| (code, number)).collect();
    let truth: Vec<u32> = rows.iter().map(|&r| table.truth[r as usize]).collect();
    let labels: Vec<Option<u32>> = truth.iter().map(|t| known.get(t).copied()).collect();
    let found = suspects(&labels, &sample.weight, predictions.codes.len(), |i| (predictions.ranking(i), predictions.confidences(i)));
    let wrong: Vec<bool> = labels.iter().zip(&found.confident).map(|(label, sure)| label.is_some() && sure.is_some() && label != sure).collect();
    let mut list: Vec<Suspect> = (0..rows.len())
        .filter(|&i| wrong[i])
        .filter_map(|i| {
            let (label, likelier) = labels[i].zip(found.confident[i])?;
            let of = |code: u32| predictions.ranking(i).iter().position(|&c| c == code).map_or(0.0, |at| predictions.confidences(i)[at]);
            Some(Suspect { record: i as u32, likelier, given_confidence: of(label), likelier_confidence: of(likelier) })
        })
        .collect();
    let margin = |s: &Suspect| s.likelier_confidence - s.given_confidence;
    list.sort_by(|a, b| margin(b).total_cmp(&margin(a)).then(a.record.cmp(&b.record)));
    let share = |members: &[u32], least: u64, what: &str| {
        if (members.len() as u64) < least {
            return Outcome::Undefined(too_few(members.len() as u64, what, least));
        }
        match sample.ratio_of(members.iter().map(|&i| (i as usize, f64::from(wrong[i as usize]), 1.0))) {
            Some(linear) => sample.sampling.estimate(&linear, Kind::Proportion),
            None => Outcome::undefined(Reason::NoRecords, "no record", 0),
        }
    };
    let everybody: Vec<u32> = (0..rows.len() as u32).collect();
    let mut measures = vec![plain("suspect-labels", share(&everybody, 1, "records"))];
    let mut by_code: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    truth.iter().zip(0..).filter(|(t, _)| known.contains_key(t)).for_each(|(&t, i)| by_code.entry(t).or_default().push(i));
    for (code, members) in by_code {
        let outcome = share(&members, LEAST, "records with the code");
        measures.push(Measure { code: Some(table.codes[code as usize].clone()), ..plain("suspect-labels", outcome) });
    }
    for (grouping, groups) in &sample.groupings {
        for (values, cells) in groups {
            let members: Vec<u32> = everybody.iter().copied().filter(|&i| cells.contains(&sample.group[i as usize])).collect();
            let group = Some(GroupCell { variables: grouping.variables.clone(), values: values.clone() });
            measures.push(Measure { group, ..plain("suspect-labels", share(&members, request.minimum_group, "records")) });
        }
    }
    Ok((list, measures))
}
