//! What the candidate costs: processor time, memory and energy by phase, and a projection where the study asks for one.

use super::source::{Source, beside, figures_column, words_column};
use crate::cost::{EnergyReading, PhaseCost, Range};
use crate::measure::Measure;
use crate::report::card::{Block, Figure, Plot};
use crate::report::disclosure::Shown;
use crate::report::format::{count, fixed, seconds, significant, with_interval};
use crate::report::words;
use crate::value::Reason;

/// The section; says so when nothing was metered.
pub fn cost(source: &Source<'_>) -> Vec<Block> {
    let run = &source.evidence.run;
    let mut blocks = Vec::new();
    let estimates = run.cost.iter().map(|m| (name(m), estimate(source, m))).collect::<Vec<_>>();
    if !estimates.is_empty() {
        blocks.push(Block::Facts(estimates));
    }
    if run.phases.is_empty() {
        blocks.push(Block::Text("No phase of this candidate was metered.".into()));
    } else {
        blocks.push(Block::Figure(phases(source)));
    }
    // The dearest phase stands for how all figures of energy came about; its sentence names the source.
    match run.phases.iter().max_by(|a, b| a.cpu_s().total_cmp(&b.cpu_s())) {
        Some(p) => blocks.push(Block::Note(format!("Energy of phase “{}”: {}", p.phase, crate::cost::sentence(p, &run.host)))),
        None => blocks.push(Block::Text(run.host.source.sentence())),
    }
    blocks.extend((!run.host.source.notes.is_empty()).then(|| Block::List(run.host.source.notes.clone())));
    blocks.extend(projection(source));
    let memory = run.host.memory_bytes.map_or_else(|| "memory not known".to_owned(), |b| format!("{} GiB of memory", fixed(b as f64 / 1_073_741_824.0, 1)));
    let kind = if run.host.virtual_machine { "a virtual machine" } else { "a machine" };
    blocks.push(Block::Text(format!(
        "Measured on {kind} with {} logical processors ({}), {memory}, {}, using {} threads, started {}.",
        run.host.logical_cpus, run.host.cpu_model, run.host.os, run.threads, run.started
    )));
    blocks
}

fn name(m: &Measure) -> String {
    crate::metric::find(&m.metric).map_or_else(|| m.metric.clone(), |k| k.name.to_owned())
}

/// A cost estimate: value and range, or why there is none. It is not of records, so it has no n.
fn estimate(source: &Source<'_>, m: &Measure) -> String {
    match source.disclosure.show(m) {
        Shown::Estimate(e) => with_interval(&m.metric, e),
        other => source.instead(other),
    }
}

/// Plot and table of the phases, the shared ones last and said to be shared.
fn phases(source: &Source<'_>) -> Figure {
    let run = &source.evidence.run;
    let all = run.phases.iter().map(|p| (p, p.phase.clone())).chain(run.shared.iter().map(|p| (p, format!("{} (shared by all candidates)", p.phase))));
    let rows = all
        .clone()
        .map(|(p, name)| {
            let memory = p.peak_rss_bytes.map_or_else(|| "not known".into(), |b| format!("{} MiB", fixed(b as f64 / 1_048_576.0, 0)));
            let records = p.records_in.map_or_else(|| "not counted".into(), count);
            vec![name, seconds(p.cpu_s()), seconds(p.wall_s), memory, records, energy(p)]
        })
        .collect();
    let columns = vec![
        words_column("Phase"),
        figures_column("CPU time"),
        figures_column("Wall time"),
        figures_column("Peak memory"),
        figures_column("Records in"),
        figures_column("Energy, with plausible range"),
    ];
    Figure {
        title: "Processor time by phase".into(),
        description: "Processor seconds of each phase; one measurement each, so without interval.".into(),
        plot: Plot::Bars { axis: "processor time, in seconds".into(), bars: all.map(|(p, name)| (name, p.cpu_s(), seconds(p.cpu_s()))).collect() },
        table: beside("Cost by phase, measured once", columns, rows),
    }
}

fn energy(p: &PhaseCost) -> String {
    match &p.energy {
        EnergyReading::Known(e) => e.active.words(),
        EnergyReading::Unknown(why) if why.reason == Reason::TooShort => "too short to state".to_owned(),
        EnergyReading::Unknown(why) => format!("not stated: {}", why.why),
    }
}

/// Cost of a year, where the study says how many records are coded: coding in proportion, trainings added.
fn projection(source: &Source<'_>) -> Option<Block> {
    let study = &source.evidence.study;
    let records = study.annual_records?;
    let central = |metric: &str| source.evidence.overall(metric).and_then(|m| source.estimate(m)).map(|e| e.value);
    let Some(coding) = central("predict-cpu-seconds-per-1000").map(|s| s * records as f64 / 1000.0) else {
        return Some(Block::Text(format!("Coding {} records a year: {}, because coding was not metered in this run.", count(records), words::CANNOT_TELL)));
    };
    let trainings = study.retrainings_per_year.unwrap_or(0.0);
    let training = central("train-cpu-seconds").map(|s| s * trainings);
    let mut text = format!("Projected for a year: coding {} records takes about {} of processor time", count(records), duration(coding));
    if let Some(training) = training.filter(|_| trainings > 0.0) {
        let trainings = fixed(trainings, usize::from(trainings.fract() != 0.0));
        text.push_str(&format!(", and {trainings} trainings about {}", duration(training)));
    }
    text.push_str(" on this machine.");
    if let Some(energy) = yearly_energy(source, records, trainings) {
        text.push_str(&format!(" Energy of the processors at work: {}.", energy.words()));
    }
    text.push_str(" It is a projection in proportion from one measurement, without interval.");
    Some(Block::Text(text))
}

/// Energy of a year where every phase that it needs has a figure: lows with lows, highs with highs.
fn yearly_energy(source: &Source<'_>, records: u64, trainings: f64) -> Option<Range> {
    let phases = &source.evidence.run.phases;
    let predict = phases.iter().find(|p| p.phase == "predict")?;
    let coded = predict.records_out.or(predict.records_in).filter(|n| *n > 0)?;
    let coding = predict.energy.energy()?.active.scale(records as f64 / coded as f64);
    if trainings == 0.0 {
        return Some(coding);
    }
    let mut training = Range::new(0.0, 0.0, 0.0);
    for p in phases.iter().filter(|p| ["features", "tune", "fit", "calibrate"].contains(&p.phase.as_str())) {
        // A training phase too short to state is too small to matter beside those that are stated.
        if let Some(energy) = p.energy.energy() {
            training = training + energy.active;
        }
    }
    Some(coding + training.scale(trainings))
}

/// Seconds, minutes or hours, to two figures.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{} seconds", significant(s, 2)),
        s if s < 7200.0 => format!("{} minutes", significant(s / 60.0, 2)),
        s => format!("{} hours", significant(s / 3600.0, 2)),
    }
}
