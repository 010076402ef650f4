//! Design-based estimates against R survey 4.1-1 and scikit-learn 1.9.1 on 8,643 coded records with a test design.

mod common;

use common::evaluation::{Evaluation, Found, contrast, of_group, paired, plain};
use proofmark::data::Role;
use proofmark::measure::{Measure, Proportions, Variance};
use proofmark::value::Outcome;
use serde_json::Value;
use std::path::Path;

const DESIGNS: [(&str, &[(&str, Role)]); 4] = [
    ("srs", &[]),
    ("weighted", &[("weight", Role::Weight)]),
    ("clustered", &[("weight", Role::Weight), ("psu", Role::Psu)]),
    ("stratified_clustered", &[("weight", Role::Weight), ("stratum", Role::Stratum), ("psu", Role::Psu)]),
];

/// The reference predictions under a design given by roles.
fn reference(folder: &Path, design: &[(&str, Role)]) -> Evaluation {
    Evaluation::new(std::fs::read_to_string(folder.join("msha_2013_evaluation.csv")).unwrap(), design).groups(&["quarter", "state"]).with(|e| {
        e.request.code_levels = vec!["first".into(), "second".into()];
        e.request.thresholds = vec![0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
        e.request.replicates = 0;
    })
}

fn at_level(level: &str) -> impl Fn(&Measure) -> bool + '_ {
    move |m| m.code_level.as_deref() == Some(level) && m.group.is_none() && m.contrast.is_none()
}

fn of_code(code: &str) -> impl Fn(&Measure) -> bool + '_ {
    move |m| m.code.as_deref() == Some(code) && m.group.is_none()
}

#[track_caller]
fn near(found: f64, wanted: &Value, tolerance: f64, what: &str) {
    let wanted = wanted.as_f64().expect("a reference value");
    assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1e-12), "{what}: {found} is not {wanted}");
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

/// Every value of `design_based.json`: estimates to 1e-12, standard errors, degrees of freedom and intervals to 1e-8 or better.
#[test]
fn design_based_estimates_equal_r_survey() {
    let Some(folder) = common::shared("reference") else { return };
    let wanted = json(&folder, "design_based.json");
    for (name, design) in DESIGNS {
        let r = &wanted[name];
        let evaluation = reference(&folder, design);
        let found = evaluation.run();
        let accuracy = found.plain("accuracy");
        near(accuracy.value, &r["accuracy"]["estimate"], 1e-12, name);
        near(accuracy.se.unwrap(), &r["accuracy"]["se"], 1e-10, name);
        near(accuracy.df.unwrap(), &r["degrees_of_freedom"], 1e-12, name);
        let bounds = |found: &Found, pick: &dyn Fn(&Measure) -> bool, wanted: &Value, what: &str| {
            let interval = found.find("accuracy", pick).interval.unwrap();
            near(interval.lower, &wanted["lower"], 1e-9, what);
            near(interval.upper, &wanted["upper"], 1e-9, what);
        };
        let [student, logit] = [Proportions::Student, Proportions::Logit].map(|i| evaluation.clone().with(|e| e.request.interval = i).run());
        bounds(&student, &plain, &r["accuracy"], "confint");
        bounds(&student, &plain, &r["accuracy_ci_mean"], "mean");
        bounds(&student, &at_level("first"), &r["accuracy_level1"], "confint of the first digit");
        bounds(&logit, &plain, &r["accuracy_ci_logit"], "logit");
        if name == "srs" {
            // Without a design the program's own interval is Wilson's; R's is the same function of value, variance and df.
            let se = accuracy.se.unwrap();
            let (lower, upper) = proofmark::stats::korn_graubard(accuracy.value, se * se, accuracy.n as f64, accuracy.df.unwrap(), 0.95);
            near(lower, &r["accuracy_ci_beta"]["lower"], 1e-9, "beta");
            near(upper, &r["accuracy_ci_beta"]["upper"], 1e-9, "beta");
        } else {
            bounds(&found, &plain, &r["accuracy_ci_beta"], "beta");
            // R's design effect is against sampling without replacement from a population of the summed weights.
            let rest = 1.0 - accuracy.n as f64 / found.sample.weight_sum.unwrap();
            near(accuracy.design_effect.unwrap() / rest, &r["accuracy"]["deff"], 1e-9, "design effect");
        }
        let first = found.find("accuracy", at_level("first"));
        near(first.value, &r["accuracy_level1"]["estimate"], 1e-12, name);
        near(first.se.unwrap(), &r["accuracy_level1"]["se"], 1e-10, name);
        for (code, metrics) in r["classes"].as_object().unwrap() {
            for (ours, theirs) in [("precision", "precision"), ("recall", "recall"), ("f1", "f1"), ("share-error", "share_error"), ("share-true", "true_share")]
            {
                let e = found.find(ours, of_code(code));
                near(e.value, &metrics[theirs]["estimate"], 1e-11, &format!("{name} {code} {ours}"));
                near(e.se.unwrap(), &metrics[theirs]["se"], 1e-9, &format!("{name} {code} {ours} SE"));
            }
        }
        for variable in ["quarter", "state"] {
            for (group, wanted) in r[variable].as_object().unwrap() {
                let e = found.find("accuracy", of_group(variable, group));
                near(e.value, &wanted["estimate"], 1e-12, &format!("{name} {group}"));
                near(e.se.unwrap(), &wanted["se"], 1e-9, &format!("{name} {group} SE"));
            }
        }
        // The program tells the largest difference of a grouping; that of two given groups has the same scores.
        let quarters = found.table.factor("quarter").unwrap();
        let lines: Vec<Vec<&str>> = evaluation.csv.lines().skip(1).map(|l| l.split(',').collect()).collect();
        let scores = |quarter: &str| {
            let members = (0..lines.len()).filter(|&i| quarters.label(i) == Some(quarter));
            found.sample.ratio_of(members.map(|i| (i, f64::from(lines[i][1] == lines[i][2]), 1.0))).unwrap()
        };
        let (a, b, units) = (scores("Q1"), scores("Q4"), &found.sample.sampling.units);
        let variance = units.variance(&a.scores) + units.variance(&b.scores) - 2.0 * units.covariance_of_disjoint(&a.scores, &b.scores);
        near(a.value - b.value, &r["difference_Q1_Q4"]["estimate"], 1e-11, "Q1 − Q4");
        near(variance.sqrt(), &r["difference_Q1_Q4"]["se"], 1e-9, "Q1 − Q4 SE");
        if name == "stratified_clustered" {
            let jackknife = &wanted["jackknife"];
            near(found.plain("macro-f1").value, &jackknife["macro_f1"]["estimate"], 1e-12, "macro-F1");
            near(found.plain("macro-f1").se.unwrap(), &jackknife["macro_f1"]["se"], 1e-8, "macro-F1 SE");
            let replicated = evaluation.with(|e| {
                (e.request.variance, e.request.groupings) = (Variance::Jackknife, Vec::new());
                e.request.thresholds = Vec::new();
            });
            let replicated = replicated.run();
            near(replicated.plain("accuracy").value, &jackknife["accuracy"]["estimate"], 1e-12, "accuracy");
            near(replicated.plain("accuracy").se.unwrap(), &jackknife["accuracy"]["se"], 1e-10, "accuracy of the jackknife");
            near(replicated.plain("macro-f1").se.unwrap(), &jackknife["macro_f1"]["se"], 1e-10, "macro-F1 of the jackknife");
        }
    }
}

