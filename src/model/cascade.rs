//! A cascade: steps in order, the first of which that is sure of a record codes it, as offices do with an index and then a model.
//!
//! A step passes a record on when it abstains from it, or when its own confidence is below what the step is asked for. What no step codes is
//! left to a clerk. Records that come to a later step are the harder ones, so the confidence of each step's first code is brought in line with the
//! share that is right among the tuning records which that step codes (beta calibration, as in `calibrate.rs`).

mod kept;

use super::calibrate::{FEWEST, chance, fit_top};
use super::office::CascadeRecipe;
use super::part::Part;
use super::{Coder, Explanation, Input, Pack, Predictions, Recipe, Target, Trace, UNCODED, fit};
use crate::value::{Class, Failure, Problem, grouped};

/// Records put together at a time.
const BLOCK: usize = 1024;

/// A fitted cascade.
pub struct Cascade {
    /// The codes that any step can give, sorted as in the code frame.
    codes: Vec<String>,
    steps: Vec<Step>,
    /// Share of each code in the training part, with one record's worth for each code.
    shares: Vec<f64>,
    facts: Vec<(String, String)>,
}

/// A fitted step.
struct Step {
    coder: Box<dyn Coder>,
    kind: &'static str,
    at_least: Option<f64>,
    /// Numbers of its codes among the cascade's.
    numbers: Vec<u32>,
    /// What becomes of its confidences.
    top: Top,
}

/// What becomes of a step's confidences.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Top {
    /// (a, b, c) of a beta calibration.
    Beta([f64; 3]),
    /// They stay as they are.
    Same,
    /// The step has none, and too few tuning records tell: 0, so that a clerk sees its codes.
    Unknown,
    /// The step has none: the share that was right.
    Share(f64),
}

/// What a step says of the records that it codes: their positions among those asked, and its predictions of the rows it was asked about.
struct Said {
    /// (position among those asked, record of `predictions`).
    coded: Vec<(u32, u32)>,
    predictions: Predictions,
}

