//! Fairness through the measuring stage: worked examples, fairlearn's figures, numerical derivatives, coverage in simulations.

mod few;

use crate::data::{CodeFrame, CodeLevel, ColumnDescription, DatasetDescription, Encoding, Factor, Role, SurveyDesign, Table};
use crate::measure::{Contrast, Grouping, Measure, Measured, Request, Sample, measure};
use crate::model::Predictions;
use crate::stats::{Confusion, kitagawa};
use crate::value::{Estimate, Stream};
use std::collections::BTreeSet;

/// Records as a test writes them.
#[derive(Clone, Default)]
struct Survey {
    truth: Vec<u32>,
    given: Vec<u32>,
    group: Vec<&'static str>,
    other: Vec<&'static str>,
    weight: Option<Vec<f64>>,
    psu: Option<Vec<String>>,
    codes: usize,
    minimum: u64,
    reference: Option<&'static str>,
    within: Vec<&'static str>,
    digits: Option<usize>,
}

impl Survey {
    fn add(&mut self, group: &'static str, truth: u32, given: u32, times: usize) {
        for _ in 0..times {
            self.group.push(group);
            self.truth.push(truth);
            self.given.push(given);
        }
    }

    fn measured(&self) -> Measured {
        let n = self.truth.len();
        // Two digits, so that there can be a level of one: 00, 01, 10, 11, …
        let codes: Vec<String> = (0..self.codes).map(|k| format!("{}{}", k / 2, k % 2)).collect();
        let mut factors = vec![("g".to_owned(), Factor::from_strings(self.group.iter().copied()))];
        let mut roles = vec![("g", Role::Group)];
        if !self.other.is_empty() {
            factors.push(("o".to_owned(), Factor::from_strings(self.other.iter().copied())));
            roles.push(("o", Role::Group));
        }
        if let Some(psu) = &self.psu {
            factors.push(("p".to_owned(), Factor::from_strings(psu.iter().map(String::as_str))));
            roles.push(("p", Role::Psu));
        }
        let column =
            |(name, role): (&str, Role)| ColumnDescription { name: name.into(), roles: vec![role], label: None, allow_empty: false, missing: Vec::new() };
        let levels: Vec<CodeLevel> = self.digits.iter().map(|&digits| CodeLevel { name: "first".into(), digits }).collect();
        let about = DatasetDescription {
            file: "dataset.toml".into(),
            folder: ".".into(),
            title: String::new(),
            about: Vec::new(),
            files: Vec::new(),
            joins: Vec::new(),
            encoding: Encoding::Utf8,
            delimiter: b',',
            columns: roles.into_iter().map(column).collect(),
            frame: CodeFrame::default(),
            design: SurveyDesign::default(),
        };
        let table = Table { rows: n, factors, weights: self.weight.clone(), codes: codes.clone(), truth: self.truth.clone(), levels, ..Table::default() };
        let request = Request {
            groupings: vec![Grouping {
                variables: vec!["g".into()],
                values: Vec::new(),
                reference: self.reference.map(str::to_owned),
                within: self.within.iter().map(|w| (*w).to_owned()).collect(),
            }],
            code_levels: self.digits.iter().map(|_| "first".to_owned()).collect(),
            minimum_group: self.minimum,
            replicates: 0,
            thresholds: vec![0.5],
            ..Request::default()
        };
        let rows: Vec<u32> = (0..n as u32).collect();
        let probabilities: Vec<f64> = self.given.iter().flat_map(|&f| (0..self.codes as u32).map(move |k| if k == f { 0.9 } else { 0.1 / 9.0 })).collect();
        let predictions = Predictions::from_dense(codes, &probabilities, 1);
        let sample = Sample::of(&table, &about, &rows, &request, 1).unwrap();
        let trained: BTreeSet<u32> = (0..self.codes as u32).collect();
        measure(&table, &rows, &trained, &sample, &predictions, &request).unwrap()
    }
}

