//! Wording of the scorecard after QF4SA: five dimensions, each with what was measured.

use super::count;
use crate::report::format::{fixed, seconds, significant};

/// What the scorecard is.
pub const ABOUT: &str = "The Quality Framework for Statistical Algorithms (QF4SA, UNECE; Yung et al. 2022, Statistical Journal of the IAOS 38, 291) asks five things of an algorithm \
that makes statistics. Below is what this run measured or knows of each; nothing is scored, because what is enough is for the policy to say.";
/// How to read it.
pub const READ: &str =
    "A dimension without a figure was not measured, which is not the same as being bad. Compare candidates dimension by dimension: there is no sum of them.";

/// The dimensions, in QF4SA's order.
pub const DIMENSIONS: [&str; 5] = ["Explainability", "Accuracy", "Reproducibility", "Timeliness", "Cost effectiveness"];

/// How a candidate of a kind comes to its codes, for a reader who asks why.
pub fn kind(kind: &str) -> &'static str {
    match kind {
        "majority" => "It gives every record the most frequent code of the training part: there is nothing to explain.",
        "prior" => "It gives every record the codes of the training part by their frequency: there is nothing to explain.",
        "complement-nb" => "Each code's score is a sum of one weight for each word and part of a word: which words spoke for a code can be listed.",
        "linear" => "Each code's score is a sum of weights of words and parts of words: which of them spoke for a code, and how much, can be listed.",
        "ensemble" => "Several linear models whose scores are weighed by one more: each member's words can be listed, their interplay only followed.",
        "tabular" => "It combines the columns of the record one by one: how much each speaks for a code can be listed.",
        "predictions" => "The codes came from a file: how they were made is for their maker to explain.",
        "command" => "The codes came from a program that was run: how it comes to them is for its maker to explain.",
        "fasttext" => {
            "Averages of learned word vectors: single words can be left out to see what they did, but the vectors themselves mean nothing to a reader."
        }
        "onnx" => "A network or another model in ONNX form: what it does can be repeated, but not read off.",
        "nearest" => "It looks for the records most like the one to be coded: those records can be shown.",
        "index" => "It looks answers up in an index: the entry that was found can be shown.",
        "cascade" => "Coders in turn: which of them gave the code can be told, then that coder's own reasons.",
        _ => "How a model of this kind comes to its codes is not described by this program.",
    }
}

/// What is told where the run made no explanations.
pub const NOT_EXPLAINED: &str = "not made by this run";
/// Names of the facts.
pub const HOW: &str = "How it comes to a code";
/// Whether explanations were made.
pub const EXPLANATIONS: &str = "Explanations of single codes";
/// Whether its confidence means what it says.
pub const CONFIDENCE: &str = "Whether its confidence can be taken at its word";
/// The seed.
pub const SEED: &str = "Same result again";
/// What is fixed by digests.
pub const FIXED: &str = "Fixed by digests";
/// The command.
pub const COMMAND: &str = "Command that repeats it";
/// Time of coding.
pub const CODING: &str = "From records to codes";
/// Time of a year's batches.
pub const MONTH: &str = "A month’s records";
/// Time of training.
pub const TRAINING: &str = "Training it again";
/// Break-even.
pub const BREAK_EVEN: &str = "Coding uses as much energy as training at";
/// Machines in money for 1,000 records.
pub const MACHINES: &str = "Machines for 1,000 records, trainings included";
/// For what was not measured.
pub const NOT_MEASURED: &str = "not measured in this run";
/// For a year that is not projected.
pub const NO_VOLUME: &str = "the study states no yearly volume";

/// What the root seed and the program's own promise are worth.
pub fn again(seed: u64, brought: bool) -> String {
    let of = if brought {
        "The evaluation gives the same bytes again; the model was made elsewhere, and whether it would come out the same again is not known here."
    } else {
        "Training, coding and evaluation give the same bytes again, whatever the number of threads, but for clocks, machine and cost."
    };
    format!("{of} Everything drawn by chance comes from root seed {seed}.")
}

/// What the digests fix.
pub fn fixed_by(files: usize, evidence: &str) -> String {
    let files = if files == 1 { "one data file".to_owned() } else { format!("{} data files", count(files as u64)) };
    format!("study, policy, candidate and {files}; the evidence itself begins with {}", evidence.chars().take(12).collect::<String>())
}

/// Coding by the clock.
pub fn coding(records: u64, wall_s: f64) -> String {
    format!(
        "{} records in {}: {} records a second, measured once on the machine named under cost",
        count(records),
        seconds(wall_s),
        rate(records as f64 / wall_s)
    )
}

/// A rate to two figures.
fn rate(x: f64) -> String {
    let unit = 10f64.powf(x.max(1e-9).log10().floor() - 1.0);
    let rounded = (x / unit).round() * unit;
    if rounded >= 10.0 { fixed(rounded, 0) } else { significant(rounded, 2) }
}

/// A month's records at the measured rate.
pub fn month(records: f64, seconds_needed: f64) -> String {
    format!("{} records would take {} at that rate", fixed(records, 0), span(seconds_needed))
}

/// A time in the unit that suits it.
fn span(s: f64) -> String {
    match s {
        s if s < 120.0 => seconds(s),
        s if s < 7_200.0 => format!("{} minutes", significant(s / 60.0, 2)),
        s if s < 172_800.0 => format!("{} hours", significant(s / 3_600.0, 2)),
        s => format!("{} days", significant(s / 86_400.0, 2)),
    }
}

/// Training by the clock.
pub fn training(records: Option<u64>, wall_s: f64) -> String {
    let of = records.map_or_else(String::new, |n| format!(" on {} records", count(n)));
    format!("{}{of}, measured once", span(wall_s))
}

/// The yearly volume at which coding uses as much energy as training.
pub fn at_volume(records: u64) -> String {
    let unit = 10u64.pow(records.max(1).ilog10().saturating_sub(1));
    format!("about {} records a year", count(records.saturating_add(unit / 2) / unit * unit))
}
