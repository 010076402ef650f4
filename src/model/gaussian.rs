//! The parameters of linfa's Gaussian naive Bayes, so that a fitted model can be saved and comes back to the last bit.
//!
//! linfa 0.8 keeps them private and has no way to make a model of them, except by serde, whose files would bypass the checks of saved
//! models. linfa fits; the same sums are taken here once more with its own expressions, and a test holds both equal, bit by bit.

use super::{Pack, Unpack};
use crate::value::{Class, Failure, Problem};
use linfa::prelude::*;
use linfa_bayes::GaussianNb;
use ndarray::{Array1, Array2, Axis};

/// A fitted model: for each code its share, and mean and variance of each feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    codes: Vec<Class1>,
}

#[derive(Debug, Clone, PartialEq)]
struct Class1 {
    prior: f64,
    mean: Array1<f64>,
    variance: Array1<f64>,
}

impl Gaussian {
    /// Fits on dense features, every code having a record.
    ///
    /// # Errors
    /// When linfa refuses the features.
    pub fn fit(features: Array2<f64>, labels: &[u32], codes: usize, smoothing: f64) -> Result<Self, Failure> {
        let spread = features.var_axis(Axis(0), 0.0).iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut fitted = Vec::with_capacity(codes);
        for code in 0..codes as u32 {
            let rows: Vec<usize> = (0..labels.len()).filter(|&row| labels[row] == code).collect();
            let own = features.select(Axis(0), &rows);
            let mean = own.mean_axis(Axis(0)).ok_or_else(|| Problem::new(Class::Internal, "a code of the training part has no record"))?;
            let variance = own.var_axis(Axis(0), 0.0) + smoothing * spread;
            fitted.push(Class1 { prior: rows.len() as f64 / labels.len() as f64, mean, variance });
        }
        let labels: Array1<usize> = labels.iter().map(|&l| l as usize).collect();
        GaussianNb::<f64, usize>::params().var_smoothing(smoothing).fit(&Dataset::new(features, labels)).map_err(|e| {
            Problem::new(Class::Model, format!("linfa could not fit the tabular model: {e}")).remedy("raise `smoothing` or choose another kind of candidate")
        })?;
        Ok(Self { codes: fitted })
    }

    /// Joint log likelihoods of rows, by code.
    pub fn joint_log_likelihood(&self, x: &Array2<f64>) -> Vec<Array1<f64>> {
        // The expressions are linfa's, since another order of summing gives other bits.
        let of = |class: &Class1| {
            let normal = -0.5 * class.variance.mapv(|v| 2.0 * std::f64::consts::PI * v).mapv(f64::ln).sum();
            let far = ((x.to_owned() - &class.mean).mapv(|d| d.powi(2)) / &class.variance).sum_axis(Axis(1)).mapv(|d| d * 0.5).mapv(|d| normal - d);
            far + class.prior.ln()
        };
        self.codes.iter().map(of).collect()
    }

    /// Puts the parameters into `pack`.
    pub fn pack(&self, pack: &mut Pack) {
        let (codes, width) = (self.codes.len(), self.codes.first().map_or(0, |c| c.mean.len()));
        pack.doubles("priors", &[codes], self.codes.iter().map(|c| c.prior));
        pack.doubles("means", &[codes, width], self.codes.iter().flat_map(|c| c.mean.iter().copied()));
        pack.doubles("variances", &[codes, width], self.codes.iter().flat_map(|c| c.variance.iter().copied()));
    }

    /// One that was saved, for a number of features.
    pub fn unpack(parts: &Unpack<'_>, width: usize) -> Result<Self, Problem> {
        let codes = parts.codes().len();
        let priors = parts.doubles("priors", &[Some(codes)])?;
        let means = parts.doubles("means", &[Some(codes), Some(width)])?;
        let variances = parts.doubles("variances", &[Some(codes), Some(width)])?;
        if width == 0 {
            return Err(parts.wrong("means", "have no feature"));
        }
        if priors.iter().any(|p| !(*p > 0.0 && *p <= 1.0)) {
            return Err(parts.wrong("priors", "are not shares above 0"));
        }
        if variances.iter().any(|v| *v <= 0.0) {
            return Err(parts.wrong("variances", "are not above 0"));
        }
        let row = |values: &[f64]| Array1::from(values.to_vec());
        let of = |((prior, mean), variance): ((&f64, &[f64]), &[f64])| Class1 { prior: *prior, mean: row(mean), variance: row(variance) };
        Ok(Self { codes: priors.iter().zip(means.chunks_exact(width)).zip(variances.chunks_exact(width)).map(of).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;
    use linfa_bayes::NaiveBayes;

    #[test]
    fn equals_linfa_to_the_last_bit() {
        let mut stream = Stream::named(3, "gaussian");
        let labels: Vec<u32> = (0..400).map(|i| if i < 7 { i as u32 } else { stream.below(7) as u32 }).collect();
        let features = Array2::from_shape_fn((400, 23), |(row, column)| {
            if column % 3 == 0 { f64::from(u8::from(stream.unit() < 0.3)) } else { f64::from(labels[row]) * 0.3 + stream.normal() }
        });
        let own = Gaussian::fit(features.clone(), &labels, 7, 0.01).expect("fits");
        let targets: Array1<usize> = labels.iter().map(|&l| l as usize).collect();
        let theirs = GaussianNb::params().var_smoothing(0.01).fit(&Dataset::new(features.clone(), targets)).expect("fits");
        for x in [features.clone(), features.select(Axis(0), &[5]), features.select(Axis(0), &[])] {
            let expected = theirs.joint_log_likelihood(x.view());
            for (code, found) in own.joint_log_likelihood(&x).iter().enumerate() {
                assert!(found.iter().zip(&expected[&code]).all(|(a, b)| a.to_bits() == b.to_bits()), "{code}");
            }
        }
    }
}
