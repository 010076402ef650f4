//! The delete-one-unit jackknife of macro-F1 and of its difference between candidates, at the cost of the cells and not of units × codes.

use super::tally::{CodeCell, Mass};
use crate::model::UNCODED;
use crate::stats::{Lonely, Units};
use std::collections::{BTreeMap, HashMap};

/// What a code adds to numerator and denominator of its F1.
#[derive(Clone, Copy, Default)]
struct Sums {
    hit: f64,
    total: f64,
}

impl Sums {
    fn f1(self) -> f64 {
        // Below rounding a code is gone from the replicate: it counts 0, as one never predicted does.
        if self.total > 1e-9 { (self.hit / self.total).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Records of one unit that add to the same F1s.
pub struct F1Cell {
    /// PSU, or stratum where records are the units.
    pub unit: u32,
    /// How much.
    pub mass: Mass,
    /// The slots whose denominators grow by the weight, and whether their numerators do too; [`UNCODED`] for none.
    pub adds: [(u32, bool); 4],
}

impl F1Cell {
    /// The part of a cell that true and predicted code add to: each once below the line, and above it where they agree.
    pub fn adds(truth: u32, predicted: u32) -> [(u32, bool); 2] {
        [(truth, truth == predicted), (predicted, truth == predicted)]
    }

    fn slots(&self) -> impl Iterator<Item = (u32, bool)> {
        self.adds.into_iter().filter(|(slot, _)| *slot != UNCODED)
    }
}

/// The jackknife variance of macro-F1 over the codes with a total in the cells. `total` is Σ w (1{y = k} + 1{f = k}) by code.
///
/// None when no stratum has two units.
pub fn jackknife_macro_f1(units: &Units, cells: &[CodeCell], total: &[f64]) -> Option<f64> {
    let present = total.iter().filter(|&&t| t > 0.0).count() as f64;
    let weights: Vec<f64> = total.iter().map(|&t| if t > 0.0 { 1.0 / present } else { 0.0 }).collect();
    let nothing = (UNCODED, false);
    let cells: Vec<F1Cell> = cells
        .iter()
        .map(|c| {
            let [truth, predicted] = F1Cell::adds(c.truth, c.predicted);
            F1Cell { unit: c.unit, mass: c.mass, adds: [truth, predicted, nothing, nothing] }
        })
        .collect();
    jackknife_f1(units, &cells, &weights)
}

/// The stratified jackknife variance (JKn, centred at the mean of the replicates as in R survey) of Σ weight_k·F1_k over slots k:
/// each unit is left out in turn and the others of its stratum weigh n_h/(n_h − 1) times as much
/// (Rust & Rao 1996, doi:10.1177/096228029600500305). Weights stay as they are in the replicates. A stratum counts by the share of its
/// units that was not sampled; lonely units are treated as `Replicates::jackknife` does.
///
/// Where each record is its own unit, records of a cell are alike up to their weight, so one replicate stands for all of them.
/// None when no stratum has two units.
pub fn jackknife_f1(units: &Units, cells: &[F1Cell], weights: &[f64]) -> Option<f64> {
    let mut whole = vec![Sums::default(); weights.len()];
    for cell in cells {
        for (slot, hit) in cell.slots() {
            whole[slot as usize].total += cell.mass.w;
            whole[slot as usize].hit += if hit { cell.mass.w } else { 0.0 };
        }
    }
    let value: f64 = weights.iter().zip(&whole).filter(|(w, _)| **w != 0.0).map(|(w, s)| w * s.f1()).sum();
    let stratum = |unit: u32| if units.clustered() { units.stratum_of(unit as usize) } else { unit as usize };
    let strata = units.strata() as f64;
    let mut by_stratum: BTreeMap<usize, Vec<&F1Cell>> = BTreeMap::new();
    for cell in cells {
        by_stratum.entry(stratum(cell.unit)).or_default().push(cell);
    }
    // (times, estimate, stretch of its deviation, (n_h − 1)/n_h) of each replicate.
    let mut replicates: Vec<(f64, f64, f64, f64)> = Vec::new();
    for (&h, members) in &by_stratum {
        let n = units.in_stratum(h) as f64;
        let rest = units.not_sampled(h);
        if rest <= 0.0 || (n < 2.0 && units.lonely() != Lonely::Adjust) {
            continue;
        }
        if n < 2.0 {
            // The lonely unit stands for its stratum, and the other strata take its weight: of F1, which is a ratio, that changes nothing.
            let mut out = HashMap::new();
            members.iter().for_each(|cell| add(&mut out, cell, cell.mass.w));
            let mut slots: Vec<u32> = out.keys().copied().collect();
            slots.sort_unstable();
            let less = |k: u32| Sums { hit: whole[k as usize].hit - out[&k].hit, total: whole[k as usize].total - out[&k].total };
            let change: f64 = slots.iter().map(|&k| weights[k as usize] * (less(k).f1() - whole[k as usize].f1())).sum();
            replicates.push((1.0, value + change, 1.0, rest * (strata - 1.0) / strata));
            continue;
        }
        let mut own: HashMap<u32, Sums> = HashMap::new();
        for cell in members {
            add(&mut own, cell, cell.mass.w);
        }
        let raised = |slot: u32| {
            let (all, own) = (whole[slot as usize], own[&slot]);
            Sums { hit: all.hit + own.hit / (n - 1.0), total: all.total + own.total / (n - 1.0) }
        };
        let mut slots: Vec<u32> = own.keys().copied().collect();
        slots.sort_unstable();
        let base = value + slots.iter().map(|&k| weights[k as usize] * (raised(k).f1() - whole[k as usize].f1())).sum::<f64>();
        let factor = rest * (n - 1.0) / n;
        let mut seen = 0.0;
        let mut leave_out = |out: &HashMap<u32, Sums>, times: f64, stretch: f64| {
            let mut changed: Vec<u32> = out.keys().copied().collect();
            changed.sort_unstable();
            let change: f64 = changed
                .iter()
                .map(|k| {
                    let (before, out) = (raised(*k), out[k]);
                    let after = Sums { hit: before.hit - out.hit * n / (n - 1.0), total: before.total - out.total * n / (n - 1.0) };
                    weights[*k as usize] * (after.f1() - before.f1())
                })
                .sum();
            replicates.push((times, base + change, stretch, factor));
            seen += times;
        };
        if units.clustered() {
            for unit in members.chunk_by(|a, b| a.unit == b.unit) {
                let mut out = HashMap::new();
                unit.iter().for_each(|cell| add(&mut out, cell, cell.mass.w));
                leave_out(&out, 1.0, 1.0);
            }
        } else {
            // Cells of one outcome may be split among groups; each stands for its records.
            for cell in members.iter().filter(|c| c.mass.w > 0.0) {
                let count = cell.mass.n as f64;
                let mut out = HashMap::new();
                add(&mut out, cell, cell.mass.w / count);
                leave_out(&out, count, cell.mass.w2 * count / (cell.mass.w * cell.mass.w));
            }
        }
        // Units without a record of the domain: leaving one out only raises the others.
        if n > seen {
            replicates.push((n - seen, base, 1.0, factor));
        }
    }
    // Strata without a record of the domain: leaving a unit out changes nothing, but the mean is of all replicates.
    for h in (0..units.strata_numbered()).filter(|h| !by_stratum.contains_key(h)) {
        let (n, rest) = (units.in_stratum(h) as f64, units.not_sampled(h));
        if rest > 0.0 && n >= 2.0 {
            replicates.push((n, value, 1.0, rest * (n - 1.0) / n));
        } else if rest > 0.0 && n == 1.0 && units.lonely() == Lonely::Adjust {
            replicates.push((1.0, value, 1.0, rest * (strata - 1.0) / strata));
        }
    }
    let raise = match units.lonely() {
        Lonely::Average => {
            let sampled = (0..units.strata_numbered()).filter(|&h| units.not_sampled(h) > 0.0);
            let (all, proper) =
                sampled.fold((0, 0), |(all, proper), h| (all + units.in_stratum(h), proper + if units.is_lonely(h) { 0 } else { units.in_stratum(h) }));
            all as f64 / proper.max(1) as f64
        }
        _ => 1.0,
    };
    let times: f64 = replicates.iter().map(|r| r.0).sum();
    let mean = replicates.iter().map(|r| r.0 * r.1).sum::<f64>() / times;
    (times > 0.0).then(|| raise * replicates.iter().map(|(times, estimate, stretch, factor)| times * factor * stretch * (estimate - mean).powi(2)).sum::<f64>())
}

/// Adds weight `w` of a cell to the sums of its slots.
fn add(sums: &mut HashMap<u32, Sums>, cell: &F1Cell, w: f64) {
    for (slot, hit) in cell.slots() {
        let sums = sums.entry(slot).or_default();
        sums.total += w;
        sums.hit += if hit { w } else { 0.0 };
    }
}