impl Cascade {
    /// Fits every step on the training part, and the confidences on the tuning part.
    ///
    /// # Errors
    /// When there are fewer than two steps, or one of them cannot be fitted.
    pub fn fit(
        recipe: &CascadeRecipe,
        train: &Input<'_>,
        tune: &Input<'_>,
        target: &Target<'_>,
        seed: u64,
        phase: &mut dyn FnMut(&'static str),
    ) -> Result<Self, Failure> {
        check(recipe)?;
        let (mut steps, mut facts) = (Vec::new(), Vec::new());
        for (number, step) in recipe.steps.iter().enumerate() {
            let kind = step.recipe.kind();
            let coder = fit(&step.recipe, train, tune, target, seed, phase)
                .map_err(|failure| Failure::of(failure.problems.into_iter().map(|p| p.within(format!("step {}, {kind}", number + 1))).collect()))?;
            facts.extend(coder.facts().into_iter().map(|(name, value)| (format!("step {}, {kind}: {name}", number + 1), value)));
            steps.push(Step { coder, kind, at_least: step.at_least, numbers: Vec::new(), top: Top::Same });
        }
        let part = Part::training(train, target)?;
        let codes = union(target.codes, &part.codes, &steps);
        let place = |code: &String| codes.iter().position(|c| c == code).map_or(0, |at| at as u32);
        steps.iter_mut().for_each(|step| step.numbers = step.coder.codes().iter().map(place).collect());
        let mut shares = vec![0.0; codes.len()];
        let sum = (part.rows.len() + part.codes.len()) as f64;
        let places: Vec<u32> = part.codes.iter().map(place).collect();
        places.iter().for_each(|&p| shares[p as usize] += 1.0 / sum);
        part.labels.iter().for_each(|&l| shares[places[l as usize] as usize] += 1.0 / sum);
        let mut cascade = Self { codes, steps, shares, facts: Vec::new() };
        phase("calibrate");
        cascade.calibrate(tune, target, &mut facts)?;
        cascade.facts = facts;
        Ok(cascade)
    }

    fn calibrate(&mut self, tune: &Input<'_>, target: &Target<'_>, facts: &mut Vec<(String, String)>) -> Result<(), Failure> {
        let labelled: Vec<u32> = tune.rows.iter().copied().filter(|&row| (target.index[row as usize] as usize) < target.codes.len()).collect();
        let said = self.ask(&Input { rows: &labelled, ..tune.clone() }, usize::MAX)?;
        for (number, (step, said)) in self.steps.iter_mut().zip(&said).enumerate() {
            let right = |(at, record): &(u32, u32)| {
                let first = said.predictions.ranking(*record as usize)[0];
                let truth = &target.codes[target.index[labelled[*at as usize] as usize] as usize];
                said.predictions.codes[first as usize] == *truth
            };
            let sure = !said.predictions.confidence.is_empty();
            let n = said.coded.len();
            let (top, words) = match (n >= FEWEST, sure) {
                (true, true) => {
                    let seen: Vec<(f64, bool)> = said.coded.iter().map(|c| (said.predictions.confidences(c.1 as usize)[0], right(c))).collect();
                    (Top::Beta(fit_top(&seen)), format!("in line with the {} tuning records that it codes", grouped(n)))
                }
                (true, false) => {
                    let share = (said.coded.iter().filter(|c| right(c)).count() as f64 + 1.0) / (n as f64 + 2.0);
                    (Top::Share(share), format!("{share:.3}, the share right of the {} tuning records that it codes", grouped(n)))
                }
                (false, true) => (Top::Same, format!("as the step gives it: it codes fewer than {FEWEST} tuning records")),
                (false, false) => (Top::Unknown, format!("not known, and given as 0 so that clerks see them: it codes fewer than {FEWEST} tuning records")),
            };
            step.top = top;
            facts.push((format!("step {}, {}: confidence", number + 1, step.kind), words));
        }
        Ok(())
    }

    /// Asks each step about what those before it have left.
    fn ask(&self, input: &Input<'_>, keep: usize) -> Result<Vec<Said>, Failure> {
        let mut open: Vec<u32> = (0..input.rows.len() as u32).collect();
        let mut all = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let rows: Vec<u32> = open.iter().map(|&at| input.rows[at as usize]).collect();
            let predictions = step.coder.predict(&Input { rows: &rows, ..input.clone() }, keep.max(1))?;
            let codes = |record: usize| {
                let first = predictions.ranking(record).first().is_some_and(|&c| c != UNCODED);
                first && step.at_least.is_none_or(|least| predictions.confidences(record).first().is_some_and(|c| *c >= least))
            };
            let (mut coded, mut left) = (Vec::new(), Vec::new());
            for (record, &at) in open.iter().enumerate() {
                if codes(record) { coded.push((at, record as u32)) } else { left.push(at) }
            }
            all.push(Said { coded, predictions });
            open = left;
        }
        Ok(all)
    }

