//! The scorecard after QF4SA: explainability, accuracy, reproducibility, timeliness, cost effectiveness, each with what was measured.

use super::headline::glance;
use super::source::Source;
use super::year;
use crate::measure::break_even;
use crate::report::card::{Block, Tile};
use crate::report::format::money;
use crate::report::words::{automation, scorecard as wording};

/// Kinds of candidate that were made elsewhere.
const BROUGHT: [&str; 5] = ["predictions", "command", "fasttext", "onnx", "saved"];
/// Phases of training, as the meter names them.
const TRAINING: [&str; 4] = ["features", "tune", "fit", "calibrate"];

/// The least that money is told in.
const CENT: f64 = 0.005;

type Facts = Vec<(String, String)>;

/// The section.
pub fn scorecard(source: &Source<'_>, evidence_digest: &str) -> Vec<Block> {
    let tiles = glance(source);
    let [explain, accuracy, reproduce, time, cost] = wording::DIMENSIONS;
    let mut blocks = vec![Block::Text(wording::ABOUT.into())];
    for (heading, facts) in [
        (explain, explainability(source)),
        (accuracy, figures(&tiles, &["accuracy", "macro-f1", "coded-share", "share-error"])),
        (reproduce, reproducibility(source, evidence_digest)),
        (time, timeliness(source)),
        (cost, effectiveness(source)),
    ] {
        let facts = if facts.is_empty() { vec![(heading.to_owned(), wording::NOT_MEASURED.to_owned())] } else { facts };
        blocks.extend([Block::Heading(heading.into()), Block::Facts(facts)]);
    }
    blocks
}

fn explainability(source: &Source<'_>) -> Facts {
    let candidate = &source.evidence.candidate;
    let mut facts = vec![(wording::HOW.to_owned(), wording::kind(&candidate.kind).to_owned())];
    let made = candidate.facts.iter().find(|(name, _)| name.starts_with("explanation")).map(|(_, what)| what.clone());
    facts.push((wording::EXPLANATIONS.into(), made.unwrap_or_else(|| wording::NOT_EXPLAINED.into())));
    if let Some(i) = source.evidence.overall("recalibration-slope").and_then(|m| source.estimate(m)).and_then(|e| e.interval) {
        facts.push((wording::CONFIDENCE.into(), automation::slope(i.lower, i.upper).to_owned()));
    }
    facts
}

/// The headline figures of some metrics, as they stand at a glance.
fn figures(tiles: &[Tile], metrics: &[&str]) -> Facts {
    let told = |t: &Tile| {
        let note = if t.note.is_empty() { String::new() } else { format!("; {}", t.note) };
        (t.label.clone(), format!("{} ({}){note}", t.value, t.range))
    };
    tiles.iter().filter(|t| metrics.contains(&t.metric.as_str())).map(told).collect()
}

fn reproducibility(source: &Source<'_>, evidence_digest: &str) -> Facts {
    let e = source.evidence;
    let brought = BROUGHT.contains(&e.candidate.kind.as_str());
    vec![
        (wording::SEED.into(), wording::again(e.study.seed, brought)),
        (wording::FIXED.into(), wording::fixed_by(e.data.files.len(), evidence_digest)),
        (wording::COMMAND.into(), e.study.command.clone()),
    ]
}

fn timeliness(source: &Source<'_>) -> Facts {
    let phases = source.evidence.run.metered().1;
    let mut facts = Facts::new();
    let coding = phases.iter().find(|p| p.phase == "predict").and_then(|p| Some((p.records_out.filter(|n| *n > 0)?, p.wall_s))).filter(|(_, s)| *s > 0.0);
    match coding {
        Some((records, wall)) => {
            facts.push((wording::CODING.into(), wording::coding(records, wall)));
            if let Some(year) = source.evidence.study.annual_records {
                let month = year as f64 / 12.0;
                facts.push((wording::MONTH.into(), wording::month(month, month * wall / records as f64)));
            }
        }
        None => facts.push((wording::CODING.into(), wording::NOT_MEASURED.into())),
    }
    let training: Vec<_> = phases.iter().filter(|p| TRAINING.contains(&p.phase.as_str())).collect();
    let told = match training.as_slice() {
        [] => wording::NOT_MEASURED.to_owned(),
        all => wording::training(all.iter().filter_map(|p| p.records_in).max(), all.iter().map(|p| p.wall_s).sum()),
    };
    facts.push((wording::TRAINING.into(), told));
    facts
}

fn effectiveness(source: &Source<'_>) -> Facts {
    let study = &source.evidence.study;
    let mut facts = Facts::new();
    for metric in ["predict-cpu-seconds-per-1000", "predict-energy-per-1000", "carbon-per-1000"] {
        if let Some(m) = source.evidence.overall(metric) {
            facts.push((source.measure_name(m), source.cell(Some(m))));
        }
    }
    let Some(records) = study.annual_records else {
        facts.push((wording::BREAK_EVEN.into(), wording::NO_VOLUME.into()));
        return facts;
    };
    let prices = study.terms.as_ref().and_then(|t| t.prices.as_ref());
    let spent = source.evidence.overall("annual-machine-cost").and_then(|m| source.estimate(m));
    if let (Some(prices), Some(e)) = (prices, spent) {
        let of = |x: f64| money(1_000.0 * x / records.max(1) as f64);
        let high = 1_000.0 * e.interval.map_or(e.value, |i| i.upper) / records.max(1) as f64;
        let range = e.interval.filter(|_| high >= CENT).map_or_else(String::new, |i| format!(" (plausible range {} to {})", of(i.lower), of(i.upper)));
        facts.push((wording::MACHINES.into(), format!("{} {}{range}", of(e.value), prices.currency)));
    }
    facts.extend(year::money(source, records));
    if let Some(at) = break_even(source.evidence.run.metered().1, study.retrainings_per_year.unwrap_or(0.0)) {
        facts.push((wording::BREAK_EVEN.into(), wording::at_volume(at)));
    }
    facts
}
