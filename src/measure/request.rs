//! What to evaluate: groups, levels, thresholds, confidence level.

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
