//! What the candidate's confidence is good for: coding at thresholds, and calibration.

use super::automatic;
use super::source::{Source, beside, figures_column, metric_column, words_column};
use crate::judge::Condition;
use crate::measure::{Measure, Surety};
use crate::report::card::{Block, Figure, Plot, Point};
use crate::report::disclosure::Shown;
use crate::report::format::{plotted, plotted_bounds};
use crate::report::locale::say;
use crate::report::words;

/// The coded share and coded accuracy at each threshold, ascending.
fn at_thresholds<'a>(source: &Source<'a>) -> Vec<(f64, Option<&'a Measure>, Option<&'a Measure>)> {
    let of = |metric: &'static str| move |m: &Measure| m.metric == metric && m.group.is_none() && m.code.is_none() && m.code_level.is_none();
    let mut thresholds: Vec<f64> = source.measures(|m| of("coded-share")(m) || of("coded-accuracy")(m)).filter_map(|m| m.threshold).collect();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    let find = |metric, t| source.measures(of(metric)).find(|m| m.threshold == Some(t));
    thresholds.into_iter().map(|t| (t, find("coded-share", t), find("coded-accuracy", t))).collect()
}

/// Coded share and accuracy at the policy's threshold, if both may be shown.
pub fn chosen<'a>(source: &Source<'a>) -> Option<(f64, &'a Measure, &'a Measure)> {
    let automatic = source.automatic()?;
    at_thresholds(source).into_iter().find_map(|(t, share, accuracy)| (t == automatic).then_some((t, share?, accuracy?)))
}

/// How much is coded without a clerk and how much of that is right, as far as it may be told.
fn coded(source: &Source<'_>, share: &Measure, accuracy: &Measure) -> String {
    let w = source.words;
    let told = |m: &Measure| source.estimate(m).map(|e| w.with_interval(&m.metric, e));
    let part = match told(share) {
        Some(share) => say!(w, "coded-share", share = share),
        None => say!(w, "coded-share-hidden", cell = source.cell(Some(share))),
    };
    let out = match told(accuracy) {
        Some(right) => say!(w, "coded-right", share = part, right = right),
        None => say!(w, "coded-right-hidden", share = part, cell = source.cell(Some(accuracy))),
    };
    match automatic::left(source) {
        Some((share, accuracy)) => format!("{out}. {}", words::automation::left(w, &source.cell(Some(&share)), &source.cell(Some(&accuracy)))),
        None if clerks_first(source) => say!(w, "coded-both", coded = out, conditions = say!(w, "before-conditions")),
        None => format!("{out}."),
    }
}

/// Whether a condition sends some records to a clerk whatever their confidence.
pub fn clerks_first(source: &Source<'_>) -> bool {
    source.verdict.conditions.iter().any(|c| matches!(c, Condition::ClerkForGroup { .. } | Condition::ClerkForCode { .. }))
}

/// The section on thresholds.
pub fn thresholds(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let all = at_thresholds(source);
    if all.is_empty() {
        return Vec::new();
    }
    let mut points = Vec::new();
    let mut rows = Vec::new();
    for (t, share, accuracy) in all {
        let marked = source.automatic() == Some(t);
        let written = words::automation::threshold_of(w, t);
        let name = if marked { say!(w, "threshold-chosen", written = written) } else { written.clone() };
        rows.push(vec![name, source.cell(share), source.cell(accuracy), accuracy.map_or_else(String::new, |m| source.records(m))]);
        let (Some(x), Some(y)) = (share.and_then(|m| source.estimate(m)), accuracy.and_then(|m| source.estimate(m))) else {
            continue;
        };
        points.push(Point {
            x: plotted("coded-share", x.value),
            y: plotted("coded-accuracy", y.value),
            interval: y.interval.map(|i| plotted_bounds("coded-accuracy", &i)),
            label: Some(written),
            marked,
        });
    }
    let columns = vec![
        words_column(if source.evidence.surety == Surety::Margin { say!(w, "col-margin-at-least") } else { say!(w, "col-confidence-at-least") }),
        metric_column(w, "coded-share"),
        metric_column(w, "coded-accuracy"),
        figures_column(say!(w, "col-records-coded")),
    ];
    let table = beside(w, say!(w, "thresholds-caption"), columns, rows);
    let mut blocks = Vec::new();
    let at = chosen(source);
    let promised = source.verdict.policy.automatic_promise.is_some();
    match (source.automatic(), at) {
        (Some(_), Some((t, share, accuracy))) => {
            let id = if promised { "thresholds-at-chosen" } else { "thresholds-at-policy" };
            blocks.push(Block::Text(say!(w, id, threshold = words::automation::threshold_of(w, t), coded = coded(source, share, accuracy))))
        }
        (Some(t), None) => {
            let t = words::automation::threshold_of(w, t);
            blocks.push(Block::Text(say!(w, "thresholds-not-evaluated", t = t)))
        }
        (None, _) if promised => {}
        (None, _) => blocks.push(Block::Text(say!(w, "thresholds-none"))),
    }
    blocks.extend(automatic::promise(source, at.map(|(_, _, accuracy)| accuracy)));
    if points.is_empty() {
        blocks.push(Block::Table(table));
    } else {
        blocks.push(Block::Figure(Figure {
            title: say!(w, "thresholds-plot"),
            description: say!(w, "thresholds-plot-description"),
            plot: Plot::Points { x_axis: say!(w, "thresholds-x"), y_axis: say!(w, "thresholds-y"), log_x: false, joined: true, diagonal: None, points },
            table,
        }));
    }
    blocks.extend(automatic::levels(source));
    blocks.extend(automatic::suggestions(source));
    blocks
}

