//! Makes the figures that would be published of records without a true code: the test part is the audit, the uncoded records the target.
//!
//! Both are one sample: they may share strata and PSUs, so their influences are added up unit by unit before the variance is taken.

use super::engine::{too_few, undefined};
use super::estimate::Kind;
use super::evidence::GroupCell;
use super::measure::universe;
use super::publish_area::{Figures, LEAST, Members};
use super::publish_test::{error_rates, shift};
use super::published::{Area, Published, TargetFacts};
use super::request::Request;
use super::sample::Sample;
use crate::data::{DatasetDescription, MISSING, Role, Table};
use crate::model::{Predictions, UNCODED};
use crate::value::{Failure, Outcome, Reason, Undefined};
use std::collections::BTreeMap;

/// More codes than this are not examined: nobody publishes them all, and a matrix of them is not inverted in a moment.
const MOST_CODES: usize = 1000;

/// The records to publish figures of, with the candidate's codes.
#[derive(Debug, Clone, Copy)]
pub struct Uncoded<'a> {
    /// Rows of the table, none of the test part.
    pub rows: &'a [u32],
    /// The candidate's codes, one row each.
    pub predictions: &'a Predictions,
    /// Records without a true code that are not among them.
    pub left_out: u64,
}

/// Rows without a true code that can be used: with a weight above zero, a stratum and a PSU where the design has them.
#[must_use]
pub fn target_rows(table: &Table, about: &DatasetDescription) -> Vec<u32> {
    let factors: Vec<_> = [Role::Stratum, Role::Psu].iter().filter_map(|&r| about.with_role(r).next().and_then(|c| table.factor(&c.name))).collect();
    (0..table.rows as u32)
        .filter(|&r| {
            let weighted = table.weights.as_ref().is_none_or(|w| w[r as usize] > 0.0);
            table.truth[r as usize] == MISSING && weighted && factors.iter().all(|f| f.index[r as usize] != MISSING)
        })
        .collect()
}

/// The joint sample of test part and target, with the classes of its records.
pub struct Joint<'a> {
    /// Test records first, then the target's.
    pub sample: &'a Sample,
    /// Number of test records.
    pub test: usize,
    /// True class of each test record.
    pub truth: Vec<u32>,
    /// Predicted class of each record; the number of classes where there is none.
    pub given: Vec<u32>,
    /// Number of classes.
    pub classes: usize,
    /// True when the target is all there is.
    pub census: bool,
    /// Fewest records of a group that gets figures.
    pub minimum: u64,
}

/// The figures for one candidate; `test` are its codes of the rows of the test part.
///
/// # Errors
/// Codes of the target that the code frame does not have.
pub fn publish(
    table: &Table,
    about: &DatasetDescription,
    request: &Request,
    (rows, test): (&[u32], &Predictions),
    target: Result<Uncoded<'_>, Undefined>,
    seed: u64,
) -> Result<Published, Failure> {
    let wanted = &request.totals;
    let mut published = Published {
        code_level: wanted.level.clone(),
        target: None,
        missing: None,
        shift: None,
        counting_distance: Outcome::undefined(Reason::TooManyCodes, "too many codes occur", rows.len() as u64),
        error_rates: Vec::new(),
        areas: Vec::new(),
    };
    universe(table, test)?;
    let (target, mut missing) = match target {
        Ok(target) => {
            universe(table, target.predictions)?;
            (Some(target), None)
        }
        Err(why) => (None, Some(why)),
    };
    let digits = wanted.level.as_ref().and_then(|name| table.levels.iter().find(|l| l.name == *name)).map(|l| l.digits);
    let mut classes = Classes { digits, number: BTreeMap::new() };
    let truth = rows.iter().map(|&r| &table.codes[table.truth[r as usize] as usize]);
    let given = |p: &Predictions| (0..p.len()).map(|i| p.ranking(i).first().copied().filter(|&c| c != UNCODED)).collect::<Vec<_>>();
    let (given_test, given_target) = (given(test), target.map_or_else(Vec::new, |t| given(t.predictions)));
    let named = |list: &[Option<u32>], p: &Predictions| list.iter().map(|c| c.map(|c| p.codes[c as usize].clone())).collect::<Vec<_>>();
    let mut names: Vec<Option<String>> = truth.map(|c| Some(c.clone())).collect();
    names.extend(named(&given_test, test));
    if let Some(target) = target {
        names.extend(named(&given_target, target.predictions));
    }
    classes.fill(names.iter().flatten());
    if classes.number.len() > MOST_CODES {
        let why = format!("{} codes occur, more than the {MOST_CODES} that are examined: name a coarser `level` under [totals]", classes.number.len());
        published.missing = Some(undefined(Reason::TooManyCodes, why, rows.len() as u64));
        return Ok(published);
    }
    let numbers: Vec<u32> = names.iter().map(|n| n.as_ref().map_or(classes.number.len() as u32, |n| classes.of(n))).collect();
    let (truth, given) = numbers.split_at(rows.len());
    let asked = Request { groupings: wanted.by.clone(), replicates: 2, ..request.clone() };
    let joined: Vec<u32> = rows.iter().chain(target.iter().flat_map(|t| t.rows)).copied().collect();
    let (sample, target) = match Sample::of(table, about, &joined, &asked, seed) {
        Ok(sample) => (sample, target),
        Err(failure) => {
            // The test part alone made a sample before.
            let why = failure.problems.first().map_or_else(String::new, |p| p.message.clone());
            missing = missing.or_else(|| Some(undefined(Reason::NoReplication, format!("together with the uncoded records: {why}"), 0)));
            (Sample::of(table, about, rows, &asked, seed)?, None)
        }
    };
    let given = given[..rows.len() + target.map_or(0, |t| t.rows.len())].to_vec();
    let joint = Joint {
        sample: &sample,
        test: rows.len(),
        truth: truth.to_vec(),
        given,
        classes: classes.number.len(),
        census: wanted.census,
        minimum: request.minimum_group,
    };
    published.missing = missing;
    if let Some(target) = target {
        let uncoded = joint.given[joint.test..].iter().filter(|&&g| g as usize == joint.classes).count() as u64;
        published.target = Some(TargetFacts {
            records: target.rows.len() as u64,
            weight_sum: sample.weight[joint.test..].iter().sum(),
            census: wanted.census,
            uncoded,
            left_out: target.left_out,
        });
        published.shift = Some(shift(&joint));
    }
    published.counting_distance = counting_distance(&joint);
    let labels: Vec<&String> = classes.number.keys().collect();
    let all = Members::of(&joint, |_| true);
    published.areas.push(area(&joint, &labels, &all, &all, None, None));
    for (grouping, groups) in &sample.groupings {
        let members: Vec<Members> = groups
            .iter()
            .map(|(_, cells)| {
                let mut inside = vec![false; sample.cells];
                cells.iter().for_each(|&c| inside[c as usize] = true);
                Members::of(&joint, |i| inside[sample.group[i] as usize])
            })
            .collect();
        let rates = error_rates(&joint, &grouping.variables, &members);
        for ((values, _), members) in groups.iter().zip(&members) {
            let group = GroupCell { variables: grouping.variables.clone(), values: values.clone() };
            let rates_of = if rates.pooled { &all } else { members };
            published.areas.push(area(&joint, &labels, members, rates_of, Some(group), None));
        }
        published.error_rates.push(rates);
    }
    for name in &wanted.variables {
        let Some((_, column)) = table.numbers.iter().find(|(n, _)| n == name) else { continue };
        let x: Vec<f64> = joined[..joint.given.len()].iter().map(|&r| column[r as usize]).collect();
        // A record without the quantity adds nothing to its total.
        let known = Members::of(&joint, |i| !x[i].is_nan());
        published.areas.push(area(&joint, &labels, &known, &known, None, Some((name, &x))));
    }
    Ok(published)
}

