//! Tries a candidate's settings before it is trained, and tells what each trial cost.

use super::prepare::Prepared;
use crate::cost::{PhaseCost, own_cpu_s};
use crate::measure::{TrialCost, Trials};
use crate::model::{Input, Recipe, Target, TunePlan, tune};
use crate::value::Failure;

/// What was tried, and the recipe to train.
pub struct Tried {
    /// The recipe whose settings were kept.
    pub recipe: Recipe,
    /// The trials.
    pub trials: Trials,
    /// Processor-seconds of each.
    cpu_s: Vec<f64>,
}

/// Tries the settings of a plan on the training part and the part of the tuning part that calibrates.
pub fn tried(plan: &TunePlan, prepared: &Prepared, train: &Input<'_>, tuning: &Input<'_>, target: &Target<'_>) -> Result<Tried, Failure> {
    let mut clock = vec![own_cpu_s()];
    let weights = prepared.table.weights.as_deref();
    let begin = &mut |number: usize| {
        if number > 0 {
            clock.push(own_cpu_s());
        }
    };
    let (kept, trials) = tune(plan, train, tuning, target, weights, prepared.study.seed, begin)?;
    clock.push(own_cpu_s());
    let cpu_s = clock.windows(2).map(|w| w[1].zip(w[0]).map_or(0.0, |(b, a)| b - a)).collect();
    Ok(Tried { recipe: plan.trials[kept].recipe.clone(), trials: Trials::of(plan, kept, weights.is_some(), trials), cpu_s })
}

impl Tried {
    /// What each trial cost, once the phases are known: the energy of the phase is shared out by processor time.
    pub fn costs(&self, phases: &[PhaseCost]) -> Vec<TrialCost> {
        let energy = phases.iter().find(|p| p.phase == "tune").and_then(|p| p.energy.energy()).map(|e| e.active);
        let all: f64 = self.cpu_s.iter().sum();
        let part = |cpu_s: f64| energy.filter(|_| all > 0.0).map(|e| e.scale(cpu_s / all));
        self.cpu_s.iter().map(|&cpu_s| TrialCost { cpu_s, energy: part(cpu_s) }).collect()
    }
}
