//! The pure statistics against scikit-learn 1.9.1 and fairlearn 0.15 on 8,643 coded records: agreement, calibration, selection, shares, fairness.

mod common;

use proofmark::stats::{
    Against, Binary, ClassScore, Closed, Combine, Confidences, Confusion, LabelSet, Ties, WithoutScore, benjamini_hochberg, bonferroni, clopper_pearson,
    equalised_odds_difference, equalised_odds_ratio, group_difference, group_ratio, holm, mcnemar, wilson,
};
use serde_json::Value;

/// The reference records, codes as numbers in the order of their labels.
struct Records {
    labels: Vec<String>,
    truth: Vec<u32>,
    predicted: Vec<u32>,
    confidence: Vec<f64>,
    weight: Vec<f64>,
    quarter: Vec<usize>,
    correct: Vec<bool>,
}

fn load() -> Option<(Records, Value)> {
    let folder = common::shared("reference")?;
    let wanted: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("metrics.json")).unwrap()).unwrap();
    let labels: Vec<String> = wanted["about"]["labels"].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
    let text = std::fs::read_to_string(folder.join("msha_2013_evaluation.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let code = |c: &str| labels.iter().position(|l| l == c).expect("a known code") as u32;
    let truth: Vec<u32> = rows.iter().map(|r| code(r[1])).collect();
    let predicted: Vec<u32> = rows.iter().map(|r| code(r[2])).collect();
    let number = |column: usize| rows.iter().map(|r| r[column].parse().unwrap()).collect::<Vec<f64>>();
    let quarter = rows.iter().map(|r| r[8][1..].parse::<usize>().unwrap() - 1).collect();
    let correct = truth.iter().zip(&predicted).map(|(t, p)| t == p).collect();
    let (confidence, weight) = (number(3), number(4));
    Some((Records { labels, truth, predicted, confidence, weight, quarter, correct }, wanted))
}

/// A statistic and its name in the reference.
type Named<T> = (&'static str, fn(&T) -> Option<f64>);

/// What scikit-learn does by default with a score that has no denominator.
fn zero() -> WithoutScore {
    WithoutScore::Enter(0.0)
}

#[track_caller]
fn near(found: Option<f64>, wanted: &Value, what: &str) {
    let (found, wanted) = (found.expect(what), wanted.as_f64().expect(what));
    assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1e-3), "{what}: {found} is not {wanted}");
}

#[test]
fn agreement_equals_scikit_learn() {
    let Some((r, wanted)) = load() else { return };
    for (name, weights) in [("unweighted", None), ("weighted", Some(r.weight.as_slice()))] {
        let m = Confusion::of(&r.truth, &r.predicted, weights, r.labels.len());
        let w = &wanted[name];
        near(m.accuracy(), &w["accuracy"], name);
        near(m.balanced_accuracy(), &w["balanced_accuracy"], name);
        near(m.matthews(), &w["matthews_correlation"], name);
        near(m.kappa(), &w["cohen_kappa"], name);
        for (score, label) in [(ClassScore::Precision, "precision"), (ClassScore::Recall, "recall"), (ClassScore::F1, "f1")] {
            near(m.mean_score(score, LabelSet::InEither, zero()), &w[format!("{label}_macro")], label);
            near(m.weighted_score(score, LabelSet::InEither, zero()), &w[format!("{label}_weighted")], label);
            near(m.pooled_score(score, LabelSet::InEither), &w[format!("{label}_micro")], label);
            for (k, code) in r.labels.iter().enumerate() {
                let found = m.score(score, k as u32);
                // scikit-learn puts 0 where a code is never predicted; here there is no value.
                assert_eq!(found.is_none(), score == ClassScore::Precision && m.predicted()[k] == 0.0, "{code} {label}");
                near(found.or(Some(0.0)), &w["per_class"][code][label], code);
                near(Some(m.truth()[k]), &w["per_class"][code]["support"], code);
            }
        }
        near(m.mean_score(ClassScore::F1, LabelSet::InTruth, zero()), &w["f1_macro_present_in_truth"], name);
        for level in [1, 2] {
            let mut prefixes: Vec<&str> = r.labels.iter().map(|l| &l[..level]).collect();
            prefixes.dedup();
            let coarse: Vec<u32> = r.labels.iter().map(|l| prefixes.iter().position(|p| *p == &l[..level]).unwrap() as u32).collect();
            near(m.coarsened(&coarse, prefixes.len()).accuracy(), &w[format!("accuracy_level{level}")], "level");
        }
    }
}

#[test]
fn calibration_and_selection_equal_the_reference() {
    let Some((r, wanted)) = load() else { return };
    let c = Confidences { confidence: &r.confidence, correct: &r.correct, weights: None };
    for bins in [10, 15] {
        let w = &wanted["calibration"][format!("equal_width_{bins}")];
        let found = c.equal_width(bins, Closed::Right);
        near(found.expected_error(), &w["ece"], "ece");
        near(found.largest_error(), &w["mce"], "mce");
        let listed = w["bins"].as_array().unwrap();
        assert_eq!(found.bins.len(), listed.len());
        for (bin, values) in found.bins.iter().zip(listed) {
            let fields = [bin.lower, bin.upper, bin.n as f64, bin.accuracy, bin.confidence];
            fields.iter().enumerate().for_each(|(i, &f)| near(Some(f), &values[i], "bin"));
        }
    }
    near(c.brier(), &wanted["calibration"]["brier_top1"], "brier");
    near(c.auroc_of_failure(), &wanted["calibration"]["auroc_confidence_vs_correct"], "auroc");
    near(c.aurc(Ties::FileOrder), &wanted["aurc_all_ranks_stable_order"], "aurc");
    for (threshold, w) in wanted["automation"].as_object().unwrap() {
        let found = c.at_threshold(threshold.parse().unwrap()).unwrap();
        near(Some(found.coverage), &w["rate"], threshold);
        near(found.risk.map(|risk| 1.0 - risk), &w["accuracy"], threshold);
        assert_eq!(Some(found.n), w["n"].as_u64(), "{threshold}");
    }
}

