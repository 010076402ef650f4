//! Words on comparisons with other candidates.

use crate::report::format::{count, fixed};

/// What no difference does not show.
pub const NOT_WORSE_SHOWN: &str = "Where it says “cannot tell”, these records show neither a difference nor that there is none; a gate with a margin (non_inferior_by, equivalent_within) can show that a difference is small enough.";

/// The question that the differences by group answer.
pub const WORSE_FOR_ANYONE: &str = "Is it worse for anyone?";
/// When a difference in a group counts.
pub const GROUPS_COUNT: &str = "A group counts as more or less often right only if the difference stays clear after Holm's adjustment for all groups of the comparison; intervals in the table are not adjusted.";

/// A p-value as it is printed.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "below 0.001".into() } else { fixed(p, 3) }
}

/// In how many groups a candidate is more and less often right than another, and in which less.
pub fn groups_told(other: &str, told: usize, more: usize, less: &[String]) -> String {
    let head = format!(
        "Against {other}, of {} groups with a figure: more often right in {}, less often in {}",
        count(told as u64),
        count(more as u64),
        count(less.len() as u64)
    );
    let which = if less.is_empty() { String::new() } else { format!(" ({})", less.join("; ")) };
    let rest = told - more - less.len();
    let rest = if rest == 0 { String::new() } else { format!("; for the other {} these records cannot tell", count(rest as u64)) };
    format!("{head}{which}{rest}.")
}
