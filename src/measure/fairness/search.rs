//! The search for the largest difference over groups and codes, with an interval that covers every comparison made.

use super::compared::Compared;
use crate::stats::{SparseScores, Units, satterthwaite, sidak_quantile_of};
use crate::value::Stream;
use std::collections::BTreeMap;

/// Draws for the gap that noise alone would give: its Monte-Carlo error is a few per cent of it.
const DRAWS: usize = 200;
/// Degrees of freedom from which Student's t hardly differs from the normal distribution.
const MANY: f64 = 200.0;

/// A value of one group and code.
pub struct Cell {
    /// Position of the group.
    pub group: usize,
    /// The value.
    pub value: f64,
    /// Its variance, above 0.
    pub variance: f64,
    /// The variance it would have, were the group like all others.
    pub alike: f64,
    /// Degrees of freedom of that variance.
    pub df: f64,
    /// Records that it rests on.
    pub n: u64,
    /// Its scores.
    pub scores: SparseScores,
}

/// The groups furthest apart at one code.
#[derive(Debug, Clone, Copy)]
pub struct Extreme {
    /// The code.
    pub code: u32,
    /// Position of the group with the higher value.
    pub high: usize,
    /// Position of the group with the lower value.
    pub low: usize,
    /// Higher minus lower.
    pub value: f64,
    /// Standard error of the difference.
    pub se: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// Records of the smaller of the two cells where each stands below a line of its own, of both together otherwise.
    pub smallest: u64,
}

/// The sign of a difference; none of one that is nothing but rounding, so that neither order nor the scale of weights gives it one.
pub fn sign(difference: f64) -> f64 {
    if difference.abs() < 1e-12 { 0.0 } else { difference.signum() }
}

/// Student's t at the Šidák level for so many comparisons, by degrees of freedom.
pub struct Quantiles {
    comparisons: u64,
    level: f64,
    known: BTreeMap<u64, f64>,
}

impl Quantiles {
    /// For intervals that cover so many comparisons at once.
    pub fn new(comparisons: u64, level: f64) -> Self {
        Self { comparisons, level, known: BTreeMap::new() }
    }

    /// The quantile; degrees of freedom are rounded down, so that the interval is never too narrow.
    pub fn at(&mut self, df: f64) -> f64 {
        let whole = if df >= MANY { ((df / MANY).floor() * MANY).min(1e6) } else { df.floor().max(1.0) };
        let (comparisons, level) = (self.comparisons, self.level);
        *self.known.entry(whole as u64).or_insert_with(|| sidak_quantile_of(comparisons, whole, level))
    }
}

/// A search under way: add every code, then ask.
pub struct Search<'a> {
    units: &'a Units,
    quantiles: Quantiles,
    design_df: f64,
    each: bool,
    /// The interval of the largest difference.
    pub interval: (f64, f64),
    /// The largest difference.
    pub best: Option<Extreme>,
    /// Sums over codes of the largest difference and of its bounds.
    sums: (f64, f64, f64),
    errors: Vec<Vec<f64>>,
}

impl<'a> Search<'a> {
    /// A search with so many comparisons; `each` says that every cell is a rate below a line of its own, of which the mean over codes is asked for too.
    pub fn new(compared: &Compared<'a>, comparisons: u64, each: bool) -> Self {
        let sampling = compared.sampling();
        Self {
            units: &sampling.units,
            quantiles: Quantiles::new(comparisons, sampling.level),
            design_df: compared.design_df(),
            each,
            interval: (0.0, 0.0),
            best: None,
            sums: (0.0, 0.0, 0.0),
            errors: Vec::new(),
        }
    }

