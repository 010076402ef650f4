//! Weights of many small models by feature: only those of models whose records have the feature are kept.

use super::shape::Shape;
use crate::model::weights::{LANES, Lanes, Weights};
use crate::model::{Pack, Unpack};
use crate::value::Problem;
use std::ops::Range;

/// The weights of all choices, sparse over features: a feature that few records have concerns few choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks {
    /// The first tile of each choice, and one more at the end.
    pub first: Vec<u32>,
    /// Where each feature's blocks start, and one more at the end.
    pub starts: Vec<usize>,
    /// The tile of each block; within a feature they ascend.
    pub tiles: Vec<u32>,
    /// The weights of each block.
    pub weights: Vec<Lanes>,
    /// The intercepts of each tile.
    pub bias: Vec<Lanes>,
}

impl Blocks {
    /// Puts together the weights of each choice, given with the features that its own columns stand for, ascending.
    pub fn of(fitted: Vec<(Vec<u32>, Weights)>, width: usize) -> Self {
        let (mut first, mut bias, mut counts) = (vec![0u32], Vec::new(), vec![0usize; width + 1]);
        for (columns, weights) in &fitted {
            bias.extend(weights.tiles.iter().map(|tile| tile.bias));
            first.push(bias.len() as u32);
            for tile in &weights.tiles {
                for (&column, lanes) in columns.iter().zip(&tile.weights) {
                    counts[column as usize + 1] += usize::from(some(lanes));
                }
            }
        }
        for column in 0..width {
            counts[column + 1] += counts[column];
        }
        let starts = counts;
        let blocks = starts[width];
        let (mut next, mut tiles, mut all) = (starts.clone(), vec![0u32; blocks], vec![Lanes::ZERO; blocks]);
        for ((columns, weights), &first) in fitted.into_iter().zip(&first) {
            for (tile, number) in weights.tiles.iter().zip(first..) {
                for (&column, lanes) in columns.iter().zip(&tile.weights).filter(|(_, lanes)| some(lanes)) {
                    let at = &mut next[column as usize];
                    (tiles[*at], all[*at]) = (number, *lanes);
                    *at += 1;
                }
            }
        }
        Self { first, starts, tiles, weights: all, bias }
    }

    /// Puts the weights into `pack`; which tiles belong to which choice follows from the codes.
    pub fn pack(&self, pack: &mut Pack) {
        pack.ranges("tiles", &self.starts);
        pack.indices("tiles", &[self.tiles.len()], self.tiles.iter().copied());
        pack.floats("weights", &[self.weights.len(), LANES], self.weights.iter().flat_map(|lanes| lanes.0));
        pack.floats("intercepts", &[self.bias.len(), LANES], self.bias.iter().flat_map(|lanes| lanes.0));
    }

    /// Those that were saved, of the choices of `shape` over a number of features.
    pub fn unpack(parts: &Unpack<'_>, shape: &Shape, width: usize) -> Result<Self, Problem> {
        let mut first = vec![0u32];
        let mut all = 0;
        for children in &shape.children {
            all += children.div_ceil(LANES);
            first.push(all as u32);
        }
        let tiles = parts.indices("tiles", &[None])?;
        let starts = parts.ranges("tiles", Some(width), tiles.len())?;
        parts.places("tiles", &tiles, all)?;
        if starts.windows(2).any(|pair| tiles[pair[0]..pair[1]].windows(2).any(|two| two[0] >= two[1])) {
            return Err(parts.wrong("tiles", "do not ascend within a feature"));
        }
        let lanes = |name: &str, count: usize| -> Result<Vec<Lanes>, Problem> {
            Ok(parts.floats(name, &[Some(count), Some(LANES)])?.as_chunks::<LANES>().0.iter().map(|values| Lanes(*values)).collect())
        };
        Ok(Self { first, starts, weights: lanes("weights", tiles.len())?, bias: lanes("intercepts", all)?, tiles })
    }

    /// Writes the scores of a row under the tiles of `span`, those that are not `live` by their intercepts alone. `at` holds for each of the
    /// row's features where its blocks go on, and is moved on.
    pub fn score(&self, (columns, values): (&[u32], &[f32]), span: Range<usize>, live: &[bool], at: &mut [usize], scores: &mut [Lanes]) {
        scores[span.clone()].copy_from_slice(&self.bias[span.clone()]);
        for ((&column, &value), at) in columns.iter().zip(values).zip(at) {
            let end = self.starts[column as usize + 1];
            while *at < end && (self.tiles[*at] as usize) < span.end {
                let tile = self.tiles[*at] as usize;
                if live[tile] {
                    for (s, w) in scores[tile].0.iter_mut().zip(&self.weights[*at].0) {
                        *s += value * w;
                    }
                }
                *at += 1;
            }
        }
    }

    /// The intercept of a lane of a tile.
    pub fn intercept(&self, (tile, lane): (usize, usize)) -> f64 {
        f64::from(self.bias[tile].0[lane])
    }

