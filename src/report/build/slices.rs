//! Where groups combine to something worse: the slices that the confirming half of the test part confirmed, and what was searched.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::measure::{Measure, Slice};
use crate::report::card::{Block, Column};
use crate::report::disclosure::Shown;
use crate::report::locale::say;
use crate::report::words;
use crate::value::Outcome;

/// The section; empty where nothing was searched.
pub fn slices(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let Some(slices) = &source.evidence.slices else { return Vec::new() };
    let columns: Vec<String> = slices.columns.iter().map(|c| source.grouping(std::slice::from_ref(c))).collect();
    let mut blocks = vec![Block::Text(words::searched(w, slices, &columns.join(&say!(w, "list-comma"))))];
    let rows: Vec<Vec<String>> = slices.confirmed.iter().filter_map(|slice| row(source, slice)).collect();
    let detectable = slices.detectable.map(|d| (d.records, w.value("accuracy-difference", d.shortfall)));
    blocks.push(Block::Text(words::found(w, rows.len(), detectable)));
    if !rows.is_empty() {
        let columns = vec![
            words_column(say!(w, "col-slice")),
            figures_column(say!(w, "col-records")),
            metric_column(w, "accuracy"),
            Column { metric: Some("difference".into()), ..figures_column(say!(w, "col-less-than-rest", level = w.level(slices.level))) },
        ];
        blocks.push(Block::Table(table(say!(w, "slices-caption"), columns, rows)));
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
