//! A threshold for automatic coding whose risk is below a bound with a stated confidence.
//!
//! Choose on one part of the data, report on another: the guarantee is about the choice, not about the estimate beside it.

use super::calibration::Confidences;
use super::interval::clopper_pearson_upper;

/// What is known at one threshold of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// The threshold: records with confidence ≥ it are accepted.
    pub threshold: f64,
    /// Share wrong among the accepted; 0 where none is accepted.
    pub risk: f64,
    /// Number of accepted records, or their effective number under the design (see [`super::effective_size`]).
    pub size: f64,
}

/// In which order thresholds are tested, and at which level each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// In the order given, each at the full level, until one fails (Maurer, Hothorn & Lehmacher 1995; Angelopoulos et al. 2021, arXiv:2110.01052).
    FixedSequence,
    /// The same, but thresholds that accept too few records to pass even without an error are passed over. They could never be
    /// certified; skipping them keeps the guarantee where risk does not rise with confidence.
    FixedSequenceSkippingSmall,
    /// Every threshold, each at the level divided among them all (Bonferroni); any order.
    EachAtDividedLevel,
}

/// A certified threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guarantee {
    /// What is known at it.
    pub tested: Tested,
    /// Upper bound of its risk, at or below the greatest risk allowed.
    pub upper: f64,
    /// Level at which this one test was made.
    pub level: f64,
}

/// Why no threshold is certified.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoGuarantee {
    /// The grid is empty.
    NoThresholds,
    /// Every threshold accepts too few records: at least this number, without an error, would be needed.
    TooFewRecords {
        /// Records needed without an error.
        needed: u64,
    },
    /// The first threshold tested has an upper bound of risk above the greatest allowed; the smallest bound found.
    TooRisky {
        /// The threshold with the smallest bound.
        threshold: f64,
        /// That bound.
        upper: f64,
    },
}

/// One-sided upper bound of a proportion: B⁻¹(level; x + 1, n − x), x = risk·size (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404;
/// with an effective size Korn & Graubard 1998). 1 without records.
#[must_use]
pub fn upper_bound(risk: f64, size: f64, level: f64) -> f64 {
    if size <= 0.0 { 1.0 } else { clopper_pearson_upper(risk * size, size, level) }
}

/// Records without an error that are needed to certify a risk: the least n with (1 − risk)ⁿ ≤ 1 − level.
#[must_use]
pub fn records_to_certify(greatest_risk: f64, level: f64) -> u64 {
    // The tolerance keeps an exact whole number from becoming the next one.
    ((1.0 - level).ln() / (-greatest_risk).ln_1p() - 1e-9).ceil().max(1.0) as u64
}

/// The smallest threshold of a grid, declared beforehand, whose risk is at most `greatest_risk` with probability `level`.
///
/// # Errors
/// Says why no threshold can be certified.
pub fn certified_threshold(grid: &[Tested], greatest_risk: f64, level: f64, search: Search) -> Result<Guarantee, NoGuarantee> {
    if grid.is_empty() {
        return Err(NoGuarantee::NoThresholds);
    }
    let each = if search == Search::EachAtDividedLevel { 1.0 - (1.0 - level) / grid.len() as f64 } else { level };
    let needed = records_to_certify(greatest_risk, each);
    let bound = |t: &Tested| Guarantee { tested: *t, upper: upper_bound(t.risk, t.size, each), level: each };
    let all: Vec<Guarantee> = grid.iter().map(bound).collect();
    let passes = |g: &&Guarantee| g.upper <= greatest_risk;
    let passed: Vec<&Guarantee> = match search {
        Search::FixedSequence => all.iter().take_while(passes).collect(),
        Search::FixedSequenceSkippingSmall => all.iter().filter(|g| upper_bound(0.0, g.tested.size, each) <= greatest_risk).take_while(passes).collect(),
        Search::EachAtDividedLevel => all.iter().filter(passes).collect(),
    };
    if let Some(best) = passed.into_iter().min_by(|a, b| a.tested.threshold.total_cmp(&b.tested.threshold)) {
        return Ok(*best);
    }
    if grid.iter().all(|t| upper_bound(0.0, t.size, each) > greatest_risk) {
        return Err(NoGuarantee::TooFewRecords { needed });
    }
    let least = all.iter().copied().reduce(|a, b| if b.upper < a.upper { b } else { a }).ok_or(NoGuarantee::NoThresholds)?;
    Err(NoGuarantee::TooRisky { threshold: least.tested.threshold, upper: least.upper })
}

