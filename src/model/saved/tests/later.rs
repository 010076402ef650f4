//! Kinds with parts of their own: averaged embeddings, trees, nearest answers, indexes, cascades.

use super::*;
use crate::model::{CascadeRecipe, EmbeddingRecipe, Growth, IndexEntries, IndexRecipe, IndexSource, NearestRecipe, Over, StepRecipe, TabularMethod, UNCODED};
use std::sync::Arc;

fn index() -> IndexRecipe {
    // Answers of the survey but for what normalising takes away; one in nine with the code after its own.
    let entries: Vec<(String, String)> = (0..12)
        .flat_map(|code| (0..40).flat_map(move |thing| (0..9).map(move |site| (code, thing, site))))
        .map(|(code, thing, site)| (format!("WORK{code} nee thing{thing} on site {site}"), format!("{:02}", if site == 8 { code + 1 } else { code })))
        .collect();
    let entries = IndexEntries {
        file: "index.csv".into(),
        digest: "d".into(),
        texts: entries.iter().map(|e| &e.0).collect(),
        codes: entries.iter().map(|e| &e.1).collect(),
    };
    IndexRecipe { column: Some("answer".into()), any_word_order: true, entries: Some(Arc::new(entries)), ..IndexRecipe::default() }
}

fn hierarchical() -> Recipe {
    Recipe::Linear(LinearRecipe { hierarchical: true, levels: vec![1], class_weight: 0.25, ..LinearRecipe::default() })
}

fn tabular(method: TabularMethod) -> Recipe {
    Recipe::Tabular(TabularRecipe { method })
}

fn forest() -> TabularMethod {
    TabularMethod::Forest { trees: 7, columns_per_split: 1, growth: Growth { depth: 6, min_leaf: 2 } }
}

fn embedding() -> Recipe {
    Recipe::Embedding(EmbeddingRecipe { dim: 12, epochs: 3, ..EmbeddingRecipe::default() })
}

fn cascade(steps: Vec<(Recipe, Option<f64>)>) -> Recipe {
    Recipe::Cascade(CascadeRecipe { steps: steps.into_iter().map(|(recipe, at_least)| StepRecipe { recipe, at_least }).collect() })
}

/// Recipes of these kinds.
pub fn recipes() -> Vec<Recipe> {
    let text = TextRecipe { words: (1, 1), characters: (3, 3), min_records: 3, ..TextRecipe::default() };
    vec![
        embedding(),
        hierarchical(),
        Recipe::Linear(LinearRecipe { hierarchical: true, ..LinearRecipe::default() }),
        tabular(TabularMethod::NAMES[1].1.clone()),
        tabular(TabularMethod::Tree(Growth { depth: 5, min_leaf: 4 })),
        tabular(forest()),
        Recipe::Index(index()),
        Recipe::Index(IndexRecipe { from: IndexSource::Training, min_records: 1, fold_accents: false, ..IndexRecipe::default() }),
        Recipe::Nearest(NearestRecipe { text, neighbours: 7, ..NearestRecipe::default() }),
        Recipe::Nearest(NearestRecipe { over: Over::Numbers, power: 0.1 + 0.2, ..NearestRecipe::default() }),
        cascade(vec![
            (Recipe::Index(index()), None),
            (Recipe::Nearest(NearestRecipe::default()), Some(0.9)),
            (tabular(forest()), Some(0.1 + 0.2)),
            (hierarchical(), None),
        ]),
        cascade(vec![(Recipe::Majority, Some(0.99)), (Recipe::Index(index()), None), (embedding(), Some(0.5))]),
    ]
}

/// The files of a model on a small survey.
fn saved(recipe: &Recipe) -> (String, Vec<u8>) {
    let files = save(Survey::new(120, 3).fit(recipe).as_ref(), recipe, &Provenance::default()).expect("saves").files;
    (String::from_utf8(files[0].1.clone()).expect("text"), files[1].1.clone())
}

/// Tells in words what is wrong with a changed model.
fn told(head: &str, weights: &[u8], words: &str) {
    let head = sealed(head, weights);
    let failure = load("f", head.as_bytes(), &mut |_, _| Ok(weights.to_vec())).err().unwrap_or_else(|| panic!("{words}: was loaded"));
    let problem = &failure.problems[0];
    assert!(problem.message.contains(words) && problem.remedy.is_some() && problem.place.is_some(), "{words}: {failure}");
}

/// A change to the tensors of a model, and what is said of it.
type Change<'a> = (fn(&mut Listed), &'a str);

