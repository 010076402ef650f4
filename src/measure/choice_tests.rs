//! Choosing under odd inputs, and by simulation whether promises are kept at their stated rate.

use super::super::fixture::{sample, table};
use super::super::suggestions::suggestions;
use super::*;
use crate::model::Predictions;
use crate::value::Stream;

const PROMISE: Promise = Promise { error_at_most: 0.05, confidence: 0.95 };

fn full() -> Level {
    Level { name: None, ancestor: vec![Some(0), Some(1)], labels: Vec::new() }
}

/// Records with code 0 as truth, coded right or wrong.
fn answers(confidence: Vec<f64>, right: Vec<bool>) -> Answers {
    let n = right.len();
    Answers { truth: vec![0; n], first: right.iter().map(|r| u32::from(!r)).collect(), right, confidence }
}

fn chosen(weights: Vec<f64>, psu: Option<Vec<u32>>, answers: &Answers) -> Choice {
    at_level(PROMISE, &sample(weights, psu), answers, &full())
}

fn of(n: usize, confidence: f64, right: impl Fn(usize) -> bool) -> Choice {
    chosen(vec![1.0; n], None, &answers(vec![confidence; n], (0..n).map(right).collect()))
}

#[test]
fn all_right_and_all_wrong_and_too_few_have_a_defined_outcome() {
    // 100 records without an error: bound 0.0295 (definitions T5), whatever the threshold, so the lowest is taken.
    let Choice::Threshold { threshold, accepted, risk, upper } = of(100, 0.9, |_| true) else { panic!() };
    assert_eq!((threshold, accepted, risk), (0.0, 100, 0.0));
    assert!((upper - 0.029_513_0).abs() < 6e-8, "{upper}");
    assert!(matches!(of(100, 0.9, |_| false), Choice::NoThreshold { records_needed: None, .. }));
    // 59 is the least: 0.95⁵⁹ ≤ 0.05.
    assert!(matches!(of(59, 0.9, |_| true), Choice::Threshold { .. }));
    for n in [0, 5, 58] {
        let Choice::NoThreshold { why, records_needed } = of(n, 0.9, |_| true) else { panic!("{n}") };
        assert!(records_needed.is_some_and(|m| (59..=61).contains(&m)), "{n}: {records_needed:?}");
        assert!(why.contains(&format!("{n} records are too few")) && why.contains("59"), "{why}");
    }
    let without = chosen(vec![1.0; 100], None, &answers(Vec::new(), vec![true; 100]));
    assert!(matches!(without, Choice::NoThreshold { why, .. } if why.contains("no confidence")));
}

#[test]
fn what_would_be_needed_is_told_and_is_enough() {
    // One error in 80: the bound is 0.058, and 4 % of error at 5 % allowed needs many more.
    let Choice::NoThreshold { records_needed: Some(needed), .. } = of(80, 0.9, |i| i != 7) else { panic!() };
    assert!((90..200).contains(&needed), "{needed}");
    let more = of(needed as usize + 1, 0.9, |i| i % 80 != 7 || i > 80 * (needed as usize / 80));
    assert!(matches!(more, Choice::Threshold { .. }), "{more:?}");
}

#[test]
fn the_surest_records_come_first_and_levels_are_chosen_apart() {
    let n = 2000_u32;
    let confidence: Vec<f64> = (0..n).map(|i| f64::from(i) / f64::from(n)).collect();
    // Wrong below 0.6 in the full code; at the coarse level nothing is.
    let right: Vec<bool> = confidence.iter().map(|&c| c >= 0.6).collect();
    let answers = answers(confidence, right);
    let levels = [Level { name: Some("coarse".into()), ancestor: vec![Some(0), Some(0)], labels: Vec::new() }, full()];
    let choice = choose(PROMISE, &sample(vec![1.0; n as usize], None), &answers, &levels, true);
    let found: Vec<(Option<&str>, Option<f64>)> = choice.levels.iter().map(|l| (l.code_level.as_deref(), l.choice.threshold())).collect();
    // At 0.59 20 of 820 are wrong (bound 0.035), at 0.58 40 of 840 (bound 0.062).
    assert_eq!(found, [(None, Some(0.59)), (Some("coarse"), Some(0.0))]);
    assert_eq!((choice.threshold(), choice.records), (Some(0.59), 2000));
}

