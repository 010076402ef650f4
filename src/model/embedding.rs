//! A classifier of averaged embeddings, as fastText's: each feature and each code has a short vector, and a record's score under a code is
//! the product of the code's vector with the mean of its features'.
//!
//! Joulin, Grave, Bojanowski & Mikolov 2017, Bag of tricks for efficient text classification, arXiv:1607.01759. Codes share what features
//! have learnt, and memory does not grow with features × codes. With many codes, each record teaches its own code and some others drawn by
//! their share, with the correction that makes sampled scores estimate full ones (Bengio & Senécal 2008, doi:10.1109/TNN.2007.912312).
//! Each vector has a learning rate of its own that falls with what it has learnt (Duchi, Hazan & Singer 2011, Adaptive subgradient methods,
//! JMLR 12): without it, rare words learn next to nothing. Records are visited one after the other, on one thread.

use super::explain::Decomposition;
use super::held_out::{Held, some_feature};
use super::part::Part;
use super::scored::{columns, predict};
use super::{Coder, EmbeddingRecipe, Explanation, Input, Pack, Predictions, Unpack};
use crate::model::calibrate::Calibration;
use crate::text::{Space, Sparse};
use crate::value::{Failure, Problem, Stream, grouped};

/// A fitted classifier of averaged embeddings.
pub struct Embedding {
    codes: Vec<String>,
    space: Space,
    vectors: Vectors,
    calibration: Calibration,
    facts: Vec<(String, String)>,
    effort: f64,
}

/// Vectors of features and codes, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    /// Length of a vector.
    dim: usize,
    features: Vec<f32>,
    codes: Vec<f32>,
    bias: Vec<f32>,
}

impl Vectors {
    /// Writes the vector of a record into `mean`.
    fn embed(&self, columns: &[u32], values: &[f32], mean: &mut [f32]) {
        mean.fill(0.0);
        for (&column, &value) in columns.iter().zip(values) {
            let own = &self.features[column as usize * self.dim..(column as usize + 1) * self.dim];
            mean.iter_mut().zip(own).for_each(|(m, v)| *m += value * v);
        }
    }

    fn score(&self, code: usize, mean: &[f32]) -> f32 {
        let own = &self.codes[code * self.dim..(code + 1) * self.dim];
        // Eight sums side by side, in a fixed order, so that the processor's wide registers can be used.
        let mut sums = [0.0f32; 8];
        let (eights, rest) = own.as_chunks::<8>();
        let (means, left) = mean.as_chunks::<8>();
        for (a, b) in eights.iter().zip(means) {
            for i in 0..8 {
                sums[i] += a[i] * b[i];
            }
        }
        self.bias[code] + sums.iter().sum::<f32>() + rest.iter().zip(left).map(|(a, b)| a * b).sum::<f32>()
    }

    /// Scores of rows, shape (n, codes), row-major.
    fn scores(&self, rows: &Sparse) -> Vec<f32> {
        let (codes, mut mean) = (self.bias.len(), vec![0.0; self.dim]);
        let mut all = vec![0.0; rows.len() * codes];
        for (row, out) in all.chunks_exact_mut(codes).enumerate() {
            let (columns, values) = rows.row(row);
            self.embed(columns, values, &mut mean);
            out.iter_mut().enumerate().for_each(|(code, s)| *s = self.score(code, &mean));
        }
        all
    }
}