    /// Probabilities of a record over the cascade's codes from what a step says of it; the flag says whether they are of all codes.
    fn probabilities(&self, step: &Step, said: &Predictions, record: usize, p: &mut [f64]) -> bool {
        p.fill(0.0);
        let (ranked, held) = (said.ranking(record), said.confidences(record));
        let first = step.numbers[ranked[0] as usize] as usize;
        for (code, confidence) in ranked.iter().zip(held).filter(|(c, _)| **c != UNCODED) {
            p[step.numbers[*code as usize] as usize] = *confidence;
        }
        let own = held.first().copied().unwrap_or(0.0);
        let sure = match step.top {
            Top::Same => own,
            Top::Beta(top) => chance(&top, own),
            Top::Share(share) => share,
            Top::Unknown => 0.0,
        };
        let others: f64 = p.iter().enumerate().filter(|(code, _)| *code != first).map(|(_, p)| *p).sum();
        let second = p.iter().enumerate().filter(|(code, _)| *code != first).fold(0.0f64, |m, (_, p)| m.max(*p));
        if said.complete && others > 0.0 {
            // The first code stays the first.
            let ratio = second / others;
            let sure = sure.max(ratio / (1.0 + ratio));
            p.iter_mut().for_each(|q| *q *= (1.0 - sure) / others);
            // To the last bit, whatever rounding did to the second.
            p[first] = sure.max(second * ((1.0 - sure) / others));
            return true;
        }
        p[first] = sure.max(second);
        if said.kept == 1 && sure > 0.0 {
            // A step that gives one code says nothing of the others, which then are as likely as they are frequent.
            let rest: f64 = self.shares.iter().enumerate().filter(|(code, _)| *code != first).map(|(_, s)| *s).sum();
            let most = self.shares.iter().enumerate().filter(|(code, _)| *code != first).fold(0.0f64, |m, (_, s)| m.max(*s));
            if rest > 0.0 && (1.0 - sure) * most / rest <= sure {
                p.iter_mut().zip(&self.shares).enumerate().filter(|(code, _)| *code != first).for_each(|(_, (p, s))| *p = (1.0 - sure) * s / rest);
                return true;
            }
        }
        false
    }
}

