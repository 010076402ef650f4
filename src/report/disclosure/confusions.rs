//! Which codes are confused: pairs of enough records, as many as leave the pairs that are not listed uncertain.

use super::Disclosure;
use crate::measure::{Confusion, Evidence};
use std::collections::{BTreeMap, BTreeSet};

impl Disclosure {
    /// The confusions that may be listed, in their order.
    ///
    /// A pair is listed with enough records, and enough others with the same true code. What a code's listed pairs and its right codes leave of its
    /// records is of the pairs that are not listed: where that is few, the smallest listed pair goes too, of the true code as of the code given.
    pub fn confusions<'e>(&self, evidence: &'e Evidence) -> Vec<&'e Confusion> {
        let minimum = self.minimum();
        let hidden = |c: &Confusion| self.hides_code(&c.truth) || self.hides_code(&c.predicted);
        let mut listed: Vec<&Confusion> =
            evidence.confusions.iter().filter(|c| c.n >= minimum && c.n_truth.saturating_sub(c.n) >= minimum && !hidden(c)).collect();
        loop {
            let mut sums: BTreeMap<(bool, &str), (u64, &Confusion)> = BTreeMap::new();
            for c in &listed {
                for side in [(true, c.truth.as_str()), (false, c.predicted.as_str())] {
                    let sum = sums.entry(side).or_insert((0, c));
                    sum.0 += c.n;
                    if c.n < sum.1.n {
                        sum.1 = c;
                    }
                }
            }
            let gone: BTreeSet<(&str, &str)> = sums
                .iter()
                .filter(|((truth, code), (sum, _))| self.wrong(evidence, code, *truth).is_some_and(|wrong| wrong - (*sum as f64) < minimum as f64 - 0.5))
                .map(|(_, (_, smallest))| (smallest.truth.as_str(), smallest.predicted.as_str()))
                .collect();
            if gone.is_empty() {
                return listed;
            }
            listed.retain(|c| !gone.contains(&(c.truth.as_str(), c.predicted.as_str())));
        }
    }

    /// Records with a code that are coded otherwise, or records given a code that have another; where rates do not tell numbers of records, all with or given it.
    fn wrong(&self, evidence: &Evidence, code: &str, truth: bool) -> Option<f64> {
        let metric = if truth { "recall" } else { "precision" };
        let m = evidence.measures.iter().find(|m| m.metric == metric && m.group.is_none() && m.code_level.is_none() && m.code.as_deref() == Some(code))?;
        let e = m.outcome.estimate()?;
        Some(if self.counts { e.n as f64 * (1.0 - e.value) } else { e.n as f64 })
    }
}
