//! The strip of headline figures, and the same for the comparison of candidates.

use super::source::{Source, subject_metric};
use super::{codes, confidence};
use crate::measure::Measure;
use crate::metric::find;
use crate::report::card::{Headline, Point, Tile};
use crate::report::disclosure::Shown;
use crate::report::format::{count, fixed, level, range, value};
use crate::report::words;
use crate::value::Method;

/// The group with the lowest accuracy of all groupings, and how many groups were compared.
fn worst_group<'a>(source: &Source<'a>) -> Option<(&'a Measure, usize)> {
    let groups: Vec<&Measure> = source
        .measures(|m| m.metric == "accuracy" && m.group.is_some() && m.code.is_none() && m.code_level.is_none() && m.threshold.is_none())
        .filter(|m| source.estimate(m).is_some())
        .collect();
    let size = |m: &Measure| source.estimate(m).map_or(f64::INFINITY, |e| e.value);
    let n = groups.len();
    groups.into_iter().min_by(|a, b| size(a).total_cmp(&size(b))).map(|m| (m, n))
}

/// A tile of a measure.
fn tile(source: &Source<'_>, label: &str, measure: Option<&Measure>, note: String) -> Option<Tile> {
    let m = measure?;
    let metric = subject_metric(m);
    let (value, range) = match source.disclosure.show(m) {
        Shown::Estimate(e) => {
            let interval = match &e.interval {
                Some(i) if i.method == Method::PlausibleRange => range(metric, Some(i)),
                Some(i) => format!("{} interval {}", level(i.level), range(metric, Some(i))),
                None => range(metric, None),
            };
            (value(metric, e.value), interval)
        }
        Shown::Suppressed => (words::SUPPRESSED.into(), "to protect respondents".into()),
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
    let automatic = confidence::chosen(source);
    let accuracy = overall("accuracy");
    let macro_f1 = overall("macro-f1");
    [
        tile(source, "Coded right", accuracy, records(accuracy)),
        tile(
            source,
            "In the worst group",
            worst.map(|(m, _)| m),
            worst.map_or_else(String::new, |(m, n)| {
                let name = m.group.as_ref().map_or_else(String::new, |g| source.group(g));
                format!("{name}; {} records; the lowest of {n} groups", source.records(m))
            }),
        ),
        tile(source, "Every code counted alike", macro_f1, "macro-F1: rare codes weigh as much as frequent ones".into()),
        tile(
            source,
            "Coded without a clerk",
            automatic.map(|(_, s, _)| s),
            automatic.map_or_else(String::new, |(t, _, a)| format!("confidence at least {}; of these right: {}", fixed(t, 2), source.cell(Some(a)))),
        ),
        tile(
            source,
            "Largest error in a published share",
            share,
            share.and_then(|m| m.code.as_deref()).map_or_else(String::new, |c| format!("code {}", source.code(c))),
        ),
        tile(source, "Processor time of training", overall("train-cpu-seconds"), "all threads added up".into()),
        tile(source, "Energy of training", overall("train-energy"), source.evidence.run.host.source.tier.words().into()),
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
    let group = worst.and_then(|(m, _)| m.group.as_ref()).map_or_else(String::new, |g| format!(", {}", source.group(g)));
    let share = codes::worst_share(source);
    let code = share.and_then(|m| m.code.as_deref()).map_or_else(String::new, |c| format!(", code {}", source.code(c)));
    let accuracy = overall("accuracy");
    let cpu_seconds = overall("train-cpu-seconds").and_then(|m| source.estimate(m)).map(|e| e.value);
    let point = accuracy.and_then(|m| source.estimate(m)).map(|e| Point {
        x: cpu_seconds.unwrap_or(0.0),
        y: 100.0 * e.value,
        interval: e.interval.map(|i| (100.0 * i.lower, 100.0 * i.upper)),
        label: Some(source.evidence.candidate.name.clone()),
        marked: false,
    });
    Headline {
        floor: source.evidence.candidate.floor,
        versus: super::others::versus(source),
        cells: vec![
            words::decision(source.verdict.decision).0.into(),
            with_n(accuracy, String::new()),
            with_n(worst.map(|(m, _)| m), group),
            cell("macro-f1"),
            cell("log-loss"),
            cell("ece"),
            format!("{}{code}", source.cell(share)),
            cell("train-cpu-seconds"),
            cell("train-energy"),
            cell("peak-memory"),
        ],
        accuracy: point,
        cpu_seconds,
    }
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
    crate::metric::METRICS.iter().filter(|m| ids.contains(m.id)).collect()
}
