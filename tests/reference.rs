//! Design-based estimates against R survey 4.1-1 and scikit-learn 1.9.1 on 8,643 coded records with a test design.

mod common;

use proofmark::data::{CodeFrame, CodeLevel, ColumnDescription, DatasetDescription, Dialect, Encoding, Role, Strings, assemble, read};
use proofmark::measure::{Grouping, LonelyPsu, Measure, Measured, Request, Sample, measure};
use proofmark::model::from_predictions;
use proofmark::value::Estimate;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn described(roles: &[(&str, Role)]) -> DatasetDescription {
    let mut columns: Vec<ColumnDescription> = Vec::new();
    for (name, role) in roles {
        match columns.iter_mut().find(|c| c.name == *name) {
            Some(column) => column.roles.push(*role),
            None => columns.push(ColumnDescription { name: (*name).into(), roles: vec![*role], label: None, allow_empty: false, missing: Vec::new() }),
        }
    }
    let level = |name: &str, digits| CodeLevel { name: name.into(), digits };
    DatasetDescription {
        file: "dataset.toml".into(),
        folder: ".".into(),
        title: "reference".into(),
        about: Vec::new(),
        files: vec!["evaluation.csv".into()],
        joins: Vec::new(),
        encoding: Encoding::Utf8,
        delimiter: b',',
        columns,
        frame: CodeFrame { levels: vec![level("first", 1), level("second", 2)], full: "full".into(), ..CodeFrame::default() },
    }
}

/// Measures the reference predictions under a design given by roles.
fn measured(folder: &Path, design: &[(&str, Role)]) -> Measured {
    let roles = [&[("id", Role::Id), ("truth", Role::Code), ("state", Role::Group), ("quarter", Role::Group)], design].concat();
    let about = described(&roles);
    let bytes = std::fs::read(folder.join("msha_2013_evaluation.csv")).unwrap();
    let raw = read("evaluation.csv", &bytes, Dialect::default(), &[]).unwrap();
    let confidence: Vec<f64> = raw.column("confidence").unwrap().iter().map(|v| v.parse().unwrap()).collect();
    let codes: Strings = raw.column("predicted").unwrap().clone();
    let ids = raw.column("id").unwrap().clone();
    let table = assemble(&about, vec![raw], Vec::new(), None).unwrap();
    let rows = table.labelled();
    let grouping = |name: &str| Grouping { variables: vec![name.into()], ..Grouping::default() };
    let request = Request {
        level: 0.95,
        groupings: vec![grouping("quarter"), grouping("state")],
        code_levels: vec!["first".into(), "second".into()],
        minimum_group: 2,
        replicates: 0,
        thresholds: vec![0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99],
        lonely_psu: LonelyPsu::Fail,
    };
    let predictions = from_predictions(&ids, &[&codes], &[confidence], &table.ids, &rows).unwrap().predictions;
    let sample = Sample::of(&table, &about, &rows, &request, 1).unwrap();
    let trained: BTreeSet<u32> = (0..table.codes.len() as u32).collect();
    measure(&table, &rows, &trained, &sample, &predictions, &request).unwrap()
}

fn find<'a>(measured: &'a Measured, metric: &str, pick: impl Fn(&Measure) -> bool) -> &'a Estimate {
    measured.measures.iter().find(|m| m.metric == metric && m.contrast.is_none() && pick(m)).and_then(|m| m.outcome.estimate()).expect(metric)
}

fn plain(m: &Measure) -> bool {
    m.code.is_none() && m.group.is_none() && m.code_level.is_none() && m.threshold.is_none()
}

#[track_caller]
fn near(found: f64, wanted: &Value, tolerance: f64, what: &str) {
    let wanted = wanted.as_f64().expect("a reference value");
    assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1e-12), "{what}: {found} is not {wanted}");
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn design_based_estimates_equal_r_survey() {
    let Some(folder) = common::shared("reference") else { return };
    let reference = json(&folder, "design_based.json");
    let (weight, stratum, psu) = (("weight", Role::Weight), ("stratum", Role::Stratum), ("psu", Role::Psu));
    for (name, design) in [("srs", vec![]), ("weighted", vec![weight]), ("clustered", vec![weight, psu]), ("stratified_clustered", vec![weight, stratum, psu])]
    {
        let r = &reference[name];
        let m = measured(&folder, &design);
        let accuracy = find(&m, "accuracy", plain);
        near(accuracy.value, &r["accuracy"]["estimate"], 1e-12, name);
        near(accuracy.se.unwrap(), &r["accuracy"]["se"], 1e-10, name);
        near(accuracy.df.unwrap(), &r["degrees_of_freedom"], 1e-12, name);
        if name != "srs" {
            let interval = accuracy.interval.unwrap();
            near(interval.lower, &r["accuracy_ci_beta"]["lower"], 1e-9, name);
            near(interval.upper, &r["accuracy_ci_beta"]["upper"], 1e-9, name);
        }
        let first = find(&m, "accuracy", |m| m.code_level.as_deref() == Some("first") && m.group.is_none());
        near(first.value, &r["accuracy_level1"]["estimate"], 1e-12, name);
        near(first.se.unwrap(), &r["accuracy_level1"]["se"], 1e-10, name);
        for (code, metrics) in r["classes"].as_object().unwrap() {
            for (ours, theirs) in [("precision", "precision"), ("recall", "recall"), ("f1", "f1"), ("share-error", "share_error"), ("share-true", "true_share")]
            {
                let e = find(&m, ours, |m| m.code.as_deref() == Some(code));
                near(e.value, &metrics[theirs]["estimate"], 1e-11, &format!("{name} {code} {ours}"));
                near(e.se.unwrap(), &metrics[theirs]["se"], 1e-9, &format!("{name} {code} {ours} SE"));
            }
        }
        for variable in ["quarter", "state"] {
            for (group, wanted) in r[variable].as_object().unwrap() {
                let e = find(&m, "accuracy", |m| {
                    m.code_level.is_none() && m.group.as_ref().is_some_and(|g| g.variables == [variable] && g.values == [group.as_str()])
                });
                near(e.value, &wanted["estimate"], 1e-12, &format!("{name} {group}"));
                near(e.se.unwrap(), &wanted["se"], 1e-9, &format!("{name} {group} SE"));
            }
        }
        if name == "stratified_clustered" {
            let f1 = find(&m, "macro-f1", plain);
            near(f1.value, &reference["jackknife"]["macro_f1"]["estimate"], 1e-12, "macro-F1");
            near(f1.se.unwrap(), &reference["jackknife"]["macro_f1"]["se"], 1e-8, "macro-F1 SE");
        }
    }
}

