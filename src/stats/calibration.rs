//! Calibration: whether confidence means what it says.
//!
//! A record has a confidence c in [0, 1], is coded right or not, and has a weight. Confidences outside [0, 1] are the caller's to refuse.
//! Bins that no record falls into do not exist: they have no accuracy.

use super::confusion::over;

/// To which bin a confidence on the edge of two belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// [a, b), and the last bin [a, 1]: ⌊cB⌋, so that c = 1 is kept.
    Left,
    /// (a, b], and the first bin [0, b]: ⌈cB⌉ − 1, so that c = 0 is kept.
    Right,
}

/// A bin of a reliability diagram that has records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Smallest confidence: the edge of an equal-width bin, the least confidence of an equal-mass bin.
    pub lower: f64,
    /// Largest confidence, likewise.
    pub upper: f64,
    /// Records.
    pub n: u64,
    /// Their weight.
    pub weight: f64,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share coded right.
    pub accuracy: f64,
    /// Estimated sampling variance of confidence − accuracy; undefined for one record.
    pub variance: Option<f64>,
}

/// Records grouped by confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// Bins that have records, by rising confidence.
    pub bins: Vec<Bin>,
}

/// ECE² with the part that chance adds taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Debiased {
    /// Σ (W_b/W)(gap² − V(gap)) over bins of two records or more; may be below 0.
    pub square: f64,
    /// Share of weight in bins of one record, left out.
    pub dropped: f64,
}

/// Confidences, outcomes and weights of records.
#[derive(Debug, Clone, Copy)]
pub struct Confidences<'a> {
    /// Confidence of each record.
    pub confidence: &'a [f64],
    /// Whether each record was coded right.
    pub correct: &'a [bool],
    /// Weight of each record; all 1 without.
    pub weights: Option<&'a [f64]>,
}

impl Confidences<'_> {
    /// Weight of record i.
    pub(super) fn weight(&self, i: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[i])
    }

    /// Records of positive weight, from the lowest confidence to the highest; ties in their given order.
    pub(super) fn rising(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.confidence.len()).filter(|&i| self.weight(i) > 0.0).collect();
        order.sort_by(|&a, &b| self.confidence[a].total_cmp(&self.confidence[b]));
        order
    }

    /// 1 when record i is coded right, else 0.
    fn right(&self, i: usize) -> f64 {
        f64::from(u8::from(self.correct[i]))
    }

    fn bin(&self, members: &[usize], lower: f64, upper: f64) -> Bin {
        let sum = |value: &dyn Fn(usize) -> f64| members.iter().map(|&i| self.weight(i) * value(i)).sum::<f64>();
        let weight = sum(&|_| 1.0);
        let (confidence, accuracy) = (sum(&|i| self.confidence[i]) / weight, sum(&|i| self.right(i)) / weight);
        // The linearised variance of a weighted mean, n/(n − 1) Σ w²(d − d̄)²/W².
        let spread: f64 = members.iter().map(|&i| (self.weight(i) * (self.confidence[i] - self.right(i) - confidence + accuracy) / weight).powi(2)).sum();
        let n = members.len() as u64;
        let variance = (n > 1).then(|| spread * n as f64 / (n - 1) as f64);
        Bin { lower, upper, n, weight, confidence, accuracy, variance }
    }

    /// Bins of equal width, `bins` of them.
    #[must_use]
    pub fn equal_width(&self, bins: usize, closed: Closed) -> Reliability {
        let count = bins.max(1) as f64;
        let index = |c: f64| match closed {
            Closed::Left => (c * count).floor().clamp(0.0, count - 1.0) as usize,
            Closed::Right => ((c * count).ceil() - 1.0).clamp(0.0, count - 1.0) as usize,
        };
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); bins.max(1)];
        (0..self.confidence.len()).filter(|&i| self.weight(i) > 0.0).for_each(|i| members[index(self.confidence[i])].push(i));
        let full = members.iter().enumerate().filter(|(_, m)| !m.is_empty());
        Reliability { bins: full.map(|(b, m)| self.bin(m, b as f64 / count, (b + 1) as f64 / count)).collect() }
    }

    /// Bins of equal mass: sorted by confidence, cut after each `1/bins` of the weight (for equal weights at ranks ⌊n·r/bins⌋).
    ///
    /// Records of equal confidence stay together, in the bin where the last of them falls, so the order of records does not matter.
    #[must_use]
    pub fn equal_mass(&self, bins: usize) -> Reliability {
        let order = self.rising();
        let total: f64 = order.iter().map(|&i| self.weight(i)).sum();
        let count = bins.max(1) as f64;
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); bins.max(1)];
        let mut below = 0.0;
        for block in order.chunk_by(|&a, &b| self.confidence[a] == self.confidence[b]) {
            below += block.iter().map(|&i| self.weight(i)).sum::<f64>();
            // A cut that is met but for rounding is met.
            members[((below * count / total - 1e-9).ceil() - 1.0).clamp(0.0, count - 1.0) as usize].extend(block);
        }
        let edge = |i: Option<&usize>| i.map_or(0.0, |&i| self.confidence[i]);
        let full = members.iter().filter(|m| !m.is_empty());
        Reliability { bins: full.map(|m| self.bin(m, edge(m.first()), edge(m.last()))).collect() }
    }

    /// Mean of c − correct: above 0 the model is too sure of itself.
    #[must_use]
    pub fn signed_gap(&self) -> Option<f64> {
        self.mean(|i| self.confidence[i] - self.right(i))
    }

    /// Brier score of the confidence, mean (c − correct)², from 0 to 1 (Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2).
    #[must_use]
    pub fn brier(&self) -> Option<f64> {
        self.mean(|i| (self.confidence[i] - self.right(i)).powi(2))
    }

    fn mean(&self, value: impl Fn(usize) -> f64) -> Option<f64> {
        let (sum, weight) = (0..self.confidence.len()).fold((0.0, 0.0), |(s, w), i| (s + self.weight(i) * value(i), w + self.weight(i)));
        over(sum, weight)
    }
}

