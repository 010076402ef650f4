//! Automatic coding through the program: thresholds chosen for a promise, suggestions, conditions, and odd predictions files.

mod common;

use common::{Workspace, csv, records};
use serde_json::Value;

const PROMISE: &str = "[automatic_coding]\nerror_at_most = 0.3\nconfidence = 0.9\n";

/// A workspace with more records, of which a good part tunes.
fn workspace() -> Workspace {
    let w = Workspace::new();
    w.write("records.csv", &csv(&records(3000)));
    w.edit("study.toml", "tune_share = 0.1", "tune_share = 0.4");
    w
}

fn promised(promise: &str) -> Workspace {
    let w = workspace();
    w.edit("policy.toml", "[automatic_coding]\nthreshold = 0.5\n", promise);
    w
}

fn measure<'a>(evidence: &'a Value, metric: &str, threshold: Option<f64>) -> Option<&'a Value> {
    let whole = |m: &&Value| ["group", "code", "contrast", "code_level"].iter().all(|k| m.get(*k).is_none());
    let measures = evidence["measures"].as_array().unwrap();
    measures.iter().filter(whole).find(|m| m["metric"] == metric && m.get("threshold").and_then(Value::as_f64) == threshold).map(|m| &m["outcome"])
}

fn text(w: &Workspace, card: &str) -> String {
    let html = scraper::Html::parse_document(&w.read(card));
    let all: String = html.root_element().text().collect();
    all.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_threshold_is_chosen_for_a_promise_and_used_by_verdict_gates_and_card() {
    let w = promised(PROMISE);
    let policy = w.read("policy.toml");
    w.write("policy.toml", &format!("{policy}\n[[gate]]\nid = \"automation\"\nmetric = \"coded-share\"\nthreshold = \"chosen\"\nat_least = 0.1\n"));
    w.run().expect(0, &["deploy with conditions"]);
    let (evidence, verdict) = (w.json("out/linear/evidence.json"), w.json("out/linear/verdict.json"));
    let automatic = &evidence["automatic"];
    let full = &automatic["levels"][0];
    let threshold = full["choice"]["threshold"]["threshold"].as_f64().unwrap_or_else(|| panic!("{full}"));
    assert!(full.get("code_level").is_none() && automatic["levels"][1]["code_level"] == "major group");
    assert!(full["choice"]["threshold"]["upper"].as_f64().unwrap() <= 0.3);
    // Half of the tuning part chooses, the other half calibrates.
    let (settled, tune) = (automatic["records"].as_u64().unwrap(), evidence["data"]["tune"].as_u64().unwrap());
    assert!(automatic["apart"] == true && settled.abs_diff(tune - settled) <= 1, "{settled} of {tune}");
    let how = evidence["candidate"]["facts"].as_array().unwrap().iter().find(|f| f[0] == "calibration").unwrap()[1].as_str().unwrap().to_owned();
    assert!(how.contains(&(tune - settled).to_string()), "{how}");
    assert_eq!(verdict["conditions"][0]["confidence-at-least"].as_f64(), Some(threshold));
    for metric in ["coded-share", "coded-accuracy"] {
        assert!(measure(&evidence, metric, Some(threshold)).is_some_and(|o| o.get("estimate").is_some()), "{metric}");
    }
    let finding = verdict["findings"].as_array().unwrap().iter().find(|f| f["gate"] == "automation").unwrap().clone();
    assert_eq!((finding["status"].as_str(), finding["measure"]["threshold"].as_f64()), (Some("met"), Some(threshold)));
    let card = text(&w, "out/linear/card.html");
    for wanted in ["The policy promises that at most 30.0 %", "with 90 % certainty", "which served for nothing else", "Coding to a coarser level"] {
        assert!(card.contains(wanted), "no `{wanted}`");
    }
    // Judged again for another promise, nothing was chosen: every record goes to a clerk.
    w.edit("policy.toml", "error_at_most = 0.3", "error_at_most = 0.2");
    w.edit("policy.toml", "at_least = 0.1\n", "at_least = 0.1\nseverity = \"warn\"\n");
    common::proofmark(w.folder.path(), &["judge", "out/linear/evidence.json", "--policy", "policy.toml", "--out", "again"]).expect(0, &[]);
    assert_eq!(w.json("again/verdict.json")["conditions"][0], "clerk-for-all");
    assert!(text(&w, "again/card.html").contains("Every record goes to a clerk"));
}

#[test]
fn a_promise_that_nothing_keeps_says_so_and_what_it_would_take() {
    // Five tuning records, and none.
    for (share, wanted) in [("0.004", "too few"), ("0.00001", "no tuning part")] {
        let w = promised("[automatic_coding]\nerror_at_most = 0.01\n");
        w.edit("study.toml", "tune_share = 0.4", &format!("tune_share = {share}"));
        w.run().expect(0, &["deploy with conditions"]);
        let evidence = w.json("out/linear/evidence.json");
        let none = &evidence["automatic"]["levels"][0]["choice"]["no-threshold"];
        assert!(none["why"].as_str().unwrap().contains(wanted), "{share}: {none}");
        assert!(none["records_needed"].as_u64().unwrap() >= 299, "{none}");
        assert_eq!(w.json("out/linear/verdict.json")["conditions"][0], "clerk-for-all");
        let card = text(&w, "out/linear/card.html");
        assert!(card.contains("No threshold can be promised to keep that") && card.contains("would be needed to choose on"), "{share}");
        if share == "0.00001" {
            assert!(evidence.get("suggestions").is_none() && measure(&evidence, "set-coverage", None).is_none());
        }
    }
}

#[test]
fn suggestions_cover_what_was_asked_and_say_how_they_were_made() {
    let w = workspace();
    w.run().expect(0, &[]);
    let plain = w.json("out/linear/evidence.json");
    assert_eq!((plain["suggestions"]["coverage"].as_f64(), plain["suggestions"]["apart"].as_bool()), (Some(0.9), Some(false)));
    assert!(text(&w, "out/linear/card.html").contains("without keeping any apart for it, so nothing is promised"));
    w.edit("study.toml", "[evaluate]\n", "[evaluate]\nsuggestion_coverage = 0.95\n");
    w.run().expect(0, &[]);
    let asked = w.json("out/linear/evidence.json");
    assert_eq!((asked["suggestions"]["coverage"].as_f64(), asked["suggestions"]["apart"].as_bool()), (Some(0.95), Some(true)));
    let coverage = measure(&asked, "set-coverage", None).unwrap()["estimate"]["value"].as_f64().unwrap();
    assert!(coverage > 0.9, "{coverage}");
    assert!(measure(&asked, "set-size", None).unwrap()["estimate"]["value"].as_f64().unwrap() >= 1.0);
    assert!(text(&w, "out/linear/card.html").contains("finds the true code on the list for"));
    // A group has its own coverage, and groups their difference and their mean gap.
    let measures = asked["measures"].as_array().unwrap();
    let of = |metric: &str, key: &str| measures.iter().any(|m| m["metric"] == metric && m.get(key).is_some());
    assert!(of("set-coverage", "group") && of("set-coverage", "contrast") && of("set-coverage-gap", "contrast"));
}

#[test]
fn the_coded_share_under_the_conditions_is_told() {
    let w = workspace();
    // In the East answers say nothing, so its gate sends it to clerks.
    let mut list = records(3000);
    for r in list.iter_mut().filter(|r| r[2] == "East") {
        r[5] = "works".into();
    }
    w.write("records.csv", &csv(&list));
    w.edit("policy.toml", "across = \"difference\"\nat_most = 0.5", "across = \"each\"\nat_least = 0.5");
    w.edit("policy.toml", "at_least = 0.6\n", "at_least = 0.4\n");
    w.run().expect(0, &["deploy with conditions"]);
    let evidence = w.json("out/linear/evidence.json");
    let left = &evidence["remaining"];
    assert_eq!(left["groups"][0]["values"][0], "East", "{left}");
    let value = |outcome: &Value| outcome["estimate"]["value"].as_f64().unwrap();
    let before = value(measure(&evidence, "coded-share", Some(0.5)).unwrap());
    assert!(value(&left["coded_share"]) <= before);
    assert!(value(&left["coded_accuracy"]) >= value(measure(&evidence, "coded-accuracy", Some(0.5)).unwrap()) - 1e-12);
    let card = text(&w, "out/linear/card.html");
    // Where the one group's own figures are hidden, those without it would tell them.
    let hidden = card.contains("suppressed") && left["groups"].as_array().is_some_and(|g| g.len() == 1);
    if left["taken_out"].as_u64().is_some_and(|n| n == 0 || n >= 10) && !hidden {
        assert!(card.contains("Once the records that always go to a clerk are taken out"));
    }
}

#[test]
fn a_margin_is_a_confidence_of_another_kind() {
    let w = workspace();
    w.edit("study.toml", "[evaluate]\n", "[evaluate]\nconfidence = \"margin\"\n");
    w.run().expect(0, &[]);
    let evidence = w.json("out/linear/evidence.json");
    assert_eq!(evidence["surety"], "margin");
    assert!(measure(&evidence, "aurc", None).unwrap().get("estimate").is_some());
    assert!(measure(&evidence, "ece", None).unwrap()["undefined"]["why"].as_str().unwrap().contains("margin"));
    let card = text(&w, "out/linear/card.html");
    assert!(card.contains("Margin at least") && card.contains("nothing to calibrate"));
}

/// The study with one candidate whose codes come from a file; `row` gives code and confidence fields of a record.
fn elsewhere(rows: impl Iterator<Item = [String; 7]>, row: impl Fn(&[String; 7]) -> String) -> Workspace {
    let w = promised(PROMISE);
    let study = w.read("study.toml").replace(
        "[[candidate]]\nid = \"linear\"\nkind = \"linear\"\n",
        "[[candidate]]\nid = \"linear\"\nkind = \"predictions\"\n[candidate.settings]\npath = \"p.csv\"\nid = \"id\"\ncodes = [\"first\", \"second\"]\nconfidences = [\"c1\", \"c2\"]\n",
    );
    let lines: Vec<String> = rows.map(|r| format!("{},{}", r[0], row(&r))).collect();
    w.write("study.toml", &study).write("p.csv", &format!("id,first,second,c1,c2\n{}\n", lines.join("\n")));
    w
}

/// Right for four codes in five; a confidence that says so.
fn good(r: &[String; 7]) -> String {
    let wrong = r[0].ends_with('7') || r[0].ends_with('3');
    if wrong { "9112,0110,0.55,0.3".to_owned() } else { format!("{},9112,0.9,0.05", r[6]) }
}

#[test]
fn a_predictions_file_chooses_only_where_it_has_the_tuning_part() {
    let month = |r: &[String; 7]| r[1][5..].parse::<u32>().unwrap();
    let w = elsewhere(records(3000).into_iter().filter(|r| month(r) >= 7), good);
    w.run().expect(0, &[]);
    let none = &w.json("out/linear/evidence.json")["automatic"]["levels"][0]["choice"]["no-threshold"];
    assert!(none["why"].as_str().unwrap().contains("0 of the 600 records of the tuning part"), "{none}");
    let w = elsewhere(records(3000).into_iter(), good);
    w.run().expect(0, &[]);
    let automatic = &w.json("out/linear/evidence.json")["automatic"];
    assert!(automatic["apart"] == false && automatic["records"] == 600);
    // With every error at confidence 0.55 nothing above it is wrong.
    let threshold = automatic["levels"][0]["choice"]["threshold"]["threshold"].as_f64().unwrap_or_else(|| panic!("{automatic}"));
    assert!(threshold <= 0.56, "{threshold}");
    assert!(text(&w, "out/linear/card.html").contains("not known here whether the model learned from them"));
}

#[test]
fn odd_confidences_have_a_defined_outcome() {
    let all = || records(3000).into_iter();
    let odd = |change: fn(&[String; 7]) -> Option<String>| elsewhere(all(), move |r| change(r).unwrap_or_else(|| good(r)));
    // Missing beside a code, and out of range: refused, with count, place and remedy.
    let missing = odd(|r| r[0].ends_with("11").then(|| format!("{},9112,,0.05", r[6])));
    missing.run().expect(2, &["30 rows of the predictions have a confidence that is missing or not between 0 and 1", "p.csv", "not as percentages"]);
    missing.expect_no_output();
    odd(|r| r[0].ends_with("11").then(|| format!("{},9112,90,5", r[6]))).run().expect(2, &["30 rows", "missing or not between 0 and 1"]);
    // An uncoded record needs no confidence.
    odd(|r| r[0].ends_with("11").then(|| ",,,".to_owned())).run().expect(0, &[]);
    // A confidence for every code that does not add up to 1: taken as it is, and said.
    let two = |r: &[String; 7]| {
        let sum = if r[0].ends_with('1') { "0.9,0.3" } else { "0.9,0.1" };
        if r[6] == "2211" { format!("2211,5131,{sum}") } else { format!("5131,2211,{sum}") }
    };
    let w = elsewhere(all(), two);
    w.run();
    let evidence = w.json("out/linear/evidence.json");
    assert!(evidence["notes"].to_string().contains("the confidences of all codes do not add up to 1"), "{}", evidence["notes"]);
    assert_eq!(measure(&evidence, "log-loss", None).unwrap()["undefined"]["reason"], "probabilities-incomplete");
    assert!(measure(&evidence, "ece", None).unwrap().get("estimate").is_some());
}

#[test]
fn all_right_and_all_wrong_make_a_card_all_the_same() {
    for (right, code) in [(true, 0), (false, 1)] {
        let w = elsewhere(records(3000).into_iter(), move |r| if right { format!("{},9112,0.9,0.05", r[6]) } else { "9112,0110,0.9,0.05".to_owned() });
        w.run().expect(code, &[]);
        let evidence = w.json("out/linear/evidence.json");
        let choice = &evidence["automatic"]["levels"][0]["choice"];
        assert_eq!(choice.get("threshold").is_some(), right, "{choice}");
        let auroc = measure(&evidence, "confidence-auroc", None).unwrap();
        assert!(auroc["undefined"]["why"].as_str().unwrap().contains("all records are coded right, or all wrong"));
        let card = text(&w, "out/linear/card.html");
        assert!(!card.contains("NaN") && (right || card.contains("No threshold can be promised")), "{right}");
        if right {
            // With no error, a bound beside the number of records would tell that there is none.
            assert!(!card.contains("of records like these at most"));
        }
    }
}
