//! What each step of a candidate codes: its share of the records, and how often it is right.

use super::estimate::Kind;
use super::sample::Sample;
use crate::model::Trace;
use crate::value::{Outcome, Reason};
use serde::{Deserialize, Serialize};

/// What one step does on the test part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFacts {
    /// The step's name; none for the records that no step codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Records that it codes (unweighted).
    pub records: u64,
    /// Its share of the records of the test part.
    pub share: Outcome,
    /// How often it is right among those that it codes.
    pub accuracy: Outcome,
}

/// The steps in order, and last the records that none of them codes; nothing for a candidate without steps.
#[must_use]
pub fn step_facts(sample: &Sample, trace: &Trace, right: &[bool]) -> Vec<StepFacts> {
    if trace.steps.is_empty() {
        return Vec::new();
    }
    let one = |yes: bool| f64::from(u8::from(yes));
    let outcome = |linear: Option<super::tally::Linear>, why: &str| match linear {
        Some(linear) => sample.sampling.estimate(&linear, Kind::Proportion),
        None => Outcome::undefined(Reason::NothingToDivideBy, why, 0),
    };
    let of = |step: Option<u32>, name: Option<String>| {
        let own = |i: usize| trace.step[i] == step;
        let all = 0..trace.step.len();
        let share = sample.ratio_of(all.clone().map(|i| (i, one(own(i)), 1.0)));
        let accuracy = sample.ratio_of(all.clone().filter(|i| own(*i)).map(|i| (i, one(right[i]), 1.0)));
        StepFacts {
            records: all.filter(|i| own(*i)).count() as u64,
            share: outcome(share, "no record"),
            accuracy: match name {
                Some(_) => outcome(accuracy, "the step codes no record"),
                None => Outcome::undefined(Reason::NotMeasured, "these records have no code", 0),
            },
            name,
        }
    };
    let named = trace.steps.iter().enumerate().map(|(number, name)| of(Some(number as u32), Some(name.clone())));
    named.chain(std::iter::once(of(None, None))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture;

    #[test]
    fn shares_add_up_and_accuracies_are_of_each_steps_own_records() {
        let sample = fixture::sample(vec![1.0; 100], None);
        let step: Vec<Option<u32>> = (0..100)
            .map(|i| {
                if i < 40 {
                    Some(0)
                } else if i < 90 {
                    Some(2)
                } else {
                    None
                }
            })
            .collect();
        let trace = Trace { steps: ["index: exact match", "index: normalised match", "linear"].map(String::from).to_vec(), step, neighbours: Vec::new() };
        let right: Vec<bool> = (0..100).map(|i| !(36..50).contains(&i)).collect();
        let found = step_facts(&sample, &trace, &right);
        let value = |o: &Outcome| o.estimate().map(|e| (e.value, e.n));
        assert_eq!(found.iter().map(|s| s.records).collect::<Vec<_>>(), [40, 0, 50, 10]);
        assert_eq!(found.iter().map(|s| value(&s.share)).collect::<Vec<_>>(), [Some((0.4, 100)), Some((0.0, 100)), Some((0.5, 100)), Some((0.1, 100))]);
        assert_eq!(found.iter().map(|s| value(&s.accuracy)).collect::<Vec<_>>(), [Some((0.9, 40)), None, Some((0.8, 50)), None]);
        assert!(found[0].accuracy.estimate().is_some_and(|e| e.interval.is_some()));
        assert!(step_facts(&sample, &Trace::default(), &right).is_empty());
    }
}
