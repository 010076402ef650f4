//! Every group against the reference group that the study names.

use super::super::by_group::{Known, variance_of};
use super::super::comparison::{Contrast, Detail};
use super::super::estimate::Sampling;
use super::search::Quantiles;
use crate::stats::satterthwaite;
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
    let (vx, vy) = (variance_of(group.1, group.2, sampling), variance_of(base.1, base.2, sampling));
    let (dx, dy) = (sampling.df(group.1), sampling.df(base.1));
    if dx < 1.0 || dy < 1.0 || vx + vy <= 0.0 {
        return Outcome::undefined(Reason::NoReplication, "too few sampled units to estimate a variance", n);
    }
    if ratio && (x <= 0.0 || y <= 0.0) {
        return Outcome::undefined(Reason::NothingToDivideBy, "one of the two has the value 0, so no ratio can be formed", n);
    }
    let covariance = units.covariance_of_disjoint(&group.1.scores, &base.1.scores);
    let df = satterthwaite((vx, dx), (vy, dy)).min(units.count() as f64 - units.strata() as f64);
    let q = Quantiles::new(comparisons, sampling.level).at(df);
    let (value, se, lower, upper) = if ratio {
        let (vx, vy) = (vx / (x * x), vy / (y * y));
        let se = (vx + vy - 2.0 * covariance / (x * y)).max(0.1 * (vx + vy)).sqrt();
        let value = x / y;
        (value, value * se, value * (-q * se).exp(), value * (q * se).exp())
    } else {
        let se = (vx + vy - 2.0 * covariance).max(0.1 * (vx + vy)).sqrt();
        (x - y, se, x - y - q * se, x - y + q * se)
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
