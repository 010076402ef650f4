//! The policy: gates on estimates, written before the results.

use serde::{Deserialize, Serialize};

/// How much a gate weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The decision is `reject` when it is not met and `undecided` when it is undecided.
    Deny,
    /// The decision gets a condition when it is not met or undecided.
    Warn,
}

/// Which side of the bound is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The whole interval must be at or above it.
    AtLeast(f64),
    /// The whole interval must be at or below it.
    AtMost(f64),
}

/// What of a grouping a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Across {
    /// Every group by itself.
    Each,
    /// The largest difference between groups.
    Difference,
    /// The smallest ratio between groups.
    Ratio,
    /// Every group's difference from the study's reference group.
    ReferenceDifference,
    /// Every group's ratio to the study's reference group.
    ReferenceRatio,
}

/// One gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Its name in findings, unique in the policy.
    pub id: String,
    /// Id of the metric in the registry.
    pub metric: String,
    /// Name of the code level; absent for the full code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_level: Option<String>,
    /// The code or codes it looks at, for metrics of one code: "each" is not allowed, "*" is every code with enough records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Confidence threshold, for metrics at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Id of the other candidate, for differences from another candidate. A candidate is not compared with itself: it passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versus: Option<String>,
    /// Variables of a grouping of the study; empty for the whole test part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// What of the grouping; absent without groups, and for metrics that are comparisons of groups themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub across: Option<Across>,
    /// The bound.
    pub bound: Bound,
    /// Confidence level of the interval that is judged.
    pub level: f64,
    /// How much it weighs.
    pub severity: Severity,
    /// The family of gates it belongs to: the level is shared among the findings of a family (Bonferroni); absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Why the bound is what it is, for the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Title.
    pub title: String,
    /// Who set it.
    pub owner: Option<String>,
    /// Months from signing after which the decision expires.
    pub valid_months: Option<u32>,
    /// Confidence from which records are coded without a clerk, if the model is deployed.
    pub automatic_threshold: Option<f64>,
    /// The gates, in order.
    pub gates: Vec<Gate>,
    /// SHA-256 of the file the policy was read from, in hexadecimal.
    pub digest: String,
}
