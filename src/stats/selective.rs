//! Selective prediction: how risk falls when only the surest records are coded automatically.

use super::calibration::Confidences;
use super::confusion::over;

/// What happens at one threshold: records with confidence ≥ threshold are accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operating {
    /// The threshold.
    pub threshold: f64,
    /// Accepted records.
    pub n: u64,
    /// Share of weight accepted: the automation rate.
    pub coverage: f64,
    /// Share wrong among the accepted; undefined when none is accepted.
    pub risk: Option<f64>,
    /// Weight accepted and wrong, over all weight (generalised risk).
    pub joint_risk: f64,
    /// Share of the wrong records that are accepted; undefined when none is wrong.
    pub false_confidence: Option<f64>,
    /// Effective number of accepted records, (Σw)²/Σw² (Kish 1965); undefined when none is accepted.
    pub effective: Option<f64>,
}

/// How records of equal confidence enter the area under the risk–coverage curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// All have the risk at their own threshold, as in use: no threshold parts them. A repeated record equals a weight of 2.
    Together,
    /// One after the other, each with the block's mean loss: the expectation over random orders.
    Average,
    /// One after the other as given.
    FileOrder,
}

impl Confidences<'_> {
    /// Coverage and risk at a threshold; `None` without records of positive weight.
    #[must_use]
    pub fn at_threshold(&self, threshold: f64) -> Option<Operating> {
        let (mut n, mut all, mut accepted, mut square, mut wrong, mut all_wrong) = (0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for i in (0..self.confidence.len()).filter(|&i| self.weight(i) > 0.0) {
            let w = self.weight(i);
            let error = if self.correct[i] { 0.0 } else { w };
            all += w;
            all_wrong += error;
            if self.confidence[i] >= threshold {
                n += 1;
                accepted += w;
                square += w * w;
                wrong += error;
            }
        }
        Some(Operating {
            threshold,
            n,
            coverage: over(accepted, all)?,
            risk: over(wrong, accepted),
            joint_risk: wrong / all,
            false_confidence: over(wrong, all_wrong),
            effective: over(accepted * accepted, square),
        })
    }

    /// Blocks of equal confidence from the surest down: (confidence, records, weight, wrong weight).
    fn blocks(&self) -> Vec<(f64, u64, f64, f64)> {
        let order = self.falling();
        let sum = |block: &[usize], keep: fn(bool) -> bool| block.iter().filter(|&&i| keep(self.correct[i])).map(|&i| self.weight(i)).sum::<f64>();
        let chunks = order.chunk_by(|&a, &b| self.confidence[a] == self.confidence[b]);
        chunks.map(|b| (self.confidence[b[0]], b.len() as u64, sum(b, |_| true), sum(b, |right| !right))).collect()
    }

    /// Records from the surest down; ties in their given order.
    pub(super) fn falling(&self) -> Vec<usize> {
        let mut order = self.rising();
        order.sort_by(|&a, &b| self.confidence[b].total_cmp(&self.confidence[a]).then(a.cmp(&b)));
        order
    }

    /// The risk–coverage curve: one point for each distinct confidence, from the surest down (El-Yaniv & Wiener 2010, JMLR 11, 1605–1641).
    #[must_use]
    pub fn risk_coverage(&self) -> Vec<Operating> {
        let blocks = self.blocks();
        let (all, all_wrong) = blocks.iter().fold((0.0, 0.0), |(w, e), b| (w + b.2, e + b.3));
        let (mut n, mut accepted, mut wrong, mut square) = (0, 0.0, 0.0, 0.0);
        let mut squares = self.falling().into_iter().map(|i| self.weight(i) * self.weight(i));
        let point = |&(threshold, records, w, e): &(f64, u64, f64, f64)| {
            (n, accepted, wrong) = (n + records, accepted + w, wrong + e);
            square += squares.by_ref().take(records as usize).sum::<f64>();
            let false_confidence = over(wrong, all_wrong);
            let effective = over(accepted * accepted, square);
            Operating { threshold, n, coverage: accepted / all, risk: over(wrong, accepted), joint_risk: wrong / all, false_confidence, effective }
        };
        blocks.iter().map(point).collect()
    }

    /// Area under the risk–coverage curve: Σ (w_i/W) r_i with r_i the risk of record i and all surer ones (Geifman, Uziel & El-Yaniv 2019, arXiv:1805.08206).
    #[must_use]
    pub fn aurc(&self, ties: Ties) -> Option<f64> {
        let (mut below, mut wrong, mut area) = (0.0, 0.0, 0.0);
        let mut step = |weight: f64, error: f64| {
            below += weight;
            wrong += error;
            area += weight * wrong / below;
        };
        match ties {
            Ties::Together => self.blocks().iter().for_each(|b| step(b.2, b.3)),
            Ties::Average => self.blocks().iter().for_each(|b| (0..b.1).for_each(|_| step(b.2 / b.1 as f64, b.3 / b.1 as f64))),
            Ties::FileOrder => self.falling().iter().for_each(|&i| step(self.weight(i), if self.correct[i] { 0.0 } else { self.weight(i) })),
        }
        over(area, below)
    }

    /// The least AURC that these outcomes allow: all right records first, then the wrong ones one after the other, at their mean weight.
    #[must_use]
    pub fn oracle_aurc(&self) -> Option<f64> {
        let (mut right, mut wrong, mut errors) = (0.0, 0.0, 0_u64);
        for i in self.rising() {
            if self.correct[i] {
                right += self.weight(i);
            } else {
                wrong += self.weight(i);
                errors += 1;
            }
        }
        let step = wrong / errors.max(1) as f64;
        let area: f64 = (1..=errors).map(|j| j as f64 * step).map(|e| step * e / (right + e)).sum();
        over(area, right + wrong)
    }

    /// Excess over the oracle, AURC − AURC*.
    #[must_use]
    pub fn excess_aurc(&self, ties: Ties) -> Option<f64> {
        Some(self.aurc(ties)? - self.oracle_aurc()?)
    }

    /// Area under generalised risk against coverage, by trapezoids from (0, 0) (Traub et al. 2024, arXiv:2407.01032).
    ///
    /// Equals (1 − AUROC)·acc·(1 − acc) + ½(1 − acc)²; does not depend on the order of ties.
    #[must_use]
    pub fn augrc(&self) -> Option<f64> {
        let (mut below, mut wrong, mut area) = (0.0, 0.0, 0.0);
        for (_, _, w, e) in self.blocks() {
            area += w * (wrong + e / 2.0);
            below += w;
            wrong += e;
        }
        over(area, below * below)
    }

    /// Probability that a right record is surer than a wrong one, ties by half (Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747).
    ///
    /// Undefined when all records are right, or all wrong.
    #[must_use]
    pub fn auroc_of_failure(&self) -> Option<f64> {
        let (mut right, mut wrong, mut pairs) = (0.0, 0.0, 0.0);
        for (_, _, w, e) in self.blocks() {
            // Wrong records here are outranked by every right one above, and by half of those beside them.
            pairs += e * (right + (w - e) / 2.0);
            right += w - e;
            wrong += e;
        }
        if self.correct.iter().enumerate().all(|(i, &c)| c || self.weight(i) <= 0.0) {
            return None;
        }
        if self.correct.iter().enumerate().all(|(i, &c)| !c || self.weight(i) <= 0.0) {
            return None;
        }
        over(pairs, right * wrong)
    }
}

