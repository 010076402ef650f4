//! The strip of headline figures, and the same for the comparison of candidates.

use super::source::{Source, subject_metric};
use super::{codes, confidence};
use crate::measure::Measure;
use crate::metric::{Scope, find};
use crate::report::card::{Headline, Point, Row, Tile};
use crate::report::disclosure::Shown;
use crate::report::format::{plotted, plotted_bounds};
use crate::report::locale::say;
use crate::report::words;
use crate::value::Method;

/// The group with the lowest accuracy that may be shown of all groupings, and which it is the lowest of; one that is hidden when all are.
fn worst_group<'a>(source: &Source<'a>) -> Option<(&'a Measure, String)> {
    let w = source.words;
    let all: Vec<&Measure> =
        source.measures(|m| m.metric == "accuracy" && m.group.is_some() && m.code.is_none() && m.code_level.is_none() && m.threshold.is_none()).collect();
    let size = |m: &Measure| source.estimate(m).map_or(f64::INFINITY, |e| e.value);
    let n = all.iter().filter(|m| source.estimate(m).is_some()).count();
    let of = if n < all.len() { say!(w, "lowest-with-figure", n = n) } else { say!(w, "lowest", n = n) };
    all.into_iter().min_by(|a, b| size(a).total_cmp(&size(b))).map(|m| (m, of))
}

/// A tile of a measure.
fn tile(source: &Source<'_>, label: String, measure: Option<&Measure>, note: String) -> Option<Tile> {
    let w = source.words;
    let m = measure?;
    let metric = subject_metric(m);
    let (value, range) = match source.disclosure.show(m) {
        Shown::Estimate(e) => {
            let (value, range) = w.estimate(metric, e);
            let interval = match &e.interval {
                Some(i) if i.method != Method::PlausibleRange => range.map(|r| say!(w, "interval-at", level = w.level(i.level), bounds = r)),
                _ => range,
            };
            (value, interval.unwrap_or_else(|| say!(w, "tile-too-short")))
        }
        Shown::Suppressed(why) => (say!(w, "suppressed"), words::why(w, why)),
        Shown::TooFew => (say!(w, "cannot-tell"), say!(w, "tile-few")),
        Shown::Undefined(why) => (say!(w, "cannot-tell"), w.told(why)),
    };
    let note = if source.estimate(m).is_some() { note } else { String::new() };
    Some(Tile { label, value, range, note, metric: m.metric.clone() })
}

