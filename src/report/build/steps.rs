//! What each step of a candidate codes, and how often it is right.

use super::source::{Source, figures_column, table, words_column};
use crate::measure::StepFacts;
use crate::report::card::Block;
use crate::report::disclosure::{Shown, Why, show_bin, with_next};
use crate::report::locale::say;
use crate::report::words;
use crate::value::Outcome;
use std::collections::BTreeMap;

/// The part on steps; nothing for a candidate without steps.
pub fn steps(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let all = &source.evidence.steps;
    if all.is_empty() {
        return Vec::new();
    }
    let (rows, accuracies) = hidden(all);
    let cells = all.iter().enumerate().map(|(i, step)| {
        let name = step.name.as_ref().map_or_else(|| say!(w, "steps-none"), |n| source.foreign(n));
        let (records, share) = match rows.get(&i) {
            Some(why) => (words::records_hidden(w, *why), words::suppressed(w, *why)),
            None => (w.count(step.records), told(source, "coded-share", &step.share)),
        };
        let accuracy = match (accuracies.get(&i), &step.name) {
            (_, None) => say!(w, "steps-no-code"),
            (Some(why), _) => words::suppressed(w, *why),
            (None, _) => told(source, "coded-accuracy", &step.accuracy),
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

/// Which rows and which accuracies may not be shown: few records, all or none right, and where that leaves exactly one hidden the next smallest
/// too, since all steps together are the whole.
fn hidden(all: &[StepFacts]) -> (BTreeMap<usize, Why>, BTreeMap<usize, Why>) {
    let numbers: Vec<usize> = (0..all.len()).collect();
    // A step that codes nothing tells of nobody.
    let some = || numbers.iter().map(|i| (i, all[*i].records)).filter(|(_, n)| *n > 0);
    let few = some().filter(|(_, n)| *n < crate::report::disclosure::MINIMUM_CELL).map(|(i, _)| (*i, Why::Few)).collect();
    let rows = with_next(few, some());
    let own = |i: usize| match show_bin(&all[i].accuracy) {
        Shown::Suppressed(why) => Some(why),
        _ => rows.get(&i).copied(),
    };
    let named = || some().filter(|(i, _)| all[**i].name.is_some());
    let accuracies = with_next(named().filter_map(|(i, _)| Some((*i, own(*i)?))).collect(), named());
    (rows, accuracies)
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
        let (rows, accuracies) = hidden(&all);
        assert!(rows.is_empty());
        assert_eq!(accuracies, BTreeMap::from([(0, Why::AllOrNone), (1, Why::Along)]));
        // Few records without a code: hidden with the next smallest, whose accuracy goes with it and with one more.
        let all = [step(Some("index"), 100, 0.9), step(Some("linear"), 600, 0.8), step(None, 4, 0.0)];
        let (rows, accuracies) = hidden(&all);
        assert_eq!(rows, BTreeMap::from([(2, Why::Few), (0, Why::Along)]));
        assert_eq!(accuracies.keys().copied().collect::<Vec<_>>(), [0, 1]);
        let all = [step(Some("index"), 100, 0.9), step(Some("linear"), 600, 0.8), step(None, 0, 0.0)];
        assert_eq!(hidden(&all), (BTreeMap::new(), BTreeMap::new()));
    }
}
