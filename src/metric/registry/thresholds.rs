//! Metrics at a confidence threshold.

use crate::metric::{Better, Metric, Scope, Unit};

/// Metrics at a confidence threshold, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "coded-share",
        name: "Coded share",
        definition: "The automation rate: the share of the population's records that would be coded without a clerk, because the first code's confidence is at or above the threshold.",
        formula: "Σ w·1{c ≥ τ} / Σ w",
        range: "0 to 1",
        undefined: "the candidate gives no confidences, or no record in the domain",
        reading: "Higher saves clerks' time. Read it together with the coded accuracy at the same threshold.",
        reference: "Geifman & El-Yaniv 2017, NeurIPS 30, arXiv:1705.08500 (coverage)",
        better: Better::Higher,
        unit: Unit::Share,
        scope: Scope::Threshold,
    },
    Metric {
        id: "coded-accuracy",
        name: "Coded accuracy",
        definition: "The accuracy among the records that would be coded without a clerk, because the first code's confidence is at or above the threshold.",
        formula: "Σ w·1{c ≥ τ, f = y} / Σ w·1{c ≥ τ}",
        range: "0 to 1",
        undefined: "the candidate gives no confidences, or no record reaches the threshold",
        reading: "Higher is better. It usually rises with the threshold while the coded share falls.",
        reference: "Geifman & El-Yaniv 2017, NeurIPS 30, arXiv:1705.08500 (selective risk)",
        better: Better::Higher,
        unit: Unit::Share,
        scope: Scope::Threshold,
    },
    Metric {
        id: "false-confidence",
        name: "False confidence",
        definition: "Of the records whose first code is wrong, the share that no clerk would see, because its confidence is at or above the threshold.",
        formula: "Σ w·1{c ≥ τ, f ≠ y} / Σ w·1{f ≠ y}",
        range: "0 to 1",
        undefined: "the candidate gives no confidences, or no record is coded wrong (of a group: fewer than the study's minimum)",
        reading: "Lower is better. Where it is higher for a group, more of that group's errors pass unseen, even if its accuracy is the same.",
        reference: "El-Yaniv & Wiener 2010, JMLR 11, 1605–1641; Jones et al. 2021, ICLR, arXiv:2010.14134 (selective prediction and groups)",
        better: Better::Lower,
        unit: Unit::Share,
        scope: Scope::Threshold,
    },
];
