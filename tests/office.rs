//! Coding as offices do it, end to end: an index, nearest answers, a cascade of both with a model, and tabular models, on the demonstration survey.

mod common;

use common::{Workspace, proofmark};
use proofmark::measure::Evidence;
use proofmark::pipeline::{Finished, Origin, Progress, RunOptions, run};
use std::path::{Path, PathBuf};

struct Quiet;

impl Progress for Quiet {
    fn step(&mut self, _: usize, _: usize, _: &str) {}
}

fn demonstration(out: &Path) -> Finished {
    let study = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/studies/office/study.toml");
    run(&RunOptions { origin: Origin::File(study), out: Some(out.to_path_buf()), meter: None, allow_commands: false, baseline: None }, &mut Quiet)
        .unwrap_or_else(|f| panic!("{f}"))
}

fn value(evidence: &Evidence, metric: &str) -> Option<f64> {
    evidence.overall(metric).and_then(|m| m.outcome.estimate()).map(|e| e.value)
}

fn fact<'a>(evidence: &'a Evidence, name: &str) -> &'a str {
    evidence.candidate.facts.iter().find(|(n, _)| n == name).map_or_else(|| panic!("no {name}: {:?}", evidence.candidate.facts), |(_, v)| v.as_str())
}

#[test]
fn each_way_of_coding_runs_on_the_demonstration_survey() {
    let folder = tempfile::tempdir().unwrap();
    let finished = demonstration(folder.path());
    let of = |id: &str| &finished.results.iter().find(|r| r.evidence.candidate.id == id).unwrap().evidence;

    // The index says what it has and how sure its matches are; what is not in it has no code, and none of it is invented.
    let index = of("index");
    assert_eq!((fact(index, "entries"), fact(index, "texts with several codes, which are left to others")), ("92", "6"));
    assert!(fact(index, "confidence of an exact match").starts_with("0."));
    assert!(index.notes.iter().any(|n| n.contains("left without a code")), "{:?}", index.notes);
    let named: Vec<&str> = index.steps.iter().filter_map(|s| s.name.as_deref()).collect();
    assert_eq!(named, ["exact match", "normalised match"]);
    assert!(index.steps[..2].iter().map(|s| s.records).sum::<u64>() > 300, "{:?}", index.steps);
    assert!(index.steps[..2].iter().all(|s| s.accuracy.estimate().is_some_and(|e| e.value > 0.7 && e.interval.is_some())), "{:?}", index.steps);
    assert_eq!(index.steps.iter().map(|s| s.records).sum::<u64>(), index.data.test);
    assert!(value(index, "log-loss").is_none() && value(index, "accuracy").is_some_and(|a| a < 0.5));
    assert!(of("answers").candidate.facts.iter().any(|(name, _)| name == "training records"));

    // Nearest answers: probabilities of every code, and the neighbours in the private folder only.
    let nearest = of("nearest");
    assert!(value(nearest, "accuracy").is_some_and(|a| a > 0.6) && value(nearest, "log-loss").is_some_and(|l| l < 2.5), "{:?}", value(nearest, "accuracy"));
    let list = std::fs::read_to_string(folder.path().join("private/nearest/neighbours.csv")).unwrap();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "id,rank,neighbour,code,similarity,job_title,tasks");
    assert!(lines.len() as u64 > 4 * nearest.data.test && lines[1].starts_with('H'), "{}", lines[1]);
    let text = lines.iter().find(|l| l.contains(",1,H") && l.len() > 70).unwrap().rsplit(',').next().unwrap();
    let html = std::fs::read_to_string(folder.path().join("nearest/card.html")).unwrap();
    assert!(text.len() < 8 || !html.contains(text), "an answer is on the card: {text}");

    // The cascade: every step's share and accuracy on the card, all records coded, at least as right as what it is made of.
    let cascade = of("cascade");
    let names: Vec<&str> = cascade.steps.iter().filter_map(|s| s.name.as_deref()).collect();
    assert_eq!(names, ["index: exact match", "index: normalised match", "nearest", "linear"]);
    assert!(cascade.steps.iter().all(|s| s.share.estimate().is_some_and(|e| e.interval.is_some())));
    assert_eq!(cascade.steps.last().map(|s| s.records), Some(0));
    assert!(value(cascade, "accuracy") > value(nearest, "accuracy") && value(cascade, "log-loss").is_some());
    assert!(value(cascade, "ece").is_some_and(|e| e < 0.04), "{:?}", value(cascade, "ece"));
    let html = std::fs::read_to_string(folder.path().join("cascade/card.html")).unwrap();
    assert!(html.contains("Which step codes what") && html.contains("index: exact match") && html.contains("step 2: kind"));
    assert!(fact(cascade, "step 1, index: confidence").contains("tuning records"));
    // All its steps are in what it cost.
    let fit = |id: &str| of(id).run.phases.iter().find(|p| p.phase == "fit").and_then(|p| p.records_in);
    assert_eq!(fit("cascade"), fit("nearest").map(|n| 3 * n));

    // Background alone, by three methods: better than nothing, and probabilities that are meant.
    for id in ["logistic", "tree", "forest"] {
        let e = of(id);
        assert!(value(e, "accuracy").is_some_and(|a| a > 0.05) && value(e, "ece").is_some_and(|c| c < 0.05), "{id} {:?}", value(e, "accuracy"));
        assert!(fact(e, "by").contains("linfa"));
    }
}

