//! The table of metrics, a file for each scope.

mod candidates;
mod coders;
mod codes;
mod cost;
mod fairness;
mod groups;
mod records;
mod thresholds;

use super::Metric;
use std::sync::LazyLock;

/// All metrics, in the order in which they are printed.
pub static METRICS: LazyLock<Vec<Metric>> = LazyLock::new(|| {
    let scopes =
        [records::METRICS, codes::METRICS, thresholds::METRICS, groups::METRICS, fairness::METRICS, coders::METRICS, candidates::METRICS, cost::METRICS];
    scopes.concat()
});

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
