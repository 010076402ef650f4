//! A planted word is found, a common one is not, and nothing is told of words that few records have.

use super::proxies::odds_ratio;
use super::*;
use crate::data::Strings;
use crate::measure::fixture;
use crate::measure::request::Grouping;
use crate::model::{LinearRecipe, Recipe, Target, fit};
use crate::stats::holm;
use crate::value::{Estimate, Stream};

// Python: the variance of PSU totals with each record's influence by numerical differentiation of the weights; without a design Woolf's
// formula times n/(n − 1). Student's t by Simpson's rule.
#[test]
fn odds_ratios_equal_those_computed_elsewhere() {
    let unit: Vec<u32> = (0..240).map(|i| i / 12).collect();
    let inside = |i: usize| (i * 7).is_multiple_of(3);
    let has = |i: usize| (i * i + 3 * i + unit[i] as usize) % 5 < if inside(i) { 3 } else { 1 } + usize::from(unit[i].is_multiple_of(4));
    let with: Vec<u32> = (0..240u32).filter(|i| has(*i as usize)).collect();
    let weight = (0..240).map(|i| 1.0 + f64::from(unit[i] % 3) / 2.0 + (i % 7) as f64 / 4.0).collect();
    let close = |e: &Estimate, value: f64, lower: f64, upper: f64| {
        let i = e.interval.expect("an interval");
        (e.value / value - 1.0).abs() < 1e-9 && (i.lower / lower - 1.0).abs() < 1e-6 && (i.upper / upper - 1.0).abs() < 1e-6
    };

    let (found, p) = odds_ratio(&fixture::sample(weight, Some(unit.clone())), &with, inside).expect("a ratio");
    assert!(close(&found, 6.129_968_757_5, 3.028_296_156, 12.408_468_335) && (p / 3.414_529_9e-5 - 1.0).abs() < 1e-4, "{found:?} {p}");
    let (found, _) = odds_ratio(&fixture::sample(vec![1.0; 240], None), &with, inside).expect("a ratio");
    assert!(close(&found, 53.0 * 120.0 / (27.0 * 40.0), 3.265_333_428, 10.620_358_720), "{found:?}");
    assert_eq!((found.n, found.se), (240, None));
}

#[test]
fn words_that_stand_for_nothing_are_seldom_found() {
    let mut stream = Stream::named(8, "no proxies");
    let (mut alarms, trials) = (0, 300);
    for _ in 0..trials {
        // Interviewers have habits: a word is used in some PSUs much more than in others, whatever the group.
        let unit: Vec<u32> = (0..400).map(|i| i / 10).collect();
        let sample = fixture::sample((0..400).map(|i| 1.0 + f64::from(i % 4)).collect(), Some(unit.clone()));
        let group: Vec<bool> = (0..400).map(|_| stream.unit() < 0.4).collect();
        let p: Vec<f64> = (0..10)
            .filter_map(|_| {
                let habit: Vec<f64> = (0..40).map(|_| 0.1 + 0.4 * stream.unit()).collect();
                let with: Vec<u32> = (0..400u32).filter(|i| stream.unit() < habit[unit[*i as usize] as usize]).collect();
                Some(odds_ratio(&sample, &with, |i| group[i])?.1)
            })
            .collect();
        alarms += usize::from(holm(&p).iter().any(|p| *p <= 0.05));
    }
    // Binomial with 5 %: more than 26 of 300 would happen once in 300 times.
    assert!(alarms <= 26, "{alarms} of {trials}");
}

/// Records whose answer tells the code; a group has its own word, and another word is everybody's.
struct Survey {
    answers: Strings,
    ages: Vec<f64>,
    codes: Vec<String>,
    truth: Vec<u32>,
    group: Vec<u32>,
}

impl Survey {
    fn new(records: usize) -> Self {
        let mut stream = Stream::named(9, "tokens");
        let truth: Vec<u32> = (0..records).map(|_| stream.below(4) as u32).collect();
        let group: Vec<u32> = (0..records).map(|_| stream.below(3) as u32).collect();
        let answers = truth
            .iter()
            .zip(&group)
            .enumerate()
            .map(|(i, (code, group))| {
                let own = if stream.unit() < if *group == 2 { 0.5 } else { 0.05 } { "dialect " } else { "" };
                let often = if stream.unit() < 0.5 { "often " } else { "" };
                let name = if i % 67 == 0 { "kowalska " } else { "" };
                format!("{own}{often}{name}work{code}")
            })
            .collect();
        Self { answers, ages: vec![30.0; records], codes: (0..4).map(|c| format!("c{c}")).collect(), truth, group }
    }

