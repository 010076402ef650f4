//! What the candidate's confidence is good for: coding at thresholds, and calibration.

use super::automatic;
use super::source::{Source, beside, figures_column, metric_column, words_column};
use crate::judge::Condition;
use crate::measure::{Measure, Surety};
use crate::report::card::{Block, Figure, Plot, Point};
use crate::report::disclosure::Shown;
use crate::report::format::{fixed, plotted, plotted_bounds, value, with_interval};
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
    let told = |m| source.estimate(m).map(|e| with_interval(&m.metric, e));
    let mut out = match told(share) {
        Some(share) => format!("{share} of the population's records would be coded without a clerk"),
        None => format!("how many records would be coded without a clerk is not told ({})", source.cell(Some(share))),
    };
    out.push_str(&match told(accuracy) {
        Some(right) => format!(", and {right} of those would be right"),
        None => format!("; how many of those would be right is not told ({})", source.cell(Some(accuracy))),
    });
    match automatic::left(source) {
        Some((share, accuracy)) => format!("{out}. {}", words::automation::left(&source.cell(Some(&share)), &source.cell(Some(&accuracy)))),
        None if clerks_first(source) => format!("{out}; both figures are {}.", words::BEFORE_CONDITIONS),
        None => format!("{out}."),
    }
}

/// Whether a condition sends some records to a clerk whatever their confidence.
pub fn clerks_first(source: &Source<'_>) -> bool {
    source.verdict.conditions.iter().any(|c| matches!(c, Condition::ClerkForGroup { .. } | Condition::ClerkForCode { .. }))
}

/// The section on thresholds.
pub fn thresholds(source: &Source<'_>) -> Vec<Block> {
    let all = at_thresholds(source);
    if all.is_empty() {
        return Vec::new();
    }
    let mut points = Vec::new();
    let mut rows = Vec::new();
    for (t, share, accuracy) in all {
        let marked = source.automatic() == Some(t);
        let written = words::automation::threshold_of(t);
        let name = if marked { format!("{written} (chosen)") } else { written.clone() };
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
        words_column(if source.evidence.surety == Surety::Margin { "Margin at least" } else { "Confidence at least" }),
        metric_column("coded-share"),
        metric_column("coded-accuracy"),
        figures_column("Records coded"),
    ];
    let table = beside("Coding without a clerk at each confidence threshold", columns, rows);
    let mut blocks = Vec::new();
    let at = chosen(source);
    let promised = source.verdict.policy.automatic_promise.is_some();
    match (source.automatic(), at) {
        (Some(_), Some((t, share, accuracy))) => {
            let whose = if promised { "the chosen" } else { "the policy's" };
            blocks.push(Block::Text(format!("At {whose} threshold of {}, {}", words::automation::threshold_of(t), coded(source, share, accuracy))))
        }
        (Some(t), None) => {
            let t = words::automation::threshold_of(t);
            blocks.push(Block::Text(format!("The policy's threshold of {t} is not among those that were evaluated.")))
        }
        (None, _) if promised => {}
        (None, _) => blocks.push(Block::Text("The policy names no threshold for coding without a clerk.".into())),
    }
    blocks.extend(automatic::promise(source, at.map(|(_, _, accuracy)| accuracy)));
    if points.is_empty() {
        blocks.push(Block::Table(table));
    } else {
        blocks.push(Block::Figure(Figure {
            title: "Coded share against coded accuracy".into(),
            description: "Each point is a confidence threshold: how much would be coded without a clerk, and how much of it right, with its interval. The threshold is written at the point."
                .into(),
            plot: Plot::Points {
                x_axis: "coded without a clerk, in per cent of all".into(),
                y_axis: "of these coded right, in per cent".into(),
                log_x: false,
                joined: true,
                diagonal: None,
                points,
            },
            table,
        }));
    }
    blocks.extend(automatic::levels(source));
    blocks.extend(automatic::suggestions(source));
    blocks
}

/// What calibration comes to, in a few sentences.
fn in_words(source: &Source<'_>) -> String {
    let whole = |metric: &str| source.evidence.overall(metric).and_then(|m| Some((m, source.estimate(m)?)));
    let mut sentences = Vec::new();
    if source.evidence.surety == Surety::Margin {
        sentences.push(words::automation::MARGIN.to_owned());
    } else if let Some(m) = source.evidence.overall("ece") {
        sentences
            .push(format!("The expected calibration error is {}: the mean distance between confidence and the share that is right.", source.cell(Some(m))));
    }
    if let Some(interval) = whole("recalibration-slope").and_then(|(_, e)| e.interval) {
        sentences.push(words::automation::slope(interval.lower, interval.upper).to_owned());
    }
    if let Some((m, _)) = whole("confidence-auroc") {
        sentences.push(words::automation::ranks(&source.cell(Some(m))));
    }
    sentences.join(" ")
}

/// The section on calibration; empty without confidences.
pub fn calibration(source: &Source<'_>) -> Vec<Block> {
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
        let name = format!("{} to {}", fixed(bin.lower, 2), fixed(bin.upper, 2));
        let row = match (shown, bin.mean_confidence) {
            (Shown::Estimate(e), Some(confidence)) => {
                points.push(Point {
                    x: plotted("accuracy", confidence),
                    y: plotted("accuracy", e.value),
                    interval: e.interval.map(|i| plotted_bounds("accuracy", &i)),
                    label: None,
                    marked: false,
                });
                vec![name, value("accuracy", confidence), with_interval("accuracy", e), value("accuracy", bin.share), crate::report::format::count(e.n)]
            }
            (Shown::Suppressed(why), _) => {
                let hidden = words::suppressed(why);
                vec![name, hidden.clone(), hidden.clone(), hidden, words::records_hidden(why)]
            }
            _ => vec![name, "none".into(), "no record in the bin".into(), value("accuracy", 0.0), "0".into()],
        };
        rows.push(row);
    }
    let columns = vec![
        words_column("Confidence"),
        figures_column("Mean confidence"),
        metric_column("accuracy"),
        figures_column("Share of all records"),
        figures_column("Records"),
    ];
    let table = beside("Stated confidence against the share that is right, bin by bin", columns, rows);
    let mut blocks = vec![Block::Text(in_words(source))];
    blocks.push(if points.is_empty() {
        Block::Table(table)
    } else {
        Block::Figure(Figure {
            title: "Stated confidence against the share that is right".into(),
            description: "Each point is a bin of confidence with the interval of its accuracy. On the diagonal, confidence is what it says.".into(),
            plot: Plot::Points {
                x_axis: "mean stated confidence, in per cent".into(),
                y_axis: "coded right, in per cent".into(),
                log_x: false,
                joined: false,
                diagonal: Some("as stated".into()),
                points,
            },
            table,
        })
    });
    blocks.extend(automatic::measures_of_confidence(source));
    blocks
}
