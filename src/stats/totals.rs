//! Shares of classes in a population that was coded by a model, corrected with an audit sample that was coded both ways.
//!
//! The audit is the confusion matrix of n records that a person coded too (counts n_kl, true class k, predicted class l; a simple random
//! sample). The population is the count of N records by predicted class, q_l its shares; the audit is not part of it.
//! P_kl = n_kl/n_k· estimates the probability that true class k is coded l, c_kl = n_kl/n_·l that a record coded l is truly k.

use super::confusion::{Confusion, over};
use super::linear::Matrix;

/// Estimated shares of classes, with the covariance of their errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// Share of each class.
    pub value: Vec<f64>,
    /// Covariance matrix.
    pub covariance: Matrix,
}

/// What the error of an estimate is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Population {
    /// The N records are all there are: only the model's errors in them are random.
    Fixed,
    /// The N records are a simple random sample of a large population.
    Sampled,
}

/// Why shares cannot be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTotals {
    /// No record was coded by the model only.
    NoPopulation,
    /// No record was coded both ways.
    NoAudit,
    /// A class occurs, but no audited record truly has it.
    NotAudited {
        /// The class.
        class: u32,
    },
    /// The model gives a class in the population, but to no audited record.
    NotPredictedInAudit {
        /// The class.
        class: u32,
    },
    /// Classes are confused so that their shares cannot be told apart.
    Singular,
}

/// Shares from the misclassification estimator.
#[derive(Debug, Clone, PartialEq)]
pub struct Misclassified {
    /// The shares; they add up to 1 but one may be below 0. See [`super::onto_simplex`].
    pub shares: Shares,
    /// Condition number of P in the 1-norm: how much errors in P can grow. In the hundreds, go to a coarser level.
    pub condition: f64,
}

fn at(v: &[f64], k: usize) -> f64 {
    v.get(k).copied().unwrap_or(0.0)
}

/// Number of classes, and shares of the population by predicted class.
fn population_shares(classes: usize, population: &[f64]) -> Result<(Vec<f64>, f64), NoTotals> {
    let size: f64 = population.iter().sum();
    let share = |k| over(at(population, k), size);
    (0..classes.max(population.len())).map(share).collect::<Option<Vec<_>>>().filter(|q| !q.is_empty()).map(|q| (q, size)).ok_or(NoTotals::NoPopulation)
}

/// diag(v) − v vᵀ.
fn multinomial(v: &[f64]) -> Matrix {
    Matrix::from_fn(v.len(), v.len(), |r, c| if r == c { v[r] * (1.0 - v[r]) } else { -v[r] * v[c] })
}

/// Σ_k scale_k (diag P_k· − P_k· P_k·ᵀ), for rows k of `rates`.
fn row_errors(rates: &Matrix, scale: impl Fn(usize) -> f64) -> Matrix {
    let (rows, columns) = (rates.rows(), rates.columns());
    let scales: Vec<f64> = (0..rows).map(scale).collect();
    // −Pᵀ diag(scale) P, then the diagonal.
    let scaled = Matrix::from_fn(rows, columns, |k, l| -scales[k] * rates.at(k, l));
    let product = rates.transposed().times(&scaled);
    let diagonal: Vec<f64> = (0..columns).map(|l| (0..rows).map(|k| scales[k] * rates.at(k, l)).sum()).collect();
    Matrix::from_fn(columns, columns, |r, c| product.at(r, c) + if r == c { diagonal[r] } else { 0.0 })
}

/// V(q̂): the model's errors given true shares, or multinomial sampling.
fn variance_of_counting(kind: Population, rates: &Matrix, truth: &[f64], q: &[f64], size: f64) -> Matrix {
    match kind {
        Population::Fixed => row_errors(rates, |k| truth[k].max(0.0) / size),
        Population::Sampled => Matrix::from_fn(q.len(), q.len(), |r, c| multinomial_entry(q, r, c) / size),
    }
}

fn multinomial_entry(q: &[f64], r: usize, c: usize) -> f64 {
    if r == c { q[r] * (1.0 - q[r]) } else { -q[r] * q[c] }
}

