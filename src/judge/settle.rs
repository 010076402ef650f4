//! What would settle an undecided finding: records and PSUs, and how far from its bound a value would have been settled here.

use crate::stats::{normal_quantile, t_quantile};
use crate::value::{Estimate, Method};

/// The chance with which a finding is to be settled.
pub const POWER: f64 = 0.8;
/// More records than this settle nothing in practice.
const TOO_MANY_RECORDS: f64 = 1e9;

/// What would settle a finding, if the estimate stayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needed {
    /// Records in all; absent where no number of them would.
    pub records: Option<u64>,
    /// PSUs in all, with as many records each as here; absent where the design has none.
    pub psus: Option<u64>,
    /// How far beyond the bound a true value is settled by these records with a chance of [`POWER`].
    pub distance: Option<f64>,
}

/// What would settle an estimate whose judged interval includes a bound of the allowed values, with a chance of [`POWER`]: n·((c + z_power)·se/distance)².
///
/// The critical value c is that of the judged interval, one- or two-sided as it is, and the standard error holds the design effect.
#[must_use]
pub fn needed(estimate: &Estimate, allowed: (Option<f64>, Option<f64>)) -> Needed {
    let nothing = Needed { records: None, psus: None, distance: None };
    let Some(interval) = estimate.interval else { return nothing };
    let value = estimate.value;
    let (below, above) = match interval.method {
        // The lower bound may have been cut at zero.
        Method::Simultaneous => (interval.upper - value, interval.upper - value),
        _ => (value - interval.lower, interval.upper - value),
    };
    // (distance, half of the interval on that side) of each bound that must be cleared.
    let clear: Vec<(f64, f64)> = match allowed {
        (Some(low), _) if value < low => vec![(low - value, above)],
        (_, Some(high)) if value > high => vec![(value - high, below)],
        (low, high) => low.map(|low| (value - low, below)).into_iter().chain(high.map(|high| (high - value, above))).collect(),
    };
    let critical = t_quantile(0.5 + interval.level / 2.0, estimate.df.unwrap_or(f64::INFINITY));
    let reach = |half: f64| half + normal_quantile(POWER) * estimate.se.unwrap_or(half / critical);
    let n = estimate.n as f64;
    let records = clear.iter().map(|(distance, half)| n * (reach(*half) / distance).powi(2)).fold(0.0, f64::max).ceil();
    let settles = records.is_finite() && records > 0.0 && records < TOO_MANY_RECORDS && estimate.n > 0;
    Needed {
        records: settles.then_some(records as u64),
        psus: estimate.psus.filter(|_| settles).map(|psus| (psus as f64 * records / n).ceil() as u64),
        distance: clear.iter().map(|(_, half)| reach(*half)).reduce(f64::max).filter(|d| d.is_finite() && *d > 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{records_to_settle, student_t};
    use crate::value::Interval;

    fn estimate(value: f64, se: f64, df: f64, level: f64, n: u64) -> Estimate {
        let (lower, upper) = student_t(value, se, df, level);
        let interval = Some(Interval { lower, upper, level, method: Method::StudentT });
        Estimate { value, se: Some(se), interval, n, n_effective: None, psus: Some(40), df: Some(df), design_effect: None }
    }

    #[test]
    fn records_are_those_of_the_normal_formula_where_degrees_of_freedom_are_many() {
        // One-sided at 0.95, as a margin is judged: the interval at 0.9. (1.644854 + 0.841621)²·1000·(0.01/0.017)² = 2139.3
        let found = needed(&estimate(-0.003, 0.01, 1e9, 0.9, 1000), (Some(-0.02), None));
        assert_eq!(found.records, Some(2140));
        assert_eq!(found.records, records_to_settle(1000, 0.01, 0.017, 0.95, POWER));
        // 40 PSUs of 25 records: 2139.3/25.
        assert_eq!(found.psus, Some(86));
        // Two-sided at 0.95 needs more: (1.959964 + 0.841621)².
        let two = needed(&estimate(-0.003, 0.01, 1e9, 0.95, 1000), (Some(-0.02), None));
        assert_eq!(two.records, records_to_settle(1000, 0.01, 0.017, 0.975, POWER));
        assert!((two.distance.unwrap() - 0.028_015_85).abs() < 1e-7, "{two:?}");
        // Few degrees of freedom need more still.
        assert!(needed(&estimate(-0.003, 0.01, 10.0, 0.95, 1000), (Some(-0.02), None)).records > two.records);
    }

    #[test]
    fn both_bounds_must_be_cleared_from_inside_and_one_from_outside() {
        let inside = needed(&estimate(0.005, 0.01, 1e9, 0.9, 1000), (Some(-0.02), Some(0.02)));
        assert_eq!(inside.records, records_to_settle(1000, 0.01, 0.015, 0.95, POWER));
        let outside = needed(&estimate(0.025, 0.01, 1e9, 0.9, 1000), (Some(-0.02), Some(0.02)));
        assert_eq!(outside.records, records_to_settle(1000, 0.01, 0.005, 0.95, POWER));
        // At the bound itself nothing settles.
        assert_eq!(needed(&estimate(0.02, 0.01, 1e9, 0.9, 1000), (None, Some(0.02))).records, None);
    }
}
