//! Paired differences against values computed apart with numpy, scipy and statsmodels, and their p-values under no difference.

use super::*;
use crate::measure::estimate::Sampling;
use crate::measure::request::{Grouping, Proportions};
use crate::stats::{Lonely, Units};
use crate::value::{Method, Stream};

/// Records with a unit and a weight each, in two groups.
fn sample(unit: Vec<u32>, weight: Vec<f64>, group: Vec<u32>, units: Units, simple: bool) -> Sample {
    let clustered = units.clustered();
    let groups = vec![(vec!["no".to_owned()], vec![0]), (vec!["yes".to_owned()], vec![1])];
    let sampling = Sampling { units, simple, clustered, level: 0.95, interval: Proportions::default(), method: Method::StudentT };
    let groupings = vec![(Grouping { variables: vec!["seventh".into()], ..Grouping::default() }, groups)];
    Sample { group, groupings, cells: 2, ..Sample::without_groups(sampling, unit, weight) }
}

const N: u32 = 240;

/// Two candidates' answers made by rule: (this, other).
fn candidates() -> (Scored, Scored) {
    let truth: Vec<u32> = (0..N).map(|i| (i * i + 3 * i) % 5).collect();
    let a = |i: u32| if i * 37 % 100 < 72 { truth[i as usize] } else { (truth[i as usize] + 1 + i % 3) % 5 };
    let b = |i: u32| match (i * 53 + 11) % 100 {
        0..64 => truth[i as usize],
        _ if (i * 61).is_multiple_of(7) => 5,
        _ => (truth[i as usize] + 2) % 5,
    };
    let scored = |first: Vec<u32>, loss: Vec<f64>| {
        let right: Vec<bool> = first.iter().zip(&truth).map(|(f, t)| f == t).collect();
        let pairs = first.iter().zip(&truth).map(|(f, t)| Some(f / 2 == t / 2)).collect();
        Scored {
            levels: vec![(Some("pairs".to_owned()), pairs), (None, right.iter().map(|r| Some(*r)).collect())],
            answers: Answers { truth: truth.clone(), first, right, confidence: Vec::new() },
            codes: 6,
            loss: Some(loss),
        }
    };
    let this = scored((0..N).map(a).collect(), (0..N).map(|i| 0.2 + f64::from(i * 29 % 17) / 10.0).collect());
    let other = scored((0..N).map(b).collect(), (0..N).map(|i| 0.25 + f64::from(i * 31 % 19) / 10.0).collect());
    (this, other)
}

fn versus() -> Versus {
    Versus { candidate: "other".into(), name: "Other".into(), test: None }
}

fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance * wanted.abs(), "{found} is not {wanted}");
}

/// Value, standard error and p-value of a difference.
fn of(measures: &[Measure], pick: impl Fn(&&Measure) -> bool) -> (f64, f64, PairedTest) {
    let m = measures.iter().find(pick).expect("measured");
    let e = m.outcome.estimate().expect("an estimate");
    (e.value, e.se.expect("an error"), m.versus.as_ref().and_then(|v| v.test).expect("a test"))
}

fn whole<'m>(metric: &'m str) -> impl Fn(&&Measure) -> bool + 'm {
    move |m| m.metric == metric && m.group.is_none() && m.code_level.is_none()
}

#[test]
fn differences_under_strata_clusters_and_weights_equal_numpy() {
    let psu: Vec<u32> = (0..N).map(|i| i % 12).collect();
    let weight = (0..N).map(|i| 1.0 + f64::from(i * 7 % 5) / 2.0).collect();
    let group = (0..N).map(|i| u32::from(i % 7 == 1)).collect();
    let units = Units::clusters((0..12).map(|p| p % 3).collect(), 3, Lonely::Fail).unwrap();
    let (this, other) = candidates();
    let measures = compare(&sample(psu, weight, group, units, false), &this, &other, &versus(), 30);
    for (metric, value, se, p) in [
        ("accuracy-difference", 0.075, 0.011_379_145_593, 0.000_100_308_912_356),
        // The jackknife; linearised by numerical differentiation it is 0.008590262853.
        ("macro-f1-difference", 0.091_748_937_496, 0.008_600_891_687, f64::NAN),
        ("log-loss-difference", -0.157_812_5, 0.026_539_341_733, 0.000_216_309_029_565),
    ] {
        let (found, error, test) = of(&measures, whole(metric));
        near(found, value, 1e-9);
        near(error, se, 1e-7);
        assert_eq!((test.by, test.df), (PairedBy::T, Some(9.0)));
        if p.is_finite() {
            near(test.p, p, 1e-7);
        }
    }
    let level = of(&measures, |m| m.code_level.is_some());
    near(level.0, 0.09375, 1e-12);
    near(level.1, 0.014_902_266_449, 1e-7);
    let group = of(&measures, |m| m.group.as_ref().is_some_and(|g| g.values == ["yes"]));
    near(group.0, GROUP.0, 1e-9);
    near(group.1, GROUP.1, 1e-7);
    near(group.2.p, GROUP.2, 1e-6);
    // Two groups: the smaller of the two p-values counts twice.
    let rest = of(&measures, |m| m.group.as_ref().is_some_and(|g| g.values == ["no"]));
    let (low, high) = if group.2.p < rest.2.p { (group.2, rest.2) } else { (rest.2, group.2) };
    assert_eq!((low.adjusted_p.unwrap(), high.adjusted_p.unwrap()), (2.0 * low.p, high.p.max(2.0 * low.p)));
}

