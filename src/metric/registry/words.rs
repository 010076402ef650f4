//! Metrics of single words of answers.

use crate::metric::{Better, Metric, Scope, Unit};

/// Metrics of single words of answers, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "word-odds-ratio",
        name: "Odds ratio of using a word",
        definition: "The odds that an answer of a group has the word, divided by the odds that an answer of all other groups has it.",
        formula: "(p / (1 − p)) / (q / (1 − q)), p and q the weighted shares of answers with the word in the group and in all others",
        range: "above 0; 1 when the group uses the word as the others do",
        undefined: "fewer than ten records with or without the word on either side",
        reading: "Far above 1 the word stands for the group: a model that looks at it looks at the group. It is no fault by itself; read it with the code that the word speaks for and the answers that it changes.",
        reference: "Agresti 2013, Categorical Data Analysis, 3rd ed., section 2.2; by linearisation under the design, Student's t",
        better: Better::Neither,
        unit: Unit::Number,
        scope: Scope::Words,
    },
    Metric {
        id: "changed-without-word",
        name: "Answers that get another code without a word",
        definition: "The weighted share of the answers with the word to which the candidate gives another code when the word is taken out.",
        formula: "Σ w·1{code without the word ≠ code with it} / Σ w, over answers with the word",
        range: "0 to 1",
        undefined: "the candidate cannot be asked again, or too few answers have the word",
        reading: "Near 0 the word decides nothing, whatever it stands for. High values of a word that stands for a group mean that the group's own words decide its codes.",
        reference: "Ribeiro, Singh & Guestrin 2016, doi:10.1145/2939672.2939778 (words taken out)",
        better: Better::Neither,
        unit: Unit::Share,
        scope: Scope::Words,
    },
];
