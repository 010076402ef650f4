//! Code by code: the table and the share errors.

use super::accuracy::columns;
use super::source::{Source, beside, figures_column, table};
use crate::measure::Measure;
use crate::report::card::{Block, Column, Figure, Plot, Table};
use crate::report::locale::{Words, say};
use crate::report::words;
use std::collections::BTreeMap;

/// Metrics of the table, in the order of its columns.
const METRICS: [&str; 5] = ["share-true", "precision", "recall", "f1", "share-error"];
/// Rows that are open; the rest is folded.
const OPEN: usize = 20;
/// Share errors in the plot.
const PLOTTED: usize = 15;

/// The measures of each code by metric, for the whole test part.
fn by_code<'a>(source: &Source<'a>) -> BTreeMap<&'a str, BTreeMap<&'a str, &'a Measure>> {
    let mut out: BTreeMap<&str, BTreeMap<&str, &Measure>> = BTreeMap::new();
    for m in source.measures(|m| m.group.is_none() && m.code_level.is_none()) {
        if let Some(code) = &m.code {
            out.entry(code).or_default().insert(&m.metric, m);
        }
    }
    out
}

/// The table of codes, the largest true share first, suppressed codes last; empty when codes were not evaluated.
pub fn codes(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let by_code = by_code(source);
    let mut order: Vec<(&str, Option<f64>)> =
        by_code.iter().map(|(code, metrics)| (*code, metrics.get("share-true").and_then(|m| source.estimate(m)).map(|e| e.value))).collect();
    // Suppressed codes stay in the order of the codes: their place must not tell their share.
    order.sort_by(|a, b| b.1.unwrap_or(-1.0).total_cmp(&a.1.unwrap_or(-1.0)));
    let rows: Vec<Vec<String>> = order
        .iter()
        .map(|(code, _)| {
            let metrics = &by_code[code];
            let records = metrics.get("recall").map_or_else(|| say!(w, "not-measured"), |m| source.records(m));
            let mut row = vec![source.code(code), records];
            row.extend(METRICS.iter().map(|metric| source.cell(metrics.get(metric).copied())));
            row
        })
        .collect();
    let caption = say!(w, "codes-caption");
    folded(w, caption, columns(w, say!(w, "col-code"), Some(say!(w, "col-records-with-it")), &METRICS), rows, "codes")
}

/// A table whose first rows are open and the rest folded.
fn folded(w: &Words, caption: String, columns: Vec<Column>, mut rows: Vec<Vec<String>>, what: &str) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    let rest = if rows.len() > OPEN { rows.split_off(OPEN) } else { Vec::new() };
    let mut blocks = vec![Block::Table(table(caption.clone(), columns.clone(), rows))];
    if !rest.is_empty() {
        let fold = Some(words::rest(w, rest.len(), what));
        blocks.push(Block::Table(Table { caption: say!(w, "continued", caption = caption), columns, rows: rest, folded: fold }));
    }
    blocks
}

/// The code with the largest share error that may be shown, and of how many; one that is hidden when all are.
pub fn worst_share<'a>(source: &Source<'a>) -> Option<(&'a Measure, usize)> {
    let errors = share_errors(source);
    let any = || source.measures(|m| m.metric == "share-error" && m.group.is_none() && m.code_level.is_none() && m.code.is_some()).next();
    errors.first().copied().or_else(any).map(|m| (m, errors.len()))
}

/// Share errors that may be shown, the largest first.
fn share_errors<'a>(source: &Source<'a>) -> Vec<&'a Measure> {
    let size = |m: &Measure| source.estimate(m).map_or(0.0, |e| e.value.abs());
    let mut errors: Vec<&Measure> = source
        .measures(|m| m.metric == "share-error" && m.group.is_none() && m.code_level.is_none() && m.code.is_some())
        .filter(|m| source.estimate(m).is_some())
        .collect();
    errors.sort_by(|a, b| size(b).total_cmp(&size(a)));
    errors
}

/// The section on share errors.
pub fn shares(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let errors = share_errors(source);
    let Some(worst) = errors.first() else {
        return Vec::new();
    };
    let name = |m: &Measure| m.code.as_deref().map_or_else(String::new, |c| source.code(c));
    let shown = &errors[..errors.len().min(PLOTTED)];
    let clear = errors.iter().filter(|m| source.estimate(m).and_then(|e| e.interval).is_some_and(|i| i.lower > 0.0 || i.upper < 0.0)).count();
    let many = words::many_shares(w, clear, errors.len(), source.evidence.study.level);
    let sum = say!(w, "shares-worst", code = name(worst), cell = source.cell(Some(worst)), many = many);
    let truths = by_code(source);
    let rows = shown
        .iter()
        .map(|m| {
            let truth = m.code.as_deref().and_then(|c| truths.get(c)).and_then(|metrics| metrics.get("share-true")).copied();
            vec![name(m), source.cell(truth), source.cell(Some(m)), source.records(m)]
        })
        .collect();
    let mut columns = columns(w, say!(w, "col-code"), None, &["share-true", "share-error"]);
    columns.push(figures_column(say!(w, "col-records")));
    vec![
        Block::Text(sum),
        Block::Figure(Figure {
            title: say!(w, "shares-plot", n = shown.len()),
            description: say!(w, "shares-plot-description", n = shown.len()),
            plot: Plot::Intervals {
                axis: say!(w, "shares-axis"),
                reference: Some((0.0, say!(w, "no-error"))),
                rows: shown.iter().filter_map(|m| source.row(name(m), m)).collect(),
            },
            table: beside(w, say!(w, "shares-table"), columns, rows),
        }),
    ]
}
