//! What the candidate costs: processor time, memory and energy by phase, and a projection where the study asks for one.

use super::source::{Source, beside, figures_column, words_column};
use crate::cost::{EnergyReading, Host, PhaseCost};
use crate::measure::Measure;
use crate::report::card::{Block, Figure, Plot, Row};
use crate::report::disclosure::Shown;
use crate::report::locale::{Words, say};
use crate::report::words::cost as wording;
use crate::value::Reason;

/// The section; says so when nothing was metered.
pub fn cost(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let run = &source.evidence.run;
    let (host, metered) = run.metered();
    let terms = source.evidence.study.terms.as_ref();
    let mut blocks = Vec::new();
    if let Some(cited) = &run.cited {
        let digest: String = cited.digest.chars().take(12).collect();
        let text = say!(w, "cost-elsewhere", machine = machine(w, &cited.host), measured = w.moment(&cited.measured), file = cited.file, digest = digest);
        blocks.push(Block::Note(text));
    }
    // What a year costs stands in a part of its own.
    let estimates = run.cost.iter().filter(|m| !m.metric.starts_with("annual-")).map(|m| (w.metric(&m.metric), estimate(source, m))).collect::<Vec<_>>();
    if !estimates.is_empty() {
        blocks.push(Block::Facts(estimates));
    }
    blocks.push(Block::Text(format!("{} {}", wording::known(w, host.source.tier, host.virtual_machine), say!(w, "cost-not-metered"))));
    match terms.and_then(|t| Some((t.intensity.as_ref()?, t))) {
        Some((intensity, terms)) => blocks.push(Block::Text(wording::intensity(w, intensity, terms))),
        None => blocks.push(Block::Text(say!(w, "cost-no-intensity"))),
    }
    blocks.extend(super::year::year(source));
    blocks.extend(super::year::gains(source).map(Block::Table));
    blocks.push(Block::Heading(say!(w, "cost-by-phase")));
    blocks.push(Block::Text(say!(w, "cost-phases")));
    if metered.is_empty() {
        blocks.push(Block::Text(say!(w, "cost-no-phase")));
    } else {
        blocks.push(Block::Figure(phases(source)));
        blocks.extend(energies(source).map(Block::Figure));
    }
    // The dearest phase stands for how all figures of energy came about; its sentence names the source.
    match metered.iter().max_by(|a, b| a.cpu_s().total_cmp(&b.cpu_s())) {
        Some(p) => blocks.push(Block::Note(say!(w, "cost-phase-energy", phase = p.phase, sentence = w.told(&crate::cost::sentence(p, host))))),
        None => blocks.push(Block::Text(w.told(&host.source.sentence()))),
    }
    blocks.extend((!host.source.notes.is_empty()).then(|| Block::List(host.source.notes.iter().map(|n| w.told(n)).collect())));
    blocks.push(Block::Text(say!(w, "cost-run", machine = machine(w, &run.host), threads = run.threads.to_string(), started = w.moment(&run.started))));
    blocks
}

/// A machine in words; it has no name.
fn machine(w: &Words, host: &Host) -> String {
    let memory = host.memory_bytes.map_or_else(|| say!(w, "memory-unknown"), |b| say!(w, "memory-of", n = w.fixed(b as f64 / 1_073_741_824.0, 1)));
    let id = if host.virtual_machine { "machine-virtual" } else { "machine-real" };
    say!(w, id, processors = host.logical_cpus, cpu = host.cpu_model, memory = memory, os = host.os)
}

/// A cost estimate: value and range, or why there is none. It is not of records, so it has no n.
fn estimate(source: &Source<'_>, m: &Measure) -> String {
    let w = source.words;
    match source.disclosure.show(m) {
        Shown::Estimate(e) => w.with_interval(&m.metric, e),
        other => source.instead(other),
    }
}

/// The phases with their names: those of making the model, this run's own, and the shared ones, said to be so.
fn named<'a>(source: &Source<'a>) -> Vec<(&'a PhaseCost, String)> {
    let w = source.words;
    let run = &source.evidence.run;
    let elsewhere = run.cited.iter().flat_map(|c| &c.phases).map(|p| (p, say!(w, "measured-elsewhere-phase", phase = p.phase)));
    let own = run.phases.iter().map(|p| (p, p.phase.clone()));
    let shared = run.shared.iter().map(|p| (p, say!(w, "shared-phase", phase = p.phase)));
    elsewhere.chain(own).chain(shared).collect()
}

/// Processor time of the phases, with time and memory beside it.
fn phases(source: &Source<'_>) -> Figure {
    let w = source.words;
    let all = named(source);
    let rows = all
        .iter()
        .map(|(p, name)| {
            let memory = p.peak_rss_bytes.max(p.peak_children_bytes).map_or_else(|| say!(w, "not-known"), |b| w.mebibytes(b as f64));
            let records = p.records_in.map_or_else(|| say!(w, "not-counted"), |x| w.count(x));
            vec![name.clone(), w.seconds(p.cpu_s()), w.seconds(p.wall_s), memory, records]
        })
        .collect();
    let columns = vec![
        words_column(say!(w, "col-phase")),
        figures_column(say!(w, "col-processor-time")),
        figures_column(say!(w, "col-clock-time")),
        figures_column(say!(w, "col-peak-memory")),
        figures_column(say!(w, "col-records-in")),
    ];
    Figure {
        title: say!(w, "cost-plot"),
        description: say!(w, "cost-plot-description"),
        plot: Plot::Bars { axis: say!(w, "cost-axis"), bars: all.iter().map(|(p, name)| (name.clone(), p.cpu_s(), w.seconds(p.cpu_s()))).collect() },
        table: beside(w, say!(w, "cost-caption"), columns, rows),
    }
}

/// Energy of the phases, with idle power and memory apart; nothing where no phase is long enough.
fn energies(source: &Source<'_>) -> Option<Figure> {
    let w = source.words;
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
    let id = if plotted.len() < all.len() { "energy-description-short" } else { "energy-description" };
    let apart = |range: Option<crate::cost::Range>| range.map_or_else(|| say!(w, "not-known"), |r| w.energy(&r));
    let rows = all
        .iter()
        .map(|(p, name)| match p.energy.energy() {
            Some(e) => vec![name.clone(), w.energy(&e.active), apart(e.idle), apart(e.memory)],
            None => vec![name.clone(), energy(w, p), say!(w, "not-stated-figure"), say!(w, "not-stated-figure")],
        })
        .collect();
    let columns = vec![
        words_column(say!(w, "col-phase")),
        figures_column(say!(w, "col-processor-at-work")),
        figures_column(say!(w, "col-idle-power")),
        figures_column(say!(w, "col-memory")),
    ];
    Some(Figure {
        title: say!(w, "energy-plot"),
        description: say!(w, id),
        plot: Plot::Intervals { axis: say!(w, "energy-axis"), reference: None, rows: plotted },
        table: beside(w, say!(w, "energy-caption"), columns, rows),
    })
}

/// Two significant digits, as the table prints them.
fn significant_value(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}

fn energy(w: &Words, p: &PhaseCost) -> String {
    match &p.energy {
        EnergyReading::Known(e) => w.energy(&e.active),
        EnergyReading::Unknown(why) if why.reason == Reason::TooShort => say!(w, "too-short-to-state"),
        EnergyReading::Unknown(why) => say!(w, "not-stated-because", why = w.told(&why.why)),
    }
}