/// Difference in accuracy, standard error and p-value in the group i mod 7 = 1.
const GROUP: (f64, f64, f64) = (0.07142857142857142, 0.1936482712009128, 0.720762020443179);

#[test]
fn macro_f1_linearised_by_influences_is_near_its_jackknife() {
    let psu: Vec<u32> = (0..N).map(|i| i % 12).collect();
    let weight = (0..N).map(|i| 1.0 + f64::from(i * 7 % 5) / 2.0).collect();
    // One stratum with one unit would leave the jackknife without replicates; here the scores alone are asked for.
    let units = Units::clusters((0..12).map(|p| p % 3).collect(), 3, Lonely::Fail).unwrap();
    let sample = sample(psu, weight, vec![0; N as usize], units, false);
    let (this, other) = candidates();
    let linear = macro_f1_linear(&sample, &this, &other);
    near(sample.sampling.units.variance(&linear.scores).sqrt(), 0.008_590_262_853, 1e-5);
    near(linear.variance.unwrap().0.sqrt(), 0.008_600_891_687, 1e-7);
}

#[test]
fn independent_records_have_mcnemars_p_values_of_statsmodels() {
    let units = Units::records(vec![u64::from(N)], Lonely::Fail).unwrap();
    let sample = sample(vec![0; N as usize], vec![1.0; N as usize], vec![0; N as usize], units, true);
    let (this, other) = candidates();
    let measures = compare(&sample, &this, &other, &versus(), 30);
    let (value, se, test) = of(&measures, whole("accuracy-difference"));
    near(value, 0.083_333_333_333, 1e-9);
    near(se, 0.043_055_649_285_301_61, 1e-12);
    assert_eq!((test.by, test.only_this, test.only_other), (PairedBy::McnemarMidP, Some(64), Some(44)));
    near(test.p, 0.054_908_817_775_760_41, 1e-10);
    near(test.exact_p.unwrap(), 0.067_010_414_752_295_15, 1e-10);
    let (_, se, test) = of(&measures, whole("macro-f1-difference"));
    near(se, 0.022_316_380_841, 1e-7);
    assert_eq!(test.df, Some(239.0));
    near(of(&measures, whole("log-loss-difference")).2.p, 0.0018483897358632156, 1e-9);
}

#[test]
fn a_comparison_turned_round_is_that_of_the_other_candidate() {
    let units = Units::records(vec![u64::from(N)], Lonely::Fail).unwrap();
    let sample = sample(vec![0; N as usize], vec![1.0; N as usize], (0..N).map(|i| u32::from(i % 7 == 1)).collect(), units, true);
    let (this, other) = candidates();
    let (there, back) = (compare(&sample, &this, &other, &versus(), 30), compare(&sample, &other, &this, &versus(), 30));
    for (a, b) in reversed(&there, &versus()).iter().zip(&back) {
        let (e, f) = (a.outcome.estimate().unwrap(), b.outcome.estimate().unwrap());
        let (i, j) = (e.interval.unwrap(), f.interval.unwrap());
        for (x, y) in [(e.value, f.value), (i.lower, j.lower), (i.upper, j.upper), (e.se.unwrap(), f.se.unwrap())] {
            assert!((x - y).abs() < 1e-12, "{} {x} {y}", a.metric);
        }
        let (s, t) = (a.versus.as_ref().unwrap().test.unwrap(), b.versus.as_ref().unwrap().test.unwrap());
        assert_eq!((s.only_this, s.only_other), (t.only_this, t.only_other));
        assert!((s.p - t.p).abs() < 1e-9);
    }
}

#[test]
fn a_candidate_does_not_differ_from_itself_and_small_groups_are_not_told() {
    let units = Units::records(vec![u64::from(N)], Lonely::Fail).unwrap();
    let sample = sample(vec![0; N as usize], vec![1.0; N as usize], (0..N).map(|i| u32::from(i % 7 == 1)).collect(), units, true);
    let (this, _) = candidates();
    let measures = compare(&sample, &this, &this, &versus(), 100);
    let test = measures.iter().find(whole("accuracy-difference")).unwrap().versus.as_ref().unwrap().test.unwrap();
    assert_eq!((test.p, test.only_this, test.only_other), (1.0, Some(0), Some(0)));
    let log_loss = &measures.iter().find(whole("log-loss-difference")).unwrap().outcome;
    assert!(matches!(log_loss, Outcome::Undefined(u) if u.reason == Reason::NoReplication), "{log_loss:?}");
    let small = measures.iter().find(|m| m.group.as_ref().is_some_and(|g| g.values == ["yes"])).unwrap();
    assert!(matches!(&small.outcome, Outcome::Undefined(u) if u.reason == Reason::TooFewRecords && u.n == 35), "{:?}", small.outcome);
}

