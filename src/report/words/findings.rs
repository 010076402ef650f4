//! Words on findings: margins and families.

use crate::judge::{Shared, Sharing};
use crate::report::format::count;

/// An undecided bound.
pub const BOUND_INSIDE: &str = " The bound lies inside the interval, so these records cannot tell.";
/// An undecided margin.
pub const MARGIN_INSIDE: &str = " The margin lies between the two bounds, so these records cannot tell.";

/// How far a true difference must be from a margin for these records to settle it.
pub fn detectable(distance: &str) -> String {
    format!("Records like these settle it with a chance of 80 % only when the true difference is {distance} or more away from the margin.")
}

/// How a family shared its level.
pub fn family(share: &Shared, low: &str, high: &str) -> String {
    let (name, n) = (&share.family, count(share.findings));
    let how = match share.method {
        Sharing::Holm => "share a level by Holm's method: step by step, each finding that is decided leaves more of it to the others",
        Sharing::Bonferroni => "share a level by Bonferroni's method: the same for each",
        Sharing::MaxT => {
            "share a level step by step by max-T, with Šidák's level: right for normal estimates whatever their correlations, and a little wider than need be where they are correlated"
        }
        Sharing::BenjaminiHochberg => {
            "are explored by Benjamini and Hochberg's method: about one in twenty of the decided ones may be wrong at a level of 95 %"
        }
    };
    let levels = if low == high { format!("at {low}") } else { format!("at {low} to {high}") };
    format!("Family “{name}”: its {n} findings with an estimate {how}. They were judged {levels}.")
}
