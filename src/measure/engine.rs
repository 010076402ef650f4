//! The engine: estimates of the metrics of records from a tally, overall or of a group.

use super::automation::Surety;
use super::calibrated::MARGIN;
use super::estimate::{Kind, Sampling};
use super::evidence::{Measure, ReliabilityBin};
use super::jackknife::jackknife_macro_f1;
use super::replicated::{OfCodes, replicated_mean};
use super::request::Request;
use super::sample::Sample;
use super::tally::{BINS, CodeCell, ConfidenceCell, Linear, LossCell, Part, Sums, TOP, Tally, domain, ratio, scores};
use crate::model::UNCODED;
use crate::stats::{Cell as ReplicateCell, Scores};
use crate::value::{Method, Outcome, Reason, Undefined};

/// A code level: its name (none for the full code) and each code's ancestor there (none for codes too short).
pub struct Level {
    /// Its name; none for the full code.
    pub name: Option<String>,
    /// Each code's ancestor at the level.
    pub ancestor: Vec<Option<u32>>,
    /// The code of each ancestor.
    pub labels: Vec<String>,
}

/// Computes estimates from a tally.
pub struct Engine<'a> {
    pub sample: &'a Sample,
    pub tally: &'a Tally,
    pub universe: &'a [String],
    pub levels: Vec<Level>,
    pub request: &'a Request,
    pub ranked: usize,
}

