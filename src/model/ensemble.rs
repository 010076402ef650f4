//! An ensemble: linear members with their own text features and losses, stacked on scores of records held out from them.
//!
//! Each member is fitted on the whole training part, and once more for each fold without it; what it says of records that it did
//! not see teaches its link (`link.rs`) and the stack (`stack.rs`). Folds keep clusters together, since records of one mine or one
//! interviewer share phrases. Only the choice of features, made without codes, has seen the records held out.

use super::calibrate::{Calibration, FEWEST};
use super::explain::Decomposition;
use super::link::Link;
use super::part::Part;
use super::scored::{columns, predict};
use super::weights::{Learnt, Weights};
use super::{Coder, EnsembleRecipe, Explanation, Input, LinearRecipe, Loss, Pack, Predictions, Target, Unpack, stack};
use crate::text::{Space, Sparse};
use crate::value::{Class, Failure, Problem, grouped};

/// Folds of the stack's own held-out scores, which calibrate together with the tuning part.
const STACK_FOLDS: u32 = 3;

/// Most members of a saved ensemble.
const MOST_MEMBERS: usize = 64;

/// Records coded at a time when the tuning part is scored.
const BLOCK: usize = 1024;

/// A fitted ensemble.
pub struct Ensemble {
    codes: Vec<String>,
    members: Vec<Member>,
    stack: Weights,
    calibration: Calibration,
    facts: Vec<(String, String)>,
    effort: f64,
}

struct Member {
    space: Space,
    weights: Weights,
    link: Link,
}

