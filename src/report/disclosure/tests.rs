//! What is hidden of small evidences: the example of the definitions, what protects a hidden cell, and that no reason is told.

use super::*;
use crate::report::sample::{estimate, evidence, group, measure};
use crate::value::Method;

#[test]
fn all_or_none_hides_one_metric_of_a_group_not_the_group() {
    let mut e = evidence();
    e.measures.retain(|m| m.group.is_none());
    for (name, accuracy, top, n) in [("a", 0.8, 0.95, 5000), ("b", 0.7, 1.0, 4000), ("c", 0.75, 0.9, 150)] {
        e.measures.push(group("accuracy", "sex", name, estimate(accuracy, 0.02, n, Method::Wilson)));
        e.measures.push(group("top-5-accuracy", "sex", name, estimate(top, 0.02, n, Method::Wilson)));
    }
    let d = Disclosure::of(&e, None);
    let shown = |metric: &str, name: &str| {
        let m = e.measures.iter().find(|m| m.metric == metric && m.group.as_ref().is_some_and(|g| g.values == [name])).unwrap();
        (d.show(m), d.hides_records(m))
    };
    for name in ["a", "b", "c"] {
        assert!(matches!(shown("accuracy", name), (Shown::Estimate(_), None)), "{name}");
    }
    assert_eq!(shown("top-5-accuracy", "b"), (Shown::Suppressed(Why::Along), None));
    assert_eq!(shown("top-5-accuracy", "c"), (Shown::Suppressed(Why::Along), None));
    assert!(matches!(shown("top-5-accuracy", "a").0, Shown::Estimate(_)));
}

#[test]
fn a_group_below_the_minimum_takes_the_next_smallest_with_it() {
    let mut e = evidence();
    e.measures.retain(|m| m.group.is_none());
    for (name, n) in [("a", 500), ("b", 400)] {
        e.measures.push(group("accuracy", "sex", name, estimate(0.8, 0.02, n, Method::Wilson)));
    }
    e.measures.push(group("accuracy", "sex", "c", Outcome::undefined(Reason::TooFewRecords, "25 records", 25)));
    let d = Disclosure::of(&e, None);
    let shown: Vec<Shown<'_>> = e.measures.iter().filter(|m| m.group.is_some()).map(|m| d.show(m)).collect();
    assert!(matches!(shown[..], [Shown::Estimate(_), Shown::Suppressed(Why::Along), Shown::TooFew]), "{shown:?}");
}

#[test]
fn hidden_precision_or_recall_hides_what_they_could_be_had_from() {
    let code = |metric: &str, code: &str, value: f64, n: u64| Measure { code: Some(code.into()), ..measure(metric, estimate(value, 0.01, n, Method::Wilson)) };
    let mut e = evidence();
    e.measures.retain(|m| m.code.is_none() && m.metric != "macro-f1");
    for (name, recall, n) in [("x", 1.0, 11), ("y", 0.6, 300), ("z", 0.5, 200)] {
        e.measures.extend([("share-true", 0.1), ("precision", 0.7), ("recall", recall), ("f1", 0.65), ("share-error", 0.01)].map(|(m, v)| code(m, name, v, n)));
    }
    let d = Disclosure::of(&e, None);
    for m in e.measures.iter().filter(|m| m.code.is_some()) {
        let hidden = match (m.code.as_deref(), m.metric.as_str()) {
            (_, "share-true") | (Some("y"), _) => None,
            _ => Some(Why::Along),
        };
        let shown = match d.show(m) {
            Shown::Suppressed(why) => Some(why),
            _ => None,
        };
        assert_eq!(shown, hidden, "{} of {:?}", m.metric, m.code);
    }
    assert!(d.hides_code("x") && d.hides_code("z") && !d.hides_code("y"));
    // A mean over codes is one more equation between the two that are hidden: the third goes too.
    e.data.weight_sum = None;
    e.measures.push(measure("macro-f1", estimate(0.6, 0.03, 511, Method::Jackknife)));
    let d = Disclosure::of(&e, None);
    assert!(["x", "y", "z"].iter().all(|c| d.hides_code(c)));
}

#[test]
fn a_difference_in_a_group_is_hidden_with_either_accuracy_that_it_gives_away() {
    let mut e = evidence();
    e.measures.retain(|m| m.group.is_none());
    let versus = Some(crate::measure::Versus { candidate: "old".into(), name: "Old".into(), test: None });
    // The other is always right in “b”; this one always in “e”.
    for (name, own, other, n) in [("a", 0.8, 0.7, 500), ("b", 0.7, 1.0, 400), ("c", 0.75, 0.7, 75), ("d", 0.6, 0.5, 300), ("e", 1.0, 0.9, 350)] {
        e.measures.push(group("accuracy", "sex", name, estimate(own, 0.02, n, Method::Wilson)));
        let difference = group("accuracy-difference", "sex", name, estimate(own - other, 0.02, n, Method::StudentT));
        e.measures.push(Measure { versus: versus.clone(), ..difference });
    }
    let d = Disclosure::of(&e, None);
    let hidden: Vec<&str> = e
        .measures
        .iter()
        .filter(|m| m.versus.is_some() && matches!(d.show(m), Shown::Suppressed(_)))
        .filter_map(|m| m.group.as_ref().map(|g| g.values[0].as_str()))
        .collect();
    // “c”, the smallest, is hidden along with “e” in this candidate's accuracies.
    assert_eq!(hidden, ["b", "c", "e"]);
}

