//! What a card tells, as values: every estimate that may be shown, and what the study says of purpose, people, data and model; for exports.
//!
//! Filled after disclosure control: a figure that is hidden on the page has no value here. What is not known is absent; nothing is made up.

use serde::{Deserialize, Serialize};

/// The values behind a card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Every estimate, or why it has none.
    pub estimates: Vec<Figures>,
    /// Purpose, collection and people: (key, text).
    pub purpose: Vec<(String, String)>,
    /// The factors by which the collection may miss part of the population.
    pub collection: Vec<(String, String)>,
    /// Who answers for it: (role, name).
    pub people: Vec<(String, String)>,
    /// The model.
    pub model: ModelFacts,
    /// The data.
    pub data: DataSheet,
    /// The policy's title.
    pub policy: String,
    /// Who set the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_owner: Option<String>,
    /// Months after which the decision expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after_months: Option<u64>,
    /// When the evidence was made, UTC, RFC 3339.
    pub evaluated: String,
    /// The command that makes the evidence again.
    pub command: String,
    /// The root seed.
    pub seed: u64,
    /// SHA-256 in hexadecimal of study, candidate, policy, evidence and verdict.
    pub digests: Vec<(String, String)>,
    /// The machine that trained it.
    pub machine: String,
    /// How well the machine's energy is known.
    pub energy_tier: String,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What nobody looked at.
    pub not_examined: Vec<String>,
}

/// The model, as far as the study says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFacts {
    /// The recipe's kind.
    pub kind: String,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended_use: Option<String>,
    /// What it is not meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_scope: Option<String>,
    /// Settings and facts: (name, value).
    pub settings: Vec<(String, String)>,
}

/// The data set, as far as its description says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSheet {
    /// Its title.
    pub title: String,
    /// (name, text), e.g. ("licence", "…").
    pub description: Vec<(String, String)>,
    /// Records for training, tuning and test.
    pub parts: [u64; 3],
    /// How the parts were made.
    pub split: String,
    /// The sampling design.
    pub design: String,
    /// Names of the code levels.
    pub code_levels: Vec<String>,
    /// Variables of the groups compared.
    pub groups: Vec<String>,
    /// Files: (name, SHA-256).
    pub files: Vec<(String, String)>,
}

/// One estimate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Id of the metric.
    pub metric: String,
    /// What it is of: "all", "group", "code", "comparison", "candidates", "published" or "cost".
    pub scope: String,
    /// The code level.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// The code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The group: (variable, value).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group: Vec<(String, String)>,
    /// What is compared, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub compared: String,
    /// "estimate", "undefined", "too few records" or "suppressed".
    pub status: String,
    /// The value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Lower and upper bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<(f64, f64)>,
    /// The interval's level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The interval's method.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// Records (unweighted), where they may be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Effective number of records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_effective: Option<f64>,
    /// Why there is no value.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Facts {
    /// The estimate of a metric for the whole test part at the full code, if it may be shown.
    pub fn overall(&self, metric: &str) -> Option<&Figures> {
        let of = |f: &&Figures| f.metric == metric && ["all", "cost"].contains(&f.scope.as_str()) && f.level.is_empty() && f.threshold.is_none();
        self.estimates.iter().find(of).filter(|f| f.value.is_some())
    }

    /// A text under a key, if it was given.
    pub fn said<'a>(list: &'a [(String, String)], key: &str) -> Option<&'a str> {
        list.iter().find(|(k, _)| k == key).map(|(_, text)| text.trim()).filter(|t| !t.is_empty())
    }
}
