//! How evidence tells of comparisons between groups: which groups and codes, how many at once, and how much groups differ in all.

use crate::value::Interval;
use serde::{Deserialize, Serialize};

/// A comparison between the groups of one variable (or intersection of variables).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contrast {
    /// "difference", "ratio", "reference-difference" or "reference-ratio": ids of the registry; "gap" for a metric that is itself a comparison.
    pub kind: String,
    /// The variables whose groups are compared.
    pub variables: Vec<String>,
    /// Values of the group with the higher point estimate; of the group that is compared where the other is the study's reference.
    pub high: Vec<String>,
    /// Values of the group with the lower point estimate, or of the study's reference; empty where one group is compared with itself.
    pub low: Vec<String>,
    /// Groups compared.
    pub groups: u64,
    /// For a difference: its expected size if all groups were alike, from noise alone.
    pub expected_from_noise: Option<f64>,
    /// What else the comparison is of, where it is not of whole groups pair by pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

impl Contrast {
    /// How many comparisons the interval covers at once: all pairs of groups where nothing else is said.
    #[must_use]
    pub fn comparisons(&self) -> u64 {
        self.detail.as_ref().and_then(|d| d.comparisons).unwrap_or(self.groups * self.groups.saturating_sub(1) / 2).max(1)
    }
}

/// What a comparison between groups is of, beyond the groups.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// Comparisons that the interval covers at once: groups × codes searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparisons: Option<u64>,
    /// The code at which the groups are furthest apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The code level whose mix is held fixed: the finest at which the groups share enough codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mix: Option<String>,
    /// Codes that could be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
    /// Records (unweighted) of the smaller of the cells compared, or of both together where the comparison is of shares of whole groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest: Option<u64>,
    /// The control variable within whose levels groups are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// How much of the population a comparison by code covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Codes with enough records in at least two groups.
    pub codes: u64,
    /// Codes that occur.
    pub of: u64,
    /// Share of the groups' weight in the codes compared, 0 to 1.
    pub share: f64,
}

/// A control variable, or one of its levels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Within {
    /// A group variable, or a level of the code frame (then records are grouped by their true code there).
    pub control: String,
    /// One of its values; absent for the weighted average over all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// How much the groups of a grouping really differ in accuracy, all taken together. Groups without an estimate are not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The variables whose groups are compared.
    pub variables: Vec<String>,
    /// Groups compared.
    pub groups: u64,
    /// Wald's test that all groups are alike, as Korn and Graubard's adjusted F with Welch's correction for small groups; absent where it cannot be formed.
    pub test: Option<FTest>,
    /// Standard deviation of the groups' accuracies as they are.
    pub raw_sd: f64,
    /// What sampling noise alone would make that, as a root mean square of standard errors.
    pub noise_sd: f64,
    /// Variance between groups without noise, not truncated: below 0 where groups differ less than noise would make them.
    pub corrected_variance: f64,
    /// Its square root, or 0 where it is below 0.
    pub corrected_sd: f64,
    /// Interval of the standard deviation between groups (Q-profile); absent where a group has no variance.
    pub interval: Option<Interval>,
    /// Groups with their accuracies drawn towards the common mean, lowest first; empty where a group has no variance.
    pub ranking: Vec<Ranked>,
}

/// An F test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FTest {
    /// The statistic.
    pub f: f64,
    /// Degrees of freedom of the numerator.
    pub df: f64,
    /// Degrees of freedom of the denominator.
    pub denominator_df: f64,
    /// The p-value.
    pub p: f64,
}

/// A group in a ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranked {
    /// Value of each variable.
    pub values: Vec<String>,
    /// Accuracy as it is.
    pub accuracy: f64,
    /// Accuracy drawn towards the common mean as far as noise explains the spread (DerSimonian and Laird).
    pub shrunken: f64,
}
