//! Records at the edge of what can be estimated: each has a defined outcome, told in words, never a zero or a blank.

mod common;

use common::{Workspace, proofmark};
use serde_json::Value;

const STUDY: &str = r#"title = "Edges"
dataset = "dataset.toml"
policy = "policy.toml"
seed = 5

[split]
by = "column"
column = "part"
train = ["train"]
tune = ["tune"]
test = ["test"]

[[candidate]]
id = "coder"
kind = "predictions"
settings = { path = "predictions.csv", id = "id", codes = ["predicted"], confidences = ["confidence"] }

[evaluate]
groups = ["region"]
minimum_group = 1
thresholds = [0.5]
"#;

const DATASET: &str = r#"title = "Records of a test"
files = ["records.csv"]

[columns]
id = { role = "id" }
part = { role = "split" }
region = { role = "group" }
weight = { role = "weight" }
answer = { role = "text" }
code = { role = "code" }

[code_frame]
file = "codes.csv"
code = "code"
label = "label"
full = "unit group"
levels = [{ name = "major group", digits = 1 }]
"#;

const POLICY: &str = "title = \"A test\"\n\n[[gate]]\nid = \"accuracy\"\nmetric = \"accuracy\"\nat_least = 0.5\n";

/// Runs a study on test records (region, weight, true code, predicted code, confidence) and gives evidence and card.
fn run(records: &[(&str, f64, &str, &str, f64)]) -> (Vec<Value>, String) {
    let w = Workspace::new();
    let (mut csv, mut predictions) = (String::from("id,part,region,weight,answer,code\n"), String::from("id,predicted,confidence\n"));
    for (i, part) in ["train", "tune"].iter().enumerate() {
        csv.push_str(&format!("T{i},{part},North,1,words,2211\n"));
    }
    for (i, (region, weight, truth, predicted, confidence)) in records.iter().enumerate() {
        csv.push_str(&format!("R{i},test,{region},{weight},words,{truth}\n"));
        predictions.push_str(&format!("R{i},{predicted},{confidence}\n"));
    }
    w.write("study.toml", STUDY).write("dataset.toml", DATASET).write("policy.toml", POLICY).write("records.csv", &csv).write("predictions.csv", &predictions);
    let ran = proofmark(w.folder.path(), &["run", "study.toml", "--out", "out"]);
    assert!([0, 1, 3].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
    let card = w.read("out/coder/card.html");
    assert!(!card.contains("NaN") && !card.contains(">inf"), "a card without impossible numbers");
    (w.json("out/coder/evidence.json")["measures"].as_array().unwrap().clone(), card)
}

/// The outcome of the measure that has all of these members, and no group, code, threshold or contrast beyond them.
#[track_caller]
fn outcome<'a>(measures: &'a [Value], metric: &str, of: &[(&str, &str)]) -> &'a Value {
    let fits = |m: &&Value| {
        let group = m["group"]["values"][0].as_str();
        let wanted = |key: &str| of.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
        let kind = m["contrast"]["kind"].as_str();
        m["metric"] == metric && group == wanted("group") && m["code"].as_str() == wanted("code") && kind == wanted("contrast") && m["code_level"].is_null()
    };
    &measures.iter().find(fits).unwrap_or_else(|| panic!("no {metric} {of:?}"))["outcome"]
}

#[track_caller]
fn estimate(outcome: &Value) -> (f64, f64, f64) {
    let e = &outcome["estimate"];
    let number = |v: &Value| v.as_f64().unwrap_or_else(|| panic!("no estimate: {outcome}"));
    (number(&e["value"]), number(&e["interval"]["lower"]), number(&e["interval"]["upper"]))
}

#[track_caller]
fn why(outcome: &Value) -> String {
    outcome["undefined"]["why"].as_str().unwrap_or_else(|| panic!("defined: {outcome}")).to_owned()
}

#[test]
fn a_group_of_one_record_has_an_interval_as_wide_as_one_record_allows() {
    let mut records: Vec<_> = (0..40).map(|i| ("North", 1.0, "2211", if i % 4 == 0 { "2221" } else { "2211" }, 0.8)).collect();
    records.push(("South", 1.0, "5131", "5131", 0.9));
    let (measures, card) = run(&records);
    let (value, lower, upper) = estimate(outcome(&measures, "accuracy", &[("group", "South")]));
    // Clopper and Pearson for one of one: 2.5 to 100 per cent.
    assert!(value == 1.0 && (lower - 0.025).abs() < 1e-9 && upper == 1.0, "{value} {lower} {upper}");
    let (difference, lower, _) = estimate(outcome(&measures, "accuracy", &[("contrast", "difference")]));
    assert!((difference - 0.25).abs() < 1e-12 && lower == 0.0, "{difference} {lower}");
    // The card must not tell the one person's result.
    assert!(card.contains("suppressed"));
}

#[test]
fn all_right_is_not_certainty() {
    let records: Vec<_> = (0..40).map(|i| (if i % 2 == 0 { "North" } else { "South" }, 1.0 + (i % 3) as f64, "2211", "2211", 0.8)).collect();
    let (measures, _) = run(&records);
    let (value, lower, upper) = estimate(outcome(&measures, "accuracy", &[]));
    assert!(value == 1.0 && upper == 1.0 && (0.85..0.97).contains(&lower), "{lower}");
    // One code throughout: nothing to agree beyond chance.
    assert!(why(outcome(&measures, "kappa", &[])).contains("one and the same single code"));
    assert!(why(outcome(&measures, "mcc", &[])).contains("are the same"));
    let (difference, _, upper) = estimate(outcome(&measures, "accuracy", &[("contrast", "difference")]));
    assert!(difference == 0.0 && upper > 0.05, "no difference was seen, and one of {upper} cannot be excluded");
}

#[test]
fn a_code_in_truth_only_or_in_predictions_only_is_undefined_where_nothing_divides() {
    let records: Vec<_> = (0..60).map(|i| ("North", 1.0, if i < 12 { "9112" } else { "2211" }, if i % 4 == 1 { "5131" } else { "2211" }, 0.8)).collect();
    let (measures, _) = run(&records);
    assert!(why(outcome(&measures, "precision", &[("code", "9112")])).contains("never predicted"));
    assert_eq!(estimate(outcome(&measures, "recall", &[("code", "9112")])).0, 0.0);
    assert!(why(outcome(&measures, "recall", &[("code", "5131")])).contains("does not occur as true code"));
    assert_eq!(estimate(outcome(&measures, "precision", &[("code", "5131")])).0, 0.0);
    // F1 is defined as soon as the code occurs on either side (scikit-learn with these labels).
    for code in ["9112", "5131"] {
        assert_eq!(estimate(outcome(&measures, "f1", &[("code", code)])).0, 0.0);
    }
}

#[test]
fn a_record_of_weight_zero_moves_no_estimate() {
    let records: Vec<_> = (0..60).map(|i| (["North", "South"][i % 2], 1.0, "2211", if i % 5 == 0 { "2221" } else { "2211" }, 0.8)).collect();
    let mut with: Vec<_> = records.clone();
    with.extend([("North", 0.0, "9112", "2211", 0.9), ("South", 0.0, "2221", "2221", 0.1)]);
    let (before, _) = run(&records);
    let (after, _) = run(&with);
    for metric in ["accuracy", "macro-f1", "coded-share"] {
        assert_eq!(estimate(outcome(&before, metric, &[])).0, estimate(outcome(&after, metric, &[])).0, "{metric}");
    }
}