#[test]
fn published_shares_equal_the_reference() {
    let Some((r, wanted)) = load() else { return };
    let m = Confusion::of(&r.truth, &r.predicted, None, r.labels.len());
    near(m.total_variation(), &wanted["shares"]["total_variation"], "total variation");
    near(m.largest_share_error(), &wanted["shares"]["max_abs_error"], "largest");
    let errors = m.share_errors().unwrap();
    r.labels.iter().zip(errors).for_each(|(l, e)| near(Some(e), &wanted["shares"]["error"][l], l));
}

#[test]
fn gaps_between_quarters_equal_fairlearn() {
    let Some((r, wanted)) = load() else { return };
    let code = r.labels.iter().position(|l| l == "340").unwrap() as u32;
    let cells = |q: usize| (0..r.truth.len()).filter(|&i| r.quarter[i] == q).map(|i| (r.truth[i], r.predicted[i], 1.0)).collect::<Vec<_>>();
    let groups: Vec<Confusion> = (0..4).map(|q| Confusion::from_cells(r.labels.len(), cells(q))).collect();
    let all = Confusion::pooled(&groups);
    let (whole, rest) = (&wanted["by_quarter"], &wanted["one_vs_rest_340_by_quarter"]);
    let scores: [Named<Confusion>; 2] = [("accuracy", Confusion::accuracy), ("f1_macro", |m| m.mean_score(ClassScore::F1, LabelSet::InEither, zero()))];
    for (name, score) in scores {
        let values: Vec<_> = groups.iter().map(score).collect();
        values.iter().enumerate().for_each(|(q, &v)| near(v, &whole["by_group"][name][format!("Q{}", q + 1)], name));
        near(group_difference(&values, Against::EachOther), &whole["difference"][name], name);
        near(group_ratio(&values, Against::EachOther), &whole["ratio"][name], name);
        near(group_difference(&values, Against::Overall(score(&all).unwrap())), &whole["difference_to_overall"][name], name);
    }
    let binary: Vec<Binary> = groups.iter().map(|g| g.one_vs_rest(code)).collect();
    let rates: [Named<Binary>; 3] = [("selection_rate", Binary::selection_rate), ("tpr", Binary::sensitivity), ("fpr", Binary::false_alarm_rate)];
    for (name, rate) in rates {
        let values: Vec<_> = binary.iter().map(rate).collect();
        values.iter().enumerate().for_each(|(q, &v)| near(v, &rest["by_group"][name][format!("Q{}", q + 1)], name));
        near(group_difference(&values, Against::EachOther), &rest["difference"][name], name);
        near(group_ratio(&values, Against::EachOther), &rest["ratio"][name], name);
    }
    let fair = &wanted["one_vs_rest_340_fairness"];
    near(equalised_odds_difference(&binary, None, Combine::Worst), &fair["equalized_odds_difference"], "odds");
    near(equalised_odds_ratio(&binary, None, Combine::Worst), &fair["equalized_odds_ratio"], "odds ratio");
    let selected: Vec<_> = binary.iter().map(Binary::selection_rate).collect();
    near(group_difference(&selected, Against::EachOther), &fair["demographic_parity_difference"], "parity");
    near(group_ratio(&selected, Against::EachOther), &fair["demographic_parity_ratio"], "parity ratio");
}

#[test]
fn intervals_and_tests_equal_statsmodels() {
    let Some((_, wanted)) = load() else { return };
    for (x, of_x) in wanted["intervals_95_edge"].as_object().unwrap() {
        let (x, n) = x.split_once('/').map(|(x, n)| (x.parse::<f64>().unwrap(), n.parse::<f64>().unwrap())).unwrap();
        for (name, (lower, upper)) in [("wilson", wilson(x / n, n, 0.95)), ("beta", clopper_pearson(x, n, 0.95))] {
            let same = |found: f64, wanted: &Value| assert!((found - wanted.as_f64().unwrap()).abs() < 1e-11, "{name} {x}/{n}: {found} is not {wanted}");
            same(lower, &of_x[name][0]);
            same(upper, &of_x[name][1]);
        }
    }
    let several = &wanted["multiplicity"];
    let numbers = |name: &str| several[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<f64>>();
    let p = numbers("p");
    for (name, found) in [("holm", holm(&p)), ("fdr_bh", benjamini_hochberg(&p)), ("bonferroni", bonferroni(&p))] {
        found.iter().zip(numbers(name)).for_each(|(f, w)| assert!((f - w).abs() < 1e-12, "{name}: {f} is not {w}"));
    }
    let paired = &wanted["paired"];
    let count = |name: &str| paired[name].as_u64().unwrap();
    let test = mcnemar(count("n10"), count("n01"));
    let relative = |found: f64, wanted: &Value| assert!((found / wanted.as_f64().unwrap() - 1.0).abs() < 1e-8, "{found:e} is not {wanted}");
    relative(test.exact, &paired["mcnemar_exact_p"]);
    relative(test.chi_square.unwrap().p, &paired["mcnemar_chi2_p"]);
    relative(test.corrected.unwrap().p, &paired["mcnemar_chi2_corrected_p"]);
    relative(mcnemar(3, 9).exact, &paired["small_table_[[10,3],[9,8]]_exact_p"]);
}
