//! Wording of comparisons: of candidates of any runs, with the one in production, and of accuracy against energy.

use crate::judge::Status;
use crate::report::locale::{Words, say};

/// Heading of the part on the candidate in production.
pub fn against(w: &Words, name: &str) -> String {
    say!(w, "compared-against", name = name)
}

/// What a finding on a margin says.
pub fn shown(w: &Words, status: Status) -> String {
    match status {
        Status::Met => say!(w, "compared-met"),
        Status::NotMet => say!(w, "compared-not-met"),
        Status::Undecided => say!(w, "compared-undecided"),
    }
}

/// A margin as a difference of shares.
pub fn margin(w: &Words, margin: f64) -> String {
    say!(w, "points", n = w.fixed(100.0 * margin, 2), size = 100.0 * margin)
}

/// A name that two candidates share, with a number.
#[must_use]
pub fn numbered(name: &str, number: usize) -> String {
    format!("{name} ({number})")
}

/// A caption with the number of records that all rows of the table are of.
pub fn of_all(w: &Words, caption: &str, records: &str) -> String {
    if records.is_empty() { caption.to_owned() } else { say!(w, "caption-with-n", caption = caption, n = records) }
}

/// Why a pair is not compared record by record.
#[must_use]
pub fn not_paired(w: &Words, one: &str, other: &str, why: &str) -> String {
    say!(w, "compared-not-paired", one = one, other = other, why = w.told(why))
}

/// That decisions follow from different policies.
#[must_use]
pub fn policies(w: &Words) -> String {
    say!(w, "compared-policies")
}

/// The title of a comparison across studies.
#[must_use]
pub fn of_data(w: &Words, title: &str) -> String {
    say!(w, "compared-of-data", title = title)
}

/// What the picture of accuracy and energy shows.
pub fn trade(w: &Words, dominated: &[&str], left_out: bool) -> String {
    let found = match dominated {
        [] => say!(w, "trade-none-dominated"),
        names => say!(w, "trade-dominated", names = names.join(&say!(w, "list-comma"))),
    };
    let told = say!(w, "trade-description", found = found);
    if left_out { format!("{told} {}", say!(w, "trade-left-out")) } else { told }
}
