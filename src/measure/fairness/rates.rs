//! Rates of single codes between groups: recall (equal opportunity) and precision (predictive parity).

use super::super::comparison::Detail;
use super::super::engine::plain;
use super::super::evidence::Measure;
use super::super::tally::Mass;
use super::compared::{Compared, Group, add};
use super::search::{Cell, Search, guarded};
use crate::value::{Method, Reason};
use std::collections::BTreeMap;

/// What stands below the line: records with the true code, or with the predicted one.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Truth,
    Predicted,
}

impl Compared<'_> {
    /// The largest and the mean gap of recall and of precision.
    pub fn rates(&self) -> Vec<Measure> {
        let mut measures = self.rate(Of::Truth, "equal-opportunity-gap", "equal-opportunity-mean-gap");
        measures.extend(self.rate(Of::Predicted, "predictive-parity-gap", "predictive-parity-mean-gap"));
        measures
    }

    fn rate(&self, of: Of, largest: &str, mean: &str) -> Vec<Measure> {
        if self.groups.len() < 2 {
            return vec![self.alone(largest, "gap"), self.alone(mean, "gap")];
        }
        let codes = self.comparable(of);
        let comparisons: usize = codes.values().map(|groups| groups.len() * (groups.len() - 1) / 2).sum();
        let detail = Detail { comparisons: Some(comparisons as u64), support: Some(self.support(codes.keys().copied())), ..Detail::default() };
        if codes.is_empty() {
            let what = if of == Of::Truth { "with the same true code" } else { "given the same code" };
            let why = format!("no two groups have {} records or more {what}", self.floor());
            let without = |metric| self.without(metric, self.contrast("gap", Detail { comparisons: None, ..detail.clone() }), Reason::NothingToDivideBy, &*why);
            return vec![without(largest), without(mean)];
        }
        let mut search = Search::new(self, comparisons as u64, true);
        for (&code, groups) in &codes {
            let mut cells: Vec<Cell> = groups.iter().map(|&(g, mass)| self.cell(of, code, g, mass)).collect();
            self.alike(of, code, groups, &mut cells);
            search.code(code, &cells);
        }
        let (noise, mean_noise) = search.noise(largest);
        let mut measures = Vec::new();
        if let Some(best) = search.best {
            let detail = Detail { code: Some(self.name(best.code)), smallest: Some(best.smallest), ..detail.clone() };
            let mut contrast = self.contrast("gap", detail);
            contrast.high.clone_from(&self.groups[best.high].values);
            contrast.low.clone_from(&self.groups[best.low].values);
            contrast.expected_from_noise = Some(noise);
            let outcome = self.estimate(best.value, best.se, best.df, cut(search.interval), Method::Simultaneous);
            measures.push(Measure { contrast: Some(contrast), ..plain(largest, outcome) });
            if let Some((value, interval)) = search.mean() {
                let mut contrast = self.contrast("gap", Detail { smallest: None, code: None, ..contrast_detail(&measures[0]) });
                contrast.expected_from_noise = Some(mean_noise);
                // No one standard error: the interval follows from those of all comparisons.
                let mut outcome = self.estimate(value, 0.0, best.df, cut(interval), Method::Simultaneous);
                if let crate::value::Outcome::Estimate(e) = &mut outcome {
                    e.se = None;
                }
                measures.push(Measure { contrast: Some(contrast), ..plain(mean, outcome) });
            }
        }
        measures
    }

    /// Codes with enough records below the line in two groups or more, with those groups.
    fn comparable(&self, of: Of) -> BTreeMap<u32, Vec<(usize, Mass)>> {
        let mut codes: BTreeMap<u32, Vec<(usize, Mass)>> = BTreeMap::new();
        for (g, group) in self.groups.iter().enumerate() {
            for (&code, positions) in below(group, of) {
                let mut mass = Mass::default();
                group.at(Some(positions)).for_each(|c| add(&mut mass, &c.mass));
                if mass.n >= self.floor() && code != crate::model::UNCODED && self.df(group.at(Some(positions))) >= 1.0 {
                    codes.entry(code).or_default().push((g, mass));
                }
            }
        }
        codes.retain(|_, groups| groups.len() > 1);
        codes
    }

    fn cell(&self, of: Of, code: u32, g: usize, mass: Mass) -> Cell {
        let group = &self.groups[g];
        let cells = || group.at(below(group, of).get(&code));
        let right: f64 = cells().filter(|c| c.truth == c.predicted).map(|c| c.mass.w).sum();
        let value = right / mass.w;
        let scores = self.scores(cells().map(|c| (c.unit, c.mass, (f64::from(c.truth == c.predicted) - value) / mass.w)));
        let variance = self.sampling().units.sparse_variance(&scores);
        let df = self.df(cells());
        let independent = (mass.w * mass.w / mass.w2).min(mass.n as f64);
        let units = self.sampling().clustered.then_some(df + 1.0);
        Cell { group: g, value, variance: guarded(variance, value, independent, units), alike: variance, df, n: mass.n, scores }
    }

    /// What the variances of a code's cells would be, were its rate and its design effect those of all these groups together.
    fn alike(&self, of: Of, code: u32, groups: &[(usize, Mass)], cells: &mut [Cell]) {
        let mut all = Mass::default();
        groups.iter().for_each(|(_, mass)| add(&mut all, mass));
        let mean = cells.iter().zip(groups).map(|(c, (_, mass))| c.value * mass.w).sum::<f64>() / all.w;
        let of_group = |g: usize| self.groups[g].at(below(&self.groups[g], of).get(&code));
        let mut parts: Vec<(u32, Mass, f64)> =
            groups.iter().flat_map(|&(g, _)| of_group(g)).map(|c| (c.unit, c.mass, (f64::from(c.truth == c.predicted) - mean) / all.w)).collect();
        parts.sort_by_key(|p| p.0);
        let one = self.sampling().units.sparse_variance(&self.scores(parts.into_iter()));
        let size = |m: Mass| m.w * m.w / m.w2;
        cells.iter_mut().zip(groups).for_each(|(c, (_, mass))| c.alike = one * size(all) / size(*mass));
    }
}

fn below(group: &Group, of: Of) -> &BTreeMap<u32, Vec<u32>> {
    if of == Of::Truth { &group.by_truth } else { &group.by_predicted }
}

/// A difference of shares is at most 1.
fn cut((lower, upper): (f64, f64)) -> (f64, f64) {
    (lower, upper.min(1.0))
}

fn contrast_detail(m: &Measure) -> Detail {
    m.contrast.as_ref().and_then(|c| c.detail.clone()).unwrap_or_default()
}
