//! The scorecard after QF4SA: explainability, accuracy, reproducibility, timeliness, cost effectiveness, each with what was measured.

use super::headline::glance;
use super::source::Source;
use super::year;
use crate::measure::break_even;
use crate::report::card::{Block, Tile};
use crate::report::locale::{Words, say};
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
    let w = source.words;
    let mut blocks = vec![Block::Text(say!(w, "scorecard-about"))];
    for (heading, facts) in [
        (say!(w, "scorecard-explainability"), explainability(source)),
        (say!(w, "scorecard-accuracy"), figures(w, &tiles, &["accuracy", "macro-f1", "coded-share", "share-error"])),
        (say!(w, "scorecard-reproducibility"), reproducibility(source, evidence_digest)),
        (say!(w, "scorecard-timeliness"), timeliness(source)),
        (say!(w, "scorecard-cost"), effectiveness(source)),
    ] {
        let facts = if facts.is_empty() { vec![(heading.clone(), say!(w, "scorecard-not-measured"))] } else { facts };
        blocks.extend([Block::Heading(heading), Block::Facts(facts)]);
    }
    blocks
}

fn explainability(source: &Source<'_>) -> Facts {
    let w = source.words;
    let candidate = &source.evidence.candidate;
    let mut facts = vec![(say!(w, "scorecard-how"), wording::kind(w, &candidate.kind))];
    let made = candidate.facts.iter().find(|(name, _)| name.starts_with("explanation")).map(|(_, what)| w.told(what));
    facts.push((say!(w, "scorecard-explanations"), made.unwrap_or_else(|| say!(w, "scorecard-not-explained"))));
    if let Some(i) = source.evidence.overall("recalibration-slope").and_then(|m| source.estimate(m)).and_then(|e| e.interval) {
        facts.push((say!(w, "scorecard-confidence"), automation::slope(w, i.lower, i.upper)));
    }
    facts
}

/// The headline figures of some metrics, as they stand at a glance.
fn figures(w: &Words, tiles: &[Tile], metrics: &[&str]) -> Facts {
    let told = |t: &Tile| {
        let figure = format!("{} ({})", t.value, t.range);
        (t.label.clone(), if t.note.is_empty() { figure } else { say!(w, "note-behind", text = figure, note = t.note) })
    };
    tiles.iter().filter(|t| metrics.contains(&t.metric.as_str())).map(told).collect()
}

fn reproducibility(source: &Source<'_>, evidence_digest: &str) -> Facts {
    let e = source.evidence;
    let brought = BROUGHT.contains(&e.candidate.kind.as_str());
    let w = source.words;
    vec![
        (say!(w, "scorecard-seed"), wording::again(w, e.study.seed, brought)),
        (say!(w, "scorecard-fixed"), wording::fixed_by(w, e.data.files.len(), evidence_digest)),
        (say!(w, "scorecard-command"), e.study.command.clone()),
    ]
}

fn timeliness(source: &Source<'_>) -> Facts {
    let w = source.words;
    let phases = source.evidence.run.metered().1;
    let mut facts = Facts::new();
    let coding = phases.iter().find(|p| p.phase == "predict").and_then(|p| Some((p.records_out.filter(|n| *n > 0)?, p.wall_s))).filter(|(_, s)| *s > 0.0);
    match coding {
        Some((records, wall)) => {
            facts.push((say!(w, "scorecard-coding"), wording::coding(w, records, wall)));
            if let Some(year) = source.evidence.study.annual_records {
                let month = year as f64 / 12.0;
                facts.push((say!(w, "scorecard-month"), wording::month(w, month, month * wall / records as f64)));
            }
        }
        None => facts.push((say!(w, "scorecard-coding"), say!(w, "scorecard-not-measured"))),
    }
    let training: Vec<_> = phases.iter().filter(|p| TRAINING.contains(&p.phase.as_str())).collect();
    let told = match training.as_slice() {
        [] => say!(w, "scorecard-not-measured"),
        all => wording::training(w, all.iter().filter_map(|p| p.records_in).max(), all.iter().map(|p| p.wall_s).sum()),
    };
    facts.push((say!(w, "scorecard-training"), told));
    facts
}

fn effectiveness(source: &Source<'_>) -> Facts {
    let w = source.words;
    let study = &source.evidence.study;
    let mut facts = Facts::new();
    for metric in ["predict-cpu-seconds-per-1000", "predict-energy-per-1000", "carbon-per-1000"] {
        if let Some(m) = source.evidence.overall(metric) {
            facts.push((source.measure_name(m), source.cell(Some(m))));
        }
    }
    let Some(records) = study.annual_records else {
        facts.push((say!(w, "scorecard-break-even"), say!(w, "scorecard-no-volume")));
        return facts;
    };
    let prices = study.terms.as_ref().and_then(|t| t.prices.as_ref());
    let spent = source.evidence.overall("annual-machine-cost").and_then(|m| source.estimate(m));
    if let (Some(prices), Some(e)) = (prices, spent) {
        let of = |x: f64| w.money(1_000.0 * x / records.max(1) as f64);
        let high = 1_000.0 * e.interval.map_or(e.value, |i| i.upper) / records.max(1) as f64;
        let range =
            e.interval.filter(|_| high >= CENT).map_or_else(String::new, |i| say!(w, "plausible-in-brackets", range = w.between(of(i.lower), of(i.upper))));
        facts.push((say!(w, "scorecard-machines"), format!("{} {}{range}", of(e.value), prices.currency)));
    }
    facts.extend(year::money(source, records));
    if let Some(at) = break_even(source.evidence.run.metered().1, study.retrainings_per_year.unwrap_or(0.0)) {
        facts.push((say!(w, "scorecard-break-even"), wording::at_volume(w, at)));
    }
    facts
}
