//! A candidate against the approved model of an earlier run: what to call it, and the difference where only two estimates are known.

use super::evidence::{Measure, Versus};
use crate::stats::student_t;
use crate::value::{Estimate, Interval, Method, Outcome, Reason};

/// The id under which the approved model stands; no candidate of a study can have it.
pub const BASELINE: &str = "(baseline)";

/// The difference of two accuracies as if they were of different records: where they are of the same ones, its interval is mostly wider than need be.
#[must_use]
pub fn unpaired(this: &Outcome, other: &Outcome, versus: &Versus, level: f64) -> Measure {
    let outcome = match (this, other) {
        (Outcome::Estimate(a), Outcome::Estimate(b)) => match (a.se, b.se) {
            (Some(x), Some(y)) => {
                let df = a.df.unwrap_or(f64::INFINITY).min(b.df.unwrap_or(f64::INFINITY));
                let (value, se) = (a.value - b.value, x.hypot(y));
                let (lower, upper) = student_t(value, se, df, level);
                let interval = Some(Interval { lower: lower.max(-1.0), upper: upper.min(1.0), level, method: Method::StudentT });
                let df = df.is_finite().then_some(df);
                Outcome::Estimate(Estimate { value, se: Some(se), interval, n: a.n, n_effective: None, psus: a.psus, df, design_effect: None })
            }
            _ => Outcome::undefined(Reason::NoReplication, "the precision of one of the two accuracies cannot be told", a.n),
        },
        _ => Outcome::undefined(Reason::NotMeasured, "one of the two has no accuracy", this.n()),
    };
    Measure {
        metric: "accuracy-difference".into(),
        code_level: None,
        code: None,
        threshold: None,
        group: None,
        contrast: None,
        versus: Some(versus.clone()),
        outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Worked by hand: 0.8 − 0.7 with standard errors of 0.03 and 0.04 is 0.1 ± 1.959964 × 0.05.
    #[test]
    fn standard_errors_add_up_as_squares() {
        let of = |value: f64, se: f64| {
            Outcome::Estimate(Estimate { value, se: Some(se), interval: None, n: 100, n_effective: None, psus: None, df: None, design_effect: None })
        };
        let versus = Versus { candidate: BASELINE.into(), name: "Old".into(), test: None };
        let m = unpaired(&of(0.8, 0.03), &of(0.7, 0.04), &versus, 0.95);
        let e = m.outcome.estimate().unwrap();
        let i = e.interval.unwrap();
        assert!((e.value - 0.1).abs() < 1e-12 && (i.lower - 0.002_001_8).abs() < 1e-6 && (i.upper - 0.197_998_2).abs() < 1e-6, "{e:?}");
        let none = Outcome::undefined(Reason::NoRecords, "no record", 0);
        assert!(unpaired(&of(0.8, 0.03), &none, &versus, 0.95).outcome.estimate().is_none());
    }
}