/// The strip.
pub fn glance(source: &Source<'_>) -> Vec<Tile> {
    let w = source.words;
    let overall = |metric: &str| source.evidence.overall(metric);
    let records = |m: Option<&Measure>| m.map_or_else(String::new, |m| say!(w, "n-records-text", n = source.records(m)));
    let worst = worst_group(source);
    let share = codes::worst_share(source);
    let automatic = confidence::chosen(source);
    let left = super::automatic::left(source);
    let accuracy = overall("accuracy");
    let macro_f1 = overall("macro-f1");
    let tier = w.told(source.evidence.run.metered().0.source.tier.words());
    [
        tile(source, say!(w, "tile-right"), accuracy, records(accuracy)),
        tile(
            source,
            say!(w, "tile-worst"),
            worst.as_ref().map(|(m, _)| *m),
            worst.as_ref().map_or_else(String::new, |(m, of)| {
                let name = m.group.as_ref().map_or_else(String::new, |g| source.group(g));
                say!(w, "tile-worst-note", name = name, records = source.records(m), of = of)
            }),
        ),
        tile(source, say!(w, "tile-macro"), macro_f1, say!(w, "tile-macro-note")),
        tile(
            source,
            say!(w, "tile-automatic"),
            left.as_ref().map(|(s, _)| s).or(automatic.map(|(_, s, _)| s)),
            automatic.map_or_else(String::new, |(t, _, a)| {
                let a = left.as_ref().map_or(a, |(_, a)| a);
                let cell = source.cell(Some(a));
                let right = if source.estimate(a).is_some() { say!(w, "tile-these-right", cell = cell) } else { say!(w, "tile-right-not-told", cell = cell) };
                let before = if left.is_some() {
                    say!(w, "before-or-under", text = say!(w, "under-conditions"))
                } else if confidence::clerks_first(source) {
                    say!(w, "before-or-under", text = say!(w, "before-conditions"))
                } else {
                    String::new()
                };
                say!(w, "tile-automatic-note", threshold = words::automation::threshold_of(w, t), right = right, before = before)
            }),
        ),
        tile(
            source,
            say!(w, "tile-share"),
            share.map(|(m, _)| m),
            share.map_or_else(String::new, |(m, n)| say!(w, "tile-share-note", code = m.code.as_deref().map_or_else(String::new, |c| source.code(c)), n = n)),
        ),
        tile(source, say!(w, "tile-cpu"), overall("train-cpu-seconds"), elsewhere(source, say!(w, "tile-all-threads"))),
        tile(source, say!(w, "tile-energy"), overall("train-energy"), elsewhere(source, tier)),
        tile(source, say!(w, "tile-memory"), overall("peak-memory"), say!(w, "tile-memory-note")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the comparison shows of this card; cells in the order of [`words::COMPARISON_COLUMNS`].
pub fn headline(source: &Source<'_>) -> Headline {
    let w = source.words;
    let overall = |metric: &str| source.evidence.overall(metric);
    let cell = |metric: &str| source.cell(overall(metric));
    let with_n = |m: Option<&Measure>, by: Option<String>| match m {
        Some(m) if source.estimate(m).is_some() => {
            let cell = [Some(source.cell(Some(m))), by].into_iter().flatten().collect::<Vec<_>>().join(&say!(w, "list-comma"));
            say!(w, "cell-with-n", cell = cell, n = m.outcome.n())
        }
        m => source.cell(m),
    };
    let worst = worst_group(source);
    let worst = worst.map(|(m, _)| m);
    let worst_row = worst.and_then(|m| source.row(m.group.as_ref().map_or_else(String::new, |g| source.group(g)), m));
    let group = worst.and_then(|m| m.group.as_ref()).map(|g| source.group(g));
    let share = codes::worst_share(source).map(|(m, _)| m);
    let code = share.filter(|m| source.estimate(m).is_some()).and_then(|m| m.code.as_deref());
    let of_code = code.map_or_else(|| source.cell(share), |c| say!(w, "cell-of-code", cell = source.cell(share), code = source.code(c)));
    let accuracy = overall("accuracy");
    // Seconds of another machine are not seconds of this one.
    let here = source.evidence.run.cited.is_none();
    let cpu_seconds = overall("train-cpu-seconds").filter(|_| here).and_then(|m| source.estimate(m)).map(|e| e.value);
    let point = accuracy.and_then(|m| source.estimate(m)).map(|e| Point {
        x: cpu_seconds.unwrap_or(0.0),
        y: plotted("accuracy", e.value),
        interval: e.interval.map(|i| plotted_bounds("accuracy", &i)),
        label: Some(source.foreign(&source.evidence.candidate.name)),
        marked: false,
    });
    Headline {
        floor: source.evidence.candidate.floor,
        versus: super::others::versus(source),
        cells: vec![
            super::decision::words_of(source),
            with_n(accuracy, None),
            with_n(worst, group),
            cell("macro-f1"),
            cell("log-loss"),
            cell("ece"),
            of_code,
            elsewhere(source, cell("train-cpu-seconds")),
            elsewhere(source, cell("train-energy")),
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
fn elsewhere(source: &Source<'_>, text: String) -> String {
    if source.evidence.run.cited.is_some() { say!(source.words, "elsewhere", text = text) } else { text }
}

/// The energy that candidates are compared by: of a year where the study projects one, else of training.
fn energy(source: &Source<'_>) -> Option<Row> {
    // The label says which to the comparison, and is not for readers.
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
    let words = source.evidence.tokens.as_ref().is_some_and(|t| !t.groupings.is_empty());
    crate::metric::METRICS.iter().filter(|m| ids.contains(m.id) || has && published(m) || words && m.scope == crate::metric::Scope::Words).collect()
}