fn of_groups(sizes: &[(&[&str], &[&str], u64)]) -> Evidence {
    let mut e = evidence();
    e.measures.retain(|m| m.group.is_none());
    for (variables, values, n) in sizes {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let outcome = if *n < 5 { Outcome::undefined(Reason::TooFewRecords, "few", *n) } else { estimate(0.5, 0.1, *n, Method::Wilson) };
        e.measures.push(Measure { group: Some(GroupCell { variables: own(variables), values: own(values) }), ..measure("accuracy", outcome) });
    }
    e
}

fn rows(d: &Disclosure) -> Vec<(String, String)> {
    d.groups.iter().map(|(_, values)| (values[0].clone(), values.get(1).cloned().unwrap_or_default())).collect()
}

// Worked by hand: hiding by row, by column, and what closes the rectangle; the small cell is left between 0 and 20.
#[test]
fn the_example_of_the_definitions() {
    let counts = [[20, 3, 17], [12, 25, 30], [40, 18, 22]];
    let (row, column) = (["r0", "r1", "r2"], ["c0", "c1", "c2"]);
    let mut sizes: Vec<(&[&str], Vec<&str>, u64)> = Vec::new();
    let both: &[&str] = &["row", "column"];
    for i in 0..3 {
        sizes.push((&["row"], vec![row[i]], counts[i].iter().sum()));
        sizes.push((&["column"], vec![column[i]], counts.iter().map(|r| r[i]).sum()));
    }
    for (i, j) in (0..9).map(|c| (c / 3, c % 3)) {
        sizes.push((both, vec![row[i], column[j]], counts[i][j]));
    }
    let sizes: Vec<(&[&str], &[&str], u64)> = sizes.iter().map(|(a, b, n)| (*a, b.as_slice(), *n)).collect();
    let d = Disclosure::of(&of_groups(&sizes), None);
    let hidden = |i: usize, j: usize| (row[i].to_owned(), column[j].to_owned());
    assert_eq!(rows(&d), [hidden(0, 1), hidden(0, 2), hidden(2, 1), hidden(2, 2)]);
    // Without the grouping by row, its line of the table says nothing: a column closes the column's total, and all is one line.
    let without: Vec<(&[&str], &[&str], u64)> = sizes.iter().copied().filter(|(v, ..)| *v != ["row"]).collect();
    assert_eq!(rows(&Disclosure::of(&of_groups(&without), None)), [hidden(0, 1), hidden(2, 1)]);
}

#[test]
fn two_hidden_groups_are_not_enough_where_their_sum_is_small() {
    let sizes: [(&[&str], &[&str], u64); 4] = [(&["sex"], &["a"], 500), (&["sex"], &["b"], 3), (&["sex"], &["c"], 6), (&["sex"], &["d"], 80)];
    // Three and six: a reader would know that neither is above nine.
    let d = Disclosure::of(&of_groups(&sizes), None);
    assert_eq!(rows(&d).iter().map(|r| r.0.as_str()).collect::<Vec<_>>(), ["b", "c", "d"]);
}

#[test]
fn where_records_weigh_the_same_a_rate_tells_numbers_of_records() {
    let mut e = evidence();
    e.measures.retain(|m| m.group.is_none());
    for (name, accuracy, n) in [("a", 0.8, 500), ("b", 0.97, 200), ("c", 0.7, 300)] {
        e.measures.push(group("accuracy", "sex", name, estimate(accuracy, 0.02, n, Method::Wilson)));
    }
    let shown = |e: &Evidence| {
        let d = Disclosure::of(e, None);
        e.measures.iter().filter(|m| m.group.is_some()).map(|m| matches!(d.show(m), Shown::Estimate(_))).collect::<Vec<_>>()
    };
    assert_eq!(shown(&e), [true, true, true], "under weights the six wrong records of b are not told");
    e.data.weight_sum = None;
    assert_eq!(shown(&e), [true, false, false]);
    e.study.protection.numerators = false;
    assert_eq!(shown(&e), [true, true, true]);
}