const CASCADE: &str = r#"[[candidate]]
id = "cascade"
kind = "cascade"
[[candidate.settings.step]]
kind = "index"
settings = { path = "index.csv" }
[[candidate.settings.step]]
kind = "linear"

[evaluate]"#;

#[test]
fn faults_of_an_index_file_are_told_with_line_and_remedy() {
    let w = Workspace::new();
    w.edit("study.toml", "[evaluate]", CASCADE);
    let run = |text: &str, expected: &[&str]| {
        w.write("index.csv", text).run().expect(2, expected);
        w.expect_no_output();
    };
    run("text,code\nnurse,2221\nofficer,110\n", &["the index gives code `110`, which is not in the code frame", "index.csv:3", "`0110`"]);
    run("text,code\n,2221\nnurse,\n", &["an entry of the index has no text", "an entry of the index has no code", "index.csv:2", "index.csv:3"]);
    run("text,code\n", &["the index has no entry"]);
    run("text,cod\nnurse,2221\n", &["file `index.csv` has no column `code`", "did you mean `cod`?"]);
    run("text,code\nnurse\n", &["1 fields where the header has 2", "index.csv:2"]);
    w.edit("study.toml", "settings = { path = \"index.csv\" }", "settings = { path = \"index.csv\", column = \"anser\" }");
    run("text,code\nnurse,2221\n", &["the candidate may look at no text column `anser`", "did you mean `answer`?", "study.toml"]);
    w.edit("study.toml", ", column = \"anser\"", "");
    std::fs::remove_file(w.path("index.csv")).unwrap();
    w.run().expect(2, &["there is no file `index.csv`", "study.toml"]);
    w.write("index.csv", "text,code\nNURSE ON A WARD full time,2221\nwaitress,5131\n").run().expect(0, &[]);
    let evidence: Evidence = serde_json::from_str(&w.read("out/cascade/evidence.json")).unwrap();
    assert!(evidence.steps.len() == 4 && evidence.steps[1].records > 0, "{:?}", evidence.steps);
}

#[test]
fn the_same_on_any_number_of_threads() {
    let w = Workspace::new();
    let others = r#"[[candidate]]
id = "nearest"
kind = "nearest"
settings = { neighbours = 3 }
[[candidate]]
id = "forest"
kind = "tabular"
settings = { method = "forest", trees = 20 }
[[candidate]]
id = "logistic"
kind = "tabular"
settings = { method = "logistic" }
"#;
    w.edit("study.toml", "[evaluate]", &format!("{others}{CASCADE}")).edit(
        "dataset.toml",
        "region = { role = \"group\" }",
        "region = { roles = [\"group\", \"category\"] }",
    );
    w.write("index.csv", "text,code\nnurse on a ward,2221\nwaitress,5131\n");
    for (out, threads) in [("one", "1"), ("two", "2")] {
        let ran = proofmark(w.folder.path(), &["run", "study.toml", "--out", out, "--threads", threads]);
        assert!([0, 1, 3].contains(&ran.code), "{}", ran.stderr);
    }
    let bytes = |out: &str, file: &str| std::fs::read(PathBuf::from(w.folder.path()).join(out).join("private").join(file)).unwrap();
    for candidate in ["nearest", "forest", "logistic", "cascade"] {
        let file = format!("{candidate}/predictions.parquet");
        assert_eq!(bytes("one", &file), bytes("two", &file), "{candidate}");
    }
    assert_eq!(bytes("one", "nearest/neighbours.csv"), bytes("two", "nearest/neighbours.csv"));
}
