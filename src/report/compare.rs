//! The comparison of a study's candidates on one page: table, interval plot, and accuracy against processor time.

mod current;
mod trade;

use super::card::{Banner, Card, Column, Figure, Plot, Point, Row, Table, Term};
use super::html::{Page, render};
use super::words::{COMPARISON_COLUMNS, GROUPS_COUNT, compared, ranking};
use crate::cost::quantity;
use crate::metric::METRICS;
use crate::value::Failure;
use serde::Serialize;
use std::collections::BTreeSet;

pub use current::{Current, NotWorse};

/// A candidate of the comparison.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its card.
    pub card: &'a Card,
    /// Where the card's page is, relative to the comparison; empty where there is none.
    pub href: &'a str,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Comparing<'a> {
    /// The page's title.
    pub title: &'a str,
    /// The candidates.
    pub entries: &'a [Entry<'a>],
    /// How they compare with the one in production, if that is known.
    pub current: Option<&'a Current>,
    /// What the reader must know besides, e.g. which pairs are not compared record by record.
    pub notes: &'a [String],
}

impl<'a> Comparing<'a> {
    /// Candidates of which none is known to be in production.
    #[must_use]
    pub fn of(title: &'a str, entries: &'a [Entry<'a>]) -> Self {
        Self { title, entries, current: None, notes: &[] }
    }
}

/// What the template needs.
#[derive(Debug, Serialize)]
struct Comparison {
    study: String,
    program: String,
    notes: Vec<String>,
    /// Heading, sentences and table of the part on the candidate in production.
    current: Option<(String, Vec<String>, Option<Table>)>,
    /// Metrics of the page, with the heading over them.
    measures: &'static str,
    terms: Vec<Term>,
    differences: Option<Table>,
    costs: Option<Table>,
    table: Table,
    candidates: Vec<Candidate>,
    figures: Vec<Figure>,
}

/// A row of the table.
#[derive(Debug, Serialize)]
struct Candidate {
    name: String,
    href: String,
    floor: bool,
    banner: Banner,
}

/// The comparison page of candidates none of which is known to be in production.
///
/// # Errors
/// A defect of the page's template.
pub fn comparison_html(study_title: &str, entries: &[Entry<'_>]) -> Result<String, Failure> {
    comparison_page(&Comparing::of(study_title, entries))
}

/// The comparison page: candidates by accuracy, the highest first, with what may and may not be concluded from the order.
///
/// # Errors
/// A defect of the page's template.
pub fn comparison_page(what: &Comparing<'_>) -> Result<String, Failure> {
    let mut entries = what.entries.to_vec();
    let accuracy = |e: &Entry<'_>| e.card.headline.accuracy.as_ref().map_or(f64::NEG_INFINITY, |p| p.y);
    entries.sort_by(|a, b| accuracy(b).total_cmp(&accuracy(a)));
    let comparison = Comparison {
        study: what.title.to_owned(),
        program: entries.first().map_or_else(String::new, |e| e.card.program.clone()),
        notes: std::iter::once(order(&entries)).chain(groups(&entries)).chain([ranking::PAIRED.into()]).chain(what.notes.iter().cloned()).collect(),
        differences: differences(&entries),
        costs: costs(&entries),
        table: table(&entries),
        candidates: entries
            .iter()
            .map(|e| Candidate { name: e.card.title.clone(), href: e.href.to_owned(), floor: e.card.headline.floor, banner: e.card.banner.clone() })
            .collect(),
        figures: trade::trade(&entries).into_iter().chain(figures(&entries)).collect(),
        current: what.current.map(|c| {
            let (notes, table) = current::part(&entries, c);
            (compared::against(&c.name), notes, table)
        }),
        measures: compared::MEASURES,
        terms: Vec::new(),
    };
    let terms = terms(&comparison);
    let comparison = Comparison { terms, ..comparison };
    let names = comparison.terms.iter().map(|t| (t.name.clone(), t.id.clone())).collect();
    render(Page::Comparison, &comparison, names)
}

/// The metrics that the page's tables name, from the registry.
fn terms(page: &Comparison) -> Vec<Term> {
    let current = page.current.iter().filter_map(|(_, _, table)| table.as_ref());
    let tables = page.differences.iter().chain(&page.costs).chain([&page.table]).chain(page.figures.iter().map(|f| &f.table)).chain(current);
    let used: BTreeSet<&str> = tables.flat_map(|t| &t.columns).filter_map(|c| c.metric.as_deref()).collect();
    METRICS.iter().filter(|m| used.contains(m.id)).map(super::build::term).collect()
}

/// The table of all headline figures.
fn table(entries: &[Entry<'_>]) -> Table {
    let mut columns = vec![Column { label: "Candidate".into(), metric: None, figures: false }];
    columns.extend(COMPARISON_COLUMNS.iter().map(|(label, metric)| Column {
        label: (*label).into(),
        metric: metric.map(str::to_owned),
        figures: metric.is_some(),
    }));
    let rows = entries.iter().map(|e| std::iter::once(e.card.title.clone()).chain(e.card.headline.cells.iter().cloned()).collect()).collect();
    Table { caption: "Candidates, the most accurate first".into(), columns, rows, folded: None }
}

/// Every candidate against the most accurate one, on the same records.
fn differences(entries: &[Entry<'_>]) -> Option<Table> {
    let best = entries.first()?;
    let rows: Vec<Vec<String>> = entries[1..]
        .iter()
        .filter_map(|e| {
            let d = best.card.headline.versus.iter().find(|v| v.candidate == e.card.candidate)?;
            Some(vec![e.card.title.clone(), d.cell.clone(), d.p.clone(), d.macro_f1.clone(), d.log_loss.clone(), d.shows.clone()])
        })
        .collect();
    let columns = vec![
        Column { label: format!("{} against", best.card.title), metric: None, figures: false },
        Column { label: "Difference in accuracy".into(), metric: Some("accuracy-difference".into()), figures: true },
        Column { label: "p-value".into(), metric: None, figures: true },
        Column { label: "Difference in macro-F1".into(), metric: Some("macro-f1-difference".into()), figures: true },
        Column { label: "Difference in log loss".into(), metric: Some("log-loss-difference".into()), figures: true },
        Column { label: format!("{} is", best.card.title), metric: None, figures: false },
    ];
    (!rows.is_empty()).then(|| Table { caption: compared::of_all(ranking::CAPTION, &best.card.headline.records), columns, rows, folded: None })
}

/// What the accuracy of the most accurate candidate costs in energy beside each other one.
fn costs(entries: &[Entry<'_>]) -> Option<Table> {
    let best = entries.first()?;
    let rows: Vec<Vec<String>> = entries[1..]
        .iter()
        .filter_map(|e| {
            let d = best.card.headline.versus.iter().find(|v| v.candidate == e.card.candidate).filter(|d| !d.worth.is_empty())?;
            Some(vec![e.card.title.clone(), d.cell.clone(), d.energy.clone(), d.worth.clone()])
        })
        .collect();
    let column = |label: String, metric: Option<&str>, figures: bool| Column { label, metric: metric.map(str::to_owned), figures };
    let columns = vec![
        column(format!("{} beside", best.card.title), None, false),
        column("Difference in accuracy".into(), Some("accuracy-difference"), true),
        column(format!("Energy of {}, with plausible range", best.card.title), None, true),
        column("What it says".into(), None, false),
    ];
    (!rows.is_empty()).then(|| Table {
        caption: compared::of_all("What the accuracy costs in energy", &best.card.headline.records),
        columns,
        rows,
        folded: None,
    })
}

/// Energy of the candidates that were measured on the same machine in the same way; nothing for fewer than two.
fn energy(entries: &[Entry<'_>]) -> Option<Figure> {
    let known: Vec<(&Card, &Row)> = entries.iter().filter_map(|e| Some((e.card, e.card.headline.energy.as_ref()?))).collect();
    // Of the machines, the one that most candidates were measured on.
    let on = |machine: &str| known.iter().filter(|(card, _)| card.headline.machine == machine).count();
    let machine = known.iter().map(|(card, _)| card.headline.machine.as_str()).rev().max_by_key(|m| on(m))?;
    let plotted: Vec<_> = known.iter().filter(|(card, _)| card.headline.machine == machine).collect();
    if plotted.len() < 2 {
        return None;
    }
    let of = if plotted[0].1.label == "training" { "training" } else { "a year’s coding and trainings" };
    let left_out = if plotted.len() < entries.len() {
        " Candidates without a figure, and those measured on other machines or in other ways, are left out: their figures cannot be compared."
    } else {
        ""
    };
    // One unit for all, so that the axis has round numbers.
    let most = plotted.iter().map(|(_, r)| r.interval.map_or(r.value, |i| i.1)).fold(0.0, f64::max);
    let (scale, unit) = match most {
        m if m < 1_000.0 => (1.0, "joules"),
        m if m < 3_600_000.0 => (3_600.0, "watt-hours"),
        _ => (3_600_000.0, "kilowatt-hours"),
    };
    let two = |joules: f64| format!("{:.4}", joules / scale).parse().unwrap_or(0.0);
    let rows =
        plotted.iter().map(|(card, r)| Row { label: card.title.clone(), value: two(r.value), interval: r.interval.map(|(l, u)| (two(l), two(u))) }).collect();
    let told = |r: &Row| {
        let (low, high) = r.interval.unwrap_or((r.value, r.value));
        vec![quantity(r.value), quantity(low), quantity(high)]
    };
    let column = |label: &str, figures: bool| Column { label: label.into(), metric: None, figures };
    Some(Figure {
        title: format!("Energy of {of}"),
        description: format!("Energy of the processor at work for {of}, with its plausible range.{left_out}"),
        plot: Plot::Intervals { axis: format!("energy, in {unit}"), reference: None, rows },
        table: Table {
            caption: format!("Energy of {of}, in figures"),
            columns: vec![column("Candidate", false), column("Central", true), column("Low", true), column("High", true)],
            rows: plotted.iter().map(|(card, r)| std::iter::once(card.title.clone()).chain(told(r)).collect()).collect(),
            folded: None,
        },
    })
}

/// In which groups the most accurate candidate is less often right than each other one that is not a floor.
fn groups(entries: &[Entry<'_>]) -> Vec<String> {
    let Some(best) = entries.first() else { return Vec::new() };
    let told = |e: &Entry<'_>| {
        let d = best.card.headline.versus.iter().find(|v| v.candidate == e.card.candidate)?;
        Some(format!("{}: {}", best.card.title, d.groups.clone()?))
    };
    let mut told: Vec<String> = entries[1..].iter().filter(|e| !e.card.headline.floor).filter_map(told).collect();
    if !told.is_empty() {
        told.push(GROUPS_COUNT.into());
    }
    told
}

/// What the interval of their difference says of the order of the two best.
fn order(entries: &[Entry<'_>]) -> String {
    let best: Vec<_> = entries.iter().filter(|e| e.card.headline.accuracy.is_some()).take(2).collect();
    match best[..] {
        [first, second] => {
            let difference = first.card.headline.versus.iter().find(|v| v.candidate == second.card.candidate);
            let (one, other) = (first.card.title.as_str(), second.card.title.as_str());
            match difference {
                Some(d) if d.decisive => ranking::apart(one, other, &d.cell),
                Some(d) => ranking::not_decisive(one, other, &d.cell),
                None => ranking::UNPAIRED.into(),
            }
        }
        _ => ranking::ALONE.into(),
    }
}

/// The two plots, each with its table.
fn figures(entries: &[Entry<'_>]) -> Vec<Figure> {
    let points: Vec<(&str, &Card, &Point)> = entries.iter().filter_map(|e| Some((e.card.title.as_str(), e.card, e.card.headline.accuracy.as_ref()?))).collect();
    if points.is_empty() {
        return Vec::new();
    }
    let cell = |card: &Card, i: usize| card.headline.cells.get(i).cloned().unwrap_or_default();
    let column = |i: usize| {
        let (label, metric) = COMPARISON_COLUMNS[i];
        Column { label: label.into(), metric: metric.map(str::to_owned), figures: true }
    };
    let name = Column { label: "Candidate".into(), metric: None, figures: false };
    let (accuracy, cpu) = (1, 7);
    // A floor far below the others would squeeze them together; it stays in the tables.
    let mut plotted: Vec<_> = points.iter().filter(|(_, card, _)| !card.headline.floor).collect();
    if plotted.is_empty() {
        plotted = points.iter().collect();
    }
    let floors = if plotted.len() < points.len() { " Floors are in the table only." } else { "" };
    let rows = plotted.iter().map(|(title, _, p)| Row { label: (*title).to_owned(), value: p.y, interval: p.interval }).collect();
    let mut out = vec![Figure {
        title: "Accuracy of the candidates".into(),
        description: format!("Accuracy with its interval, the highest first.{floors}"),
        plot: Plot::Intervals { axis: "coded right, in per cent".into(), reference: None, rows },
        table: Table {
            caption: "Accuracy of the candidates, in figures".into(),
            columns: vec![name.clone(), column(accuracy)],
            rows: points.iter().map(|(title, card, _)| vec![(*title).to_owned(), cell(card, accuracy)]).collect(),
            folded: None,
        },
    }];
    let trained: Vec<_> = plotted.iter().filter(|(_, card, _)| card.headline.cpu_seconds.is_some_and(|s| s > 0.0)).collect();
    if trained.len() > 1 {
        let left_out = trained.len() < points.len();
        let note = if left_out { " Floors and candidates that were not trained in this run are in the table only." } else { "" };
        out.push(Figure {
            title: "Accuracy against processor time of training".into(),
            description: format!("Candidates further up are more accurate, those further left are cheaper to train. The horizontal axis is logarithmic.{note}"),
            plot: Plot::Points {
                x_axis: "processor time of training, in seconds (logarithmic)".into(),
                y_axis: "coded right, in per cent".into(),
                log_x: true,
                joined: false,
                diagonal: None,
                points: trained.iter().map(|(_, _, p)| (*p).clone()).collect(),
            },
            table: Table {
                caption: "Accuracy and processor time of training".into(),
                columns: vec![name, column(accuracy), column(cpu)],
                rows: points.iter().map(|(title, card, _)| vec![(*title).to_owned(), cell(card, accuracy), cell(card, cpu)]).collect(),
                folded: None,
            },
        });
    }
    out.extend(energy(entries));
    out
}