/// P_kl over the given classes; rows of classes that were not audited are 0.
fn rates_over(audit: &Confusion, classes: &[usize]) -> Matrix {
    let mut place = vec![usize::MAX; audit.classes().max(classes.iter().max().map_or(0, |m| m + 1))];
    classes.iter().enumerate().for_each(|(i, &k)| place[k] = i);
    let n = classes.len();
    let mut data = vec![0.0; n * n];
    for &(t, p, w) in audit.cells() {
        let (r, c) = (place[t as usize], place[p as usize]);
        if r < n && c < n {
            data[r * n + c] = w / audit.truth()[t as usize];
        }
    }
    Matrix::from_fn(n, n, |r, c| data[r * n + c])
}

/// The matrix P over all classes of an audit.
///
/// # Errors
/// A class that no audited record truly has: its errors are unknown, not none.
pub fn misclassification_rates(audit: &Confusion) -> Result<Matrix, NoTotals> {
    match audit.truth().iter().position(|&t| t <= 0.0) {
        Some(class) => Err(NoTotals::NotAudited { class: class as u32 }),
        None if audit.classes() == 0 => Err(NoTotals::NoAudit),
        None => Ok(rates_over(audit, &(0..audit.classes()).collect::<Vec<_>>())),
    }
}

/// Bias of counting predictions, (Pᵀ − I)v, for true shares or true totals of a variable v by class
/// (van Delden, Scholtus & Burger 2016, doi:10.1515/jos-2016-0032).
#[must_use]
pub fn classification_bias(rates: &Matrix, truth: &[f64]) -> Vec<f64> {
    rates.transposed().times_vector(truth).iter().zip(truth).map(|(expected, v)| expected - v).collect()
}

/// Variance of the total of x by predicted class, Σ_k P_kl(1 − P_kl) Σ_{i in k} x_i², when records are misclassified independently;
/// `squares` is Σ x_i² by true class.
#[must_use]
pub fn classification_variances(rates: &Matrix, squares: &[f64]) -> Vec<f64> {
    (0..rates.columns()).map(|l| (0..rates.rows()).map(|k| rates.at(k, l) * (1.0 - rates.at(k, l)) * squares[k]).sum()).collect()
}

/// Classify and count: the shares of predictions as they are, with sampling error only. Biased by [`classification_bias`].
///
/// # Errors
/// No population.
pub fn classify_and_count(population: &[f64]) -> Result<Shares, NoTotals> {
    let (value, size) = population_shares(0, population)?;
    let covariance = Matrix::from_fn(value.len(), value.len(), |r, c| multinomial_entry(&value, r, c) / size);
    Ok(Shares { value, covariance })
}

/// Misclassification estimator v̂ = (Pᵀ)⁻¹q (Buonaccorsi 2010, doi:10.1201/9781420066586; Forman 2008, doi:10.1007/s10618-008-0097-y):
/// right when class shares differ between audit and population but errors do not.
/// V ≈ (Pᵀ)⁻¹[V(q̂) + Σ_k v_k² Σ_k/n_k·]P⁻¹, Σ_k = diag P_k· − P_k· P_k·ᵀ. Classes that occur nowhere have share 0.
///
/// # Errors
/// A class without audited records, or P singular to working precision.
pub fn misclassification_estimator(audit: &Confusion, population: &[f64], kind: Population) -> Result<Misclassified, NoTotals> {
    let (q, size) = population_shares(audit.classes(), population)?;
    if audit.total() <= 0.0 {
        return Err(NoTotals::NoAudit);
    }
    let active: Vec<usize> = (0..q.len()).filter(|&k| q[k] > 0.0 || at(audit.truth(), k) > 0.0 || at(audit.predicted(), k) > 0.0).collect();
    if let Some(&class) = active.iter().find(|&&k| at(audit.truth(), k) <= 0.0) {
        return Err(NoTotals::NotAudited { class: class as u32 });
    }
    let rates = rates_over(audit, &active);
    let inverse = rates.transposed().inverse().ok_or(NoTotals::Singular)?;
    let q_active: Vec<f64> = active.iter().map(|&k| q[k]).collect();
    let v = inverse.matrix.times_vector(&q_active);
    let counting = variance_of_counting(kind, &rates, &v, &q_active, size);
    let auditing = row_errors(&rates, |k| v[k] * v[k] / audit.truth()[active[k]]);
    let spread = inverse.matrix.times(&counting.plus(&auditing)).times(&inverse.matrix.transposed());
    let mut place = vec![None; q.len()];
    active.iter().enumerate().for_each(|(i, &k)| place[k] = Some(i));
    let value = place.iter().map(|p| p.map_or(0.0, |i| v[i])).collect();
    let covariance = Matrix::from_fn(q.len(), q.len(), |r, c| place[r].zip(place[c]).map_or(0.0, |(r, c)| spread.at(r, c)));
    // The condition of P itself, not of its transpose.
    let condition = rates.inverse().ok_or(NoTotals::Singular)?.condition;
    Ok(Misclassified { shares: Shares { value, covariance }, condition })
}

