//! The registry of documented metrics: what each is, when it is undefined, how to read it, where it comes from.
//!
//! Adding a metric is one entry here and, if it is not a function of the tallies' totals yet, one function in `measure`.
//! Tests iterate the table; `proofmark explain` and the card's glossary print the same text.

mod registry;

pub use registry::{METRICS, of_confidence, of_suggestions};

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Larger values are better.
    Higher,
    /// Smaller values are better.
    Lower,
    /// Values nearer zero are better.
    Zero,
    /// Neither: it describes.
    Neither,
}

/// What a metric's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share between 0 and 1, printed as a percentage.
    Share,
    /// A difference of shares, printed in percentage points.
    Points,
    /// A plain number.
    Number,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Joules.
    Joules,
    /// Grams of CO₂ equivalents.
    Grams,
    /// Money, in the study's currency.
    Money,
}

/// What a metric is computed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole test part and every group.
    Records,
    /// One code at a time.
    Code,
    /// A confidence threshold.
    Threshold,
    /// A way to compare the groups of a variable by another metric.
    Groups,
    /// The published figures as a whole.
    Published,
    /// Single published figures: told by the card, not by a gate.
    Figures,
    /// A comparison between the groups of a variable that is a metric itself.
    Gap,
    /// Each group of a variable, not the whole test part.
    Group,
    /// Records coded by two coders.
    Coders,
    /// The true codes, as the candidate sees them.
    Labels,
    /// Single words of answers: told by the card, not by a gate.
    Words,
    /// A comparison with another candidate on the same records.
    Candidates,
    /// The cost of a run.
    Cost,
}

/// One documented metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The name in study files, evidence and exports: lower case with hyphens.
    pub id: &'static str,
    /// The name for readers.
    pub name: &'static str,
    /// What it is, in one or two plain sentences.
    pub definition: &'static str,
    /// The formula, in the notation of `w` weights, `y` truth, `f` predicted code, `c` confidence.
    pub formula: &'static str,
    /// The values it can take.
    pub range: &'static str,
    /// When it has no value.
    pub undefined: &'static str,
    /// How to read it, with the usual misreading.
    pub reading: &'static str,
    /// A paper or standard.
    pub reference: &'static str,
    /// Which way is better.
    pub better: Better,
    /// What its values are.
    pub unit: Unit,
    /// What it is computed for.
    pub scope: Scope,
}

/// The metric with an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| m.id == id)
}
