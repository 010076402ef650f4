//! Multinomial logistic regression for many codes: dual coordinate descent in which a record looks only at codes that are likely for it.
//!
//! As `softmax.rs`, but of each record's distribution over codes only what is not negligible is held and solved for, so that neither time
//! nor memory is records × codes. Weights lie by feature while they are learnt: with many codes, a feature's weights are read in one run.

use super::hinge::Settings;
use super::softmax::Work;
use super::weights::{LANES, Lanes, Learnt, Tile, Weights};
use crate::text::Sparse;
use crate::value::Stream;

/// From this many codes on, looking at all of them for each record is what costs.
pub const MANY: usize = 100;

/// Codes whose score is this far below the best one's are left out: less than one in 20,000 of its probability.
const FAR: f32 = 10.0;

/// Held probabilities below this become none.
const NEGLIGIBLE: f32 = 3e-5;

/// Fits one score for each of `codes` codes, as [`super::softmax::fit`] does.
pub fn fit(x: &Sparse, labels: &[u32], shares: Option<&[f32]>, codes: usize, width: usize, settings: Settings, seed: u64) -> Learnt {
    let tiles = codes.div_ceil(LANES);
    // The last row is the intercepts'.
    let mut weights = vec![Lanes::ZERO; (width + 1) * tiles];
    let mut held: Vec<Vec<(u32, f32)>> = labels.iter().map(|&label| vec![(label, 1.0)]).collect();
    let mut order: Vec<u32> = (0..x.len() as u32).collect();
    let mut stream = Stream::named(seed, "linear: order of records");
    let mut record = Record::new(codes);
    let (mut passes, mut settled) = (settings.passes, false);
    for pass in 0..settings.passes {
        stream.shuffle(&mut order);
        let mut moved = 0.0f64;
        for &row in &order {
            let row = row as usize;
            let cost = settings.c as f32 * shares.map_or(1.0, |s| s[row]);
            if cost <= 0.0 {
                continue;
            }
            let (columns, values) = x.row(row);
            let square = 1.0 + values.iter().map(|v| v * v).sum::<f32>();
            record.score(&weights, (columns, values), tiles, width);
            let change = record.solve(&mut held[row], labels[row], cost, square);
            moved += f64::from(change) / 2.0;
            if change > 1e-6 {
                record.add(&mut weights, (columns, values), tiles, width);
            }
        }
        if moved <= f64::from(settings.tolerance) * x.len() as f64 {
            (passes, settled) = (pass + 1, true);
            break;
        }
    }
    let tile = |t: usize| Tile { weights: (0..width).map(|f| weights[f * tiles + t]).collect(), bias: weights[width * tiles + t] };
    Learnt { weights: Weights { codes, tiles: (0..tiles).map(tile).collect() }, passes, settled }
}

/// Room for one record's problem.
struct Record {
    codes: usize,
    sums: Vec<Lanes>,
    /// The codes that matter, their scores and what is held of them.
    near: Vec<u32>,
    scores: Vec<f32>,
    old: Vec<f32>,
    steps: Vec<(u32, f32)>,
    work: Work,
}

impl Record {
    fn new(codes: usize) -> Self {
        let room = || Vec::with_capacity(codes);
        let sums = vec![Lanes::ZERO; codes.div_ceil(LANES)];
        Self { codes, sums, near: Vec::with_capacity(codes), scores: room(), old: room(), steps: Vec::with_capacity(codes), work: Work::new(codes) }
    }

    fn score(&mut self, weights: &[Lanes], (columns, values): (&[u32], &[f32]), tiles: usize, width: usize) {
        self.sums.copy_from_slice(&weights[width * tiles..]);
        for (&column, &value) in columns.iter().zip(values) {
            let own = &weights[column as usize * tiles..(column as usize + 1) * tiles];
            for (sum, own) in self.sums.iter_mut().zip(own) {
                for (s, w) in sum.0.iter_mut().zip(&own.0) {
                    *s += value * w;
                }
            }
        }
    }

