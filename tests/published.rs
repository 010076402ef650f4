//! Published figures on the real study: codes of 2013 are blanked, so what would be published of them can be compared with the truth.

mod common;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// The records of 2013: id, region, true code.
struct Records {
    ids: Vec<String>,
    regions: Vec<String>,
    codes: Vec<String>,
}

fn csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let bytes = std::fs::read(path).unwrap();
    let raw = proofmark::data::read("f.csv", &bytes, proofmark::data::Dialect::default(), &[]).unwrap();
    let rows = (0..raw.rows).map(|i| raw.columns.iter().map(|c| c.get(i).to_owned()).collect()).collect();
    (raw.headers, rows)
}

fn records(folder: &Path) -> Records {
    let (head, rows) = csv(&folder.join("production_2013.csv"));
    let (id, region) = (head.iter().position(|h| h == "id").unwrap(), head.iter().position(|h| h == "region").unwrap());
    let (truth_head, truth) = csv(&folder.join("production_2013_truth.csv"));
    let (truth_id, code) = (truth_head.iter().position(|h| h == "id").unwrap(), truth_head.iter().position(|h| h == "body_part_code").unwrap());
    let code_of: BTreeMap<&str, &str> = truth.iter().map(|r| (r[truth_id].as_str(), r[code].as_str())).collect();
    Records {
        ids: rows.iter().map(|r| r[id].clone()).collect(),
        regions: rows.iter().map(|r| r[region].clone()).collect(),
        codes: rows.iter().map(|r| code_of[r[id].as_str()].to_owned()).collect(),
    }
}

/// A number between 0 and 1 that hangs on an id alone.
fn chance(id: &str, salt: u64) -> f64 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15), |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    let mut x = hash;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Runs the study of the published autocoder with the true codes of 2013 that `kept` keeps; records that are neither kept nor in the `target`
/// are left out of the data. Returns the evidence and the card's text.
fn run(folder: &Path, kept: &[bool], target: &[bool], census: bool, more: &str) -> (Value, String) {
    let w = tempfile::tempdir().unwrap();
    let shared = |name: &str| folder.join(name).display().to_string();
    let r = records(folder);
    let mut truth = String::from("id,body_part_code\n");
    for i in (0..r.ids.len()).filter(|&i| kept[i]) {
        let _ = writeln!(truth, "{},{}", r.ids[i], r.codes[i]);
    }
    std::fs::write(w.path().join("truth.csv"), truth).unwrap();
    // Whole records are kept by the reader's own splitting, written back with quotes.
    let (head, rows) = csv(&folder.join("production_2013.csv"));
    let quoted = |fields: &[String]| fields.iter().map(|f| format!("\"{}\"", f.replace('"', "\"\""))).collect::<Vec<_>>().join(",");
    let mut data = head.join(",") + "\n";
    for i in (0..rows.len()).filter(|&i| kept[i] || target[i]) {
        let _ = writeln!(data, "{}", quoted(&rows[i]));
    }
    std::fs::write(w.path().join("production.csv"), data).unwrap();
    for name in ["labelled_2010_2012.csv", "production_2013_bls_predictions.csv", "body_part_codes.csv"] {
        std::fs::copy(shared(name), w.path().join(name)).unwrap();
    }
    let dataset = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/studies/msha/dataset.toml")).unwrap();
    let dataset = dataset
        .replace("../../../../shared/datasets/msha/production_2013_truth.csv", "truth.csv")
        .replace("../../../../shared/datasets/msha/production_2013.csv", "production.csv")
        .replace("../../../../shared/datasets/msha/", "");
    std::fs::write(w.path().join("dataset.toml"), dataset).unwrap();
    let study = format!(
        r#"title = "Published figures"
dataset = "dataset.toml"
seed = 3
[policy]
title = "None"
[[policy.gate]]
id = "bias"
metric = "counting-bias"
code_level = "major part"
code = "*"
at_most = 0.02
severity = "warn"
[[policy.gate]]
id = "distance"
metric = "counting-distance"
at_most = 0.10
[split]
by = "date"
column = "accident_date"
test_from = "2013-01-01"
[[candidate]]
id = "published"
kind = "predictions"
name = "Published autocoder"
[candidate.settings]
path = "production_2013_bls_predictions.csv"
id = "id"
codes = ["predicted"]
confidences = ["confidence"]
[evaluate]
groups = ["region"]
[totals]
level = "major part"
target = "{}"
{more}
"#,
        if census { "census" } else { "sample" }
    );
    std::fs::write(w.path().join("study.toml"), study).unwrap();
    let ran = common::proofmark(w.path(), &["run", "study.toml", "--out", "out"]);
    assert!([0, 1, 3].contains(&ran.code), "{}", ran.stderr);
    let evidence = serde_json::from_str(&std::fs::read_to_string(w.path().join("out/published/evidence.json")).unwrap()).unwrap();
    let html = std::fs::read_to_string(w.path().join("out/published/card.html")).unwrap();
    (evidence, scraper::Html::parse_document(&html).root_element().text().collect())
}

