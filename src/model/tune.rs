//! Tuning: tries settings by cross-validation on the training and tuning parts, and says which to keep.
//!
//! Folds keep clusters (PSUs) together, since records of one of them share phrases. Successive halving (Jamieson & Talwalkar 2016,
//! Non-stochastic best arm identification, AISTATS) tries all settings on some of the clusters, and the better half again on twice as
//! many, until all are used. The one-standard-error rule is that of Breiman, Friedman, Olshen & Stone 1984, Classification and regression
//! trees, section 3.4.3. The test part is never looked at, and nothing depends on clocks or the number of threads.

use super::{Input, Predictions, Recipe, Target, UNCODED, fit, stack};
use crate::data::MISSING;
use crate::value::{Class, Failure, Problem};
use serde::{Deserialize, Serialize};

/// Probabilities below this count as this in log loss, as in the evaluation.
const SMALLEST_PROBABILITY: f64 = 1e-15;

/// Most rounds of halving: the first is on a quarter of the records.
const MOST_ROUNDS: u32 = 3;

/// Which settings are tried on how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TuneMethod {
    /// All settings on all records.
    Grid,
    /// All settings on some records, the better ones on more.
    Halving,
}

/// What is asked of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TuneMetric {
    /// Mean log loss; lower is better.
    LogLoss,
    /// Accuracy.
    Accuracy,
    /// Macro-F1.
    MacroF1,
}

impl TuneMetric {
    /// Its id in the registry of metrics.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::LogLoss => "log-loss",
            Self::Accuracy => "accuracy",
            Self::MacroF1 => "macro-f1",
        }
    }

    /// How much better `a` is than `b`; negative where it is worse.
    fn gain(self, a: f64, b: f64) -> f64 {
        if self == Self::LogLoss { b - a } else { a - b }
    }
}

/// Which of the good settings is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefer {
    /// The best.
    Best,
    /// Of those within one standard error of the best, the one that takes least work to fit.
    #[serde(rename = "cheapest-within-1se")]
    CheapestWithin1Se,
}

/// Settings to try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialPlan {
    /// What differs between the trials: (setting, value as written).
    pub settings: Vec<(String, String)>,
    /// The whole recipe.
    pub recipe: Recipe,
}

/// What to try, and how to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TunePlan {
    /// Which settings are tried on how much.
    pub method: TuneMethod,
    /// Parts of the records, each of which is held out in turn.
    pub folds: usize,
    /// What is asked of them.
    pub metric: TuneMetric,
    /// Which of the good ones is kept.
    pub prefer: Prefer,
    /// The settings, in the order written.
    pub trials: Vec<TrialPlan>,
}

/// How settings did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// What differs between the trials: (setting, value as written).
    pub settings: Vec<(String, String)>,
    /// Round of halving, from 1; 1 in a grid.
    pub round: u32,
    /// Records of all folds.
    pub records: u64,
    /// The metric over all held-out folds: their mean.
    pub score: f64,
    /// Standard error of that mean, from the spread of the folds.
    pub se: f64,
    /// The metric in each fold.
    pub folds: Vec<f64>,
    /// About how many multiplications fitting took, of all folds; 0 where the kind of model does not tell.
    pub effort: f64,
}

