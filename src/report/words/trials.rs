//! Words on tuning.

use crate::measure::Trials;
use crate::model::{Prefer, TuneMethod};
use crate::report::format::count;

/// On the fold over the table of trials.
pub const FOLD: &str = "Every trial, with its score and cost";
/// Caption of that table.
pub const CAPTION: &str = "Trials of tuning, in the order made";
/// Heading of the part.
pub const HEADING: &str = "Settings tried before training";
/// Columns: settings, round, records, standard error, processor time, energy.
pub const COLUMNS: [&str; 6] = ["Settings", "Round", "Records", "Standard error (from the folds)", "Processor seconds", "Energy"];
/// Marks the settings that were kept.
pub const KEPT: &str = "kept";

/// What was tried, and how it was chosen.
pub fn told(t: &Trials, metric: &str, tried: usize, psus: bool) -> String {
    let how = match t.method {
        TuneMethod::Grid => format!("{} settings were tried on all records of the training and tuning parts", count(tried as u64)),
        TuneMethod::Halving => {
            format!(
                "{} settings were tried on a part of the records of the training and tuning parts, and the better half of them again on twice as many",
                count(tried as u64)
            )
        }
    };
    let together = if psus { " that keep PSUs together" } else { "" };
    let weighted = if t.weighted { ", records counted with their survey weights" } else { "" };
    let rule = match t.prefer {
        Prefer::Best => "The best was kept.",
        Prefer::CheapestWithin1Se => "Of those within one standard error of the best, the one that takes least work to fit was kept.",
    };
    format!(
        "{how}, by {} in {} folds{together}{weighted}. {rule} The test part was not looked at. Scores of settings that were chosen for being good flatter them a little; the \
figures of the test part do not. Energy is shared out among the trials by processor time.",
        metric.to_lowercase(),
        count(t.folds)
    )
}
