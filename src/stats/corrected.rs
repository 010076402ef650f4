//! Shares of classes from predictions, corrected with an audit, and the influence of every record on them.
//!
//! Each estimator is a smooth function of the weights of two sets of records: the target, coded by the model only (its weight q_l by
//! predicted class l), and the audit, coded both ways (its weight A_kl by true class k and predicted class l). The influences are the
//! derivatives by a record's weight, so the variance under any design is that of their weighted sum (Binder 1983, doi:10.2307/1402588):
//! with simple random samples it is that of the closed forms in `totals` and `prediction_powered`.

use super::linear::Matrix;
use super::totals::NoTotals;

/// The weights of audited records by true and predicted class. Predicted class `classes` stands for no code at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    classes: usize,
    joint: Vec<f64>,
    truth: Vec<f64>,
    predicted: Vec<f64>,
    truly: Vec<u64>,
    given: Vec<u64>,
    total: f64,
}

impl Audit {
    /// Adds up records (true class, predicted class, weight).
    #[must_use]
    pub fn of(classes: usize, records: impl Iterator<Item = (u32, u32, f64)>) -> Self {
        let wide = classes + 1;
        let mut audit = Self {
            classes,
            joint: vec![0.0; classes * wide],
            truth: vec![0.0; classes],
            predicted: vec![0.0; wide],
            truly: vec![0; classes],
            given: vec![0; wide],
            total: 0.0,
        };
        for (t, p, w) in records.map(|(t, p, w)| (t as usize, p as usize, w)) {
            audit.joint[t * wide + p] += w;
            audit.truth[t] += w;
            audit.predicted[p] += w;
            audit.truly[t] += 1;
            audit.given[p] += 1;
            audit.total += w;
        }
        audit
    }

    /// Records (unweighted) that truly are of each class.
    #[must_use]
    pub fn truly(&self) -> &[u64] {
        &self.truly
    }

    /// Records (unweighted) that each class is given to; the last entry counts those without a code.
    #[must_use]
    pub fn given(&self) -> &[u64] {
        &self.given
    }

    /// Weight of each true class.
    #[must_use]
    pub fn truth(&self) -> &[f64] {
        &self.truth
    }

    /// Weight of each predicted class; the last entry is that without a code.
    #[must_use]
    pub fn predicted(&self) -> &[f64] {
        &self.predicted
    }

    /// Sum of weights.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    fn at(&self, truth: usize, predicted: usize) -> f64 {
        self.joint[truth * (self.classes + 1) + predicted]
    }
}

/// How an audited record moves the shares.
#[derive(Debug, Clone, PartialEq)]
enum ByAudit {
    /// Not at all.
    Nothing,
    /// q_c/A_c (1{y = k} − c_kc), c the cell of predicted classes.
    Cells { cell_of: Vec<usize>, scale: Vec<f64>, given: Matrix },
    /// −v_y/A_y (B_kf − 1{k = y}), B = (Pᵀ)⁻¹, over groups of classes.
    Rates { group_of: Vec<usize>, back: Matrix, scale: Vec<f64> },
    /// (1{y = k} − 1{f = k} − d̄_k)/A.
    Mean { gap: Vec<f64>, total: f64 },
}

/// Shares of classes with the influence of every record.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// The shares; corrected ones add up to 1 but one may lie below 0.
    pub value: Vec<f64>,
    /// Condition number of the matrix of misclassification rates in the 1-norm, where one was inverted.
    pub condition: Option<f64>,
    /// Classes that were put together because the audit has too few records of each: predicted ones for the calibration estimator, whose shares
    /// are told one by one all the same, and true ones for the misclassification estimator.
    pub pooled: usize,
    /// Whether each class has a share of its own; those that have none carry the share of all of them together.
    pub own: Vec<bool>,
    /// What a target record given class l counts for class k, shape (classes, classes + 1).
    counts: Matrix,
    weight: f64,
    audit: ByAudit,
}

