//! Metrics of the clerk's list of suggestions.

use crate::metric::{Better, Metric, Scope, Unit};

/// Metrics of the clerk's list of suggestions, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "set-coverage",
        name: "Coverage of suggestions",
        definition: "The share of records whose true code is on the list of suggestions, when the list holds every code whose probability reaches a bound set on the tuning part.",
        formula: "Σ w·1{1 − p_y ≤ q} / Σ w, q the ⌈(n + 1)·coverage⌉-th smallest 1 − p_y of n tuning records (split conformal, LAC score)",
        range: "0 to 1",
        undefined: "the candidate does not give a probability for every code, there is no tuning part, or so small a one that every code must be listed",
        reading: "It should be at least what was asked for. Where the tuning records served for nothing else, it is so on average over samples; in a group it may be less.",
        reference: "Sadinle, Lei & Wasserman 2019, doi:10.1080/01621459.2017.1395341; Vovk, Gammerman & Shafer 2005, doi:10.1007/b106715",
        better: Better::Higher,
        unit: Unit::Share,
        scope: Scope::Records,
    },
    Metric {
        id: "set-size",
        name: "Length of the list of suggestions",
        definition: "The mean number of codes on the list of suggestions; a list may be empty where no code is likely enough.",
        formula: "Σ w·#{k: 1 − p_k ≤ q} / Σ w, q as for the coverage",
        range: "0 to the number of codes",
        undefined: "as for the coverage, or all lists are equally long, so that its precision cannot be told",
        reading: "Lower is better at the same coverage: a clerk has less to read.",
        reference: "Sadinle, Lei & Wasserman 2019, doi:10.1080/01621459.2017.1395341",
        better: Better::Lower,
        unit: Unit::Number,
        scope: Scope::Records,
    },
    Metric {
        id: "set-coverage-gap",
        name: "Coverage gap of suggestions between groups",
        definition: "How far the coverage of suggestions in the groups of a variable is, on average over groups, from what was asked for.",
        formula: "(1/G) Σ |coverage_g − coverage asked for| over groups with enough records",
        range: "0 to 1",
        undefined: "fewer than two groups with enough records",
        reading: "Nearer zero is better. Noise alone makes it larger than zero, the more so the smaller the groups.",
        reference: "Ding, Angelopoulos, Bates, Jordan & Tibshirani 2023, NeurIPS 36, arXiv:2306.09335",
        better: Better::Lower,
        unit: Unit::Points,
        scope: Scope::Groups,
    },
];
