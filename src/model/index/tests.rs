//! The index: what matches, what abstains, and how sure a match is.

use super::*;
use std::sync::Arc;

const ENTRIES: [(&str, &str); 6] =
    [("Nurse, hospital", "2221"), ("Bus driver", "8331"), ("Teacher", "2341"), ("teacher", "2330"), ("Café owner", "1412"), ("Driver, bus", "8331")];

fn entries() -> IndexEntries {
    let (texts, codes) = ENTRIES.iter().copied().unzip::<&str, &str, Vec<_>, Vec<_>>();
    IndexEntries { file: "i.csv".into(), digest: "d".into(), texts: texts.into_iter().collect(), codes: codes.into_iter().collect() }
}

fn fit(recipe: &IndexRecipe, answers: &Strings, index: &[u32], codes: &[String], tune: &[u32], train: &[u32]) -> Index {
    let input = |rows| Input { ids: answers, texts: vec![("job", answers)], categories: vec![], numbers: vec![], rows };
    let target = Target { codes, index, weights: None, clusters: None };
    Index::fit(recipe, &input(train), &input(tune), &target, &mut |_| ()).expect("fits")
}

fn codes_of(index: &Index, answers: &Strings) -> Vec<String> {
    let rows: Vec<u32> = (0..answers.len() as u32).collect();
    let input = Input { ids: answers, texts: vec![("job", answers)], categories: vec![], numbers: vec![], rows: &rows };
    let p = index.predict(&input, 9).expect("codes");
    (0..p.len()).map(|i| p.ranking(i).first().filter(|c| **c != UNCODED).map_or("-".into(), |c| p.codes[*c as usize].clone())).collect()
}

#[test]
fn matches_exactly_then_normalised_and_abstains_from_the_rest() {
    let recipe = IndexRecipe { entries: Some(Arc::new(entries())), ..IndexRecipe::default() };
    let answers: Strings = ["Teacher", "TEACHER", "cafe OWNER", " bus  driver!", "driver bus", "bus", "", "--", "driver of a bus"].into_iter().collect();
    let index = fit(&recipe, &answers, &[0; 9], &["x".into()], &[], &[]);
    // Written exactly, a teacher is one thing; otherwise it may be either.
    assert_eq!(codes_of(&index, &answers), ["2341", "-", "1412", "8331", "8331", "-", "-", "-", "-"]);
    assert!(index.facts.contains(&("texts with several codes, which are left to others".into(), "1".into())), "{:?}", index.facts);
    let any = IndexRecipe { any_word_order: true, fold_accents: false, ..recipe };
    let others: Strings = ["hospital nurse", "cafe owner", "owner café"].into_iter().collect();
    assert_eq!(codes_of(&fit(&any, &others, &[0; 3], &["x".into()], &[], &[]), &others), ["2221", "-", "1412"]);
}

#[test]
fn confidence_is_the_share_right_of_tuning_matches_or_said_to_be_unknown() {
    let recipe = IndexRecipe { entries: Some(Arc::new(entries())), ..IndexRecipe::default() };
    // Forty exact matches, of which 36 are right; ten normalised ones.
    let answers: Strings = (0..50).map(|i| if i < 40 { "Bus driver" } else { "bus driver" }).collect();
    let truth: Vec<u32> = (0..50).map(|i| u32::from(i >= 36)).collect();
    let codes = ["8331".to_owned(), "9999".to_owned()];
    let rows: Vec<u32> = (0..50).collect();
    let index = fit(&recipe, &answers, &truth, &codes, &rows, &[]);
    assert_eq!(index.sure, [Some(37.0 / 42.0), Some(37.0 / 52.0)]);
    // Training records have made nothing of a file's index, so they may judge it.
    assert_eq!(fit(&recipe, &answers, &truth, &codes, &rows[..5], &rows[5..]).sure, index.sure);
    let unknown = fit(&recipe, &answers, &truth, &codes, &rows[..5], &[]);
    assert_eq!(unknown.sure, [None; 2]);
    let input = Input { ids: &answers, texts: vec![("job", &answers)], categories: vec![], numbers: vec![], rows: &rows };
    assert!(unknown.predict(&input, 5).expect("codes").confidence.is_empty());
    assert!(unknown.facts.iter().any(|(_, words)| words.starts_with("not known")), "{:?}", unknown.facts);
}

#[test]
fn the_training_part_is_an_index_of_answers_that_agree() {
    let recipe = IndexRecipe { from: IndexSource::Training, min_records: 2, ..IndexRecipe::default() };
    let answers: Strings = ["cook", "cook", "Cook", "clerk", "clerk", "smith"].into_iter().collect();
    let codes: Vec<String> = ["5120", "4110", "7221", "9999"].map(String::from).to_vec();
    let rows: Vec<u32> = (0..6).collect();
    let index = fit(&recipe, &answers, &[0, 0, 0, 1, 2, 2], &codes, &[], &rows);
    // "clerk" has two codes and "smith" one record.
    assert_eq!(codes_of(&index, &answers), ["5120", "5120", "5120", "-", "-", "-"]);
    assert_eq!(index.codes, ["5120"]);
}

#[test]
fn a_record_left_out_is_judged_by_the_others_alone() {
    // Three of one code; two of one and one of another, of which only the odd one is met by two that agree; two are too few without one of them.
    let entries: Vec<(u64, u32)> = vec![(1, 0), (1, 0), (1, 0), (2, 0), (2, 0), (2, 1), (3, 0), (3, 0)];
    let texts = Texts::of(entries.clone(), 2);
    assert_eq!(left_out(&[texts, Texts::default()], &[entries, vec![]], 2), [(3, 4), (0, 0)]);
}

#[test]
fn what_cannot_be_looked_up_says_so() {
    let answers: Strings = ["a"].into_iter().collect();
    let input = Input { ids: &answers, texts: vec![("job", &answers), ("duty", &answers)], categories: vec![], numbers: vec![], rows: &[0] };
    let target = Target { codes: &["x".to_owned()], index: &[0], weights: None, clusters: None };
    let failing = |recipe: IndexRecipe| Index::fit(&recipe, &input, &input, &target, &mut |_| ()).expect_err("fails").to_string();
    assert!(failing(IndexRecipe::default()).contains("there are 2 text columns"));
    assert!(failing(IndexRecipe { column: Some("x".into()), ..IndexRecipe::default() }).contains("duty, job"));
    assert!(failing(IndexRecipe { from: IndexSource::Training, ..IndexRecipe::default() }).contains("the index is empty"));
}
