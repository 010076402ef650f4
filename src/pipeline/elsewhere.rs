//! Predictions files: ranked codes of any form, matched to the test part, the tuning part and the records without a true code.

use crate::data::{Layout, Ranked, RawTable, Split, Table, ranked, ranked_lines};
use crate::model::{Predictions, PredictionsRecipe, from_ranked};
use crate::value::{Failure, grouped};
use std::collections::HashSet;

/// A candidate's predictions, read from its file.
pub struct ReadPredictions {
    /// Of the test part.
    pub test: Predictions,
    /// Of the tuning part, or why there are none.
    pub tune: Result<Predictions, String>,
    /// What a reader must know of them.
    pub notes: Vec<String>,
    /// SHA-256 of the file.
    pub digest: String,
}

/// Rows without a true code, and their codes.
pub type Targeted = (Vec<u32>, Predictions);

/// What a predictions file says, in whichever form it says it; `raw` is the file as a table, if it is one.
pub fn ranked_of(recipe: &PredictionsRecipe, raw: &RawTable, written: &str, bytes: &[u8]) -> Result<Ranked, Failure> {
    if PredictionsRecipe::lines(&recipe.path) {
        return ranked_lines(written, bytes);
    }
    let layout = match recipe.codes.as_slice() {
        [code] if recipe.long => Layout::Long { code: code.clone(), confidence: recipe.confidences.first().cloned() },
        codes => Layout::Wide { codes: codes.to_vec(), confidences: recipe.confidences.clone() },
    };
    ranked(raw, &recipe.id, &layout)
}

/// The predictions of the test part, of the tuning part, and of the records without a true code (`target`) that a file has.
pub fn of_file(ranked: &Ranked, table: &Table, split: &Split, target: &[u32], digest: &str) -> Result<(ReadPredictions, Targeted), Failure> {
    let there: HashSet<&str> = ranked.ids.iter().collect();
    let has = |row: &u32| there.contains(table.ids.get(*row as usize));
    let matched = from_ranked(ranked, &table.ids, &split.test)?;
    let uncoded: Vec<u32> = target.iter().copied().filter(has).collect();
    let targeted = from_ranked(ranked, &table.ids, &uncoded)?.predictions;
    let found = split.tune.iter().filter(|row| has(row)).count();
    let tune = if split.tune.is_empty() {
        Err("there is no tuning part to choose on".to_owned())
    } else if found < split.tune.len() {
        // A choice on some of them might be a choice on easy ones.
        let (found, all) = (grouped(found), grouped(split.tune.len()));
        Err(format!("the predictions file has {found} of the {all} records of the tuning part, and all are needed to choose on"))
    } else {
        from_ranked(ranked, &table.ids, &split.tune).map(|m| m.predictions).map_err(|_| "the predictions of the tuning part cannot be read".to_owned())
    };
    let notes = not_probabilities(matched.off, split.test.len());
    Ok((ReadPredictions { test: matched.predictions, tune, notes, digest: digest.to_owned() }, (uncoded, targeted)))
}

/// That confidences of all codes are no probabilities, where they do not add up to 1.
fn not_probabilities(off: usize, all: usize) -> Vec<String> {
    let note = format!(
        "For {} of {} test records the confidences of all codes do not add up to 1. They are taken as confidences and not as probabilities: they set thresholds, but log loss, Brier score and suggestions have no value.",
        grouped(off),
        grouped(all)
    );
    if off > 0 { vec![note] } else { Vec::new() }
}
