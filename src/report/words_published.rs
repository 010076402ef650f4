//! English wording of the section on published figures.

use super::format::{count, fixed, level};
use crate::judge::Advice;
use crate::measure::{TargetFacts, Tested};

/// How to read the section.
pub const READ: &str = "Counting takes the model's codes as they are. The other three use the test part, which a person coded too, to correct them: the calibrated share \
assumes that the test part is like the records to be published, the misclassification estimator only that each code is confused with the others as often, and the difference \
estimator adds what counting misses in the test part. Corrected shares add up to 100 %, and one may come out below zero: publish zero then. Intervals take in the survey design and \
the size of the test part; that of the count only sampling error, never its bias.";

/// The advice, in a sentence or two.
pub fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::NothingToPublish => {
            "No estimator can be advised: that needs the records that would be published, and the data hold none without a true code. Add them to the data with an empty code, \
and the card shows what to publish of them. Until then it shows what counting would do to figures of records like those of the test part."
        }
        Advice::Calibration => {
            "Publish the calibrated shares, not the counts. The codes that the candidate gives are distributed alike in the test part and in the records to be published, as far as \
can be seen, and then the calibration estimator is the most precise. That no difference is seen does not prove that there is none."
        }
        Advice::Misclassification => {
            "Do not publish the counts, nor the calibrated shares: the codes that the candidate gives are distributed differently in the records to be published than in the test part. If only \
the shares of codes have changed, the misclassification estimator is still right, and is the one to publish. If the meaning of answers has changed as well, nothing here is right, \
and without true codes the two cannot be told apart: have a random sample of the new records coded by people."
        }
        Advice::CodeNewRecords => {
            "Publish none of these figures yet: the codes that the candidate gives are distributed differently in the records to be published than in the test part, and the estimator that \
would bear that cannot be used here. Have a random sample of the new records coded by people, or take a coarser code level."
        }
        Advice::CannotTell => {
            "It cannot be told whether the test part is like the records to be published, so no estimator can be advised. Have more records coded by people, in more sampling units."
        }
    }
}

/// What the target is.
pub fn target(t: &TargetFacts) -> String {
    let what = if t.census {
        "They are taken to be all there are, so that counting them has no sampling error"
    } else {
        "They are taken to be a sample of the population, drawn as the test part was"
    };
    let uncoded = if t.uncoded == 0 { String::new() } else { format!(" The candidate leaves {} of them without a code.", few(t.uncoded)) };
    let left = if t.left_out == 0 {
        String::new()
    } else {
        format!(
            " {} other records without a true code are left out: they lack a weight, a place in the sampling design, or a line in the predictions file.",
            few(t.left_out)
        )
    };
    format!("{} records without a true code would be published. {what}.{uncoded}{left}", count(t.records))
}

/// A number of records, unless it is small.
fn few(n: u64) -> String {
    if n < super::disclosure::MINIMUM_CELL { format!("fewer than {}", super::disclosure::MINIMUM_CELL) } else { count(n) }
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".into() } else { format!("p = {}", fixed(p, 3)) }
}

/// What the test for a shift says.
pub fn shift(test: &Tested) -> String {
    match test {
        Tested::F { statistic, df, denominator_df, p, distance } => format!(
            "Test part and records to be published differ in {} % of the weight by given code (Wald test under the survey design: F = {} on {} and {} degrees of freedom, {}).",
            fixed(100.0 * distance, 1),
            fixed(*statistic, 2),
            fixed(*df, 0),
            fixed(*denominator_df, 0),
            p_value(*p)
        ),
        Tested::Undefined(u) => format!("Whether test part and records to be published are alike could not be tested: {}.", u.why),
    }
}

/// What the test of errors by group says, and which rates are used.
pub fn error_rates(grouping: &str, test: &Tested, pooled: bool) -> String {
    let used = if pooled { "error rates of the whole test part are used for every group" } else { "each group's own error rates are used" };
    match test {
        Tested::F { p, .. } if pooled => {
            format!("{grouping}: no difference is seen in how often records of the same code are coded right ({}), so {used}.", p_value(*p))
        }
        Tested::F { p, .. } => format!("{grouping}: records of the same code are not coded right equally often ({}), so {used}.", p_value(*p)),
        Tested::Undefined(u) => format!("{grouping}: whether errors differ could not be tested ({}), so {used}.", u.why),
    }
}

/// That there is no misclassification estimator, and why.
pub fn refused(why: &str) -> String {
    format!("The misclassification estimator is refused: {why}.")
}

/// How far errors grow in the inversion, and what was put together for it.
pub fn condition(number: f64, pooled: u64) -> String {
    let rare = match pooled {
        0 => String::new(),
        n => format!(" For it {n} codes with few test records are put together, and have no figure of their own."),
    };
    format!(
        "The matrix of error rates has the condition number {}: the larger it is, the more the misclassification estimator magnifies errors in them.{rare}",
        fixed(number, 1)
    )
}

/// What counting would misplace.
pub fn distance(cell: &str) -> String {
    format!("If the candidate's codes were counted as they are, {cell} of the weight would stand under a wrong code.")
}

/// The worst real coverage of counted shares.
pub fn coverage(at: f64, code: &str, cell: &str, has_target: bool) -> String {
    let start = if has_target { "An interval" } else { "In a survey of the test part's size, an interval" };
    format!(
        "{start} at level {} around the counted share of code {code} would hold the true share with a probability of {cell}; that is the worst code, picked after looking.",
        level(at)
    )
}

/// Captions and folds.
pub mod caption {
    /// The table of shares.
    pub const SHARES: &str = "Shares by code, by four estimators";
    /// The table without a target.
    pub const BIAS: &str = "What counting does to shares, on the test part";
    /// Groups.
    pub const DOMAINS: &str = "Shares by group and code";
    /// The fold over groups.
    pub const DOMAINS_FOLD: &str = "Shares by group";
}
