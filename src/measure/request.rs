//! What to evaluate: groups, levels, thresholds, confidence level.

use super::automation::Automation;
use super::totals_request::Totals;

/// One grouping of respondents: one variable, or several for an intersection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grouping {
    /// Columns of the data set.
    pub variables: Vec<String>,
    /// Values that must occur in the test part, for a single variable; empty for all that occur.
    pub values: Vec<String>,
    /// The value whose group all others are compared with, for a single variable; must occur in the test part.
    pub reference: Option<String>,
    /// Control variables: group variables, or names of evaluated code levels, within whose levels the groups are compared.
    pub within: Vec<String>,
}

/// What to evaluate.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Confidence level of all intervals, e.g. 0.95.
    pub level: f64,
    /// Groupings.
    pub groupings: Vec<Grouping>,
    /// Names of code levels to evaluate besides the full code; must exist in the code frame.
    pub code_levels: Vec<String>,
    /// Fewest test records of a group that gets estimates.
    pub minimum_group: u64,
    /// Resampling replicates for metrics without a closed form.
    pub replicates: u64,
    /// Confidence thresholds in [0, 1), ascending.
    pub thresholds: Vec<f64>,
    /// What to do with a stratum that has one PSU.
    pub lonely_psu: LonelyPsu,
    /// Where variances come from.
    pub variance: Variance,
    /// Intervals of proportions.
    pub interval: Proportions,
    /// Published shares and totals to examine.
    pub totals: Totals,
    /// What is asked about automatic coding, and what the tuning part settled.
    pub automation: Automation,
}

/// What a study evaluates that does not say: no groups, no code level above the full code, no threshold.
impl Default for Request {
    fn default() -> Self {
        Self {
            level: 0.95,
            groupings: Vec::new(),
            code_levels: Vec::new(),
            minimum_group: 30,
            replicates: 1000,
            thresholds: Vec::new(),
            lonely_psu: LonelyPsu::Fail,
            variance: Variance::default(),
            interval: Proportions::default(),
            totals: Totals::default(),
            automation: Automation::default(),
        }
    }
}

/// Where variances come from, unless the data set has replicate weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variance {
    /// Taylor linearisation; the jackknife for macro-F1 and the bootstrap for the calibration error.
    #[default]
    Linearised,
    /// The stratified jackknife of PSUs.
    Jackknife,
    /// Balanced half-samples of two PSUs a stratum.
    HalfSamples,
    /// The rescaled bootstrap of PSUs.
    Bootstrap,
}

/// Intervals of proportions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proportions {
    /// Wilson without a design, Korn–Graubard with one.
    #[default]
    ByDesign,
    /// Student's t on the logit scale.
    Logit,
    /// Clopper–Pearson, for independent records of equal weight.
    ClopperPearson,
    /// Student's t.
    Student,
}

/// What to do with a stratum that has one sampled PSU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LonelyPsu {
    /// Stop with an error.
    Fail,
    /// Leave the stratum out of the variance (R survey's "remove" and "certainty").
    Remove,
    /// Centre at the mean of all PSUs (R survey's "adjust").
    Adjust,
    /// Give the stratum the mean variance of the others (R survey's "average").
    Average,
}
