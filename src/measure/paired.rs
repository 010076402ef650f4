//! Two candidates on the same records: differences in accuracy, macro-F1 and log loss with the design's intervals and p-values.

use super::answers::Answers;
use super::engine::{Level, plain, too_few};
use super::estimate::Kind;
use super::evidence::{GroupCell, Measure, Versus};
use super::jackknife::{F1Cell, jackknife_f1};
use super::sample::Sample;
use super::tally::{Linear, Mass, Part, SMALLEST_PROBABILITY, ratio};
use crate::model::{Predictions, UNCODED};
use crate::stats::{holm, mcnemar, t_test};
use crate::value::{Interval, Method, Outcome, Reason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which test a p-value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairedBy {
    /// McNemar's mid-p, for independent records of equal weight.
    McnemarMidP,
    /// Student's t of the difference over its standard error under the design.
    T,
}

/// The test that two candidates do not differ, on the same records; p-values are of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedTest {
    /// Which test.
    pub by: PairedBy,
    /// Its p-value.
    pub p: f64,
    /// McNemar's exact p-value, where records are independent and weigh the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact_p: Option<f64>,
    /// For a group: Holm's adjusted p-value over all groups that the two candidates are compared in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjusted_p: Option<f64>,
    /// Student's t, where it is that test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t: Option<f64>,
    /// Its degrees of freedom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub df: Option<f64>,
    /// Records (unweighted) that only this candidate codes right, for accuracy in the whole test part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_this: Option<u64>,
    /// Records (unweighted) that only the other candidate codes right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_other: Option<u64>,
}

/// What a comparison needs of one candidate's answers to the test part.
#[derive(Debug, Clone)]
pub struct Scored {
    answers: Answers,
    /// Codes of the candidate's evaluation.
    codes: usize,
    /// For each code level (coarsest first, the full code last): whether each record is right there; none where its true code has no such level.
    levels: Vec<(Option<String>, Vec<Option<bool>>)>,
    /// Log loss of each record; absent where the candidate does not give a probability for every code.
    loss: Option<Vec<f64>>,
}

impl Scored {
    /// From answers alone, at the full code and without log loss; `codes` are those of both candidates that are compared.
    #[must_use]
    pub fn of_answers(answers: Answers, codes: usize) -> Self {
        let right = answers.right.iter().map(|r| Some(*r)).collect();
        Self { answers, codes, levels: vec![(None, right)], loss: None }
    }

    /// From answers, and the predictions they were read from.
    #[must_use]
    pub fn of(answers: &Answers, levels: &[Level], codes: usize, predictions: &Predictions, code_of: &[u32]) -> Self {
        let at = |level: &Level, code: u32| level.ancestor.get(code as usize).copied().flatten();
        let right = |level: &Level| answers.truth.iter().zip(&answers.first).map(|(&t, &f)| at(level, t).map(|t| at(level, f) == Some(t))).collect();
        let loss = |i: usize| {
            let found = predictions.ranking(i).iter().position(|&c| c != UNCODED && code_of[c as usize] == answers.truth[i]);
            -found.map_or(0.0, |k| predictions.confidences(i)[k]).max(SMALLEST_PROBABILITY).ln()
        };
        let complete = predictions.complete && !predictions.confidence.is_empty();
        Self {
            answers: answers.clone(),
            codes,
            levels: levels.iter().map(|level| (level.name.clone(), right(level))).collect(),
            loss: complete.then(|| (0..answers.truth.len()).map(loss).collect()),
        }
    }
}

/// Every difference of one candidate from another: of accuracy at each code level, of macro-F1, of log loss, and of accuracy in each group.
///
/// Groups with fewer than `minimum` records get none. `versus` names the other candidate.
#[must_use]
pub fn compare(sample: &Sample, this: &Scored, other: &Scored, versus: &Versus, minimum: u64) -> Vec<Measure> {
    let named =
        |metric: &str, (outcome, test): (Outcome, Option<PairedTest>)| Measure { versus: Some(Versus { test, ..versus.clone() }), ..plain(metric, outcome) };
    let mut measures = Vec::new();
    for ((level, a), (_, b)) in this.levels.iter().zip(&other.levels).rev() {
        measures.push(Measure { code_level: level.clone(), ..named("accuracy-difference", accuracy(sample, a, b, level.is_none())) });
    }
    measures.push(named("macro-f1-difference", macro_f1(sample, this, other)));
    measures.push(named("log-loss-difference", log_loss(sample, this, other)));
    measures
        .extend(groups(sample, this, other, minimum).into_iter().map(|(group, result)| Measure { group: Some(group), ..named("accuracy-difference", result) }));
    measures
}