    /// Compares the groups at one code: two cells or more.
    pub fn code(&mut self, code: u32, cells: &[Cell]) {
        let se: Vec<f64> = cells.iter().map(|c| c.variance.sqrt()).collect();
        let smallest_q = self.quantiles.at(self.design_df);
        let (mut lower, mut upper) = if self.each { (0.0, 0.0) } else { self.interval };
        for a in 0..cells.len() {
            for b in a + 1..cells.len() {
                let d = (cells[a].value - cells[b].value).abs();
                // Most pairs can be seen to set no bound without their covariance.
                let largest_q = self.quantiles.at(cells[a].df.min(cells[b].df).min(self.design_df));
                if d + largest_q * (se[a] + se[b]) <= upper && d - smallest_q * (se[a] - se[b]).abs() <= lower {
                    continue;
                }
                let (error, df) = self.pair(&cells[a], &cells[b]);
                let q = self.quantiles.at(df);
                lower = f64::max(lower, d - q * error);
                upper = f64::max(upper, d + q * error);
            }
        }
        let by_value = |x: &&Cell, y: &&Cell| x.value.total_cmp(&y.value).then(y.group.cmp(&x.group));
        if let (Some(high), Some(low)) = (cells.iter().max_by(by_value), cells.iter().min_by(by_value)) {
            let value = high.value - low.value;
            if self.best.is_none_or(|b| value > b.value) {
                let (error, df) = self.pair(high, low);
                let smallest = if self.each { high.n.min(low.n) } else { high.n + low.n };
                self.best = Some(Extreme { code, high: high.group, low: low.group, value, se: error, df, smallest });
            }
            self.sums = (self.sums.0 + value, self.sums.1 + lower, self.sums.2 + upper);
        }
        self.interval = (self.interval.0.max(lower), self.interval.1.max(upper));
        self.errors.push(cells.iter().map(|c| c.alike.sqrt()).collect());
    }

    /// Standard error of the difference of two cells, with its degrees of freedom.
    fn pair(&self, a: &Cell, b: &Cell) -> (f64, f64) {
        let covariance = self.units.sparse_covariance_of_disjoint(&a.scores, &b.scores);
        // Never below a tenth of the two variances: cells of the same units may seem to cancel by chance.
        let variance = (a.variance + b.variance - 2.0 * covariance).max(0.1 * (a.variance + b.variance));
        (variance.sqrt(), satterthwaite((a.variance, a.df), (b.variance, b.df)).min(self.design_df))
    }

    /// The mean over codes of the largest difference, with bounds that hold together with all the others.
    pub fn mean(&self) -> Option<(f64, (f64, f64))> {
        let codes = self.errors.len() as f64;
        (codes > 0.0).then(|| (self.sums.0 / codes, (self.sums.1 / codes, self.sums.2 / codes)))
    }

    /// Codes compared.
    pub fn codes(&self) -> usize {
        self.errors.len()
    }

    /// What the largest difference and the mean over codes would be expected to be were all groups alike: independent normal errors.
    pub fn noise(&self, name: &str) -> (f64, f64) {
        noise(&self.errors, name)
    }
}

/// The expected largest range and the expected mean range of independent normal errors, a row a code.
pub fn noise(errors: &[Vec<f64>], name: &str) -> (f64, f64) {
    // A numerical integral by drawing: the study's seed is for what resamples its records.
    let mut stream = Stream::named(0, name);
    let (mut largest, mut mean) = (0.0, 0.0);
    for _ in 0..DRAWS {
        let (mut top, mut sum) = (0.0, 0.0);
        for row in errors {
            let (mut low, mut high) = (f64::MAX, f64::MIN);
            for se in row {
                let x = se * stream.normal();
                (low, high) = (f64::min(low, x), f64::max(high, x));
            }
            let range = f64::max(high - low, 0.0);
            top = f64::max(top, range);
            sum += range;
        }
        largest += top;
        mean += sum / errors.len().max(1) as f64;
    }
    (largest / DRAWS as f64, mean / DRAWS as f64)
}

/// The variance of a proportion, not below that with one more success and one more failure (Agresti & Caffo 2000,
/// doi:10.1080/00031305.2000.10474560): linearised variances are too small where nearly all are alike.
pub fn guarded(variance: f64, value: f64, independent: f64, units: Option<f64>) -> f64 {
    let size = match units {
        _ if variance > 1e-24 => (value * (1.0 - value) / variance).min(independent),
        Some(units) => units,
        None => independent,
    }
    .max(1.0);
    let p = (value * size + 1.0) / (size + 2.0);
    variance.max(p * (1.0 - p) / (size + 2.0))
}
