//! Weighted confusion matrices and what is read from them: agreement, scores by class, averages, class shares.
//!
//! C_kl is the weight of records with true class k and predicted class l; t_k = Σ_l C_kl, p_l = Σ_k C_kl, s = ΣC.
//! A class occurs when records of positive weight have it. What has no denominator is `None`, never 0.

use super::binary::Binary;
use std::collections::BTreeMap;

/// Weights by (true class, predicted class); only pairs that occur are kept, so thousands of classes are cheap.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    /// (truth, predicted, weight) in order of class; each weight is positive.
    cells: Vec<(u32, u32, f64)>,
    truth: Vec<f64>,
    predicted: Vec<f64>,
    correct: Vec<f64>,
    total: f64,
}

/// A score of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassScore {
    /// C_kk / p_k.
    Precision,
    /// C_kk / t_k.
    Recall,
    /// 2 C_kk / (p_k + t_k).
    F1,
}

/// The classes that an average runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelSet<'a> {
    /// Classes that occur in truth.
    InTruth,
    /// Classes that occur in truth or prediction.
    InEither,
    /// These classes, whether they occur or not.
    Given(&'a [u32]),
}

/// What a class without a score does to an average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WithoutScore {
    /// Leaves it out.
    Drop,
    /// Enters with this value (scikit-learn's `zero_division`).
    Enter(f64),
}

impl Confusion {
    /// Adds up cells of (truth, predicted, weight) over at least `classes` classes.
    ///
    /// Weights must be finite; cells of weight 0 or less count as absent.
    #[must_use]
    pub fn from_cells(classes: usize, cells: impl IntoIterator<Item = (u32, u32, f64)>) -> Self {
        let mut sums: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for (t, p, w) in cells {
            debug_assert!(w.is_finite() && w >= 0.0, "a weight of {w}");
            if w > 0.0 {
                *sums.entry((t, p)).or_insert(0.0) += w;
            }
        }
        let classes = sums.keys().map(|&(t, p)| t.max(p) as usize + 1).max().unwrap_or(0).max(classes);
        let (mut truth, mut predicted, mut correct, mut total) = (vec![0.0; classes], vec![0.0; classes], vec![0.0; classes], 0.0);
        for (&(t, p), &w) in &sums {
            truth[t as usize] += w;
            predicted[p as usize] += w;
            total += w;
            if t == p {
                correct[t as usize] += w;
            }
        }
        Self { cells: sums.into_iter().map(|((t, p), w)| (t, p, w)).collect(), truth, predicted, correct, total }
    }

    /// Counts records by true and predicted class; every record weighs 1 without `weights`.
    #[must_use]
    pub fn of(truth: &[u32], predicted: &[u32], weights: Option<&[f64]>, classes: usize) -> Self {
        debug_assert!(truth.len() == predicted.len() && weights.is_none_or(|w| w.len() == truth.len()));
        let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
        Self::from_cells(classes, truth.iter().zip(predicted).enumerate().map(|(i, (&t, &p))| (t, p, weight(i))))
    }

    /// A matrix with true classes in rows.
    #[must_use]
    pub fn from_rows<R: AsRef<[f64]>>(rows: &[R]) -> Self {
        let cells = rows.iter().enumerate().flat_map(|(t, row)| row.as_ref().iter().enumerate().map(move |(p, &w)| (t as u32, p as u32, w)));
        Self::from_cells(rows.len(), cells)
    }

    /// The sum of several matrices.
    #[must_use]
    pub fn pooled(matrices: &[Self]) -> Self {
        let classes = matrices.iter().map(Self::classes).max().unwrap_or(0);
        Self::from_cells(classes, matrices.iter().flat_map(|m| m.cells.iter().copied()))
    }

    /// The matrix of coarser classes: class k becomes `coarse[k]`.
    #[must_use]
    pub fn coarsened(&self, coarse: &[u32], classes: usize) -> Self {
        Self::from_cells(classes, self.cells.iter().map(|&(t, p, w)| (coarse[t as usize], coarse[p as usize], w)))
    }

