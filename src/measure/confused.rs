//! Which codes are confused with which at each level of the code frame: counts of records.

use super::engine::Engine;
use super::evidence::Confusion;
use super::tally::{CodeCell, Mass};
use crate::model::UNCODED;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Levels with more codes than this have no whole table: nobody would read it.
const WHOLE: usize = 15;
/// Confusions that are stored of a level.
const MOST: usize = 100;

/// True and given codes of the test part at one level above the full code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelConfusions {
    /// The level's name.
    pub level: String,
    /// Codes at the level that are true or given for a record, sorted; empty where there are too many for a whole table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Records (unweighted) by true code (rows) and given code; in the last column those given no code of this level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<Vec<u64>>,
    /// The most frequent errors, largest weight first.
    pub frequent: Vec<Confusion>,
}

/// The most frequent pairs of a true and another given code, largest weight first, with what their rows and columns hold in all.
pub fn frequent(cells: &[(u32, u32, Mass)], name: impl Fn(u32) -> String, most: usize) -> Vec<Confusion> {
    let (mut pairs, mut truths): (BTreeMap<(u32, u32), Mass>, BTreeMap<u32, Mass>) = (BTreeMap::new(), BTreeMap::new());
    let (mut given, mut right): (BTreeMap<u32, u64>, BTreeMap<u32, u64>) = (BTreeMap::new(), BTreeMap::new());
    let add = |sum: &mut Mass, mass: &Mass| {
        sum.n += mass.n;
        sum.w += mass.w;
    };
    for (truth, predicted, mass) in cells {
        add(truths.entry(*truth).or_default(), mass);
        *given.entry(*predicted).or_default() += mass.n;
        if predicted == truth {
            *right.entry(*truth).or_default() += mass.n;
        } else if *predicted != UNCODED {
            add(pairs.entry((*truth, *predicted)).or_default(), mass);
        }
    }
    let mut list: Vec<((u32, u32), Mass)> = pairs.into_iter().collect();
    list.sort_by(|a, b| b.1.w.total_cmp(&a.1.w).then(a.0.cmp(&b.0)));
    list.truncate(most);
    let count = |of: &BTreeMap<u32, u64>, code: u32| of.get(&code).copied().unwrap_or(0);
    list.into_iter()
        .map(|((truth, predicted), mass)| Confusion {
            truth: name(truth),
            predicted: name(predicted),
            n: mass.n,
            n_truth: truths[&truth].n,
            share_of_truth: if truths[&truth].w > 0.0 { mass.w / truths[&truth].w } else { 0.0 },
            n_right: Some(count(&right, truth)),
            n_given: Some(count(&given, predicted)),
            n_given_right: Some(count(&right, predicted)),
        })
        .collect()
}

impl Engine<'_> {
    /// Confusions at each evaluated level above the full code, coarsest first.
    pub fn confused(&self) -> Vec<LevelConfusions> {
        self.levels.iter().filter_map(|level| Some(self.confused_at(level.name.as_ref()?, &level.ancestor, &level.labels))).collect()
    }

    fn confused_at(&self, name: &str, ancestor: &[Option<u32>], labels: &[String]) -> LevelConfusions {
        let at = |code: u32| ancestor.get(code as usize).copied().flatten();
        // Records whose true code is shallower than the level are not asked.
        let of = |c: &CodeCell| Some((at(c.truth)?, at(c.predicted).unwrap_or(UNCODED), c.mass));
        let cells: Vec<(u32, u32, Mass)> = self.tally.codes.iter().filter_map(of).collect();
        let mut occur: Vec<u32> = cells.iter().flat_map(|(t, p, _)| [*t, *p]).filter(|c| *c != UNCODED).collect();
        occur.sort_by(|a, b| labels[*a as usize].cmp(&labels[*b as usize]));
        occur.dedup();
        let (mut codes, mut counts) = (Vec::new(), Vec::new());
        if occur.len() <= WHOLE {
            codes = occur.iter().map(|c| labels[*c as usize].clone()).collect();
            counts = vec![vec![0; occur.len() + 1]; occur.len()];
            let place = |code: u32| occur.iter().position(|c| *c == code);
            for (truth, predicted, mass) in &cells {
                if let Some(row) = place(*truth) {
                    counts[row][place(*predicted).unwrap_or(occur.len())] += mass.n;
                }
            }
        }
        LevelConfusions { level: name.to_owned(), codes, counts, frequent: frequent(&cells, |c| labels[c as usize].clone(), MOST) }
    }
}