/// Tries the settings of a plan and returns the number of those to keep, with every trial in the order made; calls `begin` with the
/// number of trials so far before each. `weights` are survey weights that scores are weighted by, one a row of the table.
///
/// # Errors
/// When there are fewer clusters than folds, or a trial cannot be fitted.
pub fn tune(
    plan: &TunePlan,
    train: &Input<'_>,
    tune: &Input<'_>,
    target: &Target<'_>,
    weights: Option<&[f64]>,
    seed: u64,
    begin: &mut dyn FnMut(usize),
) -> Result<(usize, Vec<Trial>), Failure> {
    let known = |rows: &[u32]| rows.iter().copied().filter(|&r| target.index[r as usize] != MISSING).collect::<Vec<u32>>();
    let (train_rows, tune_rows) = (known(train.rows), known(tune.rows));
    let all: Vec<u32> = train_rows.iter().chain(&tune_rows).copied().collect();
    let rounds = match plan.method {
        TuneMethod::Grid => 1,
        TuneMethod::Halving => plan.trials.len().next_power_of_two().trailing_zeros().clamp(1, MOST_ROUNDS),
    };
    // Parts of the records for the rounds: each is a fold of many, and a round uses the first so many of them.
    let shares = 1u32 << (rounds - 1);
    let share = stack::deal(&all, target.clusters, shares, seed ^ 0x74756e65);
    let fold = stack::deal(&all, target.clusters, plan.folds as u32, seed);
    let mut left: Vec<usize> = (0..plan.trials.len()).collect();
    let mut trials: Vec<Trial> = Vec::new();
    let mut last: Vec<(usize, usize)> = Vec::new();
    for round in 0..rounds {
        let used = 1u32 << round;
        let inside: Vec<bool> = share.iter().map(|s| *s < used).collect();
        last.clear();
        for &number in &left {
            begin(trials.len());
            let one = &plan.trials[number];
            let trial = try_one(plan, one, (&train_rows, train), (&tune_rows, tune), (&fold, &inside), target, weights, seed)
                .map_err(|failure| within(failure, &one.settings))?;
            last.push((number, trials.len()));
            trials.push(Trial { round: round + 1, ..trial });
        }
        if round + 1 < rounds {
            // The better half, the earlier written first among equals.
            let mut ranked = last.clone();
            ranked.sort_by(|a, b| plan.metric.gain(trials[b.1].score, trials[a.1].score).total_cmp(&0.0).then(a.0.cmp(&b.0)));
            left = ranked.iter().take(left.len().div_ceil(2)).map(|(number, _)| *number).collect();
            left.sort_unstable();
        }
    }
    Ok((keep(plan, &trials, &last), trials))
}

/// The settings to keep, of those tried in the last round: (their number, the trial's number).
fn keep(plan: &TunePlan, trials: &[Trial], last: &[(usize, usize)]) -> usize {
    let best = last.iter().copied().reduce(|a, b| if plan.metric.gain(trials[b.1].score, trials[a.1].score) > 0.0 { b } else { a });
    let Some(best) = best else { return 0 };
    if plan.prefer == Prefer::Best {
        return best.0;
    }
    let top = &trials[best.1];
    let near = last.iter().filter(|(_, t)| plan.metric.gain(top.score, trials[*t].score) <= top.se);
    near.min_by(|a, b| trials[a.1].effort.total_cmp(&trials[b.1].effort).then(a.0.cmp(&b.0))).map_or(best.0, |(number, _)| *number)
}

