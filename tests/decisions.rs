//! Every exit code is reached through the program, and later stages run again without data or model.

mod common;

use common::{Workspace, proofmark};

#[test]
fn zero_deploy_and_one_reject_and_three_undecided_follow_from_the_policy() {
    let w = Workspace::new();
    w.run().expect(0, &["decision: deploy with conditions (linear), exit code 0"]);
    w.edit("policy.toml", "[automatic_coding]\nthreshold = 0.5\n", "");
    w.run().expect(0, &["decision: deploy (linear), exit code 0"]);
    w.edit("policy.toml", "at_least = 0.6", "at_least = 0.99");
    w.run().expect(1, &["decision: reject (linear), exit code 1", "0.99"].map(|t| if t == "0.99" { "99.0 %" } else { t }));
    let value = w.json("out/linear/evidence.json")["measures"][0]["outcome"]["estimate"]["value"].as_f64().unwrap();
    w.edit("policy.toml", "at_least = 0.99", &format!("at_least = {:.4}", value - 0.001));
    w.run().expect(3, &["decision: undecided (linear), exit code 3", "test records in all would settle it"]);
}

#[test]
fn two_usage_errors_and_four_when_a_verdict_is_of_other_evidence() {
    let w = Workspace::new();
    proofmark(w.folder.path(), &["runn"]).expect(2, &["run"]);
    proofmark(w.folder.path(), &["run", "study.toml", "--thread", "1"]).expect(2, &["--threads"]);
    proofmark(w.folder.path(), &["explain", "acuracy"]).expect(2, &["did you mean `accuracy`?"]);
    w.run().expect(0, &[]);
    let folder = w.folder.path();
    proofmark(folder, &["card", "out/linear/evidence.json", "out/linear/verdict.json", "--out", "again"]).expect(0, &["card.html"]);
    assert_eq!(w.read("again/card.html"), w.read("out/linear/card.html"));
    proofmark(folder, &["card", "out/majority/evidence.json", "out/linear/verdict.json", "--out", "wrong"]).expect(4, &["other evidence", "proofmark judge"]);
    assert!(!w.path("wrong").exists());
}

#[test]
fn judging_again_needs_neither_data_nor_model() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    for file in ["records.csv", "codes.csv", "dataset.toml"] {
        std::fs::remove_file(w.path(file)).unwrap();
    }
    let folder = w.folder.path();
    let before = w.read("out/linear/verdict.json");
    proofmark(folder, &["judge", "out/linear/evidence.json", "--policy", "policy.toml", "--out", "again"]).expect(0, &[]);
    assert_eq!(w.read("again/verdict.json"), before);
    assert_eq!(w.read("again/card.html"), w.read("out/linear/card.html"));
    w.edit("policy.toml", "at_least = 0.6", "at_least = 0.999");
    proofmark(folder, &["judge", "out/linear/evidence.json", "--policy", "policy.toml", "--out", "again"]).expect(1, &["99.9 %"]);
}

#[test]
fn a_run_writes_what_it_says_and_keeps_records_private() {
    let w = Workspace::new();
    w.run().expect(0, &["out/comparison.html", "out/private"]);
    for candidate in ["majority", "linear"] {
        for file in ["evidence.json", "verdict.json", "card.json", "card.html"] {
            assert!(w.path(&format!("out/{candidate}/{file}")).is_file(), "{candidate}/{file}");
        }
        let file = w.path(&format!("out/private/{candidate}/predictions.parquet"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
            assert_eq!(std::fs::metadata(w.path("out/private")).unwrap().permissions().mode() & 0o777, 0o700);
            assert_ne!(std::fs::metadata(w.path("out")).unwrap().permissions().mode() & 0o777, 0o700);
        }
        let raw = proofmark::data::read("p.parquet", &std::fs::read(file).unwrap(), proofmark::data::Dialect::default(), &[]).unwrap();
        assert_eq!(&raw.headers[..4], ["id", "truth", "code_1", "confidence_1"]);
        assert_eq!(raw.rows, 300);
        assert!(raw.column("truth").unwrap().iter().any(|c| c == "0110"), "leading zeros survive");
    }
    let left: Vec<_> = std::fs::read_dir(w.path("out")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|n| ["majority", "linear", "private", "comparison.html"].contains(&n.as_str())), "{left:?}");
}

