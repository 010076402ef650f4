//! Fits a recipe: the one door to all kinds of model that are trained here.

use super::baseline::Baseline;
use super::cascade::Cascade;
use super::embedding::Embedding;
use super::ensemble::Ensemble;
use super::hinge::Settings;
use super::index::Index;
use super::nearest::Nearest;
use super::part::Part;
use super::scored::{Scored, columns};
use super::tabular::Tabular;
use super::tabular::fitted::Fitted;
use super::tabular::recipe::TabularMethod;
use super::tree::Tree;
use super::weights::Learnt;
use super::{Coder, ComplementNbRecipe, EmbeddingRecipe, EnsembleRecipe, Input, LinearRecipe, Loss, Recipe, Target, TextRecipe, bayes, hinge, softmax};
use crate::text::{Columns, Space, Sparse};
use crate::value::{Class, Failure, Problem};

/// Where one-vs-rest scores stop: LIBLINEAR's own default for dual solvers.
const HINGE_TOLERANCE: f32 = 0.1;

/// Where logistic scores stop: the mean movement of a record's probabilities in a pass.
const LOGISTIC_TOLERANCE: f32 = 0.001;

/// Most folds of an ensemble.
const MOST_FOLDS: usize = 20;

/// Fits a recipe on the labelled rows of `train`, and probabilities on those of `tune`; calls `phase` as "features", "fit" and
/// "calibrate" begin. The same inputs and seed give the same model on any number of threads.
///
/// Records without a code are skipped. Codes that the training part lacks can never be given.
///
/// # Errors
/// When a setting is out of range, the training part has fewer than two codes, or there is nothing to learn from. A
/// recipe of what was made elsewhere (see [`Recipe::learns`]) is not fitted here.
pub fn fit(
    recipe: &Recipe,
    train: &Input<'_>,
    tune: &Input<'_>,
    target: &Target<'_>,
    seed: u64,
    phase: &mut dyn FnMut(&'static str),
) -> Result<Box<dyn Coder>, Failure> {
    match recipe {
        Recipe::Majority | Recipe::Prior => {
            phase("fit");
            Ok(Box::new(Baseline::fit(matches!(recipe, Recipe::Prior).then_some(seed), train, target)?))
        }
        Recipe::ComplementNb(recipe) => Ok(Box::new(fit_bayes(recipe, train, tune, target, seed, phase)?)),
        Recipe::Linear(recipe) if recipe.hierarchical => Ok(Box::new(fit_tree(recipe, train, tune, target, seed, phase)?)),
        Recipe::Linear(recipe) => Ok(Box::new(fit_linear(recipe, train, tune, target, seed, phase)?)),
        Recipe::Embedding(recipe) => Ok(Box::new(fit_embedding(recipe, train, tune, target, seed, phase)?)),
        Recipe::Ensemble(recipe) => Ok(Box::new(fit_ensemble(recipe, train, tune, target, seed, phase)?)),
        Recipe::Tabular(recipe) => match &recipe.method {
            TabularMethod::NaiveBayes { smoothing } => Ok(Box::new(Tabular::fit(*smoothing, train, tune, target, phase)?)),
            method => Ok(Box::new(Fitted::fit(method, train, tune, target, seed, phase)?)),
        },
        Recipe::Index(recipe) => Ok(Box::new(Index::fit(recipe, train, tune, target, phase)?)),
        Recipe::Nearest(recipe) => Ok(Box::new(Nearest::fit(recipe, train, tune, target, seed, phase)?)),
        Recipe::Cascade(recipe) => Ok(Box::new(Cascade::fit(recipe, train, tune, target, seed, phase)?)),
        Recipe::Predictions(_) | Recipe::Command(_) | Recipe::FastText(_) | Recipe::Onnx(_) | Recipe::Saved(_) => {
            Err(Problem::new(Class::Internal, "what was made elsewhere is read or run, not fitted").into())
        }
    }
}

fn fit_linear(
    recipe: &LinearRecipe,
    train: &Input<'_>,
    tune: &Input<'_>,
    target: &Target<'_>,
    seed: u64,
    phase: &mut dyn FnMut(&'static str),
) -> Result<Scored, Failure> {
    check(check_linear(recipe, train), "linear", train)?;
    phase("features");
    let part = Part::training(train, target)?;
    let held = part.other(tune, target);
    let shares = linear_shares(recipe, &part, target)?;
    let (space, features) = Space::fit(&recipe.text, &columns(train), &part.rows);
    let (labels, codes, width) = (part.labels.clone(), part.codes.len(), space.width());
    Scored::fit(space, &features, part, (tune, &held), seed, phase, |x, positions| {
        let labels: Vec<u32> = positions.iter().map(|&p| labels[p as usize]).collect();
        let shares: Option<Vec<f32>> = shares.as_ref().map(|s| positions.iter().map(|&p| s[p as usize]).collect());
        learn(recipe, x, &labels, shares.as_deref(), codes, width, seed)
    })
}

fn fit_tree(
    recipe: &LinearRecipe,
    train: &Input<'_>,
    tune: &Input<'_>,
    target: &Target<'_>,
    seed: u64,
    phase: &mut dyn FnMut(&'static str),
) -> Result<Tree, Failure> {
    let mut problems = check_linear(recipe, train);
    if recipe.loss != Loss::Logistic {
        let problem = Problem::new(Class::Study, "`hierarchical` needs the probabilities of the logistic loss");
        problems.push(problem.remedy("set `loss` to \"logistic\", or leave `hierarchical` out"));
    }
    check(problems, "linear", train)?;
    phase("features");
    let part = Part::training(train, target)?;
    let held = part.other(tune, target);
    let shares = linear_shares(recipe, &part, target)?;
    let features = Space::fit(&recipe.text, &columns(train), &part.rows);
    let settings = Settings { c: recipe.c, passes: recipe.passes, tolerance: LOGISTIC_TOLERANCE };
    Tree::fit(features, part, (tune, &held), &recipe.levels, shares.as_deref(), settings, seed, phase)
}

fn fit_embedding(
    recipe: &EmbeddingRecipe,
    train: &Input<'_>,
    tune: &Input<'_>,
    target: &Target<'_>,
    seed: u64,
    phase: &mut dyn FnMut(&'static str),
) -> Result<Embedding, Failure> {
    let mut problems = check_text(&recipe.text, !train.texts.is_empty());
    positive("rate", recipe.rate, &mut problems);
    if recipe.dim == 0 || recipe.epochs == 0 {
        problems.push(Problem::new(Class::Study, "`dim` and `epochs` must be 1 or more").remedy("leave them out for 48 and 5"));
    }
    check(problems, "embedding", train)?;
    phase("features");
    let part = Part::training(train, target)?;
    let held = part.other(tune, target);
    let shares = survey_shares(recipe.weighted, &part, target)?;
    let features = Space::fit(&recipe.text, &columns(train), &part.rows);
    Embedding::fit(recipe, features, part, (tune, &held), shares.as_deref(), seed, phase)
}

/// Gives up where there are problems, or no column to look at.
fn check(mut problems: Vec<Problem>, recipe: &str, train: &Input<'_>) -> Result<(), Failure> {
    if train.texts.is_empty() && train.categories.is_empty() && train.numbers.is_empty() {
        problems.push(no_columns(recipe, "text, category or number"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}

/// The survey weights of the training part with mean 1, where they are to be used.
fn survey_shares(weighted: bool, part: &Part, target: &Target<'_>) -> Result<Option<Vec<f32>>, Failure> {
    if !weighted || target.weights.is_none() {
        return Ok(None);
    }
    Ok(Some(part.shares(target)?.into_iter().map(|w| w as f32).collect()))
}

/// How much each record of the training part counts for a linear model: by its survey weight, its code's frequency, or both.
fn linear_shares(recipe: &LinearRecipe, part: &Part, target: &Target<'_>) -> Result<Option<Vec<f32>>, Failure> {
    let shares = survey_shares(recipe.weighted, part, target)?;
    if recipe.class_weight == 0.0 {
        return Ok(shares);
    }
    let mut counts = vec![0.0f64; part.codes.len()];
    part.labels.iter().for_each(|&l| counts[l as usize] += 1.0);
    let raised: Vec<f64> = part.labels.iter().map(|&l| counts[l as usize].powf(-recipe.class_weight)).collect();
    let mean = raised.iter().sum::<f64>() / raised.len() as f64;
    Ok(Some(raised.iter().enumerate().map(|(i, r)| (r / mean) as f32 * shares.as_ref().map_or(1.0, |s| s[i])).collect()))
}

/// Weights of a linear model.
fn learn(recipe: &LinearRecipe, x: &Sparse, labels: &[u32], shares: Option<&[f32]>, codes: usize, width: usize, seed: u64) -> Learnt {
    let settings = |tolerance| Settings { c: recipe.c, passes: recipe.passes, tolerance };
    match recipe.loss {
        Loss::SquaredHinge => hinge::fit(x, labels, shares, codes, width, settings(HINGE_TOLERANCE), seed),
        Loss::Logistic => softmax::fit(x, labels, shares, codes, width, settings(LOGISTIC_TOLERANCE), seed),
    }
}

fn fit_ensemble(
    recipe: &EnsembleRecipe,
    train: &Input<'_>,
    tune: &Input<'_>,
    target: &Target<'_>,
    seed: u64,
    phase: &mut dyn FnMut(&'static str),
) -> Result<Ensemble, Failure> {
    let mut problems: Vec<Problem> = Vec::new();
    for (number, member) in recipe.members.iter().enumerate() {
        problems.extend(check_linear(member, train).into_iter().map(|p| p.within(format!("member {}", number + 1))));
    }
    if recipe.members.is_empty() {
        problems.push(Problem::new(Class::Study, "the ensemble has no member").remedy("give it two or more, or leave `member` out for the default ones"));
    }
    if !(2..=MOST_FOLDS).contains(&recipe.folds) {
        problems
            .push(Problem::new(Class::Study, format!("`folds` is {}", recipe.folds)).remedy(format!("set `folds` from 2 to {MOST_FOLDS}; 4 is the default")));
    }
    if train.texts.is_empty() && train.categories.is_empty() && train.numbers.is_empty() {
        problems.push(no_columns("ensemble", "text, category or number"));
    }
    if !problems.is_empty() {
        return Err(Failure::of(problems));
    }
    Ensemble::fit(recipe, train, tune, target, seed, phase, |member, x, labels, shares, codes, width| learn(member, x, labels, shares, codes, width, seed))
}

/// What is wrong with the settings of a linear model.
fn check_linear(recipe: &LinearRecipe, train: &Input<'_>) -> Vec<Problem> {
    let mut problems = check_text(&recipe.text, !train.texts.is_empty());
    positive("c", recipe.c, &mut problems);
    if recipe.passes == 0 {
        problems.push(Problem::new(Class::Study, "`passes` is 0").remedy("set `passes` to 1 or more; 100 is the default"));
    }
    problems
}

fn fit_bayes(
    recipe: &ComplementNbRecipe,
    train: &Input<'_>,
    tune: &Input<'_>,
    target: &Target<'_>,
    seed: u64,
    phase: &mut dyn FnMut(&'static str),
) -> Result<Scored, Failure> {
    let mut problems = check_text(&recipe.text, !train.texts.is_empty());
    positive("alpha", recipe.alpha, &mut problems);
    if train.texts.is_empty() {
        problems.push(no_columns("complement-nb", "text"));
    }
    if !problems.is_empty() {
        return Err(Failure::of(problems));
    }
    phase("features");
    let part = Part::training(train, target)?;
    let held = part.other(tune, target);
    let (space, features) = Space::fit(&recipe.text, &Columns { texts: &train.texts, categories: &[], numbers: &[] }, &part.rows);
    let (labels, codes, width) = (part.labels.clone(), part.codes.len(), space.width());
    Scored::fit(space, &features, part, (tune, &held), seed, phase, |x, positions| {
        let labels: Vec<u32> = positions.iter().map(|&p| labels[p as usize]).collect();
        bayes::fit(x, &labels, codes, width, recipe.alpha)
    })
}

/// What is wrong with the settings of text features.
pub fn check_text(text: &TextRecipe, has_text: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, (lo, hi)) in [("words", text.words), ("characters", text.characters)] {
        if (lo == 0) != (hi == 0) || lo > hi {
            problems.push(
                Problem::new(Class::Study, format!("`{name}` goes from {lo} to {hi}"))
                    .remedy("give the shortest and longest length, e.g. [1, 2], or [0, 0] for none"),
            );
        }
    }
    if has_text && text.words.1 == 0 && text.characters.1 == 0 {
        problems.push(Problem::new(Class::Study, "neither words nor characters of the text are used").remedy("set `words` to [1, 2]"));
    }
    if text.hash_bits > 30 {
        problems.push(
            Problem::new(Class::Study, format!("`hash_bits` is {}", text.hash_bits)).remedy("set it to 30 or less; 18 to 22 is usual, 0 keeps a vocabulary"),
        );
    }
    problems
}

/// Adds a problem when a setting is not a positive number.
pub fn positive(name: &str, value: f64, problems: &mut Vec<Problem>) {
    if !(value.is_finite() && value > 0.0) {
        problems.push(Problem::new(Class::Study, format!("`{name}` is {value}")).remedy(format!("set `{name}` to a number above 0")));
    }
}

/// The problem that a recipe has no column to work on.
pub fn no_columns(recipe: &str, kinds: &str) -> Problem {
    Problem::new(Class::Study, format!("a {recipe} candidate needs at least one {kinds} column, and there is none"))
        .remedy("give the dataset's columns their roles, or choose another kind of candidate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Factor, MISSING, Strings};
    use crate::model::{CascadeRecipe, NearestRecipe, Predictions, StepRecipe, TabularRecipe};
    use crate::value::Stream;

    /// A survey in which the answer, the region and the age tell the code more or less.
    struct Survey {
        answers: Strings,
        regions: Factor,
        ages: Vec<f64>,
        codes: Vec<String>,
        index: Vec<u32>,
    }

    impl Survey {
        fn new(records: usize) -> Self {
            let mut stream = Stream::named(11, "survey");
            let index: Vec<u32> = (0..records).map(|_| stream.below(20) as u32).collect();
            let answers = index
                .iter()
                .map(|code| {
                    let own = if stream.unit() < 0.8 { u64::from(*code) } else { stream.below(20) };
                    format!("work{own} and thing{}", stream.below(500))
                })
                .collect();
            let regions: Vec<String> = index.iter().map(|code| if stream.unit() < 0.7 { format!("r{}", code % 4) } else { String::new() }).collect();
            let ages = index.iter().map(|code| if stream.unit() < 0.9 { f64::from(*code) + stream.normal() } else { f64::NAN }).collect();
            let codes = (0..20).map(|code| format!("{code:02}")).collect();
            Self { answers, regions: Factor::from_strings(regions.iter().map(String::as_str)), ages, codes, index }
        }

        fn input<'a>(&'a self, rows: &'a [u32]) -> Input<'a> {
            Input {
                ids: &self.answers,
                texts: vec![("answer", &self.answers)],
                categories: vec![("region", &self.regions)],
                numbers: vec![("age", &self.ages)],
                rows,
            }
        }

        fn target(&self) -> Target<'_> {
            Target { codes: &self.codes, index: &self.index, weights: None, clusters: None }
        }

        fn fit(&self, recipe: &Recipe, train: &[u32], tune: &[u32]) -> Result<Box<dyn Coder>, Failure> {
            fit(recipe, &self.input(train), &self.input(tune), &self.target(), 7, &mut |_| ())
        }

        fn accuracy(&self, predictions: &Predictions, rows: &[u32]) -> f64 {
            let right =
                |&(record, row): &(usize, &u32)| predictions.codes[predictions.ranking(record)[0] as usize] == self.codes[self.index[*row as usize] as usize];
            rows.iter().enumerate().filter(right).count() as f64 / rows.len() as f64
        }
    }

    fn tabular(method: usize) -> Recipe {
        Recipe::Tabular(TabularRecipe { method: TabularMethod::NAMES[method].1.clone() })
    }

    fn recipes() -> Vec<Recipe> {
        vec![
            Recipe::Majority,
            Recipe::Prior,
            Recipe::ComplementNb(ComplementNbRecipe::default()),
            Recipe::Linear(LinearRecipe::default()),
            Recipe::Linear(LinearRecipe { loss: Loss::SquaredHinge, c: 0.5, weighted: true, ..LinearRecipe::default() }),
            Recipe::Ensemble(EnsembleRecipe::default()),
            Recipe::Tabular(TabularRecipe::default()),
            Recipe::Nearest(NearestRecipe { text: TextRecipe { words: (1, 1), ..TextRecipe::default() }, ..NearestRecipe::default() }),
            tabular(1),
            tabular(2),
            tabular(3),
            Recipe::Cascade(CascadeRecipe {
                steps: vec![
                    StepRecipe { recipe: Recipe::ComplementNb(ComplementNbRecipe::default()), at_least: Some(0.9) },
                    StepRecipe { recipe: Recipe::Linear(LinearRecipe::default()), at_least: None },
                ],
            }),
        ]
    }

    fn parts(n: u32) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        ((0..n * 6 / 10).collect(), (n * 6 / 10..n * 7 / 10).collect(), (n * 7 / 10..n).collect())
    }

    #[test]
    fn every_recipe_gives_probabilities_and_the_fitted_ones_know_something() {
        let survey = Survey::new(3000);
        let (train, tune, test) = parts(3000);
        let least = [0.03, 0.03, 0.6, 0.75, 0.75, 0.75, 0.3, 0.35, 0.3, 0.3, 0.3, 0.75];
        for (recipe, least) in recipes().iter().zip(least) {
            for tune in [&tune[..], &[]] {
                let coder = survey.fit(recipe, &train, tune).expect("fits");
                let p = coder.predict(&survey.input(&test), usize::MAX).expect("codes");
                assert_eq!((p.len(), coder.codes().len()), (test.len(), 20));
                assert!(survey.accuracy(&p, &test) > least, "{} {}", recipe.kind(), survey.accuracy(&p, &test));
                for record in 0..p.len() {
                    let sum: f64 = p.confidences(record).iter().sum();
                    // A code drawn by chance comes first whatever its share.
                    let from = usize::from(matches!(recipe, Recipe::Prior));
                    assert!(p.confidences(record)[from..].is_sorted_by(|a, b| a >= b));
                    assert!(!p.complete || (sum - 1.0).abs() < 1e-9, "{} {sum}", recipe.kind());
                }
                assert_eq!(p.complete, *recipe != Recipe::Majority);
                let few = coder.predict(&survey.input(&test), 3).expect("codes");
                assert!(few.kept <= 3 && few.ranking(5) == &p.ranking(5)[..few.kept]);
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let survey = Survey::new(3000);
        let (train, tune, test) = parts(3000);
        for recipe in recipes() {
            let run = |threads| {
                rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .expect("a pool")
                    .install(|| survey.fit(&recipe, &train, &tune).expect("fits").predict(&survey.input(&test), usize::MAX).expect("codes"))
            };
            let (one, two) = (run(1), run(2));
            assert_eq!(one.ranked, two.ranked);
            assert!(one.confidence.iter().zip(&two.confidence).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", recipe.kind());
        }
    }

    #[test]
    fn phases_are_called_in_order() {
        let survey = Survey::new(500);
        let (train, tune, _) = parts(500);
        let mut phases = Vec::new();
        fit(&Recipe::Linear(LinearRecipe::default()), &survey.input(&train), &survey.input(&tune), &survey.target(), 7, &mut |p| phases.push(p)).expect("fits");
        assert_eq!(phases, ["features", "fit", "calibrate"]);
    }

    #[test]
    fn the_order_of_columns_does_not_matter() {
        let survey = Survey::new(600);
        let other: Strings = (0..600).map(|i| format!("office{}", i % 7)).collect();
        let (train, tune, test) = parts(600);
        let run = |turned: bool| {
            let input = |rows| {
                let mut input = survey.input(rows);
                input.texts.push(("duty", &other));
                if turned {
                    input.texts.reverse();
                }
                input
            };
            let coder = fit(&Recipe::Linear(LinearRecipe::default()), &input(&train), &input(&tune), &survey.target(), 7, &mut |_| ()).expect("fits");
            coder.predict(&input(&test), 5).expect("codes")
        };
        assert_eq!(run(false), run(true));
    }

    #[test]
    fn empty_answers_and_uncoded_records_are_no_trouble() {
        let mut survey = Survey::new(900);
        survey.answers = survey.answers.iter().enumerate().map(|(i, a)| if i % 5 == 0 { "" } else { a }).collect();
        (0..900).filter(|i| i % 7 == 0).for_each(|i| survey.index[i] = MISSING);
        let (train, tune, test) = parts(900);
        for recipe in recipes() {
            let coder = survey.fit(&recipe, &train, &tune).expect("fits");
            let p = coder.predict(&Input { categories: vec![("region", &survey.regions)], ..survey.input(&test) }, usize::MAX).expect("codes");
            assert!(p.confidence.iter().all(|c| (0.0..=1.0).contains(c)));
            assert!(coder.predict(&survey.input(&[]), 5).expect("codes").is_empty());
        }
    }

    #[test]
    fn weights_pull_the_baselines() {
        let survey = Survey::new(100);
        let weights: Vec<f64> = survey.index.iter().map(|&c| if c == 13 { 1000.0 } else { 1.0 }).collect();
        let target = Target { weights: Some(&weights), ..survey.target() };
        let rows: Vec<u32> = (0..100).collect();
        let coder = fit(&Recipe::Prior, &survey.input(&rows), &survey.input(&[]), &target, 7, &mut |_| ()).expect("fits");
        let p = coder.predict(&survey.input(&rows[..1]), usize::MAX).expect("codes");
        assert!(p.codes[p.ranking(0)[0] as usize] == "13" && p.confidences(0)[0] > 0.9);
    }

    #[test]
    fn what_cannot_be_learnt_says_so_with_a_remedy() {
        let mut survey = Survey::new(100);
        let rows: Vec<u32> = (0..100).collect();
        let failing = |survey: &Survey, recipe: &Recipe| {
            let failure = survey.fit(recipe, &rows, &[]).err().expect("fails");
            assert!(failure.problems.iter().all(|p| p.remedy.is_some()), "{failure}");
            failure.problems.into_iter().map(|p| p.message).collect::<Vec<_>>()
        };
        let rare = TextRecipe { min_records: 1000, ..TextRecipe::default() };
        assert!(failing(&survey, &Recipe::ComplementNb(ComplementNbRecipe { text: rare, alpha: 0.3 }))[0].starts_with("no feature is left"));
        let wrong = TextRecipe { words: (2, 1), hash_bits: 40, ..TextRecipe::default() };
        assert_eq!(failing(&survey, &Recipe::Linear(LinearRecipe { text: wrong, c: f64::NAN, passes: 0, ..LinearRecipe::default() })).len(), 4);
        survey.index.iter_mut().for_each(|i| *i = 3);
        for recipe in recipes() {
            assert!(failing(&survey, &recipe)[0].starts_with("the training part has only one code"));
        }
        survey.index.iter_mut().for_each(|i| *i = MISSING);
        assert_eq!(failing(&survey, &Recipe::Prior), ["the training part has no coded record"]);
        let bare = Input { texts: vec![], categories: vec![], numbers: vec![], ..survey.input(&rows) };
        for recipe in &recipes()[2..] {
            let failure = fit(recipe, &bare, &bare, &survey.target(), 7, &mut |_| ()).err().expect("fails");
            assert!(failure.problems[0].message.contains("needs at least one"), "{failure}");
        }
    }
}
