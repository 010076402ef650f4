//! For whom the candidate is right: a plot and a table for each grouping, and what the data show of differences.

use super::accuracy::columns;
use super::source::{Source, beside, subject_metric};
use crate::measure::{GroupCell, Measure};
use crate::metric::METRICS;
use crate::report::card::{Block, Figure, Plot};
use crate::report::disclosure::Shown;
use crate::report::format::{bounds, level, plot_scale, value};
use crate::report::words;

/// Groupings with more groups than this are sorted, lowest first; shorter ones keep their own order.
const KEEPS_ORDER: usize = 8;

/// The section; empty without groups.
pub fn groups(source: &Source<'_>) -> Vec<Block> {
    let mut groupings: Vec<&[String]> = Vec::new();
    for m in source.measures(|m| m.group.is_some()) {
        let variables = m.group.as_ref().map_or(&[][..], |g| &g.variables);
        if !groupings.contains(&variables) {
            groupings.push(variables);
        }
    }
    let mut blocks = Vec::new();
    for variables in groupings {
        blocks.push(Block::Heading(format!("By {}", source.grouping(variables))));
        let contrasts: Vec<String> = source.measures(|m| m.contrast.as_ref().is_some_and(|c| c.variables == variables)).map(|m| contrast(source, m)).collect();
        blocks.extend(figure(source, variables));
        if !contrasts.is_empty() {
            blocks.push(Block::List(contrasts));
        }
    }
    blocks
}

/// Plot and table of one grouping.
fn figure(source: &Source<'_>, variables: &[String]) -> Option<Block> {
    let of = |m: &Measure| m.code.is_none() && m.threshold.is_none() && m.code_level.is_none() && m.group.as_ref().is_some_and(|g| g.variables == variables);
    let metrics: Vec<&str> = METRICS.iter().map(|k| k.id).filter(|id| source.measures(of).any(|m| m.metric == *id)).collect();
    let first = *metrics.first()?;
    let mut cells: Vec<&GroupCell> = Vec::new();
    for m in source.measures(of) {
        let cell = m.group.as_ref()?;
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    let find = |cell: &GroupCell, metric: &str| source.measures(of).find(|m| m.metric == metric && m.group.as_ref() == Some(cell));
    let point = |cell: &GroupCell| find(cell, first).and_then(|m| source.estimate(m)).map(|e| e.value);
    if cells.len() > KEEPS_ORDER {
        // Groups without a figure go last, in their own order, which says nothing of their value.
        cells.sort_by(|a, b| point(a).unwrap_or(f64::INFINITY).total_cmp(&point(b).unwrap_or(f64::INFINITY)));
    }
    let label = |cell: &GroupCell| cell.values.join(", ");
    let rows: Vec<_> = cells.iter().filter_map(|cell| source.row(label(cell), find(cell, first)?)).collect();
    let body = cells
        .iter()
        .map(|cell| {
            let mut row = vec![label(cell), find(cell, first).map_or_else(String::new, |m| source.records(m))];
            row.extend(metrics.iter().map(|metric| source.cell(find(cell, metric))));
            row
        })
        .collect();
    let name = source.grouping(variables);
    let metric = crate::metric::find(first).map_or(first, |k| k.name);
    let missing = words::left_out(cells.len() - rows.len());
    let table = beside(format!("{metric} and other measures by {name}"), columns(&name, Some("Records"), &metrics), body);
    if rows.is_empty() {
        return Some(Block::Table(table));
    }
    let overall = source.evidence.overall(first).and_then(|m| source.estimate(m)).map(|e| (plot_scale(first) * e.value, "all records".to_owned()));
    Some(Block::Figure(Figure {
        title: format!("{metric} by {name}"),
        description: format!("{metric} with its interval for {} groups of {name}; the dashed line is the figure for all records.{missing}", rows.len()),
        plot: Plot::Intervals { axis: format!("{metric}, in per cent"), reference: overall, rows },
        table,
    }))
}

/// What the data show of a difference or a ratio between groups.
fn contrast(source: &Source<'_>, m: &Measure) -> String {
    let subject = super::source::upper_first(&source.subject(m));
    let e = match source.disclosure.show(m) {
        Shown::Estimate(e) => e,
        other => return format!("{subject}: {}.", source.instead(other)),
    };
    let metric = subject_metric(m);
    let Some(i) = &e.interval else {
        return format!("{subject}: {} (no interval).", value(metric, e.value));
    };
    let mut out = format!("{subject}: {} (simultaneous {} interval {}).", value(metric, e.value), level(i.level), bounds(metric, i.lower, i.upper));
    let alike = if metric == "ratio" { i.upper >= 1.0 } else { i.lower <= 0.0 };
    let groups = m.contrast.as_ref().map_or(0, |c| c.groups);
    if let Some(noise) = m.contrast.as_ref().and_then(|c| c.expected_from_noise) {
        out.push_str(&format!(" Noise alone would give about {} among {groups} groups.", value(metric, noise)));
    }
    out.push_str(if alike {
        " Cannot tell: the interval includes no difference, so the data do not show that the groups differ, nor that they are alike."
    } else {
        " The data show that the groups differ."
    });
    out
}
