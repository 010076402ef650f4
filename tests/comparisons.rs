//! Candidates compared on the same records, margins, families and slices, through the program.

mod common;

use common::{Workspace, proofmark};
use serde_json::Value;

const GATES: &str = r#"
[[gate]]
id = "no-worse"
metric = "accuracy-difference"
versus = "majority"
non_inferior_by = 0.05

[[gate]]
id = "no-worse-anywhere"
metric = "accuracy-difference"
versus = "majority"
group = "region"
non_inferior_by = 0.05
severity = "warn"
family = "regions"

[[gate]]
id = "the-same"
metric = "macro-f1-difference"
versus = "majority"
equivalent_within = 0.05
severity = "warn"

[[family]]
id = "regions"
method = "max-t"
"#;

fn findings<'v>(verdict: &'v Value, gate: &str) -> Vec<&'v Value> {
    verdict["findings"].as_array().unwrap().iter().filter(|f| f["gate"] == gate).collect()
}

#[test]
fn margins_are_judged_overall_and_in_every_group() {
    let w = Workspace::new();
    w.edit("policy.toml", "at_most = 0.5\nseverity = \"warn\"\n", &format!("at_most = 0.5\nseverity = \"warn\"\n{GATES}"));
    w.run().expect(0, &["decision: deploy with conditions (linear)"]);
    let verdict = w.json("out/linear/verdict.json");
    let [overall] = findings(&verdict, "no-worse")[..] else { panic!("one finding") };
    assert_eq!((&overall["status"], &overall["bound"]["non-inferior-by"]), (&Value::from("met"), &Value::from(0.05)));
    assert!(overall["p"].as_f64().unwrap() < 0.001, "{overall}");
    let interval = &overall["measure"]["outcome"]["estimate"]["interval"];
    assert!((interval["level"].as_f64().unwrap() - 0.9).abs() < 1e-12, "one-sided at 0.95: {interval}");
    let regions = findings(&verdict, "no-worse-anywhere");
    assert!(regions.len() > 1, "{regions:?}");
    for region in &regions {
        assert_eq!(region["shared"]["method"], "max-t");
        assert_eq!(region["shared"]["findings"].as_u64().unwrap() as usize, regions.len());
        let level = region["measure"]["outcome"]["estimate"]["interval"]["level"].as_f64().unwrap();
        let among = region["shared"]["among"].as_f64().unwrap();
        assert!((level - (2.0 * 0.95_f64.powf(1.0 / among) - 1.0)).abs() < 1e-12, "{region}");
    }
    // Far better is not equivalent.
    assert_eq!(findings(&verdict, "the-same")[0]["status"], "not-met");
    // A candidate is not compared with itself.
    assert!(findings(&w.json("out/majority/verdict.json"), "no-worse").is_empty());
    let card = w.read("out/linear/card.html");
    for text in ["one-sided", "max-T", "Is it worse for anyone?", "p-value"] {
        assert!(card.contains(text), "{text}");
    }
    // Judged again from the stored evidence it is the same.
    proofmark(w.folder.path(), &["judge", "out/linear/evidence.json", "--policy", "policy.toml", "--out", "again"]).expect(0, &[]);
    assert_eq!(w.read("again/verdict.json"), w.read("out/linear/verdict.json"));
}

#[test]
fn the_two_sides_of_a_comparison_mirror_each_other() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let of = |candidate: &str| {
        let evidence = w.json(&format!("out/{candidate}/evidence.json"));
        let all = evidence["measures"].as_array().unwrap().clone();
        all.into_iter().filter(|m| m.get("versus").is_some()).collect::<Vec<Value>>()
    };
    let (linear, majority) = (of("linear"), of("majority"));
    assert_eq!(linear.len(), majority.len());
    let mut estimates = 0;
    for (a, b) in linear.iter().zip(&majority) {
        assert_eq!((&a["metric"], a.get("code_level"), a.get("group")), (&b["metric"], b.get("code_level"), b.get("group")));
        if let (Some(x), Some(y)) = (a["outcome"]["estimate"]["value"].as_f64(), b["outcome"]["estimate"]["value"].as_f64()) {
            assert_eq!(x, -y);
            estimates += 1;
        }
    }
    assert!(estimates >= 5, "{estimates}");
    for metric in ["macro-f1-difference", "log-loss-difference"] {
        assert!(linear.iter().any(|m| m["metric"] == metric), "{metric}");
    }
}

#[test]
fn slices_are_searched_where_asked_and_told_even_when_none_is_found() {
    let w = Workspace::new();
    w.edit("study.toml", "[evaluate]", "[slices]\nminimum = 20\n\n[evaluate]");
    w.run().expect(0, &[]);
    let slices = &w.json("out/linear/evidence.json")["slices"];
    assert_eq!((slices["columns"].as_array().unwrap().len(), slices["minimum"].as_u64()), (2, Some(20)));
    assert!(slices["searched"].as_u64().unwrap() > 0, "{slices}");
    assert_eq!(slices["records_searched"].as_u64().unwrap() + slices["records_confirming"].as_u64().unwrap(), 300);
    assert!(w.read("out/linear/card.html").contains("were searched on"));
    w.edit("study.toml", "minimum = 20\n\n", "columns = []\n\n");
    w.run().expect(0, &[]);
    assert!(w.json("out/linear/evidence.json").get("slices").is_none());
}