/// Makes each change to the tensors of a model.
fn refused(recipe: &Recipe, changes: &[Change<'_>]) {
    let (head, weights) = saved(recipe);
    for (change, words) in changes {
        told(&head, &tensors(&weights, change), words);
    }
}

/// Changes to `model.toml`, and what is said of each.
fn refused_settings(recipe: &Recipe, changes: &[(&str, &str, &str)]) {
    let (head, weights) = saved(recipe);
    for (from, to, words) in changes {
        assert!(head.contains(from), "{from} is not in {head}");
        told(&head.replacen(from, to, 1), &weights, words);
    }
}

/// Puts a number in the place of another one.
fn put<const N: usize>(list: &mut Listed, name: &str, at: usize, bytes: [u8; N]) {
    named(list, name).3[at * N..(at + 1) * N].copy_from_slice(&bytes);
}

fn small_number(list: &mut Listed, name: &str, at: usize, value: u32) {
    put(list, name, at, value.to_le_bytes());
}

#[test]
fn embeddings_and_choices_are_checked() {
    refused(
        &embedding(),
        &[
            (|l| named(l, "features").2.swap(0, 1), "`features` has shape"),
            (|l| named(l, "codes").2.swap(0, 1), "`codes` has shape"),
            (|l| put(l, "bias", 1, f32::NAN.to_le_bytes()), "`bias` has a number that is NaN"),
        ],
    );
    refused_settings(&embedding(), &[("dim = 12", "dim = 0", "`dim` is 0"), ("dim = 12", "dim = 4611686018427387904", "`features` has shape")]);
    refused(
        &hierarchical(),
        &[
            (|l| small_number(l, "choices.tiles", 3, 9), "`choices.tiles` has the number 9 where 1 are to choose from"),
            (|l| put(l, "choices.tiles.ends", 0, 1_000_000u64.to_le_bytes()), "`choices.tiles.ends` do not ascend"),
            (|l| put(l, "choices.tiles.ends", 1, u64::MAX.to_le_bytes()), "`choices.tiles.ends` do not ascend"),
            (|l| named(l, "choices.weights").2.swap(0, 1), "`choices.weights` has shape"),
        ],
    );
    refused_settings(
        &hierarchical(),
        &[
            ("hierarchical = true", "hierarchical = false", "`weights` is missing"),
            // Two choices where one was saved.
            ("codes = [\"00\", \"01\", \"02\"]", "codes = [\"00\", \"01\", \"12\"]", "`choices.intercepts` has shape"),
            ("levels = [1]", &format!("levels = [{}]", "1, ".repeat(65)), "65 levels of codes"),
        ],
    );
    refused_settings(&Recipe::Linear(LinearRecipe::default()), &[("passes = 100", "passes = 100\nhierarchical = true", "`choices.tiles` is missing")]);
}

#[test]
fn trees_lead_somewhere_and_ever_further_down() {
    let forest = tabular(forest());
    // Numbers of the first node: column, test, whether unseen values go left, left, right.
    refused(
        &forest,
        &[
            (|l| small_number(l, "nodes", 3, 0), "a node of tree 1"),
            (|l| small_number(l, "nodes", 4, 0), "a node of tree 1"),
            (|l| small_number(l, "nodes", 4, 100_000), "a node of tree 1"),
            (|l| small_number(l, "nodes", 0, 2), "a node of tree 1"),
            (|l| small_number(l, "nodes", 2, 2), "a node of tree 1"),
            (|l| small_number(l, "nodes", 0, u32::MAX), "a node of tree 1"),
            (|l| put(l, "nodes.ends", 0, 1u64.to_le_bytes()), "the number of nodes of tree 1"),
            (|l| small_number(l, "leaves.codes", 0, 3), "a leaf of tree 1"),
            (|l| small_number(l, "leaves.counts", 0, 0), "a leaf of tree 1"),
            (|l| small_number(l, "leaves", 1, 0), "a leaf of tree 1"),
            (|l| small_number(l, "levels", 0, 1 << 16), "a level of tree"),
            (|l| small_number(l, "levels", 0, 0x7fff), "a set of levels of tree"),
            (|l| small_number(l, "sets", 0, 1), "a set of levels of tree 1"),
            (|l| put(l, "edges.0", 0, 1e9f64.to_le_bytes()), "`edges.0` do not ascend"),
            (|l| put(l, "shares", 0, 2f64.to_le_bytes()), "`shares` are not shares"),
        ],
    );
    refused_settings(
        &forest,
        &[
            ("trees = 7", "trees = 6", "`sets.ends` has shape"),
            ("trees = 7", "trees = 0", "a number of trees"),
            ("method = \"forest\"", "method = \"logistic\"\nc = 1.0\npasses = 1\nmin_records = 1", "is missing"),
        ],
    );
    refused(
        &tabular(TabularMethod::NAMES[1].1.clone()),
        &[
            (|l| small_number(l, "others", 0, 2), "`others` has the number 2"),
            (|l| named(l, "weights").2.swap(0, 1), "`weights` has shape"),
            (|l| put(l, "scales", 1, (-1f64).to_le_bytes()), "a standard deviation below 0"),
        ],
    );
}

#[test]
fn indexes_nearest_answers_and_cascades_are_checked() {
    refused(
        &Recipe::Index(index()),
        &[
            (|l| put(l, "exact.keys", 0, u64::MAX.to_le_bytes()), "`exact.keys` do not ascend"),
            (|l| small_number(l, "normalised.codes", 0, 13), "`normalised.codes` has the number 13"),
            (|l| put(l, "sure", 0, 1f64.to_le_bytes()), "`sure` are no shares"),
        ],
    );
    refused_settings(&Recipe::Index(index()), &[("columns = [\"answer\"]", "columns = [\"duty\"]", "not those that the settings name")]);
    let nearest = Recipe::Nearest(NearestRecipe::default());
    refused(
        &nearest,
        &[
            (|l| small_number(l, "labels", 0, 3), "`labels` has the number 3"),
            (|l| put(l, "ids.ends", 0, u64::MAX.to_le_bytes()), "`ids` is not text within its bounds"),
            (|l| small_number(l, "rows.columns", 0, u32::MAX), "`rows.columns` has the number"),
            (|l| put(l, "rows.values", 0, (-0.1f32).to_le_bytes()), "row 1 is none that features of a text give"),
            (|l| put(l, "rows.values", 0, 1e30f32.to_le_bytes()), "row 1 is none that features of a text give"),
            (|l| put(l, "rows.ends", 0, 1_000_000u64.to_le_bytes()), "`rows.ends` do not ascend"),
        ],
    );
    refused_settings(&nearest, &[("neighbours = 40", "neighbours = 0", "not above 0"), ("power = 2.0", "power = nan", "not above 0")]);
    let steps = cascade(vec![(Recipe::Index(index()), None), (Recipe::Majority, None)]);
    refused(
        &steps,
        &[
            (|l| small_number(l, "tops", 0, 7), "`tops` are no calibration of step 1"),
            (|l| put(l, "tops.values", 2, 1f64.to_le_bytes()), "are no calibration of step 1"),
            (|l| put(l, "shares", 0, (-1f64).to_le_bytes()), "`shares` are not shares"),
            (|l| l.retain(|t| t.0 != "step.1.shares"), "`step.1.shares` is missing"),
            (|l| small_number(l, "step.0.exact.codes", 0, 13), "`step.0.exact.codes` has the number 13"),
        ],
    );
    refused_settings(
        &steps,
        &[
            ("\"step.1.codes\" = [\"00\", ", "\"step.1.codes\" = [\"77\", ", "`step.1.codes` are not among those of the cascade"),
            ("\"step.1.codes\" = [\"00\", ", "\"step.1.codes\" = [\"01\", ", "`step.1.codes` are too few, or one is there twice"),
            ("recipe = \"majority\"", "at_least = 2.0\nrecipe = \"majority\"", "`at_least` is not between 0 and 1"),
            ("recipe = \"majority\"", "recipe = { cascade = { steps = [] } }", "a cascade cannot be a step"),
        ],
    );
}

#[test]
fn flipped_bytes_of_these_kinds_never_end_in_a_panic() {
    for recipe in recipes() {
        let (head, weights) = saved(&recipe);
        let (refused, loaded) = flipped(&head, &weights, 400);
        assert!(refused > 100 && loaded > 0, "{}: {refused} {loaded}", recipe.kind());
    }
}

#[test]
fn what_words_add_is_the_logarithm_of_odds() {
    // So few records that nothing is calibrated: confidences are plain.
    let survey = Survey::new(200, 12);
    let rows: Vec<u32> = (0..200).collect();
    let steps = cascade(vec![(Recipe::Index(IndexRecipe { column: Some("duty".into()), ..index() }), None), (embedding(), None)]);
    for (recipe, brothers) in [(embedding(), false), (hierarchical(), true), (steps, false)] {
        let fitted = survey.fit(&recipe);
        let p = fitted.predict(&survey.input(&rows), usize::MAX).expect("codes");
        let (mut told, mut not) = (0, 0);
        for row in 0..200u32 {
            let (ranking, confidence) = (p.ranking(row as usize), p.confidences(row as usize));
            let (code, versus) = (ranking[0], ranking[1]);
            assert_ne!(versus, UNCODED);
            // Codes 00 to 09 are of one choice, 10 and 11 of another.
            let same = p.codes[code as usize].as_bytes()[0] == p.codes[versus as usize].as_bytes()[0];
            match fitted.explain(&survey.input(&rows), row, code, versus).expect("explains") {
                Some(why) => {
                    told += 1;
                    assert!(why.exact && why.parts.len() == 1 && (same || !brothers));
                    let odds = (confidence[0] / confidence[1]).ln();
                    assert!((why.parts[0].total() - odds).abs() < 1e-3 * (1.0 + odds.abs()), "{}: {} {odds}", recipe.kind(), why.parts[0].total());
                }
                None => {
                    not += 1;
                    assert!(if brothers { !same } else { matches!(recipe, Recipe::Cascade(_)) });
                }
            }
        }
        assert!(told > 20 && (not > 0) == !matches!(recipe, Recipe::Embedding(_)), "{}: {told} {not}", recipe.kind());
    }
}