/// Oracle AURC of infinitely many records with error rate r: r + (1 − r) ln(1 − r).
#[must_use]
pub fn oracle_aurc_of_rate(risk: f64) -> f64 {
    if risk >= 1.0 { 1.0 } else { risk + (1.0 - risk) * (-risk).ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::fixture::confidences;

    fn near(found: Option<f64>, wanted: f64) {
        assert!(found.is_some_and(|f| (f - wanted).abs() < 6e-8), "{found:?} is not {wanted}");
    }

    // Ten records of hiclass' fixture, by hand from the formulas; the two tied records are both wrong.
    #[test]
    fn areas_are_as_worked_by_hand() {
        let (confidence, correct) = confidences();
        let c = Confidences { confidence: &confidence, correct: &correct, weights: None };
        near(c.aurc(Ties::Average), 0.079_007_9);
        near(c.aurc(Ties::FileOrder), 0.079_007_9);
        near(c.oracle_aurc(), 0.064_722_2);
        near(c.excess_aurc(Ties::Average), 0.014_285_7);
        near(c.auroc_of_failure(), 0.952_381_0);
        near(c.augrc(), 0.055);
        near(c.augrc(), (1.0 - c.auroc_of_failure().unwrap()) * 0.7 * 0.3 + 0.5 * 0.3 * 0.3);
        // Together: the tied last two both have risk 0.3, the eighth 1/8.
        near(c.aurc(Ties::Together), (1.0 / 7.0 + 1.0 / 8.0 + 0.3 + 0.3) / 10.0 + (0.079_007_936_5 - (1.0 / 7.0 + 1.0 / 8.0 + 2.0 / 9.0 + 0.3) / 10.0));
    }

    #[test]
    fn the_curve_agrees_with_the_thresholds_on_it() {
        let c = Confidences { confidence: &[0.9, 0.5, 0.9, 0.2], correct: &[true, false, false, true], weights: Some(&[1.0, 2.0, 3.0, 0.0]) };
        let curve = c.risk_coverage();
        assert_eq!(curve.iter().map(|p| (p.threshold, p.n)).collect::<Vec<_>>(), [(0.9, 2), (0.5, 3)]);
        for p in &curve {
            assert_eq!(c.at_threshold(p.threshold), Some(*p));
        }
        assert_eq!((curve[0].coverage, curve[0].risk, curve[0].joint_risk), (4.0 / 6.0, Some(0.75), 0.5));
        assert_eq!((curve[0].false_confidence, curve[0].effective), (Some(0.6), Some(1.6)));
        let none = c.at_threshold(0.95).unwrap();
        assert_eq!((none.coverage, none.risk, none.joint_risk, none.effective), (0.0, None, 0.0, None));
    }

    #[test]
    fn order_and_repetition_do_not_matter_where_they_should_not() {
        let weighted = Confidences { confidence: &[0.9, 0.4, 0.9, 0.6], correct: &[true, false, false, true], weights: Some(&[2.0, 1.0, 1.0, 3.0]) };
        let repeated = Confidences { confidence: &[0.4, 0.9, 0.6, 0.9, 0.6, 0.9, 0.6], correct: &[false, false, true, true, true, true, true], weights: None };
        let areas = |c: &Confidences<'_>| [c.aurc(Ties::Together), c.augrc(), c.auroc_of_failure()];
        areas(&weighted).into_iter().zip(areas(&repeated)).for_each(|(w, r)| near(w, r.unwrap()));
        let backwards = Confidences { confidence: &[0.6, 0.9, 0.4, 0.9], correct: &[true, false, false, true], weights: Some(&[3.0, 1.0, 1.0, 2.0]) };
        near(weighted.aurc(Ties::Average), backwards.aurc(Ties::Average).unwrap());
        assert_ne!(weighted.aurc(Ties::FileOrder), backwards.aurc(Ties::FileOrder));
    }

    #[test]
    fn extremes_are_defined_or_said_not_to_be() {
        let of = |correct: &'static [bool]| Confidences { confidence: &[0.9, 0.8, 0.7], correct, weights: None };
        let perfect = of(&[true; 3]);
        assert_eq!((perfect.aurc(Ties::Together), perfect.augrc(), perfect.auroc_of_failure()), (Some(0.0), Some(0.0), None));
        let hopeless = of(&[false; 3]);
        assert_eq!((hopeless.aurc(Ties::Together), hopeless.augrc(), hopeless.auroc_of_failure()), (Some(1.0), Some(0.5), None));
        assert_eq!(hopeless.oracle_aurc(), Some(1.0));
        let none = Confidences { confidence: &[], correct: &[], weights: None };
        assert_eq!((none.aurc(Ties::Average), none.augrc(), none.at_threshold(0.5), none.oracle_aurc()), (None, None, None, None));
        let many = vec![0.5; 20_000];
        let correct: Vec<bool> = (0..20_000).map(|i| i % 5 != 0).collect();
        let discrete = Confidences { confidence: &many, correct: &correct, weights: None }.oracle_aurc().unwrap();
        assert!((discrete - oracle_aurc_of_rate(0.2)).abs() < 1e-4, "{discrete}");
        assert_eq!((oracle_aurc_of_rate(1.0), oracle_aurc_of_rate(0.0)), (1.0, 0.0));
    }
}