/// ½ Σ_k |b_k| over the codes' biases b, the mean over records of (s_f − s_y)/2 with s the sign of each code's bias, held fixed for its variance.
fn counting_distance(joint: &Joint<'_>) -> Outcome {
    let mut bias = vec![0.0; joint.classes];
    for i in 0..joint.test {
        let w = joint.sample.weight[i];
        bias[joint.truth[i] as usize] -= w;
        if let Some(b) = bias.get_mut(joint.given[i] as usize) {
            *b += w;
        }
    }
    let sign = |k: u32| bias.get(k as usize).map_or(0.0, |b| if *b == 0.0 { 0.0 } else { b.signum() });
    let records = (0..joint.test).map(|i| (i, (sign(joint.given[i]) - sign(joint.truth[i])) / 2.0, 1.0));
    match joint.sample.ratio_of(records) {
        Some(linear) => joint.sample.sampling.estimate(&linear, Kind::Unit),
        None => Outcome::undefined(Reason::NoRecords, "no record", 0),
    }
}

/// The figures of an area, or why it has none.
fn area(joint: &Joint<'_>, labels: &[&String], members: &Members, rates: &Members, group: Option<GroupCell>, column: Option<(&str, &[f64])>) -> Area {
    let (test, target) = (members.test.len() as u64, members.target.len() as u64);
    let without = if test < joint.minimum {
        Some(too_few(test, "test records", joint.minimum))
    } else if joint.given.len() > joint.test && target < joint.minimum {
        Some(too_few(target, "records without a true code", joint.minimum))
    } else {
        None
    };
    let variable = column.map(|c| c.0.to_owned());
    let none =
        Area { group, variable, test, target, undefined: without, condition: None, refused: None, pooled_codes: 0, pooled_true_codes: 0, codes: Vec::new() };
    if none.undefined.is_some() {
        return none;
    }
    Figures::of(joint, members, rates, column.map(|c| c.1)).area(labels, none, LEAST)
}

/// Classes: codes cut to the level; a code shorter than the level stands for itself.
struct Classes {
    digits: Option<usize>,
    number: BTreeMap<String, u32>,
}

impl Classes {
    fn cut<'a>(&self, code: &'a str) -> &'a str {
        self.digits.and_then(|d| code.char_indices().nth(d)).map_or(code, |(end, _)| &code[..end])
    }

    fn fill<'a>(&mut self, codes: impl Iterator<Item = &'a String>) {
        for code in codes {
            let cut = self.cut(code).to_owned();
            self.number.insert(cut, 0);
        }
        self.number.values_mut().zip(0..).for_each(|(n, i)| *n = i);
    }

    fn of(&self, code: &str) -> u32 {
        self.number[self.cut(code)]
    }
}
