//! Tallies: weighted counts by sampled unit, group cell and outcome. Everything measured is a function of them.
//!
//! Tallies add up, and their size is the number of distinct cells, not of records. Records of one cell share a score up to
//! their weight, so sums of weights and of squared weights are enough for every linearised variance.

use super::answers::sureties;
use super::automation::Surety;
use super::replicated::replicated_ratio;
use crate::data::{MISSING, Table};
use crate::model::{Predictions, UNCODED};
use crate::stats::{Scores, Units};
use crate::value::Method;

/// Number of equal bins of confidence.
pub const BINS: usize = 15;
/// Ranked codes that count for top-5 accuracy.
pub const TOP: usize = 5;
/// Probabilities below this count as this in log loss.
pub const SMALLEST_PROBABILITY: f64 = 1e-15;

/// Records, weight and squared weight of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mass {
    /// Records.
    pub n: u64,
    /// Σ w.
    pub w: f64,
    /// Σ w².
    pub w2: f64,
}

impl Mass {
    /// Counts a record of weight `w`.
    pub fn add(&mut self, w: f64) {
        self.n += 1;
        self.w += w;
        self.w2 += w * w;
    }
}

/// Records of one unit and group cell with the same true and predicted code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodeCell {
    /// PSU, or stratum where records are the units.
    pub unit: u32,
    /// Group cell.
    pub group: u32,
    /// True code.
    pub truth: u32,
    /// First predicted code, or [`UNCODED`].
    pub predicted: u32,
    /// How much.
    pub mass: Mass,
}

/// Records of one unit and group cell in one bin of confidence, right or wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConfidenceCell {
    /// PSU, or stratum where records are the units.
    pub unit: u32,
    /// Group cell.
    pub group: u32,
    /// Bin of confidence, 0 to [`BINS`] − 1.
    pub bin: u32,
    /// How many of the request's thresholds the confidence reaches.
    pub reached: u32,
    /// Whether the first code is right.
    pub right: bool,
    /// How much.
    pub mass: Mass,
    /// Σ w·c.
    pub wc: f64,
    /// Σ w²·c.
    pub w2c: f64,
    /// Σ w²·c².
    pub w2c2: f64,
}

/// Records of one unit and group cell that have the true code among the first five, or not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopCell {
    /// PSU, or stratum where records are the units.
    pub unit: u32,
    /// Group cell.
    pub group: u32,
    /// Whether it is there.
    pub hit: bool,
    /// How much.
    pub mass: Mass,
}

/// Sums of a score of whole records (log loss, Brier score) of one unit and group cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossCell {
    /// PSU, or stratum where records are the units.
    pub unit: u32,
    /// Group cell.
    pub group: u32,
    /// How much.
    pub mass: Mass,
    /// Σ w·ℓ.
    pub wl: f64,
    /// Σ w²·ℓ.
    pub w2l: f64,
    /// Σ w²·ℓ².
    pub w2l2: f64,
}

/// Sums over the records of a cell of a quantity x that differs among them.
#[derive(Debug, Clone, Copy)]
pub struct Sums {
    /// Σ w.
    pub w: f64,
    /// Σ w².
    pub w2: f64,
    /// Σ w·x.
    pub wx: f64,
    /// Σ w²·x.
    pub w2x: f64,
    /// Σ w²·x².
    pub w2x2: f64,
}

impl ConfidenceCell {
    /// Sums of confidence.
    pub fn sums(&self) -> Sums {
        Sums { w: self.mass.w, w2: self.mass.w2, wx: self.wc, w2x: self.w2c, w2x2: self.w2c2 }
    }
}

impl LossCell {
    /// Sums of the score.
    pub fn sums(&self) -> Sums {
        Sums { w: self.mass.w, w2: self.mass.w2, wx: self.wl, w2x: self.w2l, w2x2: self.w2l2 }
    }
}

