//! Tuning inside the program, on the demonstration survey: what was tried is in the evidence and on the card, and the best is trained.

mod common;

use common::proofmark;
use std::path::Path;

const STUDY: &str = r#"title = "Tuning on the demonstration survey"
dataset = "data"
policy = "policy.toml"
seed = 3

[split]
by = "date"
column = "month"
tune_from = "2025-04"
test_from = "2025-07"

[[candidate]]
id = "tuned"
kind = "linear"
columns = ["job_title", "tasks"]

[candidate.settings]
characters = [0, 0]

[candidate.tune]
folds = 3
metric = "log-loss"
prefer = "cheapest-within-1se"

[candidate.tune.over]
c = [0.01, 3]
hierarchical = [false, true]

[evaluate]
code_levels = ["major group"]
minimum_group = 30
"#;

const POLICY: &str = "title = \"P\"\n\n[[gate]]\nid = \"a\"\nmetric = \"summed-accuracy\"\ncode_level = \"major group\"\nat_least = 0.5\nseverity = \"deny\"\n";

#[test]
fn trials_are_kept_with_their_cost_and_the_best_is_trained() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["survey.csv", "codes.csv", "dataset.toml"] {
        std::fs::copy(root.join("datasets/demonstration").join(name), data.join(name)).unwrap();
    }
    std::fs::write(folder.path().join("study.toml"), STUDY).unwrap();
    std::fs::write(folder.path().join("policy.toml"), POLICY).unwrap();
    proofmark(folder.path(), &["run", "study.toml", "--out", "out"]).expect(0, &[]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out/tuned").join(name)).unwrap();
    let evidence: serde_json::Value = serde_json::from_str(&read("evidence.json")).unwrap();
    let trials = evidence["tuning"]["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 4);
    let (train, tune) = (evidence["data"]["train"].as_u64().unwrap(), evidence["data"]["tune"].as_u64().unwrap());
    for trial in trials {
        // Each record of the two parts is held out once, and none of the test part.
        assert_eq!(trial["records"].as_u64().unwrap(), train + tune);
        assert!(trial["score"].as_f64().unwrap() > 0.0 && trial["se"].as_f64().unwrap() > 0.0);
    }
    // Strength 0.01 is far too weak, whatever else.
    assert_eq!(evidence["tuning"]["kept"][0][1], "3");
    let settings = evidence["candidate"]["settings"].as_array().unwrap();
    assert!(settings.iter().any(|s| s[0] == "c" && s[1].as_str().unwrap().starts_with('3')), "{settings:?}");
    // What tuning cost is told trial by trial, and counts as training.
    let costs = evidence["run"]["trials"].as_array().unwrap();
    let cpu = |p: &serde_json::Value| p["cpu_user_s"].as_f64().unwrap() + p["cpu_system_s"].as_f64().unwrap();
    let phases = evidence["run"]["phases"].as_array().unwrap();
    let tuned = cpu(phases.iter().find(|p| p["phase"] == "tune").unwrap());
    let sum: f64 = costs.iter().map(|c| c["cpu_s"].as_f64().unwrap()).sum();
    assert!(costs.len() == 4 && (sum - tuned).abs() < 0.1 + 0.1 * tuned, "{sum} {tuned}");
    let training = evidence["run"]["cost"].as_array().unwrap().iter().find(|m| m["metric"] == "train-cpu-seconds").unwrap();
    assert!(training["outcome"]["estimate"]["value"].as_f64().unwrap() > tuned, "{training}");
    // Summing up never does much worse at the level than cutting the best code to it.
    let of = |metric: &str| {
        let found = evidence["measures"].as_array().unwrap().iter().find(|m| m["metric"] == metric && m["code_level"] == "major group").unwrap();
        found["outcome"]["estimate"]["value"].as_f64().unwrap()
    };
    assert!(of("summed-accuracy") > of("accuracy") - 0.005, "{} {}", of("summed-accuracy"), of("accuracy"));
    let html = read("card.html");
    for text in ["Settings tried before training", "(kept)", "hierarchical = true", "Processor seconds"] {
        assert!(html.contains(text), "{text} is not on the card");
    }
}
