//! Words on tuning.

use crate::measure::Trials;
use crate::model::{Prefer, TuneMethod};
use crate::report::locale::{Words, say};

/// What was tried, and how it was chosen.
pub fn told(w: &Words, t: &Trials, metric: &str, tried: usize, psus: bool) -> String {
    let how = match t.method {
        TuneMethod::Grid => say!(w, "trials-grid", tried = tried),
        TuneMethod::Halving => say!(w, "trials-halving", tried = tried),
    };
    let together = if psus { say!(w, "trials-together") } else { String::new() };
    let weighted = if t.weighted { say!(w, "trials-weighted") } else { String::new() };
    let rule = match t.prefer {
        Prefer::Best => say!(w, "trials-best"),
        Prefer::CheapestWithin1Se => say!(w, "trials-cheapest"),
    };
    say!(w, "trials-told", how = how, metric = metric.to_lowercase(), folds = t.folds, together = together, weighted = weighted, rule = rule)
}