fn contrasts<'a>(m: &'a Measured, metric: &'a str, kind: &'a str) -> impl Iterator<Item = (&'a Measure, &'a Contrast)> {
    let of = move |m: &&'a Measure| m.metric == metric && m.code_level.is_none() && m.threshold.is_none();
    m.measures.iter().filter(of).filter_map(move |m| m.contrast.as_ref().filter(|c| c.kind == kind).map(|c| (m, c)))
}

#[track_caller]
fn gap<'a>(m: &'a Measured, metric: &'a str) -> (&'a Estimate, &'a Contrast) {
    let kind = if metric == "standardised-accuracy" || metric == "accuracy" { "difference" } else { "gap" };
    let (measure, contrast) = contrasts(m, metric, kind).next().expect(metric);
    (measure.outcome.estimate().unwrap_or_else(|| panic!("{metric}: {:?}", measure.outcome)), contrast)
}

#[track_caller]
fn of_group<'a>(m: &'a Measured, metric: &str, group: &str) -> &'a Estimate {
    let pick = |x: &&Measure| x.metric == metric && x.code_level.is_none() && x.group.as_ref().is_some_and(|g| g.values == [group]);
    m.measures.iter().find(pick).and_then(|m| m.outcome.estimate()).expect(metric)
}

#[track_caller]
fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found} is not {wanted}");
}

const ROWS: [(&str, [[usize; 3]; 3]); 3] =
    [("a", [[40, 5, 5], [4, 30, 6], [2, 3, 25]]), ("b", [[20, 6, 4], [5, 15, 5], [3, 5, 17]]), ("c", [[8, 1, 1], [2, 5, 3], [1, 2, 7]])];

fn three_groups() -> Survey {
    let mut survey = Survey { codes: 3, minimum: 5, ..Survey::default() };
    for (group, rows) in ROWS {
        for (t, row) in rows.iter().enumerate() {
            row.iter().enumerate().for_each(|(f, &n)| survey.add(group, t as u32, f as u32, n));
        }
    }
    survey
}

// Worked by hand from the formulas; the same example as in the tests of the formulas themselves.
#[test]
fn three_groups_and_codes_are_as_worked_by_hand() {
    let m = three_groups().measured();
    let check = |metric: &str, value: f64, high: &str, low: &str, code: Option<&str>| {
        let (e, c) = gap(&m, metric);
        near(e.value, value, 6e-7);
        assert_eq!((c.high.concat().as_str(), c.low.concat().as_str()), (high, low), "{metric}");
        assert_eq!(c.detail.as_ref().unwrap().code.as_deref(), code, "{metric}");
        let i = e.interval.unwrap();
        assert!(i.lower <= e.value && e.value <= i.upper, "{metric} {e:?}");
    };
    check("equal-opportunity-gap", 0.25, "a", "c", Some("01"));
    check("equal-opportunity-mean-gap", 0.178_888_9, "", "", None);
    check("class-share-gap", 0.066_666_7, "c", "a", Some("10"));
    check("standardised-accuracy", 0.144_420_3, "a", "b", None);
    // π of .391304, .326087, .282609 times the distances of a and b by code, .133333, .15, .153333.
    check("equalised-odds-distance", 0.144_420_3, "a", "b", None);
    // 30/38 − 15/26; of the others 40/46 − 20/28 = .155280 and 25/36 − 7/11 = .058081.
    check("predictive-parity-gap", 0.212_550_6, "a", "b", Some("01"));
    check("predictive-parity-mean-gap", (0.155_279_5 + 0.212_550_6 + 0.058_080_8) / 3.0, "", "", None);
    // 26/80 − 25/80 less 8/30 − 10/30: groups b and c at the second code.
    check("gap-bias", 0.079_166_7, "b", "c", Some("01"));
    near(gap(&m, "group-share-error").0.value, 2.0 / 30.0, 1e-12);
    for (group, standardised, bias) in [("a", 0.793_115_9, 0.05), ("b", 0.648_695_7, 0.025), ("c", 0.673_913_0, 0.066_666_7)] {
        near(of_group(&m, "standardised-accuracy", group).value, standardised, 6e-7);
        near(of_group(&m, "aggregate-bias", group).value, bias, 6e-7);
    }
    let of = |rows: &[[usize; 3]; 3]| Confusion::from_rows(&rows.map(|r| r.map(|n| n as f64)));
    let k = kitagawa(&of(&ROWS[0].1), &of(&ROWS[1].1)).unwrap();
    let (treatment, mix) = (gap(&m, "treatment-difference").0.value, gap(&m, "mix-difference").0.value);
    near(treatment, k.treatment, 1e-12);
    near(mix, k.composition, 1e-12);
    near(treatment + mix, gap(&m, "accuracy").0.value, 1e-12);
    let support = gap(&m, "equal-opportunity-gap").1.detail.as_ref().unwrap().support.unwrap();
    assert_eq!((support.codes, support.of, support.share), (3, 3, 1.0));
}

