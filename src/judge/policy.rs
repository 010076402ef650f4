//! The policy: gates on estimates, written before the results.

use crate::measure::Promise;
use crate::metric::Better;
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
    /// A difference from another candidate may be worse by less than this margin: the bound of the interval on the worse side is judged.
    NonInferiorBy(f64),
    /// A difference from another candidate must lie within this margin either way: two one-sided tests.
    EquivalentWithin(f64),
}

impl Bound {
    /// The values of a metric that the bound allows: (lowest, highest), none where there is no limit.
    #[must_use]
    pub fn allowed(self, metric: &str) -> (Option<f64>, Option<f64>) {
        let lower_is_better = crate::metric::find(metric).is_some_and(|m| m.better == Better::Lower);
        match self {
            Self::AtLeast(bound) => (Some(bound), None),
            Self::AtMost(bound) => (None, Some(bound)),
            Self::NonInferiorBy(margin) if lower_is_better => (None, Some(margin)),
            Self::NonInferiorBy(margin) => (Some(-margin), None),
            Self::EquivalentWithin(margin) => (Some(-margin), Some(margin)),
        }
    }

    /// The margin, where it is one: then the level is that of each one-sided bound.
    #[must_use]
    pub fn margin(self) -> Option<f64> {
        match self {
            Self::NonInferiorBy(margin) | Self::EquivalentWithin(margin) => Some(margin),
            Self::AtLeast(_) | Self::AtMost(_) => None,
        }
    }
}

/// How a family's findings share one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// Step-down: each finding that is decided leaves more of the level to the others.
    #[default]
    Holm,
    /// The same share for each.
    Bonferroni,
    /// Step-down at Šidák's level, which bounds the largest of normal statistics whatever their correlations.
    MaxT,
    /// The expected share of wrong findings among the decided ones stays within the level: for exploring only.
    BenjaminiHochberg,
}

/// A family of gates whose findings share one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The name that gates give in `family`.
    pub id: String,
    /// How the level is shared.
    pub method: Sharing,
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
    /// Confidence threshold, for metrics at one; absent with `at_chosen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// True for the threshold that was chosen on the tuning part, whatever it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_chosen: bool,
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
    /// Confidence level of the interval that is judged; for margins, of each one-sided bound.
    pub level: f64,
    /// How much it weighs.
    pub severity: Severity,
    /// The family of gates it belongs to: the level is shared among the findings of a family by [`Policy::sharing`]; absent for none.
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
    /// What a threshold chosen on the tuning part must promise, instead of a fixed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic_promise: Option<Promise>,
    /// The families that say how they share their level; others share it by Holm's method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<Family>,
    /// The gates, in order.
    pub gates: Vec<Gate>,
    /// SHA-256 of the file the policy was read from, in hexadecimal.
    pub digest: String,
}

impl Policy {
    /// How a family's findings share their level.
    #[must_use]
    pub fn sharing(&self, family: &str) -> Sharing {
        self.families.iter().find(|f| f.id == family).map_or(Sharing::default(), |f| f.method)
    }
}
