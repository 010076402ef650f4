//! One-vs-rest linear support vector machines with squared hinge loss by dual coordinate descent.
//!
//! Hsieh, Chang, Lin, Keerthi & Sundararajan 2008, A dual coordinate descent method for large-scale linear SVM,
//! doi:10.1145/1390156.1390208 (algorithm of LIBLINEAR's solver 1). All codes of a tile visit the records in the same order, so
//! that a record is read once for 16 codes; no code's steps depend on another's, nor on the number of threads.

use super::weights::{LANES, Lanes, Learnt, Tile, Weights};
use crate::text::Sparse;
use crate::value::Stream;
use rayon::prelude::*;

/// How to fit.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Inverse strength of the L2 penalty.
    pub c: f64,
    /// Most passes over the data.
    pub passes: usize,
    /// A code is done when its projected gradients lie within this of each other.
    pub tolerance: f32,
}

/// Fits one score for each of `codes` codes; `labels` are code numbers of the rows of `x`, `shares` scale each row's cost (mean 1).
pub fn fit(x: &Sparse, labels: &[u32], shares: Option<&[f32]>, codes: usize, width: usize, settings: Settings, seed: u64) -> Learnt {
    // The intercept is a feature that is always 1, and is penalised like the others, as in LIBLINEAR.
    let squares: Vec<f32> = (0..x.len()).map(|row| 1.0 + x.row(row).1.iter().map(|v| v * v).sum::<f32>()).collect();
    let problem = Problem { x, squares: &squares, labels, shares, codes, width };
    let firsts: Vec<u32> = (0..codes as u32).step_by(LANES).collect();
    let fitted: Vec<(Tile, Option<usize>)> = firsts.par_iter().map(|&first| problem.fit_tile(first, settings, seed)).collect();
    let passes = fitted.iter().map(|(_, passes)| passes.unwrap_or(settings.passes)).max().unwrap_or(0);
    let settled = fitted.iter().all(|(_, passes)| passes.is_some());
    Learnt { weights: Weights { codes, tiles: fitted.into_iter().map(|(tile, _)| tile).collect() }, passes, settled }
}

/// What all tiles share.
struct Problem<'a> {
    x: &'a Sparse,
    squares: &'a [f32],
    labels: &'a [u32],
    shares: Option<&'a [f32]>,
    codes: usize,
    width: usize,
}