/// Calibration estimator v̂_k = Σ_l q_l c_kl (Kloos et al. 2021, doi:10.1007/978-3-030-76640-5_5): least variance, right only when the
/// audit is a random sample of the same population; the same as post-stratifying the audit on predicted class.
/// V ≈ Σ_l q_l²(diag c_l − c_l c_lᵀ)/n_·l + C V(q̂) Cᵀ.
///
/// # Errors
/// A class predicted in the population but not in the audit.
pub fn calibration_estimator(audit: &Confusion, population: &[f64], kind: Population) -> Result<Shares, NoTotals> {
    let (q, size) = population_shares(audit.classes(), population)?;
    if audit.total() <= 0.0 {
        return Err(NoTotals::NoAudit);
    }
    if let Some(class) = (0..q.len()).find(|&l| q[l] > 0.0 && at(audit.predicted(), l) <= 0.0) {
        return Err(NoTotals::NotPredictedInAudit { class: class as u32 });
    }
    let n = q.len();
    // Row l holds c_·l.
    let mut data = vec![0.0; n * n];
    audit.cells().iter().for_each(|&(t, p, w)| data[p as usize * n + t as usize] = w / audit.predicted()[p as usize]);
    let given = Matrix::from_fn(n, n, |l, k| data[l * n + k]);
    let value = given.transposed().times_vector(&q);
    let auditing = row_errors(&given, |l| if q[l] > 0.0 { q[l] * q[l] / audit.predicted()[l] } else { 0.0 });
    let rates = rates_over(audit, &(0..n).collect::<Vec<_>>());
    let counting = variance_of_counting(kind, &rates, &value, &q, size);
    let covariance = auditing.plus(&given.transposed().times(&counting).times(&given));
    Ok(Shares { value, covariance })
}

/// How much predictions are trusted in the prediction-powered estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// λ = 0: the audit alone.
    None,
    /// λ = 1: the difference estimator.
    Full,
    /// One λ for all classes with the least total variance; shares add up to 1.
    Tuned,
    /// A λ for each class; shares need not add up to 1.
    TunedByClass,
}

/// Shares from the prediction-powered estimator.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionPowered {
    /// The shares.
    pub shares: Shares,
    /// λ of each class.
    pub lambda: Vec<f64>,
}

