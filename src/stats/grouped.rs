//! Accuracy and macro-F1 of all records and of every group under replicate weights, from counts by unit.
//!
//! One pass over the records; after that, the cost is that of the units, groups and codes that occur together.

use super::panel::{PackedFactors, Panels};
use super::recompute::Cell;
use super::replicate::Replicates;
use rayon::prelude::*;

/// Above this share of unit × code pairs that occur, a dense table is faster than a list of cells.
const DENSE: f64 = 0.1;

/// Records as columns of one entry each; codes from `codes` on in `predicted` mean that no code was given.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    /// Sampled unit.
    pub unit: &'a [u32],
    /// Group.
    pub group: &'a [u32],
    /// True code.
    pub truth: &'a [u32],
    /// First predicted code.
    pub predicted: &'a [u32],
    /// Weight; none where all weigh 1.
    pub weight: Option<&'a [f64]>,
}

/// A value and what it is in each replicate; none where there is no record of positive weight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replicated {
    /// With the full weights.
    pub value: Option<f64>,
    /// In each replicate.
    pub replicates: Vec<Option<f64>>,
}

/// Accuracy and macro-F1 of a set of records.
///
/// Macro-F1 averages over the codes that occur with the full weights, in every replicate: a code that a replicate leaves out counts 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupReplicates {
    /// Accuracy.
    pub accuracy: Replicated,
    /// Macro-F1.
    pub macro_f1: Replicated,
}

/// Accuracy and macro-F1 of each of `groups` groups, and last of all records, over `codes` codes.
///
/// # Panics
/// Columns of different lengths, or a unit, group or true code that is not there.
#[must_use]
pub fn replicate_groups(columns: &Columns<'_>, groups: usize, codes: usize, replicates: &Replicates) -> Vec<GroupReplicates> {
    let tables = tables(columns, groups, codes, replicates.units());
    let slots = Slots { codes };
    let full: Vec<Vec<f64>> = tables.iter().map(|t| t.sums(slots)).collect();
    let whole = added(full.iter().map(Vec::as_slice), slots.count());
    let (filled, all) = tables.iter().fold((0.0, 0.0), |(f, a), t| (f + t.cells.len() as f64, a + (t.rows.len() * slots.count()) as f64));
    let mut found: Vec<GroupReplicates> = full.iter().chain([&whole]).map(|sums| slots.full(sums)).collect();
    if filled > DENSE * all {
        let packed = PackedFactors::new(replicates.count(), replicates.units(), |r, factors| replicates.fill(r, factors));
        // In blocks, so that few groups' totals are held at a time.
        let mut of_all = vec![0.0; replicates.count() * slots.count()];
        for (block, (tables, found)) in tables.chunks(16).zip(found[..groups].chunks_mut(16)).enumerate() {
            let totals: Vec<Vec<f64>> = tables.par_iter().map(|t| packed.totals(&t.dense(slots))).collect();
            for (at, (totals, found)) in totals.iter().zip(found).enumerate() {
                of_all.iter_mut().zip(totals).for_each(|(a, t)| *a += t);
                totals.chunks_exact(slots.count()).for_each(|t| slots.push(found, &full[block * 16 + at], t));
            }
        }
        of_all.chunks_exact(slots.count()).for_each(|t| slots.push(&mut found[groups], &whole, t));
    } else {
        let mut cells: Vec<Cell> = Vec::with_capacity(filled as usize);
        for (group, table) in tables.iter().enumerate() {
            let offset = (group * slots.count()) as u32;
            cells.extend(table.cells.iter().map(|c| Cell { unit: table.rows[c.unit as usize], slot: c.slot + offset, amount: c.amount }));
        }
        drop(tables);
        cells.sort_unstable_by_key(|c| (c.unit, c.slot));
        let values = replicates.totals(&cells, groups * slots.count(), |totals| {
            let of_all = added(totals.chunks_exact(slots.count()), slots.count());
            let each = totals.chunks_exact(slots.count()).zip(&full).map(|(t, full)| slots.values(full, t));
            each.chain([slots.values(&whole, &of_all)]).collect::<Vec<_>>()
        });
        for (group, found) in found.iter_mut().enumerate() {
            found.accuracy.replicates = values.iter().map(|v| v[group].0).collect();
            found.macro_f1.replicates = values.iter().map(|v| v[group].1).collect();
        }
    }
    found
}

