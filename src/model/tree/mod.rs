//! A linear model for each choice in the tree of codes: the first level on all records, then one model for each code of a level.
//!
//! A code's probability is the product of those of the choices that lead to it (Morin & Bengio 2005, Hierarchical probabilistic neural
//! network language model, AISTATS), so at every level a parent's probability is the sum of its children's. A record takes part in one
//! choice a level instead of in one problem with all codes, which is what makes many codes and many records cheap.

mod blocks;
mod shape;

use super::explain::Decomposition;
use super::hinge::Settings;
use super::part::Part;
use super::predictions::Predictions;
use super::scored::{columns, predict};
use super::weights::Lanes;
use super::{Coder, Explanation, Input, LinearRecipe, Pack, Unpack, held_out::Held, softmax};
use crate::model::calibrate::Calibration;
use crate::text::{Space, Sparse};
use crate::value::{Failure, Problem, grouped};
use blocks::Blocks;
use rayon::prelude::*;
use shape::Shape;

/// The logarithm of the probability (1 in 1,000) below which a place in the tree is hardly reached.
const HARDLY: f32 = -6.9;

/// Most levels of a saved tree's codes, far more than a classification has.
const MOST_LEVELS: usize = 64;

/// A fitted tree of linear models.
pub struct Tree {
    codes: Vec<String>,
    space: Space,
    shape: Shape,
    blocks: Blocks,
    calibration: Calibration,
    facts: Vec<(String, String)>,
    effort: f64,
}

/// How many passes over the data it took at most, and whether all choices settled.
struct Solved {
    passes: usize,
    settled: bool,
    effort: f64,
}