// A floor is on the records below the line, not on the size of the group: with 10, precision of the second code is not known in c (8 records).
#[test]
fn the_floor_is_on_what_is_below_the_line() {
    let m = Survey { minimum: 10, ..three_groups() }.measured();
    assert_eq!(gap(&m, "predictive-parity-gap").1.detail.as_ref().unwrap().comparisons, Some(7));
    assert_eq!(gap(&m, "equal-opportunity-gap").1.detail.as_ref().unwrap().comparisons, Some(9));
    let m = Survey { minimum: 41, ..three_groups() }.measured();
    let why = contrasts(&m, "equal-opportunity-gap", "gap").next().unwrap().0;
    assert!(why.outcome.estimate().is_none(), "{why:?}");
    // Group c has 30 records: nothing of it may be told.
    assert!(m.measures.iter().filter_map(|m| m.contrast.as_ref()).all(|c| c.high != ["c"] && c.low != ["c"]));
    assert!(m.spreads[0].ranking.iter().all(|r| r.values != ["c"]));
}

// fairlearn's own example (its user guide), every record twice so that each rate has a variance: true positive rates .5, .6, .4 and false
// positive rates 1, 0, .667, so that the equalised odds difference is 1 ("worst case") or .6 (mean), and the demographic parity difference .25.
#[test]
fn two_codes_agree_with_fairlearn() {
    let truth = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1];
    let given = [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0];
    let group = ["b", "b", "a", "b", "b", "c", "c", "c", "a", "a", "c", "a", "b", "c", "c", "b", "c", "c"];
    let mut survey = Survey { codes: 2, minimum: 2, ..Survey::default() };
    (0..18).for_each(|i| survey.add(group[i], truth[i], given[i], 2));
    let m = survey.measured();
    near(gap(&m, "equal-opportunity-gap").0.value, 1.0, 1e-12);
    near(gap(&m, "equal-opportunity-mean-gap").0.value, 0.6, 1e-12);
    near(gap(&m, "class-share-gap").0.value, 0.25, 1e-12);
    // Weights 1 to 18: rates .25, .85, .338028 and 1, 0, .68; selection .735294, .829268, .427083.
    survey.weight = Some((0..36).map(|i| f64::from(i / 2 + 1)).collect());
    let m = survey.measured();
    near(gap(&m, "equal-opportunity-mean-gap").0.value, f64::midpoint(0.6, 1.0), 1e-6);
    near(gap(&m, "class-share-gap").0.value, 0.829_268 - 0.427_083, 2e-6);
}

