//! From a linearised value to an estimate with its interval.

use super::comparison::Contrast;
use super::request::Proportions;
use super::tally::Linear;
use crate::stats::{Units, clopper_pearson, effective_size, korn_graubard, logit_t, sidak_quantile_of, student_t, t_quantile, wilson};
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
    /// Intervals of proportions.
    pub interval: Proportions,
    /// The name of Student's t intervals: by where the variance comes from.
    pub method: Method,
}

/// What an estimate's values can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A proportion of records: the interval that the study asks for.
    Proportion,
    /// Between 0 and 1 but not a proportion of records: Student's t, cut to the range.
    Unit,
    /// Between −1 and 1: Student's t, cut to the range.
    Signed,
    /// 0 and above: Student's t, cut to the range.
    Positive,
    /// Any number: Student's t.
    Real,
}

impl Sampling {
    /// Degrees of freedom of a domain: its units less its strata.
    #[must_use]
    pub fn df(&self, linear: &Linear) -> f64 {
        self.units.domain_df(linear.units, linear.strata)
    }

    /// As how many independent draws a value counts where the design shows no variance.
    #[must_use]
    pub fn size(&self, linear: &Linear) -> f64 {
        let independent = if linear.w2 > 0.0 { (linear.w * linear.w / linear.w2).min(linear.n as f64) } else { linear.n as f64 };
        let size = if self.clustered {
            linear.units as f64
        } else if self.units.replicated() {
            // Records that the replicates never tell apart are one draw.
            independent.min(linear.units as f64)
        } else {
            independent
        };
        size.max(1.0)
    }

    /// The estimate of a linearised value.
    #[must_use]
    pub fn estimate(&self, linear: &Linear, kind: Kind) -> Outcome {
        let (variance, by) = linear.variance.unwrap_or_else(|| (self.units.variance(&linear.scores), self.method));
        let variance = variance.max(0.0);
        let (n, df) = (linear.n as f64, self.df(linear));
        let value = match kind {
            Kind::Proportion | Kind::Unit => linear.value.clamp(0.0, 1.0),
            Kind::Signed => linear.value.clamp(-1.0, 1.0),
            Kind::Positive => linear.value.max(0.0),
            Kind::Real => linear.value,
        };
        let spread = value * (1.0 - value);
        let known = variance > NO_VARIANCE && df >= 1.0;
        if matches!(kind, Kind::Positive | Kind::Real) && !known {
            return Outcome::undefined(Reason::NoReplication, "only one sampled unit, or all records alike: its precision cannot be told", linear.n);
        }
        let proportion = kind == Kind::Proportion && spread > 0.0 && n > 1.0;
        let asked = if kind == Kind::Proportion { self.interval } else { Proportions::Student };
        let logit = (proportion && known && asked == Proportions::Logit).then(|| logit_t(value, variance.sqrt(), df, self.level)).flatten();
        let (lower, upper, method) = if let Some((lower, upper)) = logit {
            (lower, upper, Method::LogitT)
        } else if self.simple && asked == Proportions::ByDesign {
            let (lower, upper) = wilson(value, n, self.level);
            (lower, upper, Method::Wilson)
        } else if self.simple && asked == Proportions::ClopperPearson {
            let (lower, upper) = clopper_pearson((value * n).round(), n, self.level);
            (lower, upper, Method::ClopperPearson)
        } else if !known {
            let (lower, upper) = without_variance(value, self.size(linear), kind, self.level);
            (lower, upper, Method::ZeroVariance)
        } else if proportion && asked != Proportions::Student {
            let (lower, upper) = korn_graubard(value, variance, n, df, self.level);
            (lower, upper, Method::KornGraubard)
        } else {
            let half = t_quantile(0.5 + self.level / 2.0, df) * variance.sqrt();
            let (low, high) = match kind {
                Kind::Proportion | Kind::Unit => (0.0, 1.0),
                Kind::Signed => (-1.0, 1.0),
                Kind::Positive => (0.0, f64::MAX),
                Kind::Real => (f64::MIN, f64::MAX),
            };
            ((value - half).max(low), (value + half).min(high), by)
        };
        Outcome::Estimate(Estimate {
            value,
            se: known.then(|| variance.sqrt()),
            interval: Some(Interval { lower, upper, level: self.level, method }),
            n: linear.n,
            n_effective: match (proportion && known, self.simple) {
                (_, true) => Some(n),
                (true, false) => Some(effective_size(value, variance, n, df, self.level)),
                (false, false) if method == Method::ZeroVariance && !self.clustered => Some(self.size(linear)),
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
        Kind::Positive | Kind::Real => (f64::MIN, f64::MAX),
    }
}

/// The same estimate with its interval at another level; for judging at a gate's own level.
///
/// Intervals are computed anew from value, standard error and size; those of ratios and contrasts are stretched by the ratio of the quantiles, which for
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
        (Method::ClopperPearson, _) => {
            let n = estimate.n as f64;
            clopper_pearson((estimate.value * n).round(), n, level)
        }
        (Method::LogitT, Some(se)) => logit_t(estimate.value, se, df, level).unwrap_or((interval.lower, interval.upper)),
        (Method::StudentT | Method::Jackknife | Method::Bootstrap | Method::HalfSamples | Method::ReplicateWeights, Some(se)) => {
            let (lower, upper) = student_t(estimate.value, se, df, level);
            // A bound at the end of the range was cut off there.
            let cut = |end: f64, bound: f64| (bound - end).abs() < 1e-12;
            let low = [-1.0, 0.0].into_iter().find(|&end| cut(end, interval.lower)).unwrap_or(f64::NEG_INFINITY);
            (lower.max(low), if cut(1.0, interval.upper) { upper.min(1.0) } else { upper })
        }
        (Method::ZeroVariance, _) if interval.lower >= 0.0 => {
            let size = estimate.psus.map_or(estimate.n_effective.unwrap_or(estimate.n as f64), |p| p as f64);
            clopper_pearson(estimate.value * size, size, level)
        }
        _ => {
            let factor = scale(level) / scale(interval.level);
            let one = t_quantile(0.5 + level / 2.0, df) / t_quantile(0.5 + interval.level / 2.0, df);
            // The largest difference is bounded above, and the smallest ratio below, by one pair of groups, not by all at once.
            let (under, over) = match contrast.map(|c| c.kind.as_str()) {
                Some("difference") if interval.method == Method::Simultaneous => (factor, one),
                Some("ratio") if interval.method == Method::Simultaneous => (one, factor),
                _ => (factor, factor),
            };
            let ratio = contrast.is_some_and(|c| c.kind.ends_with("ratio"));
            if interval.method == Method::RootT {
                let square = estimate.value * estimate.value;
                let half = (interval.upper * interval.upper - square) * factor;
                ((square - half).max(0.0).sqrt(), (square + half).sqrt().min(1.0))
            } else if interval.method == Method::LogT || ratio {
                let stretch = |bound: f64, factor: f64| estimate.value * (bound / estimate.value).powf(factor);
                (stretch(interval.lower, under), stretch(interval.upper, over))
            } else {
                let stretch = |bound: f64, factor: f64| estimate.value + (bound - estimate.value) * factor;
                // A bound at 0 was cut off there and stays.
                (if interval.lower == 0.0 { 0.0 } else { stretch(interval.lower, under) }, stretch(interval.upper, over))
            }
        }
    };
    Estimate { interval: Some(Interval { lower, upper, level, method: interval.method }), ..estimate.clone() }
}
