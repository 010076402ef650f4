//! What a year costs and saves, what coding as much as training takes, and what accuracy costs beside the other candidates.

use super::source::{Source, figures_column, metric_column, table, words_column};
use super::{automatic, confidence};
use crate::measure::{break_even, saved};
use crate::report::card::{Block, Table};
use crate::report::format::{count, fixed, with_interval};
use crate::report::words::{self, cost};
use crate::value::Interval;

/// Cost of a year, where the study says how many records are coded.
pub fn year(source: &Source<'_>) -> Vec<Block> {
    let study = &source.evidence.study;
    let Some(records) = study.annual_records else { return Vec::new() };
    let trainings = study.retrainings_per_year.unwrap_or(0.0);
    let times = fixed(trainings, usize::from(trainings.fract() != 0.0));
    let word = if times == "1" { "training" } else { "trainings" };
    let plan = if trainings > 0.0 { format!("{} records and {times} {word}", count(records)) } else { format!("{} records", count(records)) };
    let mut facts = Vec::new();
    for metric in ["annual-cpu-seconds", "annual-energy", "annual-carbon"] {
        if let Some(m) = source.evidence.overall(metric) {
            let cell = match source.estimate(m) {
                Some(e) if metric == "annual-cpu-seconds" => hours(e.value, e.interval),
                _ => source.cell(Some(m)),
            };
            facts.push((source.measure_name(m), cell));
        }
    }
    facts.extend(money(source, records));
    let mut blocks = vec![Block::Heading(format!("A year: {plan}")), Block::Facts(facts)];
    if let Some(at) = break_even(source.evidence.run.metered().1, trainings) {
        let more = if records >= at { "coding uses more energy than training" } else { "training uses more energy than coding" };
        let at = count(round_to_two(at));
        blocks.push(Block::Text(format!("Coding and training use as much energy as each other at about {at} records a year; at the stated volume {more}.")));
    }
    blocks.push(Block::Text(
        "A projection in proportion to one measurement on one machine: another machine, longer texts or more codes change it. Lows are added to lows and highs to highs.".into(),
    ));
    blocks
}

/// Two significant digits of a count.
fn round_to_two(n: u64) -> u64 {
    let unit = 10u64.pow(n.max(1).ilog10().saturating_sub(1));
    n.saturating_add(unit / 2) / unit * unit
}

/// Processor time in the unit that suits it, with its range in the same.
fn hours(seconds: f64, interval: Option<Interval>) -> String {
    let (scale, unit) = match seconds {
        s if s < 120.0 => (1.0, "seconds"),
        s if s < 7_200.0 => (60.0, "minutes"),
        _ => (3_600.0, "hours"),
    };
    let of = |s: f64| crate::report::format::significant(s / scale, 2);
    let range = interval.map_or_else(String::new, |i| format!(" (plausible range {} to {})", of(i.lower), of(i.upper)));
    format!("{} {unit} of processor time{range}", of(seconds))
}

/// The least that money is told in.
const CENT: f64 = 0.005;

/// Clerks and machines in money; nothing without prices.
pub fn money(source: &Source<'_>, records: u64) -> Vec<(String, String)> {
    let Some(prices) = source.evidence.study.terms.as_ref().and_then(|t| t.prices.as_ref()) else { return Vec::new() };
    let mut facts = Vec::new();
    let machine = source.evidence.overall("annual-machine-cost");
    if let Some(m) = machine {
        let cell = source.estimate(m).map_or_else(
            || source.cell(Some(m)),
            |e| match e.interval {
                // All of it below what money is counted in.
                Some(i) if i.upper < CENT => format!("less than 0.01 {}", prices.currency),
                Some(i) if i.lower < CENT => {
                    format!("{} {}, at most {}", crate::report::format::money(e.value), prices.currency, crate::report::format::money(i.upper))
                }
                _ => format!("{} {}", prices.currency, with_interval(&m.metric, e)),
            },
        );
        facts.push((source.measure_name(m), cell));
    }
    if prices.clerk_record.is_none() && prices.minutes_per_record.is_none() {
        return facts;
    }
    let left = automatic::left(source).map(|(share, _)| share);
    let share = left.as_ref().or_else(|| confidence::chosen(source).map(|(_, share, _)| share));
    let name = "Clerks’ work saved by coding without a clerk";
    let Some(share) = share.filter(|m| source.estimate(m).is_some()) else {
        facts.push((name.into(), format!("{}: how many records would be coded without a clerk is not known", words::CANNOT_TELL)));
        return facts;
    };
    let Some(e) = source.estimate(share) else { return facts };
    let s = saved(e, records, prices);
    facts.push((name.into(), cost::three(s.records, "records")));
    if let Some(h) = s.hours {
        facts.push(("Clerks’ hours saved".into(), cost::three(h, "hours")));
    }
    if let Some(m) = s.money {
        facts.push((
            format!("The same in {}", prices.currency),
            format!("{}; the errors left among these records have no price here", cost::three(m, &prices.currency)),
        ));
        if let Some(spent) = machine.and_then(|m| source.estimate(m)).filter(|e| e.value > 0.0)
            && m[0] > 0.0
        {
            let high = spent.interval.map_or(spent.value, |i| i.upper);
            facts.push((
                "Machines for each 1,000 saved".into(),
                match 1_000.0 * high / m[0] {
                    small if small < CENT => format!("less than 0.01 {}", prices.currency),
                    most => format!("at most {} {}", crate::report::format::money(most), prices.currency),
                },
            ));
        }
    }
    facts
}

/// Beside one other candidate: its id and name, the difference in accuracy, that in energy, and what they say.
pub struct Beside {
    /// Id of the other candidate.
    pub candidate: String,
    /// Its name.
    pub name: String,
    /// The difference in accuracy.
    pub accuracy: String,
    /// The difference in energy.
    pub energy: String,
    /// What they say.
    pub says: String,
}

/// Beside each other candidate.
pub fn beside(source: &Source<'_>) -> Vec<Beside> {
    source
        .evidence
        .run
        .gains
        .iter()
        .map(|g| {
            let difference = source
                .measures(|m| m.metric == "accuracy-difference" && m.group.is_none() && m.code_level.is_none())
                .find(|m| m.versus.as_ref().is_some_and(|v| v.candidate == g.candidate));
            let year = g.by == "annual-energy";
            // Where the difference may not be shown, neither may what follows from it.
            let told = difference.is_some_and(|m| source.estimate(m).is_some());
            let extra = g.extra.filter(|_| told);
            let span = if year { "a year" } else { "a training" };
            let energy = extra.map_or_else(|| "not told".to_owned(), |e| cost::extra(e, span));
            let says = if told { cost::finding(g.finding, g.extra.map(|e| e[1]), g.per_point, year) } else { words::CANNOT_TELL.to_owned() };
            Beside { candidate: g.candidate.clone(), name: g.name.clone(), accuracy: source.cell(difference), energy, says }
        })
        .collect()
}

/// What accuracy costs beside each other candidate; nothing for a candidate that is alone.
pub fn gains(source: &Source<'_>) -> Option<Table> {
    let rows: Vec<Vec<String>> = beside(source).into_iter().map(|b| vec![b.name, b.accuracy, b.energy, b.says]).collect();
    let columns = vec![
        words_column("Beside"),
        metric_column("accuracy-difference"),
        figures_column("Energy of this candidate, with plausible range"),
        words_column("What it says"),
    ];
    (!rows.is_empty()).then(|| table(source.of_all("What accuracy costs in energy, beside each other candidate"), columns, rows))
}