    /// Number of classes, whether they occur or not.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.truth.len()
    }

    /// Total weight s.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// (truth, predicted, weight) in order of class, weights positive.
    #[must_use]
    pub fn cells(&self) -> &[(u32, u32, f64)] {
        &self.cells
    }

    /// t_k: weight by true class.
    #[must_use]
    pub fn truth(&self) -> &[f64] {
        &self.truth
    }

    /// p_k: weight by predicted class.
    #[must_use]
    pub fn predicted(&self) -> &[f64] {
        &self.predicted
    }

    /// C_kk: weight coded right, by class.
    #[must_use]
    pub fn correct(&self) -> &[f64] {
        &self.correct
    }

    /// Σ C_kk / s.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        over(self.correct.iter().sum(), self.total)
    }

    /// Mean recall over the classes that occur in truth (Brodersen et al. 2010, doi:10.1109/ICPR.2010.764).
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        self.mean_score(ClassScore::Recall, LabelSet::InTruth, WithoutScore::Drop)
    }

    /// Balanced accuracy rescaled so that guessing scores 0: (b − 1/C)/(1 − 1/C), C true classes; needs C ≥ 2.
    #[must_use]
    pub fn adjusted_balanced_accuracy(&self) -> Option<f64> {
        let chance = 1.0 / occurring(&self.truth) as f64;
        if chance < 1.0 { self.balanced_accuracy().map(|b| (b - chance) / (1.0 - chance)) } else { None }
    }

    /// Cohen's κ = (p_o − p_e)/(1 − p_e), p_e = Σ t_k p_k / s² (Cohen 1960, doi:10.1177/001316446002000104).
    ///
    /// Undefined when truth and prediction are all of one and the same class: nothing but chance agreement is possible.
    #[must_use]
    pub fn kappa(&self) -> Option<f64> {
        if self.cells.iter().all(|&(t, p, _)| t == p) && self.cells.len() <= 1 {
            return None;
        }
        let expected: f64 = self.truth.iter().zip(&self.predicted).map(|(t, p)| (t / self.total) * (p / self.total)).sum();
        self.accuracy().map(|observed| (observed - expected) / (1.0 - expected))
    }

    /// Matthews' coefficient for several classes, R_K (Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006):
    /// (c·s − Σ p_k t_k)/√((s² − Σ p_k²)(s² − Σ t_k²)). Undefined when truth or prediction has one class only.
    #[must_use]
    pub fn matthews(&self) -> Option<f64> {
        if occurring(&self.truth) < 2 || occurring(&self.predicted) < 2 {
            return None;
        }
        // In shares, so that the size of weights cannot overflow or round.
        let share = |v: &[f64]| v.iter().map(|x| x / self.total).collect::<Vec<_>>();
        let (t, p) = (share(&self.truth), share(&self.predicted));
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        self.accuracy().map(|c| (c - product(&p, &t)) / ((1.0 - product(&p, &p)) * (1.0 - product(&t, &t))).sqrt())
    }

    /// Precision, recall or F1 of class k. Recall needs the class in truth, precision in prediction, F1 in either.
    #[must_use]
    pub fn score(&self, score: ClassScore, k: u32) -> Option<f64> {
        let k = k as usize;
        let (t, p, c) = (*self.truth.get(k)?, self.predicted[k], self.correct[k]);
        match score {
            ClassScore::Precision => over(c, p),
            ClassScore::Recall => over(c, t),
            ClassScore::F1 => over(2.0 * c, p + t),
        }
    }

    /// Unweighted mean of a score over a label set ("macro").
    #[must_use]
    pub fn mean_score(&self, score: ClassScore, labels: LabelSet<'_>, without: WithoutScore) -> Option<f64> {
        self.averaged(score, labels, without, |_| 1.0)
    }

    /// Mean of a score over a label set, each class with its true weight t_k.
    #[must_use]
    pub fn weighted_score(&self, score: ClassScore, labels: LabelSet<'_>, without: WithoutScore) -> Option<f64> {
        self.averaged(score, labels, without, |k| self.truth.get(k as usize).copied().unwrap_or(0.0))
    }

    /// The score of all the set's classes together ("micro"): with every class, precision = recall = F1 = accuracy.
    #[must_use]
    pub fn pooled_score(&self, score: ClassScore, labels: LabelSet<'_>) -> Option<f64> {
        let set = self.labels(labels);
        let sum = |v: &[f64]| set.iter().map(|&k| v.get(k as usize).copied().unwrap_or(0.0)).sum::<f64>();
        let (t, p, c) = (sum(&self.truth), sum(&self.predicted), sum(&self.correct));
        match score {
            ClassScore::Precision => over(c, p),
            ClassScore::Recall => over(c, t),
            ClassScore::F1 => over(2.0 * c, p + t),
        }
    }

    fn labels(&self, labels: LabelSet<'_>) -> Vec<u32> {
        let all = 0..self.classes() as u32;
        match labels {
            LabelSet::InTruth => all.filter(|&k| self.truth[k as usize] > 0.0).collect(),
            LabelSet::InEither => all.filter(|&k| self.truth[k as usize] > 0.0 || self.predicted[k as usize] > 0.0).collect(),
            LabelSet::Given(set) => set.to_vec(),
        }
    }

    fn averaged(&self, score: ClassScore, labels: LabelSet<'_>, without: WithoutScore, weight: impl Fn(u32) -> f64) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for k in self.labels(labels) {
            let value = match (self.score(score, k), without) {
                (Some(v), _) | (None, WithoutScore::Enter(v)) => v,
                (None, WithoutScore::Drop) => continue,
            };
            sum += weight(k) * value;
            weights += weight(k);
        }
        over(sum, weights)
    }

    /// Shares of classes in truth, π_k = t_k/s.
    #[must_use]
    pub fn true_shares(&self) -> Option<Vec<f64>> {
        self.truth.iter().map(|&t| over(t, self.total)).collect::<Option<Vec<_>>>().filter(|v| !v.is_empty())
    }

    /// Shares of classes in prediction, q_k = p_k/s.
    #[must_use]
    pub fn predicted_shares(&self) -> Option<Vec<f64>> {
        self.predicted.iter().map(|&p| over(p, self.total)).collect::<Option<Vec<_>>>().filter(|v| !v.is_empty())
    }

    /// Error in the published share of each class, q_k − π_k.
    #[must_use]
    pub fn share_errors(&self) -> Option<Vec<f64>> {
        let errors = self.predicted.iter().zip(&self.truth).map(|(&p, &t)| over(p - t, self.total)).collect::<Option<Vec<_>>>();
        errors.filter(|v| !v.is_empty())
    }

    /// ½ Σ |q_k − π_k|: the share of weight that would have to move for the published shares to be right.
    #[must_use]
    pub fn total_variation(&self) -> Option<f64> {
        self.share_errors().map(|e| e.iter().map(|x| x.abs()).sum::<f64>() / 2.0)
    }

    /// The largest |q_k − π_k|.
    #[must_use]
    pub fn largest_share_error(&self) -> Option<f64> {
        self.share_errors().map(|e| e.iter().fold(0.0, |m, x| x.abs().max(m)))
    }

    /// Class k against all others.
    #[must_use]
    pub fn one_vs_rest(&self, k: u32) -> Binary {
        let mut b = Binary::default();
        // Each cell is added, none is a difference, so that "no negatives" is exactly 0.
        for &(t, p, w) in &self.cells {
            *match (t == k, p == k) {
                (true, true) => &mut b.true_positive,
                (true, false) => &mut b.false_negative,
                (false, true) => &mut b.false_positive,
                (false, false) => &mut b.true_negative,
            } += w;
        }
        b
    }
}

