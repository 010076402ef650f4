//! What the tuning part settles for a candidate before the test part is looked at: thresholds, and the rule for suggestions.

use super::answers::Answers;
use super::automation::{AutomaticChoice, SUGGESTION_COVERAGE, Suggestions};
use super::choice::{choose, not_chosen};
use super::engine::{Engine, plain, undefined};
use super::estimate::Kind;
use super::evidence::Measure;
use super::measure::{levels, universe};
use super::request::{LonelyPsu, Request};
use super::sample::Sample;
use super::suggestions::suggestions;
use crate::data::{DatasetDescription, Table};
use crate::model::Predictions;
use crate::value::{Failure, Outcome, Reason};

/// Predictions of records of the tuning part.
pub struct Tuned<'a> {
    /// The records: rows of the table.
    pub rows: &'a [u32],
    /// Their predictions, in this order.
    pub predictions: &'a Predictions,
    /// True when the records served for nothing else here, and so can promise something.
    pub apart: bool,
}

/// What was settled.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// How the threshold was chosen, where a promise is asked for.
    pub automatic: Option<AutomaticChoice>,
    /// The rule for suggestions, where there is one.
    pub suggestions: Option<Suggestions>,
    /// What to measure on the test part: the request with what was settled.
    pub request: Request,
}

/// Settles thresholds and suggestions; `tuned` says why where there are no predictions of tuning records.
///
/// # Errors
/// Predicted codes that the code frame does not have.
pub fn settle(table: &Table, about: &DatasetDescription, tuned: Result<Tuned<'_>, String>, request: &Request, seed: u64) -> Result<Settlement, Failure> {
    let mut request = request.clone();
    let promise = request.automation.promise;
    let automatic = match (promise, &tuned) {
        (None, _) => None,
        (Some(promise), Err(why)) => Some(not_chosen(promise, 0, why.clone())),
        (Some(promise), Ok(tuned)) => Some({
            let (universe, code_of) = universe(table, tuned.predictions)?;
            let answers = Answers::of(table, tuned.rows, tuned.predictions, &code_of, request.automation.surety);
            // Groups and replicates are of no use here, and a stratum that has one PSU in this small part need not stop the run.
            let lonely_psu = if request.lonely_psu == LonelyPsu::Fail { LonelyPsu::Adjust } else { request.lonely_psu };
            let plain = Request { groupings: Vec::new(), replicates: 0, lonely_psu, ..request.clone() };
            let records = tuned.rows.len() as u64;
            match Sample::of(table, about, tuned.rows, &plain, seed) {
                Ok(sample) => choose(promise, &sample, &answers, &levels(table, &universe, &request), tuned.apart),
                Err(_) => not_chosen(promise, records, "the tuning part makes no sample: all its weights are zero"),
            }
        }),
    };
    if let Some(threshold) = automatic.as_ref().and_then(AutomaticChoice::threshold)
        && !request.thresholds.contains(&threshold)
    {
        request.thresholds.push(threshold);
        request.thresholds.sort_by(f64::total_cmp);
    }
    let of_levels = automatic.iter().flat_map(|a| &a.levels).filter_map(|l| Some((l.code_level.clone()?, l.choice.threshold()?)));
    request.automation.settled.levels = of_levels.collect();
    let coverage = request.automation.suggestion_coverage.unwrap_or(SUGGESTION_COVERAGE);
    let suggestions = tuned.ok().and_then(|t| suggestions(table, t.rows, t.predictions, coverage, t.apart));
    request.automation.settled.suggestions.clone_from(&suggestions);
    Ok(Settlement { automatic, suggestions, request })
}

/// Coded share and accuracy at the thresholds chosen for coarser levels: right means that the code is right at the level.
pub fn at_levels(engine: &Engine<'_>, answers: &Answers) -> Vec<Measure> {
    let mut measures = Vec::new();
    for (name, threshold) in &engine.request.automation.settled.levels {
        let Some(level) = engine.levels.iter().find(|l| l.name.as_ref() == Some(name)) else { continue };
        let ancestor = |code: u32| level.ancestor.get(code as usize).copied().flatten();
        let record = |i: usize| {
            let truth = ancestor(answers.truth[i]);
            let coded = truth.is_some() && answers.confidence.get(i).is_some_and(|c| c >= threshold);
            (truth.is_some(), coded, coded && truth == ancestor(answers.first[i]))
        };
        let all: Vec<(bool, bool, bool)> = (0..answers.truth.len()).map(record).collect();
        let one = |yes: bool| f64::from(u8::from(yes));
        let share = engine.sample.ratio_of(all.iter().enumerate().map(|(i, r)| (i, one(r.1), one(r.0))));
        let right = engine.sample.ratio_of(all.iter().enumerate().map(|(i, r)| (i, one(r.2), one(r.1))));
        for (metric, linear) in [("coded-share", share), ("coded-accuracy", right)] {
            let outcome = match linear {
                Some(linear) => engine.sampling().estimate(&linear, Kind::Proportion),
                None => Outcome::Undefined(undefined(Reason::NothingToDivideBy, "no record reaches the threshold", 0)),
            };
            measures.push(Measure { code_level: Some(name.clone()), threshold: Some(*threshold), ..plain(metric, outcome) });
        }
    }
    measures
}
