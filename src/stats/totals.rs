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

pub(super) fn at(v: &[f64], k: usize) -> f64 {
    v.get(k).copied().unwrap_or(0.0)
}

/// Number of classes, and shares of the population by predicted class.
pub(super) fn population_shares(classes: usize, population: &[f64]) -> Result<(Vec<f64>, f64), NoTotals> {
    let size: f64 = population.iter().sum();
    let share = |k| over(at(population, k), size);
    (0..classes.max(population.len())).map(share).collect::<Option<Vec<_>>>().filter(|q| !q.is_empty()).map(|q| (q, size)).ok_or(NoTotals::NoPopulation)
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
        Population::Sampled => Matrix::from_fn(q.len(), q.len(), |r, c| multinomial(q, r, c) / size),
    }
}

/// An entry of diag(q) − q qᵀ.
pub(super) fn multinomial(q: &[f64], r: usize, c: usize) -> f64 {
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
    let covariance = Matrix::from_fn(value.len(), value.len(), |r, c| multinomial(&value, r, c) / size);
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
    let inverse = rates.inverse().ok_or(NoTotals::Singular)?;
    // (Pᵀ)⁻¹ = (P⁻¹)ᵀ.
    let back = inverse.matrix.transposed();
    let q_active: Vec<f64> = active.iter().map(|&k| q[k]).collect();
    let v = back.times_vector(&q_active);
    let counting = variance_of_counting(kind, &rates, &v, &q_active, size);
    let auditing = row_errors(&rates, |k| v[k] * v[k] / audit.truth()[active[k]]);
    let spread = back.times(&counting.plus(&auditing)).times(&inverse.matrix);
    let mut place = vec![None; q.len()];
    active.iter().enumerate().for_each(|(i, &k)| place[k] = Some(i));
    let value = place.iter().map(|p| p.map_or(0.0, |i| v[i])).collect();
    let covariance = Matrix::from_fn(q.len(), q.len(), |r, c| place[r].zip(place[c]).map_or(0.0, |(r, c)| spread.at(r, c)));
    Ok(Misclassified { shares: Shares { value, covariance }, condition: inverse.condition })
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

impl Shares {
    /// Standard error of each share.
    #[must_use]
    pub fn standard_errors(&self) -> Vec<f64> {
        self.covariance.diagonal().into_iter().map(|v| v.max(0.0).sqrt()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    #[track_caller]
    fn all_near(found: &[f64], wanted: &[f64], tolerance: f64) {
        assert_eq!(found.len(), wanted.len());
        found.iter().zip(wanted).for_each(|(f, w)| assert!((f - w).abs() <= tolerance, "{found:?} is not {wanted:?}"));
    }

    fn three() -> (Confusion, [f64; 3]) {
        let audit = Confusion::of(&[0, 0, 1, 1, 2, 2, 0, 1, 2, 0], &[0, 1, 1, 1, 2, 0, 0, 1, 2, 0], None, 3);
        (audit, [9.0, 6.0, 5.0])
    }

    // QuaPy 0.2.3 (ACC) and the formula by hand on ten audited and twenty other records.
    #[test]
    fn three_classes_equal_quapy() {
        let (audit, population) = three();
        assert_eq!(audit, Confusion::from_rows(&[[3.0, 1.0, 0.0], [0.0, 3.0, 0.0], [1.0, 0.0, 2.0]]));
        all_near(&classify_and_count(&population).unwrap().value, &[0.45, 0.3, 0.25], 1e-15);
        let found = misclassification_estimator(&audit, &population, Population::Sampled).unwrap();
        all_near(&found.shares.value, &[0.433_333_3, 0.191_666_7, 0.375], 6e-8);
        all_near(&calibration_estimator(&audit, &population, Population::Sampled).unwrap().value, &[0.4125, 0.225, 0.3625], 1e-15);
        // P⁻¹ = [[4/3, −4/9, 0], [0, 1, 0], [−2/3, 2/9, 3/2]] by hand: ‖P‖₁ = 5/4, ‖P⁻¹‖₁ = 2.
        assert!((found.condition - 2.5).abs() < 1e-12, "{}", found.condition);
        // Errors of shares that add up to 1 cancel.
        for r in 0..3 {
            assert!((0..3).map(|c| found.shares.covariance.at(r, c)).sum::<f64>().abs() < 1e-15);
        }
    }

    // Two classes, p11 = 0.9, p00 = 0.8, share 0.3, n = 500, N = 100,000: the binary formulas, and a shift of the share to 0.5.
    #[test]
    fn two_classes_have_the_known_variances_and_the_known_failure() {
        let audit = Confusion::from_rows(&[[280.0, 70.0], [15.0, 135.0]]);
        let (n, size, t) = (500.0, 100_000.0, 0.3 * 0.09 + 0.7 * 0.16);
        let population = [0.59 * size, 0.41 * size];
        let found = misclassification_estimator(&audit, &population, Population::Fixed).unwrap().shares;
        all_near(&found.value, &[0.7, 0.3], 1e-12);
        all_near(&found.covariance.diagonal(), &[(1.0 / n + 1.0 / size) * t / 0.49; 2], 1e-15);
        assert!((found.covariance.at(1, 1) - 5.70e-4).abs() < 5e-7);
        let found = calibration_estimator(&audit, &population, Population::Fixed).unwrap();
        all_near(&found.value, &[0.7, 0.3], 1e-12);
        let (c1, c0): (f64, f64) = (135.0 / 205.0, 15.0 / 295.0);
        let wanted = 0.3 * 0.7 * (0.9 * 0.2 / 0.41 + 0.1 * 0.8 / 0.59) / n + (c1 - c0).powi(2) * t / size;
        all_near(&found.covariance.diagonal(), &[wanted; 2], 1e-15);
        assert!((wanted - 2.42e-4).abs() < 5e-7);
        let shifted = [0.45 * size, 0.55 * size];
        all_near(&misclassification_estimator(&audit, &shifted, Population::Fixed).unwrap().shares.value, &[0.5, 0.5], 1e-12);
        assert!((calibration_estimator(&audit, &shifted, Population::Fixed).unwrap().value[1] - 0.3851).abs() < 5e-5);
    }

    // E[classify and count]: rare classes are overcounted.
    #[test]
    fn counting_predictions_is_biased_as_known() {
        for (share, p11, p00, wanted) in [(0.01, 0.95, 0.95, 0.059), (0.05, 0.97, 0.97, 0.077), (0.3, 0.9, 0.8, 0.41)] {
            let rates = misclassification_rates(&Confusion::from_rows(&[[p00, 1.0 - p00], [1.0 - p11, p11]])).unwrap();
            let bias = classification_bias(&rates, &[1.0 - share, share]);
            assert!((share + bias[1] - wanted).abs() < 1e-12 && (bias[0] + bias[1]).abs() < 1e-15);
        }
        let rates = misclassification_rates(&Confusion::from_rows(&[[0.8, 0.2], [0.1, 0.9]])).unwrap();
        all_near(&classification_variances(&rates, &[100.0, 10.0]), &[0.16 * 100.0 + 0.09 * 10.0; 2], 1e-12);
    }

    // Three classes, misclassified at random: the stated covariances against those of simulated estimates.
    #[test]
    fn covariances_equal_simulated_ones() {
        let rates = [[0.8, 0.15, 0.05], [0.1, 0.7, 0.2], [0.1, 0.1, 0.8]];
        let mut stream = Stream::named(2, "totals");
        let mut coded = |truth: u32| {
            let u = stream.unit();
            let row = rates[truth as usize];
            (truth, u32::from(u >= row[0]) + u32::from(u >= row[0] + row[1]), 1.0)
        };
        let truth_of = |u: u64| u32::from(u % 10 >= 5) + u32::from(u % 10 >= 8);
        let mut draws = Stream::named(2, "audit");
        let (rounds, mut values, mut stated) = (4000, [Vec::new(), Vec::new()], [[0.0; 9]; 2]);
        for _ in 0..rounds {
            let population = Confusion::from_cells(3, (0..500).map(|i| coded(truth_of(i))));
            let audit = Confusion::from_cells(3, (0..1000).map(|_| coded(truth_of(draws.below(10)))));
            let misclassified = misclassification_estimator(&audit, population.predicted(), Population::Fixed).unwrap().shares;
            let calibrated = calibration_estimator(&audit, population.predicted(), Population::Fixed).unwrap();
            for (e, found) in [misclassified, calibrated].into_iter().enumerate() {
                (0..9).for_each(|i| stated[e][i] += found.covariance.at(i / 3, i % 3) / f64::from(rounds));
                values[e].push(found.value);
            }
        }
        for (values, stated) in values.iter().zip(stated) {
            for i in 0..9 {
                let (r, c) = (i / 3, i % 3);
                let mean = |k: usize| values.iter().map(|v| v[k]).sum::<f64>() / f64::from(rounds);
                let (mr, mc) = (mean(r), mean(c));
                let simulated = values.iter().map(|v| (v[r] - mr) * (v[c] - mc)).sum::<f64>() / f64::from(rounds);
                assert!((mr - [0.5, 0.3, 0.2][r]).abs() < 0.002, "{mr}");
                assert!((stated[i] - simulated).abs() < 0.1 * simulated.abs() + 0.03 * stated[0], "{r} {c}: {} is not {simulated}", stated[i]);
            }
        }
    }

    #[test]
    fn what_cannot_be_corrected_says_why() {
        let (audit, _) = three();
        let missing = |audit: &Confusion, population: &[f64]| misclassification_estimator(audit, population, Population::Fixed).map(|m| m.shares.value);
        assert_eq!(missing(&audit, &[1.0, 1.0, 1.0, 1.0]), Err(NoTotals::NotAudited { class: 3 }));
        assert_eq!(missing(&Confusion::from_rows(&[[5.0, 5.0], [4.0, 4.0]]), &[1.0, 1.0]), Err(NoTotals::Singular));
        assert_eq!(missing(&Confusion::from_rows(&[[1.0, 9.0], [0.0, 0.0]]), &[1.0, 1.0]), Err(NoTotals::NotAudited { class: 1 }));
        assert_eq!(missing(&audit, &[]), Err(NoTotals::NoPopulation));
        assert_eq!(missing(&Confusion::from_cells(2, []), &[1.0, 1.0]), Err(NoTotals::NoAudit));
        // A class that occurs nowhere is no reason to refuse.
        assert_eq!(missing(&Confusion::from_rows(&[[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0; 3]]), &[1.0, 3.0]), Ok(vec![0.25, 0.75, 0.0]));
        let never = Confusion::from_rows(&[[4.0, 0.0], [4.0, 0.0]]);
        assert_eq!(calibration_estimator(&never, &[1.0, 1.0], Population::Fixed), Err(NoTotals::NotPredictedInAudit { class: 1 }));
        assert_eq!(calibration_estimator(&never, &[2.0, 0.0], Population::Fixed).unwrap().value, [0.5, 0.5]);
        assert_eq!(misclassification_rates(&Confusion::from_rows(&[[1.0, 0.0], [0.0, 0.0]])), Err(NoTotals::NotAudited { class: 1 }));
    }
}
