//! Candidates against the one in production: the difference, the margin, and whether it is shown to be kept.

use super::Entry;
use crate::judge::{Bound, Finding};
use crate::report::card::{Column, Table};
use crate::report::locale::{Words, say};
use crate::report::words::{compared as wording, p_value};

/// The candidates against the one in production.
#[derive(Debug, Clone)]
pub struct Current {
    /// Id of the candidate in production.
    pub candidate: String,
    /// Its name for readers.
    pub name: String,
    /// The others.
    pub compared: Vec<NotWorse>,
}

/// One candidate against the one in production.
#[derive(Debug, Clone)]
pub struct NotWorse {
    /// Its id.
    pub candidate: String,
    /// The finding on the margin; none without a margin, or without a difference record by record.
    pub finding: Option<Finding>,
}

/// The sentences and the table of the part.
pub fn part(w: &Words, entries: &[Entry<'_>], current: &Current) -> (Vec<String>, Option<Table>) {
    let rows: Vec<Vec<String>> = entries.iter().filter(|e| e.card.candidate != current.candidate).map(|e| row(w, e, current)).collect();
    let mut notes = vec![say!(w, "compared-not-worse")];
    if current.compared.iter().all(|c| c.finding.is_none()) {
        notes.push(say!(w, "compared-no-margin"));
    }
    let column = |label: String, metric: Option<&str>, figures: bool| Column { label, metric: metric.map(str::to_owned), figures };
    let columns = vec![
        column(say!(w, "col-candidate"), None, false),
        column(say!(w, "compare-difference"), Some("accuracy-difference"), true),
        column(say!(w, "compared-margin"), None, true),
        column(say!(w, "compared-one-sided"), None, true),
        column(say!(w, "col-p"), None, true),
        column(say!(w, "compared-shown"), None, false),
    ];
    (
        notes,
        (!rows.is_empty()).then(|| Table {
            caption: wording::of_all(w, &say!(w, "compared-caption"), &entries[0].card.headline.records),
            columns,
            rows,
            folded: None,
        }),
    )
}

fn row(w: &Words, entry: &Entry<'_>, current: &Current) -> Vec<String> {
    let headline = &entry.card.headline;
    let difference = headline.versus.iter().find(|v| v.candidate == current.candidate).map_or_else(|| say!(w, "compared-unpaired"), |v| v.cell.clone());
    let finding = current.compared.iter().find(|c| c.candidate == entry.card.candidate).and_then(|c| c.finding.as_ref());
    let none = || say!(w, "none");
    let margin = match finding.map(|f| f.bound) {
        Some(Bound::NonInferiorBy(margin)) => wording::margin(w, margin),
        _ => none(),
    };
    let judged = finding.and_then(|f| f.measure.outcome.estimate()).and_then(|e| e.interval);
    let interval = judged.map_or_else(none, |i| {
        say!(w, "compared-level", level = w.level(f64::midpoint(1.0, i.level)), bounds = w.bounds("accuracy-difference", i.lower, i.upper))
    });
    let p = finding.and_then(|f| f.p).map_or_else(none, |p| p_value(w, p));
    vec![entry.card.title.clone(), difference, margin, interval, p, finding.map_or_else(none, |f| wording::shown(w, f.status))]
}
