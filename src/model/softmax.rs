//! Multinomial logistic regression by dual coordinate descent.
//!
//! Yu, Huang & Lin 2011, Dual coordinate descent methods for logistic regression and maximum entropy models,
//! doi:10.1007/s10994-010-5221-8. Each record holds a distribution over codes; in turn it is replaced by the one that is best
//! given all the others, found by Newton steps on its logarithms, so that there is no learning rate to choose. Records are visited
//! one after the other, on one thread.

use super::hinge::Settings;
use super::weights::{LANES, Learnt, Weights};
use crate::text::Sparse;
use crate::value::Stream;

/// From this many records on, those that hardly moved are visited less often.
const LARGE: usize = 40_000;

/// Most passes in a row that a record is left out.
const LONGEST_REST: u8 = 3;

/// A probability whose logarithm is as far down as f32 arithmetic can use.
const TINY: f32 = 1e-12;

/// Fits one score for each of `codes` codes; `labels` are code numbers of the rows of `x`, `shares` scale each row's cost (mean 1).
///
/// Stops when the mean change of a record's distribution in a pass (half the sum of absolute differences) is below the tolerance.
pub fn fit(x: &Sparse, labels: &[u32], shares: Option<&[f32]>, codes: usize, width: usize, settings: Settings, seed: u64) -> Learnt {
    let mut weights = Weights::zero(codes, width);
    let squares: Vec<f32> = (0..x.len()).map(|row| 1.0 + x.row(row).1.iter().map(|v| v * v).sum::<f32>()).collect();
    // Starting from certainty in the true code makes all weights zero.
    let mut held = vec![0.0f32; x.len() * codes];
    for (row, &label) in labels.iter().enumerate() {
        held[row * codes + label as usize] = 1.0;
    }
    let mut order: Vec<u32> = (0..x.len() as u32).collect();
    let mut stream = Stream::named(seed, "linear: order of records");
    let (mut scores, mut work) = (vec![0.0f32; codes], Work::new(codes));
    // Passes that each record still rests, and how long it rested last.
    let mut rest = vec![(0u8, 0u8); if x.len() >= LARGE { x.len() } else { 0 }];
    for pass in 0..settings.passes {
        stream.shuffle(&mut order);
        let mut moved = 0.0f64;
        for &row in &order {
            let row = row as usize;
            if let Some((left, _)) = rest.get_mut(row).filter(|(left, _)| *left > 0) {
                *left -= 1;
                continue;
            }
            let cost = settings.c as f32 * shares.map_or(1.0, |s| s[row]);
            if cost <= 0.0 {
                continue;
            }
            let (columns, values) = x.row(row);
            weights.score(columns, values, &mut scores);
            let old = &mut held[row * codes..(row + 1) * codes];
            let new = work.solve(&scores, old, cost * squares[row]);
            let mut change = 0.0;
            for (o, n) in old.iter_mut().zip(new) {
                change += (*n - *o).abs();
            }
            moved += f64::from(change) / 2.0;
            if let Some(rest) = rest.get_mut(row) {
                let longer = (rest.1 + 1).min(LONGEST_REST);
                *rest = if change < settings.tolerance { (longer, longer) } else { (0, 0) };
            }
            if change > 1e-6 {
                for ((tile, new), old) in weights.tiles.iter_mut().zip(new.chunks(LANES)).zip(old.chunks_mut(LANES)) {
                    let mut step = [0.0f32; LANES];
                    for ((s, n), o) in step.iter_mut().zip(new).zip(old) {
                        *s = cost * (*o - n);
                        *o = *n;
                    }
                    if step.iter().any(|s| s.abs() > 1e-7) {
                        tile.add(columns, values, &step);
                    }
                }
            }
        }
        if moved <= f64::from(settings.tolerance) * x.len() as f64 {
            return Learnt { weights, passes: pass + 1, settled: true };
        }
    }
    Learnt { weights, passes: settings.passes, settled: false }
}

/// Room for solving one record's problem.
struct Work {
    /// Logarithms of the distribution sought.
    logs: Vec<f32>,
    /// The distribution sought.
    new: Vec<f32>,
    /// What log p + a p must equal, up to a common constant.
    wanted: Vec<f32>,
}