/// The tallies of one candidate on the test part.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Counts by true and predicted code.
    pub codes: Vec<CodeCell>,
    /// Counts by confidence; empty when the candidate gives none.
    pub confidence: Vec<ConfidenceCell>,
    /// Counts by presence in the first five; empty when the ranking is too short.
    pub top: Vec<TopCell>,
    /// Sums of log loss; empty when probabilities are incomplete.
    pub loss: Vec<LossCell>,
    /// Sums of the Brier score; empty when probabilities are incomplete.
    pub brier: Vec<LossCell>,
    /// Records without any code.
    pub uncoded: u64,
}

/// What a tally is made of: one entry a test record.
pub struct Records<'a> {
    /// The table.
    pub table: &'a Table,
    /// Rows of the test part.
    pub rows: &'a [u32],
    /// Sampled unit of each test record: a PSU, or its stratum where records are the units.
    pub unit: &'a [u32],
    /// Weight of each test record.
    pub weight: &'a [f64],
    /// Group cell of each test record.
    pub group: &'a [u32],
}

impl Tally {
    /// Counts predictions (one row a test record, in the order of `records.rows`).
    ///
    /// `code_of` maps the predictions' code numbers to the evaluation's; the true codes are numbers of the evaluation already.
    #[must_use]
    pub fn of(records: &Records<'_>, predictions: &Predictions, code_of: &[u32], thresholds: &[f64], surety: Surety) -> Self {
        let n = records.rows.len();
        let truth: Vec<u32> = records.rows.iter().map(|&r| records.table.truth[r as usize]).collect();
        let number = |code: u32| if code == UNCODED { UNCODED } else { code_of[code as usize] };
        let first: Vec<u32> = (0..n).map(|i| predictions.ranking(i).first().map_or(UNCODED, |&c| number(c))).collect();
        let right = |i: usize| first[i] == truth[i] && truth[i] != MISSING;
        let mut tally = Self {
            codes: code_cells(records.unit, records.group, records.weight, &(0..n as u32).collect::<Vec<_>>(), |i| truth[i as usize], |i| first[i as usize]),
            confidence: Vec::new(),
            top: Vec::new(),
            loss: Vec::new(),
            brier: Vec::new(),
            uncoded: first.iter().filter(|&&c| c == UNCODED).count() as u64,
        };
        let sure = sureties(predictions, n, surety);
        if !sure.is_empty() {
            let confidence = |i: usize| sure[i];
            let place = |i: usize| {
                let c = confidence(i);
                let bin = ((c * BINS as f64) as usize).min(BINS - 1);
                (bin as u32, thresholds.partition_point(|t| *t <= c) as u32)
            };
            tally.confidence = gather(
                n,
                |i| (records.unit[i], records.group[i], place(i), right(i)),
                |members, (unit, group, (bin, reached), right)| {
                    let mut cell = ConfidenceCell { unit, group, bin, reached, right, mass: mass(records, members), wc: 0.0, w2c: 0.0, w2c2: 0.0 };
                    for &i in members {
                        let (w, c) = (records.weight[i as usize], confidence(i as usize));
                        cell.wc += w * c;
                        cell.w2c += w * w * c;
                        cell.w2c2 += w * w * c * c;
                    }
                    cell
                },
            );
        }
        if predictions.kept >= TOP {
            let hit = |i: usize| predictions.ranking(i).iter().take(TOP).any(|&c| c != UNCODED && number(c) == truth[i]);
            tally.top = gather(
                n,
                |i| (records.unit[i], records.group[i], hit(i)),
                |members, (unit, group, hit)| TopCell { unit, group, hit, mass: mass(records, members) },
            );
        }
        if predictions.complete && !predictions.confidence.is_empty() {
            let loss = |i: usize| {
                let at = predictions.ranking(i).iter().position(|&c| c != UNCODED && number(c) == truth[i]);
                -at.map_or(0.0, |k| predictions.confidences(i)[k]).max(SMALLEST_PROBABILITY).ln()
            };
            tally.loss = score_cells(records, loss);
            // Σ_k (p_k − 1{y = k})², over all codes: Σ p² − 2 p_y + 1.
            tally.brier = score_cells(records, |i| {
                let p = predictions.confidences(i);
                let at = predictions.ranking(i).iter().position(|&c| c != UNCODED && number(c) == truth[i]);
                p.iter().map(|p| p * p).sum::<f64>() - 2.0 * at.map_or(0.0, |k| p[k]) + 1.0
            });
        }
        tally
    }
}