/// A metric of a set of records: (metric, level, threshold, result).
pub type Row = (&'static str, Option<String>, Option<f64>, Linearised);

/// A linearised value, or why there is none.
pub type Linearised = Result<(Linear, Kind), Undefined>;

impl Engine<'_> {
    pub fn sampling(&self) -> &Sampling {
        &self.sample.sampling
    }

    pub fn finish(&self, result: &Linearised) -> Outcome {
        match result {
            Ok((linear, kind)) => self.sampling().estimate(linear, *kind),
            Err(undefined) => Outcome::Undefined(undefined.clone()),
        }
    }

    pub fn ratio(&self, parts: impl Iterator<Item = Part> + Clone, kind: Kind, empty: (Reason, &str), n: u64) -> Linearised {
        ratio(&self.sampling().units, parts).map(|l| (l, kind)).ok_or_else(|| undefined(empty.0, empty.1, n))
    }

    /// Accuracy at a level; records whose true code is shallower than the level are not asked.
    pub fn accuracy(&self, cells: &[CodeCell], level: &Level) -> Linearised {
        let parts = cells.iter().map(|c| {
            let truth = level.ancestor[c.truth as usize];
            let predicted = level.ancestor.get(c.predicted as usize).copied().flatten();
            Part { unit: c.unit, mass: c.mass, a: f64::from(truth.is_some() && truth == predicted), b: f64::from(truth.is_some()) }
        });
        self.ratio(parts, Kind::Proportion, (Reason::NoLevel, "no record has a code at this level"), records(cells))
    }

    fn top(&self, group: Option<&Mask>) -> Linearised {
        let n = self.records_in(group);
        if self.universe.len() <= TOP {
            let why = format!("there are only {} codes, so five suggestions always include the true one", self.universe.len());
            return Err(undefined(Reason::TooFewCodes, why, n));
        }
        if self.tally.top.is_empty() {
            let ranked = if self.ranked == 1 { "one code".to_owned() } else { format!("{} codes", self.ranked) };
            let why = format!("the candidate ranks {ranked} a record, fewer than five");
            return Err(undefined(Reason::RankingTooShort, why, n));
        }
        let parts = self.tally.top.iter().filter(|c| within(group, c.group)).map(|c| Part { unit: c.unit, mass: c.mass, a: f64::from(c.hit), b: 1.0 });
        self.ratio(parts, Kind::Proportion, (Reason::NoRecords, "no record"), n)
    }

    /// Scores w·(a + b·x)/W of records that differ in a quantity x, from the sums of each cell: (unit, sums, a, b).
    fn affine_scores(&self, parts: impl Iterator<Item = (u32, Sums, f64, f64)>, whole: f64) -> Scores {
        let mut scores = self.sampling().units.zero();
        for (unit, s, a, b) in parts {
            let sum_of = (a * s.w + b * s.wx) / whole;
            match &mut scores {
                Scores::Clusters(z) => z[unit as usize] += sum_of,
                Scores::Records { sum, square } => {
                    sum[unit as usize] += sum_of;
                    square[unit as usize] += (a * a * s.w2 + 2.0 * a * b * s.w2x + b * b * s.w2x2) / (whole * whole);
                }
                Scores::Replicates(_) => {}
            }
        }
        self.sampling().units.settled(scores)
    }

    /// The mean of a score of whole records; `all` is empty where the candidate does not give a probability for every code.
    fn mean_score(&self, all: &[LossCell], group: Option<&Mask>) -> Linearised {
        let n = self.records_in(group);
        if all.is_empty() {
            let why = "the candidate does not give a probability for every code";
            return Err(undefined(Reason::ProbabilitiesIncomplete, why, n));
        }
        let cells = || all.iter().filter(|c| within(group, c.group));
        let (mass, units, strata) = domain(&self.sampling().units, cells().map(|c| (c.unit, c.mass)));
        if mass.w <= 0.0 {
            return Err(undefined(Reason::NoRecords, "no record", n));
        }
        let value = cells().map(|c| c.wl).sum::<f64>() / mass.w;
        let sums = cells().map(|c| (c.unit, c.wl, c.mass.w));
        let scores = replicated_mean(&self.sampling().units, value, sums)
            .unwrap_or_else(|| self.affine_scores(cells().map(|c| (c.unit, c.sums(), -value, 1.0)), mass.w));
        Ok((Linear { value, scores, variance: None, n: mass.n, w: mass.w, w2: mass.w2, units, strata }, Kind::Positive))
    }

    /// Mean of confidence less the share that is right: above zero the candidate is over-confident.
    fn confidence_gap(&self, group: Option<&Mask>) -> Linearised {
        if let Some(reason) = self.uncalibrated(group) {
            return Err(reason);
        }
        let (mass, units, strata) = domain(&self.sampling().units, self.confidence_cells(group).map(|c| (c.unit, c.mass)));
        if mass.w <= 0.0 {
            return Err(undefined(Reason::NoRecords, "no record", mass.n));
        }
        let value = self.confidence_cells(group).map(|c| c.wc - if c.right { c.mass.w } else { 0.0 }).sum::<f64>() / mass.w;
        let sums = self.confidence_cells(group).map(|c| (c.unit, c.wc - if c.right { c.mass.w } else { 0.0 }, c.mass.w));
        let scores = replicated_mean(&self.sampling().units, value, sums)
            .unwrap_or_else(|| self.affine_scores(self.confidence_cells(group).map(|c| (c.unit, c.sums(), -f64::from(c.right) - value, 1.0)), mass.w));
        Ok((Linear { value, scores, variance: None, n: mass.n, w: mass.w, w2: mass.w2, units, strata }, Kind::Signed))
    }

    /// Macro-F1 over the codes that occur in the cells; each cell's score is the sum of its two codes' scores.
    fn macro_f1(&self, cells: &[CodeCell]) -> Linearised {
        let k = self.universe.len();
        let (mut hit, mut total) = (vec![0.0; k], vec![0.0; k]);
        for c in cells {
            total[c.truth as usize] += c.mass.w;
            if c.predicted != UNCODED {
                total[c.predicted as usize] += c.mass.w;
            }
            if c.truth == c.predicted {
                hit[c.truth as usize] += 2.0 * c.mass.w;
            }
        }
        let present = total.iter().filter(|&&t| t > 0.0).count() as f64;
        let (mass, units, strata) = domain(&self.sampling().units, cells.iter().map(|c| (c.unit, c.mass)));
        if present == 0.0 {
            return Err(undefined(Reason::NoRecords, "no record", mass.n));
        }
        let f1: Vec<f64> = hit.iter().zip(&total).map(|(h, t)| if *t > 0.0 { h / t } else { 0.0 }).collect();
        let value = f1.iter().sum::<f64>() / present;
        let part = |code: u32, right: bool| {
            let at = code as usize;
            if code == UNCODED || total[at] <= 0.0 { 0.0 } else { (f64::from(right) - f1[at]) / total[at] }
        };
        let score = |c: &CodeCell| (part(c.truth, c.truth == c.predicted) + part(c.predicted, c.truth == c.predicted)) / present;
        let all = &self.sampling().units;
        let scores = OfCodes::MacroF1.replicated(all, cells, value).unwrap_or_else(|| scores(all, cells.iter().map(|c| (c.unit, c.mass, score(c)))));
        // Codes that hang on one or two units make macro-F1 bend too much for linearisation.
        let variance = if all.replicated() { None } else { jackknife_macro_f1(all, cells, &total).map(|v| (v, Method::Jackknife)) };
        Ok((Linear { value, scores, variance, n: mass.n, w: mass.w, w2: mass.w2, units, strata }, Kind::Unit))
    }

    fn confidence_cells<'b>(&'b self, group: Option<&'b Mask>) -> impl Iterator<Item = &'b ConfidenceCell> + Clone + 'b {
        self.tally.confidence.iter().filter(move |c| within(group, c.group))
    }

    /// Why confidences are not to be taken for probabilities, where they are not.
    fn uncalibrated(&self, group: Option<&Mask>) -> Option<Undefined> {
        let margin = self.request.automation.surety == Surety::Margin;
        self.without_confidence(group).or_else(|| margin.then(|| undefined(Reason::NoConfidence, MARGIN, self.records_in(group))))
    }

    fn without_confidence(&self, group: Option<&Mask>) -> Option<Undefined> {
        self.tally.confidence.is_empty().then(|| undefined(Reason::NoConfidence, "the candidate gives no confidence", self.records_in(group)))
    }

    /// Expected calibration error; linearised with the signs of the bins' gaps held fixed, with the variance of replicates where units are PSUs.
    fn ece(&self, group: Option<&Mask>) -> Linearised {
        if let Some(reason) = self.uncalibrated(group) {
            return Err(reason);
        }
        let mut gap = [0.0; BINS];
        for c in self.confidence_cells(group) {
            gap[c.bin as usize] += if c.right { c.mass.w } else { 0.0 } - c.wc;
        }
        let (mass, units, strata) = domain(&self.sampling().units, self.confidence_cells(group).map(|c| (c.unit, c.mass)));
        if mass.w <= 0.0 {
            return Err(undefined(Reason::NoRecords, "no record", mass.n));
        }
        let value = gap.iter().map(|g| g.abs()).sum::<f64>() / mass.w;
        // A record's score is w·(s·(right − c) − ECE)/W.
        let parts = self.confidence_cells(group).map(|c| {
            let sign = gap[c.bin as usize].signum();
            (c.unit, c.sums(), sign * f64::from(c.right) - value, -sign)
        });
        let all = &self.sampling().units;
        let scores = all.recomputed(value, self.ece_cells(group), BINS + 1, ece_of).unwrap_or_else(|| self.affine_scores(parts, mass.w));
        let variance = if all.replicated() { None } else { self.bootstrap_ece(group, value).map(|v| (v, Method::Bootstrap)) };
        Ok((Linear { value, scores, variance, n: mass.n, w: mass.w, w2: mass.w2, units, strata }, Kind::Unit))
    }

    /// The variance of the calibration error over the sample's replicates, where there are any: the signs of the bins' gaps move with them.
    fn bootstrap_ece(&self, group: Option<&Mask>, value: f64) -> Option<f64> {
        let replicates = self.sample.replicates.as_ref()?;
        let cells: Vec<ReplicateCell> = self.ece_cells(group).collect();
        let estimates = replicates.totals(&cells, BINS + 1, ece_of);
        replicates.variance(value, &estimates).map(|v| v.variance)
    }

    /// The gap of every bin of confidence, and the whole weight, by unit.
    fn ece_cells<'b>(&'b self, group: Option<&'b Mask>) -> impl Iterator<Item = ReplicateCell> + 'b {
        let cell = |unit, slot, amount| ReplicateCell { unit, slot, amount };
        self.confidence_cells(group).flat_map(move |c| [cell(c.unit, c.bin, if c.right { c.mass.w } else { 0.0 } - c.wc), cell(c.unit, BINS as u32, c.mass.w)])
    }

    fn coded(&self, group: Option<&Mask>, threshold: usize, accuracy: bool) -> Linearised {
        if let Some(reason) = self.without_confidence(group) {
            return Err(reason);
        }
        let parts = self.confidence_cells(group).map(move |c| {
            let coded = c.reached as usize > threshold;
            let (a, b) = if accuracy { (coded && c.right, coded) } else { (coded, true) };
            Part { unit: c.unit, mass: c.mass, a: f64::from(a), b: f64::from(b) }
        });
        self.ratio(parts, Kind::Proportion, (Reason::NothingToDivideBy, "no record reaches the threshold"), self.records_in(group))
    }

    /// Of the records that are coded wrong, the share that would pass without a clerk.
    fn false_confidence(&self, group: Option<&Mask>, threshold: usize) -> Linearised {
        if let Some(reason) = self.without_confidence(group) {
            return Err(reason);
        }
        let wrong = self.confidence_cells(group).filter(|c| !c.right);
        let parts = wrong.map(move |c| Part { unit: c.unit, mass: c.mass, a: f64::from(c.reached as usize > threshold), b: 1.0 });
        let found = self.ratio(parts, Kind::Proportion, (Reason::NothingToDivideBy, "no record is coded wrong"), self.records_in(group));
        // A group may be large and have few errors: the floor is on what stands below the line.
        match found {
            Ok((linear, _)) if group.is_some() && linear.n < self.request.minimum_group => {
                Err(too_few(linear.n, "records coded wrong", self.request.minimum_group))
            }
            found => found,
        }
    }

    fn records_in(&self, group: Option<&Mask>) -> u64 {
        self.tally.codes.iter().filter(|c| within(group, c.group)).map(|c| c.mass.n).sum()
    }

    /// The metrics of a set of records: (metric, level, threshold, result).
    pub fn of_records(&self, cells: &[CodeCell], group: Option<&Mask>) -> Vec<Row> {
        let mut list: Vec<Row> = Vec::new();
        for level in self.levels.iter().rev() {
            list.push(("accuracy", level.name.clone(), None, self.accuracy(cells, level)));
        }
        list.push(("top-5-accuracy", None, None, self.top(group)));
        list.push(("macro-f1", None, None, self.macro_f1(cells)));
        list.push(("balanced-accuracy", None, None, self.balanced_accuracy(cells)));
        list.push(("kappa", None, None, self.kappa(cells)));
        list.push(("mcc", None, None, self.mcc(cells)));
        list.push(("log-loss", None, None, self.mean_score(&self.tally.loss, group)));
        list.push(("brier", None, None, self.mean_score(&self.tally.brier, group)));
        list.push(("ece", None, None, self.ece(group)));
        list.push(("confidence-gap", None, None, self.confidence_gap(group)));
        for (i, &threshold) in self.request.thresholds.iter().enumerate() {
            list.push(("coded-share", None, Some(threshold), self.coded(group, i, false)));
            list.push(("coded-accuracy", None, Some(threshold), self.coded(group, i, true)));
            list.push(("false-confidence", None, Some(threshold), self.false_confidence(group, i)));
        }
        list
    }

    pub fn overall(&self) -> Vec<Measure> {
        self.of_records(&self.tally.codes, None)
            .into_iter()
            .map(|(metric, code_level, threshold, result)| Measure { code_level, threshold, ..plain(metric, self.finish(&result)) })
            .collect()
    }

    /// Stated confidence against the share that is right, bin by bin.
    pub fn reliability(&self) -> Vec<ReliabilityBin> {
        if self.tally.confidence.is_empty() || self.request.automation.surety == Surety::Margin {
            return Vec::new();
        }
        let whole: f64 = self.tally.confidence.iter().map(|c| c.mass.w).sum();
        (0..BINS)
            .map(|bin| {
                let cells = || self.tally.confidence.iter().filter(move |c| c.bin as usize == bin);
                let w: f64 = cells().map(|c| c.mass.w).sum();
                let parts = cells().map(|c| Part { unit: c.unit, mass: c.mass, a: f64::from(c.right), b: 1.0 });
                let accuracy = self.ratio(parts, Kind::Proportion, (Reason::NoRecords, "no record has a confidence in this bin"), 0);
                ReliabilityBin {
                    lower: bin as f64 / BINS as f64,
                    upper: (bin + 1) as f64 / BINS as f64,
                    mean_confidence: (w > 0.0).then(|| cells().map(|c| c.wc).sum::<f64>() / w),
                    share: w / whole,
                    accuracy: self.finish(&accuracy),
                }
            })
            .collect()
    }
}