impl Corrected {
    /// ∂ share of `class` / ∂ weight of a target record that was given `predicted`.
    #[must_use]
    pub fn of_target(&self, class: usize, predicted: u32) -> f64 {
        let centre = match &self.audit {
            // The audit's part of the difference estimator does not hang on the target.
            ByAudit::Mean { gap, .. } => self.value[class] - gap[class],
            _ => self.value[class],
        };
        (self.counts.at(class, predicted as usize) - centre) / self.weight
    }

    /// ∂ share of `class` / ∂ weight of an audited record that is truly `truth` and was given `predicted`.
    #[must_use]
    pub fn of_audit(&self, class: usize, truth: u32, predicted: u32) -> f64 {
        let (truth, predicted) = (truth as usize, predicted as usize);
        let is = |other: usize| f64::from(u8::from(other == class));
        match &self.audit {
            ByAudit::Nothing => 0.0,
            ByAudit::Cells { cell_of, scale, given } => scale[cell_of[predicted]] * (is(truth) - given.at(class, cell_of[predicted])),
            ByAudit::Rates { group_of, back, scale } => {
                let [class, truth, predicted] = [class, truth, predicted].map(|k| group_of[k]);
                -scale[truth] * (back.at(class, predicted) - f64::from(u8::from(class == truth)))
            }
            ByAudit::Mean { gap, total } => (is(truth) - is(predicted) - gap[class]) / total,
        }
    }
}

/// Shares of the target by predicted class and its weight; `target` has classes + 1 entries.
fn shares(target: &[f64]) -> Result<(Vec<f64>, f64), NoTotals> {
    let weight: f64 = target.iter().sum();
    if weight > 0.0 { Ok((target.iter().map(|t| t / weight).collect(), weight)) } else { Err(NoTotals::NoPopulation) }
}

fn identity(classes: usize) -> Matrix {
    Matrix::from_fn(classes, classes + 1, |k, l| f64::from(u8::from(k == l)))
}

/// Classify and count: the shares of predictions as they are. Biased by the model's errors.
///
/// # Errors
/// A target without weight.
pub fn counted_shares(target: &[f64]) -> Result<Corrected, NoTotals> {
    let (q, weight) = shares(target)?;
    let classes = q.len() - 1;
    let value = q[..classes].to_vec();
    Ok(Corrected { value, condition: None, pooled: 0, own: vec![true; classes], counts: identity(classes), weight, audit: ByAudit::Nothing })
}

/// Difference estimator q + (mean of 1{y} − 1{f} over the audit): prediction-powered with λ = 1 (Särndal, Swensson & Wretman 1992,
/// doi:10.1007/978-1-4612-4378-6, 6.3; Angelopoulos et al. 2023, arXiv:2311.01453). Right when the audit is a sample of the target's population.
///
/// # Errors
/// A target or an audit without weight.
pub fn difference_shares(audit: &Audit, target: &[f64]) -> Result<Corrected, NoTotals> {
    let (q, weight) = shares(target)?;
    if audit.total <= 0.0 {
        return Err(NoTotals::NoAudit);
    }
    let gap: Vec<f64> = (0..audit.classes).map(|k| (audit.truth[k] - audit.predicted[k]) / audit.total).collect();
    let value = gap.iter().zip(&q).map(|(d, q)| q + d).collect();
    Ok(Corrected {
        value,
        condition: None,
        pooled: 0,
        own: vec![true; audit.classes],
        counts: identity(audit.classes),
        weight,
        audit: ByAudit::Mean { gap, total: audit.total },
    })
}

