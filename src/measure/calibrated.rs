//! Calibration record by record: bins of equal mass, the part that chance adds taken out, and the line that would put confidences right.

use super::automation::Surety;
use super::by_record::{Domain, Found};
use super::engine::undefined;
use super::estimate::Kind;
use super::tally::BINS;
use crate::stats::{Cell, Confidences, Influenced, NoRecalibration, Reliability, t_quantile};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};

/// Confidences nearer 0 or 1 than this are moved to it where a logit is taken.
const FLOOR: f64 = 1e-6;

/// Records that a bin should have at least for the variance of its gap.
const FEWEST_IN_BIN: usize = 10;

/// The measures of calibration.
pub fn rows(domain: &Domain<'_>) -> Vec<Found> {
    const ALL: [&str; 4] = ["adaptive-ece", "debiased-ece", "recalibration-slope", "recalibration-intercept"];
    let n = domain.n();
    let all = |reason, why: &str| ALL.map(|metric| (metric, None, Outcome::Undefined(undefined(reason, why, n)))).to_vec();
    if domain.answers.confidence.is_empty() {
        return all(Reason::NoConfidence, "the candidate gives no confidence");
    }
    if domain.engine.request.automation.surety == Surety::Margin {
        return all(Reason::NoConfidence, MARGIN);
    }
    if domain.weight.iter().all(|&w| w <= 0.0) {
        return all(Reason::NoRecords, "no record");
    }
    let c = domain.confidences();
    let bins = c.equal_mass(BINS);
    let line = c.recalibration_influence(FLOOR);
    let of_line = |pick: fn(&(Influenced, Influenced)) -> &Influenced| match &line {
        Ok(both) => domain.estimate(pick(both), Kind::Real),
        Err(why) => Outcome::Undefined(undefined(Reason::NothingToDivideBy, no_line(*why), n)),
    };
    vec![
        ("adaptive-ece", None, adaptive(domain, &c, &bins)),
        ("debiased-ece", None, debiased(domain, &c, &c.equal_mass((domain.members.len() / FEWEST_IN_BIN).clamp(1, BINS)))),
        ("recalibration-slope", None, of_line(|both| &both.1)),
        ("recalibration-intercept", None, of_line(|both| &both.0)),
    ]
}

/// Why a measure of calibration has no value when confidence is a margin.
pub const MARGIN: &str = "confidence is the margin between the first two codes here, which is not a probability of being right";

fn no_line(why: NoRecalibration) -> &'static str {
    match why {
        NoRecalibration::NoRecords => "no record",
        NoRecalibration::OneOutcome => "all records are coded right, or all wrong",
        NoRecalibration::OneConfidence => "all records have the same confidence",
        NoRecalibration::Separated => "one confidence parts all right records from all wrong ones",
    }
}

/// Expected error over bins of equal mass; linearised with bins and signs held fixed, with the variance of replicates where units are PSUs.
fn adaptive(domain: &Domain<'_>, c: &Confidences<'_>, bins: &Reliability) -> Outcome {
    let Some(found) = c.expected_error_influence(bins) else {
        return Outcome::Undefined(undefined(Reason::NoRecords, "no record", domain.n()));
    };
    let sample = domain.engine.sample;
    let mut linear = sample.influenced(found.value, domain.members.iter().copied().zip(found.by_record.iter().copied()));
    if let Some(replicates) = &sample.replicates {
        let whole = bins.bins.len() as u32;
        let mut cells: Vec<Cell> = Vec::with_capacity(2 * domain.members.len());
        for (k, &i) in domain.members.iter().enumerate() {
            let (w, unit) = (domain.weight[k], sample.unit[i]);
            let gap = f64::from(u8::from(domain.correct[k])) - domain.confidence[k];
            cells.push(Cell { unit, slot: bins.bin_of(domain.confidence[k]) as u32, amount: w * gap });
            cells.push(Cell { unit, slot: whole, amount: w });
        }
        let slots = bins.bins.len() + 1;
        let estimates = replicates.totals(&cells, slots, |totals| {
            let (gaps, whole) = (&totals[..slots - 1], totals[slots - 1]);
            (whole > 0.0).then(|| gaps.iter().map(|g| g.abs()).sum::<f64>() / whole)
        });
        linear.variance = replicates.variance(found.value, &estimates).map(|v| (v.variance, Method::Bootstrap));
    }
    sample.sampling.estimate(&linear, Kind::Unit)
}

