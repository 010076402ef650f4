//! The table of metrics, a file for each scope.

mod candidates;
mod coders;
mod codes;
mod confidence;
mod cost;
mod fairness;
mod groups;
mod labels;
mod published;
mod records;
mod suggestions;
mod thresholds;
mod tree;
mod words;

use super::Metric;
use std::sync::LazyLock;

/// All metrics, in the order in which they are printed.
pub static METRICS: LazyLock<Vec<Metric>> = LazyLock::new(|| {
    let scopes = [
        records::METRICS,
        tree::METRICS,
        confidence::METRICS,
        codes::METRICS,
        thresholds::METRICS,
        suggestions::METRICS,
        groups::METRICS,
        fairness::METRICS,
        published::METRICS,
        coders::METRICS,
        labels::METRICS,
        words::METRICS,
        candidates::METRICS,
        cost::METRICS,
    ];
    scopes.concat()
});

/// Whether a metric is of confidence: told with calibration and not with accuracy.
#[must_use]
pub fn of_confidence(id: &str) -> bool {
    confidence::METRICS.iter().any(|m| m.id == id)
}

/// Whether a metric is of the clerk's list of suggestions.
#[must_use]
pub fn of_suggestions(id: &str) -> bool {
    suggestions::METRICS.iter().any(|m| m.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_documented_and_named_once() {
        let mut ids = std::collections::BTreeSet::new();
        for m in METRICS.iter() {
            assert!(ids.insert(m.id), "{} occurs twice", m.id);
            assert!(m.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", m.id);
            for (what, text) in [
                ("name", m.name),
                ("definition", m.definition),
                ("formula", m.formula),
                ("range", m.range),
                ("undefined", m.undefined),
                ("reading", m.reading),
                ("reference", m.reference),
            ] {
                assert!(text.trim() == text && !text.is_empty(), "{} lacks a {what}", m.id);
            }
        }
    }
}
