//! Tallies of parts add up to the tally of the whole, whoever counted them and in whatever order.

use super::tally::{CodeCell, ConfidenceCell, LossCell, Mass, Tally, TopCell};

/// A cell of a tally: what it counts, and how two of them add up.
trait Counted: Copy {
    /// What tells it from other cells.
    type Key: Ord;
    fn key(&self) -> Self::Key;
    /// Adds the counts of a cell with the same key.
    fn absorb(&mut self, other: &Self);
}

impl Mass {
    fn absorb(&mut self, other: &Self) {
        self.n += other.n;
        self.w += other.w;
        self.w2 += other.w2;
    }
}

impl Counted for CodeCell {
    type Key = (u32, u32, u32, u32);

    fn key(&self) -> Self::Key {
        (self.unit, self.group, self.truth, self.predicted)
    }

    fn absorb(&mut self, other: &Self) {
        self.mass.absorb(&other.mass);
    }
}

impl Counted for ConfidenceCell {
    type Key = (u32, u32, u32, u32, bool);

    fn key(&self) -> Self::Key {
        (self.unit, self.group, self.bin, self.reached, self.right)
    }

    fn absorb(&mut self, other: &Self) {
        self.mass.absorb(&other.mass);
        self.wc += other.wc;
        self.w2c += other.w2c;
        self.w2c2 += other.w2c2;
    }
}

impl Counted for TopCell {
    type Key = (u32, u32, bool);

    fn key(&self) -> Self::Key {
        (self.unit, self.group, self.hit)
    }

    fn absorb(&mut self, other: &Self) {
        self.mass.absorb(&other.mass);
    }
}

impl Counted for LossCell {
    type Key = (u32, u32);

    fn key(&self) -> Self::Key {
        (self.unit, self.group)
    }

    fn absorb(&mut self, other: &Self) {
        self.mass.absorb(&other.mass);
        self.wl += other.wl;
        self.w2l += other.w2l;
        self.w2l2 += other.w2l2;
    }
}

fn add<C: Counted>(mut cells: Vec<C>, others: &[C]) -> Vec<C> {
    cells.extend_from_slice(others);
    // Stable, so that equal cells add up in the order of the parts.
    cells.sort_by_key(Counted::key);
    let mut merged: Vec<C> = Vec::with_capacity(cells.len());
    for cell in cells {
        match merged.last_mut().filter(|last| last.key() == cell.key()) {
            Some(last) => last.absorb(&cell),
            None => merged.push(cell),
        }
    }
    merged
}

impl Tally {
    /// The tally of these records and those of another, counted with the same numbers of units, groups, codes and thresholds.
    #[must_use]
    pub fn merged(self, other: &Self) -> Self {
        Self {
            codes: add(self.codes, &other.codes),
            confidence: add(self.confidence, &other.confidence),
            top: add(self.top, &other.top),
            loss: add(self.loss, &other.loss),
            brier: add(self.brier, &other.brier),
            uncoded: self.uncoded + other.uncoded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Table;
    use crate::measure::Surety;
    use crate::measure::tally::Records;
    use crate::model::Predictions;
    use crate::value::Stream;

    /// Weights that are halves, and confidences that are sixteenths: their sums are exact, so the whole must be met to the last digit.
    #[test]
    fn any_partition_adds_up_to_the_whole() {
        let mut stream = Stream::named(1, "merge");
        let n = 400;
        let codes: Vec<String> = (0..8).map(|k| k.to_string()).collect();
        let truth: Vec<u32> = (0..n).map(|_| stream.below(8) as u32).collect();
        let table = Table { rows: n, truth, codes: codes.clone(), ..Table::default() };
        let mut probabilities = vec![0.0; n * 8];
        for row in probabilities.chunks_exact_mut(8) {
            (0..16).for_each(|_| row[stream.below(8) as usize] += 1.0 / 16.0);
        }
        let unit: Vec<u32> = (0..n).map(|_| stream.below(9) as u32).collect();
        let group: Vec<u32> = (0..n).map(|_| stream.below(3) as u32).collect();
        let weight: Vec<f64> = (0..n).map(|_| stream.below(5) as f64 / 2.0).collect();
        let part: Vec<u64> = (0..n).map(|_| stream.below(4)).collect();
        let code_of: Vec<u32> = (0..8).collect();
        let tally = |members: &[usize]| {
            let pick = |column: &[u32]| members.iter().map(|&i| column[i]).collect::<Vec<_>>();
            let rows: Vec<u32> = members.iter().map(|&i| i as u32).collect();
            let (unit, group, weight) = (pick(&unit), pick(&group), members.iter().map(|&i| weight[i]).collect::<Vec<_>>());
            let gathered: Vec<f64> = members.iter().flat_map(|&i| probabilities[i * 8..(i + 1) * 8].to_vec()).collect();
            let predictions = Predictions::from_dense(codes.clone(), &gathered, 8);
            let records = Records { table: &table, rows: &rows, unit: &unit, weight: &weight, group: &group };
            Tally::of(&records, &predictions, &code_of, &[0.3, 0.5], Surety::Top)
        };
        let all = tally(&(0..n).collect::<Vec<_>>());
        let of_part = |p: u64| tally(&(0..n).filter(|&i| part[i] == p).collect::<Vec<_>>());
        for order in [[0, 1, 2, 3], [3, 1, 0, 2]] {
            let merged = order.iter().fold(tally(&[]), |sum, &p| sum.merged(&of_part(p)));
            assert_eq!(merged.codes, all.codes);
            assert_eq!(merged.confidence, all.confidence);
            assert_eq!(merged.top, all.top);
            assert_eq!(merged.uncoded, all.uncoded);
            // Logarithms and squares are not exact.
            let close = |a: &[LossCell], b: &[LossCell]| {
                let pairs = a.iter().zip(b);
                a.len() == b.len()
                    && pairs.into_iter().all(|(a, b)| a.key() == b.key() && a.mass == b.mass && (a.w2l2 - b.w2l2).abs() < 1e-9 && (a.wl - b.wl).abs() < 1e-10)
            };
            assert!(close(&merged.loss, &all.loss) && close(&merged.brier, &all.brier));
        }
        assert!(!all.loss.is_empty() && all.codes.len() > 100);
    }
}
