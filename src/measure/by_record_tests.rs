//! Reference values through the whole stage: occupations with one partial code, and ten records with probabilities of three classes.

use super::super::automation::Surety;
use super::super::fixture::{request, sample, table};
use super::super::{Measured, measure};
use crate::model::{Predictions, UNCODED};
use crate::value::{Outcome, Reason};
use std::collections::BTreeSet;

fn outcome<'a>(m: &'a Measured, metric: &str, level: Option<&str>) -> &'a Outcome {
    let found = m.measures.iter().find(|x| x.metric == metric && x.code_level.as_deref() == level && x.code.is_none() && x.threshold.is_none());
    &found.unwrap_or_else(|| panic!("no {metric}")).outcome
}

#[track_caller]
fn near(m: &Measured, metric: &str, level: Option<&str>, wanted: f64) {
    let found = outcome(m, metric, level).estimate().map(|e| e.value);
    assert!(found.is_some_and(|f| (f - wanted).abs() < 6e-7), "{metric} {level:?}: {found:?} is not {wanted}");
}

const CODES: [&str; 8] = ["2211", "2212", "2423", "5131", "5132", "9", "9233", "9234"];

fn occupations(weights: Vec<f64>) -> Measured {
    let table = table(&["2211", "2212", "5131", "9233", "2423"], &CODES, &[("major", 1), ("sub-major", 2), ("minor", 3)]);
    let ranked = ["2211", "2211", "5132", "9", "5131"].map(|c| CODES.iter().position(|k| *k == c).unwrap() as u32).to_vec();
    let predictions = Predictions { codes: table.codes.clone(), kept: 1, ranked, confidence: Vec::new(), complete: false };
    let (sample, request) = (sample(weights, None), request(&["major", "sub-major", "minor"]));
    measure(&table, &[0, 1, 2, 3, 4], &BTreeSet::new(), &sample, &predictions, &request).unwrap()
}

// definitions T8: precision, recall and F by hand and from hiclass 5.0.8 on node numbers; one code stops at its first digit.
#[test]
fn a_partial_code_is_a_place_in_the_tree() {
    let even = occupations(vec![1.0; 5]);
    for (metric, wanted) in [
        ("hierarchical-precision", 0.647_058_8),
        ("hierarchical-recall", 0.55),
        ("hierarchical-f", 0.594_594_6),
        ("error-cost", 3.0),
        ("error-distance", 3.75),
        ("crossing-share", 0.25),
    ] {
        near(&even, metric, None, wanted);
    }
    for (level, accuracy, coverage) in [(Some("major"), 0.8, 1.0), (Some("sub-major"), 0.6, 0.8), (Some("minor"), 0.6, 0.8), (None, 0.2, 0.8)] {
        near(&even, "accuracy", level, accuracy);
        near(&even, "depth-coverage", level, coverage);
    }
    let rising = occupations(vec![1.0, 2.0, 3.0, 4.0, 5.0]);
    for (metric, wanted) in [("hierarchical-precision", 0.479_166_7), ("hierarchical-recall", 0.383_333_3), ("hierarchical-f", 0.425_925_9)] {
        near(&rising, metric, None, wanted);
    }
    assert!(matches!(outcome(&even, "aurc", None), Outcome::Undefined(u) if u.reason == Reason::NoConfidence));
}

/// A truth that stops early is not asked below, and is not counted twice where it stops.
#[test]
fn a_true_code_may_stop_early() {
    let table = table(&["9", "2211"], &CODES, &[("major", 1), ("sub-major", 2)]);
    let at = |c: &str| CODES.iter().position(|k| *k == c).unwrap() as u32;
    let predictions = Predictions { codes: table.codes.clone(), kept: 1, ranked: vec![at("9233"), UNCODED], confidence: Vec::new(), complete: false };
    let m = measure(&table, &[0, 1], &BTreeSet::new(), &sample(vec![1.0; 2], None), &predictions, &request(&["major", "sub-major"])).unwrap();
    // Nodes of truth: 9 | 2, 22, 2211; predicted: 9, 92, 9233 | none.
    near(&m, "hierarchical-precision", None, 1.0 / 3.0);
    near(&m, "hierarchical-recall", None, 1.0 / 4.0);
    near(&m, "accuracy", Some("major"), 0.5);
    near(&m, "accuracy", Some("sub-major"), 0.0);
    near(&m, "depth-coverage", Some("sub-major"), 0.0);
    near(&m, "error-cost", None, (2.0 + 3.0) / 2.0);
}

