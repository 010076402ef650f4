//! The cascade on answers whose codes are known: who codes what, how sure, and what is left to a clerk.

use super::super::office::{IndexEntries, IndexRecipe, StepRecipe};
use super::super::{LinearRecipe, Recipe};
use super::*;
use crate::data::Strings;
use crate::value::Stream;
use std::sync::Arc;

/// Answers that name their code nine times in ten; the first half of the codes is in an index, with one entry in ten wrong.
fn survey(n: usize) -> (Strings, Vec<u32>, Vec<String>, IndexEntries) {
    let mut stream = Stream::named(4, "cascade");
    let index: Vec<u32> = (0..n).map(|_| stream.below(6) as u32).collect();
    let answers = index.iter().map(|c| format!("job{} at place{}", if stream.unit() < 0.9 { u64::from(*c) } else { stream.below(6) }, stream.below(9)));
    let answers: Strings = answers.collect();
    let codes: Vec<String> = (0..6).map(|c| format!("{c}0")).collect();
    let pairs: Vec<(String, String)> =
        (0..3).flat_map(|c| (0..9).map(move |place| (format!("JOB{c} at place{place}"), format!("{}0", if place == 8 { 5 } else { c })))).collect();
    let entries =
        IndexEntries { file: "i.csv".into(), digest: "d".into(), texts: pairs.iter().map(|p| &p.0).collect(), codes: pairs.iter().map(|p| &p.1).collect() };
    (answers, index, codes, entries)
}

fn cascade(entries: &IndexEntries, least: [Option<f64>; 2]) -> Recipe {
    let index = Recipe::Index(IndexRecipe { entries: Some(Arc::new(entries.clone())), ..IndexRecipe::default() });
    let steps = [index, Recipe::Linear(LinearRecipe::default())].into_iter().zip(least).map(|(recipe, at_least)| StepRecipe { recipe, at_least });
    Recipe::Cascade(CascadeRecipe { steps: steps.collect() })
}

#[test]
fn the_index_codes_what_is_in_it_and_the_model_the_rest() {
    let (answers, index, codes, entries) = survey(3000);
    let rows: Vec<u32> = (0..3000).collect();
    let input = |rows| Input { ids: &answers, texts: vec![("t", &answers)], categories: vec![], numbers: vec![], rows };
    let target = Target { codes: &codes, index: &index, weights: None, clusters: None };
    let (train, tune, test) = (input(&rows[..1500]), input(&rows[1500..2000]), input(&rows[2000..]));
    let fitted = fit(&cascade(&entries, [None, None]), &train, &tune, &target, 3, &mut |_| ()).expect("fits");
    let (p, trace) = (fitted.predict(&test, usize::MAX).expect("codes"), fitted.trace(&test).expect("tells"));
    assert_eq!(trace.steps, ["index: exact match", "index: normalised match", "linear"]);
    assert!(p.complete && trace.neighbours.is_empty());
    let alone = fit(&Recipe::Linear(LinearRecipe::default()), &train, &tune, &target, 3, &mut |_| ()).expect("fits").predict(&test, 1).expect("codes");
    let (mut of_index, mut right, mut sure) = (0, 0, 0.0);
    for record in 0..p.len() {
        let sum: f64 = p.confidences(record).iter().sum();
        assert!((sum - 1.0).abs() < 1e-9 && p.confidences(record).is_sorted_by(|a, b| a >= b), "{record} {sum}");
        let mut all = p.ranking(record).to_vec();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
        let answer = answers.get(2000 + record);
        let known = ["job0", "job1", "job2"].iter().any(|j| answer.starts_with(j));
        assert_eq!(trace.step[record], Some(if known { 1 } else { 2 }), "{answer}");
        if known {
            of_index += 1;
            right += usize::from(p.codes[p.ranking(record)[0] as usize] == codes[index[2000 + record] as usize]);
            sure += p.confidences(record)[0];
        } else {
            assert_eq!(p.codes[p.ranking(record)[0] as usize], alone.codes[alone.ranking(record)[0] as usize]);
        }
    }
    // Confidence is what the tuning part showed: nine in ten answers and eight in nine entries are right.
    assert!(of_index > 400 && (sure / f64::from(of_index) - right as f64 / f64::from(of_index)).abs() < 0.05, "{sure} {right} {of_index}");
}

#[test]
fn what_no_step_is_sure_of_is_left_to_a_clerk() {
    let (answers, index, codes, entries) = survey(2000);
    let rows: Vec<u32> = (0..2000).collect();
    let input = |rows| Input { ids: &answers, texts: vec![("t", &answers)], categories: vec![], numbers: vec![], rows };
    let target = Target { codes: &codes, index: &index, weights: None, clusters: None };
    let (train, tune, test) = (input(&rows[..1000]), input(&rows[1000..1500]), input(&rows[1500..]));
    let fitted = fit(&cascade(&entries, [Some(0.999), Some(0.999)]), &train, &tune, &target, 3, &mut |_| ()).expect("fits");
    let p = fitted.predict(&test, 3).expect("codes");
    let trace = fitted.trace(&test).expect("tells");
    assert!(trace.step.iter().all(Option::is_none) && p.ranked.iter().all(|c| *c == UNCODED) && p.confidence.iter().all(|c| *c == 0.0) && !p.complete);
    assert!(fitted.predict(&input(&[]), 3).expect("codes").is_empty());
}

#[test]
fn an_index_that_could_not_be_judged_is_not_trusted() {
    let (answers, index, codes, entries) = survey(1000);
    let few = IndexEntries { texts: ["job1 at place1"].into_iter().collect(), codes: ["10"].into_iter().collect(), ..entries };
    let rows: Vec<u32> = (0..1000).collect();
    let input = |rows| Input { ids: &answers, texts: vec![("t", &answers)], categories: vec![], numbers: vec![], rows };
    let target = Target { codes: &codes, index: &index, weights: None, clusters: None };
    let fitted = fit(&cascade(&few, [None, None]), &input(&rows[..600]), &input(&rows[600..700]), &target, 3, &mut |_| ()).expect("fits");
    let test = input(&rows[700..]);
    let (p, trace) = (fitted.predict(&test, 6).expect("codes"), fitted.trace(&test).expect("tells"));
    let at = trace.step.iter().position(|s| *s == Some(0)).expect("a match");
    assert_eq!((p.codes[p.ranking(at)[0] as usize].as_str(), p.confidences(at)[0], p.complete), ("10", 0.0, false));
    assert!(fitted.facts().iter().any(|(name, words)| name == "step 1, index: confidence" && words.starts_with("not known")));
}

#[test]
fn wrong_steps_are_told_together() {
    let index = Recipe::Index(IndexRecipe::default());
    let step = |recipe, at_least| StepRecipe { recipe, at_least };
    let inner = Recipe::Cascade(CascadeRecipe { steps: vec![step(index.clone(), None)] });
    let failure = check(&CascadeRecipe { steps: vec![step(inner, Some(2.0))] }).expect_err("fails");
    assert!(failure.problems.len() == 3 && failure.problems.iter().all(|p| p.remedy.is_some()), "{failure}");
}
