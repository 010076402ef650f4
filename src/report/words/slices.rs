//! Words on the search for slices.

use crate::measure::Slices;
use crate::report::format::count;

/// How to read the search for slices.
pub const READ_SLICES: &str = "Many combinations of groups are searched, and the worst of many always looks bad. So the search uses one half of the test records, and only what it proposes \
is looked at in the other half, which knows nothing of the search. A combination is named only if that half shows a shortfall beyond its chance, for all that were proposed together. \
The figures are of the confirming half alone, without the records of slices tried before, so they differ from those of the same group above.";

/// What was searched.
pub fn searched(s: &Slices, columns: &str) -> String {
    let records = count(s.records_searched);
    let depth = if s.depth == 1 { "single groups".to_owned() } else { format!("groups and combinations of up to {} of them", s.depth) };
    format!(
        "{} {depth} by {columns}, with at least {} records in each half, were searched on {records} test records for lower accuracy than in the rest; the {} that stood out most were looked at \
in the other {} records.",
        count(s.searched),
        count(s.minimum),
        count(s.tried),
        count(s.records_confirming)
    )
}

/// Nothing was found, or not more.
pub fn found(confirmed: usize, detectable: Option<(String, String)>) -> String {
    let head = match confirmed {
        0 => "None was confirmed.".to_owned(),
        1 => "One was confirmed.".to_owned(),
        n => format!("{n} were confirmed."),
    };
    match detectable {
        Some((records, points)) => format!(
            "{head} A slice of {records} test records that is coded right {points} less often than the rest would have been found with a chance of about 80 %; smaller ones can be missed."
        ),
        None => format!("{head} The test part is too small to find any but the largest differences."),
    }
}
