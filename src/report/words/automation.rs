//! What is promised about automatic coding, of suggestions, and of measures of confidence.

use crate::measure::{AutomaticChoice, Choice, LevelChoice, Promise, Suggestions};
use crate::report::disclosure::MINIMUM_CELL;
use crate::report::locale::{Words, say};

/// What the policy promises.
pub fn promise(w: &Words, promise: &Promise) -> String {
    say!(w, "promise", share = w.value("coded-accuracy", promise.error_at_most))
}

/// How the threshold was chosen, or why there is none.
pub fn chosen(w: &Words, choice: &AutomaticChoice) -> String {
    let of = |records: u64| say!(w, "records-of-tuning", records = records);
    let certainty = w.level(choice.promise.confidence);
    match choice.levels.iter().find(|l| l.code_level.is_none()).map(|l| &l.choice) {
        Some(Choice::Threshold { threshold, accepted, risk, upper }) => {
            // With few errors or few records the bound would give away what single records are.
            let bound = if (*risk).min(1.0 - *risk) * *accepted as f64 >= MINIMUM_CELL as f64 {
                say!(w, "promise-bound", accepted = *accepted, upper = w.value("coded-accuracy", *upper))
            } else {
                String::new()
            };
            let apart = if choice.apart { say!(w, "promise-apart") } else { say!(w, "promise-not-apart") };
            let threshold = threshold_of(w, *threshold);
            say!(w, "promise-chosen", certainty = certainty, threshold = threshold, bound = bound, records = of(choice.records), apart = apart)
        }
        Some(Choice::NoThreshold { why, records_needed }) => {
            let needed = match records_needed {
                Some(records) if choice.records == 0 => say!(w, "promise-needed-none", records = *records),
                Some(records) => say!(w, "promise-needed", records = about(*records)),
                None => say!(w, "promise-never"),
            };
            let why = w.told(why);
            if choice.records == 0 {
                say!(w, "promise-no-threshold", why = why, needed = needed)
            } else {
                say!(w, "promise-no-threshold-on", certainty = certainty, records = of(choice.records), why = why, needed = needed)
            }
        }
        None => say!(w, "promise-other"),
    }
}

/// A threshold with as many decimals as the grid has.
pub fn threshold_of(w: &Words, threshold: f64) -> String {
    let hundredth = (threshold * 100.0).round() / 100.0;
    w.fixed(threshold, if (threshold - hundredth).abs() < 1e-9 { 2 } else { 3 })
}

/// Two significant digits: the figure is a guide, not a promise.
fn about(records: u64) -> u64 {
    let unit = 10u64.pow(records.max(1).ilog10().saturating_sub(1));
    records.div_ceil(unit).saturating_mul(unit)
}

/// What the test part says of the promise, from the interval of the coded accuracy.
pub fn borne_out(w: &Words, lower: f64, upper: f64, promise: &Promise) -> String {
    let wanted = 1.0 - promise.error_at_most;
    if lower >= wanted {
        say!(w, "borne-out")
    } else if upper < wanted {
        say!(w, "not-borne-out")
    } else {
        say!(w, "neither-borne-out")
    }
}

/// The deepest level at which a promise can be kept where the full code cannot.
pub fn deepest(w: &Words, level: &str, threshold: f64) -> String {
    say!(w, "promise-deepest", level = level, threshold = threshold_of(w, threshold))
}

/// A level's threshold, or that there is none.
pub fn level_choice(w: &Words, choice: &LevelChoice) -> String {
    choice.choice.threshold().map_or_else(|| say!(w, "promise-none-level"), |t| threshold_of(w, t))
}

/// What holds once the conditions are kept.
pub fn left(w: &Words, share: &str, accuracy: &str) -> String {
    say!(w, "automatic-left", share = share, accuracy = accuracy)
}

/// What a clerk would find on the list of suggestions.
pub fn suggestions(w: &Words, rule: &Suggestions, coverage: &str, size: &str, short: bool) -> String {
    let promised = if rule.apart { say!(w, "suggestions-apart", records = rule.records) } else { say!(w, "suggestions-not-apart", records = rule.records) };
    let told = say!(w, "suggestions-told", coverage = coverage, size = size, asked = w.level(rule.coverage), promised = promised);
    if short { format!("{told} {}", say!(w, "suggestions-short")) } else { told }
}

/// How well confidence ranks right and wrong records.
pub fn ranks(w: &Words, auroc: &str) -> String {
    say!(w, "confidence-ranks", auroc = auroc)
}

/// What the recalibration slope shows.
pub fn slope(w: &Words, lower: f64, upper: f64) -> String {
    if upper < 1.0 {
        say!(w, "slope-extreme")
    } else if lower > 1.0 {
        say!(w, "slope-timid")
    } else {
        say!(w, "slope-open")
    }
}

/// What the tuning part is for.
pub fn tuning(w: &Words, records: u64, threshold: bool, suggestions: bool, apart: bool) -> String {
    let mut uses = vec![say!(w, "tuning-for-calibration")];
    uses.extend(suggestions.then(|| say!(w, "tuning-for-suggestions")));
    uses.extend(threshold.then(|| say!(w, "tuning-for-threshold")));
    let kept = say!(w, "tuning-uses", records = records, uses = w.list(&uses));
    if apart { format!("{kept} {}", say!(w, "tuning-halves")) } else { kept }
}
