//! Measures a candidate's predictions on the test part: the estimates of every metric, overall, by code, threshold and group.

use super::estimate::{Kind, Sampling};
use super::evidence::{Confusion, Contrast, GroupCell, Measure, ReliabilityBin};
use super::request::Request;
use super::sample::Sample;
use super::tally::{BINS, CodeCell, ConfidenceCell, Linear, Mass, Part, Records, Tally, domain, ratio, scores};
use crate::data::Table;
use crate::model::{Predictions, UNCODED};
use crate::stats::{Scores, expected_range_of_normals, largest_gap, smallest_ratio};
use crate::value::{Class, Estimate, Failure, Interval, Method, Outcome, Problem, Reason};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most confusions kept.
const MOST_CONFUSIONS: usize = 50;

/// What was measured of one candidate.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The estimates.
    pub measures: Vec<Measure>,
    /// Confidence bin by bin.
    pub reliability: Vec<ReliabilityBin>,
    /// The most frequent errors.
    pub confusions: Vec<Confusion>,
    /// What a reader must know of them.
    pub notes: Vec<String>,
    /// The codes that occur in them.
    pub codes: BTreeSet<String>,
}

/// Measures predictions, given in the order of `rows`.
///
/// # Errors
/// Predicted codes that the code frame does not have.
pub fn measure(
    table: &Table,
    rows: &[u32],
    trained: &BTreeSet<u32>,
    sample: &Sample,
    predictions: &Predictions,
    request: &Request,
) -> Result<Measured, Failure> {
    let (universe, code_of) = universe(table, predictions)?;
    let records = Records { table, rows, unit: &sample.unit, weight: &sample.weight, group: &sample.group };
    let tally = Tally::of(&records, predictions, &code_of, universe.len(), &request.thresholds);
    let levels = levels(table, &universe, request);
    let engine = Engine { sample, tally: &tally, universe: &universe, levels, request, ranked: predictions.kept };
    let mut measures = engine.overall();
    measures.extend(engine.codes());
    for number in 0..sample.groupings.len() {
        measures.extend(engine.grouping(number));
    }
    let confusions = engine.confusions();
    let mut codes: BTreeSet<String> = measures.iter().filter_map(|m| m.code.clone()).collect();
    codes.extend(confusions.iter().flat_map(|c| [c.truth.clone(), c.predicted.clone()]));
    Ok(Measured { reliability: engine.reliability(), notes: notes(table, rows, trained, &tally), measures, confusions, codes })
}

/// All codes of the evaluation, sorted, and where the predictions' codes are among them.
fn universe(table: &Table, predictions: &Predictions) -> Result<(Vec<String>, Vec<u32>), Failure> {
    let mut universe = table.codes.clone();
    let known: HashMap<&str, u32> = table.codes.iter().enumerate().map(|(i, c)| (c.as_str(), i as u32)).collect();
    let mut code_of = Vec::with_capacity(predictions.codes.len());
    for code in &predictions.codes {
        match known.get(code.as_str()) {
            Some(&number) => code_of.push(number),
            None if table.framed => {
                let remedy = "translate the model's codes to the code frame's, or evaluate with the frame it was trained on; leading zeros may have been lost";
                return Err(Problem::new(Class::Model, format!("the candidate gives code `{code}`, which is not in the code frame")).remedy(remedy).into());
            }
            None => {
                code_of.push(universe.len() as u32);
                universe.push(code.clone());
            }
        }
    }
    Ok((universe, code_of))
}

/// A code level: its name (none for the full code) and each code's ancestor there (none for codes too short).
struct Level {
    name: Option<String>,
    ancestor: Vec<Option<u32>>,
}

fn levels(table: &Table, universe: &[String], request: &Request) -> Vec<Level> {
    let mut levels: Vec<Level> = table
        .levels
        .iter()
        .filter(|l| request.code_levels.contains(&l.name))
        .map(|level| {
            let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
            let ancestor = universe
                .iter()
                .map(|code| {
                    let prefix: String = code.chars().take(level.digits).collect();
                    (prefix.chars().count() == level.digits).then(|| {
                        let next = numbers.len() as u32;
                        *numbers.entry(prefix).or_insert(next)
                    })
                })
                .collect();
            Level { name: Some(level.name.clone()), ancestor }
        })
        .collect();
    levels.push(Level { name: None, ancestor: (0..universe.len() as u32).map(Some).collect() });
    levels
}