/// The shares of p-values at or below 0.01, 0.05 and 0.1 over repeated samples without a difference.
///
/// A sample on which there is no test rejects nothing.
fn rejected(name: &str, samples: usize, mut draw: impl FnMut(&mut Stream) -> Option<f64>) -> [f64; 3] {
    let seed = option_env!("PROOFMARK_SEED").and_then(|v| v.parse().ok()).unwrap_or(20_260_101);
    let mut stream = Stream::named(seed, name);
    let p: Vec<f64> = (0..samples).map(|_| draw(&mut stream).unwrap_or(1.0)).collect();
    let share = |level: f64| p.iter().filter(|p| **p <= level).count() as f64 / samples as f64;
    [share(0.01), share(0.05), share(0.1)]
}

/// Two candidates that are right equally often, apart on about a fifth of the records; `shift` of each PSU moves both.
fn equals(stream: &mut Stream, units: &Units, unit: Vec<u32>, weights: &[f64], psu_spread: f64, simple: bool) -> Option<PairedTest> {
    let n = unit.len();
    let shift: Vec<(f64, f64)> = (0..units.count().min(1000)).map(|_| (psu_spread * stream.normal(), psu_spread * stream.normal())).collect();
    let mut a = Vec::with_capacity(n);
    let mut b = Vec::with_capacity(n);
    for &u in &unit {
        let (sa, sb) = if units.clustered() { shift[u as usize] } else { (0.0, 0.0) };
        let both = stream.unit() < 0.6;
        a.push(Some(both || stream.unit() < 0.4 + sa));
        b.push(Some(both || stream.unit() < 0.4 + sb));
    }
    let group = vec![0; n];
    let s = sample(unit, weights.to_vec(), group, units.clone(), simple);
    accuracy(&s, &a, &b, true).1
}

// 20,000 samples: the standard error of a share of 5 % is 0.15 points. Found at 5 %: McNemar's mid-p 4.1 % of 60 and 4.9 % of 400 records (the exact
// test 2.4 and 3.7 %), the design's t 5.4 and 4.8 % of weighted records, 6.7 % of 6 PSUs, 6.3 % of 12, 5.5 % of 12 in 4 strata, 5.1 % of 60 in 10: with few
// PSUs of unequal weight it is a little liberal, as linearised variances are.
#[test]
#[ignore = "a simulation of some seconds"]
fn p_values_are_uniform_where_candidates_do_not_differ() {
    const SAMPLES: usize = 20_000;
    let within = |found: [f64; 3], over: f64| {
        for (found, level) in found.into_iter().zip([0.01, 0.05, 0.1]) {
            let noise = 4.0 * (level * (1.0 - level) / SAMPLES as f64).sqrt();
            assert!(found <= level + noise + over * level, "{found} at {level}");
        }
    };
    for n in [60_u32, 400] {
        let units = Units::records(vec![u64::from(n)], Lonely::Fail).unwrap();
        let draw = |s: &mut Stream| equals(s, &units, vec![0; n as usize], &vec![1.0; n as usize], 0.0, true);
        within(rejected(&format!("McNemar mid-p, {n} records"), SAMPLES, |s| Some(draw(s)?.p)), 0.0);
        // The exact test never exceeds its level, and falls well short of it.
        within(rejected(&format!("McNemar exact, {n} records"), SAMPLES, |s| draw(s)?.exact_p), 0.0);
        let weights: Vec<f64> = (0..n).map(|i| 1.0 + f64::from(i % 5)).collect();
        within(
            rejected(&format!("design t, {n} weighted records"), SAMPLES, |s| equals(s, &units, vec![0; n as usize], &weights, 0.0, false).map(|t| t.p)),
            0.12,
        );
    }
    for (strata, psus, size) in [(1_u32, 6_u32, 30_u32), (1, 12, 30), (4, 12, 30), (10, 60, 20)] {
        let units = Units::clusters((0..psus).map(|p| p % strata).collect(), strata as usize, Lonely::Fail).unwrap();
        let unit: Vec<u32> = (0..psus * size).map(|i| i % psus).collect();
        let weights: Vec<f64> = unit.iter().map(|u| 1.0 + f64::from(u % 3)).collect();
        let name = format!("design t, {psus} PSUs of {size} in {strata} strata, weights by PSU");
        within(rejected(&name, SAMPLES, |s| equals(s, &units, unit.clone(), &weights, 0.08, false).map(|t| t.p)), 0.3);
    }
}