impl Member {
    /// Logarithms of probabilities, shape (n, codes), row-major.
    fn logs(&self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<f32>, Failure> {
        let mut scores = stack::scores(&self.weights, &self.space.apply(&columns(input), rows)?);
        linked(&self.link, &mut scores, self.weights.codes);
        Ok(scores)
    }
}

fn linked(link: &Link, scores: &mut [f32], codes: usize) {
    let mut room = vec![0.0; codes];
    scores.chunks_exact_mut(codes).for_each(|row| link.apply(row, &mut room));
}

/// The stack's inputs from each member's logarithms of probabilities.
fn stacked(logs: &[Vec<f32>], codes: usize) -> Sparse {
    let mut rows = Sparse::new();
    let records = logs.first().map_or(0, |l| l.len() / codes);
    for record in 0..records {
        let of: Vec<&[f32]> = logs.iter().map(|l| &l[record * codes..(record + 1) * codes]).collect();
        stack::push(&of, &mut rows);
    }
    rows
}

impl Ensemble {
    /// Fits members, stack and calibration; `learn` fits one member's weights on rows of features with their labels and shares.
    /// Calibrates on the tuning part and on what the stack says of training records held out from it: a tuning part alone is too small
    /// for an offset a code.
    ///
    /// # Errors
    /// When no feature is left for a member, there are fewer training records than folds need, or a survey weight is wrong.
    pub fn fit(
        recipe: &EnsembleRecipe,
        train: &Input<'_>,
        tune: &Input<'_>,
        target: &Target<'_>,
        seed: u64,
        phase: &mut dyn FnMut(&'static str),
        learn: impl Fn(&LinearRecipe, &Sparse, &[u32], Option<&[f32]>, usize, usize) -> Learnt,
    ) -> Result<Self, Failure> {
        phase("features");
        let part = Part::training(train, target)?;
        let (records, codes, folds) = (part.rows.len(), part.codes.len(), recipe.folds as u32);
        if records < FEWEST.max(recipe.folds) {
            return Err(Problem::new(
                Class::Data,
                format!("an ensemble needs {} coded training records or more, and there are {records}", FEWEST.max(recipe.folds)),
            )
            .remedy("train on more records, or choose kind \"linear\"")
            .into());
        }
        let weighted = recipe.weighted && target.weights.is_some();
        let shares: Option<Vec<f32>> = if weighted { Some(part.shares(target)?.into_iter().map(|w| w as f32).collect()) } else { None };
        let spaces: Vec<(Space, Sparse)> = recipe.members.iter().map(|m| Space::fit(&m.text, &columns(train), &part.rows)).collect();
        if let Some(bare) = spaces.iter().position(|(space, _)| space.width() == 0) {
            return Err(Problem::new(
                Class::Data,
                format!("no feature is left for member {} of the ensemble: none occurs in enough training records", bare + 1),
            )
            .remedy("lower its `min_records`, or name columns that hold text, categories or numbers")
            .into());
        }
        phase("fit");
        let fold = stack::deal(&part.rows, target.clusters, folds, seed);
        let of = |positions: &[u32]| -> (Vec<u32>, Option<Vec<f32>>) {
            let labels = positions.iter().map(|&p| part.labels[p as usize]).collect();
            (labels, shares.as_ref().map(|s| positions.iter().map(|&p| s[p as usize]).collect()))
        };
        let (mut members, mut logs, mut facts, mut effort) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
        for (number, (one, (space, features))) in recipe.members.iter().zip(spaces).enumerate() {
            let Learnt { weights, passes, settled } = learn(one, &features, &part.labels, shares.as_deref(), codes, space.width());
            // Once on everything, and once less a fold for each fold.
            effort += passes as f64 * features.columns.len() as f64 * codes as f64 * f64::from(folds);
            let mut held = stack::held_out(&features, codes, &fold, folds, |x, positions| {
                let (labels, shares) = of(positions);
                learn(one, x, &labels, shares.as_deref(), codes, space.width()).weights
            });
            let link = match one.loss {
                Loss::SquaredHinge => Link::sigmoids(&held, &part.labels, codes),
                Loss::Logistic => Link::Softmax(Calibration::fit(&held, &part.labels, codes)),
            };
            linked(&link, &mut held, codes);
            let stopped = if settled { "" } else { " (stopped before it settled)" };
            facts.push((
                format!("member {}", number + 1),
                format!("{} features, {} weights that are not zero, passes: {}{stopped}", grouped(space.width()), grouped(weights.nonzero()), grouped(passes)),
            ));
            logs.push(held);
            members.push(Member { space, weights, link });
        }
        let (rows, width) = (stacked(&logs, codes), stack::width(members.len(), codes));
        drop(logs);
        let stack = stack::learn(&rows, &part.labels, shares.as_deref(), codes, width, seed);
        phase("calibrate");
        let held = part.other(tune, target);
        let mut fitted = Self { codes: part.codes.clone(), members, stack: stack.weights, calibration: Calibration::none(), facts: Vec::new(), effort };
        // Records of the tuning part, scored by the model itself, and of the training part, scored by stacks that did not see them.
        let fold = stack::deal(&part.rows, target.clusters, STACK_FOLDS, seed ^ 1);
        let mut scores = stack::held_out(&rows, codes, &fold, STACK_FOLDS, |x, positions| {
            let (labels, shares) = of(positions);
            stack::learn(x, &labels, shares.as_deref(), codes, width, seed).weights
        });
        for block in held.rows.chunks(BLOCK) {
            scores.extend(fitted.scores(tune, block)?);
        }
        let labels: Vec<u32> = part.labels.iter().chain(&held.labels).copied().collect();
        fitted.calibration = Calibration::fit(&scores, &labels, codes);
        let how = format!("on {} records of the tuning part and {} of the training part, each held out in turn", grouped(held.rows.len()), grouped(records));
        let mut all = vec![
            ("training records".into(), grouped(records)),
            ("training records without a code".into(), grouped(part.skipped)),
            ("codes".into(), grouped(codes)),
        ];
        all.extend(facts);
        let together = if target.clusters.is_some() { ", PSUs kept together" } else { "" };
        all.push(("stacked on".into(), format!("records held out from the members in {} folds{together}", grouped(recipe.folds))));
        all.push(("calibration".into(), how));
        fitted.facts = all;
        Ok(fitted)
    }

    /// One that was saved.
    pub fn unpack(recipe: &EnsembleRecipe, parts: &Unpack<'_>) -> Result<Self, Problem> {
        let codes = parts.codes();
        if !(1..=MOST_MEMBERS).contains(&recipe.members.len()) {
            return Err(parts.wrong_setting(format!("an ensemble of {} members", recipe.members.len())));
        }
        let mut members = Vec::with_capacity(recipe.members.len());
        for (number, one) in recipe.members.iter().enumerate() {
            let own = parts.inside(&format!("member.{number}"));
            let space = own.space("space", &one.text)?;
            let weights = own.weights("weights", space.width())?;
            members.push(Member { weights, link: own.link("link", one.loss)?, space });
        }
        let stack = parts.weights("stack", stack::width(members.len(), codes.len()))?;
        Ok(Self { codes: codes.to_vec(), members, stack, calibration: parts.calibration("calibration")?, facts: Vec::new(), effort: 0.0 })
    }

    /// The stack's scores, shape (n, codes), row-major.
    fn scores(&self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<f32>, Failure> {
        let logs = self.members.iter().map(|m| m.logs(input, rows)).collect::<Result<Vec<_>, _>>()?;
        Ok(stack::scores(&self.stack, &stacked(&logs, self.codes.len())))
    }
}

impl Coder for Ensemble {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        predict(&self.codes, &self.calibration, input.rows, keep, |rows| self.scores(input, rows))
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        for (number, member) in self.members.iter().enumerate() {
            pack.inside(&format!("member.{number}"), |pack| {
                pack.space("space", &member.space);
                pack.weights("weights", &member.weights);
                pack.link("link", &member.link);
            });
        }
        pack.weights("stack", &self.stack);
        pack.calibration("calibration", &self.calibration);
        true
    }

    fn explain(&self, input: &Input<'_>, row: u32, code: u32, versus: u32) -> Result<Option<Explanation>, Failure> {
        let (code, versus) = (code as usize, versus as usize);
        let mut parts = Vec::with_capacity(self.members.len());
        for (number, member) in self.members.iter().enumerate() {
            let tokens = member.space.spell(&columns(input), row)?;
            // A member's own score is a sum over tokens; what becomes of it in its link and in the stack is not.
            parts.push(Decomposition::of(format!("member {}", number + 1), tokens, &member.weights, (code, versus), 1.0, 0.0));
        }
        Ok(Some(Explanation { code: self.codes[code].clone(), versus: self.codes[versus].clone(), exact: false, parts }))
    }

    fn effort(&self) -> f64 {
        self.effort
    }
}

#[cfg(test)]
mod tests {
    use super::super::hinge::tests::small;
    use super::super::hinge::{self, Settings};
    use super::super::softmax;
    use super::*;
    use crate::data::Strings;