fn notes(table: &Table, rows: &[u32], trained: &BTreeSet<u32>, tally: &Tally) -> Vec<String> {
    let mut notes = Vec::new();
    let unseen: Vec<u32> = rows.iter().map(|&r| table.truth[r as usize]).filter(|t| !trained.contains(t)).collect();
    if !unseen.is_empty() {
        let codes: BTreeSet<u32> = unseen.iter().copied().collect();
        notes.push(format!(
            "{} test {} a true code that never occurs in training ({}); no trained candidate can give it, and it is counted as wrong.",
            unseen.len(),
            if unseen.len() == 1 { "record has" } else { "records have" },
            if codes.len() == 1 { "one code".to_owned() } else { format!("{} codes", codes.len()) }
        ));
    }
    if tally.uncoded > 0 {
        notes.push(format!("{} test records were left without a code by the candidate; they are counted as wrong.", tally.uncoded));
    }
    notes
}

/// Computes estimates from a tally.
struct Engine<'a> {
    sample: &'a Sample,
    tally: &'a Tally,
    universe: &'a [String],
    levels: Vec<Level>,
    request: &'a Request,
    ranked: usize,
}

/// A linearised value, or why there is none.
type Result1 = Result<(Linear, Kind), Outcome>;

impl Engine<'_> {
    fn sampling(&self) -> &Sampling {
        &self.sample.sampling
    }

    fn finish(&self, result: &Result1) -> Outcome {
        match result {
            Ok((linear, kind)) => self.sampling().estimate(linear, *kind),
            Err(outcome) => outcome.clone(),
        }
    }

    fn ratio(&self, parts: impl Iterator<Item = Part> + Clone, kind: Kind, empty: (Reason, &str), n: u64) -> Result1 {
        ratio(&self.sampling().units, parts).map(|l| (l, kind)).ok_or_else(|| Outcome::undefined(empty.0, empty.1, n))
    }

    /// Accuracy at a level; records whose true code is shallower than the level are not asked.
    fn accuracy(&self, cells: &[CodeCell], level: &Level) -> Result1 {
        let parts = cells.iter().map(|c| {
            let truth = level.ancestor[c.truth as usize];
            let predicted = level.ancestor.get(c.predicted as usize).copied().flatten();
            Part { unit: c.unit, mass: c.mass, a: f64::from(truth.is_some() && truth == predicted), b: f64::from(truth.is_some()) }
        });
        self.ratio(parts, Kind::Proportion, (Reason::NoLevel, "no record has a code at this level"), records(cells))
    }

    fn top(&self, group: Option<&Mask>) -> Result1 {
        let n = self.records_in(group);
        if self.tally.top.is_empty() {
            let why = format!("the candidate ranks {} codes a record, fewer than five", self.ranked);
            return Err(Outcome::undefined(Reason::RankingTooShort, why, n));
        }
        let parts = self.tally.top.iter().filter(|c| within(group, c.group)).map(|c| Part { unit: c.unit, mass: c.mass, a: f64::from(c.hit), b: 1.0 });
        self.ratio(parts, Kind::Proportion, (Reason::NoRecords, "no record"), n)
    }

    fn log_loss(&self, group: Option<&Mask>) -> Result1 {
        let n = self.records_in(group);
        if self.tally.loss.is_empty() {
            let why = "the candidate does not give a probability for every code";
            return Err(Outcome::undefined(Reason::ProbabilitiesIncomplete, why, n));
        }
        let cells = || self.tally.loss.iter().filter(|c| within(group, c.group));
        let (mass, units, strata) = domain(&self.sampling().units, cells().map(|c| (c.unit, c.mass)));
        if mass.w <= 0.0 {
            return Err(Outcome::undefined(Reason::NoRecords, "no record", n));
        }
        let value = cells().map(|c| c.wl).sum::<f64>() / mass.w;
        let mut scores = self.sampling().units.zero();
        for c in cells() {
            match &mut scores {
                Scores::Clusters(z) => z[c.unit as usize] += (c.wl - value * c.mass.w) / mass.w,
                Scores::Records { sum, square } => {
                    sum[c.unit as usize] += (c.wl - value * c.mass.w) / mass.w;
                    square[c.unit as usize] += (c.w2l2 - 2.0 * value * c.w2l + value * value * c.mass.w2) / (mass.w * mass.w);
                }
            }
        }
        Ok((Linear { value, scores, n: mass.n, w: mass.w, w2: mass.w2, units, strata }, Kind::Positive))
    }

    /// Macro-F1 over the codes that occur in the cells; each cell's score is the sum of its two codes' scores.
    fn macro_f1(&self, cells: &[CodeCell]) -> Result1 {
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
            return Err(Outcome::undefined(Reason::NoRecords, "no record", mass.n));
        }
        let f1: Vec<f64> = hit.iter().zip(&total).map(|(h, t)| if *t > 0.0 { h / t } else { 0.0 }).collect();
        let value = f1.iter().sum::<f64>() / present;
        let part = |code: u32, right: bool| {
            let at = code as usize;
            if code == UNCODED || total[at] <= 0.0 { 0.0 } else { (f64::from(right) - f1[at]) / total[at] }
        };
        let score = |c: &CodeCell| (part(c.truth, c.truth == c.predicted) + part(c.predicted, c.truth == c.predicted)) / present;
        let scores = scores(&self.sampling().units, cells.iter().map(|c| (c.unit, c.mass, score(c))));
        Ok((Linear { value, scores, n: mass.n, w: mass.w, w2: mass.w2, units, strata }, Kind::Unit))
    }

    fn confidence_cells<'b>(&'b self, group: Option<&'b Mask>) -> impl Iterator<Item = &'b ConfidenceCell> + Clone + 'b {
        self.tally.confidence.iter().filter(move |c| within(group, c.group))
    }

    fn without_confidence(&self, group: Option<&Mask>) -> Option<Outcome> {
        self.tally.confidence.is_empty().then(|| Outcome::undefined(Reason::NoConfidence, "the candidate gives no confidence", self.records_in(group)))
    }

    /// Expected calibration error, linearised with the signs of the bins' gaps held fixed.
    fn ece(&self, group: Option<&Mask>) -> Result1 {
        if let Some(outcome) = self.without_confidence(group) {
            return Err(outcome);
        }
        let mut gap = [0.0; BINS];
        for c in self.confidence_cells(group) {
            gap[c.bin as usize] += if c.right { c.mass.w } else { 0.0 } - c.wc;
        }
        let (mass, units, strata) = domain(&self.sampling().units, self.confidence_cells(group).map(|c| (c.unit, c.mass)));
        if mass.w <= 0.0 {
            return Err(Outcome::undefined(Reason::NoRecords, "no record", mass.n));
        }
        let value = gap.iter().map(|g| g.abs()).sum::<f64>() / mass.w;
        let mut scores = self.sampling().units.zero();
        for c in self.confidence_cells(group) {
            // A record's score is w·(s·(right − c) − ECE)/W: a·w − s·w·c with a = s·right − ECE.
            let sign = gap[c.bin as usize].signum();
            let a = sign * f64::from(c.right) - value;
            let sum_of = (a * c.mass.w - sign * c.wc) / mass.w;
            match &mut scores {
                Scores::Clusters(z) => z[c.unit as usize] += sum_of,
                Scores::Records { sum, square } => {
                    sum[c.unit as usize] += sum_of;
                    square[c.unit as usize] += (a * a * c.mass.w2 - 2.0 * a * sign * c.w2c + c.w2c2) / (mass.w * mass.w);
                }
            }
        }
        Ok((Linear { value, scores, n: mass.n, w: mass.w, w2: mass.w2, units, strata }, Kind::Unit))
    }

    fn coded(&self, group: Option<&Mask>, threshold: usize, accuracy: bool) -> Result1 {
        if let Some(outcome) = self.without_confidence(group) {
            return Err(outcome);
        }
        let parts = self.confidence_cells(group).map(move |c| {
            let coded = c.reached as usize > threshold;
            let (a, b) = if accuracy { (coded && c.right, coded) } else { (coded, true) };
            Part { unit: c.unit, mass: c.mass, a: f64::from(a), b: f64::from(b) }
        });
        self.ratio(parts, Kind::Proportion, (Reason::NothingToDivideBy, "no record reaches the threshold"), self.records_in(group))
    }

    fn records_in(&self, group: Option<&Mask>) -> u64 {
        self.tally.codes.iter().filter(|c| within(group, c.group)).map(|c| c.mass.n).sum()
    }

    /// The metrics of a set of records: (metric, level, threshold, result).
    fn of_records(&self, cells: &[CodeCell], group: Option<&Mask>) -> Vec<(&'static str, Option<String>, Option<f64>, Result1)> {
        let mut list: Vec<(&'static str, Option<String>, Option<f64>, Result1)> = Vec::new();
        for level in self.levels.iter().rev() {
            list.push(("accuracy", level.name.clone(), None, self.accuracy(cells, level)));
        }
        list.push(("top-5-accuracy", None, None, self.top(group)));
        list.push(("macro-f1", None, None, self.macro_f1(cells)));
        list.push(("log-loss", None, None, self.log_loss(group)));
        list.push(("ece", None, None, self.ece(group)));
        for (i, &threshold) in self.request.thresholds.iter().enumerate() {
            list.push(("coded-share", None, Some(threshold), self.coded(group, i, false)));
            list.push(("coded-accuracy", None, Some(threshold), self.coded(group, i, true)));
        }
        list
    }

    fn overall(&self) -> Vec<Measure> {
        self.of_records(&self.tally.codes, None)
            .into_iter()
            .map(|(metric, code_level, threshold, result)| Measure { code_level, threshold, ..plain(metric, self.finish(&result)) })
            .collect()
    }

    /// Precision, recall, F1, true share and share error of every code that occurs.
    fn codes(&self) -> Vec<Measure> {
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
                let rest = unit_mass.iter().map(|(u, m)| (*u, *m, -value / whole.w));
                let mut scores = scores(units, rest);
                for c in cells() {
                    let a = f(c.truth == code, c.predicted == code);
                    match &mut scores {
                        Scores::Clusters(z) => z[c.unit as usize] += c.mass.w * a / whole.w,
                        Scores::Records { sum, square } => {
                            sum[c.unit as usize] += c.mass.w * a / whole.w;
                            square[c.unit as usize] += c.mass.w2 * ((a - value).powi(2) - value * value) / (whole.w * whole.w);
                        }
                    }
                }
                Linear { value, scores, n: whole.n, w: whole.w, w2: whole.w2, units: unit_count, strata }
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

    /// Every group of a grouping, and the contrasts between its groups.
    fn grouping(&self, number: usize) -> Vec<Measure> {
        let (grouping, groups) = &self.sample.groupings[number];
        let mut measures = Vec::new();
        let mut table: Vec<(Vec<String>, Vec<(&'static str, Option<String>, Option<f64>, Result1)>)> = Vec::new();
        for (values, members) in groups {
            let mut mask = vec![false; self.sample.cells];
            members.iter().for_each(|&m| mask[m as usize] = true);
            let cells: Vec<CodeCell> = self.tally.codes.iter().filter(|c| mask[c.group as usize]).copied().collect();
            let n = records(&cells);
            let mut rows = self.of_records(&cells, Some(&mask));
            if n < self.request.minimum_group {
                let why = format!("{n} records, fewer than the study's minimum of {}", self.request.minimum_group);
                rows.iter_mut().for_each(|row| row.3 = Err(Outcome::undefined(Reason::TooFewRecords, why.clone(), n)));
            }
            for (metric, code_level, threshold, result) in &rows {
                measures.push(Measure {
                    code_level: code_level.clone(),
                    threshold: *threshold,
                    group: Some(GroupCell { variables: grouping.variables.clone(), values: values.clone() }),
                    ..plain(metric, self.finish(result))
                });
            }
            table.push((values.clone(), rows));
        }
        let count = table.first().map_or(0, |(_, rows)| rows.len());
        for position in 0..count {
            let (metric, code_level, threshold, _) = &table[0].1[position];
            let known: Vec<(&Vec<String>, &Linear, Kind)> =
                table.iter().filter_map(|(values, rows)| rows[position].3.as_ref().ok().map(|(linear, kind)| (values, linear, *kind))).collect();
            for kind in ["difference", "ratio"] {
                if kind == "ratio" && *metric != "accuracy" {
                    continue;
                }
                let (outcome, contrast) = self.contrast(kind, &grouping.variables, &known);
                measures.push(Measure { code_level: code_level.clone(), threshold: *threshold, contrast: Some(contrast), ..plain(metric, outcome) });
            }
        }
        measures
    }

    /// The largest difference or smallest ratio between groups with an interval that covers all pairs.
    fn contrast(&self, kind: &str, variables: &[String], groups: &[(&Vec<String>, &Linear, Kind)]) -> (Outcome, Contrast) {
        let units = &self.sampling().units;
        let n: u64 = groups.iter().map(|g| g.1.n).sum();
        let mut contrast = Contrast {
            kind: kind.to_owned(),
            variables: variables.to_vec(),
            high: Vec::new(),
            low: Vec::new(),
            groups: groups.len() as u64,
            expected_from_noise: None,
        };
        if groups.len() < 2 {
            return (Outcome::undefined(Reason::OneGroup, "fewer than two groups have enough records", n), contrast);
        }
        let values: Vec<f64> = groups.iter().map(|g| g.1.value).collect();
        let variances: Vec<f64> =
            groups.iter().map(|(_, linear, kind)| floor_variance(units.variance(&linear.scores), linear, *kind, self.sampling())).collect();
        let df = units.count() as f64 - units.strata() as f64;
        if df < 1.0 {
            return (Outcome::undefined(Reason::NoReplication, "too few sampled units to estimate a variance", n), contrast);
        }
        let covariance = |a: usize, b: usize| units.covariance_of_disjoint(&groups[a].1.scores, &groups[b].1.scores);
        let found = if kind == "difference" {
            let mean = variances.iter().sum::<f64>() / variances.len() as f64;
            contrast.expected_from_noise = Some(expected_range_of_normals(groups.len()) * mean.sqrt());
            largest_gap(&values, |a, b| variances[a] + variances[b] - 2.0 * covariance(a, b), df, self.sampling().level)
        } else {
            let relative =
                |a: usize, b: usize| variances[a] / values[a].powi(2) + variances[b] / values[b].powi(2) - 2.0 * covariance(a, b) / (values[a] * values[b]);
            smallest_ratio(&values, relative, df, self.sampling().level)
        };
        let Some(pair) = found else {
            return (Outcome::undefined(Reason::NothingToDivideBy, "a group has the value 0, so no ratio can be formed", n), contrast);
        };
        contrast.high.clone_from(groups[pair.high].0);
        contrast.low.clone_from(groups[pair.low].0);
        let interval = Interval { lower: pair.lower, upper: pair.upper, level: self.sampling().level, method: Method::Simultaneous };
        let se = if kind == "difference" { pair.se } else { pair.se * pair.value };
        let estimate = Estimate {
            value: pair.value,
            se: Some(se),
            interval: Some(interval),
            n,
            n_effective: None,
            psus: self.sampling().clustered.then(|| units.count()),
            df: Some(df),
            design_effect: None,
        };
        (Outcome::Estimate(estimate), contrast)
    }

    fn reliability(&self) -> Vec<ReliabilityBin> {
        if self.tally.confidence.is_empty() {
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

    fn confusions(&self) -> Vec<Confusion> {
        let (mut pairs, mut truths): (BTreeMap<(u32, u32), Mass>, BTreeMap<u32, Mass>) = (BTreeMap::new(), BTreeMap::new());
        let add = |mass: &mut Mass, c: &CodeCell| {
            mass.n += c.mass.n;
            mass.w += c.mass.w;
        };
        for c in &self.tally.codes {
            add(truths.entry(c.truth).or_default(), c);
            if c.predicted != UNCODED && c.predicted != c.truth {
                add(pairs.entry((c.truth, c.predicted)).or_default(), c);
            }
        }
        let mut list: Vec<((u32, u32), Mass)> = pairs.into_iter().collect();
        list.sort_by(|a, b| b.1.w.total_cmp(&a.1.w).then(a.0.cmp(&b.0)));
        list.truncate(MOST_CONFUSIONS);
        let name = |code: u32| self.universe[code as usize].clone();
        list.into_iter()
            .map(|((truth, predicted), mass)| Confusion {
                truth: name(truth),
                predicted: name(predicted),
                n: mass.n,
                n_truth: truths[&truth].n,
                share_of_truth: if truths[&truth].w > 0.0 { mass.w / truths[&truth].w } else { 0.0 },
            })
            .collect()
    }
}

/// Which finest group cells belong to a group.
type Mask = Vec<bool>;

fn within(group: Option<&Mask>, cell: u32) -> bool {
    group.is_none_or(|mask| mask[cell as usize])
}

fn records(cells: &[CodeCell]) -> u64 {
    cells.iter().map(|c| c.mass.n).sum()
}

fn plain(metric: &str, outcome: Outcome) -> Measure {
    Measure { metric: metric.to_owned(), code_level: None, code: None, threshold: None, group: None, contrast: None, outcome }
}

/// The variance of a group's value; where all its records are alike, that of one more success and one more failure (Agresti & Caffo 2000).
fn floor_variance(variance: f64, linear: &Linear, kind: Kind, sampling: &Sampling) -> f64 {
    if variance > 1e-24 || kind != Kind::Proportion {
        return variance.max(0.0);
    }
    let size = if sampling.clustered { linear.units as f64 } else { (linear.w * linear.w / linear.w2).min(linear.n as f64) };
    let p = (linear.value * size + 1.0) / (size + 2.0);
    p * (1.0 - p) / (size + 2.0)
}
