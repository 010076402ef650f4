//! Tabular models on the 1994 census extract (adult): the published figure of a logistic regression, and ours beside linfa's own trees.

#![allow(clippy::print_stderr)] // Skips and figures measured by hand are told.

mod common;

use proofmark::data::{Factor, Strings};
use proofmark::model::{Growth, Input, Predictions, Recipe, TabularMethod, TabularRecipe, Target, fit};
use proofmark::value::Stream;

/// The extract: what is told of each person, and whether income is above 50,000 dollars.
struct Adult {
    ids: Strings,
    categories: Vec<(String, Factor)>,
    numbers: Vec<(String, Vec<f64>)>,
    codes: Vec<String>,
    truth: Vec<u32>,
}

impl Adult {
    fn read() -> Option<Self> {
        let folder = common::shared("datasets/adult")?;
        let text = std::fs::read_to_string(folder.join("adult.csv")).unwrap();
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
        let column = |name: &str| header.iter().position(|h| *h == name).map(|at| rows.iter().map(|r| r[at]).collect::<Vec<_>>()).unwrap();
        let categories = ["workclass", "education", "marital_status", "occupation", "relationship", "race", "sex", "native_country"];
        let numbers = ["age", "education_num", "capital_gain", "capital_loss", "hours_per_week"];
        let factor = |name: &str| Factor::from_strings(column(name).into_iter().map(|v| if v == "?" { "" } else { v }));
        Some(Self {
            ids: column("row_id").into_iter().collect(),
            categories: categories.map(|name| (name.to_owned(), factor(name))).to_vec(),
            numbers: numbers.map(|name| (name.to_owned(), column(name).into_iter().map(|v| v.parse().unwrap()).collect())).to_vec(),
            codes: vec!["<=50K".into(), ">50K".into()],
            truth: column("income").into_iter().map(|v| u32::from(v == ">50K")).collect(),
        })
    }

    fn input<'a>(&'a self, rows: &'a [u32]) -> Input<'a> {
        Input {
            ids: &self.ids,
            texts: vec![],
            categories: self.categories.iter().map(|(n, f)| (n.as_str(), f)).collect(),
            numbers: self.numbers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect(),
            rows,
        }
    }

    /// Accuracy on a random third of what is learnt from the rest, of which a tenth calibrates.
    fn accuracy(&self, method: &TabularMethod, split: u64) -> f64 {
        let mut rows: Vec<u32> = (0..self.truth.len() as u32).collect();
        Stream::named(split, "adult").shuffle(&mut rows);
        let (test, rest) = rows.split_at(rows.len() / 3);
        let (tune, train) = rest.split_at(rest.len() / 10);
        let target = Target { codes: &self.codes, index: &self.truth, weights: None, clusters: None };
        let recipe = Recipe::Tabular(TabularRecipe { method: method.clone() });
        let coder = fit(&recipe, &self.input(train), &self.input(tune), &target, 1, &mut |_| ()).unwrap_or_else(|f| panic!("{f}"));
        let p: Predictions = coder.predict(&self.input(test), 2).unwrap();
        let right = |(i, row): &(usize, &u32)| p.codes[p.ranking(*i)[0] as usize] == self.codes[self.truth[**row as usize] as usize];
        test.iter().enumerate().filter(right).count() as f64 / test.len() as f64
    }
}

fn logistic() -> TabularMethod {
    TabularMethod::NAMES[1].1.clone()
}

#[test]
fn one_split_is_near_the_published_logistic_figure() {
    let Some(adult) = Adult::read() else { return };
    let accuracy = adult.accuracy(&logistic(), 1);
    // 0.8479 ± 0.0026 over ten splits; one split may lie a little further off.
    assert!((0.838..0.862).contains(&accuracy), "{accuracy}");
}

#[test]
#[ignore = "ten splits by each method: about a minute"]
fn ten_splits_reach_the_published_logistic_figure() {
    let Some(adult) = Adult::read() else { return };
    for (name, method) in TabularMethod::NAMES {
        let all: Vec<f64> = (1..=10).map(|split| adult.accuracy(&method, split)).collect();
        let mean = all.iter().sum::<f64>() / 10.0;
        let sd = (all.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / 9.0).sqrt();
        eprintln!("{name}: {mean:.4}, standard deviation {sd:.4}");
        if name == "logistic" {
            assert!(mean >= 0.8479 - 0.0026, "{mean}");
        }
    }
}

/// What made us grow trees ourselves: run it twice and compare. Linfa's tree of three codes differs from run to run.
#[test]
#[ignore = "linfa's trees on one split: minutes"]
fn linfas_own_trees_beside_ours() {
    use linfa::Dataset;
    use linfa::traits::{Fit, Predict};
    use linfa_trees::DecisionTree;
    use ndarray::{Array1, Array2};
    let Some(adult) = Adult::read() else { return };
    let n = adult.truth.len();
    // One-hot, as linfa needs it.
    let levels: Vec<(usize, u32)> = adult.categories.iter().enumerate().flat_map(|(c, (_, f))| (0..f.labels.len() as u32).map(move |l| (c, l))).collect();
    let width = levels.len() + adult.numbers.len();
    let features = Array2::from_shape_fn((n, width), |(row, column)| match levels.get(column) {
        Some((c, level)) => f64::from(u8::from(adult.categories[*c].1.index[row] == *level)),
        None => adult.numbers[column - levels.len()].1[row],
    });
    // Three codes: income, and for the lower one whether hours are below 40.
    let codes: Array1<usize> = (0..n).map(|i| if adult.truth[i] == 1 { 2 } else { usize::from(adult.numbers[4].1[i] < 40.0) }).collect();
    let without_hours = features.select(ndarray::Axis(1), &(0..width - 1).collect::<Vec<_>>());
    for depth in [6, 10] {
        let grow = || {
            let began = std::time::Instant::now();
            let data = Dataset::new(without_hours.clone(), codes.clone());
            let tree = DecisionTree::<f64, usize>::params().max_depth(Some(depth)).min_weight_leaf(5.0).fit(&data).unwrap();
            (tree.num_leaves(), tree.predict(&without_hours), began.elapsed().as_secs_f64())
        };
        let (a, b) = (grow(), grow());
        let differ = a.1.iter().zip(&b.1).filter(|(x, y)| x != y).count();
        eprintln!("linfa, depth {depth}, {width} columns: {:.1} s, leaves {} and {}, predictions that differ: {differ}", a.2, a.0, b.0);
    }
    let began = std::time::Instant::now();
    let ours = adult.accuracy(&TabularMethod::Tree(Growth { depth: 10, min_leaf: 5 }), 1);
    eprintln!("ours, depth 10: {:.2} s with calibration and prediction, accuracy {ours:.4}", began.elapsed().as_secs_f64());
}
