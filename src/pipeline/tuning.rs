//! The tuning part's two uses: one half calibrates, the other is kept apart for what a study asks to be promised.

use super::prepare::Prepared;
use crate::data::{MISSING, Role};
use crate::value::Stream;
use std::collections::BTreeMap;

/// The rows of the tuning part by use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TuningRows {
    /// Rows that calibrate.
    pub calibrate: Vec<u32>,
    /// Rows on which thresholds and suggestions are settled.
    pub settle: Vec<u32>,
    /// True when the two have no record, and no PSU, in common.
    pub apart: bool,
}

/// Halves the tuning part at random where the study asks for a promise, PSUs kept together; otherwise all of it serves for both.
pub fn rows(prepared: &Prepared) -> TuningRows {
    let tune = &prepared.split.tune;
    if !prepared.study.request.automation.keeps_records_apart() {
        return TuningRows { calibrate: tune.clone(), settle: tune.clone(), apart: false };
    }
    let factor = |role| prepared.study.dataset.with_role(role).next().and_then(|c| prepared.table.factor(&c.name));
    let (stratum, psu) = (factor(Role::Stratum), factor(Role::Psu));
    let mut units: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
    for &row in tune {
        let at = |f: Option<&crate::data::Factor>| f.map_or(MISSING, |f| f.index[row as usize]);
        // Without PSUs each record is a unit of its own.
        let key = if psu.is_some() { (at(stratum), at(psu)) } else { (0, row) };
        units.entry(key).or_default().push(row);
    }
    halves(units.into_values().collect(), prepared.study.seed)
}

/// Deals whole units in random order, each to the half that has fewer records so far, a tie to the one that settles.
fn halves(mut units: Vec<Vec<u32>>, seed: u64) -> TuningRows {
    Stream::named(seed, "tuning part halved").shuffle(&mut units);
    let (mut calibrate, mut settle) = (Vec::new(), Vec::new());
    for unit in units {
        if calibrate.len() < settle.len() { calibrate.extend(unit) } else { settle.extend(unit) }
    }
    calibrate.sort_unstable();
    settle.sort_unstable();
    TuningRows { calibrate, settle, apart: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_disjoint_even_and_keep_units_whole() {
        let units: Vec<Vec<u32>> = (0..60).map(|u| (u * 100..u * 100 + 1 + u % 5).collect()).collect();
        let all: usize = units.iter().map(Vec::len).sum();
        let found = halves(units.clone(), 3);
        assert_eq!(found.calibrate.len() + found.settle.len(), all);
        assert!(found.calibrate.len().abs_diff(found.settle.len()) <= 5, "{} {}", found.calibrate.len(), found.settle.len());
        for unit in units {
            let inside = unit.iter().filter(|r| found.settle.contains(r)).count();
            assert!(inside == 0 || inside == unit.len());
        }
        assert_ne!(halves((0..60).map(|u| vec![u]).collect(), 3), halves((0..60).map(|u| vec![u]).collect(), 4));
        assert_eq!(halves(Vec::new(), 1), TuningRows { calibrate: vec![], settle: vec![], apart: true });
    }
}
