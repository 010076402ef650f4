//! Complement naive Bayes.
//!
//! Rennie, Shih, Teevan & Karger 2003, Tackling the poor assumptions of naive Bayes text classifiers (ICML), without the
//! normalisation of weights: the scores of scikit-learn's `ComplementNB` up to a constant in each record.

use super::weights::{LANES, Learnt, Tile, Weights};
use crate::text::Sparse;
use rayon::prelude::*;

/// Learns weights: a feature speaks for a code as far as it is rare in all other codes.
pub fn fit(x: &Sparse, labels: &[u32], codes: usize, width: usize, alpha: f64) -> Learnt {
    let mut totals = vec![0.0f64; width];
    for (&column, &value) in x.columns.iter().zip(&x.values) {
        totals[column as usize] += f64::from(value);
    }
    let all: f64 = totals.iter().sum::<f64>() + alpha * width as f64;
    let firsts: Vec<u32> = (0..codes as u32).step_by(LANES).collect();
    // Minus the logarithm of each feature's share outside each code.
    let logs: Vec<Vec<[f64; LANES]>> = firsts
        .par_iter()
        .map(|&first| {
            let (mut counts, mut sums) = (vec![[0.0f64; LANES]; width], [0.0f64; LANES]);
            for (row, &label) in labels.iter().enumerate() {
                let lane = label.wrapping_sub(first) as usize;
                if lane < LANES {
                    let (columns, values) = x.row(row);
                    for (&column, &value) in columns.iter().zip(values) {
                        counts[column as usize][lane] += f64::from(value);
                        sums[lane] += f64::from(value);
                    }
                }
            }
            let outside = sums.map(|sum| (all - sum).ln());
            for (counts, total) in counts.iter_mut().zip(&totals) {
                for (count, outside) in counts.iter_mut().zip(outside) {
                    *count = outside - (total + alpha - *count).max(f64::MIN_POSITIVE).ln();
                }
            }
            counts
        })
        .collect();
    // Less each feature's mean over codes, which changes no ranking and no probability but keeps f32 scores precise.
    let mut means = vec![0.0f64; width];
    for (tile, first) in logs.iter().zip(&firsts) {
        let lanes = (codes - *first as usize).min(LANES);
        for (mean, logs) in means.iter_mut().zip(tile) {
            *mean += logs[..lanes].iter().sum::<f64>() / codes as f64;
        }
    }
    let tiles = logs.iter().zip(&firsts).map(|(tile, &first)| centred(tile, &means, codes - first as usize)).collect();
    Learnt { weights: Weights { codes, tiles }, passes: 1, settled: true }
}

/// A tile of weights less their means; lanes to spare stay zero.
fn centred(logs: &[[f64; LANES]], means: &[f64], codes: usize) -> Tile {
    let mut tile = Tile::zero(logs.len());
    for ((lanes, logs), mean) in tile.weights.iter_mut().zip(logs).zip(means) {
        for (weight, log) in lanes.0.iter_mut().zip(logs).take(codes) {
            *weight = (log - mean) as f32;
        }
    }
    tile
}

#[cfg(test)]
mod tests {
    use super::super::hinge::tests::small;
    use super::*;

    // scikit-learn 1.9.1: ComplementNB(alpha=0.3), joint log likelihoods less their mean over codes.
    #[test]
    fn equals_scikit_learn() {
        let (x, y) = small();
        let weights = fit(&x, &y, 3, 3, 0.3).weights;
        let expected = [
            [0.441_977, -0.440_06, -0.001_917],
            [0.457_495, -0.146_471, -0.311_024],
            [-0.312_552, 0.436_215, -0.123_664],
            [-0.121_326, 0.430_907, -0.309_581],
            [-0.257_618, -0.268_196, 0.525_813],
            [-0.386_816, -0.077_506, 0.464_322],
            [0.215_136, 0.095_447, -0.310_583],
            [0.037_781, -0.284_452, 0.246_671],
        ];
        for (row, expected) in expected.iter().enumerate() {
            let (columns, values) = x.row(row);
            let mut scores = [0.0; 3];
            weights.score(columns, values, &mut scores);
            assert!(scores.iter().zip(expected).all(|(s, e)| (s - e).abs() < 1e-5), "{scores:?} {expected:?}");
        }
    }
}