impl Embedding {
    /// Fits vectors above `features` of the training part, and probabilities on the tuning part.
    ///
    /// # Errors
    /// When there is no feature.
    pub fn fit(
        recipe: &EmbeddingRecipe,
        (space, features): (Space, Sparse),
        part: Part,
        tune: (&Input<'_>, &Part),
        shares: Option<&[f32]>,
        seed: u64,
        phase: &mut dyn FnMut(&'static str),
    ) -> Result<Self, Failure> {
        some_feature(&space)?;
        phase("fit");
        let (codes, width) = (part.codes.len(), space.width());
        let vectors = learn(recipe, &features, &part.labels, shares, codes, width, seed);
        phase("calibrate");
        let held = Held::choose(&part, tune, seed);
        let (calibration, how) = held.calibrate(
            codes,
            |rows| Ok(vectors.scores(&space.apply(&columns(tune.0), rows)?)),
            |taught, held| {
                let labels: Vec<u32> = taught.iter().map(|&p| part.labels[p as usize]).collect();
                let shares: Option<Vec<f32>> = shares.map(|s| taught.iter().map(|&p| s[p as usize]).collect());
                learn(recipe, &features.select(taught), &labels, shares.as_deref(), codes, width, seed).scores(&features.select(held))
            },
        )?;
        let facts = vec![
            ("training records".into(), grouped(part.rows.len())),
            ("training records without a code".into(), grouped(part.skipped)),
            ("codes".into(), grouped(codes)),
            ("features".into(), grouped(width)),
            ("numbers learnt".into(), grouped((width + codes) * recipe.dim + codes)),
            ("calibration".into(), how),
        ];
        let effort = (recipe.epochs * features.columns.len() * recipe.dim) as f64;
        Ok(Self { codes: part.codes, space, vectors, calibration, facts, effort })
    }

    /// One that was saved.
    pub fn unpack(recipe: &EmbeddingRecipe, parts: &Unpack<'_>) -> Result<Self, Problem> {
        let (dim, codes) = (recipe.dim, parts.codes().len());
        if dim == 0 {
            return Err(parts.wrong_setting("`dim` is 0"));
        }
        let space = parts.space("space", &recipe.text)?;
        let features = parts.floats("features", &[Some(space.width()), Some(dim)])?;
        let vectors = Vectors { dim, features, codes: parts.floats("codes", &[Some(codes), Some(dim)])?, bias: parts.floats("bias", &[Some(codes)])? };
        Ok(Self { codes: parts.codes().to_vec(), space, vectors, calibration: parts.calibration("calibration")?, facts: Vec::new(), effort: 0.0 })
    }
}

/// The largest element of a feature's vector at the start.
const SMALL: f32 = 0.1;

/// What each vector is taken to have learnt already: keeps its first step small.
const BEFORE: f32 = 1e-3;

/// Codes drawn at random by the square root of their share, and how likely each is.
struct Draws {
    sums: Vec<f64>,
    /// Logarithm of the expected number of times a code is drawn for a record.
    logs: Vec<f32>,
}

impl Draws {
    fn of(labels: &[u32], codes: usize, draws: usize) -> Self {
        let mut counts = vec![0.0f64; codes];
        labels.iter().for_each(|&l| counts[l as usize] += 1.0);
        let roots: Vec<f64> = counts.iter().map(|n| n.max(1.0).sqrt()).collect();
        let sum: f64 = roots.iter().sum();
        let mut before = 0.0;
        let sums = roots.iter().map(|r| {
            before += r / sum;
            before
        });
        Self { sums: sums.collect(), logs: roots.iter().map(|r| (draws as f64 * r / sum).ln() as f32).collect() }
    }

    fn draw(&self, stream: &mut Stream) -> usize {
        let at = stream.unit();
        self.sums.partition_point(|s| *s <= at).min(self.sums.len() - 1)
    }
}

/// Learns vectors by stochastic gradient descent whose rate falls to zero.
fn learn(recipe: &EmbeddingRecipe, x: &Sparse, labels: &[u32], shares: Option<&[f32]>, codes: usize, width: usize, seed: u64) -> Vectors {
    let dim = recipe.dim;
    let mut stream = Stream::named(seed, "embedding");
    let features = (0..width * dim).map(|_| (2.0 * stream.unit() - 1.0) as f32 * SMALL).collect();
    let mut vectors = Vectors { dim, features, codes: vec![0.0; codes * dim], bias: vec![0.0; codes] };
    // Drawing pays where there are several times more codes than would be drawn.
    let draws = (recipe.draws > 0 && codes > 4 * recipe.draws).then(|| Draws::of(labels, codes, recipe.draws));
    let mut order: Vec<u32> = (0..x.len() as u32).collect();
    let (mut mean, mut pull) = (vec![0.0f32; dim], vec![0.0f32; dim]);
    let (mut asked, mut chances) = (Vec::new(), Vec::new());
    let (mut of_features, mut of_codes) = (vec![BEFORE; width], vec![BEFORE; codes]);
    let steps = (recipe.epochs * x.len()).max(1) as f32;
    let mut step = 0.0f32;
    for epoch in 0..recipe.epochs {
        stream.shuffle(&mut order);
        for (done, &row) in order.iter().enumerate() {
            let row = row as usize;
            if done % 1024 == 0 {
                step = (epoch * x.len() + done) as f32;
            }
            let rate = recipe.rate as f32 * (1.0 - step / steps) * shares.map_or(1.0, |s| s[row]);
            let (columns, values) = x.row(row);
            vectors.embed(columns, values, &mut mean);
            asked.clear();
            match &draws {
                None => asked.extend(0..codes),
                Some(draws) => {
                    asked.push(labels[row] as usize);
                    for _ in 0..recipe.draws {
                        let code = draws.draw(&mut stream);
                        if code != labels[row] as usize {
                            asked.push(code);
                        }
                    }
                }
            }
            chances.clear();
            chances.extend(asked.iter().map(|&code| vectors.score(code, &mean) - draws.as_ref().map_or(0.0, |d| d.logs[code])));
            softmax(&mut chances);
            pull.fill(0.0);
            let length = square(&mean);
            for (&code, &p) in asked.iter().zip(&chances) {
                let wrong = f32::from(u8::from(code == labels[row] as usize)) - p;
                if wrong.abs() < 1e-5 {
                    continue;
                }
                of_codes[code] += wrong * wrong * length;
                let own_rate = rate / of_codes[code].sqrt();
                let own = &mut vectors.codes[code * dim..(code + 1) * dim];
                for ((v, pull), m) in own.iter_mut().zip(&mut pull).zip(&mean) {
                    *pull += wrong * *v;
                    *v += own_rate * wrong * m;
                }
                vectors.bias[code] += rate * wrong;
            }
            let length = square(&pull);
            for (&column, &value) in columns.iter().zip(values) {
                let learnt = &mut of_features[column as usize];
                *learnt += value * value * length;
                let own_rate = rate / learnt.sqrt();
                let own = &mut vectors.features[column as usize * dim..(column as usize + 1) * dim];
                own.iter_mut().zip(&pull).for_each(|(v, p)| *v += own_rate * value * p);
            }
        }
    }
    vectors
}

/// The mean square of a vector's elements.
fn square(vector: &[f32]) -> f32 {
    vector.iter().map(|v| v * v).sum::<f32>() / vector.len().max(1) as f32
}

fn softmax(values: &mut [f32]) {
    let top = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter_mut().for_each(|v| *v = (*v - top).exp());
    let sum: f32 = values.iter().sum();
    values.iter_mut().for_each(|v| *v /= sum);
}

impl Coder for Embedding {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let columns = columns(input);
        predict(&self.codes, &self.calibration, input.rows, keep, |rows| Ok(self.vectors.scores(&self.space.apply(&columns, rows)?)))
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        let (Vectors { dim, features, codes, bias }, width) = (&self.vectors, self.space.width());
        pack.space("space", &self.space);
        pack.floats("features", &[width, *dim], features.iter().copied());
        pack.floats("codes", &[bias.len(), *dim], codes.iter().copied());
        pack.floats("bias", &[bias.len()], bias.iter().copied());
        pack.calibration("calibration", &self.calibration);
        true
    }

    fn explain(&self, input: &Input<'_>, row: u32, code: u32, versus: u32) -> Result<Option<Explanation>, Failure> {
        let (code, versus) = (code as usize, versus as usize);
        let Vectors { dim, features, codes, bias } = &self.vectors;
        let of = |code: usize| &codes[code * dim..(code + 1) * dim];
        let apart: Vec<f64> = of(code).iter().zip(of(versus)).map(|(a, b)| f64::from(*a) - f64::from(*b)).collect();
        let (slope, offset) = (self.calibration.slope, self.calibration.offset(code) - self.calibration.offset(versus));
        let start = slope * (f64::from(bias[code]) - f64::from(bias[versus])) + offset;
        // A score is a product with a sum over features, so it is a sum over features.
        let weight = |feature: usize| slope * features[feature * dim..(feature + 1) * dim].iter().zip(&apart).map(|(f, a)| f64::from(*f) * a).sum::<f64>();
        let part = Decomposition::by(String::new(), self.space.spell(&columns(input), row)?, start, weight);
        Ok(Some(Explanation { code: self.codes[code].clone(), versus: self.codes[versus].clone(), exact: true, parts: vec![part] }))
    }

    fn effort(&self) -> f64 {
        self.effort
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records of forty codes, each with two features of its own and one that all share.
    fn records() -> (Sparse, Vec<u32>) {
        let (mut x, mut stream) = (Sparse::new(), Stream::named(3, "embedding test"));
        let labels: Vec<u32> = (0..2000).map(|_| stream.below(40) as u32).collect();
        for &label in &labels {
            x.push([(2 * label + stream.below(2) as u32, 0.8), (80, 0.6)].into_iter());
        }
        (x, labels)
    }

    #[test]
    fn learns_with_all_codes_and_with_drawn_ones() {
        let (x, labels) = records();
        for draws in [0, 5] {
            let recipe = EmbeddingRecipe { dim: 16, epochs: 20, draws, ..EmbeddingRecipe::default() };
            let vectors = learn(&recipe, &x, &labels, None, 40, 81, 1);
            let scores = vectors.scores(&x);
            let right = scores.chunks_exact(40).zip(&labels).filter(|(s, l)| s.iter().all(|v| *v <= s[**l as usize])).count();
            assert!(right > 1900, "{draws}: {right}");
            assert_eq!(vectors, learn(&recipe, &x, &labels, None, 40, 81, 1));
        }
    }

    /// One record with one feature and two codes, by hand: with vectors of codes at zero only they and the intercepts move. Half of the
    /// probability is wrong, so codes move by rate / √(0.001 + 0.25 × mean square) × 0.5 × the record's vector, intercepts by rate × 0.5.
    #[test]
    fn a_step_is_that_of_the_gradient() {
        let mut x = Sparse::new();
        x.push([(0, 2.0)].into_iter());
        let recipe = EmbeddingRecipe { dim: 4, epochs: 1, rate: 0.5, draws: 0, ..EmbeddingRecipe::default() };
        let vectors = learn(&recipe, &x, &[1], None, 2, 1, 1);
        let mean: Vec<f32> = vectors.features.iter().map(|v| 2.0 * v).collect();
        let rate = 0.5 / (BEFORE + 0.25 * mean.iter().map(|m| m * m).sum::<f32>() / 4.0).sqrt();
        for (i, m) in mean.iter().enumerate() {
            assert!((vectors.codes[4 + i] - rate * 0.5 * m).abs() < 1e-5);
            assert!((vectors.codes[i] + rate * 0.5 * m).abs() < 1e-5);
        }
        assert_eq!(vectors.bias, [-0.25, 0.25]);
    }
}