/// Ten records of hiclass' fixture; confidences that are all distinct stay as they are.
fn ten(surety: Surety, change: impl Fn(usize, bool) -> bool) -> Measured {
    use crate::stats::fixture::{PROBABILITIES, TRUTH};
    let names = ["a", "b", "c"];
    let predictions = Predictions::from_dense(names.map(str::to_owned).to_vec(), &PROBABILITIES, 3);
    let truth: Vec<&str> = (0..10)
        .map(|i| {
            let (first, true_code) = (predictions.ranking(i)[0], TRUTH[i]);
            let wanted = change(i, first == true_code);
            if wanted == (first == true_code) {
                names[true_code as usize]
            } else if wanted {
                names[first as usize]
            } else {
                names[(first as usize + 1) % 3]
            }
        })
        .collect();
    let table = table(&truth, &names, &[]);
    let mut request = request(&[]);
    request.automation.surety = surety;
    measure(&table, &(0..10).collect::<Vec<_>>(), &BTreeSet::new(), &sample(vec![1.0; 10], None), &predictions, &request).unwrap()
}

// definitions T8: AURC, excess, AUROC and AUGRC by hand; the excess is AURC less 0.0647222.
#[test]
fn areas_are_those_of_the_definitions() {
    let m = ten(Surety::Top, |_, right| right);
    for (metric, wanted) in [("aurc", 0.079_007_9), ("excess-aurc", 0.014_285_7), ("confidence-auroc", 0.952_381_0), ("augrc", 0.055), ("accuracy", 0.7)] {
        near(&m, metric, None, wanted);
    }
    for metric in ["aurc", "excess-aurc", "augrc", "confidence-auroc", "adaptive-ece", "debiased-ece", "recalibration-slope", "recalibration-intercept"] {
        let e = outcome(&m, metric, None).estimate().unwrap_or_else(|| panic!("{metric}"));
        let i = e.interval.unwrap();
        assert!(i.lower <= e.value && e.value <= i.upper && i.lower < i.upper && e.n == 10, "{metric}: {e:?}");
    }
}

#[test]
fn all_right_and_all_wrong_have_a_value_or_a_reason() {
    for right in [true, false] {
        let m = ten(Surety::Top, |_, _| right);
        near(&m, "aurc", None, if right { 0.0 } else { 1.0 });
        near(&m, "excess-aurc", None, 0.0);
        near(&m, "augrc", None, if right { 0.0 } else { 0.5 });
        for metric in ["confidence-auroc", "recalibration-slope", "recalibration-intercept"] {
            assert!(matches!(outcome(&m, metric, None), Outcome::Undefined(u) if u.reason == Reason::NothingToDivideBy && u.n == 10), "{metric}");
        }
        assert!(outcome(&m, "debiased-ece", None).estimate().is_some_and(|e| e.value > 0.0));
    }
}

#[test]
fn a_margin_ranks_but_is_not_calibrated() {
    let m = ten(Surety::Margin, |_, right| right);
    for metric in ["ece", "confidence-gap", "adaptive-ece", "debiased-ece", "recalibration-slope"] {
        assert!(matches!(outcome(&m, metric, None), Outcome::Undefined(u) if u.reason == Reason::NoConfidence && u.why.contains("margin")), "{metric}");
    }
    assert!(m.reliability.is_empty() && m.answers.confidence.iter().all(|c| (0.0..=1.0).contains(c)));
    // Margins by hand: .82 .18 .01 .09 .51 .46 .00 .56 .02 .72; wrong are records 1, 2 and 6, so only record 1 outranks right ones (3 and 8).
    near(&m, "confidence-auroc", None, 1.0 - 2.0 / 21.0 - 0.0);
}
