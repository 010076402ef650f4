//! What the section on confusions says.

use crate::report::disclosure::MINIMUM_CELL;
use crate::report::locale::{Words, say};

/// Codes given instead, and that there are counts that are hidden.
pub fn instead(w: &Words, shown: Vec<String>, hidden: bool) -> String {
    let list = shown.join(&say!(w, "list-semicolon"));
    match (shown.is_empty(), hidden) {
        (true, true) => say!(w, "suppressed"),
        (true, false) => say!(w, "none"),
        (false, true) => say!(w, "confusions-rest", list = list),
        (false, false) => list,
    }
}

/// What the plot shows.
pub fn description(w: &Words, codes: usize, hidden: usize) -> String {
    let told = say!(w, "confusions-description", codes = codes);
    if hidden == 0 { told } else { format!("{told} {}", say!(w, "confusions-hidden", n = hidden)) }
}

/// That nothing may be shown of a level.
pub fn none(w: &Words, level: Option<&str>) -> String {
    match level {
        Some(level) => say!(w, "confusions-none-at", level = level, minimum_cell = MINIMUM_CELL),
        None => say!(w, "confusions-none", minimum_cell = MINIMUM_CELL),
    }
}
