//! What a year costs and saves, what coding as much as training takes, and what accuracy costs beside the other candidates.

use super::source::{Source, figures_column, metric_column, table, words_column};
use super::{automatic, confidence};
use crate::measure::{break_even, saved};
use crate::report::card::{Block, Table};
use crate::report::locale::{Words, say};
use crate::report::words::cost;
use crate::value::Interval;

/// Cost of a year, where the study says how many records are coded.
pub fn year(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let study = &source.evidence.study;
    let Some(records) = study.annual_records else { return Vec::new() };
    let trainings = study.retrainings_per_year.unwrap_or(0.0);
    let times = w.fixed(trainings, usize::from(trainings.fract() != 0.0));
    let plan = if trainings > 0.0 {
        say!(w, "year-heading-trainings", records = records, times = times, size = trainings)
    } else {
        say!(w, "year-heading", records = records)
    };
    let mut facts = Vec::new();
    for metric in ["annual-cpu-seconds", "annual-energy", "annual-carbon"] {
        if let Some(m) = source.evidence.overall(metric) {
            let cell = match source.estimate(m) {
                Some(e) if metric == "annual-cpu-seconds" => hours(w, e.value, e.interval),
                _ => source.cell(Some(m)),
            };
            facts.push((source.measure_name(m), cell));
        }
    }
    facts.extend(money(source, records));
    let mut blocks = vec![Block::Heading(plan), Block::Facts(facts)];
    if let Some(at) = break_even(source.evidence.run.metered().1, trainings) {
        let more = if records >= at { say!(w, "year-coding-more") } else { say!(w, "year-training-more") };
        let at = round_to_two(at);
        blocks.push(Block::Text(say!(w, "year-break-even", at = at, more = more)));
    }
    blocks.push(Block::Text(say!(w, "year-projection")));
    blocks
}

/// Two significant digits of a count.
fn round_to_two(n: u64) -> u64 {
    let unit = 10u64.pow(n.max(1).ilog10().saturating_sub(1));
    n.saturating_add(unit / 2) / unit * unit
}

/// Processor time in the unit that suits it, with its range in the same.
fn hours(w: &Words, seconds: f64, interval: Option<Interval>) -> String {
    let (scale, id) = match seconds {
        s if s < 120.0 => (1.0, "cpu-seconds"),
        s if s < 7_200.0 => (60.0, "cpu-minutes"),
        _ => (3_600.0, "cpu-hours"),
    };
    let of = |s: f64| w.significant(s / scale, 2);
    let range = interval.map_or_else(String::new, |i| say!(w, "plausible-in-brackets", range = w.between(of(i.lower), of(i.upper))));
    format!("{}{range}", say!(w, id, n = of(seconds)))
}

/// The least that money is told in.
const CENT: f64 = 0.005;

/// Clerks and machines in money; nothing without prices.
pub fn money(source: &Source<'_>, records: u64) -> Vec<(String, String)> {
    let w = source.words;
    let Some(prices) = source.evidence.study.terms.as_ref().and_then(|t| t.prices.as_ref()) else { return Vec::new() };
    let mut facts = Vec::new();
    let machine = source.evidence.overall("annual-machine-cost");
    if let Some(m) = machine {
        let cell = source.estimate(m).map_or_else(
            || source.cell(Some(m)),
            |e| match e.interval {
                // All of it below what money is counted in.
                Some(i) if i.upper < CENT => say!(w, "money-less", currency = prices.currency),
                Some(i) if i.lower < CENT => {
                    say!(w, "money-at-most", amount = w.money(e.value), currency = prices.currency, most = w.money(i.upper))
                }
                _ => format!("{} {}", prices.currency, w.with_interval(&m.metric, e)),
            },
        );
        facts.push((source.measure_name(m), cell));
    }
    if prices.clerk_record.is_none() && prices.minutes_per_record.is_none() {
        return facts;
    }
    let left = automatic::left(source).map(|(share, _)| share);
    let share = left.as_ref().or_else(|| confidence::chosen(source).map(|(_, share, _)| share));
    let name = say!(w, "year-saved");
    let Some(share) = share.filter(|m| source.estimate(m).is_some()) else {
        facts.push((name, say!(w, "year-share-unknown", cannot = say!(w, "cannot-tell"))));
        return facts;
    };
    let Some(e) = source.estimate(share) else { return facts };
    let s = saved(e, records, prices);
    facts.push((name, cost::three(w, s.records, |n| say!(w, "three-records", n = n))));
    if let Some(h) = s.hours {
        facts.push((say!(w, "year-hours-saved"), cost::three(w, h, |n| say!(w, "three-hours", n = n))));
    }
    if let Some(m) = s.money {
        facts.push((
            say!(w, "year-same-in", currency = prices.currency),
            say!(w, "year-errors-unpriced", amount = cost::three(w, m, |n| say!(w, "three-money", n = n, currency = prices.currency))),
        ));
        if let Some(spent) = machine.and_then(|m| source.estimate(m)).filter(|e| e.value > 0.0)
            && m[0] > 0.0
        {
            let high = spent.interval.map_or(spent.value, |i| i.upper);
            facts.push((
                say!(w, "year-machines-per-1000"),
                match 1_000.0 * high / m[0] {
                    small if small < CENT => say!(w, "money-less", currency = prices.currency),
                    most => say!(w, "money-most", amount = w.money(most), currency = prices.currency),
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
    let w = source.words;
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
            let span = if year { say!(w, "span-year") } else { say!(w, "span-training") };
            let energy = extra.map_or_else(|| say!(w, "not-told"), |e| cost::extra(w, e, &span));
            let says = if told { cost::finding(w, g.finding, g.extra.map(|e| e[1]), g.per_point, year) } else { say!(w, "cannot-tell") };
            Beside { candidate: g.candidate.clone(), name: source.foreign(&g.name), accuracy: source.cell(difference), energy, says }
        })
        .collect()
}

/// What accuracy costs beside each other candidate; nothing for a candidate that is alone.
pub fn gains(source: &Source<'_>) -> Option<Table> {
    let w = source.words;
    let rows: Vec<Vec<String>> = beside(source).into_iter().map(|b| vec![b.name, b.accuracy, b.energy, b.says]).collect();
    let columns = vec![
        words_column(say!(w, "col-beside")),
        metric_column(w, "accuracy-difference"),
        figures_column(say!(w, "col-energy-of-this")),
        words_column(say!(w, "col-says")),
    ];
    (!rows.is_empty()).then(|| table(source.of_all(say!(w, "gains-caption")), columns, rows))
}
