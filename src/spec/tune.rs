//! Reads `[tune]` of a candidate: which settings to try, and how to choose among them.

use super::settings;
use super::sink::Sink;
use super::source::quote;
use super::value::Value;
use crate::model::{Prefer, Recipe, TrialPlan, TuneMethod, TuneMetric, TunePlan};

/// Most trials: beyond, a finer look at fewer settings tells more.
const MOST_TRIALS: usize = 200;

/// Kinds with settings that can be tried here.
const TUNED: [&str; 5] = ["linear", "embedding", "ensemble", "complement-nb", "tabular"];

/// Reads the plan of a candidate of some kind, whose other settings are `base`.
pub(super) fn read(kind: &str, base: Option<&Value<'_>>, value: &Value<'_>, out: &mut Sink) -> Option<TunePlan> {
    let mut table = value.table(out)?;
    let method = table.take("method").map_or(Some(TuneMethod::Grid), |v| v.choice(&[("grid", TuneMethod::Grid), ("halving", TuneMethod::Halving)], out));
    let folds = table.take("folds").map_or(Some(3), |v| v.whole(2, 20, out).map(|n| n as usize));
    let metrics = [("log-loss", TuneMetric::LogLoss), ("accuracy", TuneMetric::Accuracy), ("macro-f1", TuneMetric::MacroF1)];
    let metric = table.take("metric").map_or(Some(TuneMetric::LogLoss), |v| v.choice(&metrics, out));
    let rules = [("best", Prefer::Best), ("cheapest-within-1se", Prefer::CheapestWithin1Se)];
    let prefer = table.take("prefer").map_or(Some(Prefer::Best), |v| v.choice(&rules, out));
    let over = table.need("over", "list the values to try: [tune.over] with, for example, c = [1, 3, 10]");
    table.finish(out);
    if !TUNED.contains(&kind) {
        out.push(value.problem(format!("a candidate of kind {} has no settings to tune", quote(kind))).remedy(format!("it is for kinds {}", TUNED.join(", "))));
        return None;
    }
    let trials = trials(kind, base, &over?, out);
    Some(TunePlan { method: method?, folds: folds?, metric: metric?, prefer: prefer?, trials: trials? })
}

/// Every combination of the values listed, the last setting changing fastest.
fn trials(kind: &str, base: Option<&Value<'_>>, over: &Value<'_>, out: &mut Sink) -> Option<Vec<TrialPlan>> {
    let table = over.table(out)?;
    let mut good = true;
    let mut axes: Vec<(&str, Vec<Value<'_>>)> = Vec::new();
    for (key, values, _) in table.all() {
        let Some(items) = values.list(out) else {
            good = false;
            continue;
        };
        if items.is_empty() {
            out.push(values.problem(format!("{} lists no value to try", quote(key))).remedy("list two values or more, or set it under `settings`"));
            good = false;
        }
        // Each value by itself, so that what is wrong with it is said once and in its place.
        for item in &items {
            good &= settings::with(kind, base, over, &[(key, item)], out).is_some();
        }
        axes.push((key, items));
    }
    let number = axes.iter().map(|(_, items)| items.len()).try_fold(1usize, usize::checked_mul).unwrap_or(usize::MAX);
    if !good {
        return None;
    }
    if axes.is_empty() || !(2..=MOST_TRIALS).contains(&number) {
        let words = if number > MOST_TRIALS { format!("there are {number} combinations to try") } else { "there is nothing to choose from".to_owned() };
        out.push(over.problem(words).remedy(format!("list values for one setting or more, so that there are from 2 to {MOST_TRIALS} combinations")));
        return None;
    }
    let mut plans = Vec::with_capacity(number);
    for at in 0..number {
        let (mut rest, mut chosen) = (at, Vec::new());
        for (key, items) in axes.iter().rev() {
            chosen.push((*key, &items[rest % items.len()]));
            rest /= items.len();
        }
        chosen.reverse();
        let settings: Vec<(String, String)> = chosen.iter().map(|(key, value)| ((*key).to_owned(), value.written())).collect();
        let mut own = Sink::default();
        match settings::with(kind, base, over, &chosen, &mut own) {
            Some(recipe) => plans.push(TrialPlan { settings, recipe }),
            None => {
                let words: Vec<String> = settings.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                out.push(over.problem(format!("the values do not go together: {}", words.join(", "))).remedy("remove one of them from the lists"));
                return None;
            }
        }
    }
    Some(plans)
}

/// The recipes of the plan's trials, to complete them with what the data set says.
pub(super) fn recipes(plan: &mut TunePlan) -> impl Iterator<Item = &mut Recipe> {
    plan.trials.iter_mut().map(|trial| &mut trial.recipe)
}