    /// The weight that a feature has in a lane of a tile.
    pub fn weight(&self, feature: usize, (tile, lane): (usize, usize)) -> f64 {
        let span = self.starts[feature]..self.starts[feature + 1];
        let found = self.tiles[span.clone()].binary_search(&(tile as u32));
        found.map_or(0.0, |at| f64::from(self.weights[span.start + at].0[lane]))
    }

    /// Tile and lane of a child of a choice.
    pub fn place(&self, (choice, child): (u32, u32)) -> (usize, usize) {
        (self.first[choice as usize] as usize + child as usize / LANES, child as usize % LANES)
    }

    /// Where the blocks of a row's features start.
    pub fn begin(&self, columns: &[u32], at: &mut Vec<usize>) {
        at.clear();
        at.extend(columns.iter().map(|&column| self.starts[column as usize]));
    }

    /// Number of weights, intercepts included, that are not zero.
    pub fn nonzero(&self) -> usize {
        self.weights.iter().chain(&self.bias).flat_map(|lanes| lanes.0).filter(|w| *w != 0.0).count()
    }

    /// Turns the scores of one choice with `children` into logarithms of probabilities, in place.
    pub fn settle(&self, choice: usize, children: usize, scores: &mut [Lanes]) {
        let own = &mut scores[self.first[choice] as usize..self.first[choice + 1] as usize];
        // Lanes to spare count as nothing.
        let (last, used) = (own.len() - 1, (children - 1) % LANES + 1);
        own[last].0[used..].fill(f32::NEG_INFINITY);
        let mut top = f32::NEG_INFINITY;
        own.iter().for_each(|lanes| top = lanes.0.iter().copied().fold(top, f32::max));
        let mut sums = [0.0f32; LANES];
        for lanes in own.iter() {
            for (sum, s) in sums.iter_mut().zip(&lanes.0) {
                *sum += exp(s - top);
            }
        }
        let log = top + sums.iter().sum::<f32>().ln();
        own.iter_mut().for_each(|lanes| lanes.0.iter_mut().for_each(|s| *s -= log));
    }
}

/// The exponential of a number that is not above 0, to seven digits: the same on every machine, and computed for several lanes at once. 2^x
/// for the part of x after the point by its Taylor series about the middle, the part before it by the exponent's bits.
fn exp(x: f32) -> f32 {
    let x = x.max(-87.0);
    let whole = (x * std::f32::consts::LOG2_E - 0.5).ceil();
    // ln 2 in two parts, the first of few digits, so that nothing is lost where x is far below 0.
    let y = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4;
    let p = 1.0 + y * (1.0 + y * (1.0 / 2.0 + y * (1.0 / 6.0 + y * (1.0 / 24.0 + y * (1.0 / 120.0 + y * (1.0 / 720.0))))));
    p * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

fn some(lanes: &Lanes) -> bool {
    lanes.0.iter().any(|w| *w != 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::Tile;

    #[test]
    fn exponentials_are_right_to_six_digits() {
        for i in 0..2000 {
            let x = -0.043 * i as f32;
            assert!((exp(x) - x.exp()).abs() <= 1e-6 * x.exp(), "{x}: {} {}", exp(x), x.exp());
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn scores_are_those_of_each_choice_alone() {
        let one = |seed: f32, width: usize, codes: usize| {
            let mut weights = Weights::zero(codes, width);
            for (t, tile) in weights.tiles.iter_mut().enumerate() {
                tile.bias.0[0] = seed;
                for (f, lanes) in tile.weights.iter_mut().enumerate() {
                    // A weight of zero throughout is not kept.
                    lanes.0[t] = if f == 1 { 0.0 } else { seed + f as f32 };
                }
            }
            weights
        };
        let (a, b) = (one(0.5, 3, 2), one(2.0, 2, 20));
        let blocks = Blocks::of(vec![(vec![0, 2, 4], a.clone()), (vec![2, 3], b.clone())], 5);
        assert_eq!((blocks.first.as_slice(), blocks.weights.len()), (&[0, 1, 3][..], 2 + 2));
        let (mut scores, mut at) = (vec![Lanes::ZERO; 3], Vec::new());
        blocks.begin(&[2, 4], &mut at);
        // In two runs, as one level after the other.
        blocks.score((&[2, 4], &[2.0, 1.0]), 0..1, &[true; 3], &mut at, &mut scores);
        blocks.score((&[2, 4], &[2.0, 1.0]), 1..3, &[true; 3], &mut at, &mut scores);
        let alone = |tile: &Tile, columns: &[u32], values: &[f32]| tile.score(columns, values);
        assert_eq!(scores[0].0, alone(&a.tiles[0], &[1, 2], &[2.0, 1.0]));
        assert_eq!(scores[1].0, alone(&b.tiles[0], &[0], &[2.0]));
        assert_eq!(scores[2].0, alone(&b.tiles[1], &[0], &[2.0]));
        blocks.settle(1, 20, &mut scores);
        let sum: f32 = (0..20).map(|c| scores[1 + c / LANES].0[c % LANES].exp()).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
}
