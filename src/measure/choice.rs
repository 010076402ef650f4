//! Chooses the threshold for coding without a clerk on the tuning part, so that the share of errors keeps to a promise.
//!
//! Thresholds of a grid fixed beforehand are tested from the surest down, each at the promise's confidence, until one fails; the smallest that
//! passed is taken (fixed-sequence testing: Maurer, Hothorn & Lehmacher 1995; Angelopoulos et al. 2021, arXiv:2110.01052). The upper bound is
//! Clopper–Pearson's, under a design on Korn and Graubard's effective size.

use super::answers::Answers;
use super::automation::{AutomaticChoice, Choice, LevelChoice, Promise};
use super::engine::Level;
use super::sample::Sample;
use super::tally::Linear;
use crate::stats::{NoGuarantee, Search, Tested, certified_threshold, effective_size, records_to_certify, t_quantile, upper_bound};
use crate::value::grouped;

/// More records than this are needed only by a promise that cannot be kept.
const TOO_MANY_RECORDS: f64 = 1e8;

/// The thresholds that are tested, surest first: 0.999, 0.995, then every hundredth from 0.99 down to 0.
fn grid() -> Vec<f64> {
    [0.999, 0.995].into_iter().chain((0..=99).rev().map(|i| f64::from(i) / 100.0)).collect()
}

/// Chooses a threshold for the full code and for each coarser level by itself.
///
/// `sample` and `answers` are of the tuning records that serve for this; `apart` says whether they served for nothing else.
#[must_use]
pub fn choose(promise: Promise, sample: &Sample, answers: &Answers, levels: &[Level], apart: bool) -> AutomaticChoice {
    let of = |level: &Level| LevelChoice { code_level: level.name.clone(), choice: at_level(promise, sample, answers, level) };
    AutomaticChoice { promise, records: answers.truth.len() as u64, apart, levels: levels.iter().rev().map(of).collect() }
}

/// That no threshold could be chosen at all.
#[must_use]
pub fn not_chosen(promise: Promise, records: u64, why: impl Into<String>) -> AutomaticChoice {
    let needed = Some(records_to_certify(promise.error_at_most, promise.confidence));
    let choice = Choice::NoThreshold { why: why.into(), records_needed: needed };
    AutomaticChoice { promise, records, apart: true, levels: vec![LevelChoice { code_level: None, choice }] }
}

/// One threshold of the grid with what its test needs.
struct Candidate {
    tested: Tested,
    /// Records that reach it.
    accepted: u64,
    /// Their effective number as far as it can be told without looking at errors.
    blind: f64,
}

fn at_level(promise: Promise, sample: &Sample, answers: &Answers, level: &Level) -> Choice {
    let Promise { error_at_most, confidence } = promise;
    if answers.confidence.len() < answers.truth.len() {
        let why = "the candidate gives no confidence to set a threshold on".to_owned();
        return Choice::NoThreshold { why, records_needed: None };
    }
    let ancestor = |code: u32| level.ancestor.get(code as usize).copied().flatten();
    // Records whose true code does not reach the level are not asked.
    let asked: Vec<(usize, bool)> =
        (0..answers.truth.len()).filter_map(|i| ancestor(answers.truth[i]).map(|truth| (i, ancestor(answers.first[i]) != Some(truth)))).collect();
    let effects = design_effects(sample, answers, &asked);
    let candidates: Vec<Candidate> = grid().into_iter().map(|t| candidate(sample, answers, &asked, t, confidence, effects)).collect();
    // Where to begin must not depend on errors: at the first threshold that would pass with half the errors allowed, else with none.
    let could = |risk: f64| candidates.iter().position(|c| upper_bound(risk, c.blind, confidence) <= error_at_most);
    let needed = records_to_certify(error_at_most, confidence);
    let Some(start) = could(error_at_most / 2.0).or_else(|| could(0.0)) else {
        let n = grouped(asked.len());
        let records_needed = scaled(&candidates, asked.len(), error_at_most, confidence).or(Some(needed).filter(|&m| m > asked.len() as u64));
        let why = format!("{n} records are too few: even without an error, {} independent ones would have to reach a threshold", grouped(needed as usize));
        return Choice::NoThreshold { why, records_needed };
    };
    let tested: Vec<Tested> = candidates[start..].iter().map(|c| c.tested).collect();
    match certified_threshold(&tested, error_at_most, confidence, Search::FixedSequence) {
        Ok(found) => {
            let accepted = candidates.iter().find(|c| c.tested.threshold == found.tested.threshold).map_or(0, |c| c.accepted);
            Choice::Threshold { threshold: found.tested.threshold, accepted, risk: found.tested.risk, upper: found.upper }
        }
        Err(why) => {
            let records_needed = scaled(&candidates, asked.len(), error_at_most, confidence);
            let why = match why {
                NoGuarantee::TooRisky { .. } => "already among the surest records that are enough for a test, too many are wrong to be certain".to_owned(),
                _ => "too few records reach a threshold".to_owned(),
            };
            Choice::NoThreshold { why, records_needed }
        }
    }
}