/// (value, lower, upper) of an outcome.
fn figure(outcome: &Value) -> (f64, f64, f64) {
    let e = &outcome["estimate"];
    let value = e["value"].as_f64().expect("a value");
    let bound = |k: &str| e["interval"][k].as_f64().unwrap_or(value);
    (value, bound("lower"), bound("upper"))
}

fn true_shares(r: &Records, members: impl Iterator<Item = usize>) -> BTreeMap<String, f64> {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    let mut n = 0.0;
    for i in members {
        *counts.entry(r.codes[i].chars().take(1).collect()).or_default() += 1.0;
        n += 1.0;
    }
    counts.values_mut().for_each(|c| *c /= n);
    counts
}

/// Distance of an area's figures from the true shares, and how many intervals hold them, of how many.
fn against(area: &Value, truth: &BTreeMap<String, f64>, estimator: &str) -> (f64, usize, usize) {
    let (mut distance, mut held, mut of) = (0.0, 0, 0);
    for c in area["codes"].as_array().unwrap() {
        let wanted = truth.get(c["code"].as_str().unwrap()).copied().unwrap_or(0.0);
        if c.get(estimator).is_none() {
            continue;
        }
        let (value, lower, upper) = figure(&c[estimator]);
        distance += (value - wanted).abs() / 2.0;
        if c["truly"].as_u64().unwrap() >= 10 {
            held += usize::from(lower <= wanted && wanted <= upper);
            of += 1;
        }
    }
    (distance, held, of)
}

#[test]
fn corrected_shares_hold_the_truth_that_counting_misses() {
    let Some(folder) = common::shared("datasets/msha") else { return };
    let r = records(&folder);
    let (mut nearer, mut held, mut of, mut by_region) = (0, 0, 0, (0, 0));
    for round in 0..4 {
        let kept: Vec<bool> = r.ids.iter().map(|id| chance(id, round) >= 0.6).collect();
        let target: Vec<bool> = kept.iter().map(|k| !k).collect();
        let (evidence, card) = run(&folder, &kept, &target, true, "by = [\"region\"]");
        let published = &evidence["published"];
        let n = target.iter().filter(|t| **t).count();
        assert_eq!(published["target"]["records"], n);
        let truth = true_shares(&r, (0..r.ids.len()).filter(|&i| target[i]));
        let whole = &published["areas"][0];
        let (counted, ..) = against(whole, &truth, "counted");
        for estimator in ["calibrated", "difference"] {
            let (distance, in_it, all) = against(whole, &truth, estimator);
            nearer += usize::from(distance < counted);
            held += in_it;
            of += all;
        }
        // Blanked at random: the test part is like the target.
        assert!(published["shift"]["f"]["p"].as_f64().is_some_and(|p| p > 1e-4), "{}", published["shift"]);
        let rates = &published["error_rates"][0];
        let _ = writeln!(std::io::stderr(), "shift {}, errors by region {rates}", published["shift"]);
        for area in published["areas"].as_array().unwrap().iter().filter(|a| a.get("group").is_some() && a.get("undefined").is_none()) {
            let name = area["group"]["values"][0].as_str().unwrap();
            let truth = true_shares(&r, (0..r.ids.len()).filter(|&i| target[i] && r.regions[i] == name));
            let (_, in_it, all) = against(area, &truth, "difference");
            by_region = (by_region.0 + in_it, by_region.1 + all);
        }
        if round == 0 {
            assert!(card.contains("Published figures"), "{card}");
            let distance = evidence["measures"].as_array().unwrap().iter().find(|m| m["metric"] == "counting-distance").unwrap();
            assert!(figure(&distance["outcome"]).0 > 0.01);
        }
    }
    assert_eq!(nearer, 8, "corrected shares are nearer the truth than counts");
    let share = held as f64 / of as f64;
    let regional = by_region.0 as f64 / by_region.1 as f64;
    let _ = writeln!(std::io::stderr(), "whole: {held} of {of} intervals hold; by region {} of {}", by_region.0, by_region.1);
    assert!(share >= 0.90 && regional >= 0.90, "{share} {regional}");
}

