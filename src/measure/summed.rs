//! The most probable code of a level, from probabilities summed over the codes below it: not always where the most probable full code lies.

use super::answers::Answers;
use super::engine::{Engine, plain, undefined};
use super::estimate::Kind;
use super::evidence::Measure;
use crate::model::{Predictions, UNCODED};
use crate::value::{Outcome, Reason};

/// The metric.
const METRIC: &str = "summed-accuracy";

/// Accuracy of each level's most probable code over the whole test part; none where no level above the full code is evaluated.
pub fn measures(engine: &Engine<'_>, predictions: &Predictions, code_of: &[u32], answers: &Answers) -> Vec<Measure> {
    let n = answers.truth.len();
    let mut list = Vec::new();
    for level in engine.levels.iter().filter(|level| level.name.is_some()) {
        let of = |outcome| Measure { code_level: level.name.clone(), ..plain(METRIC, outcome) };
        if !predictions.complete || predictions.confidence.is_empty() {
            let why = "the candidate does not give a probability for every code";
            list.push(of(Outcome::Undefined(undefined(Reason::ProbabilitiesIncomplete, why, n as u64))));
            continue;
        }
        // (asked, right) of each record: one whose true code is shallower than the level is not asked.
        let ancestor = |code: u32| level.ancestor.get(code as usize).copied().flatten();
        let mut sums = vec![0.0; level.labels.len()];
        let judged: Vec<(f64, f64)> = (0..n)
            .map(|i| match ancestor(answers.truth[i]) {
                Some(truth) => (1.0, f64::from(u8::from(best(predictions, i, &mut sums, |c| ancestor(code_of[c as usize])) == Some(truth)))),
                None => (0.0, 0.0),
            })
            .collect();
        list.push(of(match engine.sample.ratio_of(judged.iter().enumerate().map(|(i, (asked, right))| (i, *right, *asked))) {
            Some(linear) => engine.sampling().estimate(&linear, Kind::Proportion),
            None => Outcome::Undefined(undefined(Reason::NoLevel, "no record has a code at this level", n as u64)),
        }));
    }
    list
}

/// The ancestor with the largest sum of a record's probabilities; among equals the one that comes first in the ranking. `sums` is room,
/// one number for each ancestor.
fn best(predictions: &Predictions, record: usize, sums: &mut [f64], ancestor: impl Fn(u32) -> Option<u32>) -> Option<u32> {
    sums.fill(0.0);
    let nodes = || predictions.ranking(record).iter().filter(|c| **c != UNCODED).map(|c| ancestor(*c));
    for (node, p) in nodes().zip(predictions.confidences(record)) {
        if let Some(node) = node {
            sums[node as usize] += p;
        }
    }
    nodes().flatten().reduce(|best, node| if sums[node as usize] > sums[best as usize] { node } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_decides_and_not_the_best_code() {
        let codes = ["11", "21", "22", "31"].map(String::from).to_vec();
        let predictions = Predictions::from_dense(codes, &[0.4, 0.3, 0.25, 0.05, 0.5, 0.25, 0.25, 0.0], 4);
        let ancestor = |c: u32| [Some(0), Some(1), Some(1), None][c as usize];
        assert_eq!(best(&predictions, 0, &mut [0.0; 2], ancestor), Some(1));
        // Equal sums: where the best code lies.
        assert_eq!(best(&predictions, 1, &mut [0.0; 2], ancestor), Some(0));
    }
}