#[test]
fn quiet_prints_nothing_and_init_gives_a_study_that_runs() {
    let w = Workspace::new();
    let ran = proofmark(w.folder.path(), &["run", "study.toml", "--out", "out", "--quiet"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let ran = proofmark(w.folder.path(), &["init", "mine"]);
    ran.expect(0, &["study.toml", "proofmark check"]);
    let study = "mine/reports/my-study/study.toml";
    proofmark(w.folder.path(), &["check", study]).expect(0, &["no problems"]);
    let ran = proofmark(w.folder.path(), &["run", study]);
    assert!([0, 1, 3].contains(&ran.code), "{}", ran.stderr);
    proofmark(w.folder.path(), &["init", "mine"]).expect(2, &["exists already", "not overwritten"]);
}

#[test]
fn explain_tells_every_metric() {
    let w = Workspace::new();
    let all = proofmark(w.folder.path(), &["explain"]);
    for metric in proofmark::metric::METRICS.iter() {
        assert!(all.stdout.contains(metric.id), "{}", metric.id);
        proofmark(w.folder.path(), &["explain", metric.id]).expect(0, &[metric.name, metric.formula]);
    }
}

#[test]
fn candidates_are_compared_on_the_same_records_and_gates_can_ask_for_it() {
    let w = Workspace::new();
    w.edit(
        "policy.toml",
        "[[gate]]\nid = \"regions\"",
        "[[gate]]\nid = \"gain\"\nmetric = \"accuracy-difference\"\nversus = \"majority\"\nat_least = 0.2\n\n[[gate]]\nid = \"regions\"",
    );
    w.run().expect(
        0,
        &["difference in accuracy from majority", "decision: deploy with conditions (linear)"]
            .map(|t| if t.starts_with("diff") { "Difference in accuracy" } else { t }),
    );
    let difference = |candidate: &str| {
        let e = w.json(&format!("out/{candidate}/evidence.json"));
        let m = e["measures"].as_array().unwrap().iter().find(|m| m["metric"] == "accuracy-difference").cloned().expect("a difference");
        (m["outcome"]["estimate"]["value"].as_f64().unwrap(), m["outcome"]["estimate"]["se"].as_f64().unwrap())
    };
    let ((linear, se), (majority, _)) = (difference("linear"), difference("majority"));
    assert!((linear + majority).abs() < 1e-12 && linear > 0.3 && se > 0.0 && se < 0.1, "{linear} {majority} {se}");
    // The floor is not compared with itself: that gate does not apply to it.
    let findings = w.json("out/majority/verdict.json")["findings"].to_string();
    assert!(!findings.contains("\"gain\""));
    assert!(w.read("out/comparison.html").contains("Differences in accuracy on the same records"));
    w.edit("policy.toml", "versus = \"majority\"", "versus = \"majorty\"");
    w.run().expect(2, &["policy.toml", "did you mean `majority`?", "^^^"]);
}

#[test]
fn trying_another_policy_does_not_replace_what_was_decided() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let before = w.read("out/linear/verdict.json");
    w.write("other.toml", &common::POLICY.replace("at_least = 0.6", "at_least = 0.999"));
    let folder = w.folder.path();
    proofmark(folder, &["judge", "out/linear/evidence.json", "--policy", "other.toml"]).expect(2, &["verdict.json", "--out", "--replace"]);
    assert_eq!(w.read("out/linear/verdict.json"), before);
    proofmark(folder, &["judge", "out/linear/evidence.json", "--policy", "policy.toml"]).expect(0, &[]);
    proofmark(folder, &["judge", "out/linear/evidence.json", "--policy", "other.toml", "--replace"]).expect(1, &["comparison page"]);
    assert_ne!(w.read("out/linear/verdict.json"), before);
}

#[test]
fn codes_drawn_by_chance_have_the_right_shares_and_are_mostly_wrong() {
    let w = Workspace::new();
    w.edit("study.toml", "kind = \"majority\"", "kind = \"prior\"");
    w.run().expect(0, &[]);
    let e = w.json("out/majority/evidence.json");
    let measures = e["measures"].as_array().unwrap();
    let accuracy = measures[0]["outcome"]["estimate"]["value"].as_f64().unwrap();
    assert!((0.1..0.5).contains(&accuracy), "{accuracy}");
    for m in measures.iter().filter(|m| m["metric"] == "share-error") {
        let (value, se) = (m["outcome"]["estimate"]["value"].as_f64().unwrap(), m["outcome"]["estimate"]["se"].as_f64().unwrap());
        assert!(value.abs() < 4.0 * se, "{value} {se}");
    }
}