/// The same differences seen from the other candidate, which `versus` names the first of.
#[must_use]
pub fn reversed(measures: &[Measure], versus: &Versus) -> Vec<Measure> {
    let turn = |m: &Measure| {
        let mut m = m.clone();
        if let Outcome::Estimate(e) = &mut m.outcome {
            // 0 − x: a difference of zero has no sign.
            e.value = 0.0 - e.value;
            e.interval = e.interval.map(|i| Interval { lower: 0.0 - i.upper, upper: 0.0 - i.lower, ..i });
        }
        let test = m.versus.as_ref().and_then(|v| v.test);
        let test = test.map(|t| PairedTest { t: t.t.map(|t| 0.0 - t), only_this: t.only_other, only_other: t.only_this, ..t });
        m.versus = Some(Versus { test, ..versus.clone() });
        m
    };
    measures.iter().map(turn).collect()
}

/// The estimate of a difference with its t test; where the design shows no variance there is no test.
fn told(sample: &Sample, linear: Option<Linear>, kind: Kind) -> (Outcome, Option<PairedTest>) {
    let Some(linear) = linear else { return (Outcome::undefined(Reason::NoRecords, "no record", 0), None) };
    let outcome = sample.sampling.estimate(&linear, kind);
    let t = outcome.estimate().and_then(|e| t_test(e.value, e.se?, e.df?));
    let test = t.map(|t| PairedTest {
        by: PairedBy::T,
        p: t.p,
        exact_p: None,
        adjusted_p: None,
        t: Some(t.statistic),
        df: Some(t.df),
        only_this: None,
        only_other: None,
    });
    (outcome, test)
}

/// Cells of records by unit, group cell and who is right.
fn cells(sample: &Sample, a: &[Option<bool>], b: &[Option<bool>]) -> BTreeMap<(u32, u32, bool, bool), Mass> {
    let mut cells: BTreeMap<(u32, u32, bool, bool), Mass> = BTreeMap::new();
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        if let (Some(a), Some(b)) = (a, b) {
            cells.entry((sample.unit[i], sample.group[i], *a, *b)).or_default().add(sample.weight[i]);
        }
    }
    cells
}

fn difference<'c>(sample: &Sample, cells: impl Iterator<Item = (&'c (u32, u32, bool, bool), &'c Mass)> + Clone) -> Option<Linear> {
    ratio(&sample.sampling.units, cells.map(|(&(unit, _, a, b), &mass)| Part { unit, mass, a: f64::from(a) - f64::from(b), b: 1.0 }))
}

/// The mean of the paired differences d = 1{this right} − 1{other right} with its linearised variance. Where records are independent and
/// weigh the same, the p-value is McNemar's (McNemar 1947, doi:10.1007/BF02295996; mid-p: Fagerland, Lydersen & Laake 2013, doi:10.1186/1471-2288-13-91).
fn accuracy(sample: &Sample, a: &[Option<bool>], b: &[Option<bool>], count: bool) -> (Outcome, Option<PairedTest>) {
    let cells = cells(sample, a, b);
    let (outcome, mut test) = told(sample, difference(sample, cells.iter()), Kind::Signed);
    let only = |this: bool| cells.iter().filter(|((.., a, b), _)| *a == this && *b != this).map(|(_, m)| m.n).sum::<u64>();
    let (only_this, only_other) = (only(true), only(false));
    if sample.sampling.simple {
        let m = mcnemar(only_this, only_other);
        let t = PairedTest {
            by: PairedBy::McnemarMidP,
            p: m.mid_p,
            exact_p: Some(m.exact),
            adjusted_p: None,
            t: None,
            df: None,
            only_this: None,
            only_other: None,
        };
        test = Some(t);
    }
    if count {
        test = test.map(|t| PairedTest { only_this: Some(only_this), only_other: Some(only_other), ..t });
    }
    (outcome, test)
}

/// The difference of log loss: the mean of the paired differences of the records' losses.
fn log_loss(sample: &Sample, this: &Scored, other: &Scored) -> (Outcome, Option<PairedTest>) {
    let n = sample.weight.len();
    let (Some(a), Some(b)) = (&this.loss, &other.loss) else {
        let why = "one of the two candidates does not give a probability for every code";
        return (Outcome::undefined(Reason::ProbabilitiesIncomplete, why, n as u64), None);
    };
    told(sample, sample.ratio_of((0..n).map(|i| (i, a[i] - b[i], 1.0))), Kind::Real)
}