#[test]
fn unweighted_estimates_equal_scikit_learn_and_statsmodels() {
    let Some(folder) = common::shared("reference") else { return };
    let reference = json(&folder, "metrics.json");
    let m = measured(&folder, &[]);
    let unweighted = &reference["unweighted"];
    let accuracy = find(&m, "accuracy", plain);
    near(accuracy.value, &unweighted["accuracy"], 1e-12, "accuracy");
    let interval = accuracy.interval.unwrap();
    near(interval.lower, &reference["intervals_95"]["wilson"][0], 1e-12, "Wilson");
    near(interval.upper, &reference["intervals_95"]["wilson"][1], 1e-12, "Wilson");
    let weighted = measured(&folder, &[("weight", Role::Weight)]);
    for (ours, theirs) in [("macro-f1", "f1_macro"), ("balanced-accuracy", "balanced_accuracy"), ("kappa", "cohen_kappa"), ("mcc", "matthews_correlation")] {
        near(find(&m, ours, plain).value, &unweighted[theirs], 1e-12, ours);
        near(find(&weighted, ours, plain).value, &reference["weighted"][theirs], 1e-12, ours);
    }
    for (level, name) in [("first", "accuracy_level1"), ("second", "accuracy_level2")] {
        near(find(&m, "accuracy", |m| m.code_level.as_deref() == Some(level) && m.group.is_none()).value, &unweighted[name], 1e-12, name);
    }
    for (code, wanted) in unweighted["per_class"].as_object().unwrap() {
        for metric in ["precision", "recall", "f1"] {
            let found = m.measures.iter().find(|m| m.metric == metric && m.code.as_deref() == Some(code)).expect(metric);
            match found.outcome.estimate() {
                Some(e) => near(e.value, &wanted[metric], 1e-12, &format!("{code} {metric}")),
                // scikit-learn gives 0 where nothing is defined; we say so instead.
                None => assert_eq!(wanted[metric], 0.0, "{code} {metric}"),
            }
        }
    }
    for (threshold, wanted) in reference["automation"].as_object().unwrap() {
        let at = |m: &Measure| m.threshold == threshold.parse().ok() && m.group.is_none();
        near(find(&m, "coded-share", at).value, &wanted["rate"], 1e-12, threshold);
        near(find(&m, "coded-accuracy", at).value, &wanted["accuracy"], 1e-12, threshold);
        assert_eq!(find(&m, "coded-accuracy", at).n, wanted["n"].as_u64().unwrap());
    }
    for (code, wanted) in reference["shares"]["error"].as_object().unwrap() {
        near(find(&m, "share-error", |m| m.code.as_deref() == Some(code)).value, wanted, 1e-9, code);
    }
    let quarters = &reference["by_quarter"]["by_group"];
    for (metric, theirs) in [("accuracy", "accuracy"), ("macro-f1", "f1_macro")] {
        for (quarter, wanted) in quarters[theirs].as_object().unwrap() {
            let group = |m: &Measure| m.code_level.is_none() && m.group.as_ref().is_some_and(|g| g.values == [quarter.as_str()]);
            near(find(&m, metric, group).value, wanted, 1e-12, quarter);
        }
        let contrast = |kind: &str| {
            m.measures
                .iter()
                .find(|m| m.metric == metric && m.code_level.is_none() && m.contrast.as_ref().is_some_and(|c| c.kind == kind && c.variables == ["quarter"]))
        };
        let difference = contrast("difference").and_then(|m| m.outcome.estimate()).expect("a difference");
        near(difference.value, &reference["by_quarter"]["difference"][theirs], 1e-12, "fairlearn's difference");
        if let Some(ratio) = contrast("ratio").and_then(|m| m.outcome.estimate()) {
            near(ratio.value, &reference["by_quarter"]["ratio"][theirs], 1e-12, "fairlearn's ratio");
        }
    }
}