/// The counts of one group: its units, and its cells by (row of the unit, slot), sorted.
struct Table {
    rows: Vec<u32>,
    cells: Vec<Cell>,
}

impl Table {
    fn sums(&self, slots: Slots) -> Vec<f64> {
        let mut sums = vec![0.0; slots.count()];
        self.cells.iter().for_each(|c| sums[c.slot as usize] += c.amount);
        sums
    }

    fn dense(&self, slots: Slots) -> Panels {
        let mut dense = Panels::new(self.rows.clone(), slots.count());
        self.cells.iter().for_each(|c| *dense.at(c.unit as usize, c.slot as usize) = c.amount);
        dense
    }
}

/// What a group's totals are of: each code's weight as true and as predicted code, twice each code's weight where both agree, all weight.
#[derive(Clone, Copy)]
struct Slots {
    codes: usize,
}

impl Slots {
    fn count(self) -> usize {
        2 * self.codes + 1
    }

    /// Accuracy and macro-F1 from totals; `full` are those with the full weights.
    fn values(self, full: &[f64], totals: &[f64]) -> (Option<f64>, Option<f64>) {
        let (either, rest) = totals.split_at(self.codes);
        let (hits, whole) = (&rest[..self.codes], rest[self.codes]);
        if whole <= 0.0 {
            return (None, None);
        }
        let present = full[..self.codes].iter().filter(|&&t| t > 0.0).count();
        let f1 = hits.iter().zip(either).filter(|(_, t)| **t > 0.0).map(|(h, t)| h / t).sum::<f64>() / present as f64;
        (Some(hits.iter().sum::<f64>() / 2.0 / whole), Some(f1))
    }

    fn full(self, sums: &[f64]) -> GroupReplicates {
        let (accuracy, macro_f1) = self.values(sums, sums);
        let of = |value| Replicated { value, replicates: Vec::new() };
        GroupReplicates { accuracy: of(accuracy), macro_f1: of(macro_f1) }
    }

    fn push(self, found: &mut GroupReplicates, full: &[f64], totals: &[f64]) {
        let (accuracy, macro_f1) = self.values(full, totals);
        found.accuracy.replicates.push(accuracy);
        found.macro_f1.replicates.push(macro_f1);
    }
}

fn added<'a>(parts: impl Iterator<Item = &'a [f64]>, slots: usize) -> Vec<f64> {
    let mut sums = vec![0.0; slots];
    parts.for_each(|part| sums.iter_mut().zip(part).for_each(|(s, p)| *s += p));
    sums
}

/// Counts the records, group by group.
fn tables(columns: &Columns<'_>, groups: usize, codes: usize, units: usize) -> Vec<Table> {
    let n = columns.unit.len();
    assert!([columns.group.len(), columns.truth.len(), columns.predicted.len()].iter().all(|&l| l == n), "columns of one length");
    assert!(columns.weight.is_none_or(|w| w.len() == n), "one weight a record");
    // Counting sort by group and, within it, by unit: records of one pair lie together and keep their order.
    let by_unit = sorted(&(0..n as u32).collect::<Vec<_>>(), |i| columns.unit[i as usize] as usize, units).0;
    let (order, starts) = sorted(&by_unit, |i| columns.group[i as usize] as usize, groups);
    drop(by_unit);
    let slots = Slots { codes };
    let count = |group: usize| {
        let mut table = Table { rows: Vec::new(), cells: Vec::new() };
        let mut sums = vec![0.0; slots.count()];
        let mut touched: Vec<u32> = Vec::new();
        for members in order[starts[group]..starts[group + 1]].chunk_by(|a, b| columns.unit[*a as usize] == columns.unit[*b as usize]) {
            let mut add = |slot: usize, amount: f64| {
                if sums[slot] == 0.0 {
                    touched.push(slot as u32);
                }
                sums[slot] += amount;
            };
            for &i in members {
                let i = i as usize;
                let w = columns.weight.map_or(1.0, |w| w[i]);
                if w <= 0.0 {
                    continue;
                }
                let (truth, predicted) = (columns.truth[i] as usize, columns.predicted[i] as usize);
                add(truth, w);
                if predicted < codes {
                    add(predicted, w);
                }
                if truth == predicted {
                    add(codes + truth, 2.0 * w);
                }
                add(2 * codes, w);
            }
            if touched.is_empty() {
                continue;
            }
            touched.sort_unstable();
            let unit = table.rows.len() as u32;
            table.rows.push(columns.unit[members[0] as usize]);
            table.cells.extend(touched.drain(..).map(|slot| Cell { unit, slot, amount: std::mem::take(&mut sums[slot as usize]) }));
        }
        table.cells.shrink_to_fit();
        table
    };
    (0..groups).into_par_iter().map(count).collect()
}

