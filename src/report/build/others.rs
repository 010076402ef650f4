//! Against the other candidates: differences in accuracy on the same records.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::measure::Measure;
use crate::report::card::{Against, Block};
use crate::report::words::{self, ranking};

/// The section; empty when the candidate is alone.
pub fn others(source: &Source<'_>) -> Vec<Block> {
    let rows: Vec<Vec<String>> = differences(source)
        .map(|(m, against)| {
            let name = m.versus.as_ref().map_or_else(String::new, |v| v.name.clone());
            vec![name, against.cell, source.records(m), against.shows]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let columns = vec![words_column("Other candidate"), metric_column("accuracy-difference"), figures_column("Records"), words_column("This candidate is")];
    vec![Block::Table(table(ranking::CAPTION, columns, rows))]
}

/// The differences as the comparison tells them.
pub fn versus(source: &Source<'_>) -> Vec<Against> {
    differences(source).map(|(_, against)| against).collect()
}

fn differences<'a>(source: &Source<'a>) -> impl Iterator<Item = (&'a Measure, Against)> {
    source.measures(|m| m.metric == "accuracy-difference").filter_map(|m| {
        let interval = source.estimate(m).and_then(|e| e.interval);
        let shows = interval.map_or(words::CANNOT_TELL, |i| ranking::shows(i.lower, i.upper));
        let against = Against {
            candidate: m.versus.as_ref()?.candidate.clone(),
            cell: source.cell(Some(m)),
            shows: shows.to_owned(),
            decisive: interval.is_some_and(|i| i.lower > 0.0 || i.upper < 0.0),
        };
        Some((m, against))
    })
}
