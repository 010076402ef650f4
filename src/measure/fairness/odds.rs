//! Equalised odds between groups: how far apart what groups with the same true codes are given is.

use super::super::comparison::Detail;
use super::super::engine::plain;
use super::super::evidence::Measure;
use super::super::tally::Mass;
use super::compared::{Compared, add};
use super::search::{Quantiles, sign};
use crate::value::{Method, Reason, Stream};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// Most random numbers for the distance that noise alone would give.
const MOST_DRAWS: usize = 2_000_000;

/// What the records of a group with one true code are given.
struct Row {
    mass: Mass,
    /// Predicted code, its share T(l|k), and the variance of that.
    given: Vec<(u32, f64, f64)>,
}

/// The distance of two groups.
struct Distance {
    a: usize,
    b: usize,
    value: f64,
    /// Most that noise adds to it on average.
    noise: f64,
    se: f64,
    df: f64,
    codes: Vec<u32>,
}

impl Compared<'_> {
    /// The largest distance of two groups in what their records are given, true code by true code: Σ_k π(k) ½ Σ_l |T_a(l|k) − T_b(l|k)|.
    pub fn odds(&self) -> Vec<Measure> {
        const METRIC: &str = "equalised-odds-distance";
        if self.groups.len() < 2 {
            return vec![self.alone(METRIC, "gap")];
        }
        let rows: Vec<BTreeMap<u32, Row>> = (0..self.groups.len()).map(|g| self.rows(g)).collect();
        let mut distances = Vec::new();
        for a in 0..rows.len() {
            for b in a + 1..rows.len() {
                distances.extend(self.distance(&rows, a, b));
            }
        }
        let Some(best) = distances.iter().reduce(|x, y| if y.value > x.value { y } else { x }) else {
            let why = format!("no two groups have {} records or more with the same true code", self.floor());
            return vec![self.without(METRIC, self.contrast("gap", Detail::default()), Reason::NothingToDivideBy, why)];
        };
        let mut quantiles = Quantiles::new(distances.len() as u64, self.sampling().level);
        // Noise alone makes a distance of sums of |differences| larger than it is, never smaller: the lower bound allows for it.
        let (mut lower, mut upper) = (0.0, 0.0);
        for d in &distances {
            let half = quantiles.at(d.df) * d.se;
            lower = f64::max(lower, d.value - d.noise - half);
            upper = f64::max(upper, d.value + half).min(1.0);
        }
        let smallest = best.codes.iter().map(|k| rows[best.a][k].mass.n.min(rows[best.b][k].mass.n)).min();
        let support = Some(self.support(best.codes.iter().copied()));
        let mut contrast = self.contrast("gap", Detail { comparisons: Some(distances.len() as u64), support, smallest, ..Detail::default() });
        contrast.high.clone_from(&self.groups[best.a].values);
        contrast.low.clone_from(&self.groups[best.b].values);
        contrast.expected_from_noise = Some(self.largest_from_noise(&rows, &distances));
        let outcome = self.estimate(best.value, best.se, best.df, (lower, upper), Method::Simultaneous);
        vec![Measure { contrast: Some(contrast), ..plain(METRIC, outcome) }]
    }

    /// The true codes of a group with enough records.
    fn rows(&self, g: usize) -> BTreeMap<u32, Row> {
        let group = &self.groups[g];
        let mut rows = BTreeMap::new();
        for (&code, positions) in &group.by_truth {
            let cells = || group.at(Some(positions));
            let mut mass = Mass::default();
            cells().for_each(|c| add(&mut mass, &c.mass));
            if mass.n < self.floor() || self.df(cells()) < 1.0 {
                continue;
            }
            let mut given: BTreeMap<u32, f64> = BTreeMap::new();
            cells().for_each(|c| *given.entry(c.predicted).or_default() += c.mass.w / mass.w);
            let given = given
                .into_iter()
                .map(|(l, share)| {
                    let scores = self.scores(cells().map(|c| (c.unit, c.mass, (f64::from(c.predicted == l) - share) / mass.w)));
                    (l, share, self.sampling().units.sparse_variance(&scores))
                })
                .collect();
            rows.insert(code, Row { mass, given });
        }
        rows
    }

    /// π of the codes, rescaled to them: the true shares of all these groups together, taken as given.
    fn composition(&self, codes: &[u32]) -> Vec<f64> {
        let weight: Vec<f64> = codes.iter().map(|k| self.truth[k].w).collect();
        let all: f64 = weight.iter().sum();
        weight.into_iter().map(|w| w / all).collect()
    }

    /// The distance of two groups over the true codes of which both have enough records; signs of the differences are held fixed.
    fn distance(&self, rows: &[BTreeMap<u32, Row>], a: usize, b: usize) -> Option<Distance> {
        let codes: Vec<u32> = rows[a].keys().filter(|k| rows[b].contains_key(k)).copied().collect();
        if codes.is_empty() {
            return None;
        }
        let (mut value, mut noise) = (0.0, 0.0);
        let mut parts: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for (&code, share) in codes.iter().zip(self.composition(&codes)) {
            let differences = differences(&rows[a][&code].given, &rows[b][&code].given);
            value += share * differences.iter().map(|d| d.1.abs()).sum::<f64>() / 2.0;
            noise += share * differences.iter().map(|d| (2.0 * d.2 / PI).sqrt()).sum::<f64>() / 2.0;
            let sign = |l: u32| differences.binary_search_by_key(&l, |d| d.0).map_or(0.0, |i| sign(differences[i].1));
            for (g, side) in [(a, 0.5), (b, -0.5)] {
                let row = &rows[g][&code];
                let mean: f64 = row.given.iter().map(|&(l, t, _)| sign(l) * t).sum();
                for c in self.groups[g].at(self.groups[g].by_truth.get(&code)) {
                    let score = share * side * (sign(c.predicted) - mean) / row.mass.w;
                    let part = parts.entry(c.unit).or_default();
                    part.0 += c.mass.w * score;
                    part.1 += c.mass.w2 * score * score;
                }
            }
        }
        let units = &self.sampling().units;
        let variance = units.sparse_variance(&units.sparse(parts.into_iter().map(|(unit, (sum, square))| (unit, sum, square))));
        // Where nothing varies: as if one record more were given something else.
        let n: u64 = codes.iter().map(|k| rows[a][k].mass.n.min(rows[b][k].mass.n)).sum();
        let se = variance.max(1.0 / ((n + 2) * (n + 2)) as f64).sqrt();
        let of_codes = |g: usize| self.groups[g].cells.iter().filter(|c| codes.contains(&c.truth));
        let df = (self.df(of_codes(a)) + self.df(of_codes(b))).min(self.design_df());
        Some(Distance { a, b, value, noise, se, df, codes })
    }

    /// The largest distance expected were all groups alike: independent normal errors of every share.
    fn largest_from_noise(&self, rows: &[BTreeMap<u32, Row>], distances: &[Distance]) -> f64 {
        // Fixed places for the errors of each group, true code and code given, so that pairs share them.
        let mut place: Vec<BTreeMap<u32, usize>> = Vec::new();
        let mut errors: Vec<f64> = Vec::new();
        for group in rows {
            let mut of = BTreeMap::new();
            for (&k, row) in group {
                of.insert(k, errors.len());
                errors.extend(row.given.iter().map(|g| g.2.sqrt()));
            }
            place.push(of);
        }
        let pairs: Vec<(f64, Vec<(usize, usize)>)> = distances
            .iter()
            .flat_map(|d| {
                let at = |g: usize, k: u32, l: u32| rows[g][&k].given.binary_search_by_key(&l, |x| x.0).map_or(usize::MAX, |i| place[g][&k] + i);
                d.codes.iter().zip(self.composition(&d.codes)).map(move |(&k, share)| {
                    let codes = differences(&rows[d.a][&k].given, &rows[d.b][&k].given);
                    (share, codes.into_iter().map(|(l, ..)| (at(d.a, k, l), at(d.b, k, l))).collect())
                })
            })
            .collect();
        let sizes: Vec<usize> = distances.iter().map(|d| d.codes.len()).collect();
        let terms: usize = pairs.iter().map(|p| p.1.len()).sum::<usize>() + errors.len();
        let draws = (MOST_DRAWS / terms.max(1)).clamp(20, 200);
        let mut stream = Stream::named(0, "equalised odds from noise");
        let mut sum = 0.0;
        for _ in 0..draws {
            let x: Vec<f64> = errors.iter().map(|se| se * stream.normal()).collect();
            let value = |i: usize| if i == usize::MAX { 0.0 } else { x[i] };
            let mut rows = pairs.iter();
            let largest = sizes.iter().map(|&size| {
                rows.by_ref().take(size).map(|(share, places)| share * places.iter().map(|&(i, j)| (value(i) - value(j)).abs()).sum::<f64>() / 2.0).sum::<f64>()
            });
            sum += largest.fold(0.0, f64::max);
        }
        sum / draws as f64
    }
}

/// (code given, T_a − T_b, variance of that) for every code that either group is given, ascending.
fn differences(a: &[(u32, f64, f64)], b: &[(u32, f64, f64)]) -> Vec<(u32, f64, f64)> {
    let mut all: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (side, row) in [(1.0, a), (-1.0, b)] {
        for &(l, share, variance) in row {
            let d = all.entry(l).or_default();
            d.0 += side * share;
            d.1 += variance;
        }
    }
    all.into_iter().map(|(l, (d, v))| (l, d, v)).collect()
}
