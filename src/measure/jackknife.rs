//! The delete-one-unit jackknife of macro-F1, at the cost of the cells and not of units × codes.

use super::tally::CodeCell;
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

/// The stratified jackknife variance (JKn, centred at the mean of the replicates as in R survey) of macro-F1 over the codes with a
/// total in the cells: each unit is left out in turn and the others of its stratum weigh n_h/(n_h − 1) times as much
/// (Rust & Rao 1996, doi:10.1177/096228029600500305). A stratum counts by the share of its units that was not sampled; lonely units
/// are treated as `Replicates::jackknife` does. `total` is Σ w (1{y = k} + 1{f = k}) and `hit` 2 Σ w 1{y = f = k} by code.
///
/// Where each record is its own unit, records of a cell are alike up to their weight, so one replicate stands for all of them.
/// None when no stratum has two units.
pub fn jackknife_macro_f1(units: &Units, cells: &[CodeCell], total: &[f64], hit: &[f64]) -> Option<f64> {
    let present = total.iter().filter(|&&t| t > 0.0).count() as f64;
    let whole = |code: u32| Sums { hit: hit[code as usize], total: total[code as usize] };
    let value = (0..total.len() as u32).filter(|&k| total[k as usize] > 0.0).map(|k| whole(k).f1()).sum::<f64>() / present;
    let stratum = |unit: u32| if units.clustered() { units.stratum_of(unit as usize) } else { unit as usize };
    let strata = units.strata() as f64;
    let mut by_stratum: BTreeMap<usize, Vec<&CodeCell>> = BTreeMap::new();
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
            let mut codes: Vec<u32> = out.keys().copied().collect();
            codes.sort_unstable();
            let less = |k: u32| Sums { hit: whole(k).hit - out[&k].hit, total: whole(k).total - out[&k].total };
            let change: f64 = codes.iter().map(|&k| less(k).f1() - whole(k).f1()).sum();
            replicates.push((1.0, value + change / present, 1.0, rest * (strata - 1.0) / strata));
            continue;
        }
        let mut own: HashMap<u32, Sums> = HashMap::new();
        for cell in members {
            add(&mut own, cell, cell.mass.w);
        }
        let raised = |code: u32| {
            let (all, own) = (whole(code), own[&code]);
            Sums { hit: all.hit + own.hit / (n - 1.0), total: all.total + own.total / (n - 1.0) }
        };
        let mut codes: Vec<u32> = own.keys().copied().collect();
        codes.sort_unstable();
        let base = value * present + codes.iter().map(|&k| raised(k).f1() - whole(k).f1()).sum::<f64>();
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
                    after.f1() - before.f1()
                })
                .sum();
            replicates.push((times, (base + change) / present, stretch, factor));
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
            replicates.push((n - seen, base / present, 1.0, factor));
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

/// Adds weight `w` of a cell to the sums of its codes.
fn add(sums: &mut HashMap<u32, Sums>, cell: &CodeCell, w: f64) {
    sums.entry(cell.truth).or_default().total += w;
    if cell.predicted != UNCODED {
        sums.entry(cell.predicted).or_default().total += w;
    }
    if cell.truth == cell.predicted {
        sums.entry(cell.truth).or_default().hit += 2.0 * w;
    }
}
