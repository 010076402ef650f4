//! For whom the candidate is right: a plot and a table for each grouping, and what the data show of differences.

use super::accuracy::columns;
use super::fairness;
use super::source::{Source, beside, figures_column, metric_column, subject_metric, table, words_column};
use crate::measure::{Contrast, GroupCell, Measure};
use crate::metric::METRICS;
use crate::report::card::{Block, Column, Figure, Plot, Table};
use crate::report::disclosure::Shown;
use crate::report::format::plotted;
use crate::report::locale::say;
use crate::report::words;
use crate::value::Estimate;

/// Groupings with more groups than this are sorted, lowest first; shorter ones keep their own order.
const KEEPS_ORDER: usize = 8;

/// The section; empty without groups.
pub fn groups(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let mut groupings: Vec<&[String]> = Vec::new();
    for m in source.measures(|m| m.group.is_some()) {
        let variables = m.group.as_ref().map_or(&[][..], |g| &g.variables);
        if !groupings.contains(&variables) {
            groupings.push(variables);
        }
    }
    let mut blocks: Vec<Block> = fairness::summary(source, &groupings).into_iter().collect();
    for variables in groupings {
        blocks.push(Block::Heading(say!(w, "by-grouping", grouping = source.grouping(variables))));
        blocks.extend(figure(source, variables));
        let contrasts: Vec<&Measure> =
            source.measures(|m| m.contrast.as_ref().is_some_and(|c| c.variables == variables && whole(c)) && comparable(&m.metric)).collect();
        let (main, rest): (Vec<&Measure>, Vec<&Measure>) = contrasts.into_iter().partition(|m| leads(source, m));
        let (accuracy, automatic): (Vec<&Measure>, Vec<&Measure>) = main.into_iter().partition(|m| m.metric == "accuracy");
        let told = |list: Vec<&Measure>| list.into_iter().map(|m| contrast(source, m)).collect::<Vec<_>>();
        let mut sentences = told(accuracy);
        sentences.extend(fairness::sentences(source, variables));
        sentences.extend(told(automatic));
        if !sentences.is_empty() {
            blocks.push(Block::List(sentences));
        }
        if !rest.is_empty() {
            blocks.push(Block::Table(differences(source, variables, &rest)));
        }
        blocks.extend(fairness::tables(source, variables));
    }
    blocks
}