// A group without negatives has no false positive rate: fairlearn 0.15 gives it 0.0, and a difference of 1.
#[test]
fn a_group_without_a_code_is_left_out_of_it() {
    let mut survey = Survey { codes: 2, minimum: 2, ..Survey::default() };
    [("a", 1, 1), ("a", 1, 0), ("b", 0, 1), ("b", 1, 1)].into_iter().for_each(|(g, t, f)| survey.add(g, t, f, 2));
    let m = survey.measured();
    let (e, c) = gap(&m, "equal-opportunity-gap");
    near(e.value, 0.5, 1e-12);
    let support = c.detail.as_ref().unwrap().support.unwrap();
    assert_eq!((c.detail.as_ref().unwrap().code.as_deref(), support.codes, support.of), (Some("01"), 1, 2));
}

/// Records of three groups in 24 PSUs with weights, four codes, different mixes and recalls.
fn clustered(seed: u64) -> Survey {
    let mut stream = Stream::named(seed, "clustered");
    let mut survey = Survey { codes: 4, minimum: 5, digits: Some(1), ..Survey::default() };
    let (mut weight, mut psu) = (Vec::new(), Vec::new());
    for p in 0..24 {
        let luck = 0.15 * stream.normal();
        for _ in 0..12 {
            let g = stream.below(3) as usize;
            let truth = if stream.unit() < [0.2, 0.5, 0.7][g] { stream.below(2) } else { 2 + stream.below(2) } as u32;
            let recall = [0.75, 0.6, 0.5][g] + if truth < 2 { 0.1 } else { 0.0 } + luck;
            let given = if stream.unit() < recall { truth } else { (truth + 1 + stream.below(3) as u32) % 4 };
            survey.add(["a", "b", "c"][g], truth, given, 1);
            weight.push(0.5 + 2.0 * stream.unit());
            psu.push(format!("{p:02}"));
        }
    }
    Survey { weight: Some(weight), psu: Some(psu), ..survey }
}

// Each record's influence by a numerical derivative, summed by PSU: Σ_j (z_j − z̄)²·n/(n−1).
#[test]
fn standard_errors_are_those_of_numerical_derivatives_and_near_the_jackknifes() {
    let survey = clustered(5);
    let base = survey.measured();
    let metrics = ["standardised-accuracy", "treatment-difference", "mix-difference"];
    let psu = survey.psu.clone().unwrap();
    let weight = survey.weight.clone().unwrap();
    let values = |weight: Vec<f64>| {
        let m = Survey { weight: Some(weight), ..survey.clone() }.measured();
        let mut out = metrics.map(|metric| gap(&m, metric).0.value).to_vec();
        out.push(of_group(&m, "standardised-accuracy", "b").value);
        out.push(of_group(&m, "aggregate-bias", "a").value);
        out
    };
    let at = values(weight.clone());
    let n = 24.0;
    let (mut numeric, mut jackknife) = (vec![0.0; at.len()], vec![0.0; at.len()]);
    let mut z: Vec<Vec<f64>> = Vec::new();
    for p in 0..24 {
        let name = format!("{p:02}");
        // All weights of a PSU moved together: the sum of its records' w·influence.
        let moved = |by: f64| values(weight.iter().zip(&psu).map(|(w, q)| if *q == name { w * by } else { *w }).collect());
        let (up, down) = (moved(1.0 + 1e-5), moved(1.0 - 1e-5));
        z.push(up.iter().zip(&down).map(|(u, d)| (u - d) / 2e-5).collect());
        let rest: Vec<f64> = weight.iter().zip(&psu).map(|(w, q)| if *q == name { 1e-9 * w } else { *w }).collect();
        values(rest).iter().zip(&at).zip(&mut jackknife).for_each(|((v, at), sum)| *sum += (n - 1.0) / n * (v - at) * (v - at));
    }
    for i in 0..at.len() {
        let mean = z.iter().map(|z| z[i]).sum::<f64>() / n;
        numeric[i] = z.iter().map(|z| (z[i] - mean) * (z[i] - mean)).sum::<f64>() * n / (n - 1.0);
    }
    let se: Vec<f64> = metrics
        .iter()
        .map(|metric| gap(&base, metric).0.se.unwrap())
        .chain([of_group(&base, "standardised-accuracy", "b").se.unwrap(), of_group(&base, "aggregate-bias", "a").se.unwrap()])
        .collect();
    for i in 0..at.len() {
        // The recalls of a group alone rest on two dozen records a code: its error may be what they leave open.
        let more = if i == 3 { 0.1 * se[i] } else { 0.0 };
        assert!((-1e-6..=1e-6 + more).contains(&(se[i] - numeric[i].sqrt())), "{i}: {} and {}", se[i], numeric[i].sqrt());
        if i < 4 {
            assert!((se[i] / jackknife[i].sqrt() - 1.0).abs() < 0.15, "{i}: {} and {}", se[i], jackknife[i].sqrt());
        }
    }
}