/// Calibration estimator Σ_l q_l c_kl (Kloos et al. 2021, doi:10.1007/978-3-030-76640-5_5): the audit post-stratified by predicted class. Least
/// variance; right when the audit is a sample of the target's population.
///
/// Predicted classes with fewer than `least` audited records form one cell, as small post-strata are collapsed (Cochran 1977, 5A.9);
/// if that is too small as well, the smallest other class joins it, and so on.
///
/// # Errors
/// A target or an audit without weight.
pub fn calibrated_shares(audit: &Audit, target: &[f64], least: u64) -> Result<Corrected, NoTotals> {
    let (q, weight) = shares(target)?;
    if audit.total <= 0.0 {
        return Err(NoTotals::NoAudit);
    }
    let mut order: Vec<usize> = (0..q.len()).filter(|&l| q[l] > 0.0 || audit.predicted[l] > 0.0).collect();
    order.sort_by_key(|&l| (audit.given[l], l));
    let small = order.iter().filter(|&&l| audit.given[l] < least || audit.predicted[l] <= 0.0).count();
    let (mut pooled, mut records, mut mass) = (0, 0, 0.0);
    while pooled < order.len() && (pooled < small || (pooled > 0 && (records < least || mass <= 0.0))) {
        records += audit.given[order[pooled]];
        mass += audit.predicted[order[pooled]];
        pooled += 1;
    }
    let mut cell_of = vec![0; q.len()];
    order.iter().enumerate().for_each(|(i, &l)| cell_of[l] = if i < pooled { 0 } else { i - pooled + 1 });
    let cells = order.len() - pooled + 1;
    let (mut in_audit, mut in_target, mut joint) = (vec![0.0; cells], vec![0.0; cells], vec![0.0; audit.classes * cells]);
    for &l in &order {
        in_audit[cell_of[l]] += audit.predicted[l];
        in_target[cell_of[l]] += q[l];
        (0..audit.classes).for_each(|k| joint[k * cells + cell_of[l]] += audit.at(k, l));
    }
    let per = |c: usize, v: f64| if in_audit[c] > 0.0 { v / in_audit[c] } else { 0.0 };
    let given = Matrix::from_fn(audit.classes, cells, |k, c| per(c, joint[k * cells + c]));
    let value = given.times_vector(&in_target);
    let counts = Matrix::from_fn(audit.classes, q.len(), |k, l| given.at(k, cell_of[l]));
    let scale = (0..cells).map(|c| per(c, in_target[c])).collect();
    Ok(Corrected { value, condition: None, pooled, own: vec![true; audit.classes], counts, weight, audit: ByAudit::Cells { cell_of, scale, given } })
}

/// Misclassification estimator (Pᵀ)⁻¹q (Buonaccorsi 2010, doi:10.1201/9781420066586): right also when the shares of classes differ between audit
/// and target, as long as the errors within each class do not. Classes that occur nowhere have share 0.
///
/// Classes of which the audit truly has fewer than `least` records form one class, joined by the smallest others until it has as many.
///
/// # Errors
/// A target or an audit without weight; too few records for two classes; target or audit with records without a code; P singular to
/// working precision.
pub fn misclassification_shares(audit: &Audit, target: &[f64], least: u64) -> Result<Corrected, NoTotals> {
    let (q, weight) = shares(target)?;
    if audit.total <= 0.0 {
        return Err(NoTotals::NoAudit);
    }
    let classes = audit.classes;
    if q[classes] > 0.0 || audit.predicted[classes] > 0.0 {
        return Err(NoTotals::NotPredictedInAudit { class: classes as u32 });
    }
    let mut order: Vec<usize> = (0..classes).filter(|&k| q[k] > 0.0 || audit.given[k] > 0 || audit.truly[k] > 0).collect();
    order.sort_by_key(|&k| (audit.truly[k], k));
    let small = order.iter().filter(|&&k| audit.truly[k] < least.max(1) || audit.truth[k] <= 0.0).count();
    let (mut pooled, mut records, mut mass) = (0, 0, 0.0);
    while pooled < order.len() && (pooled < small || (pooled > 0 && (records < least.max(1) || mass <= 0.0))) {
        records += audit.truly[order[pooled]];
        mass += audit.truth[order[pooled]];
        pooled += 1;
    }
    // One class alone is no class of its own, nor is everything put together.
    let rest = usize::from(pooled > 0);
    let groups = order.len() - pooled + rest;
    if pooled > 0 && groups < 2 {
        return Err(NoTotals::NotAudited { class: order[0] as u32 });
    }
    let mut group_of = vec![0; classes + 1];
    order.iter().enumerate().for_each(|(i, &k)| group_of[k] = if i < pooled { 0 } else { i - pooled + rest });
    let (mut truth, mut in_target, mut joint) = (vec![0.0; groups], vec![0.0; groups], vec![0.0; groups * groups]);
    for &k in &order {
        truth[group_of[k]] += audit.truth[k];
        in_target[group_of[k]] += q[k];
        order.iter().for_each(|&l| joint[group_of[k] * groups + group_of[l]] += audit.at(k, l));
    }
    let inverse = Matrix::from_fn(groups, groups, |k, l| joint[k * groups + l] / truth[k]).inverse().ok_or(NoTotals::Singular)?;
    // (Pᵀ)⁻¹ = (P⁻¹)ᵀ.
    let back = inverse.matrix.transposed();
    let by_group = back.times_vector(&in_target);
    let scale = by_group.iter().zip(&truth).map(|(v, t)| v / t).collect();
    let mut occurs = vec![false; classes];
    order.iter().for_each(|&k| occurs[k] = true);
    let value = (0..classes).map(|k| if occurs[k] { by_group[group_of[k]] } else { 0.0 }).collect();
    let mut own = vec![true; classes];
    order[..pooled].iter().for_each(|&k| own[k] = false);
    let counts = Matrix::from_fn(classes, classes + 1, |k, l| if occurs[k] && l < classes && occurs[l] { back.at(group_of[k], group_of[l]) } else { 0.0 });
    Ok(Corrected { value, condition: Some(inverse.condition), pooled, own, counts, weight, audit: ByAudit::Rates { group_of, back, scale } })
}