/// The root of Σ (W_b/W)(gap² − V(gap)) over bins of equal mass, V under the design; bins whose V cannot be told are left out.
///
/// The interval is Student's t on the square. Its variance is the linearised one, or where the gaps are hardly more than chance that of
/// squares of chance gaps, 2 Σ (W_b/W)² V², whichever is larger; a square below 0 counts as 0.
fn debiased(domain: &Domain<'_>, c: &Confidences<'_>, bins: &Reliability) -> Outcome {
    let sample = domain.engine.sample;
    let units = &sample.sampling.units;
    let n = domain.n();
    let place: Vec<usize> = domain.confidence.iter().map(|&x| bins.bin_of(x)).collect();
    let gap = |k: usize| c.confidence[k] - f64::from(u8::from(c.correct[k]));
    let variance = |b: usize| {
        let bin = &bins.bins[b];
        if !units.clustered() {
            return bin.variance;
        }
        let mean = bin.confidence - bin.accuracy;
        let members = (0..place.len()).filter(|&k| place[k] == b);
        let linear = sample.influenced(mean, members.map(|k| (domain.members[k], (gap(k) - mean) / bin.weight)));
        // As for records: unbiased for the bin's own units, not for those of the whole design.
        let (own, all) = (linear.units as f64, units.count() as f64);
        (linear.units > 1).then(|| units.variance(&linear.scores) * own / (own - 1.0) * (all - 1.0) / all)
    };
    let variances: Vec<Option<f64>> = (0..bins.bins.len()).map(variance).collect();
    let known = || bins.bins.iter().zip(&variances).filter_map(|(bin, v)| Some((bin.weight, bin.confidence - bin.accuracy, (*v)?)));
    let kept: f64 = known().map(|(w, ..)| w).sum();
    if kept <= 0.0 {
        return Outcome::Undefined(undefined(Reason::NoReplication, "no bin of confidence has two records or sampled units", n));
    }
    let square = known().map(|(w, gap, v)| w * (gap * gap - v)).sum::<f64>() / kept;
    let influence = |k: usize| {
        let bin = &bins.bins[place[k]];
        let mean = bin.confidence - bin.accuracy;
        variances[place[k]].map_or(0.0, |v| (2.0 * mean * gap(k) - mean * mean - v - square) / kept)
    };
    let linear = sample.influenced(square, domain.members.iter().copied().zip((0..place.len()).map(influence)));
    let df = sample.sampling.df(&linear);
    let chance = known().map(|(w, _, v)| 2.0 * (w / kept * v).powi(2)).sum::<f64>();
    let se = units.variance(&linear.scores).max(chance).max(0.0).sqrt();
    if df < 1.0 || se <= 0.0 {
        return Outcome::Undefined(undefined(Reason::NoReplication, "too few sampled units, or all records of a bin alike: its precision cannot be told", n));
    }
    let (level, square) = (sample.sampling.level, square.max(0.0));
    let half = t_quantile(0.5 + level / 2.0, df) * se;
    let interval = Interval { lower: (square - half).max(0.0).sqrt(), upper: (square + half).sqrt().min(1.0), level, method: Method::RootT };
    let value = square.sqrt();
    Outcome::Estimate(Estimate {
        value,
        se: (value > 0.0).then(|| se / (2.0 * value)),
        interval: Some(interval),
        n: linear.n,
        n_effective: None,
        psus: sample.sampling.clustered.then_some(linear.units),
        df: Some(df),
        design_effect: None,
    })
}