/// The difference of macro-F1: each candidate's influences subtracted record by record, with the variance of a jackknife of the difference.
fn macro_f1(sample: &Sample, this: &Scored, other: &Scored) -> (Outcome, Option<PairedTest>) {
    told(sample, (!sample.weight.is_empty()).then(|| macro_f1_linear(sample, this, other)), Kind::Signed)
}

fn macro_f1_linear(sample: &Sample, this: &Scored, other: &Scored) -> Linear {
    let n = sample.weight.len();
    let mut slots = Vec::new();
    let mut value = 0.0;
    let mut influence = vec![0.0; n];
    for (scored, sign) in [(this, 1.0), (other, -1.0)] {
        let (mut hit, mut total) = (vec![0.0; scored.codes], vec![0.0; scored.codes]);
        let adds = |i: usize| F1Cell::adds(scored.answers.truth[i], scored.answers.first[i]).into_iter().filter(|(k, _)| *k != UNCODED);
        for i in 0..n {
            for (k, right) in adds(i) {
                total[k as usize] += sample.weight[i];
                hit[k as usize] += if right { sample.weight[i] } else { 0.0 };
            }
        }
        let present = total.iter().filter(|&&t| t > 0.0).count().max(1) as f64;
        let f1: Vec<f64> = hit.iter().zip(&total).map(|(h, t)| if *t > 0.0 { h / t } else { 0.0 }).collect();
        value += sign * f1.iter().sum::<f64>() / present;
        for (i, own) in influence.iter_mut().enumerate() {
            *own += adds(i).map(|(k, right)| sign * (f64::from(right) - f1[k as usize]) / total[k as usize] / present).sum::<f64>();
        }
        slots.extend(total.iter().map(|&t| if t > 0.0 { sign / present } else { 0.0 }));
    }
    let mut masses: BTreeMap<(u32, u32, u32, u32), Mass> = BTreeMap::new();
    for i in 0..n {
        masses.entry((sample.unit[i], this.answers.truth[i], this.answers.first[i], other.answers.first[i])).or_default().add(sample.weight[i]);
    }
    let first = this.codes as u32;
    let shifted = |(k, right): (u32, bool)| (if k == UNCODED { k } else { k + first }, right);
    let cells: Vec<F1Cell> = masses
        .iter()
        .map(|(&(unit, truth, a, b), &mass)| {
            let ([ta, pa], [tb, pb]) = (F1Cell::adds(truth, a), F1Cell::adds(truth, b));
            F1Cell { unit, mass, adds: [ta, pa, shifted(tb), shifted(pb)] }
        })
        .collect();
    let mut linear = sample.influenced(value, influence.iter().copied().enumerate());
    linear.variance = jackknife_f1(&sample.sampling.units, &cells, &slots).map(|v| (v, Method::Jackknife));
    linear
}

/// The difference in accuracy in each group of each grouping, p-values adjusted by Holm over all of them.
fn groups(sample: &Sample, this: &Scored, other: &Scored, minimum: u64) -> Vec<(GroupCell, (Outcome, Option<PairedTest>))> {
    let (Some((_, a)), Some((_, b))) = (this.levels.last(), other.levels.last()) else { return Vec::new() };
    let cells = cells(sample, a, b);
    let mut out = Vec::new();
    for (grouping, groups) in &sample.groupings {
        for (values, members) in groups {
            let mut mask = vec![false; sample.cells];
            members.iter().for_each(|&m| mask[m as usize] = true);
            let own = cells.iter().filter(|((_, group, ..), _)| mask[*group as usize]);
            let n: u64 = own.clone().map(|(_, m)| m.n).sum();
            let result =
                if n < minimum { (Outcome::Undefined(too_few(n, "records", minimum)), None) } else { told(sample, difference(sample, own), Kind::Signed) };
            out.push((GroupCell { variables: grouping.variables.clone(), values: values.clone() }, result));
        }
    }
    let p: Vec<f64> = out.iter().filter_map(|(_, (_, test))| test.map(|t| t.p)).collect();
    let mut adjusted = holm(&p).into_iter();
    for (_, (_, test)) in &mut out {
        if let Some(test) = test {
            test.adjusted_p = adjusted.next();
        }
    }
    out
}

#[cfg(test)]
mod tests;