    /// Replaces what is held of the record by what is best given all the others; returns by how much it changed.
    fn solve(&mut self, held: &mut Vec<(u32, f32)>, label: u32, cost: f32, square: f32) -> f32 {
        let score = |code: usize| self.sums[code / LANES].0[code % LANES];
        let mut top = f32::NEG_INFINITY;
        for code in 0..self.codes {
            top = top.max(score(code));
        }
        self.near.clear();
        self.scores.clear();
        self.old.clear();
        let mut before = held.iter().peekable();
        for code in 0..self.codes {
            let own = before.next_if(|(c, _)| *c as usize == code).map(|(_, p)| *p);
            if own.is_some() || score(code) > top - FAR || code == label as usize {
                self.near.push(code as u32);
                self.scores.push(score(code));
                self.old.push(own.unwrap_or(0.0));
            }
        }
        let new = self.work.solve(&self.scores, &self.old, cost * square);
        held.clear();
        self.steps.clear();
        let mut change = 0.0;
        for ((&code, &n), &o) in self.near.iter().zip(new).zip(&self.old) {
            let n = if n < NEGLIGIBLE { 0.0 } else { n };
            if n > 0.0 {
                held.push((code, n));
            }
            change += (n - o).abs();
            if (cost * (o - n)).abs() > 1e-7 {
                self.steps.push((code, cost * (o - n)));
            }
        }
        change
    }

    fn add(&self, weights: &mut [Lanes], (columns, values): (&[u32], &[f32]), tiles: usize, width: usize) {
        for &(code, step) in &self.steps {
            weights[width * tiles + code as usize / LANES].0[code as usize % LANES] += step;
        }
        for (&column, &value) in columns.iter().zip(values) {
            let own = &mut weights[column as usize * tiles..(column as usize + 1) * tiles];
            for &(code, step) in &self.steps {
                own[code as usize / LANES].0[code as usize % LANES] += value * step;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hinge::tests::{SHARES, difference, small};
    use super::super::softmax;
    use super::*;

    // scikit-learn 1.9.1, the figures of `softmax.rs`.
    #[test]
    fn equals_the_penalised_maximum_likelihood() {
        let (x, y) = small();
        let settings = Settings { c: 2.0, passes: 3000, tolerance: 1e-7 };
        let expected =
            [[1.282_698, -0.338_77, -0.693_398, 0.079_364], [-0.786_386, 1.024_321, -0.580_629, -0.141_585], [-0.496_312, -0.685_551, 1.274_026, 0.062_221]];
        let plain = fit(&x, &y, None, 3, 3, settings, 1);
        assert!(difference(&plain.weights, &expected) < 1e-3, "{}", difference(&plain.weights, &expected));
        let weighted = fit(&x, &y, Some(&SHARES), 3, 3, settings, 1).weights;
        let other = softmax::fit(&x, &y, Some(&SHARES), 3, 3, settings, 1).weights;
        for f in 0..3 {
            assert!(weighted.tiles[0].weights[f].0.iter().zip(other.tiles[0].weights[f].0).all(|(a, b)| (a - b).abs() < 1e-3));
        }
    }

    #[test]
    fn leaving_out_unlikely_codes_changes_little() {
        // Forty codes that each have a feature of their own, and one that all share.
        let mut x = Sparse::new();
        let labels: Vec<u32> = (0..400).map(|i| i % 40).collect();
        for &label in &labels {
            x.push([(label, 0.9), (40, 0.4)].into_iter());
        }
        let settings = Settings { c: 30.0, passes: 200, tolerance: 1e-4 };
        let (a, b) = (fit(&x, &labels, None, 40, 41, settings, 1).weights, softmax::fit(&x, &labels, None, 40, 41, settings, 1).weights);
        let (mut found, mut expected) = (vec![0.0; 40], vec![0.0; 40]);
        for row in [0, 17, 39] {
            a.score(x.row(row).0, x.row(row).1, &mut found);
            b.score(x.row(row).0, x.row(row).1, &mut expected);
            let chance = |s: &[f32]| (s[row] - s.iter().copied().fold(f32::MIN, f32::max)).exp() / s.iter().map(|v| (v - s[row]).exp()).sum::<f32>();
            assert!((chance(&found) - chance(&expected)).abs() < 0.02, "{} {}", chance(&found), chance(&expected));
        }
    }
}