/// Four groups of 400 records with six codes, all treated alike but for `worse` recall of one code in one group.
fn drawn(stream: &mut Stream, worse: f64) -> Survey {
    let mut survey = Survey { codes: 6, minimum: 30, ..Survey::default() };
    for (g, group) in ["a", "b", "c", "d"].into_iter().enumerate() {
        for _ in 0..400 {
            let truth = stream.below(6) as u32;
            let recall = 0.85 - if g == 3 && truth == 2 { worse } else { 0.0 };
            // Errors go to all other codes alike, so that shares stay right where recalls are alike.
            let given = if stream.unit() < recall { truth } else { (truth + 1 + stream.below(5) as u32) % 6 };
            survey.add(group, truth, given, 1);
        }
    }
    survey
}

// Alike groups: intervals of the worst difference reach down to 0 in 95 of 100 samples or more, and the noise told is what is seen on average.
#[test]
fn simultaneous_intervals_cover_when_groups_are_alike() {
    let mut stream = Stream::named(11, "alike");
    let metrics = ["equal-opportunity-gap", "predictive-parity-gap", "class-share-gap", "gap-bias", "equalised-odds-distance", "standardised-accuracy"];
    let runs = 200;
    let mut alarms = [0; 6];
    let (mut seen, mut told) = ([0.0; 6], [0.0; 6]);
    for _ in 0..runs {
        let m = drawn(&mut stream, 0.0).measured();
        for (i, metric) in metrics.iter().enumerate() {
            let (e, c) = gap(&m, metric);
            alarms[i] += u32::from(e.interval.unwrap().lower > 0.0);
            seen[i] += e.value / f64::from(runs);
            told[i] += c.expected_from_noise.unwrap() / f64::from(runs);
        }
    }
    // Of 200 samples at 5 % more than 17 false alarms come in one of 100 such tests.
    assert!(alarms.iter().all(|&a| a <= 17), "{alarms:?} of {metrics:?}");
    for i in 0..metrics.len() {
        assert!((told[i] / seen[i] - 1.0).abs() < 0.12, "{}: told {}, seen {}", metrics[i], told[i], seen[i]);
    }
}

// One group is coded worse by 30 points at one code: found, at that code and group, and covered.
#[test]
fn a_planted_gap_is_found_and_covered() {
    let mut stream = Stream::named(12, "planted");
    let (mut found, mut covered, mut standardised) = (0, 0, 0);
    for _ in 0..60 {
        let m = drawn(&mut stream, 0.3).measured();
        let (e, c) = gap(&m, "equal-opportunity-gap");
        let i = e.interval.unwrap();
        found += u32::from(i.lower > 0.0 && c.low == ["d"] && c.detail.as_ref().unwrap().code.as_deref() == Some("10"));
        covered += u32::from(i.lower <= 0.3 && 0.3 <= i.upper);
        let i = gap(&m, "standardised-accuracy").0.interval.unwrap();
        standardised += u32::from(i.lower <= 0.05 && 0.05 <= i.upper);
    }
    assert!(found >= 45 && covered >= 55 && standardised >= 55, "found {found}, covered {covered}, {standardised} of 60");
}