/// Records in the order of their keys (below `keys`), and where each key's records start.
fn sorted(records: &[u32], key: impl Fn(u32) -> usize, keys: usize) -> (Vec<u32>, Vec<usize>) {
    let mut starts = vec![0; keys + 1];
    records.iter().for_each(|&i| starts[key(i) + 1] += 1);
    (0..keys).for_each(|k| starts[k + 1] += starts[k]);
    let (mut next, mut order) = (starts.clone(), vec![0; records.len()]);
    for &i in records {
        let at = &mut next[key(i)];
        order[*at] = i;
        *at += 1;
    }
    (order, starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Centre, Lonely, Units};
    use crate::value::Stream;

    const UNITS: usize = 12;
    const GROUPS: usize = 3;
    const CODES: usize = 4;

    struct Data {
        unit: Vec<u32>,
        group: Vec<u32>,
        truth: Vec<u32>,
        predicted: Vec<u32>,
        weight: Vec<f64>,
    }

    fn data(n: usize) -> Data {
        let mut stream = Stream::named(3, "grouped");
        let mut draw = |k: usize| (0..n).map(|_| stream.below(k as u64) as u32).collect::<Vec<_>>();
        let (unit, group, truth, mut predicted, weight) = (draw(UNITS), draw(GROUPS), draw(CODES), draw(CODES), draw(5));
        predicted[0] = u32::MAX;
        Data { unit, group, truth, predicted, weight: weight.iter().map(|&w| f64::from(w) / 2.0).collect() }
    }

    /// Accuracy and macro-F1 by their definitions, record by record.
    fn plain(d: &Data, group: Option<u32>, factor: &[f64]) -> (f64, f64) {
        let of = |count: &dyn Fn(usize) -> bool, full: bool| -> f64 {
            let within = (0..d.unit.len()).filter(|&i| group.is_none_or(|g| d.group[i] == g) && count(i));
            within.map(|i| d.weight[i] * if full { 1.0 } else { factor[d.unit[i] as usize] }).sum()
        };
        let (mut f1, mut present) = (0.0, 0.0);
        for k in 0..CODES as u32 {
            let sum = |full| of(&|i| d.truth[i] == k, full) + of(&|i| d.predicted[i] == k, full);
            present += f64::from(sum(true) > 0.0);
            if sum(false) > 0.0 {
                f1 += 2.0 * of(&|i| d.truth[i] == k && d.predicted[i] == k, false) / sum(false);
            }
        }
        (of(&|i| d.truth[i] == d.predicted[i], false) / of(&|_| true, false), f1 / present)
    }

    /// Many records a unit take the dense way, few the sparse one.
    #[test]
    fn replicates_are_those_of_the_definitions() {
        for n in [15, 900] {
            let d = data(n);
            let units = Units::clusters((0..UNITS as u32).map(|u| u / 4).collect(), 3, Lonely::Fail).unwrap();
            let replicates = Replicates::bootstrap(&units, 21, 5, Centre::Mean).unwrap();
            let columns = Columns { unit: &d.unit, group: &d.group, truth: &d.truth, predicted: &d.predicted, weight: Some(&d.weight) };
            let found = replicate_groups(&columns, GROUPS, CODES, &replicates);
            assert_eq!(found.len(), GROUPS + 1);
            let close = |found: Option<f64>, wanted: f64| assert!((found.unwrap_or(f64::NAN) - wanted).abs() < 1e-12 || wanted.is_nan() && found.is_none());
            for (g, found) in found.iter().enumerate() {
                let group = (g < GROUPS).then_some(g as u32);
                let wanted = plain(&d, group, &[1.0; UNITS]);
                close(found.accuracy.value, wanted.0);
                close(found.macro_f1.value, wanted.1);
                for (r, factors) in replicates.each(<[f64]>::to_vec).iter().enumerate() {
                    let wanted = plain(&d, group, factors);
                    close(found.accuracy.replicates[r], wanted.0);
                    close(found.macro_f1.replicates[r], if wanted.0.is_nan() { f64::NAN } else { wanted.1 });
                }
            }
        }
    }
}
