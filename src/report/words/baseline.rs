//! Wording on the approved model that a candidate is compared with.

/// What is said in CI outputs of the difference from the approved model.
pub const AGAINST: &str = "Against the approved model";
