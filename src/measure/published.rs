//! What the evidence holds of published shares and totals: facts only; which estimator to publish is advice, made of them later.

use super::evidence::GroupCell;
use crate::value::{Outcome, Undefined};
use serde::{Deserialize, Serialize};

/// Shares and totals that would be published of records without a true code, by several estimators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The code level; absent for the full code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_level: Option<String>,
    /// The records that figures are published of; absent when there are none, for the reason in `missing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetFacts>,
    /// Why there is nothing to publish figures of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Undefined>,
    /// Whether the candidate's codes are distributed alike in the test part and in the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<Tested>,
    /// Half the sum of the absolute biases of counting over all codes, as the test part shows them: the share of weight in a wrong place.
    pub counting_distance: Outcome,
    /// For each grouping: whether the candidate's errors within true codes are alike in all its groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_rates: Vec<ErrorRates>,
    /// The figures: of the whole first, then of groups, then of columns.
    pub areas: Vec<Area>,
}

/// The records without a true code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetFacts {
    /// Records.
    pub records: u64,
    /// Sum of their weights.
    pub weight_sum: f64,
    /// True when they are all there are, so that counting them has no sampling error.
    pub census: bool,
    /// Records that the candidate leaves without a code.
    pub uncoded: u64,
    /// Records without a true code that are left out: no weight, stratum or PSU, or not in the predictions file.
    pub left_out: u64,
}

/// A test of equality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tested {
    /// Wald's F under the design.
    F {
        /// The statistic.
        statistic: f64,
        /// Degrees of freedom of the numerator: the contrasts tested.
        df: f64,
        /// Degrees of freedom of the denominator.
        denominator_df: f64,
        /// The p value.
        p: f64,
        /// How far apart the two are: ½ Σ|difference of shares| for distributions, the largest difference otherwise.
        distance: f64,
    },
    /// It could not be tested.
    Undefined(Undefined),
}

/// Whether errors differ between the groups of a grouping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRates {
    /// The variables.
    pub variables: Vec<String>,
    /// The test.
    pub test: Tested,
    /// True when the groups' figures use the error rates of the whole test part.
    pub pooled: bool,
}

/// Figures of the whole target or of a group, as shares of records or as totals of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// The group; absent for the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupCell>,
    /// The column whose totals these are; absent for shares of records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// Test records in it.
    pub test: u64,
    /// Target records in it.
    pub target: u64,
    /// Why it has no figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<Undefined>,
    /// Condition number of the matrix of misclassification rates, where one could be inverted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<f64>,
    /// Why there is no misclassification estimator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Undefined>,
    /// Given codes with few test records that the calibration estimator puts together.
    pub pooled_codes: u64,
    /// True codes with few test records that the misclassification estimator puts together, so that they have no figure of their own.
    pub pooled_true_codes: u64,
    /// The figures by code, in the order of the codes.
    pub codes: Vec<CodeFigures>,
}

/// The figures of one code. Those of the target are absent where there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeFigures {
    /// The code, cut to the level.
    pub code: String,
    /// Test records that truly have it.
    pub truly: u64,
    /// Test records that were given it.
    pub given: u64,
    /// Target records that were given it.
    pub target: u64,
    /// Classify and count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Outcome>,
    /// Calibration estimator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibrated: Option<Outcome>,
    /// Misclassification estimator; absent also where it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub misclassification: Option<Outcome>,
    /// Difference estimator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Outcome>,
    /// Bias of classify and count, as the test part shows it.
    pub bias: Outcome,
    /// Coverage that a nominal interval around the counted figure would have with that bias; absent where counting has no sampling error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Outcome>,
}