#[test]
fn every_group_is_told_against_the_reference() {
    let m = Survey { reference: Some("a"), ..three_groups() }.measured();
    let all: Vec<_> = contrasts(&m, "accuracy", "reference-difference").collect();
    assert_eq!(all.iter().map(|(_, c)| (c.high.concat(), c.low.concat())).collect::<Vec<_>>(), [("b".into(), "a".into()), ("c".into(), "a".into())]);
    // 52 of 80 and 20 of 30 against 95 of 120; two comparisons.
    for ((measure, c), accuracy) in all.iter().zip([52.0 / 80.0, 20.0 / 30.0]) {
        let e = measure.outcome.estimate().unwrap();
        near(e.value, accuracy - 95.0 / 120.0, 1e-12);
        assert_eq!(c.comparisons(), 2);
        // One variance of a proportion and the other, by n − 1.
        let n = if c.high == ["b"] { 80.0 } else { 30.0 };
        let se = (accuracy * (1.0 - accuracy) / (n - 1.0) + 95.0 / 120.0 * 25.0 / 120.0 / 119.0).sqrt();
        near(e.se.unwrap(), se, 0.03 * se);
    }
    let ratio = contrasts(&m, "accuracy", "reference-ratio").next().unwrap().0.outcome.estimate().unwrap();
    near(ratio.value, 0.65 / (95.0 / 120.0), 1e-12);
    let parts = contrasts(&m, "treatment-difference", "reference-difference").count();
    assert_eq!(parts, 2);
}

#[test]
fn groups_are_compared_within_the_levels_of_a_control() {
    let mut survey = Survey { codes: 4, minimum: 10, within: vec!["o", "first"], digits: Some(1), ..Survey::default() };
    // In "x" a is right for 18 of 20 and b for 10 of 20, in "y" both for 15 of 20: half of the weight each.
    for (other, group, right) in [("x", "a", 18), ("x", "b", 10), ("y", "a", 15), ("y", "b", 15)] {
        survey.add(group, 0, 0, right / 2);
        survey.add(group, 2, 2, right - right / 2);
        survey.add(group, 0, 1, 10 - right / 2);
        survey.add(group, 2, 1, 10 - (right - right / 2));
        survey.other.extend([other; 20]);
    }
    let m = survey.measured();
    let within = |metric: &str, control: &str| {
        let of = |c: &Contrast| c.detail.as_ref().and_then(|d| d.within.clone()).is_some_and(|w| w.control == control);
        contrasts(&m, metric, "gap").filter(|(_, c)| of(c)).map(|(m, c)| (m.outcome.estimate().unwrap().value, c.clone())).collect::<Vec<_>>()
    };
    let levels = within("gap-within", "o");
    near(levels[0].0, 0.4, 1e-12);
    near(levels[1].0, 0.0, 1e-12);
    near(within("controlled-gap", "o")[0].0, 0.2, 1e-12);
    assert_eq!((levels[0].1.high.concat(), levels[0].1.detail.as_ref().unwrap().within.as_ref().unwrap().value.as_deref()), ("a".into(), Some("x")));
    // By the first digit of the true code: 00 and 01 are 0, 10 and 11 are 1.
    assert_eq!(within("gap-within", "first").len(), 2);
}

// With two groups the F is the square of the difference over its standard error.
#[test]
fn the_test_of_two_groups_is_that_of_their_difference() {
    let mut survey = clustered(8);
    survey.group.iter_mut().for_each(|g| *g = if *g == "c" { "b" } else { g });
    let m = survey.measured();
    let (e, _) = gap(&m, "accuracy");
    near(m.spreads[0].test.unwrap().f, (e.value / e.se.unwrap()).powi(2), 1e-9);
    assert_eq!(m.spreads[0].ranking.len(), 2);
    assert!(m.spreads[0].ranking[0].shrunken <= m.spreads[0].ranking[1].shrunken);
}