    /// The codes of `small` written as words, so that a space can be made of them; ten of each record.
    fn survey() -> (Strings, Vec<u32>, Vec<String>) {
        let (x, y) = small();
        let words = ["red", "green", "blue"];
        let answers = (0..80).map(|i| {
            let (columns, _) = x.row(i % 8);
            let own: Vec<&str> = columns.iter().map(|&c| words[c as usize]).collect();
            format!("{} thing{}", own.join(" "), i % 5)
        });
        let answers: Strings = answers.collect();
        (answers, (0..80).map(|i| y[i % 8]).collect(), ["a", "b", "c"].map(String::from).to_vec())
    }

    #[test]
    fn equals_its_parts_put_together_one_after_the_other() {
        let (answers, index, codes) = survey();
        let rows: Vec<u32> = (0..80).collect();
        let input = |rows| Input { ids: &answers, texts: vec![("t", &answers)], categories: vec![], numbers: vec![], rows };
        let target = Target { codes: &codes, index: &index, weights: None, clusters: None };
        let recipe = EnsembleRecipe { folds: 2, ..EnsembleRecipe::default() };
        let recipe = EnsembleRecipe { members: vec![recipe.members[1].clone(), recipe.members[2].clone()], ..recipe };
        let settings = |tolerance| Settings { c: 1.0, passes: 50, tolerance };
        let learn = |one: &LinearRecipe, x: &Sparse, labels: &[u32], width: usize| match one.loss {
            Loss::SquaredHinge => hinge::fit(x, labels, None, 3, width, settings(0.1), 3),
            Loss::Logistic => softmax::fit(x, labels, None, 3, width, settings(0.001), 3),
        };
        let (train, tune) = (input(&rows[..64]), input(&rows[64..]));
        let fitted = Ensemble::fit(&recipe, &train, &tune, &target, 3, &mut |_| (), |one, x, labels, _, _, width| learn(one, x, labels, width)).expect("fits");
        // The same by hand: each member on one half says what it thinks of the other half.
        let labels = &index[..64];
        let fold = stack::deal(&rows[..64], None, 2, 3);
        assert_eq!(fold.iter().filter(|f| **f == 0).count(), 32);
        let (mut held, mut fresh) = (Vec::new(), Vec::new());
        for one in &recipe.members {
            let (space, x) = Space::fit(&one.text, &columns(&train), &rows[..64]);
            let mut scores = vec![0.0; 64 * 3];
            for own in [0, 1] {
                let others: Vec<u32> = (0..64).filter(|&p| fold[p as usize] != own).collect();
                let taught: Vec<u32> = others.iter().map(|&p| labels[p as usize]).collect();
                let weights = learn(one, &x.select(&others), &taught, space.width()).weights;
                for position in (0..64).filter(|&p| fold[p] == own) {
                    weights.score(x.row(position).0, x.row(position).1, &mut scores[position * 3..position * 3 + 3]);
                }
            }
            let link = if one.loss == Loss::Logistic { Link::Softmax(Calibration::fit(&scores, labels, 3)) } else { Link::sigmoids(&scores, labels, 3) };
            let mut new = stack::scores(&learn(one, &x, labels, space.width()).weights, &space.apply(&columns(&tune), &rows[64..]).expect("applies"));
            linked(&link, &mut scores, 3);
            linked(&link, &mut new, 3);
            held.push(scores);
            fresh.push(new);
        }
        let stack = stack::learn(&stacked(&held, 3), labels, None, 3, stack::width(2, 3), 3).weights;
        assert_eq!(fitted.scores(&tune, &rows[64..]).expect("scores"), stack::scores(&stack, &stacked(&fresh, 3)));
        // What is published are these scores, calibrated.
        let p = fitted.predict(&tune, usize::MAX).expect("codes");
        let mut expected = [0.0; 3];
        for (record, scores) in stack::scores(&stack, &stacked(&fresh, 3)).chunks_exact(3).enumerate() {
            fitted.calibration.apply(scores, &mut expected);
            for (code, confidence) in p.ranking(record).iter().zip(p.confidences(record)) {
                assert_eq!(expected[*code as usize].to_bits(), confidence.to_bits());
            }
        }
    }

    #[test]
    fn too_few_records_say_so() {
        let (answers, index, codes) = survey();
        let rows: Vec<u32> = (0..20).collect();
        let input = Input { ids: &answers, texts: vec![("t", &answers)], categories: vec![], numbers: vec![], rows: &rows };
        let target = Target { codes: &codes, index: &index, weights: None, clusters: None };
        let none = |_: &LinearRecipe, _: &Sparse, _: &[u32], _: Option<&[f32]>, codes: usize, width: usize| Learnt {
            weights: Weights::zero(codes, width),
            passes: 1,
            settled: true,
        };
        let failure = Ensemble::fit(&EnsembleRecipe::default(), &input, &input, &target, 3, &mut |_| (), none).err().expect("fails");
        assert!(failure.to_string().contains("50 coded training records or more, and there are 20"), "{failure}");
    }
}
