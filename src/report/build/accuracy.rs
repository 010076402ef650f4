//! How often the candidate is right: overall, by code level, the other overall measures, and against knowing nothing.

use super::source::{Source, beside, figures_column, metric_column, table, words_column};
use crate::measure::Measure;
use crate::metric::{Scope, find, of_confidence, of_suggestions};
use crate::report::card::{Block, Column, Figure, Plot};
use crate::report::disclosure::Shown;
use crate::report::format::{fixed, range, value, with_interval};
use crate::report::words;

/// True for a measure of the whole test part without code, threshold or contrast.
pub fn overall(m: &Measure) -> bool {
    m.code.is_none() && m.threshold.is_none() && m.group.is_none() && m.contrast.is_none()
}

/// The section.
pub fn accuracy(source: &Source<'_>) -> Vec<Block> {
    let here = |m: &Measure| overall(m) && !of_confidence(&m.metric) && !of_suggestions(&m.metric);
    let measures: Vec<&Measure> = source.measures(|m| here(m) && find(&m.metric).is_none_or(|k| k.scope == Scope::Records)).collect();
    let mut blocks = vec![Block::Text(words::intervals(source.evidence.study.level))];
    blocks.extend(against_nothing(source).map(Block::Text));
    let rows: Vec<Vec<String>> = measures.iter().map(|m| row(source, m)).collect();
    let columns =
        vec![words_column("Measure"), figures_column("Estimate"), figures_column("Interval"), figures_column("Records"), words_column("Interval method")];
    let all = beside("Measures of the whole test part", columns, rows);
    let levels: Vec<&Measure> = measures.iter().copied().filter(|m| m.metric == "accuracy" || m.metric == "top-5-accuracy").collect();
    let plotted = levels.iter().filter_map(|m| source.row(name(source, m), m)).collect::<Vec<_>>();
    if plotted.is_empty() {
        blocks.push(Block::Table(all));
    } else {
        blocks.push(Block::Figure(Figure {
            title: "Accuracy by level of the code frame".into(),
            description: "Accuracy with its interval at each level of the code frame; the same figures are in the table below.".into(),
            plot: Plot::Intervals { axis: "records coded right, in per cent".into(), reference: None, rows: plotted },
            table: all,
        }));
    }
    blocks.extend(super::steps::steps(source));
    blocks.extend(to_check(source));
    blocks
}

/// The name of an overall measure: the level it is at, or the metric.
fn name(source: &Source<'_>, m: &Measure) -> String {
    let metric = find(&m.metric).map_or(m.metric.as_str(), |k| k.name);
    match &m.code_level {
        Some(level) => format!("{metric}, {level}"),
        None if m.metric == "accuracy" && source.evidence.data.code_levels.len() > 1 => format!("{metric}, full code"),
        None => metric.to_owned(),
    }
}

/// A row: name, value, interval, records, method.
fn row(source: &Source<'_>, m: &Measure) -> Vec<String> {
    let shown = source.disclosure.show(m);
    let (estimate, interval, method) = match shown {
        Shown::Estimate(e) => (value(&m.metric, e.value), range(&m.metric, e.interval.as_ref()), e.interval.map_or("none", |i| i.method.words())),
        other => (source.instead(other), "none".into(), "none"),
    };
    vec![name(source, m), estimate, interval, source.records(m), method.into()]
}

/// What coding everything with the most frequent code would get right.
fn against_nothing(source: &Source<'_>) -> Option<String> {
    let (code, e) = source
        .measures(|m| m.metric == "share-true" && m.group.is_none())
        .filter_map(|m| Some((m.code.as_deref()?, source.estimate(m)?)))
        .max_by(|(_, a), (_, b)| a.value.total_cmp(&b.value))?;
    Some(format!(
        "Against knowing nothing: giving every record the most frequent code ({}) would be right for {}.",
        source.code(code),
        with_interval("share-true", e)
    ))
}

/// Every figure of the whole test part to four digits with its standard error and what the design does to it: for who checks the card.
fn to_check(source: &Source<'_>) -> Option<Block> {
    let whole = |m: &Measure| m.code.is_none() && m.group.is_none() && m.contrast.is_none() && m.versus.is_none();
    let of_records = |m: &Measure| find(&m.metric).is_some_and(|k| matches!(k.scope, Scope::Records | Scope::Threshold));
    let rows: Vec<Vec<String>> = source
        .measures(|m| whole(m) && of_records(m))
        .filter_map(|m| {
            let e = source.estimate(m)?;
            let digits = |x: Option<f64>, n| x.map_or_else(|| "none".to_owned(), |x| fixed(x, n));
            let interval = e.interval.map_or_else(|| "no interval".to_owned(), |i| format!("{} to {}", fixed(i.lower, 4), fixed(i.upper, 4)));
            Some(vec![
                source.measure_name(m),
                fixed(e.value, 4),
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
        words_column("Measure"),
        figures_column("Estimate"),
        figures_column("Interval"),
        figures_column("Standard error"),
        figures_column("Design effect"),
        figures_column("Effective records"),
        figures_column("Degrees of freedom"),
    ];
    let mut t = table("Estimates to four digits, shares between 0 and 1", columns, rows);
    t.folded = Some("Four digits, standard errors, design effects".into());
    Some(Block::Table(t))
}

/// Columns: a name, then metrics.
pub fn columns(first: &str, records: Option<&str>, metrics: &[&str]) -> Vec<Column> {
    let mut out = vec![words_column(first)];
    out.extend(records.map(figures_column));
    out.extend(metrics.iter().map(|m| metric_column(m)));
    out
}
