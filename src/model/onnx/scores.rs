//! Linear classifiers on full and on sparse rows, and what becomes of classifiers' scores.

use super::attribute::Attributes;
use super::value::{Dense, Value, misfit, room};
use crate::value::Problem;

/// What becomes of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    None,
    Logistic,
    Softmax,
    /// As softmax, but scores of 0 stay 0.
    SoftmaxZero,
}

impl Transform {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        match node.text("post_transform")?.unwrap_or("NONE") {
            "NONE" => Ok(Self::None),
            "LOGISTIC" => Ok(Self::Logistic),
            "SOFTMAX" => Ok(Self::Softmax),
            "SOFTMAX_ZERO" => Ok(Self::SoftmaxZero),
            _ => Err(node.unprovided("with the transform PROBIT")),
        }
    }

    pub fn apply(self, scores: &mut [f64]) {
        match self {
            Self::None => {}
            Self::Logistic => scores.iter_mut().for_each(|s| *s = logistic(*s)),
            Self::Softmax | Self::SoftmaxZero => {
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let mut sum = 0.0;
                for score in scores.iter_mut() {
                    if self == Self::SoftmaxZero && score.abs() <= 1e-7 {
                        *score *= (-most).exp();
                    } else {
                        *score = (*score - most).exp();
                        sum += *score;
                    }
                }
                scores.iter_mut().for_each(|s| *s /= sum);
            }
        }
    }
}

pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Labels of a classifier's classes, as texts.
pub(super) fn classes(node: Attributes<'_>) -> Result<Vec<String>, Problem> {
    let texts = node.texts("classlabels_strings")?;
    if !texts.is_empty() {
        return Ok(texts.into_iter().map(str::to_owned).collect());
    }
    // Both names occur in the standard.
    let numbers = if node.has("classlabels_ints") { node.ints("classlabels_ints") } else { node.ints("classlabels_int64s") };
    Ok(numbers.iter().map(i64::to_string).collect())
}

/// Weights times features plus intercepts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Linear {
    /// Shape (features, outputs), row-major, so that a feature's weights lie together.
    weights: Vec<f32>,
    features: usize,
    outputs: usize,
    intercepts: Vec<f32>,
    transform: Transform,
    /// One row of weights is of the second of two classes.
    pair: bool,
}

impl Linear {
    /// A classifier.
    pub fn classifier(node: Attributes<'_>) -> Result<Self, Problem> {
        let (coefficients, intercepts) = (node.finite("coefficients")?, node.finite("intercepts")?);
        let classes = classes(node)?.len();
        let pair = classes == 2 && intercepts.len() == 1;
        let outputs = if pair { 1 } else { classes };
        if classes < 2 || coefficients.is_empty() || coefficients.len() % outputs != 0 || !(intercepts.is_empty() || intercepts.len() == outputs) {
            return Err(node.wrong("coefficients", "do not fit the classes"));
        }
        let features = coefficients.len() / outputs;
        let mut weights = vec![0f32; coefficients.len()];
        for (at, weight) in coefficients.iter().enumerate() {
            weights[at % features * outputs + at / features] = *weight;
        }
        let intercepts = if intercepts.is_empty() { vec![0.0; outputs] } else { intercepts.to_vec() };
        Ok(Self { weights, features, outputs, intercepts, transform: Transform::read(node)?, pair })
    }

    /// A product with a matrix of shape (features, outputs).
    pub fn product(weights: Vec<f32>, features: usize, outputs: usize, intercepts: Option<Vec<f32>>) -> Option<Self> {
        let intercepts = match intercepts {
            None => vec![0.0; outputs],
            Some(one) if one.len() == 1 => vec![one[0]; outputs],
            Some(all) => all,
        };
        let fits = features.checked_mul(outputs) == Some(weights.len()) && intercepts.len() == outputs && outputs > 0;
        fits.then_some(Self { weights, features, outputs, intercepts, transform: Transform::None, pair: false })
    }

    pub fn apply<'a>(&self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        if input.columns() != self.features {
            return Err(misfit(&format!("a linear model of {} features gets {}", self.features, input.columns())));
        }
        let mut items: Vec<f32> = Vec::with_capacity(room(input.rows(), self.outputs.max(2))?);
        let mut scores = vec![0f64; self.outputs];
        let add = |feature: usize, x: f32, scores: &mut [f64]| {
            let weights = &self.weights[feature * self.outputs..(feature + 1) * self.outputs];
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += f64::from(x) * f64::from(*weight));
        };
        let begin = |scores: &mut [f64]| scores.iter_mut().zip(&self.intercepts).for_each(|(score, intercept)| *score = f64::from(*intercept));
        let mut end = |scores: &mut [f64]| {
            match scores {
                // As ONNX Runtime does: only the logistic function is applied.
                [score] if self.pair => {
                    let (other, own) = if self.transform == Transform::Logistic { (logistic(-*score), logistic(*score)) } else { (1.0 - *score, *score) };
                    items.extend([other as f32, own as f32]);
                }
                _ => {
                    self.transform.apply(scores);
                    items.extend(scores.iter().map(|s| *s as f32));
                }
            }
        };
        if let Value::Sparse(m) = input {
            for row in 0..m.ends.len() {
                begin(&mut scores);
                m.row(row).for_each(|entry| add(m.index[entry] as usize, m.items[entry], &mut scores));
                end(&mut scores);
            }
        } else {
            for row in input.floats()?.rows() {
                begin(&mut scores);
                row.iter().enumerate().filter(|(_, x)| **x != 0.0).for_each(|(feature, x)| add(feature, *x, &mut scores));
                end(&mut scores);
            }
        }
        Ok(Value::Floats(Dense { columns: if self.pair { 2 } else { self.outputs }, items }))
    }
}
