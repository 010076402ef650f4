//! Finds the records that a candidate's figures would be published of, or says why there are none.

use super::prepare::Prepared;
use crate::measure::{Published, Uncoded, publish};
use crate::model::Predictions;
use crate::value::{Failure, Reason, Undefined};

/// What would be published of the records without a true code: `test` are candidate number `number`'s codes of the test part, and `target` those of
/// [`Prepared::target`] for a candidate that is trained here.
///
/// # Errors
/// Codes that the code frame does not have.
pub fn published(prepared: &Prepared, number: usize, test: &Predictions, target: Option<&Predictions>) -> Result<Published, Failure> {
    let Prepared { table, study, split, .. } = prepared;
    let unlabelled = (table.rows - table.labelled().len()) as u64;
    let found = match (&prepared.read_targets[number], target) {
        (Some((rows, predictions)), _) => Some((rows.as_slice(), predictions)),
        (None, Some(predictions)) => Some((prepared.target.as_slice(), predictions)),
        (None, None) => None,
    };
    let none = |why: &str| Err(Undefined { reason: Reason::NoRecords, why: why.to_owned(), n: unlabelled });
    let target = match found {
        _ if unlabelled == 0 => none("every record of the data has a true code"),
        _ if prepared.target.is_empty() => none("no record without a true code has a weight and its place in the sampling design"),
        Some((rows, predictions)) if !rows.is_empty() => Ok(Uncoded { rows, predictions, left_out: unlabelled - rows.len() as u64 }),
        _ => none("the predictions file has none of the records without a true code"),
    };
    publish(table, &study.dataset, &study.request, (&split.test, test), target, study.seed)
}
