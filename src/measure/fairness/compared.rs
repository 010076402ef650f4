//! The groups of a grouping that are large enough to be compared, with their cells, and the measures of fairness between them.

use super::super::comparison::{Contrast, Detail, Support};
use super::super::engine::{Engine, Level, plain, records};
use super::super::estimate::Sampling;
use super::super::evidence::{GroupCell, Measure};
use super::super::tally::{CodeCell, Mass};
use crate::model::UNCODED;
use crate::stats::SparseScores;
use crate::value::{Estimate, Interval, Method, Outcome, Reason};
use std::collections::BTreeMap;

/// A group with its cells in the order of their units.
pub struct Group {
    /// Value of each variable.
    pub values: Vec<String>,
    /// Its cells.
    pub cells: Vec<CodeCell>,
    /// All its records.
    pub mass: Mass,
    /// Its records by unit, ascending.
    pub units: Vec<(u32, Mass)>,
    /// Positions in `cells` by true code.
    pub by_truth: BTreeMap<u32, Vec<u32>>,
    /// Positions in `cells` by predicted code; uncoded records under [`UNCODED`].
    pub by_predicted: BTreeMap<u32, Vec<u32>>,
}

/// The groups of a grouping that have enough records.
pub struct Compared<'a> {
    /// Where they come from.
    pub engine: &'a Engine<'a>,
    /// The code level at which codes are compared.
    pub level: &'a Level,
    /// The variables.
    pub variables: &'a [String],
    /// The groups, in the order of their values.
    pub groups: Vec<Group>,
    /// Records of all of them.
    pub n: u64,
    /// Their weight by true code, codes ascending.
    pub truth: BTreeMap<u32, Mass>,
    /// Their records by predicted code.
    pub predicted: BTreeMap<u32, Mass>,
}

impl Group {
    /// A group from its cells, which are in the order of their units.
    fn of(values: Vec<String>, cells: Vec<CodeCell>) -> Self {
        let mut group = Self { values, cells: Vec::new(), mass: Mass::default(), units: Vec::new(), by_truth: BTreeMap::new(), by_predicted: BTreeMap::new() };
        for (i, c) in cells.iter().enumerate() {
            add(&mut group.mass, &c.mass);
            group.by_truth.entry(c.truth).or_default().push(i as u32);
            group.by_predicted.entry(c.predicted).or_default().push(i as u32);
            match group.units.last_mut() {
                Some((unit, mass)) if *unit == c.unit => add(mass, &c.mass),
                _ => group.units.push((c.unit, c.mass)),
            }
        }
        group.cells = cells;
        group
    }

    /// The cells at some positions.
    pub fn at<'g>(&'g self, positions: Option<&'g Vec<u32>>) -> impl Iterator<Item = &'g CodeCell> + Clone + 'g {
        positions.into_iter().flatten().map(|&i| &self.cells[i as usize])
    }
}

/// Adds one mass to another.
pub fn add(to: &mut Mass, mass: &Mass) {
    to.n += mass.n;
    to.w += mass.w;
    to.w2 += mass.w2;
}

impl<'a> Engine<'a> {
    /// Every measure of fairness between the groups of a grouping; nothing is computed for groups below the study's minimum.
    pub fn fairness(&'a self, number: usize) -> Vec<Measure> {
        let mut measures = Vec::new();
        for level in self.levels.iter().rev() {
            let compared = Compared::of(self, number, level);
            let mut at_level = Vec::new();
            if level.name.is_none() {
                at_level.extend(compared.mix(self.sample.groupings[number].0.reference.as_deref()));
                at_level.extend(compared.controlled(number));
            }
            at_level.extend(compared.rates());
            at_level.extend(compared.odds());
            at_level.extend(compared.shares());
            measures.extend(at_level.into_iter().map(|m| Measure { code_level: level.name.clone(), ..m }));
        }
        measures
    }
}

impl<'a> Compared<'a> {
    /// The groups of a grouping with at least the study's minimum of records, coded at a level; records whose true code is shallower are left out.
    pub fn of(engine: &'a Engine<'a>, number: usize, level: &'a Level) -> Self {
        let (grouping, groups) = &engine.sample.groupings[number];
        let mut group_of = vec![usize::MAX; engine.sample.cells];
        for (g, (_, members)) in groups.iter().enumerate() {
            members.iter().for_each(|&m| group_of[m as usize] = g);
        }
        let mut cells: Vec<Vec<CodeCell>> = vec![Vec::new(); groups.len()];
        for c in engine.tally.codes.iter().filter(|c| c.mass.w > 0.0 && group_of[c.group as usize] != usize::MAX) {
            let Some(truth) = level.ancestor[c.truth as usize] else { continue };
            let predicted = level.ancestor.get(c.predicted as usize).copied().flatten().unwrap_or(UNCODED);
            cells[group_of[c.group as usize]].push(CodeCell { truth, predicted, ..*c });
        }
        let enough = |cells: &Vec<CodeCell>| records(cells) >= engine.request.minimum_group;
        let groups: Vec<Group> =
            groups.iter().zip(cells).filter(|(_, cells)| enough(cells)).map(|((values, _), cells)| Group::of(values.clone(), cells)).collect();
        let (mut truth, mut predicted): (BTreeMap<u32, Mass>, BTreeMap<u32, Mass>) = (BTreeMap::new(), BTreeMap::new());
        for c in groups.iter().flat_map(|g| &g.cells) {
            add(truth.entry(c.truth).or_default(), &c.mass);
            if c.predicted != UNCODED {
                add(predicted.entry(c.predicted).or_default(), &c.mass);
            }
        }
        Self { engine, level, variables: &grouping.variables, n: groups.iter().map(|g| g.mass.n).sum(), groups, truth, predicted }
    }

