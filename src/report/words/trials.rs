//! Words on tuning.

use crate::measure::Trials;
use crate::model::{Prefer, TuneMethod};
use crate::report::locale::{Words, say};

/// What was tried, and how it was chosen.
pub fn told(w: &Words, t: &Trials, metric: &str, tried: usize) -> String {
    let how = match t.method {
        TuneMethod::Grid => say!(w, "trials-grid", tried = tried),
        TuneMethod::Halving => say!(w, "trials-halving", tried = tried),
    };
    let rule = match t.prefer {
        Prefer::Best => say!(w, "trials-best"),
        Prefer::CheapestWithin1Se => say!(w, "trials-cheapest"),
    };
    let id = if t.weighted { "trials-told-weighted" } else { "trials-told" };
    say!(w, id, how = how, metric = metric.to_lowercase(), folds = t.folds, rule = rule)
}
