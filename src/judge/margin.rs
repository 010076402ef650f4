//! Whether a difference shows that a candidate is not worse than another by more than a margin, outside a policy.

use super::judge::find;
use super::policy::{Bound, Gate, Severity};
use super::verdict::Finding;
use crate::measure::Measure;

/// The finding on a difference from another candidate: worse by less than `margin`, by the one-sided bound at `level`.
#[must_use]
pub fn not_worse(difference: &Measure, margin: f64, level: f64) -> Finding {
    let gate = Gate {
        id: "not-worse".to_owned(),
        metric: difference.metric.clone(),
        code_level: difference.code_level.clone(),
        code: None,
        threshold: None,
        at_chosen: false,
        versus: difference.versus.as_ref().map(|v| v.candidate.clone()),
        groups: Vec::new(),
        across: None,
        bound: Bound::NonInferiorBy(margin),
        level,
        severity: Severity::Warn,
        family: None,
        why: None,
    };
    find(&gate, difference, level, None, 1)
}
