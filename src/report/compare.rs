//! The comparison of a study's candidates on one page: table, interval plot, and accuracy against processor time.

mod current;
mod trade;

use super::card::{Alternate, Banner, Card, Column, Figure, Plot, Point, Row, Table, Term};
use super::html::{Page, render};
use super::locale::{Words, say};
use super::marks;
use super::words::{COMPARISON_COLUMNS, compared};
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
    /// The same page in other languages.
    pub alternates: &'a [Alternate],
}

impl<'a> Comparing<'a> {
    /// Candidates of which none is known to be in production.
    #[must_use]
    pub fn of(title: &'a str, entries: &'a [Entry<'a>]) -> Self {
        Self { title, entries, current: None, notes: &[], alternates: &[] }
    }
}

/// What the template needs.
#[derive(Debug, Serialize)]
struct Comparison {
    language: String,
    alternates: Vec<Alternate>,
    study: String,
    program: String,
    notes: Vec<String>,
    /// Heading, sentences and table of the part on the candidate in production.
    current: Option<(String, Vec<String>, Option<Table>)>,
    /// Metrics of the page, with the heading over them.
    measures: String,
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
    comparison_page(Words::english(), &Comparing::of(study_title, entries))
}

/// The comparison page: candidates by accuracy, the highest first, with what may and may not be concluded from the order.
///
/// # Errors
/// A defect of the page's template.
pub fn comparison_page(w: &Words, what: &Comparing<'_>) -> Result<String, Failure> {
    let mut entries = what.entries.to_vec();
    let accuracy = |e: &Entry<'_>| e.card.headline.accuracy.as_ref().map_or(f64::NEG_INFINITY, |p| p.y);
    entries.sort_by(|a, b| accuracy(b).total_cmp(&accuracy(a)));
    let comparison = Comparison {
        language: w.tag().to_owned(),
        alternates: what.alternates.to_vec(),
        // The cards know which language the title is in.
        study: entries.first().map(|e| &e.card.study).filter(|s| marks::plain(s) == what.title).cloned().unwrap_or_else(|| what.title.to_owned()),
        program: entries.first().map_or_else(String::new, |e| e.card.program.clone()),
        notes: std::iter::once(order(w, &entries)).chain(groups(w, &entries)).chain([say!(w, "ranking-paired")]).chain(what.notes.iter().cloned()).collect(),
        differences: differences(w, &entries),
        costs: costs(w, &entries),
        table: table(w, &entries),
        candidates: entries
            .iter()
            .map(|e| Candidate { name: e.card.title.clone(), href: e.href.to_owned(), floor: e.card.headline.floor, banner: e.card.banner.clone() })
            .collect(),
        figures: trade::trade(w, &entries).into_iter().chain(figures(w, &entries)).collect(),
        current: what.current.map(|c| {
            let (notes, table) = current::part(w, &entries, c);
            (compared::against(w, &c.name), notes, table)
        }),
        measures: w.of("section", "glossary"),
        terms: Vec::new(),
    };
    let terms = terms(w, &comparison);
    let comparison = Comparison { terms, ..comparison };
    let names = comparison.terms.iter().map(|t| (t.name.clone(), t.id.clone())).collect();
    render(w, Page::Comparison, &comparison, names)
}

/// The metrics that the page's tables name, from the registry.
fn terms(w: &Words, page: &Comparison) -> Vec<Term> {
    let current = page.current.iter().filter_map(|(_, _, table)| table.as_ref());
    let tables = page.differences.iter().chain(&page.costs).chain([&page.table]).chain(page.figures.iter().map(|f| &f.table)).chain(current);
    let used: BTreeSet<&str> = tables.flat_map(|t| &t.columns).filter_map(|c| c.metric.as_deref()).collect();
    METRICS.iter().filter(|m| used.contains(m.id)).map(|m| super::build::term(w, m)).collect()
}

/// The table of all headline figures.
fn table(w: &Words, entries: &[Entry<'_>]) -> Table {
    let mut columns = vec![Column { label: say!(w, "col-candidate"), metric: None, figures: false }];
    columns.extend(COMPARISON_COLUMNS.iter().map(|(label, metric)| Column {
        label: w.of("column", label),
        metric: metric.map(str::to_owned),
        figures: metric.is_some(),
    }));
    let rows = entries.iter().map(|e| std::iter::once(e.card.title.clone()).chain(e.card.headline.cells.iter().cloned()).collect()).collect();
    Table { caption: say!(w, "compare-caption"), columns, rows, folded: None }
}

/// Every candidate against the most accurate one, on the same records.
fn differences(w: &Words, entries: &[Entry<'_>]) -> Option<Table> {
    let best = entries.first()?;
    let rows: Vec<Vec<String>> = entries[1..]
        .iter()
        .filter_map(|e| {
            let d = best.card.headline.versus.iter().find(|v| v.candidate == e.card.candidate)?;
            Some(vec![e.card.title.clone(), d.cell.clone(), d.p.clone(), d.macro_f1.clone(), d.log_loss.clone(), d.shows.clone()])
        })
        .collect();
    let columns = vec![
        Column { label: say!(w, "compare-against", name = best.card.title), metric: None, figures: false },
        Column { label: say!(w, "compare-difference"), metric: Some("accuracy-difference".into()), figures: true },
        Column { label: say!(w, "col-p"), metric: None, figures: true },
        Column { label: say!(w, "compare-macro"), metric: Some("macro-f1-difference".into()), figures: true },
        Column { label: say!(w, "compare-log-loss"), metric: Some("log-loss-difference".into()), figures: true },
        Column { label: say!(w, "compare-is", name = best.card.title), metric: None, figures: false },
    ];
    let caption = compared::of_all(w, &say!(w, "ranking-caption"), &best.card.headline.records);
    (!rows.is_empty()).then_some(Table { caption, columns, rows, folded: None })
}

/// What the accuracy of the most accurate candidate costs in energy beside each other one.
fn costs(w: &Words, entries: &[Entry<'_>]) -> Option<Table> {
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
        column(say!(w, "compare-beside", name = best.card.title), None, false),
        column(say!(w, "compare-difference"), Some("accuracy-difference"), true),
        column(say!(w, "compare-energy-of", name = best.card.title), None, true),
        column(say!(w, "col-says"), None, false),
    ];
    let caption = compared::of_all(w, &say!(w, "compare-costs"), &best.card.headline.records);
    (!rows.is_empty()).then_some(Table { caption, columns, rows, folded: None })
}

/// Energy of the candidates that were measured on the same machine in the same way; nothing for fewer than two.
fn energy(w: &Words, entries: &[Entry<'_>]) -> Option<Figure> {
    let known: Vec<(&Card, &Row)> = entries.iter().filter_map(|e| Some((e.card, e.card.headline.energy.as_ref()?))).collect();
    // Of the machines, the one that most candidates were measured on.
    let on = |machine: &str| known.iter().filter(|(card, _)| card.headline.machine == machine).count();
    let machine = known.iter().map(|(card, _)| card.headline.machine.as_str()).rev().max_by_key(|m| on(m))?;
    let plotted: Vec<_> = known.iter().filter(|(card, _)| card.headline.machine == machine).collect();
    if plotted.len() < 2 {
        return None;
    }
    let (title, mut description) = if plotted[0].1.label == "training" {
        (say!(w, "compare-energy-training"), say!(w, "compare-energy-training-description"))
    } else {
        (say!(w, "compare-energy-year"), say!(w, "compare-energy-year-description"))
    };
    if plotted.len() < entries.len() {
        description = format!("{description} {}", say!(w, "compare-energy-left-out"));
    }
    // One unit for all, so that the axis has round numbers.
    let most = plotted.iter().map(|(_, r)| r.interval.map_or(r.value, |i| i.1)).fold(0.0, f64::max);
    let (scale, axis) = match most {
        m if m < 1_000.0 => (1.0, say!(w, "axis-joules")),
        m if m < 3_600_000.0 => (3_600.0, say!(w, "axis-watt-hours")),
        _ => (3_600_000.0, say!(w, "axis-kilowatt-hours")),
    };
    let two = |joules: f64| format!("{:.4}", joules / scale).parse().unwrap_or(0.0);
    let rows =
        plotted.iter().map(|(card, r)| Row { label: card.title.clone(), value: two(r.value), interval: r.interval.map(|(l, u)| (two(l), two(u))) }).collect();
    let told = |r: &Row| {
        let (low, high) = r.interval.unwrap_or((r.value, r.value));
        vec![w.quantity(r.value), w.quantity(low), w.quantity(high)]
    };
    let column = |label: String, figures: bool| Column { label, metric: None, figures };
    Some(Figure {
        title: title.clone(),
        description,
        plot: Plot::Intervals { axis, reference: None, rows },
        table: Table {
            caption: say!(w, "compare-in-figures", title = title),
            columns: vec![
                column(say!(w, "col-candidate"), false),
                column(say!(w, "col-central"), true),
                column(say!(w, "col-low"), true),
                column(say!(w, "col-high"), true),
            ],
            rows: plotted.iter().map(|(card, r)| std::iter::once(card.title.clone()).chain(told(r)).collect()).collect(),
            folded: None,
        },
    })
}

/// In which groups the most accurate candidate is less often right than each other one that is not a floor.
fn groups(w: &Words, entries: &[Entry<'_>]) -> Vec<String> {
    let Some(best) = entries.first() else { return Vec::new() };
    let told = |e: &Entry<'_>| {
        let d = best.card.headline.versus.iter().find(|v| v.candidate == e.card.candidate)?;
        Some(say!(w, "compare-groups", name = best.card.title, groups = d.groups.clone()?))
    };
    let mut told: Vec<String> = entries[1..].iter().filter(|e| !e.card.headline.floor).filter_map(told).collect();
    if !told.is_empty() {
        told.push(say!(w, "groups-count"));
    }
    told
}

/// What the interval of their difference says of the order of the two best.
fn order(w: &Words, entries: &[Entry<'_>]) -> String {
    let best: Vec<_> = entries.iter().filter(|e| e.card.headline.accuracy.is_some()).take(2).collect();
    match best[..] {
        [first, second] => {
            let difference = first.card.headline.versus.iter().find(|v| v.candidate == second.card.candidate);
            let (one, other) = (first.card.title.as_str(), second.card.title.as_str());
            match difference {
                Some(d) if d.decisive => say!(w, "ranking-apart", first = one, second = other, cell = d.cell),
                Some(d) => say!(w, "ranking-not-decisive", first = one, second = other, cell = d.cell),
                None => say!(w, "ranking-unpaired"),
            }
        }
        _ => say!(w, "ranking-alone"),
    }
}

/// The two plots, each with its table.
fn figures(w: &Words, entries: &[Entry<'_>]) -> Vec<Figure> {
    let points: Vec<(&str, &Card, &Point)> = entries.iter().filter_map(|e| Some((e.card.title.as_str(), e.card, e.card.headline.accuracy.as_ref()?))).collect();
    if points.is_empty() {
        return Vec::new();
    }
    let cell = |card: &Card, i: usize| card.headline.cells.get(i).cloned().unwrap_or_default();
    let column = |i: usize| {
        let (label, metric) = COMPARISON_COLUMNS[i];
        Column { label: w.of("column", label), metric: metric.map(str::to_owned), figures: true }
    };
    let name = Column { label: say!(w, "col-candidate"), metric: None, figures: false };
    let (accuracy, cpu) = (1, 7);
    // A floor far below the others would squeeze them together; it stays in the tables.
    let mut plotted: Vec<_> = points.iter().filter(|(_, card, _)| !card.headline.floor).collect();
    if plotted.is_empty() {
        plotted = points.iter().collect();
    }
    let with = |description: String, note: Option<String>| note.map_or_else(|| description.clone(), |note| format!("{description} {note}"));
    let floors = (plotted.len() < points.len()).then(|| say!(w, "compare-floors"));
    let rows = plotted.iter().map(|(title, _, p)| Row { label: (*title).to_owned(), value: p.y, interval: p.interval }).collect();
    let mut out = vec![Figure {
        title: say!(w, "compare-accuracy"),
        description: with(say!(w, "compare-accuracy-description"), floors),
        plot: Plot::Intervals { axis: say!(w, "coded-right-axis"), reference: None, rows },
        table: Table {
            caption: say!(w, "compare-accuracy-caption"),
            columns: vec![name.clone(), column(accuracy)],
            rows: points.iter().map(|(title, card, _)| vec![(*title).to_owned(), cell(card, accuracy)]).collect(),
            folded: None,
        },
    }];
    let trained: Vec<_> = plotted.iter().filter(|(_, card, _)| card.headline.cpu_seconds.is_some_and(|s| s > 0.0)).collect();
    if trained.len() > 1 {
        let left_out = trained.len() < points.len();
        let note = left_out.then(|| say!(w, "compare-not-trained"));
        out.push(Figure {
            title: say!(w, "compare-time"),
            description: with(say!(w, "compare-time-description"), note),
            plot: Plot::Points {
                x_axis: say!(w, "compare-time-x"),
                y_axis: say!(w, "coded-right-axis"),
                log_x: true,
                joined: false,
                diagonal: None,
                points: trained.iter().map(|(_, _, p)| (*p).clone()).collect(),
            },
            table: Table {
                caption: say!(w, "compare-time-caption"),
                columns: vec![name, column(accuracy), column(cpu)],
                rows: points.iter().map(|(title, card, _)| vec![(*title).to_owned(), cell(card, accuracy), cell(card, cpu)]).collect(),
                folded: None,
            },
        });
    }
    out.extend(energy(w, entries));
    out
}