/// The calibration error of the bins' gaps and the whole weight.
fn ece_of(totals: &[f64]) -> Option<f64> {
    let (gaps, whole) = (&totals[..BINS], totals[BINS]);
    (whole > 0.0).then(|| gaps.iter().map(|g| g.abs()).sum::<f64>() / whole)
}

/// Which finest group cells belong to a group.
pub type Mask = Vec<bool>;

/// Whether a finest group cell is in a group.
pub fn within(group: Option<&Mask>, cell: u32) -> bool {
    group.is_none_or(|mask| mask[cell as usize])
}

/// Records in cells.
pub fn records(cells: &[CodeCell]) -> u64 {
    cells.iter().map(|c| c.mass.n).sum()
}

/// A measure of the whole test part.
pub fn plain(metric: &str, outcome: Outcome) -> Measure {
    Measure { metric: metric.to_owned(), code_level: None, code: None, threshold: None, group: None, contrast: None, versus: None, outcome }
}

/// Why there is no estimate.
pub fn undefined(reason: Reason, why: impl Into<String>, n: u64) -> Undefined {
    Undefined { reason, why: why.into(), n }
}

/// That a group has too few records of a kind for an estimate.
pub fn too_few(n: u64, what: &str, minimum: u64) -> Undefined {
    undefined(Reason::TooFewRecords, format!("{n} {what}, fewer than the study's minimum of {minimum}"), n)
}
