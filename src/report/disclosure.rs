//! Disclosure control: the one gate that estimates pass on their way to a card.
//!
//! The parameters follow ACRO's defaults (threshold 10 on unweighted records, zeros and ones are disclosive). Not yet here: sums over
//! nested or overlapping groupings, numerators and complements below the threshold, and differences between two cards.

use crate::measure::{Evidence, GroupCell, Measure};
use crate::metric::{Unit, find};
use crate::value::{Estimate, Outcome, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest records (unweighted) of a cell that is shown.
pub const MINIMUM_CELL: u64 = 10;

/// Cells of one table: records, and whether a rate is 0 or 1.
type Cells<K> = BTreeMap<K, (u64, bool)>;

/// What a card may show of an outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown<'a> {
    /// The estimate.
    Estimate(&'a Estimate),
    /// That there is none, and why.
    Undefined(&'a str),
    /// That the group has fewer records than the study's minimum.
    TooFew,
    /// That it is suppressed.
    Suppressed,
}

/// Which codes and groups are hidden.
#[derive(Debug, Clone, Default)]
pub struct Disclosure {
    codes: BTreeSet<String>,
    groups: BTreeSet<(Vec<String>, Vec<String>)>,
}

impl Disclosure {
    /// Decides for an evidence which codes and groups are hidden: the small, those with a rate of 0 or 1, and where that leaves
    /// exactly one hidden in a table whose total is printed, the next smallest as well.
    pub fn of(evidence: &Evidence) -> Self {
        let mut codes = BTreeMap::new();
        let mut groups: BTreeMap<&[String], Cells<&[String]>> = BTreeMap::new();
        for m in &evidence.measures {
            if m.code_level.is_some() || m.threshold.is_some() || m.contrast.is_some() {
                continue;
            }
            match (&m.code, &m.group) {
                (Some(code), None) if m.metric == "recall" => {
                    codes.insert(code.as_str(), (m.outcome.n(), false));
                }
                (None, Some(cell)) => {
                    let entry = groups.entry(&cell.variables).or_default().entry(&cell.values).or_insert((m.outcome.n(), false));
                    entry.1 |= extreme(&m.metric, &m.outcome);
                }
                _ => {}
            }
        }
        let mut out = Self { codes: hidden(&codes).into_iter().map(str::to_owned).collect(), groups: BTreeSet::new() };
        for (variables, cells) in groups {
            out.groups.extend(hidden(&cells).into_iter().map(|values| (variables.to_vec(), values.to_vec())));
        }
        out
    }

    /// True when nothing of a code may be shown.
    pub fn hides_code(&self, code: &str) -> bool {
        self.codes.contains(code)
    }

    /// True when nothing of a group may be shown, not even its number of records.
    pub fn hides_group(&self, group: &GroupCell) -> bool {
        self.hides(&group.variables, &group.values)
    }

    fn hides(&self, variables: &[String], values: &[String]) -> bool {
        self.groups.contains(&(variables.to_vec(), values.to_vec()))
    }

    /// What may be shown of a measure.
    pub fn show<'a>(&self, measure: &'a Measure) -> Shown<'a> {
        let part = measure.code.is_some() || measure.group.is_some() || measure.threshold.is_some();
        let hidden = measure.code.as_ref().is_some_and(|c| self.hides_code(c))
            || measure.group.as_ref().is_some_and(|g| self.hides_group(g))
            || measure.contrast.as_ref().is_some_and(|c| self.hides(&c.variables, &c.high) || self.hides(&c.variables, &c.low));
        if hidden {
            return Shown::Suppressed;
        }
        match &measure.outcome {
            Outcome::Undefined(u) if u.reason == Reason::TooFewRecords => Shown::TooFew,
            Outcome::Undefined(u) => Shown::Undefined(&u.why),
            Outcome::Estimate(e) if part && (e.n < MINIMUM_CELL || (measure.code.is_none() && is_one(measure, e))) => Shown::Suppressed,
            Outcome::Estimate(e) => Shown::Estimate(e),
        }
    }
}

/// A rate of 1 above a threshold: the given code would be known to be the true one. All coded (a share of 1) tells nothing.
fn is_one(measure: &Measure, estimate: &Estimate) -> bool {
    measure.metric == "coded-accuracy" && estimate.value == 1.0
}

/// What may be shown of a bin of confidence.
pub fn show_bin(outcome: &Outcome) -> Shown<'_> {
    match outcome {
        Outcome::Undefined(u) if u.n > 0 && u.n < MINIMUM_CELL => Shown::Suppressed,
        Outcome::Undefined(u) => Shown::Undefined(&u.why),
        Outcome::Estimate(e) if e.n < MINIMUM_CELL || extreme("accuracy", outcome) => Shown::Suppressed,
        Outcome::Estimate(e) => Shown::Estimate(e),
    }
}

/// A share of exactly 0 or 1: it tells something of every record in the cell.
fn extreme(metric: &str, outcome: &Outcome) -> bool {
    find(metric).is_some_and(|m| m.unit == Unit::Share) && outcome.estimate().is_some_and(|e| e.value == 0.0 || e.value == 1.0) && metric != "ece"
}

/// The cells to hide.
fn hidden<K: Ord + Copy>(cells: &Cells<K>) -> BTreeSet<K> {
    let mut out: BTreeSet<K> = cells.iter().filter(|(_, (n, extreme))| *n < MINIMUM_CELL || *extreme).map(|(k, _)| *k).collect();
    if out.len() == 1 {
        let next = cells.iter().filter(|(k, _)| !out.contains(k)).min_by_key(|(_, (n, _))| *n).map(|(k, _)| *k);
        out.extend(next);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_small_cell_takes_the_next_smallest_with_it() {
        let cells = BTreeMap::from([("a", (500, false)), ("b", (7, false)), ("c", (31, false))]);
        assert_eq!(hidden(&cells), BTreeSet::from(["b", "c"]));
        let cells = BTreeMap::from([("a", (500, false)), ("b", (7, false)), ("c", (31, true))]);
        assert_eq!(hidden(&cells), BTreeSet::from(["b", "c"]));
        let cells = BTreeMap::from([("a", (500, false)), ("b", (10, false))]);
        assert!(hidden(&cells).is_empty());
    }
}