impl Tree {
    /// Fits the choices above `features` of the training part, and probabilities on the tuning part.
    ///
    /// # Errors
    /// When there is no feature.
    #[allow(clippy::too_many_arguments, reason = "all of them differ in kind, and the function has one caller")]
    pub fn fit(
        (space, features): (Space, Sparse),
        part: Part,
        tune: (&Input<'_>, &Part),
        digits: &[usize],
        shares: Option<&[f32]>,
        settings: Settings,
        seed: u64,
        phase: &mut dyn FnMut(&'static str),
    ) -> Result<Self, Failure> {
        super::held_out::some_feature(&space)?;
        phase("fit");
        let (shape, width) = (Shape::of(&part.codes, digits), space.width());
        let (blocks, solved) = learn(&shape, &features, &part.labels, shares, width, settings, seed);
        phase("calibrate");
        let held = Held::choose(&part, tune, seed);
        let (calibration, how) = held.calibrate(
            part.codes.len(),
            |rows| Ok(scores(&shape, &blocks, &space.apply(&columns(tune.0), rows)?)),
            |taught, held| {
                let of = |positions: &[u32]| positions.iter().map(|&p| part.labels[p as usize]).collect::<Vec<u32>>();
                let shares: Option<Vec<f32>> = shares.map(|s| taught.iter().map(|&p| s[p as usize]).collect());
                let (other, _) = learn(&shape, &features.select(taught), &of(taught), shares.as_deref(), width, settings, seed);
                scores(&shape, &other, &features.select(held))
            },
        )?;
        let (words, characters) = space.text_widths();
        let depths: Vec<String> = shape.depths.iter().map(|n| grouped(*n)).collect();
        let facts = vec![
            ("training records".into(), grouped(part.rows.len())),
            ("training records without a code".into(), grouped(part.skipped)),
            ("codes".into(), grouped(part.codes.len())),
            ("choices by level".into(), depths.join(", ")),
            ("features".into(), grouped(width)),
            ("word features".into(), grouped(words)),
            ("character features".into(), grouped(characters)),
            ("weights that are not zero".into(), grouped(blocks.nonzero())),
            (
                "most passes of a choice".into(),
                if solved.settled { grouped(solved.passes) } else { format!("{} (stopped before it settled)", grouped(solved.passes)) },
            ),
            ("calibration".into(), how),
        ];
        Ok(Self { codes: part.codes, space, shape, blocks, calibration, facts, effort: solved.effort })
    }

    /// One that was saved. Its shape is made of codes and levels once more, so that none has to be believed.
    pub fn unpack(recipe: &LinearRecipe, parts: &Unpack<'_>) -> Result<Self, Problem> {
        if recipe.levels.len() > MOST_LEVELS {
            return Err(parts.wrong_setting(format!("{} levels of codes, and {MOST_LEVELS} are the most", recipe.levels.len())));
        }
        let (space, shape) = (parts.space("space", &recipe.text)?, Shape::of(parts.codes(), &recipe.levels));
        let blocks = Blocks::unpack(&parts.inside("choices"), &shape, space.width())?;
        Ok(Self { codes: parts.codes().to_vec(), space, shape, blocks, calibration: parts.calibration("calibration")?, facts: Vec::new(), effort: 0.0 })
    }
}

/// Fits every choice on the records that reach it.
fn learn(shape: &Shape, x: &Sparse, labels: &[u32], shares: Option<&[f32]>, width: usize, settings: Settings, seed: u64) -> (Blocks, Solved) {
    let mut members: Vec<(Vec<u32>, Vec<u32>)> = vec![Default::default(); shape.children.len()];
    for (position, &label) in labels.iter().enumerate() {
        for &(choice, child) in &shape.paths[label as usize] {
            members[choice as usize].0.push(position as u32);
            members[choice as usize].1.push(child);
        }
    }
    let fitted: Vec<_> = members
        .into_par_iter()
        .zip(&shape.children)
        .enumerate()
        .map(|(choice, ((rows, children), &count))| {
            let shares: Option<Vec<f32>> = shares.map(|s| rows.iter().map(|&r| s[r as usize]).collect());
            let seed = seed ^ (choice as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let whole = rows.len() == x.len();
            let (columns, own) = if whole { ((0..width as u32).collect(), Sparse::new()) } else { local(x, &rows, width) };
            let own = if whole { x } else { &own };
            let learnt = softmax::fit(own, &children, shares.as_deref(), count, columns.len(), settings, seed);
            let effort = learnt.passes as f64 * own.columns.len() as f64 * count as f64;
            ((columns, learnt.weights), (learnt.passes, learnt.settled, effort))
        })
        .collect();
    let (models, told): (Vec<_>, Vec<_>) = fitted.into_iter().unzip();
    let solved = Solved { passes: told.iter().map(|t| t.0).max().unwrap_or(0), settled: told.iter().all(|t| t.1), effort: told.iter().map(|t| t.2).sum() };
    (Blocks::of(models, width), solved)
}

/// Some rows with only the columns that occur in them, and what these stand for.
fn local(x: &Sparse, rows: &[u32], width: usize) -> (Vec<u32>, Sparse) {
    let mut number = vec![u32::MAX; width];
    for &row in rows {
        for &column in x.row(row as usize).0 {
            number[column as usize] = 0;
        }
    }
    let columns: Vec<u32> = (0..width as u32).filter(|&c| number[c as usize] == 0).collect();
    for (new, &column) in columns.iter().enumerate() {
        number[column as usize] = new as u32;
    }
    let mut own = Sparse::new();
    for &row in rows {
        let (columns, values) = x.row(row as usize);
        own.push(columns.iter().map(|&c| number[c as usize]).zip(values.iter().copied()));
    }
    (columns, own)
}

/// Logarithms of the codes' probabilities, shape (n, codes), row-major.
///
/// Below a place that a record hardly reaches, choices are by their intercepts alone: what is shared out there is next to nothing, and
/// parents stay the sums of their children.
fn scores(shape: &Shape, blocks: &Blocks, rows: &Sparse) -> Vec<f32> {
    let codes = shape.paths.len();
    let (mut room, mut at) = (vec![Lanes::ZERO; blocks.bias.len()], Vec::new());
    let (mut reach, mut live) = (vec![0.0f32; shape.children.len()], vec![true; blocks.bias.len()]);
    let place = |way: (u32, u32)| blocks.place(way);
    let mut all = vec![0.0; rows.len() * codes];
    for (row, out) in all.chunks_exact_mut(codes).enumerate() {
        blocks.begin(rows.row(row).0, &mut at);
        let mut choice = 0;
        for &number in &shape.depths {
            let last = choice + number;
            for own in choice..last {
                reach[own] = shape.above[own].map_or(0.0, |above| {
                    let (tile, lane) = place(above);
                    reach[above.0 as usize] + room[tile].0[lane]
                });
                live[blocks.first[own] as usize..blocks.first[own + 1] as usize].fill(reach[own] > HARDLY);
            }
            blocks.score(rows.row(row), blocks.first[choice] as usize..blocks.first[last] as usize, &live, &mut at, &mut room);
            (choice..last).for_each(|own| blocks.settle(own, shape.children[own], &mut room));
            choice = last;
        }
        for (log, path) in out.iter_mut().zip(&shape.paths) {
            if let Some(&last) = path.last() {
                let (tile, lane) = place(last);
                *log = reach[last.0 as usize] + room[tile].0[lane];
            }
        }
    }
    all
}

impl Coder for Tree {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let columns = columns(input);
        predict(&self.codes, &self.calibration, input.rows, keep, |rows| Ok(scores(&self.shape, &self.blocks, &self.space.apply(&columns, rows)?)))
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        pack.space("space", &self.space);
        pack.inside("choices", |pack| self.blocks.pack(pack));
        pack.calibration("calibration", &self.calibration);
        true
    }

    fn explain(&self, input: &Input<'_>, row: u32, code: u32, versus: u32) -> Result<Option<Explanation>, Failure> {
        let (code, versus) = (code as usize, versus as usize);
        let last = |code: usize| self.shape.paths[code].last().copied();
        // Only between codes of one choice are odds a sum over features: further down, each has the sum over its own brothers in it.
        let Some((own, other)) = last(code).zip(last(versus)).filter(|(own, other)| own.0 == other.0) else { return Ok(None) };
        let logs = scores(&self.shape, &self.blocks, &self.space.apply(&columns(input), &[row])?);
        let above = self.shape.paths.iter().zip(&logs).filter(|(path, _)| path.iter().any(|way| way.0 == own.0));
        // What is hardly reached goes by its intercepts alone.
        let reached = above.map(|(_, log)| log.exp()).sum::<f32>().ln() > HARDLY;
        let (slope, offset) = (self.calibration.slope, self.calibration.offset(code) - self.calibration.offset(versus));
        let (own, other) = (self.blocks.place(own), self.blocks.place(other));
        let start = slope * (self.blocks.intercept(own) - self.blocks.intercept(other)) + offset;
        let weight = |feature: usize| if reached { slope * (self.blocks.weight(feature, own) - self.blocks.weight(feature, other)) } else { 0.0 };
        let part = Decomposition::by(String::new(), self.space.spell(&columns(input), row)?, start, weight);
        Ok(Some(Explanation { code: self.codes[code].clone(), versus: self.codes[versus].clone(), exact: true, parts: vec![part] }))
    }

    fn effort(&self) -> f64 {
        self.effort
    }
}

#[cfg(test)]
mod tests {
    use super::super::hinge::tests::small;
    use super::*;

    const SETTINGS: Settings = Settings { c: 2.0, passes: 500, tolerance: 1e-6 };

    /// With one level above two groups the tree is two multinomial models, whose logarithms add up.
    #[test]
    fn equals_its_choices_fitted_one_by_one() {
        let (x, y) = small();
        let codes = ["11", "12", "20"].map(String::from);
        let shape = Shape::of(&codes, &[1]);
        let (blocks, solved) = learn(&shape, &x, &y, None, 3, SETTINGS, 5);
        assert!(solved.settled);
        let found = scores(&shape, &blocks, &x);
        let softmax = |scores: &[f32]| {
            let sum: f32 = scores.iter().map(|s| s.exp()).sum();
            scores.iter().map(|s| (s.exp() / sum).ln()).collect::<Vec<_>>()
        };
        let top: Vec<u32> = y.iter().map(|&l| u32::from(l == 2)).collect();
        let above = softmax::fit(&x, &top, None, 2, 3, SETTINGS, 9).weights;
        let inside: Vec<u32> = (0..8).filter(|&r| y[r as usize] < 2).collect();
        let labels: Vec<u32> = inside.iter().map(|&r| y[r as usize]).collect();
        let below = softmax::fit(&x.select(&inside), &labels, None, 2, 3, SETTINGS, 9).weights;
        for row in 0..8 {
            let (columns, values) = x.row(row);
            let (mut a, mut b) = ([0.0; 2], [0.0; 2]);
            above.score(columns, values, &mut a);
            below.score(columns, values, &mut b);
            let (a, b) = (softmax(&a), softmax(&b));
            for (f, e) in found[row * 3..row * 3 + 3].iter().zip([a[0] + b[0], a[0] + b[1], a[1]]) {
                assert!((f - e).abs() < 2e-3, "{f} {e}");
            }
            let sum: f32 = found[row * 3..row * 3 + 3].iter().map(|l| l.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-5);
        }
    }

    /// Scores go down the tree level by level; here levels without a choice lie beside others.
    #[test]
    fn probabilities_add_up_in_an_uneven_tree() {
        let (x, y) = small();
        let codes = ["1111", "1112", "2111", "2121", "2211", "2221", "2222", "31"].map(String::from);
        let labels: Vec<u32> = (0..8).map(|i| (y[i] * 3 + i as u32) % 8).collect();
        let shape = Shape::of(&codes, &[1, 2, 3]);
        let (blocks, _) = learn(&shape, &x, &labels, None, 3, Settings { passes: 20, ..SETTINGS }, 5);
        for record in scores(&shape, &blocks, &x).chunks_exact(8) {
            let sum: f32 = record.iter().map(|l| l.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{record:?}");
        }
    }

    #[test]
    fn threads_change_nothing() {
        let (x, y) = small();
        let codes = ["11", "12", "20"].map(String::from);
        let shape = Shape::of(&codes, &[1]);
        let fit = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| learn(&shape, &x, &y, None, 3, SETTINGS, 5).0)
        };
        assert_eq!(fit(1), fit(2));
    }
}