#[cfg(test)]
mod tests {
    use super::super::confusion::Confusion;
    use super::super::totals::{Population, calibration_estimator, misclassification_estimator};
    use super::*;

    const TRUTH: [u32; 10] = [0, 0, 1, 1, 2, 2, 0, 1, 2, 0];
    const GIVEN: [u32; 10] = [0, 1, 1, 1, 2, 0, 0, 1, 2, 0];
    const TARGET: [f64; 4] = [9.0, 6.0, 5.0, 0.0];

    fn audit(weights: &[f64]) -> Audit {
        Audit::of(3, TRUTH.iter().zip(&GIVEN).zip(weights).map(|((&t, &p), &w)| (t, p, w)))
    }

    type Estimator = fn(&Audit, &[f64]) -> Corrected;
    const ESTIMATORS: [Estimator; 4] = [
        |_, t| counted_shares(t).unwrap(),
        |a, t| difference_shares(a, t).unwrap(),
        |a, t| calibrated_shares(a, t, 1).unwrap(),
        |a, t| misclassification_shares(a, t, 1).unwrap(),
    ];

    // definitions T7: ppi-python (difference), QuaPy ACC (misclassification), formulas by hand.
    #[test]
    fn shares_equal_quapy_and_ppi_py() {
        let wanted = [[0.45, 0.3, 0.25], [0.45, 0.2, 0.35], [0.4125, 0.225, 0.3625], [13.0 / 30.0, 0.575 / 3.0, 0.375]];
        for (estimator, wanted) in ESTIMATORS.iter().zip(wanted) {
            let found = estimator(&audit(&[2.0; 10]), &TARGET);
            found.value.iter().zip(wanted).for_each(|(f, w)| assert!((f - w).abs() < 1e-12, "{found:?}"));
        }
    }

