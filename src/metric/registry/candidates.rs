//! Comparisons of candidates on the same records.

use crate::metric::{Better, Metric, Scope, Unit};

/// Comparisons of candidates on the same records, in the order in which they are printed.
pub static METRICS: &[Metric] = &[Metric {
    id: "accuracy-difference",
    name: "Difference in accuracy from another candidate",
    definition: "The accuracy of this candidate less that of another, on the same records.",
    formula: "Σ w·(1{f = y} − 1{g = y}) / Σ w, g the other candidate's first code",
    range: "−1 to 1",
    undefined: "no record in the test part",
    reading: "Above zero this candidate is more often right. Records that both code right, or both wrong, cancel, so the interval is narrower than the two accuracies' own intervals suggest. If it includes 0, these records do not show which of the two is more accurate.",
    reference: "McNemar 1947, doi:10.1007/BF02295996; linearised variance: Binder 1983, doi:10.2307/1402588",
    better: Better::Higher,
    unit: Unit::Points,
    scope: Scope::Candidates,
}];
