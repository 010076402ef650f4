//! Candidates against the one in production: the difference, the margin, and whether it is shown to be kept.

use super::Entry;
use crate::judge::{Bound, Finding};
use crate::report::card::{Column, Table};
use crate::report::format::bounds;
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
pub fn part(entries: &[Entry<'_>], current: &Current) -> (Vec<String>, Option<Table>) {
    let rows: Vec<Vec<String>> = entries.iter().filter(|e| e.card.candidate != current.candidate).map(|e| row(e, current)).collect();
    let mut notes = vec![wording::NOT_WORSE.to_owned()];
    if current.compared.iter().all(|c| c.finding.is_none()) {
        notes.push(wording::NO_MARGIN.to_owned());
    }
    let column = |label: &str, metric: Option<&str>, figures: bool| Column { label: label.into(), metric: metric.map(str::to_owned), figures };
    let [margin, interval, p, shown] = wording::COLUMNS;
    let columns = vec![
        column("Candidate", None, false),
        column("Difference in accuracy", Some("accuracy-difference"), true),
        column(margin, None, true),
        column(interval, None, true),
        column(p, None, true),
        column(shown, None, false),
    ];
    (notes, (!rows.is_empty()).then(|| Table { caption: wording::of_all(wording::CAPTION, &entries[0].card.headline.records), columns, rows, folded: None }))
}

fn row(entry: &Entry<'_>, current: &Current) -> Vec<String> {
    let headline = &entry.card.headline;
    let difference = headline.versus.iter().find(|v| v.candidate == current.candidate).map_or_else(|| wording::UNPAIRED.to_owned(), |v| v.cell.clone());
    let finding = current.compared.iter().find(|c| c.candidate == entry.card.candidate).and_then(|c| c.finding.as_ref());
    let none = || wording::NONE.to_owned();
    let margin = match finding.map(|f| f.bound) {
        Some(Bound::NonInferiorBy(margin)) => wording::margin(margin),
        _ => none(),
    };
    let judged = finding.and_then(|f| f.measure.outcome.estimate()).and_then(|e| e.interval);
    let interval = judged.map_or_else(none, |i| format!("{}: {}", wording::one_sided(i.level), bounds("accuracy-difference", i.lower, i.upper)));
    let p = finding.and_then(|f| f.p).map_or_else(none, p_value);
    vec![entry.card.title.clone(), difference, margin, interval, p, finding.map_or_else(none, |f| wording::shown(f.status).to_owned())]
}