#[test]
fn clusters_that_err_together_need_more_records() {
    let n = 3000;
    let confidence: Vec<f64> = vec![0.9; n];
    // One cluster in 40 is wholly wrong: 2.5 % of error; as independent records that would pass.
    let right: Vec<bool> = (0..n).map(|i| i % 40 != 3).collect();
    let both = answers(confidence, right);
    assert!(matches!(chosen(vec![1.0; n], None, &both), Choice::Threshold { .. }));
    let psu = Some((0..n as u32).map(|i| i % 40).collect());
    assert!(matches!(chosen(vec![1.0; n], psu, &both), Choice::NoThreshold { .. }));
}

/// Error rate of a record: falls with confidence, and shifts with its cluster by `spread` normal units.
fn error(c: f64, cluster: f64, spread: f64) -> f64 {
    1.0 / (1.0 + (-(0.9 - 5.0 * c + spread * cluster)).exp())
}

/// True share of errors among records with confidence ≥ τ, confidence uniform, cluster effects standard normal.
fn true_risk(threshold: f64, spread: f64) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for i in 0..400 {
        let c = threshold + (1.0 - threshold) * (f64::from(i) + 0.5) / 400.0;
        for j in 0..121 {
            let u = (f64::from(j) - 60.0) / 12.0;
            let density = (-u * u / 2.0).exp();
            sum += density * error(c, u, spread);
            weight += density;
        }
    }
    sum / weight
}

/// (share of rounds in which the chosen threshold breaks the promise, share in which one is chosen).
fn kept(promise: Promise, clusters: usize, size: usize, spread: f64, weighted: bool, rounds: usize, seed: u64) -> (f64, f64) {
    let mut stream = Stream::named(seed, "promise kept");
    let risks: Vec<f64> = (0..=999).map(|i| true_risk(f64::from(i) / 1000.0, spread)).collect();
    let (mut broken, mut found) = (0, 0);
    for _ in 0..rounds {
        let (mut confidence, mut right, mut psu, mut weights) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for j in 0..clusters {
            let u = stream.normal();
            for _ in 0..size {
                let c = stream.unit();
                confidence.push(c);
                right.push(stream.unit() >= error(c, u, spread));
                psu.push(j as u32);
                weights.push(if weighted { 0.5 + 2.5 * stream.unit() } else { 1.0 });
            }
        }
        let sample = sample(weights, (size > 1).then_some(psu));
        if let Some(t) = at_level(promise, &sample, &answers(confidence, right), &full()).threshold() {
            found += 1;
            broken += usize::from(risks[(t * 1000.0).round() as usize] > promise.error_at_most);
        }
    }
    (broken as f64 / rounds as f64, found as f64 / rounds as f64)
}

