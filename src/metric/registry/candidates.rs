//! Comparisons of candidates on the same records.

use crate::metric::{Better, Metric, Scope, Unit};

/// Comparisons of candidates on the same records, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "accuracy-difference",
        name: "Difference in accuracy from another candidate",
        definition: "The accuracy of this candidate less that of another, on the same records.",
        formula: "Σ w·(1{f = y} − 1{g = y}) / Σ w, g the other candidate's first code; at a code level with both cut to it, in a group over its records",
        range: "−1 to 1",
        undefined: "no record in the test part; in a group, fewer records than the study's minimum",
        reading: "Above zero this candidate is more often right. Records that both code right, or both wrong, cancel, so the interval is narrower than the two accuracies' own intervals suggest. If it includes 0, these records do not show which of the two is more accurate; that does not show that they are alike, which needs a margin set beforehand.",
        reference: "McNemar 1947, doi:10.1007/BF02295996; mid-p: Fagerland, Lydersen & Laake 2013, doi:10.1186/1471-2288-13-91; linearised variance: Binder 1983, doi:10.2307/1402588",
        better: Better::Higher,
        unit: Unit::Points,
        scope: Scope::Candidates,
    },
    Metric {
        id: "macro-f1-difference",
        name: "Difference in macro-F1 from another candidate",
        definition: "The macro-F1 of this candidate less that of another, on the same records.",
        formula: "mean_k F1_k(f) − mean_k F1_k(g), each mean over the codes that occur in its own true or predicted codes; variance by a jackknife of the difference",
        range: "−1 to 1",
        undefined: "no record in the test part",
        reading: "Above zero this candidate does better when every code counts alike. A candidate that gives a code nobody has lowers its own mean.",
        reference: "Rust & Rao 1996, doi:10.1177/096228029600500305 (jackknife)",
        better: Better::Higher,
        unit: Unit::Points,
        scope: Scope::Candidates,
    },
    Metric {
        id: "log-loss-difference",
        name: "Difference in log loss from another candidate",
        definition: "The log loss of this candidate less that of another, on the same records.",
        formula: "Σ w·(ln q_y − ln p_y) / Σ w, p this candidate's probability of the true code and q the other's, both at least 1e−15",
        range: "any number",
        undefined: "one of the two does not give a probability for every code; or all records differ alike",
        reading: "Below zero this candidate's probabilities are better. A few records coded wrongly with great confidence can make the whole difference.",
        reference: "Gneiting & Raftery 2007, doi:10.1198/016214506000001437; linearised variance: Binder 1983, doi:10.2307/1402588",
        better: Better::Lower,
        unit: Unit::Number,
        scope: Scope::Candidates,
    },
];
