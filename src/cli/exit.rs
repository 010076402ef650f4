//! Exit codes: how a run ended, for scripts and CI.

use crate::judge::Decision;
use crate::value::{Class, Failure};

/// Deploy, or deploy with conditions; for commands that decide nothing, success.
pub const DEPLOY: u8 = 0;
/// A `deny` gate is not met.
pub const REJECT: u8 = 1;
/// Usage, study, data, model or I/O error.
pub const COULD_NOT_EVALUATE: u8 = 2;
/// A `deny` gate is undecided: not enough evidence.
pub const UNDECIDED: u8 = 3;
/// A decision that is unsigned, expired or no longer matches its evidence.
pub const NOT_IN_FORCE: u8 = 4;

/// The codes as `--help` prints them.
pub const HELP: &str = "Exit codes:
  0  deploy, or deploy with conditions (for commands that decide nothing: success)
  1  reject: a `deny` gate is not met
  2  could not evaluate: usage, study, data, model or I/O error
  3  undecided: a `deny` gate is undecided, not enough evidence
  4  not in force: a decision that no longer matches its evidence";

/// The code of a decision.
pub fn of_decision(decision: Decision) -> u8 {
    match decision {
        Decision::Deploy | Decision::DeployWithConditions => DEPLOY,
        Decision::Reject => REJECT,
        Decision::Undecided => UNDECIDED,
    }
}

/// The decision in words.
pub fn words(decision: Decision) -> &'static str {
    match decision {
        Decision::Deploy => "deploy",
        Decision::DeployWithConditions => "deploy with conditions",
        Decision::Reject => "reject",
        Decision::Undecided => "undecided",
    }
}

/// The code of a failure.
pub fn of_failure(failure: &Failure) -> u8 {
    if failure.problems.iter().all(|p| p.class == Class::NotInForce) { NOT_IN_FORCE } else { COULD_NOT_EVALUATE }
}
