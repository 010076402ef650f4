//! What the candidate costs: processor time, memory and energy by phase, and a projection where the study asks for one.

use super::source::{Source, beside, figures_column, words_column};
use crate::cost::{EnergyReading, Host, PhaseCost};
use crate::measure::Measure;
use crate::report::card::{Block, Figure, Plot, Row};
use crate::report::disclosure::Shown;
use crate::report::format::{count, fixed, seconds, with_interval};
use crate::report::words::cost as wording;
use crate::value::Reason;

/// The section; says so when nothing was metered.
pub fn cost(source: &Source<'_>) -> Vec<Block> {
    let run = &source.evidence.run;
    let (host, metered) = run.metered();
    let terms = source.evidence.study.terms.as_ref();
    let mut blocks = Vec::new();
    if let Some(cited) = &run.cited {
        let text = format!(
            "Measured elsewhere, on {}, at {}: the figures of training and coding are those of the cost file {} (digest {}…), not of this run. They are compared only \
             with figures from the same kind of machine, known equally well.",
            machine(&cited.host),
            cited.measured,
            cited.file,
            cited.digest.chars().take(12).collect::<String>()
        );
        blocks.push(Block::Note(text));
    }
    // What a year costs stands in a part of its own.
    let estimates = run.cost.iter().filter(|m| !m.metric.starts_with("annual-")).map(|m| (name(m), estimate(source, m))).collect::<Vec<_>>();
    if !estimates.is_empty() {
        blocks.push(Block::Facts(estimates));
    }
    blocks.push(Block::Text(format!("{} {}", wording::known(host.source.tier, host.virtual_machine), wording::NOT_METERED)));
    match terms.and_then(|t| Some((t.intensity.as_ref()?, t))) {
        Some((intensity, terms)) => blocks.push(Block::Text(wording::intensity(intensity, terms))),
        None => blocks.push(Block::Text(wording::NO_INTENSITY.into())),
    }
    blocks.extend(super::year::year(source));
    blocks.extend(super::year::gains(source).map(Block::Table));
    blocks.push(Block::Heading("By phase".into()));
    blocks.push(Block::Text(wording::PHASES.into()));
    if metered.is_empty() {
        blocks.push(Block::Text("No phase of this candidate was metered.".into()));
    } else {
        blocks.push(Block::Figure(phases(source)));
        blocks.extend(energies(source).map(Block::Figure));
    }
    // The dearest phase stands for how all figures of energy came about; its sentence names the source.
    match metered.iter().max_by(|a, b| a.cpu_s().total_cmp(&b.cpu_s())) {
        Some(p) => blocks.push(Block::Note(format!("Energy of phase “{}”: {}", p.phase, crate::cost::sentence(p, host)))),
        None => blocks.push(Block::Text(host.source.sentence())),
    }
    blocks.extend((!host.source.notes.is_empty()).then(|| Block::List(host.source.notes.clone())));
    blocks.push(Block::Text(format!("This run was on {}, using {} threads, started {}.", machine(&run.host), run.threads, run.started)));
    blocks
}

/// A machine in words; it has no name.
fn machine(host: &Host) -> String {
    let memory = host.memory_bytes.map_or_else(|| "memory not known".to_owned(), |b| format!("{} GiB of memory", fixed(b as f64 / 1_073_741_824.0, 1)));
    let kind = if host.virtual_machine { "a virtual machine" } else { "a machine" };
    format!("{kind} with {} logical processors ({}), {memory}, {}", host.logical_cpus, host.cpu_model, host.os)
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

/// The phases with their names: those of making the model, this run's own, and the shared ones, said to be so.
fn named<'a>(source: &Source<'a>) -> Vec<(&'a PhaseCost, String)> {
    let run = &source.evidence.run;
    let elsewhere = run.cited.iter().flat_map(|c| &c.phases).map(|p| (p, format!("{} (measured elsewhere)", p.phase)));
    let own = run.phases.iter().map(|p| (p, p.phase.clone()));
    let shared = run.shared.iter().map(|p| (p, format!("{} (shared by all candidates)", p.phase)));
    elsewhere.chain(own).chain(shared).collect()
}

/// Processor time of the phases, with time and memory beside it.
fn phases(source: &Source<'_>) -> Figure {
    let all = named(source);
    let rows = all
        .iter()
        .map(|(p, name)| {
            let memory =
                p.peak_rss_bytes.max(p.peak_children_bytes).map_or_else(|| "not known".into(), |b| format!("{} MiB", fixed(b as f64 / 1_048_576.0, 0)));
            let records = p.records_in.map_or_else(|| "not counted".into(), count);
            vec![name.clone(), seconds(p.cpu_s()), seconds(p.wall_s), memory, records]
        })
        .collect();
    let columns = vec![
        words_column("Phase"),
        figures_column("Processor time"),
        figures_column("Time by the clock"),
        figures_column("Peak memory"),
        figures_column("Records in"),
    ];
    Figure {
        title: "Processor time by phase".into(),
        description: "Processor seconds of each phase; one measurement each, so without interval.".into(),
        plot: Plot::Bars {
            axis: "processor time, in seconds".into(),
            bars: all.iter().map(|(p, name)| (name.clone(), p.cpu_s(), seconds(p.cpu_s()))).collect(),
        },
        table: beside("Processor time, memory and records by phase, measured once", columns, rows),
    }
}

/// Energy of the phases, with idle power and memory apart; nothing where no phase is long enough.
fn energies(source: &Source<'_>) -> Option<Figure> {
    let all = named(source);
    let row = |(p, name): &(&PhaseCost, String)| {
        let e = p.energy.energy()?.active;
        let plotted = |joules: f64| significant_value(joules);
        Some(Row { label: name.clone(), value: plotted(e.central), interval: Some((plotted(e.low), plotted(e.high))) })
    };
    let plotted: Vec<Row> = all.iter().filter_map(row).collect();
    if plotted.is_empty() {
        return None;
    }
    let short = if plotted.len() < all.len() { " Phases too short to state are in the table only." } else { "" };
    let apart = |range: Option<crate::cost::Range>| range.map_or_else(|| "not known".to_owned(), |r| r.words());
    let rows = all
        .iter()
        .map(|(p, name)| match p.energy.energy() {
            Some(e) => vec![name.clone(), e.active.words(), apart(e.idle), apart(e.memory)],
            None => vec![name.clone(), energy(p), "not stated".into(), "not stated".into()],
        })
        .collect();
    let columns = vec![words_column("Phase"), figures_column("Processor at work"), figures_column("Its share of idle power"), figures_column("Memory")];
    Some(Figure {
        title: "Energy by phase".into(),
        description: format!("Energy of the processor at work in each phase, with the range that is plausible.{short}"),
        plot: Plot::Intervals { axis: "energy of the processor at work, in joules".into(), reference: None, rows: plotted },
        table: beside("Energy by phase; idle power is apart, because the machine would draw it anyway", columns, rows),
    })
}

/// Two significant digits, as the table prints them.
fn significant_value(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}

fn energy(p: &PhaseCost) -> String {
    match &p.energy {
        EnergyReading::Known(e) => e.active.words(),
        EnergyReading::Unknown(why) if why.reason == Reason::TooShort => "too short to state".to_owned(),
        EnergyReading::Unknown(why) => format!("not stated: {}", why.why),
    }
}
