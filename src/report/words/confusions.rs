//! Wording of the section on confusions.

use super::count;
use crate::report::disclosure::MINIMUM_CELL;

/// In a cell that is hidden.
pub const HIDDEN: &str = "suppressed";
/// Codes with too few records for a row or column of their own.
pub const OTHERS: &str = "other codes";
/// The same in few characters.
pub const OTHER: &str = "other";
/// Name of the horizontal axis.
pub const GIVEN: &str = "code given";
/// Heading of the column of true codes.
pub const TRUE_CODE: &str = "True code";
/// Heading of the column of given codes.
pub const CODE_GIVEN: &str = "Code given";
/// Heading of the column of counts.
pub const OF_TRUE: &str = "Records with the true code";
/// Heading of the column of shares.
pub const SHARE: &str = "Share of the true code's weight";
/// Caption of the errors at the full code.
pub const FREQUENT: &str = "The most frequent errors";

/// Heading of a level's part.
pub fn at(level: &str) -> String {
    format!("At the level “{level}”")
}

/// Heading of the column of records coded right.
pub const RIGHT: &str = "Records coded so";
/// Heading of the column of codes given instead.
pub const INSTEAD: &str = "Given instead, with records";
/// For a true code that is given to too few records for a column, and for the other codes together.
pub const NEVER: &str = "not told";

/// Codes given instead, and that there are counts that are hidden.
pub fn instead(shown: Vec<String>, hidden: bool) -> String {
    match (shown.is_empty(), hidden) {
        (true, true) => HIDDEN.to_owned(),
        (true, false) => "none".to_owned(),
        (false, true) => format!("{}; the rest is {HIDDEN}", shown.join("; ")),
        (false, false) => shown.join("; "),
    }
}

/// Name of the plot.
pub fn title(level: &str) -> String {
    format!("True and given codes at the level “{level}”")
}

/// What the plot shows.
pub fn description(codes: usize, hidden: usize) -> String {
    let hidden = match hidden {
        0 => String::new(),
        1 => " One count is suppressed; its place is left empty.".to_owned(),
        n => format!(" {} counts are suppressed; their places are left empty.", count(n as u64)),
    };
    format!(
        "A row for each of {codes} true codes, a column for each code given. The fuller a cell, the larger its share of the row's records; framed cells are \
records coded right.{hidden}"
    )
}

/// Caption of the table beside the plot.
pub fn caption(level: &str) -> String {
    format!("Records by true code and code given at the level “{level}”")
}

/// Caption of the most frequent errors at a level.
pub fn frequent(level: &str) -> String {
    format!("The most frequent errors at the level “{level}”")
}

/// The fold over them.
pub fn fold(level: &str) -> String {
    format!("Show the errors at the level “{level}”")
}

/// That nothing may be shown of a level.
pub fn none(level: Option<&str>) -> String {
    let at = level.map_or_else(String::new, |level| format!(" at the level “{level}”"));
    format!("No errors{at} can be listed: no two codes are confused in {MINIMUM_CELL} records or more without giving smaller counts away.")
}
