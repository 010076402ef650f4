//! Gates, policy, findings and the decision.

mod advice;
mod family;
#[expect(clippy::module_inception, reason = "the stage's one public function lives in a file of its name")]
mod judge;
mod margin;
mod policy;
mod settle;
mod verdict;

pub use advice::{Advice, advice};
pub use judge::{automatic_threshold, judge};
pub use margin::not_worse;
pub use policy::{Across, Bound, Family, Gate, Policy, Severity, Sharing};
pub use verdict::{Condition, Decision, Finding, Shared, Status, VERDICT_FORMAT, Verdict};