#[test]
fn a_shifted_target_is_noticed_and_changes_the_advice() {
    let Some(folder) = common::shared("datasets/msha") else { return };
    let r = records(&folder);
    let kept: Vec<bool> = r.ids.iter().map(|id| chance(id, 9) >= 0.5).collect();
    // Of the rest, most injuries of the trunk (codes that begin with 4) are dropped: prior-probability shift, with errors within codes as before.
    let dropped = |i: usize| r.codes[i].starts_with('4') && chance(&r.ids[i], 10) < 0.8;
    let target: Vec<bool> = (0..r.ids.len()).map(|i| !kept[i]).enumerate().map(|(i, rest)| rest && !dropped(i)).collect();
    let (evidence, card) = run(&folder, &kept, &target, true, "");
    let published = &evidence["published"];
    assert!(published["shift"]["f"]["p"].as_f64().unwrap() < 1e-6, "{}", published["shift"]);
    assert!(!card.contains("Publish the calibrated shares"), "{card}");
    let truth = true_shares(&r, (0..r.ids.len()).filter(|&i| target[i]));
    let whole = &published["areas"][0];
    let (calibrated, held, of) = against(whole, &truth, "calibrated");
    let _ = writeln!(std::io::stderr(), "calibrated: distance {calibrated:.4}, {held} of {of}; refused: {:?}", whole.get("refused"));
    assert!(whole.get("refused").is_none(), "{}", whole["refused"]);
    {
        let (inverted, held_inverted, of) = against(whole, &truth, "misclassification");
        let _ = writeln!(std::io::stderr(), "misclassification: distance {inverted:.4}, {held_inverted} of {of}");
        assert!(inverted < calibrated && held_inverted > held && held_inverted * 10 >= of * 8);
        assert!(card.contains("the misclassification estimator is still right"));
    }
}

#[test]
fn without_uncoded_records_only_the_bias_of_counting_is_told() {
    let Some(folder) = common::shared("datasets/msha") else { return };
    let all = vec![true; records(&folder).ids.len()];
    let none = vec![false; all.len()];
    let (evidence, card) = run(&folder, &all, &none, false, "");
    let published = &evidence["published"];
    assert!(published.get("target").is_none() && published["missing"]["why"] == "every record of the data has a true code", "{published}");
    let whole = &published["areas"][0];
    assert!(whole["codes"].as_array().unwrap().iter().all(|c| c.get("counted").is_none() && c["bias"].get("estimate").is_some()));
    // Share errors of the full code, added up to the level, are the bias there.
    let level: BTreeMap<&str, f64> = whole["codes"].as_array().unwrap().iter().map(|c| (c["code"].as_str().unwrap(), figure(&c["bias"]).0)).collect();
    let mut summed: BTreeMap<String, f64> = BTreeMap::new();
    for m in evidence["measures"].as_array().unwrap().iter().filter(|m| m["metric"] == "share-error" && m.get("code_level").is_none()) {
        *summed.entry(m["code"].as_str().unwrap().chars().take(1).collect()).or_default() += figure(&m["outcome"]).0;
    }
    assert!(level.len() >= 5 && level.len() == summed.len());
    level.iter().for_each(|(code, bias)| assert!((bias - summed[*code]).abs() < 1e-12, "{code}"));
    assert!(card.contains("No estimator can be advised"), "{card}");
}
