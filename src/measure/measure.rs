//! Measures a candidate's predictions on the test part: the estimates of every metric, overall, by code, threshold and group.

use super::answers::Answers;
use super::by_record::by_record;
use super::comparison::Spread;
use super::confused::LevelConfusions;
use super::engine::{Engine, Level};
use super::evidence::{Confusion, Measure, ReliabilityBin};
use super::paired::Scored;
use super::request::Request;
use super::sample::Sample;
use super::settle::at_levels;
use super::suggestions;
use super::summed;
use super::tally::{Records, Tally};
use super::tree::Paths;
use crate::data::Table;
use crate::model::Predictions;
use crate::value::{Class, Failure, Problem, grouped};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was measured of one candidate.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The estimates.
    pub measures: Vec<Measure>,
    /// How much groups really differ in accuracy.
    pub spreads: Vec<Spread>,
    /// Confidence bin by bin.
    pub reliability: Vec<ReliabilityBin>,
    /// The most frequent errors.
    pub confusions: Vec<Confusion>,
    /// The same at the coarser code levels.
    pub confused: Vec<LevelConfusions>,
    /// What a reader must know of them.
    pub notes: Vec<String>,
    /// Whether the first code of each test record is right, in the order of the rows.
    pub right: Vec<bool>,
    /// The answers record by record.
    pub answers: Answers,
    /// The codes that the answers' numbers stand for.
    pub universe: Vec<String>,
    /// What comparisons with other candidates need.
    pub scored: Scored,
    /// The codes that occur in them.
    pub codes: BTreeSet<String>,
}

/// Measures predictions, given in the order of `rows`.
///
/// # Errors
/// Predicted codes that the code frame does not have.
pub fn measure(
    table: &Table,
    rows: &[u32],
    trained: &BTreeSet<u32>,
    sample: &Sample,
    predictions: &Predictions,
    request: &Request,
) -> Result<Measured, Failure> {
    let (universe, code_of) = universe(table, predictions)?;
    let records = Records { table, rows, unit: &sample.unit, weight: &sample.weight, group: &sample.group };
    let tally = Tally::of(&records, predictions, &code_of, &request.thresholds, request.automation.surety);
    let levels = levels(table, &universe, request);
    let answers = Answers::of(table, rows, predictions, &code_of, request.automation.surety);
    let paths = Paths::of(&universe, &table.levels.iter().filter(|l| request.code_levels.contains(&l.name)).collect::<Vec<_>>());
    let scored = Scored::of(&answers, &levels, universe.len(), predictions, &code_of);
    let engine = Engine { sample, tally: &tally, universe: &universe, levels, request, ranked: predictions.kept };
    let mut measures = engine.overall();
    measures.extend(by_record(&engine, &answers, paths.as_ref()));
    measures.extend(at_levels(&engine, &answers));
    measures.extend(summed::measures(&engine, predictions, &code_of, &answers));
    measures.extend(suggestions::measures(&engine, predictions, &code_of, &answers.truth));
    measures.extend(engine.codes());
    let mut spreads = Vec::new();
    for number in 0..sample.groupings.len() {
        let (of_groups, spread) = engine.grouping(number);
        measures.extend(of_groups);
        spreads.extend(spread);
        measures.extend(engine.fairness(number));
    }
    let confusions = engine.confusions();
    let confused = engine.confused();
    let mut codes: BTreeSet<String> = measures.iter().filter_map(|m| m.code.clone()).collect();
    codes.extend(confusions.iter().flat_map(|c| [c.truth.clone(), c.predicted.clone()]));
    codes.extend(confused.iter().flat_map(|l| l.codes.iter().cloned().chain(l.frequent.iter().flat_map(|c| [c.truth.clone(), c.predicted.clone()]))));
    let (reliability, notes) = (engine.reliability(), notes(table, rows, trained, &tally));
    let details = || measures.iter().filter_map(|m| m.contrast.as_ref()?.detail.as_ref());
    codes.extend(details().filter_map(|d| d.code.clone()));
    codes.extend(details().filter_map(|d| d.within.as_ref()?.value.clone().filter(|v| table.labels.contains_key(v))));
    Ok(Measured { right: answers.right.clone(), scored, reliability, notes, measures, spreads, confusions, confused, codes, answers, universe })
}

/// All codes of the evaluation, sorted, and where the predictions' codes are among them.
pub fn universe(table: &Table, predictions: &Predictions) -> Result<(Vec<String>, Vec<u32>), Failure> {
    let mut universe = table.codes.clone();
    let known: HashMap<&str, u32> = table.codes.iter().enumerate().map(|(i, c)| (c.as_str(), i as u32)).collect();
    let mut code_of = Vec::with_capacity(predictions.codes.len());
    for code in &predictions.codes {
        match known.get(code.as_str()) {
            Some(&number) => code_of.push(number),
            None if table.framed => {
                let remedy = "translate the model's codes to the code frame's, or evaluate with the frame it was trained on; leading zeros may have been lost";
                return Err(Problem::new(Class::Model, format!("the candidate gives code `{code}`, which is not in the code frame")).remedy(remedy).into());
            }
            None => {
                code_of.push(universe.len() as u32);
                universe.push(code.clone());
            }
        }
    }
    Ok((universe, code_of))
}

/// The levels to evaluate, coarsest first, the full code last.
pub fn levels(table: &Table, universe: &[String], request: &Request) -> Vec<Level> {
    let mut levels: Vec<Level> = table
        .levels
        .iter()
        .filter(|l| request.code_levels.contains(&l.name))
        .map(|level| {
            let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
            let ancestor = universe
                .iter()
                .map(|code| {
                    let prefix: String = code.chars().take(level.digits).collect();
                    (prefix.chars().count() == level.digits).then(|| {
                        let next = numbers.len() as u32;
                        *numbers.entry(prefix).or_insert(next)
                    })
                })
                .collect();
            let mut labels = vec![String::new(); numbers.len()];
            numbers.into_iter().for_each(|(prefix, number)| labels[number as usize] = prefix);
            Level { name: Some(level.name.clone()), ancestor, labels }
        })
        .collect();
    levels.push(Level { name: None, ancestor: (0..universe.len() as u32).map(Some).collect(), labels: universe.to_vec() });
    levels
}

fn notes(table: &Table, rows: &[u32], trained: &BTreeSet<u32>, tally: &Tally) -> Vec<String> {
    let mut notes = Vec::new();
    let unseen: Vec<u32> = rows.iter().map(|&r| table.truth[r as usize]).filter(|t| !trained.contains(t)).collect();
    if !unseen.is_empty() {
        let codes: BTreeSet<u32> = unseen.iter().copied().collect();
        notes.push(format!(
            "{} test {} a true code that never occurs in training ({}); no trained candidate can give it, and it is counted as wrong.",
            grouped(unseen.len()),
            if unseen.len() == 1 { "record has" } else { "records have" },
            if codes.len() == 1 { "one code".to_owned() } else { format!("{} codes", codes.len()) }
        ));
    }
    if tally.uncoded > 0 {
        notes.push(format!("{} test records were left without a code by the candidate; they are counted as wrong.", tally.uncoded));
    }
    notes
}