/// Prediction-powered shares θ̂ = λq + (audited truth − λ · audited predictions) (Angelopoulos, Duchi & Zrnic 2023, arXiv:2311.01453).
///
/// V = Var(e(y) − λe(f))/n + λ²Var(e(f))/N with variances over 1/n. λ* = Cov(Y, F)/((1 + n/N)Var(F)) in [0, 1], the covariance over the
/// audit (1/n), the variance over all (1/(N + n − 1)).
///
/// # Errors
/// No population or no audit.
pub fn prediction_powered(audit: &Confusion, population: &[f64], trust: Trust) -> Result<PredictionPowered, NoTotals> {
    let (q, size) = population_shares(audit.classes(), population)?;
    let n = audit.total();
    if n <= 0.0 {
        return Err(NoTotals::NoAudit);
    }
    let (k, all) = (q.len(), n + size);
    let truth: Vec<f64> = (0..k).map(|i| at(audit.truth(), i) / n).collect();
    let predicted: Vec<f64> = (0..k).map(|i| at(audit.predicted(), i) / n).collect();
    let joint = |i: usize| at(audit.correct(), i) / n - truth[i] * predicted[i];
    let pooled = |i: usize| {
        let m = predicted[i] * n + at(population, i);
        (m - m * m / all) / (all - 1.0) * (1.0 + n / size)
    };
    // Without variation in predictions they tell nothing.
    let tuned = |c: f64, v: f64| over(c, v).unwrap_or(0.0).clamp(0.0, 1.0);
    let lambda: Vec<f64> = match trust {
        Trust::None => vec![0.0; k],
        Trust::Full => vec![1.0; k],
        Trust::Tuned => vec![tuned((0..k).map(joint).sum(), (0..k).map(pooled).sum()); k],
        Trust::TunedByClass => (0..k).map(|i| tuned(joint(i), pooled(i))).collect(),
    };
    let mean: Vec<f64> = (0..k).map(|i| truth[i] - lambda[i] * predicted[i]).collect();
    let mut second = vec![0.0; k * k];
    for i in 0..k {
        second[i * k + i] += truth[i] + lambda[i] * lambda[i] * predicted[i];
    }
    for &(t, p, w) in audit.cells() {
        let (t, p) = (t as usize, p as usize);
        second[t * k + p] -= lambda[p] * w / n;
        second[p * k + t] -= lambda[p] * w / n;
    }
    let spread = |r: usize, c: usize| (second[r * k + c] - mean[r] * mean[c]) / n + lambda[r] * lambda[c] * multinomial_entry(&q, r, c) / size;
    let value = (0..k).map(|i| lambda[i] * q[i] + mean[i]).collect();
    Ok(PredictionPowered { shares: Shares { value, covariance: Matrix::from_fn(k, k, spread) }, lambda })
}

/// Difference estimator with audit weights w* (sampling weight over audit probability; Särndal, Swensson & Wretman 1992,
/// doi:10.1007/978-1-4612-4378-6, 6.3): v̂ = q̂ + Σ w*(e(y) − e(f))/Σ w*.
///
/// Variance by linearisation with replacement, n/(n − 1) Σ z zᵀ, z = w*(d − d̄)/Σw*, plus that of `counted` (0 for a census).
///
/// # Errors
/// Fewer than two audited records of positive weight.
pub fn difference_estimator(truth: &[u32], predicted: &[u32], weights: &[f64], counted: &Shares) -> Result<Shares, NoTotals> {
    let n = weights.iter().filter(|&&w| w > 0.0).count() as f64;
    if n < 2.0 {
        return Err(NoTotals::NoAudit);
    }
    let k = counted.value.len();
    let squared: Vec<f64> = weights.iter().map(|w| w * w).collect();
    let sums = Confusion::of(truth, predicted, Some(weights), k);
    let squares = Confusion::of(truth, predicted, Some(&squared), k);
    let k = sums.classes();
    let mean: Vec<f64> = (0..k).map(|i| (sums.truth()[i] - sums.predicted()[i]) / sums.total()).collect();
    let linear: Vec<f64> = (0..k).map(|i| squares.truth()[i] - squares.predicted()[i]).collect();
    let mut second = vec![0.0; k * k];
    for &(t, p, s) in squares.cells().iter().filter(|c| c.0 != c.1) {
        let (t, p) = (t as usize, p as usize);
        second[t * k + t] += s;
        second[p * k + p] += s;
        second[t * k + p] -= s;
        second[p * k + t] -= s;
    }
    let scale = n / (n - 1.0) / (sums.total() * sums.total());
    let known = counted.covariance.rows();
    let spread = |r: usize, c: usize| {
        let own = second[r * k + c] - mean[r] * linear[c] - linear[r] * mean[c] + squares.total() * mean[r] * mean[c];
        scale * own + if r < known && c < known { counted.covariance.at(r, c) } else { 0.0 }
    };
    Ok(Shares { value: (0..k).map(|i| at(&counted.value, i) + mean[i]).collect(), covariance: Matrix::from_fn(k, k, spread) })
}

impl Shares {
    /// Standard error of each share.
    #[must_use]
    pub fn standard_errors(&self) -> Vec<f64> {
        self.covariance.diagonal().into_iter().map(|v| v.max(0.0).sqrt()).collect()
    }
}

#[cfg(test)]
#[path = "totals_tests.rs"]
mod tests;
