//! Comparisons between groups.

use crate::metric::{Better, Metric, Scope, Unit};

/// Comparisons between groups, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "difference",
        name: "Largest difference between groups",
        definition: "The largest difference of a metric between any two groups of a variable, with an interval that covers all pairs of groups at once.",
        formula: "max |θ_a − θ_b|; interval [max (|d_ab| − q·se_ab)₊, max (|d_ab| + q·se_ab)], q Student's t at the Šidák level for all pairs",
        range: "0 to 1 for shares",
        undefined: "fewer than two groups with enough records and a standard error",
        reading: "Nearer zero is better. The largest of several noisy differences is larger than zero even when all groups are treated alike; the expected size of that noise is given beside it. If the interval includes 0, the data do not show that the groups differ.",
        reference: "Šidák 1967, doi:10.1080/01621459.1967.10482935; Tippett 1925, doi:10.1093/biomet/17.3-4.364 (expected range)",
        better: Better::Lower,
        unit: Unit::Points,
        scope: Scope::Groups,
    },
    Metric {
        id: "ratio",
        name: "Smallest ratio between groups",
        definition: "The smallest ratio of a metric between any two groups of a variable, with an interval that covers all pairs of groups at once.",
        formula: "min θ_a / θ_b; interval on the logarithm, q Student's t at the Šidák level for all pairs",
        range: "0 to 1",
        undefined: "fewer than two groups with enough records and a value above 0",
        reading: "Nearer 1 is better. The usual four-fifths rule was made for hiring, not for coding: set your own bound.",
        reference: "Katz, Baptista, Azen & Pike 1978, doi:10.2307/2530610 (log method)",
        better: Better::Higher,
        unit: Unit::Number,
        scope: Scope::Groups,
    },
];
