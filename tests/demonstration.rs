//! The embedded demonstration: runs without a checkout, and the unfairness planted in it is found, and only that.

mod common;

use common::proofmark;
use proofmark::data::demonstration::{Options, generate};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

/// Variables whose groups differ in accuracy beyond doubt: the interval of the largest difference stays clear of 0. With the lowest group. By accuracy, or by accuracy at the same mix of codes.
fn differing(evidence: &Value, metric: &str) -> Vec<(String, String)> {
    let contrast = |m: &Value| {
        let c = m.get("contrast")?;
        let clear = m["metric"] == metric && m.get("code_level").is_none() && c["kind"] == "difference";
        let lower = m["outcome"]["estimate"]["interval"]["lower"].as_f64()?;
        (clear && lower > 0.0).then(|| (c["variables"].to_string(), c["low"].to_string()))
    };
    evidence["measures"].as_array().unwrap().iter().filter_map(contrast).collect()
}

#[test]
fn the_demonstration_runs_anywhere_and_finds_the_planted_unfairness() {
    let folder = tempfile::tempdir().unwrap();
    proofmark(folder.path(), &["run"]).expect(0, &["proofmark-demonstration/linear/card.html", "decision: deploy with conditions (linear), exit code 0"]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join("proofmark-demonstration").join(name)).unwrap();
    let evidence: Value = serde_json::from_str(&read("linear/evidence.json")).unwrap();
    for metric in ["accuracy", "standardised-accuracy"] {
        let found = differing(&evidence, metric);
        assert!(found.contains(&("[\"interview_language\"]".into(), "[\"arabic\"]".into())), "{metric}: {found:?}");
        // Being born elsewhere goes with the language of the interview; nothing else may stand out.
        assert!(found.iter().all(|(v, _)| v == "[\"interview_language\"]" || v == "[\"country_of_birth\"]"), "{metric}: {found:?}");
    }
    // The search for slices names the planted group, and nothing else.
    let slices = evidence["slices"]["confirmed"].as_array().unwrap();
    let named: Vec<String> = slices.iter().map(|s| s["group"]["values"].to_string()).collect();
    assert_eq!(named, ["[\"arabic\"]"]);
    let html = read("linear/card.html");
    assert!(html.contains("arabic"));
    // Double coding of the test months, computed apart with pandas from the survey file.
    let coders = |metric: &str| {
        let measures = evidence["measures"].as_array().unwrap();
        let found = measures.iter().find(|m| m["metric"] == metric && m.get("group").is_none() && m.get("code_level").is_none()).unwrap();
        (found["outcome"]["estimate"]["value"].as_f64().unwrap(), found["outcome"]["estimate"]["n"].as_u64().unwrap())
    };
    assert!((coders("coder-agreement").0 - 0.860_319_632_654_282_4).abs() < 1e-9);
    assert!((coders("coder-accuracy").0 - 0.928_472_471_506_775_7).abs() < 1e-9);
    assert_eq!(coders("accuracy-double-coded").1, 537);
    let accuracy = evidence["measures"][0]["outcome"]["estimate"]["value"].as_f64().unwrap();
    assert!((0.7..0.9).contains(&accuracy), "{accuracy}");
}

/// The evidence of candidate `linear` on another survey, run by the demonstration's own study; `only` runs it without the others.
fn evidence_of(options: &Options, only: bool) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let survey = generate(options);
    for (part, files) in [("reports/demonstration", vec!["study.toml", "policy.toml"]), ("datasets/demonstration", vec!["dataset.toml"])] {
        std::fs::create_dir_all(folder.path().join(part)).unwrap();
        for file in files {
            std::fs::copy(root.join(part).join(file), folder.path().join(part).join(file)).unwrap();
        }
    }
    for model in ["majority", "prior", "complement-nb", "linear", "tabular"] {
        std::fs::create_dir_all(folder.path().join("models").join(model)).unwrap();
        std::fs::copy(root.join("models").join(model).join("model.toml"), folder.path().join("models").join(model).join("model.toml")).unwrap();
    }
    let study = folder.path().join("reports/demonstration/study.toml");
    if only {
        let text = std::fs::read_to_string(&study).unwrap();
        let others = ["majority", "prior", "tabular", "complement-nb"].map(|id| format!("[[candidate]]\nid = \"{id}\"\nmodel = \"../../models/{id}\"\n\n"));
        let text = others.iter().fold(text, |text, other| {
            assert!(text.contains(other), "{other}");
            text.replace(other, "")
        });
        std::fs::write(&study, text).unwrap();
    }
    std::fs::write(folder.path().join("datasets/demonstration/survey.csv"), survey.survey_csv).unwrap();
    std::fs::write(folder.path().join("datasets/demonstration/codes.csv"), survey.codes_csv).unwrap();
    let ran = proofmark(folder.path(), &["run", "reports/demonstration/study.toml", "--out", "out"]);
    assert!([0, 1, 3].contains(&ran.code), "{}", ran.stderr);
    serde_json::from_str(&std::fs::read_to_string(folder.path().join("out/linear/evidence.json")).unwrap()).unwrap()
}

#[test]
fn a_copy_without_the_planted_noise_is_not_flagged() {
    let evidence = evidence_of(&Options { planted: false, ..Options::default() }, false);
    assert_eq!(differing(&evidence, "accuracy"), []);
    assert_eq!(differing(&evidence, "standardised-accuracy"), []);
    assert_eq!(evidence["slices"]["confirmed"].as_array().map(Vec::len), Some(0));
}

/// The rate at which copies of the survey drawn anew are flagged, by variable: with the planted noise, and without.
#[test]
#[ignore = "runs the demonstration many times: minutes"]
fn copies_are_flagged_at_the_stated_rate() {
    let number = |name: &str, default: usize| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let first = number("PROOFMARK_SEED", 7000) as u64;
    let rate = |planted: bool, copies: usize| {
        let mut flagged: BTreeMap<String, usize> = BTreeMap::new();
        for seed in 0..copies as u64 {
            let evidence = evidence_of(&Options { planted, seed: first + seed, ..Options::default() }, true);
            for metric in ["accuracy", "standardised-accuracy"] {
                differing(&evidence, metric).into_iter().for_each(|(variable, _)| *flagged.entry(format!("{metric} {variable}")).or_default() += 1);
            }
        }
        let _ = writeln!(std::io::stdout(), "planted {planted}, {copies} copies: flagged {flagged:?}");
        flagged
    };
    let copies = number("PROOFMARK_COPIES", 60);
    // Found in 15 of 25 copies (seeds 1000 to 1009 and 7000 to 7014): some 300 records of the group are not many. Three in ten leave room for chance.
    let found = rate(true, copies / 4);
    assert!(
        found.get("accuracy [\"interview_language\"]").is_some_and(|&n| n * 10 >= copies / 4 * 3),
        "the planted group is found in too few copies: {found:?}"
    );
    // Five in a hundred for each variable, and what chance allows on top of that. Accuracy itself may differ: people of one sex or age hold
    // other jobs, and jobs differ in how hard they are to code; on a common mix of codes nobody is treated worse.
    let most = copies as f64 * 0.05 + 3.0 * (copies as f64 * 0.05 * 0.95).sqrt();
    let found = rate(false, copies);
    let flagged = found.iter().filter(|(name, _)| name.starts_with("standardised"));
    assert!(flagged.into_iter().all(|(_, &n)| n as f64 <= most), "more than {most:.1} of {copies}");
}
