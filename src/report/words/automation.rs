//! The English wording of what is promised about automatic coding, of suggestions, and of measures of confidence.

use crate::measure::{AutomaticChoice, Choice, LevelChoice, Promise, Suggestions};
use crate::report::disclosure::MINIMUM_CELL;
use crate::report::format::{count, fixed, level, value};

/// On the fold over the choice for each code level.
pub const LEVELS: &str = "Coding to a coarser level without a clerk";
/// Over the part on suggestions.
pub const SUGGESTIONS: &str = "What a clerk would be shown";
/// On the fold over suggestions by group.
pub const SUGGESTIONS_BY_GROUP: &str = "Suggestions by group";
/// On the fold over the other measures of confidence.
pub const MORE: &str = "Other measures of confidence";
/// Said where confidence is a margin.
pub const MARGIN: &str = "Confidence is the margin between the first two codes here: it ranks records, but it is not a probability of being right, so there is nothing to calibrate.";
/// Said of a policy whose promise the evidence was not made for.
pub const OTHER_PROMISE: &str =
    "This evidence was made without looking for a threshold that keeps this promise. Until the study is run under this policy, every record goes to a clerk.";
/// The condition that nothing is coded without a clerk.
pub const CLERK_FOR_ALL: &str =
    "Every record goes to a clerk: there is no threshold that is sure enough to keep what the policy promises of records coded without one.";

/// What the policy promises.
pub fn promise(promise: &Promise) -> String {
    format!("The policy promises that at most {} of the records coded without a clerk are wrong.", value("coded-accuracy", promise.error_at_most))
}

/// How the threshold was chosen, or why there is none.
pub fn chosen(choice: &AutomaticChoice) -> String {
    let of = |records: u64| format!("{} records of the tuning part", count(records));
    match choice.levels.iter().find(|l| l.code_level.is_none()).map(|l| &l.choice) {
        Some(Choice::Threshold { threshold, accepted, risk, upper }) => {
            // With few errors or few records the bound would give away what single records are.
            let bound = if (*risk).min(1.0 - *risk) * *accepted as f64 >= MINIMUM_CELL as f64 {
                format!(": {} records reach it, and of records like these at most {} are wrong", count(*accepted), value("coded-accuracy", *upper))
            } else {
                String::new()
            };
            let apart = if choice.apart {
                "which served for nothing else"
            } else {
                "of which it is not known here whether the model learned from them: the promise holds only if it did not"
            };
            format!(
                "The smallest confidence that keeps this promise with {} certainty is {}{bound}. It was chosen on {}, {apart}. It holds for records like these.",
                level(choice.promise.confidence),
                threshold_of(*threshold),
                of(choice.records)
            )
        }
        Some(Choice::NoThreshold { why, records_needed }) => {
            let needed = match records_needed {
                Some(records) if choice.records == 0 => format!(" At least {} records would be needed to choose on, even if none were wrong.", count(*records)),
                Some(records) => format!(" About {} tuning records would be needed to choose on, were errors to stay as they are.", about(*records)),
                None => " At no threshold are errors rare enough for more records to help.".to_owned(),
            };
            let on =
                if choice.records == 0 { String::new() } else { format!(" with {} certainty from {}", level(choice.promise.confidence), of(choice.records)) };
            format!("No threshold can be promised to keep that{on}: {why}.{needed}")
        }
        None => OTHER_PROMISE.to_owned(),
    }
}

/// A threshold with as many decimals as the grid has.
pub fn threshold_of(threshold: f64) -> String {
    let hundredth = (threshold * 100.0).round() / 100.0;
    fixed(threshold, if (threshold - hundredth).abs() < 1e-9 { 2 } else { 3 })
}

/// Two significant digits: the figure is a guide, not a promise.
fn about(records: u64) -> String {
    let unit = 10u64.pow(records.max(1).ilog10().saturating_sub(1));
    count(records.div_ceil(unit).saturating_mul(unit))
}

/// What the test part says of the promise, from the interval of the coded accuracy.
pub fn borne_out(lower: f64, upper: f64, promise: &Promise) -> &'static str {
    let wanted = 1.0 - promise.error_at_most;
    if lower >= wanted {
        "The test part bears the promise out."
    } else if upper < wanted {
        "The test part does not bear the promise out: its records are harder than those of the tuning part, so the threshold must be chosen anew before it is used."
    } else {
        "The test part alone neither bears the promise out nor speaks against it."
    }
}

/// The deepest level at which a promise can be kept where the full code cannot.
pub fn deepest(level: &str, threshold: f64) -> String {
    format!("Cut to the level “{level}”, codes keep the promise from a confidence of {} on, for that level taken by itself.", threshold_of(threshold))
}

/// A level's threshold, or that there is none.
pub fn level_choice(choice: &LevelChoice) -> String {
    choice.choice.threshold().map_or_else(|| "none can be promised".to_owned(), threshold_of)
}

/// What holds once the conditions are kept.
pub fn left(share: &str, accuracy: &str) -> String {
    format!("Once the records that always go to a clerk are taken out, {share} are coded without one, and {accuracy} of those are right.")
}

/// What a clerk would find on the list of suggestions.
pub fn suggestions(rule: &Suggestions, coverage: &str, size: &str, short: bool) -> String {
    let records = count(rule.records);
    let promised = if rule.apart {
        format!(
            "The rule was made on {records} records of the tuning part that served for nothing else, so for records like these it keeps what was asked, on average over samples."
        )
    } else {
        format!(
            "The rule was made on {records} records of the tuning part without keeping any apart for it, so nothing is promised; the figures are what the test part shows."
        )
    };
    let short = if short { " On the test part it falls short of that: its records are harder than those of the tuning part." } else { "" };
    format!(
        "A clerk shown every code that is likely enough finds the true code on the list for {coverage} of records, with {size} codes on it on average; {} was asked for. {promised}{short}",
        level(rule.coverage)
    )
}

/// How well confidence ranks right and wrong records.
pub fn ranks(auroc: &str) -> String {
    format!(
        "Of a record coded right and one coded wrong, the right one has the higher confidence with probability {auroc}; 50 % would be no better than a coin."
    )
}

/// In place of the length of lists where there is no one group.
pub const NO_SIZE: &str = "none of its own";

/// What the recalibration slope shows.
pub fn slope(lower: f64, upper: f64) -> &'static str {
    if upper < 1.0 {
        "Confidences are too extreme: high ones are too high for what comes right, low ones too low."
    } else if lower > 1.0 {
        "Confidences are too timid: more comes right of the high ones, and less of the low ones, than they say."
    } else {
        "The data do not show that confidences are too extreme or too timid."
    }
}

/// What the tuning part is for.
pub fn tuning(records: u64, threshold: bool, suggestions: bool, apart: bool) -> String {
    let mut uses = vec!["for calibrating confidences"];
    uses.extend(suggestions.then_some("for the rule of the list of suggestions"));
    uses.extend(threshold.then_some("for the threshold of automatic coding"));
    let uses = match uses.as_slice() {
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
        [] => String::new(),
    };
    let halves = if apart { " One half of them calibrates, the other settles the rest." } else { "" };
    format!("The {} records of the tuning part are kept {uses}; no other choice is made on them.{halves}", count(records))
}