// The promise must break in at most 5 % of samples (10 % at the lower confidence), by the simulation's own three standard errors.
#[test]
#[ignore = "a simulation of minutes"]
fn the_promise_is_kept_at_its_rate_under_every_design() {
    let rounds = 500;
    let seed = option_env!("PROOFMARK_SEED").and_then(|v| v.parse().ok()).unwrap_or(17);
    let (mut figures, mut fine) = (Vec::new(), true);
    for (name, promise, clusters, size, spread, weighted, least) in [
        ("srs, 1000 records", PROMISE, 1000, 1, 0.0, false, 0.2),
        ("srs, 1000 records, 10 % at 90 %", Promise { error_at_most: 0.1, confidence: 0.9 }, 1000, 1, 0.0, false, 0.8),
        ("weighted, 1000 records", PROMISE, 1000, 1, 0.0, true, 0.15),
        ("80 clusters of 25, no effect", PROMISE, 80, 25, 0.0, false, 0.4),
        ("80 clusters of 25, effect 0.7", PROMISE, 80, 25, 0.7, false, 0.1),
        ("80 clusters of 25, effect 0.7, weighted", PROMISE, 80, 25, 0.7, true, 0.1),
        ("30 clusters of 50, effect 0.7", PROMISE, 30, 50, 0.7, false, 0.01),
    ] {
        let (broken, found) = kept(promise, clusters, size, spread, weighted, rounds, seed);
        figures.push(format!("{name}: promise broken in {:.2} % of {rounds} samples, threshold found in {:.1} %", 100.0 * broken, 100.0 * found));
        let allowed = 1.0 - promise.confidence;
        // Nor may it be kept by hardly ever choosing, as far as the design allows a choice at all.
        fine &= broken <= allowed + 3.0 * (allowed * (1.0 - allowed) / rounds as f64).sqrt() && found >= least;
    }
    assert!(fine, "{}", figures.join("\n"));
}

/// Mean coverage of the next record's list, over rounds of settling on a new sample.
fn coverage(clusters: usize, size: usize, spread: f64, rounds: usize, level: f64) -> f64 {
    let mut stream = Stream::named(23, "suggestions kept");
    let codes = ["a", "b", "c", "d"];
    // Scores of a record lean to its true code, by how much depends on its cluster.
    let record = |stream: &mut Stream, u: f64| {
        let truth = stream.below(4) as usize;
        let mut p = [0.0; 4];
        (0..4).for_each(|k| p[k] = (stream.normal() + if k == truth { 1.5 + spread * u } else { 0.0 }).exp());
        let sum: f64 = p.iter().sum();
        (truth, p.map(|x| x / sum))
    };
    let mut covered = 0.0;
    for _ in 0..rounds {
        let (mut truth, mut p) = (Vec::new(), Vec::new());
        for _ in 0..clusters {
            let u = stream.normal();
            for _ in 0..size {
                let (t, row) = record(&mut stream, u);
                truth.push(codes[t]);
                p.extend(row);
            }
        }
        let table = table(&truth, &codes, &[]);
        let rows: Vec<u32> = (0..truth.len() as u32).collect();
        let predictions = Predictions::from_dense(table.codes.clone(), &p, 4);
        let cutoff = suggestions(&table, &rows, &predictions, level, true).unwrap().cutoff;
        let fresh = 20;
        for _ in 0..fresh {
            let u = stream.normal();
            let (t, row) = record(&mut stream, u);
            covered += f64::from(u8::from(cutoff.is_none_or(|q| 1.0 - row[t] <= q))) / fresh as f64;
        }
    }
    covered / rounds as f64
}

#[test]
#[ignore = "a simulation of minutes"]
fn suggestions_cover_at_their_rate_under_every_design() {
    let rounds = 3000;
    let (mut figures, mut fine) = (Vec::new(), true);
    for (name, clusters, size, spread, above) in
        [("srs, 199 records", 199, 1, 0.0, 0.01), ("srs, 9 records", 9, 1, 0.0, 0.02), ("40 clusters of 10", 40, 10, 0.7, 0.02)]
    {
        let found = coverage(clusters, size, spread, rounds, 0.9);
        figures.push(format!("{name}: mean coverage {:.2} % for 90 % asked", 100.0 * found));
        // 20 new records a round, nearly independent given the cutoff.
        let se = (0.09 / (20.0 * rounds as f64)).sqrt() + 0.1 / (rounds as f64).sqrt() / (clusters as f64).sqrt();
        // Records of one cluster are alike, so that clusters count rather than records: up to a cluster's share may be missing.
        let below = if size > 1 { 1.0 / clusters as f64 } else { 0.0 };
        fine &= found >= 0.9 - 4.0 * se - below && found <= 0.9 + above + 4.0 * se;
    }
    assert!(fine, "{}", figures.join("\n"));
}