#[test]
fn unweighted_estimates_equal_scikit_learn_and_statsmodels() {
    let Some(folder) = common::shared("reference") else { return };
    let wanted = json(&folder, "metrics.json");
    let m = reference(&folder, &[]).run();
    let unweighted = &wanted["unweighted"];
    let accuracy = m.plain("accuracy");
    near(accuracy.value, &unweighted["accuracy"], 1e-12, "accuracy");
    let interval = accuracy.interval.unwrap();
    near(interval.lower, &wanted["intervals_95"]["wilson"][0], 1e-12, "Wilson");
    near(interval.upper, &wanted["intervals_95"]["wilson"][1], 1e-12, "Wilson");
    let weighted = reference(&folder, &[("weight", Role::Weight)]).run();
    for (ours, theirs) in [("macro-f1", "f1_macro"), ("balanced-accuracy", "balanced_accuracy"), ("kappa", "cohen_kappa"), ("mcc", "matthews_correlation")] {
        near(m.plain(ours).value, &unweighted[theirs], 1e-12, ours);
        near(weighted.plain(ours).value, &wanted["weighted"][theirs], 1e-12, ours);
    }
    let exact = reference(&folder, &[]).with(|e| e.request.interval = Proportions::ClopperPearson).run().plain("accuracy").interval.unwrap();
    near(exact.lower, &wanted["intervals_95"]["beta"][0], 1e-9, "Clopper–Pearson");
    near(exact.upper, &wanted["intervals_95"]["beta"][1], 1e-9, "Clopper–Pearson");
    near(m.plain("ece").value, &wanted["calibration"]["equal_width_15"]["ece"], 1e-11, "calibration error");
    near(weighted.plain("accuracy").value, &wanted["weighted"]["accuracy"], 1e-12, "weighted accuracy");
    for (level, name) in [("first", "accuracy_level1"), ("second", "accuracy_level2")] {
        near(weighted.find("accuracy", at_level(level)).value, &wanted["weighted"][name], 1e-12, name);
    }
    for (code, metrics) in wanted["weighted"]["per_class"].as_object().unwrap() {
        let total = weighted.sample.weight_sum.unwrap();
        near(weighted.find("share-true", of_code(code)).value * total, &metrics["support"], 1e-12, code);
        for metric in ["precision", "recall", "f1"] {
            match weighted.outcome(metric, of_code(code)).estimate() {
                Some(e) => near(e.value, &metrics[metric], 1e-12, &format!("{code} weighted {metric}")),
                None => assert_eq!(metrics[metric], 0.0, "{code} weighted {metric}"),
            }
        }
    }
    // The second candidate gives 420 where the first is not sure.
    let rows: Vec<Vec<String>> = reference(&folder, &[]).csv.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect();
    let first: Vec<bool> = rows.iter().map(|r| r[1] == r[2]).collect();
    let second: Vec<bool> = rows.iter().map(|r| if r[3].parse::<f64>().unwrap() >= 0.5 { r[1] == r[2] } else { r[1] == "420" }).collect();
    let Outcome::Estimate(difference) = paired(&m.sample, &first, &second) else { panic!("a difference") };
    let count = |key: &str| wanted["paired"][key].as_f64().unwrap();
    near(difference.value * 8643.0, &serde_json::json!(count("n10") - count("n01")), 1e-11, "discordant records");
    near(accuracy.value - difference.value, &wanted["paired"]["accuracy_second"], 1e-12, "second candidate");
    // The variance of McNemar's difference: (b + c − (b − c)²/n)/n², here with n − 1.
    let (b, c, n) = (count("n10"), count("n01"), 8643.0);
    near(difference.se.unwrap(), &serde_json::json!(((b + c - (b - c).powi(2) / n) / (n * (n - 1.0))).sqrt()), 1e-10, "SE of the difference");
    for (level, name) in [("first", "accuracy_level1"), ("second", "accuracy_level2")] {
        near(m.find("accuracy", at_level(level)).value, &unweighted[name], 1e-12, name);
    }
    for (code, wanted) in unweighted["per_class"].as_object().unwrap() {
        for metric in ["precision", "recall", "f1"] {
            match m.outcome(metric, of_code(code)).estimate() {
                Some(e) => near(e.value, &wanted[metric], 1e-12, &format!("{code} {metric}")),
                // scikit-learn gives 0 where nothing is defined; we say so instead.
                None => assert_eq!(wanted[metric], 0.0, "{code} {metric}"),
            }
        }
    }
    for (threshold, wanted) in wanted["automation"].as_object().unwrap() {
        let at = |m: &Measure| m.threshold == threshold.parse().ok() && m.group.is_none();
        near(m.find("coded-share", at).value, &wanted["rate"], 1e-12, threshold);
        near(m.find("coded-accuracy", at).value, &wanted["accuracy"], 1e-12, threshold);
        assert_eq!(m.find("coded-accuracy", at).n, wanted["n"].as_u64().unwrap());
    }
    for (code, wanted) in wanted["shares"]["error"].as_object().unwrap() {
        near(m.find("share-error", of_code(code)).value, wanted, 1e-9, code);
    }
    let quarters = &wanted["by_quarter"]["by_group"];
    for (metric, theirs) in [("accuracy", "accuracy"), ("macro-f1", "f1_macro")] {
        for (quarter, wanted) in quarters[theirs].as_object().unwrap() {
            near(m.find(metric, of_group("quarter", quarter)).value, wanted, 1e-12, quarter);
        }
        let difference = m.find(metric, contrast("difference", "quarter"));
        near(difference.value, &wanted["by_quarter"]["difference"][theirs], 1e-12, "fairlearn's difference");
        // Ratios are told of accuracy only.
        if metric == "accuracy" {
            let ratio = m.find(metric, contrast("ratio", "quarter"));
            near(ratio.value, &wanted["by_quarter"]["ratio"][theirs], 1e-12, "fairlearn's ratio");
        }
    }
}

