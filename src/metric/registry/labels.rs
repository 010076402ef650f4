//! Metrics of true codes as the candidate sees them.

use crate::metric::{Better, Metric, Scope, Unit};

/// Metrics of true codes as the candidate sees them, in the order in which they are printed.
pub static METRICS: &[Metric] = &[Metric {
    id: "suspect-labels",
    name: "True codes that look wrong",
    definition: "The share of the weight whose true code looks wrong to the candidate: another code is the most probable of those that reach their usual probability (confident learning).",
    formula: "Σ w·1{j* ≠ y} / Σ w, j* = argmax pⱼ over codes j with pⱼ ≥ mean of pⱼ over the test records labelled j",
    range: "0 to 1",
    undefined: "the candidate does not give a probability for every code, or the group or code has too few records",
    reading: "A list of records to look at again, not a measure of error: a model cannot judge a code alone, and a poor model suspects good codes. Compare groups with care for the same reason.",
    reference: "Northcutt, Jiang & Chuang 2021, Confident learning, doi:10.1613/jair.1.12125",
    better: Better::Neither,
    unit: Unit::Share,
    scope: Scope::Labels,
}];
