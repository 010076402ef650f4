//! Groups compared within the levels of a control variable, and on average over them.

use super::super::comparison::{Detail, Support, Within};
use super::super::engine::plain;
use super::super::evidence::Measure;
use super::super::tally::{CodeCell, Mass};
use super::compared::{Compared, add};
use super::search::{Cell, Search, guarded, noise};
use crate::value::{Method, Outcome, Reason};

/// A level of a control variable with the groups that have enough records in it.
struct Stratum {
    value: String,
    weight: f64,
    cells: Vec<Cell>,
}

impl Compared<'_> {
    /// The largest difference in accuracy within each level of each control, and the average over levels.
    pub fn controlled(&self, number: usize) -> Vec<Measure> {
        let grouping = &self.engine.sample.groupings[number].0;
        grouping.within.iter().flat_map(|control| self.within(number, control)).collect()
    }

    fn within(&self, number: usize, control: &str) -> Vec<Measure> {
        let strata = self.strata(number, control);
        let of = strata.len() as u64;
        let whole: f64 = self.groups.iter().map(|g| g.mass.w).sum();
        let strata: Vec<Stratum> = strata.into_iter().filter(|s| s.cells.len() > 1).collect();
        let kept: f64 = strata.iter().map(|s| s.weight).sum();
        let comparisons: u64 = strata.iter().map(|s| (s.cells.len() * (s.cells.len() - 1) / 2) as u64).sum();
        let support = Support { codes: strata.len() as u64, of, share: kept / whole };
        let detail = |value: Option<String>| Detail {
            comparisons: (comparisons > 0).then_some(comparisons),
            support: value.is_none().then_some(support),
            within: Some(Within { control: control.to_owned(), value }),
            ..Detail::default()
        };
        if strata.is_empty() {
            let why = format!("within no level of {control} do two groups have {} records or more", self.floor());
            return vec![self.without("controlled-gap", self.contrast("gap", detail(None)), Reason::NothingToDivideBy, why)];
        }
        let mut measures = Vec::new();
        let (mut value, mut interval, mut from_noise, mut df) = (0.0, (0.0, 0.0), 0.0, f64::INFINITY);
        for stratum in &strata {
            let mut search = Search::new(self, comparisons, true);
            search.code(0, &stratum.cells);
            let Some(best) = search.best else { continue };
            let errors: Vec<f64> = stratum.cells.iter().map(|c| c.variance.sqrt()).collect();
            let expected = noise(std::slice::from_ref(&errors), "within a control").0;
            let share = stratum.weight / kept;
            value += share * best.value;
            interval = (interval.0 + share * search.interval.0, interval.1 + share * search.interval.1.min(1.0));
            from_noise += share * expected;
            df = df.min(best.df);
            let mut contrast = self.contrast("gap", Detail { smallest: Some(best.smallest), ..detail(Some(stratum.value.clone())) });
            contrast.groups = stratum.cells.len() as u64;
            contrast.high.clone_from(&self.groups[best.high].values);
            contrast.low.clone_from(&self.groups[best.low].values);
            contrast.expected_from_noise = Some(expected);
            let bounds = (search.interval.0, search.interval.1.min(1.0));
            let mut outcome = self.estimate(best.value, best.se, best.df, bounds, Method::Simultaneous);
            if let Outcome::Estimate(e) = &mut outcome {
                e.n = stratum.cells.iter().map(|c| c.n).sum();
            }
            measures.push(Measure { contrast: Some(contrast), ..plain("gap-within", outcome) });
        }
        let mut contrast = self.contrast("gap", detail(None));
        contrast.expected_from_noise = Some(from_noise);
        let mut outcome = self.estimate(value, 0.0, df, interval, Method::Simultaneous);
        if let Outcome::Estimate(e) = &mut outcome {
            // No one standard error: the interval follows from those of all comparisons.
            e.se = None;
        }
        measures.insert(0, Measure { contrast: Some(contrast), ..plain("controlled-gap", outcome) });
        measures
    }

    /// The levels of a control, in their order, with the accuracy of each group that has enough records there.
    fn strata(&self, number: usize, control: &str) -> Vec<Stratum> {
        let engine = self.engine;
        if let Some(control) = engine.sample.controls[number].iter().find(|c| c.name == control) {
            let mut mask = vec![usize::MAX; engine.sample.cells];
            for (v, (_, members)) in control.values.iter().enumerate() {
                members.iter().for_each(|&m| mask[m as usize] = v);
            }
            let names: Vec<&String> = control.values.iter().map(|v| &v.0).collect();
            return self.by_level(&names, |c| Some(mask[c.group as usize]).filter(|v| *v != usize::MAX));
        }
        let Some(level) = engine.levels.iter().find(|l| l.name.as_deref() == Some(control)) else { return Vec::new() };
        let mut order: Vec<usize> = (0..level.labels.len()).collect();
        order.sort_by(|&a, &b| level.labels[a].cmp(&level.labels[b]));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &number)| place[number] = at);
        let names: Vec<&String> = order.iter().map(|&i| &level.labels[i]).collect();
        self.by_level(&names, |c| level.ancestor[c.truth as usize].map(|number| place[number as usize]))
    }

    fn by_level(&self, names: &[&String], level: impl Fn(&CodeCell) -> Option<usize>) -> Vec<Stratum> {
        let mut strata: Vec<Stratum> = names.iter().map(|name| Stratum { value: (*name).clone(), weight: 0.0, cells: Vec::new() }).collect();
        for (g, group) in self.groups.iter().enumerate() {
            let mut members: Vec<Vec<&CodeCell>> = vec![Vec::new(); names.len()];
            for c in &group.cells {
                if let Some(at) = level(c) {
                    members[at].push(c);
                    strata[at].weight += c.mass.w;
                }
            }
            for (stratum, members) in strata.iter_mut().zip(&members) {
                let mut mass = Mass::default();
                members.iter().for_each(|c| add(&mut mass, &c.mass));
                let df = self.df(members.iter().copied());
                if mass.n < self.floor() || df < 1.0 {
                    continue;
                }
                let value = members.iter().filter(|c| c.truth == c.predicted).map(|c| c.mass.w).sum::<f64>() / mass.w;
                let scores = self.scores(members.iter().map(|c| (c.unit, c.mass, (f64::from(c.truth == c.predicted) - value) / mass.w)));
                let independent = (mass.w * mass.w / mass.w2).min(mass.n as f64);
                let units = self.sampling().clustered.then_some(df + 1.0);
                let variance = guarded(self.sampling().units.sparse_variance(&scores), value, independent, units);
                stratum.cells.push(Cell { group: g, value, variance, alike: variance, df, n: mass.n, scores });
            }
        }
        strata.retain(|s| s.weight > 0.0);
        strata
    }
}
