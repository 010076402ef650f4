//! Cost as estimates that a gate can cite: from the phases of a candidate to the registry's metrics of scope cost.

use super::evidence::Measure;
use crate::cost::{EnergyReading, PhaseCost, Range};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};

/// Phases of training.
const TRAINING: [&str; 3] = ["features", "fit", "calibrate"];
/// How far CPU time of the same work strays from run to run on a busy machine: twice the coefficient of variation of 4.8 % that nine
/// repetitions showed. A plausible range, not a confidence interval.
const CPU_VARIATION: f64 = 0.10;

/// The cost metrics of a candidate's phases; `level` is that of the study, carried for the format's sake.
#[must_use]
pub fn cost_measures(phases: &[PhaseCost], level: f64) -> Vec<Measure> {
    let training: Vec<&PhaseCost> = phases.iter().filter(|p| TRAINING.contains(&p.phase.as_str())).collect();
    let predict = phases.iter().find(|p| p.phase == "predict");
    let coded = predict.and_then(|p| p.records_out).filter(|&n| n > 0);
    let trained = training.iter().find_map(|p| p.records_in).unwrap_or(0);
    let not_trained = || Outcome::undefined(Reason::NotMeasured, "the candidate was not trained in this run", 0);
    let ranged = |low: f64, value: f64, high: f64, n: u64| {
        let interval = Some(Interval { lower: low, upper: high, level, method: Method::PlausibleRange });
        Outcome::Estimate(Estimate { value, se: None, interval, n, n_effective: None, psus: None, df: None, design_effect: None })
    };
    let seconds = |s: f64, n: u64| ranged(s * (1.0 - CPU_VARIATION), s, s * (1.0 + CPU_VARIATION), n);
    let cpu = if training.is_empty() { not_trained() } else { seconds(training.iter().map(|p| p.cpu_s()).sum(), trained) };
    let energy = if training.is_empty() { not_trained() } else { training_energy(&training, trained, ranged) };
    let per_thousand = match (predict, coded) {
        (Some(p), Some(n)) => seconds(p.cpu_s() * 1000.0 / n as f64, n),
        _ => Outcome::undefined(Reason::NotMeasured, "the candidate's codes were made elsewhere", 0),
    };
    let memory = match phases.iter().filter_map(|p| p.peak_rss_bytes).max() {
        Some(bytes) => ranged(bytes as f64, bytes as f64, bytes as f64, coded.unwrap_or(0)),
        None => Outcome::undefined(Reason::NotMeasured, "the system does not report memory", 0),
    };
    [("train-cpu-seconds", cpu), ("train-energy", energy), ("predict-cpu-seconds-per-1000", per_thousand), ("peak-memory", memory)]
        .into_iter()
        .map(|(metric, outcome)| Measure {
            metric: metric.to_owned(),
            code_level: None,
            code: None,
            threshold: None,
            group: None,
            contrast: None,
            versus: None,
            outcome,
        })
        .collect()
}

/// Active energy of training: lows, centres and highs added up. A phase too short to state is left out when others can be stated.
fn training_energy(training: &[&PhaseCost], records: u64, ranged: impl Fn(f64, f64, f64, u64) -> Outcome) -> Outcome {
    let known: Vec<Range> = training.iter().filter_map(|p| p.energy.energy().map(|e| e.active)).collect();
    match known.into_iter().reduce(|a, b| a + b) {
        Some(total) => ranged(total.low, total.central, total.high, records),
        None => {
            let first = training.iter().find_map(|p| match &p.energy {
                EnergyReading::Unknown(u) => Some(u.clone()),
                EnergyReading::Known(_) => None,
            });
            match first {
                Some(u) if u.reason == Reason::TooShort => {
                    let total: f64 = training.iter().map(|p| p.cpu_s()).sum();
                    let why = format!("too short to state: {total:.2} processor-seconds in all, no phase of training long enough to tell its energy");
                    Outcome::undefined(Reason::TooShort, why, records)
                }
                Some(u) => Outcome::Undefined(u),
                None => Outcome::undefined(Reason::NotMeasured, "energy was not measured", records),
            }
        }
    }
}
