//! From a linearised value to an estimate with its interval.

use super::comparison::Contrast;
use super::tally::Linear;
use crate::stats::{Units, clopper_pearson, effective_size, korn_graubard, sidak_quantile_of, t_quantile, wilson};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};

/// Variances below this are rounding, not information.
const NO_VARIANCE: f64 = 1e-24;

/// The sampling design of the test part, as far as intervals need it.
#[derive(Debug, Clone)]
pub struct Sampling {
    /// Sampled units and strata.
    pub units: Units,
    /// True when records are independent and weigh the same: no weights, strata or PSUs.
    pub simple: bool,
    /// True when units are PSUs.
    pub clustered: bool,
    /// Level of the intervals.
    pub level: f64,
}

/// What an estimate's values can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A proportion of records: Wilson or Korn–Graubard.
    Proportion,
    /// Between 0 and 1 but not a proportion of records: Student's t, cut to the range.
    Unit,
    /// Between −1 and 1: Student's t, cut to the range.
    Signed,
    /// 0 and above: Student's t, cut to the range.
    Positive,
}

impl Sampling {
    /// Degrees of freedom of a domain: its units less its strata.
    #[must_use]
    pub fn df(&self, linear: &Linear) -> f64 {
        linear.units as f64 - linear.strata as f64
    }

    /// The estimate of a linearised value.
    #[must_use]
    pub fn estimate(&self, linear: &Linear, kind: Kind) -> Outcome {
        let (variance, by) = linear.variance.unwrap_or_else(|| (self.units.variance(&linear.scores), Method::StudentT));
        let variance = variance.max(0.0);
        let (n, df) = (linear.n as f64, self.df(linear));
        let value = match kind {
            Kind::Proportion | Kind::Unit => linear.value.clamp(0.0, 1.0),
            Kind::Signed => linear.value.clamp(-1.0, 1.0),
            Kind::Positive => linear.value.max(0.0),
        };
        let spread = value * (1.0 - value);
        let known = variance > NO_VARIANCE && df >= 1.0;
        if kind == Kind::Positive && !known {
            return Outcome::undefined(Reason::NoReplication, "only one sampled unit, or all records alike: its precision cannot be told", linear.n);
        }
        let independent = if linear.w2 > 0.0 { (linear.w * linear.w / linear.w2).min(n) } else { n };
        let (lower, upper, method) = if self.simple && kind == Kind::Proportion {
            let (lower, upper) = wilson(value, n, self.level);
            (lower, upper, Method::Wilson)
        } else if !known {
            let size = if self.clustered { linear.units as f64 } else { independent };
            let (lower, upper) = without_variance(value, size.max(1.0), kind, self.level);
            (lower, upper, Method::ZeroVariance)
        } else if kind == Kind::Proportion && spread > 0.0 && n > 1.0 {
            let (lower, upper) = korn_graubard(value, variance, n, df, self.level);
            (lower, upper, Method::KornGraubard)
        } else {
            let half = t_quantile(0.5 + self.level / 2.0, df) * variance.sqrt();
            let (low, high) = match kind {
                Kind::Proportion | Kind::Unit => (0.0, 1.0),
                Kind::Signed => (-1.0, 1.0),
                Kind::Positive => (0.0, f64::MAX),
            };
            ((value - half).max(low), (value + half).min(high), by)
        };
        let proportion = kind == Kind::Proportion && spread > 0.0 && n > 1.0;
        Outcome::Estimate(Estimate {
            value,
            se: known.then(|| variance.sqrt()),
            interval: Some(Interval { lower, upper, level: self.level, method }),
            n: linear.n,
            n_effective: match (proportion && known, self.simple) {
                (_, true) => Some(n),
                (true, false) => Some(effective_size(value, variance, n, df, self.level)),
                (false, false) => None,
            },
            psus: self.clustered.then_some(linear.units),
            df: known.then_some(df),
            design_effect: (proportion && known && !self.simple).then(|| variance / (spread / (n - 1.0))),
        })
    }
}

/// An interval where the design shows no variance: as if each unit were one draw.
fn without_variance(value: f64, size: f64, kind: Kind, level: f64) -> (f64, f64) {
    match kind {
        Kind::Proportion | Kind::Unit => clopper_pearson(value * size, size, level),
        Kind::Signed => {
            let (_, reach) = clopper_pearson(0.0, size, level);
            ((value - reach).max(-1.0), (value + reach).min(1.0))
        }
        // Refused before: nothing bounds it.
        Kind::Positive => (0.0, f64::MAX),
    }
}

/// The same estimate with its interval at another level; for judging at a gate's own level.
///
/// Intervals of proportions are computed anew; those from Student's t are stretched by the ratio of the quantiles, which for the
/// comparisons between groups is exact when the same comparison sets both bounds; those of ratios on the log scale. Ranges of cost have no level.
#[must_use]
pub fn at_level(estimate: &Estimate, level: f64, contrast: Option<&Contrast>) -> Estimate {
    let Some(interval) = estimate.interval else { return estimate.clone() };
    if (interval.level - level).abs() < 1e-12 || interval.method == Method::PlausibleRange {
        return estimate.clone();
    }
    let df = estimate.df.unwrap_or(f64::INFINITY);
    let scale = |level: f64| match contrast {
        Some(contrast) if interval.method == Method::Simultaneous => sidak_quantile_of(contrast.comparisons(), df, level),
        _ => t_quantile(0.5 + level / 2.0, df),
    };
    let (lower, upper) = match (interval.method, estimate.se) {
        (Method::Wilson, _) => wilson(estimate.value, estimate.n as f64, level),
        (Method::KornGraubard, Some(se)) => korn_graubard(estimate.value, se * se, estimate.n as f64, df, level),
        (Method::ZeroVariance, _) if interval.lower >= 0.0 => {
            let size = estimate.psus.map_or(estimate.n_effective.unwrap_or(estimate.n as f64), |p| p as f64);
            clopper_pearson(estimate.value * size, size, level)
        }
        _ => {
            let factor = scale(level) / scale(interval.level);
            let ratio = contrast.is_some_and(|c| c.kind.ends_with("ratio"));
            if interval.method == Method::LogT || ratio {
                let stretch = |bound: f64| estimate.value * (bound / estimate.value).powf(factor);
                (stretch(interval.lower), stretch(interval.upper))
            } else {
                let stretch = |bound: f64| estimate.value + (bound - estimate.value) * factor;
                // A bound at 0 was cut off there and stays.
                (if interval.lower == 0.0 { 0.0 } else { stretch(interval.lower) }, stretch(interval.upper))
            }
        }
    };
    Estimate { interval: Some(Interval { lower, upper, level, method: interval.method }), ..estimate.clone() }
}
