//! What a candidate looks at in texts, where it can be asked.

use super::brought::Brought;
use super::prepare::Prepared;
use crate::measure::{TokenQuestion, Tokens, tokens};
use crate::model::{Coder, Input};
use crate::value::Failure;

/// Asks a model about words; a program of somebody else's is not run for that.
pub fn looked_at(prepared: &Prepared, coder: &dyn Coder, brought: Option<&Brought>, test: &Input<'_>) -> Result<Option<Tokens>, Failure> {
    if matches!(brought, Some(Brought::Program(_))) {
        return Ok(None);
    }
    let Prepared { table, split, sample, study, .. } = prepared;
    tokens(&TokenQuestion { coder, input: test, train: &split.train, truth: &table.truth, codes: &table.codes, sample, request: &study.request })
}
