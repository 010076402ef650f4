//! Non-inferiority and equivalence: whether a difference stays within a margin that was declared beforehand.

use super::quantile::t_quantile;
use super::tail::t_upper;

/// What an estimate shows about a margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The difference is within the margin.
    Met,
    /// The difference is beyond the margin.
    NotMet,
    /// The interval straddles the margin.
    Undecided,
}

/// A difference held against a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstMargin {
    /// What the bounds show.
    pub shown: Shown,
    /// Lower bound, one-sided at the level.
    pub lower: f64,
    /// Upper bound, one-sided at the level.
    pub upper: f64,
    /// p-value of the hypothesis that the difference is beyond the margin.
    pub p: f64,
}

/// Whether a new candidate is worse than the old one by less than `margin` (positive): `difference` is new − old, more is better.
///
/// Met where the lower bound is above −margin, not met where the upper bound is below it. `level` is of each one-sided bound: at
/// 0.95 the bounds are those of a two-sided interval at 0.9 (ICH E9, E10).
#[must_use]
pub fn non_inferiority(difference: f64, se: f64, df: f64, margin: f64, level: f64) -> AgainstMargin {
    let (lower, upper) = bounds(difference, se, df, level);
    let shown = match (lower > -margin, upper < -margin) {
        (true, _) => Shown::Met,
        (_, true) => Shown::NotMet,
        _ => Shown::Undecided,
    };
    AgainstMargin { shown, lower, upper, p: upper_p(difference + margin, se, df) }
}

/// Whether two candidates differ by less than `margin` either way: two one-sided tests (Schuirmann 1987, doi:10.1007/BF01068419).
///
/// Met where both bounds are within ±margin, not met where both are beyond the same side of it. `level` as in [`non_inferiority`].
#[must_use]
pub fn equivalence(difference: f64, se: f64, df: f64, margin: f64, level: f64) -> AgainstMargin {
    let (lower, upper) = bounds(difference, se, df, level);
    let shown = match (lower > -margin && upper < margin, upper < -margin || lower > margin) {
        (true, _) => Shown::Met,
        (_, true) => Shown::NotMet,
        _ => Shown::Undecided,
    };
    let p = upper_p(difference + margin, se, df).max(upper_p(margin - difference, se, df));
    AgainstMargin { shown, lower, upper, p }
}

/// Records that would settle an undecided margin with probability `power`, were the difference to stay what it is:
/// `n`·(z_level + z_power)²·se²/distance², with `distance` from the estimate to the nearest bound.
///
/// The design effect is in the standard error. None at the bound itself: no number of records would settle that.
#[must_use]
pub fn records_to_settle(n: u64, se: f64, distance: f64, level: f64, power: f64) -> Option<u64> {
    super::test::records_needed(n as f64 * se * se, distance, 1.0, level, power)
}

fn bounds(difference: f64, se: f64, df: f64, level: f64) -> (f64, f64) {
    let half = t_quantile(level, df) * se;
    (difference - half, difference + half)
}

/// P(T > distance/se); a difference without error is certain.
fn upper_p(distance: f64, se: f64, df: f64) -> f64 {
    match (se > 0.0, distance > 0.0) {
        (true, _) => t_upper(distance / se, df),
        (false, true) => 0.0,
        (false, false) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_outcomes_follow_the_bounds() {
        let judge = |d| non_inferiority(d, 0.01, 30.0, 0.02, 0.95).shown;
        // t(0.95, 30) = 1.697261: bounds reach 0.01697 either side.
        assert_eq!(judge(-0.003), Shown::Met);
        assert_eq!(judge(-0.0031), Shown::Undecided);
        assert_eq!(judge(-0.0369), Shown::Undecided);
        assert_eq!(judge(-0.037), Shown::NotMet);
        assert_eq!(judge(0.5), Shown::Met);
        let both = |d| equivalence(d, 0.01, 30.0, 0.02, 0.95).shown;
        assert_eq!((both(0.003), both(0.0031), both(-0.0031), both(0.037), both(-0.037)), {
            use Shown::{Met, NotMet, Undecided};
            (Met, Undecided, Undecided, NotMet, NotMet)
        });
        // A standard error too large for any difference to be shown.
        assert_eq!(equivalence(0.0, 0.02, 30.0, 0.02, 0.95).shown, Shown::Undecided);
        assert_eq!(non_inferiority(0.0, 0.0, 30.0, 0.02, 0.95).shown, Shown::Met);
    }

    #[test]
    fn p_values_agree_with_the_bounds() {
        // scipy 1.17.1: t.sf(1.7, 30), and the larger of two for equivalence.
        let found = non_inferiority(-0.003, 0.01, 30.0, 0.02, 0.95);
        assert!((found.p - 0.049_738_937_794_258_43).abs() < 1e-10, "{found:?}");
        let both = equivalence(-0.003, 0.01, 30.0, 0.02, 0.95);
        assert_eq!(both.p, found.p);
        assert_eq!(equivalence(0.0, 0.0, 30.0, 0.02, 0.95).p, 0.0);
        assert_eq!(non_inferiority(-0.03, 0.0, 30.0, 0.02, 0.95).p, 1.0);
    }

    #[test]
    fn records_to_settle_shrink_the_error_as_needed() {
        let n = records_to_settle(1000, 0.01, 0.017, 0.95, 0.8).unwrap();
        // (1.644854 + 0.841621)² · 1000 · (0.01/0.017)² = 2139.3
        assert_eq!(n, 2140);
        assert_eq!(records_to_settle(1000, 0.01, 0.0, 0.95, 0.8), None);
    }
}
