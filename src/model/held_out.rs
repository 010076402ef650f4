//! Which records calibrate a model, and how: those of the tuning part, or some held out from the training part.

use super::Input;
use super::calibrate::{Calibration, FEWEST};
use super::part::Part;
use crate::text::Space;
use crate::value::{Class, Failure, Problem, Stream, grouped};

/// Most records × codes that calibrate: beyond it, more records move a slope and the offsets of frequent codes no more.
const MOST: usize = 4_000_000;

/// Records that calibrate.
pub struct Held {
    /// Rows of the tuning part, where it is large enough.
    tune: Vec<u32>,
    /// Otherwise positions of the training part to learn from meanwhile, and positions held out.
    apart: (Vec<u32>, Vec<u32>),
    labels: Vec<u32>,
}

impl Held {
    /// The tuning part, which serves for nothing else; where it has too few coded records, a fifth of the training part. Of very many
    /// records only some, evenly spaced.
    pub fn choose(part: &Part, tune: (&Input<'_>, &Part), seed: u64) -> Self {
        let most = (MOST / part.codes.len().max(1)).max(FEWEST);
        if tune.1.rows.len() >= FEWEST {
            let every = tune.1.rows.len().div_ceil(most);
            let labels = tune.1.labels.iter().copied().step_by(every).collect();
            return Self { tune: tune.1.rows.iter().copied().step_by(every).collect(), apart: Default::default(), labels };
        }
        let mut order: Vec<u32> = (0..part.rows.len() as u32).collect();
        Stream::named(seed, "model: held out for calibration").shuffle(&mut order);
        let held = order.split_off(order.len() - (order.len() / 5).min(most));
        if held.len() < FEWEST {
            return Self { tune: Vec::new(), apart: Default::default(), labels: Vec::new() };
        }
        let labels = held.iter().map(|&position| part.labels[position as usize]).collect();
        Self { tune: Vec::new(), apart: (order, held), labels }
    }

    /// The calibration and how it came about: `tuned` scores rows of the tuning part; `apart` learns from some positions of the
    /// training part and scores others.
    pub fn calibrate(
        self,
        codes: usize,
        tuned: impl FnOnce(&[u32]) -> Result<Vec<f32>, Failure>,
        apart: impl FnOnce(&[u32], &[u32]) -> Vec<f32>,
    ) -> Result<(Calibration, String), Failure> {
        let (scores, how) = if !self.tune.is_empty() {
            (tuned(&self.tune)?, format!("on {} records of the tuning part", grouped(self.tune.len())))
        } else if !self.labels.is_empty() {
            (apart(&self.apart.0, &self.apart.1), format!("on {} held-out records of the training part", grouped(self.labels.len())))
        } else {
            return Ok((Calibration::none(), format!("none: fewer than {FEWEST} records to judge by, so probabilities are not to be trusted")));
        };
        Ok((Calibration::fit(&scores, &self.labels, codes), how))
    }
}

/// Refuses a space without features.
pub fn some_feature(space: &Space) -> Result<(), Failure> {
    if space.width() > 0 {
        return Ok(());
    }
    Err(Problem::new(Class::Data, "no feature is left in the training part: no word or character sequence occurs in enough of its records")
        .remedy("lower `min_records`, or name columns that hold text, categories or numbers")
        .into())
}