    // Σ influence² over both sets is the closed form's variance, up to the audit's n/(n − 1), which neither has.
    #[test]
    fn influences_give_the_closed_forms_variances() {
        let cells = Confusion::of(&TRUTH, &GIVEN, None, 3);
        let closed = [
            calibration_estimator(&cells, &TARGET[..3], Population::Sampled).unwrap().covariance,
            misclassification_estimator(&cells, &TARGET[..3], Population::Sampled).unwrap().shares.covariance,
        ];
        for (estimator, closed) in ESTIMATORS[2..].iter().zip(closed) {
            let found = estimator(&audit(&[1.0; 10]), &TARGET);
            for k in 0..3 {
                let by_audit: f64 = TRUTH.iter().zip(&GIVEN).map(|(&t, &p)| found.of_audit(k, t, p).powi(2)).sum();
                let by_target: f64 = (0..3).map(|l| TARGET[l] * found.of_target(k, l as u32).powi(2)).sum();
                assert!((by_audit + by_target - closed.at(k, k)).abs() < 1e-14, "{k}: {} {}", by_audit + by_target, closed.at(k, k));
            }
        }
    }

    // The influence of a record is the slope of the share as its weight grows.
    #[test]
    fn influences_are_derivatives() {
        let weights = [1.0, 2.0, 0.5, 1.5, 1.0, 3.0, 2.0, 1.0, 0.7, 1.1];
        let step = 1e-6;
        for estimator in ESTIMATORS {
            let before = estimator(&audit(&weights), &TARGET);
            for k in 0..3 {
                for i in 0..10 {
                    let mut more = weights;
                    more[i] += step;
                    let slope = (estimator(&audit(&more), &TARGET).value[k] - before.value[k]) / step;
                    assert!((slope - before.of_audit(k, TRUTH[i], GIVEN[i])).abs() < 1e-5, "{k} {i} {slope}");
                }
                for l in 0..3 {
                    let mut more = TARGET;
                    more[l] += step;
                    let slope = (estimator(&audit(&weights), &more).value[k] - before.value[k]) / step;
                    assert!((slope - before.of_target(k, l as u32)).abs() < 1e-5, "{k} {l} {slope}");
                }
            }
        }
    }

    #[test]
    fn small_cells_are_pooled_and_small_classes_refused() {
        let audit = audit(&[1.0; 10]);
        // Class 2 was given twice, class 0 four times, class 1 four times: with at least 3 records class 2 needs a companion.
        let found = calibrated_shares(&audit, &TARGET, 3).unwrap();
        assert_eq!(found.pooled, 2);
        assert!((found.value.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // Cells {0, 2} (70 % of the target, truths 0 0 0 2 2 2) and {1} (30 %, truths 0 1 1 1).
        assert!((found.value[1] - 0.3 * 0.75).abs() < 1e-12, "{found:?}");
        assert!((found.value[2] - 0.7 * 0.5).abs() < 1e-12);
        // Classes 1 and 2 truly have 3 records each: with at least 4 they are one class, P = [[3/4, 1/4], [1/6, 5/6]], q = (0.45, 0.55).
        let found = misclassification_shares(&audit, &TARGET, 4).unwrap();
        assert_eq!((found.pooled, found.own.as_slice()), (2, &[true, false, false][..]));
        assert!((found.value[0] - (0.45 - 1.0 / 6.0) / (0.75 - 1.0 / 6.0)).abs() < 1e-12 && (found.value[1] + found.value[0] - 1.0).abs() < 1e-12, "{found:?}");
        assert_eq!(misclassification_shares(&audit, &TARGET, 7), Err(NoTotals::NotAudited { class: 1 }));
        // Records without a code.
        let holes = [9.0, 6.0, 4.0, 1.0];
        assert_eq!(misclassification_shares(&audit, &holes, 1), Err(NoTotals::NotPredictedInAudit { class: 3 }));
        let with_holes = difference_shares(&audit, &holes).unwrap();
        assert!((with_holes.value.iter().sum::<f64>() - 0.95).abs() < 1e-12);
        assert_eq!(calibrated_shares(&audit, &holes, 1).unwrap().pooled, 2);
        assert_eq!(counted_shares(&[0.0; 4]), Err(NoTotals::NoPopulation));
        assert_eq!(difference_shares(&Audit::of(3, [].into_iter()), &TARGET), Err(NoTotals::NoAudit));
    }
}
