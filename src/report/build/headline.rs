//! The strip of headline figures, and the same for the comparison of candidates.

use super::source::{Source, subject_metric};
use super::{codes, confidence};
use crate::measure::Measure;
use crate::metric::{Scope, find};
use crate::report::card::{Headline, Point, Row, Tile};
use crate::report::disclosure::Shown;
use crate::report::format::{count, level, plotted, plotted_bounds, told};
use crate::report::words;
use crate::value::Method;

/// The group with the lowest accuracy that may be shown of all groupings, and which it is the lowest of; one that is hidden when all are.
fn worst_group<'a>(source: &Source<'a>) -> Option<(&'a Measure, String)> {
    let all: Vec<&Measure> =
        source.measures(|m| m.metric == "accuracy" && m.group.is_some() && m.code.is_none() && m.code_level.is_none() && m.threshold.is_none()).collect();
    let size = |m: &Measure| source.estimate(m).map_or(f64::INFINITY, |e| e.value);
    let n = all.iter().filter(|m| source.estimate(m).is_some()).count();
    let of = if n < all.len() { format!("the lowest of the {n} groups with a figure") } else { format!("the lowest of {n} groups") };
    all.into_iter().min_by(|a, b| size(a).total_cmp(&size(b))).map(|m| (m, of))
}

/// A tile of a measure.
fn tile(source: &Source<'_>, label: &str, measure: Option<&Measure>, note: String) -> Option<Tile> {
    let m = measure?;
    let metric = subject_metric(m);
    let (value, range) = match source.disclosure.show(m) {
        Shown::Estimate(e) => {
            let (value, range) = told(metric, e);
            let interval = match &e.interval {
                Some(i) if i.method != Method::PlausibleRange => range.map(|r| format!("{} interval {r}", level(i.level))),
                _ => range,
            };
            (value, interval.unwrap_or_else(|| "too short for a range".into()))
        }
        Shown::Suppressed(why) => (words::SUPPRESSED.into(), words::why(why).into()),
        Shown::TooFew => (words::CANNOT_TELL.into(), "too few records".into()),
        Shown::Undefined(why) => (words::CANNOT_TELL.into(), why.into()),
    };
    let note = if source.estimate(m).is_some() { note } else { String::new() };
    Some(Tile { label: label.into(), value, range, note, metric: m.metric.clone() })
}

