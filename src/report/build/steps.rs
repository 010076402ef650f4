//! What each step of a candidate codes, and how often it is right.

use super::source::{Source, figures_column, table, words_column};
use crate::measure::StepFacts;
use crate::report::card::Block;
use crate::report::disclosure::{Shown, Why};
use crate::report::locale::say;
use crate::report::words;
use crate::value::Outcome;
use std::collections::BTreeSet;

/// The part on steps; nothing for a candidate without steps.
pub fn steps(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let all = &source.evidence.steps;
    if all.is_empty() {
        return Vec::new();
    }
    let (rows, accuracies) = hidden(all, source.disclosure.minimum());
    let cells = all.iter().enumerate().map(|(i, step)| {
        let name = step.name.as_ref().map_or_else(|| say!(w, "steps-none"), |n| source.foreign(n));
        let hidden = || words::suppressed(w, Why::Along);
        let (records, share) = if rows.contains(&i) { (hidden(), hidden()) } else { (w.count(step.records), told(source, "coded-share", &step.share)) };
        let accuracy = match (accuracies.contains(&i), &step.name) {
            (_, None) => say!(w, "steps-no-code"),
            (true, _) => hidden(),
            (false, _) => told(source, "coded-accuracy", &step.accuracy),
        };
        vec![name, records, share, accuracy]
    });
    let columns = vec![
        words_column(say!(w, "steps-step")),
        figures_column(say!(w, "col-records")),
        figures_column(say!(w, "col-share-of-records")),
        figures_column(say!(w, "steps-right")),
    ];
    vec![
        Block::Heading(say!(w, "steps-heading")),
        Block::Table(table(say!(w, "steps-caption"), columns, cells.collect())),
        Block::Text(say!(w, "steps-reading")),
    ]
}

/// Which rows and which accuracies may not be shown: few records, few right or few wrong, and as many more of the smallest steps as leave what is
/// hidden uncertain, since all steps together are the whole.
fn hidden(all: &[StepFacts], minimum: u64) -> (BTreeSet<usize>, BTreeSet<usize>) {
    // A step that codes nothing tells of nobody.
    let some: Vec<usize> = (0..all.len()).filter(|i| all[*i].records > 0).collect();
    let rows = with_others(some.iter().copied().filter(|i| all[*i].records < minimum).collect(), &some, all, minimum);
    let named: Vec<usize> = some.into_iter().filter(|i| all[*i].name.is_some()).collect();
    let few = |i: &usize| {
        let n = all[*i].records as f64;
        all[*i].accuracy.estimate().is_some_and(|e| (e.value * n).min(n - e.value * n) < minimum as f64 - 0.5)
    };
    let accuracies = named.iter().copied().filter(|i| rows.contains(i) || few(i)).collect();
    (rows, with_others(accuracies, &named, all, minimum))
}

/// Where the hidden steps are one, or have together no more records than leave each uncertain by the minimum, the next smallest is hidden too.
fn with_others(mut hidden: BTreeSet<usize>, of: &[usize], all: &[StepFacts], minimum: u64) -> BTreeSet<usize> {
    while !hidden.is_empty() && (hidden.len() < 2 || hidden.iter().map(|i| all[*i].records).sum::<u64>() < 2 * minimum) {
        let Some(next) = of.iter().copied().filter(|i| !hidden.contains(i)).min_by_key(|i| (all[*i].records, *i)) else { break };
        hidden.insert(next);
    }
    hidden
}

fn told(source: &Source<'_>, metric: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Estimate(e) => source.words.with_interval(metric, e),
        Outcome::Undefined(u) => source.instead(Shown::Undefined(&u.why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::estimate;
    use crate::value::{Method, Reason};

    fn step(name: Option<&str>, records: u64, accuracy: f64) -> StepFacts {
        let accuracy = if name.is_some() && records > 0 {
            estimate(accuracy, 0.01, records, Method::Wilson)
        } else {
            Outcome::undefined(Reason::NothingToDivideBy, "none", 0)
        };
        StepFacts { name: name.map(str::to_owned), records, share: estimate(0.3, 0.01, 1000, Method::Wilson), accuracy }
    }

    #[test]
    fn what_could_be_had_from_the_other_steps_is_hidden_with_them() {
        // All right in one step: with the accuracy of all records and of the others it could be had.
        let all = [step(Some("index"), 100, 1.0), step(Some("nearest"), 300, 0.9), step(Some("linear"), 600, 0.8), step(None, 0, 0.0)];
        assert_eq!(hidden(&all, 10), (BTreeSet::new(), BTreeSet::from([0, 1])));
        // Few records without a code: hidden with the next smallest, whose accuracy goes with it and with one more.
        let all = [step(Some("index"), 100, 0.8), step(Some("linear"), 600, 0.8), step(None, 4, 0.0)];
        assert_eq!(hidden(&all, 10), (BTreeSet::from([0, 2]), BTreeSet::from([0, 1])));
        // Two with few records: together they are still few.
        let all = [step(Some("index"), 100, 0.8), step(Some("linear"), 600, 0.8), step(Some("nearest"), 6, 0.5), step(None, 4, 0.0)];
        assert_eq!(hidden(&all, 10).0, BTreeSet::from([0, 2, 3]));
        let all = [step(Some("index"), 100, 0.9), step(Some("linear"), 600, 0.8), step(None, 0, 0.0)];
        assert_eq!(hidden(&all, 10), (BTreeSet::new(), BTreeSet::new()), "ten are wrong, which is enough");
    }
}
