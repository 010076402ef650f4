//! Words on comparisons with other candidates.

use crate::report::locale::{Words, say};

/// A p-value as it is printed.
pub fn p_value(w: &Words, p: f64) -> String {
    if p < 0.001 { say!(w, "p-small") } else { w.fixed(p, 3) }
}

/// In how many groups a candidate is more and less often right than another, and in which less.
pub fn groups_told(w: &Words, other: &str, told: usize, more: usize, less: &[String]) -> String {
    let which = if less.is_empty() { String::new() } else { say!(w, "groups-which", list = less.join(&say!(w, "list-semicolon"))) };
    let rest = told - more - less.len();
    let rest = if rest == 0 { String::new() } else { say!(w, "groups-rest", n = rest) };
    say!(w, "groups-told", other = other, told = told, more = more, less = less.len(), which = which, rest = rest)
}