/// The strip.
pub fn glance(source: &Source<'_>) -> Vec<Tile> {
    let overall = |metric: &str| source.evidence.overall(metric);
    let records = |m: Option<&Measure>| m.map_or_else(String::new, |m| format!("{} records", source.records(m)));
    let worst = worst_group(source);
    let share = codes::worst_share(source);
    let alone = |n: usize| format!("of the {n} codes with a figure; if every record were coded by the model alone");
    let automatic = confidence::chosen(source);
    let left = super::automatic::left(source);
    let accuracy = overall("accuracy");
    let macro_f1 = overall("macro-f1");
    [
        tile(source, "Coded right", accuracy, records(accuracy)),
        tile(
            source,
            "In the worst group",
            worst.as_ref().map(|(m, _)| *m),
            worst.as_ref().map_or_else(String::new, |(m, of)| {
                let name = m.group.as_ref().map_or_else(String::new, |g| source.group(g));
                format!("{name}; {} records; {of}", source.records(m))
            }),
        ),
        tile(source, "Every code counted alike", macro_f1, "macro-F1: rare codes weigh as much as frequent ones".into()),
        tile(
            source,
            "Coded without a clerk",
            left.as_ref().map(|(s, _)| s).or(automatic.map(|(_, s, _)| s)),
            automatic.map_or_else(String::new, |(t, _, a)| {
                let a = left.as_ref().map_or(a, |(_, a)| a);
                let right = match source.estimate(a) {
                    Some(_) => format!("of these right: {}", source.cell(Some(a))),
                    None => format!("how many of these are right is not told ({})", source.cell(Some(a))),
                };
                let before = if left.is_some() {
                    format!("; {}", words::UNDER_CONDITIONS)
                } else if confidence::clerks_first(source) {
                    format!("; {}", words::BEFORE_CONDITIONS)
                } else {
                    String::new()
                };
                format!("confidence at least {}; {right}{before}", words::automation::threshold_of(t))
            }),
        ),
        tile(
            source,
            "Largest error in a published share",
            share.map(|(m, _)| m),
            share.map_or_else(String::new, |(m, n)| {
                format!("code {}, the largest {}", m.code.as_deref().map_or_else(String::new, |c| source.code(c)), alone(n))
            }),
        ),
        tile(source, "Processor time of training", overall("train-cpu-seconds"), format!("all threads added up{}", elsewhere(source))),
        tile(source, "Energy of training", overall("train-energy"), format!("{}{}", source.evidence.run.metered().0.source.tier.words(), elsewhere(source))),
        tile(source, "Peak memory", overall("peak-memory"), "while trained and used".into()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the comparison shows of this card; cells in the order of [`words::COMPARISON_COLUMNS`].
pub fn headline(source: &Source<'_>) -> Headline {
    let overall = |metric: &str| source.evidence.overall(metric);
    let cell = |metric: &str| source.cell(overall(metric));
    let with_n = |m: Option<&Measure>, by: String| match m {
        Some(m) if source.estimate(m).is_some() => format!("{}{by}, n = {}", source.cell(Some(m)), count(m.outcome.n())),
        m => source.cell(m),
    };
    let worst = worst_group(source);
    let worst = worst.map(|(m, _)| m);
    let worst_row = worst.and_then(|m| source.row(m.group.as_ref().map_or_else(String::new, |g| source.group(g)), m));
    let group = worst.and_then(|m| m.group.as_ref()).map_or_else(String::new, |g| format!(", {}", source.group(g)));
    let share = codes::worst_share(source).map(|(m, _)| m);
    let code =
        share.filter(|m| source.estimate(m).is_some()).and_then(|m| m.code.as_deref()).map_or_else(String::new, |c| format!(", code {}", source.code(c)));
    let accuracy = overall("accuracy");
    // Seconds of another machine are not seconds of this one.
    let here = source.evidence.run.cited.is_none();
    let cpu_seconds = overall("train-cpu-seconds").filter(|_| here).and_then(|m| source.estimate(m)).map(|e| e.value);
    let point = accuracy.and_then(|m| source.estimate(m)).map(|e| Point {
        x: cpu_seconds.unwrap_or(0.0),
        y: plotted("accuracy", e.value),
        interval: e.interval.map(|i| plotted_bounds("accuracy", &i)),
        label: Some(source.evidence.candidate.name.clone()),
        marked: false,
    });
    Headline {
        floor: source.evidence.candidate.floor,
        versus: super::others::versus(source),
        cells: vec![
            super::decision::words_of(source).into(),
            with_n(accuracy, String::new()),
            with_n(worst, group),
            cell("macro-f1"),
            cell("log-loss"),
            cell("ece"),
            format!("{}{code}", source.cell(share)),
            format!("{}{}", cell("train-cpu-seconds"), elsewhere(source)),
            format!("{}{}", cell("train-energy"), elsewhere(source)),
            cell("predict-energy-per-1000"),
            cell("peak-memory"),
        ],
        accuracy: point,
        worst: worst_row,
        records: accuracy.map_or_else(String::new, |m| source.records(m)),
        cpu_seconds,
        energy: energy(source),
        machine: machine(source),
    }
}

/// That costs were measured elsewhere, where they were.
fn elsewhere(source: &Source<'_>) -> &'static str {
    if source.evidence.run.cited.is_some() { ", measured elsewhere" } else { "" }
}

/// The energy that candidates are compared by: of a year where the study projects one, else of training.
fn energy(source: &Source<'_>) -> Option<Row> {
    let (metric, label) = match source.evidence.study.annual_records {
        Some(_) => ("annual-energy", "a year"),
        None => ("train-energy", "training"),
    };
    let e = source.evidence.overall(metric).and_then(|m| source.estimate(m))?;
    Some(Row { label: label.into(), value: e.value, interval: e.interval.map(|i| (i.lower, i.upper)) })
}

/// What two figures of cost must share to be compared.
fn machine(source: &Source<'_>) -> String {
    let host = source.evidence.run.metered().0;
    let memory = host.memory_bytes.unwrap_or(0);
    format!("{}, {} logical processors, {memory} bytes of memory, {}", host.cpu_model, host.logical_cpus, host.source.tier.words())
}

/// Metrics that a card uses, in the registry's order.
pub fn used(source: &Source<'_>) -> Vec<&'static crate::metric::Metric> {
    let ids: std::collections::BTreeSet<&str> = source
        .evidence
        .measures
        .iter()
        .chain(&source.evidence.run.cost)
        .chain(source.verdict.findings.iter().map(|f| &f.measure))
        .flat_map(|m| [Some(m.metric.as_str()), m.contrast.as_ref().map(|c| c.kind.as_str())])
        .flatten()
        .filter(|id| find(id).is_some())
        .collect();
    // Published figures are not among the measures, and their table has a column for each.
    let published = |m: &crate::metric::Metric| matches!(m.scope, Scope::Published | Scope::Figures) || m.id == "counting-bias";
    let has = source.evidence.published.is_some();
    crate::metric::METRICS.iter().filter(|m| ids.contains(m.id) || has && published(m)).collect()
}
