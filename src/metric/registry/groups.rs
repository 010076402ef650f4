//! Comparisons between groups.

use crate::metric::{Better, Metric, Scope, Unit};

/// Comparisons between groups, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "difference",
        name: "Largest difference between groups",
        definition: "The largest difference of a metric between any two groups of a variable, with an interval that holds however many pairs of groups there are.",
        formula: "max |θ_a − θ_b|; interval [max (|d_ab| − q·se_ab)₊, max (|d_ab| + t·se_ab)], t Student's t and q the same at the Šidák level for all pairs; where a group has fewer than 30 degrees of freedom, its variance counts there as at least that of a simple random sample of its effective size",
        range: "0 to 1 for shares",
        undefined: "fewer than two groups with enough records and a standard error",
        reading: "Nearer zero is better. The largest of several noisy differences is larger than zero even when all groups are treated alike; the expected size of that noise is given beside it. If the interval includes 0, the data do not show that the groups differ. The interval holds the true largest difference at least as often as its level says, and more often where several groups are about equally far apart or none differ.",
        reference: "Šidák 1967, doi:10.1080/01621459.1967.10482935; NCHS, Vital and Health Statistics 2(175), 2017 (few degrees of freedom); Tippett 1925, doi:10.1093/biomet/17.3-4.364 (expected range)",
        better: Better::Lower,
        unit: Unit::Points,
        scope: Scope::Groups,
    },
    Metric {
        id: "ratio",
        name: "Smallest ratio between groups",
        definition: "The smallest ratio of a metric between any two groups of a variable, with an interval that holds however many pairs of groups there are.",
        formula: "min θ_a / θ_b; interval on the logarithm as for the largest difference",
        range: "0 to 1",
        undefined: "fewer than two groups with enough records and a value above 0",
        reading: "Nearer 1 is better. The usual four-fifths rule was made for hiring, not for coding: set your own bound.",
        reference: "Katz, Baptista, Azen & Pike 1978, doi:10.2307/2530610 (log method)",
        better: Better::Higher,
        unit: Unit::Number,
        scope: Scope::Groups,
    },
    Metric {
        id: "reference-difference",
        name: "Difference from the reference group",
        definition: "How much higher or lower a metric is in a group than in the reference group that the study names, with an interval that covers all groups at once.",
        formula: "θ_a − θ_ref; ± q·se, q Student's t at the Šidák level for all groups but the reference",
        range: "−1 to 1 for shares",
        undefined: "the group or the reference has too few records",
        reading: "Below zero the group has the lower value. The reference is a yardstick, not a norm: two other groups may be further apart.",
        reference: "Šidák 1967, doi:10.1080/01621459.1967.10482935; Dunnett 1955, doi:10.1080/01621459.1955.10501294 (comparison with one group)",
        better: Better::Zero,
        unit: Unit::Points,
        scope: Scope::Groups,
    },
    Metric {
        id: "reference-ratio",
        name: "Ratio to the reference group",
        definition: "A metric in a group, divided by the same in the reference group that the study names, with an interval that covers all groups at once.",
        formula: "θ_a / θ_ref; interval on the logarithm, q Student's t at the Šidák level for all groups but the reference",
        range: "0 and above",
        undefined: "the group or the reference has too few records, or the value 0",
        reading: "Below 1 the group has the lower value.",
        reference: "Katz, Baptista, Azen & Pike 1978, doi:10.2307/2530610 (log method); Dunnett 1955, doi:10.1080/01621459.1955.10501294",
        better: Better::Neither,
        unit: Unit::Number,
        scope: Scope::Groups,
    },
];