/// What is wrong with a cascade's steps.
fn check(recipe: &CascadeRecipe) -> Result<(), Failure> {
    let mut problems = Vec::new();
    if recipe.steps.len() < 2 {
        problems
            .push(Problem::new(Class::Study, format!("a cascade has two steps or more, and here are {}", recipe.steps.len())).remedy("add a step after it"));
    }
    for (number, step) in recipe.steps.iter().enumerate() {
        let within = |p: Problem| p.within(format!("step {}, {}", number + 1, step.recipe.kind()));
        if let Some(why) = step.recipe.no_step() {
            problems.push(within(Problem::new(Class::Study, why)).remedy("make it a candidate of its own, or choose another kind for the step"));
        }
        if step.at_least.is_some_and(|t| !(0.0..=1.0).contains(&t)) {
            problems.push(within(Problem::new(Class::Study, "`at_least` is not between 0 and 1")).remedy("set it to a confidence, such as 0.9"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}

impl Recipe {
    /// Why a recipe cannot be the step of a cascade; none when it can.
    #[must_use]
    pub fn no_step(&self) -> Option<&'static str> {
        match self {
            Self::Cascade(_) => Some("a cascade cannot be a step of another"),
            recipe if !recipe.learns() || matches!(recipe, Self::Command(_)) => Some("what was made elsewhere cannot be a step of a cascade yet"),
            _ => None,
        }
    }
}

/// The codes of all steps and of the training part: those of the frame in its order, then others sorted.
fn union(frame: &[String], trained: &[String], steps: &[Step]) -> Vec<String> {
    let mut given: Vec<&String> = steps.iter().flat_map(|s| s.coder.codes()).chain(trained).collect();
    given.sort_unstable();
    given.dedup();
    let mut codes: Vec<String> = frame.iter().filter(|c| given.binary_search(c).is_ok()).cloned().collect();
    let others: Vec<String> = given.into_iter().filter(|c| !frame.contains(c)).cloned().collect();
    codes.extend(others);
    codes
}

impl Coder for Cascade {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let said = self.ask(input, keep)?;
        let (n, k) = (input.rows.len(), self.codes.len());
        let kept = keep.min(k);
        let mut by: Vec<Option<(u32, u32)>> = vec![None; n];
        for (step, said) in said.iter().enumerate() {
            said.coded.iter().for_each(|(at, record)| by[*at as usize] = Some((step as u32, *record)));
        }
        let (mut ranked, mut confidence, mut complete) = (Vec::with_capacity(n * kept), Vec::with_capacity(n * kept), kept == k);
        for block in by.chunks(BLOCK) {
            let mut p = vec![0.0; block.len() * k];
            for (by, p) in block.iter().zip(p.chunks_exact_mut(k)) {
                let whole = by.is_some_and(|(step, record)| {
                    let (step, said) = (&self.steps[step as usize], &said[step as usize].predictions);
                    self.probabilities(step, said, record as usize, p)
                });
                complete &= whole;
            }
            let dense = Predictions::from_dense(self.codes.clone(), &p, kept);
            for (i, by) in block.iter().enumerate() {
                let Some((step, record)) = by else {
                    ranked.extend(std::iter::repeat_n(UNCODED, kept));
                    confidence.extend(std::iter::repeat_n(0.0, kept));
                    continue;
                };
                let first = self.steps[*step as usize].numbers[said[*step as usize].predictions.ranking(*record as usize)[0] as usize];
                // Its step's first code comes first even where nothing is known of how sure it is.
                let order = dense.ranking(i).iter().zip(dense.confidences(i)).filter(|(code, _)| **code != first);
                let own = p[i * k + first as usize];
                let all = std::iter::once((first, own)).chain(order.map(|(code, q)| if *q > 0.0 { (*code, *q) } else { (UNCODED, 0.0) }));
                for (code, q) in all.take(kept) {
                    ranked.push(code);
                    confidence.push(q);
                }
            }
        }
        // A code that can have no probability is told only where all have one.
        if complete {
            fill(&mut ranked, kept);
        }
        Ok(Predictions { codes: self.codes.clone(), kept, ranked, confidence, complete })
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        self.put(pack)
    }

    fn explain(&self, input: &Input<'_>, row: u32, code: u32, versus: u32) -> Result<Option<Explanation>, Failure> {
        let said = self.ask(&Input { rows: &[row], ..input.clone() }, 1)?;
        // The step that coded it says why.
        let Some((step, _)) = self.steps.iter().zip(&said).find(|(_, said)| !said.coded.is_empty()) else { return Ok(None) };
        let own = |code: u32| step.numbers.iter().position(|n| *n == code).map(|at| at as u32);
        own(code).zip(own(versus)).map_or(Ok(None), |(code, versus)| step.coder.explain(input, row, code, versus))
    }

    fn trace(&self, input: &Input<'_>) -> Result<Trace, Failure> {
        let said = self.ask(input, 1)?;
        let n = input.rows.len();
        let mut trace = Trace { steps: Vec::new(), step: vec![None; n], neighbours: Vec::new() };
        for (step, said) in self.steps.iter().zip(&said) {
            let rows: Vec<u32> = said.coded.iter().map(|(at, _)| input.rows[*at as usize]).collect();
            let own = step.coder.trace(&Input { rows: &rows, ..input.clone() })?;
            let first = trace.steps.len() as u32;
            if own.steps.is_empty() {
                trace.steps.push(step.kind.to_owned());
            } else {
                trace.steps.extend(own.steps.iter().map(|name| format!("{}: {name}", step.kind)));
            }
            for (i, (at, _)) in said.coded.iter().enumerate() {
                trace.step[*at as usize] = Some(first + own.step.get(i).copied().flatten().unwrap_or(0));
            }
            if !own.neighbours.is_empty() {
                trace.neighbours.resize(n, Vec::new());
                said.coded.iter().zip(own.neighbours).for_each(|((at, _), found)| trace.neighbours[*at as usize] = found);
            }
        }
        Ok(trace)
    }
}

/// Puts the codes that are missing in each record's ranking at its end, in order.
fn fill(ranked: &mut [u32], kept: usize) {
    for row in ranked.chunks_exact_mut(kept.max(1)) {
        let mut missing = (0..kept as u32).filter(|c| !row.contains(c)).collect::<Vec<_>>().into_iter();
        row.iter_mut().filter(|c| **c == UNCODED).for_each(|c| *c = missing.next().unwrap_or(UNCODED));
    }
}

#[cfg(test)]
mod tests;