#[test]
fn too_few_wrong_records_in_all_hide_the_whole_column() {
    let mut e = evidence();
    e.data.weight_sum = None;
    e.measures.retain(|m| m.group.is_none() && m.code.is_none() && m.threshold.is_none());
    e.measures.push(measure("top-5-accuracy", estimate(0.995, 0.002, 1000, Method::Wilson)));
    e.measures.retain(|m| m.metric != "top-5-accuracy" || m.outcome.estimate().is_some());
    for (name, right, n) in [("a", 0.998, 500), ("b", 0.992, 500)] {
        e.measures.push(group("top-5-accuracy", "sex", name, estimate(right, 0.02, n, Method::Wilson)));
    }
    let d = Disclosure::of(&e, None);
    for m in e.measures.iter().filter(|m| m.metric == "top-5-accuracy") {
        assert!(matches!(d.show(m), Shown::Suppressed(_)), "{m:?}");
    }
    assert!(matches!(d.show(e.overall("accuracy").unwrap()), Shown::Estimate(_)));
}

#[test]
fn a_difference_between_cards_of_a_run_is_hidden_with_what_either_hides() {
    let with = |id: &str, other: &str, rates: [f64; 3], others: [f64; 3], small: u64| {
        let mut e = evidence();
        e.candidate.id = id.into();
        e.measures.retain(|m| m.group.is_none());
        let versus = crate::measure::Versus { candidate: other.into(), name: other.into(), test: None };
        for (i, (name, n)) in [("a", 500), ("b", 400), ("c", 300), ("d", small), ("e", 200)].into_iter().enumerate() {
            let (rate, than) = (rates.get(i).copied().unwrap_or(0.7), others.get(i).copied().unwrap_or(0.6));
            e.measures.push(group("accuracy", "sex", name, estimate(rate, 0.02, n, Method::Wilson)));
            let difference = group("accuracy-difference", "sex", name, estimate(rate - than, 0.02, n, Method::StudentT));
            e.measures.push(Measure { versus: Some(versus.clone()), ..difference });
        }
        e
    };
    let (one, two) = ([0.8, 1.0, 0.7], [0.6, 0.7, 0.75]);
    let mut all = [with("one", "two", one, two, 100), with("two", "one", two, one, 100)];
    withhold(&mut all, |_| None);
    let hidden = |e: &Evidence, metric: &str| {
        let d = Disclosure::of(e, None);
        let of = e.measures.iter().filter(|m| m.group.is_some() && m.metric == metric && matches!(d.show(m), Shown::Suppressed(_)));
        of.map(|m| m.group.as_ref().unwrap().values[0].clone()).collect::<Vec<_>>()
    };
    // The first is always right in “b”, and “d”, the smallest, protects that; the second has nothing to hide but the differences.
    assert_eq!((hidden(&all[0], "accuracy"), hidden(&all[0], "accuracy-difference")), (vec!["b".into(), "d".into()], vec!["b".into(), "d".into()]));
    assert_eq!((hidden(&all[1], "accuracy"), hidden(&all[1], "accuracy-difference")), (vec![], vec!["b".into(), "d".into()]));
    // Stored and read again, they are the same.
    let read: Evidence = serde_json::from_str(&serde_json::to_string(&all[1]).unwrap()).unwrap();
    assert_eq!(read, all[1]);
    // A group that is too small is hidden on both.
    let mut all = [with("one", "two", two, two, 4), with("two", "one", two, two, 4)];
    withhold(&mut all, |_| None);
    assert_eq!((all[0].withheld.groups.len(), &all[0].withheld), (2, &all[1].withheld));
}

#[test]
fn a_largest_difference_that_bounds_a_hidden_group_is_hidden() {
    let with = |low: f64| {
        let mut e = evidence();
        e.data.weight_sum = None;
        e.measures.retain(|m| m.group.is_none() && m.contrast.is_none());
        for (name, rate, n) in [("a", 0.8, 500), ("b", low, 400), ("c", 0.2, 40), ("d", 0.3, 60)] {
            e.measures.push(group("accuracy", "sex", name, estimate(rate, 0.02, n, Method::Wilson)));
        }
        let contrast = crate::measure::Contrast {
            kind: "difference".into(),
            variables: vec!["sex".into()],
            high: vec!["a".into()],
            low: vec!["b".into()],
            groups: 4,
            expected_from_noise: None,
            detail: None,
        };
        e.measures.push(Measure { contrast: Some(contrast), ..measure("accuracy", estimate(0.8 - low, 0.02, 1000, Method::Simultaneous)) });
        let d = Disclosure::of(&e, None);
        assert_eq!(d.cells.len(), 2, "eight right records, and the next smallest group");
        matches!(d.show(e.measures.last().unwrap()), Shown::Suppressed(_))
    };
    // c and d have 26 right records together and lie above b: the nearer b is, the less room they have.
    assert!(with(0.19) && !with(0.15));
}
