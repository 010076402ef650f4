//! Metrics of double coding.

use crate::metric::{Better, Metric, Scope, Unit};

/// Metrics of double coding, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "coder-agreement",
        name: "Agreement of two coders",
        definition: "The share of double-coded records that two coders, working apart, give the same code.",
        formula: "Σ w·1{a = b} / Σ w over double-coded records, a and b the two coders' codes",
        range: "0 to 1",
        undefined: "no record of the domain is double-coded",
        reading: "It bounds what accuracy can mean: true codes that people cannot agree on cannot be coded right. If it is lower for a group, the true codes of that group are less sure, and so is the model's accuracy for it.",
        reference: "Krippendorff 2011, Agreement and information in the reliability of coding, doi:10.1080/19312458.2011.568376",
        better: Better::Higher,
        unit: Unit::Share,
        scope: Scope::Coders,
    },
    Metric {
        id: "coder-kappa",
        name: "Kappa of two coders",
        definition: "Cohen's kappa between two coders: their agreement beyond what their shares of codes would give by chance.",
        formula: "(p_o − p_e) / (1 − p_e) over double-coded records",
        range: "−1 to 1",
        undefined: "no record is double-coded, or both coders give one and the same code throughout",
        reading: "Higher is better. With many codes it lies close to their agreement.",
        reference: "Cohen 1960, doi:10.1177/001316446002000104",
        better: Better::Higher,
        unit: Unit::Number,
        scope: Scope::Coders,
    },
    Metric {
        id: "coder-accuracy",
        name: "Accuracy of a single coder",
        definition: "The share of codes given by single coders that equal the true (adjudicated) code, on double-coded records, the mean of the two coders.",
        formula: "Σ w·(1{a = y} + 1{b = y})/2 / Σ w over double-coded records",
        range: "0 to 1",
        undefined: "no record is double-coded",
        reading: "The human figure to set beside the model's. It flatters people where the adjudicated code was taken from them without a third look.",
        reference: "Scholtus & van Delden 2020, Statistics Netherlands discussion paper 06/2020",
        better: Better::Higher,
        unit: Unit::Share,
        scope: Scope::Coders,
    },
    Metric {
        id: "accuracy-double-coded",
        name: "Accuracy on the double-coded records",
        definition: "The candidate's accuracy on exactly the records that two coders coded, so that it can be compared with theirs.",
        formula: "Σ w·1{f = y} / Σ w over double-coded records",
        range: "0 to 1",
        undefined: "no record is double-coded",
        reading: "Compare it with the accuracy of a single coder, not with the accuracy of all records.",
        reference: "as accuracy",
        better: Better::Higher,
        unit: Unit::Share,
        scope: Scope::Coders,
    },
];
