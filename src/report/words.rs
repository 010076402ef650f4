//! What the card says where a message alone does not do: which message, and what fills it. The texts are in the catalogues.

pub mod automation;
pub mod compared;
pub mod confusions;
pub mod cost;
pub mod fairness;
pub mod scorecard;
pub mod site;
pub mod tokens;
pub mod trials;

use super::disclosure::Why;
use super::locale::{Words, say};
use crate::judge::Status;

mod findings;
mod others;
pub mod protection;
mod slices;

pub use findings::family;
pub use others::{groups_told, p_value};
pub use slices::{found, searched};

/// Why a figure is suppressed. The same words for every cell: which cells had to be hidden and which protect them would bound them.
pub fn why(w: &Words, _: Why) -> String {
    say!(w, "why-suppressed")
}

/// In place of a figure that disclosure control hides.
pub fn suppressed(w: &Words, _: Why) -> String {
    say!(w, "suppressed-why")
}

/// In place of a number of records that disclosure control hides.
pub fn records_hidden(w: &Words, why: Why) -> String {
    suppressed(w, why)
}

/// A finding's outcome in words.
pub fn status(w: &Words, status: Status) -> String {
    match status {
        Status::Met => say!(w, "status-met"),
        Status::NotMet => say!(w, "status-not-met"),
        Status::Undecided => say!(w, "status-undecided"),
    }
}

/// What the tuning part was for; `how` is the candidate's own account of its calibration.
pub fn tuning(w: &Words, records: u64, how: Option<&str>, uses: &str) -> String {
    let of = if records == 0 { say!(w, "tuning-none") } else { uses.to_owned() };
    match how {
        Some(how) => format!("{of} {}", say!(w, "tuning-calibration", how = how)),
        None => of,
    }
}

/// How a reader should take the worst of many shares.
pub fn many_shares(w: &Words, clear: usize, all: usize, level: f64) -> String {
    say!(w, "many-shares", all = all, clear = clear, chance = w.fixed(all as f64 * (1.0 - level), 1))
}

/// Ids of the sections, in order.
pub const SECTIONS: [&str; 21] = [
    "purpose",
    "accuracy",
    "groups",
    "slices",
    "codes",
    "shares",
    "published",
    "thresholds",
    "calibration",
    "errors",
    "tokens",
    "labels",
    "others",
    "cost",
    "scorecard",
    "data",
    "limits",
    "findings",
    "provenance",
    "glossary",
    "reading",
];

/// That other findings of a gate are like the one just told.
pub fn alike(w: &Words, others: usize, gate: &str, status: Status) -> String {
    say!(w, "alike", others = others, gate = gate, status = self::status(w, status).to_lowercase())
}

/// Questions a study should answer about its purpose.
pub const PURPOSE: [&str; 7] = ["outcome", "better off", "action", "insight", "data", "enablers", "out of scope"];

/// The five collection factors.
pub const COLLECTION: [&str; 5] = ["trust", "consent", "power", "transparency", "inclusivity"];

/// Roles that someone must fill.
pub const PEOPLE: [&str; 3] = ["owner", "approver", "contact"];

/// The note on what all intervals of a card are.
pub fn intervals(w: &Words, at: f64) -> String {
    say!(w, "intervals-level", level = w.level(at))
}

/// How many records would settle an undecided finding: in the whole test part or of its kind, and how.
pub fn needed(w: &Words, records: u64, psus: Option<u64>, whole: bool, met: bool) -> String {
    // Two significant digits: the figure is a guide, not a promise.
    let rounded = |n: u64| {
        let unit = 10u64.pow(n.max(1).ilog10().saturating_sub(1));
        n.div_ceil(unit).saturating_mul(unit)
    };
    let records = rounded(records);
    let status = status(w, if met { Status::Met } else { Status::NotMet }).to_lowercase();
    match (whole, psus.map(rounded)) {
        (true, None) => say!(w, "needed-whole", records = records, status = status),
        (true, Some(psus)) => say!(w, "needed-whole-units", records = records, status = status, psus = psus),
        (false, None) => say!(w, "needed-kind", records = records, status = status),
        (false, Some(psus)) => say!(w, "needed-kind-units", records = records, status = status, psus = psus),
    }
}

/// How many records a group lacks for any estimate; `known` is how many it has, if that may be shown.
pub fn lacking(w: &Words, minimum: u64, known: Option<u64>) -> String {
    match known.map(|n| minimum.saturating_sub(n)).filter(|n| *n > 0) {
        Some(more) => say!(w, "lacking-more", more = more),
        None => say!(w, "lacking-all", n = minimum),
    }
}

/// The fold over the rest of a long table of "codes", "errors" or "findings".
pub fn rest(w: &Words, n: usize, what: &str) -> String {
    say!(w, &format!("rest-{what}"), n = n)
}

/// What double coding says of people and model, in a sentence.
pub fn human_ceiling(w: &Words, records: &str, agreement: &str, coder: &str, model: &str) -> String {
    say!(w, "human-ceiling", records = records, agreement = agreement, coder = coder, model = model)
}

/// How the model does against a single coder on the same records.
pub fn against_coder(w: &Words, difference: &str, interval: Option<(f64, f64)>) -> String {
    match interval {
        Some((lower, _)) if lower > 0.0 => say!(w, "against-coder-more", difference = difference),
        Some((_, upper)) if upper < 0.0 => say!(w, "against-coder-less", difference = difference),
        _ => say!(w, "against-coder-open", difference = difference),
    }
}

/// How many true codes look wrong to the candidate, with the caution that goes with it.
pub fn suspects(w: &Words, share: &str, records: &str) -> String {
    say!(w, "suspects", share = share, records = records)
}

/// What the comparison says of the ranking.
pub mod ranking {
    use super::{Words, say};

    /// What the interval of a difference shows.
    pub fn shows(w: &Words, lower: f64, upper: f64) -> String {
        if lower > 0.0 {
            say!(w, "ranking-more")
        } else if upper < 0.0 {
            say!(w, "ranking-less")
        } else {
            say!(w, "cannot-tell")
        }
    }
}

/// The comparison's columns after the candidate, with the metric each is about.
pub const COMPARISON_COLUMNS: [(&str, Option<&str>); 11] = [
    ("decision", None),
    ("accuracy", Some("accuracy")),
    ("worst-group", Some("accuracy")),
    ("macro-f1", Some("macro-f1")),
    ("log-loss", Some("log-loss")),
    ("calibration", Some("ece")),
    ("share", Some("share-error")),
    ("cpu", Some("train-cpu-seconds")),
    ("train-energy", Some("train-energy")),
    ("predict-energy", Some("predict-energy-per-1000")),
    ("memory", Some("peak-memory")),
];