/// Independent values: numpy for the areas (expectation over random orders of ties), scikit-learn 1.9.1 for AUROC and the logistic line,
/// and a stratified delete-one-PSU jackknife (numpy) for the standard errors that influences give without replicates.
#[test]
fn measures_of_confidence_equal_scikit_learn_and_a_jackknife_over_psus() {
    let Some(folder) = common::shared("reference") else { return };
    let close = |m: &Found, metric: &str, wanted: f64, tolerance: f64| {
        let found = m.find(metric, plain).value;
        assert!((found - wanted).abs() < tolerance, "{metric}: {found} is not {wanted}");
    };
    let plainly = reference(&folder, &[]).run();
    close(&plainly, "aurc", 0.075_835_299_745_452_5, 1e-12);
    close(&plainly, "confidence-auroc", 0.846_652_099_959_755, 1e-12);
    close(&plainly, "recalibration-slope", 0.957_266, 2e-5);
    close(&plainly, "recalibration-intercept", -0.090_188, 2e-5);
    let m = reference(&folder, &[("weight", Role::Weight), ("stratum", Role::Stratum), ("psu", Role::Psu)]).run();
    close(&m, "aurc", 0.074_496_519_265_453_5, 1e-12);
    close(&m, "confidence-auroc", 0.848_113_676_326_688_4, 1e-12);
    close(&m, "augrc", 0.051_869_249_631_487_4, 1e-12);
    close(&m, "recalibration-slope", 0.964_454, 2e-5);
    close(&m, "recalibration-intercept", -0.080_042, 2e-5);
    for (metric, wanted) in [("aurc", 0.003_343_300_6), ("confidence-auroc", 0.005_510_301_2)] {
        let found = m.find(metric, plain).se.unwrap();
        assert!((found / wanted - 1.0).abs() < 0.01, "{metric} SE: {found} is not {wanted}");
    }
}
