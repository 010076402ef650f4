//! What a gain in accuracy over another candidate costs in energy, or that no gain was shown.

use super::evidence::Measure;
use crate::cost::{Host, same_kind};
use crate::value::{Estimate, Interval};
use serde::{Deserialize, Serialize};

/// What the two differences together say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// More often right, and dearer: it has a price per percentage point.
    Priced,
    /// The interval of the gain includes 0, and it is dearer.
    NoDemonstratedGain,
    /// Less often right, and dearer.
    Dominated,
    /// More often right, and no dearer.
    Dominates,
    /// Not more often right, and cheaper.
    Saves,
    /// Measured on other machines, or in another way: not compared.
    NotComparable,
    /// One of the differences is not known.
    CannotTell,
}

/// A candidate against another one: accuracy and energy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gain {
    /// Id of the other candidate.
    pub candidate: String,
    /// Its name for readers.
    pub name: String,
    /// The metric of cost compared: "annual-energy", or "train-energy" where a year is not known.
    pub by: String,
    /// This candidate's accuracy less the other's, as a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Interval>,
    /// This candidate's energy less the other's, in joules: low, central, high. The errors of both go together, so lows are taken with lows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<[f64; 3]>,
    /// Joules a percentage point of accuracy gained: low, central, high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_point: Option<[f64; 3]>,
    /// What they say.
    pub finding: Finding,
}

/// A candidate as it is compared.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its cost metrics.
    pub cost: &'a [Measure],
    /// The machine they were measured on.
    pub host: &'a Host,
}

/// A candidate against each of the others; `measures` are its own, with its differences in accuracy.
#[must_use]
pub fn gains(own: Priced<'_>, others: &[Priced<'_>], measures: &[Measure]) -> Vec<Gain> {
    let difference = |id: &str| {
        let of = |m: &&Measure| {
            m.metric == "accuracy-difference" && m.group.is_none() && m.code_level.is_none() && m.versus.as_ref().is_some_and(|v| v.candidate == id)
        };
        measures.iter().find(of).and_then(|m| m.outcome.estimate())
    };
    others.iter().filter(|o| o.id != own.id).map(|other| against(own, *other, difference(other.id))).collect()
}

fn energy<'a>(of: Priced<'a>, metric: &str) -> Option<&'a Estimate> {
    of.cost.iter().find(|m| m.metric == metric).and_then(|m| m.outcome.estimate())
}

fn against(own: Priced<'_>, other: Priced<'_>, difference: Option<&Estimate>) -> Gain {
    let by = ["annual-energy", "train-energy"].into_iter().find(|m| energy(own, m).is_some() && energy(other, m).is_some());
    let mut gain = Gain {
        candidate: other.id.to_owned(),
        name: other.name.to_owned(),
        by: by.unwrap_or("annual-energy").to_owned(),
        gain: difference.and_then(|d| d.interval),
        extra: None,
        per_point: None,
        finding: Finding::CannotTell,
    };
    let (Some(by), Some(difference), Some(interval)) = (by, difference, gain.gain) else { return gain };
    if !same_kind(own.host, other.host) {
        gain.finding = Finding::NotComparable;
        return gain;
    }
    let bounds = |e: &Estimate| e.interval.map_or([e.value; 3], |i: Interval| [i.lower, e.value, i.upper]);
    let (Some(a), Some(b)) = (energy(own, by).map(bounds), energy(other, by).map(bounds)) else { return gain };
    let extra = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    gain.extra = Some(extra);
    // What costs as much within a hundredth is no dearer: energy is not known better than that.
    let dearer = extra[1] > 0.01 * a[1].max(b[1]);
    gain.finding = match (interval.lower > 0.0, interval.upper < 0.0) {
        (true, _) if dearer => Finding::Priced,
        (true, _) => Finding::Dominates,
        (_, true) if dearer => Finding::Dominated,
        _ if dearer => Finding::NoDemonstratedGain,
        _ => Finding::Saves,
    };
    if gain.finding == Finding::Priced {
        // Least for the least energy and the largest gain.
        let points = |share: f64| 100.0 * share;
        gain.per_point = Some([extra[0].max(0.0) / points(interval.upper), extra[1] / points(difference.value), extra[2] / points(interval.lower)]);
    }
    gain
}

#[cfg(test)]
mod tests {
    use super::super::Versus;
    use super::*;
    use crate::cost::{Meter, Sources};
    use crate::value::{Method, Outcome};

    fn measure(metric: &str, [lower, value, upper]: [f64; 3], versus: Option<&str>) -> Measure {
        let interval = Some(Interval { lower, upper, level: 0.95, method: Method::PlausibleRange });
        let outcome = Outcome::Estimate(Estimate { value, se: None, interval, n: 9, n_effective: None, psus: None, df: None, design_effect: None });
        let versus = versus.map(|id| Versus { candidate: id.into(), name: id.into(), test: None });
        Measure { metric: metric.into(), code_level: None, code: None, threshold: None, group: None, contrast: None, versus, outcome }
    }

    #[test]
    fn a_gain_has_a_price_only_where_it_was_shown() {
        let host = Meter::start(Sources { powercap: "/nowhere".into(), ..Sources::default() }).host().clone();
        let mut elsewhere = host.clone();
        elsewhere.cpu_model = "another".into();
        let (dear, cheap) = ([measure("annual-energy", [300.0, 600.0, 1_800.0], None)], [measure("annual-energy", [100.0, 200.0, 600.0], None)]);
        let of = |own: &[Measure], other: &[Measure], gain: [f64; 3], other_host: &Host| {
            let own = Priced { id: "a", name: "A", cost: own, host: &host };
            let other = Priced { id: "b", name: "B", cost: other, host: other_host };
            let found = gains(own, &[own, other], &[measure("accuracy-difference", gain, Some("b"))]);
            assert_eq!(found.len(), 1);
            found[0].clone()
        };
        let shown = of(&dear, &cheap, [0.01, 0.02, 0.04], &host);
        // 200, 400, 1200 J extra; 1, 2, 4 points.
        assert_eq!((shown.finding, shown.extra), (Finding::Priced, Some([200.0, 400.0, 1_200.0])));
        assert_eq!(shown.per_point, Some([50.0, 200.0, 1_200.0]));
        assert_eq!(of(&dear, &cheap, [-0.01, 0.02, 0.04], &host).finding, Finding::NoDemonstratedGain);
        assert_eq!(of(&dear, &cheap, [-0.03, -0.02, -0.01], &host).finding, Finding::Dominated);
        assert_eq!(of(&cheap, &dear, [0.01, 0.02, 0.03], &host).finding, Finding::Dominates);
        assert_eq!(of(&cheap, &dear, [-0.01, 0.02, 0.03], &host).finding, Finding::Saves);
        assert_eq!(of(&dear, &cheap, [0.01, 0.02, 0.04], &elsewhere).finding, Finding::NotComparable);
        assert_eq!(of(&dear, &[], [0.01, 0.02, 0.04], &host).finding, Finding::CannotTell);
        assert_eq!(of(&dear, &cheap, [-0.01, 0.0, 0.01], &host).per_point, None);
    }
}