/// Design effects beyond unequal weights, 1 without clusters: (of confidence, of confidence and errors, whichever is larger).
fn design_effects(sample: &Sample, answers: &Answers, asked: &[(usize, bool)]) -> (f64, f64) {
    if !sample.sampling.clustered {
        return (1.0, 1.0);
    }
    let of = |value: &dyn Fn(usize, bool) -> f64| {
        let Some(linear) = sample.ratio_of(asked.iter().map(|&(i, wrong)| (i, value(i, wrong), 1.0))) else { return 1.0 };
        let spread = asked.iter().map(|&(i, wrong)| sample.weight[i] * (value(i, wrong) - linear.value).powi(2)).sum::<f64>() / linear.w;
        let alone = spread * linear.w2 / (linear.w * linear.w);
        if alone > 0.0 { (sample.sampling.units.variance(&linear.scores) / alone).max(1.0) } else { 1.0 }
    };
    let blind = of(&|i, _| answers.confidence[i]);
    (blind, blind.max(of(&|_, wrong| f64::from(u8::from(wrong)))))
}

fn candidate(sample: &Sample, answers: &Answers, asked: &[(usize, bool)], threshold: f64, level: f64, effects: (f64, f64)) -> Candidate {
    let reached = asked.iter().filter(|&&(i, _)| answers.confidence[i] >= threshold).map(|&(i, wrong)| (i, f64::from(u8::from(wrong)), 1.0));
    let Some(linear) = sample.ratio_of(reached) else {
        return Candidate { tested: Tested { threshold, risk: 0.0, size: 0.0 }, accepted: 0, blind: 0.0 };
    };
    // Clusters add to a variance by how many of their records are in it: fewer reach a higher threshold (Kish 1965).
    let reached = linear.w / asked.iter().map(|&(i, _)| sample.weight[i]).sum::<f64>();
    let at = |effect: f64| 1.0 + (effect - 1.0) * reached.min(1.0);
    let (blind, size) = sizes(sample, &linear, level, (at(effects.0), at(effects.1)));
    Candidate { tested: Tested { threshold, risk: linear.value.clamp(0.0, 1.0), size }, accepted: linear.n, blind }
}

/// Effective sizes for a one-sided bound: blind to errors, and with the variance of the share of errors where it has one.
fn sizes(sample: &Sample, linear: &Linear, level: f64, (blind_effect, effect): (f64, f64)) -> (f64, f64) {
    let (n, risk) = (linear.n as f64, linear.value);
    if sample.sampling.simple {
        return (n, n);
    }
    let df = sample.sampling.df(linear);
    if n < 2.0 || df < 1.0 {
        return (0.0, 0.0);
    }
    let adjust = (t_quantile(level, n - 1.0) / t_quantile(level, df)).powi(2).min(1.0);
    let kish = (linear.w * linear.w / linear.w2).min(n) * adjust;
    let variance = sample.sampling.units.variance(&linear.scores);
    // A few errors make a variance hardly better known than none: the whole part's design effect stands beside it.
    let size =
        if risk > 0.0 && risk < 1.0 && variance > 0.0 { effective_size(risk, variance, n, df, 2.0 * level - 1.0).min(kish / effect) } else { kish / effect };
    (kish / blind_effect, size)
}

/// About how many records would certify the most promising threshold, were its share of errors and design effect to stay.
fn scaled(candidates: &[Candidate], records: usize, greatest: f64, level: f64) -> Option<u64> {
    let passes = |risk: f64, size: f64| upper_bound(risk, size, level) <= greatest;
    let one = |c: &Candidate| {
        let (risk, size) = (c.tested.risk, c.tested.size);
        if size <= 0.0 || risk >= greatest {
            return None;
        }
        let mut high = size;
        while !passes(risk, high) {
            high *= 2.0;
            if high > TOO_MANY_RECORDS {
                return None;
            }
        }
        let mut low = high / 2.0;
        while high - low > 0.01 * high {
            let middle = f64::midpoint(low, high);
            if passes(risk, middle) { high = middle } else { low = middle }
        }
        Some((records as f64 * high / size).ceil() as u64)
    };
    // Of a threshold that few records reach, the share of errors says little.
    candidates.iter().filter(|c| c.accepted >= 20).filter_map(one).filter(|&m| m > records as u64).min()
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;