/// Fits settings without each fold in turn, and codes that fold.
#[allow(clippy::too_many_arguments, reason = "all of them differ in kind, and the function has one caller")]
fn try_one(
    plan: &TunePlan,
    one: &TrialPlan,
    train: (&[u32], &Input<'_>),
    tune: (&[u32], &Input<'_>),
    (fold, inside): (&[u32], &[bool]),
    target: &Target<'_>,
    weights: Option<&[f64]>,
    seed: u64,
) -> Result<Trial, Failure> {
    let own = |at: usize, number: u32| inside[at] && fold[at] == number;
    let (mut folds, mut records, mut effort) = (Vec::new(), 0, 0.0);
    for number in 0..plan.folds as u32 {
        let first = train.0.len();
        let rest = |rows: &[u32], first: usize| -> Vec<u32> {
            rows.iter().enumerate().filter(|(i, _)| inside[first + i] && fold[first + i] != number).map(|(_, r)| *r).collect()
        };
        let held: Vec<u32> = train.0.iter().chain(tune.0).enumerate().filter(|(i, _)| own(*i, number)).map(|(_, r)| *r).collect();
        if held.is_empty() {
            return Err(Problem::new(Class::Data, format!("fold {} of {} has no record to try settings on", number + 1, plan.folds))
                .remedy("use fewer folds, or train on more records or PSUs")
                .into());
        }
        let (taught, calibrating) = (rest(train.0, 0), rest(tune.0, first));
        let (taught, calibrating) = (Input { rows: &taught, ..train.1.clone() }, Input { rows: &calibrating, ..tune.1.clone() });
        let coder = fit(&one.recipe, &taught, &calibrating, target, seed, &mut |_| ())?;
        let predictions = coder.predict(&Input { rows: &held, ..train.1.clone() }, usize::MAX)?;
        effort += coder.effort();
        records += held.len() as u64;
        folds.push(score(plan.metric, &predictions, &held, target, weights));
    }
    let n = folds.len() as f64;
    let mean = folds.iter().sum::<f64>() / n;
    let variance = folds.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / (n - 1.0);
    Ok(Trial { settings: one.settings.clone(), round: 1, records, score: mean, se: (variance / n).sqrt(), folds, effort })
}

/// The metric on some rows.
fn score(metric: TuneMetric, predictions: &Predictions, rows: &[u32], target: &Target<'_>, weights: Option<&[f64]>) -> f64 {
    let number: std::collections::HashMap<&str, u32> = target.codes.iter().zip(0..).map(|(c, i)| (c.as_str(), i)).collect();
    let of: Vec<u32> = predictions.codes.iter().map(|c| number.get(c.as_str()).copied().unwrap_or(MISSING)).collect();
    let weight = |row: u32| weights.map_or(1.0, |w| w[row as usize]);
    let all: f64 = rows.iter().map(|&r| weight(r)).sum::<f64>().max(f64::MIN_POSITIVE);
    let code = |c: u32| if c == UNCODED { MISSING } else { of[c as usize] };
    let records = || rows.iter().enumerate().map(|(i, &row)| (i, target.index[row as usize], weight(row)));
    let first = |i: usize| predictions.ranking(i).first().map_or(MISSING, |&c| code(c));
    match metric {
        TuneMetric::LogLoss => {
            let loss = |(i, truth, w): (usize, u32, f64)| {
                let at = predictions.ranking(i).iter().position(|&c| code(c) == truth);
                let p = at.and_then(|k| predictions.confidences(i).get(k)).copied().unwrap_or(0.0);
                -w * p.max(SMALLEST_PROBABILITY).ln()
            };
            records().map(loss).sum::<f64>() / all
        }
        TuneMetric::Accuracy => records().map(|(i, truth, w)| if first(i) == truth { w } else { 0.0 }).sum::<f64>() / all,
        TuneMetric::MacroF1 => {
            // Twice what is right over what is true plus what is predicted, of codes that are either.
            let (mut right, mut both) = (vec![0.0; target.codes.len()], vec![0.0; target.codes.len()]);
            for (i, truth, w) in records() {
                both[truth as usize] += w;
                if let Some(b) = both.get_mut(first(i) as usize) {
                    *b += w;
                }
                if first(i) == truth {
                    right[truth as usize] += 2.0 * w;
                }
            }
            let scores: Vec<f64> = right.iter().zip(&both).filter(|(_, b)| **b > 0.0).map(|(r, b)| r / b).collect();
            scores.iter().sum::<f64>() / scores.len().max(1) as f64
        }
    }
}

/// Says of which settings a failure is.
fn within(mut failure: Failure, settings: &[(String, String)]) -> Failure {
    let words: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    for problem in &mut failure.problems {
        problem.message = format!("while trying {}: {}", words.join(", "), problem.message);
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Strings;
    use crate::model::LinearRecipe;
    use crate::value::Stream;

    /// Answers in clusters of six; the code is told by a word in four of five records.
    fn survey() -> (Strings, Vec<u32>, Vec<u32>, Vec<String>) {
        let mut stream = Stream::named(4, "tuning test");
        let index: Vec<u32> = (0..600).map(|_| stream.below(4) as u32).collect();
        let answers = index.iter().map(|&c| format!("w{} x{}", if stream.unit() < 0.8 { u64::from(c) } else { stream.below(4) }, stream.below(30)));
        (answers.collect(), index.clone(), (0..600).map(|r| r / 6).collect(), ["a", "b", "c", "d"].map(String::from).to_vec())
    }

    fn plan(method: TuneMethod, cs: &[f64]) -> TunePlan {
        let trial =
            |c: &f64| TrialPlan { settings: vec![("c".into(), c.to_string())], recipe: Recipe::Linear(LinearRecipe { c: *c, ..LinearRecipe::default() }) };
        TunePlan { method, folds: 3, metric: TuneMetric::LogLoss, prefer: Prefer::Best, trials: cs.iter().map(trial).collect() }
    }

    fn run(plan: &TunePlan) -> (usize, Vec<Trial>) {
        let (answers, index, clusters, codes) = survey();
        let rows: Vec<u32> = (0..600).collect();
        let input = |rows| Input { ids: &answers, texts: vec![("t", &answers)], categories: vec![], numbers: vec![], rows };
        let target = Target { codes: &codes, index: &index, weights: None, clusters: Some(&clusters) };
        tune(plan, &input(&rows[..500]), &input(&rows[500..]), &target, None, 7, &mut |_| ()).expect("tunes")
    }

    #[test]
    fn a_grid_is_tried_on_all_records_and_the_best_is_kept() {
        let (kept, trials) = run(&plan(TuneMethod::Grid, &[0.0001, 3.0, 1000.0]));
        assert_eq!((trials.len(), trials[0].records, trials[0].folds.len()), (3, 600, 3));
        let best = (0..3).min_by(|a, b| trials[*a].score.total_cmp(&trials[*b].score)).expect("three");
        assert_eq!(kept, best);
        assert_ne!(kept, 0, "{trials:?}");
        let t = &trials[1];
        let mean = t.folds.iter().sum::<f64>() / 3.0;
        let se = (t.folds.iter().map(|f| (f - mean).powi(2)).sum::<f64>() / 2.0 / 3.0).sqrt();
        assert!((t.score - mean).abs() < 1e-12 && (t.se - se).abs() < 1e-12);
    }

    #[test]
    fn halving_goes_on_with_the_better_half_on_more_records() {
        let (kept, trials) = run(&plan(TuneMethod::Halving, &[0.0001, 0.001, 1.0, 3.0]));
        let rounds: Vec<usize> = (1..=3).map(|r| trials.iter().filter(|t| t.round == r).count()).collect();
        assert_eq!(rounds, [4, 2, 0]);
        assert!(trials[0].records < 350 && trials[4].records == 600, "{trials:?}");
        assert!(kept >= 2, "{trials:?}");
    }

    #[test]
    fn within_a_standard_error_the_cheapest_is_kept() {
        let plan = TunePlan { prefer: Prefer::CheapestWithin1Se, ..plan(TuneMethod::Grid, &[1.0, 2.0, 3.0]) };
        let trial = |score, effort| Trial { settings: vec![], round: 1, records: 1, score, se: 0.02, folds: vec![], effort };
        let trials = [trial(0.515, 4.0), trial(0.5, 9.0), trial(0.53, 1.0)];
        assert_eq!(keep(&plan, &trials, &[(0, 0), (1, 1), (2, 2)]), 0);
        assert_eq!(keep(&TunePlan { prefer: Prefer::Best, ..plan }, &trials, &[(0, 0), (1, 1), (2, 2)]), 1);
    }

    #[test]
    fn scores_are_those_of_the_definitions() {
        let codes = ["a", "b", "c"].map(String::from).to_vec();
        let predictions = Predictions::from_dense(codes[..2].to_vec(), &[0.7, 0.3, 0.6, 0.4, 0.2, 0.8], 2);
        let target = Target { codes: &codes, index: &[0, 1, 2], weights: None, clusters: None };
        let of = |metric, weights| score(metric, &predictions, &[0, 1, 2], &target, weights);
        assert!((of(TuneMetric::Accuracy, None) - 1.0 / 3.0).abs() < 1e-12);
        assert!((of(TuneMetric::Accuracy, Some(&[2.0, 1.0, 1.0][..])) - 0.5).abs() < 1e-12);
        let loss = -(0.7f64.ln() + 0.4f64.ln() + 1e-15f64.ln()) / 3.0;
        assert!((of(TuneMetric::LogLoss, None) - loss).abs() < 1e-12);
        // "a": one right of one true and two predicted; "b" and "c": none right.
        assert!((of(TuneMetric::MacroF1, None) - 2.0 / 3.0 / 3.0).abs() < 1e-12);
    }
}