impl Reliability {
    fn total(&self) -> f64 {
        self.bins.iter().map(|b| b.weight).sum()
    }

    /// Expected calibration error Σ (W_b/W)|acc_b − conf_b| (Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602).
    ///
    /// Biased upward: even a calibrated model has one above 0 in a small sample. See [`Reliability::debiased`].
    #[must_use]
    pub fn expected_error(&self) -> Option<f64> {
        over(self.bins.iter().map(|b| b.weight * (b.accuracy - b.confidence).abs()).sum(), self.total())
    }

    /// Largest |acc_b − conf_b| over bins that have records.
    #[must_use]
    pub fn largest_error(&self) -> Option<f64> {
        self.bins.iter().map(|b| (b.accuracy - b.confidence).abs()).reduce(f64::max)
    }

    /// Mean of |acc_b − conf_b| over bins that have records (netcal's average calibration error).
    #[must_use]
    pub fn average_error(&self) -> Option<f64> {
        over(self.bins.iter().map(|b| (b.accuracy - b.confidence).abs()).sum(), self.bins.len() as f64)
    }

    /// Debiased squared error (Kumar, Liang & Ma 2019, arXiv:1909.10155, with the variance of c − correct inside the bin).
    #[must_use]
    pub fn debiased(&self) -> Option<Debiased> {
        let total = self.total();
        let (mut sum, mut kept) = (0.0, 0.0);
        for b in &self.bins {
            if let Some(variance) = b.variance {
                sum += b.weight * ((b.accuracy - b.confidence).powi(2) - variance);
                kept += b.weight;
            }
        }
        Some(Debiased { square: over(sum, kept)?, dropped: 1.0 - kept / total })
    }
}

