//! Words on the search for slices.

use crate::measure::Slices;
use crate::report::locale::{Words, say};

/// What was searched.
pub fn searched(w: &Words, s: &Slices, columns: &str) -> String {
    let (searched, minimum, tried) = (s.searched, s.minimum, s.tried);
    let (records, confirming) = (s.records_searched, s.records_confirming);
    if s.depth == 1 {
        say!(w, "slices-searched-single", searched = searched, columns = columns, minimum = minimum, records = records, tried = tried, confirming = confirming)
    } else {
        say!(
            w,
            "slices-searched",
            searched = searched,
            depth = s.depth,
            columns = columns,
            minimum = minimum,
            records = records,
            tried = tried,
            confirming = confirming
        )
    }
}

/// Nothing was found, or not more.
pub fn found(w: &Words, confirmed: usize, detectable: Option<(u64, String)>) -> String {
    let head = say!(w, "slices-found", n = confirmed);
    let tail = match detectable {
        Some((records, points)) => say!(w, "slices-detectable", records = records, points = points),
        None => say!(w, "slices-too-small"),
    };
    format!("{head} {tail}")
}
