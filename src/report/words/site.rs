//! Wording of the page that lists studies.

use crate::report::locale::{Words, say};
use serde::Serialize;

/// The words of the page's frame.
#[derive(Debug, Clone, Serialize)]
pub struct SiteFrame {
    kicker: String,
    studies: String,
    comparison: String,
    open: String,
    floor: String,
    no_page: String,
    evaluated: String,
    review: String,
    accuracy: String,
}

impl SiteFrame {
    /// In a language.
    pub fn of(w: &Words) -> Self {
        Self {
            kicker: say!(w, "site-kicker"),
            studies: say!(w, "site-studies"),
            comparison: say!(w, "site-comparison"),
            open: w.of("frame", "open"),
            floor: w.of("frame", "floor"),
            no_page: say!(w, "site-no-page"),
            evaluated: say!(w, "site-evaluated"),
            review: say!(w, "site-review"),
            accuracy: say!(w, "tile-right"),
        }
    }
}

/// How much is listed.
pub fn sum(w: &Words, studies: usize, candidates: usize) -> String {
    say!(w, "site-sum", studies = say!(w, "site-n-studies", n = studies), candidates = say!(w, "site-n-candidates", n = candidates))
}

/// When a decision has to be looked at again.
pub fn review(w: &Words, valid_months: Option<u32>) -> String {
    match valid_months {
        Some(n) => say!(w, "site-review-after", n = n),
        None => say!(w, "site-no-review"),
    }
}