/// A quotient, undefined without a denominator.
pub(super) fn over(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}

fn occurring(weights: &[f64]) -> usize {
    weights.iter().filter(|&&w| w > 0.0).count()
}

#[cfg(test)]
mod tests {
    use super::ClassScore::{F1, Precision, Recall};
    use super::*;

    #[track_caller]
    fn near(found: Option<f64>, wanted: f64) {
        assert!(found.is_some_and(|f| (f - wanted).abs() < 5e-7), "{found:?} is not {wanted}");
    }

    // scikit-learn 1.9.1: the example of precision_recall_fscore_support, with and without weights, and with a class that never occurs.
    #[test]
    fn averages_equal_scikit_learn() {
        let m = Confusion::of(&[0, 1, 2, 0, 1, 2], &[0, 2, 1, 0, 0, 1], None, 3);
        near(m.score(Precision, 0), 2.0 / 3.0);
        near(m.score(F1, 0), 0.8);
        for (score, wanted) in [(Precision, 0.222_222_2), (Recall, 0.333_333_3), (F1, 0.266_666_7)] {
            near(m.mean_score(score, LabelSet::InEither, WithoutScore::Drop), wanted);
            near(m.weighted_score(score, LabelSet::InEither, WithoutScore::Drop), wanted);
            near(m.pooled_score(score, LabelSet::InEither), 1.0 / 3.0);
        }
        let all = LabelSet::Given(&[0, 1, 2, 3]);
        near(m.mean_score(F1, all, WithoutScore::Enter(0.0)), 0.2);
        near(m.mean_score(F1, all, WithoutScore::Enter(1.0)), 0.45);
        near(m.mean_score(F1, all, WithoutScore::Drop), 0.266_666_7);
        let w = Confusion::of(&[0, 1, 2, 0, 1, 2], &[0, 2, 1, 0, 0, 1], Some(&[1.0, 2.0, 3.0, 1.0, 2.0, 3.0]), 3);
        near(w.score(Precision, 0), 0.5);
        near(w.score(F1, 0), 2.0 / 3.0);
        near(w.accuracy(), 1.0 / 6.0);
        near(w.matthews(), -0.227_272_7);
        near(w.kappa(), -0.2);
        let zero = Confusion::of(&[0, 1, 2, 0, 1, 2], &[0; 6], None, 3);
        near(zero.mean_score(Precision, LabelSet::InEither, WithoutScore::Enter(0.0)), 0.111_111_1);
        near(zero.mean_score(Precision, LabelSet::InEither, WithoutScore::Enter(1.0)), 0.777_777_8);
        near(zero.mean_score(F1, LabelSet::InEither, WithoutScore::Enter(1.0)), 0.166_666_7);
    }

