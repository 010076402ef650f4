//! Fitted tabular models other than naive Bayes: scores of category and number columns, calibrated.

use super::super::calibrate::{Calibration, FEWEST};
use super::super::fit::{no_columns, positive};
use super::super::part::Part;
use super::super::scored::predict;
use super::super::{Coder, Input, Pack, Predictions, Target, Unpack};
use super::forest::Forest;
use super::logistic::Logistic;
use super::recipe::{Growth, TabularMethod};
use crate::value::{Class, Failure, Problem, grouped};

/// Most trees of a forest.
const MOST_TREES: usize = 10_000;

/// A fitted tabular coder.
pub struct Fitted {
    codes: Vec<String>,
    model: Model,
    calibration: Calibration,
    facts: Vec<(String, String)>,
}

enum Model {
    Logistic(Logistic),
    Forest(Forest),
}

impl Model {
    fn scores(&self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<f32>, Failure> {
        match self {
            Self::Logistic(model) => model.scores(input, rows),
            Self::Forest(model) => model.scores(input, rows),
        }
    }

    fn facts(&self) -> Vec<(String, String)> {
        match self {
            Self::Logistic(model) => model.facts(),
            Self::Forest(model) => model.facts(),
        }
    }
}

impl Fitted {
    /// Fits on the category and number columns of the training part; calibrates on the tuning part, if it has enough records.
    ///
    /// # Errors
    /// When there is no such column, none varies, or a setting is out of range.
    pub fn fit(
        method: &TabularMethod,
        train: &Input<'_>,
        tune: &Input<'_>,
        target: &Target<'_>,
        seed: u64,
        phase: &mut dyn FnMut(&'static str),
    ) -> Result<Self, Failure> {
        check(method, train)?;
        phase("features");
        let part = Part::training(train, target)?;
        phase("fit");
        let (rows, labels, codes) = (&part.rows, &part.labels, part.codes.len());
        let model = match method {
            TabularMethod::Logistic { c, passes, min_records } => Model::Logistic(Logistic::fit(train, rows, labels, *c, *passes, *min_records)?),
            TabularMethod::Forest { trees, columns_per_split, growth } => {
                Model::Forest(Forest::fit(train, rows, (labels, codes), *growth, (*trees, *columns_per_split), seed)?)
            }
            TabularMethod::Tree(growth) => Model::Forest(Forest::fit(train, rows, (labels, codes), *growth, (0, 0), seed)?),
            TabularMethod::NaiveBayes { .. } => return Err(Problem::new(Class::Internal, "naive Bayes is fitted elsewhere").into()),
        };
        phase("calibrate");
        let held = part.other(tune, target);
        let (calibration, how) = if held.rows.len() >= FEWEST {
            (Calibration::fit(&model.scores(tune, &held.rows)?, &held.labels, codes), format!("on {} records of the tuning part", grouped(held.rows.len())))
        } else {
            (Calibration::none(), format!("none: the tuning part has fewer than {FEWEST} coded records, so probabilities are not to be trusted"))
        };
        let mut facts = vec![
            ("training records".to_owned(), grouped(part.rows.len())),
            ("training records without a code".into(), grouped(part.skipped)),
            ("codes".into(), grouped(codes)),
        ];
        facts.extend(model.facts());
        facts.push(("calibration".into(), how));
        Ok(Self { codes: part.codes, model, calibration, facts })
    }

    /// One that was saved.
    pub fn unpack(method: &TabularMethod, parts: &Unpack<'_>) -> Result<Self, Problem> {
        let model = match method {
            TabularMethod::Logistic { .. } => Model::Logistic(Logistic::unpack(parts)?),
            TabularMethod::Tree(_) => Model::Forest(Forest::unpack(parts, 1)?),
            TabularMethod::Forest { trees, .. } if *trees > 0 => Model::Forest(Forest::unpack(parts, *trees)?),
            _ => return Err(parts.wrong_setting("a method, or a number of trees, that no training has")),
        };
        Ok(Self { codes: parts.codes().to_vec(), model, calibration: parts.calibration("calibration")?, facts: Vec::new() })
    }
}

/// What is wrong with settings and columns.
fn check(method: &TabularMethod, train: &Input<'_>) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut at_least_one = |name: &str, value: usize| {
        if value == 0 {
            problems.push(Problem::new(Class::Study, format!("`{name}` is 0")).remedy(format!("set `{name}` to 1 or more")));
        }
    };
    let mut grown = |growth: &Growth| {
        at_least_one("depth", growth.depth);
        at_least_one("min_leaf", growth.min_leaf);
    };
    match method {
        TabularMethod::Tree(growth) => grown(growth),
        TabularMethod::Forest { trees, growth, .. } => {
            grown(growth);
            at_least_one("trees", *trees);
            if *trees > MOST_TREES {
                problems.push(
                    Problem::new(Class::Study, format!("`trees` is {trees}")).remedy(format!("set `trees` to {MOST_TREES} or fewer; 200 is the default")),
                );
            }
        }
        TabularMethod::Logistic { c, passes, .. } => {
            at_least_one("passes", *passes);
            positive("c", *c, &mut problems);
        }
        TabularMethod::NaiveBayes { .. } => {}
    }
    if train.categories.is_empty() && train.numbers.is_empty() {
        problems.push(no_columns("tabular", "category or number"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}

impl Coder for Fitted {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        predict(&self.codes, &self.calibration, input.rows, keep, |rows| self.model.scores(input, rows))
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        match &self.model {
            Model::Logistic(model) => model.pack(pack),
            Model::Forest(model) => model.pack(pack),
        }
        pack.calibration("calibration", &self.calibration);
        true
    }
}
