//! Totals of dense tables by unit under many replicates at once: a matrix product with a fixed order of summation.
//!
//! A library's product would use other instructions on other processors and round differently; evidence must not depend on that.

/// Replicates and slots computed side by side: their sums fit the registers of any 64-bit x86 or ARM.
const BLOCK: usize = 4;

/// Factors of units packed by blocks of replicates: for each block, unit after unit, its replicates' factors.
pub(super) struct PackedFactors {
    blocks: Vec<f64>,
    units: usize,
    replicates: usize,
}

impl PackedFactors {
    /// Packs what `fill` writes for each replicate: one factor for each unit.
    pub fn new(replicates: usize, units: usize, fill: impl Fn(usize, &mut [f64])) -> Self {
        let mut blocks = vec![0.0; replicates.div_ceil(BLOCK) * BLOCK * units];
        let mut one = vec![0.0; units];
        for r in 0..replicates {
            fill(r, &mut one);
            let start = r / BLOCK * BLOCK * units + r % BLOCK;
            one.iter().enumerate().for_each(|(u, &f)| blocks[start + u * BLOCK] = f);
        }
        Self { blocks, units, replicates }
    }

    /// Σ over units of factor × amount: shape (replicates, slots), row-major. Each sum is taken in the order of the table's rows.
    pub fn totals(&self, table: &Panels) -> Vec<f64> {
        let slots = table.slots;
        let mut totals = vec![0.0; self.replicates * slots];
        let mut factors = vec![0.0; table.rows.len() * BLOCK];
        for (block, of_replicates) in self.blocks.chunks_exact(BLOCK * self.units.max(1)).enumerate() {
            for (to, &unit) in factors.chunks_exact_mut(BLOCK).zip(&table.rows) {
                to.copy_from_slice(&of_replicates[unit as usize * BLOCK..][..BLOCK]);
            }
            for (number, panel) in table.panels.chunks_exact(BLOCK * table.rows.len().max(1)).enumerate() {
                let (sums, start) = (product(&factors, panel), number * BLOCK);
                let width = BLOCK.min(slots - start);
                for (i, sums) in sums.iter().enumerate().take(self.replicates - block * BLOCK) {
                    totals[(block * BLOCK + i) * slots + start..][..width].copy_from_slice(&sums[..width]);
                }
            }
        }
        totals
    }
}

/// A dense table by unit, packed by blocks of slots: for each block, row after row, its slots' amounts.
pub(super) struct Panels {
    /// The unit of each row.
    rows: Vec<u32>,
    panels: Vec<f64>,
    slots: usize,
}

impl Panels {
    /// An empty table: a row for each of some units, and `slots` amounts in it.
    pub fn new(rows: Vec<u32>, slots: usize) -> Self {
        Self { panels: vec![0.0; rows.len() * slots.div_ceil(BLOCK) * BLOCK], rows, slots }
    }

    /// The amount at a row and slot.
    pub fn at(&mut self, row: usize, slot: usize) -> &mut f64 {
        &mut self.panels[(slot / BLOCK * self.rows.len() + row) * BLOCK + slot % BLOCK]
    }
}

/// Σ over rows of factor × amount, for a block of replicates and one of slots.
fn product(factors: &[f64], panel: &[f64]) -> [[f64; BLOCK]; BLOCK] {
    let mut sums = [[0.0; BLOCK]; BLOCK];
    for (factors, amounts) in factors.chunks_exact(BLOCK).zip(panel.chunks_exact(BLOCK)) {
        for (sums, factor) in sums.iter_mut().zip(factors) {
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                *sum += factor * amount;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_those_of_a_plain_sum_whatever_the_blocks() {
        let (units, slots) = (7, 6);
        for replicates in [1, 4, 9] {
            let factor = |r: usize, u: usize| ((r * 5 + u * 3) % 7) as f64 / 4.0;
            let packed = PackedFactors::new(replicates, units, |r, out| out.iter_mut().enumerate().for_each(|(u, f)| *f = factor(r, u)));
            let rows = [6u32, 0, 3];
            let amounts: Vec<f64> = (0..rows.len() * slots).map(|i| (i * i % 11) as f64 - 3.5).collect();
            let mut table = Panels::new(rows.to_vec(), slots);
            amounts.iter().enumerate().for_each(|(i, &a)| *table.at(i / slots, i % slots) = a);
            let found = packed.totals(&table);
            for (i, found) in found.iter().enumerate() {
                let (r, s) = (i / slots, i % slots);
                let wanted = rows.iter().enumerate().map(|(row, &u)| factor(r, u as usize) * amounts[row * slots + s]).sum::<f64>();
                assert_eq!(*found, wanted, "{replicates} {r} {s}");
            }
        }
    }
}
