//! How often the candidate is right: overall, by code level, the other overall measures, and against knowing nothing.

use super::source::{Source, beside, figures_column, metric_column, table, words_column};
use crate::measure::Measure;
use crate::metric::{Scope, find, of_confidence, of_suggestions};
use crate::report::card::{Block, Column, Figure, Plot};
use crate::report::disclosure::Shown;
use crate::report::locale::{Words, say};
use crate::report::words;

/// True for a measure of the whole test part without code, threshold or contrast.
pub fn overall(m: &Measure) -> bool {
    m.code.is_none() && m.threshold.is_none() && m.group.is_none() && m.contrast.is_none()
}

/// The section.
pub fn accuracy(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let here = |m: &Measure| overall(m) && !of_confidence(&m.metric) && !of_suggestions(&m.metric);
    let measures: Vec<&Measure> = source.measures(|m| here(m) && find(&m.metric).is_none_or(|k| k.scope == Scope::Records)).collect();
    let mut blocks = vec![Block::Text(words::intervals(w, source.evidence.study.level))];
    blocks.extend(against_nothing(source).map(Block::Text));
    let rows: Vec<Vec<String>> = measures.iter().map(|m| row(source, m)).collect();
    let columns = vec![
        words_column(say!(w, "col-measure")),
        figures_column(say!(w, "col-estimate")),
        figures_column(say!(w, "col-interval")),
        figures_column(say!(w, "col-records")),
        words_column(say!(w, "col-interval-method")),
    ];
    let all = beside(w, say!(w, "accuracy-table"), columns, rows);
    let levels: Vec<&Measure> = measures.iter().copied().filter(|m| m.metric == "accuracy" || m.metric == "top-5-accuracy").collect();
    let plotted = levels.iter().filter_map(|m| source.row(name(source, m), m)).collect::<Vec<_>>();
    if plotted.is_empty() {
        blocks.push(Block::Table(all));
    } else {
        blocks.push(Block::Figure(Figure {
            title: say!(w, "accuracy-plot"),
            description: say!(w, "accuracy-plot-description"),
            plot: Plot::Intervals { axis: say!(w, "accuracy-axis"), reference: None, rows: plotted },
            table: all,
        }));
    }
    blocks.extend(super::steps::steps(source));
    blocks.extend(to_check(source));
    blocks
}

/// The name of an overall measure: the level it is at, or the metric.
fn name(source: &Source<'_>, m: &Measure) -> String {
    let w = source.words;
    let metric = w.metric(&m.metric);
    match &m.code_level {
        Some(level) => say!(w, "measure-at", metric = metric, level = source.foreign(level)),
        None if m.metric == "accuracy" && source.evidence.data.code_levels.len() > 1 => say!(w, "measure-at", metric = metric, level = say!(w, "full-code")),
        None => metric,
    }
}

/// A row: name, value, interval, records, method.
fn row(source: &Source<'_>, m: &Measure) -> Vec<String> {
    let w = source.words;
    let shown = source.disclosure.show(m);
    let none = || say!(w, "none");
    let (estimate, interval, method) = match shown {
        Shown::Estimate(e) => {
            (w.value(&m.metric, e.value), w.range(&m.metric, e.interval.as_ref()), e.interval.map_or_else(none, |i| w.told(i.method.words())))
        }
        other => (source.instead(other), none(), none()),
    };
    vec![name(source, m), estimate, interval, source.records(m), method]
}

/// What coding everything with the most frequent code would get right.
fn against_nothing(source: &Source<'_>) -> Option<String> {
    let w = source.words;
    let (code, e) = source
        .measures(|m| m.metric == "share-true" && m.group.is_none())
        .filter_map(|m| Some((m.code.as_deref()?, source.estimate(m)?)))
        .max_by(|(_, a), (_, b)| a.value.total_cmp(&b.value))?;
    Some(say!(w, "accuracy-against-nothing", code = source.code(code), share = w.with_interval("share-true", e)))
}

/// Every figure of the whole test part to four digits with its standard error and what the design does to it: for who checks the card.
fn to_check(source: &Source<'_>) -> Option<Block> {
    let w = source.words;
    let whole = |m: &Measure| m.code.is_none() && m.group.is_none() && m.contrast.is_none() && m.versus.is_none();
    let of_records = |m: &Measure| find(&m.metric).is_some_and(|k| matches!(k.scope, Scope::Records | Scope::Threshold));
    let rows: Vec<Vec<String>> = source
        .measures(|m| whole(m) && of_records(m))
        .filter_map(|m| {
            let e = source.estimate(m)?;
            let digits = |x: Option<f64>, n| x.map_or_else(|| say!(w, "none"), |x| w.fixed(x, n));
            let interval = e.interval.map_or_else(|| say!(w, "no-interval"), |i| w.between(w.fixed(i.lower, 4), w.fixed(i.upper, 4)));
            Some(vec![
                source.measure_name(m),
                w.fixed(e.value, 4),
                interval,
                digits(e.se, 4),
                digits(e.design_effect, 2),
                digits(e.n_effective, 0),
                digits(e.df, 0),
            ])
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let columns = vec![
        words_column(say!(w, "col-measure")),
        figures_column(say!(w, "col-estimate")),
        figures_column(say!(w, "col-interval")),
        figures_column(say!(w, "col-standard-error")),
        figures_column(say!(w, "col-design-effect")),
        figures_column(say!(w, "col-effective-records")),
        figures_column(say!(w, "col-degrees-of-freedom")),
    ];
    let mut t = table(say!(w, "accuracy-digits"), columns, rows);
    t.folded = Some(say!(w, "accuracy-digits-fold"));
    Some(Block::Table(t))
}

/// Columns: a name, then metrics.
pub fn columns(w: &Words, first: String, records: Option<String>, metrics: &[&str]) -> Vec<Column> {
    let mut out = vec![words_column(first)];
    out.extend(records.map(figures_column));
    out.extend(metrics.iter().map(|m| metric_column(w, m)));
    out
}