    // scikit-learn 1.9.1: macro recall counts a class that is only predicted, balanced accuracy does not.
    #[test]
    fn label_sets_are_what_they_say() {
        let m = Confusion::of(&[0, 0, 1, 1], &[0, 2, 1, 1], None, 3);
        near(m.mean_score(Recall, LabelSet::InEither, WithoutScore::Enter(0.0)), 0.5);
        near(m.balanced_accuracy(), 0.75);
        let m = Confusion::of(&[2, 0, 2, 2, 0, 1], &[0, 0, 2, 2, 0, 2], None, 3);
        near(m.accuracy(), 2.0 / 3.0);
        near(m.balanced_accuracy(), 0.555_555_6);
        near(m.adjusted_balanced_accuracy(), 1.0 / 3.0);
        near(m.matthews(), 0.452_267_0);
        near(m.kappa(), 0.428_571_4);
        near(m.mean_score(F1, LabelSet::InEither, WithoutScore::Drop), 0.488_888_9);
        near(m.weighted_score(F1, LabelSet::InEither, WithoutScore::Drop), 0.6);
        near(Some(m.coarsened(&[0, 1, 1], 2).accuracy().unwrap()), 5.0 / 6.0);
    }

    #[test]
    fn without_a_denominator_there_is_no_value() {
        let one = Confusion::of(&[1, 1], &[1, 1], None, 3);
        assert_eq!((one.accuracy(), one.kappa(), one.matthews(), one.adjusted_balanced_accuracy()), (Some(1.0), None, None, None));
        assert_eq!((one.score(Recall, 0), one.score(F1, 2), one.score(F1, 9)), (None, None, None));
        let none = Confusion::of(&[0, 1], &[1, 1], Some(&[0.0, 0.0]), 2);
        assert_eq!((none.accuracy(), none.kappa(), none.balanced_accuracy(), none.true_shares(), none.total_variation()), (None, None, None, None, None));
        assert_eq!(Confusion::of(&[], &[], None, 0).total_variation(), None);
        // Weights that do not add up exactly: one class in prediction leaves Matthews' coefficient undefined all the same.
        let m = Confusion::of(&[0, 1, 2], &[1, 1, 1], Some(&[0.1, 0.2, 0.3]), 3);
        assert_eq!((m.matthews(), m.one_vs_rest(0).specificity()), (None, Some(1.0)));
        near(m.kappa(), 0.0);
    }

    #[test]
    fn a_whole_weight_is_a_repeated_record_and_parts_add_up() {
        let a = Confusion::of(&[0, 1, 1], &[0, 1, 0], Some(&[3.0, 1.0, 2.0]), 2);
        let b = Confusion::of(&[1, 0, 0, 0, 1, 1], &[0, 0, 0, 0, 1, 0], None, 2);
        assert_eq!(a, b);
        let parts = [Confusion::of(&[0, 1], &[0, 1], Some(&[3.0, 1.0]), 2), Confusion::of(&[1], &[0], Some(&[2.0]), 2)];
        assert_eq!(Confusion::pooled(&parts), a);
        assert_eq!(Confusion::from_rows(&[[3.0, 0.0], [2.0, 1.0]]), a);
    }
}
