//! Exports through the program: every format from a stored card, clear messages where there is none.

mod common;

use common::{Workspace, proofmark};

#[test]
fn a_card_is_exported_to_every_format() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let card = "out/linear/card.json";
    for (format, begins, holds) in [
        ("markdown", "# linear: Deploy with conditions", "## How often it is right"),
        ("summary", "### linear: Deploy with conditions", "| Coded right |"),
        ("csv", "section,table,row,column,metric,cell", "\"accuracy\""),
        ("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testcase classname=\"accuracy\" name=\"Accuracy\"/>"),
        ("sarif", "{", "\"ruleId\": \"accuracy\""),
        ("github", "::notice title=linear%3A Deploy with conditions::", ""),
        ("gitlab", "[", ""),
    ] {
        let printed = proofmark(w.folder.path(), &["export", card, "--to", format]);
        printed.expect(0, &[holds]);
        assert!(printed.stdout.starts_with(begins), "{format}: {}", printed.stdout);
        proofmark(w.folder.path(), &["export", card, "--to", format, "--out", "given/file"]).expect(0, &["wrote given/file"]);
        assert_eq!(w.read("given/file").trim_end(), printed.stdout.trim_end(), "{format}");
    }
}

#[test]
fn what_cannot_be_exported_is_told() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    proofmark(w.folder.path(), &["export", "out/linear/card.json", "--to", "junitt"]).expect(2, &["no export format `junitt`", "did you mean `junit`?"]);
    proofmark(w.folder.path(), &["export", "out/linear/evidence.json", "--to", "junit"])
        .expect(2, &["format `proofmark-evidence/1` where card has `proofmark-card/1`", "name the card file"]);
    proofmark(w.folder.path(), &["export", "out/linear/card.html", "--to", "junit", "--out", "x.xml"]).expect(2, &["card.html", "not card"]);
    assert!(!w.path("x.xml").exists());
}

/// Runs the study beside an approved model's evidence.
fn beside(w: &Workspace, out: &str) -> common::Ran {
    proofmark(w.folder.path(), &["run", "study.toml", "--out", out, "--baseline", "out/linear/evidence.json"])
}

#[test]
fn candidates_are_compared_with_the_approved_model() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    beside(&w, "again").expect(0, &[]);
    let difference = |candidate: &str| {
        let evidence = w.json(&format!("again/{candidate}/evidence.json"));
        let of = |m: &&serde_json::Value| m["metric"] == "accuracy-difference" && m["versus"]["candidate"] == "(baseline)" && m.get("group").is_none();
        let found: Vec<f64> = evidence["measures"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of)
            .filter(|m| m.get("code_level").is_none())
            .filter_map(|m| m["outcome"]["estimate"]["value"].as_f64())
            .collect();
        (found, evidence["notes"].to_string())
    };
    let (same, how) = difference("linear");
    assert_eq!(same, [0.0], "the same model again");
    assert!(how.contains("record by record on the same test records"), "{how}");
    assert!(difference("majority").0[0] < -0.1);
    for (format, text) in [("junit", "accuracy-difference: Against the approved model"), ("summary", "Against the approved model: ")] {
        proofmark(w.folder.path(), &["export", "again/majority/card.json", "--to", format]).expect(0, &[text]);
    }
    // Without the private predictions only the two accuracies are left, and the card says so.
    std::fs::remove_dir_all(w.path("out/private")).unwrap();
    beside(&w, "third").expect(0, &[]);
    let notes = w.json("third/majority/evidence.json")["notes"].to_string();
    assert!(notes.contains("by the two accuracies alone, since its run left no readable private/linear/predictions.parquet"), "{notes}");
}

#[test]
fn a_baseline_of_other_records_or_another_frame_is_refused() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    w.records(|records| records.truncate(560));
    beside(&w, "again").expect(2, &["out/linear/evidence.json", "the test records differ", "run both candidates in one study"]);
    assert!(!w.path("again").exists(), "nothing is written");
    w.records(|_| ());
    w.edit("dataset.toml", "digits = 1", "digits = 2");
    w.edit("dataset.toml", "\"major group\"", "\"sub-major group\"");
    beside(&w, "again").expect(2, &["the code frame differs", "major group, unit group", "under the same code frame"]);
    beside(&w, "again").expect(2, &["out/linear/evidence.json"]);
    proofmark(w.folder.path(), &["run", "study.toml", "--out", "again", "--baseline", "nowhere.json"]).expect(2, &["nowhere.json"]);
}
