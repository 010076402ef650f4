//! Wording of comparisons: of candidates of any runs, with the one in production, and of accuracy against energy.

use crate::judge::Status;
use crate::report::format::{fixed, level};

/// Heading of the part on the candidate in production.
pub fn against(name: &str) -> String {
    format!("Against {name}, which is in production")
}

/// What that part asks.
pub const NOT_WORSE: &str = "Is a candidate worse than the one in production by more than can be borne? It is shown not to be when the whole one-sided interval of the difference \
in accuracy, on the same records, is above the margin. The margin has to be set before the results are seen.";
/// That no margin is known.
pub const NO_MARGIN: &str = "No margin was given (a gate with `non_inferior_by`, or --margin), so the table only tells the differences.";
/// Caption of the table.
pub const CAPTION: &str = "Differences in accuracy from the candidate in production, on the same records";
/// Its columns after the candidate and the difference.
pub const COLUMNS: [&str; 4] = ["Margin", "One-sided interval at", "p-value", "Not worse by more than the margin"];
/// In place of a difference that is not known record by record.
pub const UNPAIRED: &str = "cannot tell: not compared record by record";
/// In place of what there is none of.
pub const NONE: &str = "none";

/// What a finding on a margin says.
pub fn shown(status: Status) -> &'static str {
    match status {
        Status::Met => "shown: not worse by more than the margin",
        Status::NotMet => "shown: worse by more than the margin",
        Status::Undecided => "cannot tell: the margin lies inside the interval",
    }
}

/// A margin as a difference of shares.
pub fn margin(margin: f64) -> String {
    format!("{} points", fixed(100.0 * margin, 2))
}

/// The level of a one-sided bound whose two-sided interval is at `two_sided`.
pub fn one_sided(two_sided: f64) -> String {
    level((1.0 + two_sided) / 2.0)
}

/// A name that two candidates share, with a number.
pub fn numbered(name: &str, number: usize) -> String {
    format!("{name} ({number})")
}

/// A caption with the number of records that all rows of the table are of.
pub fn of_all(caption: &str, records: &str) -> String {
    if records.is_empty() { caption.to_owned() } else { format!("{caption}, n = {records}") }
}

/// Why a pair is not compared record by record.
pub fn not_paired(one: &str, other: &str, why: &str) -> String {
    format!("{one} and {other} are not compared record by record: {why}. For these two there is only each one’s own interval.")
}

/// That decisions follow from different policies.
pub const POLICIES: &str = "The candidates were judged under different policies: their decisions cannot be compared, their figures can.";

/// The title of a comparison across studies.
pub fn of_data(title: &str) -> String {
    format!("Candidates on {title}")
}

/// Heading of the definitions.
pub const MEASURES: &str = "Words and measures";

/// Name of the picture of accuracy and energy.
pub fn trade_title(of: &str) -> String {
    format!("Accuracy, worst group and energy of {of}")
}

/// What it shows.
pub fn trade(dominated: &[&str], left_out: bool) -> String {
    let found = match dominated {
        [] => "No candidate is dominated: each is best in something, or equals another.".to_owned(),
        names => format!(
            "Dominated, that is, beside another candidate that is at least as good in all three and better in one: {}. That is by the middle figures: where intervals overlap, the records do not show it.",
            names.join(", ")
        ),
    };
    let left = if left_out { " Floors, and candidates without a figure or measured on other machines or in other ways, are in the table only." } else { "" };
    format!(
        "Further up is more often right, further left takes less energy. The horizontal axis is logarithmic; ranges of energy are in the table. {found}{left}"
    )
}

/// Caption of the table beside it.
pub const TRADE_CAPTION: &str = "Accuracy, worst group and energy, in figures";
/// Its columns: candidate, whether it is dominated.
pub const TRADE_COLUMNS: [&str; 3] = ["Candidate", "Energy, with plausible range", "Dominated"];
/// The signs of the picture.
pub const SIGNS: [&str; 3] = ["all records", "worst group", "hollow: dominated"];
/// In the column “dominated”.
pub const DOMINATED: [&str; 2] = ["yes", "no"];
/// For candidates whose energy is not compared.
pub const NOT_COMPARED: &str = "not compared";
/// Energy that is not known or of another machine.
pub const OTHER_MACHINE: &str = "cannot tell: not known here, or measured on another machine or in another way";
/// What the energy is of.
pub const OF: [&str; 2] = ["training", "a year’s coding and trainings"];