    fn sample(&self, test: &[u32]) -> Sample {
        let groups = |values: &[&str]| values.iter().zip(0..).map(|(value, cell)| (vec![(*value).to_owned()], vec![cell])).collect::<Vec<_>>();
        let grouping = |name: &str| Grouping { variables: vec![name.to_owned()], ..Grouping::default() };
        Sample {
            group: test.iter().map(|&row| self.group[row as usize]).collect(),
            cells: 3,
            groupings: vec![
                (grouping("language"), groups(&["a", "b", "c"])),
                (grouping("half"), vec![(vec!["no".to_owned()], vec![0, 1]), (vec!["yes".to_owned()], vec![2])]),
            ],
            ..fixture::sample(vec![1.0; test.len()], None)
        }
    }

    fn ask(&self, recipe: &Recipe, train: &[u32], test: &[u32], minimum_group: u64) -> Option<Tokens> {
        let input =
            |rows| Input { ids: &self.answers, texts: vec![("answer", &self.answers)], categories: vec![], numbers: vec![("age", &self.ages[..])], rows };
        let target = Target { codes: &self.codes, index: &self.truth, weights: None, clusters: None };
        let coder = fit(recipe, &input(train), &input(&[]), &target, 3, &mut |_| ()).expect("fits");
        let (sample, request) = (self.sample(test), Request { minimum_group, ..fixture::request(&[]) });
        let question =
            TokenQuestion { coder: coder.as_ref(), input: &input(test), train, truth: &self.truth, codes: &self.codes, sample: &sample, request: &request };
        tokens(&question).expect("asks")
    }
}

#[test]
fn the_planted_words_are_found_and_rare_ones_are_not_told() {
    let survey = Survey::new(1200);
    let rows: Vec<u32> = (0..1200).collect();
    let (train, test) = rows.split_at(600);
    let recipe = Recipe::Linear(LinearRecipe::default());
    let found = survey.ask(&recipe, train, test, 30).expect("reads words");
    let codes: Vec<(&str, &str)> = found.codes.iter().map(|c| (c.code.as_str(), c.words[0].word.as_str())).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [("c0", "work0"), ("c1", "work1"), ("c2", "work2"), ("c3", "work3")]);
    assert!(found.codes.iter().all(|c| c.words[0].confidence > 0.8 && c.words.iter().all(|w| w.records >= 10)));
    // A name that nine records of each part have is told nowhere.
    assert!(!serde_json::to_string(&found).expect("JSON").contains("kowalska"));
    for (grouping, value) in found.groupings.iter().zip(["c", "yes"]) {
        let words: Vec<(&str, &str)> = grouping.words.iter().map(|w| (w.word.as_str(), w.group.values[0].as_str())).collect();
        assert_eq!((words.as_slice(), grouping.found), (&[("dialect", value)][..], 1), "{grouping:?}");
        let word = &grouping.words[0];
        let interval = word.odds_ratio.estimate().and_then(|e| e.interval).expect("an interval");
        // 0.5/0.5 against 0.05/0.95.
        assert!(interval.lower < 19.0 && 19.0 < interval.upper && interval.lower > 5.0, "{word:?}");
        assert!(word.p < 1e-6 && word.changed.estimate().is_some_and(|e| e.value < 0.2 && e.n >= 10), "{word:?}");
    }
    assert!(found.groupings[0].tested > found.groupings[1].tested && found.groupings[1].tested >= 5);
    // Groups below the study's minimum are not asked about: nothing was tested, which is not the same as nothing found.
    let none = survey.ask(&recipe, train, test, 5000).expect("reads words");
    assert!(none.groupings.iter().all(|g| g.tested == 0 && g.words.is_empty() && g.too_few > 0));
}

#[test]
fn a_model_that_makes_nothing_of_words_is_not_asked_further() {
    let survey = Survey::new(300);
    let rows: Vec<u32> = (0..300).collect();
    assert_eq!(survey.ask(&Recipe::Majority, &rows[..200], &rows[200..], 30), None);
    assert_eq!(survey.ask(&Recipe::Prior, &rows[..200], &rows[200..], 30), None);
}
