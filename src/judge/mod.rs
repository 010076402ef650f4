//! Gates, policy, findings and the decision.

mod advice;
#[expect(clippy::module_inception, reason = "the stage's one public function lives in a file of its name")]
mod judge;
mod policy;
mod verdict;

pub use advice::{Advice, advice};
pub use judge::{automatic_threshold, judge};
pub use policy::{Across, Bound, Gate, Policy, Severity};
pub use verdict::{Condition, Decision, Finding, Status, VERDICT_FORMAT, Verdict};