    pub fn sampling(&self) -> &'a Sampling {
        self.engine.sampling()
    }

    /// Fewest records of a group and code that are compared.
    pub fn floor(&self) -> u64 {
        self.engine.request.minimum_group
    }

    /// Degrees of freedom of the whole design.
    pub fn design_df(&self) -> f64 {
        let units = &self.sampling().units;
        units.count() as f64 - units.strata() as f64
    }

    /// Degrees of freedom of a domain: its units less its strata; `cells` in the order of their units.
    pub fn df<'c>(&self, cells: impl Iterator<Item = &'c CodeCell>) -> f64 {
        let (mass, units, strata) = super::super::tally::domain(&self.sampling().units, cells.map(|c| (c.unit, c.mass)));
        if self.sampling().clustered { units as f64 - strata as f64 } else { mass.n as f64 - strata as f64 }
    }

    /// The scores of parts (unit, mass, score a unit of weight), in the order of their units.
    pub fn scores(&self, parts: impl Iterator<Item = (u32, Mass, f64)>) -> SparseScores {
        self.sampling().units.sparse(parts.map(|(unit, mass, score)| (unit, mass.w * score, mass.w2 * score * score)))
    }

    /// The scores of the mean of x over a group: `x` tells of its cells where it is not 0, in the order of their units.
    pub fn mean_scores(&self, group: &Group, mean: f64, x: &[(u32, Mass, f64)]) -> SparseScores {
        let whole = group.mass.w;
        let mut next = 0;
        self.sampling().units.sparse(group.units.iter().map(|&(unit, mass)| {
            let (mut sum, mut square) = (-mean * mass.w, mean * mean * mass.w2);
            while let Some(&(_, m, x)) = x.get(next).filter(|x| x.0 == unit) {
                sum += m.w * x;
                square += m.w2 * ((x - mean) * (x - mean) - mean * mean);
                next += 1;
            }
            (unit, sum / whole, square / (whole * whole))
        }))
    }

    /// The name of a code at the level.
    pub fn name(&self, code: u32) -> String {
        self.level.labels[code as usize].clone()
    }

    /// All groups together.
    pub fn everyone(&self) -> Group {
        let mut cells: Vec<CodeCell> = self.groups.iter().flat_map(|g| g.cells.iter().copied()).collect();
        cells.sort_by_key(|c| c.unit);
        Group::of(Vec::new(), cells)
    }

    /// How much of the groups' weight has a true code among those compared.
    pub fn support(&self, codes: impl Iterator<Item = u32>) -> Support {
        let (mut count, mut kept) = (0, 0.0);
        for code in codes {
            count += 1;
            kept += self.truth.get(&code).map_or(0.0, |m| m.w);
        }
        let all: f64 = self.truth.values().map(|m| m.w).sum();
        let of = self.truth.keys().chain(self.predicted.keys().filter(|k| !self.truth.contains_key(k))).count() as u64;
        Support { codes: count, of, share: if all > 0.0 { kept / all } else { 0.0 } }
    }

    /// A comparison of these groups.
    pub fn contrast(&self, kind: &str, detail: Detail) -> Contrast {
        Contrast {
            kind: kind.to_owned(),
            variables: self.variables.to_vec(),
            groups: self.groups.len() as u64,
            detail: (detail != Detail::default()).then_some(detail),
            ..Contrast::default()
        }
    }

    /// The measure of a comparison that has no answer.
    pub fn without(&self, metric: &str, contrast: Contrast, reason: Reason, why: impl Into<String>) -> Measure {
        Measure { contrast: Some(contrast), ..plain(metric, Outcome::undefined(reason, why, self.n)) }
    }

    /// That fewer than two groups can be compared.
    pub fn alone(&self, metric: &str, kind: &str) -> Measure {
        self.without(metric, self.contrast(kind, Detail::default()), Reason::OneGroup, "fewer than two groups have enough records")
    }

    /// The measure of one group.
    pub fn of_group(&self, metric: &str, group: usize, outcome: Outcome) -> Measure {
        let cell = GroupCell { variables: self.variables.to_vec(), values: self.groups[group].values.clone() };
        Measure { group: Some(cell), ..plain(metric, outcome) }
    }

    /// An estimate of a comparison with its interval.
    pub fn estimate(&self, value: f64, se: f64, df: f64, (lower, upper): (f64, f64), method: Method) -> Outcome {
        Outcome::Estimate(Estimate {
            value,
            se: Some(se),
            interval: Some(Interval { lower, upper, level: self.sampling().level, method }),
            n: self.n,
            n_effective: None,
            psus: self.sampling().clustered.then(|| self.sampling().units.count()),
            df: Some(df),
            design_effect: None,
        })
    }
}