/// Probabilities of all classes, row by row, and the true class of each record.
#[derive(Debug, Clone, Copy)]
pub struct Probabilities<'a> {
    /// `classes` probabilities a record.
    pub values: &'a [f64],
    /// Number of classes.
    pub classes: usize,
    /// True class of each record.
    pub truth: &'a [u32],
    /// Weight of each record; all 1 without.
    pub weights: Option<&'a [f64]>,
}

impl Probabilities<'_> {
    fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.classes..(i + 1) * self.classes]
    }

    fn mean(&self, value: impl Fn(&[f64], usize) -> f64) -> Option<f64> {
        let weight = |i: usize| self.weights.map_or(1.0, |w| w[i]);
        let (sum, total) = (0..self.truth.len()).fold((0.0, 0.0), |(s, w), i| (s + weight(i) * value(self.row(i), self.truth[i] as usize), w + weight(i)));
        over(sum, total)
    }

    /// Brier score of all classes, mean of Σ_k (p_k − 1{y=k})², from 0 to 2.
    #[must_use]
    pub fn brier(&self) -> Option<f64> {
        self.mean(|p, y| p.iter().enumerate().map(|(k, p)| (p - f64::from(u8::from(k == y))).powi(2)).sum())
    }

    /// Mean of −ln p_y (Good 1952, doi:10.1111/j.2517-6161.1952.tb00104.x), with probabilities below `floor` raised to it.
    #[must_use]
    pub fn log_loss(&self, floor: f64) -> Option<f64> {
        self.mean(|p, y| -p[y].max(floor).ln())
    }

    /// Share of records whose true class is among the `top` most probable; a tie counts against the model.
    #[must_use]
    pub fn top_accuracy(&self, top: usize) -> Option<f64> {
        self.mean(|p, y| f64::from(u8::from(p.iter().filter(|&&q| q >= p[y]).count() <= top)))
    }

    /// Mean over classes of the expected calibration error of p_k for 1{y=k}, binned by `group`
    /// (Nixon et al. 2019, arXiv:1904.01685). With hundreds of classes nearly all mass is near 0: prefer the confidence of the chosen class.
    #[must_use]
    pub fn class_wise_error(&self, group: impl Fn(&Confidences<'_>) -> Reliability) -> Option<f64> {
        self.over_classes(|c| group(c).expected_error())
    }

    /// Mean over classes and bins of |acc − conf|, binned by `group`; with equal mass Nixon's adaptive calibration error.
    #[must_use]
    pub fn class_wise_average_error(&self, group: impl Fn(&Confidences<'_>) -> Reliability) -> Option<f64> {
        self.over_classes(|c| group(c).average_error())
    }

    fn over_classes(&self, error: impl Fn(&Confidences<'_>) -> Option<f64>) -> Option<f64> {
        let one = |k: usize| {
            let confidence: Vec<f64> = (0..self.truth.len()).map(|i| self.row(i)[k]).collect();
            let correct: Vec<bool> = self.truth.iter().map(|&y| y as usize == k).collect();
            error(&Confidences { confidence: &confidence, correct: &correct, weights: self.weights })
        };
        let sum = (0..self.classes).map(one).sum::<Option<f64>>()?;
        over(sum, self.classes as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::fixture::{PROBABILITIES, TRUTH, confidences};
    use crate::value::Stream;

    fn near(found: Option<f64>, wanted: f64) {
        assert!(found.is_some_and(|f| (f - wanted).abs() < 6e-7), "{found:?} is not {wanted}");
    }

    // scikit-learn 1.9.1 (log-loss, Brier, top-2), netcal 2a3db8d (bins) and Nixon's formulas on hiclass' ten records.
    #[test]
    fn errors_equal_those_of_libraries() {
        let (confidence, correct) = confidences();
        let c = Confidences { confidence: &confidence, correct: &correct, weights: None };
        for (bins, wanted) in [(3, 0.118), (5, 0.236), (10, 0.236)] {
            near(c.equal_width(bins, Closed::Left).expected_error(), wanted);
        }
        let p = Probabilities { values: &PROBABILITIES, classes: 3, truth: &TRUTH, weights: None };
        near(p.brier(), 0.348_52);
        near(p.log_loss(1e-15), 0.617_907_5);
        near(p.top_accuracy(2), 0.9);
        near(p.class_wise_error(|c| c.equal_width(3, Closed::Left)), 0.121_333_3);
        near(p.class_wise_average_error(|c| c.equal_mass(3)), 0.110_555_6);
        near(c.signed_gap(), 0.6 - 0.7);
    }

    // Half-open bins lose these three records and report an error of 0.
    #[test]
    fn the_last_bin_is_closed_and_so_is_the_first() {
        let sure = Confidences { confidence: &[1.0; 3], correct: &[false; 3], weights: None };
        for closed in [Closed::Left, Closed::Right] {
            assert_eq!(sure.equal_width(10, closed).expected_error(), Some(1.0));
            assert_eq!(sure.equal_width(10, closed).largest_error(), Some(1.0));
        }
        let edge = Confidences { confidence: &[0.0, 0.5, 0.5], correct: &[false, true, true], weights: None };
        assert_eq!(edge.equal_width(2, Closed::Left).bins.iter().map(|b| b.n).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(edge.equal_width(2, Closed::Right).bins.iter().map(|b| b.n).collect::<Vec<_>>(), [3]);
        assert_eq!(sure.equal_mass(4).expected_error(), Some(1.0));
        let none = Confidences { confidence: &[], correct: &[], weights: None };
        assert_eq!((none.equal_width(5, Closed::Left).expected_error(), none.signed_gap(), none.equal_mass(5).debiased()), (None, None, None));
        let one = Confidences { confidence: &[0.7], correct: &[true], weights: None };
        assert_eq!((one.equal_mass(5).average_error(), one.equal_mass(5).debiased()), (Some(1.0 - 0.7), None));
    }

    #[test]
    fn a_whole_weight_is_a_repeated_record() {
        let weighted = Confidences { confidence: &[0.9, 0.2, 0.6], correct: &[true, false, false], weights: Some(&[2.0, 1.0, 3.0]) };
        let repeated = Confidences { confidence: &[0.2, 0.6, 0.9, 0.6, 0.9, 0.6], correct: &[false, false, true, false, true, false], weights: None };
        for bins in 1..7 {
            let both =
                [weighted, repeated].map(|c| (c.equal_mass(bins).expected_error().unwrap(), c.equal_width(bins, Closed::Left).expected_error().unwrap()));
            assert!((both[0].0 - both[1].0).abs() < 1e-15 && (both[0].1 - both[1].1).abs() < 1e-15, "{bins} {both:?}");
        }
        near(weighted.brier(), repeated.brier().unwrap());
    }

    // A calibrated model: the plain error is above 0, the debiased square is 0 on average.
    #[test]
    fn debiasing_takes_out_what_chance_adds() {
        let mut stream = Stream::named(1, "calibrated");
        let (mut plain, mut square, rounds) = (0.0, 0.0, 2000);
        for _ in 0..rounds {
            let confidence: Vec<f64> = (0..100).map(|_| stream.unit()).collect();
            let correct: Vec<bool> = confidence.iter().map(|&c| stream.unit() < c).collect();
            let bins = Confidences { confidence: &confidence, correct: &correct, weights: None }.equal_width(5, Closed::Left);
            plain += bins.expected_error().unwrap().powi(2);
            square += bins.debiased().unwrap().square;
        }
        let rounds = f64::from(rounds);
        assert!(plain / rounds > 0.003 && (square / rounds).abs() < 0.000_3, "{} {}", plain / rounds, square / rounds);
        // With one confidence a bin it is Kumar's: gap² − acc(1 − acc)/(n − 1).
        let bin = Confidences { confidence: &[0.5; 4], correct: &[true, true, true, false], weights: None }.equal_width(1, Closed::Left);
        near(bin.debiased().map(|d| d.square), 0.0625 - 0.75 * 0.25 / 3.0);
    }
}
