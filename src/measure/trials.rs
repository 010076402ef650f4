//! What was tried before a candidate was trained, as the evidence keeps it.

use crate::cost::Range;
use crate::model::{Prefer, Trial, TuneMethod, TunePlan};
use serde::{Deserialize, Serialize};

/// Tuning by cross-validation on the training and tuning parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trials {
    /// Which settings were tried on how much.
    pub method: TuneMethod,
    /// Parts of the records, each of which was held out in turn; PSUs kept together.
    pub folds: u64,
    /// Id of the metric by which they were compared.
    pub metric: String,
    /// Which of the good ones is kept.
    pub prefer: Prefer,
    /// The settings kept, with which the candidate was trained: (setting, value as written).
    pub kept: Vec<(String, String)>,
    /// True where survey weights counted in the metric.
    pub weighted: bool,
    /// Every trial, in the order made.
    pub trials: Vec<Trial>,
}

impl Trials {
    /// The trials of a plan, of whose settings those with number `kept` were kept.
    #[must_use]
    pub fn of(plan: &TunePlan, kept: usize, weighted: bool, trials: Vec<Trial>) -> Self {
        Self {
            method: plan.method,
            folds: plan.folds as u64,
            metric: plan.metric.id().to_owned(),
            prefer: plan.prefer,
            kept: plan.trials.get(kept).map(|t| t.settings.clone()).unwrap_or_default(),
            weighted,
            trials,
        }
    }
}

/// What one trial cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialCost {
    /// Processor-seconds of all threads.
    pub cpu_s: f64,
    /// Its part, by processor time, of the energy of tuning; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy: Option<Range>,
}
