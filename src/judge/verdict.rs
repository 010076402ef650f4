//! The verdict: findings that cite evidence, and the decision that follows from them.

use super::policy::{Bound, Policy, Severity, Sharing};
use crate::measure::Measure;
use serde::{Deserialize, Serialize};

/// The format's name and version; a reader refuses any other.
pub const VERDICT_FORMAT: &str = "proofmark-verdict/1";

/// The outcome of a gate on one estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The whole interval is on the wanted side of the bound.
    Met,
    /// The whole interval is on the other side.
    NotMet,
    /// The interval straddles the bound, or there is no estimate.
    Undecided,
}

/// How a finding shared the level of its family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// The family.
    pub family: String,
    /// The method.
    pub method: Sharing,
    /// Findings in the family.
    pub findings: u64,
    /// Findings that still shared the level when this one was judged.
    pub among: u64,
}

/// A gate's finding on one estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The gate's id.
    pub gate: String,
    /// Its severity.
    pub severity: Severity,
    /// Its bound.
    pub bound: Bound,
    /// Why the bound is what it is.
    pub why: Option<String>,
    /// What was found.
    pub status: Status,
    /// The estimate it cites, its interval at the gate's own level (after sharing the level in the family).
    pub measure: Measure,
    /// How the level was shared in its family; absent without a family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Shared>,
    /// For a margin: the p-value, not adjusted for a family, of the hypothesis that the difference is beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// For an undecided finding: about how many test records of this kind in all would settle it with a chance of 80 %, if the estimate stayed;
    /// absent when none would.
    pub records_needed: Option<u64>,
    /// About how many PSUs with such records that would be, at as many in each as here; absent where the design has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psus_needed: Option<u64>,
    /// For an undecided margin: how far inside or beyond it a true difference would have been settled by these records with a chance of 80 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detectable: Option<f64>,
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Every gate is met.
    Deploy,
    /// Every `deny` gate is met; the conditions say what else must hold.
    DeployWithConditions,
    /// A `deny` gate is not met.
    Reject,
    /// No `deny` gate is failed but one is undecided: not enough evidence.
    Undecided,
}

/// What must hold if the model is deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Only records with at least this confidence are coded without a clerk.
    ConfidenceAtLeast(f64),
    /// No record is coded without a clerk: no threshold could be promised to keep to the policy's share of errors.
    ClerkForAll,
    /// Records of this group always go to a clerk: (variables, values), because a `warn` gate is not met or undecided for it.
    ClerkForGroup {
        /// The variables.
        variables: Vec<String>,
        /// Their values.
        values: Vec<String>,
        /// The gate.
        gate: String,
    },
    /// Records given this code always go to a clerk.
    ClerkForCode {
        /// The code.
        code: String,
        /// The gate.
        gate: String,
    },
    /// Another `warn` gate is not met or undecided: the approver must accept it in writing.
    Accept {
        /// The gate.
        gate: String,
    },
    /// The decision expires so many months after it is signed.
    ExpiresAfterMonths(u32),
}

/// The judgement of one candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// [`VERDICT_FORMAT`].
    pub format: String,
    /// Name and version of the program.
    pub program: String,
    /// The candidate's id.
    pub candidate: String,
    /// SHA-256 of the evidence file it was made from, in hexadecimal.
    pub evidence_digest: String,
    /// The policy, whole.
    pub policy: Policy,
    /// The findings, in the order of the gates.
    pub findings: Vec<Finding>,
    /// The decision.
    pub decision: Decision,
    /// Conditions, if it is deployed.
    pub conditions: Vec<Condition>,
}
