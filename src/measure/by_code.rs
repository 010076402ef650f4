//! Estimates of single codes, and the most frequent errors.

use super::confused::frequent;
use super::engine::{Engine, plain};
use super::estimate::Kind;
use super::evidence::{Confusion, Measure};
use super::replicated::replicated_mean;
use super::tally::{Linear, Mass, Part, domain, scores};
use crate::model::UNCODED;
use crate::stats::Scores;
use crate::value::Reason;
use std::collections::BTreeMap;

/// Most confusions kept.
const MOST_CONFUSIONS: usize = 50;

impl Engine<'_> {
    /// Precision, recall, F1, true share and share error of every code that occurs.
    pub fn codes(&self) -> Vec<Measure> {
        let mut by_code: Vec<Vec<u32>> = vec![Vec::new(); self.universe.len()];
        let units = &self.sampling().units;
        let mut unit_mass: BTreeMap<u32, Mass> = BTreeMap::new();
        for (i, c) in self.tally.codes.iter().enumerate() {
            by_code[c.truth as usize].push(i as u32);
            if c.predicted != UNCODED && c.predicted != c.truth {
                by_code[c.predicted as usize].push(i as u32);
            }
            let all = unit_mass.entry(c.unit).or_default();
            all.n += c.mass.n;
            all.w += c.mass.w;
            all.w2 += c.mass.w2;
        }
        let (whole, unit_count, strata) = domain(units, unit_mass.iter().map(|(u, m)| (*u, *m)));
        let mut measures = Vec::new();
        for (code, members) in by_code.iter().enumerate().filter(|(_, m)| !m.is_empty()) {
            let code = code as u32;
            let cells = || members.iter().map(|&i| &self.tally.codes[i as usize]);
            let n = cells().map(|c| c.mass.n).sum();
            let parts = |f: fn(bool, bool) -> (f64, f64)| {
                cells().map(move |c| {
                    let (a, b) = f(c.truth == code, c.predicted == code);
                    Part { unit: c.unit, mass: c.mass, a, b }
                })
            };
            // A share's denominator is the whole test part: the rest of a unit scores −R·w/W.
            let share = |f: fn(bool, bool) -> f64| {
                let value = cells().map(|c| c.mass.w * f(c.truth == code, c.predicted == code)).sum::<f64>() / whole.w;
                let above = cells().map(|c| (c.unit, c.mass.w * f(c.truth == code, c.predicted == code), 0.0));
                let sums = above.chain(unit_mass.iter().map(|(u, m)| (*u, 0.0, m.w)));
                if let Some(scores) = replicated_mean(units, value, sums) {
                    return Linear { value, scores, variance: None, n: whole.n, w: whole.w, w2: whole.w2, units: unit_count, strata };
                }
                let rest = unit_mass.iter().map(|(u, m)| (*u, *m, -value / whole.w));
                let mut scores = scores(units, rest);
                for c in cells() {
                    let a = f(c.truth == code, c.predicted == code);
                    match &mut scores {
                        Scores::Replicates(_) => {}
                        Scores::Clusters(z) => z[c.unit as usize] += c.mass.w * a / whole.w,
                        Scores::Records { sum, square } => {
                            sum[c.unit as usize] += c.mass.w * a / whole.w;
                            square[c.unit as usize] += c.mass.w2 * ((a - value).powi(2) - value * value) / (whole.w * whole.w);
                        }
                    }
                }
                Linear { value, scores, variance: None, n: whole.n, w: whole.w, w2: whole.w2, units: unit_count, strata }
            };
            let never = |what: &'static str| (Reason::NothingToDivideBy, what);
            let results = [
                ("precision", self.ratio(parts(|t, p| (f64::from(t && p), f64::from(p))), Kind::Proportion, never("the code is never predicted"), n)),
                ("recall", self.ratio(parts(|t, p| (f64::from(t && p), f64::from(t))), Kind::Proportion, never("the code does not occur as true code"), n)),
                ("f1", self.ratio(parts(|t, p| (2.0 * f64::from(t && p), f64::from(t) + f64::from(p))), Kind::Unit, never("the code does not occur"), n)),
                ("share-true", Ok((share(|t, _| f64::from(t)), Kind::Proportion))),
                ("share-error", Ok((share(|t, p| f64::from(p) - f64::from(t)), Kind::Signed))),
            ];
            for (metric, result) in results {
                measures.push(Measure { code: Some(self.universe[code as usize].clone()), ..plain(metric, self.finish(&result)) });
            }
        }
        measures
    }

    /// The most frequent errors, largest weight first.
    pub fn confusions(&self) -> Vec<Confusion> {
        let cells: Vec<(u32, u32, Mass)> = self.tally.codes.iter().map(|c| (c.truth, c.predicted, c.mass)).collect();
        frequent(&cells, |code| self.universe[code as usize].clone(), MOST_CONFUSIONS)
    }
}
