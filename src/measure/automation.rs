//! What is asked about automatic coding, and what the tuning part settled for one candidate.

use super::evidence::GroupCell;
use crate::value::Outcome;
use serde::{Deserialize, Serialize};

/// Coverage of the clerk's list of suggestions when the study asks for none.
pub const SUGGESTION_COVERAGE: f64 = 0.9;

/// What a candidate's confidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surety {
    /// The confidence of its first code.
    #[default]
    Top,
    /// The confidence of its first code less that of its second.
    Margin,
}

impl Surety {
    /// Whether confidence is that of the first code.
    #[must_use]
    pub fn is_top(&self) -> bool {
        *self == Self::Top
    }
}

/// A promise about records coded without a clerk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Greatest share of the records coded without a clerk that may be wrong, in (0, 1).
    pub error_at_most: f64,
    /// Probability, over the draw of the tuning part, with which the chosen threshold keeps to it.
    pub confidence: f64,
}

/// What is asked about automatic coding, and what was settled before the test part was looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Automation {
    /// What confidence means.
    pub surety: Surety,
    /// The promise for which a threshold is to be chosen, if any.
    pub promise: Option<Promise>,
    /// Coverage that the study asks of the list of suggestions; [`SUGGESTION_COVERAGE`] without.
    pub suggestion_coverage: Option<f64>,
    /// What the tuning part settled for a candidate.
    pub settled: Settled,
}

impl Automation {
    /// Whether the study asks for something that only records kept from calibration can promise.
    #[must_use]
    pub fn keeps_records_apart(&self) -> bool {
        self.promise.is_some() || self.suggestion_coverage.is_some()
    }
}

/// What the tuning part settled for one candidate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settled {
    /// Thresholds chosen for coarser code levels: (level, threshold).
    pub levels: Vec<(String, f64)>,
    /// The rule for the list of suggestions.
    pub suggestions: Option<Suggestions>,
}

/// How the threshold for coding without a clerk was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutomaticChoice {
    /// What was to be promised.
    pub promise: Promise,
    /// Records of the tuning part that it was chosen on.
    pub records: u64,
    /// True when these records served for nothing else here; false when the codes were made elsewhere and that is not known.
    pub apart: bool,
    /// The choice for the full code, then for coarser levels, finest first.
    pub levels: Vec<LevelChoice>,
}

impl AutomaticChoice {
    /// The threshold for the full code, if one could be chosen.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        self.levels.iter().find(|l| l.code_level.is_none()).and_then(|l| l.choice.threshold())
    }
}

/// The choice for codes of one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelChoice {
    /// The level; absent for the full code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_level: Option<String>,
    /// What could be chosen.
    pub choice: Choice,
}

/// A threshold, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The smallest threshold of the grid that keeps the promise.
    Threshold {
        /// The threshold: records with confidence at or above it are coded without a clerk.
        threshold: f64,
        /// Tuning records that reach it.
        accepted: u64,
        /// Weighted share of them coded wrong.
        risk: f64,
        /// Upper bound of that share at the promise's confidence.
        upper: f64,
    },
    /// None keeps it.
    NoThreshold {
        /// Why, in words for a reader.
        why: String,
        /// About how many tuning records would be needed, were the shares of error to stay; absent where none would do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        records_needed: Option<u64>,
    },
}

impl Choice {
    /// The threshold, if there is one.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        match self {
            Self::Threshold { threshold, .. } => Some(*threshold),
            Self::NoThreshold { .. } => None,
        }
    }
}

/// The rule for the clerk's list of suggestions: every code whose LAC score, 1 − its probability, is at or below the cutoff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestions {
    /// Share of records whose list is to hold the true code.
    pub coverage: f64,
    /// Tuning records that the rule was made of.
    pub records: u64,
    /// True when these records served for nothing else here.
    pub apart: bool,
    /// The cutoff; absent when every code must be listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<f64>,
}

/// What is coded without a clerk once the records that a decision's conditions send to clerks are taken out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remaining {
    /// The threshold.
    pub threshold: f64,
    /// Groups whose records always go to a clerk.
    pub groups: Vec<GroupCell>,
    /// Codes whose records always go to a clerk.
    pub codes: Vec<String>,
    /// Test records that reach the threshold but go to a clerk all the same.
    pub taken_out: u64,
    /// Coded share of what remains, of all records.
    pub coded_share: Outcome,
    /// Coded accuracy of what remains.
    pub coded_accuracy: Outcome,
}