impl Work {
    fn new(codes: usize) -> Self {
        Self { logs: vec![0.0; codes], new: vec![0.0; codes], wanted: vec![0.0; codes] }
    }

    /// The distribution p with log p + a p = scores + a old + constant, where `a` is the record's cost times its squared length.
    fn solve(&mut self, scores: &[f32], old: &[f32], a: f32) -> &[f32] {
        let Self { logs, new, wanted } = self;
        for ((w, s), o) in wanted.iter_mut().zip(scores).zip(old) {
            *w = s + a * o;
        }
        // Starts from the distribution held, or from the model's where that is larger.
        let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = scores.iter().map(|s| (s - top).exp()).sum();
        for (((l, n), s), o) in logs.iter_mut().zip(new.iter_mut()).zip(scores).zip(old) {
            *n = (0.5 * (o + (s - top).exp() / sum)).max(TINY);
            *l = n.ln();
        }
        for _ in 0..20 {
            // Newton on logs t: (1 + a p) dt = wanted − t − a p − λ with λ so that the sum of p stays or becomes 1.
            let (mut total, mut pull, mut give) = (0.0f32, 0.0f32, 0.0f32);
            for ((l, n), w) in logs.iter().zip(new.iter()).zip(wanted.iter()) {
                let slope = 1.0 / (1.0 + a * n);
                total += n;
                pull += n * slope * (w - l - a * n);
                give += n * slope;
            }
            let lambda = (pull - (1.0 - total)) / give;
            let mut largest = 0.0f32;
            for ((l, n), w) in logs.iter_mut().zip(new.iter_mut()).zip(wanted.iter()) {
                let step = ((w - *l - a * *n - lambda) / (1.0 + a * *n)).clamp(-8.0, 8.0);
                *l = (*l + step).clamp(-27.0, 0.0);
                let p = l.exp();
                largest = largest.max((p - *n).abs());
                *n = p;
            }
            if largest < 1e-4 {
                break;
            }
        }
        // What little the sum still misses.
        let total: f32 = new.iter().sum();
        new.iter_mut().for_each(|n| *n /= total);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::super::hinge::tests::{SHARES, difference, small};
    use super::*;

    // scikit-learn 1.9.1: LogisticRegression(C=2, fit_intercept=False, tol=1e-12) on the records with a column of ones, which is the
    // intercept here, without and with sample_weight.
    #[test]
    fn equals_the_penalised_maximum_likelihood() {
        let (x, y) = small();
        let settings = Settings { c: 2.0, passes: 3000, tolerance: 1e-7 };
        let plain = fit(&x, &y, None, 3, 3, settings, 1);
        let expected =
            [[1.282_698, -0.338_77, -0.693_398, 0.079_364], [-0.786_386, 1.024_321, -0.580_629, -0.141_585], [-0.496_312, -0.685_551, 1.274_026, 0.062_221]];
        assert!(difference(&plain.weights, &expected) < 1e-3, "{}", difference(&plain.weights, &expected));
        let weighted = fit(&x, &y, Some(&SHARES), 3, 3, settings, 1);
        let expected =
            [[1.334_062, -0.298_276, -0.733_649, 0.204_908], [-0.821_034, 0.894_241, -0.506_905, -0.205_865], [-0.513_028, -0.595_965, 1.240_554, 0.000_957]];
        assert!(difference(&weighted.weights, &expected) < 1e-3, "{}", difference(&weighted.weights, &expected));
    }

    #[test]
    fn solves_a_record_for_small_and_large_costs() {
        let mut work = Work::new(3);
        for a in [1e-3f32, 1.0, 30.0, 1e4] {
            let (scores, old) = ([3.0f32, -40.0, 1.0], [0.2f32, 0.5, 0.3]);
            let p = work.solve(&scores, &old, a).to_vec();
            assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            // log p + a p − scores − a old is the same for all codes whose probability is not negligible.
            let constants: Vec<f32> = (0..3).filter(|&k| p[k] > 1e-6).map(|k| p[k].ln() + a * (p[k] - old[k]) - scores[k]).collect();
            let spread = constants.iter().fold(f32::MIN, |m, c| m.max(*c)) - constants.iter().fold(f32::MAX, |m, c| m.min(*c));
            assert!(spread < 2e-3 * (1.0 + a), "{a}: {p:?} {constants:?}");
        }
    }
}