/// What calibration comes to, in a few sentences.
fn in_words(source: &Source<'_>) -> String {
    let w = source.words;
    let whole = |metric: &str| source.evidence.overall(metric).and_then(|m| Some((m, source.estimate(m)?)));
    let mut sentences = Vec::new();
    if source.evidence.surety == Surety::Margin {
        sentences.push(say!(w, "confidence-margin"));
    } else if let Some(m) = source.evidence.overall("ece") {
        sentences.push(say!(w, "calibration-ece", cell = source.cell(Some(m))));
    }
    if let Some(interval) = whole("recalibration-slope").and_then(|(_, e)| e.interval) {
        sentences.push(words::automation::slope(w, interval.lower, interval.upper));
    }
    if let Some((m, _)) = whole("confidence-auroc") {
        sentences.push(words::automation::ranks(w, &source.cell(Some(m))));
    }
    sentences.join(" ")
}

/// The section on calibration; empty without confidences.
pub fn calibration(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let bins = &source.evidence.reliability;
    if bins.is_empty() {
        let known = source.evidence.surety == Surety::Margin && source.evidence.overall("aurc").is_some_and(|m| source.estimate(m).is_some());
        return if known {
            [Some(Block::Text(in_words(source))), automatic::measures_of_confidence(source)].into_iter().flatten().collect()
        } else {
            Vec::new()
        };
    }
    let shown: Vec<Shown<'_>> = bins.iter().enumerate().map(|(i, b)| source.disclosure.show_bin(i, &b.accuracy)).collect();
    let mut points = Vec::new();
    let mut rows = Vec::new();
    for (bin, shown) in bins.iter().zip(shown) {
        let name = w.between(w.fixed(bin.lower, 2), w.fixed(bin.upper, 2));
        let row = match (shown, bin.mean_confidence) {
            (Shown::Estimate(e), Some(confidence)) => {
                points.push(Point {
                    x: plotted("accuracy", confidence),
                    y: plotted("accuracy", e.value),
                    interval: e.interval.map(|i| plotted_bounds("accuracy", &i)),
                    label: None,
                    marked: false,
                });
                vec![name, w.value("accuracy", confidence), w.with_interval("accuracy", e), w.value("accuracy", bin.share), w.count(e.n)]
            }
            (Shown::Suppressed(why), _) => {
                let hidden = words::suppressed(w, why);
                vec![name, hidden.clone(), hidden.clone(), hidden, words::records_hidden(w, why)]
            }
            _ => vec![name, say!(w, "none"), say!(w, "bin-empty"), w.value("accuracy", 0.0), "0".into()],
        };
        rows.push(row);
    }
    let columns = vec![
        words_column(say!(w, "col-confidence")),
        figures_column(say!(w, "col-mean-confidence")),
        metric_column(w, "accuracy"),
        figures_column(say!(w, "col-share-of-records")),
        figures_column(say!(w, "col-records")),
    ];
    let table = beside(w, say!(w, "calibration-caption"), columns, rows);
    let mut blocks = vec![Block::Text(in_words(source))];
    blocks.push(if points.is_empty() {
        Block::Table(table)
    } else {
        Block::Figure(Figure {
            title: say!(w, "calibration-plot"),
            description: say!(w, "calibration-plot-description"),
            plot: Plot::Points {
                x_axis: say!(w, "calibration-x"),
                y_axis: say!(w, "coded-right-axis"),
                log_x: false,
                joined: false,
                diagonal: Some(say!(w, "calibration-diagonal")),
                points,
            },
            table,
        })
    });
    blocks.extend(automatic::measures_of_confidence(source));
    blocks
}
