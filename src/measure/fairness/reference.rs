//! Every group against the reference group that the study names.

use super::super::by_group::{Known, Precision};
use super::super::comparison::{Contrast, Detail};
use super::super::estimate::Sampling;
use super::search::Quantiles;
use crate::value::{Estimate, Interval, Method, Outcome, Reason, Undefined};

/// The difference, and for `ratio` the ratio, of every group from the reference, with intervals that cover all groups at once (Šidák).
///
/// `others` are the groups that have no value, with the reason.
pub fn against_reference(
    sampling: &Sampling,
    variables: &[String],
    reference: &str,
    known: &[Known<'_>],
    others: &[(&Vec<String>, Undefined)],
    ratio: bool,
) -> Vec<(Outcome, Contrast)> {
    let low = vec![reference.to_owned()];
    let base = known.iter().find(|k| *k.0 == low);
    let comparisons = known.len().saturating_sub(1) as u64;
    let contrast = |kind: &str, high: &[String]| Contrast {
        kind: kind.to_owned(),
        variables: variables.to_vec(),
        high: high.to_vec(),
        low: low.clone(),
        groups: known.len() as u64,
        expected_from_noise: None,
        detail: Some(Detail { comparisons: Some(comparisons), ..Detail::default() }),
    };
    let kinds: &[&str] = if ratio { &["reference-difference", "reference-ratio"] } else { &["reference-difference"] };
    let mut out = Vec::new();
    for kind in kinds {
        for group in known.iter().filter(|k| *k.0 != low) {
            let outcome = match base {
                Some(base) => compare(sampling, group, base, comparisons, *kind == "reference-ratio"),
                None => Outcome::undefined(Reason::TooFewRecords, "the reference group has too few records", group.1.n),
            };
            out.push((outcome, contrast(kind, group.0)));
        }
        out.extend(others.iter().filter(|o| *o.0 != low).map(|(values, why)| (Outcome::Undefined(why.clone()), contrast(kind, values))));
    }
    out
}

fn compare(sampling: &Sampling, group: &Known<'_>, base: &Known<'_>, comparisons: u64, ratio: bool) -> Outcome {
    let units = &sampling.units;
    let n = group.1.n + base.1.n;
    let (x, y) = (group.1.value, base.1.value);
    let (one, two) = (Precision::of(group.1, group.2, sampling), Precision::of(base.1, base.2, sampling));
    if sampling.df(group.1) < 1.0 || sampling.df(base.1) < 1.0 || one.variance + two.variance <= 0.0 {
        return Outcome::undefined(Reason::NoReplication, "too few sampled units to estimate a variance", n);
    }
    if ratio && (x <= 0.0 || y <= 0.0) {
        return Outcome::undefined(Reason::NothingToDivideBy, "one of the two has the value 0, so no ratio can be formed", n);
    }
    let covariance = units.covariance_of_disjoint(&group.1.scores, &base.1.scores);
    let df = one.df_with(&two).min(units.count() as f64 - units.strata() as f64);
    let q = Quantiles::new(comparisons, sampling.level).at(df);
    // As factors of the values where the ratio's logarithm is asked for.
    let (a, b) = if ratio { (1.0 / x, 1.0 / y) } else { (1.0, 1.0) };
    let error = |vx: f64, vy: f64| {
        let apart = a * a * vx + b * b * vy;
        (apart - 2.0 * a * b * covariance).max(0.1 * apart).sqrt()
    };
    let (shown, half) = (error(one.shown, two.shown), q * error(one.variance, two.variance));
    let (value, se, lower, upper) = if ratio {
        let value = x / y;
        (value, value * shown, value * (-half).exp(), value * half.exp())
    } else {
        (x - y, shown, x - y - half, x - y + half)
    };
    Outcome::Estimate(Estimate {
        value,
        se: Some(se),
        interval: Some(Interval { lower, upper, level: sampling.level, method: Method::Simultaneous }),
        n,
        n_effective: None,
        psus: sampling.clustered.then(|| units.count()),
        df: Some(df),
        design_effect: None,
    })
}
