//! Errors in the tree of codes: precision, recall and F of ancestors, distances, and how deep codes go.

use super::by_record::{Domain, Found};
use super::engine::undefined;
use super::estimate::Kind;
use crate::data::CodeLevel;
use crate::model::UNCODED;
use crate::stats::{common_depth, shared_nodes, tree_distance};
use crate::value::{Outcome, Reason};
use std::collections::BTreeMap;

/// Where each code is in the tree of the evaluated levels.
pub struct Paths {
    /// Names of the levels, coarsest first; none for the full code.
    levels: Vec<Option<String>>,
    /// For each code the nodes from the first level down to itself. A code that ends at a level is that level's node and has none below.
    of: Vec<Vec<u32>>,
    /// How many levels each code reaches, the full code counted as one.
    reach: Vec<usize>,
}

impl Paths {
    /// Paths of codes through levels, coarsest first; none where no level above the full code is evaluated.
    pub fn of(universe: &[String], levels: &[&CodeLevel]) -> Option<Self> {
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let path = |code: &String| {
            let length = code.chars().count();
            let cuts = levels.iter().map(|l| l.digits).filter(|&d| d < length).chain([length]);
            cuts.map(|digits| {
                let next = numbers.len() as u32;
                *numbers.entry(code.chars().take(digits).collect()).or_insert(next)
            })
            .collect()
        };
        let of = universe.iter().map(path).collect();
        let deepest = levels.last().map_or(0, |l| l.digits);
        let reach = |code: &String| {
            let length = code.chars().count();
            levels.iter().filter(|l| l.digits <= length).count() + usize::from(length > deepest)
        };
        let reach = universe.iter().map(reach).collect();
        let names = levels.iter().map(|l| Some(l.name.clone())).chain([None]).collect();
        (!levels.is_empty()).then_some(Self { levels: names, of, reach })
    }

    fn path(&self, code: u32) -> &[u32] {
        if code == UNCODED { &[] } else { &self.of[code as usize] }
    }

    fn reaches(&self, code: u32, level: usize) -> bool {
        code != UNCODED && self.reach[code as usize] > level
    }
}

/// What a record adds above and below the line, from the paths of its true and first code.
type Part<'a> = &'a dyn Fn(&[u32], &[u32]) -> (f64, f64);

/// The measures of errors in the tree.
pub fn rows(domain: &Domain<'_>, paths: Option<&Paths>) -> Vec<Found> {
    const ALL: [&str; 6] = ["hierarchical-precision", "hierarchical-recall", "hierarchical-f", "error-cost", "error-distance", "crossing-share"];
    let n = domain.n();
    let Some(paths) = paths else {
        let why = "no level above the full code is evaluated";
        return ALL.map(|metric| (metric, None, Outcome::Undefined(undefined(Reason::NoLevel, why, n)))).to_vec();
    };
    let both = |i: usize| (paths.path(domain.answers.truth[i]), paths.path(domain.answers.first[i]));
    let mean = |kind: Kind, empty: (Reason, &str), part: Part<'_>| {
        let records = domain.members.iter().map(|&i| {
            let (truth, first) = both(i);
            let (a, b) = part(truth, first);
            (i, a, b)
        });
        match domain.engine.sample.ratio_of(records) {
            Some(linear) => domain.engine.sampling().estimate(&linear, kind),
            None => Outcome::Undefined(undefined(empty.0, empty.1, n)),
        }
    };
    let none = (Reason::NoRecords, "no record");
    let no_error = (Reason::NothingToDivideBy, "no record is coded wrong");
    let uncoded = (Reason::NothingToDivideBy, "no record is given a code");
    let shared = |t: &[u32], f: &[u32]| shared_nodes(t, f) as f64;
    let wrong = |t: &[u32], f: &[u32]| f64::from(u8::from(t != f));
    let outcomes = [
        mean(Kind::Unit, uncoded, &|t, f| (shared(t, f), f.len() as f64)),
        mean(Kind::Unit, none, &|t, f| (shared(t, f), t.len() as f64)),
        mean(Kind::Unit, none, &|t, f| (2.0 * shared(t, f), (t.len() + f.len()) as f64)),
        mean(Kind::Positive, none, &|t, f| (tree_distance(t, f) as f64, 1.0)),
        mean(Kind::Positive, no_error, &|t, f| (tree_distance(t, f) as f64, wrong(t, f))),
        mean(Kind::Proportion, no_error, &|t, f| (f64::from(u8::from(t != f && common_depth(t, f) == 0)), wrong(t, f))),
    ];
    let mut list: Vec<Found> = ALL.into_iter().zip(outcomes).map(|(metric, outcome)| (metric, None, outcome)).collect();
    for (number, level) in paths.levels.iter().enumerate() {
        let part = |&i: &usize| {
            let (truth, first) = (paths.reaches(domain.answers.truth[i], number), paths.reaches(domain.answers.first[i], number));
            (i, f64::from(u8::from(truth && first)), f64::from(u8::from(truth)))
        };
        let outcome = match domain.engine.sample.ratio_of(domain.members.iter().map(part)) {
            Some(linear) => domain.engine.sampling().estimate(&linear, Kind::Proportion),
            None => Outcome::Undefined(undefined(Reason::NoLevel, "no record has a code at this level", n)),
        };
        list.push(("depth-coverage", level.clone(), outcome));
    }
    list
}
