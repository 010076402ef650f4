//! The clerk's list of suggestions: split conformal sets from tuning records, and what they do on the test part.

use super::automation::Suggestions;
use super::comparison::Contrast;
use super::engine::{Engine, plain, too_few, undefined};
use super::estimate::Kind;
use super::evidence::{GroupCell, Measure};
use super::tally::Linear;
use crate::data::Table;
use crate::model::{Predictions, UNCODED};
use crate::stats::{Cutoff, conformal_cutoff, lac_score, weighted_conformal_cutoff};
use crate::value::{Outcome, Reason};

/// The rule that lists the true code of a share `coverage` of records, from predictions of tuning records.
///
/// None where the candidate does not give a probability for every code. Under survey weights the record to be coded counts with the largest
/// weight of the tuning records, which only makes lists longer.
#[must_use]
pub fn suggestions(table: &Table, rows: &[u32], predictions: &Predictions, coverage: f64, apart: bool) -> Option<Suggestions> {
    if !predictions.complete || predictions.confidence.is_empty() {
        return None;
    }
    let score = |i: usize| {
        let truth = table.codes.get(table.truth[rows[i] as usize] as usize);
        let place = predictions.ranking(i).iter().position(|&c| c != UNCODED && predictions.codes.get(c as usize) == truth);
        lac_score(place.map_or(0.0, |k| predictions.confidences(i)[k]))
    };
    let scores: Vec<f64> = (0..rows.len()).map(score).collect();
    let cutoff = match &table.weights {
        None => conformal_cutoff(&scores, coverage),
        Some(all) => {
            let weights: Vec<f64> = rows.iter().map(|&r| all[r as usize]).collect();
            weighted_conformal_cutoff(&scores, &weights, weights.iter().copied().fold(0.0, f64::max), coverage)
        }
    };
    let cutoff = match cutoff {
        Cutoff::Score(s) => Some(s),
        Cutoff::Everything => None,
    };
    Some(Suggestions { coverage, records: rows.len() as u64, apart, cutoff })
}

/// What the lists do on the test part: overall, by group, and between groups. `truth` is in the numbers of `code_of`.
pub fn measures(engine: &Engine<'_>, predictions: &Predictions, code_of: &[u32], truth: &[u32]) -> Vec<Measure> {
    let n = truth.len() as u64;
    let none = |reason, why: String| ["set-coverage", "set-size"].map(|metric| plain(metric, Outcome::Undefined(undefined(reason, why.clone(), n)))).to_vec();
    let Some(rule) = &engine.request.automation.settled.suggestions else { return Vec::new() };
    if !predictions.complete || predictions.confidence.is_empty() {
        return none(Reason::ProbabilitiesIncomplete, "the candidate does not give a probability for every code".into());
    }
    let Some(cutoff) = rule.cutoff else {
        let why = format!("{} tuning records are so few that only a list of all codes would keep the promise", rule.records);
        return none(Reason::NotMeasured, why);
    };
    let cutoff = Cutoff::Score(cutoff);
    // (listed codes, whether the true one is among them) of each record.
    let listed: Vec<(f64, f64)> = (0..truth.len())
        .map(|i| {
            let mut found = (0.0, 0.0);
            for (&code, &p) in predictions.ranking(i).iter().zip(predictions.confidences(i)) {
                if code != UNCODED && cutoff.admits(lac_score(p)) {
                    found.0 += 1.0;
                    found.1 += f64::from(u8::from(code_of[code as usize] == truth[i]));
                }
            }
            found
        })
        .collect();
    let coverage = |members: &[usize]| engine.sample.ratio_of(members.iter().map(|&i| (i, listed[i].1, 1.0)));
    let size = |members: &[usize]| engine.sample.ratio_of(members.iter().map(|&i| (i, listed[i].0, 1.0)));
    let outcome = |linear: Option<Linear>, kind| match linear {
        Some(linear) => engine.sampling().estimate(&linear, kind),
        None => Outcome::Undefined(undefined(Reason::NoRecords, "no record", 0)),
    };
    let all: Vec<usize> = (0..truth.len()).collect();
    let mut list = vec![plain("set-coverage", outcome(coverage(&all), Kind::Proportion)), plain("set-size", outcome(size(&all), Kind::Positive))];
    let sample = engine.sample;
    for (grouping, groups) in &sample.groupings {
        let mut known: Vec<(&Vec<String>, Linear)> = Vec::new();
        for (values, cells) in groups {
            let mut mask = vec![false; sample.cells];
            cells.iter().for_each(|&c| mask[c as usize] = true);
            let members: Vec<usize> = all.iter().copied().filter(|&i| mask[sample.group[i] as usize]).collect();
            let group = Some(GroupCell { variables: grouping.variables.clone(), values: values.clone() });
            let minimum = engine.request.minimum_group;
            if (members.len() as u64) < minimum {
                let few = || Outcome::Undefined(too_few(members.len() as u64, "records", minimum));
                list.extend(["set-coverage", "set-size"].map(|metric| Measure { group: group.clone(), ..plain(metric, few()) }));
                continue;
            }
            let covered = coverage(&members);
            list.push(Measure { group: group.clone(), ..plain("set-coverage", outcome(covered.clone(), Kind::Proportion)) });
            list.push(Measure { group, ..plain("set-size", outcome(size(&members), Kind::Positive)) });
            known.extend(covered.map(|linear| (values, linear)));
        }
        let compared: Vec<(&Vec<String>, &Linear, Kind)> = known.iter().map(|(values, linear)| (*values, linear, Kind::Proportion)).collect();
        let (difference, contrast) = engine.contrast("difference", &grouping.variables, &compared);
        list.push(Measure { contrast: Some(contrast.clone()), ..plain("set-coverage", difference) });
        let gap = Contrast { kind: "set-coverage-gap".into(), high: Vec::new(), low: Vec::new(), expected_from_noise: None, ..contrast };
        list.push(Measure { contrast: Some(gap), ..plain("set-coverage-gap", mean_gap(engine, rule.coverage, &known)) });
    }
    list
}

/// Mean distance of the groups' coverage from what was asked; the signs of the distances are held fixed in its variance.
fn mean_gap(engine: &Engine<'_>, coverage: f64, groups: &[(&Vec<String>, Linear)]) -> Outcome {
    let n = groups.iter().map(|g| g.1.n).sum();
    if groups.len() < 2 {
        return Outcome::undefined(Reason::OneGroup, "fewer than two groups have enough records", n);
    }
    let count = groups.len() as f64;
    let mut sum = Linear {
        value: 0.0,
        scores: engine.sampling().units.zero(),
        variance: None,
        n,
        w: 0.0,
        w2: 0.0,
        units: engine.sampling().units.count(),
        strata: engine.sampling().units.strata(),
    };
    for (_, linear) in groups {
        let distance = linear.value - coverage;
        sum.value += distance.abs() / count;
        sum.w += linear.w;
        sum.w2 += linear.w2;
        sum.scores.add_disjoint(&linear.scores, distance.signum() / count);
    }
    engine.sampling().estimate(&sum, Kind::Unit)
}