impl Problem<'_> {
    /// Fits the codes from `first`; tells the passes it took, unless it stopped at the last.
    fn fit_tile(&self, first: u32, settings: Settings, seed: u64) -> (Tile, Option<usize>) {
        let Self { x, squares, labels, shares, codes, width } = *self;
        let mut tile = Tile::zero(width);
        let mut dual = vec![Lanes::ZERO; x.len()];
        let mut order: Vec<u32> = (0..x.len() as u32).collect();
        let mut stream = Stream::named(seed, "linear: order of records");
        // 1 while a code is being fitted, 0 once it is done and in lanes to spare.
        let mut active = [0.0f32; LANES];
        active.iter_mut().take(codes - first as usize).for_each(|a| *a = 1.0);
        for pass in 0..settings.passes {
            stream.shuffle(&mut order);
            let (mut most, mut least) = ([f32::NEG_INFINITY; LANES], [f32::INFINITY; LANES]);
            for &row in &order {
                let row = row as usize;
                let share = shares.map_or(1.0, |s| s[row]);
                if share <= 0.0 {
                    continue;
                }
                let (columns, values) = x.row(row);
                let scores = tile.score(columns, values);
                let diagonal = (0.5 / (settings.c * f64::from(share))) as f32;
                let inverse = 1.0 / (squares[row] + diagonal);
                let mut sign = [-1.0f32; LANES];
                if let Some(own) = sign.get_mut(labels[row].wrapping_sub(first) as usize) {
                    *own = 1.0;
                }
                let alpha = &mut dual[row].0;
                let mut step = [0.0f32; LANES];
                for l in 0..LANES {
                    let gradient = sign[l] * scores[l] - 1.0 + alpha[l] * diagonal;
                    let projected = if alpha[l] == 0.0 { gradient.min(0.0) } else { gradient };
                    most[l] = most[l].max(projected);
                    least[l] = least[l].min(projected);
                    let new = (alpha[l] - gradient * inverse).max(0.0);
                    let change = (new - alpha[l]) * active[l];
                    alpha[l] += change;
                    step[l] = change * sign[l];
                }
                if step.iter().any(|s| s.abs() > 1e-7) {
                    tile.add(columns, values, &step);
                }
            }
            for l in 0..LANES {
                if most[l] - least[l] <= settings.tolerance {
                    active[l] = 0.0;
                }
            }
            if active.iter().all(|&a| a == 0.0) {
                return (tile, Some(pass + 1));
            }
        }
        (tile, None)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Eight records, three features, three codes.
    pub fn small() -> (Sparse, Vec<u32>) {
        let rows = [[1.0, 0.0, 0.5], [0.8, 0.2, 0.0], [0.0, 1.0, 0.3], [0.1, 0.9, 0.0], [0.2, 0.1, 1.0], [0.0, 0.3, 0.9], [0.6, 0.6, 0.1], [0.5, 0.1, 0.7]];
        let mut x = Sparse::new();
        for row in rows {
            x.push(row.into_iter().enumerate().filter(|(_, v)| *v != 0.0).map(|(c, v)| (c as u32, v as f32)));
        }
        (x, vec![0, 0, 1, 1, 2, 2, 0, 2])
    }

    /// Weights of the same records.
    pub const SHARES: [f32; 8] = [1.0, 2.0, 0.5, 1.0, 1.0, 0.5, 1.0, 1.0];

    /// The largest difference of weights and intercepts from those expected, one row a code, the intercept last.
    pub fn difference(weights: &Weights, expected: &[[f32; 4]; 3]) -> f32 {
        let tile = &weights.tiles[0];
        let of = |code: usize, f: usize| if f < 3 { tile.weights[f].0[code] } else { tile.bias.0[code] };
        (0..12).map(|i| (of(i / 4, i % 4) - expected[i / 4][i % 4]).abs()).fold(0.0, f32::max)
    }

    // scikit-learn 1.9.1: LinearSVC(C=0.7, dual=True, tol=1e-10).fit(X, y), without and with sample_weight.
    #[test]
    fn equals_liblinear() {
        let (x, y) = small();
        let settings = Settings { c: 0.7, passes: 5000, tolerance: 1e-6 };
        let plain = fit(&x, &y, None, 3, 3, settings, 1);
        let expected =
            [[1.097_096, -0.371_259, -0.758_016, -0.191_596], [-0.781_384, 0.833_078, -0.541_661, -0.300_977], [-0.665_975, -0.692_357, 1.047_003, -0.151_229]];
        assert!(plain.settled && difference(&plain.weights, &expected) < 1e-4, "{}", difference(&plain.weights, &expected));
        let weighted = fit(&x, &y, Some(&SHARES), 3, 3, settings, 1);
        let expected =
            [[1.137_216, -0.359_102, -0.816_85, -0.136_84], [-0.822_706, 0.730_932, -0.455_065, -0.317_565], [-0.683_996, -0.589_377, 1.031_831, -0.187_685]];
        assert!(difference(&weighted.weights, &expected) < 1e-4, "{}", difference(&weighted.weights, &expected));
    }

    #[test]
    fn a_code_does_not_depend_on_its_neighbours() {
        let (x, y) = small();
        let settings = Settings { c: 0.7, passes: 20, tolerance: 0.01 };
        // The same three codes, now numbered 0, 15 and 17: the last in another tile.
        let spread: Vec<u32> = y.iter().map(|&l| [0, 15, 17][l as usize]).collect();
        let (near, far) = (fit(&x, &y, None, 3, 3, settings, 1).weights, fit(&x, &spread, None, 18, 3, settings, 1).weights);
        for f in 0..3 {
            let near = near.tiles[0].weights[f].0;
            assert_eq!([near[0], near[1], near[2]], [far.tiles[0].weights[f].0[0], far.tiles[0].weights[f].0[15], far.tiles[1].weights[f].0[1]]);
        }
    }

    #[test]
    fn says_when_it_did_not_settle() {
        let (x, y) = small();
        assert!(!fit(&x, &y, None, 3, 3, Settings { c: 0.7, passes: 1, tolerance: 1e-6 }, 1).settled);
    }
}