/// Plot and table of one grouping.
fn figure(source: &Source<'_>, variables: &[String]) -> Option<Block> {
    let w = source.words;
    let of = |m: &Measure| m.code.is_none() && m.threshold.is_none() && m.code_level.is_none() && m.group.as_ref().is_some_and(|g| g.variables == variables);
    let metrics: Vec<&str> =
        METRICS.iter().map(|k| k.id).filter(|id| ["accuracy", "top-5-accuracy"].contains(id) && source.measures(of).any(|m| m.metric == *id)).collect();
    let first = *metrics.first()?;
    let mut cells: Vec<&GroupCell> = Vec::new();
    for m in source.measures(of) {
        let cell = m.group.as_ref()?;
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    let find = |cell: &GroupCell, metric: &str| source.measures(of).find(|m| m.metric == metric && m.group.as_ref() == Some(cell));
    let automatic: Vec<f64> = source.automatic().into_iter().collect();
    let at = |cell: &GroupCell, metric: &str, threshold: f64| {
        source
            .measures(|m| {
                m.metric == metric && m.code_level.is_none() && m.threshold == Some(threshold) && m.contrast.is_none() && m.group.as_ref() == Some(cell)
            })
            .next()
    };
    let point = |cell: &GroupCell| find(cell, first).and_then(|m| source.estimate(m)).map(|e| e.value);
    if cells.len() > KEEPS_ORDER {
        // Groups without a figure go last, in their own order, which says nothing of their value.
        cells.sort_by(|a, b| point(a).unwrap_or(f64::INFINITY).total_cmp(&point(b).unwrap_or(f64::INFINITY)));
    }
    let label = |cell: &GroupCell| source.values(&cell.values);
    let rows: Vec<_> = cells.iter().filter_map(|cell| source.row(label(cell), find(cell, first)?)).collect();
    let body = cells
        .iter()
        .map(|cell| {
            let mut row = vec![label(cell), find(cell, first).map_or_else(String::new, |m| source.records(m))];
            row.extend(metrics.iter().map(|metric| source.cell(find(cell, metric))));
            row.extend(automatic.iter().flat_map(|t| ["coded-share", "coded-accuracy"].map(|metric| source.cell(at(cell, metric, *t)))));
            row
        })
        .collect();
    let name = source.grouping(variables);
    let metric = w.metric(first);
    let missing = cells.len() - rows.len();
    let mut heads = columns(w, name.clone(), Some(say!(w, "col-records")), &metrics);
    for threshold in &automatic {
        let of = |metric: &str| Column {
            label: say!(w, "metric-at", metric = w.metric(metric), threshold = words::automation::threshold_of(w, *threshold)),
            ..metric_column(w, metric)
        };
        heads.extend([of("coded-share"), of("coded-accuracy")]);
    }
    let table = beside(w, say!(w, "groups-caption", metric = metric, name = name), heads, body);
    if rows.is_empty() {
        return Some(Block::Table(table));
    }
    let overall = source.evidence.overall(first).and_then(|m| source.estimate(m)).map(|e| (plotted(first, e.value), say!(w, "all-records")));
    let mut description = say!(w, "groups-plot-description", metric = metric, n = rows.len(), name = name);
    if missing > 0 {
        description = format!("{description} {}", say!(w, "groups-plot-left-out", n = missing));
    }
    Some(Block::Figure(Figure {
        title: say!(w, "groups-plot", metric = metric, name = name),
        description,
        plot: Plot::Intervals { axis: say!(w, "metric-axis", metric = metric), reference: overall, rows },
        table,
    }))
}

/// Whether a contrast is of all groups of a grouping.
fn whole(c: &Contrast) -> bool {
    ["difference", "ratio"].contains(&c.kind.as_str())
}

/// Whether groups can be compared by a metric: not where it depends on how many records or which codes a group has.
fn comparable(metric: &str) -> bool {
    ["accuracy", "top-5-accuracy", "coded-share", "coded-accuracy", "false-confidence", "confidence-gap"].contains(&metric)
}

/// Whether a contrast is told in a sentence: accuracy of the full code, and what the policy's threshold does to groups.
fn leads(source: &Source<'_>, m: &Measure) -> bool {
    let automatic = source.automatic();
    m.code_level.is_none()
        && m.contrast.as_ref().is_some_and(|c| c.kind == "difference")
        && (m.metric == "accuracy" || (m.metric != "false-confidence" && m.threshold.is_some() && m.threshold == automatic))
}

/// What the data show of the other differences between groups, in a folded table.
fn differences(source: &Source<'_>, variables: &[String], list: &[&Measure]) -> Table {
    let w = source.words;
    let rows = list
        .iter()
        .map(|m| {
            let c = m.contrast.as_ref();
            let between = c.map_or_else(String::new, |c| say!(w, "against", high = source.values(&c.high), low = source.values(&c.low)));
            let ratio = c.is_some_and(|c| c.kind == "ratio");
            let kind = if ratio { say!(w, "smallest-ratio") } else { say!(w, "largest-difference") };
            let shown = source.disclosure.show(m);
            let (between, noise, says) = match shown {
                Shown::Estimate(e) => {
                    let noise = c.and_then(|c| c.expected_from_noise).map_or_else(|| say!(w, "no-noise-for-ratio"), |n| w.value(subject_metric(m), n));
                    (between, noise, if differ(m, e) { say!(w, "data-differ") } else { say!(w, "cannot-tell") })
                }
                _ => (say!(w, "not-told"), say!(w, "not-told"), say!(w, "cannot-tell")),
            };
            vec![say!(w, "measure-kind", measure = source.measure_name(m), kind = kind), source.cell(Some(m)), between, noise, says]
        })
        .collect();
    let columns = vec![
        words_column(say!(w, "col-measure")),
        figures_column(say!(w, "col-simultaneous")),
        words_column(say!(w, "col-between")),
        figures_column(say!(w, "col-noise")),
        words_column(say!(w, "col-data-show")),
    ];
    let caption = source.of_all(say!(w, "groups-others", grouping = source.grouping(variables)));
    Table { folded: Some(say!(w, "groups-others-fold")), ..table(caption, columns, rows) }
}

/// Whether the interval stays clear of no difference.
fn differ(m: &Measure, e: &Estimate) -> bool {
    e.interval.is_some_and(|i| if subject_metric(m) == "ratio" { i.upper < 1.0 } else { i.lower > 0.0 })
}

/// What the data show of a difference or a ratio between groups.
fn contrast(source: &Source<'_>, m: &Measure) -> String {
    let w = source.words;
    let subject = super::source::upper_first(&source.subject(m));
    let e = match source.disclosure.show(m) {
        Shown::Estimate(e) => e,
        other => return say!(w, "contrast-instead", subject = subject, instead = source.instead(other)),
    };
    let metric = subject_metric(m);
    let Some(i) = &e.interval else {
        return say!(w, "contrast-no-interval", subject = subject, value = w.value(metric, e.value));
    };
    let (value, bounds) = (w.value(metric, e.value), w.bounds(metric, i.lower, i.upper));
    let mut out = vec![say!(w, "contrast-told", subject = subject, value = value, level = w.level(i.level), bounds = bounds)];
    let groups = m.contrast.as_ref().map_or(0, |c| c.groups);
    if let Some(noise) = m.contrast.as_ref().and_then(|c| c.expected_from_noise) {
        out.push(say!(w, "contrast-noise", value = w.value(metric, noise), groups = groups));
    }
    out.push(if differ(m, e) { say!(w, "contrast-differ") } else { say!(w, "contrast-open") });
    out.join(" ")
}