/// Counts of some records (by number) by unit, group cell, true and predicted code.
pub fn code_cells(unit: &[u32], group: &[u32], weight: &[f64], members: &[u32], truth: impl Fn(u32) -> u32, predicted: impl Fn(u32) -> u32) -> Vec<CodeCell> {
    let key = |at: usize| {
        let i = members[at];
        (unit[i as usize], group[i as usize], truth(i), predicted(i))
    };
    gather(members.len(), key, |at, (unit, group, truth, predicted)| {
        let mut mass = Mass::default();
        at.iter().for_each(|&a| mass.add(weight[members[a as usize] as usize]));
        CodeCell { unit, group, truth, predicted, mass }
    })
}

/// Sums of a score of whole records by unit and group cell.
fn score_cells(records: &Records<'_>, score: impl Fn(usize) -> f64) -> Vec<LossCell> {
    gather(
        records.rows.len(),
        |i| (records.unit[i], records.group[i]),
        |members, (unit, group)| {
            let mut cell = LossCell { unit, group, mass: mass(records, members), wl: 0.0, w2l: 0.0, w2l2: 0.0 };
            for &i in members {
                let (w, l) = (records.weight[i as usize], score(i as usize));
                cell.wl += w * l;
                cell.w2l += w * w * l;
                cell.w2l2 += w * w * l * l;
            }
            cell
        },
    )
}

/// One cell for each distinct key, in the order of the keys; members in record order, so sums never depend on anything else.
fn gather<K: Ord + Copy, C>(n: usize, key: impl Fn(usize) -> K, cell: impl Fn(&[u32], K) -> C) -> Vec<C> {
    let mut order: Vec<(K, u32)> = (0..n).map(|i| (key(i), i as u32)).collect();
    order.sort_unstable();
    let members: Vec<u32> = order.iter().map(|(_, i)| *i).collect();
    let mut cells = Vec::new();
    let mut start = 0;
    for chunk in order.chunk_by(|a, b| a.0 == b.0) {
        cells.push(cell(&members[start..start + chunk.len()], chunk[0].0));
        start += chunk.len();
    }
    cells
}

fn mass(records: &Records<'_>, members: &[u32]) -> Mass {
    let mut mass = Mass::default();
    members.iter().for_each(|&i| mass.add(records.weight[i as usize]));
    mass
}

/// One summand of a ratio of totals: `mass` records that each count `a` above and `b` below the line.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// PSU, or stratum where records are the units.
    pub unit: u32,
    /// How much.
    pub mass: Mass,
    /// What each record adds above the line.
    pub a: f64,
    /// What each record adds below it.
    pub b: f64,
}

/// A smooth function of totals at its value, linearised: V(value) = V(Σ scores).
#[derive(Debug, Clone)]
pub struct Linear {
    /// The value.
    pub value: f64,
    /// Its scores by unit.
    pub scores: Scores,
    /// Its variance and the method that gave it, where linearisation is too rough; absent for the scores' variance.
    pub variance: Option<(f64, Method)>,
    /// Records that count below the line.
    pub n: u64,
    /// Σ w of those records.
    pub w: f64,
    /// Σ w² of those records.
    pub w2: f64,
    /// Units with such a record.
    pub units: u64,
    /// Strata with such a record.
    pub strata: u64,
}

/// Scores from parts that each have one score a unit of weight.
pub fn scores(units: &Units, parts: impl Iterator<Item = (u32, Mass, f64)>) -> Scores {
    let mut scores = units.zero();
    match &mut scores {
        Scores::Clusters(z) => parts.for_each(|(unit, mass, score)| z[unit as usize] += mass.w * score),
        Scores::Records { sum, square } => parts.for_each(|(stratum, mass, score)| {
            sum[stratum as usize] += mass.w * score;
            square[stratum as usize] += mass.w2 * score * score;
        }),
        // Scores of zero are never replicates.
        Scores::Replicates(_) => {}
    }
    units.settled(scores)
}