impl Confidences<'_> {
    /// Risk and Kish's effective size at each threshold of a grid: exact for equal weights, an approximation without clusters otherwise.
    #[must_use]
    pub fn tested(&self, grid: &[f64]) -> Vec<Tested> {
        let one = |&threshold: &f64| {
            let found = self.at_threshold(threshold);
            let (risk, size) = found.and_then(|f| f.risk.zip(f.effective)).unwrap_or((0.0, 0.0));
            Tested { threshold, risk, size }
        };
        grid.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    // One-sided 95 % Clopper–Pearson bounds (scipy 1.17).
    #[test]
    fn bounds_equal_known_ones() {
        for (x, n, wanted) in [(0.0, 100.0, 0.029_513_0), (2.0, 100.0, 0.061_619_2), (5.0, 200.0, 0.051_843_3)] {
            assert!((upper_bound(x / n, n, 0.95) - wanted).abs() < 6e-8, "{x} {n}");
        }
        assert_eq!((upper_bound(1.0, 5.0, 0.95), upper_bound(0.0, 0.0, 0.95)), (1.0, 1.0));
        // The rule of three, exactly: 0.95ⁿ ≤ 0.05 from n = 59.
        assert_eq!((records_to_certify(0.05, 0.95), records_to_certify(0.5, 0.75)), (59, 2));
        assert!(upper_bound(0.0, 59.0, 0.95) <= 0.05 && upper_bound(0.0, 58.0, 0.95) > 0.05);
    }

    #[test]
    fn the_sequence_stops_at_the_first_failure() {
        let grid =
            [(0.99, 0.0, 20.0), (0.9, 0.01, 1000.0), (0.8, 0.2, 1500.0), (0.7, 0.01, 9000.0)].map(|(threshold, risk, size)| Tested { threshold, risk, size });
        let of = |grid: &[Tested], search| certified_threshold(grid, 0.05, 0.95, search);
        assert_eq!(of(&grid, Search::FixedSequenceSkippingSmall).unwrap().tested.threshold, 0.9);
        assert_eq!(of(&grid[1..], Search::FixedSequence).unwrap().tested.threshold, 0.9);
        assert!(matches!(of(&grid, Search::FixedSequence), Err(NoGuarantee::TooRisky { threshold: 0.7, .. })));
        let divided = of(&grid, Search::EachAtDividedLevel).unwrap();
        assert_eq!((divided.tested.threshold, divided.level), (0.7, 0.9875));
        assert_eq!(of(&grid[..1], Search::FixedSequence), Err(NoGuarantee::TooFewRecords { needed: 59 }));
        assert_eq!(of(&[], Search::FixedSequence), Err(NoGuarantee::NoThresholds));
    }

    // P(wrong given c) = 1 − c and c is uniform, so the true risk at threshold t is (1 − t)/2.
    #[test]
    fn the_guarantee_holds_at_its_rate() {
        let mut stream = Stream::named(11, "guarantee");
        let grid: Vec<f64> = (0..40).map(|i| 0.99 - 0.01 * f64::from(i)).collect();
        let (rounds, level, greatest) = (1000, 0.9, 0.1);
        for search in [Search::FixedSequenceSkippingSmall, Search::EachAtDividedLevel] {
            let (mut broken, mut found) = (0, 0);
            for _ in 0..rounds {
                let confidence: Vec<f64> = (0..1000).map(|_| stream.unit()).collect();
                let correct: Vec<bool> = confidence.iter().map(|&c| stream.unit() < c).collect();
                let tested = Confidences { confidence: &confidence, correct: &correct, weights: None }.tested(&grid);
                if let Ok(g) = certified_threshold(&tested, greatest, level, search) {
                    found += 1;
                    broken += u32::from((1.0 - g.tested.threshold) / 2.0 > greatest + 1e-12);
                }
            }
            let rate = f64::from(broken) / f64::from(rounds);
            // At most 0.1, and three standard errors of a simulation; not by refusing everything, either.
            assert!(rate <= 0.1 + 3.0 * (0.09 / f64::from(rounds)).sqrt() && found > rounds / 10, "{search:?}: {rate} {found}");
        }
    }

    // One threshold whose true risk is the greatest allowed: certified in at most 10 % of samples, and in nearly as many.
    #[test]
    fn a_risk_at_the_bound_is_certified_no_more_often_than_stated() {
        let mut stream = Stream::named(12, "bound");
        let rounds = 4000;
        let certified = (0..rounds).filter(|_| {
            let wrong = (0..500).filter(|_| stream.unit() < 0.1).count() as f64;
            certified_threshold(&[Tested { threshold: 0.5, risk: wrong / 500.0, size: 500.0 }], 0.1, 0.9, Search::FixedSequence).is_ok()
        });
        let rate = certified.count() as f64 / f64::from(rounds);
        assert!((0.06..0.1 + 3.0 * (0.09 / f64::from(rounds)).sqrt()).contains(&rate), "{rate}");
    }
}
