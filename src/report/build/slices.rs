//! Where groups combine to something worse: the slices that the confirming half of the test part confirmed, and what was searched.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::measure::{Measure, Slice};
use crate::report::card::{Block, Column};
use crate::report::disclosure::Shown;
use crate::report::format::{count, level, value};
use crate::report::words;
use crate::value::Outcome;

/// The section; empty where nothing was searched.
pub fn slices(source: &Source<'_>) -> Vec<Block> {
    let Some(slices) = &source.evidence.slices else { return Vec::new() };
    let columns: Vec<String> = slices.columns.iter().map(|c| source.grouping(std::slice::from_ref(c))).collect();
    let mut blocks = vec![Block::Text(words::searched(slices, &columns.join(", ")))];
    let rows: Vec<Vec<String>> = slices.confirmed.iter().filter_map(|slice| row(source, slice)).collect();
    let detectable = slices.detectable.map(|d| (count(d.records), value("accuracy-difference", d.shortfall)));
    blocks.push(Block::Text(words::found(rows.len(), detectable)));
    if !rows.is_empty() {
        let columns = vec![
            words_column("Slice"),
            figures_column("Records"),
            metric_column("accuracy"),
            Column {
                metric: Some("difference".into()),
                ..figures_column(&format!("Less than in the rest; intervals hold together at {}", level(slices.level)))
            },
        ];
        blocks.push(Block::Table(table("Slices confirmed, by the confirming half of the test part", columns, rows)));
    }
    blocks
}

/// A slice, where it and what is left of the groups that it is a part of are large enough to be told.
fn row(source: &Source<'_>, slice: &Slice) -> Option<Vec<String>> {
    let measure = |metric: &str, outcome: &Outcome| Measure {
        metric: metric.into(),
        code_level: None,
        code: None,
        threshold: None,
        group: Some(slice.group.clone()),
        contrast: None,
        versus: None,
        outcome: outcome.clone(),
    };
    let (accuracy, difference) = (measure("accuracy", &slice.accuracy), measure("accuracy-difference", &slice.difference));
    if slice.rest_in_parent < source.disclosure.minimum() || !matches!(source.disclosure.show(&accuracy), Shown::Estimate(_)) {
        return None;
    }
    Some(vec![source.group(&slice.group), source.records(&accuracy), source.cell(Some(&accuracy)), source.cell(Some(&difference))])
}
