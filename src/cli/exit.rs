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

/// `measure` failed itself: what is wrong is told, and no cost file was written.
pub const MEASURE_FAILED: u8 = 125;
/// `measure` found the program but could not start it.
pub const NOT_STARTED: u8 = 126;
/// `measure` did not find the program.
pub const NOT_FOUND: u8 = 127;
/// Added to a signal's number where a signal ended the program.
pub const SIGNAL: i32 = 128;

/// The codes of `measure` as its `--help` prints them.
pub const MEASURE_HELP: &str = "The program runs with this terminal's input and output; its cost is told on standard error. The file holds
processor, system, clocks and figures, but neither the command nor names of the machine or of anybody.
A second phase (say, predict after fit) can be added to the same file. Cite it in a study: cost = \"cost.json\".

Exit codes: the program's own; 128 + n when signal n ended it; 125 when measuring failed, 126 when the
program could not be started, 127 when it was not found. Only of a program that ends with 0 is a file written.";