/// The domain of parts: records, weights, units and strata.
pub fn domain(units: &Units, parts: impl Iterator<Item = (u32, Mass)>) -> (Mass, u64, u64) {
    let mut total = Mass::default();
    let mut seen = std::collections::BTreeSet::new();
    let mut strata = std::collections::BTreeSet::new();
    for (unit, mass) in parts {
        total.n += mass.n;
        total.w += mass.w;
        total.w2 += mass.w2;
        if units.clustered() {
            // As in R survey, a PSU of weight 0 is no degree of freedom.
            if mass.w > 0.0 {
                seen.insert(unit);
                strata.insert(units.stratum_of(unit as usize));
            }
        } else {
            strata.insert(unit as usize);
        }
    }
    let count = if units.clustered() { seen.len() as u64 } else { total.n };
    (total, count, strata.len() as u64)
}

/// The ratio Σ w a / Σ w b with its linearised scores w (a − R b) / Σ w b, or those of its replicates; none when nothing is below the line.
pub fn ratio(units: &Units, parts: impl Iterator<Item = Part> + Clone) -> Option<Linear> {
    let (mut above, mut below) = (0.0, 0.0);
    for part in parts.clone() {
        above += part.mass.w * part.a;
        below += part.mass.w * part.b;
    }
    if below <= 0.0 {
        return None;
    }
    let value = above / below;
    let (mass, count, strata) = domain(units, parts.clone().filter(|p| p.b != 0.0).map(|p| (p.unit, p.mass)));
    let scores = replicated_ratio(units, value, parts.clone()).unwrap_or_else(|| scores(units, parts.map(|p| (p.unit, p.mass, (p.a - value * p.b) / below))));
    Some(Linear { value, scores, variance: None, n: mass.n, w: mass.w, w2: mass.w2, units: count, strata })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two records, three codes: log losses −ln 0.7 and −ln 0.1; Brier scores 0.09 + 0.04 + 0.01 and 0.36 + 0.81 + 0.09.
    #[test]
    fn scores_of_whole_records_are_those_of_the_definitions() {
        let table = Table { rows: 2, truth: vec![0, 1], codes: ["a", "b", "c"].map(str::to_owned).to_vec(), ..Table::default() };
        let predictions = Predictions::from_dense(table.codes.clone(), &[0.7, 0.2, 0.1, 0.6, 0.1, 0.3], 3);
        let records = Records { table: &table, rows: &[0, 1], unit: &[0, 0], weight: &[1.0, 3.0], group: &[0, 0] };
        let tally = Tally::of(&records, &predictions, &[0, 1, 2], &[0.5, 0.65], Surety::Top);
        let sum = |cells: &[LossCell]| cells.iter().map(|c| c.wl).sum::<f64>();
        assert!((sum(&tally.loss) - (-(0.7_f64.ln()) - 3.0 * 0.1_f64.ln())).abs() < 1e-12);
        assert!((sum(&tally.brier) - (0.14 + 3.0 * 1.26)).abs() < 1e-12, "{}", sum(&tally.brier));
        // One record reaches both thresholds and is right, the other only the first and is wrong.
        let seen: Vec<_> = tally.confidence.iter().map(|c| (c.reached, c.right, c.mass.w)).collect();
        assert_eq!(seen, [(1, false, 3.0), (2, true, 1.0)]);
    }

    /// Confidence 1 belongs to the last bin: half-open bins would drop it.
    #[test]
    fn the_last_bin_is_closed() {
        let table = Table { rows: 1, truth: vec![0], codes: vec!["a".into(), "b".into()], ..Table::default() };
        let predictions = Predictions::from_dense(table.codes.clone(), &[0.0, 1.0], 2);
        let records = Records { table: &table, rows: &[0], unit: &[0], weight: &[1.0], group: &[0] };
        let tally = Tally::of(&records, &predictions, &[0, 1], &[], Surety::Top);
        assert_eq!((tally.confidence[0].bin, tally.confidence[0].right), (BINS as u32 - 1, false));
    }
}
