//! Weights of linear scores, laid out so that all codes of a tile are scored together.

/// Codes scored together: one cache line of f32.
pub const LANES: usize = 16;

/// One number for each code of a tile.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lanes(pub [f32; LANES]);

impl Lanes {
    /// All zero.
    pub const ZERO: Self = Self([0.0; LANES]);
}

/// The weights of up to [`LANES`] codes: one [`Lanes`] a feature, and the intercepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Weights by feature.
    pub weights: Vec<Lanes>,
    /// Intercepts.
    pub bias: Lanes,
}

impl Tile {
    /// Zero weights for a number of features.
    pub fn zero(width: usize) -> Self {
        Self { weights: vec![Lanes::ZERO; width], bias: Lanes::ZERO }
    }

    /// Scores of a row under every code of the tile.
    #[inline]
    pub fn score(&self, columns: &[u32], values: &[f32]) -> [f32; LANES] {
        let mut sum = self.bias.0;
        for (&column, &value) in columns.iter().zip(values) {
            let weights = &self.weights[column as usize].0;
            for (s, w) in sum.iter_mut().zip(weights) {
                *s += value * w;
            }
        }
        sum
    }

    /// Adds a row times `step` of each code to the weights, and `step` to the intercepts.
    #[inline]
    pub fn add(&mut self, columns: &[u32], values: &[f32], step: &[f32; LANES]) {
        for (b, s) in self.bias.0.iter_mut().zip(step) {
            *b += s;
        }
        for (&column, &value) in columns.iter().zip(values) {
            let weights = &mut self.weights[column as usize].0;
            for (w, s) in weights.iter_mut().zip(step) {
                *w += value * s;
            }
        }
    }
}

/// Weights as they were learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// The weights.
    pub weights: Weights,
    /// Passes over the data.
    pub passes: usize,
    /// True when the solver stopped by its own rule, not at its last pass.
    pub settled: bool,
}

/// A linear score for every code.
///
/// Dense over features and codes: half of the weights of one-vs-rest hinges and all of a logistic model differ from zero, and a
/// sparse layout would cost more than it saves. Memory is 64 bytes a feature for every 16 codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Number of codes.
    pub codes: usize,
    /// The codes' tiles in order; the last may have lanes to spare.
    pub tiles: Vec<Tile>,
}

impl Weights {
    /// Zero weights.
    pub fn zero(codes: usize, width: usize) -> Self {
        Self { codes, tiles: (0..codes.div_ceil(LANES)).map(|_| Tile::zero(width)).collect() }
    }

    /// Writes the scores of a row into `scores`, one a code.
    pub fn score(&self, columns: &[u32], values: &[f32], scores: &mut [f32]) {
        for (tile, out) in self.tiles.iter().zip(scores.chunks_mut(LANES)) {
            out.copy_from_slice(&tile.score(columns, values)[..out.len()]);
        }
    }

    /// What a feature adds to the score of one code beyond that of another, for each unit of its value.
    pub fn difference(&self, feature: usize, code: usize, versus: usize) -> f64 {
        let of = |code: usize| f64::from(self.tiles[code / LANES].weights[feature].0[code % LANES]);
        of(code) - of(versus)
    }

    /// The intercept of one code less that of another.
    pub fn intercepts(&self, code: usize, versus: usize) -> f64 {
        let of = |code: usize| f64::from(self.tiles[code / LANES].bias.0[code % LANES]);
        of(code) - of(versus)
    }

    /// Number of weights, intercepts included, that are not zero.
    pub fn nonzero(&self) -> usize {
        self.tiles.iter().flat_map(|tile| tile.weights.iter().chain([&tile.bias])).flat_map(|lanes| lanes.0).filter(|w| *w != 0.0).count()
    }
}
